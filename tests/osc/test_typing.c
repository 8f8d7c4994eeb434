// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What `lattice send` makes of a command line, and how messages are shown.

#include "base/rt.h"
#include "osc/print.h"
#include "osc/typing.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/// A message from a command line, as text with its types.
static void
make(const char *path, const char *const *words, uint32_t n, char *types,
     char *shown, size_t size)
{
    struct lat_osc_call probe = {.path = path};
    const struct lat_verb *const verb =
        lat_osc_find_verb(&probe) ? NULL : probe.verb;
    lo_message m = lo_message_new();
    for (uint32_t i = 0; i < n; ++i) {
        cr_assert(lat_osc_add_typed(m, verb, i, words[i]));
    }
    size_t packet_size = 0;
    void *const packet = lo_message_serialise(m, path, NULL, &packet_size);
    struct lat_osc_message read;
    cr_assert_eq(lat_osc_message_read(&read, packet, packet_size, NULL),
                 LAT_OK);
    snprintf(types, 16, "%s", read.types ? read.types : "");
    lat_osc_message_text(&read, shown, size);
    lat_osc_message_fini(&read);
    free(packet);
    lo_message_free(m);
}

Test(osc_typing, arguments_have_the_types_that_the_table_gives_them)
{
    static const struct {
        const char *path;
        const char *words[8];
        const char *types;
    } cases[] = {
        {"/node/new", {"sine", "lfo", "freq", "3"}, "sssi"},
        {"/node/new", {"sine", "7", "freq", "3.5", "phase", "0.1"}, "sssfsd"},
        {"/node/new", {"sine", "lfo", "freq", "1.2kHz", "2", "2"}, "sssssi"},
        {"/node/free", {"a", "1", "2"}, "sss"},
        {"/node/set", {"lfo", "freq", "-12", "sync", "1"}, "ssisi"},
        {"/node/x/freq", {"a4"}, "s"},
        {"/node/x/freq", {"440", "0.5"}, "if"},
        {"/node/x/freq", {"440", "500ms"}, "is"},
        {"/node/x/freq", {"440.0"}, "s"}, // may be text: it stays as it is
        {"/node/x/freq", {"007"}, "s"},
        {"/node/x/freq/norm", {"0.50"}, "f"},
        {"/connect", {"1", "2", "-0.5"}, "ssf"},
        {"/connect", {"a", "b", "-6dB"}, "sss"},
        {"/cable/a/out/b/in", {"600"}, "i"},
        {"/session/save", {"2024", "overwrite"}, "ss"},
        {"/session/import", {"1", "2"}, "ss"},
        {"/transport/tempo", {"97.5"}, "f"},
        {"/sync", {"5"}, "i"},
        {"/notify", {"1"}, "i"},
        {"/dumpOSC", {"1"}, "i"},
        {"/panic", {"1"}, "i"},
        {"/nothing", {"1", "x", "3000000000"}, "isf"},
        {"/sync", {"1", "2"}, "ii"}, // too many: let lattice say so
        {"/node/*/freq", {"0.001"}, "d"},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        char types[16];
        char shown[256];
        uint32_t n = 0;
        while (n < 8 && cases[i].words[n]) {
            ++n;
        }
        make(cases[i].path, cases[i].words, n, types, shown, sizeof(shown));
        cr_expect_str_eq(types, cases[i].types, "%s: %s", shown, types);
    }
}

/// Whatever the table calls a name is text, in every message of it.
Test(osc_typing, names_are_text_in_every_message)
{
    static const char *const names[] = {"NAME", "TYPE", "SRC", "OLD", "NAME…"};
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        for (size_t i = 0; i < LAT_COUNT(names); ++i) {
            const size_t n = strlen(names[i]);
            if (strncmp(v->args, names[i], n) == 0) {
                const char *const words[] = {"12"};
                char types[16];
                char shown[256];
                make(v->path, words, 1, types, shown, sizeof(shown));
                cr_expect_str_eq(types, "s", "%s", v->path);
            }
        }
    }
}

Test(osc_typing, messages_are_shown_on_a_line)
{
    static const char *const words[] = {"sine", "a b", "", "0.1", "3", "x"};
    char types[16];
    char shown[256];
    make("/nothing", words, 6, types, shown, sizeof(shown));
    cr_expect_str_eq(shown, "/nothing sine \"a b\" \"\" 0.1 3 x");
    char small[16];
    make("/nothing", words, 6, types, small, sizeof(small));
    cr_expect_str_eq(small, "/nothing sin...");
}
