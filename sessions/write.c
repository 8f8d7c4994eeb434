// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "base/text.h"
#include "comments.h"
#include "draft.h"
#include "escape.h"
#include "graph/placeholder.h"
#include "node/common_settings.h"
#include "node/note.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

/// The file as it grows.  After an error nothing more is added.
struct writer {
    struct lat_buffer out;
    enum lat_status status;
    const struct lat_document *document;
};

static void
put_bytes(struct writer *w, const char *text, size_t length)
{
    if (!w->status) {
        w->status = lat_buffer_append(&w->out, text, length);
    }
}

static void
put(struct writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

/// Write the lines of a comment.  @return what stands behind the line itself.
static const char *
put_comment(struct writer *w, const char *comment)
{
    if (!comment) {
        return "";
    }
    const char *const last = strrchr(comment, '\n');
    const char *const behind = last ? last + 1 : comment;
    put_bytes(w, comment, (size_t)(behind - comment));
    return behind;
}

/// Write LINE, of which more lines may follow the first, with its comments.  A
/// comment behind the line that has become too long goes above it.
static void
put_line(struct writer *w, const char *line, const char *comment)
{
    const char *const behind = put_comment(w, comment);
    const char *const end = line + strcspn(line, "\n");
    const bool fits =
        (size_t)(end - line) + strlen(behind) <= (size_t)LAT_SESSION_LINE_MAX;
    if (!fits) {
        put(w, behind + strspn(behind, " \t"));
        put(w, "\n");
    }
    put_bytes(w, line, (size_t)(end - line));
    if (fits) {
        put(w, behind);
    }
    put(w, end);
    put(w, "\n");
}

/// Write `KEY = VALUE`; VALUE is as it stands in the file.  `KEY=VALUE` is for
/// what is too long else, or would be a comment behind a blank.
static void
put_value(struct writer *w, const char *key, const char *value,
          const char *comment)
{
    struct lat_buffer line = {0};
    const size_t n_first = strcspn(value, "\n");
    const bool fits = strlen(key) + 3 + n_first <= LAT_SESSION_LINE_MAX;
    const char *const equals = !fits || *value == ';' ? "="
                               : n_first > 0          ? " = "
                                                      : " =";
    if (lat_buffer_append(&line, key, strlen(key)) ||
        lat_buffer_append(&line, equals, strlen(equals)) ||
        lat_buffer_append(&line, value, strlen(value))) {
        w->status = LAT_ENOMEM;
    } else {
        put_line(w, line.text, comment);
    }
    free(lat_buffer_take(&line));
}

static void
put_text(struct writer *w, const char *key, const char *text,
         const char *comment)
{
    struct lat_buffer value = {0};
    if (lat_text_escape(&value, text, strlen(key) + 3)) {
        w->status = LAT_ENOMEM;
    } else {
        put_value(w, key, value.text ? value.text : "", comment);
    }
    free(lat_buffer_take(&value));
}

/// Lines of a wrapped text, indented by up to 4 blanks; NULL if one is too
/// long.
static char *
indent_lines(const char *raw, size_t column, size_t indent)
{
    static const char blanks[] = "\n    ";
    struct lat_buffer out = {0};
    while (*raw != '\0') {
        const size_t length = strcspn(raw, "\n");
        if (column + length > LAT_SESSION_LINE_MAX ||
            lat_buffer_append(&out, raw, length)) {
            free(lat_buffer_take(&out));
            return NULL;
        }
        raw += length;
        if (*raw == '\n') {
            ++raw;
            column = indent;
            if (lat_buffer_append(&out, blanks, 1 + indent)) {
                free(lat_buffer_take(&out));
                return NULL;
            }
        }
    }
    return lat_buffer_take(&out);
}

/// Write a text as it was wrapped in the file, if that is still the text.
static bool
put_text_as_it_was(struct writer *w, const char *key, const char *text,
                   const char *raw, const char *comment)
{
    char *was = NULL;
    const char *reason = NULL;
    if (!raw || lat_text_unescape(raw, &was, &reason)) {
        return false;
    }
    const bool is_same = strcmp(was, text) == 0;
    free(was);
    char *const value = is_same ? indent_lines(raw, strlen(key) + 3, 4) : NULL;
    if (!value) {
        return false;
    }
    put_value(w, key, value, comment);
    free(value);
    return true;
}

/// Write a value that nobody here understands as it was.
static void
put_raw(struct writer *w, const char *key, const char *raw, const char *comment)
{
    char *value = indent_lines(raw, strlen(key) + 1, 4);
    if (!value) {
        value = indent_lines(raw, strlen(key) + 1, 1);
    }
    if (!value && *raw != '\0') {
        w->status = LAT_ENOMEM; // for as it was it fits
        return;
    }
    put_value(w, key, value ? value : "", comment);
    free(value);
}

/// Begin a section; a blank line sets off those that were not in the file.
static void
put_section(struct writer *w, const char *name, const char *comment)
{
    char line[LAT_SESSION_SECTION_MAX + 3];
    snprintf(line, sizeof(line), "[%s]", name);
    put_line(w, line, comment ? comment : w->out.length > 0 ? "\n" : "");
}

// What only a newer lattice knows

static bool
is_known_key(const struct lat_node *node, const char *key, const char *raw)
{
    return lat_setting_index(node->type, key) >= 0 ||
           lat_layout_input(node->layout, key) >= 0 ||
           (strcmp(key, "poly") == 0 && strcmp(raw, "1") == 0) ||
           strcmp(key, "at") == 0 || strcmp(key, "note") == 0;
}

static bool
has_unknown_key(const struct lat_node *node)
{
    for (const struct lat_comment *c = node->comments; c; c = c->next) {
        const char *const raw = lat_comments_find(node->comments, c->key, "=");
        if (raw && !is_known_key(node, c->key, raw)) {
            return true;
        }
    }
    return false;
}

/// Is there anything that a lattice like ours would refuse?
static bool
has_unknown(const struct writer *w, const struct lat_graph *graph)
{
    const struct lat_unknown *const u = &w->document->unknown;
    if (!u->format) {
        return false;
    }
    bool has = u->keys || u->sections || u->cables;
    for (const struct lat_node *n = graph->first; n && !has; n = n->next) {
        has = lat_placeholder_is(n->type) || has_unknown_key(n);
    }
    return has;
}

/// Write the lines of a section whose keys are not known.
static void
put_unknown_keys(struct writer *w, enum lat_section_kind kind)
{
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(kind));
    const size_t n = strlen(prefix);
    for (const struct lat_line *l = w->document->unknown.keys; l; l = l->next) {
        if (strncmp(l->key, prefix, n) == 0) {
            put_raw(w, l->key + n, l->text, l->comment);
        }
    }
}

static bool
has_unknown_keys(const struct writer *w, enum lat_section_kind kind)
{
    const char *const name = lat_section_name(kind);
    const size_t n = strlen(name);
    const struct lat_line *l = w->document->unknown.keys;
    while (l && (strncmp(l->key, name, n) != 0 || l->key[n] != '/')) {
        l = l->next;
    }
    return l != NULL;
}

static void
put_unknown_sections(struct writer *w)
{
    const struct lat_line *l = w->document->unknown.sections;
    for (; l; l = l->next) {
        if (*l->key == '\0') {
            put_section(w, l->text, l->comment);
        } else {
            put_raw(w, l->key, l->text, l->comment);
        }
    }
}

// [session] and [transport]

static const char *
document_comment(const struct writer *w, enum lat_section_kind kind,
                 const char *key)
{
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(kind));
    return lat_comments_find(w->document->comments, prefix, key);
}

/// A file with anything unknown says that it is of whoever knows it.
static void
put_session(struct writer *w, const struct lat_graph *graph)
{
    const enum lat_section_kind kind = LAT_SECTION_SESSION;
    const bool is_newer = has_unknown(w, graph);
    const struct lat_unknown *const u = &w->document->unknown;
    char text[16];
    put_section(w, lat_section_name(kind), document_comment(w, kind, ""));
    snprintf(text, sizeof(text), "%u", is_newer ? u->format : 1);
    put_value(w, "format", text, document_comment(w, kind, "format"));
    put_value(w, "made_by",
              is_newer && u->made_by ? u->made_by : "lattice " LAT_VERSION,
              document_comment(w, kind, "made_by"));
    if (w->document->block > 0) {
        snprintf(text, sizeof(text), "%u", w->document->block);
        put_value(w, "block", text, document_comment(w, kind, "block"));
    }
    put_unknown_keys(w, kind);
}

static void
put_transport(struct writer *w, const struct lat_transport *t)
{
    const enum lat_section_kind kind = LAT_SECTION_TRANSPORT;
    char text[32];
    put_section(w, lat_section_name(kind), document_comment(w, kind, ""));
    put_value(w, "tempo", lat_format_double(t->tempo_bpm, text, sizeof(text)),
              document_comment(w, kind, "tempo"));
    put_value(w, "beats_per_cycle",
              lat_format_double(t->beats_per_cycle, text, sizeof(text)),
              document_comment(w, kind, "beats_per_cycle"));
    put_value(w, "playing", t->is_playing ? "yes" : "no",
              document_comment(w, kind, "playing"));
    put_value(w, "sync", w->document->sync == LAT_SYNC_JACK ? "jack" : "own",
              document_comment(w, kind, "sync"));
    put_unknown_keys(w, kind);
}

// [node NAME]

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
        const char *const text = value->text ? value->text : "";
        const char *const raw =
            lat_comments_find(node->comments, setting->name, "=");
        if (!put_text_as_it_was(w, setting->name, text, raw, comment)) {
            put_text(w, setting->name, text, comment);
        }
    } else if (value->text || *value->written) {
        put_value(w, setting->name, value->text ? value->text : value->written,
                  comment);
    } else {
        char text[32];
        put_value(w, setting->name,
                  lat_format_double(value->number, text, sizeof(text)),
                  comment);
    }
}

static void
put_input(struct writer *w, const struct lat_node *node, uint32_t i)
{
    char text[32];
    const char *const name = node->layout->in[i].name;
    const char *const comment = lat_comments_find(node->comments, "", name);
    const char *const raw = lat_comments_find(node->comments, name, "=");
    double was = 0.0;
    const float saved = node->in[i].saved;
    if (raw && (!lat_parse_number(raw, &was) || (float)was == saved)) {
        put_raw(w, name, raw, comment);
    } else if (*node->in[i].written) {
        put_value(w, name, node->in[i].written, comment);
    } else {
        put_value(w, name, lat_format_float(saved, text, sizeof(text)),
                  comment);
    }
}

static void
put_type(struct writer *w, const struct lat_node *node)
{
    put_value(w, "type", node->type->name,
              lat_comments_find(node->comments, "", "type"));
}

static void
put_process(struct writer *w, const struct lat_node *node)
{
    put_value(w, "process", node->place.is_wanted ? "own" : "engine",
              lat_comments_find(node->comments, "", "process"));
}

static void
put_bypass(struct writer *w, const struct lat_node *node)
{
    put_value(w, LAT_BYPASS_SETTING, node->is_bypassed ? "yes" : "no",
              lat_comments_find(node->comments, "", LAT_BYPASS_SETTING));
}

/// Write the key if the node has it.
static void
put_key(struct writer *w, const struct lat_node *node, const char *key)
{
    const int setting = lat_setting_index(node->type, key);
    const int input = lat_layout_input(node->layout, key);
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
    } else if (setting >= 0) {
        put_setting(w, node, (uint32_t)setting);
    } else if (input >= 0) {
        put_input(w, node, (uint32_t)input);
    } else {
        const char *const raw = lat_comments_find(node->comments, key, "=");
        if (raw) {
            put_raw(w, key, raw, lat_comments_find(node->comments, "", key));
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

/// Write what the file had, in its order, then what has changed since.
static void
put_node(struct writer *w, const struct lat_node *node)
{
    char name[LAT_NAME_MAX + 5];
    snprintf(name, sizeof(name), "node %s", node->name);
    put_section(w, name, lat_comments_find(node->comments, "", ""));
    if (!lat_comments_find(node->comments, "", "type")) {
        put_type(w, node);
    }
    for (const struct lat_comment *c = node->comments; c; c = c->next) {
        put_key(w, node, c->key);
    }
    if (node->place.is_wanted &&
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
    }
}

// [cables]

/// What an endpoint without its port means: one port, a pair, or nothing.
struct short_form {
    uint32_t port[2];
    uint32_t n;
};

static bool
find_port(const struct lat_port_info *ports, uint32_t n, const char *name,
          uint32_t *out)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (strcmp(ports[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/// Are left and right, or both channels of a device, among the ports?
static bool
find_pair(const struct lat_node *node, const struct lat_port_info *ports,
          uint32_t n, struct short_form *out)
{
    if (find_port(ports, n, "left", &out->port[0]) &&
        find_port(ports, n, "right", &out->port[1])) {
        out->n = 2;
        return true;
    }
    const bool is_device =
        (node->type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT)) != 0;
    const int channels = lat_setting_index(node->type, "channels");
    if (n >= 2 && is_device && channels >= 0 &&
        node->settings[channels].number == 2.0) {
        *out = (struct short_form){{0, 1}, 2};
        return true;
    }
    return false;
}

/// For a cable out of @p port.  A port without a name is what a placeholder's
/// cables mean that name none.
static struct short_form
short_output(const struct lat_node *node, uint32_t port)
{
    const struct lat_layout *const l = node->layout;
    if (*l->out[port].name == '\0') {
        return (struct short_form){{port, 0}, 1};
    }
    struct short_form out = {
        {0, 0}, l->n_out == 1 && !lat_placeholder_is(node->type) ? 1 : 0};
    if (!find_pair(node, l->out, l->n_out, &out) && out.n == 0 &&
        !lat_placeholder_is(node->type) &&
        find_port(l->out, l->n_out, "out", &out.port[0])) {
        out.n = 1;
    }
    return out;
}

static struct short_form
short_input(const struct lat_node *node, uint32_t port)
{
    const struct lat_layout *const l = node->layout;
    if (*l->in[port].name == '\0') {
        return (struct short_form){{port, 0}, 1};
    }
    struct short_form in = {
        {0, 0}, l->n_in > 0 && !lat_placeholder_is(node->type) ? 1 : 0};
    find_pair(node, l->in, l->n_in, &in);
    return in;
}

/// Is @p port what the short form gives its @p i-th cable?
static bool
is_at(const struct short_form *f, uint32_t i, uint32_t port)
{
    return f->n > 0 && f->port[f->n == 2 ? i : 0] == port;
}

/// May @p port be left out?  Only where nobody has to look up what the first
/// input is: `voice -> filter`, but `lfo -> voice/freq`.
static bool
is_plain_input(const struct lat_node *node, const struct short_form *in,
               uint32_t port)
{
    return in->n == 1 && in->port[0] == port &&
           (*node->layout->in[port].name == '\0' ||
            strcmp(node->layout->in[port].name, "in") == 0 ||
            (node->type->flags & LAT_TYPE_DEVICE_OUT) != 0);
}

/// Do this cable and the next make one short form together: a pair to a pair,
/// or one output to both of a pair?
static bool
is_pair(const struct lat_cable *c, const struct short_form *out,
        const struct short_form *in)
{
    const struct lat_cable *const other = c->next;
    if (in->n != 2 || !other || other->comment || other->src != c->src ||
        other->dst != c->dst || other->amount != c->amount ||
        strcmp(other->written, c->written) != 0 ||
        other->is_feedback != c->is_feedback || !is_at(in, 0, c->dst_port) ||
        !is_at(in, 1, other->dst_port)) {
        return false;
    }
    return other->src_port == c->src_port ||
           (is_at(out, 0, c->src_port) && is_at(out, 1, other->src_port));
}

/// Write one cable, or two that are a pair.  @return the cable after it.
static const struct lat_cable *
put_cable(struct writer *w, const struct lat_cable *c)
{
    const struct short_form out = short_output(c->src, c->src_port);
    const struct short_form in = short_input(c->dst, c->dst_port);
    const bool pair = is_pair(c, &out, &in);
    const bool short_src = (out.n == 1 && out.port[0] == c->src_port) ||
                           (pair && c->next->src_port != c->src_port);
    const bool short_dst = pair || is_plain_input(c->dst, &in, c->dst_port);
    const bool has_amount = c->amount != 1.0F || *c->written;
    char amount[32] = "";
    if (*c->written) {
        snprintf(amount, sizeof(amount), "%s", c->written);
    } else if (has_amount) {
        lat_format_float(c->amount, amount, sizeof(amount));
    }
    char text[LAT_SESSION_LINE_MAX];
    snprintf(text, sizeof(text), "%s%s%s -> %s%s%s%s%s%s", c->src->name,
             short_src ? "" : "/",
             short_src ? "" : c->src->layout->out[c->src_port].name,
             c->dst->name, short_dst ? "" : "/",
             short_dst ? "" : c->dst->layout->in[c->dst_port].name,
             has_amount ? " * " : "", amount,
             c->is_feedback ? " feedback" : "");
    put_value(w, "cable", text, c->comment);
    return pair ? c->next->next : c->next;
}

/// The node of a loose cable's end, or NULL when it is gone.
static const struct lat_node *
find_serial(const struct lat_graph *graph, uint32_t serial)
{
    const struct lat_node *n = graph->first;
    while (n && n->serial != serial) {
        n = n->next;
    }
    return n;
}

/// Write a cable to or from a port that is not known, with the names that its
/// nodes have now; not if one of them is gone.
static void
put_loose_cable(struct writer *w, const struct lat_graph *graph,
                const struct lat_loose_cable *c)
{
    const struct lat_node *const src = find_serial(graph, c->src);
    const struct lat_node *const dst = find_serial(graph, c->dst);
    if ((c->src && !src) || (c->dst && !dst)) {
        return;
    }
    const char *const from = c->line->text;
    const char *const to = strstr(from, " -> ") + 4;
    const size_t n_from = src ? strcspn(from, "/ ") : 0;
    const size_t n_to = dst ? strcspn(to, "/ ") : 0;
    char text[2 * LAT_SESSION_LINE_MAX];
    snprintf(text, sizeof(text), "%s%.*s%s%s", src ? src->name : "",
             (int)((size_t)(to - from) - n_from), from + n_from,
             dst ? dst->name : "", to + n_to);
    put_value(w, c->line->key, text, c->line->comment);
}

static void
put_cables(struct writer *w, const struct lat_graph *graph)
{
    const enum lat_section_kind kind = LAT_SECTION_CABLES;
    const char *const comment = document_comment(w, kind, "");
    const struct lat_loose_cable *loose = w->document->unknown.cables;
    if (!graph->first_cable && !comment && !loose &&
        !has_unknown_keys(w, kind)) {
        return;
    }
    put_section(w, lat_section_name(kind), comment);
    for (const struct lat_cable *c = graph->first_cable; c;) {
        c = put_cable(w, c);
    }
    for (; loose; loose = loose->next) {
        put_loose_cable(w, graph, loose);
    }
    put_unknown_keys(w, kind);
}

// [jack], [map], [osc]

static void
put_lines(struct writer *w, enum lat_section_kind kind,
          const struct lat_line *lines)
{
    const char *const comment = document_comment(w, kind, "");
    if (!lines && !comment && !has_unknown_keys(w, kind)) {
        return;
    }
    put_section(w, lat_section_name(kind), comment);
    for (; lines; lines = lines->next) {
        put_text(w, lines->key, lines->text, lines->comment);
    }
    put_unknown_keys(w, kind);
}

enum lat_status
lat_session_write(struct lat_control *control, FILE *stream)
{
    const struct lat_document *const d = lat_control_document(control);
    const struct lat_graph *const graph = lat_control_graph(control);
    struct writer w = {.document = d};
    put_session(&w, graph);
    put_transport(&w, lat_control_transport(control));
    for (const struct lat_node *n = graph->first; n; n = n->next) {
        put_node(&w, n);
    }
    put_cables(&w, graph);
    put_lines(&w, LAT_SECTION_JACK, d->jack);
    put_lines(&w, LAT_SECTION_MAP, d->map);
    put_lines(&w, LAT_SECTION_OSC, d->osc);
    put_unknown_sections(&w);
    put_comment(&w, lat_comments_find(d->comments, "end/", ""));

    enum lat_status status = w.status;
    if (!status &&
        (fwrite(w.out.text, 1, w.out.length, stream) != w.out.length ||
         fflush(stream))) {
        status = LAT_EIO;
    }
    free(lat_buffer_take(&w.out));
    return status;
}
