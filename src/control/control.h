// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The one set of commands by which anything changes the synth.
///
/// OSC, session files and the command line are three mouths that speak it.
/// Every command checks all of its arguments before it changes anything, and on
/// failure leaves the graph as it was, with an error that names the thing and
/// the remedy.  Commands between lat_control_begin() and lat_control_commit()
/// reach the sound at the same frame; a command outside is a transaction of its
/// own.
///
/// All functions are [control].
#ifndef LAT_CONTROL_CONTROL_H
#define LAT_CONTROL_CONTROL_H

#include "graph/document.h"
#include "graph/graph.h"
#include "graph/placeholder.h"
#include "listen.h"
#include "node/transport.h"
#include "run/engine_setup.h"
#include "units/place.h"

struct lat_control;

/// A value as it came: a number, or text that may be a number.
struct lat_value {
    bool is_text;
    double number;
    const char *text; ///< borrowed
};

/// PARAM VALUE: an input, a setting, or a word of its own (process, poly).
struct lat_assignment {
    const char *key;
    struct lat_value value;
};

struct lat_control_options {
    double rate;
    uint32_t block;              ///< 0: the session's, else 64
    uint32_t workers;            ///< threads that process audio
    const char *isa;             ///< NULL: the best
    const struct lat_cpus *pins; ///< or NULL; the audio thread's first
    bool always_parallel;        ///< never run serially, for tests
    float grain_ns;              ///< frame time of a chunk; 0: the default
    bool without_lanes;          ///< every node alone, for tests
    bool is_offline;             ///< the control thread is the audio thread too
    bool is_host;                ///< this program is one node's process
    bool has_processes;          ///< nodes may have processes of their own
    bool all_in_processes;       ///< every node that can has one
    bool without_data;           ///< settings stand for nothing: to look only
};

enum lat_status
lat_control_new(const struct lat_control_options *options,
                struct lat_control **out, struct lat_error *error);
void
lat_control_free(struct lat_control *c);

/// How many voices are asleep, about, a node without `poly` counted as one.
uint32_t
lat_control_n_asleep(const struct lat_control *c);

/// Read-only views; valid until the next command.
const struct lat_graph *
lat_control_graph(const struct lat_control *c);
struct lat_engine *
lat_control_engine(struct lat_control *c);
/// LAT_MAX_DEVICE_SLOTS of them.
const struct lat_slot *
lat_control_slots(const struct lat_control *c);
struct lat_document *
lat_control_document(struct lat_control *c);
struct lat_placeholders *
lat_control_placeholders(struct lat_control *c);
/// Frames of a quantum, of the session in force.
uint32_t
lat_control_block(const struct lat_control *c);

/// The live node called @p name, or NULL with an error that names the nearest.
struct lat_node *
lat_control_need_node(const struct lat_control *c, const char *name,
                      struct lat_error *error);

/// What the commits so far have cost, for tests and figures.
struct lat_control_work {
    uint64_t n_plans;       ///< plans compiled
    uint64_t n_door_passes; ///< times that the doors of a node were derived
    uint64_t n_told;        ///< calls of listeners
    uint64_t n_late;        ///< transactions that missed their frames
    uint64_t n_asked;       ///< times that a command asked for data on its way
};
struct lat_control_work
lat_control_work(const struct lat_control *c);

// Transactions.

/// Start a transaction; they do not nest.
void
lat_control_begin(struct lat_control *c);

/// Start a transaction that replaces everything: commands work on an empty
/// graph and document until commit, which starts the new graph at full level
/// while the old one fades out over 5 ms.  @p block 0 keeps the engine's.
void
lat_control_begin_load(struct lat_control *c, uint32_t block);

bool
lat_control_is_open(const struct lat_control *c);

/// Give everything since begin to the engine, for one frame.  On failure it is
/// rolled back.
enum lat_status
lat_control_commit(struct lat_control *c, struct lat_error *error);
/// The same for frame @p frame, or, where that is over, for the next one that
/// can be.  What has no frame does not wait for it; of two that write one
/// input, the one with the later frame is what the graph keeps.
enum lat_status
lat_control_commit_at(struct lat_control *c, uint64_t frame,
                      struct lat_error *error);
/// How many frames before its frame such a transaction must be committed: a
/// period, and what making a plan takes.
uint64_t
lat_control_lead(const struct lat_control *c);
void
lat_control_rollback(struct lat_control *c);

// Nodes.

/// Create, or set the given ones of a node that exists with this type.
/// @p name may have dots only if @p allow_dots (parts of imported sessions).
enum lat_status
lat_control_node_new(struct lat_control *c, const char *type, const char *name,
                     bool allow_dots, const struct lat_assignment *a,
                     uint32_t n, struct lat_error *error);
/// The same with a type that need not be among lat_node_types().
enum lat_status
lat_control_node_new_of(struct lat_control *c, const struct lat_node_type *type,
                        const char *name, bool allow_dots,
                        const struct lat_assignment *a, uint32_t n,
                        struct lat_error *error);

/// Name a file of the tuning of the session that is being loaded, before its
/// nodes.  One that cannot be read is kept by its name.
/// @return LAT_OK, LAT_ENOMEM, or what is wrong with the file.
enum lat_status
lat_control_set_tuning(struct lat_control *c, enum lat_tuning_file which,
                       const char *name, struct lat_error *error);

enum lat_status
lat_control_node_free(struct lat_control *c, const char *const *names,
                      uint32_t n, struct lat_error *error);
enum lat_status
lat_control_node_rename(struct lat_control *c, const char *from, const char *to,
                        struct lat_error *error);
/// Set several, all or none.
enum lat_status
lat_control_node_set(struct lat_control *c, const char *name,
                     const struct lat_assignment *a, uint32_t n,
                     struct lat_error *error);
/// Set one; @p seconds glides, negative is the port's own ramp.
enum lat_status
lat_control_param_set(struct lat_control *c, const char *name,
                      const char *param, struct lat_value value, double seconds,
                      struct lat_error *error);
/// Lead the sound around a node, or through it again, within 5 ms: its outputs
/// carry the input of their own name, else the first of kind signal, as late as
/// the node is; without outputs it gets silence.  It keeps its state and runs.
/// @return LAT_OK, LAT_ENOTFOUND or LAT_ENOMEM.
enum lat_status
lat_control_bypass(struct lat_control *c, const char *name, bool is_bypassed,
                   struct lat_error *error);
/// Set from 0..1 across the fader range (clamped).
enum lat_status
lat_control_param_set_norm(struct lat_control *c, const char *name,
                           const char *param, double x,
                           struct lat_error *error);
/// What an input's own value is now, on its way too, where a glide is heard.
/// @param voice  whose, from 1; 0: the first one's.
/// @param[out] is_moving  set where it glides; may be NULL.
float
lat_control_value_now(const struct lat_control *c, const struct lat_node *node,
                      uint32_t input, uint32_t voice, bool *is_moving);
/// Read an input, as it is now, a setting or a readable output.  @p text, at
/// least 1024 bytes, receives a text setting, and then value->text points to
/// it.
enum lat_status
lat_control_param_get(struct lat_control *c, const char *name,
                      const char *param, char *text, size_t text_size,
                      struct lat_value *value, struct lat_error *error);
enum lat_status
lat_control_param_get_norm(struct lat_control *c, const char *name,
                           const char *param, double *x,
                           struct lat_error *error);

// Cables.  Endpoints are "node" or "node/port"; pairs as in the session
// format.

/// Connect; a cable that is there gets the amount and stays a signal or a
/// feedback cable, but @p is_feedback makes a signal cable feedback.
/// @param value  the amount: a number, or text that may carry a unit that fits
///               the destination; NULL is 1.
enum lat_status
lat_control_connect_value(struct lat_control *c, const char *src,
                          const char *dst, const struct lat_value *value,
                          bool is_feedback, struct lat_error *error);
/// The same for a plain number.
enum lat_status
lat_control_connect(struct lat_control *c, const char *src, const char *dst,
                    const double *amount, bool is_feedback,
                    struct lat_error *error);
enum lat_status
lat_control_disconnect(struct lat_control *c, const char *src, const char *dst,
                       struct lat_error *error);
/// Does an endpoint name something that a cable may lead from or to?
enum lat_status
lat_control_check_end(const struct lat_control *c, const char *endpoint,
                      bool is_output, struct lat_error *error);
/// One cable, ports named: set or ask.
enum lat_status
lat_control_cable_set(struct lat_control *c, const char *src_node,
                      const char *src_port, const char *dst_node,
                      const char *dst_port, struct lat_value value,
                      struct lat_error *error);
enum lat_status
lat_control_cable_get(struct lat_control *c, const char *src_node,
                      const char *src_port, const char *dst_node,
                      const char *dst_port, double *amount,
                      struct lat_error *error);

// Processes.

/// Ask for a process of its own for a node, or take it back into the engine.
enum lat_status
lat_control_process_set(struct lat_control *c, const char *name, bool is_own,
                        struct lat_error *error);
/// Is the node to be in a process?
bool
lat_control_wants_process(const struct lat_control *c,
                          const struct lat_node *node);
enum lat_place
lat_control_place_of(const struct lat_node *node);
bool
lat_control_is_hosted(const struct lat_node *node);
bool
lat_control_is_away(const struct lat_node *node);

/// Does a cable carry the signal one period late: from a process to the engine,
/// or back between processes?
bool
lat_control_is_late(const struct lat_cable *cable);

/// Does an output of a node come back from its process, to be heard here?
bool
lat_control_returns(const struct lat_node *node, uint32_t output);

/// Has a node ever been told to run in a process, or not to?
bool
lat_control_has_places(const struct lat_control *c);

/// Longest note that has a length.
#define LAT_NOTE_SECONDS_MAX 86400.0

/// Most notes that wait for their end, but for those of one transaction.
#define LAT_NOTES_HELD_MAX 4096U

/// Play a note on a node that takes them (midi_notes).  What the node was to
/// let go before, or plays at this pitch with a length, is let go first.
/// @param note  MIDI's number, 60 for middle C, with fractions; 0 to 127.
/// @param velocity  0 to 1; 0 lets the note go.
/// @param seconds  after which it is let go, to the frame, and no sooner than a
///                 frame later; 0: when somebody says so.
enum lat_status
lat_control_note(struct lat_control *c, const char *name, double note,
                 double velocity, double seconds, struct lat_error *error);

/// The frame at which the first of those notes is let go, or UINT64_MAX.  Where
/// nothing drives the engine, lat_control_tick() has to be called then.
uint64_t
lat_control_next_release(const struct lat_control *c);

/// Have @p node, whose type has LAT_TYPE_STRIKES, strike a sound.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_strike(struct lat_control *c, struct lat_node *node,
                   const struct lat_strike *strike, struct lat_error *error);

/// Does a text of @p node's settings name the sound @p name, so that it is
/// loaded, or on its way?
bool
lat_control_has_sound(const struct lat_node *node, const char *name);

/// Give nodes that take numbers (osc_in) one, all at the same frame.
/// @param nodes  of the graph as it is; of types with LAT_TYPE_NUMBERS.
/// @return LAT_OK, LAT_EINVAL for what is no finite number, or LAT_ENOMEM.
enum lat_status
lat_control_give(struct lat_control *c, struct lat_node *const *nodes,
                 uint32_t n, double value, struct lat_error *error);

/// For who runs the processes: say where a node runs now.
enum lat_status
lat_control_place(struct lat_control *c, const char *name, enum lat_place place,
                  struct lat_error *error);
/// Fade what the engine hears of a node out or, from the next stamp on, in,
/// within 5 ms; cables that never fade are left alone.  Faded out, it stays so
/// whatever amounts are set and cables are made meanwhile.
void
lat_control_fade_outputs(struct lat_control *c, const char *name, bool is_in);

// Everything.

/// Remove all nodes, cables and lines; the transport stays.
enum lat_status
lat_control_clear(struct lat_control *c, struct lat_error *error);
/// Close every gate; empty every delay, reverb and voice.
enum lat_status
lat_control_panic(struct lat_control *c, struct lat_error *error);

/// Have every sound file, and every folder of them, read again: nodes play what
/// they have until the new is there.
/// @param[out] n  how many nodes have some.
enum lat_status
lat_control_reload(struct lat_control *c, uint32_t *n, struct lat_error *error);

// Transport.

enum lat_status
lat_control_tempo(struct lat_control *c, double bpm, struct lat_error *error);
enum lat_status
lat_control_beats_per_cycle(struct lat_control *c, double beats,
                            struct lat_error *error);
enum lat_status
lat_control_play(struct lat_control *c, bool is_playing,
                 struct lat_error *error);
enum lat_status
lat_control_locate(struct lat_control *c, double cycle,
                   struct lat_error *error);
/// The transport as last commanded (position: lat_engine_status()).
const struct lat_transport *
lat_control_transport(const struct lat_control *c);

// Data that settings stand for (units/prepared.h).

struct lat_elsewhere;

/// From now on, make it there; NULL, as at first: at once, in the command.
void
lat_control_set_elsewhere(struct lat_control *c,
                          const struct lat_elsewhere *elsewhere);

/// Where files lie that settings name.
struct lat_file_finder {
    void *data;
    /// Find @p name, which is not empty, for @p setting.  Whether the file can
    /// be read is not asked.
    /// @param[out] path  to be freed; NULL, as it was, where the name is one.
    /// @return LAT_OK; LAT_ENOMEM; or another, with an error, where @p by may
    ///         not have it.
    enum lat_status (*find)(void *data, const struct lat_setting *setting,
                            const char *name, struct lat_origin by, char **path,
                            struct lat_error *error);
    /// Tell all sounds that can be named.  @return LAT_OK or LAT_ENOMEM.
    enum lat_status (*list)(void *data,
                            void (*each)(void *data, const char *name),
                            void *each_data);
};

/// Without one, names are paths.  Copied.
void
lat_control_set_finder(struct lat_control *c,
                       const struct lat_file_finder *finder);

/// How far is what setting number @p i of a node stands for?
enum lat_readiness {
    LAT_DATA_NONE, ///< it stands for itself
    LAT_DATA_HERE,
    LAT_DATA_COMING,
    LAT_DATA_FAILED,
};

/// @param[out] why  if not NULL: LAT_DATA_FAILED, why, and what to do.
enum lat_readiness
lat_control_readiness(const struct lat_control *c, const struct lat_node *node,
                      uint32_t i, struct lat_error *why);

/// Something that was on its way when a command asked for it could not be had.
struct lat_unprepared {
    const struct lat_node *node;
    uint32_t setting;
    struct lat_origin origin; ///< who asked; the program where nobody did
    const char *text; ///< which setting of which node, why, what to do, and
                      ///< what became of it
};

/// Call @p tell for each; in place of nobody, who has a line in the log.  It
/// makes no command.
void
lat_control_set_unprepared(struct lat_control *c,
                           void (*tell)(void *data,
                                        const struct lat_unprepared *what),
                           void *data);

// Without a driver, where the caller turns the crank.

/// MIDI comes in at the next frame: a message of one to three bytes, or the
/// byte LAT_MIDI_SOURCE_LOST.
/// @return LAT_OK, or LAT_EINVAL for another length.
enum lat_status
lat_control_midi(struct lat_control *c, const uint8_t *bytes, size_t size,
                 struct lat_error *error);

/// From now on the transport follows nothing but lat_control_move_transport(),
/// whatever sessions say.
void
lat_control_lead_transport(struct lat_control *c);

/// What the transport follows moves it at the next frame.
/// @return LAT_OK; LAT_EINVAL where something is out of limits.
enum lat_status
lat_control_move_transport(struct lat_control *c,
                           const struct lat_transport_move *move,
                           struct lat_error *error);

/// From now on what fades is in the plan until lat_control_end_fades_of() says
/// otherwise.
void
lat_control_hold_fades(struct lat_control *c);

/// Plans to come take effect no sooner than @p frame, as if there had been one
/// for it: a journal says so of a transaction that came to nothing.
void
lat_control_order(struct lat_control *c, uint64_t frame);

/// Make a plan without what was removed by transactions up to @p frame.
void
lat_control_end_fades_of(struct lat_control *c, uint64_t frame);

// Housekeeping.

/// Free what the audio thread gave back, end fades, log reports.  Call it when
/// lat_control_next_ns() says so and when the engine's bell rings; costs
/// nothing when there is nothing to do.
void
lat_control_tick(struct lat_control *c);

/// When lat_control_tick() has something to do, in lat_now_ns(); UINT64_MAX
/// where only the bell can tell.  Asks for the bell to be rung, too when the
/// sound is past @p frame (UINT64_MAX: never).  What somebody commanded since
/// is not foreseen: ask anew.
uint64_t
lat_control_next_ns(struct lat_control *c, uint64_t frame);

/// The frame at which everything submitted so far is in the sound.
uint64_t
lat_control_stamp(const struct lat_control *c);
/// Has the sound reached @p stamp?
bool
lat_control_reached(struct lat_control *c, uint64_t stamp);

/// A new sample rate: every node starts anew, the musical position stays.
enum lat_status
lat_control_set_rate(struct lat_control *c, double rate,
                     struct lat_error *error);

/// Text, DOT or JSON of the plan in force, for `lattice graph`.
enum lat_plan_format {
    LAT_PLAN_TEXT,
    LAT_PLAN_DOT,
    LAT_PLAN_JSON,
};
/// @return a string to free(), or NULL.
char *
lat_control_print_plan(struct lat_control *c, enum lat_plan_format format);

/// Batches of the plan in force: calls @p each for every node, batch by batch.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_batches(struct lat_control *c,
                    void (*each)(void *data, uint32_t batch, const char *node),
                    void *data);

/// Nanoseconds per span that a node took lately (a running mean), or 0.
double
lat_control_node_load(struct lat_control *c, const struct lat_node *node);

/// The first device slot of a node, or -1 where it has none.
int
lat_control_first_slot(const struct lat_node *node);

#endif // LAT_CONTROL_CONTROL_H
