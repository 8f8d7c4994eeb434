// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Scripts, sent step by step.
//
// Bundles of a run are answered in the order of their times, which is that of
// the script: each answer is the next one's.
//
// A bundle that is in time is answered before its time.  An answer that comes
// behind it may have been held up on its way; so the lattice's own count of
// late bundles has the last word.

#include "base/rt.h"
#include "base/text.h"
#include "client_state.h"
#include "print.h"
#include "score_player.h"
#include "script.h"

#include <arpa/inet.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// From 1900, where tags begin, to 1970.
#define UNIX_EPOCH_S UINT64_C(2208988800)

/// Most bytes of a datagram over IPv4.
#define MAX_DATAGRAM 65507U

/// Bundles that are on their way at most; a lattice lets 4096 wait.
#define MAX_ON_THEIR_WAY 1024U

/// A script that is being sent.
struct play {
    struct lat_osc_client *client;
    const struct lat_osc_step *steps;
    uint32_t next;     ///< to be sent
    uint32_t answered; ///< so many are
    const struct lat_osc_script_hooks *hooks;
    bool is_score;
    bool has_refusals;
    // Of the run that is sent.
    uint64_t began_ns;
    double latency_s;
    /// Of each step, how long behind its time it was answered (below 0:
    /// before), ns; NEVER where it has no time, or was refused.  NULL: no step
    /// has one.
    int64_t *behind_ns;
};

#define NEVER INT64_MIN

/// The step that is answered next, or the last that was; NULL: none.
static const struct lat_osc_step *
step_of_answer(const struct play *p)
{
    return p->next == 0            ? NULL
           : p->answered < p->next ? &p->steps[p->answered]
                                   : &p->steps[p->next - 1];
}

static void
take_refusal(struct play *p, const struct lat_osc_message *m)
{
    const struct lat_osc_step *const step = step_of_answer(p);
    const char *const about = lat_osc_text(m, 0);
    const char *const text = lat_osc_text(m, 1);
    const char *path = about ? about : "";
    double index = -1.0;
    if (!step) {
        return; // of what we did not send
    }
    uint32_t line = step->line;
    if (strcmp(path, "/bundle") == 0) {
        const char *const at = lat_osc_text(m, 3);
        path = at && *at ? at : path;
        if (lat_osc_number(m, 2, &index) && index >= 0.0 &&
            index < (double)step->n_lines) {
            line = step->lines[(uint32_t)index];
        }
        p->answered += p->answered < p->next;
    }
    if (p->is_score && lat_score_skips(path)) {
        return;
    }
    struct lat_error why;
    lat_error_set(&why, LAT_EINVAL, "%s: %s", path, text ? text : "failed");
    p->hooks->refusal(p->hooks->data, line, why.text);
    p->has_refusals = true;
}

static uint64_t
ns_of(double s)
{
    return (uint64_t)llround(s * 1e9);
}

/// The next bundle was done.
static void
take_done(struct play *p)
{
    if (p->answered == p->next) {
        return;
    }
    const struct lat_osc_step *const step = &p->steps[p->answered];
    if (step->is_timed) {
        p->behind_ns[p->answered] = (int64_t)(lat_now_ns() - p->began_ns -
                                              ns_of(step->at_s + p->latency_s));
    }
    ++p->answered;
}

static void
take(void *data, const struct lat_osc_message *m)
{
    struct play *const p = data;
    const char *const about = lat_osc_text(m, 0);
    const bool is_done = strcmp(m->path, "/done") == 0;
    if (strcmp(m->path, "/fail") == 0) {
        take_refusal(p, m);
        return;
    }
    p->hooks->answer(
        p->hooks->data,
        lat_osc_message_text(m, p->client->line, LAT_CLIENT_LINE_BYTES),
        is_done);
    if (is_done && about && strcmp(about, "/bundle") == 0) {
        take_done(p);
    }
}

/// Wait for answers until @p end_ns at most.
static enum lat_status
hear(struct play *p, uint64_t end_ns, struct lat_error *error)
{
    const uint64_t now_ns = lat_now_ns();
    struct pollfd fd = {.fd = p->client->socket, .events = POLLIN};
    const uint64_t ms =
        end_ns > now_ns ? (end_ns - now_ns + 999999) / 1000000 : 0;
    bool has_ended = false;
    if (poll(&fd, 1, ms < 1000 ? (int)ms : 1000) <= 0) {
        return LAT_OK;
    }
    const enum lat_status status =
        lat_osc_client_receive(p->client, take, p, &has_ended, error);
    return status || !has_ended
               ? status
               : lat_osc_client_no_answer(p->client, "it hung up", error);
}

static uint64_t
tag_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (((uint64_t)t.tv_sec + UNIX_EPOCH_S) << 32U) +
           (((uint64_t)t.tv_nsec << 32U) / 1000000000U);
}

/// Is a bundle one that nobody answers: nothing but /dirt/play?
static bool
is_never_answered(const struct lat_osc_step *step)
{
    struct lat_osc_bundle bundle;
    struct lat_error ignored;
    if (lat_osc_bundle_read(&bundle, step->packet, step->size, &ignored)) {
        return false;
    }
    uint32_t n = 0;
    while (n < bundle.n_messages &&
           strcmp(bundle.messages[n].path, "/dirt/play") == 0) {
        ++n;
    }
    const bool is_one = n > 0 && n == bundle.n_messages;
    lat_osc_bundle_fini(&bundle);
    return is_one;
}

/// Have it answered, by a message that means nothing.
static enum lat_status
ask_for_answer(struct lat_osc_step *step, struct lat_error *error)
{
    static const uint8_t element[] = "\0\0\0\x10/error\0\0,i\0\0\0\0\0";
    if (!is_never_answered(step)) {
        return LAT_OK;
    }
    uint8_t *const grown = realloc(step->packet, step->size + sizeof(element));
    if (!grown) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    memcpy(grown + step->size, element, sizeof(element));
    step->packet = grown;
    step->size += sizeof(element);
    return LAT_OK;
}

static enum lat_status
send_step(struct play *p, const struct lat_osc_step *step, uint64_t tag,
          struct lat_error *error)
{
    const uint32_t words[2] = {htonl((uint32_t)(tag >> 32U)),
                               htonl((uint32_t)tag)};
    memcpy(step->packet + 8, words, sizeof(words)); // behind "#bundle"
    ++p->next;
    return lat_osc_client_send_packet(p->client, step->packet, step->size,
                                      error);
}

/// Send bundles up to @p end, each when it is due, and wait for their answers.
static enum lat_status
play_run(struct play *p, uint32_t end, double timeout_s,
         struct lat_error *error)
{
    const double latency_s = p->latency_s;
    const uint64_t began_ns = lat_now_ns();
    const uint64_t began_tag = tag_now();
    uint64_t heard_ns = began_ns + ns_of(latency_s);
    enum lat_status status = LAT_OK;
    p->answered = p->next;
    p->began_ns = began_ns;
    while (!status && p->answered < end) {
        const uint64_t now_ns = lat_now_ns();
        const struct lat_osc_step *const step = &p->steps[p->next];
        uint64_t until_ns = heard_ns + ns_of(timeout_s);
        const bool may_send =
            p->next < end && p->next - p->answered < MAX_ON_THEIR_WAY;
        const uint64_t due_ns =
            may_send ? began_ns + ns_of(step->at_s) : UINT64_MAX;
        if (due_ns <= now_ns) {
            const double ahead = (step->at_s + latency_s) * 4294967296.0;
            const uint64_t at_ns = due_ns + ns_of(latency_s);
            heard_ns = at_ns > heard_ns ? at_ns : heard_ns;
            status =
                send_step(p, step,
                          step->is_timed ? began_tag + (uint64_t)llround(ahead)
                                         : 1, // now
                          error);
            continue;
        }
        if (now_ns > until_ns && p->answered < p->next) {
            return lat_osc_client_no_answer(p->client, "not in time", error);
        }
        until_ns =
            due_ns < until_ns || p->answered == p->next ? due_ns : until_ns;
        const uint32_t answered = p->answered;
        status = hear(p, until_ns, error);
        if (p->answered > answered && heard_ns < lat_now_ns()) {
            heard_ns = lat_now_ns();
        }
    }
    return status;
}

/// A message by itself.
static enum lat_status
ask_alone(struct play *p, double timeout_s, struct lat_error *error)
{
    const struct lat_osc_step *const step = &p->steps[p->next++];
    struct lat_error why;
    const enum lat_status status = lat_osc_client_ask(
        p->client, step->words[0], step->words + 1, step->n_words - 1,
        timeout_s, p->hooks->answer, p->hooks->data, &why);
    if (status == LAT_ESYSTEM || status == LAT_ENOMEM) {
        *error = why;
        return status;
    }
    if (status) {
        p->hooks->refusal(p->hooks->data, step->line, why.text);
        p->has_refusals = true;
    }
    return LAT_OK;
}

/// Refuse what cannot be sent, before anything is.
static enum lat_status
make_ready(struct play *p, const struct lat_osc_script *s,
           struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; i < s->n && !status; ++i) {
        struct lat_osc_step *const step = &s->steps[i];
        if (!step->packet) {
            continue;
        }
        status = ask_for_answer(step, error);
        if (!p->client->is_tcp && step->size > MAX_DATAGRAM) {
            p->hooks->refusal(p->hooks->data, step->line,
                              "the bundle is too long for a datagram; send it "
                              "with --tcp; nothing was sent");
            p->has_refusals = true;
        }
    }
    return status ? status : p->has_refusals ? LAT_EINVAL : LAT_OK;
}

// What came too late.

/// Numbers of the lattice.
struct numbers {
    double bundles_late; ///< of all senders, so far
    double period, rate;
};

static void
take_number(void *data, const char *line, bool is_end)
{
    struct numbers *const n = data;
    const struct {
        const char *key;
        double *number;
    } keys[] = {
        {"/status/engine bundles_late ", &n->bundles_late},
        {"/status/engine period ", &n->period},
        {"/status/engine rate ", &n->rate},
    };
    (void)is_end;
    for (size_t i = 0; i < LAT_COUNT(keys); ++i) {
        const size_t length = strlen(keys[i].key);
        if (strncmp(line, keys[i].key, length) == 0) {
            (void)lat_parse_number(line + length, keys[i].number);
        }
    }
}

static enum lat_status
ask_numbers(struct play *p, double timeout_s, struct numbers *out,
            struct lat_error *error)
{
    *out = (struct numbers){.rate = 1.0};
    return lat_osc_client_ask(p->client, "/status/engine", NULL, 0, timeout_s,
                              take_number, out, error);
}

static int
compare_latest_first(const void *a, const void *b)
{
    int64_t x = 0;
    int64_t y = 0;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x < y) - (x > y);
}

/// Tell of those that the lattice has heard late.
static enum lat_status
tell_late(const struct play *p, uint32_t n_steps, const struct numbers *before,
          const struct numbers *after, struct lat_error *error)
{
    const double n = after->bundles_late - before->bundles_late;
    // Whoever is heard in time is so before the last two periods.
    const int64_t least =
        -(int64_t)(2.5e9 * after->period / after->rate) - 1000000;
    int64_t *const sorted = calloc(n_steps, sizeof(*sorted));
    if (!sorted) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    memcpy(sorted, p->behind_ns, n_steps * sizeof(*sorted));
    qsort(sorted, n_steps, sizeof(*sorted), compare_latest_first);
    uint32_t n_late = 0;
    while (n_late < n_steps && n_late < n && sorted[n_late] > least) {
        ++n_late;
    }
    if (n_late) {
        uint32_t first = 0;
        while (p->behind_ns[first] < sorted[n_late - 1]) {
            ++first;
        }
        p->hooks->late(p->hooks->data, p->steps[first].line, n_late);
    }
    free(sorted);
    return LAT_OK;
}

/// Prepare to hear what is late, where anything has a time.
static enum lat_status
begin_timing(struct play *p, const struct lat_osc_script *s, double timeout_s,
             struct numbers *before, struct lat_error *error)
{
    uint32_t n_timed = 0;
    for (uint32_t i = 0; i < s->n; ++i) {
        n_timed += s->steps[i].is_timed;
    }
    if (!n_timed) {
        return LAT_OK;
    }
    p->behind_ns = calloc(s->n, sizeof(*p->behind_ns));
    if (!p->behind_ns) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < s->n; ++i) {
        p->behind_ns[i] = NEVER;
    }
    return ask_numbers(p, timeout_s, before, error);
}

enum lat_status
lat_osc_client_play(struct lat_osc_client *c, const struct lat_osc_script *s,
                    double latency_s, double timeout_s,
                    const struct lat_osc_script_hooks *hooks,
                    struct lat_error *error)
{
    struct play p = {.client = c,
                     .steps = s->steps,
                     .hooks = hooks,
                     .is_score = s->is_score,
                     .latency_s = latency_s};
    struct numbers before = {0};
    struct numbers after = {0};
    enum lat_status status = make_ready(&p, s, error);
    if (!status) {
        status = begin_timing(&p, s, timeout_s, &before, error);
    }
    while (!status && p.next < s->n) {
        uint32_t end = p.next + 1;
        if (!s->steps[p.next].packet) {
            status = ask_alone(&p, timeout_s, error);
            continue;
        }
        while (s->steps[p.next].is_timed && end < s->n &&
               s->steps[end].is_timed) {
            ++end;
        }
        status = play_run(&p, end, timeout_s, error);
    }
    if (!status && p.behind_ns) {
        status = ask_numbers(&p, timeout_s, &after, error);
    }
    if (!status && p.behind_ns) {
        status = tell_late(&p, s->n, &before, &after, error);
    }
    free(p.behind_ns);
    return status ? status : p.has_refusals ? LAT_EINVAL : LAT_OK;
}
