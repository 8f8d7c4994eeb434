// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Random edits, bundles and moves into processes and back, rendered: what the
// sound is, as one number, for scripts/same-bits to compare between builds.
//
// usage: random_edits [--seed N] [--rounds N] [--block N] [--workers N]
//                     [--isa NAME]
//
// One line every hundred rounds: the round, how many commands were done and
// refused, and a sum over all samples so far of every slot that is not silent.
// The sum does not depend on the order of slots or on how long silent ones
// live.  Commands are drawn from --seed alone, whatever became of those before.

#include "base/rt.h"
#include "control/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PERIOD 300U
#define N_NAMES    24U
#define SLOTS      256U

static struct lat_control *c;
static struct lat_error error;
static uint64_t random_state;
static uint64_t n_done, n_refused, sum;
static uint64_t n_frames;
static float buffers[SLOTS][MAX_PERIOD];

// xorshift64*
static uint32_t
draw(uint32_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    const uint64_t x = random_state * UINT64_C(2685821657736338717);
    return (uint32_t)((x >> 32U) % below);
}

static uint64_t
hash(uint64_t h, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; ++i) {
        h = (h ^ bytes[i]) * UINT64_C(1099511628211);
    }
    return h;
}

static void
count(enum lat_status status)
{
    if (status) {
        ++n_refused;
    } else {
        ++n_done;
    }
}

// Names, ports and values.

struct type {
    const char *name;
    const char *ins[6];
    const char *out;
    const char *setting, *settings[4];
};

static const struct type types[] = {
    {"constant", {"value"}, "out", NULL, {0}},
    {"sine", {"freq"}, "out", NULL, {0}},
    {"saw", {"freq"}, "out", NULL, {0}},
    {"multiply", {"a", "b"}, "out", NULL, {0}},
    {"gain", {"in", "gain", "cv"}, "out", NULL, {0}},
    {"bus", {"in"}, "out", NULL, {0}},
    {"lowpass", {"in", "cutoff", "q"}, "out", NULL, {0}},
    {"onepole", {"in", "cutoff"}, "out", NULL, {0}},
    {"adsr", {"gate", "attack", "release"}, "out", NULL, {0}},
    {"pan", {"in", "pan"}, "left", NULL, {0}},
    {"mix",
     {"in_1", "in_2", "in_4", "level_1", "level_2"},
     "out",
     "inputs",
     {"2", "3", "4", "6"}},
    {"delay",
     {"in", "time", "feedback", "mix"},
     "out",
     "max_time",
     {"0.5", "1", "2", "3"}},
    {"noise", {"in"}, "out", "color", {"white", "pink", "brown", "white"}},
    {"steps",
     {"reset"},
     "out",
     "values",
     {"1 2 3", "4 5", "0.5 0.25 1 2", "7"}},
    {"impulse", {"freq"}, "out", NULL, {0}},
    {"midi_notes", {"glide"}, "pitch", NULL, {0}},
};
#define N_TYPES (sizeof(types) / sizeof(*types))

static const struct type *
draw_type(void)
{
    return &types[draw(N_TYPES)];
}

// A type has names of its own, so that most commands meet a node of it.
static const struct type *
draw_name(char name[static 16])
{
    const uint32_t i = draw(N_NAMES);
    snprintf(name, 16, "n%u", i);
    return &types[(i * 7 + 3) % N_TYPES];
}

static const char *
draw_input(const struct type *t)
{
    uint32_t n = 0;
    while (n < 6 && t->ins[n]) {
        ++n;
    }
    return t->ins[draw(n)];
}

static double
draw_value(const char *input)
{
    if (!strcmp(input, "freq") || !strcmp(input, "cutoff")) {
        return 20 + draw(4000);
    }
    if (!strcmp(input, "time") || !strcmp(input, "release")) {
        return 0.001 * (1 + draw(400));
    }
    if (!strcmp(input, "q")) {
        return 0.5 + draw(8);
    }
    return 0.125 * (draw(8));
}

// Commands.

static void
make_node(void)
{
    char name[16];
    const struct type *t = draw_name(name);
    struct lat_assignment a[2];
    uint32_t n = 0;
    if (draw(12) == 0) {
        t = draw_type();
    }
    if (t->setting && draw(2)) {
        a[n++] = (struct lat_assignment){
            t->setting, {.is_text = true, .text = t->settings[draw(4)]}};
    }
    if (draw(6) == 0) {
        a[n++] = (struct lat_assignment){"process",
                                         {.is_text = true, .text = "own"}};
    }
    count(lat_control_node_new(c, t->name, name, false, a, n, &error));
}

static void
free_nodes(void)
{
    char names[2][16];
    draw_name(names[0]);
    draw_name(names[1]);
    const char *const list[] = {names[0], names[1]};
    count(lat_control_node_free(c, list, 1 + (draw(8) == 0), &error));
}

static void
draw_ends(char src[static 40], char dst[static 40], bool *is_out)
{
    char name[16];
    const struct type *t = draw_name(name);
    snprintf(src, 40, "%s/%s", name, t->out);
    *is_out = draw(3) == 0;
    if (*is_out) {
        static const char *const outs[] = {"main/in_1", "main/in_2", "aux"};
        snprintf(dst, 40, "%s", outs[draw(3)]);
        return;
    }
    t = draw_name(name);
    snprintf(dst, 40, "%s/%s", name, draw_input(t));
}

static void
connect(void)
{
    char src[40];
    char dst[40];
    bool is_out = false;
    draw_ends(src, dst, &is_out);
    const double amount = 0.25 * (draw(9) - 2.0);
    const bool is_feedback = draw(4) == 0;
    count(lat_control_connect(c, src, dst, draw(3) ? &amount : NULL,
                              is_feedback && !is_out, &error));
}

static void
disconnect(void)
{
    char src[40];
    char dst[40];
    bool is_out = false;
    // Cables are few among all pairs: take one that is there.
    const struct lat_graph *g = lat_control_graph(c);
    uint32_t n = draw(64);
    if (!g->n_cables) {
        draw_ends(src, dst, &is_out);
    } else {
        const struct lat_cable *k = g->first_cable;
        for (n %= g->n_cables; n; --n) {
            k = k->next;
        }
        snprintf(src, sizeof(src), "%.16s/%.20s", k->src->name,
                 k->src->layout->out[k->src_port].name);
        snprintf(dst, sizeof(dst), "%.16s/%.20s", k->dst->name,
                 k->dst->layout->in[k->dst_port].name);
    }
    count(lat_control_disconnect(c, src, dst, &error));
}

static void
set_value(void)
{
    static const double seconds[] = {-1.0, -1.0, 0.0, 0.003, 0.05};
    char name[16];
    const struct type *t = draw_name(name);
    const char *input = draw_input(t);
    const struct lat_value value = {.number = draw_value(input)};
    count(
        lat_control_param_set(c, name, input, value, seconds[draw(5)], &error));
}

static void
set_setting(void)
{
    char name[16];
    const struct type *t = draw_name(name);
    const struct lat_value value = {.is_text = true,
                                    .text = t->settings[draw(4)]};
    if (t->setting) {
        count(lat_control_param_set(c, name, t->setting, value, -1.0, &error));
    }
}

static void
rename_node(void)
{
    char from[16];
    char to[16];
    draw_name(from);
    draw_name(to);
    count(lat_control_node_rename(c, from, to, &error));
}

static void
move_node(void)
{
    char name[16];
    draw_name(name);
    const bool is_away = draw(2);
    const bool is_hosted = is_away || draw(2);
    const enum lat_place place = is_away     ? LAT_PLACE_AWAY
                                 : is_hosted ? LAT_PLACE_LEAVING
                                             : LAT_PLACE_ENGINE;
    count(lat_control_place(c, name, place, &error));
}

static void
want_process(void)
{
    char name[16];
    draw_name(name);
    count(lat_control_process_set(c, name, draw(2), &error));
}

static void
bypass(void)
{
    char name[16];
    draw_name(name);
    count(lat_control_bypass(c, name, draw(2), &error));
}

static void
play_note(void)
{
    char name[16];
    draw_name(name);
    const uint32_t velocity = draw(2); // not in the call: in a fixed order
    const uint32_t key = 40 + draw(40);
    count(lat_control_note(c, name, key, velocity, 0.0, &error));
}

static void
move_time(void)
{
    if (draw(2)) {
        count(lat_control_tempo(c, 60 + draw(120), &error));
    } else {
        count(lat_control_locate(c, draw(8), &error));
    }
}

static void
panic(void)
{
    count(lat_control_panic(c, &error));
}

static void
set_channels(void)
{
    const struct lat_value value = {.number = 1 + draw(2)};
    count(lat_control_param_set(c, "main", "channels", value, -1.0, &error));
}

static const struct {
    void (*make)(void);
    uint32_t weight;
} commands[] = {
    {make_node, 20},   {free_nodes, 5},  {connect, 30},    {disconnect, 10},
    {set_value, 25},   {set_setting, 4}, {rename_node, 3}, {move_node, 6},
    {want_process, 2}, {play_note, 2},   {move_time, 2},   {panic, 1},
    {set_channels, 1}, {bypass, 4},
};
#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

static void
draw_command(void)
{
    uint32_t total = 0;
    for (size_t i = 0; i < N_COMMANDS; ++i) {
        total += commands[i].weight;
    }
    uint32_t at = draw(total);
    size_t i = 0;
    while (at >= commands[i].weight) {
        at -= commands[i++].weight;
    }
    commands[i].make();
}

// What is done outside of bundles.

static void
make_outs(void)
{
    const struct lat_assignment two = {"channels", {.number = 2.0}};
    const struct lat_assignment one = {"channels", {.number = 1.0}};
    count(lat_control_node_new(c, "audio_out", "main", false, &two, 1, &error));
    count(lat_control_node_new(c, "audio_out", "aux", false, &one, 1, &error));
}

static void
fade_outputs(void)
{
    char name[16];
    draw_name(name);
    lat_control_fade_outputs(c, name, draw(2));
}

static void
load(void)
{
    lat_control_begin_load(c, 0);
    make_outs();
    for (uint32_t n = draw(60); n; --n) {
        draw_command();
    }
    if (draw(4)) {
        count(lat_control_commit(c, &error));
    } else {
        lat_control_rollback(c);
    }
}

static void
bundle(void)
{
    lat_control_begin(c);
    for (uint32_t n = 1 + draw(12); n; --n) {
        draw_command();
    }
    if (draw(5)) {
        count(lat_control_commit(c, &error));
    } else {
        lat_control_rollback(c);
    }
}

static void
edit(void)
{
    const uint32_t what = draw(200);
    if (what == 0) {
        load();
    } else if (what == 1) {
        count(lat_control_set_rate(c, draw(2) ? 48000.0 : 44100.0, &error));
    } else if (what < 8) {
        fade_outputs();
    } else if (what < 80) {
        bundle();
    } else {
        draw_command();
    }
}

// Sound.

static uint64_t
bind_slot(struct lat_engine *e, uint32_t i, uint32_t n)
{
    const struct lat_slot *d = &lat_control_slots(c)[i];
    const uint64_t h = hash(n_frames, d->name, strlen(d->name));
    lat_engine_bind(e, i, d->refs ? buffers[i] : NULL);
    for (uint32_t f = 0; d->refs && !d->is_output && f < n; ++f) {
        buffers[i][f] = (float)((n_frames + f) % 97) / 97.0F - 0.5F;
    }
    return h;
}

static void
play(uint32_t n)
{
    static const float silence[MAX_PERIOD];
    struct lat_engine *e = lat_control_engine(c);
    const uint32_t n_slots = lat_engine_n_slots(e);
    uint64_t starts[SLOTS];
    if (n_slots > SLOTS) {
        exit(1);
    }
    for (uint32_t i = 0; i < n_slots; ++i) {
        starts[i] = bind_slot(e, i, n);
    }
    lat_engine_process(e, n);
    for (uint32_t i = 0; i < n_slots; ++i) {
        const struct lat_slot *d = &lat_control_slots(c)[i];
        const size_t size = n * sizeof(float);
        if (d->refs && d->is_output && memcmp(buffers[i], silence, size) != 0) {
            sum += hash(starts[i], buffers[i], size);
        }
    }
    n_frames += n;
    lat_control_tick(c);
}

int
main(int argc, char **argv)
{
    struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 1,
        .is_offline = true,
        .has_processes = true,
    };
    uint64_t seed = 1;
    uint32_t n_rounds = 2000;
    for (int i = 1; i + 1 < argc; i += 2) {
        const unsigned long number = strtoul(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--seed")) {
            seed = number;
        } else if (!strcmp(argv[i], "--rounds")) {
            n_rounds = (uint32_t)number;
        } else if (!strcmp(argv[i], "--block")) {
            options.block = (uint32_t)number;
        } else if (!strcmp(argv[i], "--workers")) {
            options.workers = (uint32_t)number;
            options.always_parallel = number > 1;
            options.grain_ns = number > 1 ? 2.0F : 0.0F;
        } else if (!strcmp(argv[i], "--isa")) {
            options.isa = argv[i + 1];
        }
    }
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    lat_rt_flush_denormals();
    if (lat_control_new(&options, &c, &error)) {
        fprintf(stderr, "random_edits: %s\n", error.text);
        return 1;
    }
    make_outs();
    for (uint32_t round = 1; round <= n_rounds; ++round) {
        edit();
        // Often within a fade of 5 ms, seldom long after.
        for (uint32_t n = draw(8) ? 1 : 6; n; --n) {
            play(1 + draw(MAX_PERIOD));
        }
        if (round % 100 == 0 || round == n_rounds) {
            printf("%u %llu %llu %016llx\n", round, (unsigned long long)n_done,
                   (unsigned long long)n_refused, (unsigned long long)sum);
        }
    }
    lat_control_free(c);
    return 0;
}
