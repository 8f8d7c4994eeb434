// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The catalogue of node types, and the types that have no kernel.

#include "node/tuning.h"
#include "node/type.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000.0
#define PI   3.14159265358979323846

enum { MOST_PORTS = 130, MOST_SETTINGS = 16 };

// --- Descriptors -------------------------------------------------------------

Test(nodes, are_found_by_their_unique_names)
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; t++) {
        cr_assert_eq(lat_node_type_find((*t)->name), *t);
    }
    cr_assert_null(lat_node_type_find("theremin"));
    cr_assert_null(lat_node_type_find(""));
    const struct lat_node_type *out = lat_node_type_find("audio_out");
    cr_assert_str_eq(out->settings[lat_setting_index(out, "limit")].name,
                     "limit");
    cr_assert_eq(lat_setting_index(out, "volume"), -1);
}

/// The inputs and outputs that others rely on.
Test(nodes, have_the_ports_of_the_contract)
{
    const struct {
        const char *type, *inputs, *outputs;
    } rows[] = {
        {"constant", "value", "out"},
        {"add", "a b", "out"},
        {"subtract", "a b", "out"},
        {"multiply", "a b", "out"},
        {"divide", "a b", "out"},
        {"min", "a b", "out"},
        {"max", "a b", "out"},
        {"mix", "in level", "out"},
        {"bus", "in", "out"},
        {"gain", "in gain cv", "out"},
        {"pan", "in pan", "left right"},
        {"sine", "freq pitch phase sync", "out"},
        {"saw", "freq pitch phase sync", "out"},
        {"square", "freq pitch phase sync", "out"},
        {"triangle", "freq pitch phase sync", "out"},
        {"pulse", "freq pitch phase sync width", "out"},
        {"impulse", "freq", "out"},
        {"noise", "", "out"},
        {"lowpass", "in cutoff pitch q", "out"},
        {"highpass", "in cutoff pitch q", "out"},
        {"bandpass", "in cutoff pitch q", "out"},
        {"notch", "in cutoff pitch q", "out"},
        {"ladder", "in cutoff pitch resonance drive", "out"},
        {"onepole", "in cutoff", "out"},
        {"adsr", "gate attack decay sustain release", "out"},
        {"delay", "in time feedback mix", "out"},
        {"ar", "gate attack release", "out"},
        {"line", "trigger from to time", "out end"},
        {"envelope", "gate speed", "out end"},
        {"pingpong", "left right time feedback mix", "left right"},
        {"chorus", "in rate depth feedback mix", "left right"},
        {"flanger", "in rate depth feedback mix", "left right"},
        {"phaser", "in rate depth feedback mix", "left right"},
        {"distortion", "in drive mix", "out"},
        {"fold", "in drive offset mix", "out"},
        {"bitcrush", "in bits rate", "out"},
        {"limiter", "left right ceiling release", "left right reduction"},
        {"reverb", "left right size decay damping mix", "left right"},
        {"compressor",
         "in sidechain threshold ratio attack release knee makeup",
         "out reduction"},
        {"gate", "in sidechain threshold range attack hold release",
         "out reduction"},
        {"audio_in", "", "out"},
        {"audio_out", "in level", ""},
        {"midi_notes", "",
         "pitch gate velocity trigger pressure release timbre"},
        {"midi_cc", "", "value"},
        {"midi_out", "gate pitch velocity cc", ""},
        {"midi_clock", "", "trigger running"},
        {"clock", "", "trigger gate"},
        {"phasor", "", "out"},
        {"steps", "trigger reset phase", "value gate trigger"},
        {"pattern", "", "value gate trigger n"},
#ifdef LAT_SOUND_FILES
        {"wavetable", "freq pitch phase sync position", "out"},
        {"player", "play position speed pitch", "left right"},
        {"recorder", "left right record", ""},
#endif
        {"meter", "in", "peak rms"},
    };
    for (size_t r = 0; r < LAT_COUNT(rows); r++) {
        const struct lat_node_type *type = lat_node_type_find(rows[r].type);
        cr_assert_not_null(type, "%s", rows[r].type);
        char names[200] = "";
        for (uint32_t i = 0; i < type->n_inputs; i++) {
            strcat(strcat(names, i ? " " : ""), type->inputs[i].name);
        }
        cr_assert_str_eq(names, rows[r].inputs, "%s", rows[r].type);
        names[0] = '\0';
        for (uint32_t i = 0; i < type->n_outputs; i++) {
            strcat(strcat(names, i ? " " : ""), type->outputs[i].name);
        }
        cr_assert_str_eq(names, rows[r].outputs, "%s", rows[r].type);
    }
}

// --- Running a node without a kernel -----------------------------------------

struct player {
    const struct lat_node_type *type;
    struct lat_setting_value settings[MOST_SETTINGS];
    const void *prepared[MOST_SETTINGS];
    struct lat_config config;
    void *state;
    float value[MOST_PORTS];
    const float *moving[MOST_PORTS]; // or NULL
    const struct lat_midi_event *midi;
    uint32_t n_midi;
    uint32_t longest; // span
    uint64_t frame;
};

static struct player
player_of(const char *name, uint32_t n_in, uint32_t n_out)
{
    struct player p = {.type = lat_node_type_find(name), .longest = 64};
    for (uint32_t i = 0; i < p.type->n_settings; i++) {
        p.settings[i].number = p.type->settings[i].initial;
        p.settings[i].text =
            (char *)(uintptr_t)p.type->settings[i].initial_text;
    }
    for (uint32_t i = 0; i < p.type->n_inputs && i < n_in; i++) {
        p.value[i] = p.type->inputs[i].initial;
    }
    p.config = (struct lat_config){
        .n_voices = 1,
        .rate = RATE,
        .block = 64,
        .n_in = n_in,
        .n_out = n_out,
        .seed = 4711,
    };
    return p;
}

static void
set_number(struct player *p, const char *name, double number)
{
    const int i = lat_setting_index(p->type, name);
    p->settings[i] = (struct lat_setting_value){.number = number};
}

static void
set_word(struct player *p, const char *name, char *word)
{
    const int i = lat_setting_index(p->type, name);
    p->settings[i] = (struct lat_setting_value){.text = word};
}

static void
reset(struct player *p)
{
    p->config.settings = p->settings;
    if (p->type->reset) {
        p->type->reset(p->state, &p->config);
    } else if (p->state) {
        memset(p->state, 0, p->type->state_bytes(&p->config));
    }
}

/// The next @p n frames; out[k] is NULL where output k is of no interest.
static void
play(struct player *p, float *const *out, uint32_t n)
{
    static float spare[MOST_PORTS][LAT_MAX_BLOCK];
    p->config.settings = p->settings;
    p->config.prepared = p->prepared;
    if (!p->state && p->type->state_bytes) {
        const size_t bytes = p->type->state_bytes(&p->config);
        const size_t whole =
            (bytes + LAT_ALIGNMENT) / LAT_ALIGNMENT * LAT_ALIGNMENT;
        p->state = aligned_alloc(LAT_ALIGNMENT, whole);
        memset(p->state, 0, whole);
        if (p->type->init) {
            cr_assert_eq(p->type->init(p->state, &p->config), LAT_OK);
        }
    }
    for (uint32_t done = 0; done < n;) {
        const uint32_t span = n - done < p->longest ? n - done : p->longest;
        const float *in[MOST_PORTS];
        uint32_t step[MOST_PORTS];
        float *outputs[MOST_PORTS];
        uint64_t constant = 0;
        struct lat_midi_event midi[16];
        uint32_t n_midi = 0;
        for (uint32_t i = 0; i < p->n_midi; i++) {
            const uint64_t at = p->midi[i].frame;
            if (at >= p->frame && at < p->frame + span) {
                midi[n_midi] = p->midi[i];
                midi[n_midi++].frame = (uint32_t)(at - p->frame);
            }
        }
        for (uint32_t i = 0; i < p->config.n_in; i++) {
            step[i] = p->moving[i] != NULL;
            in[i] = step[i] ? p->moving[i] + p->frame : &p->value[i];
            constant |= i < 64 && !step[i] ? UINT64_C(1) << i : 0;
        }
        for (uint32_t k = 0; k < p->config.n_out; k++) {
            outputs[k] = out[k] ? out[k] + done : spare[k];
        }
        const struct lat_context context = {
            .rate = RATE,
            .rate_f = (float)RATE,
            .period_f = (float)(1 / RATE),
            .n_frames = span,
            .block = 64,
            .frame = p->frame,
            .midi = midi,
            .n_midi = n_midi,
        };
        const struct lat_io io = {
            .in = in,
            .step = step,
            .out = outputs,
            .state = p->state,
            .config = &p->config,
            .constant = constant,
            .n_in = p->config.n_in,
            .n_out = p->config.n_out,
        };
        const uint64_t still = p->type->process(&context, &io);
        for (uint32_t k = 0; k < p->config.n_out && k < 64; k++) {
            for (uint32_t f = 1; still >> k & 1U && f < span; f++) {
                outputs[k][f] = outputs[k][0];
            }
        }
        p->frame += span;
        done += span;
    }
}

static void
stop(struct player *p)
{
    free(p->state);
}

static float
random_sample(void)
{
    return (float)rand() / (float)RAND_MAX * 2.0F - 1.0F;
}

// --- constant, bus, mix ------------------------------------------------------

Test(nodes, constant_and_bus_pass_what_they_get)
{
    const char *const names[] = {"constant", "bus"};
    float in[200];
    float out[100];
    float *const outs[] = {out};
    for (int f = 0; f < 200; f++) {
        in[f] = random_sample();
    }
    for (size_t i = 0; i < LAT_COUNT(names); i++) {
        struct player p = player_of(names[i], 1, 1);
        p.value[0] = 0.25F;
        play(&p, outs, 100);
        cr_assert_eq(out[99], 0.25F);
        p.moving[0] = in;
        play(&p, outs, 100);
        cr_assert_arr_eq(out, in + 100, sizeof(out));
    }
}

Test(nodes, mix_sums_its_inputs_by_their_levels)
{
    enum { N = 3, FRAMES = 100 };
    float in[2 * N][FRAMES];
    float still[FRAMES];
    float moving[FRAMES];
    float *const outs[] = {still};
    float *const other[] = {moving};
    for (int i = 0; i < 2 * N; i++) {
        const float held = random_sample();
        for (int f = 0; f < FRAMES; f++) {
            in[i][f] = i < N ? random_sample() : held;
        }
    }
    struct player p = player_of("mix", 2 * N, 1);
    struct player q = player_of("mix", 2 * N, 1);
    for (int i = 0; i < 2 * N; i++) {
        p.value[i] = in[i][0];
        p.moving[i] = i < N ? in[i] : NULL;
        q.moving[i] = in[i];
    }
    play(&p, outs, FRAMES);
    play(&q, other, FRAMES);
    cr_assert_arr_eq(still, moving, sizeof(still));
    for (int f = 0; f < FRAMES; f++) {
        const float sum =
            in[0][f] * in[3][f] + in[1][f] * in[4][f] + in[2][f] * in[5][f];
        cr_assert_float_eq(still[f], sum, 1e-6F);
    }
}

// --- noise -------------------------------------------------------------------

static double
rms_of(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    return sqrt(sum / (double)n);
}

/// RMS of a band of @p x around @p hz, one third of it wide.
static double
band_rms(const float *x, size_t n, double hz)
{
    // Two state-variable band-passes in a row.
    const double g = tan(PI * hz / RATE);
    const double k = 1.0 / 3;
    double s[4] = {0};
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double y = (double)x[i];
        for (int stage = 0; stage < 4; stage += 2) {
            const double v1 =
                (s[stage] + g * (y - s[stage + 1])) / (1 + g * (g + k));
            const double v2 = s[stage + 1] + g * v1;
            s[stage] = 2 * v1 - s[stage];
            s[stage + 1] = 2 * v2 - s[stage + 1];
            y = k * v1;
        }
        sum += y * y;
    }
    return sqrt(sum / (double)n);
}

static float *
noise_of(char *color, double seed, uint64_t name, size_t n, uint32_t longest)
{
    float *x = malloc(n * sizeof(*x));
    float *const outs[] = {x};
    struct player p = player_of("noise", 0, 1);
    set_word(&p, "color", color);
    set_number(&p, "seed", seed);
    p.config.seed = name;
    p.longest = longest;
    play(&p, outs, (uint32_t)n);
    stop(&p);
    return x;
}

Test(noise, has_its_color)
{
    enum { N = 1 << 20 };
    const struct {
        char *color;
        double slope_db, rms; // per octave of a band of constant relative width
    } rows[] = {
        {"white", 3.01, 0.577}, {"pink", 0, 0.289}, {"brown", -3.01, 0.289}};
    for (size_t i = 0; i < LAT_COUNT(rows); i++) {
        float *x = noise_of(rows[i].color, 1, 0, N, 64);
        const double base = band_rms(x, N, 1000);
        for (double hz = 125; hz <= 4000; hz *= 2) {
            const double is = 20 * log10(band_rms(x, N, hz) / base);
            const double should = rows[i].slope_db * log2(hz / 1000);
            cr_assert_float_eq(is, should, hz < 300 ? 1.2 : 0.6,
                               "%s at %g Hz: %g dB, not %g", rows[i].color, hz,
                               is, should);
        }
        cr_assert_float_eq(rms_of(x, N), rows[i].rms, rows[i].rms * 0.1, "%s",
                           rows[i].color);
        free(x);
    }
}

Test(noise, depends_on_its_seed_and_not_on_spans)
{
    enum { N = 1000 };
    char *const colors[] = {"white", "pink", "brown"};
    for (size_t i = 0; i < LAT_COUNT(colors); i++) {
        float *a = noise_of(colors[i], 0, 1, N, 64);
        float *b = noise_of(colors[i], 0, 1, N, 7);
        float *c = noise_of(colors[i], 0, 2, N, 64);
        float *d = noise_of(colors[i], 5, 1, N, 64);
        float *e = noise_of(colors[i], 5, 2, N, 64);
        cr_assert_arr_eq(a, b, N * sizeof(float));
        cr_assert_arr_neq(a, c, N * sizeof(float));
        cr_assert_arr_neq(a, d, N * sizeof(float));
        cr_assert_arr_eq(d, e, N * sizeof(float));
        free(a);
        free(b);
        free(c);
        free(d);
        free(e);
    }
}

Test(noise, white_fills_its_range)
{
    float *x = noise_of("white", 3, 0, 1 << 20, 64);
    float low = 1;
    float high = -1;
    for (size_t i = 0; i < 1 << 20; i++) {
        low = fminf(low, x[i]);
        high = fmaxf(high, x[i]);
    }
    cr_assert(low >= -1 && low < -0.9999F);
    cr_assert(high < 1 && high > 0.9999F);
    free(x);
}

// --- delay -------------------------------------------------------------------

enum { DELAY_IN, DELAY_TIME, DELAY_FEEDBACK, DELAY_MIX };

Test(delay, echoes_at_multiples_of_its_time)
{
    enum { N = 5000 };
    static float in[N] = {1.0F};
    static float out[N];
    float *const outs[] = {out};
    struct player p = player_of("delay", 4, 1);
    p.moving[DELAY_IN] = in;
    p.value[DELAY_TIME] = (float)(1000 / RATE);
    p.value[DELAY_FEEDBACK] = 0.5F;
    p.value[DELAY_MIX] = 0.25F;
    play(&p, outs, N);
    for (int f = 0; f < N; f++) {
        float expected = f == 0 ? 0.75F : 0.0F;
        if (f && f % 1000 == 0) {
            expected = 0.25F * ldexpf(1.0F, 1 - f / 1000);
        }
        cr_assert_float_eq(out[f], expected, 1e-4F, "frame %d", f);
    }
    stop(&p);
}

Test(delay, reads_between_frames)
{
    enum { N = 2000 };
    static float in[N];
    static float out[N];
    float *const outs[] = {out};
    for (int f = 0; f < N; f++) {
        in[f] = (float)sin(2 * PI * 500 * f / RATE);
    }
    for (double frames = 1; frames < 30; frames += 3.3) {
        struct player p = player_of("delay", 4, 1);
        p.moving[DELAY_IN] = in;
        p.value[DELAY_TIME] = (float)(frames / RATE);
        p.value[DELAY_FEEDBACK] = 0;
        p.value[DELAY_MIX] = 1;
        play(&p, outs, N);
        for (int f = 100; f < N; f++) {
            const double exact = sin(2 * PI * 500 * (f - frames) / RATE);
            cr_assert_float_eq((double)out[f], exact, 3e-4, "%g", frames);
        }
        stop(&p);
    }
}

Test(delay, keeps_its_time_within_a_frame_and_max_time)
{
    enum { N = 1000 };
    static float in[N] = {1.0F};
    static float out[N];
    float *const outs[] = {out};
    const struct {
        float seconds;
        int frame;
    } rows[] = {{0, 1}, {-3, 1}, {1e9F, 480}, {INFINITY, 480}};
    for (size_t i = 0; i < LAT_COUNT(rows); i++) {
        struct player p = player_of("delay", 4, 1);
        set_number(&p, "max_time", 0.01);
        p.moving[DELAY_IN] = in;
        p.value[DELAY_TIME] = rows[i].seconds;
        p.value[DELAY_FEEDBACK] = 0;
        p.value[DELAY_MIX] = 1;
        play(&p, outs, N);
        for (int f = 0; f < N; f++) {
            cr_assert_eq(out[f], f == rows[i].frame ? 1.0F : 0.0F, "%g, %d",
                         (double)rows[i].seconds, f);
        }
        stop(&p);
    }
}

Test(delay, forgets_everything_at_a_reset)
{
    enum { N = 600 };
    static float in[2 * N];
    static float out[N];
    float *const outs[] = {out};
    for (int f = 0; f < N; f++) {
        in[f] = random_sample();
    }
    struct player p = player_of("delay", 4, 1);
    set_number(&p, "max_time", 0.01);
    p.moving[DELAY_IN] = in;
    p.value[DELAY_TIME] = 0.007123F;
    p.value[DELAY_FEEDBACK] = 0.9F;
    play(&p, outs, N);
    reset(&p);
    play(&p, outs, N);
    for (int f = 0; f < N; f++) {
        cr_assert_eq(out[f], 0.0F);
    }
    stop(&p);
}

Test(delay, does_not_depend_on_spans)
{
    enum { N = 3000 };
    static float in[N];
    static float time[N];
    static float a[N];
    static float b[N];
    float *const outs_a[] = {a};
    float *const outs_b[] = {b};
    for (int f = 0; f < N; f++) {
        in[f] = random_sample();
        time[f] = 0.01F + 0.009F * random_sample();
    }
    struct player p = player_of("delay", 4, 1);
    p.moving[DELAY_IN] = in;
    p.moving[DELAY_TIME] = time;
    struct player q = p;
    q.longest = 17;
    play(&p, outs_a, N);
    play(&q, outs_b, N);
    cr_assert_arr_eq(a, b, sizeof(a));
    stop(&p);
    stop(&q);
}

Test(delay, never_grows_at_full_feedback)
{
    enum { N = 200000 };
    static float in[N];
    static float out[N];
    float *const outs[] = {out};
    for (int f = 0; f < 100; f++) {
        in[f] = random_sample();
    }
    struct player p = player_of("delay", 4, 1);
    p.moving[DELAY_IN] = in;
    p.value[DELAY_TIME] = 0.002147F; // between frames
    p.value[DELAY_FEEDBACK] = 1;
    play(&p, outs, N);
    for (int f = 0; f < N; f++) {
        cr_assert(fabsf(out[f]) <= 2.0F, "frame %d: %g", f, (double)out[f]);
    }
    stop(&p);
}

// --- audio_in, audio_out -----------------------------------------------------

Test(device, audio_in_copies_the_device)
{
    float in[2][64];
    float out[2][64];
    float *const outs[] = {out[0], out[1]};
    for (int f = 0; f < 64; f++) {
        in[0][f] = random_sample();
    }
    struct player p = player_of("audio_in", 2, 2);
    p.moving[0] = in[0];
    p.value[1] = 0.5F;
    play(&p, outs, 64);
    cr_assert_arr_eq(out[0], in[0], sizeof(in[0]));
    cr_assert_eq(out[1][63], 0.5F);
}

/// Channels 0 and 1 and the level through an audio_out.
static void
play_out(struct player *p, const float *left, const float *right, float level,
         float *const *outs, uint32_t n)
{
    p->moving[0] = left;
    p->moving[1] = right;
    p->value[2] = level;
    play(p, outs, n);
    stop(p);
}

Test(device, audio_out_is_transparent_up_to_the_limit)
{
    enum { N = 1000 };
    static float in[2][N];
    static float out[2][N];
    float *const outs[] = {out[0], out[1]};
    for (int f = 0; f < N; f++) {
        in[0][f] = random_sample();
        in[1][f] = f % 100 ? random_sample() : 1.0F;
    }
    struct player p = player_of("audio_out", 3, 2);
    play_out(&p, in[0], in[1], 1.0F, outs, N);
    cr_assert_arr_eq(out, in, sizeof(in));
}

Test(device, audio_out_never_exceeds_its_limit)
{
    enum { N = 20000 };
    static float in[2][N];
    static float out[2][N];
    float *const outs[] = {out[0], out[1]};
    const double limits[] = {0, -6, -20, 6};
    for (int f = 0; f < N; f++) {
        const float swell = 4.0F * (float)f / N;
        in[0][f] = random_sample() * swell;
        in[1][f] = f % 777 ? 0.01F : 1e30F;
    }
    for (size_t i = 0; i < LAT_COUNT(limits); i++) {
        struct player p = player_of("audio_out", 3, 2);
        set_number(&p, "limit", limits[i]);
        play_out(&p, in[0], in[1], 1.5F, outs, N);
        const float limit = (float)pow(10, limits[i] / 20) * 1.0000002F;
        for (int f = 0; f < N; f++) {
            cr_assert(fabsf(out[0][f]) <= limit && fabsf(out[1][f]) <= limit,
                      "%g dB, frame %d", limits[i], f);
        }
    }
}

Test(device, audio_out_ducks_all_channels_alike_and_recovers)
{
    enum { N = 100000 };
    static float in[2][N];
    static float out[2][N];
    float *const outs[] = {out[0], out[1]};
    for (int f = 0; f < N; f++) {
        in[0][f] = f == 1000 ? 4.0F : 0.0F;
        in[1][f] = 0.5F;
    }
    struct player p = player_of("audio_out", 3, 2);
    play_out(&p, in[0], in[1], 1.0F, outs, N);
    cr_assert_eq(out[1][999], 0.5F);
    cr_assert_eq(out[0][1000], 1.0F);
    cr_assert_eq(out[1][1000], 0.125F);
    for (int f = 1001; f < N; f++) {
        cr_assert_geq(out[1][f], out[1][f - 1]);
    }
    cr_assert_lt(out[1][1000 + 2400], 0.4F);
    cr_assert_eq(out[1][N - 1], 0.5F);
}

Test(device, audio_out_can_do_without_a_limit)
{
    static float in[2][64];
    static float out[2][64];
    float *const outs[] = {out[0], out[1]};
    in[0][5] = 17.0F;
    struct player p = player_of("audio_out", 3, 2);
    set_word(&p, "limit", "off");
    play_out(&p, in[0], in[1], 2.0F, outs, 64);
    cr_assert_eq(out[0][5], 34.0F);
    cr_assert_eq(out[0][6], 0.0F);
}

// --- meter -------------------------------------------------------------------

Test(meter, measures_peak_and_rms)
{
    enum { N = 96000 };
    static float in[N];
    static float peak[N];
    static float rms[N];
    float *const outs[] = {peak, rms};
    for (int f = 0; f < N / 2; f++) {
        in[f] = 0.8F * (float)sin(2 * PI * 1000 * f / RATE);
    }
    struct player p = player_of("meter", 1, 2);
    p.moving[0] = in;
    play(&p, outs, N);
    cr_assert_float_eq(peak[N / 2 - 1], 0.8F, 0.002F);
    cr_assert_float_eq(rms[N / 2 - 1], 0.8F * 0.70711F, 0.002F);
    // 20 dB a second.
    cr_assert_float_eq(peak[N / 2 + 24000], 0.8F * 0.3162F, 0.002F);
    cr_assert_lt(rms[N - 1], 1e-4F);
    stop(&p);
}

// --- midi --------------------------------------------------------------------

#define NOTE_ON(at, channel, key, velocity)                                    \
 {                                                                             \
  (at), 3,                                                                     \
  {                                                                            \
   0x90 | ((channel)-1), (key), (velocity)                                     \
  }                                                                            \
 }
#define NOTE_OFF(at, channel, key)                                             \
 {                                                                             \
  (at), 3,                                                                     \
  {                                                                            \
   0x80 | ((channel)-1), (key), 64                                             \
  }                                                                            \
 }
#define CONTROL(at, channel, control, value)                                   \
 {                                                                             \
  (at), 3,                                                                     \
  {                                                                            \
   0xb0 | ((channel)-1), (control), (value)                                    \
  }                                                                            \
 }

enum { PITCH, GATE, VELOCITY, TRIGGER, PRESSURE, RELEASE, TIMBRE, N_NOTES_OUT };

static float notes_out[N_NOTES_OUT][400];

static void
play_keys(struct player *p, const struct lat_midi_event *midi, uint32_t n)
{
    float *const outs[] = {notes_out[0], notes_out[1], notes_out[2],
                           notes_out[3], notes_out[4], notes_out[5],
                           notes_out[6]};
    p->midi = midi;
    p->n_midi = n;
    play(p, outs, 400);
    stop(p);
}

static void
play_notes(const struct lat_midi_event *midi, uint32_t n, double channel,
           uint32_t longest)
{
    struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
    set_number(&p, "channel", channel);
    p.longest = longest;
    play_keys(&p, midi, n);
}

Test(midi_notes, the_last_key_wins_and_falls_back)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(10, 1, 60, 127), NOTE_ON(50, 1, 64, 64),
        NOTE_ON(100, 1, 67, 32), NOTE_OFF(150, 1, 64),
        NOTE_OFF(200, 1, 67),    NOTE_ON(250, 1, 60, 0),
    };
    for (uint32_t longest = 1; longest <= 400; longest += 57) {
        play_notes(midi, LAT_COUNT(midi), 0, longest);
        for (int f = 0; f < 400; f++) {
            const bool is_on = f >= 10 && f < 250;
            const float pitch = f >= 50 && f < 100    ? 4.0F
                                : f >= 100 && f < 200 ? 7.0F
                                                      : 0.0F;
            cr_assert_eq(notes_out[GATE][f], is_on ? 1.0F : 0.0F, "%d", f);
            cr_assert_eq(notes_out[PITCH][f], pitch, "%d", f);
            cr_assert_eq(notes_out[TRIGGER][f],
                         f == 10 || f == 50 || f == 100 ? 1.0F : 0.0F, "%d", f);
        }
        cr_assert_eq(notes_out[VELOCITY][0], 0.0F);
        cr_assert_eq(notes_out[VELOCITY][49], 1.0F);
        cr_assert_eq(notes_out[VELOCITY][99], 64 / 127.0F);
        cr_assert_eq(notes_out[VELOCITY][240], 1.0F);
    }
}

Test(midi_notes, are_tuned_by_a_scale_and_a_mapping)
{
    static const char scale[] = "a fifth and a twelfth\n2\n3/2\n3/1\n";
    static const char map[] = "3\n0\n127\n60\n60\n523.251\n2\n0\nx\n1\n";
    struct lat_scale *scl = NULL;
    struct lat_keymap *kbm = NULL;
    lat_scale_parse(scale, strlen(scale), "a.scl", &scl, NULL);
    lat_keymap_parse(map, strlen(map), "a.kbm", &kbm, NULL);
    const struct lat_midi_event midi[] = {
        NOTE_ON(0, 1, 60, 127),  NOTE_ON(100, 1, 61, 127), // is unmapped
        NOTE_OFF(150, 1, 61),    NOTE_ON(200, 1, 62, 127),
        {250, 3, {0xe0, 0, 96}}, NOTE_OFF(300, 1, 62),
    };
    struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
    p.prepared[lat_setting_index(p.type, "tuning")] = scl;
    p.prepared[lat_setting_index(p.type, "keymap")] = kbm;
    play_keys(&p, midi, LAT_COUNT(midi));
    const float fifth = 12.0F * log2f(1.5F);
    for (int f = 0; f < 400; f++) {
        const float key = f >= 200 && f < 300 ? 12.0F + fifth : 12.0F;
        const float bend = f >= 250 ? 1.0F : 0.0F;
        cr_assert_float_eq(notes_out[PITCH][f], key + bend, 1e-4F, "%d", f);
        cr_assert_eq(notes_out[GATE][f], 1.0F, "%d", f);
        cr_assert_eq(notes_out[TRIGGER][f], f == 0 || f == 200 ? 1.0F : 0.0F,
                     "%d", f);
    }
    free(scl);
    free(kbm);
}

Test(midi_notes, bend_by_two_semitones)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(0, 1, 72, 100),
        {10, 3, {0xe0, 0, 0}},
        {20, 3, {0xe0, 0, 96}},
        {30, 3, {0xe0, 0, 64}},
    };
    play_notes(midi, LAT_COUNT(midi), 0, 64);
    cr_assert_eq(notes_out[PITCH][5], 12.0F);
    cr_assert_eq(notes_out[PITCH][15], 10.0F);
    cr_assert_eq(notes_out[PITCH][25], 13.0F);
    cr_assert_eq(notes_out[PITCH][35], 12.0F);
}

Test(midi_notes, bend_as_far_as_they_are_told)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(0, 1, 60, 100),
        {10, 3, {0xe0, 0, 0}},
        {20, 3, {0xe0, 127, 127}},
    };
    struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
    set_number(&p, "bend", 48.0);
    play_keys(&p, midi, LAT_COUNT(midi));
    cr_assert_eq(notes_out[PITCH][15], -48.0F);
    cr_assert_eq(notes_out[PITCH][25], 48.0F * 8191.0F / 8192.0F);
}

Test(midi_notes, hear_their_range_of_keys_and_velocities)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(0, 1, 59, 100), NOTE_ON(10, 1, 60, 9),
        NOTE_ON(20, 1, 60, 10), NOTE_ON(30, 1, 73, 100),
        NOTE_ON(40, 1, 72, 99), NOTE_ON(50, 1, 70, 100),
        NOTE_OFF(60, 1, 60),    NOTE_OFF(70, 1, 72),
    };
    struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
    set_number(&p, "key_low", 60);
    set_number(&p, "key_high", 72);
    set_number(&p, "velocity_low", 10);
    set_number(&p, "velocity_high", 99);
    set_number(&p, "transpose", -12);
    play_keys(&p, midi, LAT_COUNT(midi));
    for (int f = 0; f < 400; ++f) {
        const bool is_on = f >= 20 && f < 70;
        cr_assert_eq(notes_out[GATE][f], is_on ? 1.0F : 0.0F, "%d", f);
        cr_assert_eq(notes_out[TRIGGER][f], f == 20 || f == 40 ? 1.0F : 0.0F,
                     "%d", f);
        cr_assert_eq(notes_out[PITCH][f],
                     f < 20   ? 0.0F
                     : f < 40 ? -12.0F
                              : 0.0F,
                     "%d", f);
    }
}

Test(midi_notes, curve_velocities_through_their_middle)
{
    struct lat_midi_event midi[127];
    for (uint8_t i = 0; i < 127; ++i) {
        midi[i] = (struct lat_midi_event)NOTE_ON(3 * i, 1, 60, i + 1);
    }
    const double middles[] = {0.5, 0.2, 0.9};
    for (size_t m = 0; m < LAT_COUNT(middles); ++m) {
        struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
        set_number(&p, "velocity_middle", middles[m]);
        p.longest = 3; // as many events as the player has room for
        play_keys(&p, midi, LAT_COUNT(midi));
        for (uint32_t i = 0; i < 127; ++i) {
            const double v = (i + 1) / 127.0;
            cr_assert_float_eq(notes_out[VELOCITY][3 * i],
                               v / ((1 / middles[m] - 2) * (1 - v) + 1), 1e-6);
            cr_assert(!i || notes_out[VELOCITY][3 * i] >
                                notes_out[VELOCITY][3 * i - 1]);
        }
        cr_assert_eq(notes_out[VELOCITY][399], 1.0F);
    }
}

Test(midi_notes, tell_pressure_and_how_keys_are_let_go)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(0, 1, 60, 100),   {10, 2, {0xd0, 127, 0}}, // of the channel
        {20, 3, {0xa0, 60, 64}},                           // of the key
        {30, 3, {0xa0, 61, 1}},                            // of another
        {40, 3, {0x80, 60, 127}}, CONTROL(50, 1, 121, 0),
    };
    struct player p = player_of("midi_notes", 0, N_NOTES_OUT);
    play_keys(&p, midi, LAT_COUNT(midi));
    for (int f = 0; f < 400; ++f) {
        cr_assert_eq(notes_out[PRESSURE][f],
                     f < 10   ? 0.0F
                     : f < 20 ? 1.0F
                     : f < 50 ? 64 / 127.0F
                              : 0.0F,
                     "%d", f);
        cr_assert_eq(notes_out[RELEASE][f], f < 40 ? 0.0F : 1.0F, "%d", f);
    }
}

Test(midi_notes, listen_to_their_channel)
{
    const struct lat_midi_event midi[] = {
        NOTE_ON(10, 2, 65, 127),
        NOTE_ON(20, 3, 69, 127),
        {30, 2, {0xc2, 5, 0}}, // of no concern
        {40, 1, {0xf8, 0, 0}},
    };
    play_notes(midi, LAT_COUNT(midi), 3, 64);
    cr_assert_eq(notes_out[GATE][15], 0.0F);
    cr_assert_eq(notes_out[GATE][20], 1.0F);
    cr_assert_eq(notes_out[PITCH][399], 9.0F);
}

Test(midi_notes, close_at_all_notes_off)
{
    const uint8_t controls[] = {120, 123};
    for (size_t i = 0; i < LAT_COUNT(controls); i++) {
        const struct lat_midi_event midi[] = {
            NOTE_ON(10, 1, 60, 127),
            NOTE_ON(10, 1, 61, 127),
            CONTROL(100, 1, controls[i], 0),
            NOTE_OFF(150, 1, 61),
        };
        play_notes(midi, LAT_COUNT(midi), 0, 64);
        cr_assert_eq(notes_out[GATE][99], 1.0F);
        cr_assert_eq(notes_out[GATE][100], 0.0F);
        cr_assert_eq(notes_out[GATE][399], 0.0F);
    }
}

Test(midi_notes, survive_every_key_at_once)
{
    struct lat_midi_event midi[300];
    for (uint32_t i = 0; i < 300; i++) {
        const uint8_t key = (uint8_t)(i * 37 % 128);
        midi[i] = (struct lat_midi_event)NOTE_ON(i, 1, key, 1);
    }
    play_notes(midi, 300, 0, 16);
    cr_assert_eq(notes_out[GATE][399], 1.0F);
    cr_assert_eq(notes_out[PITCH][399], (float)(299 * 37 % 128) - 60.0F);
}

Test(midi_cc, holds_the_last_value_from_its_frame_on)
{
    const struct lat_midi_event midi[] = {
        CONTROL(10, 1, 7, 127),
        CONTROL(20, 1, 8, 50),
        CONTROL(30, 2, 7, 0),
        CONTROL(40, 1, 7, 0),
    };
    float out[100];
    float *const outs[] = {out};
    for (uint32_t longest = 1; longest <= 64; longest += 9) {
        struct player p = player_of("midi_cc", 0, 1);
        set_number(&p, "control", 7);
        set_number(&p, "channel", 1);
        p.midi = midi;
        p.n_midi = LAT_COUNT(midi);
        p.longest = longest;
        play(&p, outs, 100);
        for (int f = 0; f < 100; f++) {
            cr_assert_eq(out[f], f >= 10 && f < 40 ? 1.0F : 0.0F, "%d", f);
        }
        stop(&p);
    }
}

/// What the value is after each of @p n events, 10 frames apart.
static void
expect_values(const char *kind, const char *number, double which,
              const uint8_t (*events)[3], const double *values, uint32_t n)
{
    struct lat_midi_event midi[16];
    float out[200];
    float *const outs[] = {out};
    for (uint32_t i = 0; i < n; ++i) {
        midi[i] = (struct lat_midi_event)CONTROL(10 * i, events[i][0],
                                                 events[i][1], events[i][2]);
    }
    for (uint32_t longest = 1; longest <= 64; longest += 21) {
        struct player p = player_of("midi_cc", 0, 1);
        set_word(&p, "kind", (char *)(uintptr_t)kind);
        set_number(&p, number, which);
        p.midi = midi;
        p.n_midi = n;
        p.longest = longest;
        play(&p, outs, 10 * n);
        for (uint32_t f = 0; f < 10 * n; ++f) {
            cr_assert_float_eq(out[f], values[f / 10], 1e-7, "frame %u", f);
        }
        stop(&p);
    }
}

#define EXPECT_VALUES(kind, number, which, events, values)                     \
 expect_values(kind, number, which, events, values, LAT_COUNT(values))

Test(midi_cc, of_14_bits_has_a_fine_part_that_the_coarse_one_resets)
{
    static const uint8_t events[][3] = {
        {1, 33, 5},  {1, 1, 64},   {1, 33, 3},  {1, 34, 9},
        {1, 1, 127}, {1, 33, 127}, {1, 121, 0},
    };
    const double values[] = {
        5 / 16383.0,
        64 * 128 / 16383.0,
        (64 * 128 + 3) / 16383.0,
        (64 * 128 + 3) / 16383.0,
        127 * 128 / 16383.0,
        1,
        0,
    };
    EXPECT_VALUES("cc14", "control", 1, events, values);
}

Test(midi_cc, of_14_bits_without_a_fine_part_has_7)
{
    static const uint8_t events[][3] = {{1, 40, 127}, {1, 72, 3}, {1, 8, 3}};
    const double values[] = {1, 1, 1};
    EXPECT_VALUES("cc14", "control", 40, events, values);
}

/// Parameter 2 * 128 + 5 of both kinds, on two channels.
Test(midi_cc, of_a_parameter_hears_data_for_it_alone)
{
    static const uint8_t events[][3] = {
        {1, 6, 100},                              // for nothing
        {1, 101, 2},   {1, 100, 5},   {1, 6, 10}, // registered
        {2, 6, 20},                               // another channel
        {1, 38, 7},    {1, 96, 0},    {1, 97, 0},
        {1, 99, 2},    {1, 98, 5},    {1, 6, 90}, // not registered
        {1, 101, 127}, {1, 100, 127}, {1, 6, 1},  // null
    };
    const double at = 10 * 128 / 16383.0;
    const double fine = (10 * 128 + 7) / 16383.0;
    const double more = (10 * 128 + 8) / 16383.0;
    const double rpn[] = {0,    0,    0,    at,   at,   fine, more,
                          fine, fine, fine, fine, fine, fine, fine};
    const double other = 90 * 128 / 16383.0;
    const double nrpn[] = {0, 0, 0, 0,     0,     0,     0,
                           0, 0, 0, other, other, other, other};
    EXPECT_VALUES("rpn", "parameter", 2 * 128 + 5, events, rpn);
    EXPECT_VALUES("nrpn", "parameter", 2 * 128 + 5, events, nrpn);
}

Test(midi_cc, reset_forgets_which_parameter_data_is_for)
{
    static const uint8_t events[][3] = {
        {1, 101, 0}, {1, 100, 0}, {1, 6, 2}, {1, 121, 0}, {1, 6, 9},
    };
    const double at = 2 * 128 / 16383.0;
    const double values[] = {0, 0, at, at, at};
    EXPECT_VALUES("rpn", "parameter", 0, events, values);
}

Test(midi_cc, parameters_stay_within_their_14_bits)
{
    static const uint8_t events[][3] = {
        {1, 101, 0}, {1, 100, 0},  {1, 97, 0},
        {1, 6, 127}, {1, 38, 127}, {1, 96, 0},
    };
    const double values[] = {0, 0, 0, 127 * 128 / 16383.0, 1, 1};
    EXPECT_VALUES("rpn", "parameter", 0, events, values);
}

#define BYTE(at, byte)                                                         \
 {                                                                             \
  (at), 1,                                                                     \
  {                                                                            \
   (byte)                                                                      \
  }                                                                            \
 }

Test(midi_clock, ticks_while_it_runs)
{
    const struct lat_midi_event midi[] = {
        BYTE(5, 0xf8), // not yet
        BYTE(10, 0xfa), BYTE(10, 0xf8), BYTE(20, 0xf8),
        BYTE(30, 0xf8), BYTE(30, 0xf8), BYTE(31, 0xf8), // at once
        BYTE(60, 0xfc), BYTE(65, 0xf8),                 // no longer
        BYTE(70, 0xfb), BYTE(75, 0xf8), BYTE(80, 0xff),
        BYTE(81, 0xf8), BYTE(90, 0xfb), BYTE(95, LAT_MIDI_SOURCE_LOST),
    };
    const int ticks[] = {10, 20, 30, 32, 34, 75};
    for (uint32_t longest = 1; longest <= 64; longest += 9) {
        float trigger[100];
        float running[100];
        float *const outs[] = {trigger, running};
        struct player p = player_of("midi_clock", 0, 2);
        p.midi = midi;
        p.n_midi = LAT_COUNT(midi);
        p.longest = longest;
        play(&p, outs, 100);
        stop(&p);
        for (int f = 0, t = 0; f < 100; ++f) {
            const bool is_tick = t < (int)LAT_COUNT(ticks) && f == ticks[t];
            t += is_tick;
            cr_assert_eq(trigger[f], is_tick ? 1.0F : 0.0F, "%d", f);
            cr_assert_eq(running[f],
                         (f >= 10 && f < 60) || (f >= 70 && f < 80) ||
                                 (f >= 90 && f < 95)
                             ? 1.0F
                             : 0.0F,
                         "%d", f);
        }
    }
}
