// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sessions as nobody would write them, and as everybody might: all node types
/// that there are, values in all units, odd texts, comments anywhere, cables of
/// all forms.  They are right: reading them gives no error.
#ifndef LAT_ODD_SESSION_H
#define LAT_ODD_SESSION_H

#include <stdint.h>

/// The text of a session of @p n_nodes nodes, drawn from @p seed; to free().
/// @param n_nodes  1 to 10000.
char *
odd_session(uint64_t seed, uint32_t n_nodes);

#endif // LAT_ODD_SESSION_H
