// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Messages as a line of text for people: /node/new sine lfo freq 3.
#ifndef LAT_OSC_PRINT_H
#define LAT_OSC_PRINT_H

#include "packet.h"

/// Write path and arguments, blanks between them; text that has blanks or is
/// empty stands in quotes.  What does not fit ends in "...".  [any]
/// @return @p out.
char *
lat_osc_message_text(const struct lat_osc_message *m, char *out, size_t size);

#endif // LAT_OSC_PRINT_H
