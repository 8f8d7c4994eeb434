// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Ports that several families of node types have, so that the same thing has
/// the same limits, fader range and unit everywhere.
///
/// Each macro initialises one struct lat_port.
#ifndef LAT_PORTS_H
#define LAT_PORTS_H

#include "node/type.h"

/// Largest sample that may be written by hand.
#define LAT_SIGNAL_MAX 1e6F

/// +10 dB: the top of a console fader.
#define LAT_CONSOLE_MAX 3.16227766F

/// An audio input, or a level that comes as a signal.
#define LAT_PORT_AUDIO(name_, initial_, doc_)                                  \
 LAT_PORT_AUDIO_N(name_, initial_, NULL, doc_)

/// The same, as many as the setting @p repeat_ says.
#define LAT_PORT_AUDIO_N(name_, initial_, repeat_, doc_)                       \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = LAT_PORT_SIGNAL,         \
  .curve = LAT_CURVE_LIN, .min = -LAT_SIGNAL_MAX, .max = LAT_SIGNAL_MAX,       \
  .low = -1.0F, .high = 1.0F, .initial = (initial_), .smooth = true,           \
  .repeat = (repeat_)                                                          \
 }

/// A signal of any kind, pitch and events included: it never ramps.
#define LAT_PORT_ANY(name_, initial_, doc_)                                    \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = LAT_PORT_SIGNAL,         \
  .curve = LAT_CURVE_LIN, .min = -LAT_SIGNAL_MAX, .max = LAT_SIGNAL_MAX,       \
  .low = -1.0F, .high = 1.0F, .initial = (initial_)                            \
 }

/// An output; its range is what is usual, not a limit.
#define LAT_PORT_OUT(name_, unit_, low_, high_, doc_)                          \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = (unit_), .curve = LAT_CURVE_LIN,     \
  .min = (low_), .max = (high_), .low = (low_), .high = (high_)                \
 }

/// An output that measures: it is 0 while the node is bypassed.
#define LAT_PORT_MEASURE(name_, unit_, low_, high_, doc_)                      \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = (unit_), .curve = LAT_CURVE_LIN,     \
  .min = (low_), .max = (high_), .low = (low_), .high = (high_),               \
  .is_message = true                                                           \
 }

/// An output that says when something happens: 0 while the node is bypassed.
#define LAT_PORT_WHEN(name_, doc_) LAT_PORT_MEASURE(name_, "", 0.0F, 1.0F, doc_)

/// A knob whose fader range is its range of limits.
#define LAT_PORT_KNOB_LIN(name_, unit_, min_, max_, initial_, smooth_, doc_)   \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = (unit_), .kind = LAT_PORT_KNOB,      \
  .curve = LAT_CURVE_LIN, .min = (min_), .max = (max_), .low = (min_),         \
  .high = (max_), .initial = (initial_), .smooth = (smooth_)                   \
 }

/// How fast a sound plays; below 0 backwards.
#define LAT_PORT_SPEED(smooth_, doc_)                                          \
 {                                                                             \
  .name = "speed", .doc = (doc_), .unit = "", .kind = LAT_PORT_KNOB,           \
  .curve = LAT_CURVE_LIN, .min = -100.0F, .max = 100.0F, .low = -4.0F,         \
  .high = 4.0F, .initial = 1.0F, .smooth = (smooth_)                           \
 }

/// A linear gain with a console fader.
#define LAT_PORT_LEVEL(name_, max_, repeat_, doc_)                             \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = LAT_PORT_KNOB,           \
  .curve = LAT_CURVE_CONSOLE, .min = -(max_), .max = (max_), .low = 0.0F,      \
  .high = LAT_CONSOLE_MAX, .initial = 1.0F, .smooth = true,                    \
  .repeat = (repeat_)                                                          \
 }

#define LAT_PORT_FREQ(initial_, low_, high_, doc_)                             \
 {                                                                             \
  .name = "freq", .doc = (doc_), .unit = "Hz", .kind = LAT_PORT_KNOB,          \
  .curve = LAT_CURVE_EXP, .min = -192000.0F, .max = 192000.0F, .low = (low_),  \
  .high = (high_), .initial = (initial_)                                       \
 }

#define LAT_PORT_PITCH(doc_)                                                   \
 {                                                                             \
  .name = "pitch", .doc = (doc_), .unit = "semitones", .kind = LAT_PORT_KNOB,  \
  .curve = LAT_CURVE_LIN, .min = -120.0F, .max = 120.0F, .low = -24.0F,        \
  .high = 24.0F                                                                \
 }

#define LAT_PORT_PHASE                                                         \
 {                                                                             \
  .name = "phase", .doc = "Added to the phase, for phase modulation.",         \
  .unit = "cycles", .kind = LAT_PORT_KNOB, .curve = LAT_CURVE_LIN,             \
  .min = -1000.0F, .max = 1000.0F, .high = 1.0F                                \
 }

#define LAT_PORT_SYNC                                                          \
 LAT_PORT_EVENT("sync", LAT_PORT_TRIGGER,                                      \
                "Each rise above 0 starts the cycle anew, where the line "     \
                "between two samples crosses 0; a step up from 0, at its "     \
                "frame.")

/// Below 5 Hz a filter stands still, and what it held goes on as DC.
#define LAT_PORT_CUTOFF(doc_)                                                  \
 {                                                                             \
  .name = "cutoff", .doc = (doc_), .unit = "Hz", .kind = LAT_PORT_KNOB,        \
  .curve = LAT_CURVE_EXP, .max = 192000.0F, .low = 20.0F, .high = 20000.0F,    \
  .initial = 1000.0F, .floor = 5.0F, .smooth = true                            \
 }

/// A time in seconds that starts at 0 and has an exponential fader.
#define LAT_PORT_TIME(name_, max_, low_, high_, initial_, smooth_, doc_)       \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "s", .kind = LAT_PORT_KNOB,          \
  .curve = LAT_CURVE_EXP, .max = (max_), .low = (low_), .high = (high_),       \
  .initial = (initial_), .smooth = (smooth_)                                   \
 }

/// An event input: LAT_PORT_GATE or LAT_PORT_TRIGGER.
#define LAT_PORT_EVENT(name_, kind_, doc_)                                     \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = (kind_),                 \
  .curve = LAT_CURVE_LIN, .max = 1000.0F, .high = 1.0F                         \
 }

/// The ports, given as an array, and how many they are.
#define LAT_INPUTS(array)   .inputs = (array), .n_inputs = LAT_COUNT(array)
#define LAT_OUTPUTS(array)  .outputs = (array), .n_outputs = LAT_COUNT(array)
#define LAT_SETTINGS(array) .settings = (array), .n_settings = LAT_COUNT(array)

#endif // LAT_PORTS_H
