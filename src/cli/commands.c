// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "commands.h"

#include <stddef.h>
#include <string.h>

const struct command_row lat_commands[LAT_N_COMMANDS] = {
    [LAT_COMMAND_RUN] =
        {
            .name = "run",
            .call = "lattice run",
            .arguments = "[SESSION]",
            .summary =
                "The synth: a JACK client that listens to OSC. Without "
                "SESSION it plays on what was played last. 'lattice' alone "
                "is 'lattice run', "
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
            .n_required = 1,
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
            .summary =
                "Print the events of a text in mini-notation, one JSON object "
                "a line. TEXT is the first argument that is not just one of "
                "these options, also when it begins with '-'. Exit code 1: it "
                "is malformed.",
            .missing = "a pattern",
            .n_required = 1,
            .n_arguments = 1,
            .takes_text = true,
            .arguments_at = {offsetof(struct lat_options, text)},
        },
    [LAT_COMMAND_SEND] =
        {
            .name = "send",
            .call = "lattice send",
            .arguments = "PATH [ARGUMENT]...",
            .summary =
                "Send an OSC message, or with --file many of them, bundles and "
                "times, to a lattice that runs, and print the answers. Options "
                "stand before PATH. Bundles of a file that came too late are "
                "told, and are no failure. Exit code 1: something was "
                "refused, 3: nobody answers.",
            .n_arguments = 1,
            .takes_more = true,
            .is_verbatim = true,
            .arguments_at = {offsetof(struct lat_options, path)},
        },
    [LAT_COMMAND_WATCH] =
        {
            .name = "watch",
            .call = "lattice watch",
            .arguments = "[PATTERN]",
            .summary =
                "Print what changes in a lattice that runs, until it ends or "
                "Ctrl-C: what /subscribe PATTERN sends, as "
                "'/node/*/{freq,gain}'. Without PATTERN: nodes, cables, "
                "sessions, the transport. Exit code 1: it was refused, 3: "
                "nobody answers.",
            .n_arguments = 1,
            .arguments_at = {offsetof(struct lat_options, path)},
        },
    [LAT_COMMAND_TOP] =
        {
            .name = "top",
            .call = "lattice top",
            .arguments = "",
            .summary =
                "Show live what each node of a lattice that runs costs, and "
                "how loud it is; with --once print it and end. Exit code 3: "
                "nobody answers.",
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

const struct command_row *
lat_command_find(const char *name)
{
    for (size_t i = 0; i < LAT_N_COMMANDS; ++i) {
        if (lat_commands[i].name && strcmp(name, lat_commands[i].name) == 0) {
            return &lat_commands[i];
        }
    }
    return NULL;
}
