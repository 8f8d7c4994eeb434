// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The fader range of a port: values along it, and places on it from 0 to 1.
#ifndef LAT_NODE_CURVE_H
#define LAT_NODE_CURVE_H

#include "type.h"

/// The value at @p x, which is clamped to 0..1.  [any]
double
lat_curve_to_value(const struct lat_port *port, double x);

/// Where @p value lies, clamped to 0..1.  [any]
double
lat_curve_to_norm(const struct lat_port *port, double value);

#endif // LAT_NODE_CURVE_H
