// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "log.h"
#include "rt.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/// Lines that outsiders may provoke in a second.
#define LINES_PER_SECOND 10

#define SECOND_NS UINT64_C(1000000000)

static atomic_int max_level = LAT_LOG_INFO;

void
lat_log_set_level(enum lat_log_level level)
{
    atomic_store_explicit(&max_level, (int)level, memory_order_relaxed);
}

static bool
is_wanted(enum lat_log_level level)
{
    return (int)level <= atomic_load_explicit(&max_level, memory_order_relaxed);
}

static const char *program = "lattice";

void
lat_log_set_program(const char *name)
{
    program = name;
}

/// Room for "lattice: ", the text and the newline.
struct line {
    char bytes[1024];
};

static void
write_line(struct line *line, const char *format, va_list args)
{
    const int n = snprintf(line->bytes, sizeof(line->bytes), "%s: ", program);
    vsnprintf(line->bytes + n, sizeof(line->bytes) - (size_t)n - 1, format,
              args);
}

/// One write of one whole line, so that lines of threads do not mix.
static void
print_line(struct line *line)
{
    char *c = line->bytes;
    for (; *c != '\0'; ++c) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c == 0x7f) {
            *c = '?';
        }
    }
    *c++ = '\n';
    fwrite(line->bytes, 1, (size_t)(c - line->bytes), stderr);
    fflush(stderr);
}

void
lat_log(enum lat_log_level level, const char *format, ...)
{
    if (!is_wanted(level)) {
        return;
    }
    struct line line;
    va_list args;
    va_start(args, format);
    write_line(&line, format, args);
    va_end(args);
    print_line(&line);
}

/// Lines of the present second, which outsiders provoked.
static struct {
    enum lat_log_level level; ///< of the first that was left out
    uint64_t began_ns;
    unsigned n_printed, n_left_out;
} second;

void
lat_log_tick(void)
{
    if (second.n_printed == 0 || lat_now_ns() - second.began_ns < SECOND_NS) {
        return;
    }
    if (second.n_left_out > 0) {
        lat_log(second.level, "%u more lines of this kind were left out",
                second.n_left_out);
    }
    second.n_printed = 0;
    second.n_left_out = 0;
}

uint64_t
lat_log_next_ns(void)
{
    return second.n_left_out > 0 ? second.began_ns + SECOND_NS : UINT64_MAX;
}

void
lat_log_bounded(enum lat_log_level level, const char *format, ...)
{
    if (!is_wanted(level)) {
        return;
    }
    lat_log_tick();
    if (second.n_printed == 0) {
        second.began_ns = lat_now_ns();
    }
    if (second.n_printed >= LINES_PER_SECOND) {
        second.level = second.n_left_out ? second.level : level;
        ++second.n_left_out;
        return;
    }
    ++second.n_printed;
    struct line line;
    va_list args;
    va_start(args, format);
    write_line(&line, format, args);
    va_end(args);
    print_line(&line);
}
