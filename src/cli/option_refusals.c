// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "option_refusals.h"
#include "base/log.h"
#include "base/text.h"
#include "option_rows.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
lat_refuse(int *exit_code, const char *format, ...)
{
    struct lat_error error;
    va_list args;
    va_start(args, format);
    vsnprintf(error.text, sizeof(error.text), format, args);
    va_end(args);
    lat_log(LAT_LOG_ERROR, "%s", error.text);
    *exit_code = LAT_EXIT_USAGE;
    return false;
}

bool
lat_refuse_word(const char *word, int *exit_code)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, word);
    for (size_t i = 0; i < LAT_N_COMMANDS; ++i) {
        if (lat_commands[i].name && !lat_commands[i].is_later) {
            lat_nearest_try(&nearest, lat_commands[i].name);
        }
    }
    if (nearest.best) {
        return lat_refuse(exit_code,
                          "there is no command '%s': did you mean '%s'? "
                          "'lattice --help' lists them",
                          word, nearest.best);
    }
    return lat_refuse(
        exit_code,
        "there is no command '%s': 'lattice --help' lists them; to "
        "play a session of that name: lattice run %s",
        word, word);
}

/// Do several options of the command begin with @p word?
/// @param[out] names  them.
static bool
is_ambiguous(const char *word, unsigned bit, char *names, size_t size)
{
    int n = 0;
    *names = '\0';
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if ((lat_option_rows[i].commands & bit) && lat_option_rows[i].help &&
            strncmp(lat_option_rows[i].name, word, strlen(word)) == 0) {
            const size_t length = strlen(names);
            snprintf(names + length, size - length, "%s--%s", n ? ", " : "",
                     lat_option_rows[i].name);
            ++n;
        }
    }
    return *word && n > 1;
}

/// Say that there is no option @p written, and what there is.
static bool
refuse_unknown(const struct command_row *command, const char *written,
               int *exit_code)
{
    const unsigned bit = 1U << (unsigned)(command - lat_commands);
    const int n = (int)strcspn(written, "=");
    const struct option_row *const row = lat_option_find(written);
    char candidates[256];
    if (row) {
        size_t i = 0;
        while (!(row->commands & (1U << i))) {
            ++i;
        }
        return lat_refuse(exit_code, "%.*s is an option of '%s', not of '%s'",
                          n, written, lat_commands[i].call, command->call);
    }
    char word[64];
    snprintf(word, sizeof(word), "%.*s", n - 2, written + 2);
    if (is_ambiguous(word, bit, candidates, sizeof(candidates))) {
        return lat_refuse(exit_code, "--%s can be %s: write more of it", word,
                          candidates);
    }
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, word);
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if ((lat_option_rows[i].commands & bit) && lat_option_rows[i].help) {
            lat_nearest_try(&nearest, lat_option_rows[i].name);
        }
    }
    if (nearest.best) {
        return lat_refuse(exit_code,
                          "there is no option %.*s: did you mean --%s? See "
                          "'%s --help'",
                          n, written, nearest.best, command->call);
    }
    return lat_refuse(exit_code, "there is no option %.*s: see '%s --help'", n,
                      written, command->call);
}

bool
lat_refuse_option(const struct command_row *command, const char *written,
                  int problem, int *exit_code)
{
    if (optopt > 0 && optopt < FIRST_VALUE) {
        return lat_refuse(
            exit_code,
            "there is no option '-%c', options are long (--%s), but "
            "for -h: see '%s --help'",
            optopt, lat_option_rows[0].name, command->call);
    }
    if (optopt == 0) {
        return refuse_unknown(command, written, exit_code);
    }
    const struct option_row *const row = &lat_option_rows[optopt - FIRST_VALUE];
    if (problem == ':') {
        return lat_refuse(exit_code, "--%s needs a value: --%s %s", row->name,
                          row->name, row->argument);
    }
    return lat_refuse(exit_code, "--%s takes no value: leave '%s' out",
                      row->name, written + strcspn(written, "="));
}
