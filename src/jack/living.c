// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "living.h"
#include "base/log.h"
#include "reopening.h"
#include "wishes.h"

#define STALL_NS     (2 * SECOND_NS)  // no cycle for so long: there is no sound
#define LOSE_NS      (30 * SECOND_NS) // and for so long: ask anew
#define LONG_TICK_NS (SECOND_NS / 2)  // we were stopped ourselves
#define LATENCY_NS   (SECOND_NS / 10) // from one look at it to the next

/// Is what the link was told of latencies old?
static bool
is_latency_old(const struct lat_jack *j)
{
    return !j->has_latency || j->latency_period != j->engine_period ||
           j->latency_serial != lat_control_latency_serial(j->control);
}

/// A crowd of changes is looked at once: it takes time in large graphs.
static void
follow_latency(struct lat_jack *j)
{
    const uint64_t now_ns = lat_now_ns();
    struct lat_latency latency = {0};
    if (!is_latency_old(j) || now_ns - j->latency_ns < LATENCY_NS) {
        return;
    }
    j->latency_ns = now_ns;
    j->latency_period = j->engine_period;
    j->latency_serial = lat_control_latency_serial(j->control);
    j->has_latency =
        !lat_control_latency(j->control, j->latency_period, &latency) &&
        !lat_link_set_latency(j->link, &latency);
    lat_latency_fini(&latency);
}

/// Count the time without a cycle, but only time in which we ran ourselves.
static void
count_stall(struct lat_jack *j, const struct lat_link_status *s)
{
    const uint64_t now_ns = lat_now_ns();
    const uint64_t passed_ns = now_ns - j->tick_ns;
    j->tick_ns = now_ns;
    if (s->n_cycles != j->n_cycles || s->is_freewheeling) {
        j->n_cycles = s->n_cycles;
        j->stalled_ns = 0;
    } else if (passed_ns < LONG_TICK_NS) {
        j->stalled_ns += passed_ns;
    }
}

/// jackd says goodbye when it dies.  One that only stands still goes on with
/// all its clients: they stay.  Commands take effect without it meanwhile.
static void
follow_standing(struct lat_jack *j)
{
    if (!j->is_standing && j->stalled_ns > STALL_NS) {
        j->is_standing = true;
        lat_client_note_loss(j, "the JACK server does nothing any more");
        lat_link_close_gate(j->link);
    }
    if (j->is_standing && !j->is_paused && lat_link_is_quiet(j->link)) {
        lat_engine_set_running(j->engine, false);
        j->is_paused = true;
    }
    if (j->is_standing && !j->stalled_ns && j->is_paused) {
        j->is_standing = j->is_paused = false;
        j->back_ns = lat_now_ns();
        lat_engine_set_running(j->engine, true);
        lat_link_open_gate(j->link, j->engine, j->engine_rate);
        lat_log(LAT_LOG_INFO, "the JACK server goes on");
    }
}

/// The engine must stand still while its rate changes; the process callback
/// writes silence meanwhile.
static void
follow_rate(struct lat_jack *j, uint32_t rate)
{
    if (!j->is_changing_rate) {
        lat_link_close_gate(j->link);
        j->is_changing_rate = true;
    }
    if (!lat_link_is_quiet(j->link)) {
        return;
    }
    struct lat_error error;
    lat_engine_set_running(j->engine, false);
    if (lat_control_set_rate(j->control, rate, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "cannot run at %u Hz: %s", rate, error.text);
    } else {
        lat_log(LAT_LOG_INFO, "JACK runs at %u Hz now", rate);
    }
    j->engine_rate = rate;
    j->is_changing_rate = false;
    lat_engine_set_running(j->engine, true);
    lat_link_open_gate(j->link, j->engine, rate);
}

void
lat_client_step_live(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    if (s.is_shut_down) {
        lat_client_lose(j, "the JACK server has gone");
        return;
    }
    count_stall(j, &s);
    if (j->stalled_ns > (s.is_pipewire ? STALL_NS : LOSE_NS)) {
        lat_client_lose(j, "the JACK server does nothing any more");
        return;
    }
    follow_standing(j);
    if (s.rate != j->engine_rate && !j->is_standing) {
        follow_rate(j, s.rate);
    }
    lat_client_follow_priority(j, &s);
    if (s.period != j->engine_period) {
        lat_engine_set_period(j->engine, s.period);
        j->engine_period = s.period;
    }
    follow_latency(j);
    if (j->is_dirty) {
        lat_client_follow_slots(j);
    }
    if (j->has_session || (j->look_ns && lat_now_ns() > j->look_ns)) {
        lat_link_look(j->link);
        j->look_ns = 0;
    }
    (void)lat_client_take_view(j, false);
}

uint64_t
lat_client_live_next_ns(const struct lat_jack *j)
{
    const uint64_t beat_ns = j->tick_ns + BEAT_NS;
    if (j->is_dirty || j->has_session) {
        return 0;
    }
    if (j->is_changing_rate) {
        return lat_now_ns() + STEP_NS;
    }
    if (is_latency_old(j)) {
        return j->latency_ns + LATENCY_NS;
    }
    return j->look_ns && j->look_ns < beat_ns ? j->look_ns + 1 : beat_ns;
}
