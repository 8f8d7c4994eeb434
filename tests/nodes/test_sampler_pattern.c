// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sampler's own pattern: which sound begins at which frame, and how.

#include "nodes/sampler/banks.h"
#include "support/patches.h"
#include "support/wav.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// At 120 beats a minute, four of them a cycle.
#define CYCLE 96000U

static char folder[64];

static void
write_sound(const char *name, float first)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    wav_write(path, first);
}

static enum lat_status
find(void *data, const struct lat_setting *setting, const char *name,
     struct lat_origin by, char **path, struct lat_error *error)
{
    (void)data;
    (void)setting;
    (void)by;
    (void)error;
    return asprintf(path, "%s/%s", folder, name) < 0 ? LAT_ENOMEM : LAT_OK;
}

static enum lat_status
list(void *data, void (*each)(void *data, const char *name), void *each_data)
{
    (void)data;
    each(each_data, "kick");
    each(each_data, "snare");
    return LAT_OK;
}

static void
setup(void)
{
    char path[200];
    snprintf(folder, sizeof(folder), "/tmp/lattice-kit.XXXXXX");
    cr_assert(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, i ? "snare" : "kick");
        cr_assert_eq(mkdir(path, 0700), 0);
    }
    write_sound("kick/0.wav", 0.25F);
    write_sound("kick/1.wav", 0.375F);
    write_sound("snare/0.wav", 0.5F);
}

static void
teardown(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

TestSuite(sampler_pattern, .init = setup, .fini = teardown, .timeout = 120);

/// A sampler `s` hard left, into slot 0, that plays a pattern from frame 0 on.
static struct rig
kit_rig(uint32_t block, const char *pattern, const char *param,
        const char *text)
{
    const struct lat_file_finder finder = {.find = find, .list = list};
    struct rig r = rig_new(block);
    lat_control_set_finder(r.c, &finder);
    lat_control_begin(r.c);
    rig_do(&r, "new sampler s pan -1\n"
               "new audio_out main channels 1 limit off\n"
               "connect s/left main");
    rig_set_text(&r, "s", "pattern", pattern);
    if (param) {
        rig_set_text(&r, "s", param, text);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    return r;
}

struct onset {
    uint32_t frame;
    float first;
};

/// Onsets are where these are, and nothing sounds elsewhere: sounds have 100
/// frames.
static void
expect_onsets(const struct rig *r, const struct onset *wanted, uint32_t n)
{
    uint32_t k = 0;
    uint32_t end = 0;
    for (uint32_t f = 0; f < r->n_frames; f++) {
        const bool begins = k < n && wanted[k].frame == f;
        if (begins) {
            cr_assert_float_eq(r->recorded[f], wanted[k].first, 1e-6,
                               "frame %u: %g", f, (double)r->recorded[f]);
            end = f + 100;
            ++k;
        }
        cr_assert(f < end || r->recorded[f] == 0.0F, "frame %u: %g", f,
                  (double)r->recorded[f]);
    }
    cr_assert_eq(k, n);
}

Test(sampler_pattern, plays_sounds_by_name_and_number_on_their_frames)
{
    static const struct onset wanted[] = {
        {0, 0.25F},
        {CYCLE / 4, 0.5F},
        {CYCLE * 3 / 8, 0.5F},
        {CYCLE * 3 / 4, 0.375F},
        {CYCLE, 0.25F},
        {CYCLE + CYCLE / 4, 0.5F},
        {CYCLE + CYCLE * 3 / 8, 0.5F},
        {CYCLE + CYCLE * 3 / 4, 0.25F},
    };
    static const uint32_t periods[] = {64, 441, 4096};
    for (size_t i = 0; i < LAT_COUNT(periods); i++) {
        struct rig r =
            kit_rig(64, "kick [snare snare] ~ kick:<1 2>", NULL, NULL);
        rig_run(&r, 2 * CYCLE, periods[i]);
        expect_onsets(&r, wanted, LAT_COUNT(wanted));
        rig_free(&r);
    }
}

Test(sampler_pattern, patterns_beside_it_say_how_each_event_sounds)
{
    static const struct {
        const char *param, *text;
        float first[2]; ///< of events at 0 and half a cycle
    } cases[] = {
        {"gain_pattern", "0.5 2", {0.125F, 0.5F}},
        {"gain_pattern", "<0.5 2>", {0.125F, 0.125F}},
        {"gain_pattern", "1 ~", {0.25F, 0.25F}},
        {"gain_pattern", "1 0", {0.25F, 0.0F}},
        {"n_pattern", "1 0", {0.375F, 0.25F}},
        {"pan_pattern", "0 2", {0.25F, 0.0F}},
        {"speed_pattern", "-1 1", {0.25F + 99 / 65536.0F, 0.25F}},
        {"begin_pattern", "0.5 0", {0.25F + 50 / 65536.0F, 0.25F}},
        {"end_pattern", "1 1", {0.25F, 0.25F}},
        {"attack_pattern", "0 0.001", {0.25F, 0.0F}},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct rig r = kit_rig(64, "kick kick", cases[i].param, cases[i].text);
        rig_run(&r, CYCLE, 64);
        for (uint32_t k = 0; k < 2; k++) {
            cr_expect_float_eq(r.recorded[k * CYCLE / 2], cases[i].first[k],
                               1e-5, "%s = %s, event %u: %g", cases[i].param,
                               cases[i].text, k,
                               (double)r.recorded[k * CYCLE / 2]);
        }
        rig_free(&r);
    }
}

Test(sampler_pattern, a_pitch_and_a_speed_change_how_long_it_is)
{
    struct rig r = kit_rig(64, "kick kick", "pitch_pattern", "12 -12");
    rig_run(&r, CYCLE, 64);
    cr_expect_neq(r.recorded[49], 0.0F);
    cr_expect_eq(r.recorded[50], 0.0F);
    cr_expect_neq(r.recorded[CYCLE / 2 + 199], 0.0F);
    cr_expect_eq(r.recorded[CYCLE / 2 + 200], 0.0F);
    rig_free(&r);
}

Test(sampler_pattern, the_trigger_plays_at_the_same_time)
{
    struct rig r = kit_rig(64, "~ kick", NULL, NULL);
    rig_do(&r, "set s sample snare\nset s trigger 0.5");
    rig_run(&r, CYCLE, 64);
    const struct onset wanted[] = {{0, 0.25F}, {CYCLE / 2, 0.25F}};
    expect_onsets(&r, wanted, 2);
    rig_free(&r);
}

Test(sampler_pattern, one_that_is_replaced_loses_no_beat)
{
    struct rig r = kit_rig(64, "kick*8", NULL, NULL);
    rig_run(&r, CYCLE / 4 + 640, 64);
    rig_set_text(&r, "s", "pattern", "snare*8");
    rig_run(&r, CYCLE / 4, 64);
    rig_set_text(&r, "s", "swap", "cycle");
    rig_set_text(&r, "s", "pattern", "kick*16");
    rig_run(&r, CYCLE, 64);
    uint32_t n = 0;
    for (uint32_t f = 0; f < r.n_frames; f += CYCLE / 16) {
        const bool is_even = f % (CYCLE / 8) == 0;
        const float first = f >= CYCLE       ? 0.25F
                            : !is_even       ? 0.0F
                            : f <= CYCLE / 4 ? 0.25F
                                             : 0.5F;
        cr_expect_float_eq(r.recorded[f], first, 1e-6, "frame %u: %g", f,
                           (double)r.recorded[f]);
        ++n;
    }
    cr_expect_gt(n, 20);
    rig_free(&r);
}

Test(sampler_pattern, what_is_refused_says_where_and_changes_nothing)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"kick snar", "column 6: no sound is called 'snar'; did you mean "
                      "'snare'?"},
        {"kick xyzzy", "column 6: no sound is called 'xyzzy'"},
        {"kick 1", "column 6: a number names no sound"},
        {"kick [1 .. 3]", "a number names no sound"},
        {"kick [snare", "column 12"},
        {"", "empty"},
    };
    struct rig r = kit_rig(64, "kick*4", NULL, NULL);
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        char text[1024];
        struct lat_value value;
        cr_expect(rig_try_text(&r, "s", "pattern", cases[i].text), "%s",
                  cases[i].text);
        cr_expect(strstr(r.error.text, cases[i].why), "%s: %s", cases[i].text,
                  r.error.text);
        cr_assert_eq(lat_control_param_get(r.c, "s", "pattern", text,
                                           sizeof(text), &value, &r.error),
                     LAT_OK);
        cr_expect_str_eq(text, "kick*4");
    }
    cr_expect(!rig_try_text(&r, "s", "pattern", "kick*<1 2> snare(3,8) ~"),
              "%s", r.error.text);
    rig_free(&r);
}

Test(sampler_pattern, a_list_or_a_track_that_is_wrong_is_refused)
{
    struct rig r = kit_rig(64, "~", NULL, NULL);
    cr_expect(rig_try_text(&r, "s", "sounds", "kick nothing"));
    cr_expect(strstr(r.error.text, "column 6"), "%s", r.error.text);
    cr_expect(!rig_try_text(&r, "s", "sounds", "*"), "%s", r.error.text);
    cr_expect(rig_try_text(&r, "s", "gain_pattern", "loud"));
    cr_expect(strstr(r.error.text, "column 1"), "%s", r.error.text);
    char many[2400];
    for (size_t i = 0; i + 1 < sizeof(many); i++) {
        many[i] = i % 2 ? ',' : '1';
    }
    many[sizeof(many) - 1] = '\0';
    cr_expect(rig_try_text(&r, "s", "gain_pattern", many));
    cr_expect(strstr(r.error.text, "too much at once"), "%s", r.error.text);
    cr_expect(!rig_try_text(&r, "s", "gain_pattern", ""), "%s", r.error.text);
    rig_free(&r);
}

static void
set_up_bits(struct rig *r)
{
    rig_set_text(r, "s", "gain_pattern", "1 0.5 0.7");
    rig_set_text(r, "s", "pan_pattern", "<-0.5 0.5>*4");
    rig_set_text(r, "s", "speed_pattern", "1 0.37 -1.5");
    rig_set_text(r, "s", "with", "every 2 rev | fast 3");
    rig_set_text(r, "s", "loop", "held");
}

Test(sampler_pattern, where_files_lie_is_said_to_who_has_no_folders_alone)
{
    char text[200];
    struct rig r = kit_rig(64, "~", NULL, NULL);
    snprintf(text, sizeof(text), "kick*2\x1fkick\x1f%s/snare", folder);
    cr_expect(rig_try_text(&r, "s", "pattern", text));
    cr_expect(strstr(r.error.text, "control byte"), "%s", r.error.text);
    lat_control_set_finder(r.c, &(struct lat_file_finder){.find = NULL});
    rig_set_text(&r, "s", "pattern", text);
    rig_run(&r, CYCLE, 64);
    const struct onset wanted[] = {{0, 0.5F}, {CYCLE / 2, 0.5F}};
    expect_onsets(&r, wanted, 2);
    rig_free(&r);
}

Test(sampler_pattern, however_time_is_cut_the_bits_are_the_same)
{
    struct rig a = kit_rig(64, "kick(5,8) , snare*3", NULL, NULL);
    struct rig b = kit_rig(1024, "kick(5,8) , snare*3", NULL, NULL);
    set_up_bits(&a);
    set_up_bits(&b);
    rig_run(&a, 2 * CYCLE, 64);
    rig_run(&b, 2 * CYCLE, 1000);
    rig_same_bits(&a, &b);
    rig_free(&a);
    rig_free(&b);
}

Test(sampler_pattern, a_stop_ends_what_is_held_and_plays_no_more)
{
    struct rig r = kit_rig(64, "kick", "loop", "held");
    rig_run(&r, 6400, 64);
    cr_expect_neq(r.recorded[6399], 0.0F, "it goes round");
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, CYCLE, 64);
    for (uint32_t f = 6400 + 640; f < r.n_frames; f++) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u", f);
    }
    rig_free(&r);
}

// --- What is in memory -------------------------------------------------------

static bool
is_in_memory(const char *name)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return lat_bank_is_at_hand(path, 48000.0);
}

/// Let a little time pass.
static void
pass(struct rig *r)
{
    rig_run(r, 1280, 64);
    lat_control_tick(r->c);
    rig_run(r, 64, 64);
    lat_control_tick(r->c);
}

Test(sampler_pattern, what_nobody_plays_any_more_leaves_memory)
{
    char text[60] = "kick";
    uint32_t n = 0;
    struct rig r = kit_rig(64, "kick kick", "sounds", "snare");
    pass(&r);
    cr_expect(is_in_memory("kick") && is_in_memory("snare"));
    rig_set_text(&r, "s", "sounds", "");
    pass(&r);
    cr_expect_not(is_in_memory("snare"));
    // What plays may go on with a few that were there before.
    rig_set_text(&r, "s", "pattern", "snare");
    pass(&r);
    cr_expect(is_in_memory("snare"));
    for (int i = 0; i < 8; i++) {
        strcat(text, " kick");
        rig_set_text(&r, "s", "pattern", text);
        pass(&r);
    }
    cr_expect_not(is_in_memory("snare"));
    write_sound("kick/0.wav", 0.625F);
    cr_assert_eq(lat_control_reload(r.c, &n, &r.error), LAT_OK);
    pass(&r);
    cr_expect(is_in_memory("kick"));
    rig_do(&r, "free s");
    pass(&r);
    cr_expect_not(is_in_memory("kick"));
    rig_free(&r);
}
