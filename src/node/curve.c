// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The fader range of a port.

#include "curve.h"

#include "base/text.h"

#include <math.h>

// The console fader: silence, then straight lines in decibels.
static const struct {
    double x, db;
} console[] = {
    {0.0, -90.0}, {0.25, -30.0}, {0.5, -10.0}, {0.75, 0.0}, {1.0, 10.0}};

static double
console_to_value(double x)
{
    if (x <= 0.0) {
        return 0.0;
    }
    size_t i = 1;
    while (i < LAT_COUNT(console) - 1 && x > console[i].x) {
        ++i;
    }
    const double share =
        (x - console[i - 1].x) / (console[i].x - console[i - 1].x);
    const double db =
        console[i - 1].db + share * (console[i].db - console[i - 1].db);
    return pow(10.0, db / 20.0);
}

static double
console_to_norm(double value)
{
    const double db = value > 0.0 ? 20.0 * log10(value) : -1000.0;
    if (db <= console[0].db) {
        return 0.0;
    }
    size_t i = 1;
    while (i < LAT_COUNT(console) - 1 && db > console[i].db) {
        ++i;
    }
    const double share =
        (db - console[i - 1].db) / (console[i].db - console[i - 1].db);
    return console[i - 1].x + share * (console[i].x - console[i - 1].x);
}

static double
clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double
lat_curve_to_value(const struct lat_port *port, double x)
{
    const double low = (double)port->low;
    const double high = (double)port->high;
    x = clamp(x, 0.0, 1.0);
    switch (port->curve) {
    case LAT_CURVE_EXP:
        return low * pow(high / low, x);
    case LAT_CURVE_CONSOLE:
        return console_to_value(x);
    default:
        return low + x * (high - low);
    }
}

double
lat_curve_to_norm(const struct lat_port *port, double value)
{
    const double low = (double)port->low;
    const double high = (double)port->high;
    double x = 0.0;
    switch (port->curve) {
    case LAT_CURVE_EXP:
        x = value / low > 0.0 ? log(value / low) / log(high / low) : 0.0;
        break;
    case LAT_CURVE_CONSOLE:
        x = console_to_norm(value);
        break;
    default:
        x = high != low ? (value - low) / (high - low) : 0.0;
        break;
    }
    return clamp(x, 0.0, 1.0);
}
