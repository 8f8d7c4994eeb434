// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sounds as a sampler keeps them: folders, formats, rates, and files that are
// not what they say.

#include "nodes/sampler/sounds.h"

#include <criterion/criterion.h>
#include <sndfile.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void
setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-sounds.XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void
teardown(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

TestSuite(sampler_sounds, .init = setup, .fini = teardown);

static const char *
path_of(const char *name)
{
    static char path[200];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/// Channel c is a sine of 1000 * (c + 1) Hz at half of full scale.
static void
write_sound(const char *name, int format, int rate, int channels, int n)
{
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *file = sf_open(path_of(name), SFM_WRITE, &info);
    cr_assert(file, "%s", sf_strerror(NULL));
    for (int f = 0; f < n; f++) {
        float frame[8];
        for (int c = 0; c < channels; c++) {
            frame[c] = (float)(0.5 * sin(2 * M_PI * 1000 * (c + 1) * f / rate));
        }
        sf_writef_float(file, frame, 1);
    }
    sf_close(file);
}

static struct lat_sounds *
sounds_of(const char *name)
{
    void *sounds = NULL;
    struct lat_error error = {0};
    cr_assert_eq(lat_sounds_read(path_of(name), 48000, &sounds, &error), LAT_OK,
                 "%s", error.text);
    return sounds;
}

static const char *
refusal(const char *name, enum lat_status want)
{
    static struct lat_error error;
    void *sounds = NULL;
    error = (struct lat_error){0};
    cr_expect_eq(lat_sounds_read(path_of(name), 48000, &sounds, &error), want);
    cr_expect_null(sounds);
    return error.text;
}

/// How far a channel is from a sine of half of full scale.
static double
distance(const struct lat_sound *s, uint32_t channel, double hz)
{
    double worst = 0;
    for (uint32_t f = 500; f + 500 < s->n_frames; f++) {
        worst = fmax(worst, fabs((double)s->channels[channel][f] -
                                 0.5 * sin(2 * M_PI * hz * f / 48000)));
    }
    return worst;
}

Test(sampler_sounds, formats_rates_and_channels)
{
    static const struct {
        const char *name;
        int format, rate, channels;
        uint32_t n; // at 48 kHz
        double error;
    } cases[] = {
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 9600, 1e-7},
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 2, 9600, 1e-7},
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 8, 9600, 1e-6},
        {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 2, 9600, 4e-5},
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 192000, 1, 2400, 1e-4},
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 2, 10449, 1e-4},
        {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 22050, 1, 20898, 1e-4},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        write_sound(cases[i].name, cases[i].format, cases[i].rate,
                    cases[i].channels, 9600);
        struct lat_sounds *s = sounds_of(cases[i].name);
        const struct lat_sound *sound = &s->list[0];
        cr_expect_eq(s->n, 1);
        cr_expect_eq(sound->n_channels, cases[i].channels > 1 ? 2 : 1);
        cr_expect_leq(abs((int)sound->n_frames - (int)cases[i].n), 1,
                      "case %zu: %u frames", i, sound->n_frames);
        for (uint32_t c = 0; c < 2; c++) {
            const double hz = c < sound->n_channels ? 1000 * (c + 1) : 1000;
            cr_expect_lt(distance(sound, c, hz), cases[i].error, "case %zu: %g",
                         i, distance(sound, c, hz));
        }
        for (int k = 0; k < LAT_SOUND_EDGE; k++) {
            cr_expect_eq(sound->channels[0][-1 - k], 0.0F);
            cr_expect_eq(sound->channels[0][(int)sound->n_frames + k], 0.0F);
        }
        lat_sounds_forget(s);
    }
}

Test(sampler_sounds, a_folder_is_in_the_order_of_bytes)
{
    const int wav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    write_sound("b.wav", wav, 48000, 1, 20);
    write_sound("B.WAV", wav, 48000, 1, 10);
    write_sound("a10.wav", wav, 48000, 1, 30);
    write_sound("a9.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, 40);
    write_sound(".hidden.wav", wav, 48000, 1, 50);
    write_sound("readme.txt", wav, 48000, 1, 60);
    static const uint32_t want[] = {10, 30, 40, 20};
    struct lat_sounds *s = sounds_of("");
    cr_assert_eq(s->n, 4);
    for (uint32_t i = 0; i < 4; i++) {
        cr_expect_eq(s->list[i].n_frames, want[i]);
    }
    lat_sounds_forget(s);
}

static void
write_bytes(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(path_of(name), "wb");
    cr_assert(file);
    fwrite(bytes, 1, n, file);
    fclose(file);
}

Test(sampler_sounds, one_that_cannot_be_read_keeps_its_place)
{
    const int wav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    write_sound("a.wav", wav, 48000, 1, 20);
    write_bytes("b.wav", "nonsense", 8);
    write_sound("c.wav", wav, 48000, 1, 30);
    // Nobody ever writes into it.
    cr_assert_eq(mkfifo(path_of("d.wav"), 0600), 0);
    struct lat_sounds *s = sounds_of("");
    cr_assert_eq(s->n, 4);
    cr_expect_eq(s->list[3].n_frames, 0);
    cr_expect_eq(s->list[1].n_frames, 0);
    cr_expect_eq(s->list[2].n_frames, 30);
    lat_sounds_forget(s);
}

Test(sampler_sounds, a_header_that_promises_more_takes_no_memory)
{
    // 16 bits, mono, and a size of nearly 2 GiB, of which 100 frames are there.
    uint32_t head[11 + 50] = {0x46464952, 0x7fff0024, 0x45564157, 0x20746d66,
                              16,         0x00010001, 48000,      96000,
                              0x00100002, 0x61746164, 0x7fff0000};
    write_bytes("a.wav", head, sizeof(head));
    struct lat_sounds *s = sounds_of("a.wav");
    cr_expect_eq(s->list[0].n_frames, 100);
    lat_sounds_forget(s);
    write_bytes("a.wav", head, 44);
    s = sounds_of("a.wav");
    cr_expect_eq(s->list[0].n_frames, 0);
    lat_sounds_forget(s);
}

Test(sampler_sounds, what_is_no_number_is_silence)
{
    const float bad[] = {0.5F, NAN, INFINITY, -INFINITY, 0.25F};
    SF_INFO info = {.samplerate = 48000,
                    .channels = 1,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path_of("a.wav"), SFM_WRITE, &info);
    sf_writef_float(file, bad, 5);
    sf_close(file);
    struct lat_sounds *s = sounds_of("a.wav");
    const float want[] = {0.5F, 0, 0, 0, 0.25F};
    cr_assert_eq(s->list[0].n_frames, 5);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(s->list[0].channels[0][i], want[i]);
    }
    cr_expect_eq(s->list[0].peaks[0], 0.5F);
    lat_sounds_forget(s);
}

Test(sampler_sounds, refusals_name_the_file_and_the_remedy)
{
    write_bytes("a.wav", "nonsense", 8);
    cr_expect(strstr(refusal("a.wav", LAT_EINVAL), "a.wav ("));
    cr_expect(strstr(refusal("", LAT_EINVAL), "such as WAV or FLAC"));
    cr_expect(strstr(refusal("none", LAT_ENOTFOUND), "name a sound file"));
    cr_assert_eq(unlink(path_of("a.wav")), 0);
    cr_expect(strstr(refusal("", LAT_EINVAL), "has no sound files"));
}

Test(sampler_sounds, a_number_behind_the_name_is_left_to_who_plays)
{
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 20);
    struct lat_sounds *s = sounds_of("a.wav:12");
    cr_expect_eq(s->list[0].n_frames, 20);
    lat_sounds_forget(s);
    // A file of that very name comes first.
    write_sound("a.wav:12", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 30);
    s = sounds_of("a.wav:12");
    cr_expect_eq(s->list[0].n_frames, 30);
    lat_sounds_forget(s);
}

Test(sampler_sounds, what_is_forgotten_while_it_plays_waits)
{
    write_sound("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 20);
    struct lat_sounds *s = sounds_of("a.wav");
    lat_sounds_hold(s);
    lat_sounds_forget(s);
    lat_sounds_sweep();
    cr_expect_eq(s->list[0].n_frames, 20); // the sanitizer knows
    lat_sounds_release(s);
    lat_sounds_sweep();
}
