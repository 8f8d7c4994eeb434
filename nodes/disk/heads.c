// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One head plays; those before it (of a stop, a jump, another file) fade out
// beside it.  A file whose frames go by no faster than one a frame is read by
// six of them around each place; a faster one by as many more (wide.h), so that
// nothing of it folds back.

#include "heads.h"
#include "nodes/dsp/six.h"

#include <string.h>

// --- Places ------------------------------------------------------------------

LAT_RT struct lat_head_place
lat_head_go_on(struct lat_head_place at, int64_t step)
{
    const uint64_t part = (uint64_t)at.part + ((uint64_t)step & UINT32_MAX);
    at.whole += (step >> 32) + (int64_t)(part >> 32U);
    at.part = (uint32_t)part;
    return at;
}

LAT_RT int64_t
lat_head_around(int64_t whole, int64_t length)
{
    return length > 0 ? (whole % length + length) % length : 0;
}

// --- Which there are ---------------------------------------------------------

LAT_RT void
lat_head_end(struct lat_heads *s, uint32_t h)
{
    if (s->all[h].is_used) {
        lat_disk_reader_drop(s->reader, s->all[h].deck, h);
    }
    s->all[h] = (struct lat_head){0};
    s->playing = s->playing == h ? LAT_NO_HEAD : s->playing;
}

LAT_RT void
lat_heads_let_go(struct lat_heads *s)
{
    if (s->playing != LAT_NO_HEAD) {
        struct lat_head *const head = &s->all[s->playing];
        head->n_out = head->out = s->n_fade;
        s->playing = LAT_NO_HEAD;
    }
}

static uint32_t
free_head(struct lat_heads *s)
{
    uint32_t best = 0;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        if (!s->all[h].is_used) {
            return h;
        }
        best = s->all[h].out < s->all[best].out ? h : best;
    }
    lat_head_end(s, best);
    return best;
}

LAT_RT void
lat_head_begin(struct lat_heads *s, uint32_t deck, struct lat_head_place at,
               uint32_t n_in)
{
    const uint32_t h = free_head(s);
    s->all[h] = (struct lat_head){
        .is_used = true, .deck = deck, .at = at, .page = -1, .n_in = n_in};
    s->playing = h;
}

LAT_RT bool
lat_heads_are_fading(const struct lat_heads *s)
{
    bool any = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        any = any || s->all[h].out;
    }
    return any;
}

LAT_RT bool
lat_heads_are_silent(const struct lat_heads *s)
{
    bool any = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        any = any || s->all[h].is_used;
    }
    return !any;
}

LAT_RT bool
lat_heads_use(const struct lat_heads *s, uint32_t deck)
{
    bool is = false;
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        is = is || (s->all[h].is_used && s->all[h].deck == deck);
    }
    return is;
}

// --- What a file has ---------------------------------------------------------

/// Take a page, if it is there.
static bool
turn_to(struct lat_heads *s, uint32_t h, int64_t page)
{
    struct lat_head *const head = &s->all[h];
    if (!head->channels || head->page != page) {
        head->channels = lat_disk_reader_hold(s->reader, head->deck, h, page);
        head->page = page;
    }
    return head->channels != NULL;
}

LAT_RT bool
lat_head_is_ready(struct lat_heads *s, uint32_t h)
{
    const struct lat_head *const head = &s->all[h];
    const int64_t whole = head->at.whole;
    return whole < 0 ||
           whole >= lat_disk_reader_length(s->reader, head->deck) ||
           turn_to(s, h, lat_head_page(whole));
}

/// Frames from @p first on, @p n of them, around the place of a head whose page
/// is there; across the ends of a loop they are gathered in @p some.
static const float *
frames_from(const struct lat_heads *s, const struct lat_head *head, uint32_t c,
            int64_t first, uint32_t n, float *some)
{
    const int64_t length = lat_disk_reader_length(s->reader, head->deck);
    const int64_t begin = head->page * (int64_t)LAT_READER_PAGE;
    if (!s->goes_round || (first >= 0 && first + n <= length)) {
        // Outside of the file it has silence.
        return head->channels[c] + (first - begin);
    }
    for (int64_t k = 0; k < n; ++k) {
        const int64_t i = first + k;
        some[k] = i >= 0 && i < length
                      ? head->channels[c][i - begin]
                      : lat_disk_reader_near_end(s->reader, head->deck, c,
                                                 lat_head_around(i, length));
    }
    return some;
}

/// What a head's file has between frames, that go by slower than they are
/// heard.
static void
read_between(const struct lat_heads *s, const struct lat_head *head,
             float out[2])
{
    float w[6];
    lat_six_weights_one((float)head->at.part * 0x1p-32F, w);
    for (uint32_t c = 0; c < 2; ++c) {
        float some[6];
        const float *const x =
            frames_from(s, head, c, head->at.whole - 2, 6, some);
        out[c] = ((w[0] * x[0] + w[1] * x[1]) + w[2] * x[2]) +
                 ((w[3] * x[3] + w[4] * x[4]) + w[5] * x[5]);
    }
}

/// The same of frames that go by @p ratio times faster.
static void
read_wide(struct lat_heads *s, const struct lat_head *head, float ratio,
          float out[2])
{
    const uint32_t reach = lat_wide_find(&s->wide, head->at.part, ratio);
    const int64_t first = head->at.whole + 1 - (int64_t)reach;
    for (uint32_t c = 0; c < 2; ++c) {
        float some[2 * LAT_WIDE_REACH];
        out[c] = lat_wide_sum(&s->wide,
                              frames_from(s, head, c, first, 2 * reach, some));
    }
}

/// What a head's file has at its place; its page is there.
static void
read_at(struct lat_heads *s, const struct lat_head *head, float out[2])
{
    const float ratio = (float)s->step[head->deck] * 0x1p-32F;
    if (ratio > 1.0F || ratio < -1.0F) {
        read_wide(s, head, ratio > 0 ? ratio : -ratio, out);
    } else if (head->at.part) {
        read_between(s, head, out);
    } else {
        for (uint32_t c = 0; c < 2; ++c) {
            out[c] = head->channels[c][head->at.whole -
                                       head->page * (int64_t)LAT_READER_PAGE];
        }
    }
}

// --- Sound -------------------------------------------------------------------

/// How loud a head is at this frame, which passes.
static float
level_of(struct lat_head *head)
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
give_gap(const struct lat_heads *s, struct lat_head *head, float out[2])
{
    if (!head->gap) {
        lat_disk_reader_was_late(s->reader, head->deck);
    }
    head->gap += head->gap < s->n_fade;
    const float left = (float)(s->n_fade - head->gap) / (float)s->n_fade;
    out[0] = head->last[0] * left;
    out[1] = head->last[1] * left;
}

/// What a head gives where its page is there.
static void
give_page(struct lat_heads *s, struct lat_head *head, float out[2])
{
    read_at(s, head, out);
    if (head->gap) { // it comes up again
        const float up = (float)(s->n_fade - head->gap--) / (float)s->n_fade;
        out[0] *= up;
        out[1] *= up;
    }
    head->last[0] = out[0];
    head->last[1] = out[1];
}

/// The next frame of a head.  @return whether it goes on.
static bool
give(struct lat_heads *s, uint32_t h, float out[2])
{
    struct lat_head *const head = &s->all[h];
    const int64_t length = lat_disk_reader_length(s->reader, head->deck);
    float x[2];
    if (s->goes_round) {
        head->at.whole = lat_head_around(head->at.whole, length);
    }
    if (head->at.whole < 0 || head->at.whole >= length) {
        return false;
    }
    if (turn_to(s, h, lat_head_page(head->at.whole))) {
        give_page(s, head, x);
    } else {
        give_gap(s, head, x);
    }
    const float level = level_of(head);
    out[0] += x[0] * level;
    out[1] += x[1] * level;
    head->at = lat_head_go_on(head->at, s->step[head->deck]);
    return !head->out || --head->out;
}

LAT_RT void
lat_heads_give(struct lat_heads *s, float out[2])
{
    for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
        if (s->all[h].is_used && !give(s, h, out)) {
            lat_head_end(s, h);
        }
    }
}
