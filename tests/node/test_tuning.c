// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Scales and keyboard mappings are read as the Scala archive defines them.

#include "node/tuning.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THIRD (12.0 * log2(5.0 / 4.0))

static struct lat_scale *
scale_of(const char *text)
{
    struct lat_scale *scale = NULL;
    struct lat_error error = {0};
    cr_assert_eq(lat_scale_parse(text, strlen(text), "a.scl", &scale, &error),
                 LAT_OK, "%s", error.text);
    return scale;
}

static struct lat_keymap *
keymap_of(const char *text)
{
    struct lat_keymap *keymap = NULL;
    struct lat_error error = {0};
    cr_assert_eq(lat_keymap_parse(text, strlen(text), "a.kbm", &keymap, &error),
                 LAT_OK, "%s", error.text);
    return keymap;
}

static double
pitch_of(const struct lat_scale *scale, const struct lat_keymap *keymap,
         double key)
{
    double pitch = (double)NAN; // stays where the key is unmapped
    lat_tuning_pitch(scale, keymap, key, &pitch);
    return pitch;
}

#define EXPECT_PITCH(scale, keymap, key, wanted)                               \
 cr_expect_float_eq(pitch_of(scale, keymap, key), wanted, 1e-9,                \
                    "key %g: %.12g", (double)(key),                            \
                    pitch_of(scale, keymap, key))

/// Major in just ratios and cents, as files are written.
#define MAJOR                                                                  \
 "! major.scl\n!\nA major scale\n 7 \n!\n9/8\n 5/4  "                          \
 "third\n\t4/3\n701.955000865"                                                 \
 " cents\n5/3 ! sixth\n15/8\n2\n"

Test(tuning, without_files_is_equal)
{
    EXPECT_PITCH(NULL, NULL, 60, 0);
    EXPECT_PITCH(NULL, NULL, 69, 9);
    EXPECT_PITCH(NULL, NULL, -3, -63);
    EXPECT_PITCH(NULL, NULL, 61.25, 1.25);
}

Test(tuning, a_scale_alone_begins_at_middle_c)
{
    struct lat_scale *scale = scale_of(MAJOR);
    cr_assert_eq(scale->n, 7);
    EXPECT_PITCH(scale, NULL, 60, 0);
    EXPECT_PITCH(scale, NULL, 62, THIRD);
    EXPECT_PITCH(scale, NULL, 64, 7.01955000865);
    EXPECT_PITCH(scale, NULL, 67, 12);
    EXPECT_PITCH(scale, NULL, 59, 12.0 * log2(15.0 / 8.0) - 12);
    EXPECT_PITCH(scale, NULL, 60 - 7 * 3 + 2, THIRD - 36);
    EXPECT_PITCH(scale, NULL, 66.5, (12.0 * log2(15.0 / 8.0) + 12) / 2);
    free(scale);
}

Test(tuning, a_scale_keeps_its_order_and_may_be_of_any_period)
{
    struct lat_scale *scale =
        scale_of("\r\n3\r\n500.\r\n-20.5\r\n3/1"); // no newline at the end
    EXPECT_PITCH(scale, NULL, 61, 5);
    EXPECT_PITCH(scale, NULL, 62, -0.205);
    EXPECT_PITCH(scale, NULL, 63, 12 * log2(3));
    EXPECT_PITCH(scale, NULL, 65, 12 * log2(3) - 0.205);
    free(scale);
    scale = scale_of("only the first note\n0\n");
    EXPECT_PITCH(scale, NULL, 61, 0);
    free(scale);
    scale = scale_of("wide\n1\n2147483647/2147483646\n");
    EXPECT_PITCH(scale, NULL, 61, 12 * log2(2147483647.0 / 2147483646.0));
    free(scale);
}

/// Twelve keys, 0 to 127, the pattern from 60, a4 at 440 Hz, octave 12.
#define LINEAR "! map\n0\n0\n127\n60\n69\n440.0\n12\n"

Test(tuning, a_mapping_without_pattern_is_linear)
{
    struct lat_keymap *k = keymap_of(LINEAR);
    for (int key = 0; key < 128; ++key) {
        EXPECT_PITCH(NULL, k, key, key - 60);
    }
    free(k);
    // The reference holds whatever the scale.
    struct lat_scale *scale = scale_of(MAJOR);
    k = keymap_of("0\n0\n127\n60\n64\n442.5\n7\n");
    const double a = 12 * log2(442.5 / 261.6255653005986);
    EXPECT_PITCH(scale, k, 64, a);
    EXPECT_PITCH(scale, k, 60, a - 7.01955000865);
    EXPECT_PITCH(scale, k, 74, a - 7.01955000865 + 24);
    free(k);
    free(scale);
}

Test(tuning, a_pattern_maps_keys_to_degrees_or_to_nothing)
{
    struct lat_scale *scale = scale_of(MAJOR);
    // White keys; the last two, a#4 and b4, of which one is left out.
    struct lat_keymap *k =
        keymap_of("12\n0\n127\n60\n60\n261.6255653005986\n7\n"
                  "0\nx\n1\nx\n2\n3\nX\n4\nx\n5\nx\n6\n");
    EXPECT_PITCH(scale, k, 60, 0);
    EXPECT_PITCH(scale, k, 64, THIRD);
    EXPECT_PITCH(scale, k, 72, 12);
    EXPECT_PITCH(scale, k, 52, THIRD - 12);
    cr_expect(isnan(pitch_of(scale, k, 61)));
    cr_expect(isnan(pitch_of(scale, k, 61 - 24)));
    cr_expect(isnan(pitch_of(scale, k, 60.5)), "half way to no key");
    free(k);
    k = keymap_of("12\n0\n127\n60\n60\n261.6255653005986\n7\n0\n1\n");
    cr_expect(isnan(pitch_of(scale, k, 71)), "left out at the end");
    EXPECT_PITCH(scale, k, 73, 12.0 * log2(9.0 / 8.0) + 12);
    free(k);
    free(scale);
}

Test(tuning, a_pattern_may_be_larger_than_the_scale)
{
    struct lat_scale *scale = scale_of(MAJOR);
    // Ten keys over a formal octave of two: degrees beyond 7, and below 0.
    struct lat_keymap *k =
        keymap_of("5\n0\n127\n62\n62\n261.6255653005986\n14\n"
                  "0\n9\n-1\n2\n21\n");
    EXPECT_PITCH(scale, k, 62, 0);
    EXPECT_PITCH(scale, k, 63, THIRD + 12);
    EXPECT_PITCH(scale, k, 64, 12.0 * log2(15.0 / 8.0) - 12);
    EXPECT_PITCH(scale, k, 66, 36);
    EXPECT_PITCH(scale, k, 67, 24);
    EXPECT_PITCH(scale, k, 61, 36 - 24);
    free(k);
    free(scale);
}

Test(tuning, keys_outside_of_the_range_are_not_retuned)
{
    struct lat_scale *scale = scale_of(MAJOR);
    struct lat_keymap *k = keymap_of("0\n60\n66\n60\n60\n300\n7\n");
    const double c = 12 * log2(300 / 261.6255653005986);
    EXPECT_PITCH(scale, k, 60, c);
    EXPECT_PITCH(scale, k, 66, c + 12.0 * log2(15.0 / 8.0));
    EXPECT_PITCH(scale, k, 59, -1);
    EXPECT_PITCH(scale, k, 67, 7);
    free(k);
    free(scale);
}

Test(tuning, keys_far_away_are_unmapped)
{
    cr_expect(isnan(pitch_of(NULL, NULL, 1e9)));
    cr_expect(isnan(pitch_of(NULL, NULL, (double)-INFINITY)));
    cr_expect(isnan(pitch_of(NULL, NULL, (double)NAN)));
}

Test(tuning, what_is_wrong_is_named)
{
    static const struct {
        bool is_keymap;
        const char *text, *error;
    } cases[] = {
        {false, "", "a.scl ends where a description is wanted"},
        {false, "a\n", "a.scl ends where the number of notes"},
        {false, "a\nmany\n", "a.scl:2: 'many' stands where the number of"},
        {false, "a\n-1\n", "a.scl:2: '-1' stands where the number of notes"},
        {false, "a\n5000\n", "a.scl:2: '5000' stands where the number of"},
        {false, "a\n1.5\n", "a.scl:2: '1.5' stands where the number of"},
        {false, "a\n2\n!\n3/2\n", "a.scl ends where one more of the notes"},
        {false, "a\n1\n!\n-3/2\n", "a.scl:4: '-3/2' stands where a pitch"},
        {false, "a\n1\n0/2\n", "a.scl:3: '0/2' stands where a pitch"},
        {false, "a\n1\n3/0\n", "a.scl:3: '3/0' stands where a pitch"},
        {false, "a\n1\n3/\n", "a.scl:3: '3/' stands where a pitch"},
        {false, "a\n1\n3/2/1\n", "a.scl:3: '3/2/1' stands where a pitch"},
        {false, "a\n1\n1e2.\n", "a.scl:3: '1e2.' stands where a pitch"},
        {false, "a\n1\n1.2.3\n", "a.scl:3: '1.2.3' stands where a pitch"},
        {false, "a\n1\n\n", "a.scl:3: '' stands where a pitch"},
        {true, "", "a.kbm ends where the size of the pattern"},
        {true, "12\n0\n127\n60\n", "a.kbm ends where the key of which"},
        {true, "12\n0\n127\n60\n69\n0.0\n", "a.kbm:6: '0.0' stands where the"},
        {true, "1\n0\n127\n60\n60\n440\n12\ny\n", "a.kbm:8: 'y' stands where"},
        {true, "2\n0\n127\n60\n61\n440\n12\n0\nx\n", "key 61, of which the"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
        struct lat_scale *scale = NULL;
        struct lat_keymap *keymap = NULL;
        struct lat_error error = {0};
        const char *text = cases[i].text;
        const enum lat_status status =
            cases[i].is_keymap
                ? lat_keymap_parse(text, strlen(text), "a.kbm", &keymap, &error)
                : lat_scale_parse(text, strlen(text), "a.scl", &scale, &error);
        cr_expect_eq(status, LAT_EINVAL, "%s", text);
        cr_expect(strstr(error.text, cases[i].error), "%s", error.text);
        cr_expect_null(scale);
        cr_expect_null(keymap);
    }
}

Test(tuning, files_are_read_or_refused)
{
    char path[] = "/tmp/lattice-tuning-XXXXXX";
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs(MAJOR, file);
    fclose(file);
    void *data = NULL;
    struct lat_error error = {0};
    cr_assert_eq(lat_scale_prepare(path, 48000.0, &data, &error), LAT_OK);
    EXPECT_PITCH(data, NULL, 62, THIRD);
    free(data);
    data = NULL;
    cr_expect_eq(lat_keymap_prepare(path, 48000.0, &data, &error), LAT_EINVAL);
    cr_expect(strstr(error.text, "'A' stands where the size"), "%s",
              error.text);
    cr_assert_eq(truncate(path, LAT_TUNING_BYTES + 1), 0);
    cr_expect_eq(lat_scale_prepare(path, 48000.0, &data, &error), LAT_EINVAL);
    cr_expect(strstr(error.text, "is larger than 1 MiB"), "%s", error.text);
    unlink(path);
    cr_expect_eq(lat_scale_prepare(path, 48000.0, &data, &error),
                 LAT_ENOTFOUND);
    cr_expect_eq(lat_scale_prepare("/", 48000.0, &data, &error), LAT_EIO);
    cr_expect_null(data);
}
