// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// While it is on its way, another thread reads `setting`, `text` and `rate` of
// a record and writes `made`, `status` and `error`; the control thread looks at
// those only when it was told that the work is done.

#include "prepared.h"
#include "base/file_id.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/// Most settings that keep what was forgotten, for who still plays it.
#define MOST_SWEEPS 4

struct lat_prepared_store {
    struct lat_elsewhere elsewhere; ///< its run may be NULL
    void (*sweeps[MOST_SWEEPS])(void);
    struct lat_prepared *first;
    bool has_news;
    bool has_unheld; ///< perhaps
};

enum lat_status
lat_prepared_store_new(struct lat_prepared_store **out)
{
    struct lat_prepared_store *s = calloc(1, sizeof(*s));
    *out = s ? s : *out;
    return s ? LAT_OK : LAT_ENOMEM;
}

static void
free_prepared(struct lat_prepared *p)
{
    if (p->made && p->setting->forget) {
        p->setting->forget(p->made);
    }
    free(p->text);
    free(p);
}

/// It is in no list any more: free it, unless somebody is not done with it.
static void
let_go(struct lat_prepared *p)
{
    p->store = NULL;
    if (!p->refs && p->state != LAT_PREPARED_COMING) {
        free_prepared(p);
    }
}

void
lat_prepared_store_free(struct lat_prepared_store *s)
{
    while (s && s->first) {
        struct lat_prepared *p = s->first;
        s->first = p->next;
        let_go(p);
    }
    free(s);
}

void
lat_prepared_store_set_elsewhere(struct lat_prepared_store *s,
                                 const struct lat_elsewhere *elsewhere)
{
    s->elsewhere = elsewhere ? *elsewhere : (struct lat_elsewhere){0};
}

const char *
lat_prepared_key(const struct lat_setting_value *value)
{
    const char *key = value->path ? value->path : value->text;
    return key && *key ? key : NULL;
}

static void
work(void *job)
{
    struct lat_prepared *p = job;
    p->error.text[0] = '\0';
    // What is written meanwhile has another stamp than what is read.
    p->stamp = p->seen = p->setting->stamp ? p->setting->stamp(p->text) : 0;
    if (p->setting->kind == LAT_SETTING_FILE && lat_file_is_special(p->text)) {
        p->status = lat_error_set(&p->error, LAT_EINVAL,
                                  "cannot read %.400s: it is no ordinary file",
                                  p->text);
        return;
    }
    p->status = p->setting->prepare(p->text, p->rate, &p->made, &p->error);
}

static void
take_result(struct lat_prepared *p)
{
    p->state = p->status ? LAT_PREPARED_FAILED : LAT_PREPARED_HERE;
    p->data = p->status ? NULL : p->made;
}

static void
done(void *job)
{
    struct lat_prepared *p = job;
    take_result(p);
    if (p->store) {
        p->store->has_news = true;
    } else {
        let_go(p);
    }
}

struct lat_prepared *
lat_prepared_find(const struct lat_prepared_store *s,
                  const struct lat_setting *setting, const char *key,
                  double rate)
{
    struct lat_prepared *p = s->first;
    while (p && (p->setting != setting || p->rate != rate ||
                 strcmp(p->text, key) != 0)) {
        p = p->next;
    }
    return p;
}

struct lat_prepared *
lat_prepared_first(const struct lat_prepared_store *s)
{
    return s->first;
}

static void
remove_from_list(struct lat_prepared_store *s, const struct lat_prepared *p)
{
    struct lat_prepared **link = &s->first;
    while (*link != p) {
        link = &(*link)->next;
    }
    *link = p->next;
}

static struct lat_prepared *
add(struct lat_prepared_store *s, const struct lat_setting *setting,
    const char *key, double rate)
{
    struct lat_prepared *p = calloc(1, sizeof(*p));
    char *copy = p ? lat_strdup(key) : NULL;
    if (!copy) {
        free(p);
        return NULL;
    }
    *p = (struct lat_prepared){
        .setting = setting,
        .text = copy,
        .rate = rate,
        .store = s,
        .next = s->first,
        .status = LAT_ESYSTEM, // where the work is given up
        .error = {.status = LAT_ESYSTEM, .text = "given up"},
    };
    s->first = p;
    s->has_unheld = true;
    return p;
}

static void
note_sweep(struct lat_prepared_store *s, const struct lat_setting *setting)
{
    uint32_t i = 0;
    while (i < MOST_SWEEPS && s->sweeps[i] && s->sweeps[i] != setting->sweep) {
        ++i;
    }
    if (setting->sweep && i < MOST_SWEEPS) {
        s->sweeps[i] = setting->sweep;
    }
}

/// Whoever waits for it is told by what is returned.
static void
make_at_once(struct lat_prepared *p)
{
    work(p);
    take_result(p);
    p->is_told = true;
}

enum lat_status
lat_prepared_need(struct lat_prepared_store *s,
                  const struct lat_setting *setting, const char *key,
                  double rate, bool is_again, struct lat_error *error)
{
    struct lat_prepared *p = lat_prepared_find(s, setting, key, rate);
    if (p && p->state == LAT_PREPARED_FAILED &&
        (is_again || p->status == LAT_ENOMEM)) {
        remove_from_list(s, p);
        let_go(p);
        p = NULL;
    }
    if (!p) {
        p = add(s, setting, key, rate);
        if (!p) {
            return lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
        note_sweep(s, setting);
        const bool is_quick =
            setting->is_quick ||
            (setting->is_at_hand && setting->is_at_hand(key, rate));
        if (is_quick || !s->elsewhere.run ||
            !s->elsewhere.run(s->elsewhere.data, work, done, p)) {
            make_at_once(p);
        }
    }
    if (p->state != LAT_PREPARED_FAILED) {
        return LAT_OK;
    }
    return lat_error_set(error, p->status, "%s", p->error.text);
}

enum lat_status
lat_prepared_renew(struct lat_prepared_store *s,
                   const struct lat_setting *setting, const char *key,
                   double rate, struct lat_error *error)
{
    struct lat_prepared *const p = lat_prepared_find(s, setting, key, rate);
    if (p && p->refs && p->state != LAT_PREPARED_COMING) {
        remove_from_list(s, p);
        let_go(p);
    }
    return lat_prepared_need(s, setting, key, rate, true, error);
}

void
lat_prepared_hold(struct lat_prepared *p)
{
    if (p) {
        ++p->refs;
    }
}

void
lat_prepared_drop(struct lat_prepared *p)
{
    if (!p || --p->refs) {
        return;
    }
    if (p->store) {
        p->store->has_unheld = true;
    } else {
        let_go(p);
    }
}

void
lat_prepared_sweep(struct lat_prepared_store *s)
{
    for (uint32_t i = 0; i < MOST_SWEEPS && s->sweeps[i]; ++i) {
        s->sweeps[i]();
    }
    if (!s->has_unheld) {
        return;
    }
    s->has_unheld = false;
    for (struct lat_prepared **link = &s->first; *link;) {
        struct lat_prepared *p = *link;
        if (p->refs) {
            link = &p->next;
            continue;
        }
        *link = p->next;
        let_go(p);
    }
}

bool
lat_prepared_take_news(struct lat_prepared_store *s)
{
    const bool has_news = s->has_news;
    s->has_news = false;
    return has_news;
}

bool
lat_prepared_has_news(const struct lat_prepared_store *s)
{
    return s->has_news;
}

void
lat_prepared_keep_news(struct lat_prepared_store *s)
{
    s->has_news = true;
}

void
lat_prepared_set_told(struct lat_prepared_store *s)
{
    for (struct lat_prepared *p = s->first; p; p = p->next) {
        p->is_told = p->state == LAT_PREPARED_FAILED;
    }
}

uint32_t
lat_prepared_count(const struct lat_prepared_store *s, uint32_t *n_coming)
{
    uint32_t n = 0;
    *n_coming = 0;
    for (const struct lat_prepared *p = s->first; p; p = p->next) {
        ++n;
        *n_coming += p->state == LAT_PREPARED_COMING;
    }
    return n;
}
