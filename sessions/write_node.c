// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "write_node.h"
#include "base/text.h"
#include "comments.h"
#include "graph/placeholder.h"
#include "graph/voice.h"
#include "node/common_settings.h"
#include "node/note.h"

#include <stdio.h>
#include <string.h>

static bool
is_text(const struct lat_setting *setting)
{
    return setting->kind == LAT_SETTING_TEXT ||
           setting->kind == LAT_SETTING_FILE ||
           setting->kind == LAT_SETTING_LIST;
}

static bool
is_default_setting(const struct lat_setting *setting,
                   const struct lat_setting_value *value)
{
    const bool has_number = setting->kind == LAT_SETTING_NUMBER ||
                            setting->kind == LAT_SETTING_INTEGER;
    if (has_number && !value->text && !setting->initial_text) {
        return value->number == setting->initial;
    }
    const char *const initial =
        setting->initial_text ? setting->initial_text : "";
    return value->text ? strcmp(value->text, initial) == 0
                       : !has_number && *initial == '\0';
}

static void
put_setting(struct writer *w, const struct lat_node *node, uint32_t i)
{
    const struct lat_setting *const setting = &node->type->settings[i];
    const struct lat_setting_value *const value = &node->settings[i];
    const char *const comment =
        lat_comments_find(node->comments, "", setting->name);
    if (is_text(setting)) {
        const char *const link = lat_links_find(w->links, node->id, i);
        const char *const own = value->text ? value->text : "";
        const char *const text = link ? link : own;
        const char *const raw =
            lat_comments_find(node->comments, setting->name, "=");
        if (!lat_write_text_as_it_was(w, setting->name, text, raw, comment)) {
            lat_write_text(w, setting->name, text, comment);
        }
    } else if (value->text || *value->written) {
        lat_write_value(w, setting->name,
                        value->text ? value->text : value->written, comment);
    } else {
        char text[32];
        lat_write_value(w, setting->name,
                        lat_format_double(value->number, text, sizeof(text)),
                        comment);
    }
}

/// A value that is saved, of all voices or of one.
struct saved {
    const char *key;
    float value;
    const char *written;
};

static void
put_value(struct writer *w, const struct lat_node *node,
          const struct saved *saved)
{
    char text[32];
    const char *const comment =
        lat_comments_find(node->comments, "", saved->key);
    const char *const raw = lat_comments_find(node->comments, saved->key, "=");
    double was = 0.0;
    if (raw && (!lat_parse_number(raw, &was) || (float)was == saved->value)) {
        lat_write_raw(w, saved->key, raw, comment);
    } else if (*saved->written) {
        lat_write_value(w, saved->key, saved->written, comment);
    } else {
        lat_write_value(w, saved->key,
                        lat_format_float(saved->value, text, sizeof(text)),
                        comment);
    }
}

static void
put_input(struct writer *w, const struct lat_node *node, uint32_t i)
{
    const struct lat_input *const in = &node->in[i];
    put_value(
        w, node,
        &(struct saved){node->layout->in[i].name, in->saved, in->written});
}

/// @param key  `KEY.K` of this voice.
static void
put_single(struct writer *w, const struct lat_node *node, uint32_t i,
           uint32_t voice, const char *key)
{
    const struct lat_single *const single =
        voice <= node->poly ? lat_input_single(&node->in[i], voice - 1) : NULL;
    if (single && single->has_saved) {
        put_value(w, node,
                  &(struct saved){key, single->saved, single->written});
    }
}

/// Those that no line of the file was for.
static void
put_singles(struct writer *w, const struct lat_node *node, uint32_t i)
{
    for (uint32_t v = 1; node->in[i].singles && v <= node->poly; ++v) {
        char key[LAT_VOICE_NAME_MAX];
        lat_voice_name(node->layout->in[i].name, v, key);
        if (!lat_comments_find(node->comments, "", key)) {
            put_single(w, node, i, v, key);
        }
    }
}

static void
put_poly(struct writer *w, const struct lat_node *node)
{
    char text[12];
    snprintf(text, sizeof(text), "%u", node->poly);
    lat_write_value(w, LAT_POLY_SETTING, text,
                    lat_comments_find(node->comments, "", LAT_POLY_SETTING));
}

static void
put_sleep(struct writer *w, const struct lat_node *node)
{
    lat_write_value(w, LAT_SLEEP_SETTING, lat_node_sleeps(node) ? "yes" : "no",
                    lat_comments_find(node->comments, "", LAT_SLEEP_SETTING));
}

static void
put_type(struct writer *w, const struct lat_node *node)
{
    lat_write_value(w, "type", node->type->name,
                    lat_comments_find(node->comments, "", "type"));
}

static void
put_process(struct writer *w, const struct lat_node *node)
{
    lat_write_value(w, "process", node->is_own_process ? "own" : "engine",
                    lat_comments_find(node->comments, "", "process"));
}

static void
put_bypass(struct writer *w, const struct lat_node *node)
{
    lat_write_value(w, LAT_BYPASS_SETTING, node->is_bypassed ? "yes" : "no",
                    lat_comments_find(node->comments, "", LAT_BYPASS_SETTING));
}

/// Write the key if the node has it.
static void
put_key(struct writer *w, const struct lat_node *node, const char *key)
{
    const int setting = lat_setting_index(node->type, key);
    const int input = lat_layout_input(node->layout, key);
    char owner[LAT_NAME_MAX];
    uint32_t voice = 0;
    const int single = lat_split_voice(key, owner, sizeof(owner), &voice)
                           ? lat_layout_input(node->layout, owner)
                           : -1;
    if (*key == '\0') {
        return; // the section's own line
    }
    if (strcmp(key, "type") == 0) {
        put_type(w, node);
    } else if (strcmp(key, "process") == 0 && !lat_placeholder_is(node->type)) {
        put_process(w, node);
    } else if (strcmp(key, LAT_BYPASS_SETTING) == 0 &&
               !lat_placeholder_is(node->type)) {
        put_bypass(w, node);
    } else if (strcmp(key, LAT_POLY_SETTING) == 0 &&
               !lat_placeholder_is(node->type)) {
        put_poly(w, node);
    } else if (strcmp(key, LAT_SLEEP_SETTING) == 0 &&
               !lat_placeholder_is(node->type)) {
        put_sleep(w, node);
    } else if (single >= 0 && !lat_placeholder_is(node->type)) {
        put_single(w, node, (uint32_t)single, voice, key);
    } else if (setting >= 0) {
        put_setting(w, node, (uint32_t)setting);
    } else if (input >= 0) {
        put_input(w, node, (uint32_t)input);
    } else {
        const char *const raw = lat_comments_find(node->comments, key, "=");
        if (raw) {
            lat_write_raw(w, key, raw,
                          lat_comments_find(node->comments, "", key));
        }
    }
}

/// May a line begin with it?  A placeholder's port may have any name, or none.
static bool
is_key(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_";
    return *name != '\0' && name[strspn(name, letters)] == '\0';
}

/// Does a text mean another number under another tuning?
static bool
is_tuned(const char *written)
{
    double semitones = 0.0;
    return lat_note_from_text(written, &semitones);
}

void
lat_write_node(struct writer *w, const struct lat_node *node)
{
    char name[LAT_NAME_MAX + sizeof("node ")];
    snprintf(name, sizeof(name), "node %s", node->name);
    lat_write_section(w, name, lat_comments_find(node->comments, "", ""));
    if (!lat_comments_find(node->comments, "", "type")) {
        put_type(w, node);
    }
    for (const struct lat_comment *c = node->comments; c; c = c->next) {
        put_key(w, node, c->key);
    }
    if (node->poly > 1 &&
        !lat_comments_find(node->comments, "", LAT_POLY_SETTING)) {
        put_poly(w, node);
    }
    if (lat_node_sleeps(node) != (node->poly > 1) &&
        !lat_comments_find(node->comments, "", LAT_SLEEP_SETTING)) {
        put_sleep(w, node);
    }
    if (node->is_own_process &&
        !lat_comments_find(node->comments, "", "process")) {
        put_process(w, node);
    }
    if (node->is_bypassed &&
        !lat_comments_find(node->comments, "", LAT_BYPASS_SETTING)) {
        put_bypass(w, node);
    }
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const struct lat_setting *const setting = &node->type->settings[i];
        if ((!is_default_setting(setting, &node->settings[i]) ||
             is_tuned(node->settings[i].written)) &&
            !lat_comments_find(node->comments, "", setting->name)) {
            put_setting(w, node, i);
        }
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        const struct lat_port_info *const port = &node->layout->in[i];
        if ((node->in[i].saved != port->port->initial ||
             is_tuned(node->in[i].written)) &&
            is_key(port->name) &&
            !lat_comments_find(node->comments, "", port->name)) {
            put_input(w, node, i);
        }
        put_singles(w, node, i);
    }
}
