// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tuned.h"

#include <stdlib.h>

#define MIDDLE_C 60.0

struct lat_tuned *
lat_tuned_new(struct lat_scale *scale, struct lat_keymap *keymap)
{
    struct lat_tuned *t = calloc(1, sizeof(*t));
    if (!t) {
        free(scale);
        free(keymap);
        return NULL;
    }
    *t = (struct lat_tuned){scale, keymap, 1};
    return t;
}

struct lat_tuned *
lat_tuned_hold(struct lat_tuned *t)
{
    if (t) {
        ++t->refs;
    }
    return t;
}

void
lat_tuned_release(struct lat_tuned *t)
{
    if (t && !--t->refs) {
        free(t->scale);
        free(t->keymap);
        free(t);
    }
}

LAT_RT bool
lat_tuned_pitch(const struct lat_tuned *t, double semitones, double *pitch)
{
    if (!t) {
        *pitch = semitones;
        return true;
    }
    return lat_tuning_pitch(t->scale, t->keymap, MIDDLE_C + semitones, pitch);
}
