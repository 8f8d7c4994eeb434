// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// player: a sound file of any length, read from disk while it plays.
//
// A head is a place in the file that moves on by the speed.  One plays; those
// before it (of a stop, a jump, another file) fade out beside it.  A place is
// kept exactly, as whole frames and 2^-32 of one, so that what plays does not
// depend on how calls cut time.

#include "disk/reader.h"
#include "dsp/six.h"
#include "numbers.h"
#include "ports.h"
#include "sampler/sounds.h"
#include "types.h"

#include <string.h>

#define FADE_SECONDS 0.005

#define NO_HEAD LAT_READER_HEADS

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

/// Frames of a file.
struct place {
    int64_t whole;
    uint32_t part; ///< in 2^-32
};

struct head {
    bool is_used;
    uint32_t deck;
    struct place at;
    int64_t page; ///< that `channels` is
    const float *const *channels;
    uint32_t n_in, in;   ///< frames of its beginning, and those that are over
    uint32_t n_out, out; ///< the same of its end; 0: it plays on
    float last[2];       ///< what it gave last
    uint32_t gap;        ///< of n_fade: how far it is into a gap
};

struct player {
    struct lat_disk_reader *reader;
    uint32_t n_fade;
    bool is_high;
    bool is_due;       ///< it is to start when its file is there
    bool is_moved;     ///< it is to go where `asked` says
    uint64_t n_since;  ///< frames since it was moved
    float asked;       ///< position that it started at, or goes to
    uint32_t playing;  ///< head, or NO_HEAD
    uint32_t deck;     ///< that is played
    uint64_t seen;     ///< id of the file of the configuration
    bool has_deck;     ///< `deck` has a file
    bool is_changing;  ///< the other deck gets one
    uint64_t place[2]; ///< what files are called, by deck
    double rate[2];    ///< of files, by deck
    int64_t step[2];   ///< how far they go in a frame, by deck
    struct lat_disk_reader_wish told[2];
    struct head heads[LAT_READER_HEADS];
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
    s->playing = NO_HEAD;
    s->n_fade = (uint32_t)(FADE_SECONDS * config->rate + 0.5);
    return lat_disk_reader_new(&s->reader);
}

static void
player_fini(void *state)
{
    const struct player *const s = state;
    lat_disk_reader_free(s->reader);
}

// --- Heads -------------------------------------------------------------------

static void
end_head(struct player *s, uint32_t h)
{
    if (s->heads[h].is_used) {
        lat_disk_reader_drop(s->reader, s->heads[h].deck, h);
    }
    s->heads[h] = (struct head){0};
    s->playing = s->playing == h ? NO_HEAD : s->playing;
}

/// Let what plays fade out.
static void
let_go(struct player *s)
{
    if (s->playing != NO_HEAD) {
        struct head *const head = &s->heads[s->playing];
        head->n_out = head->out = s->n_fade;
        s->playing = NO_HEAD;
    }
}

/// A head that nobody uses; else the one that is gone furthest.
static uint32_t
free_head(struct player *s)
{
    uint32_t best = 0;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        if (!s->heads[h].is_used) {
            return h;
        }
        best = s->heads[h].out < s->heads[best].out ? h : best;
    }
    end_head(s, best);
    return best;
}

static bool
are_fading(const struct player *s)
{
    bool any = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        any = any || s->heads[h].out;
    }
    return any;
}

/// Take a page, if it is there.
static bool
turn_to(struct player *s, uint32_t h, int64_t page)
{
    struct head *const head = &s->heads[h];
    if (!head->channels || head->page != page) {
        head->channels = lat_disk_reader_hold(s->reader, head->deck, h, page);
        head->page = page;
    }
    return head->channels != NULL;
}

static int64_t
page_of(int64_t frame)
{
    return frame >= 0 ? frame / LAT_READER_PAGE : -1;
}

static struct place
go_on(struct place at, int64_t step)
{
    const uint64_t part = (uint64_t)at.part + ((uint64_t)step & UINT32_MAX);
    at.whole += (step >> 32) + (int64_t)(part >> 32U);
    at.part = (uint32_t)part;
    return at;
}

/// A place inside of the file, of a loop that goes round.
static int64_t
around(int64_t whole, int64_t length)
{
    return length > 0 ? (whole % length + length) % length : 0;
}

// --- What the configuration says ---------------------------------------------

static bool
is_round(const struct lat_io *io)
{
    const char *const text = io->config->settings[SETTING_LOOP].text;
    return text && strcmp(text, loops[1]) == 0;
}

/// The frame of a file that is @p seconds in.
static struct place
place_of(const struct player *s, uint32_t deck, float seconds)
{
    double frame = (double)seconds * s->rate[deck];
    frame = frame > 0 ? frame : 0;
    frame = frame < 1e12 ? frame : 1e12;
    const int64_t whole = (int64_t)frame;
    return (struct place){whole, (uint32_t)((frame - (double)whole) * 0x1p32)};
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
        s->step[deck] = (int64_t)(step * 0x1p32);
    }
}

/// Tell what will be needed, if that is another page.
static void
tell_wish(struct player *s, uint32_t deck, int64_t at, const struct lat_io *io)
{
    const int64_t start = page_of(place_of(s, deck, s->asked).whole);
    const struct lat_disk_reader_wish wish = {
        .page = page_of(at),
        .way = s->step[deck] < 0 ? -1 : 1,
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

static bool
is_deck_used(const struct player *s, uint32_t deck)
{
    bool is = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        is = is || (s->heads[h].is_used && s->heads[h].deck == deck);
    }
    return is;
}

/// Begin to play in a deck at a place, coming up over @p n_in frames.
static void
begin_head(struct player *s, uint32_t deck, struct place at, uint32_t n_in)
{
    const uint32_t h = free_head(s);
    s->heads[h] = (struct head){
        .is_used = true, .deck = deck, .at = at, .page = -1, .n_in = n_in};
    s->playing = h;
}

/// Where a start is: backwards from 0 means from the end.
static struct place
start_of(const struct player *s, uint32_t deck, const struct lat_io *io)
{
    const int64_t length = lat_disk_reader_length(s->reader, deck);
    struct place at = place_of(s, deck, s->asked);
    if (s->step[deck] < 0 && at.whole == 0 && at.part == 0) {
        at.whole = length - 1;
    }
    if (is_round(io)) {
        at.whole = around(at.whole, length);
    }
    return at;
}

/// The other deck has its file: what played fades into it.
static void
change_decks(struct player *s, const struct lat_io *io, uint32_t to)
{
    const bool was_playing = s->playing != NO_HEAD;
    const bool is_same = s->has_deck && s->place[to] == s->place[s->deck] &&
                         s->rate[to] == s->rate[s->deck];
    const struct place at =
        was_playing && is_same ? s->heads[s->playing].at : start_of(s, to, io);
    let_go(s);
    s->deck = to;
    s->has_deck = true;
    s->is_changing = false;
    if (was_playing) {
        begin_head(s, to, at, s->n_fade);
    }
}

/// Take note of the file that the configuration has.
static void
follow_file(struct player *s, const struct lat_context *context,
            const struct lat_io *io)
{
    // Held by its count alone, of which the prepared data's readers know.
    struct lat_disk_file *const file =
        (struct lat_disk_file *)io->config->prepared[SETTING_FILE];
    const uint32_t other = s->has_deck ? 1 - s->deck : s->deck;
    const uint64_t id = file ? file->id : 0;
    if (id != s->seen && !s->is_changing && file) {
        const struct place at = {.whole =
                                     (int64_t)((double)s->asked * file->rate)};
        s->told[other] = (struct lat_disk_reader_wish){
            .page = page_of(at.whole), .way = 1, .start = page_of(at.whole)};
        if (lat_disk_reader_load(s->reader, other, file, &s->told[other])) {
            s->place[other] = file->place;
            s->rate[other] = file->rate;
            find_steps(s, context, io, 0);
            s->is_changing = true;
            s->seen = id;
        }
    } else if (id != s->seen && !file && !s->is_changing) {
        let_go(s);
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
        if (!is_current && !is_deck_used(s, deck) &&
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
        end_head(s, h);
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
    const int64_t step = s->step[s->deck];
    struct place at = start_of(s, s->deck, io);
    const uint32_t before = s->playing;
    const int64_t n = (int64_t)s->n_since;
    if (n > 0 && step < INT64_MAX / (n + 1) && step > -INT64_MAX / (n + 1)) {
        at = go_on(at, step * n);
    }
    s->n_since++;
    if (is_round(io)) {
        at.whole = around(at.whole, lat_disk_reader_length(s->reader, s->deck));
    }
    tell_wish(s, s->deck, at.whole, io);
    begin_head(s, s->deck, at, s->n_fade);
    const uint32_t now = s->playing;
    const int64_t length = lat_disk_reader_length(s->reader, s->deck);
    if (at.whole < 0 || at.whole >= length ||
        turn_to(s, now, page_of(at.whole))) {
        s->playing = before;
        let_go(s);
        s->playing = now;
        s->is_moved = false;
    } else {
        end_head(s, now);
        s->playing = before;
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
        let_go(s);
        s->is_due = s->is_moved = false;
    }
    s->is_due = s->is_due || (is_high && !s->is_high);
    s->is_high = is_high;
    if (position != s->asked) {
        s->asked = position;
        s->is_moved = s->playing != NO_HEAD;
        s->n_since = 0;
    }
    if (!has_file) {
        return;
    }
    if (s->is_due) {
        let_go(s);
        begin_head(s, s->deck, start_of(s, s->deck, io), 0);
        s->is_due = s->is_moved = false;
    } else if (s->is_moved && s->playing == NO_HEAD) {
        s->is_moved = false; // it came to its end
    } else if (s->is_moved && !are_fading(s)) {
        try_move(s, io);
    }
}

// --- Sound -------------------------------------------------------------------

/// A frame near the place of a head, across the ends of a loop.
static float
frame_near(const struct player *s, const struct head *head, uint32_t channel,
           int64_t i, int64_t length, bool goes_round)
{
    if (i >= 0 && i < length) {
        return head->channels[channel][i - head->page * LAT_READER_PAGE];
    }
    return goes_round && length > 0
               ? lat_disk_reader_near_end(s->reader, head->deck, channel,
                                          around(i, length))
               : 0.0F;
}

/// What a head's file has at its place; its page is there.
static void
read_at(const struct player *s, const struct head *head, int64_t length,
        bool goes_round, float out[2])
{
    const int64_t first = head->at.whole - LAT_READER_BEFORE;
    float w[6];
    if (head->at.part == 0) {
        for (uint32_t c = 0; c < 2; ++c) {
            out[c] = frame_near(s, head, c, head->at.whole, length, goes_round);
        }
        return;
    }
    lat_six_weights_one((float)head->at.part * 0x1p-32F, w);
    for (uint32_t c = 0; c < 2; ++c) {
        float x[6];
        for (int64_t k = 0; k < 6; ++k) {
            x[k] = frame_near(s, head, c, first + k, length, goes_round);
        }
        out[c] = ((w[0] * x[0] + w[1] * x[1]) + w[2] * x[2]) +
                 ((w[3] * x[3] + w[4] * x[4]) + w[5] * x[5]);
    }
}

/// How loud a head is at this frame, which passes.
static float
level_of(struct head *head)
{
    float level = 1.0F;
    if (head->in < head->n_in) {
        level = (float)head->in++ / (float)head->n_in;
    }
    if (head->out) {
        level *= (float)head->out / (float)head->n_out;
    }
    return level;
}

/// What a head gives while its page is not there: what it gave last fades.
static void
give_gap(struct player *s, struct head *head, float out[2])
{
    if (!head->gap) {
        lat_disk_reader_was_late(s->reader, head->deck);
    }
    head->gap += head->gap < s->n_fade;
    const float left = (float)(s->n_fade - head->gap) / (float)s->n_fade;
    out[0] = head->last[0] * left;
    out[1] = head->last[1] * left;
}

/// The next frame of a head.  @return whether it goes on.
static bool
give(struct player *s, uint32_t h, bool goes_round, float *left, float *right)
{
    struct head *const head = &s->heads[h];
    const int64_t length = lat_disk_reader_length(s->reader, head->deck);
    float x[2];
    if (goes_round) {
        head->at.whole = around(head->at.whole, length);
    }
    if (head->at.whole < 0 || head->at.whole >= length) {
        return false;
    }
    if (!turn_to(s, h, page_of(head->at.whole))) {
        give_gap(s, head, x);
    } else {
        read_at(s, head, length, goes_round, x);
        if (head->gap) { // it comes up again
            const float up =
                (float)(s->n_fade - head->gap--) / (float)s->n_fade;
            x[0] *= up;
            x[1] *= up;
        }
        head->last[0] = x[0];
        head->last[1] = x[1];
    }
    const float level = level_of(head);
    *left += x[0] * level;
    *right += x[1] * level;
    head->at = go_on(head->at, s->step[head->deck]);
    return !head->out || --head->out;
}

static bool
is_silent(const struct player *s)
{
    bool any = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        any = any || s->heads[h].is_used;
    }
    return !any;
}

/// Have what comes next read, for a start or where it plays.
static void
look_ahead(struct player *s, const struct lat_io *io)
{
    if (s->has_deck && s->seen && !s->is_moved) {
        const int64_t at = s->playing != NO_HEAD
                               ? s->heads[s->playing].at.whole
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
           io->in[POSITION][0] == s->asked && is_silent(s);
}

static void
give_frame(struct player *s, const struct lat_io *io, uint32_t f,
           bool goes_round)
{
    float left = 0.0F;
    float right = 0.0F;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        if (s->heads[h].is_used && !give(s, h, goes_round, &left, &right)) {
            end_head(s, h);
        }
    }
    io->out[0][f] = left;
    io->out[1][f] = right;
}

LAT_RT static uint64_t
player_process(const struct lat_context *context, const struct lat_io *io)
{
    struct player *const s = io->state;
    const bool goes_round = is_round(io);
    const bool is_steady = !io->step[SPEED] && !io->step[PITCH];
    if (s->playing == NO_HEAD) {
        s->asked = io->in[POSITION][0];
    }
    find_steps(s, context, io, 0);
    follow_file(s, context, io);
    leave_decks(s);
    if (rests(s, io)) {
        look_ahead(s, io);
        io->out[0][0] = io->out[1][0] = 0.0F;
        return 3;
    }
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        if (f && !is_steady) {
            find_steps(s, context, io, f);
        }
        take_events(s, io, f);
        give_frame(s, io, f, goes_round);
    }
    look_ahead(s, io);
    return 0;
}

const struct lat_node_type lat_type_player = {
    .name = "player",
    .doc = "A sound file of any length, read from disk while it plays. Where "
           "the disk is too slow it fades to silence, and goes on in time.",
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
