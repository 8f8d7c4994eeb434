// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transactions, time, housekeeping.

#include "base/text.h"
#include "state.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

bool
lat_grow(void **array, uint32_t *capacity, uint32_t n, size_t element)
{
    return lat_grow_to(array, capacity, (size_t)n + 1, element);
}

bool
lat_grow_to(void **array, uint32_t *capacity, size_t n, size_t element)
{
    size_t wanted = *capacity ? *capacity : 64;
    while (wanted < n) {
        wanted *= 2;
    }
    if (wanted == *capacity) {
        return true;
    }
    void *grown =
        wanted <= UINT32_MAX ? realloc(*array, wanted * element) : NULL;
    if (!grown) {
        return false;
    }
    *array = grown;
    *capacity = (uint32_t)wanted;
    return true;
}

// Text lines of the document.

enum lat_status
lat_line_append(struct lat_line **list, const char *key, const char *text,
                const char *comment)
{
    struct lat_line *line = calloc(1, sizeof(*line));
    if (line) {
        line->key = lat_strdup(key);
        line->text = lat_strdup(text);
        line->comment = lat_strdup(comment);
    }
    if (!line || !line->key || !line->text || (comment && !line->comment)) {
        lat_lines_free(&line);
        return LAT_ENOMEM;
    }
    while (*list) {
        list = &(*list)->next;
    }
    *list = line;
    return LAT_OK;
}

void
lat_lines_free(struct lat_line **list)
{
    while (*list) {
        struct lat_line *line = *list;
        *list = line->next;
        free(line->key);
        free(line->text);
        free(line->comment);
        free(line);
    }
}

void
lat_comments_free(struct lat_comment **list)
{
    while (*list) {
        struct lat_comment *comment = *list;
        *list = comment->next;
        free(comment->key);
        free(comment->text);
        free(comment);
    }
}

void
lat_loose_cables_free(struct lat_loose_cable **list)
{
    while (*list) {
        struct lat_loose_cable *cable = *list;
        *list = cable->next;
        lat_lines_free(&cable->line);
        free(cable);
    }
}

static void
unknown_free(struct lat_unknown *u)
{
    free(u->made_by);
    lat_lines_free(&u->keys);
    lat_lines_free(&u->sections);
    lat_loose_cables_free(&u->cables);
}

void
lat_document_free(struct lat_document *d)
{
    unknown_free(&d->unknown);
    lat_lines_free(&d->jack);
    lat_lines_free(&d->map);
    lat_lines_free(&d->osc);
    lat_comments_free(&d->comments);
    *d = (struct lat_document){0};
}

// Transactions.

void
lat_control_begin(struct lat_control *c)
{
    c->is_open = true;
    c->is_load = false;
    c->g = &c->graph;
    c->old_transport = c->transport;
    c->n_timed = 0;
}

void
lat_control_begin_load(struct lat_control *c, uint32_t block)
{
    lat_control_begin(c);
    c->is_load = true;
    c->next_block = block ? block : c->block;
    lat_graph_init(&c->next_graph);
    c->next_document = (struct lat_document){0};
    c->g = &c->next_graph;
    lat_transport_init(&c->transport, c->rate, 120.0, 4.0);
    c->transport.is_playing = true;
}

bool
lat_control_is_open(const struct lat_control *c)
{
    return c->is_open;
}

void
lat_control_close(struct lat_control *c)
{
    c->is_open = c->is_load = false;
    c->g = &c->graph;
    c->n_timed = 0;
}

static void
drop_graph(struct lat_control *c, struct lat_graph *g)
{
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n)) {
        lat_control_drop_instance(c, n->instance);
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); k;
         k = lat_graph_next_cable(g, k)) {
        free(k->run);
    }
    lat_graph_fini(g);
}

void
lat_control_rollback(struct lat_control *c)
{
    if (!c->is_open) {
        return;
    }
    c->transport = c->old_transport;
    lat_graph_rollback(c->g, 0, lat_control_drop_instance, c);
    if (c->is_load) {
        drop_graph(c, &c->next_graph);
        lat_document_free(&c->next_document);
    }
    lat_control_close(c);
}

struct lat_command
lat_command_begin(struct lat_control *c)
{
    struct lat_command command = {.is_own = !c->is_open};
    if (command.is_own) {
        lat_control_begin(c);
    }
    command.mark = c->g->n_edits;
    return command;
}

enum lat_status
lat_command_end(struct lat_control *c, struct lat_command command,
                enum lat_status status, struct lat_error *error)
{
    if (!status) {
        return command.is_own ? lat_control_commit(c, error) : LAT_OK;
    }
    if (status == LAT_ENOMEM) {
        lat_error_set(error, status, "out of memory");
    }
    if (command.is_own) {
        lat_control_rollback(c);
    } else {
        lat_graph_rollback(c->g, command.mark, lat_control_drop_instance, c);
    }
    return status;
}

enum lat_status
lat_control_add_timed(struct lat_control *c, const struct lat_message *m)
{
    if (!lat_grow((void **)&c->timed, &c->timed_capacity, c->n_timed,
                  sizeof(*c->timed))) {
        return LAT_ENOMEM;
    }
    c->timed[c->n_timed++] = (struct lat_timed){*m, c->g->n_edits};
    return LAT_OK;
}

// Time.

static enum lat_status
timed_command(struct lat_control *c, const struct lat_message *m,
              struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_control_add_timed(c, m), error);
}

enum lat_status
lat_control_panic(struct lat_control *c, struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (struct lat_node *n = c->g->first; n; n = n->next) {
        for (uint32_t i = 0; !status && i < n->layout->n_in; ++i) {
            if (n->layout->in[i].port->kind == LAT_PORT_GATE &&
                n->in[i].value > 0.0F) {
                status = lat_graph_set_value(c->g, n, i, 0.0F, -1.0, false);
            }
        }
    }
    if (!status) {
        const struct lat_message m = {.kind = LAT_MESSAGE_PANIC};
        status = lat_control_add_timed(c, &m);
    }
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_tempo(struct lat_control *c, double bpm, struct lat_error *error)
{
    if (!(bpm >= LAT_TEMPO_MIN && bpm <= LAT_TEMPO_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "the tempo must lie between %g and %g beats per "
                             "minute, not %g",
                             LAT_TEMPO_MIN, LAT_TEMPO_MAX, bpm);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.tempo_bpm = bpm;
    const struct lat_message m = {.kind = LAT_MESSAGE_TEMPO, .number = bpm};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_beats_per_cycle(struct lat_control *c, double beats,
                            struct lat_error *error)
{
    if (!(beats >= LAT_BEATS_PER_CYCLE_MIN &&
          beats <= LAT_BEATS_PER_CYCLE_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "beats_per_cycle must lie between %g and %g, not "
                             "%g",
                             LAT_BEATS_PER_CYCLE_MIN, LAT_BEATS_PER_CYCLE_MAX,
                             beats);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.beats_per_cycle = beats;
    const struct lat_message m = {.kind = LAT_MESSAGE_BEATS, .number = beats};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

static enum lat_status
own_transport(const struct lat_control *c, struct lat_error *error)
{
    if (!c->is_load && c->document.sync == LAT_SYNC_JACK) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session follows JACK's transport (sync = "
                             "jack): start, stop and locate it there");
    }
    return LAT_OK;
}

enum lat_status
lat_control_play(struct lat_control *c, bool is_playing,
                 struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.is_playing = is_playing;
    const struct lat_message m = {
        .kind = LAT_MESSAGE_PLAY,
        .number = is_playing,
    };
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_locate(struct lat_control *c, double cycle, struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    if (!(cycle >= 0.0 && cycle <= 1e9)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a place must lie between 0 and 1e9 cycles, not "
                             "%g",
                             cycle);
    }
    const struct lat_message m = {
        .kind = LAT_MESSAGE_LOCATE,
        .cycle = lat_cycle_from_double(cycle),
    };
    return timed_command(c, &m, error);
}

const struct lat_transport *
lat_control_transport(const struct lat_control *c)
{
    return &c->transport;
}

// Housekeeping.

static void
name_late_node(struct lat_control *c)
{
    const struct lat_instance *late =
        atomic_exchange(&c->engine->late_instance, NULL);
    if (!late) {
        return;
    }
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        if (n->instance == late) {
            memcpy(c->engine->info.late_node, n->name, sizeof(n->name));
        }
    }
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
    name_late_node(c);
    lat_control_end_fades(c);
    const uint32_t n = c->n_garbage;
    lat_control_collect_garbage(c);
    if (c->n_garbage < n) {
        lat_control_tell_devices(c); // slots may have gone with instances
    }
}

uint64_t
lat_control_stamp(const struct lat_control *c)
{
    return c->stamp;
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

void
lat_control_batches(struct lat_control *c,
                    void (*each)(void *data, uint32_t batch, const char *node),
                    void *data)
{
    const struct lat_plan *p = c->plan;
    for (uint32_t b = 0; b < p->n_batches; ++b) {
        const uint32_t end = p->batch_starts[b + 1];
        for (uint32_t i = p->batch_starts[b]; i < end; ++i) {
            const struct lat_instance *inst = p->nodes[i].inst;
            if (inst->is_live) {
                each(data, b, inst->name);
            }
        }
    }
}

double
lat_control_node_load(struct lat_control *c, const struct lat_node *node)
{
    (void)c;
    return node->instance ? (double)atomic_load_explicit(
                                &node->instance->load_ns, memory_order_relaxed)
                          : 0.0;
}

const struct lat_graph *
lat_control_graph(const struct lat_control *c)
{
    return c->g;
}

struct lat_engine *
lat_control_engine(struct lat_control *c)
{
    return c->engine;
}

struct lat_document *
lat_control_document(struct lat_control *c)
{
    return c->is_load ? &c->next_document : &c->document;
}

void
lat_control_add_hooks(struct lat_control *c,
                      const struct lat_control_hooks *hooks)
{
    if (c->n_hooks < LAT_MAX_HOOKS) {
        c->hooks[c->n_hooks++] = *hooks;
    }
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
    c->block = options->block ? options->block : 64;
    c->is_offline = options->is_offline;
    c->is_host = options->is_host;
    c->has_processes = options->has_processes;
    c->all_in_processes = options->all_in_processes;
    c->without_lanes = options->without_lanes;
    c->grain_ns = options->grain_ns;
    c->n_threads = options->workers ? options->workers : 1;
    c->n_threads =
        c->n_threads < LAT_MAX_THREADS ? c->n_threads : LAT_MAX_THREADS;
    c->kernels = kernels;
    lat_graph_init(&c->graph);
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
    enum lat_status status =
        lat_control_compile(c, &c->graph, c->block, &c->plan);
    if (!status) {
        status = lat_engine_new(&engine, c->plan, &c->engine);
    }
    if (status) {
        lat_plan_free(c->plan);
        free(c->alive);
        free(c);
        return lat_error_set(error, status, "out of memory");
    }
    c->alive[c->n_alive++] = 0;
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
    drop_graph(c, &c->graph);
    lat_document_free(&c->document);
    lat_engine_free(c->engine); // joins the workers
    while (c->held_plans) {
        struct lat_plan *next = c->held_plans->next;
        lat_plan_free(c->held_plans);
        c->held_plans = next;
    }
    free(c->garbage);
    free(c->free_ids);
    free(c->alive);
    free(c->dying);
    free(c->timed);
    free(c->outbox.messages);
    free(c->outbox.ends);
    free(c);
}
