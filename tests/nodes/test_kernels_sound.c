// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the kernels sound like, against closed forms.

#include "node/kernels.h"
#include "support/fft.h"

#include <criterion/criterion.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000.0
#define PI   3.14159265358979323846

enum { MOST = 5 };

/// One node with a kernel, and what goes into it.
struct player {
    const struct lat_node_type *type;
    float value[MOST];         // of inputs that do not move
    const float *moving[MOST]; // or NULL
    uint32_t state[LAT_LANE_WORDS];
    uint64_t frame;
    uint32_t span; // most frames at a time, on a grid of as many
};

static struct player
player_of(const char *name)
{
    struct player p = {.type = lat_node_type_find(name), .span = 64};
    cr_assert_not_null(p.type);
    for (uint32_t i = 0; i < p.type->n_inputs; i++) {
        p.value[i] = p.type->inputs[i].initial;
    }
    return p;
}

static uint32_t
input_of(const struct player *p, const char *name)
{
    for (uint32_t i = 0; i < p->type->n_inputs; i++) {
        if (!strcmp(p->type->inputs[i].name, name)) {
            return i;
        }
    }
    cr_assert_fail("no input %s", name);
    return 0;
}

static void
set(struct player *p, const char *name, float value)
{
    p->value[input_of(p, name)] = value;
}

/// From now on the input follows @p signal, frame 0 being the player's first.
static void
follow(struct player *p, const char *name, const float *signal)
{
    p->moving[input_of(p, name)] = signal;
}

/// The next @p n frames of the first two outputs; @p second may be NULL.
static void
play_both(struct player *p, float *first, float *second, size_t n)
{
    float spare[64];
    for (size_t done = 0; done < n;) {
        const size_t whole = p->span - p->frame % p->span;
        const uint32_t span = (uint32_t)(n - done < whole ? n - done : whole);
        const struct lat_context context = {
            .rate = RATE,
            .rate_f = (float)RATE,
            .period_f = (float)(1 / RATE),
            .n_frames = span,
            .block = 64,
            .frame = p->frame,
        };
        const float *in[MOST];
        uint32_t step[MOST];
        uint64_t constant = 0;
        for (uint32_t i = 0; i < p->type->n_inputs; i++) {
            step[i] = p->moving[i] != NULL;
            in[i] = step[i] ? p->moving[i] + p->frame : &p->value[i];
            constant |= (uint64_t)!step[i] << i;
        }
        float *out[2] = {first + done, second ? second + done : spare};
        const struct lat_io io = {
            .in = in,
            .step = step,
            .out = out,
            .state = p->state,
            .constant = constant,
            .n_in = p->type->n_inputs,
            .n_out = p->type->n_outputs,
        };
        const struct lat_kernels *kernels = lat_kernels_best();
        const uint64_t still = kernels->process[p->type->kernel](&context, &io);
        for (uint32_t k = 0; k < p->type->n_outputs; k++) {
            for (uint32_t f = 1; still >> k & 1U && f < span; f++) {
                out[k][f] = out[k][0];
            }
        }
        p->frame += span;
        done += span;
    }
}

static void
play(struct player *p, float *out, size_t n)
{
    play_both(p, out, NULL, n);
}

static double
db(double x)
{
    return 20 * log10(fmax(fabs(x), 1e-30));
}

/// Amplitudes of the first n / 2 bins of @p signal.
static double *
spectrum(const float *signal, size_t n)
{
    double complex *x = malloc(n * sizeof(*x));
    double *amplitude = malloc(n / 2 * sizeof(*amplitude));
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)signal[i];
    }
    fft(x, n);
    for (size_t i = 0; i < n / 2; i++) {
        amplitude[i] = cabs(x[i]) * 2 / (double)n;
    }
    free(x);
    return amplitude;
}

// --- Oscillators -------------------------------------------------------------

Test(oscillators, sine_is_a_sine_for_minutes)
{
    enum { N = 4096 };
    const float freqs[] = {0.01F, 0.3F, 27.5F, 440.0F, 9999.0F, -440.0F};
    float out[N];
    for (size_t i = 0; i < LAT_COUNT(freqs); i++) {
        struct player p = player_of("sine");
        set(&p, "freq", freqs[i]);
        double worst = 0;
        for (uint64_t start = 0; start < 60 * 48000; start += N) {
            play(&p, out, N);
            for (uint64_t f = 0; f < N; f++) {
                const double cycles =
                    (double)(start + f) * (double)freqs[i] / RATE;
                const double exact = sin(2 * PI * (cycles - floor(cycles)));
                worst = fmax(worst, fabs((double)out[f] - exact));
            }
        }
        cr_assert_lt(worst, 3.5e-7, "%g Hz: off by %g", (double)freqs[i],
                     worst);
    }
}

Test(oscillators, sine_has_no_harmonics_above_minus_120_db)
{
    enum { N = 65536, BIN = 1365 };
    static float out[N];
    struct player p = player_of("sine");
    set(&p, "freq", (float)(BIN * RATE / N));
    play(&p, out, N);
    double *a = spectrum(out, N);
    double sum = 0;
    for (size_t k = 2; k * BIN < N / 2; k++) {
        sum += a[k * BIN] * a[k * BIN];
    }
    cr_assert_float_eq(a[BIN], 1, 1e-6);
    cr_assert_lt(db(sqrt(sum)), -120, "%g dB", db(sqrt(sum)));
    free(a);
}

Test(oscillators, start_at_the_phase_asked_for)
{
    float out[1];
    for (int eighth = -16; eighth <= 16; eighth++) {
        struct player p = player_of("sine");
        set(&p, "phase", (float)eighth / 8);
        play(&p, out, 1);
        cr_assert_float_eq((double)out[0], sin(2 * PI * eighth / 8), 2e-7);
    }
    struct player saw = player_of("saw");
    struct player triangle = player_of("triangle");
    play(&saw, out, 1);
    cr_assert_eq(out[0], 0.0F);
    play(&triangle, out, 1);
    cr_assert_eq(out[0], 0.0F);
}

Test(oscillators, pitch_is_in_semitones_and_octaves_are_exact)
{
    const char *const names[] = {"sine", "saw", "square", "triangle", "pulse"};
    float a[256];
    float b[256];
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        for (int octave = -5; octave <= 5; octave++) {
            struct player p = player_of(names[i]);
            struct player q = player_of(names[i]);
            set(&p, "freq", ldexpf(330.0F, octave));
            set(&q, "freq", 330.0F);
            set(&q, "pitch", 12.0F * (float)octave);
            play(&p, a, 256);
            play(&q, b, 256);
            cr_assert_arr_eq(a, b, sizeof(a), "%s, %d", names[i], octave);
        }
    }
    // Over a second the phase tells the ratio to 1e-7.
    enum { N = 48000 };
    static float out[N];
    for (float pitch = -50.0F; pitch < 50.0F; pitch += 3.7F) {
        struct player p = player_of("sine");
        set(&p, "freq", 100.0F);
        set(&p, "pitch", pitch);
        play(&p, out, N);
        const double hz = 100 * exp2((double)pitch / 12);
        const double exact = sin(2 * PI * hz * (N - 1) / RATE);
        cr_assert_float_eq((double)out[N - 1], exact,
                           2 * PI * hz * 1.3e-7 + 3e-7, "%g", (double)pitch);
    }
}

Test(oscillators, run_backwards_below_zero)
{
    float forth[500];
    float back[500];
    struct player p = player_of("saw");
    struct player q = player_of("saw");
    set(&p, "freq", 123.0F);
    set(&q, "freq", -123.0F);
    play(&p, forth, 500);
    play(&q, back, 500);
    for (size_t f = 0; f < 500; f++) {
        cr_assert_float_eq(forth[f], -back[f], 1e-5F);
    }
}

Test(oscillators, sync_starts_the_cycle_anew_at_each_rise)
{
    float sync[600] = {0};
    float out[600];
    sync[100] = 0.5F;
    sync[101] = 1.0F; // no rise: it was above 0
    sync[300] = 1.0F;
    sync[599] = 1.0F;
    struct player p = player_of("sine");
    struct player q = player_of("sine");
    float plain[200];
    follow(&p, "sync", sync);
    play(&p, out, 600);
    play(&q, plain, 200);
    cr_assert_arr_eq(out, plain, 100 * sizeof(float));
    // But for the last bits, which follow the absolute frames.
    for (size_t f = 0; f < 200; f++) {
        cr_assert_float_eq(out[100 + f], plain[f], 4e-7, "frame %zu", f);
        cr_assert_float_eq(out[300 + f], plain[f], 4e-7, "frame %zu", f);
    }
    cr_assert_eq(out[100], 0.0F);
    cr_assert_eq(out[300], 0.0F);
    cr_assert_eq(out[599], 0.0F);
}

// Within a span of which frequency and phase input move, or within none: what
// is constant in a span must not show where it ends.
Test(oscillators, have_the_same_bits_however_spans_are_cut)
{
    enum { N = 640, MOVES = 200, STOPS = 330 };
    static const char *const waves[] = {"sine", "saw", "square", "triangle",
                                        "pulse"};
    static const uint32_t spans[] = {1, 5, 16, 37};
    // A frequency of which a frame takes as many cycles as of the next one.
    const float period = (float)(1 / RATE);
    float twin = 1234.567F;
    while (twin * period != nextafterf(twin, 1e9F) * period) {
        twin = nextafterf(twin, 1e9F);
    }
    for (size_t w = 0; w < 5; w++) {
        float freq[N];
        float phase[N];
        float expected[N];
        for (size_t f = 0; f < N; f++) {
            const size_t moved = f < MOVES ? 0 : f < STOPS ? f - MOVES : STOPS;
            freq[f] = 1234.567F + (float)(moved < 60 ? moved : 60 + moved / 4);
            if (f > STOPS - 50 && f < STOPS) {
                freq[f] = f % 2 ? twin : nextafterf(twin, 1e9F);
            }
            phase[f] = moved < 30 ? 0.0F : 0.001F * (float)(moved / 5);
        }
        for (size_t k = 0; k < 5; k++) {
            struct player p = player_of(waves[w]);
            float out[N];
            p.span = k ? spans[k - 1] : 64;
            const size_t parts[] = {MOVES, STOPS - MOVES, N - STOPS};
            for (size_t part = 0, done = 0; part < 3; part++) {
                set(&p, "freq", freq[done]);
                set(&p, "phase", phase[done]);
                p.moving[input_of(&p, "freq")] = part == 1 ? freq : NULL;
                p.moving[input_of(&p, "phase")] = part == 1 ? phase : NULL;
                play(&p, out + done, parts[part]);
                done += parts[part];
            }
            if (!k) {
                memcpy(expected, out, sizeof(out));
            }
            for (size_t f = 0; f < N; f++) {
                cr_assert_eq(out[f], expected[f], "%s, spans of %u, frame %zu",
                             waves[w], p.span, f);
            }
        }
    }
}

Test(oscillators, survive_any_frequency)
{
    const char *const names[] = {"sine",     "saw",   "square",
                                 "triangle", "pulse", "impulse"};
    const float freqs[] = {24000,  -24000, 48000,    192000, 1e9F,
                           -1e30F, 1e-30F, INFINITY, NAN,    0};
    float out[200];
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        for (size_t k = 0; k < LAT_COUNT(freqs); k++) {
            struct player p = player_of(names[i]);
            set(&p, "freq", freqs[k]);
            if (p.type->n_inputs > 1) {
                set(&p, "pitch", 100.0F);
                set(&p, "phase", freqs[k]);
            }
            play(&p, out, 200);
            for (size_t f = 0; f < 200; f++) {
                cr_assert(fabsf(out[f]) <= 1.5F, "%s at %g", names[i],
                          (double)freqs[k]);
            }
        }
    }
}

/// Level of what is not a harmonic of bin @p bin, relative to the fundamental.
static double
alias_db(const char *name, size_t bin, size_t n, size_t below)
{
    float *out = malloc(n * sizeof(*out));
    struct player p = player_of(name);
    set(&p, "freq", (float)((double)bin * RATE / (double)n));
    play(&p, out, n); // until all has settled
    play(&p, out, n);
    double *a = spectrum(out, n);
    double worst = 0;
    for (size_t k = 1; k < below; k++) {
        const size_t off = k % bin;
        if (off > 1 && off < bin - 1) {
            worst = fmax(worst, a[k]);
        }
    }
    const double result = db(worst / a[bin]);
    free(a);
    free(out);
    return result;
}

Test(oscillators, edges_alias_little)
{
    enum { N = 65536, BIN = 6827 }; // 5000.2 Hz
    static const char *const waves[] = {"saw", "square", "pulse"};
    for (size_t w = 0; w < LAT_COUNT(waves); w++) {
        // Up to 20 kHz; what lies above may fold there.
        const size_t most = 20000 * N / 48000;
        cr_assert_lt(alias_db(waves[w], BIN, N, most), -95, "%s", waves[w]);
        cr_assert_lt(alias_db(waves[w], 1365, N, most), -95, "%s", waves[w]);
    }
    cr_assert_lt(alias_db("triangle", BIN, N, 20000 * N / 48000), -110);
}

Test(oscillators, have_the_levels_of_their_series)
{
    enum { N = 65536, BIN = 601 }; // 440.2 Hz
    static float out[N];
    static const char *const waves[] = {"saw", "square", "triangle"};
    for (size_t w = 0; w < LAT_COUNT(waves); w++) {
        struct player p = player_of(waves[w]);
        set(&p, "freq", (float)(BIN * RATE / N));
        play(&p, out, N); // until all has settled
        play(&p, out, N);
        double *a = spectrum(out, N);
        for (size_t k = 1; k * BIN < N * 2 / 5; k += w ? 2 : 1) {
            const double n = (double)k * PI;
            const double exact = w == 0 ? 2 / n : w == 1 ? 4 / n : 8 / (n * n);
            cr_assert_float_eq(db(a[k * BIN]), db(exact), 0.06, "%s, %zu",
                               waves[w], k);
        }
        cr_assert_lt(a[0], 1e-5, "%s has an offset", waves[w]);
        free(a);
    }
}

Test(oscillators, end_below_half_the_rate)
{
    enum { N = 4096 };
    static float out[N];
    static const char *const waves[] = {"saw", "square", "triangle", "pulse"};
    for (size_t w = 0; w < LAT_COUNT(waves); w++) {
        struct player p = player_of(waves[w]);
        set(&p, "freq", 24010.0F);
        play(&p, out, N);
        for (size_t f = 1; f < N; f++) {
            cr_assert_eq(out[f], 0.0F, "%s, frame %zu", waves[w], f);
        }
    }
}

/// Sync by a sine of @p hz, which crosses 0 between frames: what is off its
/// harmonics in N frames of whole cycles, below the strongest harmonic.
static double
synced_db(const char *wave, size_t bin)
{
    enum { N = 32768 };
    static float master[3 * N];
    static float out[N];
    for (size_t f = 0; f < LAT_COUNT(master); f++) {
        const double turns = (double)(f * bin % N) / N;
        master[f] = (float)sin(2 * PI * turns);
    }
    struct player p = player_of(wave);
    set(&p, "freq", (float)(1.37 * (double)bin * RATE / N));
    follow(&p, "sync", master);
    play(&p, out, N);
    play(&p, out, N);
    double *a = spectrum(out, N);
    double peak = 0;
    double rest = 0;
    for (size_t k = 1; k < 20000 * (size_t)N / 48000; k++) {
        if (k % bin) {
            rest += a[k] * a[k];
        } else {
            peak = fmax(peak, a[k]);
        }
    }
    free(a);
    return db(sqrt(rest) / peak);
}

Test(oscillators, sync_is_band_limited)
{
    static const char *const waves[] = {"saw", "square", "triangle", "pulse"};
    for (size_t w = 0; w < LAT_COUNT(waves); w++) {
        cr_assert_lt(synced_db(waves[w], 75), -90, "%s", waves[w]);  // 110 Hz
        cr_assert_lt(synced_db(waves[w], 301), -80, "%s", waves[w]); // 441 Hz
    }
}

Test(oscillators, sync_acts_between_frames)
{
    // A line from -0.3 to 0.1 crosses 0 a quarter of a frame before its end; a
    // step from 0 acts at its frame; what comes to 0 from below has crossed it
    // there.
    float sync[60] = {0};
    float out[60];
    sync[9] = -0.3F;
    sync[10] = 0.1F;
    sync[20] = 1.0F;
    sync[29] = -0.5F;
    sync[31] = 0.5F;
    struct player p = player_of("sine");
    set(&p, "freq", 100.0F);
    follow(&p, "sync", sync);
    play(&p, out, 60);
    const double step = 2 * PI * 100 / RATE;
    cr_assert_float_eq((double)out[10], sin(step / 4), 1e-6);
    cr_assert_eq(out[20], 0.0F);
    cr_assert_float_eq((double)out[31], sin(step), 1e-6);
}

Test(oscillators, have_full_level_and_the_right_shape)
{
    enum { N = 4800, AFTER = 24, LAG = 3 }; // frames
    float out[N];
    struct player saw = player_of("saw");
    set(&saw, "freq", 10.0F);
    play(&saw, out, N);
    for (int f = 0; f < N; f++) {
        const double phase = f * 10 / RATE + 0.5;
        const double exact = 2 * (phase - floor(phase)) - 1;
        const double since = (phase - 1) * RATE / 10;
        if (since < 0 || since > AFTER) {
            cr_assert_float_eq((double)out[f], exact, LAG * 2 * 10 / RATE);
        }
        cr_assert_leq(fabsf(out[f]), 1.45F);
    }
    struct player triangle = player_of("triangle");
    set(&triangle, "freq", 10.0F);
    play(&triangle, out, N);
    for (int f = 0; f < N; f++) {
        const double phase = f * 10 / RATE;
        const double exact =
            1 - 4 * fabs(phase + 0.25 - floor(phase + 0.25) - 0.5);
        cr_assert_float_eq((double)out[f], exact, LAG * 4 * 10 / RATE);
    }
    struct player pulse = player_of("pulse");
    set(&pulse, "freq", 10.0F);
    set(&pulse, "width", 0.2F);
    play(&pulse, out, N);
    double sum = 0;
    for (int f = 0; f < N; f++) {
        sum += (double)out[f];
    }
    cr_assert_float_eq(sum / N, 2 * 0.2 - 1, 2e-3);
    cr_assert_eq(out[100], 1.0F);
    cr_assert_eq(out[N - 100], -1.0F);
}

Test(oscillators, edges_leave_nothing_after_24_frames)
{
    enum { N = 4800, AFTER = 24 };
    float out[N];
    struct player p = player_of("square");
    set(&p, "freq", 97.0F);
    play(&p, out, N);
    for (int f = 0; f < N; f++) {
        const double halves = 2 * f * 97.0 / RATE;
        const bool is_low = (int)halves % 2;
        const double since = (halves - floor(halves)) * RATE / (2 * 97.0);
        if (since > AFTER || halves < 1) {
            cr_assert_eq(out[f], is_low ? -1.0F : 1.0F, "%d: %.9g", f,
                         (double)out[f]);
        } else if (since > 1 && since < AFTER - 8) {
            cr_assert_neq(out[f], is_low ? -1.0F : 1.0F, "%d", f);
        }
    }
}

Test(oscillators, slopes_are_late_by_as_much_when_their_frequency_moves)
{
    enum { N = 60, TURN = 30 };
    const double late = 2.55466992;
    float out[N];
    struct player p = player_of("saw");
    set(&p, "freq", 100.0F);
    play(&p, out, TURN);
    set(&p, "freq", -250.0F);
    play(&p, out + TURN, N - TURN);
    for (int f = 3; f < N; f++) {
        const double t = f - late;
        const double cycles =
            (fmin(t, TURN) * 100 - fmax(t - TURN, 0) * 250) / RATE;
        cr_assert_float_eq((double)out[f], 2 * cycles, 1e-6, "%d", f);
    }
}

Test(oscillators, impulses_come_at_their_frames)
{
    enum { N = 96001 };
    static float out[N];
    const float freqs[] = {100.0F, -100.0F, 2.0F, 7.0F, 441.0F, 48000.0F};
    for (size_t i = 0; i < LAT_COUNT(freqs); i++) {
        struct player p = player_of("impulse");
        set(&p, "freq", freqs[i]);
        play(&p, out, N);
        const double period = RATE / fabs((double)freqs[i]);
        double next = 0;
        for (int f = 0; f < N; f++) {
            // The nearest frame; where it is a tie, either.
            if (fabs(f - next) < 0.5 - 1e-6 ||
                (fabs(f - next) < 0.5 + 1e-6 && out[f] == 1.0F)) {
                cr_assert_eq(out[f], 1.0F, "%g Hz, frame %d", (double)freqs[i],
                             f);
                next += period;
            } else {
                cr_assert_eq(out[f], 0.0F, "%g Hz, frame %d", (double)freqs[i],
                             f);
            }
        }
    }
    struct player once = player_of("impulse");
    set(&once, "freq", 0.0F);
    play(&once, out, N);
    cr_assert_eq(out[0], 1.0F);
    for (int f = 1; f < N; f++) {
        cr_assert_eq(out[f], 0.0F);
    }
}

// --- Filters -----------------------------------------------------------------

/// Response of a filter type at @p hz, from its impulse response.
static double complex
response(const char *name, float cutoff, float q, double hz)
{
    enum { N = 48000 };
    static float in[N] = {1.0F};
    static float out[N];
    struct player p = player_of(name);
    follow(&p, "in", in);
    set(&p, "cutoff", cutoff);
    if (strcmp(name, "onepole") != 0) {
        set(&p, "q", q);
    }
    play(&p, out, N);
    double complex sum = 0;
    for (int f = 0; f < N; f++) {
        sum +=
            (double)out[f] * cexp(-2 * PI * (double complex)I * hz * f / RATE);
    }
    return sum;
}

/// The analogue filter's response at the frequency that the bilinear transform
/// makes of @p hz.
static double complex
prototype(const char *name, double cutoff, double q, double hz)
{
    const double complex s =
        (double complex)I * tan(PI * hz / RATE) / tan(PI * cutoff / RATE);
    const double complex denominator = s * s + s / q + 1;
    if (!strcmp(name, "lowpass")) {
        return 1 / denominator;
    }
    if (!strcmp(name, "highpass")) {
        return s * s / denominator;
    }
    if (!strcmp(name, "bandpass")) {
        return s / q / denominator;
    }
    return (s * s + 1) / denominator;
}

Test(filters, respond_like_their_prototype)
{
    const char *const names[] = {"lowpass", "highpass", "bandpass", "notch"};
    const float cutoffs[] = {50, 440, 1000, 8000, 20000};
    const float qs[] = {0.5F, 0.7071F, 8};
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        for (size_t c = 0; c < LAT_COUNT(cutoffs); c++) {
            for (size_t k = 0; k < LAT_COUNT(qs); k++) {
                for (double hz = 20; hz < 23000; hz *= 2.3) {
                    const double complex is =
                        response(names[i], cutoffs[c], qs[k], hz);
                    const double complex should = prototype(
                        names[i], (double)cutoffs[c], (double)qs[k], hz);
                    cr_assert_lt(cabs(is - should), 2e-4 * (1 + (double)qs[k]),
                                 "%s at %g, q %g: %g Hz", names[i],
                                 (double)cutoffs[c], (double)qs[k], hz);
                }
            }
        }
    }
}

Test(filters, fall_by_12_db_an_octave)
{
    const double low = db(cabs(response("lowpass", 100, 0.7071F, 1000)) /
                          cabs(response("lowpass", 100, 0.7071F, 2000)));
    const double high = db(cabs(response("highpass", 8000, 0.7071F, 800)) /
                           cabs(response("highpass", 8000, 0.7071F, 400)));
    cr_assert_float_eq(low, 12.04, 0.2);
    cr_assert_float_eq(high, 12.04, 0.2);
}

Test(filters, have_their_q_at_the_cutoff)
{
    cr_assert_float_eq(cabs(response("lowpass", 1000, 5, 1000)), 5, 0.005);
    cr_assert_float_eq(cabs(response("bandpass", 1000, 5, 1000)), 1, 0.001);
    cr_assert_float_eq(cabs(response("notch", 1000, 5, 1000)), 0, 0.001);
}

Test(filters, stay_bounded_under_modulation_at_audio_rate)
{
    enum { N = 48000 };
    static float in[N];
    static float cutoff[N];
    static float pitch[N];
    static float q[N];
    static float out[N];
    srand(5);
    for (int f = 0; f < N; f++) {
        in[f] = (float)rand() / (float)RAND_MAX - 0.5F;
        cutoff[f] = 20000.0F * (float)rand() / (float)RAND_MAX - 1000.0F;
        pitch[f] = 48.0F * (float)rand() / (float)RAND_MAX - 24.0F;
        q[f] = 20.0F * (float)rand() / (float)RAND_MAX;
    }
    struct player p = player_of("lowpass");
    follow(&p, "in", in);
    follow(&p, "cutoff", cutoff);
    follow(&p, "pitch", pitch);
    follow(&p, "q", q);
    play(&p, out, N);
    for (int f = 0; f < N; f++) {
        cr_assert(fabsf(out[f]) < 20.0F);
    }
}

Test(filters, let_silence_be_silent)
{
    const char *const names[] = {"lowpass", "highpass", "bandpass", "notch",
                                 "onepole"};
    float out[256];
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        struct player p = player_of(names[i]);
        play(&p, out, 256);
        for (int f = 0; f < 256; f++) {
            cr_assert_eq(out[f], 0.0F);
        }
    }
}

Test(filters, onepole_has_its_closed_form)
{
    enum { N = 2000 };
    static float in[N] = {1.0F};
    float out[N];
    const float cutoffs[] = {0.5F, 20, 500, 8000, 100000};
    for (size_t i = 0; i < LAT_COUNT(cutoffs); i++) {
        const double c = 1 - exp(-2 * PI * (double)cutoffs[i] / RATE);
        struct player p = player_of("onepole");
        follow(&p, "in", in);
        set(&p, "cutoff", cutoffs[i]);
        play(&p, out, N);
        for (int f = 0; f < N; f++) {
            const double exact = c * pow(1 - c, f);
            cr_assert_float_eq((double)out[f], exact,
                               3e-7 * c + 1e-7 * exact * f, "%g Hz, frame %d",
                               (double)cutoffs[i], f);
        }
    }
    struct player held = player_of("onepole");
    follow(&held, "in", in);
    set(&held, "cutoff", -5);
    play(&held, out, 10);
    cr_assert_eq(out[9], 0.0F);
}

// --- Arithmetic, gain, pan ---------------------------------------------------

/// What a type without state makes of constant inputs.
static float
result(const char *name, float a, float b)
{
    float out[1];
    struct player p = player_of(name);
    p.value[0] = a;
    p.value[1] = b;
    play(&p, out, 1);
    return out[0];
}

Test(arithmetic, does_what_it_says)
{
    cr_assert_eq(result("add", 1.5F, 2), 3.5F);
    cr_assert_eq(result("subtract", 1.5F, 2), -0.5F);
    cr_assert_eq(result("multiply", 1.5F, 2), 3.0F);
    cr_assert_eq(result("divide", 1.5F, 2), 0.75F);
    cr_assert_eq(result("divide", 1.5F, 0), 0.0F);
    cr_assert_eq(result("divide", -1.5F, -0.0F), 0.0F);
    cr_assert_eq(result("min", 1.5F, 2), 1.5F);
    cr_assert_eq(result("max", 1.5F, 2), 2.0F);
    cr_assert_eq(result("gain", 1.5F, 2), 3.0F);
}

Test(pan, has_equal_power_and_exact_ends)
{
    float left[1];
    float right[1];
    for (float place = -1.0F; place <= 1.0F; place += 0.0625F) {
        struct player p = player_of("pan");
        set(&p, "in", 1);
        set(&p, "pan", place);
        play_both(&p, left, right, 1);
        const double angle = ((double)place + 1) * PI / 4;
        cr_assert_float_eq((double)left[0], cos(angle), 2e-7);
        cr_assert_float_eq((double)right[0], sin(angle), 2e-7);
        if (place == 0.0F) {
            cr_assert_eq(left[0], 0.70710678F);
            cr_assert_eq(right[0], 0.70710678F);
        }
        if (place == 1.0F) {
            cr_assert_eq(left[0], 0.0F);
            cr_assert_eq(right[0], 1.0F);
        }
    }
    struct player far = player_of("pan");
    set(&far, "in", 1);
    set(&far, "pan", -7);
    play_both(&far, left, right, 1);
    cr_assert_eq(left[0], 1.0F);
    cr_assert_eq(right[0], 0.0F);
}
