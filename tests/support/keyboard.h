// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A midi_notes with any number of voices, played without an engine.
#ifndef LAT_SUPPORT_KEYBOARD_H
#define LAT_SUPPORT_KEYBOARD_H

#include "node/type.h"

/// Its outputs, of each voice.
enum keyboard_output {
    KEYS_PITCH,
    KEYS_GATE,
    KEYS_VELOCITY,
    KEYS_TRIGGER,
    KEYS_PRESSURE,
    KEYS_RELEASE,
    KEYS_TIMBRE,
    N_KEYS_OUT,
};

enum { KEYBOARD_FRAMES = 8192, KEYBOARD_SETTINGS = 24 };

/// What comes at a frame: MIDI, or of a command, or another number of voices.
struct keyboard_event {
    uint32_t frame;
    uint8_t size; ///< of MIDI; 0: of a command, or n_voices
    uint8_t data[3];
    float key, velocity; ///< from middle C
    uint32_t n_voices;   ///< from here on; 0: it is a note
};

#define KEYS_ON(at, channel, key, velocity)                                    \
 {                                                                             \
  .frame = (at), .size = 3, .data = {                                          \
      0x90 | ((channel)-1),                                                    \
      (key),                                                                   \
      (velocity)                                                               \
  }                                                                            \
 }
#define KEYS_OFF(at, channel, key)                                             \
 {                                                                             \
  .frame = (at), .size = 3, .data = { 0x80 | ((channel)-1), (key), 64 }        \
 }
#define KEYS_CC(at, channel, control, value)                                   \
 {                                                                             \
  .frame = (at), .size = 3, .data = {                                          \
      0xb0 | ((channel)-1),                                                    \
      (control),                                                               \
      (value)                                                                  \
  }                                                                            \
 }
/// @p coarse -64 to 63.
#define KEYS_BEND(at, channel, coarse)                                         \
 {                                                                             \
  .frame = (at), .size = 3, .data = { 0xe0 | ((channel)-1), 0, 64 + (coarse) } \
 }
#define KEYS_PRESS(at, channel, value)                                         \
 {                                                                             \
  .frame = (at), .size = 2, .data = { 0xd0 | ((channel)-1), (value) }          \
 }
#define KEYS_BYTE(at, byte)                                                    \
 {                                                                             \
  .frame = (at), .size = 1, .data = {(byte) }                                  \
 }
#define KEYS_NOTE(at, key_, velocity_)                                         \
 {                                                                             \
  .frame = (at), .key = (key_)-60.0F, .velocity = (velocity_)                  \
 }
#define KEYS_VOICES(at, n)                                                     \
 {                                                                             \
  .frame = (at), .n_voices = (n)                                               \
 }

struct keyboard {
    const struct lat_node_type *type;
    struct lat_setting_value settings[KEYBOARD_SETTINGS];
    const void *prepared[KEYBOARD_SETTINGS];
    struct lat_config config;
    void *state;
    uint64_t frame;
    uint64_t returned; ///< by the last span
    /// As they were written; 0 where there was no such voice.
    float (*out)[KEYBOARD_FRAMES];
};

/// One of @p n_voices at 8 kHz, to be freed.
struct keyboard
keyboard_new(uint32_t n_voices);

void
keyboard_free(struct keyboard *k);

void
keyboard_set(struct keyboard *k, const char *setting, double number);

void
keyboard_set_word(struct keyboard *k, const char *setting, const char *word);

/// Play up to @p until, in spans of 1 to @p longest frames by @p cut (0: all of
/// @p longest), and more where a command comes.
/// @param events  in the order of their frames; the voices of a frame stand
///                before its notes, and those before its MIDI.
void
keyboard_play(struct keyboard *k, const struct keyboard_event *events,
              uint32_t n, uint32_t until, uint32_t longest, unsigned cut);

/// Sample @p f of an output of voice @p voice, from 0.
static inline float
keyboard_at(const struct keyboard *k, uint32_t voice,
            enum keyboard_output output, uint32_t f)
{
    return k->out[voice * N_KEYS_OUT + output][f];
}

#endif // LAT_SUPPORT_KEYBOARD_H
