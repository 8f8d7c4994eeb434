// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Housekeeping, looking, birth and death.

#include "asleep.h"
#include "state.h"
#include "units/prepared.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

// Housekeeping.

static void
name_late_node(struct lat_control *c)
{
    const struct lat_instance *late =
        atomic_exchange(&c->engine->late_instance, NULL);
    if (!late) {
        return;
    }
    const char **names = lat_control_names(c);
    for (const struct lat_unit *k = c->units.first[LAT_UNITS_NODES]; names && k;
         k = k->next) {
        if (k->inst == late) {
            snprintf(c->engine->info.late_node,
                     sizeof(c->engine->info.late_node), "%s", names[late->id]);
        }
    }
    free((void *)names);
}

uint32_t
lat_control_n_asleep(const struct lat_control *c)
{
    uint32_t n = 0;
    const struct lat_unit *k =
        c->plan->n_sleeps ? c->units.first[LAT_UNITS_NODES] : NULL;
    for (; k; k = k->next) {
        n += atomic_load_explicit(&k->inst->is_asleep, memory_order_relaxed);
    }
    return n;
}

uint32_t
lat_control_node_asleep(const struct lat_node *node)
{
    uint32_t n = 0;
    for (const struct lat_unit *k = lat_units_of(node); k; k = k->sister) {
        n += atomic_load_explicit(&k->inst->is_asleep, memory_order_relaxed);
    }
    return n;
}

void
lat_control_tick(struct lat_control *c)
{
    LAT_ASSERT_ROLE(LAT_ROLE_CONTROL);
    if (c->is_open) {
        return;
    }
    lat_control_send_outbox(c);
    if (lat_control_runs_itself(c)) {
        lat_engine_flush(c->engine);
    }
    lat_control_read_reports(c);
    lat_control_follow(c);
    lat_control_tell_tempo(c);
    lat_control_take_prepared(c);
    lat_control_look_at_files(c);
    lat_control_take_changed_files(c);
    lat_control_let_go(c);
    name_late_node(c);
    lat_control_end_fades(c);
    const uint32_t n = c->n_garbage;
    lat_control_collect_garbage(c);
    if (c->n_garbage < n) {
        lat_control_tell_ports(c); // slots may have gone with instances
    }
}

uint64_t
lat_control_stamp(const struct lat_control *c)
{
    return c->told;
}

bool
lat_control_reached(struct lat_control *c, uint64_t stamp)
{
    if (c->outbox.n_ends) {
        return false;
    }
    return lat_control_runs_itself(c) ||
           atomic_load_explicit(&c->engine->frames_done, memory_order_acquire) >
               stamp;
}

// Looking.

enum lat_status
lat_control_batches(struct lat_control *c,
                    void (*each)(void *data, uint32_t batch, const char *node),
                    void *data)
{
    const struct lat_plan *p = c->plan;
    const char **names = lat_control_names(c);
    if (!names) {
        return LAT_ENOMEM;
    }
    for (uint32_t b = 0; b < p->n_batches; ++b) {
        const uint32_t end = p->batch_starts[b + 1];
        const char *last = NULL;
        for (uint32_t i = p->batch_starts[b]; i < end; ++i) {
            const struct lat_instance *inst = p->nodes[i].inst;
            const char *name = names[inst->id];
            if (inst->is_live && name != last) { // voices lie side by side
                each(data, b, name);
                last = name;
            }
        }
    }
    free((void *)names);
    return LAT_OK;
}

double
lat_control_node_load(struct lat_control *c, const struct lat_node *node)
{
    double ns = 0.0;
    (void)c;
    for (const struct lat_unit *k = lat_units_of(node); k; k = k->sister) {
        ns += (double)atomic_load_explicit(&k->inst->load_ns,
                                           memory_order_relaxed);
    }
    return ns;
}

const struct lat_graph *
lat_control_graph(const struct lat_control *c)
{
    return c->g;
}

const struct lat_slot *
lat_control_slots(const struct lat_control *c)
{
    return c->slots.all;
}

struct lat_engine *
lat_control_engine(struct lat_control *c)
{
    return c->engine;
}

struct lat_control_work
lat_control_work(const struct lat_control *c)
{
    return c->work;
}

uint32_t
lat_control_block(const struct lat_control *c)
{
    return c->block;
}

struct lat_document *
lat_control_document(struct lat_control *c)
{
    return c->is_load ? &c->next_document : &c->document;
}

struct lat_placeholders *
lat_control_placeholders(struct lat_control *c)
{
    return &c->placeholders;
}

// Birth and death.

enum lat_status
lat_control_new(const struct lat_control_options *options,
                struct lat_control **out, struct lat_error *error)
{
    const struct lat_kernels *kernels =
        options->isa ? lat_kernels_find(options->isa) : lat_kernels_best();
    if (!kernels) {
        return lat_error_set(error, LAT_EINVAL,
                             "this machine cannot run --isa %s", options->isa);
    }
    struct lat_control *c = calloc(1, sizeof(*c));
    if (!c) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    // Plans come and go: keep their memory rather than fault it in each time.
    mallopt(M_MMAP_THRESHOLD, 256 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
    c->rate = options->rate;
    c->turn = 1;
    c->block = options->block ? options->block : 64;
    c->is_offline = options->is_offline;
    c->is_host = options->is_host;
    c->has_processes = options->has_processes;
    c->all_in_processes = options->all_in_processes;
    c->without_lanes = options->without_lanes;
    c->without_data = options->without_data;
    c->grain_ns = options->grain_ns;
    c->n_threads = options->workers ? options->workers : 1;
    c->n_threads =
        c->n_threads < LAT_MAX_THREADS ? c->n_threads : LAT_MAX_THREADS;
    c->kernels = kernels;
    lat_graph_init(&c->graph, &c->layouts);
    c->ramps.bytes = sizeof(struct lat_ramp);
    lat_units_init(&c->units, &c->ramps);
    c->units.is_noting = true;
    c->g = &c->graph;
    lat_transport_init(&c->transport, c->rate, 120.0, 4.0);
    c->transport.is_playing = true;

    const struct lat_engine_options engine = {
        .rate = c->rate,
        .kernels = kernels,
        .scheduler =
            {
                .n_threads = c->n_threads,
                .pins = options->pins,
                .always_parallel = options->always_parallel,
                .lingers = options->is_offline,
            },
    };
    struct lat_coming first;
    enum lat_status status = lat_prepared_store_new(&c->prepared);
    if (!status) {
        status = lat_control_compile(c, &c->units, c->block, &first);
    }
    if (!status) {
        c->layers[c->n_layers++] = first.layers[0];
        c->plan = first.plans[0];
        status = lat_engine_new(&engine, c->plan, &c->engine);
    }
    if (status) {
        lat_prepared_store_free(c->prepared);
        lat_plan_free(c->plan);
        lat_control_forget_layers(c);
        free(c->alive);
        free(c);
        return lat_error_set(error, status, "out of memory");
    }
    c->alive[c->n_alive++] = (struct lat_alive){0};
    lat_transport_play(&c->engine->transport, 0, true);
    lat_control_describe_plan(c);
    *out = c;
    return LAT_OK;
}

void
lat_control_free(struct lat_control *c)
{
    if (!c) {
        return;
    }
    lat_control_rollback(c);
    lat_control_send_outbox(c);
    lat_engine_flush(c->engine);
    if (!lat_control_reserve(c, 0, lat_control_n_fading(c))) {
        lat_control_bury_all_dying(c);
    }
    lat_control_empty_garbage(c);
    lat_control_drop_units(c, &c->units);
    lat_graph_fini(&c->graph);
    lat_slab_free(&c->ramps);
    lat_document_free(&c->document);
    lat_control_forget_layers(c);
    lat_engine_free(c->engine); // joins the workers
    lat_control_forget_readers(c);
    lat_control_end_look(c);
    lat_prepared_store_free(c->prepared);
    while (c->held_plans) {
        struct lat_plan *next = c->held_plans->next;
        lat_plan_free(c->held_plans);
        c->held_plans = next;
    }
    free(c->garbage);
    free(c->free_ids);
    free(c->alive);
    free(c->timed);
    free(c->moves);
    free(c->ahead);
    free(c->glides);
    free(c->releases);
    free(c->asks);
    free(c->listeners);
    free(c->changes);
    free(c->outbox.messages);
    free(c->outbox.ends);
    lat_layouts_fini(&c->layouts);
    lat_placeholders_fini(&c->placeholders);
    free(c);
}
