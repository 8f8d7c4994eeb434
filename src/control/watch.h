// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Who wants to know what the synth does: outputs by name, MIDI, faults.
///
/// A **reader** has a stream of records (run/stream.h) and watches outputs.
/// What it watches it keeps watching: through renames, settings that make a
/// node anew, and other sessions, as long as there is a node of that name with
/// such an output.  A question is about one output, once.
#ifndef LAT_CONTROL_WATCH_H
#define LAT_CONTROL_WATCH_H

#include "control.h"
#include "run/stream.h"

struct lat_reader;

/// @param n_records  that wait for it; what comes then is lost, and counted.
/// @param kinds  bits (1U << LAT_RECORD_MIDI, …) of what needs no watching.
/// @param[out] out  owned by the caller, who frees it before the control.
/// @return LAT_OK, LAT_EINVAL or LAT_ENOMEM.  [control]
enum lat_status
lat_reader_new(struct lat_control *c, uint32_t n_records, uint32_t kinds,
               struct lat_reader **out);

/// NULL does nothing.  [control, nobody reads it any more]
void
lat_reader_free(struct lat_reader *r);

/// Watch an output, "NODE/PORT" in two words; with wish->id that is watched
/// already, this instead.  [control]
/// @return LAT_OK, LAT_ENOTFOUND, also where the node plays in a process of its
///         own, LAT_EINVAL for a wish that is out of limits, or LAT_ENOMEM.
enum lat_status
lat_reader_watch(struct lat_reader *r, const char *node, const char *output,
                 const struct lat_tap_wish *wish, struct lat_error *error);

/// [control]
void
lat_reader_unwatch(struct lat_reader *r, uint32_t id);

/// The next record.  @return false when there is none.  [any one thread]
bool
lat_reader_next(struct lat_reader *r, struct lat_record *out);

/// Is there none?  [any one thread]
bool
lat_reader_is_empty(const struct lat_reader *r);

/// Records that found no room so far.  [any]
uint64_t
lat_reader_lost(const struct lat_reader *r);

/// What records of a node bear as its instance; NULL: none runs here. [control]
const struct lat_instance *
lat_control_instance(const struct lat_node *node);

/// What an output gave since somebody looked before.
struct lat_heard {
    uint64_t n_levels; ///< where he looks from, and then to
    float peak, mean_square;
};

/// Who knows what outputs give of nodes that play in processes of their own.
/// [control]
struct lat_outside {
    void *data;
    /// The last sample; 0 while it does not play.
    float (*last)(void *data, const struct lat_node *node, uint32_t output);
    /// @return false when nothing came since.
    bool (*level)(void *data, const struct lat_node *node, uint32_t output,
                  struct lat_heard *heard);
    /// The last @p n samples, up to 256.
    /// @return false while there are not so many.
    bool (*scope)(void *data, const struct lat_node *node, uint32_t output,
                  float *samples, uint32_t n);
};

/// Who knows it; NULL: nobody.  [control]
void
lat_control_set_outside(struct lat_control *c,
                        const struct lat_outside *outside);
const struct lat_outside *
lat_control_outside(const struct lat_control *c);

/// What an output gives now.
struct lat_question;

/// Ask for the last sample of an output.  The answer comes a period later; at
/// once where the node plays in a process of its own; at once, and 0, where no
/// audio runs.
/// @param[out] out  owned by the caller, who frees it before the control.
/// @return LAT_OK, LAT_ENOTFOUND or LAT_ENOMEM.  [control]
enum lat_status
lat_control_ask(struct lat_control *c, const char *node, const char *output,
                struct lat_question **out, struct lat_error *error);

enum lat_answer {
    LAT_ANSWER_WAITS,
    LAT_ANSWER_HERE,
    LAT_ANSWER_NEVER, ///< the node is gone
    LAT_ANSWER_NO_MEMORY,
};

/// @param[out] value  when it is here.  [control]
enum lat_answer
lat_control_answer(struct lat_control *c, struct lat_question *q, float *value);

/// NULL does nothing.  [control]
void
lat_question_free(struct lat_control *c, struct lat_question *q);

#endif // LAT_CONTROL_WATCH_H
