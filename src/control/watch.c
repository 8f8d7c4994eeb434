// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Taps belong to instances, which come and go; what is watched is a name.  A
// watch gets another tap when the newest plan has another instance there.  A
// tap that is not wanted any more stays in c->taps until audio has let go of
// it, and its instance is no garbage before that.

#include "watch.h"
#include "graph/voice.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A tap that audio may hold.
struct lat_held_tap {
    struct lat_held_tap *next;
    struct lat_tap *tap;
    struct lat_reader *reader; ///< NULL: of a question
    bool is_wanted;
    bool is_told; ///< audio is, that it is not
};

struct watch {
    struct watch *next;
    char node[LAT_VOICE_NAME_MAX];
    char output[LAT_NAME_MAX];
    struct lat_tap_wish wish;
    struct lat_held_tap *held; ///< NULL: there is no such output now
};

struct lat_reader {
    struct lat_control *c;
    struct lat_reader *next;
    struct lat_stream *stream;
    struct watch *watches;
    uint32_t n_taps;
    bool is_over, is_told;
};

struct lat_question {
    char node[LAT_VOICE_NAME_MAX];
    char output[LAT_NAME_MAX];
    struct lat_held_tap *held;
};

// One message to audio.

static bool
tell(struct lat_control *c, struct lat_message m)
{
    if (lat_control_reserve(c, 1, 0)) {
        return false;
    }
    lat_control_take_stamp(c, true);
    m.frame = c->stamp;
    lat_control_emit(c, &m);
    lat_control_end_messages(c);
    return true;
}

static bool
tell_tap(struct lat_control *c, struct lat_tap *tap, bool is_over)
{
    return tell(c, (struct lat_message){.kind = LAT_MESSAGE_TAP,
                                        .tap = tap,
                                        .is_over = is_over});
}

static bool
tell_stream(struct lat_control *c, struct lat_stream *stream, bool is_over)
{
    return tell(c, (struct lat_message){.kind = LAT_MESSAGE_STREAM,
                                        .stream = stream,
                                        .is_over = is_over});
}

// Taps.

/// The instance and output that names mean, in what is committed.
static struct lat_instance *
find_output(const struct lat_control *c, const char *name, const char *output,
            uint32_t *port)
{
    struct lat_voice v;
    const bool is_there = !lat_graph_find_voice(&c->graph, name, &v, NULL);
    const int i = is_there ? lat_layout_output(v.node->layout, output) : -1;
    const uint32_t voice = is_there && v.number ? v.number - 1 : 0;
    const struct lat_unit *unit =
        i >= 0 ? lat_units_voice(v.node, voice) : NULL;
    if (!unit) {
        return NULL;
    }
    *port = lat_units_output(v.node, voice, (uint32_t)i);
    return unit->inst;
}

static enum lat_status
hold_tap(struct lat_control *c, struct lat_instance *inst, uint32_t port,
         const struct lat_tap_wish *wish, struct lat_reader *reader,
         struct lat_held_tap **out)
{
    struct lat_held_tap *held = calloc(1, sizeof(*held));
    enum lat_status status = held ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        status = lat_tap_new(inst, port, c->rate, wish,
                             reader ? reader->stream : NULL, &held->tap);
    }
    if (!status && !tell_tap(c, held->tap, false)) {
        lat_tap_free(held->tap);
        status = LAT_ENOMEM;
    }
    if (status) {
        free(held);
        return status;
    }
    held->reader = reader;
    held->is_wanted = true;
    held->next = c->taps;
    c->taps = held;
    ++inst->n_taps;
    if (reader) {
        ++reader->n_taps;
    }
    *out = held;
    return LAT_OK;
}

static bool
is_done(const struct lat_held_tap *held)
{
    return atomic_load_explicit(&held->tap->is_done, memory_order_acquire);
}

static void
drop_tap(struct lat_held_tap *held)
{
    if (held) {
        held->is_wanted = false;
    }
}

// Free what audio has let go of; tell it, if it was not told yet.
static void
sweep_taps(struct lat_control *c)
{
    struct lat_held_tap **link = &c->taps;
    while (*link) {
        struct lat_held_tap *held = *link;
        if (held->is_wanted) {
            link = &held->next;
        } else if (is_done(held)) {
            *link = held->next;
            --held->tap->inst->n_taps;
            if (held->reader) {
                --held->reader->n_taps;
            }
            lat_tap_free(held->tap);
            free(held);
        } else {
            held->is_told =
                held->is_told || !held->reader || tell_tap(c, held->tap, true);
            link = &held->next;
        }
    }
}

static void
free_reader(struct lat_reader *r)
{
    lat_stream_free(r->stream);
    free(r);
}

static void
sweep_readers(struct lat_control *c)
{
    struct lat_reader **link = &c->readers;
    while (*link) {
        struct lat_reader *r = *link;
        if (r->is_over &&
            atomic_load_explicit(&r->stream->is_done, memory_order_acquire)) {
            *link = r->next;
            free_reader(r);
            continue;
        }
        if (r->is_over && !r->n_taps && !r->is_told) {
            r->is_told = tell_stream(c, r->stream, true);
        }
        link = &r->next;
    }
}

// Watches.

/// Where the newest plan has another instance, another tap.
static void
follow(struct lat_reader *r, struct watch *w)
{
    struct lat_control *c = r->c;
    uint32_t port = 0;
    struct lat_instance *inst = find_output(c, w->node, w->output, &port);
    if (w->held && w->held->tap->inst == inst && w->held->tap->output == port) {
        return;
    }
    drop_tap(w->held);
    w->held = NULL;
    if (inst) {
        (void)hold_tap(c, inst, port, &w->wish, r, &w->held);
    }
}

// A node, or one of its voices.
static void
rename_node(char name[LAT_VOICE_NAME_MAX], const char *from, const char *to)
{
    char owner[LAT_NAME_MAX];
    uint32_t number = 0;
    if (!strcmp(name, from)) {
        lat_voice_name(to, 0, name);
    } else if (lat_split_voice(name, owner, sizeof(owner), &number) &&
               !strcmp(owner, from)) {
        lat_voice_name(to, number, name);
    }
}

void
lat_control_rename_watches(struct lat_control *c, const char *from,
                           const char *to)
{
    for (struct lat_reader *r = c->readers; r; r = r->next) {
        for (struct watch *w = r->watches; w; w = w->next) {
            if (w->held) {
                rename_node(w->node, from, to);
            }
        }
    }
}

void
lat_control_follow(struct lat_control *c)
{
    if (c->watched_plan != c->plan_serial) {
        c->watched_plan = c->plan_serial;
        for (struct lat_reader *r = c->readers; r; r = r->next) {
            for (struct watch *w = r->watches; w; w = w->next) {
                follow(r, w);
            }
        }
    }
    if (c->taps) {
        sweep_taps(c);
    }
    if (c->readers) {
        sweep_readers(c);
    }
}

bool
lat_control_lets_go(const struct lat_control *c)
{
    bool any = false;
    for (const struct lat_held_tap *t = c->taps; t && !any; t = t->next) {
        any = !t->is_wanted;
    }
    for (const struct lat_reader *r = c->readers; r && !any; r = r->next) {
        any = r->is_over;
    }
    return any;
}

void
lat_control_forget_readers(struct lat_control *c)
{
    while (c->taps) {
        struct lat_held_tap *next = c->taps->next;
        lat_tap_free(c->taps->tap);
        free(c->taps);
        c->taps = next;
    }
    while (c->readers) {
        struct lat_reader *next = c->readers->next;
        free_reader(c->readers);
        c->readers = next;
    }
}

// Readers.

enum lat_status
lat_reader_new(struct lat_control *c, uint32_t n_records, uint32_t kinds,
               struct lat_reader **out)
{
    struct lat_reader *r = calloc(1, sizeof(*r));
    enum lat_status status =
        r ? lat_stream_new(n_records, kinds, &r->stream) : LAT_ENOMEM;
    if (!status && !tell_stream(c, r->stream, false)) {
        lat_stream_free(r->stream);
        status = LAT_ENOMEM;
    }
    if (status) {
        free(r);
        return status;
    }
    r->c = c;
    r->next = c->readers;
    c->readers = r;
    *out = r;
    return LAT_OK;
}

static void
free_watch(struct watch **link)
{
    struct watch *w = *link;
    *link = w->next;
    drop_tap(w->held);
    free(w);
}

void
lat_reader_free(struct lat_reader *r)
{
    if (r) {
        while (r->watches) {
            free_watch(&r->watches);
        }
        r->is_over = true;
        lat_control_follow(r->c);
    }
}

void
lat_reader_unwatch(struct lat_reader *r, uint32_t id)
{
    struct watch **link = &r->watches;
    while (*link) {
        if ((*link)->wish.id == id) {
            free_watch(link);
        } else {
            link = &(*link)->next;
        }
    }
    sweep_taps(r->c);
}

static enum lat_status
check_output(const struct lat_control *c, const char *name, const char *output,
             struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    if (lat_layout_output(v.node->layout, output) < 0 ||
        strlen(output) >= LAT_NAME_MAX) {
        return lat_error_set(error, LAT_ENOTFOUND, "%s has no output '%.60s'",
                             name, output);
    }
    return LAT_OK;
}

// Only its last sample is known here of an output that is elsewhere.
static enum lat_status
check_place(const struct lat_control *c, const char *name,
            struct lat_error *error)
{
    struct lat_voice v;
    if (!lat_graph_find_voice(&c->graph, name, &v, NULL) &&
        lat_units_is_away(v.node)) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s plays in a process of its own, and its "
                             "outputs cannot be watched there; "
                             "/node/%s/process engine takes it back",
                             name, name);
    }
    return LAT_OK;
}

enum lat_status
lat_reader_watch(struct lat_reader *r, const char *node, const char *output,
                 const struct lat_tap_wish *wish, struct lat_error *error)
{
    enum lat_status status = check_output(r->c, node, output, error);
    status = status ? status : check_place(r->c, node, error);
    struct watch *w = status ? NULL : calloc(1, sizeof(*w));
    if (!w) {
        return status ? status
                      : lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    uint32_t port = 0;
    struct lat_instance *inst = find_output(r->c, node, output, &port);
    memcpy(w->node, node, strlen(node) + 1);
    memcpy(w->output, output, strlen(output) + 1);
    w->wish = *wish;
    if (inst) {
        status = hold_tap(r->c, inst, port, wish, r, &w->held);
    }
    if (status == LAT_EINVAL) {
        lat_error_set(error, status,
                      "%s/%s can be read up to %g times a second, %u samples "
                      "or fewer at a time that do not reach the next time",
                      node, output, r->c->rate / LAT_SPAN_MAX, LAT_SCOPE_MAX);
    } else if (status) {
        lat_error_set(error, status, "out of memory");
    }
    if (status) {
        free(w);
        return status;
    }
    lat_reader_unwatch(r, wish->id);
    w->next = r->watches;
    r->watches = w;
    return LAT_OK;
}

bool
lat_reader_next(struct lat_reader *r, struct lat_record *out)
{
    return lat_stream_read(r->stream, out);
}

bool
lat_reader_is_empty(const struct lat_reader *r)
{
    return lat_stream_is_empty(r->stream);
}

uint64_t
lat_reader_lost(const struct lat_reader *r)
{
    return lat_stream_lost(r->stream);
}

// Questions.

enum lat_status
lat_control_ask(struct lat_control *c, const char *node, const char *output,
                struct lat_question **out, struct lat_error *error)
{
    const enum lat_status status = check_output(c, node, output, error);
    struct lat_question *q = status ? NULL : calloc(1, sizeof(*q));
    if (!q) {
        return status ? status
                      : lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    memcpy(q->node, node, strlen(node) + 1);
    memcpy(q->output, output, strlen(output) + 1);
    *out = q;
    return LAT_OK;
}

void
lat_control_set_outside(struct lat_control *c,
                        const struct lat_outside *outside)
{
    c->outside = outside ? *outside : (struct lat_outside){0};
}

const struct lat_outside *
lat_control_outside(const struct lat_control *c)
{
    return c->outside.last ? &c->outside : NULL;
}

// @return whether the node is elsewhere, and then the answer.
static bool
answer_outside(const struct lat_control *c, const struct lat_question *q,
               float *value)
{
    const struct lat_node *node = lat_graph_find(&c->graph, q->node);
    const int i = node && lat_units_is_away(node)
                      ? lat_layout_output(node->layout, q->output)
                      : -1;
    if (i >= 0) {
        const struct lat_outside *o = lat_control_outside(c);
        *value = o ? o->last(o->data, node, (uint32_t)i) : 0.0F;
    }
    return i >= 0;
}

static enum lat_answer
begin_answer(struct lat_control *c, struct lat_question *q)
{
    uint32_t port = 0;
    struct lat_instance *inst = find_output(c, q->node, q->output, &port);
    if (!inst) {
        return LAT_ANSWER_NEVER;
    }
    return hold_tap(c, inst, port, NULL, NULL, &q->held) ? LAT_ANSWER_NO_MEMORY
                                                         : LAT_ANSWER_HERE;
}

enum lat_answer
lat_control_answer(struct lat_control *c, struct lat_question *q, float *value)
{
    if (!q->held) {
        // What the open transaction makes can be asked when that is over.
        if (c->is_open) {
            return LAT_ANSWER_WAITS;
        }
        if (answer_outside(c, q, value)) {
            return LAT_ANSWER_HERE;
        }
        const enum lat_answer answer = begin_answer(c, q);
        if (answer != LAT_ANSWER_HERE) {
            return answer;
        }
    }
    if (!is_done(q->held)) {
        return LAT_ANSWER_WAITS;
    }
    *value = atomic_load_explicit(&q->held->tap->value, memory_order_relaxed);
    return LAT_ANSWER_HERE;
}

void
lat_question_free(struct lat_control *c, struct lat_question *q)
{
    if (q) {
        drop_tap(q->held);
        sweep_taps(c);
        free(q);
    }
}

const struct lat_instance *
lat_control_instance(const struct lat_node *node)
{
    return lat_units_instance(node);
}
