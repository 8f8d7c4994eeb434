// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rig.h"

#include "base/rt.h"
#include "base/text.h"
#include "node/kernels.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

struct rig
rig_with(const struct lat_control_options *options)
{
    struct rig r = {0};
    lat_rt_flush_denormals();
    cr_assert_eq(lat_control_new(options, &r.c, &r.error), LAT_OK, "%s",
                 r.error.text);
    r.recorded = calloc(RIG_MAX_FRAMES, sizeof(float));
    return r;
}

struct rig
rig_new(uint32_t block)
{
    const char *workers = getenv("RIG_WORKERS");
    const bool has_workers = workers && *workers > '1';
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = block,
        .workers = has_workers ? (uint32_t)atoi(workers) : 1,
        .always_parallel = has_workers,
        .grain_ns = has_workers ? 2.0F : 0.0F,
        .is_offline = true,
    };
    return rig_with(&options);
}

struct rig
rig_on(uint32_t block, const char *isa, bool without_lanes)
{
    return rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = block,
        .workers = 1,
        .is_offline = true,
        .isa = isa,
        .without_lanes = without_lanes,
    });
}

struct rig
rig_new_with_processes(void)
{
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 1,
        .is_offline = true,
        .has_processes = true,
    };
    return rig_with(&options);
}

void
rig_free(struct rig *r)
{
    lat_control_free(r->c);
    free(r->recorded);
}

#define MAX_WORDS 40

static enum lat_status
run_words(struct rig *r, char *const *w, uint32_t n)
{
    double number = 1.0;
    if (!strcmp(w[0], "new")) {
        struct lat_assignment a[MAX_WORDS];
        uint32_t n_a = 0;
        for (uint32_t i = 3; i + 1 < n; i += 2) {
            a[n_a++] = (struct lat_assignment){
                w[i], {.is_text = true, .text = w[i + 1]}};
        }
        return lat_control_node_new(r->c, w[1], w[2], false, a, n_a, &r->error);
    }
    if (!strcmp(w[0], "set")) {
        double seconds = -1.0;
        if (n > 4) {
            lat_parse_number(w[4], &seconds);
        }
        return lat_control_param_set(
            r->c, w[1], w[2], (struct lat_value){.is_text = true, .text = w[3]},
            seconds, &r->error);
    }
    if (!strcmp(w[0], "connect") || !strcmp(w[0], "feedback")) {
        if (n > 3) {
            lat_parse_number(w[3], &number);
        }
        return lat_control_connect(r->c, w[1], w[2], n > 3 ? &number : NULL,
                                   w[0][0] == 'f', &r->error);
    }
    if (!strcmp(w[0], "disconnect")) {
        return lat_control_disconnect(r->c, w[1], w[2], &r->error);
    }
    if (!strcmp(w[0], "free")) {
        const char *const names[] = {w[1]};
        return lat_control_node_free(r->c, names, 1, &r->error);
    }
    cr_assert(false, "unknown command %s", w[0]);
    return LAT_EINVAL;
}

enum lat_status
rig_try(struct rig *r, const char *command)
{
    char line[4096];
    char *words[MAX_WORDS];
    uint32_t n = 0;
    strncpy(line, command, sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    char *rest = line;
    for (char *w = strtok_r(rest, " ", &rest); w && n < MAX_WORDS;
         w = strtok_r(NULL, " ", &rest)) {
        words[n++] = w;
    }
    return n ? run_words(r, words, n) : LAT_OK;
}

void
rig_do(struct rig *r, const char *commands)
{
    char *copy = lat_strdup(commands);
    char *rest = copy;
    for (char *line = strtok_r(rest, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        cr_assert_eq(rig_try(r, line), LAT_OK, "%s: %s", line, r->error.text);
    }
    free(copy);
}

void
rig_do_at(struct rig *r, const char *commands, uint64_t frame)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit_at(r->c, frame, &r->error), LAT_OK, "%s",
                 r->error.text);
}

void
rig_expect_sound(const struct rig *r, uint32_t from, uint32_t to, double value)
{
    for (uint32_t i = from; i < to; ++i) {
        cr_assert_eq((double)r->recorded[i], value, "frame %u is %g, not %g", i,
                     (double)r->recorded[i], value);
    }
}

void
rig_run(struct rig *r, uint32_t n, uint32_t period)
{
    struct lat_engine *e = lat_control_engine(r->c);
    while (n) {
        const uint32_t now = n < period ? n : period;
        cr_assert_leq(r->n_frames + now, RIG_MAX_FRAMES);
        for (uint32_t i = 0; i < lat_engine_n_slots(e); ++i) {
            lat_engine_bind(e, i, i ? NULL : r->recorded + r->n_frames);
        }
        // In a guarded build the audio thread's role forbids it to wait.
        const enum lat_role before = lat_thread_role;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(e, now);
        lat_thread_role = before;
        lat_control_tick(r->c);
        r->n_frames += now;
        n -= now;
    }
}

uint32_t
rig_first_difference(const struct rig *a, const struct rig *b)
{
    const uint32_t n = a->n_frames < b->n_frames ? a->n_frames : b->n_frames;
    for (uint32_t i = 0; i < n; ++i) {
        if (memcmp(&a->recorded[i], &b->recorded[i], sizeof(float)) != 0) {
            return i;
        }
    }
    return n;
}

const char *
rig_isa(bool fuses, size_t i)
{
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = lat_kernels_get((enum lat_isa)isa);
        if (k && k->fuses == fuses && !i--) {
            return k->name;
        }
    }
    return NULL;
}

enum lat_status
rig_try_text(struct rig *r, const char *node, const char *param,
             const char *text)
{
    return lat_control_param_set(
        r->c, node, param, (struct lat_value){.is_text = true, .text = text},
        -1.0, &r->error);
}

void
rig_set_text(struct rig *r, const char *node, const char *param,
             const char *text)
{
    cr_assert_eq(rig_try_text(r, node, param, text), LAT_OK, "%s: %s", text,
                 r->error.text);
}
