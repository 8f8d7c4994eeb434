// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "top_screen.h"
#include "base/log.h"
#include "base/rt.h"
#include "signals.h"

#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Longest time between two looks at signals and at what is due.
#define LOOK_MS 100

#define KEY_ENTERED   '\n'
#define KEY_ESCAPED   27
#define KEY_DELETED   127
#define ESCAPE_MS     25 // for what follows in the sequence of a key
#define FILTER_BYTES  128
#define LINES_ABOVE   (LAT_TOP_N_HEADER + 2) // the filter's line and the head
#define SMALLEST_LINE 20

struct screen {
    struct lat_top_source *source;
    struct lat_top *top;
    struct lat_top_view *view;
    char filter[FILTER_BYTES];
    char kept[FILTER_BYTES]; ///< the filter before it was typed anew
    bool is_typing, is_paused, is_over, is_changed;
    uint32_t first; ///< row on top
    uint64_t n_drawn, drawn_ns;
};

/// Rows that have room.
static uint32_t
page(void)
{
    return LINES > LINES_ABOVE + 2 ? (uint32_t)(LINES - LINES_ABOVE - 1) : 1;
}

// Keys.

static void
sort_by(struct screen *s, int step)
{
    const int n = LAT_TOP_N_COLUMNS;
    s->view->column =
        (enum lat_top_column)(((int)s->view->column + step + n) % n);
}

static void
sort_right(struct screen *s)
{
    sort_by(s, 1);
}

static void
sort_left(struct screen *s)
{
    sort_by(s, -1);
}

static void
reverse(struct screen *s)
{
    s->view->is_reversed = !s->view->is_reversed;
}

static void
begin_filter(struct screen *s)
{
    memcpy(s->kept, s->filter, sizeof(s->kept));
    s->is_typing = true;
}

static void
clear_filter(struct screen *s)
{
    s->filter[0] = '\0';
}

static void
pause_it(struct screen *s)
{
    s->is_paused = !s->is_paused;
    lat_top_source_hurry(s->source);
}

static void
quit(struct screen *s)
{
    s->is_over = true;
}

static void
go_down(struct screen *s)
{
    ++s->first;
}

static void
go_up(struct screen *s)
{
    s->first -= s->first > 0;
}

static void
page_down(struct screen *s)
{
    s->first += page();
}

static void
page_up(struct screen *s)
{
    s->first -= s->first < page() ? s->first : page();
}

static void
go_home(struct screen *s)
{
    s->first = 0;
}

static void
resize(struct screen *s)
{
    (void)s; // it is drawn anew
    clear();
}

static const struct {
    int key;
    void (*act)(struct screen *s);
} keys[] = {
    {'s', sort_right},
    {'>', sort_right},
    {KEY_RIGHT, sort_right},
    {'S', sort_left},
    {'<', sort_left},
    {KEY_LEFT, sort_left},
    {'r', reverse},
    {'/', begin_filter},
    {'f', begin_filter},
    {KEY_ESCAPED, clear_filter},
    {'p', pause_it},
    {' ', pause_it},
    {'q', quit},
    {'Q', quit},
    {KEY_DOWN, go_down},
    {'j', go_down},
    {KEY_UP, go_up},
    {'k', go_up},
    {KEY_NPAGE, page_down},
    {KEY_PPAGE, page_up},
    {KEY_HOME, go_home},
    {KEY_RESIZE, resize},
};

static const char help[] = "q quit  s/S sort  r reverse  / filter  Esc all  "
                           "p pause  arrows, PgUp, PgDn: scroll";

/// A key while the filter is typed.
static void
type(struct screen *s, int key)
{
    const size_t n = strlen(s->filter);
    switch (key) {
    case KEY_ENTERED:
    case KEY_ENTER:
        s->is_typing = false;
        break;
    case KEY_ESCAPED:
        memcpy(s->filter, s->kept, sizeof(s->filter));
        s->is_typing = false;
        break;
    case KEY_BACKSPACE:
    case KEY_DELETED:
    case '\b':
        s->filter[n > 0 ? n - 1 : 0] = '\0';
        break;
    case KEY_RESIZE:
        resize(s);
        break;
    default:
        if (key > ' ' && key < KEY_DELETED && n + 1 < sizeof(s->filter)) {
            s->filter[n] = (char)key;
            s->filter[n + 1] = '\0';
        }
        break;
    }
    s->first = 0;
}

static void
take_key(struct screen *s, int key)
{
    s->is_changed = true;
    if (s->is_typing) {
        type(s, key);
        return;
    }
    for (size_t i = 0; i < LAT_COUNT(keys); ++i) {
        if (keys[i].key == key) {
            keys[i].act(s);
        }
    }
}

// Drawing.

__attribute__((format(printf, 3, 4))) static void
put(int y, attr_t how, const char *format, ...)
{
    char text[LAT_TOP_LINE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    attron(how);
    mvaddnstr(y, 0, text, COLS);
    attroff(how);
}

/// What is wrong, or what is being typed, or which rows are seen.
static void
draw_state(const struct screen *s, int y)
{
    const char *const problem = lat_top_source_problem(s->source);
    const uint32_t last =
        s->first + page() < s->view->n ? s->first + page() : s->view->n;
    if (s->is_typing) {
        put(y, A_NORMAL, "filter: %s_", s->filter);
    } else if (problem) {
        put(y, A_BOLD, "%s; trying again", problem);
    } else if (s->top->n_pictures == 0) {
        put(y, A_NORMAL, "asking...");
    } else {
        put(y, A_NORMAL, "%u to %u of %u nodes%s%s%s",
            s->view->n ? s->first + 1 : 0, last, s->view->n,
            s->filter[0] ? ", filter: " : "", s->filter,
            s->is_paused ? ", paused" : "");
    }
}

static void
draw(struct screen *s)
{
    char line[LAT_TOP_LINE_BYTES];
    const int width = COLS < LAT_TOP_LINE_BYTES ? COLS : LAT_TOP_LINE_BYTES;
    int y = 0;
    lat_top_select(s->top, s->view);
    const uint32_t most = s->view->n > page() ? s->view->n - page() : 0;
    s->first = s->first < most ? s->first : most;
    erase();
    for (uint32_t i = 0; i < LAT_TOP_N_HEADER; ++i, ++y) {
        if (s->top->n_pictures > 0) {
            put(y, A_NORMAL, "%s", lat_top_header(s->top, i, line));
        }
    }
    draw_state(s, y++);
    put(y++, A_REVERSE, "%-*s", width, lat_top_head(s->view, width, line));
    for (uint32_t i = s->first; i < s->view->n && y < LINES - 1; ++i, ++y) {
        put(y, A_NORMAL, "%s",
            lat_top_line(s->top, s->view, &s->top->rows[s->view->order[i]],
                         width, line));
    }
    put(LINES - 1, A_REVERSE, "%-*s", width - 1, help);
    refresh();
    s->is_changed = false;
    s->n_drawn = s->top->n_pictures;
    s->drawn_ns = lat_now_ns();
}

/// Rows that can be seen are measured; all, where there are not too many.
static void
measure(const struct screen *s)
{
    const bool are_few = s->view->n <= LAT_TOP_MAX_MEASURED;
    lat_top_source_measure(s->source, s->view, are_few ? 0 : s->first,
                           are_few ? s->view->n : page());
}

// Waiting.

/// Wait for keys, and for what comes.
static void
await(struct screen *s)
{
    struct pollfd fds[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = lat_top_source_fd(s->source), .events = POLLIN},
    };
    if (poll(fds, LAT_COUNT(fds), LOOK_MS) > 0 && fds[1].revents) {
        lat_top_source_receive(s->source);
    }
    bool has_key = false;
    for (int key = getch(); key != ERR; key = getch()) {
        has_key = true;
        take_key(s, key);
    }
    // The terminal is gone.
    s->is_over = s->is_over || (fds[0].revents && !has_key);
}

static void
run(struct screen *s)
{
    bool had_problem = false;
    while (!s->is_over && !lat_cli_has_ending_signal()) {
        const uint64_t now_ns = lat_now_ns();
        if (!s->is_paused) {
            lat_top_source_step(s->source, now_ns);
        }
        const bool has_problem = lat_top_source_problem(s->source) != NULL;
        const bool is_old = now_ns > s->drawn_ns + LOOK_MS * UINT64_C(1000000);
        if (s->is_changed || s->n_drawn != s->top->n_pictures ||
            has_problem != had_problem || (is_old && !s->is_paused)) {
            draw(s);
            if (!s->is_paused) {
                measure(s);
            }
        }
        had_problem = has_problem;
        await(s);
    }
}

enum lat_exit
lat_top_show(struct lat_top_source *source, struct lat_top *top,
             struct lat_top_view *v)
{
    struct screen s = {
        .source = source, .top = top, .view = v, .is_changed = true};
    const char *const kind = getenv("TERM");
    SCREEN *const terminal = newterm(NULL, stdout, stdin);
    if (!terminal) {
        lat_log(LAT_LOG_ERROR,
                "the terminal '%s' is not known: set TERM, or take --once",
                kind ? kind : "");
        return LAT_EXIT_SYSTEM;
    }
    snprintf(s.filter, sizeof(s.filter), "%s", v->filter ? v->filter : "");
    v->filter = s.filter;
    // Signals are looked at between two pictures: the terminal is to be given
    // back as it was.
    lat_cli_hold_ending_signals(true);
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    run(&s);
    endwin();
    delscreen(terminal);
    v->filter = NULL;
    return LAT_EXIT_DONE;
}
