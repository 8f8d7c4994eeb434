// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The page of memory that a node's process shares with who started it.
///
/// The process says how it is: which OSC port it listens on, whether it is
/// ready, how many periods it has run, what its outputs last gave.  The starter
/// says from which frame on it plays.  Sound, values and time do not go through
/// here.
#ifndef LAT_BASE_PROCESS_PAGE_H
#define LAT_BASE_PROCESS_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

/// Changes with the layout below.
#define LAT_PROCESS_PAGE_MAGIC 0x4c4e5033U

/// `start_frame` of a process that is to wait.
#define LAT_PROCESS_WAIT UINT64_MAX

/// Outputs and slots whose last samples are kept; of those beyond none is.
#define LAT_PROCESS_OUTPUTS 130
#define LAT_PROCESS_SLOTS   400

/// The first outputs, whose levels and samples are kept, of the last periods
/// and frames.  Powers of two, so that counts that go round stay right.
#define LAT_PROCESS_HEARD   16
#define LAT_PROCESS_LEVELS  1024U
#define LAT_PROCESS_SAMPLES 1024U

/// How loud an output was in a period.
struct lat_process_level {
    float peak;
    float squares; ///< sum of them
    uint32_t n;    ///< frames
};

/// What an output has given.  Who reads is never waited for: of what lies more
/// than half of either ring back he is not sure.
struct lat_process_heard {
    _Atomic uint64_t n_levels, n_samples; ///< so far; written last
    struct lat_process_level levels[LAT_PROCESS_LEVELS];
    float samples[LAT_PROCESS_SAMPLES];
};

enum lat_process_state {
    LAT_PROCESS_BORN,   ///< sets itself up
    LAT_PROCESS_READY,  ///< its ports are there and the server calls it
    LAT_PROCESS_OPEN,   ///< plays every frame from `start_frame` on
    LAT_PROCESS_FAILED, ///< `error` says why; it is about to end
    LAT_PROCESS_LOST,   ///< it lost the JACK server, and is about to end
};

struct lat_process_page {
    uint32_t magic;
    // The process writes:
    _Atomic uint32_t state; ///< enum lat_process_state; written last
    _Atomic uint32_t osc_port;
    _Atomic uint64_t n_cycles;    ///< periods that its audio thread has ended
    _Atomic uint64_t began_ns;    ///< when the present period began, 0 between
    _Atomic uint64_t n_played;    ///< those in which it ran the node
    _Atomic uint64_t first_frame; ///< that it played
    _Atomic uint64_t n_beats;     ///< turns of its control thread
    _Atomic uint64_t n_missed;    ///< times that the clock went on without it
    _Atomic uint64_t n_faults;    ///< NaN or infinity from the node
    /// By output of the node: one more than the slot that it goes to, or 0.
    _Atomic uint32_t slot_of[LAT_PROCESS_OUTPUTS];
    _Atomic float last[LAT_PROCESS_SLOTS]; ///< by slot: its last sample
    struct lat_process_heard heard[LAT_PROCESS_HEARD]; ///< by output
    char error[512];
    // The starter writes:
    _Atomic uint64_t start_frame; ///< first frame to play
};

#endif // LAT_BASE_PROCESS_PAGE_H
