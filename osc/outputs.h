// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Questions for what outputs give: the sound answers them a period later.
///
/// All functions are [control].
#ifndef LAT_OSC_OUTPUTS_H
#define LAT_OSC_OUTPUTS_H

#include "verbs.h"

#include "control/watch.h"
#include "graph/voice.h"

/// The outputs of one node that one message asks for.
struct lat_osc_outputs;

/// Answer with the values, one for each that was asked for, in that order.
typedef void (*lat_osc_tell_fn)(const struct lat_osc_call *call,
                                const char *node, const float *values);

/// Ask for @p n outputs of a node or voice, from number @p first on, and answer
/// to the caller by @p tell when all are there: now or, behind what waits
/// already, later.
/// @return LAT_OK, or what lat_control_ask() returns, or LAT_EFULL.
enum lat_status
lat_osc_ask_outputs(struct lat_osc_call *call, const struct lat_voice *v,
                    uint32_t first, uint32_t n, lat_osc_tell_fn tell);

/// Begin to ask; lat_osc_ask_outputs() waits for the answers too.
/// @param[out] out  to be freed with lat_osc_outputs_free().
enum lat_status
lat_osc_outputs_new(struct lat_osc_call *call, const struct lat_voice *v,
                    uint32_t first, uint32_t n, lat_osc_tell_fn tell,
                    struct lat_osc_outputs **out);

/// Ask for the values that are not there.  @return whether none is missing.
bool
lat_osc_outputs_are_here(struct lat_control *c, struct lat_osc_outputs *o);

/// Answer.  @p call has all but path and words.
void
lat_osc_outputs_tell(const struct lat_osc_outputs *o,
                     struct lat_osc_call *call);

/// NULL does nothing.
void
lat_osc_outputs_free(struct lat_control *c, struct lat_osc_outputs *o);

#endif // LAT_OSC_OUTPUTS_H
