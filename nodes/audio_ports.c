// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// audio_in and audio_out: the doors to the sound device.
//
// The limiter of audio_out has no latency: the gain falls at once to what the
// present peak of all channels allows.  It is held there for as long as that
// peak is the highest of about the last 30 ms, which hold a crest of any wave
// from 20 Hz on: so the gain stands still, and the wave keeps its shape, while
// the wave keeps its height.  Then it recovers, by the decibel while far from 1
// and the faster the deeper it was, and at last with a time constant of 80 ms.
// While nothing exceeds the limit the gain is exactly 1, and the sound passes
// unchanged to the bit.

#include "numbers.h"
#include "ports.h"
#include "types.h"

#include <math.h>

static const char *const signals[] = {"audio", "cv", NULL};
static const char *const off[] = {"off", NULL};

#define SETTING_CHANNELS_                                                      \
 {                                                                             \
  .name = "channels", .doc = "How many channels; two are a pair.", .unit = "", \
  .kind = LAT_SETTING_INTEGER, .min = 1, .max = 64, .initial = 2               \
 }

#define SETTING_SIGNAL_                                                        \
 {                                                                             \
  .name = "signal",                                                            \
  .doc = "What the device's ports carry: audio, or control voltages.",         \
  .unit = "", .kind = LAT_SETTING_WORD, .initial_text = "audio",               \
  .words = signals                                                             \
 }

// --- audio_in ----------------------------------------------------------------

static const struct lat_setting in_settings[] = {
    SETTING_CHANNELS_,
    SETTING_SIGNAL_,
};

static const struct lat_port in_outputs[] = {
    {
        .name = "out",
        .doc = "What comes in at this channel.",
        .unit = "",
        .curve = LAT_CURVE_LIN,
        .min = -1.0F,
        .max = 1.0F,
        .low = -1.0F,
        .high = 1.0F,
        .repeat = "channels",
    },
};

LAT_RT static uint64_t
in_process(const struct lat_context *context, const struct lat_io *io)
{
    uint64_t constant = 0;
    for (uint32_t k = 0; k < io->n_out; k++) {
        if (k < io->n_in && io->step[k]) {
            memcpy(io->out[k], io->in[k], context->n_frames * sizeof(float));
            continue;
        }
        const float value = k < io->n_in ? io->in[k][0] : 0.0F;
        const uint64_t bit = lat_output_bit(k);
        for (uint32_t f = 0; f < (bit ? 1 : context->n_frames); f++) {
            io->out[k][f] = value;
        }
        constant |= bit;
    }
    return constant;
}

const struct lat_node_type lat_type_audio_in = {
    .name = "audio_in",
    .doc = "Sound from outside: one output for each channel.",
    LAT_OUTPUTS(in_outputs),
    LAT_SETTINGS(in_settings),
    .flags = LAT_TYPE_DEVICE_IN | LAT_TYPE_ENGINE,
    .cost_ns = 0.05F,
    .process = in_process,
};

// --- audio_out ---------------------------------------------------------------

enum { SETTING_LIMIT = 2 };

static const struct lat_port out_inputs[] = {
    LAT_PORT_AUDIO_N("in", 0.0F, "channels", "What goes out at this channel."),
    LAT_PORT_LEVEL("level", 1000.0F, NULL, "Gain of all channels, linear."),
};

static const struct lat_setting out_settings[] = {
    SETTING_CHANNELS_,
    SETTING_SIGNAL_,
    [SETTING_LIMIT] =
        {
            .name = "limit",
            .doc = "Peaks are held at this level, all channels together; off: "
                   "they are not.",
            .unit = "dB",
            .kind = LAT_SETTING_NUMBER,
            .min = -60,
            .max = 24,
            .words = off,
            .keeps_state = true,
        },
};

#define RELEASE_SECONDS 0.08
/// From this excess on (12 dB) the release is that many times as fast.
#define RELEASE_DEEP   3.0
#define RELEASE_FASTER 4.0
/// The excess that is taken as none: -100 dB.
#define RELEASE_END 1e-5

/// The peaks are held for between HOLD_PARTS - 1 and HOLD_PARTS parts.
#define HOLD_PARTS        8U
#define HOLD_PART_SECONDS 0.004

/// Zero while nothing is limited.
struct limiter {
    double excess; // 1 / gain - 1
    // Peaks above the limit, of the parts before and of the present one.
    float parts[HOLD_PARTS - 1];
    float before;    // the highest of `parts`
    float now;       // of the present part
    uint32_t n_left; // frames of the present part, once begun
    uint32_t oldest; // index into `parts`
};

/// What does not change within a span.
struct limiting {
    float limit;
    double keep, keep_deep; // factor of the excess at each frame
    uint32_t n_part;        // frames
};

static size_t
out_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct limiter);
}

static inline float
peak_at(const struct lat_io *io, uint32_t channels, uint32_t f, float level)
{
    float peak = 0.0F;
    for (uint32_t k = 0; k < channels; k++) {
        const float x = fabsf(lat_io_at(io, k, f) * level);
        peak = x > peak ? x : peak;
    }
    return peak;
}

/// @p x within +-@p limit; a NaN stays one, and the engine deals with it.
static inline float
held(float x, float limit)
{
    x = x > limit ? limit : x;
    return x < -limit ? -limit : x;
}

/// All channels times the level, without a limiter.
/// @return whether none of it is above @p limit.
static bool
out_plainly(const struct lat_io *io, uint32_t n, float limit)
{
    const uint32_t channels = io->n_out;
    const float *level = io->in[channels];
    bool is_within = true;
    for (uint32_t k = 0; k < channels; k++) {
        const float *restrict x = io->in[k];
        float *restrict y = io->out[k];
        if (io->step[k] && !io->step[channels]) { // the usual case
            const float gain = level[0];
            uint32_t n_above = 0;
            for (uint32_t f = 0; f < n; f++) {
                y[f] = x[f] * gain;
                n_above += fabsf(y[f]) > limit;
            }
            is_within = is_within && !n_above;
            continue;
        }
        for (uint32_t f = 0; f < n; f++) {
            y[f] = lat_io_at(io, k, f) * lat_io_at(io, channels, f);
            is_within = is_within && !(fabsf(y[f]) > limit);
        }
    }
    return is_within;
}

/// Take the peak of a frame, if it is above the limit.
/// @return the highest that is held.
static inline float
hold(struct limiter *s, const struct limiting *k, float peak)
{
    if (!s->n_left) {
        s->parts[s->oldest] = s->now;
        s->oldest = (s->oldest + 1) % (HOLD_PARTS - 1);
        s->before = 0.0F;
        for (uint32_t i = 0; i < HOLD_PARTS - 1; i++) {
            s->before = s->parts[i] > s->before ? s->parts[i] : s->before;
        }
        s->now = 0.0F;
        s->n_left = k->n_part;
    }
    s->n_left--;
    s->now = peak > k->limit && peak > s->now ? peak : s->now;
    return s->now > s->before ? s->now : s->before;
}

/// The excess of a frame from that of the one before and the highest peak.
static inline double
release(double excess, const struct limiting *k, float highest)
{
    excess *= excess > RELEASE_DEEP ? k->keep_deep : k->keep;
    excess = excess > RELEASE_END ? excess : 0.0;
    // In double: the largest float can be held at the lowest limit.
    const double needed = (double)highest / (double)k->limit - 1.0;
    return needed > excess ? needed : excess;
}

/// All channels through the limiter.
static void
out_limited(struct limiter *s, const struct lat_io *io, uint32_t n,
            const struct limiting *k)
{
    const uint32_t channels = io->n_out;
    for (uint32_t f = 0; f < n; f++) {
        const float level = lat_io_at(io, channels, f);
        const float peak = peak_at(io, channels, f, level);
        if (!(s->excess > 0.0) && !(peak > k->limit)) {
            for (uint32_t c = 0; c < channels; c++) {
                io->out[c][f] = lat_io_at(io, c, f) * level;
            }
            continue;
        }
        if (!(s->excess > 0.0)) {
            *s = (struct limiter){0};
        }
        s->excess = release(s->excess, k, hold(s, k, peak));
        const double gain = 1.0 / (1.0 + s->excess);
        for (uint32_t c = 0; c < channels; c++) {
            const float x = lat_io_at(io, c, f) * level;
            io->out[c][f] = held((float)((double)x * gain), k->limit);
        }
    }
}

/// e^-1 within @p seconds.
static double
keep_of(double seconds, double rate)
{
    return lat_exp(-1.0 / (seconds * rate));
}

LAT_RT static uint64_t
out_process(const struct lat_context *context, const struct lat_io *io)
{
    struct limiter *s = io->state;
    const uint32_t n = context->n_frames;
    const struct lat_setting_value *value =
        &io->config->settings[SETTING_LIMIT];
    if (value->text) { // off
        *s = (struct limiter){0};
        out_plainly(io, n, INFINITY);
        return 0;
    }
    const float limit = (float)lat_from_db(value->number);
    if (s->excess > 0.0 || !out_plainly(io, n, limit)) {
        const double rate = context->rate;
        const struct limiting k = {
            .limit = limit,
            .keep = keep_of(RELEASE_SECONDS, rate),
            .keep_deep = keep_of(RELEASE_SECONDS / RELEASE_FASTER, rate),
            .n_part = (uint32_t)(HOLD_PART_SECONDS * rate + 0.5),
        };
        out_limited(s, io, n, &k);
    }
    return 0;
}

const struct lat_node_type lat_type_audio_out = {
    .name = "audio_out",
    .doc = "Sound to the outside, through a limiter that leaves alone what is "
           "below the limit.",
    LAT_INPUTS(out_inputs),
    LAT_SETTINGS(out_settings),
    .flags = LAT_TYPE_DEVICE_OUT | LAT_TYPE_ENGINE,
    .cost_ns = 0.3F,
    .state_bytes = out_bytes,
    .process = out_process,
};

// --- Plain ports -------------------------------------------------------------

static const struct lat_setting port_settings[] = {
    {
        .name = "port",
        .doc = "Name of the device's port.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "port",
    },
    SETTING_SIGNAL_,
};

static const struct lat_port port_outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "What comes in."),
};

const struct lat_node_type lat_type_port_in = {
    .name = "port_in",
    .doc = "A port of the device, as it is.",
    LAT_OUTPUTS(port_outputs),
    LAT_SETTINGS(port_settings),
    .flags = LAT_TYPE_DEVICE_IN | LAT_TYPE_ENGINE,
    .cost_ns = 0.05F,
    .process = in_process,
};

static const struct lat_port port_inputs[] = {
    LAT_PORT_ANY("in", 0.0F, "What goes out."),
};

LAT_RT static uint64_t
port_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t f = 0; f < context->n_frames; f++) {
        io->out[0][f] = lat_io_at(io, 0, f);
    }
    return 0;
}

const struct lat_node_type lat_type_port_out = {
    .name = "port_out",
    .doc = "A port of the device, as it is.",
    LAT_INPUTS(port_inputs),
    LAT_SETTINGS(port_settings),
    .flags = LAT_TYPE_DEVICE_OUT | LAT_TYPE_ENGINE,
    .cost_ns = 0.05F,
    .process = port_process,
};
