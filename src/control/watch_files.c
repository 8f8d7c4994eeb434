// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files that settings stand for, read again when they have changed on disk:
// about once a second another thread looks at them.  What is other than when it
// was read, and the same in two looks, is whole, as far as one can tell.  What
// is gone stays as it was.

#include "base/text.h"
#include "state.h"
#include "units/config_data.h"
#include "units/prepared.h"

#include <stdlib.h>

#define LOOK_NS UINT64_C(1000000000)

/// One of the files, or sets of them, that are looked at.
struct seen {
    const struct lat_setting *setting;
    char *text;
    double rate;
    uint64_t stamp;
};

struct lat_look {
    struct lat_control *c; ///< NULL: it is gone
    uint32_t n;
    struct seen seen[];
};

static bool
is_watched(const struct lat_prepared *p)
{
    return p->refs && p->setting->stamp && p->state != LAT_PREPARED_COMING;
}

static uint32_t
count(const struct lat_control *c)
{
    uint32_t n = 0;
    for (const struct lat_prepared *p = lat_prepared_first(c->prepared); p;
         p = p->next) {
        n += is_watched(p);
    }
    return n;
}

static void
free_look(struct lat_look *l)
{
    for (uint32_t i = 0; i < l->n; ++i) {
        free(l->seen[i].text);
    }
    free(l);
}

static void
look(void *job)
{
    struct lat_look *const l = job;
    for (uint32_t i = 0; i < l->n; ++i) {
        l->seen[i].stamp = l->seen[i].setting->stamp(l->seen[i].text);
    }
}

static void
take(struct lat_control *c, const struct seen *s)
{
    struct lat_prepared *const p =
        lat_prepared_find(c->prepared, s->setting, s->text, s->rate);
    if (!p || !is_watched(p) || !s->stamp) {
        return;
    }
    const bool is_settled = s->stamp == p->seen;
    p->seen = s->stamp;
    p->is_changed = s->stamp != p->stamp && is_settled;
    c->has_changed_files = c->has_changed_files || p->is_changed;
}

static void
done(void *job)
{
    struct lat_look *const l = job;
    struct lat_control *const c = l->c;
    for (uint32_t i = 0; c && i < l->n; ++i) {
        take(c, &l->seen[i]);
    }
    if (c) {
        c->look = NULL;
        c->look_ns = lat_now_ns() + LOOK_NS;
    }
    free_look(l);
}

static struct lat_look *
prepare_look(struct lat_control *c, uint32_t n)
{
    struct lat_look *const l = calloc(1, sizeof(*l) + n * sizeof(l->seen[0]));
    if (!l) {
        return NULL;
    }
    l->c = c;
    for (const struct lat_prepared *p = lat_prepared_first(c->prepared); p;
         p = p->next) {
        char *const text = is_watched(p) ? lat_strdup(p->text) : NULL;
        if (text) {
            l->seen[l->n++] =
                (struct seen){p->setting, text, p->rate, p->stamp};
        }
    }
    return l;
}

void
lat_control_look_at_files(struct lat_control *c)
{
    if (!c->elsewhere.run || c->look || lat_now_ns() < c->look_ns) {
        return;
    }
    const uint32_t n = count(c);
    if (!n) {
        return;
    }
    c->look_ns = lat_now_ns() + LOOK_NS;
    struct lat_look *const l = prepare_look(c, n);
    c->look = l;
    if (l && !c->elsewhere.run(c->elsewhere.data, look, done, l)) {
        c->look = NULL;
        free_look(l);
    }
}

static struct lat_prepared *
find_changed(const struct lat_control *c)
{
    struct lat_prepared *p = lat_prepared_first(c->prepared);
    while (p && !p->is_changed) {
        p = p->next;
    }
    return p;
}

/// Does what a node has of a setting's file come from what is there no more?
static bool
has_old(const struct lat_control *c, const struct lat_node *node, uint32_t i)
{
    const struct lat_instance *const inst = lat_units_instance(node);
    const struct lat_setting *const setting = &node->type->settings[i];
    const char *const key = lat_prepared_key(&node->settings[i]);
    return inst && setting->stamp && key &&
           lat_config_wanted(inst->config, i) !=
               lat_prepared_find(c->prepared, setting, key, c->rate);
}

/// Have a node's configuration hold what is read anew.
static enum lat_status
hold_new(struct lat_control *c, struct lat_node *node)
{
    bool is_old = false;
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        is_old = is_old || has_old(c, node, i);
    }
    return is_old ? lat_control_configure_anew(c, node) : LAT_OK;
}

void
lat_control_take_changed_files(struct lat_control *c)
{
    if (!c->has_changed_files) {
        return;
    }
    c->has_changed_files = false;
    const struct lat_origin before = lat_control_set_origin(
        c, (struct lat_origin){.kind = LAT_ORIGIN_PROGRAM});
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (struct lat_prepared *p = find_changed(c); p; p = find_changed(c)) {
        p->is_changed = false;
        c->n_changed_files += !lat_prepared_renew(c->prepared, p->setting,
                                                  p->text, p->rate, NULL);
    }
    for (struct lat_node *n = c->g->first; n && !status; n = n->next) {
        status = hold_new(c, n);
    }
    (void)lat_command_end(c, command, status, NULL);
    (void)lat_control_set_origin(c, before);
}

uint64_t
lat_control_next_look_ns(const struct lat_control *c)
{
    return c->elsewhere.run && !c->look && count(c) ? c->look_ns : UINT64_MAX;
}

void
lat_control_end_look(struct lat_control *c)
{
    if (c->look) {
        c->look->c = NULL; // whoever is done with it frees it
        c->look = NULL;
    }
}
