// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "life.h"
#include "base/log.h"
#include "base/process_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_NS  (100 * MS_NS)
#define MAX_BACKOFF (10000 * MS_NS)
#define LOSS_NS     (1000 * MS_NS) // until we must have seen it too
#define HEALTHY_NS  (10000 * MS_NS)
#define LEAVE_NS    (1500 * MS_NS) // patience with a child that is to end,
#define UNBORN_NS   (6000 * MS_NS) // and with one that is opening its client

void
lat_processes_tell(struct lat_processes *s, const char *path, const char *node,
                   const char *text)
{
    if (s->options.tell) {
        s->options.tell(s->options.data, path, node, text);
    }
}

struct process *
lat_process_add(struct lat_processes *s, const struct lat_node *node)
{
    struct process *p = calloc(1, sizeof(*p));
    if (!p) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "out of memory: %s waits for its process", node->name);
        return NULL;
    }
    p->id = node->id;
    snprintf(p->name, sizeof(p->name), "%s", node->name);
    p->next = s->first;
    s->first = p;
    lat_process_enter(p, DOWN);
    return p;
}

void
lat_process_spawn(struct lat_processes *s, struct process *p,
                  const struct lat_node *node)
{
    struct lat_jack_status j;
    struct lat_engine_status e;
    lat_jack_status(s->jack, &j);
    lat_engine_status(lat_control_engine(s->control), &e);
    char client[sizeof(s->prefix) + LAT_NAME_MAX];
    snprintf(client, sizeof(client), "%s%s", s->prefix, node->name);
    const struct lat_child_options how = {
        .node = node,
        .client = client,
        .block = e.block,
        .server = s->options.server,
        .isa = s->options.isa,
        .sandbox = s->options.sandbox,
        .memory_mib = s->options.memory_mib,
        .verbose = s->options.verbose,
    };
    struct lat_error error = {.text = "out of memory"};
    lat_told_forget(&p->told);
    if (lat_told_remember(&p->told, node) != LAT_OK ||
        lat_child_start(&how, &p->child, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s gets no process: %s", node->name,
                error.text);
        p->start_ns = lat_now_ns() + MAX_BACKOFF;
        return;
    }
    p->has_child = true;
    p->end_ns = 0;
    p->has_played = false;
    p->is_asked = false;
    const uint64_t now_ns = lat_now_ns();
    p->n_cycles = p->n_beats = p->n_faults = 0;
    p->cycles_ns = p->beats_ns = p->weighed_ns = now_ns;
    p->jack_cycles = j.n_cycles;
    lat_process_enter(p, BORN);
}

bool
lat_process_name_is_free(const struct lat_processes *s, const struct process *p)
{
    for (const struct process *q = s->first; q; q = q->next) {
        if (q != p && q->has_child && strcmp(q->name, p->name) == 0) {
            return false;
        }
    }
    return true;
}

/// JACK went, or has just come: no process is to blame.
static bool
is_jack_to_blame(const struct lat_processes *s)
{
    return s->lost_ns && lat_now_ns() - s->lost_ns < 3000 * MS_NS;
}

/// It died by itself: it may try again after a while, if not too often.
static void
blame(struct lat_processes *s, struct process *p, const char *why)
{
    const uint64_t now_ns = lat_now_ns();
    ++s->n_deaths;
    ++p->n_deaths;
    lat_processes_tell(s, "/node/died", p->name, why);
    if (p->n_deaths >= LAT_PROCESS_TRIES) {
        char text[32];
        snprintf(text, sizeof(text), "%u", p->n_deaths);
        lat_log(LAT_LOG_ERROR,
                "%s: %s; given up after %u tries: mend it, then send "
                "/node/%s/restart, or take it into the engine with "
                "/node/%s/process engine",
                p->name, why, p->n_deaths, p->name, p->name);
        lat_processes_tell(s, "/node/given_up", p->name, text);
        lat_process_enter(p, GIVEN_UP);
        return;
    }
    uint64_t backoff_ns = BACKOFF_NS << (p->n_deaths - 1);
    backoff_ns = backoff_ns < MAX_BACKOFF ? backoff_ns : MAX_BACKOFF;
    lat_log(LAT_LOG_WARNING, "%s: %s; started anew in %.1f s", p->name, why,
            (double)backoff_ns * 1e-9);
    p->start_ns = now_ns + backoff_ns;
}

void
lat_process_judge_loss(struct lat_processes *s, struct process *p)
{
    p->is_lost = false;
    if (!is_jack_to_blame(s)) {
        blame(s, p, "the JACK server threw its process out");
    }
}

void
lat_process_bury(struct lat_processes *s, struct process *p, const char *why)
{
    const struct lat_node *node = lat_process_node(s, p);
    const bool is_lost = atomic_load(&p->child.page->state) == LAT_PROCESS_LOST;
    lat_child_fini(&p->child);
    p->has_child = false;
    s->are_cables_old = true;
    if (p->state == LEAVING) {
        return;
    }
    const uint64_t now_ns = lat_now_ns();
    if (p->state == PLAYING && passed(now_ns, p->since_ns) >= HEALTHY_NS) {
        p->n_deaths = 0;
    }
    if (node && lat_control_is_away(node)) {
        lat_control_fade_outputs(s->control, p->name, false);
        p->has_fresh_sound = true;
    } else if (p->is_moving) {
        lat_control_fade_outputs(s->control, p->name, true); // it stays
    }
    p->was_known = p->was_known || p->state == PLAYING;
    p->is_moving = false;
    lat_process_enter(p, DOWN);
    if (p->is_asked || is_jack_to_blame(s)) {
        lat_log(LAT_LOG_DEBUG, "%s: %s", p->name, why);
        p->start_ns = now_ns;
        return;
    }
    if (is_lost) {
        p->is_lost = true;
        p->start_ns = now_ns + LOSS_NS;
        return;
    }
    blame(s, p, why);
}

void
lat_process_put_down(struct lat_processes *s, struct process *p,
                     const char *why)
{
    lat_child_kill(&p->child);
    lat_process_bury(s, p, why);
}

void
lat_process_reap(struct lat_processes *s, struct process *p)
{
    char why[600];
    if (p->has_child && lat_child_has_ended(&p->child, why, sizeof(why))) {
        lat_process_bury(s, p, why);
    }
}

void
lat_process_end(struct process *p)
{
    if (!p->end_ns) {
        lat_child_end(&p->child);
        p->end_ns = lat_now_ns();
    }
}

void
lat_process_insist(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const bool is_born = atomic_load(&p->child.page->state) != LAT_PROCESS_BORN;
    if (passed(now_ns, p->end_ns) > (is_born ? LEAVE_NS : UNBORN_NS)) {
        lat_process_put_down(s, p, "its process did not end");
    }
}

void
lat_process_leave(struct lat_processes *s, struct process *p)
{
    if (p->has_child) {
        lat_process_end(p);
    }
    lat_process_enter(p, LEAVING);
    s->are_cables_old = true;
}

void
lat_process_free(struct process *p)
{
    if (p->has_child) {
        lat_child_kill(&p->child);
        lat_child_fini(&p->child);
    }
    lat_told_forget(&p->told);
    free(p);
}

void
lat_processes_sweep(struct lat_processes *s)
{
    struct process **at = &s->first;
    while (*at) {
        struct process *p = *at;
        if (p->state == LEAVING && !p->has_child) {
            *at = p->next;
            lat_process_free(p);
        } else {
            at = &p->next;
        }
    }
}
