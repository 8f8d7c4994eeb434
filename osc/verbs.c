// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "verbs.h"
#include "base/text.h"
#include "chatter.h"
#include "graph/name.h"
#include "graph/unknown.h"

#include <string.h>

#define LATER .kind = LAT_VERB_LATER
#define ASK   .kind = LAT_VERB_ASK
#define EDIT  .kind = LAT_VERB_EDIT
#define ALONE .kind = LAT_VERB_ALONE, .remote = LAT_REMOTE_ALL

// Where one address could be two, the one without capitals stands first.
const struct lat_verb lat_verbs[] = {
    {"/node/new", "TYPE NAME [PARAM VALUE]…",
     "Create a node; PARAM is an input or a setting. A node NAME of this TYPE "
     "that exists keeps its state and cables and gets the given values",
     lat_osc_node_new, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_SECOND},
    {"/node/free", "NAME…", "Remove nodes and their cables", lat_osc_node_free,
     EDIT, .remote = LAT_REMOTE_EDIT, .names = LAT_NAMES_ALL},
    {"/node/rename", "OLD NEW", "Rename a node; its cables follow",
     lat_osc_node_rename, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_FIRST_TWO},
    {"/node/set", "NAME PARAM VALUE [PARAM VALUE]…",
     "Set several parameters, all or none", lat_osc_node_set, EDIT,
     .names = LAT_NAMES_FIRST},
    {"/node/info", "NAME",
     "List its ports and settings: NAME PORT KIND VALUE MIN MAX DEFAULT UNIT "
     "CURVE LOW HIGH [WORD…]",
     lat_osc_node_info, ASK, .names = LAT_NAMES_FIRST},
    {"/node/replace", "NAME TYPE", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/node/NAME/bypass", "[0|1]",
     "Lead the sound around a node, or through it again, within 5 ms: an "
     "output "
     "carries the input of its own name, else the first signal input; an "
     "event, "
     "a measure, and a node without a signal input give 0. Without arguments "
     "ask",
     lat_osc_node_bypass, EDIT, .names = LAT_NAMES_NODE,
     .domain = LAT_DOMAIN_NODES, .asks_when_bare = true},
    {"/node/NAME/restart", "",
     "Start the process of a node anew, also one that was given up",
     lat_osc_node_restart, .kind = LAT_VERB_ALONE, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_NODES},
    {"/node/NAME/process", "[own|engine]",
     "Move a node to a process of its own, or back, while it plays. Without "
     "arguments ask",
     lat_osc_node_process, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_NODES,
     .asks_when_bare = true},
    {"/node/NAME/poly", "[N]",
     "Give a node N voices, 1 to 64, while it plays; those that stay play on. "
     "Without arguments ask",
     lat_osc_node_poly, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_NODES,
     .asks_when_bare = true},
    {"/node/NAME/sleep", "[0|1]",
     "Let a node sleep while nothing of it is heard, and start anew when it "
     "wakes, or let it run all the time. Without arguments ask",
     lat_osc_node_sleep, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_NODES,
     .asks_when_bare = true},
    {"/node/NAME/PARAM", "[VALUE [SECONDS]]",
     "Set one parameter, what a fader sends; SECONDS glides. Without "
     "arguments ask: the answer is the same address with the value, of an "
     "output its last sample, a period later",
     lat_osc_param, EDIT, .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_PARAMS,
     .is_silent = true, .asks_when_bare = true},
    {"/node/NAME/PARAM/norm", "[X]",
     "Set from 0..1 across the fader range and curve, clamped. Without X ask",
     lat_osc_norm, EDIT, .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_NORMS,
     .is_silent = true, .asks_when_bare = true},
    {"/node/NAME/OUT/last", "",
     "Ask for the last sample of an output, also of one that is called as an "
     "input is: the answer is the same address with the value",
     lat_osc_last, ASK, .names = LAT_NAMES_NODE, .domain = LAT_DOMAIN_OUTPUTS,
     .reply = "/node/NAME/OUT/last"},

    {"/connect", "SRC DST [AMOUNT]",
     "Connect two endpoints, NODE or NODE/PORT; connecting again sets the "
     "amount, and a feedback cable stays one",
     lat_osc_connect, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_FIRST_TWO},
    {"/connect/feedback", "SRC DST [AMOUNT]",
     "Connect across one block of delay, so that a cycle may close; a signal "
     "cable that is there becomes one",
     lat_osc_connect_feedback, EDIT, .remote = LAT_REMOTE_EDIT,
     .names = LAT_NAMES_FIRST_TWO},
    {"/disconnect", "SRC DST", "Cut the cable", lat_osc_disconnect, EDIT,
     .remote = LAT_REMOTE_EDIT, .names = LAT_NAMES_FIRST_TWO},
    {"/cable/SRC/PORT/DST/PORT", "[AMOUNT]",
     "Set the amount of a cable that exists. Without AMOUNT ask", lat_osc_cable,
     EDIT, .names = LAT_NAMES_CABLE, .domain = LAT_DOMAIN_CABLES,
     .is_silent = true, .asks_when_bare = true},

    {"/graph/nodes", "", "List the nodes: NAME TYPE", NULL, ASK,
     .list = &lat_osc_nodes_list},
    {"/graph/cables", "", "List the cables: SRC DST AMOUNT signal|feedback",
     NULL, ASK, .list = &lat_osc_cables_list},
    {"/graph/late", "",
     "List the cables that are a period late, from processes of nodes: SRC DST "
     "FRAMES",
     NULL, ASK, .list = &lat_osc_late_list},
    {"/graph/batches", "",
     "List what runs at the same time: N NAME…; a batch too long for one "
     "datagram takes several messages with the same N",
     lat_osc_graph_batches, ASK},
    {"/graph/types", "", "List the node types: TYPE TEXT", lat_osc_graph_types,
     ASK},
    {"/graph/load", "",
     "List what each node costs: NAME NS, nanoseconds per block", NULL, ASK,
     .list = &lat_osc_load_list},
    {"/graph/asleep", "",
     "List the nodes that sleep: NAME N, how many of its voices", NULL, ASK,
     .list = &lat_osc_asleep_list},
    {"/graph/clear", "", "Remove all nodes and cables", lat_osc_graph_clear,
     ALONE},
    {"/panic", "[X]",
     "Close every gate, let every key go and start every node anew: phases, "
     "delays, voices. Values and transport stay",
     lat_osc_panic, EDIT},
    {"/note", "NAME NOTE VELOCITY [SECONDS]",
     "Play a midi_notes: NOTE a number (60 is c4, fractions too) or a name "
     "(a4, eb3, f#2), VELOCITY 0 to 1; 0 lets it go; SECONDS: it is let go "
     "after them",
     lat_osc_note, EDIT, .names = LAT_NAMES_FIRST},

    {"/dirt/play", "KEY VALUE [KEY VALUE]…",
     "With --superdirt, what Tidal and Strudel send: the midi_notes or "
     "sampler that `s` names plays it, else the sampler that has a sound of "
     "that name; which keys mean something stands below, others are ignored",
     lat_osc_dirt_play, EDIT, .is_silent = true, .is_unanswered = true},
    {"/dirt/handshake", "[…]",
     "With --superdirt, Tidal's question whether there is somebody",
     lat_osc_dirt_handshake, ASK, .acts = true,
     .reply = "/dirt/handshake/reply"},

    {"/session/save", "[NAME [overwrite]]",
     "Write the loaded session, or NAME; over another session than the loaded "
     "one only with overwrite",
     lat_osc_session_save, ALONE, .names = LAT_NAMES_FIRST},
    {"/session/load", "NAME",
     "Load a session of the session folder, or an installed example. Work that "
     "was not saved is kept: NAME autosave brings it back, sent again the work "
     "before it",
     lat_osc_session_load, ALONE, .names = LAT_NAMES_FIRST},
    {"/session/import", "NAME PART",
     "Add a session's nodes and cables as PART.NODE", lat_osc_session_import,
     ALONE, .names = LAT_NAMES_FIRST_TWO},
    {"/session/new", "",
     "Start an empty session. Work that was not saved is kept",
     lat_osc_session_new, ALONE},
    {"/session/list", "",
     "List the session folder and the installed examples: NAME",
     lat_osc_session_list, ALONE, .is_silent = true},
    {"/session/status", "",
     "/session/status NAME CHANGED: the session's name, empty where it has "
     "none, and 1 if anything was changed since it was loaded or saved",
     lat_osc_session_status, ASK, .reply = "/session/status"},

    {"/sample/list", "",
     "List what `sample` can be, sound files and folders of them, and how many "
     "sounds each is: NAME N",
     lat_osc_sample_list, ALONE, .is_silent = true},
    {"/sample/reload", "",
     "Read all sound files that nodes play again, at once; those that change "
     "are read a second or two later without it. What plays goes on until "
     "they are there",
     lat_osc_sample_reload, EDIT, .remote = LAT_REMOTE_EDIT},

    {"/record/last", "SECONDS",
     "Write the last SECONDS of what the first audio_out gave, as far as they "
     "are kept, to a new file in the folder for recordings: /done PATH FILE. "
     "It is whole a moment later",
     lat_osc_record_last, ALONE, .is_silent = true},

    {"/transport/tempo", "[BPM]", "Set the tempo. Without BPM ask",
     lat_osc_tempo, EDIT, .remote = LAT_REMOTE_EDIT, .asks_when_bare = true},
    {"/transport/play", "[X]", "Let time run", lat_osc_play, EDIT,
     .remote = LAT_REMOTE_EDIT},
    {"/transport/stop", "[X]",
     "Freeze the position: no new events, pattern gates close, tails ring on",
     lat_osc_stop, EDIT, .remote = LAT_REMOTE_EDIT},
    {"/transport/locate", "[CYCLE]", "Jump. Without CYCLE ask for the position",
     lat_osc_locate, EDIT, .remote = LAT_REMOTE_EDIT, .asks_when_bare = true,
     .acts = true},

    {"/status", "",
     "/status.reply 1, nodes, nodes, batches, types, mean and peak load in "
     "percent, rate, rate: SuperCollider's fields",
     lat_osc_status, ASK, .reply = "/status.reply"},
    {"/status/engine", "", "List the engine's numbers: KEY VALUE",
     lat_osc_status_engine, ASK},
    {"/sync", "ID", "/synced ID when everything before it is in the sound",
     lat_osc_sync_id, ASK, .acts = true, .reply = "/synced"},
    {"/notify", "0|1 [ID]",
     "Be told, or no longer: /node/died NAME WHY when the process of a node "
     "ends, /node/restarted NAME when it plays again, /node/given_up NAME "
     "TRIES when it is not tried any more; /node/made NAME TYPE, /node/freed "
     "NAME, /node/renamed OLD NEW, /node/bypassed NAME 0|1, /cable/made SRC "
     "DST AMOUNT signal|feedback, /cable/cut SRC DST; /session/loaded NAME, "
     "/session/saved NAME; /xrun N, N more xruns, /late N when N bundles were "
     "late",
     lat_osc_notify, ASK, .acts = true},
    {"/subscribe", "PATTERN [HZ [PORT]]",
     "Be sent what PATTERN means, all of it now and then what changes, at most "
     "HZ times a second (30), at PORT where that is not where this comes from. "
     "Over UDP it ends after 60 s, unless it is sent again",
     lat_osc_subscribe_to, ASK, .acts = true},
    {"/unsubscribe", "PATTERN [PORT]",
     "Be sent it no longer; PORT ends what goes there, whoever of this host "
     "asked for it",
     lat_osc_unsubscribe_from, ASK, .acts = true},
    {"/process/start", "FRAME",
     "Only lattice-node: play from this frame of the clock on",
     lat_osc_process_start, EDIT, .remote = LAT_REMOTE_ALL},
    {"/process/at", "FRAME",
     "Only lattice-node, in a bundle: that takes effect at this frame of the "
     "clock",
     lat_osc_process_at, EDIT, .remote = LAT_REMOTE_ALL},
    {"/version", "", "/version.reply PROGRAM MAJOR MINOR PATCH BRANCH COMMIT",
     lat_osc_version, ASK, .reply = "/version.reply"},
    {"/ping", "", "/pong; arguments are ignored", lat_osc_ping, ASK,
     .reply = "/pong"},
    {"/clearSched", "", "Drop bundles that wait for their time",
     lat_osc_clear_sched, ASK, .remote = LAT_REMOTE_EDIT, .acts = true},
    {"/dumpOSC", "0|1",
     "Tell every message in the log, and what it did, or no longer, as "
     "--verbose does",
     lat_osc_dump_osc, ASK, .remote = LAT_REMOTE_ALL, .acts = true},
    {"/error", "N", "Taken and ignored: what is wrong is always told",
     lat_osc_error_mode, ASK, .acts = true, .is_silent = true},
    {"/quit", "", "End the program", lat_osc_quit_program, ALONE},

    {"/journal", "VERSION RATE",
     "Only in a score, which it begins: what follows was written by --journal",
     lat_osc_journal, EDIT, .in_score = true},
    {"/session/text", "TEXT",
     "Only in a score: put a session, a blob, in the place of everything",
     lat_osc_session_text, ALONE, .in_score = true},
    {"/midi", "PORT BYTES",
     "Only in a score: what came in, a blob of up to three bytes", lat_osc_midi,
     EDIT, .in_score = true},
    {"/strike", "NODE SOUND SECONDS [KEY VALUE]…",
     "Only in a score, or for lattice-node: a sampler strikes a sound, whose "
     "name is SOUND as a number (0: the sampler's own), and lets it go after "
     "SECONDS (0: it plays to its end); the keys are those of its inputs, and "
     "cut",
     lat_osc_strike, EDIT, .in_score = true, .in_process = true},
    {"/transport/followed",
     "PLAYING BPM CYCLE FRACTION FIRST FIRST_FRACTION LOCATES BREAKS",
     "Only in a score: what the transport follows (JACK's, or a MIDI clock) "
     "has "
     "moved it; with /journal it follows nothing else. FRACTION is in 2^-64 "
     "cycles; what lies before FIRST is not played",
     lat_osc_transport_followed, EDIT, .in_score = true},
    {"/graph/faded", "FRAME",
     "Only in a journal: what was removed by this frame has faded out, and is "
     "no longer computed",
     lat_osc_graph_faded, ALONE, .in_score = true},
    {"/graph/at", "FRAME",
     "Only in a journal: its bundle was sent ahead, for this frame",
     lat_osc_graph_at, EDIT, .in_score = true},
    {"/graph/plan", "FRAME",
     "Only in a journal: the same, and what it changes of the graph, if "
     "anything, holds up later changes until then",
     lat_osc_graph_plan, EDIT, .in_score = true},

    {"/map/add", "SOURCE ENDPOINT [MIN MAX CURVE [MODE]]", "", NULL, LATER},
    {"/map/learn", "ENDPOINT", "", NULL, LATER},
    {"/map/remove", "SOURCE [ENDPOINT]", "", NULL, LATER},
    {"/map/list", "", "", NULL, LATER},
    {"/undo", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/redo", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/snapshot/NAME", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/try", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/keep", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {"/revert", "", "", NULL, LATER, .remote = LAT_REMOTE_EDIT},
    {.path = NULL},
};

static bool
verb_fits(const struct lat_verb *verb, const struct lat_osc_words *words)
{
    const char *p = verb->path;
    for (uint32_t i = 0; i < words->n; ++i) {
        if (*p != '/') {
            return false;
        }
        const size_t n = strcspn(++p, "/");
        const char *const word = words->word[i];
        const bool is_open = lat_osc_is_placeholder(p);
        if (is_open ? !*word : strncmp(p, word, n) != 0 || word[n]) {
            return false;
        }
        p += n;
    }
    return *p == '\0';
}

static bool
has_placeholder(const char *path)
{
    for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
        if (lat_osc_is_placeholder(slash + 1)) {
            return true;
        }
    }
    return false;
}

/// `/node/NAME`, of a name that a node may have.
static bool
may_be_a_node(const struct lat_osc_call *call)
{
    const struct lat_osc_words *const w = &call->words;
    return w->n == 2 && strcmp(w->word[0], "node") == 0 && call->control &&
           lat_name_is_valid(w->word[1], true);
}

static bool
is_a_node(const struct lat_osc_call *call)
{
    return may_be_a_node(call) &&
           lat_graph_find(lat_control_graph(call->control),
                          call->words.word[1]);
}

/// The longest form with names in it that begins as the address does.
static const struct lat_verb *
find_form(const struct lat_osc_call *call)
{
    const size_t n = strcspn(call->path + 1, "/") + 1;
    const struct lat_verb *best = NULL;
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (v->kind != LAT_VERB_LATER && has_placeholder(v->path) &&
            strncmp(v->path, call->path, n) == 0 && v->path[n] == '/' &&
            (!best || strlen(v->path) > strlen(best->path))) {
            best = v;
        }
    }
    return best;
}

static enum lat_status
unknown_path(struct lat_osc_call *call)
{
    const char *const path = call->path;
    struct lat_error *const error = &call->error;
    char shown[100];
    lat_osc_shorten(path, shown, sizeof(shown));
    if (is_a_node(call)) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s is a node; %s/PARAM sets or asks one of its "
                             "parameters, /node/info %s lists them",
                             shown, shown, call->words.word[1]);
    }
    if (path[0] != '/') {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "\"%s\" does not begin with /", shown);
    }
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, shown);
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (!has_placeholder(v->path)) {
            lat_nearest_try(&nearest, v->path);
        }
    }
    if (nearest.best) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no message %s; did you mean %s?", shown,
                             nearest.best);
    }
    if (may_be_a_node(call)) {
        return lat_unknown_node(lat_control_graph(call->control),
                                call->words.word[1], error);
    }
    const struct lat_verb *const form = find_form(call);
    if (form) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no message %s; its form is %s %s", shown,
                             form->path, form->args);
    }
    return lat_error_set(error, LAT_ENOTFOUND,
                         "no message %s; what there is begins with /node, "
                         "/connect, /disconnect, /cable, /graph, /session, "
                         "/sample, /note, /map, "
                         "/transport or /status",
                         shown);
}

static enum lat_status
ignore(struct lat_osc_call *call)
{
    return lat_osc_is_touch(&call->words) ? lat_osc_touched(call) : LAT_OK;
}

/// What is taken and answered by nothing.
static const struct lat_verb chatter = {"",     "[…]", "",
                                        ignore, ASK,   .is_silent = true};

/// What comes to an address that nodes have chosen.
static const struct lat_verb inlet = {"",   "VALUE […]",      "", lat_osc_give,
                                      EDIT, .is_silent = true};

enum lat_status
lat_osc_find_verb(struct lat_osc_call *call)
{
    const struct lat_osc_inlet *inlets = NULL;
    uint32_t n = 0;
    if (lat_osc_split(&call->words, call->path)) {
        for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
            if (verb_fits(v, &call->words)) {
                call->verb = v;
                return LAT_OK;
            }
        }
        if (call->inlets &&
            lat_osc_inlets_find(call->inlets, call->path, &inlets, &n)) {
            return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
        }
        if (n > 0) {
            call->verb = &inlet;
            return LAT_OK;
        }
        if (lat_osc_is_chatter(&call->words)) {
            call->verb = &chatter;
            return LAT_OK;
        }
    }
    return unknown_path(call);
}

static void
print_cell(FILE *stream, const char *text)
{
    for (; *text; ++text) {
        if (*text == '|') {
            fputc('\\', stream);
        }
        fputc(*text, stream);
    }
}

void
lat_osc_print_reference(FILE *stream)
{
    fputs("| message | does | `--remote` | in a bundle |\n|---|---|---|---|\n",
          stream);
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (v->kind == LAT_VERB_LATER) {
            continue;
        }
        fprintf(stream, "| `%s%s", v->path, *v->args ? " " : "");
        print_cell(stream, v->args);
        fputs("` | ", stream);
        print_cell(stream, v->doc);
        fprintf(stream, " | %s | %s |\n", lat_remote_word(v->remote),
                v->kind == LAT_VERB_ALONE ? "no"
                : v->kind == LAT_VERB_ASK ? "answered"
                : v->asks_when_bare       ? "yes; a question is answered"
                                          : "yes");
    }
    fputs("\nKnown, and refused until a later release:", stream);
    const char *separator = " ";
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (v->kind == LAT_VERB_LATER) {
            fprintf(stream, "%s`%s`", separator, v->path);
            separator = ", ";
        }
    }
    fputs(".\n", stream);
}
