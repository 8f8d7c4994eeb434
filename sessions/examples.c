// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "examples.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/// The folder @p from_program, if it is there, from where the program is; NULL
/// if not, or when out of memory.
static char *
beside_program(const char *from_program)
{
    char program[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[n > 0 ? n : 0] = '\0';
    char *const slash = strrchr(program, '/');
    char *path = NULL;
    if (slash && asprintf(&path, "%.*s/%s", (int)(slash - program), program,
                          from_program) < 0) {
        return NULL;
    }
    if (path && is_folder(path)) {
        return path;
    }
    free(path);
    return NULL;
}

char *
lat_examples_folder(void)
{
    char *const path = beside_program(LAT_EXAMPLES_FROM_PROGRAM);
    return path ? path : strdup(LAT_EXAMPLES_FOLDER);
}

char *
lat_samples_folder(void)
{
    char *path = beside_program("samples"); // of a build
    path = path ? path : beside_program(LAT_SAMPLES_FROM_PROGRAM);
    return path ? path : strdup(LAT_SAMPLES_FOLDER);
}
