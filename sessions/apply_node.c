// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "apply_private.h"
#include "base/rt.h"
#include "base/text.h"
#include "comments.h"
#include "graph/name.h"
#include "graph/placeholder.h"
#include "graph/unknown.h"
#include "graph/voice.h"
#include "node/common_settings.h"

#include <stdlib.h>
#include <string.h>

/// Where an assignment came from.
struct key {
    const struct lat_draft_entry *entry;
    char *text; ///< what the assignment borrows, or NULL; to free
};

/// A [node NAME] section on its way into the graph.
struct section {
    const struct lat_apply *apply;
    struct lat_draft_section *draft;
    const struct lat_node_type *type;
    char name[LAT_NAME_MAX];
    // One each for every key but `type` and those left out.
    struct lat_assignment *assignments;
    struct key *keys;
    uint32_t n;
};

static struct lat_draft_entry *
entry(const struct section *s, size_t i)
{
    return &s->apply->draft->entries[s->draft->first + i];
}

/// Is @p key an input of the type, with some setting at least?
static bool
is_input_key(const struct lat_node_type *type, const char *key)
{
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        const struct lat_port *const port = &type->inputs[i];
        const size_t n = strlen(port->name);
        if (strncmp(key, port->name, n) != 0) {
            continue;
        }
        const char *const rest = key + n;
        const bool is_numbered =
            *rest == '_' && rest[1] != '\0' &&
            rest[1 + strspn(rest + 1, "0123456789")] == '\0';
        if (port->repeat ? is_numbered : *rest == '\0') {
            return true;
        }
    }
    return false;
}

/// Is @p key an input, of all voices or of one, or a setting of the type, with
/// some setting at least?
static bool
is_known_key(const struct lat_node_type *type, const char *key)
{
    char input[LAT_NAME_MAX];
    uint32_t voice = 0;
    return lat_setting_index(type, key) >= 0 || strcmp(key, "process") == 0 ||
           strcmp(key, LAT_BYPASS_SETTING) == 0 ||
           strcmp(key, LAT_POLY_SETTING) == 0 ||
           strcmp(key, LAT_SLEEP_SETTING) == 0 || is_input_key(type, key) ||
           (lat_split_voice(key, input, sizeof(input), &voice) &&
            is_input_key(type, input));
}

static bool
is_text_setting(const struct lat_node_type *type, const char *key)
{
    const int i = lat_setting_index(type, key);
    return i >= 0 && (type->settings[i].kind == LAT_SETTING_TEXT ||
                      type->settings[i].kind == LAT_SETTING_FILE ||
                      type->settings[i].kind == LAT_SETTING_LIST);
}

/// Words that mean something for every node, but only in a later release.
static bool
is_later(const struct lat_draft_entry *e)
{
    return lat_apply_later(LAT_SECTION_NODE, e->key);
}

static enum lat_status
fail_later(const struct section *s, const struct lat_draft_entry *e)
{
    return lat_apply_fail(s->apply, LAT_ELATER, e->line, "%s",
                          lat_apply_later(LAT_SECTION_NODE, e->key));
}

/// Does the key stand for itself, whatever the type is?
static bool
is_general_key(const char *key)
{
    return strcmp(key, "type") == 0 || lat_apply_is_kept_key(key);
}

/// Is it in the file of a newer lattice, and not known here?
static bool
is_unknown(const struct section *s, const struct lat_draft_entry *e)
{
    return s->apply->is_newer &&
           (is_later(e) ||
            !(is_general_key(e->key) || is_known_key(s->type, e->key)));
}

/// Is the value of the key kept as it stands in the file?
static bool
is_kept_raw(const struct section *s, const struct lat_draft_entry *e)
{
    return strcmp(e->key, "type") != 0 &&
           (lat_placeholder_is(s->type) || is_text_setting(s->type, e->key) ||
            !is_known_key(s->type, e->key));
}

/// The section has an error: its node is not to be trusted.
static void
doubt(const struct section *s)
{
    s->draft->has_errors = true;
}

static void
assign(struct section *s, const struct lat_draft_entry *e, char *text)
{
    s->keys[s->n].entry = e;
    s->keys[s->n].text = text;
    s->assignments[s->n] = (struct lat_assignment){
        .key = e->key,
        .value = {.is_text = true, .text = text ? text : e->value},
    };
    ++s->n;
}

static enum lat_status
take_key(struct section *s, const struct lat_draft_entry *e)
{
    if (lat_placeholder_is(s->type)) {
        if (lat_apply_is_input(s->type, e)) {
            assign(s, e, NULL);
        }
        return LAT_OK;
    }
    if (is_unknown(s, e)) {
        lat_apply_warn(s->apply, e->line,
                       "unknown key '%s' is kept and does nothing", e->key);
        return LAT_OK;
    }
    if (lat_apply_is_kept_key(e->key)) {
        return lat_apply_check_kept(s->apply, e);
    }
    char *text = NULL;
    enum lat_status status = LAT_OK;
    if (is_text_setting(s->type, e->key)) {
        status = lat_apply_text(s->apply, e, &text);
    } else {
        status = lat_apply_one_line(s->apply, e);
    }
    if (!status && is_later(e)) {
        status = fail_later(s, e);
    }
    if (!status && !is_general_key(e->key)) {
        assign(s, e, text);
        text = NULL;
    }
    free(text);
    return status;
}

static bool
is_of_one_voice(const struct lat_draft_entry *e)
{
    char input[LAT_NAME_MAX];
    uint32_t voice = 0;
    return lat_split_voice(e->key, input, sizeof(input), &voice);
}

/// What all voices have would clear what one has: wherever that stands, it
/// comes last.
static void
take_keys(struct section *s)
{
    for (int pass = 0; pass < 2; ++pass) {
        for (size_t i = 0; i < s->draft->n; ++i) {
            const struct lat_draft_entry *const e = entry(s, i);
            if (is_of_one_voice(e) == (pass == 1) && take_key(s, e)) {
                doubt(s);
            }
        }
    }
}

/// The node was refused: find the lines that are to blame.  This leaves the
/// node with the values that are right, so that cables can be looked at; the
/// caller's rollback removes it.
static void
blame(const struct section *s, const struct lat_error *error)
{
    struct lat_control *const c = s->apply->target->control;
    const size_t n_before = s->apply->target->problems->n_errors;
    struct lat_error local;
    if (lat_control_node_new_of(c, s->type, s->name, true, NULL, 0, &local)) {
        lat_apply_fail_at(s->apply, s->draft->line, &local);
        return;
    }
    // Settings first: they say which inputs there are.
    bool has_odd_ports = false;
    for (int pass = 0; pass < 2; ++pass) {
        for (uint32_t i = 0; i < s->n; ++i) {
            const char *const key = s->assignments[i].key;
            const bool is_setting = lat_setting_index(s->type, key) >= 0 ||
                                    strcmp(key, LAT_POLY_SETTING) == 0;
            if (is_setting != (pass == 0) ||
                !lat_control_node_set(c, s->name, &s->assignments[i], 1,
                                      &local)) {
                continue;
            }
            has_odd_ports = has_odd_ports || is_setting;
            if (has_odd_ports && !is_setting && local.status == LAT_ENOTFOUND &&
                is_known_key(s->type, key)) {
                continue; // it may be there when the setting is right
            }
            lat_apply_fail_at(s->apply, s->keys[i].entry->line, &local);
        }
    }
    if (s->apply->target->problems->n_errors == n_before) {
        lat_apply_fail_at(s->apply, s->draft->line, error);
    }
}

/// Leave with the node what the writer needs to make its section look as it
/// did.
static enum lat_status
keep_comments(const struct section *s, struct lat_node *node)
{
    enum lat_status status =
        lat_comments_add(&node->comments, "", "", &s->draft->comment);
    for (size_t i = 0; i < s->draft->n && !status; ++i) {
        struct lat_draft_entry *const e = entry(s, i);
        const bool is_raw = is_kept_raw(s, e);
        status = lat_comments_add(&node->comments, "", e->key, &e->comment);
        if (is_raw && !status) {
            status = lat_comments_add(&node->comments, e->key, "=", &e->value);
        }
    }
    return status ? lat_apply_fail_memory(s->apply, s->draft->line) : LAT_OK;
}

/// What its settings stand for may be missing, or still be on its way.
static void
look_at_data(const struct section *s, const struct lat_node *node)
{
    const struct lat_draft_target *const target = s->apply->target;
    for (uint32_t i = 0; i < s->n; ++i) {
        struct lat_error why;
        const uint32_t line = s->keys[i].entry->line;
        const int setting = lat_setting_index(s->type, s->assignments[i].key);
        const enum lat_readiness readiness =
            setting < 0 ? LAT_DATA_NONE
                        : lat_control_readiness(target->control, node,
                                                (uint32_t)setting, &why);
        if (readiness == LAT_DATA_FAILED) {
            lat_apply_warn(s->apply, line, "%s: %s; the node goes without it",
                           s->assignments[i].key, why.text);
        } else if (readiness == LAT_DATA_COMING && target->awaited) {
            lat_awaited_add(target->awaited, node, (uint32_t)setting, line);
        }
    }
}

static void
make_node(const struct section *s)
{
    struct lat_control *const c = s->apply->target->control;
    struct lat_error local;
    if (lat_control_node_new_of(c, s->type, s->name, true, s->assignments, s->n,
                                &local)) {
        doubt(s);
        blame(s, &local);
        return;
    }
    struct lat_node *const node = lat_graph_find(lat_control_graph(c), s->name);
    if (node) {
        keep_comments(s, node);
        look_at_data(s, node);
    }
}

/// The line of a section above that has the same name, or 0.
static uint32_t
find_twin(const struct section *s)
{
    const struct lat_draft_section *other = s->apply->draft->sections;
    for (; other != s->draft; ++other) {
        if (other->kind == LAT_SECTION_NODE &&
            strcmp(other->name, s->draft->name) == 0) {
            return other->line;
        }
    }
    return 0;
}

static enum lat_status
check_name(struct section *s)
{
    const struct lat_apply *const a = s->apply;
    const char *const name = s->draft->name;
    const uint32_t line = s->draft->line;
    if (*name == '\0') {
        return lat_apply_fail(a, LAT_EINVAL, line,
                              "the node has no name; write [node NAME]");
    }
    if (!lat_name_is_valid(name, true)) {
        return lat_apply_fail(a, LAT_EINVAL, line,
                              "'%s' is no name for a node: a letter, then up "
                              "to 39 of A-Z a-z 0-9 _, and none of new, free, "
                              "set, rename, info, list, all",
                              name);
    }
    if (!lat_apply_name(a, name, s->name, sizeof(s->name))) {
        return lat_apply_fail(a, LAT_EINVAL, line,
                              "'%s.%s' is longer than the %d bytes of a name; "
                              "choose a shorter PART",
                              a->target->part, name, LAT_NAME_MAX - 1);
    }
    if (!lat_graph_find(lat_control_graph(a->target->control), s->name)) {
        return LAT_OK;
    }
    const uint32_t twin = find_twin(s);
    if (twin) {
        return lat_apply_fail(a, LAT_EEXIST, line,
                              "[node %s] stands in line %u already", name,
                              twin);
    }
    return lat_apply_fail(a, LAT_EEXIST, line, "there is a node '%s' already%s",
                          s->name,
                          a->target->part ? "; choose another PART" : "");
}

/// Look at the keys of a section whose name is wrong under another one.
static void
take_spare_name(struct section *s)
{
    doubt(s);
    snprintf(s->name, sizeof(s->name), LAT_MADE_UP "%u", s->draft->line);
}

/// There is no type: say so, unless that is no news.
static enum lat_status
miss_type(const struct section *s)
{
    const struct lat_apply *const a = s->apply;
    if (s->draft->has_errors) {
        return LAT_ENOTFOUND; // it may be in a line that was refused
    }
    for (size_t i = 0; i < s->draft->n; ++i) {
        const struct lat_draft_entry *const e = entry(s, i);
        struct lat_nearest nearest;
        lat_nearest_init(&nearest, e->key);
        lat_nearest_try(&nearest, "type");
        if (nearest.best) {
            return lat_apply_unknown(a, e->line, "key", e->key, &nearest);
        }
    }
    return lat_apply_fail(a, LAT_EINVAL, s->draft->line,
                          "[node %s] has no type; add a line type = TYPE",
                          s->draft->name);
}

/// Find the type, or the placeholder for one of a newer lattice.
static enum lat_status
find_type(struct section *s)
{
    const struct lat_apply *const a = s->apply;
    const struct lat_draft_entry *const e =
        lat_draft_entry(a->draft, s->draft, "type");
    if (!e) {
        return miss_type(s);
    }
    const enum lat_status status = lat_apply_one_line(a, e);
    s->type = status ? NULL : lat_node_type_find(e->value);
    if (status || s->type) {
        return status;
    }
    if (a->is_newer && *e->value != '\0') {
        lat_apply_warn(a, e->line, "unknown type '%s': %s is kept, and silent",
                       e->value, s->draft->name);
        return lat_apply_placeholder(a, s->draft, e->value, &s->type);
    }
    struct lat_error local;
    lat_unknown_type(e->value, &local);
    return lat_apply_fail_at(a, e->line, &local);
}

static void
take_and_make(struct section *s)
{
    const size_t n = s->draft->n + 1;
    s->assignments = calloc(n, sizeof(*s->assignments));
    s->keys = calloc(n, sizeof(*s->keys));
    if (s->assignments && s->keys) {
        take_keys(s);
        make_node(s);
        for (uint32_t i = 0; i < s->n; ++i) {
            free(s->keys[i].text);
        }
    } else {
        lat_apply_fail_memory(s->apply, s->draft->line);
    }
    free(s->assignments);
    free(s->keys);
}

void
lat_apply_node(const struct lat_apply *a, struct lat_draft_section *draft)
{
    struct section section = {.apply = a, .draft = draft};
    if (check_name(&section)) {
        take_spare_name(&section);
    }
    if (find_type(&section)) {
        doubt(&section);
        return;
    }
    take_and_make(&section);
}
