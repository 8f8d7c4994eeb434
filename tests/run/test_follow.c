// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events under a transport that is not our own: JACK's, or, in a process, the
// engine's.

#include "run/engine_state.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#define PERIOD 256

static struct rig
beat(const char *port)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out o channels 1 limit off\nnew clock c ticks 4");
    rig_say(&r, "connect c/%s o", port);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

static void
follow(struct rig *r, uint64_t frame, bool rolls, double bpm, double beats,
       double behind)
{
    struct lat_engine *e = lat_control_engine(r->c);
    const struct lat_follow f = {
        .is_rolling = rolls,
        .has_bbt = bpm > 0.0,
        .tempo_bpm = bpm,
        .beats = beats,
        .behind_beats = behind,
        .frame = frame,
    };
    e->follows = LAT_FOLLOW_JACK;
    lat_engine_follow(e, &f);
    rig_run(r, PERIOD, PERIOD);
}

static uint32_t
count(const struct rig *r, uint32_t from)
{
    uint32_t n = 0;
    for (uint32_t f = from; f < r->n_frames; ++f) {
        n += r->recorded[f] > 0.0F;
    }
    return n;
}

Test(follow, frames_alone_put_ticks_on_their_frames)
{
    struct rig r = beat("trigger");
    for (uint64_t f = 0; f < 100 * 1024; f += PERIOD) {
        follow(&r, f, true, 0, 0, 0);
    }
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f] > 0.0F, f % 24000 == 0, "frame %u", f);
    }
    rig_free(&r);
}

Test(follow, positions_in_whole_ticks_neither_double_nor_drop_nor_shift_a_beat)
{
    const double resolutions[] = {1920, 960, 48, 24};
    const double tempos[] = {120, 133.7, 97.25};
    for (size_t k = 0; k < LAT_COUNT(resolutions); ++k) {
        for (size_t b = 0; b < LAT_COUNT(tempos); ++b) {
            struct rig r = beat("trigger");
            const double a_frame = tempos[b] / 60 / 48000;
            for (uint64_t f = 0; f < 450 * 1024; f += PERIOD) {
                const double beats =
                    floor((double)f * a_frame * resolutions[k]) /
                    resolutions[k];
                follow(&r, f, true, tempos[b], beats, 1 / resolutions[k]);
            }
            uint32_t next = 0;
            for (uint32_t f = 0; f < r.n_frames; ++f) {
                if (r.recorded[f] > 0.0F) {
                    const double due = next++ / a_frame;
                    cr_assert_leq(fabs(f - due), 1.0, "beat at %u, not %g", f,
                                  due);
                }
            }
            cr_assert_eq(next, 1 + (uint32_t)((r.n_frames - 1) * a_frame));
            rig_free(&r);
        }
    }
}

Test(follow, small_corrections_play_nothing_twice)
{
    // Exact positions that tremble by up to 2 ms.
    struct rig r = beat("trigger");
    for (uint64_t f = 0; f < 450 * 1024; f += PERIOD) {
        const double off = (double)(f / PERIOD * 37 % 5) * 24 - 48;
        const double beats = ((double)f + 100 + off) / 24000;
        follow(&r, f, true, 120, beats, 0);
    }
    // It begins after the first beat.
    cr_assert_eq(count(&r, 0), (r.n_frames - 1 + 100) / 24000);
    rig_free(&r);
}

Test(follow, a_jump_of_the_frames_is_a_locate)
{
    struct rig r = beat("gate");
    for (uint64_t f = 0; f < 20 * PERIOD; f += PERIOD) {
        follow(&r, f, true, 0, 0, 0);
    }
    cr_assert_eq(r.recorded[r.n_frames - 1], 1.0F);
    uint32_t at = r.n_frames;
    follow(&r, 36000, true, 0, 0, 0); // between two ticks: the gate closes
    cr_assert_eq(count(&r, at), 0);
    at = r.n_frames;
    follow(&r, 0, true, 0, 0, 0); // back to the start: it plays again
    cr_assert_eq(r.recorded[at], 1.0F);
    at = r.n_frames;
    follow(&r, PERIOD, false, 0, 0, 0);
    follow(&r, PERIOD, false, 0, 0, 0);
    cr_assert_eq(count(&r, at), 0, "stopped");
    at = r.n_frames;
    follow(&r, 24000, false, 0, 0, 0); // located while it stands
    follow(&r, 24000, true, 0, 0, 0);
    cr_assert_eq(count(&r, at), PERIOD);
    rig_free(&r);
}

// Another engine that is told the time once a period, after the first's period.
Test(follow, an_engine_that_is_told_the_time_plays_the_same_bits)
{
    struct rig a = beat("gate");
    struct rig b = beat("gate");
    for (int i = 0; i < 1000; ++i) {
        struct lat_engine_time begin;
        struct lat_engine_time end;
        lat_engine_get_time(lat_control_engine(a.c), &begin);
        // In the middle of a period, as a bundle may.
        const struct lat_message m = {
            .kind = i % 3 == 0   ? LAT_MESSAGE_TEMPO
                    : i % 3 == 1 ? LAT_MESSAGE_LOCATE
                                 : LAT_MESSAGE_PLAY,
            .frame = begin.frame + (uint64_t)(i * 37 % PERIOD),
            .number = i % 3 ? i % 2 : 60 + i,
        };
        struct lat_message timed = m;
        if (m.kind == LAT_MESSAGE_LOCATE) {
            timed.cycle = lat_cycle_from_double(i / 7.0);
        }
        if (i % 4 == 0) {
            lat_ring_push(lat_control_engine(a.c)->messages, &timed);
            lat_ring_commit(lat_control_engine(a.c)->messages);
        }
        rig_run(&a, PERIOD, PERIOD);
        lat_engine_get_time(lat_control_engine(a.c), &end);
        begin.transport = end.transport;
        lat_engine_set_time(lat_control_engine(b.c), &begin);
        rig_run(&b, PERIOD, PERIOD);
    }
    rig_same_bits(&a, &b);
    rig_free(&a);
    rig_free(&b);
}
