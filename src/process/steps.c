// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "steps.h"
#include "base/log.h"
#include "base/process_page.h"
#include "follow.h"
#include "health.h"
#include "life.h"
#include "moves.h"

#define BIRTH_NS    (10000 * MS_NS) // patience until a process is ready
#define WIRING_NS   (1500 * MS_NS)  // and until its cables are connected,
#define PER_WIRE_NS (50 * MS_NS)    // for each of which JACK takes its time
#define TURN_NS     (2000 * MS_NS)  // a process that is not born by then
#define TOGETHER_NS (3000 * MS_NS)  // others are waited for
#define FADE_NS     (10 * MS_NS)    // 5 ms, and the way there

static bool
is_its_turn(const struct lat_processes *s, uint64_t now_ns)
{
    for (const struct process *p = s->first; p; p = p->next) {
        if (p->state == BORN && passed(now_ns, p->since_ns) < TURN_NS) {
            return false;
        }
    }
    return true;
}

static void
step_down(struct lat_processes *s, struct process *p, uint64_t now_ns,
          const struct lat_jack_status *j)
{
    const struct lat_node *node = lat_process_node(s, p);
    if (p->is_lost && j->is_ready && now_ns >= p->start_ns) {
        lat_process_judge_loss(s, p);
        return;
    }
    if (node && j->is_ready && now_ns >= p->start_ns &&
        lat_process_name_is_free(s, p) && is_its_turn(s, now_ns)) {
        lat_process_spawn(s, p, node);
    }
}

static void
step_born(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const struct lat_node *node = lat_process_node(s, p);
    const uint32_t state = atomic_load(&p->child.page->state);
    if (state == LAT_PROCESS_READY && node) {
        s->birth_ns = now_ns;
        lat_process_enter(p, WIRING);
        p->cycles_ns = p->beats_ns = now_ns;
        lat_process_tell_changes(s, p, node, true);
        s->are_cables_old = true;
    } else if (passed(now_ns, p->since_ns) > BIRTH_NS) {
        lat_process_put_down(s, p, "its process did not get ready");
    }
}

static bool
others_come(const struct lat_processes *s, uint64_t now_ns)
{
    for (const struct process *p = s->first; p; p = p->next) {
        const bool is_young = passed(now_ns, p->since_ns) < TOGETHER_NS ||
                              passed(now_ns, s->birth_ns) < TOGETHER_NS;
        const bool is_first = !p->was_known && p->n_deaths == 0;
        if (is_first && is_young && (p->state == DOWN || p->state == BORN)) {
            return true;
        }
    }
    return false;
}

void
lat_processes_start_wired(struct lat_processes *s, uint64_t now_ns)
{
    const uint64_t patience_ns = WIRING_NS + s->n_cables * PER_WIRE_NS;
    bool has_some = false;
    bool is_late = false;
    for (const struct process *p = s->first; p; p = p->next) {
        has_some = has_some || p->state == WIRING;
        is_late = is_late || (p->state == WIRING &&
                              passed(now_ns, p->since_ns) > patience_ns);
    }
    if (!has_some || others_come(s, now_ns) ||
        (!is_late && (s->are_cables_old || !lat_jack_has_cables(s->jack)))) {
        return;
    }
    struct lat_engine_status e;
    struct lat_jack_status j;
    lat_jack_status(s->jack, &j);
    lat_engine_status(lat_control_engine(s->control), &e);
    // Time for the message to get there; none where no frame has passed yet.
    const uint64_t frame =
        j.is_open ? e.frame + 2 * (uint64_t)j.period + (uint64_t)(0.02 * e.rate)
                  : e.frame;
    for (struct process *p = s->first; p; p = p->next) {
        if (p->state == WIRING) {
            lat_osc_sender_add(s->sender, "/process/start", "h",
                               (int64_t)frame);
            lat_process_flush(s, p);
            lat_process_enter(p, PLAYING);
        }
    }
}

static void
step_playing(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const struct lat_node *node = lat_process_node(s, p);
    if (!node || !atomic_load(&p->child.page->n_played)) {
        return;
    }
    if (!p->has_played) {
        p->has_played = true;
        lat_log(LAT_LOG_DEBUG, "%s plays in process %ld from frame %llu on",
                p->name, (long)p->child.pid,
                (unsigned long long)atomic_load(&p->child.page->first_frame));
    }
    if (!lat_control_is_away(node) && !p->is_moving) {
        lat_process_begin_move(s, p, node, now_ns);
    }
    if (p->has_fresh_sound && lat_control_is_away(node)) {
        p->has_fresh_sound = false;
        lat_control_fade_outputs(s->control, p->name, true);
    }
    if (p->was_known) {
        p->was_known = false;
        ++s->n_restarts;
        lat_log(LAT_LOG_INFO, "%s plays again in its process", p->name);
        lat_processes_tell(s, "/node/restarted", p->name, NULL);
    }
}

static void
step_state(struct lat_processes *s, struct process *p, uint64_t now_ns,
           const struct lat_jack_status *j)
{
    if (lat_process_listens(p)) {
        lat_process_watch(s, p, j, now_ns);
    }
    switch (p->state) {
    case DOWN:
        step_down(s, p, now_ns, j);
        break;
    case BORN:
        step_born(s, p, now_ns);
        break;
    case PLAYING:
        step_playing(s, p, now_ns);
        break;
    default:
        break;
    }
}

void
lat_process_step(struct lat_processes *s, struct process *p, uint64_t now_ns,
                 const struct lat_jack_status *j)
{
    lat_process_reap(s, p);
    if (p->has_child && p->end_ns) {
        lat_process_insist(s, p, now_ns);
    } else {
        step_state(s, p, now_ns, j);
    }
    lat_process_follow_wish(s, p, now_ns);
    if (p->is_moving && passed(now_ns, p->move_ns) >
                            FADE_NS + 2 * UINT64_C(1000000000) * j->period /
                                          (j->rate ? j->rate : 1)) {
        lat_process_end_move(s, p);
    }
}
