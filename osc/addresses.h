// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of values that have an address: what each is, who may read and
/// write it, and of which type it is.
///
/// A row is a form, as /node/NAME/PARAM/norm. What it stands for in a node is
/// counted through with lat_osc_address_get(), and found by its words with
/// lat_osc_address_find(); range, unit, curve and words come from the
/// descriptors of the node's type. /node/info, patterns, subscriptions and the
/// reference in docs/osc.md are made of this.  All functions are [control].
#ifndef LAT_OSC_ADDRESSES_H
#define LAT_OSC_ADDRESSES_H

#include "graph/model.h"
#include "verbs.h"

enum lat_osc_address_kind {
    LAT_ADDRESS_INPUT, ///< /node/NAME/PARAM
    LAT_ADDRESS_SETTING,
    LAT_ADDRESS_BYPASS,
    LAT_ADDRESS_PROCESS,
    LAT_ADDRESS_POLY,
    LAT_ADDRESS_SLEEP,
    LAT_ADDRESS_SAMPLE, ///< /node/NAME/OUT
    LAT_ADDRESS_NORM,
    LAT_ADDRESS_LAST,
    LAT_ADDRESS_PEAK,
    LAT_ADDRESS_RMS,
    LAT_ADDRESS_SCOPE,
    LAT_ADDRESS_AMOUNT, ///< this and what follows: of no node
    LAT_ADDRESS_TEMPO,
    LAT_ADDRESS_PLAYING,
    LAT_ADDRESS_POSITION,
    LAT_ADDRESS_NUMBER,
    LAT_N_ADDRESS_KINDS,
};

/// What may be done with a value.
enum lat_osc_access {
    LAT_ACCESS_SET = 1,       ///< a message with arguments
    LAT_ACCESS_ASK = 2,       ///< one without
    LAT_ACCESS_SUBSCRIBE = 4, ///< /subscribe
};

struct lat_osc_address_form {
    const char *path; ///< words in capitals stand for names
    const char *type; ///< of what comes, for people: "f", "i", "s"…
    const char *doc;
    unsigned access; ///< of enum lat_osc_access
    /// Which messages of the table of verbs a pattern finds it for;
    /// LAT_DOMAIN_WORDS: none.
    enum lat_verb_domain domain;
    bool is_stream;     ///< it changes by itself, and nobody tells
    bool is_tail_spelt; ///< no pattern stands for its last word
};

/// By kind.
extern const struct lat_osc_address_form
    lat_osc_address_forms[LAT_N_ADDRESS_KINDS];

/// One address of a node.
struct lat_osc_address {
    enum lat_osc_address_kind kind;
    const struct lat_node *node;
    const char *name; ///< of the input, the setting or the output
    const char *tail; ///< behind the name: "", or "/norm"
    uint32_t index;   ///< among inputs, settings, settings of all, or outputs
    uint32_t voice;   ///< from 1; 0: the whole node's
    /// No path means it: its name is none, or means an input or a setting.
    bool is_hidden;
};

/// Address @p i of a kind.
/// @return false behind the last.
bool
lat_osc_address_get(const struct lat_node *node, enum lat_osc_address_kind kind,
                    uint32_t i, struct lat_osc_address *out);

/// The address that `name` and `tail` ("", "norm") mean, of those that have one
/// of @p access.
/// @return false when there is none.
bool
lat_osc_address_find(const struct lat_node *node, const char *name,
                     const char *tail, unsigned access,
                     struct lat_osc_address *out);

/// Can a voice have it as its own: a value, or an output?
bool
lat_osc_address_is_voiced(enum lat_osc_address_kind kind);

/// Write the whole address.  @return @p out.
char *
lat_osc_address_text(const struct lat_osc_address *a,
                     char out[LAT_OSC_PATH_MAX]);

/// What descriptors say of it.  Numbers that there are not are 0.
struct lat_osc_address_range {
    const char *kind; ///< signal, knob, gate, trigger, out, setting
    const char *doc;
    const char *unit;         ///< never NULL
    const char *curve;        ///< lin, exp, console; "" of a setting
    double min, max, initial; ///< of what is written; the unit's own
    double low, high;         ///< fader range
    const char *initial_text; ///< of a text; NULL: `initial`
    bool is_text;             ///< it has no number
    const char *const *words; ///< NULL-terminated, or NULL
};

struct lat_osc_address_range
lat_osc_address_range(const struct lat_osc_address *a);

/// The table as Markdown, for docs/osc.md.
void
lat_osc_print_addresses(FILE *stream);

#endif // LAT_OSC_ADDRESSES_H
