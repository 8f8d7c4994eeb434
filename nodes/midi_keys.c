// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "midi_keys.h"
#include "node/tuned.h"
#include "node/tuning.h"

#include <math.h>
#include <string.h>

#define MIDDLE_C        60.0F
#define PITCH_MAX       1e6 // semitones: beyond it no scale means anything
#define SENSING_SECONDS 0.3
#define HOLDER_NOTES    0U // commands; MIDI's channels are 1 to 16

// The ends of the ranges leave it open: /note may play what MIDI has not.
static bool
is_within(double x, double low, double lowest, double high, double highest)
{
    return (low <= lowest || x >= low) && (high >= highest || x <= high);
}

static bool
is_heard(const struct lat_config *config, float key, float velocity)
{
    return is_within((double)(MIDDLE_C + key),
                     lat_keys_number(config, LAT_KEYS_KEY_LOW), 0.0,
                     lat_keys_number(config, LAT_KEYS_KEY_HIGH), 127.0) &&
           is_within(round((double)velocity * 127.0),
                     lat_keys_number(config, LAT_KEYS_VELOCITY_LOW), 1.0,
                     lat_keys_number(config, LAT_KEYS_VELOCITY_HIGH), 127.0);
}

// Source: Christophe Schlick, "Fast Alternatives to Perlin's Bias and Gain
// Functions", Graphics Gems IV (1994).
static float
curved(float velocity, double middle)
{
    const double v = (double)velocity;
    return (float)(v / ((1.0 / middle - 2.0) * (1.0 - v) + 1.0));
}

/// A key that is not heard, or unmapped, is not struck.
// By the node's own tuning, where it has any of it, else by the session's.
static bool
pitch_of(const struct lat_config *config, double semitones, double *pitch)
{
    const struct lat_scale *scale = config->prepared[LAT_KEYS_TUNING];
    const struct lat_keymap *keymap = config->prepared[LAT_KEYS_KEYMAP];
    return scale || keymap
               ? lat_tuning_pitch(scale, keymap, (double)MIDDLE_C + semitones,
                                  pitch)
               : lat_tuned_pitch(config->tuned, semitones, pitch);
}

static void
key_down(struct lat_midi_keys *s, const struct lat_config *config,
         uint32_t holder, float key, float velocity)
{
    double pitch = 0.0;
    if (is_heard(config, key, velocity) &&
        pitch_of(config,
                 (double)key + lat_keys_number(config, LAT_KEYS_TRANSPOSE),
                 &pitch) &&
        fabs(pitch) <= PITCH_MAX) {
        lat_dealer_strike(
            &s->dealer, holder, key, (float)pitch,
            curved(velocity,
                   lat_keys_number(config, LAT_KEYS_VELOCITY_MIDDLE)));
    }
}

static void
follow(struct lat_midi_keys *s)
{
    lat_express_follow(&s->express, &s->dealer);
    s->dealer.changes = 0;
}

static void
control_event(struct lat_midi_keys *s, uint32_t channel, uint8_t control,
              uint8_t value)
{
    const uint32_t channels = lat_express_channels(&s->express, channel);
    if (control == LAT_CONTROL_SUSTAIN) {
        lat_dealer_sustain(&s->dealer, channels, value >= 64);
    } else if (control == LAT_CONTROL_SOSTENUTO) {
        lat_dealer_sostenuto(&s->dealer, channels, value >= 64);
    } else if (control == LAT_CONTROL_ALL_SOUND_OFF ||
               (control >= LAT_CONTROL_ALL_NOTES_OFF &&
                control <= LAT_CONTROL_POLY)) {
        lat_dealer_release(&s->dealer, channels);
    } else if (control == LAT_CONTROL_RESET) {
        lat_dealer_sostenuto(&s->dealer, channels, false);
        lat_dealer_sustain(&s->dealer, channels, false);
    }
    lat_dealer_release(
        &s->dealer,
        lat_express_control(&s->express, &s->dealer, channel, control, value));
}

static void
channel_event(struct lat_midi_keys *s, const struct lat_config *config,
              const struct lat_midi_event *event)
{
    const uint8_t one = event->data[1];
    const uint8_t two = event->data[2];
    const uint32_t channel = (event->data[0] & 0x0fU) + 1;
    const float key = (float)one - MIDDLE_C;
    switch (event->data[0] & 0xf0U) {
    case LAT_MIDI_NOTE_ON:
        if (two) {
            key_down(s, config, channel, key, (float)two / 127.0F);
        } else {
            lat_dealer_let_go(&s->dealer, channel, key, -1.0F);
        }
        break;
    case LAT_MIDI_NOTE_OFF:
        lat_dealer_let_go(&s->dealer, channel, key, (float)two / 127.0F);
        break;
    case LAT_MIDI_KEY_PRESSURE:
        lat_express_press(&s->express, &s->dealer, channel, key,
                          (float)two / 127.0F);
        break;
    case LAT_MIDI_CONTROL:
        control_event(s, channel, one, two);
        break;
    case LAT_MIDI_PRESSURE:
        lat_express_set(&s->express, &s->dealer, channel, LAT_EXPRESS_PRESSURE,
                        (float)one / 127.0F);
        break;
    case LAT_MIDI_BEND:
        lat_express_set(&s->express, &s->dealer, channel, LAT_EXPRESS_BEND,
                        (float)(one + 128 * two - 8192) / 8192.0F);
        break;
    default:
        break;
    }
}

LAT_RT void
lat_keys_hear(struct lat_midi_keys *s, const struct lat_config *config,
              const struct lat_midi_event *event)
{
    if (lat_midi_is_byte(event, LAT_MIDI_RESET)) {
        lat_dealer_release(&s->dealer, LAT_HOLDER_NOTES | LAT_HOLDER_MIDI);
        lat_express_begin(&s->express, s->express.mode);
    } else if (lat_midi_is_byte(event, LAT_MIDI_SOURCE_LOST)) {
        lat_dealer_release(&s->dealer, LAT_HOLDER_MIDI);
    } else {
        channel_event(s, config, event);
    }
    follow(s);
}

LAT_RT void
lat_keys_sense(struct lat_midi_keys *s, const struct lat_config *config,
               const struct lat_midi_event *event)
{
    s->is_sensed =
        (s->is_sensed || lat_midi_is_byte(event, LAT_MIDI_SENSING)) &&
        !lat_midi_is_byte(event, LAT_MIDI_SOURCE_LOST);
    s->patience = event->frame + (uint32_t)ceil(SENSING_SECONDS * config->rate);
}

static enum lat_express_mode
mode_of(const struct lat_config *config)
{
    uint32_t i = LAT_MPE_OFF;
    while (strcmp(config->settings[LAT_KEYS_MPE].text, lat_express_modes[i]) !=
           0) {
        i++;
    }
    return (enum lat_express_mode)i;
}

LAT_RT void
lat_keys_settle(struct lat_midi_keys *s, const struct lat_config *config)
{
    const uint32_t channel = lat_midi_channel(config) + 1;
    const uint32_t wanted = (uint32_t)lat_keys_number(config, LAT_KEYS_UNISON);
    const uint32_t unison =
        wanted < config->n_voices ? wanted : config->n_voices;
    const enum lat_express_mode mode = mode_of(config);
    if (s->channel != channel || s->express.mode != mode) {
        lat_dealer_release(&s->dealer, LAT_HOLDER_MIDI); // who else would?
    }
    if (!s->channel || s->express.mode != mode) {
        lat_express_begin(&s->express, mode);
    }
    if (s->wanted != wanted) {
        lat_dealer_release(&s->dealer, LAT_HOLDER_NOTES | LAT_HOLDER_MIDI);
    }
    s->channel = channel;
    s->wanted = wanted;
    s->unison = unison;
    const uint32_t before = s->dealer.n_voices;
    lat_dealer_resize(&s->dealer, config->n_voices / unison);
    if (s->dealer.n_voices != before) {
        lat_express_resize(&s->express, &s->dealer, before);
    }
    s->dealer.is_legato = *config->settings[LAT_KEYS_LEGATO].text == 'y';
    s->dealer.glide = (uint32_t)lround(lat_keys_number(config, LAT_KEYS_GLIDE) *
                                       config->rate);
}

LAT_RT void
lat_keys_play(struct lat_midi_keys *s, const struct lat_config *config,
              const struct lat_note_event *note)
{
    if (note->velocity > 0.0F) {
        key_down(s, config, HOLDER_NOTES, note->pitch, note->velocity);
    } else {
        lat_dealer_let_go(&s->dealer, HOLDER_NOTES, note->pitch, -1.0F);
    }
    follow(s);
}
