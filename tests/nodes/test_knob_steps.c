// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nothing is heard of a knob that steps: every input of every type that ramps,
// and those that find a way of their own, step between a quarter and three
// quarters of their fader, while a sine goes through the node.  The click
// figure is that of the jack tests: the largest second difference over the
// largest of the 64 samples to either side, the nearest two left out.

#include "node/curve.h"
#include "support/effects.h"
#include "support/pace.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef LAT_SOUND_FILES
# include "nodes/disk/service.h"
#endif

/// Frames before the first step, for what rings to settle, and after each.
#define SETTLED 24000U
#define AFTER   9600U

/// Of echoes, in seconds.
#define ECHO 0.05

#define REACH 64U

/// Bends below this are nothing: the amplitude of 16-bit noise.
#define QUIET 3e-5

#define MOST 3.0

/// Inputs that are tried whether they ramp or not.
static const char *const others[][2] = {
    {"delay", "time"},         {"pingpong", "time"},   {"chorus", "rate"},
    {"flanger", "rate"},       {"phaser", "rate"},     {"compressor", "attack"},
    {"compressor", "release"}, {"gate", "attack"},     {"gate", "release"},
    {"gate", "hold"},          {"limiter", "release"},
};

static bool
is_tried(const struct lat_node_type *type, const struct lat_port *port)
{
    for (size_t i = 0; i < LAT_COUNT(others); ++i) {
        if (strcmp(others[i][0], type->name) == 0 &&
            strcmp(others[i][1], port->name) == 0) {
            return true;
        }
    }
    return port->smooth;
}

static bool
is_audio(const struct lat_port *port)
{
    return port->kind == LAT_PORT_SIGNAL && port->smooth;
}

static double
bend(const float *x, uint32_t f)
{
    return fabs((double)x[f + 1] - 2 * (double)x[f] + (double)x[f - 1]);
}

/// The worst figure of frames [begin, end).
static double
click(const float *x, uint32_t begin, uint32_t end)
{
    double worst = 0;
    for (uint32_t f = begin; f < end; ++f) {
        const double here = bend(x, f);
        if (here < MOST * QUIET || here < worst * QUIET) {
            continue;
        }
        double around = QUIET;
        for (uint32_t k = 3; k <= REACH; ++k) {
            around = fmax(around, fmax(bend(x, f - k), bend(x, f + k)));
        }
        worst = fmax(worst, here / around);
    }
    return worst;
}

static char path[] = "/tmp/lattice-tone.XXXXXX";

/// A tone of some seconds as a file, for types that play one.
static void
write_tone(double hz)
{
    enum { N = 94 * 2048 }; // whole cycles of a wavetable too
    const uint32_t head[] = {
        0x46464952, 36 + 4 * N, 0x45564157, // "RIFF", "WAVE"
        0x20746d66, 16,         0x00010003, // "fmt ", floats, one channel
        48000,      48000 * 4,  0x00200004, // 4 bytes, 32 bits
        0x61746164, 4 * N,                  // "data"
    };
    FILE *const file = fopen(path, "wb");
    cr_assert_not_null(file);
    fwrite(head, 1, sizeof(head), file);
    for (int f = 0; f < N; ++f) {
        const float x = (float)(0.5 * sin(2 * M_PI * hz * f / EFFECTS_RATE));
        fwrite(&x, sizeof(x), 1, file);
    }
    fclose(file);
}

static void
setup(void)
{
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
#ifdef LAT_SOUND_FILES
    lat_disk_be_offline(); // no disk is late
#endif
}

static void
teardown(void)
{
    unlink(path);
}

TestSuite(knob_steps, .init = setup, .fini = teardown, .timeout = 300);

static void
feed_files(struct rig *r, const struct lat_node_type *type)
{
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        const struct lat_setting *const setting = &type->settings[i];
        if (setting->kind == LAT_SETTING_FILE && setting->is_sound) {
            rig_say(r, "set fx %s %s", setting->name, path);
        }
    }
}

/// How much of an effect is heard.
static bool
is_amount(const struct lat_port *port)
{
    return strcmp(port->name, "mix") == 0 || strcmp(port->name, "depth") == 0;
}

static bool
has_amount(const struct lat_node_type *type)
{
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        if (is_amount(&type->inputs[i])) {
            return true;
        }
    }
    return false;
}

/// The node with a tone in all that it hears, but for input @p stepped, its
/// output @p out in the only channel.
/// @param is_whole  nothing of what it was fed is heard beside what it makes.
static struct rig
fed(const struct lat_node_type *type, const struct lat_port *stepped,
    const char *out, double hz, double value, bool is_whole)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    const bool is_end = type->flags & LAT_TYPE_DEVICE_OUT;
    rig_say(&r, "new sine tone freq %.9g", hz);
    rig_say(&r, "new %s fx%s", type->name,
            is_end ? " channels 1 limit off" : "");
    feed_files(&r, type);
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        const struct lat_port *const port = &type->inputs[i];
        const char *const end = port->repeat ? "_1" : "";
        if (port == stepped) {
            rig_say(&r, "set fx %s%s %.9g", port->name, end, value);
        } else if (is_audio(port) && strcmp(port->name, "cv") != 0) {
            rig_say(&r, "connect tone fx/%s%s 0.5", port->name, end);
        } else if (lat_port_kind_is_event(port->kind)) {
            rig_say(&r, "set fx %s%s 1", port->name, end);
        } else if (is_whole && is_amount(port)) {
            rig_say(&r, "set fx %s 1", port->name);
        } else if (strcmp(port->name, "time") == 0) {
            rig_say(&r, "set fx time %g", ECHO); // many are over when it steps
        }
    }
    if (!is_end) {
        rig_say(&r, "new audio_out main channels 1 limit off");
        rig_say(&r, "connect fx/%s main", out);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    rig_run(&r, SETTLED, 64);
    return r;
}

static double
loudest(const struct rig *r)
{
    double peak = 0;
    for (uint32_t f = SETTLED / 2; f < r->n_frames; ++f) {
        peak = fmax(peak, fabs((double)r->recorded[f]));
    }
    return peak;
}

static void
step(const struct lat_node_type *type, const struct lat_port *port,
     const char *out, double hz, bool is_whole)
{
    const double values[] = {lat_curve_to_value(port, 0.25),
                             lat_curve_to_value(port, 0.75)};
    struct rig r = fed(type, port, out, hz, values[0], is_whole);
    const double low = click(r.recorded, SETTLED / 2, SETTLED - 2 * REACH);
    double worst[2];
    for (int i = 0; i < 2; ++i) {
        const uint32_t begin = r.n_frames;
        rig_say(&r, "set fx %s%s %.9g", port->name, port->repeat ? "_1" : "",
                values[!i]);
        rig_run(&r, AFTER, 64);
        worst[i] = click(r.recorded, begin - REACH, r.n_frames - 2 * REACH);
    }
    cr_expect_gt(loudest(&r), 1e-3, "%s/%s: nothing is heard", type->name,
                 port->name);
    rig_free(&r);
    r = fed(type, port, out, hz, values[1], is_whole);
    const double high = click(r.recorded, SETTLED / 2, SETTLED - 2 * REACH);
    rig_free(&r);
    const double by_itself = fmax(low, high);
    for (int i = 0; i < 2; ++i) {
        cr_expect_lt(worst[i], fmax(MOST, 1.01 * by_itself),
                     "%s/%s from %g to %g at %g Hz: %s clicks by %.2f, "
                     "by itself by %.2f",
                     type->name, port->name, values[i], values[!i], hz, out,
                     worst[i], by_itself);
    }
}

/// The first output that sounds: the others are made in the same way.
static const char *
heard_of(const struct lat_node_type *type)
{
    for (uint32_t k = 0; k < type->n_outputs; ++k) {
        if (!type->outputs[k].is_message) {
            return type->outputs[k].name;
        }
    }
    return type->flags & LAT_TYPE_DEVICE_OUT ? "in_1" : NULL;
}

static void
step_inputs(const struct lat_node_type *type, double hz)
{
    const char *const out = heard_of(type);
    for (uint32_t i = 0; out && i < type->n_inputs; ++i) {
        if (is_tried(type, &type->inputs[i])) {
            step(type, &type->inputs[i], out, hz, false);
            if (has_amount(type)) {
                step(type, &type->inputs[i], out, hz, true);
            }
        }
    }
}

Test(knob_steps, are_not_heard_in_any_type)
{
    const double tones[] = {80, 220, 1500};
    for (size_t i = 0; i < LAT_COUNT(tones); i += TEST_STRIDE) {
        write_tone(tones[i]);
        for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
            step_inputs(*t, tones[i]);
        }
    }
}
