// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What sounds there are by name: in the session's folder and those for samples.

#include "base/file.h"
#include "session.h"
#include "session_state.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/// Sounds that are in @p folder; 0 where it is none.
static uint32_t
count_sounds(const char *folder)
{
    uint32_t n = 0;
    DIR *const dir = opendir(folder);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e;
         e = readdir(dir)) {
        n += e->d_name[0] != '.' && lat_file_has_sound_name(e->d_name);
    }
    if (dir) {
        closedir(dir);
    }
    return n;
}

/// How many sounds entry @p name of folder number @p i is; 0 where a folder
/// before has something of that name.
static enum lat_status
count_entry(const struct lat_finder *f, uint32_t i, const char *name,
            uint32_t *n)
{
    *n = 0;
    for (uint32_t k = 0; k <= i; ++k) {
        char *path = NULL;
        struct stat is;
        if (asprintf(&path, "%s/%s", lat_finder_folder(f, k), name) < 0) {
            return LAT_ENOMEM;
        }
        const bool is_there = stat(path, &is) == 0;
        if (is_there && k == i) {
            *n = S_ISDIR(is.st_mode) ? count_sounds(path)
                                     : lat_file_has_sound_name(name);
        }
        free(path);
        if (is_there) {
            break;
        }
    }
    return LAT_OK;
}

enum lat_status
lat_finder_sounds(const struct lat_finder *f,
                  void (*each)(void *data, const char *name, uint32_t n),
                  void *data)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && lat_finder_folder(f, i); ++i) {
        struct dirent **entries = NULL;
        const int n =
            scandir(lat_finder_folder(f, i), &entries, is_visible, alphasort);
        for (int k = 0; k < n; ++k) {
            uint32_t n_sounds = 0;
            status = status ? status
                            : count_entry(f, i, entries[k]->d_name, &n_sounds);
            if (!status && n_sounds) {
                each(data, entries[k]->d_name, n_sounds);
            }
            free(entries[k]);
        }
        free(entries);
    }
    return status;
}

struct listing {
    void (*each)(void *data, const char *name);
    void *data;
};

static void
tell_name(void *data, const char *name, uint32_t n)
{
    const struct listing *const l = data;
    (void)n;
    l->each(l->data, name);
}

enum lat_status
lat_finder_list(void *data, void (*each)(void *data, const char *name),
                void *each_data)
{
    struct listing l = {each, each_data};
    return lat_finder_sounds(data, tell_name, &l);
}

enum lat_status
lat_sessions_sounds(const struct lat_sessions *s,
                    void (*each)(void *data, const char *name, uint32_t n),
                    void *data, struct lat_error *error)
{
    return lat_finder_sounds(&s->finder, each, data)
               ? lat_error_set(error, LAT_ENOMEM, "out of memory")
               : LAT_OK;
}
