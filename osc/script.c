// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "script.h"
#include "base/array.h"
#include "base/text.h"
#include "score.h"
#include "typing.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 1024

/// Longest time, seconds: more than a lattice takes.
#define MAX_TIME_S 86400.0

/// The file while it is read.
struct reader {
    const char *name;
    struct lat_error *error;
    struct lat_osc_script script;
    uint32_t line;
    char *words[MAX_WORDS]; ///< of the line, into its text
    uint32_t n_words;
    bool is_quoted[MAX_WORDS];
    double run_s; ///< time of the run's last step
    bool is_in_run;
    // The bundle that is being put together.
    lo_bundle bundle;
    uint32_t block_line; ///< where its { is; 0: none is open
    bool is_timed;
    uint32_t *lines;
    uint32_t n_lines, capacity;
};

__attribute__((format(printf, 3, 4))) static enum lat_status
refuse(struct reader *r, uint32_t line, const char *format, ...)
{
    struct lat_error why;
    va_list args;
    va_start(args, format);
    vsnprintf(why.text, sizeof(why.text), format, args);
    va_end(args);
    return lat_error_set(r->error, LAT_EINVAL, "%s:%u: %s", r->name, line,
                         why.text);
}

static enum lat_status
out_of_memory(struct reader *r)
{
    return lat_error_set(r->error, LAT_ENOMEM, "out of memory");
}

// Words.

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/// Take a word off @p at, its quotes too, in place.
/// @return where it ends, or NULL where a quote has no other half.
static char *
take_word(char *at, char **word, bool *is_quoted)
{
    char *to = at;
    *word = at;
    *is_quoted = false;
    while (*at && !is_blank(*at)) {
        if (*at != '"' && *at != '\'') {
            *to++ = *at++;
            continue;
        }
        const char quote = *at++;
        *is_quoted = true;
        while (*at && *at != quote) {
            // In double quotes a backslash takes the next as it is.
            at += quote == '"' && *at == '\\' && at[1] != '\0';
            *to++ = *at++;
        }
        if (!*at++) {
            return NULL;
        }
    }
    char *const end = *at ? at + 1 : at;
    *to = '\0';
    return end;
}

static enum lat_status
split(struct reader *r, char *text)
{
    r->n_words = 0;
    for (char *at = text; *at;) {
        if (is_blank(*at)) {
            ++at;
            continue;
        }
        if (*at == '#') {
            break;
        }
        if (r->n_words == MAX_WORDS) {
            return refuse(r, r->line, "a line has at most %d words", MAX_WORDS);
        }
        at = take_word(at, &r->words[r->n_words], &r->is_quoted[r->n_words]);
        if (!at) {
            return refuse(r, r->line, "a quote is not closed");
        }
        ++r->n_words;
    }
    return LAT_OK;
}

// Steps.

static struct lat_osc_step *
add_step(struct reader *r, uint32_t line)
{
    struct lat_osc_script *const s = &r->script;
    if (!lat_grow((void **)&s->steps, &s->capacity, s->n, sizeof(*s->steps))) {
        return NULL;
    }
    struct lat_osc_step *const step = &s->steps[s->n++];
    *step = (struct lat_osc_step){.line = line};
    return step;
}

/// A message alone, to be sent as from a command line.
static enum lat_status
add_alone(struct reader *r, char *const *words, uint32_t n)
{
    struct lat_osc_step *const step = add_step(r, r->line);
    char **const copies = step ? calloc(n, sizeof(*copies)) : NULL;
    if (!copies) {
        return out_of_memory(r);
    }
    step->words = copies;
    for (; step->n_words < n; ++step->n_words) {
        copies[step->n_words] = lat_strdup(words[step->n_words]);
        if (!copies[step->n_words]) {
            return out_of_memory(r);
        }
    }
    r->is_in_run = false;
    return LAT_OK;
}

static lo_message
make_message(char *const *words, uint32_t n)
{
    struct lat_osc_call probe = {.path = words[0]};
    const struct lat_verb *const verb =
        lat_osc_find_verb(&probe) ? NULL : probe.verb;
    lo_message m = lo_message_new();
    for (uint32_t i = 1; m && i < n; ++i) {
        if (!lat_osc_add_typed(m, verb, i - 1, words[i])) {
            lo_message_free(m);
            m = NULL;
        }
    }
    return m;
}

static enum lat_status
add_to_bundle(struct reader *r, char *const *words, uint32_t n)
{
    lo_message m = make_message(words, n);
    if (!m ||
        !lat_grow((void **)&r->lines, &r->capacity, r->n_lines,
                  sizeof(*r->lines)) ||
        lo_bundle_add_message(r->bundle, words[0], m) != 0) {
        lo_message_free(m);
        return out_of_memory(r);
    }
    r->lines[r->n_lines++] = r->line;
    return LAT_OK;
}

static void
drop_bundle(struct reader *r)
{
    if (r->bundle) {
        lo_bundle_free_recursive(r->bundle);
    }
    free(r->lines);
    r->bundle = NULL;
    r->lines = NULL;
    r->n_lines = 0;
    r->capacity = 0;
    r->block_line = 0;
}

static enum lat_status
begin_bundle(struct reader *r, bool is_timed)
{
    r->bundle = lo_bundle_new(LO_TT_IMMEDIATE);
    r->is_timed = is_timed;
    return r->bundle ? LAT_OK : out_of_memory(r);
}

static enum lat_status
check_size(struct reader *r, uint32_t line, size_t size)
{
    return size <= LAT_OSC_MAX_PACKET
               ? LAT_OK
               : refuse(r, line, "the bundle has more than %u KiB",
                        LAT_OSC_MAX_PACKET >> 10U);
}

static enum lat_status
end_bundle(struct reader *r, uint32_t line)
{
    struct lat_osc_step *const step = add_step(r, line);
    if (!step) {
        return out_of_memory(r);
    }
    step->packet = lo_bundle_serialise(r->bundle, NULL, &step->size);
    step->is_timed = r->is_timed;
    step->at_s = r->is_timed ? r->run_s : 0.0;
    step->lines = r->lines;
    step->n_lines = r->n_lines;
    r->lines = NULL;
    r->is_in_run = r->is_timed;
    drop_bundle(r);
    return step->packet ? check_size(r, line, step->size) : out_of_memory(r);
}

// Lines.

/// The time in front of a line: @S or +S.
static enum lat_status
read_time(struct reader *r, const char *word)
{
    const double before_s = r->is_in_run ? r->run_s : 0.0;
    double s = 0.0;
    if (!lat_parse_number(word + 1, &s) || s < 0.0) {
        return refuse(r, r->line,
                      "'%s' is no time: @0.5 is half a second after the run "
                      "begins, +0.5 half a second after the time before",
                      word);
    }
    s += *word == '+' ? before_s : 0.0;
    if (s < before_s) {
        return refuse(r, r->line,
                      "the time %s is before that of the line above, @%g", word,
                      before_s);
    }
    if (s > MAX_TIME_S) {
        return refuse(r, r->line, "the time %s is more than a day ahead", word);
    }
    r->run_s = s;
    return LAT_OK;
}

static enum lat_status
take_message(struct reader *r, char *const *words, uint32_t n, bool is_timed)
{
    if (words[0][0] != '/') {
        return refuse(r, r->line,
                      "'%.60s' is no path: it begins with /, like "
                      "/graph/nodes",
                      words[0]);
    }
    if (r->block_line) {
        return add_to_bundle(r, words, n);
    }
    if (!is_timed) {
        return add_alone(r, words, n);
    }
    enum lat_status status = begin_bundle(r, true);
    status = status ? status : add_to_bundle(r, words, n);
    return status ? status : end_bundle(r, r->line);
}

static enum lat_status
open_block(struct reader *r, uint32_t n, bool is_timed)
{
    if (r->block_line) {
        return refuse(r, r->line,
                      "a { in the bundle of line %u: close that with }",
                      r->block_line);
    }
    if (n > 1) {
        return refuse(r, r->line, "behind { a new line begins");
    }
    r->block_line = r->line;
    return begin_bundle(r, is_timed);
}

static enum lat_status
close_block(struct reader *r, uint32_t n)
{
    if (!r->block_line) {
        return refuse(r, r->line, "a } without a { before it");
    }
    if (n > 1) {
        return refuse(r, r->line, "behind } a new line begins");
    }
    if (r->n_lines == 0) {
        return refuse(r, r->line, "the bundle of line %u is empty",
                      r->block_line);
    }
    return end_bundle(r, r->block_line);
}

static enum lat_status
take_line(struct reader *r, char *text)
{
    enum lat_status status = split(r, text);
    char **words = r->words;
    const bool *quoted = r->is_quoted;
    uint32_t n = r->n_words;
    if (status || n == 0) {
        return status;
    }
    const bool is_timed =
        (words[0][0] == '@' || words[0][0] == '+') && !quoted[0];
    if (is_timed) {
        if (r->block_line) {
            return refuse(r, r->line,
                          "the bundle of line %u has one time, in front of "
                          "its {",
                          r->block_line);
        }
        status = read_time(r, words[0]);
        ++words;
        ++quoted;
        --n;
        if (!status && n == 0) {
            status = refuse(r, r->line,
                            "behind the time stands a message or "
                            "a {");
        }
    }
    if (status) {
        return status;
    }
    if (!quoted[0] && strcmp(words[0], "{") == 0) {
        return open_block(r, n, is_timed);
    }
    if (!quoted[0] && strcmp(words[0], "}") == 0) {
        return is_timed ? refuse(r, r->line, "a time stands in front of {")
                        : close_block(r, n);
    }
    return take_message(r, words, n, is_timed);
}

static enum lat_status
read_text(struct reader *r, char *text, size_t size)
{
    enum lat_status status = LAT_OK;
    char *const end = text + size;
    for (char *at = text; at < end && !status;) {
        char *const newline = memchr(at, '\n', (size_t)(end - at));
        char *const stop = newline ? newline : end;
        ++r->line;
        if (memchr(at, '\0', (size_t)(stop - at))) {
            return refuse(r, r->line, "a NUL byte: this is no text");
        }
        *stop = '\0'; // there is a byte behind the text
        status = take_line(r, at);
        at = stop + 1;
    }
    if (!status && r->block_line) {
        status = refuse(r, r->block_line, "this { has no }");
    }
    return status;
}

// Scores.

static bool
is_score(const char *bytes, size_t size)
{
    return size >= 20 && memcmp(bytes + 4, "#bundle", 8) == 0;
}

static enum lat_status
take_bundle(struct reader *r, const struct lat_score_bundle *bundle)
{
    const double at_s = lat_score_seconds(bundle->tag);
    const enum lat_status status = check_size(r, bundle->number, bundle->size);
    if (status) {
        return status;
    }
    if (at_s < r->run_s || at_s > MAX_TIME_S) {
        return refuse(r, bundle->number, "its time, %g, is %s", at_s,
                      at_s < r->run_s ? "before that of the one before"
                                      : "more than a day ahead");
    }
    r->run_s = at_s;
    struct lat_osc_step *const step = add_step(r, bundle->number);
    if (!step || !(step->packet = malloc(bundle->size))) {
        return out_of_memory(r);
    }
    memcpy(step->packet, bundle->packet, bundle->size);
    step->size = bundle->size;
    step->is_timed = true;
    step->at_s = at_s;
    return LAT_OK;
}

static enum lat_status
take_score(struct reader *r, const struct lat_score *score)
{
    enum lat_status status =
        score->is_cut ? refuse(r, score->n + 1, "the score ends in this bundle")
                      : LAT_OK;
    r->script.is_score = true;
    for (uint32_t i = 0; i < score->n && !status; ++i) {
        status = take_bundle(r, &score->bundles[i]);
    }
    return status;
}

/// @param score  its bytes; freed.
static enum lat_status
read_score(struct reader *r, struct lat_score *score)
{
    enum lat_status status = lat_score_parse(score, r->name, r->error);
    if (!status) {
        status = take_score(r, score);
    }
    lat_score_fini(score);
    return status;
}

enum lat_status
lat_osc_script_read(const char *name, const void *bytes, size_t size,
                    struct lat_osc_script *out, struct lat_error *error)
{
    struct reader *const r = calloc(1, sizeof(*r));
    char *text = malloc(size + 1);
    enum lat_status status = LAT_OK;
    if (!r || !text) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    } else {
        r->name = name;
        r->error = error;
        memcpy(text, bytes, size);
        text[size] = '\0';
        if (is_score(text, size)) {
            struct lat_score score = {.bytes = (uint8_t *)text, .size = size};
            text = NULL;
            status = read_score(r, &score);
        } else {
            status = read_text(r, text, size);
        }
        drop_bundle(r);
    }
    if (!status) {
        *out = r->script;
    } else if (r) {
        lat_osc_script_fini(&r->script);
    }
    free(text);
    free(r);
    return status;
}

void
lat_osc_script_fini(struct lat_osc_script *s)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        struct lat_osc_step *const step = &s->steps[i];
        for (uint32_t k = 0; k < step->n_words; ++k) {
            free(step->words[k]);
        }
        free(step->words);
        free(step->packet);
        free(step->lines);
    }
    free(s->steps);
    *s = (struct lat_osc_script){0};
}
