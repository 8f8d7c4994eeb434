// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The table of addresses: of every type, each is found by its words, and does
// what the table says.

#include "test_osc.h"

#include "base/rt.h"
#include "control/control.h"
#include "osc/addresses.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(osc_addresses, .init = osc_setup, .fini = osc_teardown,
          .timeout = 60);

static const struct lat_node *
make(const char *type)
{
    osc_send("/node/new", "ss", type, "n");
    return lat_graph_find(lat_control_graph(osc_control), "n");
}

/// Go through all addresses of all types.
static void
each(void (*check)(const struct lat_osc_address *a))
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        const struct lat_node *const n = make((*t)->name);
        cr_assert_not_null(n, "%s", (*t)->name);
        for (enum lat_osc_address_kind k = 0; k < LAT_N_ADDRESS_KINDS; ++k) {
            struct lat_osc_address a;
            for (uint32_t i = 0; lat_osc_address_get(n, k, i, &a); ++i) {
                cr_assert_eq(a.kind, k);
                check(&a);
            }
        }
        osc_send("/node/free", "s", "n");
    }
}

static void
expect_found(const struct lat_osc_address *a)
{
    char text[LAT_OSC_PATH_MAX];
    char again[LAT_OSC_PATH_MAX];
    struct lat_osc_words w;
    struct lat_osc_address found;
    cr_assert(lat_osc_split(&w, lat_osc_address_text(a, text)));
    const char *const tail = w.n > 3 ? w.word[3] : "";
    if (a->is_hidden) {
        cr_expect(lat_osc_address_find(a->node, w.word[2], tail, LAT_ACCESS_ASK,
                                       &found));
        cr_expect_neq(found.kind, a->kind, "%s", text);
        return;
    }
    cr_assert(lat_osc_address_find(a->node, w.word[2], tail,
                                   lat_osc_address_forms[a->kind].access,
                                   &found),
              "%s", text);
    cr_expect_eq(found.kind, a->kind, "%s", text);
    cr_expect_eq(found.index, a->index, "%s", text);
    cr_expect_str_eq(lat_osc_address_text(&found, again), text);
}

Test(osc_addresses, each_is_found_by_its_words)
{
    each(expect_found);
}

/// Asked, it answers if the table says so, and says what is wrong if not.
static void
expect_asked(const struct lat_osc_address *a)
{
    char text[LAT_OSC_PATH_MAX];
    const bool is_asked =
        (lat_osc_address_forms[a->kind].access & LAT_ACCESS_ASK) != 0;
    const char *const answer = osc_send(lat_osc_address_text(a, text), "");
    cr_expect_eq(strncmp(answer, "/fail", 5) != 0, is_asked, "%s: %s", text,
                 answer);
    cr_expect(!is_asked || strncmp(answer, text, strlen(text)) == 0 ||
                  strlen(answer) == 0, // an output's comes a period later
              "%s: %s", text, answer);
}

Test(osc_addresses, each_can_be_asked_as_the_table_says)
{
    each(expect_asked);
}

static void
expect_range(const struct lat_osc_address *a)
{
    const struct lat_osc_address_range r = lat_osc_address_range(a);
    cr_expect_not_null(r.kind);
    cr_expect_not_null(r.unit);
    cr_expect_not_null(r.curve);
    cr_expect(r.doc && *r.doc, "%s", a->name);
    cr_expect_leq(r.min, r.max, "%s", a->name);
    if (a->kind == LAT_ADDRESS_INPUT) {
        cr_expect(r.low >= r.min && r.high <= r.max, "%s", a->name);
        cr_expect(*r.curve, "%s", a->name);
    }
}

Test(osc_addresses, each_has_what_descriptors_say)
{
    each(expect_range);
}

Test(osc_addresses, finds_nothing_else)
{
    const struct lat_node *const n = make("sine");
    struct lat_osc_address a;
    const unsigned all = LAT_ACCESS_SET | LAT_ACCESS_ASK | LAT_ACCESS_SUBSCRIBE;
    cr_expect(lat_osc_address_find(n, "freq", "", all, &a));
    cr_expect(lat_osc_address_find(n, "freq", "norm", all, &a));
    cr_expect_not(lat_osc_address_find(n, "freq", "peak", all, &a));
    cr_expect_not(lat_osc_address_find(n, "fre", "", all, &a));
    cr_expect_not(lat_osc_address_find(n, "out", "", LAT_ACCESS_SET, &a));
    cr_expect_not(lat_osc_address_find(n, "out", "norm", all, &a));
    cr_expect_not(lat_osc_address_find(n, "out", "peak", LAT_ACCESS_ASK, &a));
    cr_expect_not(lat_osc_address_get(n, LAT_ADDRESS_TEMPO, 0, &a));
}
