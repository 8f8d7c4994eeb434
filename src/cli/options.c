// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "options.h"
#include "base/text.h"
#include "commands.h"
#include "option_help.h"
#include "option_refusals.h"
#include "option_rows.h"
#include "pattern.h"

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

enum lat_exit
lat_options_exit_code(enum lat_status status)
{
    switch (status) {
    case LAT_OK:
        return LAT_EXIT_DONE;
    case LAT_ENOMEM:
    case LAT_ESYSTEM:
        return LAT_EXIT_SYSTEM;
    default:
        return LAT_EXIT_INPUT;
    }
}

static bool
finish(int *exit_code)
{
    *exit_code = LAT_EXIT_DONE;
    return false;
}

/// Take one option.  @return false to stop.
static bool
take_option(const struct option_row *row, const char *text,
            const struct command_row *command, struct lat_options *o,
            int *exit_code)
{
    if (strcmp(row->name, "help") == 0) {
        lat_print_command_help(command);
        return finish(exit_code);
    }
    if (strcmp(row->name, "bash-completion") == 0) {
        lat_cli_print_completion();
        return finish(exit_code);
    }
    if (strcmp(row->name, "version") == 0) {
        lat_print_version(command);
        return finish(exit_code);
    }
    if (!row->take) {
        return lat_refuse(exit_code,
                          "--%s comes in a later release: leave it out for now",
                          row->name);
    }
    struct lat_error why;
    if (!row->take(row, text, o, &why)) {
        return lat_refuse(exit_code, "%s", why.text);
    }
    return true;
}

static bool
take_options(const struct command_row *command, int argc, char **argv,
             struct lat_options *o, int *exit_code)
{
    const unsigned bit = 1U << (unsigned)(command - lat_commands);
    struct option table[LAT_MAX_OPTION_ROWS + 1] = {0};
    int n = 0;
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if (lat_option_rows[i].commands & bit) {
            table[n++] = (struct option){
                .name = lat_option_rows[i].name,
                .has_arg = lat_option_rows[i].argument ? required_argument
                                                       : no_argument,
                .val = FIRST_VALUE + (int)i,
            };
        }
    }
    opterr = 0;
    optind = 0;
    for (;;) {
        const int c = getopt_long(
            argc, argv, command->is_verbatim ? "+:h" : ":h", table, NULL);
        if (c == -1) {
            return true;
        }
        if (c == 'h') {
            lat_print_command_help(command);
            return finish(exit_code);
        }
        if (c == '?' || c == ':') {
            return lat_refuse_option(command, argv[optind - 1], c, exit_code);
        }
        if (!take_option(&lat_option_rows[c - FIRST_VALUE], optarg, command, o,
                         exit_code)) {
            return false;
        }
    }
}

static bool
take_arguments(const struct command_row *command, uint32_t n, char **arguments,
               struct lat_options *o, int *exit_code)
{
    if (n < command->n_required) {
        return lat_refuse(exit_code, "'%s' needs %s: %s %s", command->call,
                          command->missing, command->call, command->arguments);
    }
    if (n > command->n_arguments && command->takes_more) {
        o->more = arguments + command->n_arguments;
        o->n_more = n - command->n_arguments;
        n = command->n_arguments;
    }
    if (n > command->n_arguments) {
        return lat_refuse(exit_code, "'%s' has no use for '%s': %s %s",
                          command->call, arguments[command->n_arguments],
                          command->call, command->arguments);
    }
    for (uint32_t i = 0; i < n; ++i) {
        *(const char **)(void *)((char *)o + command->arguments_at[i]) =
            arguments[i];
    }
    return true;
}

/// One thread per core of the allowed mask; `run` pins them there.
static void
choose_workers(struct lat_options *o)
{
    struct lat_cpus cpus;
    lat_cpus_allowed(&cpus);
    const uint32_t n_cores =
        cpus.n_cores < LAT_MAX_THREADS ? cpus.n_cores : LAT_MAX_THREADS;
    if (!o->workers) {
        o->workers = o->pins.n ? o->pins.n : n_cores;
    }
    if (!o->pins.n && o->command == LAT_COMMAND_RUN && o->workers > 1 &&
        o->workers <= cpus.n) {
        o->pins = cpus;
    }
}

/// `render` with a score needs no session.
static bool
settle_score(const struct command_row *command, struct lat_options *o,
             int *exit_code)
{
    if (o->command != LAT_COMMAND_RENDER || o->output) {
        return true;
    }
    if (!o->score) {
        return lat_refuse(exit_code, "'%s' needs %s: %s %s", command->call,
                          command->missing, command->call, command->arguments);
    }
    o->output = o->session;
    o->session = NULL;
    return true;
}

/// What no row can see alone.
static bool
agree(const struct lat_options *o, int *exit_code)
{
    if (o->json && o->dot) {
        return lat_refuse(exit_code, "--json and --dot: choose one of them");
    }
    if (o->json && o->markdown) {
        return lat_refuse(exit_code,
                          "--json and --markdown: choose one of them");
    }
    if (o->quiet && o->verbose) {
        return lat_refuse(exit_code,
                          "--quiet and --verbose: choose one of them");
    }
    if (o->pins.n && o->pins.n < o->workers) {
        return lat_refuse(exit_code, "--pin names %s for %s: name as many",
                          lat_count(o->pins.n, "processor").text,
                          lat_count(o->workers, "worker").text);
    }
    if (o->score && o->session && !strcmp(o->score, "-") &&
        !strcmp(o->session, "-")) {
        return lat_refuse(exit_code, "--score - and the session -: only one of "
                                     "them can come from standard input");
    }
    if (o->empty && o->session) {
        return lat_refuse(exit_code,
                          "--empty starts without '%s': leave one of them out",
                          o->session);
    }
    return true;
}

static const struct lat_options defaults = {
    .rate = 48000,
    .osc_port = 9000,
    .bind = "127.0.0.1",
    .jack_name = "lattice",
    .host_name = "127.0.0.1",
    .timeout = 5,
    .cycles = 1,
    .latency = 0.2,
    .interval = 1,
    .process_memory_mib = 256,
    .record_last = 2,
};

bool
lat_options_parse_host(int argc, char **argv, struct lat_options *o,
                       int *exit_code)
{
    const struct command_row *const command = &lat_commands[LAT_COMMAND_HOST];
    *o = defaults;
    o->command = LAT_COMMAND_HOST;
    o->osc_port = 0;
    o->workers = 1;
    return take_options(command, argc, argv, o, exit_code) &&
           take_arguments(command, (uint32_t)(argc - optind), argv + optind, o,
                          exit_code) &&
           agree(o, exit_code);
}

/// Would people who write @p word where a command stands mean a session?
static bool
looks_like_session(const char *word)
{
    struct stat s;
    return strpbrk(word, "./") || strcmp(word, "-") == 0 ||
           (stat(word, &s) == 0 && !S_ISDIR(s.st_mode));
}

static bool
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/// `lattice help [COMMAND]`.  @return false: it is done.
static bool
print_asked_help(int argc, char **argv, int *exit_code)
{
    if (argc > 1) {
        return lat_refuse(exit_code, "'lattice help' takes one command, not %d",
                          argc);
    }
    if (argc == 0) {
        lat_print_help();
        return finish(exit_code);
    }
    const bool is_node = strcmp(argv[0], "lattice-node") == 0;
    const struct command_row *const command =
        is_node ? &lat_commands[LAT_COMMAND_HOST] : lat_command_find(argv[0]);
    if (!command) {
        return lat_refuse_word(argv[0], exit_code);
    }
    lat_print_command_help(command);
    return finish(exit_code);
}

static bool
refuse_later(const struct command_row *command, int argc, char **argv,
             int *exit_code)
{
    if (argc > 2 && is_help(argv[2])) {
        lat_print_command_help(command);
        return finish(exit_code);
    }
    return lat_refuse(exit_code,
                      "'lattice %s' comes in a later release; 'lattice --help' "
                      "lists what is there",
                      command->name);
}

/// The command that @p word names, or `run` where it names a session or none;
/// NULL when it is neither.
static const struct command_row *
choose_command(const char *word, bool *is_named)
{
    const struct command_row *const command = lat_command_find(word);
    *is_named = command != NULL;
    if (command) {
        return command;
    }
    const bool is_option = *word == '-' && word[1];
    return !*word || is_option || looks_like_session(word)
               ? &lat_commands[LAT_COMMAND_RUN]
               : NULL;
}

bool
lat_options_parse(int argc, char **argv, struct lat_options *o, int *exit_code)
{
    *o = defaults;
    o->program = argc > 0 ? argv[0] : "lattice";
    const char *const word = argc > 1 ? argv[1] : "";
    if (is_help(word)) {
        lat_print_help();
        return finish(exit_code);
    }
    bool is_named;
    const struct command_row *const command = choose_command(word, &is_named);
    if (!command) {
        return lat_refuse_word(word, exit_code);
    }
    o->command = (enum lat_cli_command)(command - lat_commands);
    if (command->is_later) {
        return refuse_later(command, argc, argv, exit_code);
    }
    if (is_named) {
        // getopt_long() skips the first word, which is the command now.
        --argc;
        ++argv;
    }
    if (command->takes_text) {
        return lat_cli_pattern_options(argc - 1, argv + 1, o, exit_code);
    }
    if (!take_options(command, argc, argv, o, exit_code)) {
        return false;
    }
    if (o->command == LAT_COMMAND_HELP) {
        return print_asked_help(argc - optind, argv + optind, exit_code);
    }
    if (!is_named && optind < argc) {
        const char *const first = argv[optind];
        if (lat_command_find(first)) {
            return lat_refuse(exit_code,
                              "the command comes first: lattice %s ...", first);
        }
        if (!looks_like_session(first)) {
            return lat_refuse_word(first, exit_code);
        }
    }
    if (!take_arguments(command, (uint32_t)(argc - optind), argv + optind, o,
                        exit_code) ||
        !settle_score(command, o, exit_code) || !agree(o, exit_code)) {
        return false;
    }
    choose_workers(o);
    return true;
}
