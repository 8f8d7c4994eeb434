// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "keyboard.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1024, N_OUT = LAT_MAX_POLY * N_KEYS_OUT };

// A setting's text is not const, but nodes only read it.
static void
set_text(struct lat_setting_value *value, const char *text)
{
    memcpy(&value->text, &text, sizeof(text));
}

struct keyboard
keyboard_new(uint32_t n_voices)
{
    struct keyboard k = {.type = lat_node_type_find("midi_notes")};
    cr_assert_leq(k.type->n_settings, KEYBOARD_SETTINGS);
    cr_assert_eq(k.type->n_outputs, N_KEYS_OUT);
    for (uint32_t i = 0; i < k.type->n_settings; ++i) {
        k.settings[i].number = k.type->settings[i].initial;
        set_text(&k.settings[i], k.type->settings[i].initial_text);
    }
    k.config = (struct lat_config){
        .rate = 8000.0, .block = LAT_MAX_BLOCK, .n_voices = n_voices};
    const size_t bytes = k.type->state_bytes(&k.config);
    const size_t whole =
        (bytes + LAT_ALIGNMENT) / LAT_ALIGNMENT * LAT_ALIGNMENT;
    k.state = aligned_alloc(LAT_ALIGNMENT, whole);
    memset(k.state, 0, whole);
    k.out = calloc(N_OUT, sizeof(*k.out));
    return k;
}

void
keyboard_free(struct keyboard *k)
{
    free(k->state);
    free(k->out);
}

void
keyboard_set(struct keyboard *k, const char *setting, double number)
{
    k->settings[lat_setting_index(k->type, setting)].number = number;
}

void
keyboard_set_word(struct keyboard *k, const char *setting, const char *word)
{
    set_text(&k->settings[lat_setting_index(k->type, setting)], word);
}

// What is constant has one row; every other one was written, and only there.
static void
take_rows(struct keyboard *k, uint32_t span, float (*rows)[LAT_MAX_BLOCK])
{
    const uint32_t n_out = k->config.n_voices * N_KEYS_OUT;
    for (uint32_t o = 0; o < n_out; ++o) {
        const bool is_constant =
            k->returned & LAT_ALL_CONSTANT || (o < 61 && k->returned >> o & 1U);
        for (uint32_t f = 0; f < span; ++f) {
            const float x = rows[o][is_constant ? 0 : f];
            if (isnan(x)) {
                cr_assert_fail("output %u of %u at %u was not written", o,
                               n_out, f);
            }
            k->out[o][k->frame + f] = x;
        }
        cr_assert(isnan(rows[o][span]), "output %u is written too far", o);
        cr_assert(!is_constant || span == 1 || isnan(rows[o][1]),
                  "output %u is constant and has more rows", o);
    }
}

static void
play_span(struct keyboard *k, const struct keyboard_event *events, uint32_t n,
          uint32_t span)
{
    static float rows[N_OUT][LAT_MAX_BLOCK];
    static struct lat_midi_event midi[MOST];
    static struct lat_note_event notes[MOST];
    struct lat_context context = {
        .rate = k->config.rate,
        .rate_f = (float)k->config.rate,
        .period_f = (float)(1.0 / k->config.rate),
        .n_frames = span,
        .block = k->config.block,
        .frame = k->frame,
        .midi = midi,
        .notes = notes,
    };
    for (uint32_t i = 0; i < n; ++i) {
        const struct keyboard_event *e = &events[i];
        if (e->frame < k->frame || e->frame >= k->frame + span) {
            continue;
        }
        if (e->n_voices) {
            k->config.n_voices = e->n_voices;
        } else if (e->size) {
            struct lat_midi_event *m = &midi[context.n_midi++];
            *m = (struct lat_midi_event){.frame = e->frame - (uint32_t)k->frame,
                                         .size = e->size};
            memcpy(m->data, e->data, sizeof(m->data));
        } else {
            notes[context.n_notes++] =
                (struct lat_note_event){k->state, e->key, e->velocity};
        }
    }
    float *out[N_OUT];
    const uint32_t n_out = k->config.n_voices * N_KEYS_OUT;
    for (uint32_t o = 0; o < n_out; ++o) {
        for (uint32_t f = 0; f <= span; ++f) {
            rows[o][f] = NAN;
        }
        out[o] = rows[o];
    }
    k->config.settings = k->settings;
    k->config.prepared = k->prepared;
    k->config.n_out = n_out;
    const struct lat_io io = {
        .out = out, .state = k->state, .config = &k->config, .n_out = n_out};
    k->returned = k->type->process(&context, &io);
    take_rows(k, span, rows);
    k->frame += span;
}

void
keyboard_play(struct keyboard *k, const struct keyboard_event *events,
              uint32_t n, uint32_t until, uint32_t longest, unsigned cut)
{
    cr_assert_leq(until, KEYBOARD_FRAMES);
    cr_assert_lt(longest, LAT_MAX_BLOCK);
    while (k->frame < until) {
        cut = cut * 1103515245U + (cut ? 12345U : 0U);
        uint32_t span = cut ? 1 + (cut >> 16U) % longest : longest;
        span = until - k->frame < span ? until - (uint32_t)k->frame : span;
        for (uint32_t i = 0; i < n; ++i) {
            const struct keyboard_event *e = &events[i];
            if (!e->size && e->frame > k->frame && e->frame < k->frame + span) {
                span = e->frame - (uint32_t)k->frame;
            }
        }
        play_span(k, events, n, span);
    }
}
