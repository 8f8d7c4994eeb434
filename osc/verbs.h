// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of everything that OSC understands, and what its handlers share.
///
/// One entry is one address.  The router finds the entry, checks who may use it
/// and whether it may stand in a bundle, calls `run`, and answers /done or
/// /fail.  Adding a message is one entry and one handler; the reference in
/// docs/osc.md is printed from the table. All functions are [control].
#ifndef LAT_OSC_VERBS_H
#define LAT_OSC_VERBS_H

#include "answers.h"
#include "inlets.h"
#include "numbers.h"
#include "packet.h"
#include "paths.h"
#include "router.h"
#include "words.h"

#include <stdio.h>

enum lat_verb_kind {
    LAT_VERB_ASK,   ///< a question: answers by itself, changes nothing
    LAT_VERB_EDIT,  ///< part of a transaction
    LAT_VERB_ALONE, ///< not in a bundle, not through a pattern
    LAT_VERB_LATER, ///< known, and refused until a later release
};

/// Which nodes or endpoints of a request its answer repeats.
enum lat_verb_names {
    LAT_NAMES_NONE,
    LAT_NAMES_FIRST,     ///< argument 0
    LAT_NAMES_SECOND,    ///< argument 1
    LAT_NAMES_FIRST_TWO, ///< arguments 0 and 1
    LAT_NAMES_ALL,       ///< all arguments
    LAT_NAMES_NODE,      ///< /node/NAME/…
    LAT_NAMES_CABLE,     ///< /cable/SRC/PORT/DST/PORT
};

/// What a pattern in this address goes over.
enum lat_verb_domain {
    LAT_DOMAIN_WORDS, ///< the address as it is written in the table
    LAT_DOMAIN_NODES,
    LAT_DOMAIN_PARAMS,
    LAT_DOMAIN_NORMS,
    LAT_DOMAIN_OUTPUTS,
    LAT_DOMAIN_CABLES,
};

struct lat_osc_call;

/// A list that may be long, so that it is told a part at a time.  What is in it
/// is noted by name when it is asked for; what is gone when its turn comes is
/// left out, and what is new is not in it.
struct lat_osc_list {
    void (*collect)(const struct lat_osc_call *call, struct lat_osc_paths *out);
    /// Tell one item.  @return false when it is gone.
    bool (*tell)(const struct lat_osc_call *call, const char *item);
};

extern const struct lat_osc_list lat_osc_nodes_list, lat_osc_cables_list,
    lat_osc_late_list, lat_osc_load_list, lat_osc_asleep_list;

struct lat_verb {
    const char *path; ///< words in capitals stand for anything
    const char *args; ///< for people
    const char *doc;
    enum lat_status (*run)(struct lat_osc_call *call);
    enum lat_verb_kind kind;
    enum lat_remote remote; ///< the least --remote for other machines
    enum lat_verb_names names;
    enum lat_verb_domain domain;
    bool is_silent;      ///< no /done when all is well
    bool is_unanswered;  ///< nor for a bundle of nothing else
    const char *reply;   ///< what a question answers with, if not /done PATH
    bool in_score;       ///< only a score may hold it
    bool in_process;     ///< in_score: lattice tells it to lattice-node, too
    bool asks_when_bare; ///< without arguments it is a question
    bool acts; ///< it does something: no pattern stands for it, unless it asks
    const struct lat_osc_list *list; ///< instead of `run`
};

/// All verbs; the end has no path.
extern const struct lat_verb lat_verbs[];

/// One message that is being carried out.
struct lat_osc_call {
    struct lat_osc_router *router;
    struct lat_osc_out *out;
    struct lat_control *control;
    struct lat_sessions *sessions;         ///< may be NULL
    const struct lat_osc_options *options; ///< of the server
    struct lat_osc_inlets *inlets;         ///< NULL: only verbs are found
    const struct lat_verb *verb;
    const struct lat_osc_message *m;
    const struct lat_osc_peer *peer;
    const char *path; ///< in full, without pattern
    struct lat_osc_words words;
    bool is_question;
    struct lat_error error;
};

/// Set call->words and call->verb from call->path.
/// @return LAT_OK, or LAT_ENOTFOUND with the nearest in call->error.
enum lat_status
lat_osc_find_verb(struct lat_osc_call *call);

// For handlers.  Those that return a status have set call->error.

/// @return LAT_OK when there are @p min to @p max arguments.
enum lat_status
lat_osc_need(struct lat_osc_call *call, uint32_t min, uint32_t max);

/// Argument @p i as a name, a finite number (which may come as text), or
/// either; @p what names it.
enum lat_status
lat_osc_text_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                 const char **out);
enum lat_status
lat_osc_number_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                   double *out);
/// A finite number that, as text, may carry a unit that fits @p unit: 500ms
/// where it is "s", 50% where it is "".
enum lat_status
lat_osc_quantity_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                     const char *unit, double *out);
enum lat_status
lat_osc_value_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                  struct lat_value *out);

/// Arguments from @p first on as PARAM VALUE pairs; free() @p out.
enum lat_status
lat_osc_assignments(struct lat_osc_call *call, uint32_t first,
                    struct lat_assignment **out, uint32_t *n);

/// Send a message to the caller.  @p types: at most 20 of s i h f d, then the
/// values.
void
lat_osc_answer(const struct lat_osc_call *call, const char *path,
               const char *types, ...);

/// The same for a message that was put together; takes @p m (NULL: nothing).
void
lat_osc_answer_message(const struct lat_osc_call *call, const char *path,
                       lo_message m);

/// The end of a list: /done PATH COUNT.
void
lat_osc_done_list(const struct lat_osc_call *call, uint32_t count);

/// Answer /synced @p id once everything until now is in the sound.
enum lat_status
lat_osc_sync(struct lat_osc_call *call, int32_t id);

/// Tell the caller about processes from now on, or no longer.
/// @param wish     the number that it would like to have; -1: any.
/// @param[out] id  its number.
enum lat_status
lat_osc_set_listener(struct lat_osc_call *call, bool is_wanted, int32_t wish,
                     int32_t *id);

/// Tell every message in the log from now on, or no longer.
void
lat_osc_set_dumping(struct lat_osc_call *call, bool is_dumping);

/// Drop all bundles that wait for their time, and tell who sent them.
void
lat_osc_clear_waiting(struct lat_osc_call *call);

/// How many bundles wait, and how many were late so far?
void
lat_osc_count_bundles(const struct lat_osc_router *r,
                      struct lat_osc_bundle_counts *out);

/// The bundle takes effect at this frame.
/// @return LAT_EINVAL outside of a bundle.
enum lat_status
lat_osc_set_frame(struct lat_osc_call *call, uint64_t frame);

/// Call options->quit once the answer is on its way.
void
lat_osc_quit(struct lat_osc_call *call);

/// A buffer for long texts, until the handler returns.
char *
lat_osc_scratch(const struct lat_osc_call *call, size_t *size);

/// Find all existing addresses that @p m, whose path is a pattern, can mean.
/// lat_osc_paths_fini() @p out.
enum lat_status
lat_osc_expand(const struct lat_graph *graph, struct lat_osc_inlets *inlets,
               const struct lat_osc_message *m, struct lat_osc_paths *out,
               struct lat_error *error);

/// The same question without the graph: is it a pattern, and one that may stand
/// for something?
enum lat_status
lat_osc_check_pattern(const struct lat_osc_message *m, struct lat_error *error);

/// The table as Markdown, for docs/osc.md.
void
lat_osc_print_reference(FILE *stream);

// Handlers, by file.

// verbs_graph.c
enum lat_status
lat_osc_node_new(struct lat_osc_call *call);
enum lat_status
lat_osc_node_free(struct lat_osc_call *call);
enum lat_status
lat_osc_node_rename(struct lat_osc_call *call);
enum lat_status
lat_osc_node_set(struct lat_osc_call *call);
enum lat_status
lat_osc_connect(struct lat_osc_call *call);
enum lat_status
lat_osc_connect_feedback(struct lat_osc_call *call);
enum lat_status
lat_osc_disconnect(struct lat_osc_call *call);
enum lat_status
lat_osc_cable(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_clear(struct lat_osc_call *call);

// verbs_list.c
enum lat_status
lat_osc_node_info(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_batches(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_types(struct lat_osc_call *call);

// verbs_play.c
enum lat_status
lat_osc_param(struct lat_osc_call *call);
enum lat_status
lat_osc_norm(struct lat_osc_call *call);
enum lat_status
lat_osc_last(struct lat_osc_call *call);
/// Is this question one for an output?
bool
lat_osc_asks_output(const struct lat_osc_call *call,
                    const struct lat_control *control);
enum lat_status
lat_osc_panic(struct lat_osc_call *call);
enum lat_status
lat_osc_note(struct lat_osc_call *call);
/// What comes to the address of an osc_in.
enum lat_status
lat_osc_give(struct lat_osc_call *call);
enum lat_status
lat_osc_tempo(struct lat_osc_call *call);
enum lat_status
lat_osc_play(struct lat_osc_call *call);
enum lat_status
lat_osc_stop(struct lat_osc_call *call);
enum lat_status
lat_osc_locate(struct lat_osc_call *call);

// verbs_dirt.c
enum lat_status
lat_osc_dirt_play(struct lat_osc_call *call);
enum lat_status
lat_osc_dirt_handshake(struct lat_osc_call *call);

// verbs_score.c
enum lat_status
lat_osc_journal(struct lat_osc_call *call);
enum lat_status
lat_osc_session_text(struct lat_osc_call *call);
enum lat_status
lat_osc_midi(struct lat_osc_call *call);
enum lat_status
lat_osc_strike(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_faded(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_at(struct lat_osc_call *call);
enum lat_status
lat_osc_transport_followed(struct lat_osc_call *call);
enum lat_status
lat_osc_graph_plan(struct lat_osc_call *call);

// verbs_feedback.c
enum lat_status
lat_osc_subscribe_to(struct lat_osc_call *call);
enum lat_status
lat_osc_unsubscribe_from(struct lat_osc_call *call);
enum lat_status
lat_osc_touched(struct lat_osc_call *call);

// verbs_session.c
enum lat_status
lat_osc_session_save(struct lat_osc_call *call);
enum lat_status
lat_osc_session_load(struct lat_osc_call *call);
enum lat_status
lat_osc_session_import(struct lat_osc_call *call);
enum lat_status
lat_osc_session_new(struct lat_osc_call *call);
enum lat_status
lat_osc_session_list(struct lat_osc_call *call);
enum lat_status
lat_osc_session_status(struct lat_osc_call *call);

enum lat_status
lat_osc_sample_list(struct lat_osc_call *call);
enum lat_status
lat_osc_sample_reload(struct lat_osc_call *call);
enum lat_status
lat_osc_record_last(struct lat_osc_call *call);

// verbs_process.c
enum lat_status
lat_osc_node_process(struct lat_osc_call *call);
enum lat_status
lat_osc_node_bypass(struct lat_osc_call *call);
enum lat_status
lat_osc_node_poly(struct lat_osc_call *call);
enum lat_status
lat_osc_node_sleep(struct lat_osc_call *call);
enum lat_status
lat_osc_node_restart(struct lat_osc_call *call);
enum lat_status
lat_osc_notify(struct lat_osc_call *call);
enum lat_status
lat_osc_process_start(struct lat_osc_call *call);
enum lat_status
lat_osc_process_at(struct lat_osc_call *call);

// verbs_server.c
enum lat_status
lat_osc_status(struct lat_osc_call *call);
enum lat_status
lat_osc_status_engine(struct lat_osc_call *call);
enum lat_status
lat_osc_sync_id(struct lat_osc_call *call);
enum lat_status
lat_osc_clear_sched(struct lat_osc_call *call);
enum lat_status
lat_osc_version(struct lat_osc_call *call);
enum lat_status
lat_osc_ping(struct lat_osc_call *call);
enum lat_status
lat_osc_dump_osc(struct lat_osc_call *call);
enum lat_status
lat_osc_error_mode(struct lat_osc_call *call);
enum lat_status
lat_osc_quit_program(struct lat_osc_call *call);

#endif // LAT_OSC_VERBS_H
