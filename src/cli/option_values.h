// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What an option may be given: functions for the table of options, each of
/// type lat_option_take_fn.  All functions are [control].
#ifndef LAT_CLI_OPTION_VALUES_H
#define LAT_CLI_OPTION_VALUES_H

#include "option_rows.h"

bool
lat_take_flag(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why);
bool
lat_take_text(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why);
/// One of the row's words.
bool
lat_take_word(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why);
bool
lat_take_count(const struct option_row *row, const char *text,
               struct lat_options *o, struct lat_error *why);
bool
lat_take_cycle(const struct option_row *row, const char *text,
               struct lat_options *o, struct lat_error *why);
bool
lat_take_port(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why);
bool
lat_take_rate(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why);
bool
lat_take_seconds(const struct option_row *row, const char *text,
                 struct lat_options *o, struct lat_error *why);
bool
lat_take_pin(const struct option_row *row, const char *text,
             struct lat_options *o, struct lat_error *why);
bool
lat_take_isa(const struct option_row *row, const char *text,
             struct lat_options *o, struct lat_error *why);
bool
lat_take_remote(const struct option_row *row, const char *text,
                struct lat_options *o, struct lat_error *why);
bool
lat_take_sample_dir(const struct option_row *row, const char *text,
                    struct lat_options *o, struct lat_error *why);

#endif // LAT_CLI_OPTION_VALUES_H
