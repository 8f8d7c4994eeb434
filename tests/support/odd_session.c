// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "odd_session.h"

#include "base/rt.h"
#include "base/text.h"
#include "node/common_settings.h"
#include "odd_session_private.h"
#include "odd_text.h"
#include "sessions/escape.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Nodes with device ports in a session, which are few.
#define MAX_DEVICES 12U

#define MAX_KEYS 400U // of a node

uint32_t
odd_below(struct odd_maker *m, uint32_t n)
{
    return (uint32_t)(odd_draw(&m->seed) % n);
}

static void
put(struct odd_maker *m, const char *text)
{
    cr_assert_eq(lat_buffer_append(&m->out, text, strlen(text)), LAT_OK);
}

static bool
is_one_in(struct odd_maker *m, uint32_t n)
{
    return odd_below(m, n) == 0;
}

// Lines and their comments.

/// A comment of any kind, in characters of more than one byte too.
static void
draw_comment(struct odd_maker *m, char out[400])
{
    static const char *const words[] = {"", "grün ", "日本 ", "\U0001f3b9 "};
    char odd[300];
    odd_comment(&m->seed, odd);
    snprintf(out, 400, "%s%s", words[odd_below(m, 4)], odd);
}

/// Blank and comment lines, now and then.
static void
put_above(struct odd_maker *m)
{
    char comment[400];
    while (is_one_in(m, m->has_many_comments ? 3 : 40)) {
        draw_comment(m, comment);
        put(m, is_one_in(m, 3) ? "" : is_one_in(m, 2) ? "; " : "  #");
        put(m, m->out.text[m->out.length - 1] == '\n' ? "" : comment);
        put(m, "\n");
    }
}

/// A line, which may get a comment above it and one behind it.
void
odd_put_line(struct odd_maker *m, const char *line)
{
    char comment[400];
    const size_t length = strlen(line);
    put_above(m);
    put(m, line);
    if (!strchr(line, '\n') && length < 140 &&
        is_one_in(m, m->has_many_comments ? 3 : 40)) {
        odd_comment(&m->seed, comment);
        comment[odd_below(m, 40)] = '\0';
        put(m, is_one_in(m, 2) ? " ;" : "     ; ");
        put(m, is_one_in(m, 3) ? "ü" : "");
        put(m, comment);
    }
    put(m, "\n");
}

/// A text as people wrap it: at blanks, and within words.
static void
wrap_by_hand(struct odd_maker *m, struct lat_buffer *out)
{
    struct lat_buffer wrapped = {0};
    size_t in_line = 40;
    for (const char *c = out->text; *c != '\0'; ++c, ++in_line) {
        const bool is_plain = c > out->text && c[-1] != ' ' && c[-1] != '\\' &&
                              c[-1] != '\n' && c[1] != ' ' && c[1] != '\0' &&
                              c[1] != ';' && c[1] != '#' && c[1] != '\n';
        if (*c == '\n') {
            in_line = 0;
        }
        if (*c == ' ' && is_plain && in_line > 8 && is_one_in(m, 4)) {
            lat_buffer_append(&wrapped, "\n  ", 3);
            in_line = 0;
            continue;
        }
        lat_buffer_append(&wrapped, c, 1);
    }
    free(lat_buffer_take(out));
    *out = wrapped;
}

/// KEY = TEXT, with the escapes that it needs.
void
odd_put_text(struct odd_maker *m, const char *key, const char *text)
{
    struct lat_buffer line = {0};
    struct lat_buffer value = {0};
    cr_assert_eq(lat_text_escape(&value, text, strlen(key) + 3), LAT_OK);
    if (value.text && is_one_in(m, 3)) {
        wrap_by_hand(m, &value);
    }
    lat_buffer_append(&line, key, strlen(key));
    lat_buffer_append(&line, " = ", 3);
    if (value.text) {
        lat_buffer_append(&line, value.text, value.length);
    }
    odd_put_line(m, line.text);
    free(lat_buffer_take(&value));
    free(lat_buffer_take(&line));
}

__attribute__((format(printf, 3, 4))) static void
put_key(struct odd_maker *m, const char *key, const char *format, ...)
{
    static const char *const equals[] = {" = ", "=", ": ", " =\t", "  =  "};
    char line[600];
    const int n = snprintf(line, sizeof(line), "%s%s", key,
                           is_one_in(m, 3) ? equals[odd_below(m, 5)] : " = ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + n, sizeof(line) - (size_t)n, format, arguments);
    va_end(arguments);
    odd_put_line(m, line);
}

// Nodes.

/// A key of a node, which is written when all are known: their order is free.
struct key {
    const char *name;
    const struct lat_setting *setting; ///< or an input
    const struct lat_port *port;
    const char *voice; ///< behind the name: ".2", or NULL
    char value[64];    ///< where it is no long text
};

struct keys {
    struct key list[MAX_KEYS];
    uint32_t n;
};

static struct key *
add_key(struct keys *keys, const char *name)
{
    cr_assert_lt(keys->n, MAX_KEYS);
    struct key *const k = &keys->list[keys->n++];
    *k = (struct key){.name = name};
    return k;
}

static void
draw_setting(struct odd_maker *m, struct odd_node *node, struct keys *keys,
             uint32_t i)
{
    const struct lat_setting *const s = &node->type->settings[i];
    struct key *const k = add_key(keys, s->name);
    uint32_t n_words = 0;
    k->setting = s;
    while (s->words && s->words[n_words]) {
        ++n_words;
    }
    if (n_words > 0 && (s->kind == LAT_SETTING_WORD || is_one_in(m, 3))) {
        snprintf(k->value, sizeof(k->value), "%s",
                 s->words[odd_below(m, n_words)]);
    } else if (s->kind == LAT_SETTING_INTEGER) {
        const double most =
            is_one_in(m, 8) || s->max < s->min + 4 ? s->max : s->min + 4;
        const double x =
            s->min + (double)odd_below(m, (uint32_t)(most - s->min) + 1);
        snprintf(k->value, sizeof(k->value), "%.0f", x);
        node->settings[i].number = x;
    } else if (s->kind == LAT_SETTING_NUMBER) {
        // Not the longest delay lines: there are thousands of them.
        const double most = is_one_in(m, 50) ? s->max : s->initial;
        const double u = (double)odd_below(m, 1001) / 1000.0;
        lat_format_double(s->min + (most - s->min) * u, k->value,
                          sizeof(k->value));
    }
}

// All that have voices have as many, so that any cable fits.
#define POLY "3"

static void
draw_voices(struct odd_maker *m, const struct odd_node *node, struct keys *keys)
{
    static const char *const voices[] = {".1", ".2", ".3"};
    snprintf(add_key(keys, LAT_POLY_SETTING)->value, 64, POLY);
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        if (is_one_in(m, 4)) {
            struct key *const k = add_key(keys, node->layout->in[i].name);
            k->port = node->layout->in[i].port;
            k->voice = voices[odd_below(m, 3)];
            odd_value(m, k->port, k->value);
        }
    }
}

static void
draw_keys(struct odd_maker *m, struct odd_node *node, struct keys *keys)
{
    static const struct lat_setting note = {.name = "note",
                                            .kind = LAT_SETTING_TEXT};
    snprintf(add_key(keys, "type")->value, 64, "%s", node->type->name);
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        if (is_one_in(m, 2)) {
            const double before = node->settings[i].number;
            draw_setting(m, node, keys, i);
            if (node->type->check && node->type->check(node->settings, NULL)) {
                node->settings[i].number = before; // not with the others
                --keys->n;
            }
        }
    }
    node->layout = lat_layout_get(&m->layouts, node->type, node->settings);
    cr_assert_not_null(node->layout);
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        if (is_one_in(m, 2)) {
            struct key *const k = add_key(keys, node->layout->in[i].name);
            k->port = node->layout->in[i].port;
            odd_value(m, k->port, k->value);
        }
    }
    const struct lat_setting *common = NULL;
    bool is_mono = !lat_type_can_be_poly(node->type);
    for (uint32_t i = 0; (common = lat_common_setting(node->type, i)); ++i) {
        if (common->words && is_one_in(m, 12)) {
            const uint32_t word = odd_below(m, 2);
            snprintf(add_key(keys, common->name)->value, 64, "%s",
                     common->words[word]);
            is_mono = is_mono || strcmp(common->name, LAT_PROCESS_SETTING) == 0;
        }
    }
    if (!is_mono && is_one_in(m, 6)) {
        draw_voices(m, node, keys);
    }
    if (is_one_in(m, 6)) {
        snprintf(add_key(keys, "at")->value, 64, "%g %d",
                 (double)odd_below(m, 20000) / 16.0 - 400.0,
                 (int)odd_below(m, 900) - 450);
    }
    if (is_one_in(m, 4)) {
        add_key(keys, "note")->setting = &note;
    }
}

static bool
is_text(const struct key *k)
{
    return k->setting && (k->setting->kind == LAT_SETTING_TEXT ||
                          k->setting->kind == LAT_SETTING_FILE ||
                          k->setting->kind == LAT_SETTING_LIST);
}

/// Numbers, notes and rests, few or very many.
static void
draw_list(struct odd_maker *m, char *out, size_t size)
{
    static const char *const items[] = {"~",   "0",   "1",  "-7.25", "1e-3",
                                        "eb3", "f#2", "c4", "0.5",   "12"};
    uint32_t n = 1 + odd_below(m, is_one_in(m, 20) ? 200 : 12);
    *out = '\0';
    for (size_t used = 0; n > 0 && used + 20 < size; --n) {
        used += (size_t)snprintf(out + used, size - used, "%s%s",
                                 used ? is_one_in(m, 9) ? "  " : " " : "",
                                 items[odd_below(m, LAT_COUNT(items))]);
    }
}

static void
put_text_key(struct odd_maker *m, const struct key *k)
{
    char text[2001];
    if (k->setting->kind == LAT_SETTING_LIST) {
        draw_list(m, text, sizeof(text));
    } else {
        odd_name(&m->seed, is_one_in(m, 10) ? 2000 : 120, "", text);
    }
    if (k->setting->check && k->setting->check(text, NULL)) {
        snprintf(text, sizeof(text), "%s", k->setting->initial_text);
    }
    odd_put_text(m, k->name, text);
}

static void
put_node(struct odd_maker *m, struct odd_node *node)
{
    static struct keys keys;
    char line[LAT_NAME_MAX + 16];
    keys.n = 0;
    draw_keys(m, node, &keys);
    snprintf(line, sizeof(line), "[node %s]", node->name);
    odd_put_line(m, line);
    for (uint32_t n = keys.n; n > 0; --n) {
        // The type first, or in any order.
        const uint32_t i = m->has_odd_order ? odd_below(m, n) : keys.n - n;
        const struct key k = keys.list[i];
        if (m->has_odd_order) {
            keys.list[i] = keys.list[n - 1];
        }
        if (is_text(&k)) {
            put_text_key(m, &k);
        } else {
            char name[80];
            snprintf(name, sizeof(name), "%s%s", k.name,
                     k.voice ? k.voice : "");
            put_key(m, name, "%s", k.value);
        }
    }
    if (!m->has_many_comments) {
        put(m, "\n");
    }
}

static const struct lat_node_type *
draw_type(struct odd_maker *m)
{
    const struct lat_node_type *const *const types = lat_node_types();
    uint32_t n = 0;
    while (types[n]) {
        ++n;
    }
    for (;;) {
        const struct lat_node_type *const type = types[odd_below(m, n)];
        const uint32_t device = LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT;
        if (!(type->flags & device)) {
            return type;
        }
        if (m->n_devices < MAX_DEVICES) {
            ++m->n_devices;
            return type;
        }
    }
}

static void
draw_nodes(struct odd_maker *m)
{
    for (uint32_t i = 0; i < m->n; ++i) {
        struct odd_node *const node = &m->nodes[i];
        char name[LAT_NAME_MAX];
        odd_node_name(&m->seed, name);
        // The number makes it another than all before.
        snprintf(node->name, sizeof(node->name), "%sn%u_%.20s",
                 is_one_in(m, 9) ? "part." : "", i,
                 is_one_in(m, 3) ? name : "");
        for (char *c = strchr(node->name, '_'); *c != '\0'; ++c) {
            if (*c == '.') {
                *c = '_';
            }
        }
        // The last is where all flows to.
        node->type =
            i + 1 == m->n ? lat_node_type_find("audio_out") : draw_type(m);
        node->settings = lat_settings_copy(node->type, NULL);
        cr_assert_not_null(node->settings);
    }
}

// The file.

static void
put_head(struct odd_maker *m)
{
    odd_put_line(m, "[session]");
    put_key(m, "format", "1");
    if (is_one_in(m, 2)) {
        put_key(m, "made_by", "lattice 0.0.%u", odd_below(m, 9));
    }
    if (is_one_in(m, 2)) {
        put_key(m, "block", "%u", 1 + odd_below(m, is_one_in(m, 4) ? 999 : 64));
    }
}

static void
put_transport(struct odd_maker *m)
{
    odd_put_line(m, "[transport]");
    if (is_one_in(m, 2)) {
        put_key(m, "tempo", "%.9g", 1.0 + odd_below(m, 9990000) / 10007.0);
    }
    if (is_one_in(m, 2)) {
        put_key(m, "beats_per_cycle", "%g", 0.25 * (1 + odd_below(m, 255)));
    }
    if (is_one_in(m, 2)) {
        put_key(m, "playing", is_one_in(m, 4) ? "no" : "yes");
    }
    if (is_one_in(m, 2)) {
        put_key(m, "sync", is_one_in(m, 8) ? "jack" : "own");
    }
}

static void
put_nodes(struct odd_maker *m)
{
    for (uint32_t i = 0; i < m->n; ++i) {
        put_node(m, &m->nodes[i]);
    }
}

char *
odd_session(uint64_t seed, uint32_t n_nodes)
{
    // Cables and maps know the ports when the nodes have been written; in the
    // file their sections may stand before.
    static void (*const sections[])(struct odd_maker * m) = {
        put_head,     put_transport, put_nodes,   odd_put_cables,
        odd_put_jack, odd_put_maps,  odd_put_osc,
    };
    struct odd_maker m = {.seed = seed, .n = n_nodes};
    char *texts[LAT_COUNT(sections)] = {0};
    struct lat_buffer file = {0};
    m.nodes = calloc(n_nodes, sizeof(*m.nodes));
    cr_assert_not_null(m.nodes);
    m.has_many_comments = is_one_in(&m, 4);
    m.has_odd_order = is_one_in(&m, 3);
    draw_nodes(&m);
    for (size_t i = 0; i < LAT_COUNT(sections); ++i) {
        put(&m, "\n");
        sections[i](&m);
        put_above(&m);
        texts[i] = lat_buffer_take(&m.out);
    }
    for (size_t n = LAT_COUNT(sections); n > 0; --n) {
        const size_t i = m.has_odd_order ? odd_below(&m, (uint32_t)n)
                                         : LAT_COUNT(sections) - n;
        lat_buffer_append(&file, texts[i], strlen(texts[i]));
        free(texts[i]);
        if (m.has_odd_order) {
            texts[i] = texts[n - 1];
        }
    }
    for (uint32_t i = 0; i < n_nodes; ++i) {
        lat_settings_free(m.nodes[i].type, m.nodes[i].settings);
    }
    free(m.nodes);
    lat_layouts_fini(&m.layouts);
    return lat_buffer_take(&file);
}
