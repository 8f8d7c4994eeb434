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
// that has been under -180 dB for as long as the lines are is cut off, and then
// silence costs next to nothing.

#include "reverb.h"

#include "four.h"
#include "nodes/numbers.h"

#include <math.h>
#include <string.h>

#define LINES LAT_REVERB_LINES
#define CELL  LAT_REVERB_CELL

/// Frames beyond a cell that may be read or written with its last ones.
#define SLACK 4U

#define FADE_CELLS 32U

/// What is heard of the lines: for a size of 0.5 and a decay of 2 s the reverb
/// of a noise is as loud as the noise.
#define HEARD 0.18F

/// What counts as silence.
#define QUIET 1e-9F

/// Part of the way to another decay and damping that a cell goes.
#define APPROACH 0.125F

/// log2(1000): 60 dB.
#define DECAY_OCTAVES 9.965784284662087

#define DAMPING_HZ 8000.0

/// How far a line's length wanders either way.
#define WANDER_SECONDS 0.00043

/// The least length of a line in frames, so that a cell reads nothing of what
/// it writes.
#define SHORTEST (CELL + 40U)

/// All-passes before the taps, two in series for each side.
#define SMEARS     4
#define SMEAR_GAIN 0.6F

// Seconds.  No two lines have lengths in a simple ratio.
static const float smear_seconds[SMEARS] = {
    0.00131F,
    0.00347F,
    0.00149F,
    0.00319F,
};
static const float tap_seconds[LINES] = {
    0.0F,     0.00031F, 0.00083F, 0.00139F, 0.00172F, 0.00237F,
    0.00287F, 0.00343F, 0.00391F, 0.00449F, 0.00517F, 0.00568F,
    0.00629F, 0.00697F, 0.00761F, 0.00823F,
};
static const float spread_seconds[LINES] = {
    0.0F,     0.00193F, 0.00341F, 0.00487F, 0.00671F, 0.00843F,
    0.01009F, 0.01187F, 0.01327F, 0.01511F, 0.01669F, 0.01861F,
    0.02017F, 0.02213F, 0.02381F, 0.02557F,
};
static const float line_seconds[LINES] = {
    0.03491F, 0.04013F, 0.04457F, 0.04901F, 0.05323F, 0.05779F,
    0.06203F, 0.06619F, 0.07043F, 0.07477F, 0.07901F, 0.08369F,
    0.08821F, 0.09277F, 0.09791F, 0.10303F,
};
/// Turns of a line's wandering in a second, slow enough to be no vibrato.
static const float wander_hz[LINES] = {
    0.85F, 1.13F, 0.59F, 1.43F, 0.69F, 0.97F, 1.55F, 0.51F,
    1.27F, 0.75F, 1.07F, 0.65F, 1.33F, 0.95F, 1.17F, 0.56F,
};

// What goes into the diffuser and comes out of it: of many sizes, so that
// echoes that meet do not add up to the same few.  The squares of each side's
// taps, and of all that comes out, sum up to their number.
static const float tap_gains[LINES] = {
    1.2041F,  1.2497F,  0.6006F,  0.9968F, -1.3806F, 0.9199F,
    0.7481F,  -1.4517F, -1.3552F, 0.8105F, -0.7578F, -0.6810F,
    -0.8348F, 0.8785F,  -0.7849F, 0.7735F,
};
static const float spread_gains[LINES] = {
    -1.4025F, -1.2365F, -1.2228F, -1.2285F, 1.0456F, -1.2963F,
    0.9327F,  1.0390F,  0.7247F,  -1.0133F, 0.8725F, 0.6228F,
    0.7692F,  -0.7736F, -0.5781F, -0.7420F,
};

// Bits: lines that go into this with the other sign.
#define LEFT_SIGNS  0x9a6cU
#define RIGHT_SIGNS 0xc95aU

/// A value of each line that goes in a straight line over the cell.
struct glide {
    float now[LINES];
    float step[LINES];
};

/// Frames of one line or of several, one behind the other.
struct store {
    uint32_t size;   ///< frames of one, a power of two
    uint32_t stride; ///< floats from one to the next
    size_t first;    ///< float of `memory` at which the first one begins
};

struct lat_reverb {
    // Fixed.
    struct store smears, taps, spread, lines;
    uint32_t smear_frames[SMEARS];
    uint32_t tap_frames[LINES], spread_frames[LINES];
    uint32_t wander_turn[LINES]; ///< of 2^32 a turn, per cell
    float wander_frames;
    float rate;
    float corner; ///< tan(pi * DAMPING_HZ / rate)

    // Zero at first.  What comes before `memory` is cleared by a reset.
    uint32_t cell;    ///< that is running
    uint32_t at;      ///< frames of it that are done
    uint32_t n_valid; ///< frames since the reset, as far as they matter
    uint32_t n_fade;  ///< cells left of the fade to `next_whole`
    uint32_t n_quiet; ///< cells
    bool is_begun, is_idle, is_moving;
    float peak;           ///< of the cell
    float slope, damping; ///< 1 / decay, and damping, as they come to be
    float next_size;
    uint32_t whole[LINES];      ///< frames read from memory
    uint32_t next_whole[LINES]; ///< after the fade
    uint32_t length[LINES];     ///< whole lengths, without wandering
    uint32_t next_length[LINES];
    struct glide eta, b0, b1, a1;
    float to_b0[LINES], to_b1[LINES], to_a1[LINES];
    float x1[LINES], y1[LINES], w1[LINES];

    _Alignas(LAT_ALIGNMENT) float memory[];
};

// --- Memory ------------------------------------------------------------------

static uint32_t
power_of_two(double frames)
{
    uint32_t n = 64;
    while (n < frames) {
        n *= 2;
    }
    return n;
}

static struct store
store_of(double seconds, double rate, uint32_t n, size_t *used)
{
    const uint32_t size =
        power_of_two(seconds * rate + SHORTEST + 2 * CELL + 2 * SLACK);
    // The stride is no power of two: lines do not compete for the same sets of
    // a cache.
    const struct store s = {size, size + CELL + SLACK + 76, *used};
    *used += (size_t)s.stride * n;
    return s;
}

static size_t
lay_out(struct lat_reverb *r, double rate)
{
    size_t used = 0;
    r->smears = store_of((double)smear_seconds[1], rate, SMEARS, &used);
    r->taps = store_of((double)tap_seconds[LINES - 1], rate, 2, &used);
    r->spread = store_of((double)spread_seconds[LINES - 1], rate, LINES, &used);
    r->lines = store_of((double)line_seconds[LINES - 1] + 4 * WANDER_SECONDS,
                        rate, LINES, &used);
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
        const uint32_t n = (uint32_t)((double)smear_seconds[k] * rate + 0.5);
        r->smear_frames[k] = n > CELL ? n : CELL;
    }
    for (int k = 0; k < LINES; k++) {
        r->tap_frames[k] = (uint32_t)((double)tap_seconds[k] * rate + 0.5);
        r->spread_frames[k] =
            (uint32_t)((double)spread_seconds[k] * rate + 0.5);
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

/// Where frame 0 of a cell's run goes in line @p k.
static inline float *
store_at(struct lat_reverb *r, const struct store *s, int k, uint32_t frame)
{
    return r->memory + s->first + (size_t)k * s->stride +
           (frame & (s->size - 1));
}

/// The first frames of a line stand behind its last ones once more, so that
/// every run can be read in one piece.
static void
store_mirror(struct lat_reverb *r, const struct store *s, int n_lines,
             uint32_t frame, uint32_t n)
{
    const uint32_t at = frame & (s->size - 1);
    for (int k = 0; k < n_lines && at < CELL; k++) {
        float *const line = r->memory + s->first + (size_t)k * s->stride;
        memcpy(line + s->size + at, line + at, n * sizeof(float));
    }
}

/// The frames of @p age frames ago, the first of them and @p n in all.  Where
/// they are older than the reset they are 0, put together in @p room.
static inline const float *
store_read(const struct lat_reverb *r, const struct store *s, int k,
           uint32_t frame, uint32_t age, uint32_t n, float *room)
{
    const float *from = r->memory + s->first + (size_t)k * s->stride +
                        ((frame - age) & (s->size - 1));
    if (age <= r->n_valid) {
        return from;
    }
    const uint32_t n_none = age - r->n_valid;
    for (uint32_t f = 0; f < CELL + SLACK; f++) {
        room[f] = f >= n_none && f < n ? from[f] : 0.0F;
    }
    return room;
}

// --- What is wished ----------------------------------------------------------

/// Lengths in frames for a size.
static void
lengths(const struct lat_reverb *r, float size, uint32_t *out)
{
    const float scale = (0.42F + 0.48F * size) * r->rate;
    for (int k = 0; k < LINES; k++) {
        const uint32_t n = (uint32_t)(line_seconds[k] * scale + 0.5F);
        out[k] = n > SHORTEST ? n : SHORTEST;
    }
}

/// The absorption filters for the lengths and the wish, in `to_*`.
static void
absorb(struct lat_reverb *r)
{
    const float d = r->damping;
    const float more = d / (1.0F - 0.95F * d);
    const float per_frame = -(float)DECAY_OCTAVES * r->slope / r->rate;
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
        four_store(r->to_b0 + k, g * root * (root + t) * scale);
        four_store(r->to_b1 + k, g * root * (t - root) * scale);
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

/// Let @p n frames pass in which there is nothing to filter.
static void
glides_pass(struct lat_reverb *r, uint32_t n)
{
    struct glide *const all[] = {&r->eta, &r->b0, &r->b1, &r->a1};
    for (int i = 0; i < (r->is_moving ? 4 : 1); i++) {
        for (uint32_t f = 0; f < n; f++) {
            for (int k = 0; k < LINES; k++) {
                all[i]->now[k] += all[i]->step[k];
            }
        }
    }
}

/// Silence for as long as the lines are long is the end of the tail.
static void
cell_end(struct lat_reverb *r)
{
    r->at = 0;
    r->cell++;
    r->n_quiet = r->peak < QUIET ? r->n_quiet + 1 : 0;
    r->peak = 0.0F;
    if (!r->is_idle && r->n_quiet > 2 * r->lines.size / CELL) {
        r->is_idle = true;
        r->n_valid = 0;
        memset(r->x1, 0, sizeof(r->x1));
        memset(r->y1, 0, sizeof(r->y1));
        memset(r->w1, 0, sizeof(r->w1));
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
        lengths(r, wish->size, r->next_length);
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
    wander(r);
    r->is_begun = true;
}

// --- Sound -------------------------------------------------------------------

static inline four
signed_by(four x, uint32_t signs, int k)
{
    return signs >> (unsigned)k & 1U ? -x : x;
}

/// The Hadamard matrix of 16, without its factor of 1/4.
static inline void
hadamard(four z[LINES])
{
#pragma GCC unroll 4
    for (int span = 1; span < LINES; span *= 2) {
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            if (!(k & span)) {
                const four a = z[k];
                const four b = z[k + span];
                z[k] = a + b;
                z[k + span] = a - b;
            }
        }
    }
}

/// An all-pass after Schroeder (Natural Sounding Artificial Reverberation,
/// 1962), longer than a cell.
static void
smear(struct lat_reverb *r, int k, const float *restrict x, float *restrict y,
      uint32_t frame, uint32_t n)
{
    float room[CELL + SLACK];
    const float *from =
        store_read(r, &r->smears, k, frame, r->smear_frames[k], n, room);
    float *to = store_at(r, &r->smears, k, frame);
    for (uint32_t f = 0; f < n; f++) {
        const float late = from[f];
        const float now = x[f] + SMEAR_GAIN * late;
        y[f] = late - SMEAR_GAIN * now;
        to[f] = now;
    }
}

/// Both sides into the diffuser.
static void
diffuse(struct lat_reverb *r, float *const in[2], uint32_t frame, uint32_t n)
{
    float room[LINES][CELL + SLACK];
    const float *from[LINES];
    for (int side = 0; side < 2; side++) {
        float once[CELL];
        smear(r, 2 * side, in[side], once, frame, n);
        smear(r, 2 * side + 1, once, store_at(r, &r->taps, side, frame), frame,
              n);
    }
    store_mirror(r, &r->smears, SMEARS, frame, n);
    store_mirror(r, &r->taps, 2, frame, n);
    for (int k = 0; k < LINES; k++) {
        from[k] =
            store_read(r, &r->taps, k & 1, frame, r->tap_frames[k], n, room[k]);
    }
    for (uint32_t f = 0; f < n; f += 4) {
        four z[LINES];
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            z[k] = four_load(from[k] + f) * tap_gains[k];
        }
        hadamard(z);
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            four_store(store_at(r, &r->spread, k, frame) + f, z[k] * 0.25F);
        }
    }
    store_mirror(r, &r->spread, LINES, frame, n);
}

/// Frames @p f to f + n, at most 4, of lines @p k to k + 4, through their
/// filters.
static inline void
filter(struct lat_reverb *r, const float *const *from, int k, uint32_t f,
       uint32_t n, bool moves, float (*out)[CELL + SLACK])
{
    four v[4];
    for (int i = 0; i < 4; i++) {
        v[i] = four_load(from[k + i] + f);
    }
    four_transpose(v);
    four x1 = four_load(r->x1 + k);
    four y1 = four_load(r->y1 + k);
    four w1 = four_load(r->w1 + k);
    four eta = four_load(r->eta.now + k);
    const four eta_step = four_load(r->eta.step + k);
    four b0 = four_load(r->b0.now + k);
    four b1 = four_load(r->b1.now + k);
    four a1 = four_load(r->a1.now + k);
    for (uint32_t i = 0; i < n; i++) {
        const four y = (eta * v[i] + x1) - eta * y1;
        const four w = (b0 * y + b1 * y1) - a1 * w1;
        x1 = v[i];
        y1 = y;
        w1 = w;
        v[i] = w;
        eta += eta_step;
        if (moves) {
            b0 += four_load(r->b0.step + k);
            b1 += four_load(r->b1.step + k);
            a1 += four_load(r->a1.step + k);
        }
    }
    four_store(r->x1 + k, x1);
    four_store(r->y1 + k, y1);
    four_store(r->w1 + k, w1);
    four_store(r->eta.now + k, eta);
    if (moves) {
        four_store(r->b0.now + k, b0);
        four_store(r->b1.now + k, b1);
        four_store(r->a1.now + k, a1);
    }
    four_transpose(v);
    for (int i = 0; i < 4; i++) {
        four_store(out[k + i] + f, v[i]);
    }
}

static inline void
filter_run(struct lat_reverb *r, const float *const *from, uint32_t n,
           bool moves, float (*out)[CELL + SLACK])
{
    uint32_t f = 0;
    for (; f + 4 <= n; f += 4) {
        for (int k = 0; k < LINES; k += 4) {
            filter(r, from, k, f, 4, moves, out);
        }
    }
    for (int k = 0; k < LINES && f < n; k += 4) {
        filter(r, from, k, f, n - f, moves, out);
    }
}

/// The frame before a cell, which its all-passes need: where the whole frames
/// change, it is another one than the last that they were given.
static void
read_before(struct lat_reverb *r, uint32_t frame)
{
    const float share =
        (float)((FADE_CELLS - r->n_fade) * CELL) * (1.0F / (FADE_CELLS * CELL));
    for (int k = 0; k < LINES; k++) {
        float room[CELL + SLACK];
        const uint32_t age = r->whole[k] + 1;
        r->x1[k] = store_read(r, &r->lines, k, frame, age, 1, room)[0];
        if (r->n_fade) {
            const uint32_t next_age = r->next_whole[k] + 1;
            const float next =
                store_read(r, &r->lines, k, frame, next_age, 1, room)[0];
            r->x1[k] = r->x1[k] * (1.0F - share) + next * share;
        }
    }
}

/// What is read from the lines, during a fade from two places.
static void
read_lines(struct lat_reverb *r, uint32_t frame, uint32_t n,
           float (*room)[CELL + SLACK], const float **from)
{
    for (int k = 0; k < LINES; k++) {
        from[k] = store_read(r, &r->lines, k, frame, r->whole[k], n, room[k]);
    }
    if (!r->n_fade) {
        return;
    }
    const float step = 1.0F / (float)(FADE_CELLS * CELL);
    const uint32_t done = (FADE_CELLS - r->n_fade) * CELL + r->at;
    for (int k = 0; k < LINES; k++) {
        float other[CELL + SLACK];
        const float *next =
            store_read(r, &r->lines, k, frame, r->next_whole[k], n, other);
        for (uint32_t f = 0; f < CELL + SLACK; f++) {
            const float share = (float)(done + f) * step;
            room[k][f] = from[k][f] * (1.0F - share) + next[f] * share;
        }
        from[k] = room[k];
    }
}

/// Mix what comes out of the lines and the diffuser; some of it is heard, all
/// of it goes back.
static void
mix(struct lat_reverb *r, float (*y)[CELL + SLACK], float *const out[2],
    uint32_t frame, uint32_t n)
{
    float room[LINES][CELL + SLACK];
    const float *early[LINES];
    float *to[LINES];
    for (int k = 0; k < LINES; k++) {
        early[k] = store_read(r, &r->spread, k, frame, r->spread_frames[k], n,
                              room[k]);
        to[k] = store_at(r, &r->lines, k, frame);
    }
    for (uint32_t f = 0; f < n; f += 4) {
        four z[LINES];
        four left = four_splat(0.0F);
        four right = left;
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            const four e = four_load(early[k] + f);
            z[k] = e * spread_gains[k] + four_load(y[k] + f);
            left += signed_by(z[k], LEFT_SIGNS, k);
            right += signed_by(z[k], RIGHT_SIGNS, k);
        }
        four_store(out[0] + f, left * HEARD);
        four_store(out[1] + f, right * HEARD);
        hadamard(z);
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            four_store(to[k] + f, z[k] * 0.25F);
        }
    }
    store_mirror(r, &r->lines, LINES, frame, n);
}

static float
peak_of(float peak, float *const x[2], uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        const float a = fabsf(x[0][f]);
        const float b = fabsf(x[1][f]);
        peak = a > peak ? a : peak;
        peak = b > peak ? b : peak;
    }
    return peak;
}

LAT_RT void
lat_reverb_run(struct lat_reverb *r, float *const in[2], float *const out[2],
               uint32_t n)
{
    const float peak = peak_of(0.0F, in, n);
    r->is_idle = r->is_idle && !(peak > 0.0F);
    if (r->is_idle) {
        glides_pass(r, n);
        memset(out[0], 0, n * sizeof(float));
        memset(out[1], 0, n * sizeof(float));
    } else {
        const uint32_t frame = r->cell * CELL + r->at;
        float room[LINES][CELL + SLACK];
        float y[LINES][CELL + SLACK];
        const float *from[LINES];
        diffuse(r, in, frame, n);
        if (!r->at) {
            read_before(r, frame);
        }
        read_lines(r, frame, n, room, from);
        if (r->is_moving) {
            filter_run(r, from, n, true, y);
        } else {
            filter_run(r, from, n, false, y);
        }
        mix(r, y, out, frame, n);
        r->n_valid = r->n_valid < r->lines.size ? r->n_valid + n : r->n_valid;
        const float loudest = peak_of(peak, out, n);
        r->peak = loudest > r->peak ? loudest : r->peak;
    }
    r->at += n;
    if (r->at == CELL) {
        cell_end(r);
    }
}
