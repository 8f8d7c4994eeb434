// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which type an argument has that came as text, from a command line.
///
/// What the table of messages calls a name is text, whatever it looks like;
/// what it calls a number is one.  A value is a number where that loses
/// nothing: 3, but not 3.0 or 007, which may be text.
/// All functions are [control].
#ifndef LAT_OSC_TYPING_H
#define LAT_OSC_TYPING_H

#include "verbs.h"

/// Add @p text to @p m as argument @p i of @p verb, or, where that is NULL, as
/// what it looks like.  @return false when out of memory.
bool
lat_osc_add_typed(lo_message m, const struct lat_verb *verb, uint32_t i,
                  const char *text);

#endif // LAT_OSC_TYPING_H
