// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which messages of the table a pattern stands for.
///
/// A pattern without arguments asks and never acts; with arguments it sets
/// values.  Verbs that act or remove are reached by no pattern.
/// All functions are [control].
#ifndef LAT_OSC_REACH_H
#define LAT_OSC_REACH_H

#include "verbs.h"

/// May @p pattern stand for @p verb, and do the words that the verb's path
/// spells out match?  Its placeholders are the graph's to say, by
/// `verb->domain`.
///
/// With arguments, and for what comes later, what follows a node's name must be
/// spelt out where it is not the name of a parameter.
/// @param is_bare  the message has no arguments.
bool
lat_osc_reaches(const struct lat_verb *verb,
                const struct lat_osc_words *pattern, bool is_bare);

/// A verb that the pattern looks like and may not stand for, or NULL.
const struct lat_verb *
lat_osc_out_of_reach(const struct lat_osc_words *pattern, bool is_bare);

#endif // LAT_OSC_REACH_H
