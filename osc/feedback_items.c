// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a pattern of feedback means, and what that gives now.

#include "base/log.h"
#include "feedback_state.h"
#include "match.h"
#include "node/curve.h"
#include "node/transport.h"
#include "words.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Records of audio that may wait: about what 200 scopes are in a look.
#define N_RECORDS 8192U

/// What is being found.
struct search {
    struct lat_osc_feedback *f;
    struct lat_subscriber *s;
    const struct lat_osc_words *pattern;
    struct lat_feedback_item *items;
    uint32_t n, capacity;
    struct lat_feedback_item **old; ///< sorted by path
    bool is_out_of_memory;
};

// Watched outputs.

static void
unwatch(struct lat_osc_feedback *f, struct lat_feedback_watch *watch)
{
    if (watch) {
        lat_reader_unwatch(f->reader, watch->id);
        f->watches[watch->id % LAT_FEEDBACK_MAX_WATCHES] = NULL;
        --f->n_watches;
        free(watch);
    }
}

static const uint8_t record_kinds[] = {
    [LAT_FEEDBACK_SAMPLE] = LAT_RECORD_SAMPLE,
    [LAT_FEEDBACK_PEAK] = LAT_RECORD_LEVEL,
    [LAT_FEEDBACK_RMS] = LAT_RECORD_LEVEL,
    [LAT_FEEDBACK_SCOPE_FRAME] = LAT_RECORD_SCOPE,
};

/// @return NULL where it cannot be: its node plays in a process of its own, or
///         too many are watched.
static struct lat_feedback_watch *
watch(struct lat_osc_feedback *f, const struct lat_node *node,
      const char *output, enum lat_feedback_kind kind, double hz)
{
    const bool is_scope = kind == LAT_FEEDBACK_SCOPE_FRAME;
    if (!f->reader && lat_reader_new(f->control, N_RECORDS, 0, &f->reader)) {
        return NULL;
    }
    if (f->n_watches == LAT_FEEDBACK_MAX_WATCHES) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "feedback: %u outputs are watched already; what is "
                        "above that is not sent; subscribe to fewer",
                        LAT_FEEDBACK_MAX_WATCHES);
        return NULL;
    }
    struct lat_feedback_watch *const w = calloc(
        1, sizeof(*w) + (is_scope ? sizeof(float) * LAT_FEEDBACK_SCOPE : 0));
    // A record of one that is gone names a number that nobody has again soon.
    do {
        ++f->turn;
    } while (f->watches[f->turn % LAT_FEEDBACK_MAX_WATCHES]);
    const struct lat_tap_wish wish = {.kind = record_kinds[kind],
                                      .id = f->turn,
                                      .hz = hz,
                                      .n_samples = LAT_FEEDBACK_SCOPE,
                                      .step = 1};
    struct lat_error error;
    if (!w || lat_reader_watch(f->reader, node->name, output, &wish, &error)) {
        free(w);
        return NULL;
    }
    w->id = f->turn;
    w->kind = kind;
    f->watches[w->id % LAT_FEEDBACK_MAX_WATCHES] = w;
    ++f->n_watches;
    return w;
}

static void
take_record(struct lat_feedback_watch *w, const struct lat_record *r)
{
    switch (w->kind) {
    case LAT_FEEDBACK_SAMPLE:
        w->value = r->sample;
        w->is_new = true;
        break;
    case LAT_FEEDBACK_PEAK:
        w->value = r->level.peak;
        w->is_new = true;
        break;
    case LAT_FEEDBACK_RMS:
        w->value = sqrtf(r->level.mean_square);
        w->is_new = true;
        break;
    case LAT_FEEDBACK_SCOPE_FRAME:
        if (r->at != w->n_samples) {
            w->n_samples = 0; // a part was lost
        }
        if (r->at == w->n_samples && r->at + r->n <= LAT_FEEDBACK_SCOPE) {
            memcpy(w->samples + r->at, r->samples, r->n * sizeof(float));
            w->n_samples += r->n;
            w->is_new = w->n_samples == LAT_FEEDBACK_SCOPE;
            w->n_samples = w->is_new ? 0 : w->n_samples;
        }
        break;
    default:
        break;
    }
}

void
lat_feedback_take_records(struct lat_osc_feedback *f)
{
    struct lat_record r;
    while (f->reader && lat_reader_next(f->reader, &r)) {
        struct lat_feedback_watch *const w =
            f->watches[r.id % LAT_FEEDBACK_MAX_WATCHES];
        if (w && w->id == r.id) {
            take_record(w, &r);
        }
    }
}

/// Does it change by itself, so that nobody tells?
static bool
is_stream(enum lat_feedback_kind kind)
{
    switch (kind) {
    case LAT_FEEDBACK_SAMPLE:
    case LAT_FEEDBACK_PEAK:
    case LAT_FEEDBACK_RMS:
    case LAT_FEEDBACK_SCOPE_FRAME:
    case LAT_FEEDBACK_POSITION:
    case LAT_FEEDBACK_NUMBER:
        return true;
    default:
        return false;
    }
}

// What is meant.

static int
compare_paths(const void *a, const void *b)
{
    const struct lat_feedback_item *const *const x = a;
    const struct lat_feedback_item *const *const y = b;
    return strcmp((*x)->path, (*y)->path);
}

/// What was found for this path before, or NULL.
static struct lat_feedback_item *
find_old(const struct search *s, const char *path)
{
    const struct lat_feedback_item key = {.path = path};
    const struct lat_feedback_item *const at = &key;
    struct lat_feedback_item **const found =
        s->old ? bsearch(&at, s->old, s->s->n_items, sizeof(*s->old),
                         compare_paths)
               : NULL;
    return found ? *found : NULL;
}

static struct lat_feedback_item *
add(struct search *s, enum lat_feedback_kind kind, const char *path)
{
    if (s->n == s->capacity) {
        const uint32_t capacity = s->capacity ? 2 * s->capacity : 16;
        struct lat_feedback_item *const items =
            realloc(s->items, capacity * sizeof(*items));
        if (!items) {
            s->is_out_of_memory = true;
            return NULL;
        }
        s->items = items;
        s->capacity = capacity;
    }
    struct lat_feedback_item *const old = find_old(s, path);
    struct lat_feedback_item *const item = &s->items[s->n];
    if (old && old->kind == kind && !old->is_moved) {
        *item = *old; // with its path and watch
        old->is_moved = true;
    } else {
        *item = (struct lat_feedback_item){.kind = kind, .path = strdup(path)};
    }
    if (!item->path) {
        s->is_out_of_memory = true;
        return NULL;
    }
    ++s->n;
    return item;
}

/// Can a path name it?  A placeholder's port may have any name, or none.
static bool
is_word(const char *name)
{
    return *name != '\0' && !strchr(name, '/');
}

static bool
matches(const struct search *s, uint32_t i, const char *name)
{
    return is_word(name) && lat_osc_match(s->pattern->word[i], name);
}

static struct lat_feedback_item *
add_of_node(struct search *s, enum lat_feedback_kind kind,
            const struct lat_node *node, uint32_t port, const char *name,
            const char *tail)
{
    char path[LAT_OSC_PATH_MAX];
    snprintf(path, sizeof(path), "/node/%s/%s%s", node->name, name, tail);
    struct lat_feedback_item *const item = add(s, kind, path);
    if (item) {
        if (item->node_id != node->id) {
            item->is_due = true; // another node of this name
        }
        item->node_id = node->id;
        item->node = node;
        item->port = port;
    }
    return item;
}

static void
add_output(struct search *s, enum lat_feedback_kind kind,
           const struct lat_node *node, uint32_t port, const char *tail)
{
    const char *const name = node->layout->out[port].name;
    struct lat_feedback_item *const item =
        add_of_node(s, kind, node, port, name, tail);
    if (item && !item->watch) {
        item->watch =
            watch(s->f, node, name, kind, 1e9 / (double)s->s->interval_ns);
    }
}

/// Does the output's name stand for an input or a setting?
static bool
is_hidden(const struct lat_node *node, const char *output)
{
    return lat_layout_input(node->layout, output) >= 0 ||
           lat_setting_index(node->type, output) >= 0;
}

static void
find_in_node(struct search *s, const struct lat_node *node)
{
    const struct lat_layout *const l = node->layout;
    for (uint32_t i = 0; i < l->n_in; ++i) {
        if (matches(s, 2, l->in[i].name)) {
            add_of_node(s, LAT_FEEDBACK_VALUE, node, i, l->in[i].name, "");
        }
    }
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const char *const name = node->type->settings[i].name;
        if (matches(s, 2, name)) {
            add_of_node(s, LAT_FEEDBACK_SETTING, node, i, name, "");
        }
    }
    if (matches(s, 2, "bypass")) {
        add_of_node(s, LAT_FEEDBACK_BYPASS, node, 0, "bypass", "");
    }
    for (uint32_t i = 0; i < l->n_out; ++i) {
        if (matches(s, 2, l->out[i].name) && !is_hidden(node, l->out[i].name)) {
            add_output(s, LAT_FEEDBACK_SAMPLE, node, i, "");
        }
    }
}

static const struct {
    const char *word;
    enum lat_feedback_kind kind;
} measures[] = {
    {"peak", LAT_FEEDBACK_PEAK},
    {"rms", LAT_FEEDBACK_RMS},
    {"scope", LAT_FEEDBACK_SCOPE_FRAME},
};

static void
find_behind_ports(struct search *s, const struct lat_node *node)
{
    const struct lat_layout *const l = node->layout;
    const bool is_norm = strcmp(s->pattern->word[3], "norm") == 0;
    for (uint32_t i = 0; is_norm && i < l->n_in; ++i) {
        if (matches(s, 2, l->in[i].name)) {
            add_of_node(s, LAT_FEEDBACK_NORM, node, i, l->in[i].name, "/norm");
        }
    }
    for (uint32_t i = 0; i < l->n_out; ++i) {
        for (size_t k = 0; k < LAT_COUNT(measures); ++k) {
            char tail[16];
            snprintf(tail, sizeof(tail), "/%s", measures[k].word);
            if (matches(s, 2, l->out[i].name) &&
                matches(s, 3, measures[k].word)) {
                add_output(s, measures[k].kind, node, i, tail);
            }
        }
    }
}

static void
find_cables(struct search *s)
{
    const struct lat_graph *const g = lat_control_graph(s->f->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        const char *const src = c->src->layout->out[c->src_port].name;
        const char *const dst = c->dst->layout->in[c->dst_port].name;
        if (matches(s, 1, c->src->name) && matches(s, 2, src) &&
            matches(s, 3, c->dst->name) && matches(s, 4, dst)) {
            char path[LAT_OSC_PATH_MAX];
            snprintf(path, sizeof(path), "/cable/%s/%s/%s/%s", c->src->name,
                     src, c->dst->name, dst);
            struct lat_feedback_item *const item =
                add(s, LAT_FEEDBACK_AMOUNT, path);
            if (item) {
                item->cable = c;
            }
        }
    }
}

static const struct {
    const char *word;
    enum lat_feedback_kind kind;
} of_transport[] = {
    {"tempo", LAT_FEEDBACK_TEMPO},
    {"playing", LAT_FEEDBACK_PLAYING},
    {"position", LAT_FEEDBACK_POSITION},
};

static void
find_transport(struct search *s)
{
    for (size_t i = 0; i < LAT_COUNT(of_transport); ++i) {
        char path[32];
        snprintf(path, sizeof(path), "/transport/%s", of_transport[i].word);
        if (matches(s, 1, of_transport[i].word)) {
            add(s, of_transport[i].kind, path);
        }
    }
}

static void
find_numbers(struct search *s)
{
    struct lat_osc_feedback *const f = s->f;
    lat_osc_numbers_take(f->control, f->options, &f->numbers);
    for (uint32_t i = 0; i < f->numbers.n; ++i) {
        char path[64];
        snprintf(path, sizeof(path), "/status/engine/%s", f->numbers.at[i].key);
        struct lat_feedback_item *const item =
            matches(s, 2, f->numbers.at[i].key)
                ? add(s, LAT_FEEDBACK_NUMBER, path)
                : NULL;
        if (item) {
            item->port = i;
        }
    }
}

static void
find_nodes(struct search *s,
           void (*find)(struct search *s, const struct lat_node *node))
{
    const struct lat_graph *const g = lat_control_graph(s->f->control);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (lat_osc_match(s->pattern->word[1], n->name)) {
            find(s, n);
        }
    }
}

static void
find_params(struct search *s)
{
    find_nodes(s, find_in_node);
}

static void
find_tails(struct search *s)
{
    find_nodes(s, find_behind_ports);
}

/// Forms of addresses that can be subscribed to; words in capitals are open.
static const struct {
    const char *first, *second; ///< NULL: any
    uint32_t n_words;
    void (*find)(struct search *s);
} forms[] = {
    {"node", NULL, 3, find_params},
    {"node", NULL, 4, find_tails},
    {"cable", NULL, 5, find_cables},
    {"transport", NULL, 2, find_transport},
    {"status", "engine", 3, find_numbers},
};

static bool
has_form(const struct lat_osc_words *w, size_t i)
{
    return w->n == forms[i].n_words &&
           lat_osc_match(w->word[0], forms[i].first) &&
           (!forms[i].second || lat_osc_match(w->word[1], forms[i].second));
}

bool
lat_feedback_is_pattern(const char *pattern, struct lat_error *error)
{
    struct lat_osc_words words;
    bool is_meant = false;
    if (!lat_osc_split(&words, pattern)) {
        lat_error_set(error, LAT_EINVAL,
                      "PATTERN begins with / and has at most 5 parts, as "
                      "/node/*/freq");
        return false;
    }
    for (uint32_t i = 0; i < words.n; ++i) {
        if (!lat_osc_pattern_is_valid(words.word[i])) {
            lat_error_set(error, LAT_EINVAL,
                          "PATTERN has a bracket without its other half: %.60s",
                          words.word[i]);
            return false;
        }
    }
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        is_meant = is_meant || has_form(&words, i);
    }
    if (!is_meant) {
        lat_error_set(error, LAT_EINVAL,
                      "nothing can be subscribed to by %.100s; what can is "
                      "/node/NAME/PARAM, …/norm, /node/NAME/OUT, …/peak, "
                      "…/rms, …/scope, /cable/SRC/PORT/DST/PORT, "
                      "/transport/tempo, playing and position, and "
                      "/status/engine/KEY",
                      pattern);
    }
    return is_meant;
}

void
lat_feedback_drop_items(struct lat_osc_feedback *f, struct lat_subscriber *s)
{
    for (uint32_t i = 0; i < s->n_items; ++i) {
        if (!s->items[i].is_moved) {
            unwatch(f, s->items[i].watch);
            free((char *)s->items[i].path);
        }
    }
    free(s->items);
    s->items = NULL;
    s->n_items = 0;
}

bool
lat_feedback_find(struct lat_osc_feedback *f, struct lat_subscriber *s)
{
    struct lat_osc_words words;
    struct search search = {.f = f, .s = s, .pattern = &words};
    lat_osc_split(&words, s->pattern);
    search.old =
        s->n_items > 0 ? malloc(s->n_items * sizeof(*search.old)) : NULL;
    for (uint32_t i = 0; search.old && i < s->n_items; ++i) {
        search.old[i] = &s->items[i];
    }
    if (search.old) {
        qsort(search.old, s->n_items, sizeof(*search.old), compare_paths);
    }
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        if (has_form(&words, i)) {
            forms[i].find(&search);
        }
    }
    free(search.old);
    lat_feedback_drop_items(f, s);
    s->items = search.items;
    s->n_items = search.n;
    s->has_streams = false;
    for (uint32_t i = 0; i < s->n_items; ++i) {
        s->has_streams = s->has_streams || is_stream(s->items[i].kind);
    }
    return !search.is_out_of_memory;
}

// What it gives.

/// What an item gives now.
struct reading {
    char type; ///< f i h d s b, or 0: nothing yet
    double number;
    const char *text; ///< s
};

static uint64_t
hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; ++text) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3); // FNV-1a
    }
    return h;
}

/// An input's value, on its way too.
static double
value_now(struct lat_feedback_item *item, uint64_t now_ns, bool *is_moving)
{
    const float value = item->node->in[item->port].value;
    item->last = value;
    if (now_ns < item->end_ns && value == item->to) {
        const double share = (double)(now_ns - item->begin_ns) /
                             (double)(item->end_ns - item->begin_ns);
        *is_moving = true;
        item->last = item->from + (float)share * (item->to - item->from);
    }
    return (double)item->last;
}

static struct reading
read_setting(struct lat_osc_feedback *f, const struct lat_feedback_item *item)
{
    struct lat_value value = {0};
    struct lat_error error;
    const char *const name = item->node->type->settings[item->port].name;
    if (lat_control_param_get(f->control, item->node->name, name, f->text,
                              sizeof(f->text), &value, &error)) {
        return (struct reading){0};
    }
    return value.is_text ? (struct reading){'s', 0.0, value.text}
                         : (struct reading){'f', value.number, NULL};
}

/// The last sample of a node in a process of its own, which tells it by itself.
static struct reading
ask_outside(struct lat_osc_feedback *f, const struct lat_feedback_item *item)
{
    struct lat_question *question = NULL;
    struct lat_error error;
    float value = 0.0F;
    const char *const output = item->node->layout->out[item->port].name;
    if (lat_control_ask(f->control, item->node->name, output, &question,
                        &error)) {
        return (struct reading){0};
    }
    const enum lat_answer answer =
        lat_control_answer(f->control, question, &value);
    lat_question_free(f->control, question);
    return (struct reading){answer == LAT_ANSWER_HERE ? 'f' : '\0',
                            (double)value, NULL};
}

static struct reading
read_output(struct lat_osc_feedback *f, struct lat_feedback_item *item)
{
    struct lat_feedback_watch *const w = item->watch;
    if (!w) {
        return item->kind == LAT_FEEDBACK_SAMPLE ? ask_outside(f, item)
                                                 : (struct reading){0};
    }
    if (item->kind == LAT_FEEDBACK_SCOPE_FRAME) {
        item->is_due = w->is_new; // be it the same
        w->is_new = false;
        return (struct reading){item->is_due ? 'b' : '\0', 0.0, NULL};
    }
    return (struct reading){w->is_new || item->is_told ? 'f' : '\0',
                            (double)w->value, NULL};
}

static struct reading
read_number(struct lat_osc_feedback *f, const struct lat_feedback_item *item,
            uint64_t now_ns)
{
    if (f->numbers_ns != now_ns) {
        f->numbers_ns = now_ns;
        lat_osc_numbers_take(f->control, f->options, &f->numbers);
    }
    const struct lat_osc_number *const n = &f->numbers.at[item->port];
    switch (n->type) {
    case 's':
        return (struct reading){'s', 0.0, n->text};
    case 'd':
        return (struct reading){'d', n->real, NULL};
    default:
        return (struct reading){n->count <= INT32_MAX ? 'i' : 'h',
                                (double)n->count, NULL};
    }
}

static struct reading
read_item(struct lat_osc_feedback *f, struct lat_feedback_item *item,
          uint64_t now_ns, bool *is_moving)
{
    const struct lat_transport *const t = lat_control_transport(f->control);
    struct lat_engine_status e;
    switch (item->kind) {
    case LAT_FEEDBACK_VALUE:
        return (struct reading){'f', value_now(item, now_ns, is_moving), NULL};
    case LAT_FEEDBACK_NORM:
        return (struct reading){
            'f',
            lat_curve_to_norm(item->node->layout->in[item->port].port,
                              value_now(item, now_ns, is_moving)),
            NULL};
    case LAT_FEEDBACK_SETTING:
        return read_setting(f, item);
    case LAT_FEEDBACK_BYPASS:
        return (struct reading){'i', item->node->is_bypassed, NULL};
    case LAT_FEEDBACK_AMOUNT:
        return (struct reading){'f', (double)item->cable->amount, NULL};
    case LAT_FEEDBACK_TEMPO:
        return (struct reading){'f', t->tempo_bpm, NULL};
    case LAT_FEEDBACK_PLAYING:
        return (struct reading){'i', t->is_playing, NULL};
    case LAT_FEEDBACK_POSITION:
        lat_engine_status(lat_control_engine(f->control), &e);
        return (struct reading){'f', lat_cycle_to_double(e.cycle), NULL};
    case LAT_FEEDBACK_NUMBER:
        return read_number(f, item, now_ns);
    default:
        return read_output(f, item);
    }
}

static lo_message
make_message(const struct lat_feedback_item *item, const struct reading *r)
{
    lo_message const m = lo_message_new();
    if (!m) {
        return NULL;
    }
    switch (r->type) {
    case 'f':
        lo_message_add_float(m, (float)r->number);
        break;
    case 'd':
        lo_message_add_double(m, r->number);
        break;
    case 'i':
        lo_message_add_int32(m, (int32_t)r->number);
        break;
    case 'h':
        lo_message_add_int64(m, (int64_t)r->number);
        break;
    case 's':
        lo_message_add_string(m, r->text);
        break;
    default: {
        uint32_t bits[LAT_FEEDBACK_SCOPE];
        memcpy(bits, item->watch->samples, sizeof(bits));
        for (uint32_t i = 0; i < LAT_FEEDBACK_SCOPE; ++i) {
            bits[i] = htonl(bits[i]);
        }
        lo_blob const blob = lo_blob_new(sizeof(bits), bits);
        lo_message_add_blob(m, blob);
        lo_blob_free(blob);
        break;
    }
    }
    return m;
}

lo_message
lat_feedback_read(struct lat_osc_feedback *f, struct lat_feedback_item *item,
                  uint64_t now_ns, bool *is_moving)
{
    const struct reading r = read_item(f, item, now_ns, is_moving);
    const uint64_t text = r.type == 's' ? hash(r.text) : 0;
    const bool is_new = item->is_due || !item->is_told ||
                        item->told != r.number || item->told_text != text;
    lo_message const m = r.type && is_new ? make_message(item, &r) : NULL;
    if (m) {
        item->is_due = false;
        item->is_told = true;
        item->told = r.number;
        item->told_text = text;
    }
    return m;
}
