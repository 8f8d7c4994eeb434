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

#include <math.h>
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

static bool
is_a(unsigned n, const char *type)
{
    return strcmp(nodes[n].type, type) == 0;
}

/// A node before @p n, for a cv most often an envelope.
static int
pick_source(unsigned n, unsigned input)
{
    unsigned from = below(n);
    for (int tries = 0;
         tries < 4 && is_a(n, "gain") && input == 2 && !is_a(from, "adsr");
         ++tries) {
        from = below(n);
    }
    return (int)from;
}

static void
connect_some(unsigned n)
{
    struct node *node = &nodes[n];
    for (unsigned i = 0; i < n_inputs(node->type); ++i) {
        const bool is_main =
            (i == 0 && !is_a(n, "adsr")) || (is_a(n, "gain") && i == 2);
        node->in[i].from = -1;
        if (n && below(8) < (is_main ? 7U : 1U)) {
            const int from = pick_source(n, i);
            if (node->is_poly || !nodes[from].is_poly) {
                node->in[i] = (struct wire){from, below(20) == 0};
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
        const bool is_last = n + 1 == n_nodes;
        nodes[n] = (struct node){
            .type = n == 0    ? "adsr"
                    : is_last ? "gain"
                              : types[below(LAT_COUNT(types))],
            .is_poly = below(8) != 0,
            .sleeps = below(12) != 0,
        };
        nodes[n].is_heard = is_last || below(is_a(n, "gain") ? 3 : 24) == 0;
        connect_some(n);
    }
    n_gates = 0;
    for (uint32_t frame = 0; n_gates < MOST_GATES; ++n_gates) {
        unsigned node = below(n_nodes);
        for (int tries = 0; tries < 5 && !is_a(node, "adsr"); ++tries) {
            node = below(n_nodes);
        }
        frame += 1 + below(below(4) ? 20 : 300);
        gates[n_gates] =
            (struct gate){frame, node, 1 + below(VOICES), below(2) != 0};
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
/// @param look  called behind every frame, or NULL
static void
play(struct rig *r, uint32_t period,
     void (*look)(const struct rig *r, uint32_t frame))
{
    uint32_t at = 0;
    for (unsigned g = 0; g <= n_gates; ++g) {
        const uint32_t end =
            g == n_gates || gates[g].frame > FRAMES ? FRAMES : gates[g].frame;
        for (; look && at < end; ++at) {
            rig_run(r, 1, 1);
            look(r, at);
        }
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
            *u = (struct unit){.node = n,
                               .voice = v,
                               .type = node->type,
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
    lat_kernels_process(kernels, u->type)(&c, &io);
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
        is_asleep[x] =
            (u->decides && u->is_idle) ||
            (u->follows && n_kept[x] && all_readers_sleep(x, is_asleep));
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
imagine(float *sound, bool (*asleep_at)[MOST_UNITS])
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
            asleep_at[frame][x] = units[x].is_asleep;
            n_asleep += units[x].is_asleep;
        }
    }
    rig_free(&r);
    return n_asleep;
}

// --- The tests ---------------------------------------------------------------

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

static bool asleep_at[FRAMES][MOST_UNITS];

static void
compare_sleep(const struct rig *r, uint32_t frame)
{
    for (unsigned x = 0; x < n_units; ++x) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", units[x].node);
        const struct lat_node *node =
            lat_graph_find(lat_control_graph(r->c), name);
        cr_assert_eq(lat_units_voice(node, units[x].voice)->inst->is_asleep,
                     asleep_at[frame][x], "frame %u: voice %u of %s", frame,
                     units[x].voice + 1, name);
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
    uint64_t n_asleep = 0;
    uint64_t n_awake = 0;
    for (unsigned seed = 1; seed <= 300; seed += TEST_STRIDE) {
        invent(seed);
        const unsigned n = imagine(sound, asleep_at);
        n_asleep += n;
        n_awake += FRAMES * n_units - n;
        for (unsigned way = 0; way < 3; ++way) {
            static const uint32_t periods[] = {64, 1, 37};
            const bool is_alone = (way + seed) % 3 == 1;
            struct rig r = rig_on(BLOCK, NULL, is_alone);
            rig_build(&r, build);
            play(&r, periods[way], way == 1 ? compare_sleep : NULL);
            compare_sound(&r, sound, seed, is_alone ? "alone" : "in lanes");
            rig_free(&r);
        }
        if (!has_ring()) {
            struct rig r = rig_on(seed % 2 ? 1000 : 1, NULL, false);
            rig_build(&r, build);
            play(&r, 250, NULL);
            compare_sound(&r, sound, seed, "another block");
            rig_free(&r);
        }
    }
    // Both happen often.
    cr_assert_gt(n_asleep, n_awake / 20);
    cr_assert_gt(n_awake, n_asleep / 20);
}

// A voice: the first frame's sine times the envelope, wherever that begins.

static void
build_voice(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off\n"
              "new sine osc freq 997 sleep yes\n"
              "new adsr env attack 0.001 decay 0.001 sustain 0.7 release 0.002 "
              "sleep yes\n"
              "new gain amp sleep yes\n"
              "connect osc amp\nconnect env amp/cv\nconnect amp main");
}

static const char *heard_output;

static void
build_output(struct rig *r)
{
    rig_do(r,
           "new audio_out main channels 1 limit off\nnew sine osc freq 997\n"
           "new adsr env attack 0.001 decay 0.001 sustain 0.7 release 0.002");
    rig_say(r, "connect %s main", heard_output);
}

/// What one output of the voice would be if nothing slept.
static struct rig
one_output(const char *output, const uint32_t *changes, unsigned n)
{
    struct rig r = rig_new(64);
    heard_output = output;
    rig_build(&r, build_output);
    for (unsigned i = 0; i < n; ++i) {
        rig_run(&r, changes[i] - r.n_frames, 64);
        rig_say(&r, "set env gate %u", (i + 1) % 2);
    }
    rig_run(&r, 2000 - r.n_frames, 64);
    return r;
}

Test(sleep,
     a_voice_begins_with_its_first_frame_at_the_frame_at_which_it_is_heard)
{
    // The first rests for no frame: 64 is heard right behind a silent cell.
    static const uint32_t changes[] = {63,   200,  639,  700,
                                       1001, 1002, 1290, 1400};
    const unsigned n = LAT_COUNT(changes);
    struct rig sine = one_output("osc", changes, 0);
    struct rig env = one_output("env", changes, n);
    for (uint32_t period = 1; period <= 64; period += 63) {
        struct rig r = rig_new(64);
        rig_build(&r, build_voice);
        for (unsigned i = 0; i < n; ++i) {
            rig_run(&r, changes[i] - r.n_frames, period);
            rig_say(&r, "set env gate %u", (i + 1) % 2);
        }
        rig_run(&r, 2000 - r.n_frames, period);
        uint32_t wake = 0;
        uint32_t n_silent = 0;
        unsigned n_wakes = 0;
        bool is_asleep = false;
        for (uint32_t f = 0; f < 2000; ++f) {
            const float level = env.recorded[f];
            if (is_asleep && level != 0.0F) {
                is_asleep = false;
                wake = f;
                ++n_wakes;
            }
            const float heard = sine.recorded[f - wake] * level;
            // A phase has bits that depend on where its frames lie.
            cr_assert(is_asleep ? r.recorded[f] == 0.0F
                                : fabsf(r.recorded[f] - heard) < 1e-5F,
                      "frame %u: %.9g, not %.9g", f, (double)r.recorded[f],
                      (double)heard);
            n_silent = f % CELL && n_silent == f % CELL && level == 0.0F
                           ? n_silent + 1
                           : (f % CELL == 0 && level == 0.0F);
            is_asleep = is_asleep || n_silent == CELL;
        }
        cr_assert_gt(n_wakes, 3);
        rig_free(&r);
    }
    rig_free(&sine);
    rig_free(&env);
}

// Voices of a node, and nodes made by hand.

static void
build_poly(struct rig *r)
{
    rig_do(r,
           "new audio_out main channels 1\n"
           "new sine lfo poly 8 freq 7\nnew saw osc poly 8\n"
           "new noise hiss poly 8 seed 5\nnew lowpass low poly 8 cutoff 900\n"
           "new adsr sweep poly 8 decay 0.01 release 0.02\n"
           "new adsr env poly 8 attack 0.002 decay 0.01 release 0.004\n"
           "new gain amp poly 8\nnew delay echo time 0.01\n"
           "connect osc low\nconnect hiss low 0.2\nconnect lfo osc/pitch\n"
           "connect sweep low/cutoff 3000\nconnect low amp\n"
           "connect env amp/cv\nconnect lfo amp/gain 0.2\n"
           "connect amp echo 0.2\nconnect echo main");
    for (unsigned k = 1; k <= 8; ++k) {
        rig_say(r, "set osc.%u freq %u", k, 100 + 37 * k);
    }
}

static void
build_copies(struct rig *r)
{
    static const char *const lines[] = {
        "new sine lfo%u freq 7 sleep yes",
        "new saw osc%u sleep yes",
        "new noise hiss%u seed 5 sleep yes",
        "new lowpass low%u cutoff 900 sleep yes",
        "new adsr sweep%u decay 0.01 release 0.02 sleep yes",
        "new adsr env%u attack 0.002 decay 0.01 release 0.004 sleep yes",
        "new gain amp%u sleep yes",
        NULL,
        "connect osc%u low%u",
        "connect hiss%u low%u 0.2",
        "connect lfo%u osc%u/pitch",
        "connect sweep%u low%u/cutoff 3000",
        "connect low%u amp%u",
        "connect env%u amp%u/cv",
        "connect lfo%u amp%u/gain 0.2",
        "connect amp%u echo 0.2",
    };
    rig_do(r, "new audio_out main channels 1");
    for (size_t i = 0; i < LAT_COUNT(lines); ++i) {
        if (!lines[i]) {
            rig_do(r, "new delay echo time 0.01");
            continue;
        }
        for (unsigned k = 1; k <= 8; ++k) {
            char line[100];
            size_t n = 0;
            for (const char *at = lines[i]; *at; ++at) {
                const bool is_number = at[0] == '%' && at[1] == 'u';
                line[n++] = is_number ? (char)('0' + k) : *at;
                at += is_number;
            }
            line[n] = '\0';
            rig_do(r, line);
        }
    }
    rig_do(r, "connect echo main");
    for (unsigned k = 1; k <= 8; ++k) {
        rig_say(r, "set osc%u freq %u", k, 100 + 37 * k);
    }
}

static uint32_t
n_asleep(const struct rig *r)
{
    const struct lat_plan *p = r->c->plan;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        n += p->nodes[i].inst->is_asleep;
    }
    return n;
}

/// Notes: one voice alone for a while, then all.
static void
play_notes(struct rig *r, bool is_poly, uint32_t period)
{
    random_state = 5;
    for (unsigned i = 0; i < 160; ++i) {
        const unsigned voice = 1 + below(i < 80 ? 2 : 8);
        char name[16];
        snprintf(name, sizeof(name), is_poly ? "env.%u" : "env%u", voice);
        rig_say(r, "set %s gate %u", name, below(2));
        snprintf(name, sizeof(name), is_poly ? "sweep.%u" : "sweep%u", voice);
        rig_say(r, "set %s gate %u", name, below(2));
        rig_run(r, 1 + below(150), period);
        // Seven of eight: lfo, osc, hiss, low, env, amp at least.
        cr_assert(i < 40 || i >= 80 || n_asleep(r) >= 6 * 6, "%u", n_asleep(r));
    }
    for (unsigned k = 1; k <= 8; ++k) {
        rig_say(r, is_poly ? "set env.%u gate 0" : "set env%u gate 0", k);
        rig_say(r, is_poly ? "set sweep.%u gate 0" : "set sweep%u gate 0", k);
    }
    rig_run(r, 3000, period);
    cr_assert_eq(n_asleep(r), 7 * 8);
}

static void
compare_copies(const struct lat_control_options *options, uint32_t period)
{
    struct rig copies = rig_new(64);
    struct rig poly = rig_with(options);
    rig_build(&copies, build_copies);
    rig_build(&poly, build_poly);
    play_notes(&copies, false, 64);
    play_notes(&poly, true, period);
    rig_same_bits(&copies, &poly);
    rig_free(&copies);
    rig_free(&poly);
}

Test(sleep, voices_are_copies_made_by_hand)
{
    static const struct {
        uint32_t block, period, workers;
        bool without_lanes;
    } ways[] = {
        {64, 64, 1, false}, {64, 1, 1, false},      {1, 50, 1, false},
        {16, 41, 1, false}, {1000, 1000, 1, false}, {64, 64, 1, true},
        {64, 64, 2, false}, {64, 33, 3, false},
    };
    for (size_t i = 0; i < LAT_COUNT(ways); ++i) {
        compare_copies(
            &(struct lat_control_options){
                .rate = 48000.0,
                .block = ways[i].block,
                .workers = ways[i].workers,
                .always_parallel = ways[i].workers > 1,
                .grain_ns = ways[i].workers > 1 ? 2.0F : 0.0F,
                .without_lanes = ways[i].without_lanes,
                .is_offline = true,
            },
            ways[i].period);
    }
}

Test(sleep, instruction_sets_that_fuse_give_the_same_bits)
{
    for (size_t i = 0; rig_isa(true, i); ++i) {
        compare_copies(
            &(struct lat_control_options){
                .rate = 48000.0,
                .block = 64,
                .workers = 1,
                .isa = rig_isa(true, i),
                .is_offline = true,
            },
            48);
    }
}

// Live edits.

static void
edit(struct rig *r, unsigned turn)
{
    const unsigned v = 1 + below(8);
    switch (below(12)) {
    case 0:
        (void)rig_try(r, "disconnect osc low");
        break;
    case 1:
        rig_do(r, "connect osc low");
        break;
    case 2:
        rig_do(r, turn % 2 ? "set osc sleep no" : "set low sleep no");
        break;
    case 3:
        rig_do(r, "set osc sleep yes\nset low sleep yes\nset amp sleep yes");
        break;
    case 4:
        rig_do(r, turn % 3 ? "set amp sleep no" : "set env sleep no");
        break;
    case 5:
        rig_do(r, "set env sleep yes");
        break;
    case 6:
        rig_do(r, turn % 2 ? "set low bypass yes" : "set amp bypass yes");
        break;
    case 7:
        rig_do(r, "set low bypass no\nset amp bypass no");
        break;
    case 8:
        (void)rig_try(r, turn % 2 ? "connect lfo amp/cv 0.2"
                                  : "feedback amp low 0.1");
        break;
    case 9:
        (void)rig_try(r, turn % 2 ? "disconnect lfo amp/cv"
                                  : "disconnect amp low");
        break;
    case 10:
        (void)rig_try(r, turn % 2 ? "connect osc echo 0.05"
                                  : "disconnect osc echo");
        break;
    default:
        rig_say(r, "set low.%u cutoff %u", v, 300 + below(2000));
        break;
    }
    if (turn % 11 == 10) {
        cr_assert_eq(lat_control_panic(r->c, &r->error), LAT_OK);
    }
    for (unsigned i = 0; i < 2; ++i) {
        rig_say(r, "set env.%u gate %u", 1 + below(8), below(3) == 0);
        rig_say(r, "set sweep.%u gate %u", 1 + below(8), below(3) == 0);
    }
}

static struct rig
play_edits(const struct lat_control_options *options, unsigned seed,
           uint32_t period)
{
    struct rig r = rig_with(options);
    rig_build(&r, build_poly);
    random_state = seed;
    for (unsigned turn = 0; turn < 60; ++turn) {
        edit(&r, turn);
        // What has faded out goes at the same frame, whatever the period.
        rig_run(&r, 64 * (1 + below(8)), period);
    }
    return r;
}

Test(sleep, edits_while_voices_sleep_and_wake_are_the_same_bits)
{
    for (unsigned seed = 1; seed <= 40; seed += TEST_STRIDE) {
        struct lat_control_options options = {
            .rate = 48000.0, .block = 64, .workers = 1, .is_offline = true};
        struct rig lanes = play_edits(&options, seed, 64);
        options.without_lanes = true;
        struct rig alone = play_edits(&options, seed, 64);
        rig_same_bits(&lanes, &alone);
        options.without_lanes = false;
        options.workers = 2;
        options.always_parallel = true;
        options.grain_ns = 2.0F;
        struct rig parallel = play_edits(&options, seed, 64);
        rig_same_bits(&lanes, &parallel);
        rig_free(&lanes);
        rig_free(&alone);
        rig_free(&parallel);
    }
}
