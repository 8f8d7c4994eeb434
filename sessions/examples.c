// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "examples.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
lat_examples_folder(void)
{
    char program[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (n > 0) {
        program[n] = '\0';
        char *const slash = strrchr(program, '/');
        char *path = NULL;
        struct stat st;
        if (slash && asprintf(&path, "%.*s/%s", (int)(slash - program), program,
                              LAT_EXAMPLES_FROM_PROGRAM) < 0) {
            return NULL;
        }
        if (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            return path;
        }
        free(path);
    }
    return strdup(LAT_EXAMPLES_FOLDER);
}
