// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the control share, bottom to top: a file calls those above
/// it here, and never one below.
///
/// All functions are [control].
#ifndef LAT_CONTROL_STATE_H
#define LAT_CONTROL_STATE_H

#include "base/array.h"
#include "control.h"
#include "run/engine_state.h"
#include "units/flat.h"
#include "units/units.h"
#include "watch.h"

/// Something to free once no plan older than `serial` is left.
struct lat_garbage {
    uint64_t serial;
    uint64_t frame; ///< and no message for it is on its way
    struct lat_instance *inst;
    struct lat_ramp *ramp;
    struct lat_config *config;
    const struct lat_node_type *type; ///< of config
};

/// Plans that may be on their way to audio, each for its frame, and the one
/// that runs before them.
#define LAT_MAX_LAYERS 17U

/// A plan from one frame on, until the frame of the next.
struct lat_layer {
    uint64_t serial;
    uint64_t frame;
    struct lat_flat flat; ///< that it was compiled from
};

/// What a commit has compiled.
struct lat_coming {
    struct lat_layer layers[LAT_MAX_LAYERS];
    struct lat_plan *plans[LAT_MAX_LAYERS];
    uint32_t n;
    uint32_t n_kept; ///< of the layers that there are
};

/// A plan that audio may still hold.
struct lat_alive {
    uint64_t serial;
};

/// Messages on their way to the ring; a transaction's go together.
struct lat_outbox {
    struct lat_message *messages;
    uint32_t n, capacity;
    uint32_t n_sent;
    uint32_t *ends; ///< where transactions end
    uint32_t n_ends, ends_capacity;
};

/// A transport or panic message of a transaction.
struct lat_timed {
    struct lat_message message;
    uint32_t mark; ///< edits of the journal that come before it
    struct lat_origin origin;
};

/// Tempo, or whether the transport plays, as it was last written for a frame.
struct lat_time_ahead {
    uint64_t frame;
    double number;
};

/// What a transaction has written that is sent ahead of its frame.
struct lat_written_ahead {
    uint64_t frame;
    uint64_t wished; ///< the same, but for what waits for a plan
    uint64_t node;   ///< its id
    uint64_t src;    ///< 0: the value of its input; else a cable's source
    uint32_t input, src_port;
    uint32_t voice; ///< from 1; 0: all
    float value, saved;
    char written[LAT_WRITTEN_MAX];
    uint32_t next; ///< in its bucket: one more than the place, or 0
};

/// A value that glides (glides.c).
struct lat_glide {
    uint64_t node;                   ///< its id
    const struct lat_layout *layout; ///< that it had then
    uint32_t input;
    uint32_t voice;       ///< from 1; 0: all
    uint32_t next;        ///< in its bucket: one more than the place, or 0
    struct lat_ramp ramp; ///< as audio has it
};

/// Where a node is to run from the end of a transaction on.  The last move of a
/// node is what it comes to.
struct lat_placing {
    struct lat_node *node;
    enum lat_place place;
};

/// A note that is to be let go (releases.c).
struct lat_release {
    uint64_t frame;
    const struct lat_node *node; ///< in the graph in force
    float pitch;
};

struct lat_control {
    struct lat_layouts layouts;
    struct lat_placeholders placeholders;
    struct lat_graph graph;
    struct lat_units units; ///< what runs of it
    struct lat_slots slots; ///< where it enters and leaves
    struct lat_slab ramps;  ///< of amounts, in use and garbage
    struct lat_document document;
    struct lat_transport transport;
    double rate;
    uint32_t block;
    bool is_host;          ///< of one node, in a process of its own
    bool has_processes;    ///< nodes may run in processes
    bool all_in_processes; ///< all that can do
    bool has_places;       ///< some node has, wants or had one of its own
    bool is_offline, without_lanes;
    uint32_t n_threads;
    float grain_ns;

    // The open transaction.
    bool is_open, is_load;
    struct lat_graph *g; ///< what commands work on
    struct lat_graph next_graph;
    struct lat_units next_units;
    struct lat_document next_document;
    struct lat_transport old_transport;
    uint32_t next_block;
    struct lat_timed *timed; ///< transport and panic messages, in their order
    uint32_t n_timed, timed_capacity;
    struct lat_placing *moves;
    uint32_t n_moves, moves_capacity;

    struct lat_engine *engine;
    const struct lat_kernels *kernels;
    struct lat_plan *plan;                   ///< the newest one submitted
    struct lat_layer layers[LAT_MAX_LAYERS]; ///< by frame
    uint32_t n_layers;
    uint64_t plan_serial;
    struct lat_plan *held_plans; ///< back, but a late worker may look at them
    struct lat_alive *alive;
    uint32_t n_alive, alive_capacity;
    struct lat_garbage *garbage;
    uint32_t n_garbage, garbage_capacity;
    bool holds_fades;        ///< somebody says when they are over
    uint64_t bypass_over_at; ///< frame at which no bypass fades out, or 0
    struct lat_outbox outbox;
    uint64_t stamp;      ///< frame of the transaction that is committed
    uint64_t present;    ///< the earliest frame that it could have had
    uint64_t at;         ///< the frame that it is to have, or 0
    bool is_exact;       ///< it has that
    bool is_ordered;     ///< plans to come are not before it
    bool is_held;        ///< some of it waits for a plan of a later frame
    uint64_t plan_frame; ///< of the newest plan
    struct lat_time_ahead tempo_ahead, play_ahead;
    uint32_t turn;      ///< of the messages that go next
    uint32_t last_turn; ///< of those of the last transaction, or 0
    uint64_t told;      ///< the last frame of what had no frame of its own
    uint64_t latest;    ///< the last frame of any message
    struct lat_written_ahead *ahead; ///< (ahead.c)
    uint32_t n_ahead, ahead_capacity;
    uint32_t ahead_heads[256];
    struct lat_glide *glides;
    uint32_t n_glides, glides_capacity;
    uint32_t glide_heads[256];
    uint32_t n_checks;     ///< of units, in builds for tests
    uint64_t n_structural; ///< commits of more than values
    uint64_t reported_ns;  ///< when audio last had something to tell
    uint32_t *free_ids;    ///< of instances
    uint32_t n_free_ids, n_ids, ids_capacity;

    struct lat_release *releases; ///< in no order
    uint32_t n_releases, releases_capacity;

    // What settings stand for (prepared.c).
    struct lat_prepared_store *prepared;
    struct lat_shared_configs shared;
    bool without_data; ///< nothing is made: somebody only looks
    struct lat_file_finder finder;
    struct lat_elsewhere elsewhere; ///< its run may be NULL
    struct lat_look *look;          ///< at files, that goes on
    uint64_t look_ns;               ///< when the next is due
    uint64_t n_changed_files;       ///< that were read again
    bool has_changed_files;         ///< that are to be
    struct lat_ask *asks;           ///< for what was on its way when they asked
    uint32_t n_asks, asks_capacity;
    void (*unprepared)(void *data, const struct lat_unprepared *what);
    void *unprepared_data;

    struct lat_origin origin; ///< of the commands that come next
    struct lat_listener *listeners;
    uint32_t n_listeners, listeners_capacity;
    struct lat_change *changes; ///< what they are told
    uint32_t n_changes, changes_capacity;
    bool is_telling;
    struct lat_control_work work;

    // Who reads (watch.c).
    struct lat_held_tap *taps;
    struct lat_reader *readers;
    struct lat_outside outside; ///< zeroed: nobody
    uint64_t watched_plan;      ///< serial of the plan that the taps follow
    uint64_t n_lost_faults;     ///< that the log told of
};

// feed: instances and slots, plans, messages, and what audio may still read.

/// Give a new instance its slots and its number; on failure it is freed.
/// @param name  of its node, or of what it is for.
/// @param order  of its slots: the node's serial.
enum lat_status
lat_control_equip(struct lat_control *c, struct lat_instance *inst,
                  const char *name, uint32_t order, struct lat_error *error);

/// What instances need beside a node.
struct lat_instance_options
lat_control_means(struct lat_control *c, uint32_t block);

void
lat_control_drop_instance(void *data, struct lat_instance *inst);

/// Let all voices of a node run that do not yet, among @p u, as part of a
/// commit.
enum lat_status
lat_control_add_units(struct lat_control *c, struct lat_units *u,
                      struct lat_node *node, uint32_t block,
                      struct lat_error *error);

/// Give a node of the graph in force other instances, as part of a commit.
/// @param adopts  they go on with the state of the old ones.
enum lat_status
lat_control_change_instances(struct lat_control *c, struct lat_node *node,
                             bool adopts, struct lat_error *error);

/// What the commit has changed of the units is in force: throw away what was
/// there before.  There is room.
void
lat_control_settle_units(struct lat_control *c);

/// Free units that no plan uses.
void
lat_control_drop_units(struct lat_control *c, struct lat_units *u);

/// Make room for as many messages that go together, and as much garbage: what
/// was reserved can be emitted and thrown away without fail.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_reserve(struct lat_control *c, size_t n_messages, size_t n_garbage);

/// Add a message, for which there is room, to those that go together.
void
lat_control_emit(struct lat_control *c, const struct lat_message *m);
void
lat_control_end_messages(struct lat_control *c);
/// Send what has found no room so far.
void
lat_control_send_outbox(struct lat_control *c);

/// Free it when no plan that is older than the next one is left.  There is
/// room.
void
lat_control_throw_away(struct lat_control *c, struct lat_garbage garbage);
void
lat_control_collect_garbage(struct lat_control *c);
/// Free all of it: audio has stopped.
void
lat_control_empty_garbage(struct lat_control *c);

/// What nodes, and the ports of doors, are called, by the `id` of their
/// instances: an array to free().
/// @return NULL when out of memory.
const char **
lat_control_names(const struct lat_control *c);

/// Take plans back, and log faults.
void
lat_control_read_reports(struct lat_control *c);

/// After a plan was made, and at every tick: what is watched follows, and what
/// audio has let go of is freed (watch.c).
void
lat_control_follow(struct lat_control *c);
/// A node is called otherwise: watches of it follow.
void
lat_control_rename_watches(struct lat_control *c, const char *from,
                           const char *to);
/// Is there something that audio is to let go of?
bool
lat_control_lets_go(const struct lat_control *c);
/// Free all of it: audio has stopped for good.
void
lat_control_forget_readers(struct lat_control *c);

/// Is there no audio thread, now and for the next frames?  Offline, whoever
/// turns the crank is the audio thread.
bool
lat_control_runs_itself(const struct lat_control *c);

// plans: what units are compiled to.

/// Compile what runs, to follow all plans that there are.
enum lat_status
lat_control_compile(struct lat_control *c, const struct lat_units *u,
                    uint32_t block, struct lat_coming *out);

/// Compile what the open transaction has made of what runs.  Where plans wait
/// for their frames, and it has nothing to do with what those bring, it is made
/// of what runs before them, too, and of each of them: then it need not wait.
/// @param frame  about when it is to be heard.
enum lat_status
lat_control_compile_edits(struct lat_control *c, uint64_t frame,
                          struct lat_coming *out);

/// What the newest plan says, for lat_engine_status().
void
lat_control_describe_plan(struct lat_control *c);

/// Send what was compiled: from the transaction's frame on, and from those of
/// the plans that wait on, in whose place they are.  There is room for as many
/// messages.  Plans belong to the engine until they come back.
void
lat_control_submit(struct lat_control *c, struct lat_coming *coming,
                   bool fades_old);

/// Forget what plans were compiled from: what comes follows all that wait.
void
lat_control_forget_layers(struct lat_control *c);

// glides: values on their way.

/// Room for those that the open transaction begins.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_reserve_glides(struct lat_control *c);

/// A value is written at @p frame: it glides there, or ends the glide of
/// before. There is room.
void
lat_control_follow_glide(struct lat_control *c, const struct lat_edit *edit,
                         uint32_t input, uint64_t frame);

/// What was written for @p frame ends the glide that begins before it.
void
lat_control_end_glide(struct lat_control *c, const struct lat_node *node,
                      uint32_t input, uint32_t voice, uint64_t frame);

void
lat_control_forget_glides(struct lat_control *c);

// ahead: transactions with a frame.

/// About the frame that what is sent next will have.
uint64_t
lat_control_coming_frame(struct lat_control *c);

/// Find the frame of what is sent next.
/// @param is_ordered  it has a plan, or is for what a plan brought: not before
///                    the newest plan.
void
lat_control_take_stamp(struct lat_control *c, bool is_ordered);

/// Room for what the open transaction writes ahead.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_reserve_ahead(struct lat_control *c);

/// Would an edit be heard for no frame at all, as what was written for a later
/// one waits for the same plan?
bool
lat_control_is_overruled(struct lat_control *c, const struct lat_edit *edit);

/// The same for a voice, from 1, of those that an edit writes a value to.
bool
lat_control_is_voice_overruled(struct lat_control *c,
                               const struct lat_edit *edit, uint32_t voice);

/// Before the journal's messages: what was written for a later frame goes by
/// the ports that nodes have now, and what is over is forgotten.
void
lat_control_follow_ahead(struct lat_control *c);

/// Messages that lat_control_repeat_ahead() sends at most.
size_t
lat_control_count_repeats(const struct lat_control *c,
                          const struct lat_edit *edit);

/// Tell instances that come with an edit what was written for a later frame.
void
lat_control_repeat_ahead(struct lat_control *c, const struct lat_edit *edit);

/// The journal's messages are out: what was written for a later frame is what
/// the graph keeps.
void
lat_control_settle_ahead(struct lat_control *c);

/// The same for a message to the transport.
void
lat_control_settle_time(struct lat_control *c, const struct lat_message *m);

// releases: notes that have an end.

/// Room for those of the open transaction's notes.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_reserve_releases(struct lat_control *c);

/// A note of a node begins at @p frame, and is to be let go @p seconds later,
/// or by whoever plays it (0).  What was to be let go before, or sounds at this
/// pitch, is let go first.  There is room.
void
lat_control_begin_note(struct lat_control *c, const struct lat_node *node,
                       float pitch, uint64_t frame, double seconds);

/// Forget those of a node that is going, or of all (NULL).
void
lat_control_forget_releases(struct lat_control *c, const struct lat_node *node);

/// Send those whose time comes soon.
void
lat_control_let_go(struct lat_control *c);

/// When that has something to do, in lat_now_ns(); UINT64_MAX: never.
uint64_t
lat_control_next_release_ns(const struct lat_control *c);

// prepared: data that settings stand for.

/// Who asked for what was on its way.
struct lat_ask {
    uint64_t node; ///< its id
    uint32_t setting;
    struct lat_origin origin;
};

/// Have made what the settings of a node stand for, or begun to make it, where
/// nobody has asked so far.  What cannot be had is left out.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_need_data(struct lat_control *c, const struct lat_node *node);

/// The same for what a command assigns: files are found, and what failed before
/// is tried again.
/// @param settings  with those that are assigned; they are the node's, or are
///                  to be.
/// @param[out] has_news  if not NULL: an assigned setting that is what it was
///                       had failed, and is tried again.
/// @return LAT_ENOMEM, or what prepare returned, with its error; a session's
///         command does not fail where data cannot be had.
enum lat_status
lat_control_ask_data(struct lat_control *c, const struct lat_node *node,
                     struct lat_setting_value *settings,
                     const struct lat_assignment *a, uint32_t n, bool *has_news,
                     struct lat_error *error);

/// Note that a command asks for what setting @p i stands for, so that whoever
/// sent it is told where that fails.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_remember_ask(struct lat_control *c, const struct lat_node *node,
                         uint32_t i);

/// Who asked last for setting number @p i of a node; else the program itself.
struct lat_origin
lat_control_asked_by(const struct lat_control *c, const struct lat_node *node,
                     uint32_t i);

// arrived: what came later.

/// Publish what has come, tell of what has failed, and free what nobody holds.
void
lat_control_take_prepared(struct lat_control *c);

/// Give a node another configuration of the settings that it has.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_configure_anew(struct lat_control *c, struct lat_node *node);

/// Have files read again that have changed on disk, if it is time to look.
void
lat_control_look_at_files(struct lat_control *c);

/// Begin to read what was found to have changed.
void
lat_control_take_changed_files(struct lat_control *c);

/// When that is, in lat_now_ns(); UINT64_MAX: nothing is watched.
uint64_t
lat_control_next_look_ns(const struct lat_control *c);

/// Before the control goes.
void
lat_control_end_look(struct lat_control *c);

/// Find what a value names, and note where it lies, or, of several, the key
/// that they are prepared from.
/// @param may_lack  what is not there is told where it is prepared.
/// @return LAT_OK, LAT_ENOMEM, or another, with an error.
enum lat_status
lat_control_find_files(struct lat_control *c, const struct lat_setting *setting,
                       struct lat_setting_value *value, bool may_lack,
                       struct lat_error *error);

/// "; did you mean 'bd'?", or "": a sound whose name is near to @p name.
void
lat_control_suggest_sound(const struct lat_control *c, const char *name,
                          char *out, size_t size);

// lookup: what names stand for.

/// The type has neither an input nor a setting called @p key.
enum lat_status
lat_control_no_param(const struct lat_node_type *type,
                     const struct lat_layout *layout, const char *key,
                     struct lat_error *error);

/// An input, which has a fader range; or NULL with an error.
const struct lat_port *
lat_control_need_input(const struct lat_node *node, const char *param,
                       struct lat_error *error);

// moves: where nodes run.

/// May a node of this type have a process of its own?
static inline bool
lat_type_can_leave(const struct lat_node_type *type)
{
    return !(type->flags & LAT_TYPE_ENGINE);
}

/// Wish for a process, or no longer: not what is wished for already.
enum lat_status
lat_control_set_process(struct lat_control *c, struct lat_node *node,
                        bool is_own);

/// Move a node when the open transaction is committed.
enum lat_status
lat_control_add_move(struct lat_control *c, struct lat_node *node,
                     enum lat_place place);

/// Send new nodes away that are to be in processes: they are never in the
/// engine.  Part of every transaction.
enum lat_status
lat_control_send_new_away(struct lat_control *c);

/// Put the moves of the transaction in force, among @p u.
enum lat_status
lat_control_set_places(struct lat_control *c, struct lat_units *u,
                       struct lat_error *error);

// doors: between the engine and nodes in processes.

/// Bring the doors up to date that edits and moves may touch; part of a commit,
/// when the nodes run as they are to.
enum lat_status
lat_control_derive_doors(struct lat_control *c, struct lat_error *error);

/// Make all doors of @p g, into @p u.
enum lat_status
lat_control_make_doors(struct lat_control *c, const struct lat_graph *g,
                       struct lat_units *u, uint32_t block,
                       struct lat_error *error);

/// Give all doors other instances, and their leads what they read.
enum lat_status
lat_control_renew_doors(struct lat_control *c, struct lat_error *error);

/// Name the slots of the doors of a node that got another name, where there is
/// memory.
void
lat_control_rename_doors(struct lat_control *c, const struct lat_node *of);

/// Note at the device slots what patchbays show of doors.
void
lat_control_describe_doors(struct lat_control *c);

// tell: who listens.

/// Make room for what the open transaction has changed.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_reserve_changes(struct lat_control *c);

/// Note what the journal and its messages have changed.  There is room.
void
lat_control_gather_changes(struct lat_control *c);

/// Tell what was gathered.
void
lat_control_tell_changes(struct lat_control *c, bool are_ports_new);

/// Tell that another graph is in force.
/// @param is_session  it has a session's document, too.
void
lat_control_tell_whole(struct lat_control *c, bool is_session);

/// Tell that what was removed up to @p frame is in no plan any more.
void
lat_control_tell_faded(struct lat_control *c, uint64_t frame);

/// Tell that there is another rate.
void
lat_control_tell_rate(struct lat_control *c);
/// Where a MIDI clock is followed: its tempo is ours, to a tenth.
void
lat_control_tell_tempo(struct lat_control *c);

/// Tell of device slots that went with what has faded out.
void
lat_control_tell_ports(struct lat_control *c);

// transaction: begin, undo.

/// In builds for tests: what runs is what follows from the graph, or abort.
void
lat_control_check_units(struct lat_control *c);

/// The transaction is over.
void
lat_control_close(struct lat_control *c);

/// Add a transport or panic message to the transaction.
enum lat_status
lat_control_add_timed(struct lat_control *c, const struct lat_message *m);

/// Emit what was said before edit number @p mark, from number @p next on.
/// @return the number of the next one.
uint32_t
lat_control_emit_timed(struct lat_control *c, uint32_t next, uint32_t mark);

// fades: of cables, and of what was removed.

/// Frames of a fade: none where nothing sounds.
uint64_t
lat_control_ramp_frames(const struct lat_control *c);

/// Send the amount @p to of a lead.
void
lat_control_emit_amount(struct lat_control *c, const struct lat_lead *lead,
                        float to, uint64_t delay);

/// The input of a removed cable where its node has it now, or -1.
int
lat_control_input_now(const struct lat_edit *edit);

/// The tuning of the session that is loaded, or being loaded.
static inline struct lat_tuned *
lat_control_tuned(const struct lat_control *c)
{
    return c->is_load ? c->next_document.tuned : c->document.tuned;
}

/// May a cable join these, by the numbers of their voices?
enum lat_status
lat_control_check_voices(const struct lat_node *src, const struct lat_node *dst,
                         struct lat_error *error);

/// Does an input have room for the cables that lead into it, and one more from
/// @p src?
/// @param src  NULL: none.
enum lat_status
lat_control_check_leads(const struct lat_node *src, const struct lat_node *dst,
                        uint32_t port, struct lat_error *error);

/// Do the cables of nodes whose poly the open transaction changed fit?
enum lat_status
lat_control_check_poly(const struct lat_control *c, struct lat_error *error);

/// Does a removed node sound on while it fades?
bool
lat_control_node_fades(const struct lat_node *node);

/// End the leads of a removed cable, or let them fade; part of a commit.
enum lat_status
lat_control_end_leads(struct lat_control *c, const struct lat_edit *edit);

/// Leads, units and ways around nodes that fade.
size_t
lat_control_n_fading(const struct lat_control *c);

/// Cut all fades short; there is room for as much garbage.
void
lat_control_bury_all_dying(struct lat_control *c);

/// Make a plan without what has faded out.
void
lat_control_end_fades(struct lat_control *c);

// edits: what the journal comes to.

/// Give it to the engine; on failure the transaction is rolled back.
enum lat_status
lat_control_commit_edits(struct lat_control *c, struct lat_error *error);

/// The journal is done: free what was removed and does not fade.
void
lat_control_forget_journal(struct lat_control *c);

// load: everything at once.

/// Put the next graph and document in force; on failure the transaction is
/// rolled back.
enum lat_status
lat_control_commit_load(struct lat_control *c, struct lat_error *error);

/// Say the whole transport in the transaction.
enum lat_status
lat_control_time_all(struct lat_control *c);

// commit: commands.

/// A command of its own: opens a transaction where none is open.
struct lat_command {
    bool is_own;
    uint32_t mark; ///< of the journal
};
struct lat_command
lat_command_begin(struct lat_control *c);

/// Commit a command's own transaction, or undo its part where it failed.
/// @return @p status, or the failure of the commit.
enum lat_status
lat_command_end(struct lat_control *c, struct lat_command command,
                enum lat_status status, struct lat_error *error);

#endif // LAT_CONTROL_STATE_H
