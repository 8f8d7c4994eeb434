// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A type's own functions, called as the engine would, on memory with canaries
// around it.  What a node hears is a **scene**: signals, MIDI, notes and a
// transport, all functions of the frame.  It is played in spans of one frame
// without any hint first; every other way must give the same bits.

#include "conformance_private.h"

#include "base/rt.h"
#include "failing.h"
#include "node/transport.h"
#include "plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 320,
    MOST = LAT_MAX_PORTS + 64, // with device channels
    MOST_EVENTS = 64,
    MOST_MOMENTS = 8,
    CANARIES = 64, // bytes before and behind state
};

static const float canary = 12345.0F;

enum moment_kind { PLAY, STOP, LOCATE, TEMPO, NOTE, NUMBER, N_MOMENTS };

/// What happens to the transport or the node at the start of a span.
struct moment {
    enum moment_kind kind;
    uint32_t at;
    float number;
};

/// How far the inputs of a scene go.
enum reach {
    REACH_USUAL,  ///< what faders reach
    REACH_LIMITS, ///< what may be written, its ends most of all
    REACH_WILD,   ///< what cables can make of it
    REACH_BAD,    ///< and no numbers
    N_REACHES,
};

struct scene {
    const struct lat_node_type *type;
    const struct lat_layout *layout;
    const struct lat_config *config;
    uint32_t n_device; ///< inputs before those of the layout
    uint64_t start;    ///< absolute frame
    uint64_t patched;
    struct lat_midi_event midi[MOST_EVENTS];
    uint32_t n_midi;
    struct moment moments[MOST_MOMENTS]; ///< in time order
    uint32_t n_moments;
    float (*in)[MOST][FRAMES]; ///< of each lane
};

typedef float outputs_fn[LAT_LANES][MOST][FRAMES];

// --- Scenes ------------------------------------------------------------------

static float
usual(const struct lat_port *p)
{
    if (p->curve == LAT_CURVE_EXP) {
        const float u = conformance_within(0.0F, 1.0F);
        return p->low * powf(p->high / p->low, u);
    }
    return conformance_within(p->low, p->high);
}

static float
limit(const struct lat_port *p)
{
    switch (conformance_below(6)) {
    case 0:
        return p->min;
    case 1:
        return p->max;
    case 2:
        return p->min <= 0.0F && p->max >= 0.0F ? 0.0F : p->low;
    case 3:
        return conformance_within(p->min, p->max);
    case 4:
        return p->min <= -1e-40F ? -1e-40F : p->min;
    default:
        return usual(p);
    }
}

static float
wild(const struct lat_port *p)
{
    switch (conformance_below(12)) {
    case 0:
        return -0.0F;
    case 1:
        return p->max * 1.5F;
    case 2:
        return -usual(p);
    case 3:
        return conformance_within(-1.0F, 1.0F) * 1e-30F;
    case 4:
        return 1e-40F;
    case 5:
        return conformance_within(-1e9F, 1e9F);
    default:
        return limit(p);
    }
}

static float
bad(const struct lat_port *p)
{
    const float values[] = {NAN, -NAN, INFINITY, -INFINITY, 3e38F, -3e38F};
    const uint32_t i = conformance_below(12);
    return i < LAT_COUNT(values) ? values[i] : wild(p);
}

static float
sample(const struct lat_port *p, enum reach reach)
{
    static float (*const of[N_REACHES])(const struct lat_port *) = {
        usual, limit, wild, bad};
    const bool is_event = lat_port_kind_is_event(p->kind);
    if (is_event && reach < REACH_BAD) {
        return conformance_below(3)  ? 0.0F
               : reach == REACH_WILD ? conformance_within(-1.0F, 1.0F)
                                     : conformance_within(0.0F, p->max);
    }
    return of[reach](p);
}

/// What a device gives.
static const struct lat_port device_port = {
    .name = "device", .min = -1e6F, .max = 1e6F, .low = -1.0F, .high = 1.0F};

static void
make_signals(struct scene *s, enum reach reach)
{
    const uint32_t n_lanes = s->type->kernel ? LAT_LANES : 1;
    for (uint32_t i = 0; i < s->config->n_in; ++i) {
        const struct lat_port *p = i < s->n_device
                                       ? &device_port
                                       : s->layout->in[i - s->n_device].port;
        const uint32_t motion = conformance_below(3); // still, steps, moves
        for (uint32_t lane = 0; lane < n_lanes; ++lane) {
            float value = sample(p, reach);
            for (uint32_t f = 0; f < FRAMES; ++f) {
                if (motion == 2 || (motion == 1 && !conformance_below(40))) {
                    value = sample(p, reach);
                }
                s->in[lane][i][f] = value;
            }
        }
    }
}

static void
make_midi(struct scene *s)
{
    const uint8_t kinds[] = {0x90, 0x90, 0x90, 0x80, 0xb0, 0xb0, 0xe0, 0xc0};
    s->n_midi = conformance_below(MOST_EVENTS);
    uint32_t frame = 0;
    for (uint32_t i = 0; i < s->n_midi; ++i) {
        frame += conformance_below(12);
        struct lat_midi_event *e = &s->midi[i];
        const uint8_t kind = kinds[conformance_below(LAT_COUNT(kinds))];
        const uint8_t controls[] = {1, 7, 64, 120, 121, 123};
        *e = (struct lat_midi_event){
            .frame = frame,
            .size = kind == 0xc0 ? 2 : 3,
            .data = {(uint8_t)(kind | conformance_below(2)),
                     (uint8_t)(48 + conformance_below(16)),
                     (uint8_t)conformance_below(128)},
        };
        if (kind == 0xb0) {
            e->data[1] = controls[conformance_below(LAT_COUNT(controls))];
        }
        if (!conformance_below(20)) {
            *e = (struct lat_midi_event){
                .frame = frame, .size = 1, .data = {LAT_MIDI_SOURCE_LOST}};
        }
    }
}

static void
make_moments(struct scene *s)
{
    s->n_moments = conformance_below(MOST_MOMENTS + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < s->n_moments; ++i) {
        const uint32_t kind = conformance_below(N_MOMENTS + 1);
        s->moments[i] = (struct moment){
            .kind = kind < N_MOMENTS ? (enum moment_kind)kind : PLAY,
            .at = at,
            .number = conformance_within(0.0F, 1.0F),
        };
        at += conformance_below(90);
    }
}

static struct scene
make_scene(const struct lat_node *node, float (*in)[MOST][FRAMES],
           enum reach reach)
{
    const struct lat_config *config = conformance_config(node);
    struct scene s = {
        .type = node->type,
        .layout = node->layout,
        .config = config,
        .n_device = config->n_in - node->layout->n_in,
        .start = (uint64_t)conformance_below(3) * 1000003U,
        .patched = conformance_bits(),
        .in = in,
    };
    make_signals(&s, reach);
    make_midi(&s);
    make_moments(&s);
    return s;
}

// --- State -------------------------------------------------------------------

struct memory {
    size_t bytes;
    unsigned char *block, *state;
};

static size_t
state_bytes(const struct lat_node_type *type, const struct lat_config *config,
            uint32_t lanes)
{
    if (type->kernel) {
        return type->state_words * sizeof(uint32_t) * lanes;
    }
    return type->state_bytes ? type->state_bytes(config) : 0;
}

static struct memory
new_state(const struct subject *s, const struct lat_config *config,
          uint32_t lanes)
{
    struct memory m = {.bytes = state_bytes(s->type, config, lanes)};
    const size_t whole =
        (m.bytes + 2 * CANARIES + CANARIES - 1) / CANARIES * CANARIES;
    m.block = aligned_alloc(CANARIES, whole);
    memset(m.block, 0xa5, whole);
    m.state = m.block + CANARIES;
    memset(m.state, 0, m.bytes);
    if (s->type->init && s->type->init(m.state, config)) {
        conformance_breaks(s, "init fails");
    }
    return m;
}

static void
check_memory(const struct subject *s, const struct memory *m)
{
    for (uint32_t i = 0; i < CANARIES; ++i) {
        if (m->block[i] != 0xa5 || m->state[m->bytes + i] != 0xa5) {
            conformance_breaks(s, "writes %s its state of %zu bytes",
                               m->block[i] != 0xa5 ? "before" : "beyond",
                               m->bytes);
        }
    }
}

static void
free_state(const struct subject *s, struct memory *m)
{
    if (s->type->fini) {
        s->type->fini(m->state);
    }
    free(m->block);
}

static void
reset_state(const struct subject *s, const struct lat_config *config,
            struct memory *m)
{
    if (s->type->reset) {
        lat_thread_role = LAT_ROLE_AUDIO;
        s->type->reset(m->state, config);
        lat_thread_role = LAT_ROLE_NONE;
    } else {
        memset(m->state, 0, m->bytes);
    }
    check_memory(s, m);
}

// --- Playing -----------------------------------------------------------------

/// A way to play a scene.
struct way {
    lat_process_fn process;
    uint32_t first, lanes;
    uint32_t span; ///< longest; 0: any
    bool flags;    ///< inputs that stand still are said to be constant
    bool checks;   ///< outputs that are said to be constant are looked at
    outputs_fn *expected;
};

static _Alignas(LAT_ALIGNMENT) float span_in[MOST][LAT_SPAN_MAX * LAT_LANES];
static _Alignas(LAT_ALIGNMENT) float span_kept[MOST][LAT_SPAN_MAX * LAT_LANES];
static _Alignas(
    LAT_ALIGNMENT) float span_out[MOST][(LAT_SPAN_MAX + 2) * LAT_LANES];

static bool
is_still(const struct scene *s, const struct way *w, uint32_t i, uint32_t from,
         uint32_t n)
{
    for (uint32_t lane = w->first; lane < w->first + w->lanes; ++lane) {
        const float *x = s->in[lane][i];
        for (uint32_t f = from + 1; f < from + n; ++f) {
            if (memcmp(&x[f], &x[from], sizeof(float)) != 0) {
                return false;
            }
        }
    }
    return true;
}

// @return the inputs that are constant.
static uint64_t
fill_inputs(const struct scene *s, const struct way *w, uint32_t from,
            uint32_t n, uint32_t *step)
{
    uint64_t constant = 0;
    for (uint32_t i = 0; i < s->config->n_in; ++i) {
        step[i] = !(w->flags && is_still(s, w, i, from, n));
        constant |= !step[i] && i < 64 ? UINT64_C(1) << i : 0;
        for (uint32_t f = 0; f < n; ++f) {
            for (uint32_t l = 0; l < w->lanes; ++l) {
                span_in[i][f * w->lanes + l] =
                    step[i] || !f ? s->in[w->first + l][i][from + f] : NAN;
            }
        }
        memcpy(span_kept[i], span_in[i], n * w->lanes * sizeof(float));
    }
    return constant;
}

// What is around the rows that the node was to write.
static void
check_borders(const struct subject *s, const struct scene *scene,
              const struct way *w, uint64_t constant, uint32_t n)
{
    for (uint32_t k = 0; k < scene->config->n_out; ++k) {
        const float *row = span_out[k];
        const uint32_t rows = k < 64 && constant >> k & 1U ? 1 : n;
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            if (row[l] != canary ||
                row[LAT_LANES + rows * w->lanes + l] != canary) {
                conformance_breaks(s, "output %u: writes %s its %u rows of %u",
                                   k, row[l] != canary ? "before" : "beyond",
                                   rows, w->lanes);
            }
        }
    }
    for (uint32_t i = 0; i < scene->config->n_in; ++i) {
        if (memcmp(span_kept[i], span_in[i], n * w->lanes * sizeof(float)) !=
            0) {
            conformance_breaks(s, "writes to its input %u", i);
        }
    }
}

// What was written is finite where the node says so.
static void
check_all_finite(const struct subject *s, const struct scene *scene,
                 const struct way *w, uint64_t constant, uint32_t n)
{
    for (uint32_t k = 0; k < scene->config->n_out; ++k) {
        const uint32_t rows = k < 63 && constant >> k & 1U ? 1 : n;
        for (uint32_t at = 0; at < rows * w->lanes; ++at) {
            if (!isfinite(span_out[k][LAT_LANES + at])) {
                conformance_breaks(s, "output %u has %f in row %u", k,
                                   (double)span_out[k][LAT_LANES + at],
                                   at / w->lanes);
            }
        }
    }
}

// An output is constant only where it is.
static void
check_constants(const struct subject *s, const struct scene *scene,
                const struct way *w, uint64_t constant, uint32_t from,
                uint32_t n)
{
    const uint32_t n_out = scene->config->n_out;
    if (n_out < 63 && constant >> n_out) {
        conformance_breaks(s, "says that outputs are constant which it lacks");
    }
    for (uint32_t k = 0; k < n_out && k < 64; ++k) {
        for (uint32_t l = 0; constant >> k & 1U && l < w->lanes; ++l) {
            const float *x = (*w->expected)[w->first + l][k] + from;
            for (uint32_t f = 0; f < n; ++f) {
                if (!conformance_is_same(x[f], x[0])) {
                    conformance_breaks(
                        s, "output %u moves while it is said to be constant",
                        k);
                }
            }
        }
    }
}

static void
take_moments(const struct scene *s, uint32_t at, struct lat_transport *t,
             struct lat_note_event *notes, uint32_t *n_notes,
             struct lat_number_event *numbers, uint32_t *n_numbers,
             const void *state)
{
    for (uint32_t i = 0; i < s->n_moments; ++i) {
        const struct moment *m = &s->moments[i];
        const uint64_t frame = s->start + at;
        const double x = (double)m->number;
        if (m->at != at) {
            continue;
        }
        switch (m->kind) {
        case PLAY:
        case STOP:
            lat_transport_play(t, frame, m->kind == PLAY);
            break;
        case LOCATE:
            lat_transport_locate(t, frame, lat_cycle_from_double(x * 10.0));
            break;
        case TEMPO:
            lat_transport_set_tempo(t, frame, LAT_TEMPO_MIN + x * 999.0);
            break;
        case NUMBER: // the last one of a frame counts
            *n_numbers = 1;
            *numbers = (struct lat_number_event){
                .state = state,
                .value = 2.0F * m->number - 1.0F,
            };
            break;
        default:
            notes[(*n_notes)++] = (struct lat_note_event){
                .state = state,
                .pitch = m->number * 24.0F,
                .velocity = i % 2 ? m->number : 0.0F,
            };
        }
    }
}

// The end of a span that begins at `from`.
static uint32_t
end_of_span(const struct scene *s, const struct way *w, uint32_t from)
{
    const uint32_t block = s->config->block;
    const uint32_t longest =
        w->span ? w->span : 1 + conformance_below(LAT_SPAN_MAX);
    const uint32_t grid = block - (uint32_t)((s->start + from) % block);
    uint32_t n = longest < grid ? longest : grid;
    n = n < LAT_SPAN_MAX ? n : LAT_SPAN_MAX;
    uint32_t end = from + n < FRAMES ? from + n : FRAMES;
    for (uint32_t i = 0; i < s->n_moments; ++i) {
        const uint32_t at = s->moments[i].at;
        end = at > from && at < end ? at : end;
    }
    return end;
}

static uint32_t
midi_of_span(const struct scene *s, uint32_t from, uint32_t end,
             struct lat_midi_event *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_midi; ++i) {
        if (s->midi[i].frame >= from && s->midi[i].frame < end) {
            out[n] = s->midi[i];
            out[n++].frame -= from;
        }
    }
    return n;
}

// One call of process.  @return the outputs that are constant.
static uint64_t
call(const struct subject *s, const struct scene *scene, const struct way *w,
     struct memory *m, const struct lat_context *context, uint32_t from)
{
    const struct lat_config *config = scene->config;
    const float *in[MOST];
    float *out[MOST];
    uint32_t step[MOST];
    const uint32_t n = context->n_frames;
    for (uint32_t k = 0; k < config->n_out; ++k) {
        out[k] = span_out[k] + LAT_LANES;
        for (uint32_t f = 0; f < (n + 2) * LAT_LANES; ++f) {
            span_out[k][f] = canary;
        }
    }
    for (uint32_t i = 0; i < config->n_in; ++i) {
        in[i] = span_in[i];
    }
    float settings[MOST][LAT_LANES];
    for (uint32_t i = 0; i < s->type->n_settings; ++i) {
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            settings[i][l] = (float)config->settings[i].number;
        }
    }
    const struct lat_io io = {
        .in = in,
        .constant = fill_inputs(scene, w, from, n, step),
        .step = step,
        .out = out,
        .state = m->state,
        .config = w->lanes > 1 ? NULL : config,
        .settings = w->lanes > 1 ? settings[0] : NULL,
        .patched = w->lanes > 1 ? 0 : scene->patched,
        .n_in = config->n_in,
        .n_out = config->n_out,
    };
    lat_thread_role = LAT_ROLE_AUDIO;
    if (s->type->prepare) {
        s->type->prepare(context, &io);
    }
    const uint64_t constant = w->process(context, &io);
    lat_thread_role = LAT_ROLE_NONE;
    return constant;
}

static void
play(struct subject *s, const struct scene *scene, const struct way *w,
     struct memory *m, outputs_fn got)
{
    const struct lat_config *config = scene->config;
    struct lat_transport transport;
    lat_transport_init(&transport, config->rate, 911.0, 4.0);
    transport.anchor_frame = scene->start;
    for (uint32_t from = 0, end; from < FRAMES; from = end) {
        struct lat_midi_event midi[MOST_EVENTS];
        struct lat_note_event notes[MOST_MOMENTS];
        struct lat_number_event number;
        uint32_t n_notes = 0;
        uint32_t n_numbers = 0;
        take_moments(scene, from, &transport, notes, &n_notes, &number,
                     &n_numbers, m->state);
        end = end_of_span(scene, w, from);
        const struct lat_context context = {
            .rate = config->rate,
            .rate_f = (float)config->rate,
            .period_f = (float)(1.0 / config->rate),
            .n_frames = end - from,
            .block = config->block,
            .frame = scene->start + from,
            .is_playing = transport.is_playing,
            .n_locates = transport.n_locates,
            .n_breaks = transport.n_breaks,
            .tempo_bpm = transport.tempo_bpm,
            .transport = &transport,
            .midi = midi,
            .n_midi = midi_of_span(scene, from, end, midi),
            .notes = notes,
            .n_notes = n_notes,
            .numbers = &number,
            .n_numbers = n_numbers,
        };
        const uint64_t returned = call(s, scene, w, m, &context, from);
        const uint64_t constant = returned & ~LAT_ALL_FINITE;
        const char *const claim = s->claim;
        s->claim = "bounds";
        check_borders(s, scene, w, constant, end - from);
        check_memory(s, m);
        s->claim = "all finite";
        if (returned & LAT_ALL_FINITE) {
            check_all_finite(s, scene, w, constant, end - from);
        }
        s->claim = "constants";
        if (w->expected) {
            check_constants(s, scene, w, constant, from, end - from);
        }
        s->claim = claim;
        for (uint32_t k = 0; k < config->n_out; ++k) {
            const uint32_t rows = k < 64 && constant >> k & 1U ? 0 : w->lanes;
            for (uint32_t f = 0; f < end - from; ++f) {
                for (uint32_t l = 0; l < w->lanes; ++l) {
                    got[w->first + l][k][from + f] =
                        span_out[k][LAT_LANES + f * rows + l];
                }
            }
        }
    }
}

static void
play_fresh(struct subject *s, const struct scene *scene, const struct way *w,
           outputs_fn got)
{
    struct memory m = new_state(s, scene->config, w->lanes);
    play(s, scene, w, &m, got);
    free_state(s, &m);
}

static void
check_same(const struct subject *s, const struct scene *scene,
           const struct way *w, outputs_fn got, outputs_fn expected)
{
    for (uint32_t l = w->first; l < w->first + w->lanes; ++l) {
        for (uint32_t k = 0; k < scene->config->n_out; ++k) {
            for (uint32_t f = 0; f < FRAMES; ++f) {
                if (!conformance_is_same(got[l][k][f], expected[l][k][f])) {
                    conformance_breaks(
                        s,
                        "output %u lane %u of %u frame %u is %a, not %a (spans "
                        "%u, %s inputs)",
                        k, l, w->lanes, f, (double)got[l][k][f],
                        (double)expected[l][k][f], w->span,
                        w->flags ? "constant" : "varying");
                }
            }
        }
    }
}

static void
check_finite(const struct subject *s, const struct scene *scene, outputs_fn got,
             uint32_t n_lanes)
{
    for (uint32_t l = 0; l < n_lanes; ++l) {
        for (uint32_t k = 0; k < scene->config->n_out; ++k) {
            for (uint32_t f = 0; f < FRAMES; ++f) {
                if (!isfinite(got[l][k][f])) {
                    conformance_breaks(s, "output %u frame %u is %f", k, f,
                                       (double)got[l][k][f]);
                }
            }
        }
    }
}

// --- Claims ------------------------------------------------------------------

static float calm_in[LAT_LANES][MOST][FRAMES];
static float bad_in[LAT_LANES][MOST][FRAMES];
static outputs_fn expected, expected_otherwise, got;

static const uint32_t lengths[] = {1, 7, 16, 63, 64, 0};

static lat_process_fn
plain_process(const struct subject *s)
{
    return lat_kernels_process(conformance_kernels(s, false), s->type);
}

static void
check_spans(struct subject *s, const struct scene *scene)
{
    for (uint32_t i = 0; i < LAT_COUNT(lengths); ++i) {
        struct way w = {
            .process = plain_process(s),
            .lanes = 1,
            .span = lengths[i],
            .expected = &expected,
        };
        for (int flags = 0; flags < 2; ++flags) {
            w.flags = flags;
            s->claim = flags ? "constant inputs" : "spans";
            play_fresh(s, scene, &w, got);
            check_same(s, scene, &w, got, expected);
        }
    }
}

static void
check_reset(struct subject *s, const struct scene *scene,
            const struct scene *before)
{
    const struct way w = {
        .process = plain_process(s), .lanes = 1, .span = LAT_SPAN_MAX};
    s->claim = "reset";
    struct memory m = new_state(s, scene->config, 1);
    play(s, before, &w, &m, got);
    if (s->type->is_bounded) {
        s->claim = "bounded";
        check_finite(s, before, got, 1);
        s->claim = "reset";
    }
    reset_state(s, scene->config, &m);
    play(s, scene, &w, &m, got);
    check_same(s, scene, &w, got, expected);
    free_state(s, &m);
}

// The tables that do their sums like @p first give the bits that it gives.
static void
check_kernels(struct subject *s, const struct scene *scene, uint32_t turn,
              const struct lat_kernels *first, outputs_fn *by_first)
{
    const uint32_t kernel = s->type->kernel;
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = s->terms->kernels[isa];
        if (!k || k->fuses != first->fuses) {
            continue;
        }
        for (int flags = 0; flags < 2; ++flags) {
            struct way w = {
                .span = lengths[(turn + (uint32_t)flags) % LAT_COUNT(lengths)],
                .flags = flags,
                .lanes = 1,
                .process = k->process[kernel],
                .expected = by_first,
            };
            s->claim = "instruction sets";
            for (uint32_t l = 0; l < LAT_LANES; l += flags ? 1 : 5) {
                w.first = l;
                play_fresh(s, scene, &w, got);
                check_same(s, scene, &w, got, *by_first);
            }
            s->claim = "lanes";
            w.first = 0;
            w.lanes = LAT_LANES;
            w.process = k->process_lanes[kernel];
            play_fresh(s, scene, &w, got);
            check_same(s, scene, &w, got, *by_first);
        }
    }
}

// The tables that do their sums as the best one does give its bits, others
// nearly those.
static void
check_loops(struct subject *s, const struct scene *scene, uint32_t turn,
            bool is_near)
{
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = s->terms->kernels[isa];
        if (k) {
            const struct way w = {
                .process = k->loops[s->type->loop],
                .span = lengths[turn % LAT_COUNT(lengths)],
                .flags = (int)(turn % 2),
                .lanes = 1,
                .expected = &expected,
            };
            const bool is_same = k->fuses == lat_kernels_best()->fuses;
            s->claim = is_same ? "instruction sets" : "arithmetic";
            play_fresh(s, scene, &w, got);
            if (is_same) {
                check_same(s, scene, &w, got, expected);
            }
            for (uint32_t o = 0;
                 !is_same && is_near && o < scene->config->n_out; ++o) {
                conformance_near(s, s->type->outputs[o].name, FRAMES, got[0][o],
                                 expected[0][o], 1e-5F);
            }
        }
    }
}

// Tables that round products before they add them give nearly the same as
// those that do not.
static void
check_arithmetic(struct subject *s, const struct scene *scene, uint32_t turn,
                 bool is_near)
{
    const struct lat_kernels *other = conformance_kernels(s, true);
    if (!other) {
        return;
    }
    for (uint32_t l = 0; l < LAT_LANES; ++l) {
        const struct way w = {.process = other->process[s->type->kernel],
                              .first = l,
                              .lanes = 1,
                              .span = 1};
        play_fresh(s, scene, &w, expected_otherwise);
        for (uint32_t k = 0; is_near && k < scene->config->n_out; ++k) {
            s->claim = "arithmetic";
            conformance_near(s, s->type->outputs[k].name, FRAMES,
                             expected_otherwise[l][k], expected[l][k], 1e-5F);
        }
    }
    check_kernels(s, scene, turn, other, &expected_otherwise);
}

// Bad numbers in lanes stay in their lanes.
static void
check_bad_lanes(struct subject *s, const struct scene *scene)
{
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = s->terms->kernels[isa];
        if (!k) {
            continue;
        }
        const struct way w = {
            .process = k->process_lanes[s->type->kernel],
            .lanes = LAT_LANES,
            .span = LAT_SPAN_MAX,
            .flags = isa % 2,
        };
        s->claim = "bounds";
        play_fresh(s, scene, &w, got);
        if (s->type->is_bounded) {
            s->claim = "bounded";
            check_finite(s, scene, got, LAT_LANES);
        }
    }
}

static void
check_scene(struct subject *s, const struct lat_node *node, uint32_t turn)
{
    const enum reach reach = (enum reach)(turn % REACH_BAD);
    const uint32_t n_lanes = s->type->kernel ? LAT_LANES : 1;
    const struct scene scene = make_scene(node, calm_in, reach);
    const struct scene before = make_scene(node, bad_in, REACH_BAD);
    s->claim = "bounds";
    for (uint32_t l = 0; l < n_lanes; ++l) {
        const struct way w = {
            .process = plain_process(s), .first = l, .lanes = 1, .span = 1};
        play_fresh(s, &scene, &w, expected);
    }
    check_spans(s, &scene);
    s->claim = "finite";
    if (reach != REACH_WILD) {
        check_finite(s, &scene, expected, n_lanes);
    }
    check_reset(s, &scene, &before);
    if (s->type->loop) {
        check_loops(s, &scene, turn, reach == REACH_USUAL);
    }
    if (s->type->kernel) {
        check_kernels(s, &scene, turn, conformance_kernels(s, false),
                      &expected);
        check_arithmetic(s, &scene, turn, reach == REACH_USUAL);
        check_bad_lanes(s, &before);
    }
}

// A running state goes on under another configuration: it must have its size.
static void
check_kept_states(struct subject *s, struct lat_control *c,
                  const struct setup *setup)
{
    s->claim = "settings";
    for (uint32_t i = 0; i < setup->n; ++i) {
        const int k = lat_setting_index(s->type, setup->a[i].key);
        if (!s->type->settings[k].keeps_state) {
            return;
        }
    }
    const struct setup plain = {.n = 0};
    const struct lat_node *usual_one = conformance_node(s, c, "usual", &plain);
    const struct lat_node *node = conformance_node(s, c, "other", setup);
    if (node && state_bytes(s->type, conformance_config(usual_one), 1) !=
                    state_bytes(s->type, conformance_config(node), 1)) {
        conformance_breaks(s, "%s keeps a state of another size",
                           setup->a[0].key);
    }
}

static void
check_calls(struct subject *s)
{
    s->claim = "audio thread";
    const char *const what = failing_audio_call();
    if (what) {
        conformance_breaks(s, "calls %s", what);
    }
}

#define SCENES_PER_KERNEL 9U

void
conformance_alone(struct subject *s)
{
    // A low rate packs whole envelopes into few frames.
    const double rates[] = {48000.0, 44100.0, s->type->kernel ? 500.0 : 8000.0};
    const uint32_t n_setups = conformance_n_setups(s->type);
    const uint32_t n = s->type->kernel ? n_setups * SCENES_PER_KERNEL
                                       : n_setups + 2 * REACH_BAD;
    for (uint32_t i = 0; i < n; i += s->terms->stride) {
        conformance_seed(i);
        s->claim = "settings";
        const double rate = rates[i % LAT_COUNT(rates)];
        const struct setup setup = conformance_setup(s->type, i % n_setups);
        struct lat_control *c =
            conformance_control(s, rate, i % 5 == 4 ? 16 : 64);
        const struct lat_node *node = conformance_node(s, c, "x", &setup);
        if (node) {
            check_scene(s, node, i);
            check_kept_states(s, c, &setup);
        }
        lat_control_free(c);
    }
    check_calls(s);
}
