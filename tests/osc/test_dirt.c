// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SuperDirt's messages: which note, how loud, and for how long, to the frame.

#include "base/text.h"
#include "node/type.h"
#include "osc/dirt.h"
#include "run/engine.h"
#include "sessions/test_sessions.h"
#include "support/wav.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define RATE   48000
#define PERIOD 64
#define MOST   (3 * RATE)

static struct lat_sessions *sessions;
static struct lat_osc_dirt dirt;
static struct lat_error error;

/// What the rig's node gave: gate, and pitch, at every frame.
static float gate[MOST], pitch[MOST], velocity[MOST];
static uint32_t n_frames;

static void
setup(void)
{
    osc_options.superdirt = true;
    osc_setup();
    dirt = (struct lat_osc_dirt){.n_played = 0};
    n_frames = 0;
    osc_send("/node/new", "sssi", "audio_out", "g", "channels", 3);
    osc_send("/node/set", "sss", "g", "limit", "off");
    osc_send("/node/new", "ss", "midi_notes", "keys");
    osc_send("/connect", "ss", "keys/gate", "g/in_1");
    osc_send("/connect", "ss", "keys/pitch", "g/in_2");
    osc_send("/connect", "ss", "keys/velocity", "g/in_3");
    lat_engine_set_running(lat_control_engine(osc_control), true);
}

static void
teardown(void)
{
    lat_osc_dirt_fini(&dirt);
    lat_sessions_free(sessions);
    osc_teardown();
    osc_options.superdirt = false;
}

TestSuite(dirt, .init = setup, .fini = teardown);

/// Play on, period by period, with the control's tick after each.
static void
play(uint32_t n)
{
    struct lat_engine *const e = lat_control_engine(osc_control);
    for (uint32_t f = 0; f < n; f += PERIOD) {
        cr_assert_leq(n_frames + PERIOD, MOST);
        lat_engine_bind(e, 0, gate + n_frames);
        lat_engine_bind(e, 1, pitch + n_frames);
        lat_engine_bind(e, 2, velocity + n_frames);
        lat_engine_process(e, PERIOD);
        n_frames += PERIOD;
        lat_control_tick(osc_control);
    }
}

/// Play an event at a frame that is to come.
static void
play_at(const struct lat_osc_dirt_event *event, uint64_t frame)
{
    lat_control_begin(osc_control);
    cr_assert_eq(lat_osc_dirt_play_event(&dirt, osc_control, event, &error),
                 LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_commit_at(osc_control, frame, &error), LAT_OK);
}

static struct lat_osc_dirt_event
note_of(double note, double sustain)
{
    struct lat_osc_dirt_event e = {.s = "keys"};
    lat_osc_dirt_say(&e, LAT_DIRT_NOTE, note);
    lat_osc_dirt_say(&e, LAT_DIRT_SUSTAIN, sustain);
    return e;
}

/// Frames at which the gate changes, up to @p most of them.
static uint32_t
edges(uint32_t *out, uint32_t most)
{
    uint32_t n = 0;
    for (uint32_t f = 1; f < n_frames && n < most; ++f) {
        if ((gate[f] > 0.5F) != (gate[f - 1] > 0.5F)) {
            out[n++] = f;
        }
    }
    return n;
}

Test(dirt, a_note_lasts_to_the_frame)
{
    static const double seconds[] = {0.1, 0.25, 0.0100001, 1e-9, 0.5};
    uint32_t at[16];
    play(1024);
    uint64_t frame = 2000;
    for (size_t i = 0; i < LAT_COUNT(seconds); ++i) {
        const struct lat_osc_dirt_event e = note_of((double)i, seconds[i]);
        play_at(&e, frame);
        play(18048);
        frame += 18000;
    }
    play(18048);
    const uint32_t n = edges(at, 16);
    cr_assert_eq(n, 10);
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        const double length = seconds[i / 2] * RATE;
        const uint32_t expected =
            length < 1.0 ? 1 : (uint32_t)floor(length + 0.5);
        cr_expect_eq(at[i], 2000 + 18000 * (i / 2), "on at %u", at[i]);
        cr_expect_eq(at[i + 1] - at[i], expected, "%u", at[i + 1] - at[i]);
        const uint32_t k = i / 2;
        cr_expect_eq(pitch[at[i]], (float)k);
    }
}

// What a pattern makes: each note ends where the next one begins.  Every one is
// struck anew, at its frame; the gate, which is low for a frame, follows.
Test(dirt, notes_in_a_row_are_struck_each)
{
    for (int is_same = 0; is_same < 2; ++is_same) {
        const uint32_t begin = n_frames + 6000;
        uint32_t at[64];
        for (uint32_t i = 0; i < 4; ++i) {
            const struct lat_osc_dirt_event e =
                note_of(is_same ? 7.0 : (double)i, 0.125);
            play_at(&e, begin + 6000 * i);
            play(6016);
        }
        play(12032);
        const uint32_t n = edges(at, 64);
        cr_assert_eq(n, is_same ? 16 : 8, "%u", n);
        const uint32_t *const mine = at + (is_same ? 8 : 0);
        cr_expect_eq(mine[0], begin);
        for (uint32_t i = 1; i < 4; ++i) {
            cr_expect_eq(mine[2 * i - 1], begin + 6000 * i);
            cr_expect_eq(mine[2 * i], begin + 6000 * i + 1);
        }
        cr_expect_eq(mine[7], begin + 24000);
    }
}

// Another note of this pitch takes over: what let the first one go does not cut
// the second.
Test(dirt, a_note_is_not_cut_by_the_end_of_the_one_before)
{
    const struct lat_osc_dirt_event first = note_of(0.0, 0.5);
    const struct lat_osc_dirt_event second = note_of(0.0, 0.5);
    uint32_t at[8];
    play_at(&first, 2000);
    play(6016);
    play_at(&second, 14000);
    play(60032);
    cr_assert_eq(edges(at, 8), 4);
    cr_expect_eq(at[0], 2000);
    cr_expect_eq(at[1], 14000);
    cr_expect_eq(at[2], 14001);
    cr_expect_eq(at[3], 14000 + 24000);
}

Test(dirt, a_node_that_goes_takes_its_notes_along)
{
    const struct lat_osc_dirt_event e = note_of(0.0, 0.5);
    play_at(&e, 1000);
    play(2048);
    osc_send("/node/free", "s", "keys");
    osc_send("/node/new", "ss", "midi_notes", "keys");
    play(64000);
    const struct lat_osc_dirt_event again = note_of(0.0, 0.25);
    play_at(&again, n_frames + 6400);
    osc_send("/graph/clear", "");
    play(12800);
}

Test(dirt, a_panic_ends_everything)
{
    const struct lat_osc_dirt_event e = note_of(0.0, 1.0);
    uint32_t at[8];
    play_at(&e, 1000);
    play(6400);
    osc_send("/panic", "");
    play(6400);
    const struct lat_osc_dirt_event again = note_of(0.0, 1.2);
    play_at(&again, 20032);
    play(64000);
    cr_assert_eq(edges(at, 8), 3, "the end of the first cuts the second");
    cr_expect_eq(at[2], 20032);
}

Test(dirt, notes_without_end_are_bounded)
{
    for (uint32_t i = 0; i < LAT_NOTES_HELD_MAX; ++i) {
        const struct lat_osc_dirt_event e = note_of(i * 0.01, 80000.0);
        cr_assert_eq(lat_osc_dirt_play_event(&dirt, osc_control, &e, &error),
                     LAT_OK);
    }
    const struct lat_osc_dirt_event e = note_of(50.0, 1.0);
    cr_expect_eq(lat_osc_dirt_play_event(&dirt, osc_control, &e, &error),
                 LAT_EFULL);
    osc_send("/panic", "");
    cr_expect_eq(lat_osc_dirt_play_event(&dirt, osc_control, &e, &error),
                 LAT_OK);
}

Test(dirt, keys_say_which_note_and_how_loud)
{
    static const struct {
        bool has_midinote, has_note;
        double midinote, note, n, gain;
        float pitch, velocity;
    } cases[] = {
        {false, false, 0, 0, 0, 1.0, 0.0F, 1.0F},
        {false, false, 0, 0, 5, 0.5, 5.0F, 0.5F},
        {false, true, 0, -3, 5, 0.25, -3.0F, 0.25F},
        {true, true, 72.5, -3, 5, 1.4, 12.5F, 1.0F},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        struct lat_osc_dirt_event e = {.s = "keys"};
        lat_osc_dirt_say(&e, LAT_DIRT_SUSTAIN, 0.02);
        lat_osc_dirt_say(&e, LAT_DIRT_N, cases[i].n);
        lat_osc_dirt_say(&e, LAT_DIRT_GAIN, cases[i].gain);
        if (cases[i].has_note) {
            lat_osc_dirt_say(&e, LAT_DIRT_NOTE, cases[i].note);
        }
        if (cases[i].has_midinote) {
            lat_osc_dirt_say(&e, LAT_DIRT_MIDINOTE, cases[i].midinote);
        }
        const uint32_t at = n_frames + 5000;
        play_at(&e, at);
        play(10048);
        cr_expect_eq(gate[at], 1.0F, "%zu", i);
        cr_expect_eq(gate[at - 1], 0.0F, "%zu", i);
        cr_expect_eq(pitch[at], cases[i].pitch, "%zu", i);
        cr_expect_eq(velocity[at], cases[i].velocity, "%zu", i);
    }
    struct lat_osc_dirt_event silent = note_of(0.0, 0.02);
    lat_osc_dirt_say(&silent, LAT_DIRT_GAIN, 0.0);
    const uint32_t from = n_frames;
    play_at(&silent, n_frames + 1000);
    play(4992);
    for (uint32_t f = from; f < n_frames; ++f) {
        cr_assert_eq(gate[f], 0.0F);
    }
}

// As messages.

static bool
is_told(const char *key, int count)
{
    char line[100];
    snprintf(line, sizeof(line), "\"%s\" %d\n", key, count);
    return strstr(osc_send("/status/engine", ""), line) != NULL;
}

Test(dirt, messages_are_played_and_not_answered)
{
    cr_expect_str_empty(osc_send("/dirt/play", "sssfsfsssb", "s", "keys",
                                 "note", 2.0, "cps", 0.5, "vowel", "a", "x", 4,
                                 "abcd"));
    cr_expect_str_empty(osc_send("/dirt/play", "SSsi", "s", "keys", "n", 4));
    cr_expect(is_told("dirt_played", 2));
    osc_bundle();
    osc_add("/dirt/play", "sssf", "s", "keys", "midinote", 64.5);
    osc_add("/dirt/play", "sssf", "s", "keys", "midinote", 67.0);
    cr_expect_str_empty(osc_send_bundle());
    cr_expect(is_told("dirt_played", 4));
    osc_bundle();
    osc_add("/dirt/play", "ss", "s", "keys");
    osc_add("/node/keys/channel", "i", 1);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 2\n");
}

Test(dirt, who_is_not_there_is_counted)
{
    for (int i = 0; i < 10; ++i) {
        cr_expect_str_empty(osc_send("/dirt/play", "ss", "s", "bd"));
        cr_expect_str_empty(osc_send("/dirt/play", "ss", "s", "g"));
    }
    cr_expect(is_told("dirt_unknown", 20));
    cr_expect(is_told("dirt_played", 0));
}

Test(dirt, wrong_messages_are_refused)
{
    static const char *const fail = "/fail \"/dirt/play\"";
    const char *answer = osc_send("/dirt/play", "sss", "s", "keys", "n");
    cr_expect_eq(strncmp(answer, fail, strlen(fail)), 0, "%s", answer);
    answer = osc_send("/dirt/play", "sssb", "s", "keys", "n", 4, "abcd");
    cr_expect_eq(strncmp(answer, fail, strlen(fail)), 0, "%s", answer);
    answer = osc_send("/dirt/play", "si", "n", 4);
    cr_expect(strstr(answer, "s is missing"), "%s", answer);
    answer = osc_send("/dirt/play", "sssf", "s", "keys", "note", 100.0);
    cr_expect(strstr(answer, "between 0 and 127"), "%s", answer);
    answer = osc_send("/dirt/play", "isis", 1, "keys", 2, "x");
    cr_expect_eq(strncmp(answer, fail, strlen(fail)), 0, "%s", answer);
}

Test(dirt, a_handshake_is_answered)
{
    cr_expect_str_eq(osc_send("/dirt/handshake", ""),
                     "/dirt/handshake/reply \"&controlBusIndices\"\n");
}

TestSuite(dirt_off, .init = osc_setup, .fini = osc_teardown);

Test(dirt_off, without_the_option_it_says_so)
{
    const char *answer = osc_send("/dirt/play", "ss", "s", "keys");
    cr_expect(strstr(answer, "--superdirt"), "%s", answer);
    answer = osc_send("/dirt/handshake", "");
    cr_expect(strstr(answer, "--superdirt"), "%s", answer);
    cr_expect_not(strstr(osc_send("/status/engine", ""), "dirt"));
}

// Samplers.

/// A sampler `drums` with the sounds kick and snare, hard left, into g/in_1, in
/// place of the keys.
static void
use_sampler(void)
{
    char path[1000];
    char *const folder = new_folder();
    static const char *const names[] = {"kick", "snare"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        cr_assert_eq(mkdir(path, 0700), 0);
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof(path), "%s/%s/%d.wav", folder, names[i], k);
            wav_write(path, 0.25F + 0.25F * (float)i + 0.125F * (float)k);
        }
    }
    cr_assert_eq(lat_sessions_new(osc_control, folder, &sessions), LAT_OK);
    cr_assert_eq(lat_sessions_add_sample_dir(sessions, folder), LAT_OK);
    free(folder);
    osc_use_sessions(sessions);
    osc_send("/node/free", "s", "keys");
    osc_send("/node/new", "sssssf", "sampler", "drums", "sounds", "kick snare",
             "pan", -1.0);
    osc_send("/connect", "ss", "drums/left", "g/in_1");
    play(1024);
}

/// Play a message as Tidal sends it, at a frame that is to come, with @p more
/// keys behind it.
static void
play_message(const char *s, const char *types, const char *key, double value,
             uint32_t frame)
{
    lat_control_begin(osc_control);
    const char *const answer =
        osc_send("/dirt/play", types, "cps", 0.5625, "cycle", 12.25, "delta",
                 0.4444, "orbit", 0, "s", s, key, value);
    cr_assert_str_eq(answer, "", "%s", answer);
    cr_assert_eq(lat_control_commit_at(osc_control, frame, &error), LAT_OK);
}

Test(dirt, a_sampler_plays_on_the_frame_what_tidal_sends)
{
    static const struct {
        const char *s, *key;
        double value;
        float first;
    } events[] = {
        {"kick", "n", 0, 0.25F},       {"snare", "n", 1, 0.625F},
        {"kick", "gain", 0.5, 0.125F}, {"kick:1", "n", 0, 0.375F},
        {"snare", "pan", 0.0, 0.5F},   {"kick", "begin", 0.5, 0.25F},
        {"kick", "speed", 2, 0.25F},   {"snare", "legato", 1, 0.5F},
    };
    use_sampler();
    uint32_t frames[LAT_COUNT(events)];
    for (size_t i = 0; i < LAT_COUNT(events); ++i) {
        frames[i] = n_frames + 1000 + 1333 * (uint32_t)i;
    }
    const uint32_t first = n_frames;
    for (size_t i = 0; i < LAT_COUNT(events); ++i) {
        play_message(events[i].s, "sfsfsfsisssf", events[i].key,
                     events[i].value, frames[i]);
    }
    play(12800);
    for (size_t i = 0; i < LAT_COUNT(events); ++i) {
        cr_expect_float_eq(gate[frames[i]], events[i].first, 1e-3, "%zu: %g", i,
                           (double)gate[frames[i]]);
        cr_expect_eq(gate[frames[i] - 1], 0.0F, "%zu", i);
    }
    for (uint32_t f = first; f < frames[0]; ++f) {
        cr_assert_eq(gate[f], 0.0F);
    }
}

Test(dirt, an_orbit_picks_its_sampler_and_a_name_a_node)
{
    use_sampler();
    osc_send("/node/new", "sssssisf", "sampler", "more", "sounds", "*", "orbit",
             3, "pan", -1.0);
    osc_send("/connect", "ss", "more/left", "g/in_2");
    osc_send("/node/new", "sssssf", "sampler", "own", "sample", "snare", "pan",
             -1.0);
    osc_send("/connect", "ss", "own/left", "g/in_3");
    play(1024);
    const uint32_t from = n_frames;
    osc_send("/dirt/play", "sssi", "s", "kick", "orbit", 3);
    osc_send("/dirt/play", "sssi", "s", "kick", "orbit", 7);
    osc_send("/dirt/play", "sssi", "s", "own", "n", 1);
    play(1024);
    cr_expect_float_eq(pitch[from], 0.25F, 1e-6);
    cr_expect_float_eq(gate[from], 0.25F, 1e-6, "no other orbit has it");
    cr_expect_float_eq(velocity[from], 0.625F, 1e-6);
    osc_send("/dirt/play", "ss", "s", "cowbell");
    cr_expect(is_told("dirt_unknown", 1));
    cr_expect(is_told("dirt_played", 3));
}

static void
start_at(void *data, uint64_t frame)
{
    (void)data;
    (void)frame;
}

Test(dirt, a_process_is_told_what_to_strike)
{
    use_sampler();
    const char *const name = "drums";
    const int64_t kick = (int64_t)lat_name_hash("kick", 4);
    const char *answer = osc_send("/strike", "shd", name, kick, 0.0);
    cr_expect(strstr(answer, "only a score may hold"), "%s", answer);
    osc_options.start = start_at;
    osc_use_sessions(sessions);
    play(1024);
    const uint32_t from = n_frames;
    answer = osc_send("/strike", "shdsf", name, kick, 0.0, "gain", 0.5);
    cr_expect_str_eq(answer, "/done \"/strike\"\n");
    play(1024);
    cr_expect_float_eq(gate[from], 0.125F, 1e-6);
    answer = osc_send("/strike", "shd", "drum", kick, 0.0);
    cr_expect(strstr(answer, "drums"), "the nearest is told: %s", answer);
    answer = osc_send("/strike", "shd", "g", kick, 0.0);
    cr_expect(strstr(answer, "which strikes no sounds"), "%s", answer);
    osc_options.start = NULL;
}
