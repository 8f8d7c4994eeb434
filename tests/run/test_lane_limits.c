// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What nodes in lanes may have, at each limit and one beyond (nodes/limits.c),
// and MIDI of a span where a node fails.

#include "support/conformance.h"
#include "support/patches.h"

#include "node/kernels.h"
#include "run/engine.h"
#include "run/engine_setup.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#ifdef LAT_TEST_HOOKS

static bool
fits(const char *name)
{
    const struct lat_node_type *type = lat_node_type_find(name);
    return lat_kernel_fits_lanes(type, type->n_inputs, type->n_outputs);
}

Test(lane_limits, take_a_type_at_each_and_none_beyond)
{
    cr_expect(fits("widest"));
    cr_expect_not(fits("inputs_17"));
    cr_expect_not(fits("outputs_5"));
    cr_expect_not(fits("words_65"));
    cr_expect_not(fits("faulty"), "has no kernel");
}

Test(lane_limits, types_there_keep_what_is_promised_of_types)
{
    const char *const names[] = {"widest", "inputs_17", "outputs_5",
                                 "words_65"};
    const struct conformance_terms terms = conformance_terms();
    for (size_t i = 0; i < LAT_COUNT(names); ++i) {
        char text[CONFORMANCE_TEXT_MAX];
        conformance_check(lat_node_type_find(names[i]), &terms, text);
        cr_expect_str_empty(text, "%s breaks %s", names[i], text);
    }
}

// Twenty of them: as many as make a group and more; each output is heard.
static void
build(struct rig *r, const char *name)
{
    const struct lat_node_type *type = lat_node_type_find(name);
    char line[96];
    rig_do(r, "new audio_out main channels 1\nset main limit off");
    for (int k = 0; k < 20; ++k) {
        snprintf(line, sizeof(line), "new saw s%d freq %d", k, 50 + 7 * k);
        rig_do(r, line);
        snprintf(line, sizeof(line), "new %s n%d a %g", name, k, 0.1 * k);
        rig_do(r, line);
        for (uint32_t i = 0; i < type->n_inputs; ++i) {
            snprintf(line, sizeof(line), "connect s%d n%d/%s %g", k, k,
                     type->inputs[i].name, 0.1 * (i + 1));
            rig_do(r, line);
        }
        for (uint32_t o = 0; o < type->n_outputs; ++o) {
            snprintf(line, sizeof(line), "connect n%d/%s main %g", k,
                     type->outputs[o].name, 0.001 * (o + 1));
            rig_do(r, line);
        }
    }
}

// Values, a panic and a fault; in lanes and alone.
static void
play(struct rig *r, const char *name, uint32_t period)
{
    build(r, name);
    rig_run(r, 1000, period);
    rig_do(r, "set n3 a 0.7 0.01");
    rig_run(r, 1000, period);
    // Infinite for a moment.
    rig_do(r, "connect s5 s6/freq 1e9\nset n7 a 1e6");
    rig_run(r, 1000, period);
    rig_do(r, "free n4");
    rig_run(r, 1000, period);
    cr_assert_eq(lat_control_panic(r->c, &r->error), LAT_OK);
    rig_run(r, 1000, period);
}

static struct rig
rig_alone(void)
{
    return rig_on(64, NULL, true);
}

static void
expect_same_bits_alone(const char *name)
{
    struct rig lanes = rig_new(64);
    struct rig alone = rig_alone();
    play(&lanes, name, 64);
    play(&alone, name, 50);
    cr_expect_eq(rig_first_difference(&lanes, &alone), 5000, "%s", name);
    rig_free(&lanes);
    rig_free(&alone);
}

Test(lane_limits, are_reached_with_the_bits_of_nodes_alone)
{
    expect_same_bits_alone("widest");
}

Test(lane_limits, are_passed_by_one_input_alone)
{
    expect_same_bits_alone("inputs_17");
}

Test(lane_limits, are_passed_by_one_output_alone)
{
    expect_same_bits_alone("outputs_5");
}

Test(lane_limits, are_passed_by_one_word_alone)
{
    expect_same_bits_alone("words_65");
}

// --- MIDI of a span where a node fails ---------------------------------------

// @p n events, from frame @p first of the period on, a few at each.
static void
send_midi(struct rig *r, uint32_t n, uint32_t first, uint32_t n_frames)
{
    for (uint32_t i = 0; i < n; ++i) {
        const uint8_t data[3] = {0xb0, 1, (uint8_t)(i & 0x7fU)};
        lat_engine_midi(lat_control_engine(r->c),
                        first + i * (n_frames - first) / n, data, 3);
    }
}

static uint64_t
lost_midi(const struct rig *r)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r->c), &status);
    return status.n_lost_midi;
}

// A node fails, and in the span in which it starts anew @p n events come.
static float
count_after_fault(uint32_t n, uint64_t *n_lost)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1\nset main limit off\n"
               "new midi_count m\nconnect m main");
    rig_run(&r, 640, 64);
    rig_do(&r, "set m bad 1");
    rig_run(&r, 64, 64);
    send_midi(&r, n, 0, 64);
    rig_run(&r, 64, 64);
    const float count = r.recorded[r.n_frames - 1];
    *n_lost = lost_midi(&r);
    rig_free(&r);
    return count;
}

Test(midi_of_a_span, all_comes_where_a_node_starts_anew)
{
    uint64_t n_lost = 0;
    cr_expect_eq(count_after_fault(9, &n_lost), 9.0F);
    cr_expect_eq(count_after_fault(40, &n_lost), 40.0F);
    cr_expect_eq(count_after_fault(LAT_MAX_MIDI, &n_lost), LAT_MAX_MIDI);
    cr_expect_eq(n_lost, 0);
}

Test(midi_of_a_span, what_is_lost_is_counted)
{
    uint64_t n_lost = 0;
    // The message that a source is lost takes the place of one at the end.
    count_after_fault(LAT_MAX_MIDI + 3, &n_lost);
    cr_expect_eq(n_lost, 3);
}

// Cells of 64 frames end within spans of 48.
Test(midi_of_a_span, all_of_the_rest_comes_where_a_node_fails_inside)
{
    struct rig r = rig_new(48);
    rig_do(&r, "new audio_out main channels 1\nset main limit off\n"
               "new midi_count m\nconnect m main");
    rig_run(&r, 480, 48);
    rig_do(&r, "set m bad 1"); // at frame 480; silent up to 512
    send_midi(&r, 30, 32, 48);
    rig_run(&r, 48, 48);
    cr_expect_eq(r.recorded[511], 0.0F);
    cr_expect_eq(r.recorded[527], 30.0F, "%g", (double)r.recorded[527]);
    rig_free(&r);
}

#endif // LAT_TEST_HOOKS
