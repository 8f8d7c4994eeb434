// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pattern_texts.h"
#include "fraction.h"
#include "node/type.h"
#include "pattern/pattern.h"
#include "pattern_player.h"

#include <stdlib.h>
#include <string.h>

const char *const lat_pattern_text_swaps[] = {"now", "cycle", NULL};

static enum lat_status
check_notes(const struct lat_pattern *p, const char *text,
            struct lat_error *error)
{
    struct lat_pattern_place place;
    uint32_t length = 0;
    if (!lat_pattern_find_no_note(p, &place, &length)) {
        return LAT_OK;
    }
    return lat_error_set(error, LAT_EINVAL,
                         "column %u: '%.*s' is no note: write numbers, and "
                         "notes such as c, eb3 or f#5 (a sampler is struck "
                         "by the trigger of 1 ~ 1 1)",
                         place.column, (int)(length < 60 ? length : 60),
                         text + place.at);
}

enum lat_status
lat_pattern_text_make_pattern(const char *text, double rate, void **data,
                              struct lat_error *error)
{
    (void)rate;
    struct lat_pattern *made = NULL;
    enum lat_status status =
        lat_pattern_parse(text, strlen(text), &made, NULL, error);
    status = status ? status : check_notes(made, text, error);
    if (status) {
        lat_pattern_free(made);
        return status;
    }
    *data = made;
    return LAT_OK;
}

enum lat_status
lat_pattern_text_make_transforms(const char *text, double rate, void **data,
                                 struct lat_error *error)
{
    (void)rate;
    struct lat_pattern *made = NULL;
    const enum lat_status status =
        lat_transform_parse(text, strlen(text), &made, NULL, error);
    *data = status ? *data : made;
    return status;
}

void
lat_pattern_text_forget(void *data)
{
    lat_pattern_free(data);
}

enum lat_status
lat_pattern_text_check_pattern(const char *text, struct lat_error *error)
{
    void *made = NULL;
    const enum lat_status status =
        lat_pattern_text_make_pattern(text, 0.0, &made, error);
    lat_pattern_text_forget(made);
    return status;
}

enum lat_status
lat_pattern_text_check_transforms(const char *text, struct lat_error *error)
{
    void *made = NULL;
    const enum lat_status status =
        lat_pattern_text_make_transforms(text, 0.0, &made, error);
    lat_pattern_text_forget(made);
    return status;
}

/// Most that a look at a track may take, as LAT_PATTERN_COST: there are several
/// at each onset.
#define MOST_OF_MOMENT 1000.0

enum lat_status
lat_pattern_text_check_track(const char *text, struct lat_error *error)
{
    void *made = NULL;
    enum lat_status status =
        *text ? lat_pattern_text_make_pattern(text, 0.0, &made, error) : LAT_OK;
    const double cost =
        made ? lat_pattern_moment_cost(made, 1.0 / LAT_PLAYER_MOMENT) : 0.0;
    if (!status && cost > MOST_OF_MOMENT) {
        status = lat_error_set(error, LAT_EINVAL,
                               "the pattern has too much at once, about %.3g "
                               "steps: at most %.0f, so use smaller factors",
                               cost, MOST_OF_MOMENT);
    }
    lat_pattern_text_forget(made);
    return status;
}

/// Most that a cycle of the pattern may take, so that one of the transport does
/// not take too much.
static double
most_at(const char *rate)
{
    struct lat_fraction fraction = {1, 1};
    if (rate) {
        lat_fraction_from_text(rate, &fraction);
    }
    const double most = LAT_PATTERN_PLAYED * (double)fraction.denominator /
                        (double)fraction.numerator;
    return most < LAT_PATTERN_COST ? most : LAT_PATTERN_COST;
}

enum lat_status
lat_pattern_text_check_all(const char *pattern, const char *with,
                           const char *rate, struct lat_error *error)
{
    struct lat_pattern *made = NULL;
    void *transforms = NULL;
    // Behind its text may stand where the files lie that it names.
    const size_t size =
        strcspn(pattern, (const char[]){LAT_FILES_SEPARATOR, 0});
    enum lat_status status =
        lat_pattern_parse(pattern, size, &made, NULL, error);
    if (!status && with && *with) {
        status =
            lat_pattern_text_make_transforms(with, 0.0, &transforms, error);
    }
    status = status ? status
                    : lat_pattern_check(made, transforms, most_at(rate), error);
    lat_pattern_text_forget(transforms);
    lat_pattern_free(made);
    return status;
}

enum lat_status
lat_pattern_text_make_rate(const char *text, double rate, void **data,
                           struct lat_error *error)
{
    (void)rate;
    struct lat_fraction *const made = malloc(sizeof(*made));
    if (!made) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    *made = (struct lat_fraction){1, 1};
    lat_fraction_from_text(text, made);
    *data = made;
    return LAT_OK;
}

enum lat_status
lat_pattern_text_check_rate(const char *text, struct lat_error *error)
{
    struct lat_fraction rate;
    if (lat_fraction_from_text(text, &rate)) {
        return LAT_OK;
    }
    return lat_error_set(error, LAT_EINVAL,
                         "rate must be a number or a fraction above 0 such as "
                         "1, 3/2 or 0.25, of numbers up to %d, not '%.60s'",
                         LAT_FRACTION_MAX, text);
}

void
lat_pattern_text_forget_rate(void *data)
{
    free(data);
}
