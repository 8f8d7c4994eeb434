// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "osc/score.h"
#include "osc/score_player.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define RATE   48000U
#define SECOND (UINT64_C(1) << 32U)

static uint8_t bytes[65536];
static size_t size;
static struct lat_score score;
static struct lat_error error;

static struct lat_control *control;
static struct lat_sessions *sessions;
static struct lat_score_player *player;

static void
make(void)
{
    const struct lat_control_options options = {
        .rate = RATE, .workers = 1, .is_offline = true};
    size = 0;
    score = (struct lat_score){0};
    lat_control_new(&options, &control, NULL);
    lat_sessions_new(control, "/nonexistent", &sessions);
    lat_score_player_new(control, sessions, false, &player);
}

static void
drop(void)
{
    lat_score_fini(&score);
    lat_score_player_free(player);
    lat_sessions_free(sessions);
    lat_control_free(control);
}

TestSuite(score, .init = make, .fini = drop);

// Writing scores.

static void
put(const void *data, size_t n)
{
    memcpy(bytes + size, data, n);
    size += n;
}

static void
put_number(uint64_t number, unsigned n)
{
    for (unsigned i = n; i-- > 0;) {
        bytes[size++] = (uint8_t)(number >> (8 * i));
    }
}

/// A bundle of messages without arguments, up to NULL.
static void
put_bundle(uint64_t tag, const char *const *paths)
{
    const size_t at = size;
    put_number(0, 4);
    put("#bundle", 8);
    put_number(tag, 8);
    for (; *paths; ++paths) {
        const size_t length = (strlen(*paths) / 4 + 1) * 4;
        put_number(length, 4);
        memset(bytes + size, 0, length);
        memcpy(bytes + size, *paths, strlen(*paths));
        size += length;
    }
    const size_t end = size;
    size = at;
    put_number(end - at - 4, 4);
    size = end;
}

static enum lat_status
read_it(void)
{
    FILE *const stream = fmemopen(bytes, size, "r");
    const enum lat_status status =
        lat_score_read(&score, stream, "a.osc", &error);
    fclose(stream);
    return status;
}

#define BUNDLE(tag, ...)                                                       \
 put_bundle(tag, (const char *const[]){__VA_ARGS__, NULL})

static void
expect_refused(const char *part)
{
    cr_expect_eq(read_it(), LAT_EINVAL);
    cr_expect(strstr(error.text, part), "%s", error.text);
    cr_expect(strstr(error.text, "a.osc"), "%s", error.text);
    cr_expect_null(score.bundles);
}

// Time.

Test(score, rounds_frames_half_up)
{
    // At 2 Hz a quarter of a second is half a frame.
    cr_expect_eq(lat_score_frame(SECOND / 4, 2), 1);
    cr_expect_eq(lat_score_frame(SECOND / 4 - 1, 2), 0);
    cr_expect_eq(lat_score_frame(3 * SECOND / 4, 2), 2);
    cr_expect_eq(lat_score_frame(5 * SECOND, RATE), 5 * RATE);
    cr_expect_eq(lat_score_frame(1, RATE), 0, "now is the start");
    cr_expect_eq(lat_score_frame((uint64_t)LAT_SCORE_MAX_S << 32U, 768000),
                 LAT_SCORE_MAX_S * UINT64_C(768000));
}

Test(score, finds_every_frame_again_from_its_tag)
{
    static const uint32_t rates[] = {8000,  11025, 44100,  48000,
                                     88200, 96000, 192000, 768000};
    srand(3);
    for (int i = 0; i < 100000; ++i) {
        const uint32_t rate = rates[i % 8];
        const uint64_t frame =
            (uint64_t)rand() % ((uint64_t)LAT_SCORE_MAX_S * rate);
        cr_assert_eq(lat_score_frame(lat_score_tag(frame, rate), rate), frame);
    }
}

Test(score, sorts_by_frames_and_keeps_the_file_order_of_one)
{
    BUNDLE(SECOND, "/a");
    BUNDLE(0, "/b");
    BUNDLE(SECOND - 1, "/c"); // rounds to the frame of the first
    BUNDLE(1, "/d");
    cr_assert_eq(read_it(), LAT_OK);
    lat_score_place(&score, RATE);
    static const uint32_t order[] = {2, 4, 1, 3};
    for (uint32_t i = 0; i < 4; ++i) {
        cr_expect_eq(score.bundles[i].number, order[i]);
    }
    cr_expect_eq(score.bundles[2].frame, RATE);
    cr_expect_eq(score.bundles[3].frame, RATE);
}

// Files that are none.

Test(score, refuses_what_is_no_score)
{
    expect_refused("is empty");
    put("RIFF", 4);
    put("junk", 4);
    expect_refused("length of bundle 1 (byte 0)");
    size = 0;
    put_number(16, 4);
    put("/not/a/bundle\0\0\0", 16);
    expect_refused("bundle 1");
    size = 0;
    BUNDLE(0, "/a");
    put_number(0x80000000U, 4);
    expect_refused("length of bundle 2 (byte 28)");
    size = 0;
    BUNDLE(0, "/a");
    put_number(18, 4);
    expect_refused("cannot be 18");
}

Test(score, refuses_one_that_is_cut_short)
{
    BUNDLE(0, "/a");
    const size_t first = size;
    BUNDLE(SECOND, "/b");
    const size_t whole = size;
    for (size = first + 1; size < whole; ++size) {
        expect_refused("cut short");
    }
    size = whole;
    cr_expect_eq(read_it(), LAT_OK);
}

Test(score, refuses_times_of_the_calendar)
{
    BUNDLE(UINT64_C(3989000000) << 32U, "/a");
    expect_refused("times count from 0");
}

Test(score, takes_any_bytes)
{
    srand(11);
    BUNDLE(0, "/journal");
    BUNDLE(SECOND, "/node/new", "/panic");
    uint8_t whole[256];
    const size_t n = size;
    memcpy(whole, bytes, n);
    for (int i = 0; i < 20000; ++i) {
        memcpy(bytes, whole, n);
        size = (size_t)rand() % (n + 1);
        for (int k = rand() % 6; k > 0; --k) {
            bytes[(size_t)rand() % n] = (uint8_t)rand();
        }
        if (!read_it()) {
            lat_score_place(&score, RATE);
            for (uint32_t b = 0; b < score.n; ++b) {
                (void)lat_score_play(player, &score.bundles[b], NULL);
            }
            lat_score_fini(&score);
        }
    }
}

// Carrying out.

static enum lat_status
play(uint32_t number)
{
    return lat_score_play(player, &score.bundles[number - 1], &error);
}

Test(score, leaves_out_what_begins_and_ends_one_of_supercollider)
{
    BUNDLE(0, "/g_new", "/panic");
    BUNDLE(1, "/c_set");
    BUNDLE(1, "/n_free");
    cr_assert_eq(read_it(), LAT_OK);
    const char *path = NULL;
    for (uint32_t i = 1; i <= 3; ++i) {
        cr_expect_eq(play(i), LAT_OK, "%s", error.text);
    }
    cr_expect_eq(lat_score_n_skipped(player, &path), 3);
    cr_expect_str_eq(path, "/g_new");
}

Test(score, lets_what_stands_alone_stand_alone)
{
    BUNDLE(0, "/session/new");
    BUNDLE(0, "/graph/clear");
    BUNDLE(0, "/session/new", "/panic");
    BUNDLE(0, "/quit");
    cr_assert_eq(read_it(), LAT_OK);
    cr_expect_eq(play(1), LAT_OK, "%s", error.text);
    cr_expect_eq(play(2), LAT_OK, "%s", error.text);
    cr_expect_eq(play(3), LAT_EINVAL);
    cr_expect(strstr(error.text, "/session/new: /session/new must be the only "
                                 "message of its bundle"),
              "%s", error.text);
    cr_expect_eq(play(4), LAT_EINVAL);
    cr_expect(strstr(error.text, "take /quit out"), "%s", error.text);
}

Test(score, does_all_of_a_bundle_or_nothing)
{
    BUNDLE(0, "/transport/stop", "/nonsense");
    cr_assert_eq(lat_control_play(control, true, NULL), LAT_OK);
    cr_assert_eq(read_it(), LAT_OK);
    cr_expect_eq(play(1), LAT_ENOTFOUND);
    cr_expect(strstr(error.text, "/nonsense: no message /nonsense"), "%s",
              error.text);
    cr_expect(lat_control_transport(control)->is_playing);
    cr_expect_not(lat_control_is_open(control));
}
