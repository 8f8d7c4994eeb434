// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_notes with more than one voice, its manners with one, and MPE.

#include "support/keyboard.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#define PLAY(k, events, until)                                                 \
 keyboard_play((k), (events), LAT_COUNT(events), (until), 64, 7)

static float
gate(const struct keyboard *k, uint32_t voice, uint32_t f)
{
    return keyboard_at(k, voice, KEYS_GATE, f);
}

static float
pitch(const struct keyboard *k, uint32_t voice, uint32_t f)
{
    return keyboard_at(k, voice, KEYS_PITCH, f);
}

/// Which keys of MIDI the first three voices have, and which gates are open.
static void
expect(const struct keyboard *k, uint32_t f, const float keys[3],
       const char *gates)
{
    for (uint32_t v = 0; v < 3; ++v) {
        cr_expect_eq(pitch(k, v, f) + 60.0F, keys[v],
                     "voice %u at %u: key %g, not %g", v, f,
                     (double)pitch(k, v, f) + 60.0, (double)keys[v]);
        cr_expect_eq(gate(k, v, f), gates[v] == '1' ? 1.0F : 0.0F,
                     "voice %u at %u: gate is not %c", v, f, gates[v]);
    }
}

Test(midi_voices, take_the_free_one_that_was_let_go_longest_ago)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9),  KEYS_ON(10, 1, 61, 9), KEYS_ON(20, 1, 62, 9),
        KEYS_OFF(30, 1, 61),   KEYS_OFF(40, 1, 60),   KEYS_ON(50, 1, 70, 9),
        KEYS_ON(60, 1, 71, 9),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 29, (const float[]){60, 61, 62}, "111");
    expect(&k, 49, (const float[]){60, 61, 62}, "001");
    expect(&k, 59, (const float[]){60, 70, 62}, "011");
    expect(&k, 99, (const float[]){71, 70, 62}, "111");
    keyboard_free(&k);
}

Test(midi_voices, are_stolen_from_pedals_first_and_then_from_the_oldest)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9),   KEYS_ON(10, 1, 61, 9), KEYS_ON(20, 1, 62, 9),
        KEYS_CC(30, 1, 64, 99), KEYS_OFF(31, 1, 62),   KEYS_OFF(32, 1, 61),
        KEYS_ON(40, 1, 70, 9), // 61 is the older of those that are up
        KEYS_ON(50, 1, 71, 9), // 62
        KEYS_ON(60, 1, 72, 9), // 60, which is down, but the oldest
        KEYS_CC(70, 1, 64, 0),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 39, (const float[]){60, 61, 62}, "111");
    expect(&k, 49, (const float[]){60, 70, 62}, "111");
    expect(&k, 59, (const float[]){60, 70, 71}, "111");
    expect(&k, 69, (const float[]){72, 70, 71}, "111");
    expect(&k, 99, (const float[]){72, 70, 71}, "111");
    keyboard_free(&k);
}

Test(midi_voices, fall_for_a_frame_where_they_are_stolen_or_struck_again)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 127), KEYS_ON(10, 1, 61, 127),
        KEYS_ON(20, 1, 62, 64), // steals 60
        KEYS_ON(30, 1, 61, 32), // again
    };
    struct keyboard k = keyboard_new(2);
    PLAY(&k, events, 100);
    for (uint32_t f = 11; f < 100; ++f) {
        cr_expect_eq(gate(&k, 0, f), f == 20 ? 0.0F : 1.0F, "%u", f);
        cr_expect_eq(gate(&k, 1, f), f == 30 ? 0.0F : 1.0F, "%u", f);
        cr_expect_eq(pitch(&k, 0, f), f < 20 ? 0.0F : 2.0F, "%u", f);
        cr_expect_eq(keyboard_at(&k, 0, KEYS_TRIGGER, f), f == 20 ? 1.0F : 0.0F,
                     "%u", f);
        cr_expect_eq(keyboard_at(&k, 1, KEYS_TRIGGER, f), f == 30 ? 1.0F : 0.0F,
                     "%u", f);
        cr_expect_eq(keyboard_at(&k, 1, KEYS_VELOCITY, f),
                     f < 30 ? 1.0F : 32.0F / 127.0F, "%u", f);
    }
    keyboard_free(&k);
}

Test(midi_voices, are_stolen_each_on_its_own_frame)
{
    struct keyboard_event events[16];
    for (uint32_t i = 0; i < 8; ++i) {
        events[i] = (struct keyboard_event)KEYS_ON(i, 1, (uint8_t)(60 + i), 9);
        events[8 + i] =
            (struct keyboard_event)KEYS_ON(70 + 3 * i, 1, (uint8_t)(80 + i), 9);
    }
    struct keyboard k = keyboard_new(8);
    keyboard_play(&k, events, LAT_COUNT(events), 128, 128, 0);
    for (uint32_t v = 0; v < 8; ++v) {
        for (uint32_t f = 10; f < 128; ++f) {
            const uint32_t stolen = 70 + 3 * v;
            cr_expect_eq(gate(&k, v, f), f == stolen ? 0.0F : 1.0F);
            cr_expect_eq(pitch(&k, v, f),
                         (f < stolen ? 0.0F : 20.0F) + (float)v);
        }
    }
    keyboard_free(&k);
}

Test(midi_voices, are_kept_by_sostenuto_if_they_were_down_with_it)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9), KEYS_CC(10, 1, 66, 127), KEYS_ON(20, 1, 61, 9),
        KEYS_OFF(30, 1, 60),  KEYS_OFF(30, 1, 61),     KEYS_ON(40, 1, 60, 9),
        KEYS_OFF(50, 1, 60),  KEYS_CC(60, 2, 66, 0),   KEYS_CC(70, 1, 66, 0),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 35, (const float[]){60, 61, 60}, "100");
    expect(&k, 69, (const float[]){60, 61, 60}, "100");
    expect(&k, 70, (const float[]){60, 61, 60}, "000");
    keyboard_free(&k);
}

Test(midi_voices, hold_one_key_of_two_channels_apart)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9),   KEYS_ON(5, 2, 60, 9), KEYS_BEND(10, 2, 32),
        KEYS_PRESS(20, 1, 127), KEYS_OFF(30, 1, 60),  KEYS_BEND(40, 1, 32),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 15, (const float[]){60, 61, 61}, "110");
    cr_expect_eq(keyboard_at(&k, 0, KEYS_PRESSURE, 25), 1.0F);
    cr_expect_eq(keyboard_at(&k, 1, KEYS_PRESSURE, 25), 0.0F);
    expect(&k, 45, (const float[]){61, 61, 61}, "010"); // it rings on
    keyboard_free(&k);
}

Test(midi_voices, that_stay_keep_their_notes_when_there_are_fewer)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9), KEYS_ON(1, 1, 61, 9),  KEYS_ON(2, 1, 62, 9),
        KEYS_VOICES(20, 2),   KEYS_ON(30, 1, 62, 9), // it was let go
        KEYS_VOICES(40, 3),   KEYS_OFF(50, 1, 61),   KEYS_OFF(60, 1, 62),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 19, (const float[]){60, 61, 62}, "111");
    cr_expect_eq(gate(&k, 1, 25), 1.0F);
    expect(&k, 45, (const float[]){62, 61, 60}, "110");
    expect(&k, 55, (const float[]){62, 61, 60}, "100");
    expect(&k, 99, (const float[]){62, 61, 60}, "000");
    keyboard_free(&k);
}

Test(midi_voices, cost_a_row_each_where_nothing_happens)
{
    const struct keyboard_event events[] = {KEYS_ON(0, 1, 60, 9),
                                            KEYS_BYTE(100, 0xf8)};
    struct keyboard k = keyboard_new(LAT_MAX_POLY);
    keyboard_play(&k, events, LAT_COUNT(events), 64, 64, 0);
    cr_expect_eq(k.returned & LAT_ALL_CONSTANT, 0);
    keyboard_play(&k, events, LAT_COUNT(events), 128, 64, 0);
    cr_expect(k.returned & LAT_ALL_CONSTANT);
    cr_expect_eq(gate(&k, 0, 127), 1.0F);
    cr_expect_eq(gate(&k, 63, 127), 0.0F);
    keyboard_free(&k);
}

Test(midi_voices, lose_what_a_source_held_but_not_what_a_command_holds)
{
    const struct keyboard_event events[] = {
        KEYS_NOTE(0, 61.5F, 0.5F),           KEYS_ON(0, 1, 60, 9),
        KEYS_BYTE(10, LAT_MIDI_SOURCE_LOST), KEYS_NOTE(20, 62.0F, 1.0F),
        KEYS_NOTE(30, 61.5F, 0.0F),          KEYS_BYTE(40, 0xff),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 100);
    expect(&k, 9, (const float[]){61.5F, 60, 60}, "110");
    expect(&k, 10, (const float[]){61.5F, 60, 60}, "100");
    expect(&k, 25, (const float[]){61.5F, 60, 62}, "101");
    expect(&k, 35, (const float[]){61.5F, 60, 62}, "001");
    expect(&k, 99, (const float[]){61.5F, 60, 62}, "000");
    keyboard_free(&k);
}

Test(midi_voices, are_let_go_300_ms_after_active_sensing_fell_silent)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9),    KEYS_BYTE(10, 0xfe), KEYS_BYTE(2000, 0xf8),
        KEYS_BYTE(4399, 0xfe), // 2400 frames are 300 ms
        KEYS_ON(6799, 1, 61, 9),
    };
    struct keyboard k = keyboard_new(3);
    PLAY(&k, events, 8000);
    expect(&k, 6798, (const float[]){60, 60, 60}, "100");
    expect(&k, 6799, (const float[]){60, 61, 60}, "010");
    expect(&k, 7999, (const float[]){60, 61, 60}, "010");
    keyboard_free(&k);
}

// --- One note at a time ------------------------------------------------------

Test(midi_voices, of_one_mark_no_key_of_a_legato)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9), KEYS_ON(10, 1, 62, 9), KEYS_OFF(20, 1, 62),
        KEYS_OFF(30, 1, 60),  KEYS_ON(40, 1, 64, 9),
    };
    struct keyboard k = keyboard_new(1);
    keyboard_set_word(&k, "legato", "yes");
    PLAY(&k, events, 100);
    for (uint32_t f = 0; f < 100; ++f) {
        cr_expect_eq(keyboard_at(&k, 0, KEYS_TRIGGER, f),
                     f == 0 || f == 40 ? 1.0F : 0.0F, "%u", f);
        cr_expect_eq(gate(&k, 0, f), f < 30 || f >= 40 ? 1.0F : 0.0F, "%u", f);
    }
    cr_expect_eq(pitch(&k, 0, 15), 2.0F);
    cr_expect_eq(pitch(&k, 0, 25), 0.0F);
    keyboard_free(&k);
}

Test(midi_voices, of_one_glide_in_a_straight_line_from_key_to_key)
{
    const struct keyboard_event events[] = {
        KEYS_ON(10, 1, 60, 9), KEYS_ON(100, 1, 72, 9),
        KEYS_OFF(300, 1, 72), // half way, and back
        KEYS_OFF(1000, 1, 60), KEYS_ON(1100, 1, 48, 9),
    };
    for (uint32_t longest = 1; longest < 300; longest += 97) {
        struct keyboard k = keyboard_new(1);
        keyboard_set(&k, "glide", 0.05); // 400 frames
        keyboard_play(&k, events, LAT_COUNT(events), 2000, longest, 3);
        for (uint32_t f = 0; f < 2000; ++f) {
            const float line = f < 100    ? 0.0F
                               : f < 300  ? 12.0F * (float)(f - 100) / 400.0F
                               : f < 700  ? 6.0F - 6.0F * (float)(f - 300) / 400
                               : f < 1100 ? 0.0F
                                          : -12.0F;
            cr_assert_float_eq(pitch(&k, 0, f), line, 1e-5F, "%u", f);
        }
        keyboard_free(&k);
    }
}

Test(midi_voices, in_unison_are_detuned_on_both_sides)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9), KEYS_ON(10, 1, 72, 9), KEYS_ON(20, 1, 74, 9)};
    struct keyboard k = keyboard_new(7);
    keyboard_set(&k, "unison", 3);
    keyboard_set(&k, "detune", 20);
    PLAY(&k, events, 40);
    const float first[] = {-0.1F, 0.0F, 0.1F, 11.9F, 12.0F, 12.1F, 0.0F};
    const float stolen[] = {13.9F, 14.0F, 14.1F, 11.9F, 12.0F, 12.1F, 0.0F};
    for (uint32_t v = 0; v < 7; ++v) {
        cr_expect_float_eq(pitch(&k, v, 15), first[v], 1e-5F, "voice %u", v);
        cr_expect_float_eq(pitch(&k, v, 30), stolen[v], 1e-5F, "voice %u", v);
        cr_expect_eq(gate(&k, v, 15), v < 6 ? 1.0F : 0.0F, "voice %u", v);
        cr_expect_eq(gate(&k, v, 20), v >= 3 && v < 6 ? 1.0F : 0.0F);
        cr_expect_eq(gate(&k, v, 30), v < 6 ? 1.0F : 0.0F, "voice %u", v);
    }
    keyboard_set(&k, "unison", 2);
    keyboard_play(&k, NULL, 0, 80, 8, 0);
    for (uint32_t v = 0; v < 7; ++v) {
        cr_expect_eq(gate(&k, v, 79), 0.0F, "voice %u", v);
    }
    keyboard_free(&k);
}

Test(midi_voices, that_all_sound_one_note_are_one)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9), KEYS_ON(10, 1, 62, 9), KEYS_OFF(20, 1, 62)};
    struct keyboard k = keyboard_new(2);
    keyboard_set(&k, "unison", 16);
    keyboard_set(&k, "detune", 0);
    PLAY(&k, events, 40);
    for (uint32_t f = 0; f < 40; ++f) {
        cr_expect_eq(gate(&k, 1, f), 1.0F);
        cr_expect_eq(pitch(&k, 1, f), f >= 10 && f < 20 ? 2.0F : 0.0F);
    }
    keyboard_free(&k);
}

// --- What channels say -------------------------------------------------------

Test(midi_voices, bend_as_far_as_a_message_told_the_channel)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 1, 60, 9),     KEYS_ON(0, 2, 60, 9),
        KEYS_BEND(0, 1, -64),     KEYS_BEND(0, 2, -64),
        KEYS_CC(10, 1, 101, 0),   KEYS_CC(10, 1, 100, 0),
        KEYS_CC(10, 1, 6, 12),    KEYS_CC(20, 1, 38, 50),
        KEYS_CC(30, 1, 101, 127), KEYS_CC(30, 1, 100, 127),
        KEYS_CC(31, 1, 6, 24),
    };
    struct keyboard k = keyboard_new(2);
    PLAY(&k, events, 40);
    cr_expect_eq(pitch(&k, 0, 9), -2.0F);
    cr_expect_eq(pitch(&k, 0, 19), -12.0F);
    cr_expect_eq(pitch(&k, 0, 39), -12.5F);
    cr_expect_eq(pitch(&k, 1, 39), -2.0F);
    keyboard_free(&k);
    k = keyboard_new(1);
    PLAY(&k, events, 40);
    cr_expect_eq(pitch(&k, 0, 39), -12.5F);
    keyboard_free(&k);
}

Test(midi_voices, of_mpe_keep_the_bend_with_which_they_were_let_go)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 2, 60, 9),   KEYS_BEND(10, 2, 16), KEYS_CC(10, 2, 74, 127),
        KEYS_PRESS(10, 2, 127), KEYS_OFF(20, 2, 60),  KEYS_BEND(30, 2, 0),
        KEYS_CC(30, 2, 74, 0),  KEYS_PRESS(30, 2, 0), KEYS_ON(30, 2, 64, 9),
        KEYS_BEND(40, 2, -16),  KEYS_BEND(50, 1, 32),
    };
    struct keyboard k = keyboard_new(3);
    keyboard_set_word(&k, "mpe", "lower");
    PLAY(&k, events, 60);
    expect(&k, 15, (const float[]){72, 60, 60}, "100");
    expect(&k, 35, (const float[]){72, 64, 60}, "010");
    expect(&k, 45, (const float[]){72, 52, 60}, "010");
    expect(&k, 55, (const float[]){73, 53, 60}, "010"); // all of the zone
    cr_expect_eq(keyboard_at(&k, 0, KEYS_TIMBRE, 9), 64.0F / 127.0F);
    cr_expect_eq(keyboard_at(&k, 0, KEYS_TIMBRE, 55), 1.0F);
    cr_expect_eq(keyboard_at(&k, 0, KEYS_PRESSURE, 55), 1.0F);
    cr_expect_eq(keyboard_at(&k, 1, KEYS_TIMBRE, 55), 0.0F);
    cr_expect_eq(keyboard_at(&k, 1, KEYS_PRESSURE, 55), 0.0F);
    keyboard_free(&k);
}

Test(midi_voices, of_mpe_obey_the_master_of_their_zone)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 3, 60, 9),    KEYS_ON(1, 14, 61, 9),  KEYS_ON(2, 4, 62, 9),
        KEYS_CC(5, 16, 64, 127), KEYS_OFF(10, 14, 61),   KEYS_PRESS(20, 1, 127),
        KEYS_CC(30, 16, 64, 0),  KEYS_CC(40, 1, 123, 0),
    };
    struct keyboard k = keyboard_new(3);
    keyboard_set_word(&k, "mpe", "both");
    PLAY(&k, events, 60);
    expect(&k, 29, (const float[]){60, 61, 62}, "111");
    cr_expect_eq(keyboard_at(&k, 0, KEYS_PRESSURE, 29), 1.0F);
    cr_expect_eq(keyboard_at(&k, 1, KEYS_PRESSURE, 29), 0.0F);
    cr_expect_eq(keyboard_at(&k, 2, KEYS_PRESSURE, 29), 1.0F);
    expect(&k, 39, (const float[]){60, 61, 62}, "101");
    expect(&k, 59, (const float[]){60, 61, 62}, "000");
    keyboard_free(&k);
}

// The zone's size by message: 3 members, and the others are plain channels.
Test(midi_voices, of_mpe_have_the_zone_that_a_message_makes)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 2, 60, 9),   KEYS_CC(5, 1, 101, 0), KEYS_CC(5, 1, 100, 6),
        KEYS_CC(10, 1, 6, 3), // lets go
        KEYS_ON(20, 4, 60, 9),  KEYS_ON(20, 5, 60, 9), KEYS_ON(20, 2, 70, 9),
        KEYS_BEND(30, 4, -64),  KEYS_BEND(30, 5, -64), KEYS_CC(40, 3, 101, 0),
        KEYS_CC(40, 3, 100, 0), // of all members
        KEYS_CC(50, 3, 6, 24),
    };
    struct keyboard k = keyboard_new(3);
    keyboard_set_word(&k, "mpe", "lower");
    PLAY(&k, events, 60);
    cr_expect_eq(gate(&k, 0, 9), 1.0F);
    cr_expect_eq(gate(&k, 0, 10), 0.0F);
    expect(&k, 49, (const float[]){70, 12, 58}, "111");
    expect(&k, 59, (const float[]){70, 36, 58}, "111");
    keyboard_free(&k);
}

Test(midi_voices, hear_no_zone_where_mpe_is_off)
{
    const struct keyboard_event events[] = {
        KEYS_ON(0, 2, 60, 9),  KEYS_CC(5, 1, 101, 0), KEYS_CC(5, 1, 100, 6),
        KEYS_CC(10, 1, 6, 15), KEYS_BEND(20, 1, -64), KEYS_BEND(30, 2, -64),
    };
    struct keyboard k = keyboard_new(2);
    PLAY(&k, events, 60);
    cr_expect_eq(gate(&k, 0, 59), 1.0F);
    cr_expect_eq(pitch(&k, 0, 29), 0.0F);
    cr_expect_eq(pitch(&k, 0, 59), -2.0F);
    keyboard_free(&k);
}
