// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "file_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Links that lead to links: as many as the kernel follows.
#define MAX_LINKS 40

static bool
from_stat(const struct stat *s, struct lat_file_id *out)
{
    if (!S_ISREG(s->st_mode) && !S_ISFIFO(s->st_mode) &&
        !S_ISSOCK(s->st_mode) && !S_ISBLK(s->st_mode)) {
        return false;
    }
    *out = (struct lat_file_id){.device = s->st_dev, .inode = s->st_ino};
    return true;
}

/// Split off the last name of @p path, which becomes its folder.
static bool
split(char *path, char *name, size_t size)
{
    char *const slash = strrchr(path, '/');
    const char *const last = slash ? slash + 1 : path;
    const size_t n = strlen(last);
    if (n == 0 || n >= size) {
        return false;
    }
    memcpy(name, last, n + 1);
    if (slash) {
        slash[slash == path] = '\0'; // "/name" is in "/"
    } else {
        memcpy(path, ".", 2);
    }
    return true;
}

/// Put what the link @p path says in its place.  @return false if it is none.
static bool
follow(char *path, size_t size)
{
    char target[PATH_MAX];
    const ssize_t n = readlink(path, target, sizeof(target) - 1);
    if (n <= 0) {
        return false;
    }
    target[n] = '\0';
    const char *const slash = strrchr(path, '/');
    const size_t n_folder =
        target[0] != '/' && slash ? (size_t)(slash - path) + 1 : 0;
    if (n_folder + (size_t)n >= size) {
        return false;
    }
    memcpy(path + n_folder, target, (size_t)n + 1);
    return true;
}

bool
lat_file_id(const char *path, struct lat_file_id *out)
{
    struct stat s;
    if (stat(path, &s) == 0) {
        return from_stat(&s, out);
    }
    char at[PATH_MAX];
    if (errno != ENOENT ||
        snprintf(at, sizeof(at), "%s", path) >= (int)sizeof(at)) {
        return false;
    }
    for (int i = 0; i < MAX_LINKS && follow(at, sizeof(at)); ++i) {
    }
    struct lat_file_id id = {.name = ""};
    if (!split(at, id.name, sizeof(id.name)) || stat(at, &s) != 0) {
        return false;
    }
    id.device = s.st_dev;
    id.inode = s.st_ino;
    *out = id;
    return true;
}

bool
lat_file_id_of_fd(int fd, struct lat_file_id *out)
{
    struct stat s;
    return fstat(fd, &s) == 0 && from_stat(&s, out);
}

bool
lat_file_is_special(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode);
}

bool
lat_file_id_is_same(const struct lat_file_id *a, const struct lat_file_id *b)
{
    return a->device == b->device && a->inode == b->inode &&
           strcmp(a->name, b->name) == 0;
}
