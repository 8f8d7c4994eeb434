// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The way back from audio: what an output gives, how loud it is, MIDI, faults.
///
/// A **stream** is one reader's ring of records.  It has one writer, the audio
/// thread, and one reader, any thread.  What finds no room is lost and counted;
/// nobody waits, and no other reader notices.
///
/// A **tap** sits on one output of one instance.  Whoever runs the node, the
/// audio thread or a worker, alone or in lanes, folds what it made into the
/// tap's own records; the audio thread sends them behind the span.  When a tap
/// takes a sample is a function of frames alone: the same records come
/// whatever the spans, the periods and the threads are.
///
/// The control thread makes streams and taps, hands them over with a message,
/// and frees them once audio says that it has let go.  Where there are none
/// nothing is done, and counters show it.
#ifndef LAT_RUN_STREAM_H
#define LAT_RUN_STREAM_H

#include "base/ring.h"
#include "node/transport.h"
#include "plan/plan.h"

#include <stdatomic.h>

enum lat_record_kind {
    LAT_RECORD_SAMPLE, ///< an output's sample
    LAT_RECORD_LEVEL,  ///< how loud an output was since the record before
    LAT_RECORD_SCOPE,  ///< consecutive samples of an output
    LAT_RECORD_MIDI,   ///< an event that came in
    LAT_RECORD_VOICE,  ///< a voice took a note, or let it go; nobody sends it
    LAT_RECORD_FAULT,  ///< a node made NaN or infinity
    LAT_RECORD_SENT,   ///< a node sends something to the outside
    LAT_RECORD_LATE,   ///< a transaction came after its frame
    LAT_RECORD_MOVED,  ///< what the transport follows has moved it
};

/// Samples that a record holds.
#define LAT_RECORD_SAMPLES 28U

/// Two cache lines.
struct lat_record {
    uint8_t kind;   ///< enum lat_record_kind
    uint8_t n;      ///< SCOPE: samples in it
    uint16_t at;    ///< SCOPE: place of the first among those asked for
    uint32_t id;    ///< of the tap, as its reader likes; LATE: turn; else 0
    uint64_t frame; ///< of the (first) sample; LEVEL: behind the last one;
                    ///< LATE: at which it took effect
    union {
        float sample;
        struct {
            float peak, mean_square;
        } level;
        float samples[LAT_RECORD_SAMPLES];
        struct lat_midi_event midi; ///< its frame is 0
        struct {
            uint32_t number; ///< from 1
            float pitch;     ///< semitones from middle C
            float velocity;  ///< 0: let go
        } voice;
        const struct lat_instance *inst; ///< FAULT; for the control alone
        struct {
            const struct lat_instance *inst; ///< the same
            float value;
            uint32_t n_lost; ///< events left out since the one before
            bool is_event;
        } sent;
        struct lat_transport_move moved;
    };
};

struct lat_stream {
    struct lat_ring *ring;
    uint32_t kinds;          ///< bits of those that come without a tap
    struct lat_stream *next; ///< audio's list
    _Atomic uint64_t n_lost;
    _Atomic bool is_done; ///< audio has let go of it
};

/// What is asked of an output.
struct lat_tap_wish {
    uint8_t kind;       ///< SAMPLE, LEVEL or SCOPE
    uint32_t id;        ///< comes back in every record
    double hz;          ///< records a second, or frames of samples (SCOPE)
    uint32_t n_samples; ///< SCOPE: of a frame, 1 to LAT_SCOPE_MAX
    uint32_t step;      ///< SCOPE: take every step-th, from 1 on
};

/// Most samples of one frame of a scope.
#define LAT_SCOPE_MAX 65536U

/// Records that one span can fill: SCOPE has no more, at any rate that
/// lat_tap_new() takes.
#define LAT_TAP_RECORDS (LAT_SPAN_MAX / LAT_RECORD_SAMPLES + 4)

struct lat_tap {
    // Constant.
    struct lat_instance *inst; ///< lives until is_done
    uint32_t output;
    bool is_once;    ///< only `value`, at the end of one period
    double interval; ///< frames from one record, or frame of samples, on
    struct lat_tap_wish wish;
    struct lat_stream *to;

    // Audio only, or whoever runs the node.
    uint64_t begin;      ///< when it began
    uint64_t next_frame; ///< of the node, if it goes on as it did
    uint64_t turn;       ///< records, or frames of samples, that are through
    uint64_t due; ///< frame of the next sample, or behind the last (LEVEL)
    uint32_t at;  ///< SCOPE: samples of this frame taken
    float last, peak;
    double squares;
    uint64_t from;                ///< LEVEL: first frame not yet in it
    struct lat_tap *next;         ///< audio's list
    struct lat_tap *next_of_inst; ///< at inst->taps
    uint32_t n_taken;             ///< spans looked at
    uint32_t n_out;
    struct lat_record out[LAT_TAP_RECORDS]; ///< the last may be half full

    // Both.
    _Atomic float value; ///< is_once: valid with is_done
    _Atomic bool is_done;
};

/// Audio's share of it all, in the engine.
struct lat_taps {
    struct lat_tap *first;
    struct lat_stream *streams;
    uint32_t kinds; ///< of all streams
    _Atomic uint64_t n_sent, n_lost;
    _Atomic uint64_t n_taken; ///< spans of outputs that taps looked at
};

// Control side.

/// A stream with room for @p n_records.  [control]
/// @param kinds  bits (1 << MIDI, VOICE, FAULT, LATE, MOVED) of what comes
/// without a tap.
/// @return LAT_OK, LAT_EINVAL or LAT_ENOMEM; @p out is untouched on failure.
enum lat_status
lat_stream_new(uint32_t n_records, uint32_t kinds, struct lat_stream **out);

/// Audio has let go of it, or never had it.  [control]
void
lat_stream_free(struct lat_stream *s);

/// The next record.  @return false when there is none.  [any one thread]
bool
lat_stream_read(struct lat_stream *s, struct lat_record *out);

/// Is there none?  [any one thread]
bool
lat_stream_is_empty(const struct lat_stream *s);

/// Records that found no room so far.  [any]
uint64_t
lat_stream_lost(const struct lat_stream *s);

/// A tap on output @p output of @p inst, at @p rate frames a second.
/// [control]
/// @param wish  what to send to @p to; NULL: the last sample of one period.
/// @return LAT_OK, LAT_ENOMEM, or LAT_EINVAL where a wish is out of limits:
///         more than a record in LAT_SPAN_MAX frames, or samples that reach
///         beyond the next frame of samples.
enum lat_status
lat_tap_new(struct lat_instance *inst, uint32_t output, double rate,
            const struct lat_tap_wish *wish, struct lat_stream *to,
            struct lat_tap **out);

/// Audio has let go of it, or never had it.  [control]
void
lat_tap_free(struct lat_tap *tap);

// Audio side.

/// [audio]
LAT_RT void
lat_stream_open(struct lat_taps *all, struct lat_stream *s);

/// [audio]
LAT_RT void
lat_stream_close(struct lat_taps *all, struct lat_stream *s);

/// @param now  the first frame that it sees.  [audio]
LAT_RT void
lat_tap_open(struct lat_taps *all, struct lat_plan *plan, struct lat_tap *tap,
             uint64_t now);
LAT_RT void
lat_tap_close(struct lat_taps *all, struct lat_plan *plan, struct lat_tap *tap);

/// Tell the groups of a plan that is taken who of theirs has taps.  [audio]
LAT_RT void
lat_taps_move(const struct lat_taps *all, struct lat_plan *plan);

/// Fold a span of a node into its taps.  [audio, worker; who ran the node]
LAT_RT void
lat_taps_take(const struct lat_context *c, const struct lat_plan_node *pn);

/// Send what the taps took in a span.  [audio]
LAT_RT void
lat_taps_send(struct lat_taps *all);

/// Has a node sent something that was not read yet, so that it should not wait?
/// [audio]
LAT_RT bool
lat_taps_are_urgent(const struct lat_taps *all);

/// A period is over: let go of those that wanted one value.  [audio]
LAT_RT void
lat_taps_end_period(struct lat_taps *all, struct lat_plan *plan);

/// Send @p record to all who hear its kind.  @p n_more: that many more were
/// not kept, and are lost.  [audio]
LAT_RT void
lat_stream_tell(struct lat_taps *all, const struct lat_record *record,
                uint32_t n_more);

#endif // LAT_RUN_STREAM_H
