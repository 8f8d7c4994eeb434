// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A journal of a transport that follows JACK's, or a MIDI clock, plays again
// what was played, frame by frame.

#include "osc/journal.h"
#include "run/engine.h"
#include "support/replay.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 64U

static struct rig rig;
static struct lat_sessions *sessions;
static struct lat_journal *journal;
static struct lat_error error;
static char folder[64];
static char path[80];

/// Every gate, trigger and phase tells the transport's place and its breaks.
#define PATCH                                                                  \
 "[session]\nformat = 1\n[transport]\ntempo = 120\nplaying = yes\n"            \
 "sync = %s\n[node ticks]\ntype = clock\nticks = 16\nswing = 0.3\n"            \
 "[node turn]\ntype = phasor\ncycles = 1/4\n[node row]\ntype = steps\n"        \
 "values = 1 2 3 4 5\n[node main]\ntype = audio_out\nchannels = 1\n"           \
 "limit = off\n[cables]\ncable = ticks/gate -> main\n"                         \
 "cable = ticks/trigger -> row/trigger\ncable = row/value -> main\n"           \
 "cable = turn -> main * 0.1\n"

static void
load(const char *sync)
{
    char text[1024];
    snprintf(text, sizeof(text), PATCH, sync);
    cr_assert_eq(lat_sessions_read_whole(sessions, text, strlen(text), "patch",
                                         true, &error),
                 LAT_OK, "%s", error.text);
}

static void
begin(const char *sync)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-%d-follow", (int)getpid());
    snprintf(path, sizeof(path), "%s.osc", folder);
    unlink(path);
    rig = rig_new(BLOCK);
    cr_assert_eq(lat_sessions_new(rig.c, folder, &sessions), LAT_OK);
    load(sync);
    cr_assert_eq(lat_journal_new(path, &journal, &error), LAT_OK);
    cr_assert_eq(lat_journal_begin(journal, rig.c, sessions, &error), LAT_OK,
                 "%s", error.text);
}

static void
run(uint32_t period)
{
    rig_run(&rig, period, period);
    lat_control_tick(rig.c);
    lat_journal_tick(journal);
}

static void
expect_same_bits(void)
{
    lat_journal_free(journal);
    lat_sessions_free(sessions);
    struct rig again = replay(path, folder, BLOCK, rig.n_frames);
    const uint32_t n = rig_first_difference(&rig, &again);
    cr_assert_eq(n, rig.n_frames, "they differ from frame %u on", n);
    rig_free(&again);
    rig_free(&rig);
    unlink(path);
}

/// JACK's transport: starts, stops, jumps, and a timebase master in ticks.
struct jack {
    bool rolls;
    bool has_bbt;
    double tempo;
    uint64_t frame;
};

static void
tell(const struct jack *j)
{
    const double beats = (double)j->frame * j->tempo / 60.0 / 48000.0;
    const struct lat_follow f = {
        .is_rolling = j->rolls,
        .has_bbt = j->has_bbt,
        .tempo_bpm = j->tempo,
        .beats = (double)(uint64_t)(beats * 960.0) / 960.0,
        .behind_beats = 1.0 / 960.0,
        .frame = j->frame,
    };
    lat_engine_follow(lat_control_engine(rig.c), &f);
}

static void
change(struct jack *j)
{
    switch (rand() % 5) {
    case 0:
        j->rolls = !j->rolls;
        break;
    case 1:
        j->frame = (uint64_t)rand() % 480000;
        break;
    case 2:
        j->has_bbt = !j->has_bbt;
        break;
    default:
        j->tempo = 60.0 + rand() % 12000 / 100.0;
        break;
    }
}

static void
follow_jack(uint32_t period, unsigned seed)
{
    struct jack j = {.rolls = true, .tempo = 133.7};
    begin("jack");
    srand(seed);
    while (rig.n_frames < 240000) {
        if (rand() % 20 == 0) {
            change(&j);
        }
        tell(&j);
        // What others say meanwhile holds until JACK says otherwise.
        if (rand() % 40 == 0) {
            (void)lat_control_tempo(rig.c, 60.0 + rand() % 200, &error);
        }
        if (rand() % 400 == 0) {
            load("jack");
        }
        run(period);
        j.frame += j.rolls ? period : 0;
    }
    expect_same_bits();
}

Test(journal_follow, of_jacks_transport_renders_to_its_bits)
{
    follow_jack(256, 1);
    follow_jack(64, 2);
    follow_jack(1024, 3);
    follow_jack(160, 4);
}

/// A clock that jitters, and what may come between.
struct clock {
    double next; ///< frame
    double step; ///< frames
};

static uint32_t
send_message(uint32_t at)
{
    static const uint8_t words[] = {0xfa, 0xfb, 0xfc, 0xf2};
    const uint8_t status = words[rand() % 4];
    const uint8_t bytes[] = {status, (uint8_t)(rand() % 64), 0};
    lat_engine_midi(lat_control_engine(rig.c), at, bytes,
                    status == 0xf2 ? 3 : 1);
    return at;
}

static void
send_period(struct clock *c, uint32_t period)
{
    const uint8_t tick = 0xf8;
    uint32_t last = 0;
    while (c->next < (double)(rig.n_frames + period)) {
        const double jitter = (double)(rand() % 97) - 48.0;
        double at = c->next + jitter - (double)rig.n_frames;
        at = at < last ? last : at < period ? at : period - 1;
        last = (uint32_t)at;
        lat_engine_midi(lat_control_engine(rig.c), last, &tick, 1);
        c->next += c->step;
        if (rand() % 60 == 0) {
            last = send_message(last);
        }
    }
}

static void
follow_clock(uint32_t period, unsigned seed)
{
    struct clock c = {.next = 500.0, .step = 48000.0 * 60 / 126.5 / 24};
    begin("midi");
    srand(seed);
    while (rig.n_frames < 240000) {
        if (rand() % 100 == 0) {
            c.step = 48000.0 * 60 / (60 + rand() % 120) / 24;
        }
        if (rand() % 300 == 0) {
            c.next += 40000.0; // it goes, and comes back
        }
        if (rand() % 100 == 0) {
            (void)lat_control_tempo(rig.c, 60.0 + rand() % 200, &error);
        }
        if (rand() % 400 == 0) {
            load("midi");
        }
        send_period(&c, period);
        run(period);
    }
    expect_same_bits();
}

Test(journal_follow, of_a_midi_clock_renders_to_its_bits)
{
    follow_clock(256, 1);
    follow_clock(64, 2);
    follow_clock(1024, 3);
    follow_clock(160, 4);
}

Test(journal_follow, of_one_clock_after_another_renders_to_its_bits)
{
    static const char *const ways[] = {"midi", "jack", "own"};
    struct clock c = {.next = 500.0, .step = 1000.0};
    struct jack j = {.rolls = true, .tempo = 97.0};
    begin("own");
    srand(9);
    for (uint32_t k = 0; rig.n_frames < 240000; ++k) {
        if (k % 40 == 39) {
            load(ways[k / 40 % 3]);
        }
        tell(&j);
        send_period(&c, 128);
        run(128);
        j.frame += 128;
    }
    expect_same_bits();
}

Test(journal_follow, refuses_what_no_transport_does)
{
    begin("own");
    struct lat_transport_move move = {.tempo_bpm = 120.0};
    cr_expect_eq(lat_control_move_transport(rig.c, &move, &error), LAT_OK);
    move.tempo_bpm = 0.0;
    cr_expect_eq(lat_control_move_transport(rig.c, &move, &error), LAT_EINVAL);
    move.tempo_bpm = 120.0;
    move.anchor.cycle = INT64_MAX;
    cr_expect_eq(lat_control_move_transport(rig.c, &move, &error), LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "2^32"));
    move.anchor.cycle = 0;
    move.first.cycle = INT64_MIN;
    cr_expect_eq(lat_control_move_transport(rig.c, &move, &error), LAT_EINVAL);
    lat_journal_free(journal);
    lat_sessions_free(sessions);
    rig_free(&rig);
    unlink(path);
}
