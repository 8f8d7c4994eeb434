// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The keys that are held stand in one list, in the order in which they were
// struck, each with its voice.  A single voice has many of them; where there
// are more voices each has one, but for those that it kept from when it was
// single.

#include "dealer.h"

#include <string.h>

#define MAX_EDGES 64U // of a gate, to come

static uint64_t
bit(uint32_t voice)
{
    return UINT64_C(1) << voice;
}

static bool
is_of(const struct lat_dealer_key *key, uint32_t holders)
{
    return holders >> key->holder & 1U;
}

static bool
is_single(const struct lat_dealer *d)
{
    return d->n_voices == 1;
}

// Edges of the gate at one frame do not merge: the first is at the frame, each
// further one a frame later.
static void
add_edge(struct lat_dealer *d, uint32_t voice)
{
    struct lat_dealer_voice *v = &d->voices[voice];
    v->n_edges += v->n_edges < MAX_EDGES ? 1U : (uint32_t)-1;
    d->moves |= bit(voice);
}

// Take a key off the list; the voice's gate is the caller's.
static void
take_off(struct lat_dealer *d, uint32_t i)
{
    struct lat_dealer_voice *v = &d->voices[d->keys[i].voice];
    v->n_keys--;
    v->n_down -= d->keys[i].is_down;
    d->n_keys--;
    memmove(d->keys + i, d->keys + i + 1, (d->n_keys - i) * sizeof(*d->keys));
}

/// A voice has this note from now on.
static void
sound(struct lat_dealer *d, const struct lat_dealer_key *key, bool glides)
{
    struct lat_dealer_voice *v = &d->voices[key->voice];
    v->from = lat_dealer_pitch(v, 0);
    v->glide = glides ? d->glide : 0;
    v->at = 0;
    v->key = key->key;
    v->pitch = key->pitch;
    v->velocity = key->velocity;
    v->holder = key->holder;
    d->changes |= bit(key->voice);
    if (v->glide) {
        d->moves |= bit(key->voice);
    }
}

/// Sound the newest of a voice's keys that is down; without any the pitch
/// stays.
static void
fall_back(struct lat_dealer *d, uint32_t voice)
{
    const struct lat_dealer_voice *v = &d->voices[voice];
    for (uint32_t i = d->n_keys; v->n_down && i-- > 0;) {
        const struct lat_dealer_key *key = &d->keys[i];
        if (key->voice == voice && key->is_down) {
            if (key->key != v->key || key->holder != v->holder) {
                sound(d, key, is_single(d));
            }
            return;
        }
    }
}

/// Take a key off, with what follows for its voice.
static void
drop(struct lat_dealer *d, uint32_t i)
{
    const uint32_t voice = d->keys[i].voice;
    struct lat_dealer_voice *v = &d->voices[voice];
    take_off(d, i);
    if (!v->n_keys) {
        v->let_go = ++d->count;
        add_edge(d, voice);
    }
    fall_back(d, voice);
}

LAT_RT void
lat_dealer_resize(struct lat_dealer *d, uint32_t n)
{
    for (uint32_t i = n < d->n_voices ? d->n_keys : 0; i-- > 0;) {
        if (d->keys[i].voice >= n) {
            take_off(d, i);
        }
    }
    for (uint32_t voice = n; voice < d->n_voices; voice++) {
        d->voices[voice] = (struct lat_dealer_voice){0};
        d->triggers &= ~bit(voice);
        d->changes &= ~bit(voice);
        d->moves &= ~bit(voice);
    }
    d->n_voices = n;
}

// 0: free; 1: a pedal has it; 2: a key that is down has it.
static uint32_t
grip_of(const struct lat_dealer_voice *v)
{
    return v->n_down ? 2 : v->n_keys ? 1 : 0;
}

static uint32_t
choose(const struct lat_dealer *d)
{
    uint32_t best = 0;
    uint32_t best_grip = UINT32_MAX;
    uint64_t best_since = 0;
    for (uint32_t voice = 0; voice < d->n_voices; voice++) {
        const struct lat_dealer_voice *v = &d->voices[voice];
        const uint32_t grip = grip_of(v);
        const uint64_t since = grip ? v->struck : v->let_go;
        if (grip < best_grip || (grip == best_grip && since < best_since)) {
            best = voice;
            best_grip = grip;
            best_since = since;
        }
    }
    return best;
}

static uint32_t
find(const struct lat_dealer *d, uint32_t holder, float key)
{
    uint32_t i = 0;
    while (i < d->n_keys &&
           (d->keys[i].key != key || d->keys[i].holder != holder)) {
        i++;
    }
    return i;
}

LAT_RT void
lat_dealer_strike(struct lat_dealer *d, uint32_t holder, float key, float pitch,
                  float velocity)
{
    struct lat_dealer_key new = {
        .key = key,
        .pitch = pitch,
        .velocity = velocity,
        .holder = (uint8_t)holder,
        .is_down = true,
    };
    const uint32_t same = find(d, holder, key);
    const bool is_again = same < d->n_keys;
    if (is_again) {
        new.voice = d->keys[same].voice;
        new.is_kept = d->keys[same].is_kept;
    } else {
        new.voice = (uint8_t)choose(d);
    }
    struct lat_dealer_voice *v = &d->voices[new.voice];
    const bool was_open = v->n_keys > 0;
    const bool goes_on = was_open && is_single(d);
    if (is_again) {
        take_off(d, same);
    }
    for (uint32_t i = d->n_keys; !goes_on && v->n_keys && i-- > 0;) {
        if (d->keys[i].voice == new.voice) {
            take_off(d, i);
        }
    }
    if (d->n_keys == LAT_DEALER_KEYS) {
        drop(d, 0);
    }
    d->keys[d->n_keys++] = new;
    v->n_keys++;
    v->n_down++;
    v->struck = ++d->count;
    sound(d, &new, goes_on);
    if (was_open && !goes_on) {
        add_edge(d, new.voice);
    }
    if (!goes_on) {
        add_edge(d, new.voice);
    }
    if (!goes_on || !d->is_legato) {
        d->triggers |= bit(new.voice);
    }
}

LAT_RT void
lat_dealer_let_go(struct lat_dealer *d, uint32_t holder, float key,
                  float release)
{
    const uint32_t i = find(d, holder, key);
    if (i == d->n_keys || !d->keys[i].is_down) {
        return;
    }
    struct lat_dealer_voice *v = &d->voices[d->keys[i].voice];
    v->release = release < 0.0F ? v->release : release;
    if (d->keys[i].is_kept || d->sustain >> holder & 1U) {
        d->keys[i].is_down = false;
        v->n_down--;
        fall_back(d, d->keys[i].voice);
    } else {
        drop(d, i);
    }
}

/// Drop what is up and no pedal holds, in the order in which it was struck.
static void
drop_free(struct lat_dealer *d)
{
    for (uint32_t i = 0; i < d->n_keys;) {
        const struct lat_dealer_key *key = &d->keys[i];
        if (key->is_down || key->is_kept || is_of(key, d->sustain)) {
            i++;
        } else {
            drop(d, i);
        }
    }
}

LAT_RT void
lat_dealer_sustain(struct lat_dealer *d, uint32_t holders, bool is_down)
{
    d->sustain &= ~holders;
    d->sustain |= is_down ? holders : 0U;
    drop_free(d);
}

LAT_RT void
lat_dealer_sostenuto(struct lat_dealer *d, uint32_t holders, bool is_down)
{
    for (uint32_t i = 0; i < d->n_keys; i++) {
        struct lat_dealer_key *key = &d->keys[i];
        if (!is_down && is_of(key, holders)) {
            key->is_kept = false;
        } else if (is_of(key, holders & ~d->sostenuto)) {
            key->is_kept = key->is_down;
        }
    }
    d->sostenuto &= ~holders;
    d->sostenuto |= is_down ? holders : 0U;
    drop_free(d);
}

LAT_RT void
lat_dealer_release(struct lat_dealer *d, uint32_t holders)
{
    d->sustain &= ~holders;
    d->sostenuto &= ~holders;
    for (uint32_t i = 0; i < d->n_keys;) {
        if (is_of(&d->keys[i], holders)) {
            drop(d, i);
        } else {
            i++;
        }
    }
}

LAT_RT void
lat_dealer_pass(struct lat_dealer *d, uint32_t voice, float *gate, uint32_t n)
{
    struct lat_dealer_voice *v = &d->voices[voice];
    uint32_t f = 0;
    for (; f < n && v->n_edges; f++) {
        v->n_edges--;
        v->has_gate = !v->has_gate;
        gate[f] = v->has_gate ? 1.0F : 0.0F;
    }
    const float level = v->has_gate ? 1.0F : 0.0F;
    for (; f < n; f++) {
        gate[f] = level;
    }
    v->at = v->glide - v->at > n ? v->at + n : v->glide;
    if (!v->n_edges && v->at == v->glide) {
        d->moves &= ~bit(voice);
    }
}
