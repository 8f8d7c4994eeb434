// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A session that is saved in another folder still finds what it names.

#include "test_sessions.h"

#include "support/wav.h"

#include <sys/stat.h>

#define SCALE "! x.scl\n!\nTwo halves\n 2\n!\n 3/2\n 2/1\n"
#define KEYS  "0\n0\n127\n60\n69\n440.0\n0\n"

static struct lat_control *c;
static struct lat_sessions *s;
static struct lat_error error;
static char *folder;
static char *elsewhere;

static void
begin(void)
{
    folder = new_folder();
    elsewhere = new_folder();
    c = new_control();
    cr_assert_eq(lat_sessions_new(c, folder, &s), LAT_OK);
    put_file(elsewhere, "own.scl", SCALE);
    put_file(elsewhere, "own.kbm", KEYS);
    put_file(elsewhere, "key.scl", SCALE);
    put_file(elsewhere, "a.ini",
             "[session]\nformat = 1\ntuning = own.scl\nkeymap = own.kbm\n\n"
             "[node keys]\ntype = midi_notes\ntuning = key.scl\n"
             "keymap = missing.kbm\n");
}

static void
end(void)
{
    lat_sessions_free(s);
    lat_control_free(c);
    drop_folder(folder);
    drop_folder(elsewhere);
}

TestSuite(sessions_moved, .init = begin, .fini = end, .timeout = 60);

static void
load(const char *in)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", in, "a.ini");
    cr_assert_eq(lat_sessions_open(s, path, true, NULL, NULL, &error), LAT_OK,
                 "%s", error.text);
}

static void
save(const char *name)
{
    cr_assert_eq(lat_sessions_save(s, name, false, &error), LAT_OK, "%s",
                 error.text);
}

static char *
text_of(const char *name)
{
    char *const text = get_file(folder, name);
    cr_assert_not_null(text);
    return text;
}

static bool
says(const char *text, const char *key, const char *file)
{
    char line[700];
    snprintf(line, sizeof(line), "%s = %s/%s\n", key, elsewhere, file);
    return strstr(text, line);
}

static void
expect_whole_paths(const char *text)
{
    cr_expect(says(text, "tuning", "own.scl"), "%s", text);
    cr_expect(says(text, "keymap", "own.kbm"), "%s", text);
    cr_expect(says(text, "tuning", "key.scl"), "%s", text);
    cr_expect(strstr(text, "keymap = missing.kbm\n"),
              "what is not there keeps its name: %s", text);
}

Test(sessions_moved, finds_its_files_again)
{
    load(elsewhere);
    save("a");
    char *const first = text_of("a.ini");
    expect_whole_paths(first);
    save(NULL); // in the other folder by now
    char *const second = text_of("a.ini");
    cr_expect_str_eq(first, second);
    struct heard heard = {0};
    char path[600];
    snprintf(path, sizeof(path), "%s/a.ini", folder);
    cr_assert_eq(lat_sessions_open(s, path, true, hear, &heard, &error), LAT_OK,
                 "%s", error.text);
    cr_expect_not_null(lat_control_document(c)->tuned);
    cr_expect_not(strstr(heard.text, "own.scl"), "%s", heard.text);
    cr_expect_not(strstr(heard.text, "key.scl"), "%s", heard.text);
    save(NULL);
    char *const third = text_of("a.ini");
    cr_expect_str_eq(first, third);
    free(first);
    free(second);
    free(third);
}

Test(sessions_moved, leaves_names_that_lead_there_too)
{
    load(elsewhere);
    cr_assert_eq(lat_sessions_add_sample_dir(s, elsewhere), LAT_OK);
    save("a");
    char *const text = text_of("a.ini");
    cr_expect(strstr(text, "tuning = own.scl\n"), "%s", text);
    cr_expect(strstr(text, "tuning = key.scl\n"), "%s", text);
    free(text);
}

Test(sessions_moved, tells_one_of_the_same_name_apart)
{
    put_file(folder, "own.scl", SCALE);
    load(elsewhere);
    save("a");
    char *const text = text_of("a.ini");
    expect_whole_paths(text);
    free(text);
}

Test(sessions_moved, of_parts_are_found_from_the_whole)
{
    char *text = NULL;
    size_t length = 0;
    put_file(folder, "b.ini",
             "[session]\nformat = 1\n\n[node keys]\ntype = midi_notes\n"
             "tuning = key.scl\n");
    put_file(folder, "key.scl", SCALE);
    load(elsewhere);
    cr_assert_eq(lat_sessions_import(s, "b", "p", &error), LAT_OK, "%s",
                 error.text);
    // As it is kept, with the folder of the session that is loaded.
    cr_assert_eq(lat_sessions_write_whole(s, &text, &length), LAT_OK);
    char line[700];
    snprintf(line, sizeof(line), "tuning = %s/key.scl\n", folder);
    cr_expect(strstr(text, line), "%s", text);
    cr_expect(strstr(text, "tuning = key.scl\n"), "%s", text);
    free(text);
}

// The number of a sound stays with the name of its folder.
Test(sessions_moved, finds_the_same_sounds_again)
{
    char path[600];
    char name[700];
    snprintf(path, sizeof(path), "%s/bd", elsewhere);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(name, sizeof(name), "%s/0.wav", path);
    wav_write(name, 0.5F);
    put_file(elsewhere, "a.ini",
             "[session]\nformat = 1\n\n[node d]\ntype = sampler\n"
             "sample = bd:1\n\n[node e]\ntype = sampler\nsample = bd\n");
    load(elsewhere);
    save("a");
    char *const moved = text_of("a.ini");
    cr_expect(says(moved, "sample", "bd:1"), "%s", moved);
    cr_expect(says(moved, "sample", "bd"), "%s", moved);
    // Where the folder is one for samples the names lead there from anywhere.
    cr_assert_eq(lat_sessions_add_sample_dir(s, elsewhere), LAT_OK);
    load(elsewhere);
    save("b");
    char *const same = text_of("b.ini");
    cr_expect(strstr(same, "sample = bd:1\n"), "%s", same);
    cr_expect(strstr(same, "sample = bd\n"), "%s", same);
    free(moved);
    free(same);
}
