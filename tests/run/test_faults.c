// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// NaN and infinity that come to nodes in lanes and in waves, at random frames:
// what becomes silent, and from when to when, is what becomes of the same nodes
// one by one, a frame at a time; and the others hear nothing of it.

#include "base/log.h"
#include "base/rt.h"
#include "control/state.h"
#include "control/watch.h"
#include "node/kernels.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 600,
    CELL = 64, // of silence
    MOST_MEMBERS = 40,
    MOST_SLOTS = 200,
    MOST_BURSTS = 5,
    MOST_MARKS = 4,
    MOST_FAULTS = 4096,
    MOST_FILTERS = 300,
};

// --- What they hear ----------------------------------------------------------

enum { SIGNALS = 8, DUD = SIGNALS, BOMBS, MOST_BOMBED = 20 };
enum { N_SOURCES = BOMBS + 2 * MOST_BOMBED };

/// What is no number, and when.
struct burst {
    uint32_t from, to; ///< frames
    uint32_t input;    ///< that it goes into
    float value;       ///< of the first bomb; ten times that is infinite
    bool is_nan;       ///< the second goes off too, and is subtracted
};

static struct burst bursts[MOST_BURSTS];
static uint32_t n_bursts;
static uint64_t random_state;

static uint32_t
below(uint32_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695041U;
    return (uint32_t)((random_state >> 33U) % n);
}

static float
bomb_at(uint32_t input, bool is_second, uint64_t frame)
{
    float x = 0.0F;
    for (uint32_t i = 0; i < n_bursts; ++i) {
        const struct burst *b = &bursts[i];
        if (b->input == input && b->from <= frame && frame < b->to &&
            (b->is_nan || !is_second)) {
            x = b->value;
        }
    }
    return x;
}

static float
signal_at(uint32_t k, uint64_t frame)
{
    if (k == DUD) {
        return 0.0F;
    }
    if (k == SIGNALS - 1) {
        return frame / 50 % 2 ? 0.5F : -0.5F;
    }
    uint64_t h = (frame + 1) * UINT64_C(0x9e3779b97f4a7c15) + k;
    h = (h ^ h >> 29U) * UINT64_C(0xbf58476d1ce4e5b9);
    return (float)(h >> 40U) * 0x1p-23F - 1.0F;
}

LAT_RT static uint64_t
source_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t k = 0; k < io->n_out; ++k) {
        for (uint32_t f = 0; f < context->n_frames; ++f) {
            const uint64_t frame = context->frame + f;
            io->out[k][f] =
                k < BOMBS ? signal_at(k, frame)
                          : bomb_at((k - BOMBS) / 2, (k - BOMBS) % 2, frame);
        }
    }
    return lat_output_bit(DUD);
}

static const struct lat_setting source_settings[] = {
    {.name = "outputs",
     .doc = "All of them.",
     .unit = "",
     .kind = LAT_SETTING_INTEGER,
     .min = N_SOURCES,
     .max = N_SOURCES,
     .initial = N_SOURCES},
};

static const struct lat_port source_outputs[] = {
    {.name = "out",
     .doc = "A signal, or a bomb.",
     .unit = "",
     .min = -1.0F,
     .max = 1.0F,
     .low = -1.0F,
     .high = 1.0F,
     .repeat = "outputs"},
};

static const struct lat_node_type source_type = {
    .name = "fault_source",
    .doc = "Signals that are functions of the frame, and bombs.",
    .outputs = source_outputs,
    .n_outputs = 1,
    .settings = source_settings,
    .n_settings = 1,
    .cost_ns = 1.0F,
    .process = source_process,
};

static void
make_source(struct rig *r)
{
    cr_assert_eq(lat_control_node_new_of(r->c, &source_type, "source", false,
                                         NULL, 0, &r->error),
                 LAT_OK);
}

// --- Playing -----------------------------------------------------------------

/// How the engine is to run it.
struct variant {
    const char *isa;
    uint32_t block, period;
    bool has_lanes;
};

/// What came of it.
struct heard {
    uint32_t n_slots;
    float slot[MOST_SLOTS][FRAMES];
    uint32_t n_faults;
    struct fault {
        uint64_t frame;
        char node[LAT_NAME_MAX];
    } faults[MOST_FAULTS];
    struct {
        bool is_muted;
        uint32_t words[4];
    } states[MOST_FILTERS]; ///< of a row, in the end
};

static struct heard reference, calm, other;

/// Where something is changed, in frames.
static uint32_t marks[MOST_MARKS];
static uint32_t n_marks;

static struct rig
rig_of(const struct variant *v)
{
    lat_log_set_level(LAT_LOG_ERROR);
    return rig_on(v->block, v->isa, !v->has_lanes);
}

static void
run_to(struct rig *r, uint32_t end, uint32_t period, struct heard *to)
{
    struct lat_engine *e = lat_control_engine(r->c);
    while (r->n_frames < end) {
        const uint32_t left = end - r->n_frames;
        const uint32_t n = left < period ? left : period;
        to->n_slots = lat_engine_n_slots(e);
        cr_assert_leq(to->n_slots, MOST_SLOTS);
        for (uint32_t i = 0; i < to->n_slots; ++i) {
            lat_engine_bind(e, i, &to->slot[i][r->n_frames]);
        }
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(e, n);
        lat_thread_role = LAT_ROLE_NONE;
        lat_control_tick(r->c);
        r->n_frames += n;
    }
}

static void
take_faults(struct lat_control *c, struct lat_reader *reader, struct heard *to)
{
    struct lat_record record;
    to->n_faults = 0;
    while (lat_reader_next(reader, &record)) {
        cr_assert_lt(to->n_faults, MOST_FAULTS);
        struct fault *f = &to->faults[to->n_faults++];
        f->frame = record.frame;
        for (const struct lat_node *n = c->graph.first; n; n = n->next) {
            if (lat_units_instance(n) == record.inst) {
                snprintf(f->node, sizeof(f->node), "%s", n->name);
            }
        }
    }
    cr_assert_eq(lat_reader_lost(reader), 0);
}

static int
compare_faults(const void *a, const void *b)
{
    const struct fault *x = a;
    const struct fault *y = b;
    return x->frame == y->frame ? strcmp(x->node, y->node)
                                : (x->frame > y->frame) - (x->frame < y->frame);
}

/// What is changed at mark @p k; a function of k and of what plays.
typedef void (*edit_fn)(struct rig *r, uint32_t k);

/// Play what @p r holds.
static void
play(struct rig *r, const struct variant *v, edit_fn edit, struct heard *to)
{
    struct lat_reader *reader = NULL;
    memset(to, 0, sizeof(*to));
    cr_assert_eq(
        lat_reader_new(r->c, MOST_FAULTS, 1U << LAT_RECORD_FAULT, &reader),
        LAT_OK);
    for (uint32_t k = 0; k < n_marks; ++k) {
        run_to(r, marks[k], v->period, to);
        lat_control_begin(r->c);
        edit(r, k);
        cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                     r->error.text);
    }
    run_to(r, FRAMES, v->period, to);
    take_faults(r->c, reader, to);
    lat_reader_free(reader);
    qsort(to->faults, to->n_faults, sizeof(to->faults[0]), compare_faults);
}

// --- Members of lanes --------------------------------------------------------

enum arrangement { ALIGNED, REVERSED, SHARED, SCATTERED, N_ARRANGEMENTS };

static struct {
    const struct lat_node_type *type;
    uint32_t n, victim;
    uint32_t seed;
    enum arrangement from;
    uint32_t bombed; ///< bits of the inputs with bombs
    uint32_t fed;    ///< bits of the others that something moves
    bool has_pairs;  ///< two bombs for each of these
    bool has_edits;
} scene;

static const struct lat_layout *
layout_of(struct rig *r, uint32_t i)
{
    char name[20];
    snprintf(name, sizeof(name), "x%u", i);
    return lat_control_need_node(r->c, name, &r->error)->layout;
}

// The cable that every member has into an input.
static void
feed(struct rig *r, uint32_t i, uint32_t input, const struct lat_port *p,
     const char *name)
{
    const double width = (double)(p->high - p->low);
    const double amount = (scene.seed + input) % 2 ? 1.0 : 0.3 * width;
    switch (scene.from) {
    case ALIGNED:
        rig_say(r, "connect s%u x%u/%s %g", i, i, name, amount);
        break;
    case REVERSED:
        rig_say(r, "connect s%u x%u/%s %g", scene.n - 1 - i, i, name, amount);
        break;
    case SHARED:
        rig_say(r, "connect source/out_2 x%u/%s %g", i, name, amount);
        break;
    default:
        rig_say(r, "connect source/out_%u x%u/%s %g", 1 + (i + input) % SIGNALS,
                i, name, amount);
    }
}

// Bombs that come through a group of their own, with its lanes the other way
// round, so that two cables have to be permuted.
static bool
has_fuses(void)
{
    return !scene.has_pairs && scene.from <= REVERSED;
}

static void
make_fuses(struct rig *r)
{
    for (uint32_t i = scene.n; has_fuses() && i--;) {
        rig_say(r, "new add b%u", i);
        rig_say(r, "connect source/out_%u b%u/a",
                1 + (i == scene.victim ? (uint32_t)BOMBS : (uint32_t)DUD), i);
    }
}

static void
plant_bombs(struct rig *r, uint32_t i, uint32_t input, const char *name)
{
    if (!input && has_fuses()) {
        rig_say(r, "connect b%u x%u/%s 10", i, i, name);
        return;
    }
    for (uint32_t k = 0; k < (scene.has_pairs ? 2U : 1U); ++k) {
        const uint32_t output =
            i == scene.victim ? BOMBS + 2 * input + k : (uint32_t)DUD;
        rig_say(r, "connect source/out_%u x%u/%s %d", 1 + output, i, name,
                k ? -10 : 10);
    }
}

static void
make_member(struct rig *r, uint32_t i)
{
    rig_say(r, "new %s x%u", scene.type->name, i);
    const struct lat_layout *l = layout_of(r, i);
    rig_say(r, "new audio_out o%u channels %u limit off", i, l->n_out);
    for (uint32_t k = 0; k < l->n_in; ++k) {
        const bool is_bombed = scene.bombed >> k & 1U;
        if ((scene.bombed | scene.fed) >> k & 1U) {
            feed(r, i, k, l->in[k].port, l->in[k].name);
        }
        if (is_bombed) {
            plant_bombs(r, i, k, l->in[k].name);
        }
    }
    for (uint32_t k = 0; k < l->n_out; ++k) {
        rig_say(r, "connect x%u/%s o%u/in_%u", i, l->out[k].name, i, k + 1);
    }
}

static void
make_members(struct rig *r)
{
    make_source(r);
    for (uint32_t i = 0; i < scene.n; ++i) {
        rig_say(r, "new add s%u b %g", i, i * 0.01);
        rig_say(r, "connect source/out_%u s%u/a", 1 + i % SIGNALS, i);
    }
    make_fuses(r);
    for (uint32_t i = 0; i < scene.n; ++i) {
        make_member(r, i);
    }
}

// Values of two members move from here on.
static void
edit_members(struct rig *r, uint32_t k)
{
    for (uint32_t turn = 0; turn < 2; ++turn) {
        const uint32_t i = turn ? scene.victim : (scene.seed * 7 + k) % scene.n;
        const struct lat_layout *l = layout_of(r, i);
        const struct lat_port_info *in = &l->in[(scene.seed + k) % l->n_in];
        const float x = k % 2 ? in->port->initial : in->port->high;
        rig_say(r, "set x%u %s %g 0.002", i, in->name, (double)x);
    }
}

static void
hear_members(const struct variant *v, struct heard *to)
{
    struct rig r = rig_of(v);
    rig_build(&r, make_members);
    play(&r, v, edit_members, to);
    rig_free(&r);
}

static bool
is_within_burst(uint64_t frame)
{
    for (uint32_t i = 0; i < n_bursts; ++i) {
        if (bursts[i].from <= frame && frame < bursts[i].to) {
            return true;
        }
    }
    return false;
}

// From a fault on all that the victim gives is 0, to the end of the cell.
static void
expect_silence(const struct fault *fault, const float *x)
{
    const uint64_t end = (fault->frame / CELL + 1) * CELL;
    for (uint64_t f = fault->frame; f < end && f < FRAMES; ++f) {
        cr_assert_eq(x[f], 0.0F, "%s, frame %u", scene.type->name, (unsigned)f);
    }
}

// Then it sounds again, as it would without a fault if it remembers nothing.
// @param is_silent  per frame: within a cell of silence.
static void
expect_sound(const bool *is_silent, const float *x, const float *without)
{
    bool is_asked = false;
    for (uint32_t f = 1; f < FRAMES; ++f) {
        const bool is_plain = !is_silent[f] && !is_within_burst(f);
        if (is_plain && !scene.type->state_words) {
            cr_assert_eq(memcmp(&x[f], &without[f], sizeof(float)), 0,
                         "%s, frame %u", scene.type->name, f);
        }
        is_asked =
            is_plain && without[f] != 0.0F && (is_asked || is_silent[f - 1]);
        if (is_asked && x[f] != 0.0F) {
            is_asked = false;
        }
        // A filter of what begins with 0 may need a few.
        cr_assert(!is_asked || f < 8 || !is_silent[f - 8], "%s, frame %u",
                  scene.type->name, f);
    }
}

static void
expect_cells_of_silence(uint32_t n_out)
{
    char name[20];
    static bool is_silent[FRAMES];
    snprintf(name, sizeof(name), "x%u", scene.victim);
    memset(is_silent, 0, sizeof(is_silent));
    for (uint32_t o = 0; o < n_out; ++o) {
        const uint32_t slot = scene.victim * n_out + o;
        for (uint32_t i = 0; i < reference.n_faults; ++i) {
            const struct fault *fault = &reference.faults[i];
            cr_expect_str_eq(fault->node, name, "%s", scene.type->name);
            expect_silence(fault, reference.slot[slot]);
            for (uint64_t f = fault->frame; f < FRAMES; ++f) {
                is_silent[f] |= f / CELL == fault->frame / CELL;
            }
        }
        expect_sound(is_silent, reference.slot[slot], calm.slot[slot]);
    }
}

static void
expect_same(const struct heard *a, const struct heard *b,
            const struct variant *v, uint32_t except, uint32_t n_except)
{
    cr_assert_eq(a->n_slots, b->n_slots);
    for (uint32_t i = 0; i < a->n_slots; ++i) {
        const bool is_other = i < except || i >= except + n_except;
        for (uint32_t f = 0; is_other && f < FRAMES; ++f) {
            cr_assert(isfinite(b->slot[i][f]));
            cr_assert_eq(
                memcmp(&a->slot[i][f], &b->slot[i][f], sizeof(float)), 0,
                "%u of %s, victim %u, seed %u, %s, block %u, period "
                "%u, %s: slot %u frame %u is %a, not %a",
                scene.n, scene.type->name, scene.victim, scene.seed, v->isa,
                v->block, v->period, v->has_lanes ? "lanes" : "alone", i, f,
                (double)b->slot[i][f], (double)a->slot[i][f]);
        }
    }
}

static void
expect_same_faults(const struct heard *a, const struct heard *b,
                   const struct variant *v)
{
    cr_expect_eq(a->n_faults, b->n_faults, "%s, %s", scene.type->name, v->isa);
    cr_expect_eq(
        memcmp(a->faults, b->faults, a->n_faults * sizeof(a->faults[0])), 0,
        "%s, %s", scene.type->name, v->isa);
}

/// All ways to play a scene, of instruction sets of one arithmetic.
static void
compare_members(bool fuses, uint32_t n_out)
{
    static const uint32_t periods[] = {64, 7, 63, 600, 1, 100};
    static const uint32_t blocks[] = {64, 64, 16, 1024};
    const struct variant alone = {rig_isa(fuses, 0), 1, 64, false};
    const uint32_t n = n_bursts;
    hear_members(&alone, &reference);
    const struct variant in_blocks = {alone.isa, 64, 64, false};
    n_bursts = 0;
    hear_members(&in_blocks, &calm);
    n_bursts = n;
    expect_same(&calm, &reference, &alone, scene.victim * n_out, n_out);
    expect_cells_of_silence(n_out);
    for (uint32_t i = 0; rig_isa(fuses, i); ++i) {
        const struct variant lanes = {
            .isa = rig_isa(fuses, i),
            .block = blocks[(scene.seed + i) % LAT_COUNT(blocks)],
            .period = periods[(scene.seed + i) % LAT_COUNT(periods)],
            .has_lanes = true,
        };
        hear_members(&lanes, &other);
        expect_same(&reference, &other, &lanes, 0, 0);
        expect_same_faults(&reference, &other, &lanes);
    }
}

/// Some at an edge of a cell, some within, some over several.
static void
draw_bursts(uint32_t n_inputs)
{
    const bool is_first_alone = below(2);
    n_bursts = 2 + below(MOST_BURSTS - 1);
    scene.bombed = 0;
    for (uint32_t i = 0; i < n_bursts; ++i) {
        struct burst *b = &bursts[i];
        const bool is_at_edge = below(4) == 0;
        b->from = is_at_edge ? CELL * below(FRAMES / CELL) + 63 * below(2)
                             : below(FRAMES);
        b->to = b->from + 1 + below(below(3) ? 4 : 150);
        b->input = i && !is_first_alone ? below(n_inputs) : 0;
        b->value = below(2) ? 3e38F : -3e38F;
        b->is_nan = below(2);
        scene.bombed |= 1U << b->input;
    }
    n_marks = scene.has_edits ? 1 + below(MOST_MARKS) : 0;
    for (uint32_t k = 0, from = 0; k < n_marks; ++k) {
        marks[k] = from + below((FRAMES - from) / 2);
        from = marks[k];
    }
}

/// @return faults that there were.
static uint32_t
fault_members(const struct lat_node_type *type, uint32_t n, uint32_t seed)
{
    random_state = seed + UINT64_C(1000003) * n;
    scene.type = type;
    scene.n = n;
    scene.seed = seed;
    scene.victim = below(n);
    scene.from = (enum arrangement)below(N_ARRANGEMENTS);
    scene.has_pairs = below(2);
    scene.fed = below(3) ? below(1U << 20U) : 0;
    scene.has_edits = below(3) == 0;
    draw_bursts(type->n_inputs < MOST_BOMBED ? type->n_inputs : MOST_BOMBED);
    compare_members(true, type->n_outputs);
    const uint32_t n_faults = reference.n_faults;
    if (seed % 2 && rig_isa(false, 0)) {
        compare_members(false, type->n_outputs);
    }
    return n_faults;
}

static void
fault_every_type(uint32_t n, uint32_t n_seeds)
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        uint32_t n_faults = 0;
        for (uint32_t seed = 0; (*t)->kernel && seed < n_seeds; ++seed) {
            n_faults += fault_members(*t, n, 10 * n_seeds + seed);
        }
        cr_expect(n_faults || !(*t)->kernel || (*t)->is_bounded, "%s",
                  (*t)->name);
    }
}

Test(faults, in_a_full_group_silence_one_lane_as_alone)
{
    fault_every_type(LAT_LANES, 4);
}

Test(faults, in_part_of_a_group_silence_one_lane_as_alone)
{
    fault_every_type(5, 4);
}

Test(faults, in_one_of_several_groups_silence_one_lane_as_alone)
{
    fault_every_type(MOST_MEMBERS, 2);
}

// --- Rows, which run as waves ------------------------------------------------

/// Bombs of a row: into its first filter, or sound that is too loud for a cable
/// in its middle.
enum { HEAD, LOUD };

static struct {
    uint32_t n, seed;
    const char *type;
    bool is_low;        ///< filters carry something over
    uint32_t middle[2]; ///< filters whose cables are loud
} row;

static bool
is_loud(uint32_t i)
{
    return i && (i == row.middle[0] || i == row.middle[1]);
}

// What comes from filter @p i - 1 to @p i.
static double
amount_into(uint32_t i)
{
    const bool was_loud = i && is_loud(i - 1);
    return is_loud(i) ? (was_loud ? 1.0 : 1e9)
           : was_loud ? 1e-9
                      : (i % 5 == row.seed % 7 ? 0.9 : 1.0);
}

static void
make_row(struct rig *r, const char *name)
{
    const bool is_high = !strcmp(row.type, "highpass");
    const bool is_band = !strcmp(row.type, "bandpass");
    const double base = row.is_low || is_high ? 40.0 : 9000.0;
    rig_say(r, "new audio_out o%s channels 1 limit off", name);
    for (uint32_t i = 0; i < row.n; ++i) {
        rig_say(r, "new %s %s%u cutoff %g%s", row.type, name, i,
                base + (base / 40.0) * (i % 31), is_band ? " q 0.05" : "");
        if (i) {
            rig_say(r, "connect %s%u %s%u %g", name, i - 1, name, i,
                    amount_into(i));
        }
    }
    rig_say(r, "connect source/out_1 %s0 0.3", name);
    rig_say(r, "connect %s%u o%s %g", name, row.n - 1, name,
            amount_into(row.n));
}

static void
make_rows(struct rig *r)
{
    make_source(r);
    make_row(r, "f");
    make_row(r, "calm");
    rig_say(r, "connect source/out_%d f0 10", 1 + BOMBS + 2 * HEAD);
    rig_say(r, "connect source/out_%d f0 -10", 1 + BOMBS + 2 * HEAD + 1);
    rig_say(r, "connect source/out_%d f0", 1 + BOMBS + 2 * LOUD);
}

static void
edit_row(struct rig *r, uint32_t k)
{
    const uint32_t i = (row.seed * 31 + k * 17) % row.n;
    if (k % 2 && i) {
        rig_say(r, "connect f%u f%u %g", i - 1, i, 0.98 * amount_into(i));
    } else {
        rig_say(r, "set f%u cutoff 7000 0.001", i);
    }
}

static void
hear_row(const struct variant *v, struct heard *to)
{
    struct rig r = rig_of(v);
    rig_build(&r, make_rows);
    play(&r, v, edit_row, to);
    for (uint32_t i = 0; i < row.n; ++i) {
        char name[20];
        snprintf(name, sizeof(name), "f%u", i);
        const struct lat_instance *inst =
            lat_units_instance(lat_graph_find(&r.c->graph, name));
        to->states[i].is_muted = inst->needs_reset;
        if (!inst->needs_reset) {
            lat_instance_load(inst, to->states[i].words);
        }
    }
    rig_free(&r);
}

static void
expect_same_row(const struct heard *a, const struct heard *b,
                const struct variant *v)
{
    for (uint32_t i = 0; i < 2; ++i) {
        for (uint32_t f = 0; f < FRAMES; ++f) {
            cr_assert(isfinite(b->slot[i][f]));
            cr_assert_eq(memcmp(&a->slot[i][f], &b->slot[i][f], sizeof(float)),
                         0,
                         "%u of %s, seed %u, %s, block %u, period %u: slot %u, "
                         "frame %u is %a, not %a",
                         row.n, row.type, row.seed, v->isa, v->block, v->period,
                         i, f, (double)b->slot[i][f], (double)a->slot[i][f]);
        }
    }
    cr_assert_eq(a->n_faults, b->n_faults, "%u of %s, seed %u, %s", row.n,
                 row.type, row.seed, v->isa);
    for (uint32_t i = 0; i < a->n_faults; ++i) {
        cr_assert_eq(compare_faults(&a->faults[i], &b->faults[i]), 0,
                     "%s at %u, not %s at %u", b->faults[i].node,
                     (unsigned)b->faults[i].frame, a->faults[i].node,
                     (unsigned)a->faults[i].frame);
    }
    for (uint32_t i = 0; i < row.n; ++i) {
        cr_assert_eq(memcmp(&a->states[i], &b->states[i], sizeof(a->states[i])),
                     0, "%u of %s, seed %u, %s: state of f%u", row.n, row.type,
                     row.seed, v->isa, i);
    }
}

static void
compare_row(bool fuses)
{
    static const uint32_t periods[] = {64, 600, 63, 7, 33};
    static const uint32_t blocks[] = {64, 64, 16, 1024};
    const struct variant alone = {rig_isa(fuses, 0), 1, 64, false};
    const struct variant in_blocks = {alone.isa, 64, 64, false};
    const uint32_t n = n_bursts;
    hear_row(&alone, &reference);
    n_bursts = 0;
    hear_row(&in_blocks, &calm);
    n_bursts = n;
    cr_expect_eq(memcmp(calm.slot[1], reference.slot[1], sizeof(calm.slot[1])),
                 0, "the other row of %s", row.type);
    for (uint32_t i = 0; rig_isa(fuses, i); ++i) {
        const struct variant lanes = {
            .isa = rig_isa(fuses, i),
            .block = blocks[(row.seed + i) % LAT_COUNT(blocks)],
            .period = periods[(row.seed + row.n + i) % LAT_COUNT(periods)],
            .has_lanes = true,
        };
        hear_row(&lanes, &other);
        expect_same_row(&reference, &other, &lanes);
    }
}

/// Faults there were of the first filter, and of others.
struct count {
    uint32_t head, middle;
};

static void
fault_row(uint32_t n, const char *type, uint32_t seed, struct count *count)
{
    random_state = seed + UINT64_C(7919) * n;
    row.n = n;
    row.type = type;
    row.seed = seed;
    row.is_low = below(3) == 0;
    row.middle[0] = 1 + below(n - 1);
    row.middle[1] = below(n);
    scene.has_edits = below(3) == 0;
    draw_bursts(2);
    for (uint32_t i = 0; i < n_bursts; ++i) {
        struct burst *b = &bursts[i];
        if (b->input == LOUD) {
            b->value = b->value > 0.0F ? 1e32F : -1e32F;
            b->is_nan = false;
        }
    }
    compare_row(true);
    for (uint32_t i = 0; i < reference.n_faults; ++i) {
        const bool is_head = !strcmp(reference.faults[i].node, "f0");
        count->head += is_head;
        count->middle += !is_head;
    }
    if (seed == 1) {
        compare_row(false);
    }
}

static void
fault_rows(const uint32_t *lengths, uint32_t n_lengths, uint32_t n_seeds)
{
    static const char *const types[] = {"lowpass", "highpass", "bandpass",
                                        "notch", "onepole"};
    for (uint32_t t = 0; t < LAT_COUNT(types); ++t) {
        struct count count = {0};
        for (uint32_t i = 0; i < n_lengths * n_seeds; ++i) {
            fault_row(lengths[i % n_lengths], types[t], i / n_lengths, &count);
        }
        cr_expect_gt(count.head, 0, "%s", types[t]);
        cr_expect_gt(count.middle, 0, "%s", types[t]);
    }
}

Test(faults, in_a_row_silence_what_they_did_before)
{
    static const uint32_t lengths[] = {4, 16, 17, 40};
    fault_rows(lengths, LAT_COUNT(lengths), 4);
}

Test(faults, in_a_row_of_several_waves_silence_what_they_did_before)
{
    static const uint32_t lengths[] = {300};
    fault_rows(lengths, LAT_COUNT(lengths), 2);
}
