// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is played is written down, and played again from there.

#include "control/listen.h"
#include "osc/dirt.h"
#include "osc/journal.h"
#include "osc/journal_entries.h"
#include "osc/journal_file.h"
#include "osc/score.h"
#include "run/engine.h"
#include "run/engine_setup.h"
#include "support/replay.h"
#include "support/wav.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK  64U
#define FRAMES 96000U

static struct rig rig;
static struct lat_sessions *sessions;
static struct lat_journal *journal;
static struct lat_error error;
static char folder[64];
static char path[80];

static void
make(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-%d-journal", (int)getpid());
    snprintf(path, sizeof(path), "%s.osc", folder);
    unlink(path);
    rig = rig_new(BLOCK);
    cr_assert_eq(lat_sessions_new(rig.c, folder, &sessions), LAT_OK);
    journal = NULL;
}

static void
drop(void)
{
    lat_journal_free(journal);
    lat_sessions_free(sessions);
    rig_free(&rig);
    unlink(path);
}

TestSuite(journal, .init = make, .fini = drop);

static const char patch[] =
    "new saw voice freq 110\nnew noise hiss color pink\n"
    "new lowpass filter cutoff 900 q 3\nnew delay echo time 0.05\n"
    "new midi_notes keys\nnew adsr shape\nnew gain amp\n"
    "new sine slow freq 3\nnew audio_out main channels 1\n"
    "connect voice filter 0.3\nconnect hiss filter 0.1\n"
    "connect slow filter/cutoff 300\nconnect filter echo\n"
    "feedback echo filter 0.2\nconnect echo main\n"
    "connect keys/gate shape\nconnect keys/pitch slow/pitch 0.2\n"
    "connect shape amp/cv\nconnect voice amp\nconnect amp main\n"
    "new osc_in knob path /knob\nconnect knob filter/cutoff 200";

/// Begin with the patch, as a session that is loaded before anything sounds.
static void
load_patch(void)
{
    char *text = NULL;
    size_t length = 0;
    struct rig bench = rig_new(BLOCK);
    struct lat_sessions *others = NULL;
    rig_do(&bench, patch);
    cr_assert_eq(lat_sessions_new(bench.c, folder, &others), LAT_OK);
    cr_assert_eq(lat_sessions_write_whole(others, &text, &length), LAT_OK);
    lat_sessions_free(others);
    rig_free(&bench);
    cr_assert_eq(
        lat_sessions_read_whole(sessions, text, length, "patch", true, &error),
        LAT_OK, "%s", error.text);
    free(text);
}

static void
begin(void)
{
    load_patch();
    cr_assert_eq(lat_journal_new(path, &journal, &error), LAT_OK, "%s",
                 error.text);
    cr_assert_eq(lat_journal_begin(journal, rig.c, sessions, &error), LAT_OK,
                 "%s", error.text);
}

static void
run(uint32_t n)
{
    rig_run(&rig, n, BLOCK);
    lat_control_tick(rig.c);
    lat_journal_tick(journal);
}

static void
end(void)
{
    lat_journal_free(journal);
    journal = NULL;
}

static void
expect_same_bits(void)
{
    struct rig again = replay(path, folder, BLOCK, rig.n_frames);
    const uint32_t n = rig_first_difference(&rig, &again);
    cr_assert_eq(n, rig.n_frames, "they differ from frame %u on", n);
    rig_free(&again);
}

Test(journal, of_nothing_but_a_session_renders_to_its_bits)
{
    begin();
    run(20000);
    end();
    expect_same_bits();
}

/// A random edit, within an open transaction or alone.
static void
edit(uint32_t k)
{
    static const char *const forms[] = {
        "set filter cutoff %u",
        "set voice freq %u 0.02",
        "set echo time 0.0%u",
        "connect hiss filter 0.%u",
        "new square n%u freq 300",
        "connect slow filter/q 0.%u",
        "set slow freq %u",
        "set filter cutoff %u 0.1",
        "connect n%u filter 0.1",
        "connect n%u main 0.05",
        "free n%u",
        "disconnect n%u filter",
        "disconnect hiss filter",
        "disconnect slow filter/q",
        "feedback n%u filter/q 0.01",
        "set main level 0.%u",
    };
    char line[64];
    const uint32_t number = k < 4 || k == 6 || k == 7
                                ? 50 + (uint32_t)rand() % 900
                                : (uint32_t)rand() % 9 + 1;
    // Some of these cannot be: that is not written.
    snprintf(line, sizeof(line), forms[k % LAT_COUNT(forms)], number);
    (void)rig_try(&rig, line);
}

static void
edit_otherwise(void)
{
    char name[16];
    char other[16];
    struct lat_error ignored;
    snprintf(name, sizeof(name), "n%u", (uint32_t)rand() % 9 + 1);
    snprintf(other, sizeof(other), "n%u", (uint32_t)rand() % 9 + 1);
    switch (rand() % 10) {
    case 0:
        (void)lat_control_node_rename(rig.c, name, other, &ignored);
        break;
    case 1:
        (void)lat_control_note(rig.c, "keys", rand() % 80 + 20, rand() % 2, 0.0,
                               &ignored);
        break;
    case 2:
        (void)lat_control_bypass(rig.c, rand() % 2 ? "filter" : "echo",
                                 rand() % 2, &ignored);
        break;
    case 3:
        (void)lat_control_tempo(rig.c, 60 + rand() % 100, &ignored);
        break;
    case 4:
        (void)lat_control_locate(rig.c, rand() % 100 / 7.0, &ignored);
        break;
    case 5:
        (void)lat_control_play(rig.c, rand() % 2, &ignored);
        break;
    case 6:
        (void)lat_control_param_set(
            rig.c, "hiss", "color",
            (struct lat_value){.is_text = true,
                               .text = rand() % 2 ? "white" : "brown"},
            -1.0, &ignored);
        break;
    case 7:
        (void)lat_control_panic(rig.c, &ignored);
        break;
    case 8: {
        struct lat_node *const knob =
            lat_graph_find(lat_control_graph(rig.c), "knob");
        if (knob) {
            (void)lat_control_give(rig.c, &knob, 1, rand() % 9, &ignored);
        }
        break;
    }
    default:
        (void)lat_control_param_set_norm(rig.c, "filter", "cutoff",
                                         rand() % 100 / 99.0, &ignored);
        break;
    }
}

static bool has_voices;

static const char voices[] =
    "new midi_notes deal poly 4\nnew saw chord poly 4 freq.2 300\n"
    "new adsr env poly 4 attack 0.01 release 0.05\nnew gain fat poly 4\n"
    "connect deal/pitch chord/pitch\nconnect deal/gate env\n"
    "connect chord fat\nconnect env fat/cv\nconnect fat main 0.2\n"
    "feedback fat chord/phase 0.1\nconnect slow chord/freq 5";

/// As many voices for the whole chain, or less or more of one.
static void
edit_voices(void)
{
    static const char *const forms[] = {
        "set chord.%u freq %u",
        "set chord freq 2%u%u",
        "set chord.%u freq %u 0.1",
        "set env.%u gate 0.%u",
        ("set deal poly %u\nset chord poly %u\nset env poly %u\n"
         "set fat poly %u"),
    };
    const unsigned n = (unsigned)rand() % 8 + 1;
    const unsigned form = (unsigned)rand() % 8;
    const bool is_open = lat_control_is_open(rig.c);
    const char *const at = forms[form < 4 ? form : 4];
    char text[128];
    if (!is_open) {
        lat_control_begin(rig.c);
    }
    snprintf(text, sizeof(text), at, n, form >= 4 ? n : 9 * n, n, n);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        (void)rig_try(&rig, line);
    }
    if (!is_open) {
        (void)lat_control_commit(rig.c, &error);
    }
}

static void
edit_somehow(void)
{
    if (has_voices && rand() % 3 == 0) {
        edit_voices();
    } else if (rand() % 3) {
        edit((uint32_t)rand() % 16);
    } else {
        edit_otherwise();
    }
}

/// A transaction of some edits, at once or for a frame.
static void
edit_together(void)
{
    lat_control_begin(rig.c);
    for (int i = rand() % 5; i >= 0; --i) {
        edit_somehow();
    }
    const uint64_t frame =
        rand() % 2 ? 0 : rig.n_frames + (uint64_t)rand() % 4000;
    cr_assert_eq(lat_control_commit_at(rig.c, frame, &error), LAT_OK, "%s",
                 error.text);
}

static void
press(void)
{
    const uint8_t bytes[3] = {rand() % 2 ? 0x90 : 0x80,
                              (uint8_t)(40 + rand() % 9), 100};
    lat_engine_midi(lat_control_engine(rig.c), 0, bytes, 3);
}

static void
play_at_random(unsigned seed)
{
    srand(seed);
    begin();
    if (has_voices) {
        rig_do(&rig, voices);
    }
    while (rig.n_frames < FRAMES) {
        for (int n = rand() % 4; n > 0; --n) {
            if (rand() % 2) {
                edit_somehow();
            } else {
                edit_together();
            }
        }
        if (rand() % 4 == 0) {
            press();
        }
        if (rand() % 40 == 0) {
            lat_engine_lose_midi(lat_control_engine(rig.c));
        }
        if (rand() % 60 == 0) {
            cr_assert_eq(lat_control_clear(rig.c, &error), LAT_OK);
            rig_do(&rig, patch);
            if (has_voices) {
                rig_do(&rig, voices);
            }
        }
        run(1 + (uint32_t)rand() % 1500);
    }
    end();
    expect_same_bits();
}

Test(journal, of_random_edits_renders_to_their_bits, .timeout = 120)
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        play_at_random(seed);
        drop();
        make();
    }
}

Test(journal, of_random_edits_of_voices_renders_to_their_bits, .timeout = 120)
{
    has_voices = true;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        play_at_random(seed);
        drop();
        make();
    }
    has_voices = false;
}

Test(journal, of_dense_edits_ahead_renders_to_their_bits)
{
    play_at_random(268); // two amounts for a cable that waits for its plan
    drop();
    make();
    play_at_random(804); // a bypass that came to nothing, and held up a load
}

// Voices that sleep, and change whether they do.

static uint32_t
play_sleepers(unsigned seed)
{
    static const char *const edits[] = {
        "set env sleep no\nset low sleep no",
        "set env sleep yes",
        "set low sleep yes",
        "set low cutoff 700",
        "set low bypass yes",
        "set low bypass no",
        "connect slow low/cutoff 200",
        "set env release 0.02",
    };
    uint32_t n_asleep = 0;
    srand(seed);
    begin();
    rig_do(&rig, "new midi_notes deal poly 8\nnew saw chord poly 8\n"
                 "new lowpass low poly 8\nnew gain fat poly 8\n"
                 "new adsr env poly 8 attack 0.001 release 0.005\n"
                 "connect deal/pitch chord/pitch\nconnect deal/gate env\n"
                 "connect chord low\nconnect low fat\n"
                 "connect env fat/cv\nconnect fat main 0.2");
    while (rig.n_frames < FRAMES) {
        if (rand() % 3) {
            (void)lat_control_note(rig.c, "deal", 50.0 + rand() % 9,
                                   rand() % 2 ? 0.7 : 0.0, 0.0, &error);
        } else {
            rig_do(&rig, edits[(unsigned)rand() % LAT_COUNT(edits)]);
        }
        run(1 + (uint32_t)rand() % 1500);
        n_asleep += lat_control_n_asleep(rig.c);
    }
    end();
    expect_same_bits();
    return n_asleep;
}

Test(journal, of_voices_that_sleep_renders_to_their_bits, .timeout = 120)
{
    uint32_t n_asleep = 0;
    for (unsigned seed = 1; seed <= 6; ++seed) {
        n_asleep += play_sleepers(seed);
        drop();
        make();
    }
    cr_expect_gt(n_asleep, 0);
}

// A setting is written as it was when something was said about it.
Test(journal, numbers_come_to_where_the_node_listened_then)
{
    const struct lat_value other = {.is_text = true, .text = "/other"};
    begin();
    run(500);
    struct lat_node *const knob =
        lat_graph_find(lat_control_graph(rig.c), "knob");
    lat_control_begin(rig.c);
    cr_assert_eq(lat_control_give(rig.c, &knob, 1, 0.5, &error), LAT_OK);
    cr_assert_eq(
        lat_control_param_set(rig.c, "knob", "path", other, -1.0, &error),
        LAT_OK);
    cr_assert_eq(lat_control_give(rig.c, &knob, 1, 2.0, &error), LAT_OK);
    cr_assert_eq(lat_control_commit(rig.c, &error), LAT_OK);
    run(6000);
    lat_control_begin(rig.c);
    rig_do(&rig, "new audio_out wide channels 4\nconnect voice wide/in_4 0.1");
    cr_assert_eq(lat_control_param_set(rig.c, "wide", "channels",
                                       (struct lat_value){.number = 1.0}, -1.0,
                                       &error),
                 LAT_OK);
    cr_assert_eq(lat_control_commit(rig.c, &error), LAT_OK);
    run(6000);
    end();
    expect_same_bits();
}

Test(journal, notes_with_a_length_are_let_go_at_their_frames)
{
    begin();
    run(500);
    cr_assert_eq(lat_control_note(rig.c, "keys", 60.0, 1.0, 0.25, &error),
                 LAT_OK);
    cr_expect_eq(lat_control_next_release(rig.c), 500 + 12000);
    run(12000);
    cr_expect_eq(lat_control_next_release(rig.c), UINT64_MAX);
    run(6000);
    end();
    expect_same_bits();
}

// Samplers.

static void
strike(struct lat_osc_dirt *dirt, const char *s, uint64_t frame)
{
    struct lat_osc_dirt_event e = {.s = s};
    for (int key = 0; key < LAT_DIRT_N_KEYS; ++key) {
        if (key != LAT_DIRT_DELTA && rand() % 4 == 0) {
            lat_osc_dirt_say(&e, (enum lat_osc_dirt_key)key,
                             rand() % 30 / 31.0);
        }
    }
    lat_control_begin(rig.c);
    cr_assert_eq(lat_osc_dirt_play_event(dirt, rig.c, &e, &error), LAT_OK, "%s",
                 error.text);
    cr_assert_eq(lat_control_commit_at(rig.c, frame, &error), LAT_OK);
}

Test(journal, what_samplers_strike_renders_to_the_same_bits)
{
    struct lat_osc_dirt dirt = {0};
    char file[100];
    snprintf(file, sizeof(file), "%s/kick.wav", folder);
    cr_assert_eq(mkdir(folder, 0700), 0);
    wav_write(file, 0.25F);
    srand(3);
    begin();
    rig_do(&rig, "new sampler drums sample kick.wav sounds kick.wav\n"
                 "new sampler loops sounds kick.wav loop yes orbit 1 voices 4\n"
                 "connect drums/left main\nconnect loops/right main 0.1");
    for (int i = 0; i < 60; ++i) {
        static const char *const names[] = {"drums", "kick.wav", "kick.wav"};
        strike(&dirt, names[i % 3],
               rand() % 2 ? 0 : rig.n_frames + (uint64_t)rand() % 4000);
        run(1 + (uint32_t)rand() % 900);
    }
    cr_expect_eq(dirt.n_unknown, 0);
    cr_expect_gt(dirt.n_played, 40);
    end();
    expect_same_bits();
    lat_osc_dirt_fini(&dirt);
    unlink(file);
    rmdir(folder);
}

Test(journal, sessions_that_are_loaded_are_in_it)
{
    static const char text[] = "[session]\nformat = 1\n[node a]\ntype = saw\n"
                               "[node main]\ntype = audio_out\nchannels = 1\n"
                               "[cables]\ncable = a -> main * 0.3\n";
    begin();
    run(5000);
    cr_assert_eq(lat_sessions_read_whole(sessions, text, sizeof(text) - 1,
                                         "text", true, &error),
                 LAT_OK, "%s", error.text);
    run(5000);
    end();
    expect_same_bits();
}

// Entries.

static struct lat_journal_entries entries;

static void
add(uint64_t frame, uint64_t at, uint32_t turn, bool is_plain)
{
    struct lat_journal_entry *const e = lat_journal_entry_add(&entries, frame);
    cr_assert_not_null(e);
    e->at = at;
    e->wished = at ? at : frame;
    e->turn = turn;
    e->is_command = true;
    e->is_plain = is_plain;
}

/// What is written: number, frame and the frame for which it was sent.
static void
expect_next(uint64_t number, uint64_t frame, uint64_t at)
{
    const struct lat_journal_entry *const e =
        lat_journal_entries_first(&entries, UINT64_MAX);
    cr_assert_not_null(e);
    cr_expect(e->number == number && e->frame == frame && e->at == at,
              "number %llu at %llu for %llu", (unsigned long long)e->number,
              (unsigned long long)e->frame, (unsigned long long)e->at);
    lat_journal_entries_drop(&entries);
}

Test(journal, what_was_late_is_where_it_was_heard)
{
    add(100, 0, 1, false);
    add(120, 0, 2, false);
    add(130, 0, 3, false);
    lat_journal_entries_late(&entries, 1, 128);
    expect_next(0, 128, 0);
    expect_next(1, 128, 0); // it was commanded later
    expect_next(2, 130, 0);
    cr_expect_eq(lat_journal_entries_faded(&entries, 100), 128);
    cr_expect_eq(lat_journal_entries_faded(&entries, 99), 99);
    lat_journal_entries_fini(&entries);
}

Test(journal, what_was_sent_ahead_goes_to_its_frame)
{
    add(100, 500, 1, true);
    add(200, 0, 2, true);
    expect_next(1, 200, 0);
    expect_next(0, 500, 0);
    add(100, 500, 3, false);
    expect_next(2, 500, 0);
    lat_journal_entries_fini(&entries);
}

Test(journal, what_was_sent_ahead_keeps_its_place_before_what_needs_it)
{
    add(100, 500, 1, true);
    add(200, 0, 2, false);
    expect_next(0, 100, 500);
    expect_next(1, 200, 0);
    add(100, 500, 3, false);
    add(200, 0, 4, true);
    lat_journal_entries_late(&entries, 3, 512);
    expect_next(2, 100, 512);
    expect_next(3, 200, 0);
    lat_journal_entries_fini(&entries);
}

Test(journal, what_was_late_comes_before_what_was_meant_for_its_frame)
{
    add(60, 128, 1, true);
    add(100, 0, 2, true);
    lat_journal_entries_late(&entries, 2, 128);
    expect_next(1, 128, 0);
    expect_next(0, 128, 0);
    lat_journal_entries_fini(&entries);
}

Test(journal, waits_until_audio_has_seen_it)
{
    add(100, 0, 1, false);
    entries.at[0].seen_at = 200;
    cr_expect_null(lat_journal_entries_first(&entries, 199));
    cr_expect_not_null(lat_journal_entries_first(&entries, 200));
    lat_journal_entries_fini(&entries);
}

// The file.

Test(journal, never_overwrites)
{
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file);
    fclose(file);
    cr_expect_eq(lat_journal_new(path, &journal, &error), LAT_EEXIST);
    cr_expect(strstr(error.text, path) && strstr(error.text, "another name"),
              "%s", error.text);
}

Test(journal, says_where_it_cannot_be_written)
{
    cr_expect_eq(lat_journal_new("/nonexistent/a.osc", &journal, &error),
                 LAT_ESYSTEM);
    cr_expect(strstr(error.text, "/nonexistent/a.osc: No such file"), "%s",
              error.text);
}

Test(journal, is_a_file)
{
    cr_expect_eq(lat_journal_new("-", &journal, &error), LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "not standard output"));
    cr_expect_neq(access("-", F_OK), 0);
}

Test(journal, tells_once_that_it_was_removed)
{
    char said[4096] = "";
    const int before = dup(STDERR_FILENO);
    FILE *const log = tmpfile();
    begin();
    run(1000);
    dup2(fileno(log), STDERR_FILENO);
    unlink(path);
    for (int i = 0; i < 5; ++i) {
        rig_do(&rig, "set voice freq 200");
        run(1000);
    }
    end();
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(log);
    said[fread(said, 1, sizeof(said) - 1, log)] = '\0';
    fclose(log);
    const char *const told = strstr(said, "was removed");
    cr_assert_not_null(told, "%s", said);
    cr_expect_null(strstr(told + 1, "was removed"));
}

Test(journal, is_no_file_where_nothing_was_played)
{
    cr_assert_eq(lat_journal_new(path, &journal, &error), LAT_OK);
    end();
    cr_expect(access(path, F_OK) != 0);
}

Test(journal, goes_on_in_another_file_at_another_rate)
{
    char second[96];
    snprintf(second, sizeof(second), "%s-2.osc", folder);
    unlink(second);
    begin();
    run(1000);
    cr_assert_eq(lat_control_set_rate(rig.c, 96000, &error), LAT_OK);
    run(1000);
    end();
    struct lat_score score;
    FILE *const stream = fopen(second, "r");
    cr_assert_not_null(stream);
    cr_assert_eq(lat_score_read(&score, stream, second, &error), LAT_OK, "%s",
                 error.text);
    fclose(stream);
    unlink(second);
    cr_expect_eq(score.journal_rate, 96000);
    cr_expect_eq(lat_score_frame(score.bundles[score.n - 1].tag, 96000), 1000);
    lat_score_fini(&score);
}

Test(journal, that_is_cut_short_is_read_up_to_there)
{
    begin();
    run(1000);
    rig_do(&rig, "set filter cutoff 500");
    run(1000);
    end();
    FILE *file = fopen(path, "r+");
    cr_assert_not_null(file);
    fseek(file, 0, SEEK_END);
    cr_assert_eq(ftruncate(fileno(file), ftell(file) - 5), 0);
    fclose(file);
    file = fopen(path, "r");
    cr_assert_not_null(file);
    struct lat_score score;
    cr_assert_eq(lat_score_read(&score, file, path, &error), LAT_OK, "%s",
                 error.text);
    fclose(file);
    cr_expect(score.is_cut);
    cr_expect_eq(score.n, 3, "the head, the session, an edit");
    lat_score_fini(&score);
}
