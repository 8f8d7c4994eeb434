// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "addresses.h"
#include "graph/voice.h"
#include "node/common_settings.h"

#include <string.h>

#define SET       LAT_ACCESS_SET
#define ASK       LAT_ACCESS_ASK
#define SUBSCRIBE LAT_ACCESS_SUBSCRIBE

const struct lat_osc_address_form lat_osc_address_forms[LAT_N_ADDRESS_KINDS] = {
    [LAT_ADDRESS_INPUT] = {"/node/NAME/PARAM", "f",
                           "the value of an input; a glide on its way",
                           SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_PARAMS},
    [LAT_ADDRESS_SETTING] = {"/node/NAME/PARAM", "f s",
                             "a setting: a number, or text",
                             SET | ASK | SUBSCRIBE,
                             .domain = LAT_DOMAIN_PARAMS},
    [LAT_ADDRESS_BYPASS] = {"/node/NAME/bypass", "i",
                            "1 while the sound goes around the node",
                            SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_NODES},
    [LAT_ADDRESS_PROCESS] = {"/node/NAME/process", "s",
                             "where it runs: own or engine",
                             SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_NODES},
    [LAT_ADDRESS_POLY] = {"/node/NAME/poly", "i", "how many voices it has",
                          SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_NODES},
    [LAT_ADDRESS_SLEEP] = {"/node/NAME/sleep", "i",
                           "1 if it may sleep while nothing of it is heard",
                           SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_NODES},
    [LAT_ADDRESS_SAMPLE] =
        {"/node/NAME/OUT", "f",
         "the last sample of an output; an input or a setting of that name "
         "goes before it",
         ASK | SUBSCRIBE, .domain = LAT_DOMAIN_PARAMS, .is_stream = true},
    [LAT_ADDRESS_NORM] =
        {"/node/NAME/PARAM/norm", "f",
         "0 to 1 across the fader range of an input; a pattern that is "
         "subscribed to says norm itself",
         SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_NORMS,
         .is_tail_spelt = true},
    [LAT_ADDRESS_LAST] = {"/node/NAME/OUT/last", "f",
                          "the last sample of any output", ASK,
                          .domain = LAT_DOMAIN_OUTPUTS},
    [LAT_ADDRESS_PEAK] =
        {"/node/NAME/OUT/peak", "f",
         "how loud it was since the message before: its largest sample",
         SUBSCRIBE, .domain = LAT_DOMAIN_WORDS, .is_stream = true},
    [LAT_ADDRESS_RMS] = {"/node/NAME/OUT/rms", "f",
                         "the same, as a root mean square", SUBSCRIBE,
                         .domain = LAT_DOMAIN_WORDS, .is_stream = true},
    [LAT_ADDRESS_SCOPE] = {"/node/NAME/OUT/scope", "b",
                           "256 samples, big-endian floats", SUBSCRIBE,
                           .domain = LAT_DOMAIN_WORDS, .is_stream = true},
    [LAT_ADDRESS_AMOUNT] = {"/cable/SRC/PORT/DST/PORT", "f",
                            "the amount of a cable", SET | ASK | SUBSCRIBE,
                            .domain = LAT_DOMAIN_CABLES},
    [LAT_ADDRESS_TEMPO] = {"/transport/tempo", "f", "beats per minute",
                           SET | ASK | SUBSCRIBE, .domain = LAT_DOMAIN_WORDS},
    [LAT_ADDRESS_PLAYING] = {"/transport/playing", "i", "0 or 1", SUBSCRIBE,
                             .domain = LAT_DOMAIN_WORDS},
    [LAT_ADDRESS_POSITION] = {"/transport/position", "f", "cycles", SUBSCRIBE,
                              .domain = LAT_DOMAIN_WORDS, .is_stream = true},
    [LAT_ADDRESS_NUMBER] = {"/status/engine/KEY", "d h s",
                            "one of the engine's numbers", SUBSCRIBE,
                            .domain = LAT_DOMAIN_WORDS, .is_stream = true},
};

/// What stands behind the third word of a form, with its slash, or "".
static const char *
tail_of(enum lat_osc_address_kind kind)
{
    const char *at = lat_osc_address_forms[kind].path;
    for (int i = 0; i < 4; ++i) {
        at = strchr(at, '/');
        if (!at) {
            return "";
        }
        ++at;
    }
    return at - 1;
}

/// Does the output's name stand for an input or a setting?
static bool
is_taken(const struct lat_node *node, const char *output)
{
    return lat_layout_input(node->layout, output) >= 0 ||
           lat_setting_index(node->type, output) >= 0;
}

/// The setting that all nodes have of this name, or NULL.
static const char *
common_name(const struct lat_node *node, const char *name)
{
    const struct lat_setting *s = NULL;
    for (uint32_t i = 0; (s = lat_common_setting(node->type, i)); ++i) {
        if (strcmp(s->name, name) == 0) {
            return s->name;
        }
    }
    return NULL;
}

static const char *
input_name(const struct lat_node *node, uint32_t i)
{
    return i < node->layout->n_in ? node->layout->in[i].name : NULL;
}

static const char *
output_name(const struct lat_node *node, uint32_t i)
{
    return i < node->layout->n_out ? node->layout->out[i].name : NULL;
}

static const char *
setting_name(const struct lat_node *node, uint32_t i)
{
    return i < node->type->n_settings ? node->type->settings[i].name : NULL;
}

static const char *
bypass_name(const struct lat_node *node, uint32_t i)
{
    return i == 0 ? common_name(node, LAT_BYPASS_SETTING) : NULL;
}

static const char *
process_name(const struct lat_node *node, uint32_t i)
{
    return i == 0 ? common_name(node, LAT_PROCESS_SETTING) : NULL;
}

static const char *
poly_name(const struct lat_node *node, uint32_t i)
{
    return i == 0 ? common_name(node, LAT_POLY_SETTING) : NULL;
}

static const char *
sleep_name(const struct lat_node *node, uint32_t i)
{
    return i == 0 ? common_name(node, LAT_SLEEP_SETTING) : NULL;
}

/// By kind: the name of number i, NULL behind the last.
static const char *(*const names[LAT_ADDRESS_AMOUNT])(
    const struct lat_node *node, uint32_t i) = {
    [LAT_ADDRESS_INPUT] = input_name,   [LAT_ADDRESS_SETTING] = setting_name,
    [LAT_ADDRESS_BYPASS] = bypass_name, [LAT_ADDRESS_PROCESS] = process_name,
    [LAT_ADDRESS_POLY] = poly_name,     [LAT_ADDRESS_SAMPLE] = output_name,
    [LAT_ADDRESS_NORM] = input_name,    [LAT_ADDRESS_LAST] = output_name,
    [LAT_ADDRESS_PEAK] = output_name,   [LAT_ADDRESS_RMS] = output_name,
    [LAT_ADDRESS_SCOPE] = output_name,  [LAT_ADDRESS_SLEEP] = sleep_name,
};

bool
lat_osc_address_get(const struct lat_node *node, enum lat_osc_address_kind kind,
                    uint32_t i, struct lat_osc_address *out)
{
    const char *const name =
        kind < LAT_ADDRESS_AMOUNT ? names[kind](node, i) : NULL;
    if (!name) {
        return false;
    }
    *out = (struct lat_osc_address){
        .kind = kind,
        .node = node,
        .name = name,
        .tail = tail_of(kind),
        .index = i,
        .is_hidden = !lat_osc_is_word(name) ||
                     (kind == LAT_ADDRESS_SAMPLE && is_taken(node, name)),
    };
    return true;
}

bool
lat_osc_address_find(const struct lat_node *node, const char *name,
                     const char *tail, unsigned access,
                     struct lat_osc_address *out)
{
    struct lat_osc_address a;
    for (enum lat_osc_address_kind k = 0; k < LAT_ADDRESS_AMOUNT; ++k) {
        const char *const its = tail_of(k);
        if (!(lat_osc_address_forms[k].access & access) ||
            strcmp(*its ? its + 1 : its, tail) != 0) {
            continue;
        }
        for (uint32_t i = 0; lat_osc_address_get(node, k, i, &a); ++i) {
            if (!a.is_hidden && strcmp(a.name, name) == 0) {
                *out = a;
                return true;
            }
        }
    }
    return false;
}

char *
lat_osc_address_text(const struct lat_osc_address *a,
                     char out[LAT_OSC_PATH_MAX])
{
    char node[LAT_VOICE_NAME_MAX];
    snprintf(out, LAT_OSC_PATH_MAX, "/node/%s/%s%s",
             lat_voice_name(a->node->name, a->voice, node), a->name, a->tail);
    return out;
}

bool
lat_osc_address_is_voiced(enum lat_osc_address_kind kind)
{
    return kind < LAT_ADDRESS_AMOUNT && kind != LAT_ADDRESS_SETTING &&
           kind != LAT_ADDRESS_BYPASS && kind != LAT_ADDRESS_PROCESS &&
           kind != LAT_ADDRESS_POLY && kind != LAT_ADDRESS_SLEEP;
}

// What descriptors say.

static struct lat_osc_address_range
range_of_port(const struct lat_port *p, const char *kind)
{
    static const char *const curves[] = {
        [LAT_CURVE_LIN] = "lin",
        [LAT_CURVE_EXP] = "exp",
        [LAT_CURVE_CONSOLE] = "console",
    };
    return (struct lat_osc_address_range){
        .kind = kind,
        .doc = p->doc,
        .unit = p->unit ? p->unit : "",
        .curve = curves[p->curve],
        .min = (double)p->min,
        .max = (double)p->max,
        .initial = (double)p->initial,
        .low = (double)p->low,
        .high = (double)p->high,
    };
}

static struct lat_osc_address_range
range_of_setting(const struct lat_setting *s)
{
    return (struct lat_osc_address_range){
        .kind = "setting",
        .doc = s->doc,
        .unit = s->unit ? s->unit : "",
        .curve = "",
        .min = s->min,
        .max = s->max,
        .initial = s->initial,
        // There is no fader for it but one over all that it may be.
        .low = s->min,
        .high = s->max,
        .initial_text = s->initial_text,
        .is_text =
            s->kind != LAT_SETTING_NUMBER && s->kind != LAT_SETTING_INTEGER,
        .words = s->words,
    };
}

static struct lat_osc_address_range
range_of_common(const struct lat_osc_address *a)
{
    const struct lat_setting *s = NULL;
    uint32_t i = 0;
    while ((s = lat_common_setting(a->node->type, i)) &&
           strcmp(s->name, a->name) != 0) {
        ++i;
    }
    struct lat_osc_address_range range = range_of_setting(s);
    if (a->kind == LAT_ADDRESS_SLEEP && a->node->poly > 1) {
        range.initial_text = "yes";
    }
    return range;
}

struct lat_osc_address_range
lat_osc_address_range(const struct lat_osc_address *a)
{
    static const char *const inputs[] = {
        [LAT_PORT_SIGNAL] = "signal",
        [LAT_PORT_KNOB] = "knob",
        [LAT_PORT_GATE] = "gate",
        [LAT_PORT_TRIGGER] = "trigger",
    };
    switch (a->kind) {
    case LAT_ADDRESS_INPUT:
    case LAT_ADDRESS_NORM: {
        const struct lat_port *const p = a->node->layout->in[a->index].port;
        return range_of_port(p, inputs[p->kind]);
    }
    case LAT_ADDRESS_SETTING:
        return range_of_setting(&a->node->type->settings[a->index]);
    case LAT_ADDRESS_BYPASS:
    case LAT_ADDRESS_PROCESS:
    case LAT_ADDRESS_POLY:
    case LAT_ADDRESS_SLEEP:
        return range_of_common(a);
    default:
        return range_of_port(a->node->layout->out[a->index].port, "out");
    }
}

void
lat_osc_print_addresses(FILE *stream)
{
    fputs("| address | is | type | set | asked | subscribed to |\n"
          "|---|---|---|---|---|---|\n",
          stream);
    for (size_t i = 0; i < LAT_N_ADDRESS_KINDS; ++i) {
        const struct lat_osc_address_form *const f = &lat_osc_address_forms[i];
        fprintf(stream, "| `%s` | %s | %s | %s | %s | %s |\n", f->path, f->doc,
                f->type, f->access & SET ? "yes" : "",
                f->access & ASK ? "yes" : "",
                f->access & SUBSCRIBE ? "yes" : "");
    }
}
