// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "by_hand.h"
#include "base/text.h"
#include "connect.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define FORGET_NS UINT64_C(15000000000)
#define SETTLE_NS UINT64_C(1000000000) // ports go after their connections

static bool
is_planned(const struct lat_link *l, const char *from, const char *to)
{
    char a[600];
    char b[600];
    for (uint32_t i = 0; i < l->plan.n_cables; ++i) {
        lat_name_with_client(l->name, l->plan.cables[i].from, a, sizeof(a));
        lat_name_with_client(l->name, l->plan.cables[i].to, b, sizeof(b));
        if (strcmp(a, from) == 0 && strcmp(b, to) == 0) {
            return true;
        }
    }
    return false;
}

static void
note_hand(struct lat_link *l, const char *from, const char *to)
{
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        if (strcmp(l->hand[i].from, from) == 0 &&
            strcmp(l->hand[i].to, to) == 0) {
            return;
        }
    }
    struct by_hand *grown =
        lat_cable_plan_grow(l->hand, l->n_hand, sizeof(*grown));
    const struct by_hand h = {.from = lat_strdup(from), .to = lat_strdup(to)};
    if (grown) {
        l->hand = grown;
    }
    if (grown && h.from && h.to) {
        grown[l->n_hand++] = h;
    } else {
        free(h.from);
        free(h.to);
    }
}

static void
look_for_hands(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        const char *name = l->foreign[i].label.port;
        jack_port_t *port = jack_port_by_name(l->client, name);
        const char **found =
            port ? jack_port_get_all_connections(l->client, port) : NULL;
        for (uint32_t k = 0; found && found[k]; ++k) {
            const bool is_out = (jack_port_flags(port) & JackPortIsOutput) != 0;
            const char *from = is_out ? name : found[k];
            const char *to = is_out ? found[k] : name;
            if (!is_planned(l, from, to)) {
                note_hand(l, from, to);
            }
        }
        jack_free((void *)found);
    }
}

/// @return false when it is to be forgotten.
static bool
keep_hand(struct lat_link *l, struct by_hand *h, uint64_t now_ns)
{
    if (is_planned(l, h->from, h->to)) {
        return false; // a cable now
    }
    if (lat_link_are_connected(l, h->from, h->to)) {
        h->is_gone = false;
        h->missing_ns = 0;
    } else if (!lat_link_are_there(l, h->from, h->to)) {
        h->missing_ns = h->is_gone ? h->missing_ns : now_ns;
        h->is_gone = true;
        return now_ns - h->missing_ns < FORGET_NS;
    } else if (h->is_gone) {
        h->is_gone = !lat_link_change(l, h->from, h->to, true);
    } else if (!h->missing_ns) {
        h->missing_ns = now_ns;
    } else {
        return now_ns - h->missing_ns < SETTLE_NS;
    }
    return true;
}

void
lat_by_hand_keep(struct lat_link *l)
{
    const uint64_t now_ns = lat_now_ns();
    uint32_t kept = 0;
    look_for_hands(l);
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        if (keep_hand(l, &l->hand[i], now_ns)) {
            l->hand[kept++] = l->hand[i];
        } else {
            free(l->hand[i].from);
            free(l->hand[i].to);
        }
    }
    l->n_hand = kept;
}

void
lat_by_hand_fini(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        free(l->hand[i].from);
        free(l->hand[i].to);
    }
    free(l->hand);
    l->hand = NULL;
    l->n_hand = 0;
}
