// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a bypassed node's outputs carry, how it fades, and that it runs on.

#include "base/rt.h"
#include "control/state.h"
#include "support/rig.h"
#include "units/bypass.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64U
#define FADE  240U // 5 ms

static void
bypass(struct rig *r, const char *name, bool is)
{
    cr_assert_eq(lat_control_bypass(r->c, name, is, &r->error), LAT_OK, "%s",
                 r->error.text);
}

static struct rig
new_rig(const char *commands)
{
    struct rig r = rig_new(BLOCK);
    rig_do(&r, "new audio_out main channels 1 limit off");
    rig_do(&r, commands);
    return r;
}

static float
last(const struct rig *r)
{
    return r->recorded[r->n_frames - 1];
}

Test(bypass, an_output_carries_the_first_signal_input)
{
    struct rig r = new_rig("new constant k value 0.5\nnew gain g gain 3\n"
                           "connect k g\nconnect g main");
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 1.5F);
    bypass(&r, "g", true);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F, "%f", (double)last(&r));
    bypass(&r, "g", false);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 1.5F);
    rig_free(&r);
}

Test(bypass, an_output_carries_the_input_of_its_name_before_the_first)
{
    const struct lat_port inputs[] = {
        {.name = "when", .kind = LAT_PORT_TRIGGER},
        {.name = "left"},
        {.name = "right"},
    };
    const struct lat_port outputs[] = {
        {.name = "right"},
        {.name = "left"},
        {.name = "sum"},
        {.name = "when", .kind = LAT_PORT_TRIGGER},
    };
    const struct lat_node_type type = {
        .name = "swap",
        .inputs = inputs,
        .n_inputs = LAT_COUNT(inputs),
        .outputs = outputs,
        .n_outputs = LAT_COUNT(outputs),
    };
    struct lat_layouts layouts = {0};
    const struct lat_layout *layout = lat_layout_get(&layouts, &type, NULL);
    struct lat_bypass *b = NULL;
    cr_assert_eq(lat_bypass_new(&type, layout, NULL, &b), LAT_OK);
    const uint16_t sources[] = {2, 1, 1, LAT_BYPASS_NOTHING};
    for (uint32_t o = 0; o < LAT_COUNT(sources); ++o) {
        cr_expect_eq(b->source[o], sources[o], "output %u: %u", o,
                     b->source[o]);
    }
    lat_bypass_free(b);
    lat_layouts_fini(&layouts);
}

Test(bypass, it_fades_over_5_ms_and_never_jumps)
{
    struct rig r = new_rig("new constant k value 0.5\nnew gain g gain 3\n"
                           "connect k g\nconnect g main");
    rig_run(&r, 640, 64);
    const uint32_t begin = r.n_frames;
    bypass(&r, "g", true);
    rig_run(&r, 640, 50);
    for (uint32_t f = begin; f < r.n_frames; ++f) {
        const float step = r.recorded[f - 1] - r.recorded[f];
        cr_assert(step >= 0.0F && step < 0.01F, "jumps at %u", f - begin);
    }
    cr_assert_gt(r.recorded[begin + FADE / 2], 0.5F);
    cr_assert_eq(r.recorded[begin + FADE + BLOCK], 0.5F);
    rig_free(&r);
}

Test(bypass, a_type_without_a_signal_input_gives_nothing)
{
    struct rig r = new_rig("new constant k value 0.5\nconnect k main");
    bypass(&r, "k", true);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.0F);
    rig_free(&r);
}

Test(bypass, what_measures_gives_nothing)
{
    struct rig r = new_rig("new constant k value 0.5\nnew meter m\n"
                           "connect k m\nconnect m/peak main");
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F);
    bypass(&r, "m", true);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.0F);
    rig_free(&r);
}

Test(bypass, what_says_when_gives_nothing)
{
    static const char *const outputs[] = {"gate", "trigger"};
    for (uint32_t i = 0; i < LAT_COUNT(outputs); ++i) {
        struct rig r = new_rig("new constant k value 0.5\nnew steps s\n"
                               "connect k s/trigger\nconnect k s/phase");
        char line[40];
        snprintf(line, sizeof(line), "connect s/%s main", outputs[i]);
        rig_do(&r, line);
        bypass(&r, "s", true);
        rig_run(&r, 512, 64);
        for (uint32_t n = FADE + 64; n < 512; ++n) {
            cr_assert_eq(r.recorded[n], 0.0F, "%s, frame %u", outputs[i], n);
        }
        rig_free(&r);
    }
}

Test(bypass, a_type_without_outputs_gets_silence)
{
    struct rig r = new_rig("new constant k value 0.5\nconnect k main");
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F);
    bypass(&r, "main", true);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.0F);
    bypass(&r, "main", false);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F);
    rig_free(&r);
}

Test(bypass, a_node_made_bypassed_never_sounds)
{
    struct rig r = new_rig("new constant k value 0.5\n"
                           "new gain g gain 3 bypass yes\n"
                           "connect k g");
    lat_control_begin(r.c);
    rig_do(&r, "new gain h gain 3 bypass 1\nconnect k h\nconnect h main");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 1024, 64);
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        cr_assert_leq(r.recorded[f], 0.5F);
    }
    cr_assert_eq(last(&r), 0.5F);
    rig_free(&r);
}

Test(bypass, its_state_runs_on)
{
    struct rig a = new_rig("new sine s freq 440\nnew lowpass l cutoff 300\n"
                           "connect s l\nconnect l main");
    struct rig b = new_rig("new sine s freq 440\nnew lowpass l cutoff 300\n"
                           "connect s l\nconnect l main");
    rig_run(&a, 640, 64);
    rig_run(&b, 640, 64);
    bypass(&a, "l", true);
    rig_run(&a, 1280, 64);
    rig_run(&b, 1280, 64);
    bypass(&a, "l", false);
    rig_run(&a, 640, 64);
    rig_run(&b, 640, 64);
    cr_assert_neq(rig_first_difference(&a, &b), a.n_frames);
    const uint32_t from = a.n_frames - 128;
    cr_assert_arr_eq(a.recorded + from, b.recorded + from, 128 * sizeof(float));
    rig_free(&a);
    rig_free(&b);
}

// 20 equal filters run in lanes; one that is bypassed runs alone, and is back
// among them when its fade is over.
static void
run_voices(struct rig *r, uint32_t period, const char *command)
{
    char line[64];
    for (int i = 0; i < 20; ++i) {
        snprintf(line, sizeof(line), "new saw s%d freq %d", i, 50 + 7 * i);
        rig_do(r, line);
        snprintf(line, sizeof(line), "new lowpass l%d cutoff 500", i);
        rig_do(r, line);
        snprintf(line, sizeof(line), "connect s%d l%d", i, i);
        rig_do(r, line);
        snprintf(line, sizeof(line), "connect l%d main 0.05", i);
        rig_do(r, line);
    }
    rig_run(r, 960, period);
    for (int i = 0; i < 4; ++i) {
        bypass(r, "l3", i % 2 == 0);
        bypass(r, "l7", i < 2);
        rig_do(r, command);
        rig_run(r, 480, period);
    }
    rig_run(r, 960, period);
}

static uint32_t
n_alone(const struct rig *r)
{
    const struct lat_plan *p = r->c->plan;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        n += p->nodes[i].bypass != NULL;
    }
    return n;
}

Test(bypass, bits_depend_on_no_period_and_no_lanes)
{
    struct rig a = new_rig("");
    struct rig b = new_rig("");
    run_voices(&a, 480, "set l3 cutoff 700");
    run_voices(&b, 96, "set l3 cutoff 700");
    cr_assert_eq(rig_first_difference(&a, &b), a.n_frames);
    cr_assert_eq(n_alone(&a), 0, "the last fade is over");
    bypass(&a, "l3", true);
    cr_assert_eq(n_alone(&a), 1);
    rig_free(&a);
    rig_free(&b);
}

Test(bypass, a_failed_transaction_leaves_it_as_it_was)
{
    struct rig r = new_rig("new constant k value 0.5\nnew gain g gain 3\n"
                           "connect k g\nconnect g main");
    rig_run(&r, 512, 64);
    lat_control_begin(r.c);
    bypass(&r, "g", true);
    lat_control_rollback(r.c);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 1.5F);
    cr_assert_not(lat_graph_find(lat_control_graph(r.c), "g")->is_bypassed);
    rig_free(&r);
}

Test(bypass, settings_rate_and_a_bundle_keep_it)
{
    struct rig r = new_rig("new constant k value 0.5\nnew mix m inputs 2\n"
                           "set m level_1 0.25\nconnect k m/in_1\n"
                           "connect m main");
    bypass(&r, "m", true);
    rig_run(&r, 512, 64);
    rig_do(&r, "set m inputs 4");
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F);
    cr_assert_eq(lat_control_set_rate(r.c, 44100.0, &r.error), LAT_OK);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.5F);
    lat_control_begin(r.c);
    bypass(&r, "m", false);
    rig_do(&r, "set m inputs 2");
    bypass(&r, "m", true);
    bypass(&r, "m", false);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.125F);
    rig_free(&r);
}

Test(bypass, what_is_removed_while_it_fades_is_gone)
{
    struct rig r = new_rig("new constant k value 0.5\nnew gain g gain 3\n"
                           "connect k g\nconnect g main");
    rig_run(&r, 512, 64);
    bypass(&r, "g", true);
    rig_run(&r, 512, 64);
    bypass(&r, "g", false);
    rig_do(&r, "free g");
    rig_run(&r, 512, 64);
    cr_assert_eq(last(&r), 0.0F);
    cr_assert_eq(n_alone(&r), 0);
    rig_free(&r);
}

Test(bypass, only_yes_and_no_are_words_for_it)
{
    struct rig r = new_rig("new gain g");
    cr_assert_eq(rig_try(&r, "set g bypass maybe"), LAT_EINVAL);
    cr_assert_eq(rig_try(&r, "set g bypass 0.5"), LAT_EINVAL);
    cr_assert_eq(rig_try(&r, "set g bypass yes"), LAT_OK);
    cr_assert(lat_graph_find(lat_control_graph(r.c), "g")->is_bypassed);
    cr_assert_eq(rig_try(&r, "set g bypass 0"), LAT_OK);
    cr_assert_not(lat_graph_find(lat_control_graph(r.c), "g")->is_bypassed);
    rig_free(&r);
}

// The way around a node that is late is as late.

static uint32_t
late_by_three(const struct lat_config *config)
{
    (void)config;
    return 3;
}

static uint64_t
make_tens(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        io->out[0][f] = 10.0F;
    }
    return 0;
}

Test(bypass, it_is_as_late_as_the_node)
{
    static const struct lat_port in = {
        .name = "in", .kind = LAT_PORT_SIGNAL, .min = -1e6F, .max = 1e6F};
    static const struct lat_port out = {.name = "out"};
    static const struct lat_node_type type = {
        .name = "late",
        .inputs = &in,
        .n_inputs = 1,
        .outputs = &out,
        .n_outputs = 1,
        .process = make_tens,
        .latency = late_by_three,
    };
    static float sound[3][1024];
    const uint32_t periods[] = {1, 50, 256};
    for (int way = 0; way < 3; ++way) {
        struct rig r = new_rig("new phasor p cycles 1");
        cr_assert_eq(
            lat_control_node_new_of(r.c, &type, "l", false, NULL, 0, &r.error),
            LAT_OK);
        rig_do(&r, "connect p l\nconnect l main");
        rig_run(&r, 256, periods[way]);
        bypass(&r, "l", true);
        rig_run(&r, 512, periods[way]);
        rig_do(&r, "disconnect l main\nconnect p main");
        rig_run(&r, 256, periods[way]);
        memcpy(sound[way], r.recorded, sizeof(sound[way]));
        rig_free(&r);
    }
    cr_assert_arr_eq(sound[0], sound[1], sizeof(sound[0]));
    cr_assert_arr_eq(sound[0], sound[2], sizeof(sound[0]));
    // A ramp: what came around at frame 700 is what went in 3 frames before.
    const float slope = sound[0][1023] - sound[0][1022];
    const float in_700 = sound[0][1023] - 323.0F * slope;
    cr_assert_float_eq(sound[0][700], in_700 - 3.0F * slope, 0.2F * slope);
}
