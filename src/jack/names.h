// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Names of ports: the server's, ours, and those for people.
///
/// All functions are [any].
#ifndef LAT_JACK_NAMES_H
#define LAT_JACK_NAMES_H

#include "units/slots.h"

#include <stddef.h>

/// A port's name with its client's: @p client's where it has none.
void
lat_name_with_client(const char *client, const char *name, char *out,
                     size_t size);

/// The name without its client's, if that is @p client, else all of it.
const char *
lat_name_without_client(const char *client, const char *name);

/// Make a port's name one for people: blanks for / and _.
void
lat_name_spell_out(char *name);

/// How a person would call the port of a slot.
void
lat_name_for_people(const struct lat_slot *d, char *out, size_t size);

#endif // LAT_JACK_NAMES_H
