// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// player: a sound file of any length, read from disk while it plays.
//
// A head (disk/heads.h) is a place in the file that moves on by the speed.  One
// plays; those before it (of a stop, a jump, another file) fade out beside it.

#include "disk/heads.h"
#include "numbers.h"
#include "ports.h"
#include "sampler/sounds.h"
#include "types.h"

#include <string.h>

#define FADE_SECONDS 0.005

enum { PLAY, POSITION, SPEED, PITCH };
enum { SETTING_FILE, SETTING_LOOP };

static const char *const loops[] = {"no", "yes", NULL};

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("play", LAT_PORT_GATE,
                   "While it is high the file plays, from `position` on."),
    {
        .name = "position",
        .doc = "Where it begins; moved while it plays, it goes there, fading "
               "over 5 ms.",
        .unit = "s",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .max = 1e6F,
        .high = 60.0F,
    },
    LAT_PORT_SPEED(true, "1 as it is in the file, 2 twice as fast; below 0 "
                         "backwards, from the end where `position` is 0."),
    LAT_PORT_PITCH("Transposes what plays: 12 is twice the speed."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left channel, or the only one."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F,
                 "The right channel, or the only one."),
};

static const struct lat_setting settings[] = {
    [SETTING_FILE] =
        {
            .name = "file",
            .doc = "A sound file of any length, in the session's folder or one "
                   "of --sample-dir. Changed while it plays, the new one "
                   "begins at `position`; read again, it goes on where it is.",
            .unit = "",
            .kind = LAT_SETTING_FILE,
            .initial_text = "",
            .keeps_state = true,
            .prepare = lat_disk_file_open,
            .is_sound = true,
            .stamp = lat_sounds_stamp,
            .forget = lat_disk_file_release,
        },
    [SETTING_LOOP] =
        {
            .name = "loop",
            .doc = "yes: behind its end the file begins anew.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "no",
            .words = loops,
            .keeps_state = true,
        },
};

struct player {
    struct lat_disk_reader *reader;
    struct lat_heads heads; ///< over files of the reader
    bool is_high;
    bool is_due;       ///< it is to start when its file is there
    bool is_moved;     ///< it is to go where `asked` says
    uint64_t n_since;  ///< frames since it was moved
    float asked;       ///< position that it started at, or goes to
    uint32_t deck;     ///< that is played
    uint64_t seen;     ///< id of the file of the configuration
    bool has_deck;     ///< `deck` has a file
    bool is_changing;  ///< the other deck gets one
    uint64_t place[2]; ///< what files are called, by deck
    double rate[2];    ///< of files, by deck
    struct lat_disk_reader_wish told[2];
};

static size_t
player_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct player);
}

static enum lat_status
player_init(void *state, const struct lat_config *config)
{
    struct player *const s = state;
    s->heads.playing = LAT_NO_HEAD;
    s->heads.n_fade = (uint32_t)(FADE_SECONDS * config->rate + 0.5);
    lat_wide_begin();
    const enum lat_status status = lat_disk_reader_new(&s->reader);
    s->heads.reader = s->reader;
    return status;
}

static void
player_fini(void *state)
{
    const struct player *const s = state;
    lat_disk_reader_free(s->reader);
}

// --- What the configuration says ---------------------------------------------

static bool
is_round(const struct lat_io *io)
{
    const char *const text = io->config->settings[SETTING_LOOP].text;
    return text && strcmp(text, loops[1]) == 0;
}

/// The frame of a file that is @p seconds in.
static struct lat_head_place
place_of(const struct player *s, uint32_t deck, float seconds)
{
    double frame = (double)seconds * s->rate[deck];
    frame = frame > 0 ? frame : 0;
    frame = frame < 1e12 ? frame : 1e12;
    const int64_t whole = (int64_t)frame;
    return (struct lat_head_place){
        whole, (uint32_t)((frame - (double)whole) * 0x1p32)};
}

/// How far heads go in frame @p f, in 2^-32 frames of their files, by deck.
static void
find_steps(struct player *s, const struct lat_context *context,
           const struct lat_io *io, uint32_t f)
{
    const double pitch = (double)lat_io_at(io, PITCH, f);
    const double speed = (double)lat_io_at(io, SPEED, f) *
                         (pitch == 0 ? 1 : lat_exp2(pitch / 12));
    for (uint32_t deck = 0; deck < LAT_READER_DECKS; ++deck) {
        double step = speed * (s->rate[deck] / context->rate);
        step = step > -1e6 ? step : -1e6;
        step = step < 1e6 ? step : 1e6;
        s->heads.step[deck] = (int64_t)(step * 0x1p32);
    }
}

/// Tell what will be needed, if that is another page.
static void
tell_wish(struct player *s, uint32_t deck, int64_t at, const struct lat_io *io)
{
    const int64_t start = lat_head_page(place_of(s, deck, s->asked).whole);
    const struct lat_disk_reader_wish wish = {
        .page = lat_head_page(at),
        .way = s->heads.step[deck] < 0 ? -1 : 1,
        .start = start,
        .goes_round = is_round(io),
    };
    struct lat_disk_reader_wish *const told = &s->told[deck];
    if (told->page != wish.page || told->way != wish.way ||
        told->start != wish.start || told->goes_round != wish.goes_round) {
        *told = wish;
        lat_disk_reader_wish(s->reader, deck, &wish);
    }
}

// --- Files -------------------------------------------------------------------

/// Where a start is: backwards from 0 means from the end.
static struct lat_head_place
start_of(const struct player *s, uint32_t deck, const struct lat_io *io)
{
    const int64_t length = lat_disk_reader_length(s->reader, deck);
    struct lat_head_place at = place_of(s, deck, s->asked);
    if (s->heads.step[deck] < 0 && at.whole == 0 && at.part == 0) {
        at.whole = length - 1;
    }
    if (is_round(io)) {
        at.whole = lat_head_around(at.whole, length);
    }
    return at;
}

/// The file of the configuration: held by its count alone, of which the
/// prepared data's readers know.
static struct lat_disk_file *
file_of(const struct lat_io *io)
{
    return (struct lat_disk_file *)io->config->prepared[SETTING_FILE];
}

/// Is there a file that waits for what fades out, or to be read?
static bool
is_file_due(const struct player *s, const struct lat_io *io)
{
    const struct lat_disk_file *const file = file_of(io);
    return s->is_changing || (file ? file->id : 0) != s->seen;
}

/// The other deck has its file: what played fades into it.
static void
change_decks(struct player *s, const struct lat_io *io, uint32_t to)
{
    const bool was_playing = s->heads.playing != LAT_NO_HEAD;
    const bool is_same = s->has_deck && s->place[to] == s->place[s->deck] &&
                         s->rate[to] == s->rate[s->deck];
    const struct lat_head_place at = was_playing && is_same
                                         ? s->heads.all[s->heads.playing].at
                                         : start_of(s, to, io);
    lat_heads_let_go(&s->heads);
    s->deck = to;
    s->has_deck = true;
    s->is_changing = false;
    if (was_playing) {
        lat_head_begin(&s->heads, to, at, s->heads.n_fade);
    }
}

/// Take note of the file that the configuration has, at frame @p f.
static void
follow_file(struct player *s, const struct lat_context *context,
            const struct lat_io *io, uint32_t f)
{
    struct lat_disk_file *const file = file_of(io);
    const uint32_t other = s->has_deck ? 1 - s->deck : s->deck;
    const uint64_t id = file ? file->id : 0;
    if (id != s->seen && !s->is_changing && file) {
        const struct lat_head_place at = {
            .whole = (int64_t)((double)s->asked * file->rate)};
        s->told[other] =
            (struct lat_disk_reader_wish){.page = lat_head_page(at.whole),
                                          .way = 1,
                                          .start = lat_head_page(at.whole)};
        if (lat_disk_reader_load(s->reader, other, file, &s->told[other])) {
            s->place[other] = file->place;
            s->rate[other] = file->rate;
            find_steps(s, context, io, f);
            s->is_changing = true;
            s->seen = id;
        }
    } else if (id != s->seen && !file && !s->is_changing) {
        lat_heads_let_go(&s->heads);
        s->seen = 0;
    }
    if (s->is_changing) {
        const enum lat_disk_reader_state state =
            lat_disk_reader_state(s->reader, other);
        if (state == LAT_READER_HERE) {
            change_decks(s, io, other);
        } else if (state == LAT_READER_FAILED) {
            lat_disk_reader_unload(s->reader, other);
            s->is_changing = false;
        }
    }
}

/// Give back decks whose last head is gone, and that are not to play again.
static void
leave_decks(struct player *s)
{
    for (uint32_t deck = 0; deck < LAT_READER_DECKS && !s->is_changing;
         ++deck) {
        const bool is_current = s->has_deck && deck == s->deck && s->seen;
        if (!is_current && !lat_heads_use(&s->heads, deck) &&
            lat_disk_reader_state(s->reader, deck) == LAT_READER_HERE) {
            s->has_deck = s->has_deck && deck != s->deck;
            lat_disk_reader_unload(s->reader, deck);
        }
    }
}

LAT_RT static void
player_reset(void *state, const struct lat_config *config)
{
    struct player *const s = state;
    (void)config;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        lat_head_end(&s->heads, h);
    }
    s->is_high = s->is_due = s->is_moved = false;
    s->asked = 0.0F;
}

// --- Starts and moves --------------------------------------------------------

/// Go where the position is now, if what is there has been read; time goes on
/// meanwhile.
static void
try_move(struct player *s, const struct lat_io *io)
{
    const int64_t step = s->heads.step[s->deck];
    struct lat_head_place at = start_of(s, s->deck, io);
    const uint32_t before = s->heads.playing;
    const int64_t n = (int64_t)s->n_since;
    if (n > 0 && step < INT64_MAX / (n + 1) && step > -INT64_MAX / (n + 1)) {
        at = lat_head_go_on(at, step * n);
    }
    s->n_since++;
    if (is_round(io)) {
        at.whole = lat_head_around(at.whole,
                                   lat_disk_reader_length(s->reader, s->deck));
    }
    tell_wish(s, s->deck, at.whole, io);
    lat_head_begin(&s->heads, s->deck, at, s->heads.n_fade);
    const uint32_t now = s->heads.playing;
    if (lat_head_is_ready(&s->heads, now)) {
        s->heads.playing = before;
        lat_heads_let_go(&s->heads);
        s->heads.playing = now;
        s->is_moved = false;
    } else {
        lat_head_end(&s->heads, now);
        s->heads.playing = before;
    }
}

/// Take note of the events at frame @p f.
static void
take_events(struct player *s, const struct lat_io *io, uint32_t f)
{
    const bool is_high = lat_io_at(io, PLAY, f) > 0.0F;
    const float position = lat_io_at(io, POSITION, f);
    const bool has_file = s->has_deck && s->seen;
    if (!is_high) {
        lat_heads_let_go(&s->heads);
        s->is_due = s->is_moved = false;
    }
    s->is_due = s->is_due || (is_high && !s->is_high);
    s->is_high = is_high;
    if (position != s->asked) {
        s->asked = position;
        s->is_moved = s->heads.playing != LAT_NO_HEAD;
        s->n_since = 0;
    }
    if (!has_file) {
        return;
    }
    if (s->is_due) {
        lat_heads_let_go(&s->heads);
        lat_head_begin(&s->heads, s->deck, start_of(s, s->deck, io), 0);
        s->is_due = s->is_moved = false;
    } else if (s->is_moved && s->heads.playing == LAT_NO_HEAD) {
        s->is_moved = false; // it came to its end
    } else if (s->is_moved && !lat_heads_are_fading(&s->heads)) {
        try_move(s, io);
    }
}

/// Have what comes next read, for a start or where it plays.
static void
look_ahead(struct player *s, const struct lat_io *io)
{
    if (s->has_deck && s->seen && !s->is_moved) {
        const int64_t at = s->heads.playing != LAT_NO_HEAD
                               ? s->heads.all[s->heads.playing].at.whole
                               : start_of(s, s->deck, io).whole;
        tell_wish(s, s->deck, at, io);
    }
}

/// Does nothing play, nor begin, in this span?
static bool
rests(const struct player *s, const struct lat_io *io)
{
    return !io->step[PLAY] && !io->step[POSITION] && !s->is_due &&
           (io->in[PLAY][0] > 0.0F) == s->is_high &&
           io->in[POSITION][0] == s->asked && lat_heads_are_silent(&s->heads);
}

LAT_RT static uint64_t
player_process(const struct lat_context *context, const struct lat_io *io)
{
    struct player *const s = io->state;
    const bool is_steady = !io->step[SPEED] && !io->step[PITCH];
    s->heads.goes_round = is_round(io);
    if (s->heads.playing == LAT_NO_HEAD) {
        s->asked = io->in[POSITION][0];
    }
    find_steps(s, context, io, 0);
    leave_decks(s);
    follow_file(s, context, io, 0);
    if (rests(s, io)) {
        look_ahead(s, io);
        io->out[0][0] = io->out[1][0] = 0.0F;
        return 3;
    }
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        float out[2] = {0.0F, 0.0F};
        if (f && !is_steady) {
            find_steps(s, context, io, f);
        }
        if (f && is_file_due(s, io)) {
            leave_decks(s);
            follow_file(s, context, io, f);
        }
        take_events(s, io, f);
        lat_heads_give(&s->heads, out);
        io->out[0][f] = out[0];
        io->out[1][f] = out[1];
    }
    look_ahead(s, io);
    return 0;
}

const struct lat_node_type lat_type_player = {
    .name = "player",
    .doc =
        "A sound file of any length, read from disk while it plays. Where "
        "the disk is too slow it fades to silence, and goes on in time. What "
        "goes by faster than it is heard is band-limited, up to eight times "
        "faster.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .flags = LAT_TYPE_AWAKE | LAT_TYPE_ENGINE,
    .cost_ns = 20.0F,
    .state_bytes = player_bytes,
    .init = player_init,
    .fini = player_fini,
    .reset = player_reset,
    .process = player_process,
};
