// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Names, texts and comments that files have trouble with, drawn from a seed:
/// the same seed gives the same text on every machine.
#ifndef LAT_ODD_TEXT_H
#define LAT_ODD_TEXT_H

#include "node/type.h"

#include <stddef.h>
#include <stdint.h>

/// SplitMix64.
uint64_t
odd_draw(uint64_t *state);

/// A name of up to @p most bytes, one at least, with pieces that readers and
/// shells stumble over, bytes that are no UTF-8 among them; none of the bytes
/// of @p without.
void
odd_name(uint64_t *seed, size_t most, const char *without, char *out);

/// What may stand behind a `;`: anything but control bytes.
void
odd_comment(uint64_t *seed, char out[300]);

/// Letters, digits, _ and dots; most of them are names for a node.
void
odd_node_name(uint64_t *seed, char out[LAT_NAME_MAX]);

#endif // LAT_ODD_TEXT_H
