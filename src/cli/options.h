// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the command line said, in one struct that all subcommands share.
/// All functions are [control].
#ifndef LAT_CLI_OPTIONS_H
#define LAT_CLI_OPTIONS_H

#include "base/cpu.h"
#include "base/status.h"
#include "osc/remote.h"
#include "process/host.h"
#include "run/scheduler.h"

#include <stdbool.h>
#include <stdint.h>

/// Exit codes of the programs.
enum lat_exit {
    LAT_EXIT_DONE = 0,
    LAT_EXIT_INPUT = 1,  ///< the input is wrong
    LAT_EXIT_USAGE = 2,  ///< the command line is wrong
    LAT_EXIT_SYSTEM = 3, ///< the system failed
};

enum lat_cli_command {
    LAT_COMMAND_RUN,
    LAT_COMMAND_RENDER,
    LAT_COMMAND_CHECK,
    LAT_COMMAND_NODES,
    LAT_COMMAND_GRAPH,
    LAT_COMMAND_PATTERN,
    LAT_COMMAND_SEND,
    LAT_COMMAND_WATCH,
    LAT_COMMAND_TOP,
    LAT_COMMAND_LAYOUT,
    LAT_COMMAND_HELP,
    LAT_COMMAND_HOST, ///< lattice-node
};

#define LAT_MAX_SAMPLE_DIRS 16

/// Strings are borrowed from argv.
struct lat_options {
    const char *program; ///< as it was launched
    enum lat_cli_command command;
    const char *session; ///< SESSION as given, or NULL
    char **more;         ///< arguments after those that a command must have
    uint32_t n_more;
    const char *output; ///< render: OUT.wav
    const char *type;   ///< nodes: TYPE, or NULL
    const char *path;   ///< send: PATH
    double rate;        ///< 48000
    bool has_rate;
    uint32_t block;       ///< 0: the session's, else 64
    uint32_t workers;     ///< one per allowed core
    struct lat_cpus pins; ///< of these threads; none where n is 0
    const char *isa;
    uint16_t osc_port;     ///< 9000; 0 picks a free one
    const char *bind;      ///< "127.0.0.1"
    const char *host_name; ///< send: where lattice runs, "127.0.0.1"
    bool tcp;              ///< send: not UDP
    double timeout;        ///< send: seconds to wait for an answer
    const char *file;      ///< send: what to send, "-": standard input
    double latency;        ///< send: seconds from a time to when it is heard
    const char *text;      ///< pattern: TEXT
    const char *with;      ///< pattern: transforms, or NULL
    const char *seed;      ///< pattern: a name, or NULL
    uint32_t cycles;       ///< pattern: how many, 1
    int64_t from;          ///< pattern: the first
    bool draw;             ///< pattern: a picture
    bool once, reverse;    ///< top
    const char *sort;      ///< top: a column, or NULL
    const char *filter;    ///< top: which nodes, or NULL
    uint32_t lines;        ///< top: of the table; 0: all
    double interval;       ///< top: seconds between two pictures
    enum lat_remote remote;
    const char *session_dir; ///< NULL: $XDG_DATA_HOME/lattice/sessions
    const char *sample_dirs[LAT_MAX_SAMPLE_DIRS];
    uint32_t n_sample_dirs;
    const char *jack_name;   ///< "lattice"
    const char *jack_server; ///< NULL: the default
    bool no_connect;
    bool connect_midi; ///< run: every physical source to midi_in
    bool waits;        ///< run: for a JACK server
    bool superdirt;    ///< run: listens at SuperDirt's port too
    bool empty;
    bool quiet, verbose;
    bool meters; ///< run: live meters in the terminal
    bool json, dot;
    bool markdown;          ///< nodes: docs/nodes.md; not in --help
    double seconds;         ///< render: 0: 10, or to the end of the score
    const char *score;      ///< render: OSC bundles to carry out
    const char *stats;      ///< render: JSON file
    const char *input;      ///< render: feeds audio_in
    const char *journal;    ///< run: all that is played goes there, or NULL
    const char *record;     ///< run: what is heard goes there, or NULL
    const char *record_dir; ///< NULL: $XDG_DATA_HOME/lattice/recordings
    uint32_t record_last; ///< run: minutes that are kept in memory, 2; 0: none
    bool demo;            ///< run, render: a phrase into every midi_notes
    bool node_per_process;
    bool sandbox;                 ///< processes of nodes are shut in
    uint32_t process_memory_mib;  ///< most of each
    struct lat_host_options host; ///< of lattice-node
    uint32_t period; ///< render: the driver's; 0: one block; not in
                     ///< --help, nobody can hear it
};

/// Read a command line.  What is wrong with it is said on stderr; --help and
/// --version print on stdout.
///
/// @return true when @p o holds a command to run; false when there is nothing
///         left to do but exit with @p exit_code.
bool
lat_options_parse(int argc, char **argv, struct lat_options *o, int *exit_code);

/// The same for lattice-node.
bool
lat_options_parse_host(int argc, char **argv, struct lat_options *o,
                       int *exit_code);

/// One command, or one of its options, as --help shows it.
struct lat_option_info {
    const char *command;  ///< "run", or "lattice-node"
    const char *option;   ///< without "--"; NULL: the command itself
    const char *argument; ///< NULL: it takes none
    const char *words;    ///< that it may be, between blanks, or NULL
    bool is_first;        ///< no command before has this option
};

/// Call @p each with every command, and after each command with its options.
void
lat_options_each(void (*each)(void *data, const struct lat_option_info *info),
                 void *data);

/// Print what completes command lines in bash, by way of lat_options_each().
void
lat_cli_print_completion(void);

/// Exit code for a failure of @p status while reading what the user gave.
enum lat_exit
lat_options_exit_code(enum lat_status status);

/// `lattice run`, and lattice-node.  @return an exit code.
int
lat_app_run(const struct lat_options *o);

/// `lattice render`.
int
lat_app_render(const struct lat_options *o);

/// `lattice check`, `nodes`, `graph`, `pattern`.
int
lat_app_check(const struct lat_options *o);
int
lat_app_nodes(const struct lat_options *o);
int
lat_app_graph(const struct lat_options *o);
int
lat_app_pattern(const struct lat_options *o);

/// `lattice send`, `watch`, `top`.
int
lat_app_send(const struct lat_options *o);
int
lat_app_watch(const struct lat_options *o);
int
lat_app_top(const struct lat_options *o);

#endif // LAT_CLI_OPTIONS_H
