// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nodes of a type in an engine: some of them side by side or in a row, with
// values, cables, edits, MIDI and a transport.  However the engine runs them
// (alone or in lanes, by any instruction set, in periods of any length, on
// several threads), they sound the same to the bit; and what one of them makes
// of no numbers stays with it.

#include "conformance_private.h"

#include "base/rt.h"
#include "failing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 320,
    PERIOD = 64, // longest
    MOST_SLOTS = 320,
    EAR = 60, // outputs that are listened to: of bombed nodes, and of others
    N_BOMBS = 2,
    BOMBED_EAR = 1,
};

// --- What they hear ----------------------------------------------------------

/// What the bombs do.
static bool is_armed;

#define BOMB_FROM 70U
#define BOMB_TO   75U

static float
hash(uint64_t frame, uint32_t k)
{
    uint64_t h = (frame + 1) * UINT64_C(0x9e3779b97f4a7c15) + k;
    h = (h ^ h >> 29U) * UINT64_C(0xbf58476d1ce4e5b9);
    return (float)(h >> 40U) * 0x1p-24F;
}

enum { NOISE, SAWS = 6, STEPS = 10, PULSES = 13, STILL = 16, BOMBS = 18 };
enum { N_SOURCES = BOMBS + N_BOMBS };

static float
source_at(uint32_t k, uint64_t frame)
{
    if (k >= BOMBS) {
        const bool goes_off = frame >= BOMB_FROM && frame < BOMB_TO;
        return is_armed && goes_off ? 3e38F : 0.0F;
    }
    if (k >= STILL) {
        return k == STILL ? 0.25F : -0.5F;
    }
    if (k >= PULSES) {
        return frame % (11 * k) ? 0.0F : 1.0F;
    }
    if (k >= STEPS) {
        return 2.0F * hash(frame / 32, k) - 1.0F;
    }
    if (k >= SAWS) {
        return (float)(frame * k % 997) / 997.0F;
    }
    return 2.0F * hash(frame, k) - 1.0F;
}

LAT_RT static uint64_t
source_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t k = 0; k < N_SOURCES; ++k) {
        for (uint32_t f = 0; f < context->n_frames; ++f) {
            io->out[k][f] = source_at(k, context->frame + f);
        }
    }
    return UINT64_C(3) << STILL;
}

static const struct lat_setting source_settings[] = {
    {.name = "outputs",
     .doc = "All of them.",
     .unit = "",
     .kind = LAT_SETTING_INTEGER,
     .min = N_SOURCES,
     .max = N_SOURCES + 1,
     .initial = N_SOURCES},
};

static const struct lat_port source_outputs[] = {
    {.name = "out",
     .doc = "A signal.",
     .unit = "",
     .min = -1.0F,
     .max = 1.0F,
     .low = -1.0F,
     .high = 1.0F,
     .repeat = "outputs"},
};

static const struct lat_node_type source_type = {
    .name = "conformance_source",
    .doc = "Signals that are functions of the frame.",
    .outputs = source_outputs,
    .n_outputs = 1,
    .settings = source_settings,
    .n_settings = 1,
    .cost_ns = 1.0F,
    .process = source_process,
};

// --- Scenes ------------------------------------------------------------------

struct scene {
    uint32_t number;
    uint32_t n_copies;
    bool is_chain; ///< each feeds the next one's first input
    struct setup setup;
    bool has_edits;
    bool has_bomb;
    uint32_t bombed; ///< input of the first copy that a bomb goes into
    bool is_nan;
};

/// How the engine is to run it.
struct variant {
    const char *isa;
    uint32_t period; ///< 0: any
    uint32_t block;
    uint32_t workers;
    bool has_lanes;
};

struct sound {
    uint32_t n_slots;
    char node[MOST_SLOTS][LAT_NAME_MAX]; ///< "": not an output
    float slot[MOST_SLOTS][FRAMES];
};

static void
must(const struct subject *s, enum lat_status status,
     const struct lat_error *error)
{
    if (status) {
        conformance_breaks(s, "%s", error->text);
    }
}

static void
connect(const struct subject *s, struct lat_control *c, const char *src,
        const char *dst, double amount)
{
    struct lat_error error;
    must(s, lat_control_connect(c, src, dst, &amount, false, &error), &error);
}

static double
value_for(const struct lat_port *p)
{
    if (lat_port_kind_is_event(p->kind)) {
        return conformance_below(2) ? 1.0 : 0.0;
    }
    const float ends[] = {p->min, p->max, p->initial, p->low, p->high};
    const uint32_t i = conformance_below(10);
    return (double)(i < LAT_COUNT(ends) ? ends[i]
                                        : conformance_within(p->low, p->high));
}

static void
feed(const struct subject *s, struct lat_control *c,
     const struct lat_node *node, uint32_t input)
{
    char src[64];
    char dst[2 * LAT_NAME_MAX];
    const struct lat_port *p = node->layout->in[input].port;
    const uint32_t n = conformance_below(3);
    for (uint32_t k = 0; k < n; ++k) {
        const float width = p->high - p->low;
        const float amount = conformance_below(3)
                                 ? conformance_within(-0.5F, 0.5F) * width
                                 : 1.0F;
        snprintf(src, sizeof(src), "source/out_%u",
                 1 + conformance_below(BOMBS));
        snprintf(dst, sizeof(dst), "%s/%s", node->name,
                 node->layout->in[input].name);
        connect(s, c, src, dst, (double)amount);
    }
}

static void
set_values(const struct subject *s, struct lat_control *c,
           const struct lat_node *node)
{
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        const struct lat_port_info *info = &node->layout->in[i];
        struct lat_error error;
        if (conformance_below(2)) {
            const struct lat_value value = {.number = value_for(info->port)};
            must(s,
                 lat_control_param_set(c, node->name, info->name, value, -1.0,
                                       &error),
                 &error);
        }
    }
}

// @param n_heard  outputs that the ear hears.
static void
listen(const struct subject *s, struct lat_control *c,
       const struct lat_node *node, uint32_t ear, uint32_t *n_heard)
{
    for (uint32_t k = 0; k < node->layout->n_out && *n_heard < EAR; ++k) {
        char src[2 * LAT_NAME_MAX];
        char dst[64];
        snprintf(src, sizeof(src), "%s/%s", node->name,
                 node->layout->out[k].name);
        snprintf(dst, sizeof(dst), "ear%u/in_%u", ear, ++*n_heard);
        connect(s, c, src, dst, 1.0);
    }
}

static const struct lat_node *
copy_of(const struct subject *s, struct lat_control *c, uint32_t i)
{
    char name[20];
    struct lat_error error;
    snprintf(name, sizeof(name), "x%u", i);
    const struct lat_node *node = lat_control_need_node(c, name, &error);
    if (!node) {
        conformance_breaks(s, "%s", error.text);
    }
    return node;
}

static void
make_ears_and_source(const struct subject *s, struct lat_control *c)
{
    struct lat_error error;
    const struct lat_assignment a[] = {
        {"channels", {.number = EAR}},
        {"limit", {.is_text = true, .text = "off"}},
    };
    must(s,
         lat_control_node_new_of(c, &source_type, "source", false, NULL, 0,
                                 &error),
         &error);
    for (uint32_t i = 0; i < 2; ++i) {
        char name[20];
        snprintf(name, sizeof(name), "ear%u", i);
        must(s,
             lat_control_node_new(c, "audio_out", name, false, a, LAT_COUNT(a),
                                  &error),
             &error);
    }
}

static void
plant_bombs(const struct subject *s, struct lat_control *c,
            const struct scene *scene)
{
    const struct lat_node *node = copy_of(s, c, 0);
    char dst[2 * LAT_NAME_MAX];
    char src[64];
    for (uint32_t k = 0; k < (scene->is_nan ? 2U : 1U); ++k) {
        snprintf(src, sizeof(src), "source/out_%u", 1 + BOMBS + k);
        snprintf(dst, sizeof(dst), "%s/%s", node->name,
                 node->layout->in[scene->bombed].name);
        connect(s, c, src, dst, k ? -10.0 : 10.0);
    }
}

// @return whether the settings were taken.
static bool
build(const struct subject *s, struct lat_control *c, const struct scene *scene)
{
    uint32_t n_heard[2] = {0, 0};
    struct lat_error error;
    lat_control_begin(c);
    make_ears_and_source(s, c);
    for (uint32_t i = 0; i < scene->n_copies; ++i) {
        char name[20];
        snprintf(name, sizeof(name), "x%u", i);
        const struct lat_node *node =
            conformance_node(s, c, name, &scene->setup);
        if (!node) {
            lat_control_rollback(c);
            return false;
        }
        set_values(s, c, node);
        for (uint32_t k = scene->is_chain && i; k < node->layout->n_in; ++k) {
            feed(s, c, node, k);
        }
        if (scene->is_chain && i) {
            const struct lat_node *before = copy_of(s, c, i - 1);
            char src[2 * LAT_NAME_MAX];
            char dst[2 * LAT_NAME_MAX];
            snprintf(src, sizeof(src), "%s/%s", before->name,
                     before->layout->out[0].name);
            snprintf(dst, sizeof(dst), "%s/%s", name, node->layout->in[0].name);
            connect(s, c, src, dst, i % 3 ? 1.0 : 0.75);
        }
        const uint32_t ear = scene->has_bomb && !i ? BOMBED_EAR : 0;
        listen(s, c, node, ear, &n_heard[ear]);
    }
    if (scene->has_bomb) {
        plant_bombs(s, c, scene);
    }
    must(s, lat_control_commit(c, &error), &error);
    return true;
}

// --- Edits -------------------------------------------------------------------

static void
edit_settings(const struct subject *s, struct lat_control *c,
              const struct lat_node *node)
{
    struct lat_error error;
    const struct setup setup = conformance_setup(
        s->type, conformance_below(conformance_n_setups(s->type)));
    if (lat_control_node_set(c, node->name, setup.a, setup.n, &error) &&
        conformance_setup_is_sure(s->type, &setup)) {
        conformance_breaks(s, "refuses a change to a value of its own: %s",
                           error.text);
    }
}

static void
edit_transport(const struct subject *s, struct lat_control *c)
{
    struct lat_error error;
    const double x = (double)conformance_within(0.0F, 1.0F);
    switch (conformance_below(4)) {
    case 0:
        must(s, lat_control_locate(c, 4.0 * x, &error), &error);
        break;
    case 1:
        must(s, lat_control_tempo(c, 1.0 + 999.0 * x, &error), &error);
        break;
    case 2:
        must(s, lat_control_play(c, false, &error), &error);
        break;
    default:
        must(s, lat_control_play(c, true, &error), &error);
    }
}

// Around a frame that every way of playing has as a border.
static void
edit(const struct subject *s, struct lat_control *c, const struct scene *scene,
     uint32_t frame)
{
    conformance_seed(scene->number * 1000 + frame);
    for (uint32_t k = 0; k < 4; ++k) {
        const uint32_t i = conformance_below(scene->n_copies);
        const struct lat_node *node = copy_of(s, c, i);
        struct lat_error error;
        lat_control_begin(c);
        switch (conformance_below(5)) {
        case 0:
            edit_transport(s, c);
            break;
        case 1:
            set_values(s, c, node);
            break;
        case 2:
            if (node->layout->n_in) {
                feed(s, c, node, conformance_below(node->layout->n_in));
            }
            break;
        case 3:
            edit_settings(s, c, node);
            break;
        default:
            if (s->type->flags & LAT_TYPE_NOTES) {
                must(s,
                     lat_control_note(c, node->name, 60.0 + k, k % 2, 0.0,
                                      &error),
                     &error);
            }
            if (s->type->flags & LAT_TYPE_NUMBERS) {
                struct lat_node *const given =
                    lat_graph_find(lat_control_graph(c), node->name);
                must(s, lat_control_give(c, &given, 1, 0.25 * k, &error),
                     &error);
            }
        }
        must(s, lat_control_commit(c, &error), &error);
    }
}

// --- Playing -----------------------------------------------------------------

static void
send_midi(struct lat_engine *e, uint64_t frame, uint32_t offset)
{
    if (hash(frame, 99) < 0.08F) {
        const uint8_t kinds[] = {0x90, 0x90, 0x80, 0xb0, 0xe0};
        const uint32_t i = (uint32_t)(hash(frame, 98) * 4.99F);
        const uint8_t data[3] = {
            (uint8_t)(kinds[i] | (frame & 1U)),
            (uint8_t)(kinds[i] == 0xb0 ? 1 : 48 + frame % 12),
            (uint8_t)(hash(frame, 97) * 127.0F),
        };
        lat_engine_midi(e, offset, data, sizeof(data));
    }
}

static void
run(struct lat_control *c, uint32_t from, uint32_t n, struct sound *to)
{
    static float buffers[MOST_SLOTS][PERIOD];
    struct lat_engine *e = lat_control_engine(c);
    const struct lat_slot *slots = lat_control_slots(c);
    const uint32_t n_slots = lat_engine_n_slots(e);
    to->n_slots = n_slots > to->n_slots ? n_slots : to->n_slots;
    for (uint32_t i = 0; i < n_slots && i < MOST_SLOTS; ++i) {
        for (uint32_t f = 0; f < n; ++f) {
            buffers[i][f] =
                slots[i].is_output ? NAN : 2.0F * hash(from + f, i) - 1.0F;
        }
        snprintf(to->node[i], LAT_NAME_MAX, "%s",
                 slots[i].is_output ? slots[i].node : "");
        lat_engine_bind(e, i, buffers[i]);
    }
    for (uint32_t f = 0; f < n; ++f) {
        send_midi(e, from + f, f);
    }
    lat_thread_role = LAT_ROLE_AUDIO;
    lat_engine_process(e, n);
    lat_thread_role = LAT_ROLE_NONE;
    for (uint32_t i = 0; i < n_slots && i < MOST_SLOTS; ++i) {
        memcpy(&to->slot[i][from], buffers[i], n * sizeof(float));
    }
    lat_control_tick(c);
}

static const uint32_t marks[] = {0, 101, 190, 257, FRAMES};

// @return whether the settings were taken.
static bool
render(struct subject *s, const struct scene *scene, const struct variant *v,
       struct sound *to)
{
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = v->block,
        .workers = v->workers,
        .always_parallel = v->workers > 1,
        .grain_ns = v->workers > 1 ? 2.0F : 0.0F,
        .isa = v->isa,
        .without_lanes = !v->has_lanes,
        .is_offline = true,
    };
    struct lat_control *c = NULL;
    struct lat_error error;
    must(s, lat_control_new(&options, &c, &error), &error);
    conformance_seed(scene->number);
    memset(to->slot, 0, sizeof(to->slot));
    memset(to->node, 0, sizeof(to->node));
    to->n_slots = 0;
    const bool is_taken = build(s, c, scene);
    for (uint32_t k = 0; is_taken && k + 1 < LAT_COUNT(marks); ++k) {
        if (scene->has_edits) {
            edit(s, c, scene, marks[k]);
        }
        uint64_t turn = 1;
        for (uint32_t f = marks[k]; f < marks[k + 1];) {
            turn = turn * 37 % 61;
            uint32_t n = v->period ? v->period : 1 + (uint32_t)turn;
            n = n < marks[k + 1] - f ? n : marks[k + 1] - f;
            run(c, f, n, to);
            f += n;
        }
    }
    lat_control_free(c);
    return is_taken;
}

static void
compare(const struct subject *s, const struct scene *scene,
        const struct variant *v, const struct sound *a, const struct sound *b,
        bool neighbours_only)
{
    for (uint32_t i = 0; i < a->n_slots && i < MOST_SLOTS; ++i) {
        const bool is_bombed =
            !strcmp(a->node[i], "x0") || !strcmp(a->node[i], "ear1");
        if (!a->node[i][0] || (neighbours_only && is_bombed)) {
            continue;
        }
        for (uint32_t f = 0; f < FRAMES; ++f) {
            if (!conformance_is_same(a->slot[i][f], b->slot[i][f])) {
                conformance_breaks(
                    s,
                    "%s slot %u frame %u is %a, not %a (%u nodes%s, %s, %s, "
                    "period %u, block %u, threads %u, scene %u)",
                    a->node[i], i, f, (double)b->slot[i][f],
                    (double)a->slot[i][f], scene->n_copies,
                    scene->is_chain ? " in a row" : "", v->isa,
                    v->has_lanes ? "lanes" : "alone", v->period, v->block,
                    v->workers, scene->number);
            }
        }
    }
}

static struct sound reference, reference_otherwise, other;

// The tables that do their sums in the same way, by turns.
static const char *
isa_name(const struct subject *s, bool otherwise, uint32_t turn)
{
    const struct lat_kernels *first = conformance_kernels(s, otherwise);
    uint32_t n = 0;
    const char *names[LAT_N_ISAS];
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = lat_kernels_get((enum lat_isa)isa);
        if (k && k->fuses == first->fuses) {
            names[n++] = k->name;
        }
    }
    return names[turn % n];
}

static const uint32_t periods[] = {1, 7, 16, 63, 64, 0};

// All variants of one arithmetic against the plainest.
static bool
check_variants(struct subject *s, const struct scene *scene, bool otherwise,
               struct sound *plainest)
{
    const uint32_t turn = scene->number;
    const struct variant plain = {isa_name(s, otherwise, 0), 64, 64, 1, false};
    if (!render(s, scene, &plain, plainest)) {
        return false;
    }
    for (uint32_t i = 0; i < 2; ++i) {
        const char *isa = isa_name(s, otherwise, i);
        const struct variant variants[] = {
            {isa, periods[(turn + i) % LAT_COUNT(periods)], 64, 1, true},
            {isa, periods[(turn + i + 3) % LAT_COUNT(periods)], 1, 1, i % 2},
            {isa, 63, 64, 3, true},
        };
        const uint32_t n = turn % 4 ? 1 : LAT_COUNT(variants);
        for (uint32_t k = 0; k < n; ++k) {
            if (k < 2 || turn % 8 == 0) {
                render(s, scene, &variants[k], &other);
                compare(s, scene, &variants[k], plainest, &other, false);
            }
        }
    }
    return true;
}

// Without fused operations nearly the same comes out.  Here sums of cables
// differ too, and dividing or modulating makes more of that.
static void
check_arithmetic(struct subject *s, const struct scene *scene)
{
    if (!conformance_kernels(s, true) ||
        !check_variants(s, scene, true, &reference_otherwise)) {
        return;
    }
    s->claim = "arithmetic, together";
    for (uint32_t i = 0; i < reference.n_slots && i < MOST_SLOTS; ++i) {
        if (reference.node[i][0]) {
            conformance_near(s, reference.node[i], FRAMES,
                             reference_otherwise.slot[i], reference.slot[i],
                             1e-4F);
        }
    }
}

static const struct lat_node_type *
first_input_chains(const struct lat_node_type *type)
{
    const bool can = type->n_inputs && type->n_outputs &&
                     !lat_port_kind_is_event(type->inputs[0].kind);
    return can ? type : NULL;
}

// Slots are few, and some types take many of them.
static uint32_t
most_copies(const struct lat_node_type *type)
{
    const bool is_device =
        type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT);
    return is_device ? 2 : LAT_LANES;
}

static void
check_together(struct subject *s)
{
    static const uint32_t counts[] = {5, 1, 16, 2, 4, 16, 3, 9};
    const uint32_t n_setups = conformance_n_setups(s->type);
    const uint32_t n = n_setups > 8 ? (n_setups > 24 ? 24 : n_setups) : 8;
    for (uint32_t i = 0; i < n; i += s->terms->stride) {
        const uint32_t n_copies = counts[i % LAT_COUNT(counts)];
        const uint32_t most = most_copies(s->type);
        const struct scene scene = {
            .number = i,
            .n_copies = n_copies < most ? n_copies : most,
            .is_chain = i % 4 > 1 && first_input_chains(s->type),
            .setup = conformance_setup(s->type, i % n_setups),
            .has_edits = i % 3 != 0,
        };
        s->claim = scene.has_edits ? "together, edited" : "together";
        if (check_variants(s, &scene, false, &reference)) {
            check_arithmetic(s, &scene);
        }
    }
}

static void
check_finite(const struct subject *s, const struct sound *sound)
{
    for (uint32_t i = 0; i < sound->n_slots && i < MOST_SLOTS; ++i) {
        for (uint32_t f = 0; sound->node[i][0] && f < FRAMES; ++f) {
            if (!isfinite(sound->slot[i][f])) {
                conformance_breaks(s, "%s slot %u frame %u is %f",
                                   sound->node[i], i, f,
                                   (double)sound->slot[i][f]);
            }
        }
    }
}

// What becomes of the others where one input gets no numbers.
static void
check_faults(struct subject *s)
{
    const struct setup plain = {.n = 0};
    struct lat_control *c = conformance_control(s, 48000.0, 64);
    const uint32_t n_in = conformance_node(s, c, "x", &plain)->layout->n_in;
    lat_control_free(c);
    static struct sound calm;
    for (uint32_t i = 0; i < 2 * n_in; i += s->terms->stride) {
        const struct scene scene = {
            .number = i,
            .n_copies = i % 3 == 2 ? 2 : 6,
            .setup = plain,
            .has_bomb = true,
            .bombed = i / 2,
            .is_nan = i % 2,
        };
        const struct variant alone = {isa_name(s, false, 0), 64, 64, 1, false};
        const struct variant lanes = {isa_name(s, false, i), periods[i % 6], 64,
                                      1, true};
        s->claim = "faults";
        is_armed = false;
        render(s, &scene, &alone, &calm);
        is_armed = true;
        render(s, &scene, &alone, &reference);
        check_finite(s, &reference);
        compare(s, &scene, &alone, &calm, &reference, true);
        render(s, &scene, &lanes, &other);
        compare(s, &scene, &lanes, &reference, &other, false);
        is_armed = false;
    }
}

void
conformance_together(struct subject *s)
{
    check_together(s);
    check_faults(s);
    s->claim = "audio thread";
    const char *const what = failing_audio_call();
    if (what) {
        conformance_breaks(s, "calls %s in an engine", what);
    }
}
