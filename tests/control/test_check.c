// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include <criterion/criterion.h>

#include <string.h>

static void
refused(struct rig *r, const char *command, const char *expected)
{
    const uint32_t nodes = lat_control_graph(r->c)->n_nodes;
    const uint32_t cables = lat_control_graph(r->c)->n_cables;
    cr_assert_neq(rig_try(r, command), LAT_OK, "%s", command);
    cr_assert(strstr(r->error.text, expected), "%s: %s", command,
              r->error.text);
    cr_assert_eq(lat_control_graph(r->c)->n_nodes, nodes);
    cr_assert_eq(lat_control_graph(r->c)->n_cables, cables);
}

Test(control, refusals_name_the_thing_and_the_remedy)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine lfo\nnew lowpass filter\nnew audio_out main\n"
               "new pan p\nconnect lfo filter");
    refused(&r, "new sin x", "did you mean");
    refused(&r, "new sine 1x", "no name");
    refused(&r, "new sine set", "no name");
    refused(&r, "new sine a.b", "no name");
    refused(&r, "new saw lfo", "is a sine");
    refused(&r, "new sine x frek 3", "did you mean 'freq'");
    refused(&r, "new sine x freq abc", "needs a number");
    refused(&r, "new sine x freq nan", "needs a number");
    refused(&r, "new sine x freq 1e9", "must lie between");
    refused(&r, "new audio_out x channels 0", "must lie between");
    refused(&r, "new audio_out x channels 1.5", "whole number");
    refused(&r, "new audio_out x signal midi", "one of audio, cv");
    refused(&r, "new noise x color blue", "one of");
    refused(&r, "new sine x poly 65", "from 1 to 64");
    refused(&r, "new sine x sleep maybe", "sleep must be yes or no");
    refused(&r, "new midi_notes k key_low 60 key_high 48",
            "key_low = 60 is above key_high = 48");
    refused(&r, "new midi_notes k velocity_high 3 velocity_low 4",
            "velocity_low = 4 is above velocity_high = 3");
    refused(&r, "new sine x process alone", "own or engine");
    refused(&r, "new audio_out x process own", "always runs in the engine");
    refused(&r, "set lfp freq 3", "did you mean 'lfo'");
    refused(&r, "connect lfo filter/cut", "it has in, cutoff");
    refused(&r, "connect lfo/left filter", "has no output");
    refused(&r, "connect main lfo", "no outputs");
    refused(&r, "connect p filter", "is a pair");
    refused(&r, "disconnect filter main", "no cable leads");
    refused(&r, "free nobody", "there are lfo, filter");
    rig_free(&r);
}

Test(control, a_cycle_is_refused_with_its_path)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new bus a\nnew bus b\nnew bus c\n"
               "connect a b\nconnect b c");
    refused(&r, "connect c a", "a -> b -> c -> a");
    refused(&r, "connect b b", "b -> b");
    rig_do(&r, "feedback c a 0.5");
    // A node made later may feed earlier ones, in whatever order.
    rig_do(&r, "new bus d\nconnect d a\nnew bus e\nconnect e d\nconnect e b");
    refused(&r, "connect c e", "-> b -> c -> e");
    rig_do(&r, "disconnect a b\nconnect b a");
    refused(&r, "connect a b", "b -> a -> b");
    rig_free(&r);
}

Test(control, a_name_that_only_begins_like_a_node_is_no_node)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine abcdefghijklmnopqrstuvwxyz0123456789ABCD\nnew bus b");
    refused(&r, "connect abcdefghijklmnopqrstuvwxyz0123456789ABCDE b",
            "no node is called");
    refused(&r, "connect b abcdefghijklmnopqrstuvwxyz0123456789ABCDE/freq",
            "no node is called");
    rig_free(&r);
}
