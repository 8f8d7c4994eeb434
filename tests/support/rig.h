// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A synth on the bench: a control without a driver, and a hand on the crank.
#ifndef LAT_RIG_H
#define LAT_RIG_H

#include "control/control.h"

#define RIG_MAX_FRAMES 480000

struct rig {
    struct lat_control *c;
    struct lat_error error;
    uint32_t n_frames; ///< recorded so far
    float *recorded;   ///< of slot 0
};

/// A fresh synth.
struct rig
rig_with(const struct lat_control_options *options);

/// One at 48 kHz, with as many workers as RIG_WORKERS says (1).
struct rig
rig_new(uint32_t block);

/// One at 48 kHz with one worker, on the instruction set @p isa or, where that
/// is NULL, on the best.
struct rig
rig_on(uint32_t block, const char *isa, bool without_lanes);

/// One in which nodes may have processes; nobody starts any.
struct rig
rig_new_with_processes(void);
void
rig_free(struct rig *r);

/// Commands as text, one per line; any failure fails the test:
///     new TYPE NAME [PARAM VALUE]…      set NODE PARAM VALUE [SECONDS]
///     connect SRC DST [AMOUNT]          feedback SRC DST [AMOUNT]
///     disconnect SRC DST                free NODE
void
rig_do(struct rig *r, const char *commands);

/// The same, as one transaction for a frame.
void
rig_do_at(struct rig *r, const char *commands, uint64_t frame);

/// The same for one line, returning what it returns.
enum lat_status
rig_try(struct rig *r, const char *command);

/// Set a text that may have blanks; a failure fails the test, or is returned.
void
rig_set_text(struct rig *r, const char *node, const char *param,
             const char *text);
enum lat_status
rig_try_text(struct rig *r, const char *node, const char *param,
             const char *text);

/// Process @p n frames in periods of @p period, recording slot 0.
void
rig_run(struct rig *r, uint32_t n, uint32_t period);

/// Fail the test unless @p value was recorded over frames [from, to).
void
rig_expect_sound(const struct rig *r, uint32_t from, uint32_t to, double value);

/// Bits of two recordings from frame 0 that differ first, or the shorter one's
/// length.
uint32_t
rig_first_difference(const struct rig *a, const struct rig *b);

/// Name @p i of the instruction sets of this machine that fuse products with
/// sums, or do not, and so give the same bits; NULL after the last.
const char *
rig_isa(bool fuses, size_t i);

#endif // LAT_RIG_H
