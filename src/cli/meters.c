// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "meters.h"
#include "control/watch.h"
#include "midi_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FLOOR_DB      (-60.0F)
#define FALL_DB       1.5F // of a bar, per draw
#define MAX_COLUMNS   256
#define MAX_BAR       60
#define LABEL_COLUMNS 14
#define VALUE_COLUMNS 12
#define MIDI_RECORDS  1024

#define CLEAR_LINE  "\033[K"
#define CLEAR_BELOW "\033[J"
#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"

struct lat_play_view {
    const char *osc_address;
    uint32_t columns, rows; ///< of the terminal
    uint32_t n_lines;       ///< drawn below the cursor in this draw
    float level_db[LAT_MAX_DEVICE_SLOTS];
    float hold_db[LAT_MAX_DEVICE_SLOTS];
    uint32_t held[LAT_MAX_DEVICE_SLOTS]; ///< draws since the peak
    struct lat_reader *midi;             ///< what comes in, or NULL
    struct lat_midi_event last;          ///< of it; size 0: none yet
    char source[256];                    ///< of that, where it is known
};

struct lat_play_view *
lat_play_view_new(const char *osc_address, struct lat_control *control)
{
    if (!isatty(STDOUT_FILENO)) {
        return NULL;
    }
    struct lat_play_view *v = calloc(1, sizeof(*v));
    if (!v) {
        return NULL;
    }
    v->osc_address = osc_address;
    // Without memory for it there is no such line.
    (void)lat_reader_new(control, MIDI_RECORDS, 1U << LAT_RECORD_MIDI,
                         &v->midi);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        v->level_db[i] = FLOOR_DB;
        v->hold_db[i] = FLOOR_DB;
    }
    fputs(HIDE_CURSOR, stdout);
    return v;
}

static void
read_size(struct lat_play_view *v)
{
    struct winsize size = {0};
    v->columns = 80;
    v->rows = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        size.ws_row > 0) {
        v->columns = size.ws_col;
        v->rows = size.ws_row;
    }
    if (v->columns > MAX_COLUMNS) {
        v->columns = MAX_COLUMNS;
    }
}

/// Print one line, cut to the terminal's width.
__attribute__((format(printf, 2, 3))) static void
put_line(struct lat_play_view *v, const char *format, ...)
{
    char text[MAX_COLUMNS + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("\n%.*s" CLEAR_LINE, (int)v->columns - 1, text);
    ++v->n_lines;
}

static void
take_level(struct lat_play_view *v, struct lat_jack *jack, uint32_t slot)
{
    const float peak = lat_jack_take_peak(jack, slot);
    float db = peak > 0.0F ? 20.0F * log10f(peak) : FLOOR_DB;
    db = db > FLOOR_DB ? db : FLOOR_DB;
    const float fallen = v->level_db[slot] - FALL_DB;
    v->level_db[slot] = db > fallen ? db : fallen;
    if (db >= v->hold_db[slot] || ++v->held[slot] > 30) {
        v->hold_db[slot] = db;
        v->held[slot] = 0;
    }
}

static uint32_t
bar_place(float db, uint32_t width)
{
    float x = (db - FLOOR_DB) / -FLOOR_DB;
    x = x < 0.0F ? 0.0F : x;
    x = x > 1.0F ? 1.0F : x;
    return (uint32_t)lrintf(x * (float)width);
}

static void
draw_meter(struct lat_play_view *v, const char *name, uint32_t slot)
{
    const uint32_t fixed = LABEL_COLUMNS + VALUE_COLUMNS + 4;
    uint32_t width = v->columns > fixed ? v->columns - fixed : 1;
    width = width < MAX_BAR ? width : MAX_BAR;
    char bar[MAX_BAR + 1];
    memset(bar, ' ', width);
    memset(bar, '#', bar_place(v->level_db[slot], width));
    const uint32_t hold = bar_place(v->hold_db[slot], width);
    if (hold > 0) {
        bar[hold - 1] = '|';
    }
    bar[width] = '\0';
    if (v->hold_db[slot] > FLOOR_DB) {
        put_line(v, "%*.*s [%s] %6.1f dB%s", LABEL_COLUMNS, LABEL_COLUMNS, name,
                 bar, (double)v->hold_db[slot],
                 v->hold_db[slot] > 0.0F ? " !" : "");
    } else {
        put_line(v, "%*.*s [%s]   silent", LABEL_COLUMNS, LABEL_COLUMNS, name,
                 bar);
    }
}

static void
draw_status(struct lat_play_view *v, const struct lat_engine *engine,
            const struct lat_jack *jack)
{
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    struct lat_engine_status e;
    lat_engine_status(engine, &e);
    if (s.is_open) {
        put_line(v, " %s   %u Hz   period %u   OSC %s   Ctrl-C ends", s.name,
                 s.rate, s.period, v->osc_address);
    } else {
        put_line(v, " no JACK server   OSC %s   Ctrl-C ends", v->osc_address);
    }
    put_line(v, " load %4.1f %%   JACK %4.1f %%   xruns %llu   late %llu",
             100.0 * e.load, s.cpu_load, (unsigned long long)s.n_xruns,
             (unsigned long long)e.n_late);
}

/// The last event that came; clocks and sensing come all the time.
static void
draw_midi(struct lat_play_view *v, const struct lat_jack *jack)
{
    struct lat_record record;
    char words[64];
    while (v->midi && lat_reader_next(v->midi, &record)) {
        const uint8_t status = record.midi.data[0];
        if (status != 0xf8 && status != 0xfe) {
            v->last = record.midi;
            lat_jack_midi_source(jack, v->source, sizeof(v->source));
        }
    }
    if (v->last.size) {
        lat_midi_words(v->last.data, v->last.size, words, sizeof(words));
        put_line(v, " MIDI  %s%s%s", words, v->source[0] ? "   from " : "",
                 v->source);
    }
}

/// The meters of the outputs, in file order, as far as they fit.
static void
draw_meters(struct lat_play_view *v, const struct lat_slot *slots,
            struct lat_jack *jack)
{
    uint64_t after = 0; // order and channel of the one before, plus one
    for (;;) {
        uint32_t best = LAT_MAX_DEVICE_SLOTS;
        uint64_t best_place = UINT64_MAX;
        for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
            const struct lat_slot *d = &slots[i];
            const uint64_t place =
                (((uint64_t)d->order << 32U) | d->channel) + 1;
            if (d->refs && d->is_output && !d->is_midi && place > after &&
                place < best_place) {
                best = i;
                best_place = place;
            }
        }
        if (best == LAT_MAX_DEVICE_SLOTS) {
            return;
        }
        after = best_place;
        take_level(v, jack, best);
        if (v->n_lines + 4 < v->rows) {
            draw_meter(v, slots[best].name, best);
        }
    }
}

void
lat_play_view_draw(struct lat_play_view *v, const struct lat_engine *engine,
                   const struct lat_slot *slots, struct lat_jack *jack)
{
    read_size(v);
    v->n_lines = 0;
    fputs("\r" CLEAR_LINE, stdout);
    draw_status(v, engine, jack);
    draw_midi(v, jack);
    draw_meters(v, slots, jack);
    printf(CLEAR_BELOW "\033[%uA\r", v->n_lines);
    fflush(stdout);
}

void
lat_play_view_free(struct lat_play_view *v)
{
    if (v) {
        fputs("\r" CLEAR_BELOW SHOW_CURSOR, stdout);
        fflush(stdout);
        lat_reader_free(v->midi);
        free(v);
    }
}
