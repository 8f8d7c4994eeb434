// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "control/latency.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define PERIOD 256

static uint32_t
ten_frames(const struct lat_config *config)
{
    (void)config;
    return 10;
}

static uint32_t
one_millisecond(const struct lat_config *config)
{
    return (uint32_t)(config->rate / 1000.0);
}

/// Have @p node delay, as a type with lookahead would.
static void
delay(const struct rig *r, const char *node,
      uint32_t (*latency)(const struct lat_config *config))
{
    static struct lat_node_type types[8];
    static uint32_t n;
    struct lat_node *it = lat_graph_find(lat_control_graph(r->c), node);
    types[n] = *it->type;
    types[n].latency = latency;
    it->type = &types[n++];
}

/// The path between two ports, with max 0 and min 1 where there is none.
static struct lat_latency_path
between(const struct rig *r, const char *in, const char *out)
{
    const struct lat_slot *d = lat_control_slots(r->c);
    struct lat_latency latency = {0};
    struct lat_latency_path found = {.min = 1};
    cr_assert_eq(lat_control_latency(r->c, PERIOD, &latency), LAT_OK);
    for (uint32_t i = 0; i < latency.n; ++i) {
        const struct lat_latency_path *p = &latency.paths[i];
        if (strcmp(d[p->in].name, in) == 0 &&
            strcmp(d[p->out].name, out) == 0) {
            found = *p;
        }
    }
    lat_latency_fini(&latency);
    return found;
}

#define ASSERT_PATH(r_, in_, out_, min_, max_)                                 \
 do {                                                                          \
  const struct lat_latency_path path_ = between((r_), (in_), (out_));          \
  cr_assert_eq(path_.min, (min_), "min %u", path_.min);                        \
  cr_assert_eq(path_.max, (max_), "max %u", path_.max);                        \
 } while (0)

static struct rig
two_ways(void)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_in mic channels 2\n"
               "new audio_out main channels 2\n"
               "new gain a\nnew gain b\nnew gain c\n"
               "connect mic/out_1 a\nconnect a b\nconnect b main/in_1\n"
               "connect mic/out_1 c\nconnect c main/in_1\n"
               "connect mic/out_2 main/in_2");
    return r;
}

Test(latency, is_the_shortest_and_the_longest_way)
{
    struct rig r = two_ways();
    delay(&r, "a", ten_frames);
    delay(&r, "b", one_millisecond);
    ASSERT_PATH(&r, "mic_1", "main_1", 0, 58);
    delay(&r, "c", ten_frames);
    ASSERT_PATH(&r, "mic_1", "main_1", 10, 58);
    rig_free(&r);
}

Test(latency, is_of_each_input_and_output_by_itself)
{
    struct rig r = two_ways();
    delay(&r, "a", ten_frames);
    delay(&r, "c", ten_frames);
    ASSERT_PATH(&r, "mic_1", "main_1", 10, 10);
    ASSERT_PATH(&r, "mic_2", "main_2", 0, 0);
    ASSERT_PATH(&r, "mic_1", "main_2", 1, 0); // none
    ASSERT_PATH(&r, "mic_2", "main_1", 1, 0); // none
    rig_free(&r);
}

Test(latency, of_what_sets_the_level_is_of_all_channels)
{
    struct rig r = two_ways();
    delay(&r, "c", ten_frames);
    rig_do(&r, "connect c main/level");
    ASSERT_PATH(&r, "mic_1", "main_2", 10, 10);
    rig_free(&r);
}

Test(latency, does_not_count_feedback)
{
    struct rig r = two_ways();
    delay(&r, "c", ten_frames);
    rig_do(&r, "feedback b a");
    ASSERT_PATH(&r, "mic_1", "main_1", 0, 10);
    rig_free(&r);
}

Test(latency, of_a_node_follows_its_type_and_the_rate)
{
    struct rig r = two_ways();
    const struct lat_node *a = lat_graph_find(lat_control_graph(r.c), "a");
    cr_assert_eq(lat_control_node_latency(r.c, a), 0);
    delay(&r, "a", one_millisecond);
    cr_assert_eq(lat_control_node_latency(r.c, a), 48);
    cr_assert_eq(lat_control_set_rate(r.c, 96000.0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_node_latency(r.c, a), 96);
    rig_free(&r);
}

Test(latency, has_another_serial_after_settings_and_structure_not_after_values)
{
    struct rig r = two_ways();
    uint64_t serial = lat_control_latency_serial(r.c);
    rig_do(&r, "set main level 0.3");
    cr_assert_eq(lat_control_latency_serial(r.c), serial);
    rig_do(&r, "set main limit off");
    cr_assert_neq(lat_control_latency_serial(r.c), serial);
    serial = lat_control_latency_serial(r.c);
    rig_do(&r, "disconnect mic/out_2 main/in_2");
    cr_assert_neq(lat_control_latency_serial(r.c), serial);
    rig_free(&r);
}

Test(latency, is_printed_with_the_plan)
{
    struct rig r = two_ways();
    delay(&r, "a", ten_frames);
    char *text = lat_control_print_plan(r.c, LAT_PLAN_TEXT);
    cr_assert(strstr(text, "a delays by 10 frames\n"));
    cr_assert(strstr(text, "from mic_1 to main_1: 0 to 10 frames late\n"));
    free(text);
    text = lat_control_print_plan(r.c, LAT_PLAN_JSON);
    cr_assert(strstr(text, "\"latency\": {\"nodes\": {\"a\": 10}, "));
    free(text);
    rig_free(&r);
}

Test(latency, of_processes_is_a_period_a_late_cable)
{
    struct rig r = rig_new_with_processes();
    lat_control_begin(r.c);
    rig_do(&r, "new audio_in mic channels 1\n"
               "new audio_out main channels 1\n"
               "new gain a process own\n"
               "new gain b process own\n"
               "new gain c\n"
               "new gain d process own\n"
               "connect mic a\n"
               "connect a b\n"
               "connect b c\n"
               "connect c d\n"
               "connect d main\n"
               "connect mic main 0.5\n");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    delay(&r, "b", ten_frames);
    ASSERT_PATH(&r, "mic_1", "main_1", 0, 2 * PERIOD + 10);
    ASSERT_PATH(&r, "mic_1", "send/c/out", PERIOD + 10, PERIOD + 10);
    ASSERT_PATH(&r, "return/d/out", "main_1", PERIOD, PERIOD);
    rig_free(&r);
}
