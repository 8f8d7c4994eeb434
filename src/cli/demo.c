// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "demo.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "control/watch.h"

#include <math.h>
#include <stdlib.h>

/// Sent so long before its frame, beyond the lead: the loop may be late.
#define SLACK_S 0.06

/// MIDI that waits until it is looked at.
#define N_RECORDS 4096U

#define N_STEPS     32U // eighths: four bars
#define MIDDLE_C    60.0
#define NOTE_ON     0x90U
#define TEMPO_MIN   40.0
#define TEMPO_MAX   240.0
#define KEY_NUMBERS 128U

/// Played from @p step on, for @p steps: eighths.
struct phrase_note {
    uint8_t step;
    uint8_t key;
    float steps;
    float velocity;
};

// In the order of steps.  The melody comes last in each, so that it is what
// sounds where one note does.
static const struct phrase_note phrase[] = {
    {0, 45, 7.5F, 0.6F},  {0, 57, 7.5F, 0.5F},  {0, 60, 7.5F, 0.5F},
    {0, 64, 7.5F, 0.5F},  {0, 76, 1.9F, 0.8F},  {2, 72, 0.9F, 0.6F},
    {3, 71, 0.9F, 0.6F},  {4, 69, 1.9F, 0.7F},  {6, 72, 1.9F, 0.7F},
    {8, 41, 7.5F, 0.6F},  {8, 53, 7.5F, 0.5F},  {8, 57, 7.5F, 0.5F},
    {8, 60, 7.5F, 0.5F},  {8, 69, 2.9F, 0.8F},  {11, 67, 0.9F, 0.6F},
    {12, 65, 1.9F, 0.7F}, {14, 69, 1.9F, 0.7F}, {16, 48, 7.5F, 0.6F},
    {16, 55, 7.5F, 0.5F}, {16, 60, 7.5F, 0.5F}, {16, 64, 7.5F, 0.5F},
    {16, 67, 1.9F, 0.8F}, {18, 72, 0.9F, 0.6F}, {19, 74, 0.9F, 0.7F},
    {20, 76, 2.9F, 0.9F}, {23, 74, 0.9F, 0.6F}, {24, 43, 7.5F, 0.6F},
    {24, 55, 7.5F, 0.5F}, {24, 59, 7.5F, 0.5F}, {24, 62, 7.5F, 0.5F},
    {24, 74, 1.9F, 0.8F}, {26, 71, 0.9F, 0.6F}, {27, 72, 0.9F, 0.6F},
    {28, 71, 3.5F, 0.7F},
};

/// Keys by number.
struct keys {
    uint64_t bits[KEY_NUMBERS / 64];
};

/// A node that somebody else has played.
struct taken {
    uint64_t node;      ///< its id
    struct keys theirs; ///< struck by commands since, while ours are held
    bool is_let_go;
};

struct lat_demo {
    struct lat_control *c;
    struct lat_reader *midi;
    struct taken *taken;
    uint32_t n_taken, capacity;
    uint32_t step;       ///< the next one
    double due;          ///< its frame
    uint64_t last_frame; ///< of the step before
    bool has_begun;
    bool is_playing; ///< what listeners hear is ours
    bool is_over;    ///< something failed
};

static struct taken *
find_taken(const struct lat_demo *d, const struct lat_node *node)
{
    for (uint32_t i = 0; i < d->n_taken; ++i) {
        if (d->taken[i].node == node->id) {
            return &d->taken[i];
        }
    }
    return NULL;
}

static struct taken *
take(struct lat_demo *d, const struct lat_node *node)
{
    struct taken *t = find_taken(d, node);
    if (!t && !lat_grow((void **)&d->taken, &d->capacity, d->n_taken,
                        sizeof(*d->taken))) {
        lat_log(LAT_LOG_ERROR, "--demo ends: out of memory");
        d->is_over = true;
    } else if (!t) {
        t = &d->taken[d->n_taken++];
        *t = (struct taken){.node = node->id};
    }
    return t;
}

static bool
is_heard_by(const struct lat_node *node)
{
    return node->type->flags & LAT_TYPE_NOTES;
}

static void
take_all(struct lat_demo *d)
{
    for (const struct lat_node *n = lat_control_graph(d->c)->first; n;
         n = n->next) {
        if (is_heard_by(n)) {
            (void)take(d, n);
        }
    }
}

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_demo *d = data;
    for (uint32_t i = 0; !d->is_playing && i < changes->n; ++i) {
        const struct lat_change *change = &changes->entries[i];
        if (change->kind == LAT_CHANGE_PANIC) {
            take_all(d);
        } else if (change->kind == LAT_CHANGE_NOTE && change->velocity > 0.0) {
            struct taken *t = take(d, change->node);
            const double key = change->number + MIDDLE_C;
            if (t && key == floor(key)) {
                const uint32_t k = (uint32_t)key;
                t->theirs.bits[k / 64] |= UINT64_C(1) << k % 64;
            }
        }
    }
}

// Keys at midi_in.

static double
setting(const struct lat_demo *d, const struct lat_node *node, const char *name)
{
    char text[1024];
    struct lat_value value = {.number = 0.0};
    struct lat_error error;
    (void)lat_control_param_get(d->c, node->name, name, text, sizeof(text),
                                &value, &error);
    return value.number;
}

static bool
hears(const struct lat_demo *d, const struct lat_node *node,
      const struct lat_midi_event *event)
{
    const double channel = setting(d, node, "channel");
    const double key = (double)event->data[1];
    return (channel == 0.0 || channel == (event->data[0] & 0x0fU) + 1) &&
           key >= setting(d, node, "key_low") &&
           key <= setting(d, node, "key_high");
}

static void
read_midi(struct lat_demo *d)
{
    struct lat_record record;
    while (lat_reader_next(d->midi, &record)) {
        const struct lat_midi_event *event = &record.midi;
        const bool is_key = event->size == 3 &&
                            (event->data[0] & 0xf0U) == NOTE_ON &&
                            event->data[2] > 0;
        for (const struct lat_node *n = lat_control_graph(d->c)->first;
             is_key && n; n = n->next) {
            if (is_heard_by(n) && !find_taken(d, n) && hears(d, n, event)) {
                (void)take(d, n);
            }
        }
    }
}

// What is played.

static double
frames_of_step(const struct lat_demo *d)
{
    const double tempo = lat_control_transport(d->c)->tempo_bpm;
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(d->c), &status);
    return status.rate * 30.0 / fmin(fmax(tempo, TEMPO_MIN), TEMPO_MAX);
}

static void
fail(struct lat_demo *d, const struct lat_error *error)
{
    lat_log(LAT_LOG_ERROR, "--demo ends: %s", error->text);
    d->is_over = true;
}

/// End a transaction of ours.
static void
end(struct lat_demo *d, enum lat_status status, uint64_t frame,
    struct lat_error *error)
{
    if (status) {
        lat_control_rollback(d->c);
    } else {
        d->is_playing = true;
        status = lat_control_commit_at(d->c, frame, error);
        d->is_playing = false;
    }
    if (status) {
        fail(d, error);
    }
}

/// Was a note of the phrase struck in the last cycle, and is it held?
static bool
is_held(const struct lat_demo *d, const struct phrase_note *note)
{
    const uint32_t last = (d->step + N_STEPS - 1) % N_STEPS;
    const uint32_t age = (last + N_STEPS - note->step) % N_STEPS;
    return (float)age < note->steps;
}

/// Let go of what we hold where somebody else plays now, not of theirs.
static void
let_go(struct lat_demo *d)
{
    struct lat_error error;
    for (const struct lat_node *n = lat_control_graph(d->c)->first; n;
         n = n->next) {
        struct taken *t = is_heard_by(n) ? find_taken(d, n) : NULL;
        if (!t || t->is_let_go || !d->has_begun) {
            continue;
        }
        t->is_let_go = true;
        enum lat_status status = LAT_OK;
        lat_control_begin(d->c);
        for (size_t i = 0; !status && i < LAT_COUNT(phrase); ++i) {
            const uint32_t key = phrase[i].key;
            if (is_held(d, &phrase[i]) &&
                !(t->theirs.bits[key / 64] >> key % 64 & 1U)) {
                status = lat_control_note(d->c, n->name, key, 0.0, 0.0, &error);
            }
        }
        // Not before it was struck.
        end(d, status, d->last_frame + 1, &error);
    }
}

static enum lat_status
strike(struct lat_demo *d, const struct lat_node *node, double frames_a_step,
       double rate, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (size_t i = 0; !status && i < LAT_COUNT(phrase); ++i) {
        const struct phrase_note *note = &phrase[i];
        if (note->step == d->step) {
            status = lat_control_note(
                d->c, node->name, note->key, (double)note->velocity,
                (double)note->steps * frames_a_step / rate, error);
        }
    }
    return status;
}

static void
play_step(struct lat_demo *d, uint64_t frame)
{
    struct lat_engine_status engine;
    lat_engine_status(lat_control_engine(d->c), &engine);
    const double frames = frames_of_step(d);
    struct lat_error error;
    enum lat_status status = LAT_OK;
    lat_control_begin(d->c);
    for (const struct lat_node *n = lat_control_graph(d->c)->first;
         !status && n; n = n->next) {
        if (is_heard_by(n) && !find_taken(d, n)) {
            status = strike(d, n, frames, engine.rate, &error);
        }
    }
    end(d, status, frame, &error);
    d->has_begun = true;
    d->last_frame = frame;
    d->due += frames;
    d->step = (d->step + 1) % N_STEPS;
}

uint64_t
lat_demo_next(const struct lat_demo *d)
{
    return d->is_over ? UINT64_MAX : (uint64_t)llround(d->due);
}

void
lat_demo_play(struct lat_demo *d, uint64_t frame)
{
    read_midi(d);
    let_go(d);
    while (lat_demo_next(d) <= frame) {
        play_step(d, lat_demo_next(d));
    }
}

/// The first frame that is still left for later.
static uint64_t
horizon(const struct lat_demo *d, const struct lat_engine_clock *clock)
{
    return clock->frame + lat_control_lead(d->c) +
           (uint64_t)(SLACK_S * clock->rate);
}

void
lat_demo_tick(struct lat_demo *d)
{
    struct lat_engine_clock clock;
    lat_engine_clock(lat_control_engine(d->c), &clock);
    if (!clock.is_running) {
        return;
    }
    const uint64_t until = horizon(d, &clock);
    if (d->due < (double)(clock.frame + lat_control_lead(d->c))) {
        d->due = (double)until; // at first, and where frames were lost
    }
    lat_demo_play(d, until);
}

uint64_t
lat_demo_next_ns(const struct lat_demo *d)
{
    struct lat_engine_clock clock;
    lat_engine_clock(lat_control_engine(d->c), &clock);
    if (!clock.is_running || d->is_over) {
        return UINT64_MAX; // the bell rings when a driver has begun
    }
    const uint64_t next = lat_demo_next(d);
    const uint64_t until = horizon(d, &clock);
    const uint64_t left = next > until ? next - until : 0;
    return lat_now_ns() + (uint64_t)((double)left * 1e9 / clock.rate);
}

bool
lat_demo_is_heard(const struct lat_demo *d)
{
    const struct lat_node *n = lat_control_graph(d->c)->first;
    while (n && !is_heard_by(n)) {
        n = n->next;
    }
    return n;
}

enum lat_status
lat_demo_new(struct lat_control *c, struct lat_demo **out)
{
    struct lat_demo *d = calloc(1, sizeof(*d));
    if (!d) {
        return LAT_ENOMEM;
    }
    d->c = c;
    const struct lat_listener listener = {
        .data = d,
        .topics = LAT_TOPIC_NOTES | LAT_TOPIC_PANIC,
        .changed = on_changes,
    };
    enum lat_status status =
        lat_reader_new(c, N_RECORDS, 1U << LAT_RECORD_MIDI, &d->midi);
    if (!status) {
        status = lat_control_listen(c, &listener);
    }
    if (status) {
        lat_demo_free(d);
        return LAT_ENOMEM;
    }
    *out = d;
    return LAT_OK;
}

void
lat_demo_free(struct lat_demo *d)
{
    if (!d) {
        return;
    }
    lat_control_unlisten(d->c, d);
    lat_reader_free(d->midi);
    free(d->taken);
    free(d);
}
