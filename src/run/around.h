// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The way around a node that is bypassed, in one span.
#ifndef LAT_RUN_AROUND_H
#define LAT_RUN_AROUND_H

#include "units/bypass.h"

/// Fade the outputs that @p io has to what goes around the node.
/// @param constant  bit k: only row 0 of output k was written.
/// @return the same for what was written now.  [audio, worker]
LAT_RT uint64_t
lat_around_mix(const struct lat_context *c, struct lat_bypass *b,
               const struct lat_io *io, uint32_t n_out, uint64_t constant);

/// Fade signal input @p in, of step @p step, to silence.
/// @param out  a span, which may be @p in.
/// @return the step of @p out.  [audio, worker]
LAT_RT uint32_t
lat_around_silence(const struct lat_context *c, const struct lat_bypass *b,
                   const float *in, uint32_t step, float *out);

#endif // LAT_RUN_AROUND_H
