// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "supervisor.h"
#include "base/process_page.h"
#include "control/watch.h"
#include "follow.h"
#include "life.h"
#include "process_state.h"
#include "steps.h"
#include "wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_WAIT_NS (30000 * MS_NS) // the first frame waits
#define END_NS        (2000 * MS_NS)  // when lattice ends
#define WATCH_NS      (100 * MS_NS)   // of processes that play
#define STEP_NS       (5 * MS_NS)     // of those that are on their way

void
lat_processes_tick(struct lat_processes *s)
{
    const uint64_t now_ns = lat_now_ns();
    struct lat_jack_status j;
    lat_jack_status(s->jack, &j);
    if (!s->first_ns) {
        s->first_ns = now_ns;
    }
    if (!j.is_ready) {
        s->lost_ns = now_ns;
    }
    if (s->is_behind) {
        lat_processes_follow(s);
    }
    lat_processes_ask_leavers(s);
    for (struct process *p = s->first; p; p = p->next) {
        lat_process_step(s, p, now_ns, &j);
    }
    lat_processes_sweep(s);
    if (s->are_cables_old) {
        lat_processes_update_cables(s);
    }
    lat_processes_start_wired(s, now_ns);
    lat_osc_sender_read(s->sender);
    s->tick_ns = now_ns;
}

/// Processes tell nothing by themselves, but through their page.
static uint64_t
process_next_ns(const struct process *p, uint64_t now_ns)
{
    if (p->state == GIVEN_UP) {
        return UINT64_MAX;
    }
    if (p->state == DOWN && now_ns < p->start_ns) {
        return p->start_ns;
    }
    const bool is_settled = p->state == PLAYING && !p->is_moving &&
                            p->has_played && !p->has_fresh_sound &&
                            !p->was_known;
    return now_ns + (is_settled ? WATCH_NS : STEP_NS);
}

uint64_t
lat_processes_next_ns(const struct lat_processes *s)
{
    const uint64_t now_ns = lat_now_ns();
    uint64_t next_ns = UINT64_MAX;
    if (s->has_leavers || s->are_cables_old || s->is_behind) {
        next_ns = now_ns + STEP_NS;
    }
    for (const struct process *p = s->first; p; p = p->next) {
        const uint64_t ns = process_next_ns(p, now_ns);
        next_ns = ns < next_ns ? ns : next_ns;
    }
    return next_ns;
}

bool
lat_processes_are_up(struct lat_processes *s)
{
    lat_processes_tick(s);
    bool are_up = true;
    for (const struct process *p = s->first; p; p = p->next) {
        const bool is_open =
            p->state == PLAYING &&
            atomic_load(&p->child.page->state) == LAT_PROCESS_OPEN;
        are_up = are_up && (is_open || p->n_deaths > 0);
    }
    return are_up || lat_now_ns() - s->first_ns > FIRST_WAIT_NS;
}

enum lat_status
lat_processes_restart(struct lat_processes *s, const char *name,
                      struct lat_error *error)
{
    const struct lat_node *node =
        lat_control_need_node(s->control, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    struct process *p = lat_process_of(s, node);
    if (!p) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s runs in the engine, which starts nothing "
                             "anew; /node/%s/process own gives it a process",
                             name, name);
    }
    p->n_deaths = 0;
    p->start_ns = 0;
    if (p->has_child) {
        p->is_asked = true;
        lat_process_end(p);
    } else {
        p->was_known = true;
        lat_process_enter(p, DOWN);
    }
    return LAT_OK;
}

void
lat_processes_set_prefix(struct lat_processes *s, const char *prefix)
{
    if (strcmp(prefix, s->prefix) == 0) {
        return;
    }
    snprintf(s->prefix, sizeof(s->prefix), "%s", prefix);
    for (struct process *p = s->first; p; p = p->next) {
        if (p->state != LEAVING) {
            lat_process_leave(s, p); // and another comes
        }
    }
    s->is_behind = true;
}

void
lat_processes_count(const struct lat_processes *s,
                    struct lat_process_counts *out)
{
    *out = (struct lat_process_counts){
        .n_deaths = s->n_deaths,
        .n_restarts = s->n_restarts,
        .n_compared = s->n_compared,
    };
    for (const struct process *p = s->first; p; p = p->next) {
        out->n += p->state != LEAVING;
        out->n_playing += p->state == PLAYING;
        out->n_given_up += p->state == GIVEN_UP;
        out->n_missed +=
            p->has_child ? atomic_load(&p->child.page->n_missed) : 0;
    }
    out->n_late_cables = lat_processes_count_late(s);
}

/// The page of a process that plays, and the slot of its output; or NULL.
static const struct lat_process_page *
find_page(const struct lat_processes *s, const struct lat_node *node,
          uint32_t output, uint32_t *slot)
{
    const struct process *p = lat_process_of(s, node);
    if (!p || !lat_process_plays(p) || output >= LAT_PROCESS_OUTPUTS) {
        return NULL;
    }
    const uint32_t number = atomic_load(&p->child.page->slot_of[output]);
    *slot = number - 1;
    return number > 0 && number <= LAT_PROCESS_SLOTS ? p->child.page : NULL;
}

/// What an output of a process last gave.
static float
last_sample(void *data, const struct lat_node *node, uint32_t output)
{
    uint32_t slot = 0;
    const struct lat_process_page *page = find_page(data, node, output, &slot);
    return page ? atomic_load(&page->last[slot]) : 0.0F;
}

static const struct lat_process_heard *
find_heard(const struct lat_processes *s, const struct lat_node *node,
           uint32_t output)
{
    uint32_t slot = 0;
    const struct lat_process_page *page = find_page(s, node, output, &slot);
    return page && output < LAT_PROCESS_HEARD ? &page->heard[output] : NULL;
}

/// How loud it was, over half of what is kept at most.
static bool
level_since(void *data, const struct lat_node *node, uint32_t output,
            struct lat_heard *heard)
{
    const struct lat_process_heard *h = find_heard(data, node, output);
    const uint64_t end =
        h ? atomic_load_explicit(&h->n_levels, memory_order_acquire) : 0;
    uint64_t at = heard->n_levels;
    if (end - at > LAT_PROCESS_LEVELS / 2) { // or another process is there
        at = end > LAT_PROCESS_LEVELS / 2 ? end - LAT_PROCESS_LEVELS / 2 : 0;
    }
    double squares = 0.0;
    double n = 0.0;
    float peak = 0.0F;
    for (; at < end; ++at) {
        const struct lat_process_level *l = &h->levels[at % LAT_PROCESS_LEVELS];
        squares += (double)l->squares;
        n += l->n;
        peak = l->peak > peak ? l->peak : peak;
    }
    heard->n_levels = end;
    if (n > 0.0) {
        heard->peak = peak;
        heard->mean_square = (float)(squares / n);
    }
    return n > 0.0;
}

static bool
last_samples(void *data, const struct lat_node *node, uint32_t output,
             float *samples, uint32_t n)
{
    const struct lat_process_heard *h = find_heard(data, node, output);
    const uint64_t end =
        h ? atomic_load_explicit(&h->n_samples, memory_order_acquire) : 0;
    for (uint32_t i = 0; end >= n && i < n; ++i) {
        samples[i] = h->samples[(end - n + i) % LAT_PROCESS_SAMPLES];
    }
    return end >= n;
}

enum lat_status
lat_processes_new(const struct lat_processes_options *options,
                  struct lat_control *control, struct lat_jack *jack,
                  struct lat_processes **out)
{
    struct lat_processes *s = calloc(1, sizeof(*s));
    if (!s || lat_osc_sender_new(&s->sender) != LAT_OK) {
        free(s);
        return LAT_ENOMEM;
    }
    s->options = *options;
    s->control = control;
    s->jack = jack;
    const struct lat_listener listener = {
        .data = s,
        .topics = COMPARED | LAT_TOPIC_VALUES | LAT_TOPIC_AMOUNTS |
                  LAT_TOPIC_NOTES | LAT_TOPIC_PANIC,
        .changed = lat_processes_on_changes,
    };
    if (lat_control_listen(control, &listener) != LAT_OK) {
        lat_osc_sender_free(s->sender);
        free(s);
        return LAT_ENOMEM;
    }
    lat_control_set_outside(control, &(struct lat_outside){
                                         .data = s,
                                         .last = last_sample,
                                         .level = level_since,
                                         .scope = last_samples,
                                     });
    *out = s;
    lat_processes_follow(s); // what was loaded before
    return LAT_OK;
}

/// A process that is killed leaves locks behind in JACK's metadata: give them a
/// moment to end by themselves.
static void
end_all(struct lat_processes *s)
{
    const uint64_t start_ns = lat_now_ns();
    const struct timespec pause = {0, (long)(2 * MS_NS)};
    bool are_there = true;
    for (struct process *p = s->first; p; p = p->next) {
        if (p->state != LEAVING) {
            lat_process_leave(s, p);
        }
    }
    while (are_there && passed(lat_now_ns(), start_ns) < END_NS) {
        are_there = false;
        for (struct process *p = s->first; p; p = p->next) {
            lat_process_reap(s, p);
            are_there = are_there || p->has_child;
        }
        nanosleep(&pause, NULL);
    }
}

void
lat_processes_free(struct lat_processes *s)
{
    if (!s) {
        return;
    }
    end_all(s);
    lat_control_set_outside(s->control, NULL);
    lat_control_unlisten(s->control, s);
    while (s->first) {
        struct process *p = s->first;
        s->first = p->next;
        lat_process_free(p);
    }
    lat_osc_sender_free(s->sender);
    free(s);
}
