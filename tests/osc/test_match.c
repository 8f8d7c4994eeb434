// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "osc/match.h"

#include <criterion/criterion.h>

#include <string.h>

static void
expect(const char *pattern, const char *text, bool is_match)
{
    cr_expect_eq(lat_osc_match(pattern, text), is_match, "%s on %s", pattern,
                 text);
}

Test(osc_match, takes_plain_text_as_itself)
{
    expect("freq", "freq", true);
    expect("freq", "fre", false);
    expect("freq", "freqs", false);
    expect("", "", true);
    expect("", "a", false);
}

Test(osc_match, knows_stars_and_question_marks)
{
    expect("*", "", true);
    expect("*", "anything", true);
    expect("v*e", "voice", true);
    expect("v*e", "voices", false);
    expect("*o*c*", "voice", true);
    expect("??", "ab", true);
    expect("??", "a", false);
    expect("voice_?", "voice_1", true);
    expect("drums.*", "drums.kick", true);
}

Test(osc_match, knows_classes)
{
    expect("in_[1-3]", "in_2", true);
    expect("in_[1-3]", "in_4", false);
    expect("in_[!1-3]", "in_4", true);
    expect("in_[!1-3]", "in_2", false);
    expect("[abc]", "b", true);
    expect("[a-]", "-", true);
    expect("[]", "a", false);
    expect("[!]", "a", true);
}

Test(osc_match, knows_choices)
{
    expect("{left,right}", "left", true);
    expect("{left,right}", "right", true);
    expect("{left,right}", "mid", false);
    expect("{a,ab}c", "abc", true);
    expect("{,x}y", "y", true);
    expect("{,x}y", "xy", true);
    expect("*{1,2}", "voice_12", true);
}

Test(osc_match, refuses_halves_of_brackets)
{
    static const char *const broken[] = {"[ab", "ab]", "{a,b", "a}", "[", "}"};
    for (size_t i = 0; i < LAT_COUNT(broken); ++i) {
        cr_expect_not(lat_osc_pattern_is_valid(broken[i]), "%s", broken[i]);
        expect(broken[i], "a", false);
    }
    cr_expect(lat_osc_pattern_is_valid("[a{]{b[,c}"));
}

Test(osc_match, matches_the_longest_name_of_a_node)
{
    char text[128];
    memset(text, 'a', sizeof(text) - 1);
    text[127] = '\0';
    expect("*", text, false);
    text[126] = '\0';
    expect("*", text, true);
    expect("*a", text, true);
    expect("*b", text, false);
    expect("?*?", text, true);
    expect("*{a,b}[!b]?", text, true);
    expect("*[b]", text, false);
    expect(text, text, true);
}

Test(osc_match, is_quick_on_patterns_that_make_others_try_for_ever,
     .timeout = 5)
{
    char pattern[241];
    char text[64];
    for (size_t i = 0; i < sizeof(pattern) - 1; ++i) {
        pattern[i] = i % 2 ? 'a' : '*';
    }
    pattern[sizeof(pattern) - 2] = 'b';
    pattern[sizeof(pattern) - 1] = '\0';
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 1000; ++i) {
        expect(pattern, text, false);
    }
}
