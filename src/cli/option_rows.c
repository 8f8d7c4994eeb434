// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "option_rows.h"
#include "commands.h"
#include "option_values.h"

#include <string.h>

#define RUN    (1U << LAT_COMMAND_RUN)
#define RENDER (1U << LAT_COMMAND_RENDER)
#define CHECK  (1U << LAT_COMMAND_CHECK)
#define NODES  (1U << LAT_COMMAND_NODES)
#define GRAPH  (1U << LAT_COMMAND_GRAPH)
#define HOST   (1U << LAT_COMMAND_HOST)
#define SEND   (1U << LAT_COMMAND_SEND)
#define WATCH  (1U << LAT_COMMAND_WATCH)
#define TOP    (1U << LAT_COMMAND_TOP)
#define TEXT   (1U << LAT_COMMAND_PATTERN)
#define LOAD   (RUN | RENDER | CHECK | GRAPH)
#define HELP   (1U << LAT_COMMAND_HELP)
#define ALL    (LOAD | NODES | HOST | SEND | WATCH | TOP)

#define AT(field) offsetof(struct lat_options, field)

const struct option_row lat_option_rows[] = {
    {.name = "rate",
     .argument = "HZ",
     .commands = LOAD,
     .help = "sample rate without JACK (48000)",
     .take = lat_take_rate,
     .min = 8000,
     .max = 768000},
    {.name = "block",
     .argument = "FRAMES",
     .commands = LOAD | HOST,
     .help = "the engine's quantum, 1 to 4096 (the session's, else 64)",
     .node_help = "the quantum of its engine, 1 to 4096 (64)",
     .take = lat_take_count,
     .at = AT(block),
     .min = 1,
     .max = 4096},
    {.name = "workers",
     .argument = "N",
     .commands = RUN | RENDER | GRAPH,
     .help = "threads that process audio, the JACK thread counted (one per "
             "core)",
     .take = lat_take_count,
     .at = AT(workers),
     .min = 1,
     .max = LAT_MAX_THREADS},
    {.name = "pin",
     .argument = "LIST",
     .commands = RUN | RENDER,
     .help =
         "processors for these threads, like 0,2-3; the JACK thread's first",
     .take = lat_take_pin},
    {.name = "isa",
     .argument = "LEVEL",
     .words = "baseline avx2 avx512 neon",
     .commands = RUN | RENDER | GRAPH | HOST,
     .help =
         "use this instruction set, not the best one; it sounds the same (the "
         "last bits of baseline are its own)",
     .take = lat_take_isa},
    {.name = "seconds",
     .argument = "S",
     .commands = RENDER,
     .help = "how much to render (10, or the whole score)",
     .take = lat_take_seconds,
     .at = AT(seconds),
     .max = 31536000},
    {.name = "input",
     .argument = "FILE",
     .commands = RENDER,
     .help = "a sound file that feeds audio_in, resampled",
     .take = lat_take_text,
     .at = AT(input)},
    {.name = "stats",
     .argument = "FILE",
     .commands = RENDER,
     .help = "write what it cost to FILE, as JSON",
     .take = lat_take_text,
     .at = AT(stats)},
    {.name = "score",
     .argument = "FILE",
     .commands = RENDER,
     .help = "play a score, OSC bundles in SuperCollider's format (-: standard "
             "input); SESSION may be left out, and it lasts to its end",
     .take = lat_take_text,
     .at = AT(score)},
    {.name = "demo",
     .commands = RUN | RENDER,
     .help = "play a short phrase into every midi_notes, until its first key",
     .take = lat_take_flag,
     .at = AT(demo)},
    {.name = "journal",
     .argument = "FILE",
     .commands = RUN,
     .help = "write all that is played to FILE, which is new, as a score for "
             "'lattice render --score'",
     .take = lat_take_text,
     .at = AT(journal)},
    {.name = "record",
     .argument = "FILE",
     .commands = RUN,
     .help = "record the first audio_out from start to end, .wav or .flac; a "
             "FILE that is there stays, and NAME-2 is written",
     .take = lat_take_text,
     .at = AT(record)},
    {.name = "record-dir",
     .argument = "DIR",
     .commands = RUN | RENDER,
     .help = "folder for what recorder and /record/last write "
             "($XDG_DATA_HOME/lattice/recordings)",
     .take = lat_take_text,
     .at = AT(record_dir)},
    {.name = "record-last",
     .argument = "MINUTES",
     .commands = RUN,
     .help = "keep so much of the first audio_out in memory for /record/last "
             "(2; 0 keeps none)",
     .take = lat_take_count,
     .at = AT(record_last),
     .min = 0,
     .max = 60},
    {.name = "superdirt",
     .commands = RUN,
     .help = "play what Tidal and Strudel send to SuperDirt, at UDP port 57120",
     .take = lat_take_flag,
     .at = AT(superdirt)},
    {.name = "period",
     .argument = "FRAMES",
     .commands = RENDER,
     .take = lat_take_count,
     .at = AT(period),
     .min = 1,
     .max = 65536},
    {.name = "osc-port",
     .argument = "N",
     .commands = RUN | HOST,
     .help = "listen to OSC there, UDP and TCP (9000); 0 picks a free one",
     .node_help = "listen to OSC there, UDP and TCP (0: a free one, printed)",
     .take = lat_take_port,
     .at = AT(osc_port),
     .min = 0,
     .max = 65535},
    {.name = "osc-port",
     .argument = "N",
     .commands = SEND | WATCH | TOP,
     .help = "where it listens to OSC (9000)",
     .take = lat_take_port,
     .at = AT(osc_port),
     .min = 1,
     .max = 65535},
    {.name = "host",
     .argument = "NAME",
     .commands = SEND | WATCH | TOP,
     .help = "the machine that it runs on (127.0.0.1)",
     .take = lat_take_text,
     .at = AT(host_name)},
    {.name = "tcp",
     .commands = SEND,
     .help = "send by TCP, not UDP",
     .take = lat_take_flag,
     .at = AT(tcp)},
    {.name = "timeout",
     .argument = "S",
     .commands = SEND | TOP,
     .help = "how long to wait for the answer (5)",
     .take = lat_take_seconds,
     .at = AT(timeout),
     .max = 86400},
    {.name = "bind",
     .argument = "ADDR",
     .commands = RUN | HOST,
     .help = "address to listen on (127.0.0.1)",
     .take = lat_take_text,
     .at = AT(bind)},
    {.name = "remote",
     .argument = "WHAT",
     .words = "play edit all",
     .commands = RUN | HOST,
     .help = "what other machines may do: play (set and ask), edit (nodes and "
             "cables too) or all (sessions and quit too) (play)",
     .node_help = "what other machines may do: play (set and ask), edit (time "
                  "too) or all (quit too) (play)",
     .take = lat_take_remote},
    {.name = "empty",
     .commands = RUN,
     .help = "start empty, whatever was played the last time",
     .take = lat_take_flag,
     .at = AT(empty)},
    {.name = "session-dir",
     .argument = "DIR",
     .commands = LOAD,
     .help = "folder of the sessions ($XDG_DATA_HOME/lattice/sessions)",
     .take = lat_take_text,
     .at = AT(session_dir)},
    {.name = "sample-dir",
     .argument = "DIR",
     .commands = LOAD,
     .help = "folder of sound files; can be repeated",
     .take = lat_take_sample_dir},
    {.name = "jack-name",
     .argument = "NAME",
     .commands = RUN,
     .help = "name of the JACK client (lattice)",
     .take = lat_take_text,
     .at = AT(jack_name)},
    {.name = "jack-server",
     .argument = "NAME",
     .commands = RUN | HOST,
     .help = "JACK server to join (the default one)",
     .take = lat_take_text,
     .at = AT(jack_server)},
    {.name = "wait",
     .commands = RUN,
     .help = "wait for a JACK server where none is running",
     .take = lat_take_flag,
     .at = AT(waits)},
    {.name = "no-connect",
     .commands = RUN,
     .help = "make no JACK connections",
     .take = lat_take_flag,
     .at = AT(no_connect)},
    {.name = "connect-midi",
     .commands = RUN,
     .help = "connect all MIDI keyboards and controllers, also later ones",
     .take = lat_take_flag,
     .at = AT(connect_midi)},
    {.name = "meters",
     .commands = RUN,
     .help = "show live meters in the terminal",
     .take = lat_take_flag,
     .at = AT(meters)},
    {.name = "node-per-process",
     .commands = RUN,
     .help = "every node that can has a process of its own",
     .take = lat_take_flag,
     .at = AT(node_per_process)},
    {.name = "sandbox",
     .commands = RUN | HOST,
     .help = "once they play, processes of nodes can open no file, start no "
             "program and make no socket",
     .node_help = "once it plays, open no file, start no program and make no "
                  "socket",
     .take = lat_take_flag,
     .at = AT(sandbox)},
    {.name = "process-memory",
     .argument = "MIB",
     .commands = RUN | HOST,
     .help = "most memory for the process of a node (256)",
     .node_help = "most memory that a lattice which started it allows (256)",
     .take = lat_take_count,
     .at = AT(process_memory_mib),
     .min = 32,
     .max = 65536},
    {.name = "connect",
     .commands = HOST,
     .help = "connect its inputs and outputs to the physical ports",
     .take = lat_take_flag,
     .at = AT(host.connects)},
    {.name = "page",
     .argument = "FD",
     .commands = HOST,
     .take = lat_take_count,
     .at = AT(host.page_fd),
     .min = 3,
     .max = 65536},
    {.name = "client",
     .argument = "NAME",
     .commands = HOST,
     .take = lat_take_text,
     .at = AT(host.client)},
    {.name = "parent",
     .argument = "PID",
     .commands = HOST,
     .take = lat_take_count,
     .at = AT(host.parent),
     .min = 1,
     .max = 4294967295.0},
    {.name = "dot",
     .commands = GRAPH,
     .help = "print for Graphviz",
     .take = lat_take_flag,
     .at = AT(dot)},
    {.name = "file",
     .argument = "FILE",
     .commands = SEND,
     .help = "send what FILE says, a message a line, or a binary score; - is "
             "standard input",
     .take = lat_take_text,
     .at = AT(file)},
    {.name = "latency",
     .argument = "S",
     .commands = SEND,
     .help = "with --file: how long after its time a line is heard (0.2)",
     .take = lat_take_seconds,
     .at = AT(latency),
     .max = 60},
    {.name = "cycles",
     .argument = "N",
     .commands = TEXT,
     .help = "how many cycles (1)",
     .take = lat_take_count,
     .at = AT(cycles),
     .min = 1,
     .max = 1000000000},
    {.name = "from",
     .argument = "C",
     .commands = TEXT,
     .help = "the first cycle (0)",
     .take = lat_take_cycle,
     .at = AT(from),
     .min = -1e12,
     .max = 1e12},
    {.name = "with",
     .argument = "TEXT",
     .commands = TEXT,
     .help = "transforms, as 'every 4 rev | fast 2'",
     .take = lat_take_text,
     .at = AT(with)},
    {.name = "seed",
     .argument = "NAME",
     .commands = TEXT,
     .help = "whose random numbers: those of a node of that name (pattern)",
     .take = lat_take_text,
     .at = AT(seed)},
    {.name = "draw",
     .commands = TEXT,
     .help = "draw the cycles instead",
     .take = lat_take_flag,
     .at = AT(draw)},
    {.name = "once",
     .commands = TOP,
     .help = "print one table, as text, and end",
     .take = lat_take_flag,
     .at = AT(once)},
    {.name = "sort",
     .argument = "COLUMN",
     .words = "node type batch ns share peak rms",
     .commands = TOP,
     .help = "which column sorts the nodes: node, type, batch, ns, share, peak "
             "or rms (share)",
     .take = lat_take_word,
     .at = AT(sort)},
    {.name = "reverse",
     .commands = TOP,
     .help = "the other way round",
     .take = lat_take_flag,
     .at = AT(reverse)},
    {.name = "filter",
     .argument = "PATTERN",
     .commands = TOP,
     .help = "only nodes with this in their names, or whose names match: "
             "'voice_*'",
     .take = lat_take_text,
     .at = AT(filter)},
    {.name = "lines",
     .argument = "N",
     .commands = TOP,
     .help = "with --once: so many nodes at most (all)",
     .take = lat_take_count,
     .at = AT(lines),
     .min = 1,
     .max = 1000000},
    {.name = "interval",
     .argument = "S",
     .commands = TOP,
     .help = "how often to look (1)",
     .take = lat_take_seconds,
     .at = AT(interval),
     .max = 3600},
    {.name = "json",
     .commands = TOP,
     .help = "print JSON once, and end",
     .take = lat_take_flag,
     .at = AT(json)},
    {.name = "json",
     .commands = NODES | GRAPH,
     .help = "print JSON",
     .take = lat_take_flag,
     .at = AT(json)},
    {.name = "markdown",
     .commands = NODES,
     .help = "print Markdown, as docs/nodes.md is",
     .take = lat_take_flag,
     .at = AT(markdown)},
    {.name = "quiet",
     .commands = ALL,
     .help = "print errors only",
     .take = lat_take_flag,
     .at = AT(quiet)},
    {.name = "verbose",
     .commands = ALL,
     .help = "print more",
     .take = lat_take_flag,
     .at = AT(verbose)},
    {.name = "bash-completion",
     .commands = HELP,
     .help = "print what completes command lines in bash"},
    {.name = "help",
     .commands = TEXT,
     .help = "print this, where it is the only argument"},
    {.name = "help",
     .commands = ALL | HELP,
     .help = "print this and exit; also -h"},
    {.name = "version",
     .commands = ALL | HELP,
     .help = "print the version and exit"},
};

#define N_ROWS (sizeof(lat_option_rows) / sizeof(lat_option_rows[0]))

_Static_assert(N_ROWS <= LAT_MAX_OPTION_ROWS, "there are more options");

const size_t lat_n_option_rows = N_ROWS;

const struct option_row *
lat_option_find(const char *written)
{
    const char *const name = written + strspn(written, "-");
    const size_t n = strcspn(name, "=");
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if (strlen(lat_option_rows[i].name) == n &&
            strncmp(lat_option_rows[i].name, name, n) == 0) {
            return &lat_option_rows[i];
        }
    }
    return NULL;
}

/// Does a command of the mask @p before have an option of this name?
static bool
is_known_before(const char *name, unsigned before)
{
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if ((lat_option_rows[i].commands & before) &&
            strcmp(lat_option_rows[i].name, name) == 0) {
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
    for (size_t c = 0; c < LAT_N_COMMANDS; ++c) {
        const struct command_row *const command = &lat_commands[c];
        if (command->is_later) {
            continue;
        }
        struct lat_option_info info = {
            .command = command->name ? command->name : command->call,
        };
        each(data, &info);
        for (size_t i = 0; i < lat_n_option_rows; ++i) {
            if ((lat_option_rows[i].commands & (1U << c)) &&
                lat_option_rows[i].help) {
                info.option = lat_option_rows[i].name;
                info.argument = lat_option_rows[i].argument;
                info.words = lat_option_rows[i].words;
                info.is_first =
                    !is_known_before(lat_option_rows[i].name, before);
                each(data, &info);
            }
        }
        before |= 1U << c;
    }
}
