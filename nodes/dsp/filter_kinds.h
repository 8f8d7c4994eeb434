// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the filters are told by constants, alone, in lanes and in chains.
#ifndef LAT_DSP_FILTER_KINDS_H
#define LAT_DSP_FILTER_KINDS_H

enum response {
    RESPONSE_LOW,
    RESPONSE_HIGH,
    RESPONSE_BAND,
    RESPONSE_NOTCH,
};

/// Below these, filters carry over what rounding takes: cutoffs, in halves of
/// the rate, and the part of its way that a state goes in a frame.
#define LOW_CUTOFF 0.025F
#define LOW_PART   0.1F

/// Which lanes do so; CARRIES_SOME is right for all.
enum carries { CARRIES_NONE, CARRIES_SOME, CARRIES_ALL };

#endif // LAT_DSP_FILTER_KINDS_H
