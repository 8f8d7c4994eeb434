// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What `lattice top` makes of the messages of a lattice.

#include "cli/top.h"
#include "osc/test_osc.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static struct lat_top top;
static struct lat_top_view view;

#define TAKE(...)                                                              \
 do {                                                                          \
  size_t size_ = 0;                                                            \
  void *const packet_ = osc_packet(&size_, __VA_ARGS__);                       \
  struct lat_osc_message m_;                                                   \
  cr_assert_eq(lat_osc_message_read(&m_, packet_, size_, NULL), LAT_OK);       \
  lat_top_take(&top, &m_);                                                     \
  lat_osc_message_fini(&m_);                                                   \
  free(packet_);                                                               \
 } while (0)

static void
make_picture(void)
{
    TAKE("/graph/nodes", "ss", "lead", "saw");
    TAKE("/graph/nodes", "ss", "bass", "saw");
    TAKE("/graph/nodes", "ss", "main", "audio_out");
    TAKE("/done", "si", "/graph/nodes", 3);
    TAKE("/graph/load", "sf", "lead", 1000.0);
    TAKE("/graph/load", "sf", "bass", 3000.0);
    TAKE("/graph/load", "sf", "main", 2000.0);
    TAKE("/graph/load", "sf", "gone", 9000.0);
    TAKE("/done", "si", "/graph/load", 4);
    TAKE("/graph/batches", "iss", 0, "lead", "bass");
    TAKE("/graph/batches", "is", 1, "main");
    TAKE("/done", "si", "/graph/batches", 2);
    TAKE("/status/engine", "sd", "rate", 48000.0);
    TAKE("/status/engine", "sh", "block", (int64_t)48);
    TAKE("/status/engine", "sh", "period", (int64_t)96);
    TAKE("/status/engine", "ss", "isa", "avx2");
    TAKE("/status/engine", "sd", "load", 0.125);
    TAKE("/status/engine", "sh", "a_key_of_later", (int64_t)1);
    TAKE("/done", "si", "/status/engine", 6);
}

static void
end(void)
{
    lat_top_view_fini(&view);
    lat_top_fini(&top);
}

/// The names that are seen, in order.
static const char *
seen(void)
{
    static char names[256];
    names[0] = '\0';
    cr_assert(lat_top_select(&top, &view));
    for (uint32_t i = 0; i < view.n; ++i) {
        strcat(names, i ? " " : "");
        strcat(names, top.rows[view.order[i]].name);
    }
    return names;
}

TestSuite(top, .init = make_picture, .fini = end);

Test(top, puts_lists_together_by_name)
{
    cr_assert_eq(top.n_rows, 3);
    cr_assert_eq(top.n_pictures, 1);
    const struct lat_top_row *const bass = lat_top_find(&top, "bass");
    cr_assert_not_null(bass);
    cr_expect_str_eq(bass->type, "saw");
    cr_expect_eq(bass->batch, 0);
    cr_expect_eq(lat_top_find(&top, "main")->batch, 1);
    cr_expect_null(lat_top_find(&top, "gone"));
    cr_expect_str_eq(top.engine.isa, "avx2");
    // 3000 ns of a block of 1 ms, two of which are a period.
    cr_expect_float_eq(lat_top_period_ns(&top, bass), 6000.0, 1e-9);
    cr_expect_float_eq(lat_top_share(&top, bass), 0.003, 1e-9);
}

/// The line of a node.
static const char *
line_of(const char *name)
{
    static char line[LAT_TOP_LINE_BYTES];
    cr_assert(lat_top_select(&top, &view));
    return lat_top_line(&top, &view, lat_top_find(&top, name), 200, line);
}

Test(top, marks_who_sleeps)
{
    cr_expect_null(strstr(line_of("lead"), "asleep"));
    TAKE("/graph/asleep", "si", "lead", 7);
    TAKE("/graph/asleep", "si", "gone", 7);
    TAKE("/done", "si", "/graph/asleep", 2);
    cr_expect_not_null(strstr(line_of("lead"), "  7 asleep"), "%s",
                       line_of("lead"));
    cr_expect_null(strstr(line_of("bass"), "asleep"));
    TAKE("/done", "si", "/graph/asleep", 0);
    cr_expect_null(strstr(line_of("lead"), "asleep"), "it woke");
}

Test(top, keeps_what_it_knows_of_nodes_that_stay)
{
    TAKE("/graph/nodes", "ss", "bass", "saw");
    cr_expect_eq(top.n_rows, 3, "the list is not complete");
    TAKE("/graph/nodes", "ss", "new", "sine");
    TAKE("/done", "si", "/graph/nodes", 2);
    cr_expect_str_eq(seen(), "bass new");
    cr_expect_float_eq(lat_top_find(&top, "bass")->block_ns, 3000.0, 1e-9);
    cr_expect_eq(lat_top_find(&top, "new")->batch, -1);
}

Test(top, sorts_by_any_column_both_ways)
{
    static const struct {
        const char *column, *down, *up;
    } wanted[] = {
        {"node", "bass lead main", "main lead bass"},
        {"type", "main bass lead", "bass lead main"},
        {"batch", "main bass lead", "bass lead main"},
        {"ns", "bass main lead", "lead main bass"},
        {"share", "bass main lead", "lead main bass"},
        {"peak", "lead bass main", "main bass lead"},
        {"rms", "bass lead main", "main lead bass"},
    };
    TAKE("/node/lead/out/peak", "f", 0.5);
    TAKE("/node/lead/out/rms", "f", 0.1);
    TAKE("/node/bass/out/peak", "f", 0.4);
    TAKE("/node/bass/out/rms", "f", 0.2);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); ++i) {
        view.column = lat_top_column_find(wanted[i].column);
        cr_assert_neq(view.column, LAT_TOP_N_COLUMNS);
        view.is_reversed = false;
        cr_expect_str_eq(seen(), wanted[i].down, "%s", wanted[i].column);
        view.is_reversed = true;
        cr_expect_str_eq(seen(), wanted[i].up, "%s", wanted[i].column);
    }
    cr_expect_eq(lat_top_column_find("colour"), LAT_TOP_N_COLUMNS);
}

Test(top, filters_by_part_or_pattern)
{
    view.column = LAT_TOP_NODE;
    view.filter = "a";
    cr_expect_str_eq(seen(), "bass lead main");
    view.filter = "ea";
    cr_expect_str_eq(seen(), "lead");
    view.filter = "?a*";
    cr_expect_str_eq(seen(), "bass main");
    view.filter = "{bass,lead}";
    cr_expect_str_eq(seen(), "bass lead");
    view.filter = "z";
    cr_expect_str_eq(seen(), "");
    view.filter = "";
    cr_expect_eq(view.n, 0);
    cr_expect_str_eq(seen(), "bass lead main");
}

Test(top, shows_the_loudest_output)
{
    struct lat_top_row *const lead = lat_top_find(&top, "lead");
    cr_expect_lt(lat_top_peak(lead), 0.0F, "not told");
    TAKE("/node/lead/left/peak", "f", 0.5);
    TAKE("/node/lead/right/peak", "f", 0.25);
    cr_expect_float_eq(lat_top_peak(lead), 0.5F, 1e-6);
    TAKE("/node/lead/left/peak", "f", 0.125);
    cr_expect_float_eq(lat_top_peak(lead), 0.25F, 1e-6);
    // What a meter measures by itself.
    TAKE("/node/bass/peak", "f", 0.75);
    TAKE("/node/bass/rms", "f", 0.5);
    cr_expect_float_eq(lat_top_peak(lat_top_find(&top, "bass")), 0.75F, 1e-6);
    cr_expect_float_eq(lat_top_rms(lat_top_find(&top, "bass")), 0.5F, 1e-6);
    for (int i = 0; i < 2 * LAT_TOP_METERS; ++i) {
        char path[64];
        snprintf(path, sizeof(path), "/node/main/out_%d/peak", i);
        TAKE(path, "f", (double)i);
    }
    cr_expect_float_eq(lat_top_peak(lat_top_find(&top, "main")),
                       LAT_TOP_METERS - 1, 1e-6);
}

Test(top, takes_no_harm_from_messages_of_another_kind)
{
    TAKE("/graph/nodes", "i", 3);
    TAKE("/graph/load", "ss", "bass", "much");
    TAKE("/graph/batches", "si", "zero", 1);
    TAKE("/status/engine", "sd", "isa", 1.0);
    TAKE("/status/engine", "ss", "rate", "fast");
    TAKE("/node/bass/out/peak", "s", "loud");
    TAKE("/node/nobody/out/peak", "f", 1.0);
    TAKE("/node/bass/out/scope/peak", "f", 1.0);
    TAKE("/node/bass/out/last", "f", 1.0);
    TAKE("/done", "i", 1);
    TAKE("/fail", "ss", "/subscribe", "no");
    cr_expect_eq(top.n_rows, 3);
    cr_expect_str_eq(top.engine.isa, "avx2");
    cr_expect_float_eq(top.engine.rate, 48000.0, 1e-9);
    cr_expect_float_eq(lat_top_find(&top, "bass")->block_ns, 3000.0, 1e-9);
    cr_expect_lt(lat_top_peak(lat_top_find(&top, "bass")), 0.0F);
}

Test(top, shows_no_control_bytes)
{
    TAKE("/graph/nodes", "ss", "a\033[2J",
         "\xff"
         "b");
    TAKE("/done", "si", "/graph/nodes", 1);
    TAKE("/status/engine", "ss", "isa", "x\ny");
    cr_expect_str_eq(top.rows[0].name, "a?[2J");
    cr_expect_str_eq(top.rows[0].type, "?b");
    cr_expect_str_eq(top.engine.isa, "x?y");
}

Test(top, writes_lines_of_a_width)
{
    char line[LAT_TOP_LINE_BYTES];
    TAKE("/node/bass/out/peak", "f", 0.5);
    TAKE("/node/bass/out/rms", "f", 0.0);
    view.column = LAT_TOP_SHARE;
    seen();
    cr_expect_str_eq(lat_top_head(&view, 100, line),
                     "NODE     TYPE       BATCH        NS  SHAREv      PEAK"
                     "       RMS");
    cr_expect_str_eq(
        lat_top_line(&top, &view, lat_top_find(&top, "bass"), 100, line),
        "bass     saw            0      6000   0.30%   -6.0 dB    silent");
    cr_expect_str_eq(
        lat_top_line(&top, &view, lat_top_find(&top, "main"), 100, line),
        "main     audio_out      1      4000   0.20%         -         -");
    cr_expect_str_eq(
        lat_top_line(&top, &view, lat_top_find(&top, "bass"), 12, line),
        "bass     saw");
    view.is_reversed = true;
    view.column = LAT_TOP_NODE;
    cr_expect_str_eq(lat_top_head(&view, 10, line), "NODEv    T");
}

Test(top, says_of_whom_it_has_no_figures)
{
    TAKE("/graph/load", "sd", "bass", 0.0);
    cr_expect_not_null(strstr(line_of("bass"), " -       -  "), "%s",
                       line_of("bass"));
    cr_expect_lt(lat_top_share(&top, lat_top_find(&top, "bass")), 0.0);
}

Test(top, writes_any_numbers)
{
    char line[LAT_TOP_LINE_BYTES];
    memset(&top.engine, 0, sizeof(top.engine));
    for (uint32_t i = 0; i < LAT_TOP_N_HEADER; ++i) {
        cr_expect_not_null(strstr(lat_top_header(&top, i, line), "0"));
    }
    cr_expect_eq(lat_top_share(&top, &top.rows[0]), 0.0);
    for (double *at = (double *)&top.engine; (char *)at < top.engine.isa;
         ++at) {
        *at = 1e300;
    }
    for (uint32_t i = 0; i < LAT_TOP_N_HEADER; ++i) {
        cr_expect_lt(strlen(lat_top_header(&top, i, line)), sizeof(line));
    }
    top.rows[0].block_ns = 1e300;
    cr_assert(lat_top_select(&top, &view));
    cr_expect_lt(strlen(lat_top_line(&top, &view, &top.rows[0], 1000, line)),
                 sizeof(line));
}
