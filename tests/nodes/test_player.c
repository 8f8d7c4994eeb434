// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The player: what is heard of a file at which frame, offline, where nothing is
// late, and with a disk that is.

#include "node/disk_counts.h"
#include "nodes/disk/service.h"
#include "support/patches.h"
#include "support/sound_files.h"

#include <criterion/criterion.h>
#include <sndfile.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONG = 60000 };

static void
setup(void)
{
    sound_files_begin();
    lat_disk_be_offline();
    sound_write("long.wav", 48000, 2, LONG);
    sound_write("other.wav", 48000, 1, LONG);
    sound_write("short.wav", 48000, 2, 1000);
}

TestSuite(player, .init = setup, .fini = sound_files_end, .timeout = 60);

/// A player `p` of a file, whose left or right is recorded.
static struct rig
player_with(uint32_t block, const char *file, const char *settings,
            const char *side)
{
    char lines[500];
    struct rig r = rig_new(block);
    snprintf(lines, sizeof(lines),
             "new player p file %s %s\n"
             "new audio_out main channels 1 limit off\n"
             "connect p/%s main",
             sound_path(file), settings, side);
    rig_do(&r, lines);
    rig_run(&r, 640, 64);
    return r;
}

/// Is the file heard at @p at from its frame @p first on?
static void
expect_file(const struct rig *r, uint32_t at, uint32_t channel, int64_t first,
            int64_t step, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        const uint32_t k = (uint32_t)(first + step * f);
        const float wanted = sound_sample(channel, k);
        cr_assert_eq(r->recorded[at + f], wanted, "frame %u: %g, not %g", f,
                     (double)r->recorded[at + f], (double)wanted);
    }
}

static void
expect_silence(const struct rig *r, uint32_t from, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        cr_assert_eq(r->recorded[from + f], 0.0F, "frame %u", f);
    }
}

/// The largest step from a frame to the next.
static float
steepest(const struct rig *r, uint32_t from, uint32_t n)
{
    float most = 0.0F;
    for (uint32_t f = from; f < from + n; f++) {
        const float d = fabsf(r->recorded[f + 1] - r->recorded[f]);
        most = d > most ? d : most;
    }
    return most;
}

Test(player, gives_a_file_as_it_is_and_ends_with_it)
{
    static const char *const sides[] = {"left", "right"};
    for (uint32_t c = 0; c < 2; c++) {
        struct rig r = player_with(64, "long.wav", "", sides[c]);
        expect_silence(&r, 0, 640);
        rig_do(&r, "set p play 1");
        const uint32_t from = r.n_frames;
        rig_run(&r, LONG + 2000, 64);
        expect_file(&r, from, c, 0, 1, LONG);
        expect_silence(&r, from + LONG, 2000);
        rig_free(&r);
    }
}

Test(player, gives_a_single_channel_on_both_sides)
{
    struct rig r = player_with(64, "other.wav", "play 1", "right");
    expect_file(&r, 320, 0, 320, 1, 320); // its cable has faded in
    rig_free(&r);
}

Test(player, begins_at_its_position_each_time_the_gate_opens)
{
    struct rig r = player_with(64, "long.wav", "position 0.5", "left");
    for (int turn = 0; turn < 3; turn++) {
        rig_do(&r, "set p play 1");
        const uint32_t from = r.n_frames;
        rig_run(&r, 5000, 64);
        expect_file(&r, from, 0, 24000, 1, 5000);
        rig_do(&r, "set p play 0");
        rig_run(&r, 640, 64);
        expect_silence(&r, r.n_frames - 320, 320); // after a fade of 5 ms
    }
    rig_free(&r);
}

Test(player, plays_backwards_and_stands)
{
    static const struct {
        const char *settings;
        int64_t first, step;
    } cases[] = {
        {"speed -1", LONG - 1, -1},
        {"speed -1 position 1", 48000, -1},
        {"speed 0 position 0.25", 12000, 0},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct rig r = player_with(64, "long.wav", cases[i].settings, "left");
        rig_do(&r, "set p play 1");
        const uint32_t from = r.n_frames;
        rig_run(&r, 15000, 64);
        expect_file(&r, from, 0, cases[i].first, cases[i].step, 15000);
        rig_free(&r);
    }
}

Test(player, goes_round)
{
    struct rig r = player_with(64, "short.wav", "loop yes", "right");
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 5500, 64);
    for (uint32_t turn = 0; turn < 5; turn++) {
        expect_file(&r, from + turn * 1000, 1, 0, 1, 1000);
    }
    rig_free(&r);
}

/// A slow wave, in which a click would show.
static void
write_wave(const char *name, int rate, double hz, uint32_t n)
{
    SF_INFO info = {.samplerate = rate,
                    .channels = 1,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *const file = sf_open(sound_path(name), SFM_WRITE, &info);
    for (uint32_t f = 0; f < n; f++) {
        const float x = (float)sin(2 * M_PI * hz * f / rate);
        sf_writef_float(file, &x, 1);
    }
    sf_close(file);
}

Test(player, brings_other_rates_to_its_own)
{
    write_wave("wave.wav", 44100, 441, 44100);
    struct rig r = player_with(64, "wave.wav", "loop yes", "left");
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 96000, 64);
    for (uint32_t f = 0; f < 90000; f++) { // also where the loop is joined
        const double wanted = sin(2 * M_PI * 441 * f / 48000.0);
        cr_assert_float_eq((double)r.recorded[from + f], wanted, 1e-4, "%u", f);
    }
    rig_free(&r);
}

/// How much of a frequency there is in 8192 frames from @p from on: 1 for a
/// sine that reaches 1.
static double
amount_of(const struct rig *r, uint32_t from, double hz)
{
    enum { N = 8192 };
    double re = 0;
    double im = 0;
    for (uint32_t f = 0; f < N; f++) {
        const double x =
            (double)r->recorded[from + f] * (1 - cos(2 * M_PI * f / N));
        re += x * cos(2 * M_PI * hz * f / 48000);
        im += x * sin(2 * M_PI * hz * f / 48000);
    }
    return hypot(re, im) * 2 / N;
}

// At 48 kHz; what a file has above half of that is not to come back below.
Test(player, leaves_out_what_is_too_high_where_a_file_goes_by_faster)
{
    static const struct {
        int rate;
        const char *settings;
        double hz, heard, least, most;
    } cases[] = {
        {96000, "", 1000, 1000, 0.999, 1.001},
        {96000, "", 17000, 17000, 0.99, 1.01},
        {96000, "", 30000, 18000, 0, 0.0005},
        {96000, "speed -0.9", 30000, 21000, 0, 0.0005},
        {192000, "", 60000, 12000, 0, 0.0005},
        {192000, "", 3000, 3000, 0.999, 1.001},
        {48000, "pitch 12", 7000, 14000, 0.99, 1.01},
        {48000, "speed 3", 12000, 12000, 0, 0.0005},
        {48000, "speed 7.9", 5000, 8500, 0, 0.0005},
        {48000, "speed -2.5 loop yes", 20000, 2000, 0, 0.0005},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        write_wave("wave.wav", cases[i].rate, cases[i].hz, 90000);
        struct rig r = player_with(64, "wave.wav", cases[i].settings, "left");
        rig_do(&r, "set p play 1");
        const uint32_t from = r.n_frames;
        rig_run(&r, 10000, 64);
        const double amount = amount_of(&r, from + 500, cases[i].heard);
        cr_expect(amount >= cases[i].least && amount <= cases[i].most,
                  "%zu: %g", i, amount);
        rig_free(&r);
    }
}

Test(player, goes_round_without_a_seam_where_a_file_goes_by_faster)
{
    static const uint32_t lengths[] = {480, 48, 4800, 8192 * 3};
    for (size_t i = 0; i < LAT_COUNT(lengths); i++) {
        const double hz = 48000.0 / lengths[i]; // one turn
        write_wave("wave.wav", 48000, hz, lengths[i]);
        struct rig r =
            player_with(64, "wave.wav", "loop yes speed 4.5", "left");
        rig_do(&r, "set p play 1");
        const uint32_t from = r.n_frames;
        rig_run(&r, 20000, 64);
        for (uint32_t f = 0; f < 20000; f++) {
            const double wanted = sin(2 * M_PI * hz * 4.5 * f / 48000.0);
            cr_assert_float_eq((double)r.recorded[from + f], wanted, 2e-3,
                               "%zu, frame %u", i, f);
        }
        rig_free(&r);
    }
}

Test(player, jumps_at_its_frame_and_without_a_click)
{
    write_wave("wave.wav", 48000, 100, 96000);
    struct rig r = player_with(64, "wave.wav", "play 1", "left");
    rig_run(&r, 4800, 64);
    const uint32_t from = r.n_frames;
    rig_do(&r, "set p position 1.0025");
    rig_run(&r, 4800, 64);
    cr_assert_lt(steepest(&r, from - 2, 1000), 0.03F);
    for (uint32_t f = 240; f < 4800; f++) {
        const double wanted = sin(2 * M_PI * 100 * (48120 + f) / 48000.0);
        cr_assert_float_eq((double)r.recorded[from + f], wanted, 1e-4, "%u", f);
    }
    rig_free(&r);
}

Test(player, fades_into_another_file_and_goes_on_in_one_that_is_read_again)
{
    char line[300];
    uint32_t n = 0;
    write_wave("wave.wav", 48000, 100, 96000);
    write_wave("slow.wav", 48000, 50, 96000);
    struct rig r = player_with(64, "wave.wav", "play 1", "left");
    rig_run(&r, 4800, 64);
    snprintf(line, sizeof(line), "set p file %s", sound_path("slow.wav"));
    const uint32_t changed = r.n_frames;
    rig_do(&r, line);
    rig_run(&r, 4800, 64);
    cr_assert_lt(steepest(&r, changed - 2, 1000), 0.03F);
    cr_assert_float_eq((double)r.recorded[changed + 1000],
                       sin(2 * M_PI * 50 * 1000 / 48000.0), 1e-5);
    const uint32_t again = r.n_frames;
    cr_assert_eq(lat_control_reload(r.c, &n, &r.error), LAT_OK);
    cr_expect_eq(n, 1);
    rig_run(&r, 4800, 64);
    cr_assert_lt(steepest(&r, again - 2, 1000), 0.03F);
    cr_assert_float_eq((double)r.recorded[again + 1000],
                       sin(2 * M_PI * 50 * 5800 / 48000.0), 1e-5);
    rig_do(&r, "free p");
    rig_run(&r, 640, 64);
    rig_free(&r);
}

Test(player, has_voices_that_play_each_its_own_place)
{
    struct rig r = player_with(
        64, "long.wav", "poly 3 position.2 0.25 position.3 0.5 play 1 play.3 0",
        "left");
    const uint32_t from = r.n_frames - 640; // the two others play by now
    rig_do(&r, "set p.3 play 1");
    rig_run(&r, 5000, 64);
    for (uint32_t f = r.n_frames - 5000; f < r.n_frames; f++) {
        const float wanted = sound_sample(0, f - from) +
                             sound_sample(0, 12000 + f - from) +
                             sound_sample(0, 24000 + f - (r.n_frames - 5000));
        cr_assert_float_eq(r.recorded[f], wanted, 1e-6, "frame %u", f);
    }
    // Fewer, and more again, while they play.
    rig_do(&r, "set p poly 1");
    rig_run(&r, 640, 64);
    const uint32_t alone = r.n_frames;
    rig_run(&r, 1000, 64);
    expect_file(&r, alone, 0, alone - from, 1, 1000);
    rig_do(&r, "set p poly 8");
    rig_run(&r, 5000, 64);
    rig_free(&r);
}

/// Starts, stops, jumps and speeds, by cables, so that they move in mid-span.
static struct rig
busy(uint32_t block, uint32_t period)
{
    struct rig r = player_with(block, "long.wav", "loop yes", "left");
    rig_do(&r, "new square gate freq 17\nconnect gate p/play\n"
               "new triangle where freq 3\nconnect where p/position 0.4\n"
               "new sine how freq 2\nconnect how p/speed 3");
    rig_run(&r, 96000, period);
    return r;
}

Test(player, gives_the_same_for_any_cutting)
{
    struct rig a = busy(64, 64);
    static const uint32_t cuts[][2] = {
        {1, 1}, {64, 777}, {64, 16}, {4096, 5000}};
    for (size_t i = 0; i < LAT_COUNT(cuts); i++) {
        struct rig b = busy(cuts[i][0], cuts[i][1]);
        rig_same_bits(&a, &b);
        rig_free(&b);
    }
    rig_free(&a);
}

/// Four files one after the other, the last three within a fade.
static struct rig
changed_often(uint32_t block, uint32_t period)
{
    static const char *const names[] = {"other.wav", "short.wav", "long.wav"};
    char line[300];
    struct rig r = player_with(block, "long.wav", "loop yes play 1", "left");
    rig_run(&r, 4800, period);
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        snprintf(line, sizeof(line), "set p file %s", sound_path(names[i]));
        rig_do(&r, line);
        rig_run(&r, 50, period);
    }
    rig_run(&r, 4800, period);
    return r;
}

Test(player, changes_files_at_the_same_frames_for_any_cutting)
{
    struct rig a = changed_often(64, 64);
    static const uint32_t cuts[][2] = {{1, 1}, {64, 777}, {4096, 5000}};
    for (size_t i = 0; i < LAT_COUNT(cuts); i++) {
        struct rig b = changed_often(cuts[i][0], cuts[i][1]);
        rig_same_bits(&a, &b);
        rig_free(&b);
    }
    rig_free(&a);
}

Test(player, is_silent_without_a_file_and_where_there_is_none)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new player p play 1\nnew audio_out main channels 1\n"
               "connect p/left main");
    rig_run(&r, 640, 64);
    expect_silence(&r, 0, 640);
    cr_assert_neq(rig_try(&r, "set p file /nowhere/none.wav"), LAT_OK);
    cr_expect(strstr(r.error.text, "none.wav"));
    rig_run(&r, 640, 64);
    expect_silence(&r, 640, 640);
    rig_free(&r);
}

Test(player, starts_when_its_file_comes)
{
    char line[300];
    struct rig r = rig_new(64);
    rig_do(&r, "new player p play 1 position 0.5\n"
               "new audio_out main channels 1 limit off\nconnect p/left main");
    rig_run(&r, 640, 64);
    snprintf(line, sizeof(line), "set p file %s", sound_path("long.wav"));
    rig_do(&r, line);
    const uint32_t from = r.n_frames;
    rig_run(&r, 640, 64);
    expect_file(&r, from, 0, 24000, 1, 640);
    rig_free(&r);
}

Test(player, is_silent_where_a_file_is_shorter_than_it_says)
{
    const char *const path = sound_path("cut.wav");
    sound_write("cut.wav", 48000, 2, 30000);
    cr_assert_eq(truncate(path, 44 + 10000 * 8), 0);
    struct rig r = player_with(64, "cut.wav", "", "left");
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 20000, 64);
    expect_file(&r, from, 0, 0, 1, 9900);
    expect_silence(&r, from + 10100, 9000);
    rig_free(&r);
}

// --- With a thread that reads ------------------------------------------------

static void
setup_thread(void)
{
    sound_files_begin();
}

TestSuite(player_late, .init = setup_thread, .fini = sound_files_end,
          .timeout = 60);

static void
wait_a_little(void)
{
    usleep(100000);
}

Test(player_late, plays_what_was_read_ahead_without_a_gap)
{
    sound_write("long.wav", 48000, 2, LONG);
    struct rig r = player_with(64, "long.wav", "", "left");
    wait_a_little();
    rig_run(&r, 64, 64); // takes note that it is there
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, LONG, 64);
    expect_file(&r, from, 0, 0, 1, LONG);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_late_reads), 0);
    rig_free(&r);
}

#ifdef LAT_TEST_HOOKS

Test(player_late, fades_where_the_disk_is_late_and_goes_on_in_time)
{
    enum { N = 400000 };
    write_wave("wave.wav", 48000, 100, N);
    struct rig r = player_with(64, "wave.wav", "", "left");
    wait_a_little();
    rig_run(&r, 64, 64);
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    lat_disk_pause(LAT_DISK_READS, true);
    rig_run(&r, 200000, 64);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_late_reads), 1);
    expect_silence(&r, r.n_frames - 30000, 30000);
    lat_disk_pause(LAT_DISK_READS, false);
    wait_a_little();
    rig_run(&r, 20000, 64);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_late_reads), 1);
    cr_assert_lt(steepest(&r, from, r.n_frames - from - 2), 0.03F);
    const uint32_t at = r.n_frames - 100;
    cr_assert_float_eq((double)r.recorded[at],
                       sin(2 * M_PI * 100 * (at - from) / 48000.0), 1e-5);
    rig_free(&r);
}

Test(player_late, goes_where_it_is_moved_when_that_is_read_and_in_time)
{
    enum { N = 400000 };
    write_wave("wave.wav", 48000, 100, N);
    struct rig r = player_with(64, "wave.wav", "", "left");
    wait_a_little();
    rig_run(&r, 64, 64);
    rig_do(&r, "set p play 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 4800, 64);
    lat_disk_pause(LAT_DISK_READS, true);
    const uint32_t moved = r.n_frames;
    rig_do(&r, "set p position 6.0025");
    rig_run(&r, 4800, 64);
    lat_disk_pause(LAT_DISK_READS, false);
    wait_a_little();
    rig_run(&r, 4800, 64);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_late_reads), 0);
    cr_assert_lt(steepest(&r, from, r.n_frames - from - 2), 0.03F);
    const uint32_t at = r.n_frames - 100;
    cr_assert_float_eq((double)r.recorded[at],
                       sin(2 * M_PI * 100 * (at - moved + 120) / 48000.0),
                       1e-3);
    rig_free(&r);
}

#endif // LAT_TEST_HOOKS
