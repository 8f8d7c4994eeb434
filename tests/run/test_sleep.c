// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Voices that sleep, by a plain model: random voices, node by node and frame by
// frame, in the words of the rule.

#include "control/state.h"
#include "node/common_settings.h"
#include "node/kernels.h"
#include "plan/sleep.h"
#include "run/mix.h"
#include "support/pace.h"
#include "support/patches.h"
#include "units/units.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 14, VOICES = 5, MOST_UNITS = MOST_NODES * VOICES };
enum { FRAMES = 1400, CELL = 64, BLOCK = 64, MOST_IN = 8, MOST_GATES = 64 };
enum { MOST_VERTICES = 2 * MOST_UNITS };

static uint64_t random_state;

static unsigned
below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695041U;
    return (unsigned)((random_state >> 33U) % n);
}

// --- What is built -----------------------------------------------------------

static const char *const types[] = {
    "sine", "square", "lowpass", "onepole", "multiply", "add",
    "gain", "gain",   "adsr",    "bus",     "noise",    "constant",
};

/// One cable into an input at the most.
struct wire {
    int from; ///< a node, or -1
    bool is_ring;
};

struct node {
    const char *type;
    bool is_poly, sleeps;
    struct wire in[MOST_IN];
    bool is_heard;
};

struct gate {
    uint32_t frame;
    unsigned node, voice; ///< from 1
    bool is_open;
};

static struct node nodes[MOST_NODES];
static unsigned n_nodes;
static struct gate gates[MOST_GATES];
static unsigned n_gates;

static unsigned
n_inputs(const char *type)
{
    return lat_node_type_find(type)->n_inputs;
}

static void
connect_some(unsigned n)
{
    struct node *node = &nodes[n];
    for (unsigned i = 0; i < n_inputs(node->type); ++i) {
        node->in[i].from = -1;
        const bool is_main = i == 0 || strcmp(node->type, "gain") == 0;
        if (n && below(is_main ? 5 : 9) < (is_main ? 4U : 2U)) {
            const int from = (int)below(n);
            if (node->is_poly || !nodes[from].is_poly) {
                node->in[i] = (struct wire){from, below(12) == 0};
            }
        }
    }
}

static void
invent(uint64_t seed)
{
    random_state = seed;
    n_nodes = 6 + below(MOST_NODES - 6);
    for (unsigned n = 0; n < n_nodes; ++n) {
        nodes[n] = (struct node){
            .type = types[below(LAT_COUNT(types))],
            .is_poly = below(8) != 0,
            .sleeps = below(8) != 0,
            .is_heard = n + 1 == n_nodes || below(4) == 0,
        };
        connect_some(n);
    }
    n_gates = 0;
    for (uint32_t frame = 0; n_gates < MOST_GATES; ++n_gates) {
        const unsigned node = below(n_nodes);
        frame += 1 + below(below(4) ? 12 : 200);
        gates[n_gates] = (struct gate){frame, node, 1 + below(VOICES),
                                       below(2) != 0};
        if (strcmp(nodes[node].type, "adsr") != 0) {
            gates[n_gates].node = UINT32_MAX;
        } else if (!nodes[node].is_poly) {
            gates[n_gates].voice = 1;
        }
    }
}

/// Values that differ by voice.
static void
say_values(struct rig *r, unsigned n)
{
    const struct node *node = &nodes[n];
    for (unsigned v = 1; v <= (node->is_poly ? VOICES : 1U); ++v) {
        char name[32];
        snprintf(name, sizeof(name), node->is_poly ? "n%u.%u" : "n%u", n, v);
        if (strcmp(node->type, "sine") == 0 ||
            strcmp(node->type, "square") == 0) {
            rig_say(r, "set %s freq %u", name, 100 + 331 * v + 77 * n);
        } else if (strcmp(node->type, "adsr") == 0) {
            rig_say(r, "set %s attack %g\nset %s decay %g\nset %s release %g",
                    name, n % 3 ? 0.001 : 0.0, name, 0.002, name,
                    0.001 + 0.0007 * v);
            rig_say(r, "set %s sustain %g", name, n % 4 ? 0.5 : 0.0);
        } else if (strcmp(node->type, "gain") == 0) {
            rig_say(r, "set %s gain %g", name, n % 3 ? 0.5 : 0.0);
        }
    }
}

static void
build(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off");
    for (unsigned n = 0; n < n_nodes; ++n) {
        rig_say(r, "new %s n%u poly %d sleep %s", nodes[n].type, n,
                nodes[n].is_poly ? VOICES : 1, nodes[n].sleeps ? "yes" : "no");
        if (strcmp(nodes[n].type, "noise") == 0) {
            rig_say(r, "set n%u seed %u", n, n + 1);
        }
        say_values(r, n);
    }
    for (unsigned n = 0; n < n_nodes; ++n) {
        const struct node *node = &nodes[n];
        for (unsigned i = 0; i < n_inputs(node->type); ++i) {
            if (node->in[i].from >= 0) {
                rig_say(r, "%s n%d n%u/%s",
                        node->in[i].is_ring ? "feedback" : "connect",
                        node->in[i].from, n,
                        lat_node_type_find(node->type)->inputs[i].name);
            }
        }
        if (node->is_heard) {
            rig_say(r, "connect n%u main", n);
        }
    }
}

/// Run it, and open and close gates on the way.
static void
play(struct rig *r, uint32_t period)
{
    uint32_t at = 0;
    for (unsigned g = 0; g <= n_gates; ++g) {
        const uint32_t end =
            g == n_gates || gates[g].frame > FRAMES ? FRAMES : gates[g].frame;
        rig_run(r, end - at, period);
        at = end;
        if (g < n_gates && gates[g].node != UINT32_MAX && at < FRAMES) {
            const struct gate *gate = &gates[g];
            char name[32];
            snprintf(name, sizeof(name),
                     nodes[gate->node].is_poly ? "n%u.%u" : "n%u", gate->node,
                     gate->voice);
            rig_say(r, "set %s gate %d", name, gate->is_open);
        }
    }
}

// --- The model: who sleeps with whom -----------------------------------------

struct unit {
    unsigned node, voice; ///< from 0
    const struct lat_node_type *type;
    struct lat_instance *inst;
    int from[MOST_IN]; ///< units, or -1
    bool is_ring[MOST_IN];
    float value[MOST_IN];
    bool may_sleep, decides, follows;
    // In time.
    bool is_idle, is_asleep;
    unsigned n_zero; ///< frames of this cell
    float out;
    float past[FRAMES];
};

static struct unit units[MOST_UNITS];
static unsigned n_units;
static unsigned first_unit[MOST_NODES];

static bool
is_gain(const struct unit *u)
{
    return strcmp(u->type->name, "gain") == 0;
}

static bool
is_envelope(const struct unit *u)
{
    return strcmp(u->type->name, "adsr") == 0;
}

static void
expand(struct rig *r)
{
    n_units = 0;
    for (unsigned n = 0; n < n_nodes; ++n) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", n);
        const struct lat_node *node =
            lat_graph_find(lat_control_graph(r->c), name);
        first_unit[n] = n_units;
        for (unsigned v = 0; v < (nodes[n].is_poly ? VOICES : 1U); ++v) {
            struct unit *u = &units[n_units++];
            *u = (struct unit){.node = n, .voice = v, .type = node->type,
                               .inst = lat_units_voice(node, v)->inst};
            for (unsigned i = 0; i < u->inst->n_in; ++i) {
                const struct wire *w = &nodes[n].in[i];
                u->value[i] = lat_input_value(&node->in[i], v);
                u->from[i] = -1;
                if (w->from >= 0) {
                    u->from[i] = (int)(first_unit[w->from] +
                                       (nodes[w->from].is_poly ? v : 0));
                    u->is_ring[i] = w->is_ring;
                }
            }
            u->may_sleep = nodes[n].sleeps;
            u->decides = u->may_sleep && (is_gain(u) || is_envelope(u));
            u->follows = u->may_sleep && !is_envelope(u);
        }
    }
}

static bool
is_amplitude(const struct unit *u, unsigned i)
{
    return is_gain(u) ? i == 1 || i == 2 : is_envelope(u) && i == 0;
}

/// Deciders that keep a unit awake; none where it does not follow.
static bool kept_by[MOST_UNITS][MOST_UNITS];
static unsigned n_kept[MOST_UNITS];

static bool
is_follower(unsigned x)
{
    return !units[x].decides && n_kept[x];
}

static void
find_keepers(void)
{
    memset(kept_by, 0, sizeof(kept_by));
    for (unsigned x = n_units; x-- > 0;) {
        bool is_awake = !units[x].follows || nodes[units[x].node].is_heard;
        for (unsigned r = 0; r < n_units; ++r) {
            for (unsigned i = 0; i < units[r].inst->n_in; ++i) {
                if (units[r].from[i] != (int)x) {
                    continue;
                }
                is_awake = is_awake || units[r].is_ring[i] ||
                           !(units[r].decides || n_kept[r]);
                for (unsigned d = 0; d < n_units; ++d) {
                    kept_by[x][d] = kept_by[x][d] ||
                                    (units[r].decides ? d == r : kept_by[r][d]);
                }
            }
        }
        n_kept[x] = 0;
        for (unsigned d = 0; d < n_units; ++d) {
            kept_by[x][d] = kept_by[x][d] && !is_awake;
            n_kept[x] += kept_by[x][d];
        }
    }
}

static bool
is_alone_with(unsigned x, unsigned d)
{
    return is_follower(x) && n_kept[x] == 1 && kept_by[x][d];
}

static bool
carries(unsigned x)
{
    const struct unit *u = &units[x];
    const char *const own[] = {"sine", "square", "noise"};
    for (size_t i = 0; i < LAT_COUNT(own); ++i) {
        if (strcmp(u->type->name, own[i]) == 0) {
            return false;
        }
    }
    for (unsigned i = 0; i < u->inst->n_in; ++i) {
        if (u->from[i] >= 0 &&
            (u->is_ring[i] || !is_follower((unsigned)u->from[i]) ||
             carries((unsigned)u->from[i]))) {
            return true;
        }
    }
    return false;
}

/// What alone feeds an amplitude stays awake.
static bool
wake_feeders(void)
{
    bool wakes[MOST_UNITS] = {false};
    bool any = false;
    for (unsigned d = 0; d < n_units; ++d) {
        const struct unit *u = &units[d];
        for (unsigned i = 0; u->decides && i < u->inst->n_in; ++i) {
            const int x = u->from[i];
            if (is_amplitude(u, i) && x >= 0 && !u->is_ring[i] &&
                is_alone_with((unsigned)x, d) &&
                !(is_gain(u) && i == 1 && !carries((unsigned)x))) {
                wakes[x] = any = true;
            }
        }
    }
    for (unsigned x = 0; x < n_units; ++x) {
        units[x].follows = units[x].follows && !wakes[x];
    }
    return any;
}

/// before[a][b]: a has to be run before b.  A decider's look is n_units + it.
static bool before[MOST_VERTICES][MOST_VERTICES];

static bool
wake_circles(void)
{
    const unsigned n = 2 * n_units;
    memset(before, 0, sizeof(before));
    for (unsigned x = 0; x < n_units; ++x) {
        const struct unit *u = &units[x];
        for (unsigned i = 0; i < u->inst->n_in; ++i) {
            if (u->from[i] >= 0 && !u->is_ring[i]) {
                before[u->from[i]][x] = true;
                if (u->decides && is_amplitude(u, i) &&
                    !is_alone_with((unsigned)u->from[i], x)) {
                    before[u->from[i]][n_units + x] = true;
                }
            }
        }
        if (u->decides) {
            before[n_units + x][x] = true;
        }
        for (unsigned d = 0; d < n_units; ++d) {
            if (kept_by[x][d]) {
                before[n_units + d][u->decides ? n_units + x : x] = true;
            }
        }
    }
    for (unsigned k = 0; k < n; ++k) {
        for (unsigned a = 0; a < n; ++a) {
            for (unsigned b = 0; before[a][k] && b < n; ++b) {
                before[a][b] = before[a][b] || before[k][b];
            }
        }
    }
    bool any = false;
    for (unsigned x = 0; x < n_units; ++x) {
        const unsigned at = units[x].decides ? n_units + x : x;
        bool comes_from = false;
        bool leads_to = false;
        for (unsigned k = 0; k < n; ++k) {
            comes_from = comes_from || (before[k][k] && before[k][at]);
            leads_to = leads_to || (before[k][k] && before[at][k]);
        }
        if (n_kept[x] && comes_from && leads_to) {
            units[x].follows = false;
            any = true;
        }
    }
    return any;
}

static void
find_roles(void)
{
    do {
        find_keepers();
    } while (wake_feeders() || wake_circles());
}

// --- The model: frame by frame -----------------------------------------------

static float
input_at(const struct unit *u, unsigned i, uint32_t frame)
{
    const struct lat_port *port = &u->type->inputs[i];
    const float value = u->value[i];
    if (u->from[i] < 0) {
        return value;
    }
    const struct unit *from = &units[u->from[i]];
    float x = from->out;
    if (u->is_ring[i]) {
        x = frame < BLOCK ? 0.0F : from->past[frame - BLOCK];
    }
    if (lat_port_kind_is_event(port->kind)) {
        return x > value ? x : value;
    }
    if (port->kind == LAT_PORT_KNOB) {
        x = value != 0.0F ? x + value : x;
    }
    if (port->floor > 0.0F) {
        const float least = value < port->floor ? value : port->floor;
        x = x > least ? x : least;
    }
    return x;
}

/// Is its amplitude not 0?
static bool
is_open(const struct unit *u, uint32_t frame)
{
    return is_gain(u) ? input_at(u, 1, frame) * input_at(u, 2, frame) != 0.0F
                      : input_at(u, 0, frame) > 0.0F || u->out != 0.0F;
}

static void
process(struct unit *u, void *state, const struct lat_kernels *kernels,
        uint32_t frame)
{
    const struct lat_context c = {
        .rate = 48000.0,
        .rate_f = 48000.0F,
        .period_f = (float)(1.0 / 48000.0),
        .n_frames = 1,
        .block = BLOCK,
        .frame = frame,
    };
    float x[MOST_IN];
    const float *in[MOST_IN];
    const uint32_t step[MOST_IN] = {1, 1, 1, 1, 1, 1, 1, 1};
    float *out[] = {&u->out};
    for (unsigned i = 0; i < u->inst->n_in; ++i) {
        x[i] = input_at(u, i, frame);
        in[i] = &x[i];
    }
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = out,
        .state = state,
        .config = u->inst->config,
        .n_in = u->inst->n_in,
        .n_out = 1,
    };
    (u->type->kernel ? kernels->process[u->type->kernel] : u->type->process)(
        &c, &io);
}

static bool
all_readers_sleep(unsigned x, const bool *is_asleep)
{
    bool any = false;
    for (unsigned r = 0; r < n_units; ++r) {
        for (unsigned i = 0; i < units[r].inst->n_in; ++i) {
            if (units[r].from[i] == (int)x) {
                if (!is_asleep[r] || units[r].is_ring[i]) {
                    return false;
                }
                any = true;
            }
        }
    }
    return any && !nodes[units[x].node].is_heard;
}

static void
find_asleep(bool *is_asleep)
{
    for (unsigned x = n_units; x-- > 0;) {
        const struct unit *u = &units[x];
        is_asleep[x] = (u->decides && u->is_idle) ||
                       (u->follows && n_kept[x] &&
                        all_readers_sleep(x, is_asleep));
    }
}

static void
start_anew(struct unit *u)
{
    lat_instance_reset(u->inst, u->inst->config, u->inst->state);
}

/// Let time pass for all that is awake; the states that come of it go to
/// @p next.
static void
run_all(const bool *is_asleep, const struct lat_kernels *kernels,
        uint32_t frame, unsigned char (*next)[256])
{
    for (unsigned x = 0; x < n_units; ++x) {
        struct unit *u = &units[x];
        cr_assert_leq(u->inst->state_bytes, sizeof(*next));
        memcpy(next[x], u->inst->state, u->inst->state_bytes);
        u->out = 0.0F;
        if (!is_asleep[x]) {
            process(u, next[x], kernels, frame);
        }
    }
}

static void
run_frame(const struct lat_kernels *kernels, uint32_t frame)
{
    _Alignas(64) static unsigned char next[MOST_UNITS][256];
    bool is_asleep[MOST_UNITS];
    find_asleep(is_asleep);
    for (unsigned x = 0; x < n_units; ++x) {
        if (is_asleep[x] && !units[x].is_asleep) {
            start_anew(&units[x]);
        }
    }
    for (bool any = true; any;) {
        any = false;
        find_asleep(is_asleep);
        run_all(is_asleep, kernels, frame, next);
        for (unsigned x = 0; x < n_units; ++x) {
            struct unit *u = &units[x];
            if (u->decides && u->is_idle && is_open(u, frame)) {
                u->is_idle = false;
                u->n_zero = 0;
                any = true;
            }
        }
    }
    for (unsigned x = 0; x < n_units; ++x) {
        struct unit *u = &units[x];
        u->is_asleep = is_asleep[x];
        u->past[frame] = u->out;
        if (!is_asleep[x]) {
            memcpy(u->inst->state, next[x], u->inst->state_bytes);
        }
        if (frame % CELL == 0) {
            u->n_zero = 0;
        }
        u->n_zero += u->decides && !u->is_idle && !is_open(u, frame);
        if (u->n_zero == CELL) {
            u->is_idle = true;
        }
    }
}

static float
hear(const struct lat_kernels *kernels)
{
    struct lat_term terms[MOST_UNITS];
    uint32_t n = 0;
    for (unsigned x = 0; x < n_units; ++x) {
        if (nodes[units[x].node].is_heard) {
            terms[n++] = (struct lat_term){&units[x].out, 1, 1.0F};
        }
    }
    float sum = 0.0F;
    lat_mix_sum(kernels, &sum, terms, n, 1);
    return sum;
}

/// @param[out] sound  what the model makes of it, FRAMES long
/// @param[out] sleep  by frame and unit
/// @return how many frames of units were asleep.
static unsigned
imagine(float *sound, bool (*sleep)[MOST_UNITS])
{
    struct rig r = rig_new(BLOCK);
    const struct lat_kernels *kernels = lat_kernels_best();
    rig_build(&r, build);
    expand(&r);
    find_roles();
    unsigned n_asleep = 0;
    unsigned g = 0;
    for (uint32_t frame = 0; frame < FRAMES; ++frame) {
        for (; g < n_gates && gates[g].frame == frame; ++g) {
            if (gates[g].node != UINT32_MAX) {
                units[first_unit[gates[g].node] + gates[g].voice - 1].value[0] =
                    gates[g].is_open;
            }
        }
        run_frame(kernels, frame);
        sound[frame] = hear(kernels);
        for (unsigned x = 0; x < n_units; ++x) {
            sleep[frame][x] = units[x].is_asleep;
            n_asleep += units[x].is_asleep;
        }
    }
    rig_free(&r);
    return n_asleep;
}

// --- The tests ---------------------------------------------------------------

static struct rig
rig_of(uint32_t block, const char *isa, bool without_lanes)
{
    return rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = block,
        .workers = 1,
        .isa = isa,
        .is_offline = true,
        .without_lanes = without_lanes,
    });
}

static void
compare_sound(const struct rig *r, const float *sound, unsigned seed,
              const char *what)
{
    for (uint32_t f = 0; f < FRAMES; ++f) {
        // -0 and +0 are silence.
        cr_assert(r->recorded[f] == sound[f] &&
                      (sound[f] == 0.0F ||
                       memcmp(&r->recorded[f], &sound[f], 4) == 0),
                  "seed %u, %s, frame %u: %.9g, not %.9g", seed, what, f,
                  (double)r->recorded[f], (double)sound[f]);
    }
}

static bool
has_ring(void)
{
    for (unsigned n = 0; n < n_nodes; ++n) {
        for (unsigned i = 0; i < n_inputs(nodes[n].type); ++i) {
            if (nodes[n].in[i].from >= 0 && nodes[n].in[i].is_ring) {
                return true;
            }
        }
    }
    return false;
}

Test(sleep, random_voices_are_what_a_plain_model_makes_of_them)
{
    static float sound[FRAMES];
    static bool sleep[FRAMES][MOST_UNITS];
    uint64_t n_asleep = 0;
    uint64_t n_awake = 0;
    for (unsigned seed = 1; seed <= 300 / TEST_STRIDE; ++seed) {
        invent(seed);
        const unsigned n = imagine(sound, sleep);
        n_asleep += n;
        n_awake += FRAMES * n_units - n;
        for (unsigned way = 0; way < 3; ++way) {
            static const uint32_t periods[] = {64, 1, 37};
            struct rig r = rig_of(BLOCK, NULL, way == 1);
            rig_build(&r, build);
            play(&r, periods[way]);
            compare_sound(&r, sound, seed, way == 1 ? "alone" : "in lanes");
            rig_free(&r);
        }
        if (!has_ring()) {
            struct rig r = rig_of(seed % 2 ? 1000 : 1, NULL, false);
            rig_build(&r, build);
            play(&r, 250);
            compare_sound(&r, sound, seed, "other block");
            rig_free(&r);
        }
    }
    cr_assert_gt(n_asleep, n_awake / 20);
    cr_assert_gt(n_awake, n_asleep / 20);
}
