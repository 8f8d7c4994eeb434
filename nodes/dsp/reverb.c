// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A feedback delay network after Stautner and Puckette (Designing Multi-Channel
// Reverberators, 1982) and Jot (Digital Delay Networks for Designing Artificial
// Reverberators, 1991): 16 lines, mixed by a Hadamard matrix, which loses
// nothing.  What a line of D frames loses is said by its absorption filter
// alone: 60 dB * D / (decay * rate) at low frequencies, so that all modes decay
// alike, and (1 + A f^2 / (f^2 + c^2)) times that at frequency f, where c is 8
// kHz and A = d / (1 - 0.95 d) for a damping of d.
//
// Before the lines the sound is diffused: each side by two short all-passes;
// then 16 taps of both are mixed by a Hadamard matrix, delayed once more, each
// differently, and join what comes out of the lines, whose matrix mixes both.
// Each echo of the all-passes becomes 256 within 36 ms, and 16 times as many
// after each turn of the lines.
// The outputs are two sums of the same lines with other signs.
//
// The length of each line wanders by up to 0.9 ms, on a path of its own, so
// that no mode rings: whole frames are read from memory, the rest is an
// all-pass of first order (Thiran), which unlike an interpolator of finite
// length takes nothing of the treble at any turn.
//
// Everything that moves is looked at every 32 frames and goes in straight lines
// between.  Where the size changes, what is read from the lines is faded from
// the old lengths to the new ones over 32 such cells, and no sooner than that
// changes again.
//
// Memory is not cleared by a reset: what is older than it is read as 0.  A tail
// that has been under -180 dB for some turns of the lines is cut off, and then
// silence costs next to nothing.

#include "reverb_state.h"

#include "four.h"
#include "nodes/numbers.h"

#include <math.h>
#include <string.h>

/// Part of the way to another decay and damping that a cell goes.
#define APPROACH 0.125F

/// log2(1000): 60 dB.
#define DECAY_OCTAVES 9.965784284662087

/// What wandering adds to the tail, as measured, in octaves a second, is
/// WANDER_OCTAVES / (decay + WANDER_TURNS * scale), where scale is that of the
/// lines' lengths: it is lost besides.
#define WANDER_OCTAVES 0.3F
#define WANDER_TURNS   26.0F

/// By what part the diffuser lengthens a tail of a second, as measured; a
/// longer one less, with the square.  Lost besides, down to half a second.
#define BEGINNING 0.002F

#define DAMPING_HZ 8000.0

/// How far a line's length wanders either way.
#define WANDER_SECONDS 0.00045

/// The least length of a line in frames, so that a cell reads nothing of what
/// it writes.
#define SHORTEST (CELL + 40U)

// Seconds.  No two lines have lengths in a simple ratio.
static const float smear_seconds[SMEARS] = {
    0.00131F,
    0.00347F,
    0.00149F,
    0.00319F,
};
static const float tap_seconds[LINES] = {
    0.0F,     0.00029F, 0.00083F, 0.00133F, 0.00174F, 0.00237F,
    0.00280F, 0.00319F, 0.00391F, 0.00448F, 0.00483F, 0.00564F,
    0.00622F, 0.00692F, 0.00775F, 0.00815F,
};
static const float spread_seconds[LINES] = {
    0.0F,     0.00191F, 0.00338F, 0.00475F, 0.00655F, 0.00847F,
    0.00986F, 0.01192F, 0.01313F, 0.01520F, 0.01643F, 0.01885F,
    0.02032F, 0.02192F, 0.02370F, 0.02576F,
};
static const float line_seconds[LINES] = {
    0.03487F, 0.04028F, 0.04482F, 0.04907F, 0.05323F, 0.05812F,
    0.06206F, 0.06643F, 0.07041F, 0.07515F, 0.07874F, 0.08400F,
    0.08815F, 0.09249F, 0.09805F, 0.10272F,
};
/// Turns of a line's wandering in a second, slow enough to be no vibrato.
static const float wander_hz[LINES] = {
    1.02F, 1.31F, 0.68F, 1.68F, 0.80F, 1.18F, 1.81F, 0.60F,
    1.45F, 0.94F, 1.25F, 0.76F, 1.64F, 1.20F, 1.36F, 0.71F,
};

// --- Memory ------------------------------------------------------------------

static uint32_t
frames_of(float seconds, double rate)
{
    return (uint32_t)((double)seconds * rate + 0.5);
}

/// Of an all-pass, which is no shorter than a cell.
static uint32_t
smear_frames(int k, double rate)
{
    const uint32_t n = frames_of(smear_seconds[k], rate);
    return n > CELL ? n : CELL;
}

/// Of the lines' lengths.
static float
scale_of(float size)
{
    return 0.42F + 0.48F * size;
}

/// Of a line, for a size, without wandering.
static uint32_t
line_frames(int k, float size, float rate)
{
    const float scale = scale_of(size) * rate;
    const uint32_t n = (uint32_t)(line_seconds[k] * scale + 0.5F);
    return n > SHORTEST ? n : SHORTEST;
}

/// Room for a line of which frames up to @p frames ago are read.
static void
ring_of(struct lat_reverb *r, int k, double frames, uint32_t *used)
{
    const uint32_t size =
        ((uint32_t)frames + 1 + 2 * LAT_REVERB_ROOM) / CELL * CELL;
    r->sizes[k] = size;
    r->firsts[k] = *used;
    r->longest = size > r->longest ? size : r->longest;
    *used += size + LAT_REVERB_ROOM;
}

static size_t
lay_out(struct lat_reverb *r, double rate)
{
    uint32_t used = 0;
    r->longest = 0;
    for (int k = 0; k < SMEARS; k++) {
        ring_of(r, RING_SMEARS + k, smear_frames(k, rate), &used);
    }
    for (int side = 0; side < 2; side++) {
        ring_of(r, RING_TAPS + side, frames_of(tap_seconds[LINES - 1], rate),
                &used);
    }
    for (int k = 0; k < LINES; k++) {
        ring_of(r, RING_SPREAD + k, frames_of(spread_seconds[k], rate), &used);
    }
    for (int k = 0; k < LINES; k++) {
        const uint32_t n = line_frames(k, 1.0F, (float)rate);
        ring_of(r, RING_LINES + k, n + 2 * WANDER_SECONDS * rate + 2, &used);
    }
    return used;
}

size_t
lat_reverb_bytes(double rate)
{
    struct lat_reverb fixed;
    return sizeof(fixed) + lay_out(&fixed, rate) * sizeof(float);
}

/// tan(x) for 0 <= x < 1.5, by series, the same everywhere.
static double
tangent(double x)
{
    double sine = 0;
    double cosine = 0;
    double term = 1;
    for (int n = 1; n < 26; n += 2) {
        cosine += term;
        term *= x / n;
        sine += term;
        term *= -x / (n + 1);
    }
    return sine / cosine;
}

void
lat_reverb_init(struct lat_reverb *r, double rate)
{
    lay_out(r, rate);
    const double share = DAMPING_HZ / rate;
    r->rate = (float)rate;
    r->corner = (float)tangent(3.14159265358979 * (share < 0.4 ? share : 0.4));
    r->wander_frames = (float)(WANDER_SECONDS * rate);
    for (int k = 0; k < SMEARS; k++) {
        r->smear_frames[k] = smear_frames(k, rate);
    }
    for (int k = 0; k < LINES; k++) {
        r->tap_frames[k] = frames_of(tap_seconds[k], rate);
        r->spread_frames[k] = frames_of(spread_seconds[k], rate);
        r->wander_turn[k] =
            (uint32_t)((double)wander_hz[k] * CELL / rate * 4294967296.0);
    }
}

LAT_RT void
lat_reverb_reset(struct lat_reverb *r)
{
    char *const begin = (char *)&r->cell;
    memset(begin, 0, (size_t)((char *)r->memory - begin));
}

// --- What is wished ----------------------------------------------------------

/// The absorption filters for the lengths and the wish, in `to_*`.
static void
absorb(struct lat_reverb *r)
{
    const float d = r->damping;
    const float more = d / (1.0F - 0.95F * d);
    const float turns = WANDER_TURNS * scale_of(r->next_size);
    const float wandered = WANDER_OCTAVES / (1.0F + turns * r->slope);
    const float steep = r->slope < 2.0F ? r->slope : 2.0F;
    const float begun = 1.0F + BEGINNING * steep * steep;
    const float per_frame =
        -((float)DECAY_OCTAVES * begun + wandered) * r->slope / r->rate;
    const four t = four_splat(r->corner);
    for (int k = 0; k < LINES; k += 4) {
        four frames;
        for (int i = 0; i < 4; i++) {
            frames[i] = (float)r->next_length[k + i] + r->wander_frames;
        }
        // A factor of 2^-126 is as good as none.
        four octaves = frames * per_frame;
        four half = octaves * (0.5F * more);
        for (int i = 0; i < 4; i++) {
            octaves[i] = octaves[i] > -60.0F ? octaves[i] : -60.0F;
            half[i] = half[i] > -30.0F ? half[i] : -30.0F;
        }
        const four g = four_exp2(octaves);
        const four root = four_exp2(half); // of what the shelf is at the top
        const four scale = 1.0F / (1.0F + root * t);
        const four gain = g * root * 0.25F; // with the matrix's factor
        four_store(r->to_b0 + k, gain * (root + t) * scale);
        four_store(r->to_b1 + k, gain * (t - root) * scale);
        four_store(r->to_a1 + k, (root * t - 1.0F) * scale);
    }
}

static void
glide_to(struct glide *g, const float *to, bool at_once)
{
    for (int k = 0; k < LINES; k++) {
        g->now[k] = at_once ? to[k] : g->now[k];
        g->step[k] = (to[k] - g->now[k]) * (1.0F / CELL);
    }
}

static void
glide_end(struct glide *g, const float *to)
{
    memcpy(g->now, to, sizeof(g->now));
    memset(g->step, 0, sizeof(g->step));
}

/// How far line @p k wanders at the beginning of a cell, 0 to twice
/// wander_frames.
static inline float
wandering(const struct lat_reverb *r, int k, uint32_t cell)
{
    const uint32_t turn =
        (uint32_t)k * UINT32_C(0x9e3779b9) + cell * r->wander_turn[k];
    const float x = (float)(int32_t)turn * 0x1p-31F;
    // A wave of two parabolas: near a sine.
    return r->wander_frames * (1.0F + 4.0F * x * (1.0F - fabsf(x)));
}

/// The whole frames to read and the all-passes for the rest.
static void
wander(struct lat_reverb *r)
{
    for (int k = 0; k < LINES; k++) {
        const float from = wandering(r, k, r->cell);
        const float to = wandering(r, k, r->cell + 1);
        // The all-pass takes from 0.5 to 1.5 frames.
        const uint32_t whole = (uint32_t)(0.5F * (from + to) + 0.5F);
        const float a = from - (float)whole + 1.0F;
        const float b = to - (float)whole + 1.0F;
        const float eta = (1.0F - a) / (1.0F + a);
        r->eta.now[k] = eta;
        r->eta.step[k] = ((1.0F - b) / (1.0F + b) - eta) * (1.0F / CELL);
        r->whole[k] = r->length[k] + whole - 1;
        r->next_whole[k] = r->next_length[k] + whole - 1;
    }
}

LAT_RT uint32_t
lat_reverb_left(const struct lat_reverb *r)
{
    return CELL - r->at;
}

LAT_RT bool
lat_reverb_asks(const struct lat_reverb *r)
{
    return !r->at;
}

/// Go a part of the way to what is wished, so that no step is heard.
/// @return whether that changed anything.
static bool
approach(float *now, float wished, bool at_once)
{
    const float before = *now;
    const float way = wished - before;
    const bool is_near = way < 1e-4F && way > -1e-4F;
    *now = at_once || is_near ? wished : before + way * APPROACH;
    return *now != before || at_once;
}

LAT_RT void
lat_reverb_wish(struct lat_reverb *r, const struct lat_reverb_wish *wish)
{
    const bool at_once = !r->is_begun;
    const bool fades = r->n_fade;
    if (r->is_moving) {
        glide_end(&r->b0, r->to_b0);
        glide_end(&r->b1, r->to_b1);
        glide_end(&r->a1, r->to_a1);
        r->is_moving = false;
    }
    if (r->n_fade && !--r->n_fade) {
        memcpy(r->length, r->next_length, sizeof(r->length));
    }
    const bool resizes = !r->n_fade && (at_once || wish->size != r->next_size);
    if (resizes) {
        r->next_size = wish->size;
        for (int k = 0; k < LINES; k++) {
            r->next_length[k] = line_frames(k, wish->size, r->rate);
        }
        r->n_fade = at_once ? 0 : FADE_CELLS;
    }
    if (at_once) {
        memcpy(r->length, r->next_length, sizeof(r->length));
    }
    const float slope = 1.0F / wish->decay;
    const bool slopes = approach(&r->slope, slope, at_once);
    const bool damps = approach(&r->damping, wish->damping, at_once);
    if (resizes || slopes || damps) {
        absorb(r);
        glide_to(&r->b0, r->to_b0, at_once);
        glide_to(&r->b1, r->to_b1, at_once);
        glide_to(&r->a1, r->to_a1, at_once);
        r->is_moving = !at_once;
    }
    memcpy(r->was_whole, r->whole, sizeof(r->was_whole));
    wander(r);
    r->is_elsewhere = fades || r->n_fade;
    r->is_begun = true;
}
