// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Load, save, load: the same bytes and the same sound, of sessions that are
// generated from fixed seeds.  LATTICE_ROUND_TRIPS says how many are tried.

#include "test_sessions.h"

#include "base/log.h"
#include "base/rt.h"
#include "support/odd_session.h"
#include "support/pace.h"

TestSuite(sessions_round_trip, .timeout = 3600);

#define N_USUALLY 60U
#define N_LARGEST 5000U

#define N_PERIODS  24U
#define MAX_PERIOD 512U

static unsigned
n_wanted(void)
{
    const char *const text = getenv("LATTICE_ROUND_TRIPS");
    const long n = text ? strtol(text, NULL, 10) : 0;
    return n > 0 ? (unsigned)n : N_USUALLY / TEST_STRIDE + 1;
}

// Sound.

/// What is heard, a number for each period, and whether anything is.
struct sound {
    uint64_t sums[N_PERIODS];
    bool is_silent;
};

static uint64_t
add_bits(uint64_t sum, const float *samples, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        uint32_t bits = 0;
        memcpy(&bits, &samples[i], sizeof(bits));
        sum = (sum ^ bits) * UINT64_C(1099511628211);
    }
    return sum;
}

/// A key is held on everything that has keys.
static void
play_keys(struct lat_control *c)
{
    const struct lat_graph *const g = lat_control_graph(c);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (n->type->flags & LAT_TYPE_NOTES) {
            lat_control_note(c, n->name, 57.0, 0.75, 0.0, NULL);
        }
    }
}

/// Noise for what listens, the same every time.
static void
bind_ports(struct lat_control *c, float *const *buffers, uint64_t *noise)
{
    const struct lat_slot *const slots = lat_control_slots(c);
    struct lat_engine *const e = lat_control_engine(c);
    for (uint32_t i = 0; i < lat_engine_n_slots(e); ++i) {
        for (uint32_t f = 0; !slots[i].is_output && f < MAX_PERIOD; ++f) {
            *noise = *noise * UINT64_C(6364136223846793005) + 1;
            buffers[i][f] = (float)(*noise >> 40U) * 0x1p-24F - 0.5F;
        }
        lat_engine_bind(e, i, buffers[i]);
    }
}

static struct sound
listen(struct lat_control *c)
{
    struct lat_engine *const e = lat_control_engine(c);
    const struct lat_slot *const slots = lat_control_slots(c);
    const uint32_t n_slots = lat_engine_n_slots(e);
    const uint32_t n_frames =
        lat_control_graph(c)->n_nodes > 500 ? 64 : MAX_PERIOD;
    struct sound sound = {.is_silent = true};
    uint64_t noise = 1;
    float *buffers[LAT_MAX_DEVICE_SLOTS];
    for (uint32_t i = 0; i < n_slots; ++i) {
        buffers[i] = calloc(MAX_PERIOD, sizeof(float));
        cr_assert_not_null(buffers[i]);
    }
    for (uint32_t k = 0; k < N_PERIODS; ++k) {
        if (k == 1) {
            play_keys(c);
        }
        bind_ports(c, buffers, &noise);
        // In a guarded build the audio thread's role forbids it to wait.
        const enum lat_role before = lat_thread_role;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(e, n_frames);
        lat_thread_role = before;
        lat_control_tick(c);
        uint64_t sum = k;
        for (uint32_t i = 0; i < n_slots; ++i) {
            for (uint32_t f = 0; slots[i].is_output && f < n_frames; ++f) {
                sound.is_silent = sound.is_silent && buffers[i][f] == 0.0F;
            }
            sum = add_bits(sum, buffers[i], n_frames);
        }
        sound.sums[k] = sum;
    }
    for (uint32_t i = 0; i < n_slots; ++i) {
        free(buffers[i]);
    }
    return sound;
}

// Files.

static struct lat_control *
load(const char *text, unsigned seed)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    struct heard heard = {0};
    cr_assert_eq(read_bytes(c, text, strlen(text), &heard, &error), LAT_OK,
                 "seed %u: %s", seed, error.text);
    return c;
}

static void
expect_same_text(const char *a, const char *b, unsigned seed, const char *what)
{
    unsigned line = 1;
    size_t i = 0;
    size_t begin = 0;
    for (; a[i] != '\0' && a[i] == b[i]; ++i) {
        if (a[i] == '\n') {
            ++line;
            begin = i + 1;
        }
    }
    cr_assert_eq(a[i], b[i], "seed %u, %s: line %u was\n%.200s\nand is\n%.200s",
                 seed, what, line, a + begin, b + begin);
}

/// One node, five thousand, and of what lies between rather few.
static uint32_t
size_of(unsigned seed)
{
    uint32_t n = 1;
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15);
    if (seed < 2) {
        return seed == 0 ? 1 : N_LARGEST;
    }
    for (x >>= 40U; n < N_LARGEST / 2 && x % 4 > 0; x /= 4) {
        n = n * 2 + (uint32_t)(x & 1U);
    }
    return n;
}

/// @return whether anything was heard.
static bool
go_round(unsigned seed)
{
    char *const text = odd_session(seed, size_of(seed));
    struct lat_control *const first = load(text, seed);
    char *const saved = write_text(first);
    const struct sound sound = listen(first);
    char *const played = write_text(first);
    expect_same_text(saved, played, seed, "saved after it was played");
    free(played);
    lat_control_free(first);

    struct lat_control *const second = load(saved, seed);
    char *const again = write_text(second);
    expect_same_text(saved, again, seed, "saved again");
    const struct sound back = listen(second);
    for (uint32_t i = 0; i < N_PERIODS; ++i) {
        cr_assert_eq(back.sums[i], sound.sums[i],
                     "seed %u: period %u sounds otherwise", seed, i);
    }
    lat_control_free(second);
    free(again);
    free(saved);
    free(text);
    return !sound.is_silent;
}

Test(sessions_round_trip, gives_the_same_bytes_and_the_same_sound)
{
    const unsigned n = n_wanted();
    unsigned n_heard = 0;
    // Loops that run away are told, and start anew at the same frame.
    lat_log_set_level(LAT_LOG_ERROR);
    for (unsigned seed = 0; seed < n; ++seed) {
        n_heard += go_round(seed);
    }
    cr_assert_gt(n_heard * 2, n, "only %u of %u could be heard", n_heard, n);
}

/// What is generated is what there is.
Test(sessions_round_trip, tries_every_node_type)
{
    char *const text = odd_session(1, 1000);
    struct lat_control *const c = load(text, 1);
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        const struct lat_node *n = lat_control_graph(c)->first;
        while (n && n->type != *t) {
            n = n->next;
        }
        cr_assert_not_null(n, "no %s", (*t)->name);
    }
    lat_control_free(c);
    free(text);
}
