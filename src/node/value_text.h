// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers as people write them, with or without a unit: 440, 1.2kHz, 20ms,
/// -6dB, 50%, a4.
///
/// Which units fit follows from the unit of what is set; any other is refused.
/// All functions are [any but audio].
#ifndef LAT_NODE_VALUE_TEXT_H
#define LAT_NODE_VALUE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct lat_port;
struct lat_tuned;

/// What a number measures.
struct lat_quantity {
    const char *unit; ///< as a port has it: "Hz", "s", "dB", …; "" for none
    bool is_gain;     ///< a linear gain: it may be written in dB
    const struct lat_tuned *tuned; ///< what notes are; NULL: equal semitones
};

/// Of a port's value, and of the amount of a cable to it.
struct lat_quantity
lat_quantity_of_value(const struct lat_port *port);
struct lat_quantity
lat_quantity_of_amount(const struct lat_port *port);

/// Read all of @p text as a finite number in the quantity's own unit.  Notes
/// are in its tuning, without one in equal temperament, a4 being 440 Hz.
/// @return false, with @p out untouched, if it is anything else.
bool
lat_value_from_text(const char *text, struct lat_quantity quantity,
                    double *out);

/// What fits: "a number in Hz, like 440, 1.2kHz or a4".  @return @p buffer, for
/// which 100 bytes are enough.
char *
lat_value_forms(struct lat_quantity quantity, char *buffer, size_t size);

/// Is it a number in the unit of some quantity?  [any]
bool
lat_value_is_number(const char *text);

#endif // LAT_NODE_VALUE_TEXT_H
