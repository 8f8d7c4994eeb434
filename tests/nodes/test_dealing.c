// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Random playing, held against a plain model of the rule by which notes are
// dealt to voices.  The model goes frame by frame, keeps every note that is
// held in a heap of its own, and a queue of levels for each gate.

#include "support/keyboard.h"
#include "support/pace.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 3600,
    EVENTS = 260,
    LAST = 3000, // that anything is played at
    VOICES = 16,
    NOTES = 256,
    CHANNELS = 17,
    LEVELS = 1024,
};

// --- Chance ------------------------------------------------------------------

static uint64_t chance;

static uint32_t
below(uint32_t n)
{
    chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(chance >> 33U) % n;
}

// --- The model ---------------------------------------------------------------

struct note {
    int channel; // 0: of a command
    float key, velocity;
    long struck;
    bool is_held, is_down, is_kept;
    int voice;
};

struct voice {
    float key, velocity, release, bend, timbre;
    int channel;
    long struck, let_go;
    bool gate, trigger;
    bool levels[LEVELS]; // of the gate that are yet to come
    uint32_t first, end;
};

struct model {
    struct note notes[NOTES];
    struct voice voices[VOICES];
    int n;
    long now; // counts what happens
    bool sustain[CHANNELS], sostenuto[CHANNELS];
    float bend[CHANNELS], timbre[CHANNELS];
    bool is_mpe; // all channels are one lower zone
    bool is_sensed;
    uint32_t heard; // when MIDI came last
};

static bool
is_open(const struct model *m, int voice)
{
    for (int i = 0; i < NOTES; ++i) {
        if (m->notes[i].is_held && m->notes[i].voice == voice) {
            return true;
        }
    }
    return false;
}

static bool
is_down(const struct model *m, int voice)
{
    for (int i = 0; i < NOTES; ++i) {
        if (m->notes[i].is_held && m->notes[i].is_down &&
            m->notes[i].voice == voice) {
            return true;
        }
    }
    return false;
}

static void
push(struct voice *v, bool level)
{
    cr_assert_lt(v->end, LEVELS);
    v->levels[v->end++] = level;
}

static struct note *
newest_down(struct model *m, int voice)
{
    struct note *best = NULL;
    for (int i = 0; i < NOTES; ++i) {
        struct note *k = &m->notes[i];
        if (k->is_held && k->is_down && k->voice == voice &&
            (!best || k->struck > best->struck)) {
            best = k;
        }
    }
    return best;
}

static void
sound(struct model *m, int voice)
{
    const struct note *k = newest_down(m, voice);
    if (k) {
        m->voices[voice].key = k->key;
        m->voices[voice].velocity = k->velocity;
        m->voices[voice].channel = k->channel;
    }
}

static struct note *
note_of(struct model *m, int channel, float key)
{
    for (int i = 0; i < NOTES; ++i) {
        struct note *k = &m->notes[i];
        if (k->is_held && k->channel == channel && k->key == key) {
            return k;
        }
    }
    return NULL;
}

static void
end(struct model *m, struct note *k)
{
    k->is_held = false;
    if (!is_open(m, k->voice)) {
        m->voices[k->voice].let_go = ++m->now;
        push(&m->voices[k->voice], false);
    }
}

static int
deal(const struct model *m)
{
    int best = -1;
    for (int v = 0; v < m->n; ++v) { // the free
        if (!is_open(m, v) &&
            (best < 0 || m->voices[v].let_go < m->voices[best].let_go)) {
            best = v;
        }
    }
    for (int v = 0; best < 0 && v < m->n; ++v) { // held by a pedal
        bool is_oldest = !is_down(m, v);
        for (int w = 0; w < m->n; ++w) {
            is_oldest &=
                is_down(m, w) || m->voices[w].struck >= m->voices[v].struck;
        }
        best = is_oldest ? v : best;
    }
    for (int v = 0; best < 0 && v < m->n; ++v) {
        bool is_oldest = true;
        for (int w = 0; w < m->n; ++w) {
            is_oldest &= m->voices[w].struck >= m->voices[v].struck;
        }
        best = is_oldest ? v : best;
    }
    return best;
}

static void
strike(struct model *m, int channel, float key, float velocity)
{
    struct note *k = note_of(m, channel, key);
    bool is_kept = false;
    int voice = 0;
    if (k) {
        voice = k->voice;
        is_kept = k->is_kept;
    } else {
        voice = deal(m);
    }
    const bool was_open = is_open(m, voice);
    for (int i = 0; i < NOTES; ++i) {
        if (m->notes[i].voice == voice && m->n > 1) {
            m->notes[i].is_held = false; // stolen
        }
    }
    if (was_open && m->n > 1) {
        push(&m->voices[voice], false);
    }
    if (!was_open || m->n > 1) {
        push(&m->voices[voice], true);
    }
    for (int i = 0; !k && i < NOTES; ++i) {
        k = m->notes[i].is_held ? NULL : &m->notes[i];
    }
    cr_assert_not_null(k);
    *k = (struct note){.channel = channel,
                       .key = key,
                       .velocity = velocity,
                       .struck = ++m->now,
                       .is_held = true,
                       .is_down = true,
                       .is_kept = is_kept,
                       .voice = voice};
    m->voices[voice].struck = m->now;
    m->voices[voice].trigger = true;
    sound(m, voice);
}

/// End what is up and no pedal holds, and all of channels @p first to @p last,
/// in the order in which it was struck.
static void
end_notes(struct model *m, int first, int last)
{
    for (;;) {
        struct note *next = NULL;
        for (int i = 0; i < NOTES; ++i) {
            struct note *k = &m->notes[i];
            const bool is_let =
                !k->is_down && !k->is_kept && !m->sustain[k->channel];
            const bool is_meant = k->channel >= first && k->channel <= last;
            if (k->is_held && (is_let || is_meant) &&
                (!next || k->struck < next->struck)) {
                next = k;
            }
        }
        if (!next) {
            return;
        }
        end(m, next);
        sound(m, next->voice);
    }
}

static void
end_let(struct model *m)
{
    end_notes(m, CHANNELS, CHANNELS);
}

static void
let_go(struct model *m, int channel, float key, float release)
{
    struct note *k = note_of(m, channel, key);
    if (!k || !k->is_down) {
        return;
    }
    k->is_down = false;
    if (release >= 0.0F) {
        m->voices[k->voice].release = release;
    }
    end_let(m);
    sound(m, k->voice);
}

/// All keys of channels @p first to @p last come up, 0 being commands.
static void
release(struct model *m, int first, int last)
{
    for (int c = first; c <= last; ++c) {
        m->sustain[c] = m->sostenuto[c] = false;
    }
    end_notes(m, first, last);
}

static void
sostenuto(struct model *m, int first, int last, bool is_pressed)
{
    for (int i = 0; i < NOTES; ++i) {
        struct note *k = &m->notes[i];
        if (k->channel >= first && k->channel <= last &&
            (!is_pressed || !m->sostenuto[k->channel])) {
            k->is_kept = is_pressed && k->is_down;
        }
    }
    for (int c = first; c <= last; ++c) {
        m->sostenuto[c] = is_pressed;
    }
    end_let(m);
}

static void
sustain(struct model *m, int first, int last, bool is_pressed)
{
    for (int c = first; c <= last; ++c) {
        m->sustain[c] = is_pressed;
    }
    end_let(m);
}

static void
control(struct model *m, int first, int last, uint8_t number, uint8_t value)
{
    if (number == 64) {
        sustain(m, first, last, value >= 64);
    } else if (number == 66) {
        sostenuto(m, first, last, value >= 64);
    } else if (number == 121) {
        sostenuto(m, first, last, false);
        sustain(m, first, last, false);
        for (int c = first; c <= last; ++c) {
            m->bend[c] = m->bend[0] = 0.0F;
        }
    } else if (number == 74) {
        for (int c = first; c <= last; ++c) {
            m->timbre[c] = m->timbre[0] = (float)value / 127.0F;
        }
        for (int v = 0; last > first && v < m->n; ++v) {
            m->voices[v].timbre =
                m->voices[v].channel ? m->timbre[0] : m->voices[v].timbre;
        }
    } else if (number == 120 || number >= 123) {
        release(m, first, last);
    }
}

/// What channels say reaches the voices that follow them.
static void
follow(struct model *m)
{
    for (int v = 0; v < m->n; ++v) {
        struct voice *w = &m->voices[v];
        const int from = m->n == 1 && !m->is_mpe ? 0 : w->channel;
        const bool is_member = m->is_mpe && w->channel > 1;
        if (m->is_mpe && !w->channel) { // no zone has it
            w->bend = 0.0F;
            w->timbre = 64.0F / 127.0F;
        } else if (!is_member || is_down(m, v)) {
            w->bend = m->bend[from];
            w->timbre = m->timbre[from];
        }
    }
}

static void
fresh_channels(struct model *m)
{
    for (int c = 0; c < CHANNELS; ++c) {
        m->bend[c] = 0.0F;
        m->timbre[c] = 64.0F / 127.0F;
    }
    for (int v = 0; v < VOICES; ++v) {
        m->voices[v].bend = 0.0F;
        m->voices[v].timbre = 64.0F / 127.0F;
    }
}

static void
resize(struct model *m, int n)
{
    for (int i = 0; i < NOTES; ++i) {
        m->notes[i].is_held &= m->notes[i].voice < n;
    }
    for (int v = n; v < VOICES; ++v) {
        m->voices[v] = (struct voice){.timbre = 64.0F / 127.0F};
    }
    m->n = n;
}

static void
midi(struct model *m, const struct keyboard_event *e)
{
    const int channel = e->data[0] % 16 + 1;
    const float key = (float)e->data[1] - 60.0F;
    const float value = (float)e->data[2] / 127.0F;
    switch (e->data[0] & 0xf0U) {
    case 0x90:
        if (e->data[2]) {
            strike(m, channel, key, value);
        } else {
            let_go(m, channel, key, -1.0F);
        }
        break;
    case 0x80:
        let_go(m, channel, key, value);
        break;
    case 0xb0:
        // A master speaks for its zone.
        control(m, channel, m->is_mpe && channel == 1 ? 16 : channel,
                e->data[1], e->data[2]);
        break;
    case 0xe0:
        m->bend[channel] = m->bend[0] =
            (float)(e->data[1] + 128 * e->data[2] - 8192) / 8192.0F;
        break;
    default:
        if (e->data[0] == 0xff) {
            release(m, 0, 16);
            fresh_channels(m);
        } else if (e->data[0] == LAT_MIDI_SOURCE_LOST) {
            release(m, 1, 16);
        }
        break;
    }
}

static void
act(struct model *m, const struct keyboard_event *e)
{
    if (e->n_voices) {
        resize(m, (int)e->n_voices);
    } else if (e->size) {
        midi(m, e);
        m->is_sensed |= e->data[0] == 0xfe;
        m->is_sensed &= e->data[0] != LAT_MIDI_SOURCE_LOST;
        m->heard = e->frame;
    } else if (e->velocity > 0.0F) {
        strike(m, 0, e->key, e->velocity);
    } else {
        let_go(m, 0, e->key, -1.0F);
    }
    follow(m);
}

static float
pitch(const struct model *m, const struct voice *v)
{
    const bool is_member = m->is_mpe && v->channel > 1;
    return v->key + v->bend * (is_member ? 48.0F : 2.0F) +
           (is_member ? m->bend[1] * 2.0F : 0.0F);
}

static void
judge_frame(struct model *m, const struct keyboard *k, uint32_t f,
            unsigned scene)
{
    for (int i = 0; i < m->n; ++i) {
        struct voice *v = &m->voices[i];
        if (v->first < v->end) {
            v->gate = v->levels[v->first++];
        }
        const float wanted[N_KEYS_OUT] = {
            [KEYS_PITCH] = pitch(m, v),
            [KEYS_GATE] = v->gate ? 1.0F : 0.0F,
            [KEYS_VELOCITY] = v->velocity,
            [KEYS_TRIGGER] = v->trigger ? 1.0F : 0.0F,
            [KEYS_PRESSURE] = 0.0F,
            [KEYS_RELEASE] = v->release,
            [KEYS_TIMBRE] = v->timbre,
        };
        v->trigger = false;
        for (int o = 0; o < N_KEYS_OUT; ++o) {
            const float is =
                keyboard_at(k, (uint32_t)i, (enum keyboard_output)o, f);
            if (fabsf(is - wanted[o]) > 1e-4F) {
                cr_assert_fail("scene %u, voice %d of %d, output %d at frame "
                               "%u: %g, not %g",
                               scene, i, m->n, o, f, (double)is,
                               (double)wanted[o]);
            }
        }
    }
}

static void
judge(const struct keyboard_event *events, uint32_t n, int n_voices,
      bool is_mpe, const struct keyboard *k, unsigned scene)
{
    static struct model m;
    m = (struct model){.is_mpe = is_mpe};
    fresh_channels(&m);
    resize(&m, n_voices);
    uint32_t i = 0;
    for (uint32_t f = 0; f < FRAMES; ++f) {
        for (; i < n && events[i].frame == f && !events[i].size; ++i) {
            const bool is_last = i + 1 == n || events[i + 1].frame > f ||
                                 !events[i + 1].n_voices;
            if (is_last || !events[i].n_voices) {
                act(&m, &events[i]);
            }
        }
        if (m.is_sensed && f - m.heard >= 2400) {
            release(&m, 1, 16);
            follow(&m);
            m.is_sensed = false;
        }
        for (; i < n && events[i].frame == f; ++i) {
            act(&m, &events[i]);
        }
        judge_frame(&m, k, f, scene);
    }
}

// --- Scenes ------------------------------------------------------------------

static struct keyboard_event
random_event(bool is_mpe, uint32_t n_channels, uint32_t n_keys)
{
    static const uint8_t controls[] = {64, 64,  64,  66,  66,  74, 74,
                                       1,  120, 121, 123, 124, 127};
    const uint8_t channel = (uint8_t)(below(n_channels) + (is_mpe ? 0 : 3));
    const uint8_t key = (uint8_t)(60 + below(n_keys));
    const uint8_t value = (uint8_t)below(128);
    const uint8_t on = (uint8_t)(1 + below(127));
    const uint8_t bytes[] = {0xfe, 0xfe, 0xf8, 0xff, LAT_MIDI_SOURCE_LOST};
    switch (below(24)) {
    default:
        return (struct keyboard_event)KEYS_ON(0, channel + 1, key, on);
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
        return (struct keyboard_event)KEYS_OFF(0, channel + 1, key);
    case 17:
        return (struct keyboard_event)KEYS_ON(0, channel + 1, key, 0);
    case 18:
    case 19:
    case 20:
        return (struct keyboard_event)KEYS_CC(
            0, channel + 1, controls[below(LAT_COUNT(controls))], value);
    case 21:
        return (struct keyboard_event)KEYS_BEND(0, channel + 1, value - 64);
    case 22:
        if (below(12)) {
            return (struct keyboard_event)KEYS_NOTE(
                0, (float)key, below(2) ? (float)on / 127.0F : 0.0F);
        }
        return (struct keyboard_event)KEYS_VOICES(0, 1 + below(VOICES));
    case 23:
        return below(4) ? (struct keyboard_event)KEYS_OFF(0, channel + 1, key)
                        : (struct keyboard_event)KEYS_BYTE(
                              0, bytes[below(LAT_COUNT(bytes))]);
    }
}

// The order in which a node hears what comes at one frame.
static int
order_of(const struct keyboard_event *e)
{
    return e->n_voices ? 0 : e->size ? 2 : 1;
}

static int
compare(const void *a, const void *b)
{
    const struct keyboard_event *x = a;
    const struct keyboard_event *y = b;
    const int rest = order_of(x) - order_of(y);
    return x->frame != y->frame ? (x->frame < y->frame ? -1 : 1) : rest;
}

static uint32_t
make_events(struct keyboard_event *events, bool is_mpe)
{
    const uint32_t n_channels = 1 + below(is_mpe ? 16 : 4);
    const uint32_t n_keys = 2 + below(30);
    const uint32_t n = 1 + below(below(4) ? EVENTS : 9);
    const uint32_t together = 1 + below(20); // frames are multiples of it
    for (uint32_t i = 0; i < n; ++i) {
        events[i] = random_event(is_mpe, n_channels, n_keys);
        events[i].frame = below(LAST / together) * together;
    }
    if (n < 9) { // they may wait for long
        events[0] = (struct keyboard_event)KEYS_BYTE(0, 0xfe);
    }
    qsort(events, n, sizeof(*events), compare);
    return n;
}

static uint32_t
let_all_go(struct keyboard_event *events, uint32_t n)
{
    for (uint8_t c = 1; c <= 16; ++c) {
        events[n++] = (struct keyboard_event)KEYS_CC(LAST + c, c, 64, 0);
        events[n++] = (struct keyboard_event)KEYS_CC(LAST + c, c, 66, 0);
    }
    for (uint8_t key = 60; key < 92; ++key) {
        events[n++] = (struct keyboard_event)KEYS_NOTE(LAST + 17U + key,
                                                       (float)key, 0.0F);
        for (uint8_t c = 1; c <= 16; ++c) {
            events[n++] =
                (struct keyboard_event)KEYS_OFF(LAST + 17U + key, c, key);
        }
    }
    return n;
}

Test(dealing, is_the_models_for_random_playing_cut_anywhere)
{
    static struct keyboard_event events[EVENTS + 1000];
    const unsigned n_scenes = 300 / TEST_STRIDE;
    for (unsigned scene = 0; scene < n_scenes; ++scene) {
        chance = scene * 7919 + 1;
        const bool is_mpe = scene % 3 == 2;
        const uint32_t n_voices = scene % 5 ? 1 + below(VOICES) : 1;
        const uint32_t n = let_all_go(events, make_events(events, is_mpe));
        const uint32_t longest[] = {1 + below(FRAMES), 1 + below(70)};
        for (size_t i = 0; i < LAT_COUNT(longest); ++i) {
            struct keyboard k = keyboard_new(n_voices);
            keyboard_set_word(&k, "mpe", is_mpe ? "lower" : "off");
            keyboard_play(&k, events, n, FRAMES, longest[i], scene + 1);
            judge(events, n, (int)n_voices, is_mpe, &k, scene);
            for (uint32_t v = 0; v < k.config.n_voices; ++v) {
                cr_assert_eq(keyboard_at(&k, v, KEYS_GATE, FRAMES - 1), 0.0F,
                             "scene %u, voice %u: a note hangs", scene, v);
            }
            keyboard_free(&k);
        }
    }
}
