// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sampler as a node: triggers, sounds that change while they play, cables
// at all of its inputs.

#include "support/patches.h"

#include <criterion/criterion.h>
#include <sndfile.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOUND = 4800 };

static char folder[64];

static float
sample(int sound, int frame)
{
    return (float)sin(2 * M_PI * frame / (40.0 + 20 * sound));
}

/// Write file @p number with sound @p sound.
static void
write_as(int number, int sound)
{
    char path[100];
    snprintf(path, sizeof(path), "%s/%d.wav", folder, number);
    SF_INFO info = {.samplerate = 48000,
                    .channels = 1,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    cr_assert(file);
    for (int f = 0; f < SOUND; f++) {
        const float x = sample(sound, f);
        sf_writef_float(file, &x, 1);
    }
    sf_close(file);
}

static void
setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-sampler.XXXXXX");
    cr_assert(mkdtemp(folder));
    for (int i = 0; i < 3; i++) {
        write_as(i, i);
    }
}

static void
teardown(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

TestSuite(sampler, .init = setup, .fini = teardown, .timeout = 60);

/// A sampler `s` hard left, into slot 0, with `settings`.
static struct rig
sampler_with(uint32_t block, const char *what, const char *settings)
{
    char lines[400];
    struct rig r = rig_new(block);
    snprintf(lines, sizeof(lines),
             "new sampler s pan -1 sample %s%s %s\n"
             "new audio_out main channels 1 limit off\n"
             "connect s/left main",
             folder, what, settings);
    rig_do(&r, lines);
    rig_run(&r, 640, 64);
    return r;
}

/// Is sound @p sound played from recorded frame @p from on, at @p height?
static void
expect_sound(const struct rig *r, uint32_t from, int sound, float height, int n)
{
    for (int f = 0; f < n; f++) {
        cr_assert_eq(r->recorded[from + (uint32_t)f], height * sample(sound, f),
                     "frame %d of sound %d: %g", f, sound,
                     (double)r->recorded[from + (uint32_t)f]);
    }
}

Test(sampler, plays_the_sound_that_its_name_and_n_say)
{
    static const struct {
        const char *what, *n;
        int sound;
    } cases[] = {{"", "0", 0},   {"", "1", 1},    {"", "2", 2},
                 {"", "3", 0},   {"", "-1", 2},   {"", "1.4", 1},
                 {":2", "0", 2}, {":2", "2", 1},  {"/1.wav", "7", 1},
                 {":9", "0", 0}, {"", "-3.6", 2}, {"", "-10000", 2}};
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct rig r = sampler_with(64, cases[i].what, "");
        char line[60];
        snprintf(line, sizeof(line), "set s n %s\nset s trigger 0.5",
                 cases[i].n);
        rig_do(&r, line);
        const uint32_t from = r.n_frames;
        rig_run(&r, 1000, 64);
        expect_sound(&r, from, cases[i].sound, 0.5F, 1000);
        rig_free(&r);
    }
}

Test(sampler, a_sound_that_is_replaced_rings_on)
{
    struct rig r = sampler_with(64, "/0.wav", "");
    char line[100];
    rig_do(&r, "set s trigger 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 640, 64);
    snprintf(line, sizeof(line), "set s sample %s/1.wav", folder);
    rig_do(&r, line);
    rig_run(&r, 5760, 64);
    expect_sound(&r, from, 0, 1.0F, SOUND);
    rig_do(&r, "set s trigger 1");
    const uint32_t then = r.n_frames;
    rig_run(&r, 1000, 64);
    expect_sound(&r, then, 1, 1.0F, 1000);
    rig_do(&r, "free s");
    rig_run(&r, 640, 64);
    rig_free(&r);
}

Test(sampler, reads_its_files_again_and_keeps_what_it_has_where_they_are_gone)
{
    struct rig r = sampler_with(64, "/0.wav", "");
    char path[100];
    uint32_t n = 0;
    rig_do(&r, "set s trigger 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 640, 64);
    snprintf(path, sizeof(path), "%s/0.wav", folder);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(lat_control_reload(r.c, &n, &r.error), LAT_OK);
    cr_expect_eq(n, 1);
    rig_run(&r, 640, 64);
    write_as(0, 2);
    cr_assert_eq(lat_control_reload(r.c, &n, &r.error), LAT_OK);
    rig_run(&r, 5120, 64);
    expect_sound(&r, from, 0, 1.0F, SOUND);
    rig_do(&r, "set s trigger 1");
    const uint32_t then = r.n_frames;
    rig_run(&r, 1000, 64);
    expect_sound(&r, then, 2, 1.0F, 1000);
    rig_free(&r);
}

Test(sampler, panic_silences_it_and_it_plays_again)
{
    struct rig r = sampler_with(64, "", "loop yes");
    rig_do(&r, "set s trigger 1");
    rig_run(&r, 640, 64);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    const uint32_t from = r.n_frames;
    rig_run(&r, 640, 64);
    for (uint32_t f = from; f < r.n_frames; f++) {
        cr_assert_eq(r.recorded[f], 0.0F);
    }
    rig_do(&r, "set s trigger 1");
    rig_run(&r, 640, 64);
    expect_sound(&r, r.n_frames - 640, 0, 1.0F, 640);
    rig_free(&r);
}

static void
patch_everything(struct rig *r)
{
    char lines[1200];
    snprintf(
        lines, sizeof(lines),
        "new impulse hits freq 31\n"
        "new impulse more freq 47\n"
        "new sine slow freq 3\n"
        "new sine fast freq 211\n"
        "new noise dice\n"
        "new sampler s sample %s voices 6\n"
        "new sampler t sample %s voices 3 loop held cut same steal oldest\n"
        "new audio_out main channels 1 limit off\n"
        "connect hits s/trigger\nconnect more s/trigger\n"
        "connect slow t/trigger\nconnect dice s/n 3\n"
        "connect dice t/begin\nconnect slow s/pitch 12\n"
        "connect fast t/pitch 2\nconnect slow s/speed 2\n"
        "connect dice s/end -1\nconnect fast s/pan\nconnect slow t/gain\n"
        "connect dice s/attack 0.01\nconnect dice s/release 0.02\n"
        "connect fast t/release 0.01\n"
        "connect s/left main\nconnect t/right main",
        folder, folder);
    rig_do(r, lines);
}

Test(sampler, however_time_is_cut_and_whatever_moves_the_bits_are_the_same)
{
    static const uint32_t blocks[] = {64, 1, 7, 1000};
    struct rig r[LAT_COUNT(blocks)];
    for (size_t i = 0; i < LAT_COUNT(blocks); i++) {
        r[i] = rig_new(blocks[i]);
        patch_everything(&r[i]);
        rig_run(&r[i], 24000, i == 3 ? 1000 : 64);
        cr_expect_eq(rig_first_difference(&r[0], &r[i]), 24000, "block %u",
                     blocks[i]);
    }
    double sum = 0;
    for (uint32_t f = 0; f < 24000; f++) {
        sum += fabs((double)r[0].recorded[f]);
    }
    cr_expect_gt(sum / 24000, 0.05, "there is something to hear");
    for (size_t i = 0; i < LAT_COUNT(blocks); i++) {
        rig_free(&r[i]);
    }
}

Test(sampler, without_a_sound_it_is_silent)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sampler s\nnew audio_out main channels 1\n"
               "connect s/left main\nset s trigger 1");
    rig_run(&r, 640, 64);
    for (uint32_t f = 0; f < r.n_frames; f++) {
        cr_assert_eq(r.recorded[f], 0.0F);
    }
    rig_free(&r);
}
