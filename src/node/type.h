// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a node type is, and what a node sees while it runs.
///
/// A node type is one constant descriptor: its ports, its settings, and a
/// handful of functions.  OSC replies, sessions, the reference and the tests
/// all read the same descriptor.  Adding a type is one descriptor in nodes/ and
/// one line in nodes/catalogue.def.
///
/// A **span** is the run of 1 to `block` frames that one call of `process`
/// covers.  Spans are cut where JACK's period ends or an edit takes effect, so
/// a node may hear its sound cut anywhere and must give the same samples, to
/// the bit.  Nothing audible may be computed once per span, except what follows
/// from an input that is constant in this span, by the very operations of the
/// varying path.
#ifndef LAT_NODE_TYPE_H
#define LAT_NODE_TYPE_H

#include "base/rt.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Nodes that run together in SIMD lanes.
#define LAT_LANES 16

/// Most inputs or outputs that a node may have.
#define LAT_MAX_PORTS 130

/// Most voices of a node.
#define LAT_MAX_POLY 64U

/// Most inputs or outputs of an instance: all voices of a dealer have theirs.
#define LAT_MAX_INSTANCE_PORTS (20U * LAT_MAX_POLY)

/// Most frames of a span (and of --block).
#define LAT_MAX_BLOCK 4096

/// Most bytes of a name, and of each part of one: `kick`, `drums.kick`,
/// `set.drums.kick`.
#define LAT_NAME_PART_MAX 40

/// Bytes of a node's whole name, with the final NUL: three long parts and two
/// dots.
#define LAT_NAME_MAX (3 * LAT_NAME_PART_MAX + 3)

/// Bytes of the name of a voice, `NAME.64`, with the final NUL.
#define LAT_VOICE_NAME_MAX (LAT_NAME_MAX + 3)

/// Most bytes of the name of a node in a process of its own: more than 60 a
/// JACK client cannot have beside another of that name.
#define LAT_PROCESS_NAME_MAX 60

enum lat_port_kind {
    LAT_PORT_SIGNAL,  ///< value counts only while nothing is patched in
    LAT_PORT_KNOB,    ///< value + cables
    LAT_PORT_GATE,    ///< event: high above 0; max of value and cables
    LAT_PORT_TRIGGER, ///< event: a set is one pulse of one frame
};

/// Does it start something where it rises?  [any]
LAT_RT static inline bool
lat_port_kind_is_event(uint32_t kind)
{
    return kind == LAT_PORT_GATE || kind == LAT_PORT_TRIGGER;
}

enum lat_curve {
    LAT_CURVE_LIN,
    LAT_CURVE_EXP,     ///< needs low and high of one sign, not 0
    LAT_CURVE_CONSOLE, ///< 0 silence, 1/4 -30, 1/2 -10, 3/4 0, 1 +10 dB
};

/// One input or output of a type.
struct lat_port {
    const char *name; ///< "cutoff"; with `repeat`, "in" stands for in_1, in_2…
    const char *doc;
    const char *unit;        ///< "Hz", "s", "dB", "semitones", "cycles", "" …
    enum lat_port_kind kind; ///< of outputs: an event, or SIGNAL
    enum lat_curve curve;    ///< of the fader range
    float min, max;          ///< hard limits of written values; the unit's own
    float low, high;         ///< fader range for /norm
    float initial;           ///< default value
    /// Of a knob: its cables take it no lower than to this, or to its value if
    /// that is lower.  0: as low as they like.
    float floor;
    bool smooth; ///< a written step ramps over 5 ms
    /// An output that is no sound but says something of it, or when something
    /// happens: 0 while the node is bypassed.
    bool is_message;
    /// Name of the integer setting that says how many of this port there are;
    /// NULL for exactly one.  Repeated ports are numbered from 1: in_1, in_2.
    const char *repeat;
};

/// Most bytes of a setting that is text.
#define LAT_SETTING_TEXT_MAX 65536

enum lat_setting_kind {
    LAT_SETTING_NUMBER,
    LAT_SETTING_INTEGER,
    LAT_SETTING_WORD, ///< one of `words`
    LAT_SETTING_TEXT,
    LAT_SETTING_FILE,
    LAT_SETTING_LIST, ///< words separated by blanks
};

/// Takes a name of a file, a piece of the text.  @return false: that was
/// enough.
typedef bool (*lat_take_file_fn)(void *data, const char *name, size_t length);

/// Stands before each name in what is prepared from several files, and before
/// where it lies.
#define LAT_FILES_SEPARATOR '\x1f'

/// One setting of a type: fixed while the node runs, not patchable.
struct lat_setting {
    const char *name;
    const char *doc;
    const char *unit;
    enum lat_setting_kind kind;
    double min, max, initial; ///< NUMBER and INTEGER
    const char *initial_text; ///< WORD, TEXT, FILE, LIST
    /// NULL-terminated.  A WORD is one of them; a NUMBER may be one of them
    /// instead of a number ("off").
    const char *const *words;
    /// NULL-terminated, or NULL: words that are refused as coming later.
    const char *const *later;
    /// A change keeps the node's state; else the node is made anew, and starts
    /// anew unless its type can take over what it was.
    bool keeps_state;
    /// TEXT, FILE and LIST: says what is wrong with a value, and names the word
    /// that is; NULL where all are right.  [control]
    enum lat_status (*check)(const char *text, struct lat_error *error);
    /// TEXT and FILE: makes immutable data of a value that is not empty, which
    /// nodes find in their configuration; NULL: there is none to make.  It may
    /// read files and take its time.  An error says what to do.
    /// @param[out] data  untouched on failure.  [any thread but audio]
    enum lat_status (*prepare)(const char *text, double rate, void **data,
                               struct lat_error *error);
    /// `prepare` takes a moment and reads no file: it is done in the command
    /// itself, so that what it makes is heard at the command's frame.
    bool is_quick;
    /// Configurations also hold what was there before: see lat_config.
    bool keeps_earlier;
    /// The same of what is prepared from @p text at this moment; NULL: of
    /// nothing that is not quick.  [control]
    bool (*is_at_hand)(const char *text, double rate);
    /// FILE: a sound file, which over OSC may lie behind a link.
    bool is_sound;
    /// TEXT of names of sound files: tells them; `*` are all that
    /// there are.  `prepare` then has the text with names and paths behind it.
    /// [any but audio]
    enum lat_status (*files_of)(const char *text, lat_take_file_fn take,
                                void *data);
    /// A number for what the files are now of which `prepare` makes data: with
    /// another one they are read again.  NULL: nobody looks.  [any but audio]
    uint64_t (*stamp)(const char *text);
    /// Free what `forget` kept for who still plays it; NULL: it keeps nothing.
    /// [control]
    void (*sweep)(void);
    /// Free what prepare made; NULL: nothing is to be done.  [control]
    void (*forget)(void *data);
};

/// Room for a number as somebody wrote it, with its unit and NUL; a longer one
/// is not kept.
#define LAT_WRITTEN_MAX 24

/// Value of a setting.  `text` is NULL for a plain number.
struct lat_setting_value {
    double number;
    char *text;
    char *path; ///< of a file that is prepared: where it lies, or NULL
    char written[LAT_WRITTEN_MAX]; ///< the number as it was written, or ""
};

struct lat_tuned;

/// How much of what was there before a configuration holds.
#define LAT_CONFIG_EARLIER 4U

/// Everything about a node that does not change while it runs.  Immutable once
/// given to the audio thread.
struct lat_config {
    double rate;    ///< frames per second
    uint32_t block; ///< longest span in frames
    uint32_t n_in, n_out;
    uint32_t n_voices;       ///< that the node has; 1 unless it has poly
    struct lat_tuned *tuned; ///< of the session; held, or NULL
    uint64_t seed;           ///< from the node's name
    /// One per setting of the type, in its order.
    const struct lat_setting_value *settings;
    /// The same: what `prepare` made of it or, as long as that is on its way,
    /// of what was there before, else NULL.  NULL where no setting has one.
    const void *const *prepared;
    /// LAT_CONFIG_EARLIER per setting: what configurations before this one had,
    /// the newest first, where the setting says `keeps_earlier`; else NULL.
    const void *const *earlier;
};

/// A position in cycles: `cycle` + `fraction` / 2^64.
struct lat_cycle {
    int64_t cycle;
    uint64_t fraction;
};

/// Most MIDI events of one period; more are dropped and counted.
#define LAT_MAX_MIDI 1024

/// Most of one span: all of them may be, and a source that went.
#define LAT_MAX_SPAN_MIDI (LAT_MAX_MIDI + 1)

/// A MIDI event inside a span.
struct lat_midi_event {
    uint32_t frame; ///< from the span's first frame
    uint8_t size;   ///< 1 to 3 bytes; longer messages are not delivered
    uint8_t data[3];
};

/// A status byte that MIDI leaves undefined, alone in its event: a source went
/// away, and with it the keys that it held.
#define LAT_MIDI_SOURCE_LOST 0xf4U

/// A note for one node, at the first frame of a span.
struct lat_note_event {
    const void *state; ///< of the node that it is for
    float pitch;       ///< in semitones from middle C
    float velocity;    ///< 0 to 1; 0 lets it go
};

/// A number for one node, at the first frame of a span: the last one of those
/// that came for that frame.
struct lat_number_event {
    const void *state; ///< of the node that it is for
    float value;       ///< finite
};

/// What a sound that is struck by a message has of its own.
enum lat_strike_key {
    LAT_STRIKE_N,
    LAT_STRIKE_SPEED,
    LAT_STRIKE_GAIN,
    LAT_STRIKE_PAN,
    LAT_STRIKE_PITCH, ///< semitones
    LAT_STRIKE_BEGIN,
    LAT_STRIKE_END,
    LAT_STRIKE_ATTACK,  ///< seconds
    LAT_STRIKE_RELEASE, ///< the same
    LAT_STRIKE_CUT,     ///< a group
    LAT_STRIKE_N_KEYS,
};

/// A sound that is struck at the first frame of a span.
struct lat_strike {
    uint64_t sound; ///< lat_name_hash() of its name; 0: the node's own
    double hold;    ///< seconds until it is let go; 0: open
    uint32_t has;   ///< bit k: values[k] says something
    float values[LAT_STRIKE_N_KEYS];
};

struct lat_strike_event {
    const void *state; ///< of the node that it is for
    struct lat_strike strike;
};

struct lat_transport;

/// What `process` is told about time.
struct lat_context {
    double rate;        ///< frames per second
    float rate_f;       ///< the same as a float
    float period_f;     ///< 1 / rate as a float
    uint32_t n_frames;  ///< frames of this span, 1 to block
    uint32_t block;     ///< the quantum
    uint64_t frame;     ///< absolute frame of the span's first sample
    bool is_playing;    ///< the transport runs
    uint64_t n_locates; ///< of the transport; a new number: events start anew
    uint64_t n_breaks;  ///< the same for locates and stops: gates close
    double tempo_bpm;
    const struct lat_transport *transport;
    const struct lat_midi_event *midi; ///< of this span, in time order
    uint32_t n_midi;
    const struct lat_note_event *notes; ///< in their order; after MIDI's
    uint32_t n_notes;
    const struct lat_number_event *numbers; ///< one a node at most
    uint32_t n_numbers;
    const struct lat_strike_event *strikes; ///< in their order
    uint32_t n_strikes;
};

/// Exact cycle position @p offset frames into the span.  [audio, worker]
LAT_RT struct lat_cycle
lat_context_cycle_at(const struct lat_context *context, uint32_t offset);

/// The same for @p n frames from @p offset on, and faster.  [audio, worker]
LAT_RT void
lat_context_cycles(const struct lat_context *context, uint32_t offset,
                   uint32_t n, struct lat_cycle *out);

/// The first of @p per_cycle places a cycle (place k is at k / per_cycle of a
/// cycle) that is not due before the frame at @p offset: 0 for those of earlier
/// spans, n_frames for those up to the end of this one.  Only while the
/// transport plays.  An event is due at the frame nearest to it, of two the
/// later; a node remembers the next event, so that none is lost or comes twice
/// where tempo changes, and takes those that are due already at once.
/// @param per_cycle  1 to 2^32.  [audio, worker]
LAT_RT int64_t
lat_context_due(const struct lat_context *context, uint32_t offset,
                uint64_t per_cycle);

/// The first of @p per_cycle places a cycle that the last locate, or play after
/// a stop, did not drop: no event before it comes any more.  [audio, worker]
LAT_RT int64_t
lat_context_first(const struct lat_context *context, uint64_t per_cycle);

/// Partial sums by lane that a kernel in lanes may add its only output to,
/// instead of writing it: partials[f * LAT_LANES + lane] takes the output times
/// the lane's amount, fused with what is there, or, rounded, begins with it.
struct lat_lane_sum {
    float *partials;
    bool is_on_top;
    const float *amounts; ///< LAT_LANES of them, aligned
};

/// An exact position: `cycle` + `numerator` / `denominator`, a part below 1.
struct lat_position {
    int64_t cycle;
    uint64_t numerator;
    uint64_t denominator; ///< 1 to 2^63
};

/// At which frame an event at @p position is due, from the span's first, by the
/// line that the transport follows now: 0 for those that were due earlier, and
/// @p limit for those that are due then or later, or never.  [audio, worker]
LAT_RT uint32_t
lat_context_frame_of(const struct lat_context *context,
                     struct lat_position position, uint32_t limit);

/// Was an event at @p position due before the span's first frame?  [audio,
/// worker]
LAT_RT bool
lat_context_is_past(const struct lat_context *context,
                    struct lat_position position);

/// Did the last locate, or play after a stop, drop an event at @p position?
/// [audio, worker]
LAT_RT bool
lat_context_is_dropped(const struct lat_context *context,
                       struct lat_position position);

/// What a node sends to the outside, at a frame.
struct lat_sent {
    uint64_t frame;  ///< absolute
    float value;     ///< finite
    uint32_t n_lost; ///< events that it had to leave out since the one before
    bool is_event;   ///< the frame matters
};

/// Most that all nodes of a thread send in a span; they try the rest again.
#define LAT_SPAN_SENT 256U

/// The same of MIDI events.
#define LAT_SPAN_SENT_MIDI 1024U

/// What the nodes of one thread have sent in a span.
struct lat_posted {
    const void *by; ///< the instance that runs
    uint32_t n;
    struct lat_sent sent[LAT_SPAN_SENT];
    const void *sender[LAT_SPAN_SENT]; ///< the instance of each
    uint32_t n_midi;
    struct lat_midi_event midi[LAT_SPAN_SENT_MIDI];
    const void *midi_sender[LAT_SPAN_SENT_MIDI]; ///< the same
};

struct lat_late_sum;
struct lat_late_line;

/// The samples and state of one node, or of LAT_LANES nodes, for one span.
///
/// A node alone has its samples at in[i][f].  Nodes in lanes have theirs at
/// in[i][f * LAT_LANES + lane]: buffers, constants and state words are
/// interleaved.  An input with step 0 is constant in this span: only row 0 is
/// valid.  No pointer of `in` equals one of `out`.
struct lat_io {
    const float *const *in;
    const uint32_t *step; ///< per input: 1, or 0 when constant
    float *const *out;
    void *state;
    const struct lat_config *config; ///< NULL in lanes
    /// In lanes, of a type with settings: the number of setting s of lane k is
    /// settings[s * LAT_LANES + k].  Else NULL.
    const float *settings;
    uint64_t constant; ///< bit i: input i (below 64) is constant
    uint64_t patched;  ///< bit i: input i has a cable; 0 in lanes
    /// What fills the rows of input 0, which moves; NULL: they are there.  Only
    /// kernels that run in chains too are given such.
    const struct lat_late_sum *late;
    /// The same for input 1: what becomes of its rows, or NULL.
    const struct lat_late_line *line;
    uint32_t n_in, n_out;
    const struct lat_lane_sum *sum; ///< in lanes: may take the output, or NULL
    struct lat_posted *outbox;      ///< NULL in lanes, or where nobody sends
};

/// Send something; it leaves behind the span.  [audio, worker]
/// @return false when there is no room: try again in the next frame, or later.
LAT_RT static inline bool
lat_io_send(const struct lat_io *io, const struct lat_sent *sent)
{
    struct lat_posted *box = io->outbox;
    if (!box || box->n == LAT_SPAN_SENT) {
        return false;
    }
    box->sender[box->n] = box->by;
    box->sent[box->n++] = *sent;
    return true;
}

/// Send a MIDI event, at a frame of this span, behind those sent before; it
/// leaves with the period.  [audio, worker]
/// @return the same.
LAT_RT static inline bool
lat_io_send_midi(const struct lat_io *io, const struct lat_midi_event *event)
{
    struct lat_posted *box = io->outbox;
    if (!box || box->n_midi == LAT_SPAN_SENT_MIDI) {
        return false;
    }
    box->midi_sender[box->n_midi] = box->by;
    box->midi[box->n_midi++] = *event;
    return true;
}

/// Sample @p f of input @p i of a node alone.  [audio, worker]
LAT_RT static inline float
lat_io_at(const struct lat_io *io, uint32_t i, uint32_t f)
{
    return io->in[i][(size_t)f * io->step[i]];
}

/// The @p n frames of input @p i of a node alone from frame @p first on, one
/// after the other.  [audio, worker]
/// @param room  for one that stands still
LAT_RT static inline const float *
lat_io_row(const struct lat_io *io, uint32_t i, uint32_t first, uint32_t n,
           float *room)
{
    if (io->step[i]) {
        return io->in[i] + first;
    }
    for (uint32_t f = 0; f < n; f++) {
        room[f] = io->in[i][0];
    }
    return room;
}

/// What a process returns besides: it has made sure that every sample that it
/// wrote is a finite number.
#define LAT_ALL_FINITE (UINT64_C(1) << 63U)

/// What a process in lanes returns where its only output was not written, but
/// added to `sum`.
#define LAT_ADDED (UINT64_C(1) << 62U)

/// What a process returns where every output is constant, of which only row 0
/// was written: for more outputs than have a bit.
#define LAT_ALL_CONSTANT (UINT64_C(1) << 61U)

/// What says that output @p k is constant; 0 where it cannot say so.  [any]
LAT_RT static inline uint64_t
lat_output_bit(uint32_t k)
{
    return k < 61 ? UINT64_C(1) << k : 0;
}

/// Did a process say that output @p k is constant?  [any]
LAT_RT static inline bool
lat_output_is_constant(uint64_t returned, uint32_t k)
{
    return returned & (lat_output_bit(k) | LAT_ALL_CONSTANT);
}

/// Process one span.  [audio, worker]
///
/// @return bit k set: output k is constant over this span and only its row 0
///         was written.  0 is always right; at most 61 outputs can say so
///         alone. LAT_ALL_FINITE: nobody need look for NaN in what was written.
typedef LAT_RT uint64_t (*lat_process_fn)(const struct lat_context *context,
                                          const struct lat_io *io);

enum lat_type_flag {
    LAT_TYPE_DEVICE_IN = 1,  ///< in[0…channels) are device inputs, no ports
    LAT_TYPE_DEVICE_OUT = 2, ///< out[0…channels) go to the device, no ports
    LAT_TYPE_READABLE = 4,   ///< it measures: of use where nothing hears it
    LAT_TYPE_MIDI = 8,       ///< reads context->midi
    LAT_TYPE_ENGINE = 16,    ///< always stays in the engine's process
    LAT_TYPE_NOTES = 32,     ///< reads context->notes
    LAT_TYPE_NUMBERS = 64,   ///< reads context->numbers, at its setting "path"
    LAT_TYPE_SENDS = 128,    ///< sends by lat_io_send(), to its "host", "path"
    /// One instance for all its voices: port p of voice k, from 0, is number
    /// k * ports + p.
    LAT_TYPE_DEALER = 256,
    LAT_TYPE_MONO = 512, ///< has no poly
    /// Sends by lat_io_send_midi(), to a MIDI port of the device of its name.
    LAT_TYPE_MIDI_OUT = 1024,
    LAT_TYPE_AWAKE = 2048,   ///< follows time by itself: it never sleeps
    LAT_TYPE_STRIKES = 4096, ///< reads context->strikes
    /// What it does is of use where nothing hears it: a panic leaves it, and
    /// its gates, as they are.
    LAT_TYPE_RECORDS = 8192,
};

/// What says whether a node is heard at all: while that is 0 for long, an
/// instance that may sleep does.
enum lat_amplitude {
    LAT_AMPLITUDE_NONE,
    LAT_AMPLITUDE_GAIN,     ///< its input 1 times its input 2
    LAT_AMPLITUDE_ENVELOPE, ///< its output 0, while its gate, input 0, is low
};

struct lat_node_type {
    const char *name;
    const char *doc;
    const struct lat_port *inputs;
    uint32_t n_inputs; ///< entries of `inputs`, before repeats
    const struct lat_port *outputs;
    uint32_t n_outputs;
    const struct lat_setting *settings;
    uint32_t n_settings;
    /// Says what is wrong with settings that are right one by one, and names
    /// them; NULL where nothing can be.  [control]
    enum lat_status (*check)(const struct lat_setting_value *settings,
                             struct lat_error *error);
    uint32_t flags; ///< enum lat_type_flag

    /// Index into the kernel table (kernels.h), or 0.  A type with a kernel
    /// has no functions of its own: its state is `state_words` 32-bit words,
    /// all zero at first and after a reset, and it can run in lanes.
    uint32_t kernel;
    uint32_t state_words;
    /// Its samples are numbers whatever it is fed, so nobody need look.
    bool is_bounded;
    /// Its kernel adds to what struct lat_io has as `sum`, if only at times.
    bool adds_up;
    enum lat_amplitude amplitude;

    /// Cost prior for the scheduler, in nanoseconds per frame.
    float cost_ns;

    // For types without a kernel.  All but process may be NULL.

    /// Index into the kernels' table of loops (kernels.h), or 0.  A loop is
    /// `process` compiled for an instruction set, to the same bits.
    uint32_t loop;

    /// Bytes of state for this configuration; the memory is zeroed and aligned
    /// to LAT_ALIGNMENT.  [control]
    size_t (*state_bytes)(const struct lat_config *config);
    /// Set up zeroed state; may allocate.  [control]
    enum lat_status (*init)(void *state, const struct lat_config *config);
    /// Release what init acquired.  [control, node no longer runs]
    void (*fini)(void *state);
    /// Back to the first frame's state: after a fault, and on panic.  Constant
    /// time, whatever the size of the state.  NULL: zeroes all state bytes.
    /// [audio, worker]
    LAT_RT void (*reset)(void *state, const struct lat_config *config);
    /// Called before process in every span.  [audio, worker]
    LAT_RT void (*prepare)(const struct lat_context *context,
                           const struct lat_io *io);
    lat_process_fn process;
    /// Frames by which the output lags the input.  [control]
    uint32_t (*latency)(const struct lat_config *config);
    /// Take from the state of an instance of other settings, which is given up,
    /// what fits; in bounded time.  NULL: whoever gets settings that do not
    /// keep the state starts anew.  [audio]
    LAT_RT void (*take_over)(void *state, const void *from);
};

/// All node types, in catalogue order; NULL-terminated.  [any]
const struct lat_node_type *const *
lat_node_types(void);

/// The type called @p name, or NULL.  [any]
const struct lat_node_type *
lat_node_type_find(const char *name);

/// The type of one device port as it is, in or out: what nodes in processes
/// are made to meet with.  It is in no list.  [any]
const struct lat_node_type *
lat_node_type_port(bool is_out);

/// Index of setting @p name in @p type, or -1.  [any]
int
lat_setting_index(const struct lat_node_type *type, const char *name);

#endif // LAT_NODE_TYPE_H
