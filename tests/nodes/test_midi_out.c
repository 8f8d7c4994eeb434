// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_out: which bytes leave at which frame.

#include "run/engine.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16384

struct sent {
    uint64_t frame;
    uint8_t size;
    uint8_t data[3];
};

static struct sent sent[MOST];
static uint32_t n_sent;

static void
run(struct rig *r, uint32_t n, uint32_t period)
{
    struct lat_engine *e = lat_control_engine(r->c);
    for (uint32_t done = 0; done < n; done += period) {
        struct lat_engine_time time;
        lat_engine_get_time(e, &time);
        for (uint32_t i = 0; i < lat_engine_n_slots(e); ++i) {
            lat_engine_bind(e, i, NULL);
        }
        const enum lat_role before = lat_thread_role;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(e, period);
        const struct lat_outgoing *out = NULL;
        const uint32_t n_out = lat_engine_outgoing(e, &out);
        for (uint32_t i = 0; i < n_out; ++i) {
            cr_assert_lt(out[i].frame, period);
            cr_assert(!i || out[i].frame >= out[i - 1].frame);
            cr_assert_lt(n_sent, MOST);
            sent[n_sent] =
                (struct sent){time.frame + out[i].frame, out[i].size, {0}};
            memcpy(sent[n_sent++].data, out[i].data, out[i].size);
        }
        lat_thread_role = before;
        lat_control_tick(r->c);
    }
}

static struct rig
begin(const char *commands)
{
    struct rig r = rig_new(64);
    n_sent = 0;
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_do(&r, commands);
    run(&r, 640, 64);
    return r;
}

static void
set_at(struct rig *r, const char *commands, uint64_t frame)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit_at(r->c, frame, &r->error), LAT_OK);
}

/// What was sent, as "FRAME:HEX FRAME:HEX".
static const char *
text(void)
{
    static char all[8192];
    size_t used = 0;
    all[0] = '\0';
    for (uint32_t i = 0; i < n_sent && used < sizeof(all) - 40; ++i) {
        used += (size_t)snprintf(all + used, sizeof(all) - used,
                                 "%s%lu:", i ? " " : "",
                                 (unsigned long)sent[i].frame);
        for (uint32_t b = 0; b < sent[i].size; ++b) {
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%02x",
                                     sent[i].data[b]);
        }
    }
    return all;
}

Test(midi_out, plays_notes_at_their_frame)
{
    for (uint32_t period = 16; period <= 256; period *= 4) {
        struct rig r = begin("new midi_out o channel 2 velocity 0.5");
        set_at(&r, "set o gate 1\nset o pitch 4.4", 1001);
        set_at(&r, "set o gate 0", 1002);
        set_at(&r, "set o gate 0.1\nset o pitch -60\nset o velocity 0", 2000);
        set_at(&r, "set o pitch -59", 2100);
        set_at(&r, "set o gate 0\nset o pitch 0", 2200);
        // There is no such key.
        set_at(&r, "set o gate 1\nset o pitch 68", 2300);
        set_at(&r, "set o gate 0", 2400);
        run(&r, 2560, period);
        cr_expect_str_eq(text(),
                         "1001:914040 1002:814040 2000:910001 2100:910101 "
                         "2100:810040 2200:810140");
        rig_free(&r);
    }
}

// A key that is let go and struck at one frame may come to any voice: the off
// comes first.
Test(midi_out, hands_a_key_from_voice_to_voice)
{
    struct rig r = begin("new midi_out o poly 2");
    set_at(&r, "set o gate.2 1", 1000);
    set_at(&r, "set o gate.2 0\nset o gate.1 1", 1100);
    set_at(&r, "set o gate.1 0\nset o gate.2 1", 1200);
    set_at(&r, "set o gate.2 0", 1300);
    run(&r, 1280, 64);
    cr_expect_str_eq(text(), "1000:903c66 1100:803c40 1100:903c66 "
                             "1200:803c40 1200:903c66 1300:803c40");
    rig_free(&r);
}

Test(midi_out, bends_between_keys)
{
    struct rig r = begin("new midi_out o bend 2");
    set_at(&r, "set o gate 1\nset o pitch 0.5\nset o velocity 1", 1000);
    set_at(&r, "set o pitch 1", 1200);
    set_at(&r, "set o pitch -1", 1201);   // a millisecond behind the last
    set_at(&r, "set o pitch -1.1", 1400); // too far
    set_at(&r, "set o gate 0", 1500);
    run(&r, 1920, 64);
    // 60.5 rounds to 61: a quarter of the range down.
    cr_expect_str_eq(text(), "1000:e00030 1000:903d7f 1200:e00040 "
                             "1248:e00000 1400:e0663c 1400:903b7f "
                             "1400:803d40 1500:803b40");
    rig_free(&r);
}

Test(midi_out, lets_notes_go_when_the_channel_changes)
{
    struct rig r = begin("new midi_out o");
    set_at(&r, "set o gate 1", 1000);
    set_at(&r, "set o channel 16", 1100);
    set_at(&r, "set o gate 0", 1200);
    set_at(&r, "set o gate 1", 1300);
    run(&r, 1280, 64);
    cr_assert_eq(n_sent, 3, "%s", text());
    cr_expect_eq(sent[1].data[0], 0x80);
    cr_expect_eq(sent[2].data[0], 0x9f);
    cr_expect_eq(sent[2].frame, 1300);
    rig_free(&r);
}

// Whatever ends it: each key that was struck is let go, once.
Test(midi_out, leaves_no_note_behind)
{
    static const char *const ways[] = {
        "free o",
        "free c",
        "disconnect c o",
        "set o bypass yes",
        "disconnect c o\nset o controls 3",
        "panic",
        "end",
        "stop",
    };
    for (size_t i = 0; i < LAT_COUNT(ways); ++i) {
        struct rig r = begin("new constant c value 1\nnew midi_out o clock yes"
                             "\nconnect c o");
        cr_expect_eq(n_sent, 1, "%s", text());
        if (!strcmp(ways[i], "panic")) {
            rig_do(&r, "disconnect c o\nset o gate 1");
            run(&r, 640, 64);
            n_sent = 1;
            cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
        } else if (!strcmp(ways[i], "end")) {
            lat_engine_end(lat_control_engine(r.c));
        } else if (!strcmp(ways[i], "stop")) {
            cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
            run(&r, 64, 64);
            rig_do(&r, "free o");
        } else {
            rig_do(&r, ways[i]);
        }
        run(&r, 6400, 64);
        uint32_t n_off = 0;
        for (uint32_t k = 0; k < n_sent; ++k) {
            n_off += sent[k].data[0] == 0x80;
        }
        cr_expect_eq(n_off, 1, "%s: %s", ways[i], text());
        if (!strcmp(ways[i], "stop")) {
            cr_expect_eq(sent[n_sent - 1].data[0], 0xfc, "%s", text());
        }
        rig_free(&r);
    }
}

Test(midi_out, sends_controllers_where_they_change)
{
    struct rig r = begin("new midi_out o controls 3 control_numbers 74");
    cr_expect_eq(n_sent, 0);
    set_at(&r, "set o cc_1 0.5", 1000);
    set_at(&r, "set o cc_1 0.501", 1010); // the same number
    set_at(&r, "set o cc_2 1", 1020);     // by the input's own number
    run(&r, 1280, 64);
    cr_expect_str_eq(text(), "1000:b04a40 1020:b0027f");
    cr_expect_neq(rig_try(&r, "set o cc_1 2"), LAT_OK);
    // A wave is sent a thousand times a second, at most.
    n_sent = 0;
    rig_do(&r, "new phasor p\nconnect p o/cc_3 100");
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    run(&r, 48000, 64);
    for (uint32_t i = 1; i < n_sent; ++i) {
        cr_expect_geq(sent[i].frame - sent[i - 1].frame, 48);
    }
    rig_free(&r);
}

Test(midi_out, a_flood_is_played_or_counted_but_never_hangs)
{
    struct rig r = begin("new impulse i freq 24000\nnew midi_out a\n"
                         "connect i a");
    run(&r, 4096, 4096);
    n_sent = 0;
    for (int i = 0; i < 8; ++i) {
        char line[64];
        snprintf(line, sizeof(line), "new midi_out o%d\nconnect i o%d", i, i);
        rig_do(&r, line);
    }
    run(&r, 4096, 4096);
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r.c), &status);
    cr_expect_gt(status.n_lost_midi_out, 0);
    rig_do(&r, "free i");
    for (uint32_t i = 0; i < 3; ++i) {
        n_sent = 0;
        run(&r, 4096, 4096);
    }
    cr_expect_eq(n_sent, 0);
    rig_free(&r);
}

/// The frame at which a position, in clocks, is due after a play at frame 0.
static uint64_t
frame_of(int64_t clock, double bpm)
{
    return (uint64_t)((double)clock * 48000.0 * 60.0 / bpm / 24.0 + 0.5);
}

static uint32_t
count(uint8_t status)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sent; ++i) {
        n += sent[i].data[0] == status;
    }
    return n;
}

Test(midi_out, sends_the_clock_of_the_transport)
{
    struct rig r = begin("new midi_out o clock yes");
    cr_expect_eq(n_sent, 0);
    cr_assert_eq(lat_control_tempo(r.c, 133.7, &r.error), LAT_OK);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    run(&r, 48000, 64);
    cr_assert_geq(n_sent, 3);
    cr_expect_eq(sent[0].data[0], 0xf2);
    cr_expect_eq(sent[1].data[0], 0xfa);
    const uint64_t begin_frame = sent[1].frame;
    for (uint32_t i = 2; i < n_sent; ++i) {
        cr_assert_eq(sent[i].data[0], 0xf8);
        cr_assert_eq(sent[i].frame - begin_frame, frame_of(i - 2, 133.7), "%u",
                     i);
    }
    cr_expect_eq(count(0xf8), 54); // 53.48 of them in a second, and the first
    n_sent = 0;
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    run(&r, 4800, 64);
    cr_expect_eq(count(0xfc), 1);
    // It stood at 53.48 clocks or later: the next sixteenth is the 9th.
    n_sent = 0;
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    run(&r, 4800, 64);
    cr_assert_eq(sent[0].data[0], 0xf2);
    cr_expect_geq(sent[0].data[1], 9);
    cr_expect_leq(sent[0].data[1], 10);
    cr_expect_eq(count(0xfb), 1);
    n_sent = 0;
    cr_assert_eq(lat_control_locate(r.c, 100.0, &r.error), LAT_OK);
    run(&r, 4800, 64);
    cr_assert_eq(sent[0].data[0], 0xfc);
    cr_assert_eq(sent[1].data[0], 0xf2);
    cr_expect_eq(sent[1].data[1] + 128 * sent[1].data[2], 1600);
    cr_expect_eq(sent[2].data[0], 0xfb);
    cr_expect_eq(sent[3].data[0], 0xf8);
    cr_expect_eq(sent[3].frame, sent[0].frame);
    rig_free(&r);
}

Test(midi_out, clocks_are_the_same_for_any_cutting)
{
    static struct sent first[MOST];
    uint32_t n_first = 0;
    for (uint32_t period = 16; period <= 4096; period *= 4) {
        struct rig r = begin("new midi_out o clock yes\nnew clock c ticks 7\n"
                             "connect c/gate o/gate\n");
        lat_control_begin(r.c);
        cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
        cr_assert_eq(lat_control_commit_at(r.c, 1000, &r.error), LAT_OK);
        lat_control_begin(r.c);
        cr_assert_eq(lat_control_tempo(r.c, 73.0, &r.error), LAT_OK);
        cr_assert_eq(lat_control_commit_at(r.c, 20001, &r.error), LAT_OK);
        run(&r, 65536, period);
        if (!n_first) {
            memcpy(first, sent, sizeof(first));
            n_first = n_sent;
        }
        cr_assert_gt(n_sent, 50);
        cr_assert_eq(n_sent, n_first);
        cr_assert_eq(memcmp(first, sent, n_sent * sizeof(*sent)), 0,
                     "period %u", period);
        rig_free(&r);
    }
}

Test(midi_out, refuses_what_is_no_controller)
{
    struct rig r = rig_new(64);
    cr_expect_eq(rig_try(&r, "new midi_out o control_numbers 120"), LAT_EINVAL);
    cr_expect_not_null(strstr(r.error.text, "0 to 119"), "%s", r.error.text);
    cr_expect_eq(rig_try(&r, "new midi_out o channel 0"), LAT_EINVAL);
    rig_free(&r);
}
