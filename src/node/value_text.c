// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "value_text.h"
#include "base/rt.h"
#include "base/text.h"
#include "note.h"
#include "tuned.h"
#include "type.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MIDDLE_C_HZ 261.6255653005986

#define GAIN "gain" ///< no port's unit: what is_gain adds

/// A suffix that may follow a number where the unit is `unit`: the value is
/// the number times `factor`, by `divisor`.
struct suffix {
    const char *text, *unit;
    double factor, divisor;
};

static const struct suffix suffixes[] = {
    {"Hz", "Hz", 1.0, 1.0},   {"kHz", "Hz", 1000.0, 1.0}, {"s", "s", 1.0, 1.0},
    {"ms", "s", 1.0, 1000.0}, {"dB", "dB", 1.0, 1.0},     {"%", "", 1.0, 100.0},
    {"dB", GAIN, 1.0, 20.0}, // the exponent of ten
};

/// What is shown to somebody who wrote something else.
static const struct {
    const char *unit, *examples;
} forms[] = {
    {"Hz", "in Hz, like 440, 1.2kHz or a4"},
    {"s", "in seconds, like 0.02 or 20ms"},
    {"dB", "in dB, like -6 or -6dB"},
    {"semitones", "in semitones, like 7 or eb3"},
    {"", "like 0.5 or 50%"},
    {GAIN, "like 0.5, -6dB or 50%"},
};

struct lat_quantity
lat_quantity_of_value(const struct lat_port *port)
{
    const char *const unit = port->unit ? port->unit : "";
    return (struct lat_quantity){
        .unit = unit,
        .is_gain = *unit == '\0' && port->curve == LAT_CURVE_CONSOLE,
    };
}

struct lat_quantity
lat_quantity_of_amount(const struct lat_port *port)
{
    const char *const unit = port->unit ? port->unit : "";
    return (struct lat_quantity){.unit = unit, .is_gain = *unit == '\0'};
}

/// Read a number that @p suffix follows.
static bool
read_with(const char *text, const char *suffix, double *out)
{
    char number[64];
    const size_t length = strlen(text);
    const size_t n = strlen(suffix);
    if (length <= n || length - n >= sizeof(number) ||
        strcasecmp(text + length - n, suffix) != 0) {
        return false;
    }
    memcpy(number, text, length - n);
    number[length - n] = '\0';
    return lat_parse_number(number, out);
}

static bool
read_suffixed(const char *text, const char *unit, double *out)
{
    for (size_t i = 0; i < LAT_COUNT(suffixes); ++i) {
        const struct suffix *const s = &suffixes[i];
        if (strcmp(s->unit, unit) == 0 && read_with(text, s->text, out)) {
            *out = *out * s->factor / s->divisor;
            return true;
        }
    }
    return false;
}

/// In Hz; the same on every machine.
static double
note_frequency(double semitones)
{
    static const double twelfths[] = {
        1.0,
        1.0594630943592953,
        1.1224620483093730,
        1.1892071150027210,
        1.2599210498948732,
        1.3348398541700344,
        1.4142135623730951,
        1.4983070768766815,
        1.5874010519681994,
        1.6817928305074290,
        1.7817974362806785,
        1.8877486253633868,
    };
    const int from_a4 = (int)semitones - 9;
    const int octave = (from_a4 + 1200) / 12 - 100;
    return ldexp(440.0 * twelfths[from_a4 - 12 * octave], octave);
}

/// A note that the tuning has no pitch for is none.
static bool
read_note(const char *text, const char *unit, const struct lat_tuned *tuned,
          double *out)
{
    const bool is_frequency = strcmp(unit, "Hz") == 0;
    double semitones = 0.0;
    if ((!is_frequency && strcmp(unit, "semitones") != 0) ||
        !lat_note_from_text(text, &semitones) ||
        !lat_tuned_pitch(tuned, semitones, &semitones)) {
        return false;
    }
    *out = !is_frequency ? semitones
           : tuned       ? MIDDLE_C_HZ * exp2(semitones / 12.0)
                         : note_frequency(semitones);
    return true;
}

bool
lat_value_from_text(const char *text, struct lat_quantity quantity, double *out)
{
    const char *const unit = quantity.unit ? quantity.unit : "";
    double x = 0.0;
    bool is_good = lat_parse_number(text, &x) ||
                   read_suffixed(text, unit, &x) ||
                   read_note(text, unit, quantity.tuned, &x);
    if (!is_good && quantity.is_gain && read_suffixed(text, GAIN, &x)) {
        x = pow(10.0, x);
        is_good = true;
    }
    if (!is_good || !isfinite(x)) {
        return false;
    }
    *out = x;
    return true;
}

bool
lat_value_is_number(const char *text)
{
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        const bool is_gain = strcmp(forms[i].unit, GAIN) == 0;
        const struct lat_quantity q = {.unit = is_gain ? "" : forms[i].unit,
                                       .is_gain = is_gain};
        double x = 0.0;
        if (lat_value_from_text(text, q, &x)) {
            return true;
        }
    }
    return false;
}

char *
lat_value_forms(struct lat_quantity quantity, char *buffer, size_t size)
{
    const char *const unit = quantity.is_gain ? GAIN
                             : quantity.unit  ? quantity.unit
                                              : "";
    snprintf(buffer, size, "a number%s%.40s", *unit ? " in " : "", unit);
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        if (strcmp(forms[i].unit, unit) == 0) {
            snprintf(buffer, size, "a number %s", forms[i].examples);
        }
    }
    return buffer;
}
