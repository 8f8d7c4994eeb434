// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "check.h"
#include "base/address.h"
#include "base/rt.h"
#include "base/text.h"
#include "graph/placeholder.h"
#include "graph/voice.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

/// Times a second that feedback may be sent at most.
#define FEEDBACK_HZ_MAX 1000.0

/// Room for the name of a port of ours: more than a line holds.
#define PORT_MAX 256

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool
consists_of(const char *text, size_t length, const char *set)
{
    for (size_t i = 0; i < length; ++i) {
        if (!strchr(set, text[i]) || text[i] == '\0') {
            return false;
        }
    }
    return length > 0;
}

/// One of our ports, without our client's name, or NODE/PORT of a process.
static bool
is_own_port(const char *port, size_t length)
{
    return consists_of(port, length, LETTERS DIGITS "_./") &&
           strchr(LETTERS, *port) && port[length - 1] != '/' &&
           !memmem(port, length, "//", 2);
}

/// CLIENT:PORT, either of which may hold anything: blanks, also at the ends, as
/// ALSA's have them, and more colons.
static bool
is_foreign_port(const char *port, size_t length)
{
    const char *const colon = memchr(port, ':', length);
    return colon && colon > port && colon + 1 < port + length;
}

static enum lat_status
check_physical(const char *port, size_t length, struct lat_error *error)
{
    static const char prefix[] = "physical:";
    const size_t n = sizeof(prefix) - 1;
    if (length < n || memcmp(port, prefix, n) != 0) {
        return LAT_OK;
    }
    if (!consists_of(port + n, length - n, DIGITS) || port[n] == '0' ||
        length - n > 4) {
        return lat_error_set(error, LAT_EINVAL,
                             "physical ports are physical:1, physical:2 ...");
    }
    return LAT_OK;
}

/// Foreign names may hold " -> ", so the first arrow that fits counts.
static const char *
find_arrow(const char *text)
{
    const char *arrow = strstr(text, " -> ");
    for (; arrow; arrow = strstr(arrow + 1, " -> ")) {
        const char *const right = arrow + 4;
        const size_t n_left = (size_t)(arrow - text);
        const size_t n_right = strlen(right);
        const bool is_left_own = is_own_port(text, n_left);
        const bool is_right_own = is_own_port(right, n_right);
        // Both may be: from one of ours into another, through JACK.
        if ((is_left_own || is_foreign_port(text, n_left)) &&
            (is_right_own || is_foreign_port(right, n_right)) &&
            (is_left_own || is_right_own)) {
            break;
        }
    }
    return arrow;
}

enum lat_status
lat_check_connect(const char *text, struct lat_error *error)
{
    const char *const arrow = find_arrow(text);
    if (!arrow) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no connection; write OURPORT -> "
                             "CLIENT:PORT or CLIENT:PORT -> OURPORT",
                             text);
    }
    const enum lat_status status =
        check_physical(text, (size_t)(arrow - text), error);
    return status ? status
                  : check_physical(arrow + 4, strlen(arrow + 4), error);
}

/// Is there NODE_CHANNEL, NODE of a midi_out, or a node for NODE/PORT?
static bool
has_port(const struct lat_graph *graph, const char *port)
{
    char name[PORT_MAX];
    char channel[PORT_MAX + 8];
    if (strncmp(port, "send/", 5) == 0 || strncmp(port, "return/", 7) == 0) {
        port = strchr(port, '/') + 1;
    }
    snprintf(name, sizeof(name), "%s", port);
    char *const slash = strrchr(name, '/');
    char *const bar = strrchr(name, '_');
    const struct lat_node *node = NULL;
    if (slash) {
        *slash = '\0';
        return lat_graph_find(graph, name) != NULL;
    }
    node = lat_graph_find(graph, name);
    if ((node && node->type->flags & LAT_TYPE_MIDI_OUT) || !bar) {
        return node != NULL;
    }
    *bar = '\0';
    node = lat_graph_find(graph, name);
    if (!node || lat_placeholder_is(node->type)) {
        return node != NULL;
    }
    const bool is_in = node->type->flags & LAT_TYPE_DEVICE_IN;
    snprintf(channel, sizeof(channel), "%s_%s", is_in ? "out" : "in", bar + 1);
    return is_in ? lat_layout_output(node->layout, channel) >= 0
                 : node->type->flags & LAT_TYPE_DEVICE_OUT &&
                       lat_layout_input(node->layout, channel) >= 0;
}

enum lat_status
lat_check_connect_ports(const char *text, const struct lat_graph *graph,
                        struct lat_error *error)
{
    const char *const arrow = find_arrow(text);
    const char *const sides[] = {text, arrow ? arrow + 4 : text};
    for (size_t i = 0; arrow && i < LAT_COUNT(sides); ++i) {
        const size_t n = i ? strlen(sides[i]) : (size_t)(arrow - text);
        char port[PORT_MAX];
        snprintf(port, sizeof(port), "%.*s", (int)n, sides[i]);
        if (is_own_port(sides[i], n) && strcmp(port, "midi_in") != 0 &&
            strcmp(port, "nothing") != 0 && !has_port(graph, port)) {
            return lat_error_set(error, LAT_ENOTFOUND,
                                 "no node has the port '%s'; write "
                                 "NODE_CHANNEL of an audio_in or audio_out, "
                                 "NODE of a midi_out, midi_in, or NODE/PORT "
                                 "of a process",
                                 port);
        }
    }
    return LAT_OK;
}

/// An OSC path, with the signs in @p extra allowed too.
static bool
is_path(const char *path, size_t length, const char *extra)
{
    if (length < 2 || *path != '/') {
        return false;
    }
    for (size_t i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)path[i];
        if (c <= ' ' || c >= 0x7f ||
            (strchr("#*,?[]{}", c) && !strchr(extra, c))) {
            return false;
        }
    }
    return true;
}

/// /path, /path#N, midi:CHANNEL:CONTROL.
static enum lat_status
check_source(const char *source, struct lat_error *error)
{
    unsigned n = 0;
    if (strncmp(source, "midi:", 5) == 0) {
        const char *const control = strchr(source + 5, ':');
        char channel[4] = "";
        if (control && control - source - 5 < 4) {
            memcpy(channel, source + 5, (size_t)(control - source - 5));
        }
        if (!control || !lat_words_count(channel, 16, &n) ||
            (strcmp(control + 1, "0") != 0 &&
             !lat_words_count(control + 1, 127, &n))) {
            return lat_error_set(error, LAT_EINVAL,
                                 "'%s' is no MIDI controller; write "
                                 "midi:CHANNEL:CONTROL, 1-16 and 0-127",
                                 source);
        }
        return LAT_OK;
    }
    const size_t length = strcspn(source, "#");
    if (!is_path(source, length, "") ||
        (source[length] == '#' &&
         !lat_words_count(source + length + 1, 64, &n))) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no source; write /path, /path#2 (its "
                             "second argument) or midi:CHANNEL:CONTROL",
                             source);
    }
    return LAT_OK;
}

static enum lat_status
unknown_input(const struct lat_node *node, const char *name,
              struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, name);
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        lat_nearest_try(&nearest, node->layout->in[i].name);
    }
    return lat_error_set(
        error, LAT_ENOTFOUND, "%s has no input '%s'%s%s%s", node->name, name,
        nearest.best ? "; did you mean '" : "",
        nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
}

/// Find the input that NODE/INPUT, or one of a voice (NODE.K), names.
static enum lat_status
find_input(const char *endpoint, const struct lat_graph *graph,
           const struct lat_port **out, struct lat_error *error)
{
    const char *const slash = strchr(endpoint, '/');
    if (!slash || slash == endpoint || slash[1] == '\0') {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no input; write NODE/INPUT", endpoint);
    }
    char name[LAT_VOICE_NAME_MAX] = "";
    struct lat_voice voice;
    if (slash - endpoint < LAT_VOICE_NAME_MAX) {
        memcpy(name, endpoint, (size_t)(slash - endpoint));
    }
    const enum lat_status status =
        lat_graph_find_voice(graph, name, &voice, error);
    if (status) {
        return status;
    }
    const int input = lat_layout_input(voice.node->layout, slash + 1);
    if (input < 0) {
        return unknown_input(voice.node, slash + 1, error);
    }
    *out = voice.node->layout->in[input].port;
    return LAT_OK;
}

static bool
is_one_of(const char *word, const char *const *words)
{
    for (; *words; ++words) {
        if (strcmp(word, *words) == 0) {
            return true;
        }
    }
    return false;
}

static enum lat_status
check_range(const struct lat_words *w, const struct lat_port *port,
            struct lat_error *error)
{
    static const char *const curves[] = {"lin", "exp", "console", NULL};
    double end[2] = {0.0, 0.0};
    for (size_t i = 0; i < 2; ++i) {
        const char *const word = w->word[3 + i];
        if (!lat_parse_number(word, &end[i])) {
            return lat_error_set(error, LAT_EINVAL,
                                 "'%s' is no number; after the input come MIN "
                                 "MAX CURVE",
                                 word);
        }
        if (port && ((float)end[i] < port->min || (float)end[i] > port->max)) {
            char low[32];
            char high[32];
            return lat_error_set(
                error, LAT_EINVAL, "%s is outside %s .. %s of '%s'", word,
                lat_format_float(port->min, low, sizeof(low)),
                lat_format_float(port->max, high, sizeof(high)), w->word[2]);
        }
    }
    if (!is_one_of(w->word[5], curves)) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no curve; there are lin, exp, console",
                             w->word[5]);
    }
    if (strcmp(w->word[5], "exp") == 0 && !(end[0] * end[1] > 0.0)) {
        return lat_error_set(error, LAT_EINVAL,
                             "exp needs MIN and MAX of one sign, not 0");
    }
    return LAT_OK;
}

enum lat_status
lat_check_map(const char *text, const struct lat_graph *graph,
              struct lat_error *error)
{
    static const char *const modes[] = {"toggle", "relative", "pickup", NULL};
    struct lat_words w;
    if (!lat_words_split(&w, text) || (w.n != 3 && w.n != 6 && w.n != 7) ||
        strcmp(w.word[1], "->") != 0) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no map; write SOURCE -> NODE/INPUT [MIN "
                             "MAX CURVE [MODE]]",
                             text);
    }
    enum lat_status status = check_source(w.word[0], error);
    if (status) {
        return status;
    }
    const struct lat_port *port = NULL;
    const enum lat_status found = find_input(w.word[2], graph, &port, error);
    if (found && found != LAT_ENOTFOUND) {
        return found;
    }
    struct lat_error syntax;
    if (w.n > 3) {
        status = check_range(&w, port, &syntax);
    }
    if (!status && w.n == 7 && !is_one_of(w.word[6], modes)) {
        status = lat_error_set(&syntax, LAT_EINVAL,
                               "'%s' is no mode; there are toggle, relative, "
                               "pickup",
                               w.word[6]);
    }
    if (status) {
        return lat_error_set(error, status, "%s", syntax.text);
    }
    return found;
}

enum lat_status
lat_check_feedback(const char *text, struct lat_error *error)
{
    struct lat_words w;
    struct lat_address address;
    if (!lat_words_split(&w, text) || w.n < 2 || w.n > 3 ||
        !lat_address_read(w.word[0], &address) || !address.port ||
        !is_path(w.word[1], strlen(w.word[1]), "*,?[]{}")) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no feedback; write HOST:PORT PATTERN "
                             "[HZ]",
                             text);
    }
    double hz = 1.0;
    if (w.n == 3 && (!lat_parse_number(w.word[2], &hz) || hz < 0.01 ||
                     hz > FEEDBACK_HZ_MAX)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "'%s' is no rate; write 0.01 to 1000, times a second", w.word[2]);
    }
    return LAT_OK;
}

enum lat_status
lat_check_send(const char *text, struct lat_error *error)
{
    struct lat_address address;
    return lat_address_read(text, &address)
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "'%s' is nobody to send to; write HOST or "
                               "HOST:PORT",
                               text);
}
