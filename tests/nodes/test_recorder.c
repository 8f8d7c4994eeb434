// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The recorder: which frames are in which file, and what happens where a disk
// is slow or full.

#include "node/disk_counts.h"
#include "nodes/disk/place.h"
#include "nodes/disk/recording.h"
#include "nodes/disk/service.h"
#include "nodes/disk/writer.h"
#include "support/patches.h"
#include "support/sound_files.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
setup(void)
{
    sound_files_begin();
    lat_disk_be_offline();
}

TestSuite(recorder, .init = setup, .fini = sound_files_end, .timeout = 60);
TestSuite(recorder_late, .init = sound_files_begin, .fini = sound_files_end,
          .timeout = 60);

static bool
is_there(const char *name)
{
    struct stat is;
    return stat(sound_path(name), &is) == 0;
}

/// A ramp, which names its frames: phasor into the left, a constant right.
static const char patch[] = "new phasor time cycles 4\n"
                            "new constant side value 0.25\n"
                            "new recorder tape file take.wav\n"
                            "new audio_out main channels 1 limit off\n"
                            "connect time main\nconnect time tape/left\n"
                            "connect side tape/right";

static struct rig
rig_of(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_do(&r, patch);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    return r;
}

/// End all, so that files are whole; what was heard stays.
static void
close_rig(struct rig *r)
{
    lat_control_free(r->c);
    r->c = NULL;
}

/// Does a file have what was heard from @p from on, and nothing else?
static void
expect_take(const struct rig *r, const char *name, uint32_t from, uint32_t n)
{
    uint32_t n_channels = 0;
    uint32_t n_frames = 0;
    float *const frames = sound_read(name, &n_channels, &n_frames);
    cr_assert_eq(n_channels, 2);
    cr_assert_eq(n_frames, n, "%s: %u frames, not %u", name, n_frames, n);
    for (uint32_t f = 0; f < n; f++) {
        cr_assert_eq(frames[2 * (size_t)f], r->recorded[from + f], "frame %u",
                     f);
        cr_assert_eq(frames[2 * (size_t)f + 1], 0.25F);
    }
    free(frames);
}

Test(recorder, takes_from_the_frame_on_at_which_its_gate_opens)
{
    struct rig r = rig_of(64);
    uint32_t from[100];
    uint32_t n[100];
    for (uint32_t i = 0; i < 100; i++) {
        from[i] = r.n_frames;
        n[i] = 37 + 13 * i;
        rig_do(&r, "set tape record 1");
        rig_run(&r, n[i], 64);
        rig_do(&r, "set tape record 0");
        rig_run(&r, 11 + i, 64);
    }
    close_rig(&r);
    expect_take(&r, "take.wav", from[0], n[0]);
    for (uint32_t i = 1; i < 100; i++) {
        char name[40];
        snprintf(name, sizeof(name), "take-%u.wav", i + 1);
        expect_take(&r, name, from[i], n[i]);
    }
    cr_expect_not(is_there("take-101.wav"));
    free(r.recorded);
}

Test(recorder, takes_the_same_for_any_cutting)
{
    static const uint32_t cuts[][2] = {
        {64, 64}, {1, 1}, {64, 999}, {4096, 7777}};
    float *first = NULL;
    uint32_t n_first = 0;
    for (size_t i = 0; i < LAT_COUNT(cuts); i++) {
        uint32_t n_channels = 0;
        uint32_t n = 0;
        struct rig r = rig_new(cuts[i][0]);
        rig_do(&r, "new sine s\nnew square gate freq 7.3\n"
                   "new recorder tape file same.wav\n"
                   "new audio_out main\nconnect s tape/left\n"
                   "connect gate tape/record");
        rig_run(&r, 40000, cuts[i][1]);
        rig_free(&r);
        float *const frames = sound_read("same-3.wav", &n_channels, &n);
        if (!first) {
            first = frames;
            n_first = n;
        } else {
            cr_assert_eq(n, n_first);
            cr_assert_arr_eq(frames, first, 2 * n * sizeof(float));
            free(frames);
        }
        for (int k = 1; k < 9; k++) {
            char name[40];
            snprintf(name, sizeof(name), k == 1 ? "same.wav" : "same-%d.wav",
                     k);
            (void)unlink(sound_path(name));
        }
    }
    free(first);
}

Test(recorder, has_voices_that_take_each_their_own)
{
    struct rig r = rig_of(64);
    rig_do(&r, "new constant two poly 2 value.1 0.25 value.2 0.5\n"
               "new recorder both poly 2 file both.wav\n"
               "connect two both/left\nconnect two both/right");
    rig_run(&r, 640, 64);
    rig_do(&r, "set both record 1");
    rig_run(&r, 1000, 64);
    rig_do(&r, "set both.1 record 0");
    rig_run(&r, 500, 64);
    rig_do(&r, "set both poly 1");
    rig_run(&r, 640, 64);
    close_rig(&r);
    static const char *const names[] = {"both.wav", "both-2.wav"};
    float sum = 0.0F;
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t n_channels = 0;
        uint32_t n = 0;
        float *const x = sound_read(names[i], &n_channels, &n);
        cr_expect(x[0] == 0.25F ? n == 1000 : n >= 1500, "%u", n);
        cr_expect_eq(x[0], x[2 * (size_t)n - 1]);
        sum += x[0];
        free(x);
    }
    cr_expect_eq(sum, 0.75F);
    cr_expect_not(is_there("both-3.wav"));
    free(r.recorded);
}

Test(recorder, leaves_a_whole_file_where_another_session_takes_over)
{
    struct rig r = rig_of(64);
    rig_do(&r, "set tape record 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_clear(r.c, &r.error), LAT_OK);
    rig_do(&r, patch);
    rig_do(&r, "set tape record 1");
    rig_run(&r, 1280, 64);
    close_rig(&r);
    uint32_t n_channels = 0;
    uint32_t n = 0;
    float *x = sound_read("take.wav", &n_channels, &n);
    cr_expect_geq(n, 1000);
    for (uint32_t f = 0; f < 1000; f++) {
        cr_assert_eq(x[2 * (size_t)f], r.recorded[from + f]);
    }
    free(x);
    x = sound_read("take-2.wav", &n_channels, &n);
    cr_expect_eq(n, 1280);
    free(x);
    free(r.recorded);
}

Test(recorder, overwrites_nothing)
{
    struct rig r = rig_of(64);
    FILE *const file = fopen(sound_path("take.wav"), "w");
    fputs("mine", file);
    fclose(file);
    cr_assert_eq(symlink("/dev/null", sound_path("take-2.wav")), 0);
    const uint32_t from = r.n_frames;
    rig_do(&r, "set tape record 1");
    rig_run(&r, 6400, 64);
    close_rig(&r);
    expect_take(&r, "take-3.wav", from, 6400);
    struct stat is;
    cr_assert_eq(stat(sound_path("take.wav"), &is), 0);
    cr_expect_eq(is.st_size, 4);
    free(r.recorded);
}

Test(recorder, writes_flac_by_its_name_and_the_next_name_at_the_next_start)
{
    struct rig r = rig_of(64);
    uint32_t n_channels = 0;
    uint32_t n = 0;
    rig_do(&r, "set tape file a.FLAC\nset tape record 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 6400, 64);
    rig_do(&r, "set tape file b.wav");
    rig_run(&r, 640, 64);
    rig_do(&r, "set tape record 0");
    rig_run(&r, 64, 64);
    rig_do(&r, "set tape record 1");
    rig_run(&r, 64, 64);
    close_rig(&r);
    float *const frames = sound_read("a.FLAC", &n_channels, &n);
    cr_assert_eq(n, 7040);
    for (uint32_t f = 0; f < n; f++) {
        cr_assert_float_eq(frames[2 * (size_t)f], r.recorded[from + f], 2e-7F);
    }
    cr_expect(is_there("b.wav"));
    free(frames);
    free(r.recorded);
}

Test(recorder, goes_on_through_a_panic)
{
    struct rig r = rig_of(64);
    const uint32_t from = r.n_frames;
    uint32_t n_channels = 0;
    uint32_t n = 0;
    rig_do(&r, "set tape record 1");
    rig_run(&r, 6400, 64);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 6400, 64);
    rig_do(&r, "set tape record 0");
    rig_run(&r, 6400, 64);
    close_rig(&r);
    float *const frames = sound_read("take.wav", &n_channels, &n);
    cr_expect_eq(n, r.n_frames - from - 6400);
    free(frames);
    free(r.recorded);
}

Test(recorder, takes_only_names_inside_of_its_folder)
{
    static const struct {
        const char *name;
        const char *said; ///< NULL: it is taken
    } cases[] = {
        {"take.wav", NULL},
        {"a b (3).flac", NULL},
        {"sub/take.wav", NULL},
        {"take", "let it end in .wav or .flac"},
        {"take.mp3", "let it end in .wav or .flac"},
        {".wav", "let it end in .wav or .flac"},
        {"", "let it end in"},
        {"/tmp/take.wav", "--record-dir"},
        {"../take.wav", "--record-dir"},
        {"a/../../take.wav", "--record-dir"},
        {"a/./take.wav", "--record-dir"},
        {"a//take.wav", "--record-dir"},
        {".take.wav", "--record-dir"},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct lat_error error = {0};
        const enum lat_status status =
            lat_recording_check_name(cases[i].name, &error);
        cr_expect_eq(status, cases[i].said ? LAT_EINVAL : LAT_OK, "'%s'",
                     cases[i].name);
        cr_expect(!cases[i].said || strstr(error.text, cases[i].said),
                  "'%s': %s", cases[i].name, error.text);
    }
    char longest[400];
    memset(longest, 'a', sizeof(longest));
    strcpy(longest + 300, ".wav");
    cr_expect_eq(lat_recording_check_name(longest, NULL), LAT_EINVAL);
}

Test(recorder, follows_no_link_below_its_folder)
{
    struct rig r = rig_of(64);
    cr_assert_eq(symlink("/tmp", sound_path("out")), 0);
    rig_do(&r, "set tape file out/lattice-escaped.wav\nset tape record 1");
    rig_run(&r, 6400, 64);
    rig_free(&r);
    cr_expect_neq(access("/tmp/lattice-escaped.wav", F_OK), 0);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_failed_recordings), 1);
}

Test(recorder, says_where_it_cannot_write_and_the_sound_goes_on)
{
    struct rig r = rig_of(64);
    cr_assert_eq(lat_recording_set_folder("/proc/lattice"), LAT_OK);
    rig_do(&r, "set tape record 1");
    const uint32_t from = r.n_frames;
    rig_run(&r, 200000, 64);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_failed_recordings), 1);
    cr_expect_gt(r.recorded[r.n_frames - 1], r.recorded[from]);
    rig_free(&r);
}

Test(recorder, tells_why_its_folder_cannot_be_made)
{
    char closed[400];
    char folder[440];
    snprintf(closed, sizeof(closed), "%s", sound_path("closed"));
    snprintf(folder, sizeof(folder), "%s/of/recordings", closed);
    cr_assert_eq(mkdir(closed, 0555), 0);
    cr_assert_eq(lat_recording_set_folder(folder), LAT_OK);
    const bool is_root = !geteuid();
    cr_assert(!is_root || !seteuid(65534)); // whom it keeps out
    struct lat_error error = {0};
    char *path = NULL;
    cr_expect_eq(lat_disk_place_in_folder("take.wav", &path, &error), -1);
    cr_expect(strstr(error.text, "Permission denied; make room, or choose"),
              "%s", error.text);
    cr_assert(!is_root || !seteuid(0));
}

// --- With a thread that writes -----------------------------------------------

Test(recorder_late, writes_all_while_it_goes_and_at_the_end)
{
    struct rig r = rig_of(64);
    const uint32_t from = r.n_frames;
    rig_do(&r, "set tape record 1");
    for (int i = 0; i < 40; i++) {
        rig_run(&r, 6400, 64);
        usleep(5000);
    }
    const uint32_t n = r.n_frames - from;
    rig_do(&r, "free tape");
    rig_run(&r, 640, 64);
    lat_control_tick(r.c);
    rig_free(&r);
    cr_assert(lat_disk_finish(LAT_DISK_WRITES, UINT64_C(5000000000)));
    cr_expect_eq(atomic_load(&lat_disk_counts.n_lost_frames), 0);
    uint32_t n_channels = 0;
    uint32_t n_frames = 0;
    float *const frames = sound_read("take.wav", &n_channels, &n_frames);
    cr_expect_geq(n_frames, n);
    free(frames);
}

#ifdef LAT_TEST_HOOKS

Test(recorder_late, counts_what_is_lost_and_is_silent_there)
{
    enum { BEFORE = 4800, LONG = 200000, AFTER = 48000 };
    struct rig r = rig_of(64);
    const uint32_t from = r.n_frames;
    rig_do(&r, "set tape record 1");
    rig_run(&r, BEFORE, 64);
    lat_disk_pause(LAT_DISK_WRITES, true);
    rig_run(&r, LONG, 64); // more than its ring holds
    lat_disk_pause(LAT_DISK_WRITES, false);
    usleep(300000);
    rig_run(&r, AFTER, 64);
    rig_do(&r, "set tape record 0");
    const uint32_t n = r.n_frames - from;
    rig_run(&r, 64, 64);
    rig_do(&r, "free tape");
    rig_run(&r, 640, 64);
    lat_control_tick(r.c);
    const uint64_t n_lost = atomic_load(&lat_disk_counts.n_lost_frames);
    cr_assert_gt(n_lost, 1000);
    cr_assert_lt(n_lost, LONG);
    const float *const heard = r.recorded + from;
    lat_control_free(r.c);
    cr_assert(lat_disk_finish(LAT_DISK_WRITES, UINT64_C(5000000000)));
    uint32_t n_channels = 0;
    uint32_t n_frames = 0;
    float *const frames = sound_read("take.wav", &n_channels, &n_frames);
    cr_assert_eq(n_frames, n);
    uint64_t n_silent = 0;
    for (uint32_t f = 0; f < n; f++) {
        if (frames[2 * (size_t)f + 1] == 0.0F) {
            ++n_silent;
        } else {
            cr_assert_eq(frames[2 * (size_t)f], heard[f], "frame %u", f);
        }
    }
    cr_expect_eq(n_silent, n_lost);
    free(frames);
    free(r.recorded);
}

#endif // LAT_TEST_HOOKS

/// Frames of one channel, each its number.
static void
add_numbers(struct lat_recording *s, uint32_t first, uint32_t n)
{
    float numbers[64];
    const float *const channels[] = {numbers};
    for (uint32_t f = 0; f < n; f += 64) {
        for (uint32_t i = 0; i < 64; i++) {
            numbers[i] = (float)(first + f + i);
        }
        lat_recording_add(s, channels, NULL, 64);
    }
}

Test(recorder, writes_the_last_of_what_it_keeps_and_keeps_no_more)
{
    enum { KEPT = 300000, ALL = 64 * 20000 };
    struct lat_recording *s = NULL;
    struct lat_error error;
    char *path = NULL;
    uint32_t n_channels = 0;
    uint32_t n = 0;
    cr_assert_eq(lat_recording_new(48000, 1, &s), LAT_OK);
    lat_recording_keep(s, KEPT);
    add_numbers(s, 0, ALL);
    cr_assert_eq(lat_recording_write_last(s, 100000, &path, &error), LAT_OK);
    cr_assert_neq(lat_recording_write_last(s, 5, &path, &error), LAT_OK);
    cr_expect(strstr(error.text, "ask again"));
    lat_recording_free(s);
    float *const frames = sound_read(strrchr(path, '/') + 1, &n_channels, &n);
    cr_assert_eq(n, 100000);
    for (uint32_t f = 1; f < n; f++) {
        cr_assert_eq(frames[f], frames[f - 1] + 1);
    }
    cr_expect_gt(frames[n - 1], ALL - 200.0F);
    free(frames);
    free(path);
}

Test(recorder, leaves_no_file_where_a_disk_is_full)
{
    static const struct rlimit none = {.rlim_cur = 0,
                                       .rlim_max = RLIM_INFINITY};
    struct lat_writer *w = NULL;
    struct lat_error error;
    const int fd = open(sound_path("none.wav"), O_WRONLY | O_CREAT, 0600);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    cr_expect_eq(lat_writer_new(fd, strdup(sound_path("none.wav")), 48000, 2,
                                &w, &error),
                 LAT_EIO);
    cr_expect(strstr(error.text, "make room"), "%s", error.text);
    cr_expect(!is_there("none.wav"));
}

Test(recorder, ends_where_a_disk_is_full)
{
    static const struct rlimit small = {.rlim_cur = 100000,
                                        .rlim_max = RLIM_INFINITY};
    struct rig r = rig_of(64);
    uint32_t n_channels = 0;
    uint32_t n = 0;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    const uint32_t from = r.n_frames;
    rig_do(&r, "set tape record 1");
    rig_run(&r, 100000, 64);
    close_rig(&r);
    cr_expect_eq(atomic_load(&lat_disk_counts.n_failed_recordings), 1);
    float *const frames = sound_read("take.wav", &n_channels, &n);
    cr_assert_gt(n, 10000);
    for (uint32_t f = 0; f < 10000; f++) {
        cr_assert_eq(frames[2 * (size_t)f], r.recorded[from + f]);
    }
    free(frames);
    free(r.recorded);
}
