// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two tables say everything: which commands there are, and which options each
// of them takes.  The usage text is generated from them, so an option is added
// with one row.

#include "options.h"
#include "base/log.h"
#include "base/text.h"
#include "node/kernels.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ARGUMENTS 2

struct command {
    const char *name;      ///< NULL: a program of its own
    const char *call;      ///< for people: "lattice run"
    const char *arguments; ///< for the usage line
    const char *summary;
    const char *missing; ///< what to say when an argument is
    uint32_t n_required, n_arguments;
    bool takes_more;  ///< any number of them, into `more`
    bool is_verbatim; ///< from the first argument on nothing is an option
    size_t arguments_at[MAX_ARGUMENTS]; ///< where in struct lat_options
    bool is_later;
};

static const struct command commands[] = {
    [LAT_COMMAND_RUN] =
        {
            .name = "run",
            .call = "lattice run",
            .arguments = "[SESSION]",
            .summary =
                "The synth: a JACK client that listens to OSC. Without "
                "SESSION it starts empty. 'lattice' alone is 'lattice run', "
                "'lattice FILE' is 'lattice run FILE'.",
            .n_arguments = 1,
            .arguments_at = {offsetof(struct lat_options, session)},
        },
    [LAT_COMMAND_RENDER] =
        {
            .name = "render",
            .call = "lattice render",
            .arguments = "SESSION OUT",
            .summary =
                "Render a session to a file without JACK, as fast as it can: "
                "32-bit float OUT.wav, 24-bit OUT.flac, or - for WAV to "
                "standard output.",
            .missing = "a session and the file to write",
            .n_required = 2,
            .n_arguments = 2,
            .arguments_at = {offsetof(struct lat_options, session),
                             offsetof(struct lat_options, output)},
        },
    [LAT_COMMAND_CHECK] =
        {
            .name = "check",
            .call = "lattice check",
            .arguments = "SESSION...",
            .summary =
                "Say all that is wrong with sessions, as FILE:LINE: message, "
                "and warn of what nobody hears.",
            .missing = "a session",
            .n_required = 1,
            .n_arguments = 1,
            .takes_more = true,
            .arguments_at = {offsetof(struct lat_options, session)},
        },
    [LAT_COMMAND_NODES] =
        {
            .name = "nodes",
            .call = "lattice nodes",
            .arguments = "[TYPE]",
            .summary =
                "List the node types, or the inputs, outputs and settings "
                "of one.",
            .n_arguments = 1,
            .arguments_at = {offsetof(struct lat_options, type)},
        },
    [LAT_COMMAND_GRAPH] =
        {
            .name = "graph",
            .call = "lattice graph",
            .arguments = "SESSION",
            .summary = "Show how a session is compiled: batches, order and "
                       "buffers.",
            .missing = "a session",
            .n_required = 1,
            .n_arguments = 1,
            .arguments_at = {offsetof(struct lat_options, session)},
        },
    [LAT_COMMAND_PATTERN] =
        {
            .name = "pattern",
            .call = "lattice pattern",
            .arguments = "TEXT",
            .summary = "Print the events of a text in mini-notation.",
            .is_later = true,
        },
    [LAT_COMMAND_SEND] =
        {
            .name = "send",
            .call = "lattice send",
            .arguments = "PATH [ARGUMENT]...",
            .summary =
                "Send an OSC message to a lattice that runs, and print the "
                "answer. Options stand before PATH. Exit code 1: it was "
                "refused, 3: nobody answers.",
            .missing = "a path, like /graph/nodes",
            .n_required = 1,
            .n_arguments = 1,
            .takes_more = true,
            .is_verbatim = true,
            .arguments_at = {offsetof(struct lat_options, path)},
        },
    [LAT_COMMAND_WATCH] =
        {
            .name = "watch",
            .call = "lattice watch",
            .arguments = "PATTERN",
            .summary = "Print values as they change.",
            .is_later = true,
        },
    [LAT_COMMAND_TOP] =
        {
            .name = "top",
            .call = "lattice top",
            .arguments = "",
            .summary = "Show live what each node costs.",
            .is_later = true,
        },
    [LAT_COMMAND_LAYOUT] =
        {
            .name = "layout",
            .call = "lattice layout",
            .arguments = "SESSION",
            .summary = "Write a layout for a touch controller.",
            .is_later = true,
        },
    [LAT_COMMAND_HELP] =
        {
            .name = "help",
            .call = "lattice help",
            .arguments = "[COMMAND]",
            .summary = "Print the commands, or what one takes.",
        },
    [LAT_COMMAND_HOST] =
        {
            .call = "lattice-node",
            .arguments = "TYPE NAME [PARAM=VALUE]...",
            .summary =
                "One node in a process of its own, a JACK client called NAME "
                "that listens to OSC. 'lattice nodes' lists the types.",
            .missing = "a type and a name",
            .n_required = 2,
            .n_arguments = 2,
            .takes_more = true,
            .arguments_at = {offsetof(struct lat_options, host.type),
                             offsetof(struct lat_options, host.name)},
        },
};

#define RUN    (1U << LAT_COMMAND_RUN)
#define RENDER (1U << LAT_COMMAND_RENDER)
#define CHECK  (1U << LAT_COMMAND_CHECK)
#define NODES  (1U << LAT_COMMAND_NODES)
#define GRAPH  (1U << LAT_COMMAND_GRAPH)
#define HOST   (1U << LAT_COMMAND_HOST)
#define SEND   (1U << LAT_COMMAND_SEND)
#define LOAD   (RUN | RENDER | CHECK | GRAPH)
#define HELP   (1U << LAT_COMMAND_HELP)
#define ALL    (LOAD | NODES | HOST | SEND)

struct row;

/// Take an option's argument (NULL for a flag) into @p o.  @return false with
/// a sentence in @p why.
typedef bool (*take_fn)(const struct row *row, const char *text,
                        struct lat_options *o, struct lat_error *why);

struct row {
    const char *name;
    const char *argument; ///< NULL: a flag
    uint32_t commands;
    const char *help;      ///< NULL: not in --help
    const char *node_help; ///< of lattice-node, where it differs
    const char *words;     ///< some that it takes, between blanks
    take_fn take;          ///< NULL: of a later release
    size_t at;             ///< where in struct lat_options
    double min, max;
};

static void *
place(const struct row *row, struct lat_options *o)
{
    return (char *)o + row->at;
}

static bool
take_flag(const struct row *row, const char *text, struct lat_options *o,
          struct lat_error *why)
{
    (void)text;
    (void)why;
    *(bool *)place(row, o) = true;
    return true;
}

static bool
take_text(const struct row *row, const char *text, struct lat_options *o,
          struct lat_error *why)
{
    if (!*text) {
        lat_error_set(why, LAT_EINVAL, "--%s takes %s, not an empty text",
                      row->name, lat_with_article(row->argument).text);
        return false;
    }
    *(const char **)place(row, o) = text;
    return true;
}

/// A whole number within the row's limits.
static bool
read_count(const struct row *row, const char *text, double *out,
           struct lat_error *why)
{
    double value;
    if (!lat_parse_number(text, &value) || value != floor(value) ||
        value < row->min || value > row->max) {
        char min[32];
        char max[32];
        lat_format_double(row->min, min, sizeof(min));
        lat_format_double(row->max, max, sizeof(max));
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes a whole number from %s to %s, not '%s'",
                      row->name, min, max, text);
        return false;
    }
    *out = value;
    return true;
}

static bool
take_count(const struct row *row, const char *text, struct lat_options *o,
           struct lat_error *why)
{
    double value;
    if (!read_count(row, text, &value, why)) {
        return false;
    }
    *(uint32_t *)place(row, o) = (uint32_t)value;
    return true;
}

static bool
take_port(const struct row *row, const char *text, struct lat_options *o,
          struct lat_error *why)
{
    double value;
    if (!read_count(row, text, &value, why)) {
        return false;
    }
    *(uint16_t *)place(row, o) = (uint16_t)value;
    return true;
}

static bool
take_rate(const struct row *row, const char *text, struct lat_options *o,
          struct lat_error *why)
{
    if (!read_count(row, text, &o->rate, why)) {
        return false;
    }
    o->has_rate = true;
    return true;
}

static bool
take_seconds(const struct row *row, const char *text, struct lat_options *o,
             struct lat_error *why)
{
    double value;
    if (!lat_parse_number(text, &value) || value <= row->min ||
        value > row->max) {
        char max[32];
        lat_format_double(row->max, max, sizeof(max));
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes seconds above 0, up to %s, not '%s'",
                      row->name, max, text);
        return false;
    }
    *(double *)place(row, o) = value;
    return true;
}

static bool
take_pin(const struct row *row, const char *text, struct lat_options *o,
         struct lat_error *why)
{
    (void)row;
    return lat_cpus_parse(text, &o->pins, why) == LAT_OK;
}

static bool
take_isa(const struct row *row, const char *text, struct lat_options *o,
         struct lat_error *why)
{
    if (!lat_kernels_find(text)) {
        char known[128] = "";
        for (int i = 0; i < LAT_N_ISAS; ++i) {
            const struct lat_kernels *const k =
                lat_kernels_get((enum lat_isa)i);
            if (k) {
                const size_t n = strlen(known);
                snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "",
                         k->name);
            }
        }
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes a level that this machine has (%s), not '%s'",
                      row->name, known, text);
        return false;
    }
    o->isa = text;
    return true;
}

static bool
take_remote(const struct row *row, const char *text, struct lat_options *o,
            struct lat_error *why)
{
    if (!lat_remote_from_word(text, &o->remote)) {
        lat_error_set(why, LAT_EINVAL, "--%s takes play, edit or all, not '%s'",
                      row->name, text);
        return false;
    }
    return true;
}

static bool
take_sample_dir(const struct row *row, const char *text, struct lat_options *o,
                struct lat_error *why)
{
    if (o->n_sample_dirs == LAT_MAX_SAMPLE_DIRS) {
        lat_error_set(why, LAT_EINVAL,
                      "--%s can be given %d times: put the other folders below "
                      "one of these",
                      row->name, LAT_MAX_SAMPLE_DIRS);
        return false;
    }
    if (!*text) {
        lat_error_set(why, LAT_EINVAL, "--%s takes a DIR, not an empty text",
                      row->name);
        return false;
    }
    o->sample_dirs[o->n_sample_dirs++] = text;
    return true;
}

#define AT(field) offsetof(struct lat_options, field)

static const struct row rows[] = {
    {.name = "rate",
     .argument = "HZ",
     .commands = LOAD,
     .help = "sample rate without JACK (48000)",
     .take = take_rate,
     .min = 8000,
     .max = 768000},
    {.name = "block",
     .argument = "FRAMES",
     .commands = LOAD | HOST,
     .help = "the engine's quantum, 1 to 4096 (the session's, else 64)",
     .node_help = "the quantum of its engine, 1 to 4096 (64)",
     .take = take_count,
     .at = AT(block),
     .min = 1,
     .max = 4096},
    {.name = "workers",
     .argument = "N",
     .commands = RUN | RENDER | GRAPH,
     .help = "threads that process audio, the JACK thread counted (one per "
             "core)",
     .take = take_count,
     .at = AT(workers),
     .min = 1,
     .max = LAT_MAX_THREADS},
    {.name = "pin",
     .argument = "LIST",
     .commands = RUN | RENDER,
     .help =
         "processors for these threads, like 0,2-3; the JACK thread's first",
     .take = take_pin},
    {.name = "isa",
     .argument = "LEVEL",
     .words = "baseline avx2 avx512 neon",
     .commands = RUN | RENDER | GRAPH | HOST,
     .help = "use this instruction set, not the best one; it sounds the same",
     .take = take_isa},
    {.name = "seconds",
     .argument = "S",
     .commands = RENDER,
     .help = "how much to render (10)",
     .take = take_seconds,
     .at = AT(seconds),
     .max = 31536000},
    {.name = "input",
     .argument = "FILE",
     .commands = RENDER,
     .help = "a sound file that feeds audio_in, resampled",
     .take = take_text,
     .at = AT(input)},
    {.name = "stats",
     .argument = "FILE",
     .commands = RENDER,
     .help = "write what it cost to FILE, as JSON",
     .take = take_text,
     .at = AT(stats)},
    {.name = "score", .argument = "FILE", .commands = RENDER},
    {.name = "demo", .commands = RUN | RENDER},
    {.name = "journal", .argument = "FILE", .commands = RUN},
    {.name = "record", .argument = "FILE", .commands = RUN},
    {.name = "record-dir", .argument = "DIR", .commands = RUN | RENDER},
    {.name = "superdirt", .commands = RUN},
    {.name = "connect-midi", .commands = RUN},
    {.name = "period",
     .argument = "FRAMES",
     .commands = RENDER,
     .take = take_count,
     .at = AT(period),
     .min = 1,
     .max = 65536},
    {.name = "osc-port",
     .argument = "N",
     .commands = RUN | HOST,
     .help = "listen to OSC there, UDP and TCP (9000); 0 picks a free one",
     .node_help = "listen to OSC there, UDP and TCP (0: a free one, printed)",
     .take = take_port,
     .at = AT(osc_port),
     .min = 0,
     .max = 65535},
    {.name = "osc-port",
     .argument = "N",
     .commands = SEND,
     .help = "where it listens to OSC (9000)",
     .take = take_port,
     .at = AT(osc_port),
     .min = 1,
     .max = 65535},
    {.name = "host",
     .argument = "NAME",
     .commands = SEND,
     .help = "the machine that it runs on (127.0.0.1)",
     .take = take_text,
     .at = AT(host_name)},
    {.name = "tcp",
     .commands = SEND,
     .help = "send by TCP, not UDP",
     .take = take_flag,
     .at = AT(tcp)},
    {.name = "timeout",
     .argument = "S",
     .commands = SEND,
     .help = "how long to wait for the answer (5)",
     .take = take_seconds,
     .at = AT(timeout),
     .max = 86400},
    {.name = "bind",
     .argument = "ADDR",
     .commands = RUN | HOST,
     .help = "address to listen on (127.0.0.1)",
     .take = take_text,
     .at = AT(bind)},
    {.name = "remote",
     .argument = "WHAT",
     .words = "play edit all",
     .commands = RUN | HOST,
     .help = "what other machines may do: play (set and ask), edit (nodes and "
             "cables too) or all (sessions and quit too) (play)",
     .node_help = "what other machines may do: play (set and ask), edit (time "
                  "too) or all (quit too) (play)",
     .take = take_remote},
    {.name = "empty",
     .commands = RUN,
     .help = "start empty, whatever was played the last time",
     .take = take_flag,
     .at = AT(empty)},
    {.name = "session-dir",
     .argument = "DIR",
     .commands = LOAD,
     .help = "folder of the sessions ($XDG_DATA_HOME/lattice/sessions)",
     .take = take_text,
     .at = AT(session_dir)},
    {.name = "sample-dir",
     .argument = "DIR",
     .commands = LOAD,
     .help = "folder of sound files; can be repeated",
     .take = take_sample_dir},
    {.name = "jack-name",
     .argument = "NAME",
     .commands = RUN,
     .help = "name of the JACK client (lattice)",
     .take = take_text,
     .at = AT(jack_name)},
    {.name = "jack-server",
     .argument = "NAME",
     .commands = RUN | HOST,
     .help = "JACK server to join (the default one)",
     .take = take_text,
     .at = AT(jack_server)},
    {.name = "wait",
     .commands = RUN,
     .help = "wait for a JACK server where none is running",
     .take = take_flag,
     .at = AT(waits)},
    {.name = "no-connect",
     .commands = RUN,
     .help = "make no JACK connections",
     .take = take_flag,
     .at = AT(no_connect)},
    {.name = "meters",
     .commands = RUN,
     .help = "show live meters in the terminal",
     .take = take_flag,
     .at = AT(meters)},
    {.name = "node-per-process",
     .commands = RUN,
     .help = "every node that can has a process of its own",
     .take = take_flag,
     .at = AT(node_per_process)},
    {.name = "sandbox",
     .commands = RUN | HOST,
     .help = "once they play, processes of nodes can open no file, start no "
             "program and make no socket",
     .node_help = "once it plays, open no file, start no program and make no "
                  "socket",
     .take = take_flag,
     .at = AT(sandbox)},
    {.name = "process-memory",
     .argument = "MIB",
     .commands = RUN | HOST,
     .help = "most memory for the process of a node (256)",
     .node_help = "most memory that a lattice which started it allows (256)",
     .take = take_count,
     .at = AT(process_memory_mib),
     .min = 32,
     .max = 65536},
    {.name = "connect",
     .commands = HOST,
     .help = "connect its inputs and outputs to the physical ports",
     .take = take_flag,
     .at = AT(host.connects)},
    {.name = "page",
     .argument = "FD",
     .commands = HOST,
     .take = take_count,
     .at = AT(host.page_fd),
     .min = 3,
     .max = 65536},
    {.name = "parent",
     .argument = "PID",
     .commands = HOST,
     .take = take_count,
     .at = AT(host.parent),
     .min = 1,
     .max = 4294967295.0},
    {.name = "dot",
     .commands = GRAPH,
     .help = "print for Graphviz",
     .take = take_flag,
     .at = AT(dot)},
    {.name = "json",
     .commands = NODES | GRAPH,
     .help = "print JSON",
     .take = take_flag,
     .at = AT(json)},
    {.name = "markdown",
     .commands = NODES,
     .help = "print Markdown, as docs/nodes.md is",
     .take = take_flag,
     .at = AT(markdown)},
    {.name = "quiet",
     .commands = ALL,
     .help = "print errors only",
     .take = take_flag,
     .at = AT(quiet)},
    {.name = "verbose",
     .commands = ALL,
     .help = "print more",
     .take = take_flag,
     .at = AT(verbose)},
    {.name = "bash-completion",
     .commands = HELP,
     .help = "print what completes command lines in bash"},
    {.name = "help",
     .commands = ALL | HELP,
     .help = "print this and exit; also -h"},
    {.name = "version",
     .commands = ALL | HELP,
     .help = "print the version and exit"},
};

#define N_ROWS     (sizeof(rows) / sizeof(rows[0]))
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

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

// Help.

#define LINE_WIDTH  79
#define HELP_COLUMN 24

/// Print @p text in lines of LINE_WIDTH; the first starts at column @p column,
/// the others are indented by @p indent.
static void
print_wrapped(const char *text, size_t column, size_t indent)
{
    while (*text) {
        const size_t n = strcspn(text, " ");
        if (column > indent && column + 1 + n > LINE_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            ++column;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n + strspn(text + n, " ");
    }
    putchar('\n');
}

/// What --help says of @p row, or NULL.
static const char *
help_of(const struct row *row, const struct command *command)
{
    return command->name || !row->node_help ? row->help : row->node_help;
}

static void
print_row(const struct row *row, const struct command *command)
{
    char left[64];
    const int n =
        snprintf(left, sizeof(left), "  --%s%s%s", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
    printf("%s%*s", left, HELP_COLUMN - n, "");
    print_wrapped(help_of(row, command), HELP_COLUMN, HELP_COLUMN);
}

static void
print_command_help(const struct command *command)
{
    const unsigned bit = 1U << (unsigned)(command - commands);
    printf("Usage: %s [OPTION]... %s\n\n", command->call, command->arguments);
    print_wrapped(command->summary, 0, 0);
    if (command->is_later) {
        puts("\nIt comes in a later release.");
        return;
    }
    putchar('\n');
    for (size_t i = 0; i < N_ROWS; ++i) {
        if ((rows[i].commands & bit) && rows[i].help) {
            print_row(&rows[i], command);
        }
    }
    printf("\nMore: man %s\n", command->name ? "lattice" : "lattice-node");
}

static void
print_help(void)
{
    puts("Usage: lattice [COMMAND] [OPTION]... [ARGUMENT]...\n\n"
         "A modular synthesizer, controlled live over OSC.\n");
    for (size_t i = 0; i < N_COMMANDS; ++i) {
        const struct command *const c = &commands[i];
        if (!c->is_later && c->name) {
            const int n = printf("  %s %s", c->name, c->arguments);
            printf("%*s", HELP_COLUMN + 2 - n, "");
            print_wrapped(c->summary, HELP_COLUMN + 2, HELP_COLUMN + 2);
        }
    }
    puts("\n'lattice COMMAND --help' lists the options of a command.\n"
         "More: man lattice, lattice-session, lattice-osc, lattice-nodes");
}

static void
print_version(const struct command *command)
{
    printf("%s " LAT_VERSION "\n", command->name ? "lattice" : command->call);
    puts("Copyright (C) 2026 The lattice authors\n"
         "License GPL-3.0-or-later: free software, without any warranty");
}

// Parsing.

/// One line on stderr.  @return false, for a caller that gives up.
__attribute__((format(printf, 2, 3))) static bool
refuse(int *exit_code, const char *format, ...)
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

static bool
finish(int *exit_code)
{
    *exit_code = LAT_EXIT_DONE;
    return false;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; ++i) {
        if (commands[i].name && strcmp(name, commands[i].name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/// The row of an option as written: "--name" or "--name=value".
static const struct row *
find_row(const char *written)
{
    const char *const name = written + strspn(written, "-");
    const size_t n = strcspn(name, "=");
    for (size_t i = 0; i < N_ROWS; ++i) {
        if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool
refuse_word(const char *word, int *exit_code)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, word);
    for (size_t i = 0; i < N_COMMANDS; ++i) {
        if (commands[i].name && !commands[i].is_later) {
            lat_nearest_try(&nearest, commands[i].name);
        }
    }
    if (nearest.best) {
        return refuse(exit_code,
                      "there is no command '%s': did you mean '%s'? "
                      "'lattice --help' lists them",
                      word, nearest.best);
    }
    return refuse(exit_code,
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
    for (size_t i = 0; i < N_ROWS; ++i) {
        if ((rows[i].commands & bit) && rows[i].help &&
            strncmp(rows[i].name, word, strlen(word)) == 0) {
            const size_t length = strlen(names);
            snprintf(names + length, size - length, "%s--%s", n ? ", " : "",
                     rows[i].name);
            ++n;
        }
    }
    return *word && n > 1;
}

/// Say that there is no option @p written, and what there is.
static bool
refuse_unknown(const struct command *command, const char *written,
               int *exit_code)
{
    const unsigned bit = 1U << (unsigned)(command - commands);
    const int n = (int)strcspn(written, "=");
    const struct row *const row = find_row(written);
    char candidates[256];
    if (row) {
        size_t i = 0;
        while (!(row->commands & (1U << i))) {
            ++i;
        }
        return refuse(exit_code, "%.*s is an option of '%s', not of '%s'", n,
                      written, commands[i].call, command->call);
    }
    char word[64];
    snprintf(word, sizeof(word), "%.*s", n - 2, written + 2);
    if (is_ambiguous(word, bit, candidates, sizeof(candidates))) {
        return refuse(exit_code, "--%s can be %s: write more of it", word,
                      candidates);
    }
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, word);
    for (size_t i = 0; i < N_ROWS; ++i) {
        if ((rows[i].commands & bit) && rows[i].help) {
            lat_nearest_try(&nearest, rows[i].name);
        }
    }
    if (nearest.best) {
        return refuse(exit_code,
                      "there is no option %.*s: did you mean --%s? See "
                      "'%s --help'",
                      n, written, nearest.best, command->call);
    }
    return refuse(exit_code, "there is no option %.*s: see '%s --help'", n,
                  written, command->call);
}

/// getopt_long()'s value for row 0: above all characters.
#define FIRST_VALUE 256

/// Say why getopt_long() returned @p problem for @p written.
static bool
refuse_option(const struct command *command, const char *written, int problem,
              int *exit_code)
{
    if (optopt > 0 && optopt < FIRST_VALUE) {
        return refuse(exit_code,
                      "there is no option '-%c', options are long (--%s), but "
                      "for -h: see '%s --help'",
                      optopt, rows[0].name, command->call);
    }
    if (optopt == 0) {
        return refuse_unknown(command, written, exit_code);
    }
    const struct row *const row = &rows[optopt - FIRST_VALUE];
    if (problem == ':') {
        return refuse(exit_code, "--%s needs a value: --%s %s", row->name,
                      row->name, row->argument);
    }
    return refuse(exit_code, "--%s takes no value: leave '%s' out", row->name,
                  written + strcspn(written, "="));
}

/// Take one option.  @return false to stop.
static bool
take_option(const struct row *row, const char *text,
            const struct command *command, struct lat_options *o,
            int *exit_code)
{
    if (strcmp(row->name, "help") == 0) {
        print_command_help(command);
        return finish(exit_code);
    }
    if (strcmp(row->name, "bash-completion") == 0) {
        lat_cli_print_completion(lat_options_each);
        return finish(exit_code);
    }
    if (strcmp(row->name, "version") == 0) {
        print_version(command);
        return finish(exit_code);
    }
    if (!row->take) {
        return refuse(exit_code,
                      "--%s comes in a later release: leave it out for now",
                      row->name);
    }
    struct lat_error why;
    if (!row->take(row, text, o, &why)) {
        return refuse(exit_code, "%s", why.text);
    }
    return true;
}

static bool
take_options(const struct command *command, int argc, char **argv,
             struct lat_options *o, int *exit_code)
{
    const unsigned bit = 1U << (unsigned)(command - commands);
    struct option table[N_ROWS + 1] = {0};
    int n = 0;
    for (size_t i = 0; i < N_ROWS; ++i) {
        if (rows[i].commands & bit) {
            table[n++] = (struct option){
                .name = rows[i].name,
                .has_arg = rows[i].argument ? required_argument : no_argument,
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
            print_command_help(command);
            return finish(exit_code);
        }
        if (c == '?' || c == ':') {
            return refuse_option(command, argv[optind - 1], c, exit_code);
        }
        if (!take_option(&rows[c - FIRST_VALUE], optarg, command, o,
                         exit_code)) {
            return false;
        }
    }
}

static bool
take_arguments(const struct command *command, uint32_t n, char **arguments,
               struct lat_options *o, int *exit_code)
{
    if (n < command->n_required) {
        return refuse(exit_code, "'%s' needs %s: %s %s", command->call,
                      command->missing, command->call, command->arguments);
    }
    if (n > command->n_arguments && command->takes_more) {
        o->more = arguments + command->n_arguments;
        o->n_more = n - command->n_arguments;
        n = command->n_arguments;
    }
    if (n > command->n_arguments) {
        return refuse(exit_code, "'%s' has no use for '%s': %s %s",
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

/// What no row can see alone.
static bool
agree(const struct lat_options *o, int *exit_code)
{
    if (o->json && o->dot) {
        return refuse(exit_code, "--json and --dot: choose one of them");
    }
    if (o->json && o->markdown) {
        return refuse(exit_code, "--json and --markdown: choose one of them");
    }
    if (o->quiet && o->verbose) {
        return refuse(exit_code, "--quiet and --verbose: choose one of them");
    }
    if (o->pins.n && o->pins.n < o->workers) {
        return refuse(exit_code, "--pin names %s for %s: name as many",
                      lat_count(o->pins.n, "processor").text,
                      lat_count(o->workers, "worker").text);
    }
    if (o->empty && o->session) {
        return refuse(exit_code,
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
    .seconds = 10,
    .host_name = "127.0.0.1",
    .timeout = 5,
    .process_memory_mib = 256,
};

bool
lat_options_parse_host(int argc, char **argv, struct lat_options *o,
                       int *exit_code)
{
    const struct command *const command = &commands[LAT_COMMAND_HOST];
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
        return refuse(exit_code, "'lattice help' takes one command, not %d",
                      argc);
    }
    if (argc == 0) {
        print_help();
        return finish(exit_code);
    }
    const bool is_node = strcmp(argv[0], "lattice-node") == 0;
    const struct command *const command =
        is_node ? &commands[LAT_COMMAND_HOST] : find_command(argv[0]);
    if (!command) {
        return refuse_word(argv[0], exit_code);
    }
    print_command_help(command);
    return finish(exit_code);
}

static bool
refuse_later(const struct command *command, int argc, char **argv,
             int *exit_code)
{
    if (argc > 2 && is_help(argv[2])) {
        print_command_help(command);
        return finish(exit_code);
    }
    return refuse(exit_code,
                  "'lattice %s' comes in a later release; 'lattice --help' "
                  "lists what is there",
                  command->name);
}

/// The command that @p word names, or `run` where it names a session or none;
/// NULL when it is neither.
static const struct command *
choose_command(const char *word, bool *is_named)
{
    const struct command *const command = find_command(word);
    *is_named = command != NULL;
    if (command) {
        return command;
    }
    const bool is_option = *word == '-' && word[1];
    return !*word || is_option || looks_like_session(word)
               ? &commands[LAT_COMMAND_RUN]
               : NULL;
}

bool
lat_options_parse(int argc, char **argv, struct lat_options *o, int *exit_code)
{
    *o = defaults;
    const char *const word = argc > 1 ? argv[1] : "";
    if (is_help(word)) {
        print_help();
        return finish(exit_code);
    }
    bool is_named;
    const struct command *const command = choose_command(word, &is_named);
    if (!command) {
        return refuse_word(word, exit_code);
    }
    o->command = (enum lat_cli_command)(command - commands);
    if (command->is_later) {
        return refuse_later(command, argc, argv, exit_code);
    }
    if (is_named) {
        // getopt_long() skips the first word, which is the command now.
        --argc;
        ++argv;
    }
    if (!take_options(command, argc, argv, o, exit_code)) {
        return false;
    }
    if (o->command == LAT_COMMAND_HELP) {
        return print_asked_help(argc - optind, argv + optind, exit_code);
    }
    if (!is_named && optind < argc) {
        const char *const first = argv[optind];
        if (find_command(first)) {
            return refuse(exit_code, "the command comes first: lattice %s ...",
                          first);
        }
        if (!looks_like_session(first)) {
            return refuse_word(first, exit_code);
        }
    }
    if (!take_arguments(command, (uint32_t)(argc - optind), argv + optind, o,
                        exit_code) ||
        !agree(o, exit_code)) {
        return false;
    }
    choose_workers(o);
    return true;
}

/// Does a command of the mask @p before have an option of this name?
static bool
is_known_before(const char *name, unsigned before)
{
    for (size_t i = 0; i < N_ROWS; ++i) {
        if ((rows[i].commands & before) && strcmp(rows[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void
lat_options_each(void (*each)(void *data, const struct lat_option_info *info),
                 void *data)
{
    unsigned before = 0;
    for (size_t c = 0; c < N_COMMANDS; ++c) {
        const struct command *const command = &commands[c];
        if (command->is_later) {
            continue;
        }
        struct lat_option_info info = {
            .command = command->name ? command->name : command->call,
        };
        each(data, &info);
        for (size_t i = 0; i < N_ROWS; ++i) {
            if ((rows[i].commands & (1U << c)) && rows[i].help) {
                info.option = rows[i].name;
                info.argument = rows[i].argument;
                info.words = rows[i].words;
                info.is_first = !is_known_before(rows[i].name, before);
                each(data, &info);
            }
        }
        before |= 1U << c;
    }
}

void
lat_open_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

int
lat_finish_output(int exit_code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_code == LAT_EXIT_DONE) {
        lat_log(LAT_LOG_ERROR, "cannot write to standard output: %s",
                strerror(errno));
        exit_code = LAT_EXIT_SYSTEM;
    }
    return exit_code;
}
