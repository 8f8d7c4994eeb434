// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A type that plays a sound file, which is read as libsndfile does it: what is
// promised of data that settings stand for, with files that are slow, missing,
// or large.

#include "control/control.h"
#include "support/failing.h"
#include "support/jobs.h"
#include "support/rig.h"
#include "units/prepared.h"

#include <criterion/criterion.h>

#include <sndfile.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sound {
    uint32_t n;
    float samples[];
};

static uint32_t n_read, n_forgotten;

static enum lat_status
read_sound(const char *text, double rate, void **data, struct lat_error *error)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(text, SFM_READ, &info);
    (void)rate;
    if (!file) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "cannot read %s; give a sound file that is there",
                             text);
    }
    struct sound *sound =
        malloc(sizeof(*sound) + (size_t)info.frames * sizeof(float));
    if (sound) {
        sound->n = (uint32_t)sf_read_float(file, sound->samples, info.frames);
        *data = sound;
        ++n_read;
    }
    sf_close(file);
    return sound ? LAT_OK : lat_error_set(error, LAT_ENOMEM, "out of memory");
}

static void
forget_sound(void *data)
{
    ++n_forgotten;
    free(data);
}

static const struct lat_setting settings[] = {
    {
        .name = "file",
        .doc = "What is played.",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .keeps_state = true,
        .prepare = read_sound,
        .forget = forget_sound,
    },
};

static const struct lat_setting anew_settings[] = {
    {
        .name = "file",
        .doc = "What is played, from its start.",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .prepare = read_sound,
        .forget = forget_sound,
    },
};

static const struct lat_port outputs[] = {
    {.name = "out", .doc = "The sound.", .unit = "", .max = 1.0F},
};

static size_t
loop_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(uint32_t);
}

static uint64_t
loop_process(const struct lat_context *context, const struct lat_io *io)
{
    const struct sound *sound = io->config->prepared[0];
    uint32_t *at = io->state;
    for (uint32_t f = 0; f < context->n_frames; ++f, ++*at) {
        io->out[0][f] = sound ? sound->samples[*at % sound->n] : 0.0F;
    }
    return 0;
}

static const struct lat_node_type loop_type = {
    .name = "test_loop",
    .doc = "Plays a file over and over.",
    .outputs = outputs,
    .n_outputs = 1,
    .settings = settings,
    .n_settings = 1,
    .cost_ns = 1.0F,
    .state_bytes = loop_bytes,
    .process = loop_process,
};

// The same, but another file makes the node start anew.
static const struct lat_node_type anew_type = {
    .name = "test_anew",
    .doc = "Plays a file over and over, from its start.",
    .outputs = outputs,
    .n_outputs = 1,
    .settings = anew_settings,
    .n_settings = 1,
    .cost_ns = 1.0F,
    .state_bytes = loop_bytes,
    .process = loop_process,
};

// Files: sample number k of one is `first` + k / 65536.

static const char *
write_sound(const char *name, float first, uint32_t n)
{
    static char paths[8][200];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, 200, "/tmp/lattice-%d-%s.wav", (int)getpid(), name);
    SF_INFO info = {.samplerate = 48000,
                    .channels = 1,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    cr_assert_not_null(file);
    for (uint32_t k = 0; k < n; ++k) {
        const float x = first + (float)k / 65536.0F;
        sf_write_float(file, &x, 1);
    }
    sf_close(file);
    return path;
}

static enum lat_status
make(struct rig *r, const char *name, const char *file)
{
    const struct lat_assignment a = {"file", {.is_text = true, .text = file}};
    return lat_control_node_new_of(r->c, &loop_type, name, false, &a, 1,
                                   &r->error);
}

static enum lat_status
set_file(struct rig *r, const char *name, const char *file)
{
    return lat_control_param_set(
        r->c, name, "file", (struct lat_value){.is_text = true, .text = file},
        -1.0, &r->error);
}

static struct rig
loop_rig(const char *file, const struct lat_elsewhere *elsewhere)
{
    struct rig r = rig_new(64);
    lat_control_set_elsewhere(r.c, elsewhere);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out main channels 1 limit off");
    cr_assert_eq(make(&r, "a", file), LAT_OK, "%s", r.error.text);
    rig_do(&r, "connect a main");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    return r;
}

static float
sample(float first, uint32_t k, uint32_t n)
{
    return first + (float)(k % n) / 65536.0F;
}

Test(prepared, without_another_thread_it_is_there_before_frame_0)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    rig_run(&r, 3000, 256);
    for (uint32_t f = 0; f < 3000; ++f) {
        cr_assert_eq(r.recorded[f], sample(0.25F, f, 1000), "frame %u", f);
    }
    rig_free(&r);
    cr_expect_eq(n_read, 1);
    cr_expect_eq(n_forgotten, 1);
}

Test(prepared, those_who_ask_for_the_same_share_it_to_the_last_plan)
{
    const char *path = write_sound("x", 0.25F, 100);
    struct rig r = loop_rig(path, NULL);
    cr_assert_eq(make(&r, "b", path), LAT_OK);
    cr_assert_eq(make(&r, "c", path), LAT_OK);
    rig_run(&r, 256, 256);
    cr_expect_eq(n_read, 1);
    rig_do(&r, "free a\nfree b");
    rig_run(&r, 4800, 256);
    cr_expect_eq(n_forgotten, 0);
    rig_do(&r, "free c");
    cr_expect_eq(n_forgotten, 0, "the plan that plays has it");
    rig_run(&r, 4800, 256);
    cr_expect_eq(n_forgotten, 1);
    rig_free(&r);
}

Test(prepared, another_file_is_swapped_in_under_a_running_node)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    rig_run(&r, 640, 64);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    rig_run(&r, 640, 64);
    // Where the node was it goes on.
    for (uint32_t f = 0; f < 1280; ++f) {
        cr_assert_eq(r.recorded[f], sample(f < 640 ? 0.25F : 0.5F, f, 1000),
                     "frame %u", f);
    }
    rig_run(&r, 640, 64);
    cr_expect_eq(n_forgotten, 1);
    rig_free(&r);
    cr_expect_eq(n_forgotten, 2);
}

Test(prepared, until_a_file_is_read_a_node_is_silent)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), &jobs_later);
    rig_run(&r, 640, 64);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    for (uint32_t f = 0; f < 1280; ++f) {
        cr_assert_eq(r.recorded[f], f < 640 ? 0.0F : sample(0.25F, f, 1000),
                     "frame %u", f);
    }
    rig_free(&r);
}

Test(prepared, until_another_file_is_read_a_node_keeps_what_it_had)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    rig_run(&r, 640, 64);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    for (uint32_t f = 0; f < 1280; ++f) {
        cr_assert_eq(r.recorded[f], sample(f < 640 ? 0.25F : 0.5F, f, 1000),
                     "frame %u", f);
    }
    rig_free(&r);
}

Test(prepared, what_cannot_be_read_is_refused_and_changes_nothing)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    cr_expect_eq(set_file(&r, "a", "/nowhere.wav"), LAT_ENOTFOUND);
    cr_expect_str_eq(r.error.text, "file of a: cannot read /nowhere.wav; give "
                                   "a sound file that is there");
    cr_expect_eq(make(&r, "b", "/nowhere.wav"), LAT_ENOTFOUND);
    rig_run(&r, 640, 64);
    for (uint32_t f = 0; f < 640; ++f) {
        cr_assert_eq(r.recorded[f], sample(0.25F, f, 1000));
    }
    rig_free(&r);
}

static char told[400];

static struct lat_origin told_origin;

static void
hear(void *data, const struct lat_unprepared *what)
{
    (void)data;
    told_origin = what->origin;
    snprintf(told, sizeof(told), "%s/%s %s", what->node->name,
             what->node->type->settings[what->setting].name, what->text);
}

Test(prepared, what_fails_later_is_told_and_taken_back)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    char text[1024];
    struct lat_value value;
    lat_control_set_unprepared(r.c, hear, NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", "/nowhere.wav"), LAT_OK);
    rig_run(&r, 640, 64);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    cr_expect_str_eq(told, "a/file file of a: cannot read /nowhere.wav; give a "
                           "sound file that is there; what was there before "
                           "stays");
    cr_assert_eq(lat_control_param_get(r.c, "a", "file", text, sizeof(text),
                                       &value, &r.error),
                 LAT_OK);
    cr_expect(strstr(text, "-x.wav"), "%s", text);
    for (uint32_t f = 0; f < 1280; ++f) {
        cr_assert_eq(r.recorded[f], sample(0.25F, f, 1000));
    }
    rig_free(&r);
}

Test(prepared, two_nodes_whose_file_fails_are_both_told)
{
    struct rig r = loop_rig("/nowhere.wav", &jobs_later);
    cr_assert_eq(make(&r, "b", "/nowhere.wav"), LAT_OK);
    lat_control_set_unprepared(r.c, hear, NULL);
    cr_expect_eq(jobs_waiting(), 1);
    jobs_go_on();
    lat_control_tick(r.c);
    cr_expect_eq(strncmp(told, "b/file", 6), 0, "%s", told);
    told[0] = '\0';
    rig_run(&r, 640, 64);
    cr_expect_str_eq(told, "", "once");
    // Other settings of a node without its file can be set all the same.
    cr_expect_eq(lat_control_node_rename(r.c, "a", "z", &r.error), LAT_OK);
    rig_free(&r);
}

Test(prepared, a_node_may_go_while_its_file_is_read)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), &jobs_later);
    rig_do(&r, "free a");
    rig_run(&r, 4800, 256);
    jobs_go_on();
    lat_control_tick(r.c);
    cr_expect_eq(n_forgotten, 1);
    rig_free(&r);
}

Test(prepared, another_session_may_come_while_a_file_is_read)
{
    const char *path = write_sound("x", 0.25F, 1000);
    struct rig r = loop_rig(path, &jobs_later);
    lat_control_begin_load(r.c, 64);
    cr_assert_eq(make(&r, "other", path), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 4800, 256);
    cr_expect_eq(jobs_waiting(), 1, "both want the same");
    jobs_go_on();
    rig_run(&r, 4800, 256);
    cr_expect_eq(n_forgotten, 0);
    lat_control_begin_load(r.c, 64);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 4800, 256);
    cr_expect_eq(n_forgotten, 1);
    rig_free(&r);
}

Test(prepared, a_control_may_end_while_a_file_is_read)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), &jobs_later);
    rig_free(&r);
    jobs_go_on();
    cr_expect_eq(n_read, 1);
    cr_expect_eq(n_forgotten, 1);
}

Test(prepared, a_session_with_a_missing_file_plays_without_it)
{
    struct rig r = rig_new(64);
    lat_control_begin_load(r.c, 64);
    rig_do(&r, "new audio_out main channels 1 limit off");
    cr_assert_eq(make(&r, "a", "/nowhere.wav"), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    rig_run(&r, 640, 64);
    rig_free(&r);
}

Test(prepared, without_memory_nothing_changes_and_nothing_leaks)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    const char *path = write_sound("y", 0.5F, 1000);
    bool has_failed = true;
    for (uint32_t i = 1; has_failed; ++i) {
        failing_begin(i, false);
        const enum lat_status status = set_file(&r, "a", path);
        has_failed = failing_end();
        cr_assert_eq(status, has_failed ? LAT_ENOMEM : LAT_OK, "%u: %s", i,
                     r.error.text);
        rig_run(&r, 64, 64);
    }
    rig_free(&r);
    cr_expect_eq(n_read, n_forgotten);
}

static void
expect_from(const struct rig *r, uint32_t first_frame, uint32_t n, float first)
{
    for (uint32_t f = first_frame; f < first_frame + n; ++f) {
        cr_assert_eq(r->recorded[f], sample(first, f, 1000), "frame %u", f);
    }
}

Test(prepared, of_two_that_are_read_the_later_one_counts_whichever_ends_last)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    cr_assert_eq(set_file(&r, "a", write_sound("z", 0.75F, 1000)), LAT_OK);
    rig_run(&r, 640, 64);
    expect_from(&r, 0, 640, 0.25F);
    jobs_one_goes_on(1);
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    jobs_one_goes_on(0);
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    expect_from(&r, 640, 1280, 0.75F);
    rig_free(&r);
    cr_expect_eq(n_read, 3);
    cr_expect_eq(n_forgotten, 3);
}

Test(prepared, the_older_of_two_may_fail_last_and_nobody_hears_of_it)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    lat_control_set_unprepared(r.c, hear, NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", "/nowhere.wav"), LAT_OK);
    cr_assert_eq(set_file(&r, "a", write_sound("z", 0.75F, 1000)), LAT_OK);
    jobs_one_goes_on(1);
    lat_control_tick(r.c);
    jobs_one_goes_on(0);
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    expect_from(&r, 0, 640, 0.75F);
    cr_expect_str_eq(told, "");
    rig_free(&r);
}

Test(prepared, the_later_of_two_may_fail_and_what_sounds_stays)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    char text[1024];
    struct lat_value value;
    lat_control_set_unprepared(r.c, hear, NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    cr_assert_eq(set_file(&r, "a", "/nowhere.wav"), LAT_OK);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    expect_from(&r, 0, 640, 0.25F);
    cr_expect(strstr(told, "what was there before stays"), "%s", told);
    cr_assert_eq(lat_control_param_get(r.c, "a", "file", text, sizeof(text),
                                       &value, &r.error),
                 LAT_OK);
    cr_expect(strstr(text, "-x.wav"), "%s", text);
    rig_free(&r);
    cr_expect_eq(n_forgotten, 2);
}

Test(prepared, whoever_asked_is_named_when_it_fails)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    const struct lat_origin somebody = {.kind = LAT_ORIGIN_OSC, .id = 77};
    lat_control_set_unprepared(r.c, hear, NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    const struct lat_origin before = lat_control_set_origin(r.c, somebody);
    cr_assert_eq(set_file(&r, "a", "/nowhere.wav"), LAT_OK);
    lat_control_set_origin(r.c, before);
    jobs_go_on();
    lat_control_tick(r.c);
    cr_expect_eq(told_origin.kind, LAT_ORIGIN_OSC);
    cr_expect_eq(told_origin.id, 77);
    rig_free(&r);
}

Test(prepared, a_file_that_was_missing_is_read_when_it_is_named_again)
{
    struct rig r = loop_rig("/tmp", &jobs_later);
    char path[200];
    snprintf(path, sizeof(path), "/tmp/lattice-%d-late.wav", (int)getpid());
    cr_assert_eq(make(&r, "b", path), LAT_OK);
    rig_do(&r, "connect b main");
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    write_sound("late", 0.5F, 1000);
    cr_assert_eq(set_file(&r, "b", path), LAT_OK);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    cr_expect_eq(r.recorded[639], 0.0F);
    expect_from(&r, 640, 640, 0.5F);
    rig_free(&r);
    unlink(path);
}

Test(prepared, a_bundle_that_is_undone_leaves_what_was_there)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    lat_control_begin(r.c);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    cr_assert_eq(make(&r, "b", write_sound("z", 0.75F, 1000)), LAT_OK);
    lat_control_rollback(r.c);
    lat_control_tick(r.c);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    expect_from(&r, 0, 640, 0.25F);
    cr_expect_eq(n_forgotten, 2);
    rig_free(&r);
}

Test(prepared, another_rate_reads_anew_and_what_was_on_its_way_is_dropped)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), &jobs_later);
    cr_assert_eq(lat_control_set_rate(r.c, 96000.0, &r.error), LAT_OK);
    cr_expect_eq(jobs_waiting(), 2);
    jobs_one_goes_on(0);
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    cr_expect_eq(r.recorded[639], 0.0F, "not at the rate that it was read for");
    cr_expect_eq(n_forgotten, 1);
    jobs_one_goes_on(1);
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    expect_from(&r, 640, 640, 0.25F);
    rig_free(&r);
    cr_expect_eq(n_forgotten, 2);
}

Test(prepared, a_node_that_starts_anew_does_so_when_its_file_is_there)
{
    struct rig r = rig_new(64);
    const char *x = write_sound("x", 0.25F, 1000);
    const struct lat_assignment a = {"file", {.is_text = true, .text = x}};
    rig_do(&r, "new audio_out main channels 1 limit off");
    cr_assert_eq(
        lat_control_node_new_of(r.c, &anew_type, "a", false, &a, 1, &r.error),
        LAT_OK);
    rig_do(&r, "connect a main");
    rig_run(&r, 640, 64);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    rig_run(&r, 640, 64);
    jobs_go_on();
    lat_control_tick(r.c);
    rig_run(&r, 640, 64);
    const uint32_t begin = 320; // when its cable has faded in
    for (uint32_t f = begin; f < 1280; ++f) {
        cr_assert_eq(r.recorded[f], sample(0.25F, f, 1000), "frame %u", f);
    }
    for (uint32_t f = 1280; f < 1920; ++f) {
        cr_assert_eq(r.recorded[f], sample(0.5F, f - 1280, 1000), "frame %u",
                     f);
    }
    rig_free(&r);
}

static enum lat_status
find_in_tmp(void *data, const struct lat_setting *setting, const char *name,
            struct lat_origin by, char **path, struct lat_error *error)
{
    (void)data;
    (void)setting;
    if (by.kind == LAT_ORIGIN_OSC) {
        return lat_error_set(error, LAT_EINVAL, "%s is not for you", name);
    }
    return asprintf(path, "/tmp/%s", name) < 0 ? LAT_ENOMEM : LAT_OK;
}

Test(prepared, files_lie_where_the_finder_says)
{
    const struct lat_file_finder finder = {.find = find_in_tmp};
    struct rig r = rig_new(64);
    char text[1024];
    struct lat_value value;
    const char *path = write_sound("x", 0.25F, 1000);
    lat_control_set_finder(r.c, &finder);
    cr_assert_eq(make(&r, "a", strrchr(path, '/') + 1), LAT_OK, "%s",
                 r.error.text);
    cr_expect_eq(n_read, 1);
    cr_assert_eq(lat_control_param_get(r.c, "a", "file", text, sizeof(text),
                                       &value, &r.error),
                 LAT_OK);
    cr_expect_str_eq(text, strrchr(path, '/') + 1, "as it was written");
    lat_control_set_origin(r.c, (struct lat_origin){.kind = LAT_ORIGIN_OSC});
    cr_expect_eq(make(&r, "b", "x.wav"), LAT_EINVAL);
    cr_expect_str_eq(r.error.text, "file of b: x.wav is not for you");
    rig_free(&r);
}

Test(prepared, who_only_looks_reads_nothing)
{
    struct lat_control *c = NULL;
    struct lat_error error;
    const struct lat_control_options options = {
        .rate = 48000.0, .is_offline = true, .without_data = true};
    const struct lat_assignment a = {"file",
                                     {.is_text = true, .text = "/none.wav"}};
    cr_assert_eq(lat_control_new(&options, &c, &error), LAT_OK);
    cr_expect_eq(
        lat_control_node_new_of(c, &loop_type, "a", false, &a, 1, &error),
        LAT_OK);
    lat_control_free(c);
}

Test(prepared, how_far_it_is_can_be_asked)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), &jobs_later);
    const struct lat_node *a = lat_graph_find(lat_control_graph(r.c), "a");
    struct lat_error why;
    cr_expect_eq(lat_control_readiness(r.c, a, 0, NULL), LAT_DATA_COMING);
    jobs_go_on();
    lat_control_tick(r.c);
    cr_expect_eq(lat_control_readiness(r.c, a, 0, NULL), LAT_DATA_HERE);
    cr_assert_eq(make(&r, "b", "/nowhere.wav"), LAT_OK);
    jobs_go_on();
    lat_control_tick(r.c);
    const struct lat_node *b = lat_graph_find(lat_control_graph(r.c), "b");
    cr_expect_eq(lat_control_readiness(r.c, b, 0, &why), LAT_DATA_FAILED);
    cr_expect(strstr(why.text, "/nowhere.wav"), "%s", why.text);
    rig_free(&r);
}

Test(prepared, without_memory_what_came_is_tried_again_and_nothing_leaks)
{
    struct rig r = loop_rig(write_sound("x", 0.25F, 1000), NULL);
    lat_control_set_elsewhere(r.c, &jobs_later);
    cr_assert_eq(set_file(&r, "a", write_sound("y", 0.5F, 1000)), LAT_OK);
    jobs_go_on();
    bool has_failed = true;
    for (uint32_t i = 1; has_failed; ++i) {
        failing_begin(i, false);
        lat_control_tick(r.c);
        has_failed = failing_end();
        rig_run(&r, 64, 64);
    }
    const uint32_t from = r.n_frames;
    lat_control_tick(r.c);
    rig_run(&r, 64, 64);
    expect_from(&r, from, 64, 0.5F);
    rig_free(&r);
    cr_expect_eq(n_forgotten, 2);
}
