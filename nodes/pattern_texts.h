// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The texts of node types that play patterns: `check`, `prepare` and `forget`
/// of their settings.  A pattern holds notes and numbers alone; errors say the
/// column.
///
/// All functions are [any but audio].
#ifndef LAT_NODES_PATTERN_TEXTS_H
#define LAT_NODES_PATTERN_TEXTS_H

#include "base/status.h"

enum lat_status
lat_pattern_text_check_pattern(const char *text, struct lat_error *error);
enum lat_status
lat_pattern_text_check_transforms(const char *text, struct lat_error *error);
enum lat_status
lat_pattern_text_check_rate(const char *text, struct lat_error *error);

/// A struct lat_pattern, and for the rate a struct lat_fraction.
enum lat_status
lat_pattern_text_make_pattern(const char *text, double rate, void **data,
                              struct lat_error *error);
enum lat_status
lat_pattern_text_make_transforms(const char *text, double rate, void **data,
                                 struct lat_error *error);
enum lat_status
lat_pattern_text_make_rate(const char *text, double rate, void **data,
                           struct lat_error *error);

/// A pattern of numbers that is looked at beside another: the empty text is
/// none.
enum lat_status
lat_pattern_text_check_track(const char *text, struct lat_error *error);

/// What is fine alone may be too much together.
enum lat_status
lat_pattern_text_check_all(const char *pattern, const char *with,
                           const char *rate, struct lat_error *error);

/// What they made; NULL does nothing.
void
lat_pattern_text_forget(void *data);
void
lat_pattern_text_forget_rate(void *data);

/// The words of `swap`.
extern const char *const lat_pattern_text_swaps[];

#endif // LAT_NODES_PATTERN_TEXTS_H
