// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Saving a session: where to, and whether that may be overwritten.

#include "apply.h"
#include "finding.h"
#include "linking.h"
#include "session.h"
#include "session_state.h"
#include "write.h"

#include <stdlib.h>
#include <string.h>

/// Is what is there, if anything, the file of a newer lattice?  What cannot be
/// read may be one.
static enum lat_status
check_age(const struct lat_file_place *place, struct lat_error *error)
{
    struct lat_problems problems = {0};
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    struct stat st;
    if (!lat_file_place_look(place, &st) || !S_ISREG(st.st_mode)) {
        return LAT_OK;
    }
    FILE *const stream = lat_file_place_open(place, place->path, error);
    if (!stream) {
        return error->status;
    }
    if (!lat_draft_read(&draft, stream, &problems)) {
        lat_draft_read_head(&draft, &head, &problems);
    }
    fclose(stream);
    lat_draft_fini(&draft);
    lat_problems_fini(&problems);
    return head.is_newer
               ? lat_error_set(error, LAT_EEXIST,
                               "%.400s was made by a newer lattice and is not "
                               "overwritten; save under another name: "
                               "/session/save NAME",
                               place->path)
               : LAT_OK;
}

/// Where else to save, for messages.
static const char *
elsewhere(const struct lat_sessions *s)
{
    return s->is_managed ? LAT_STORE_MANAGED : LAT_STORE_ELSEWHERE;
}

static const char *
why_nameless(const struct lat_sessions *s)
{
    return s->nameless ? s->nameless->why : "no session is loaded";
}

/// Where the loaded session is to be written.
static enum lat_status
find_loaded(const struct lat_sessions *s, struct lat_file_place *out,
            struct lat_error *error)
{
    if (!s->loaded && s->is_managed) {
        return lat_error_set(error, LAT_EINVAL, "%s", why_nameless(s));
    }
    if (!s->loaded) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s; say which: /session/save NAME",
                             why_nameless(s));
    }
    char *const folder =
        strndup(s->loaded, (size_t)(strrchr(s->loaded, '/') - s->loaded + 1));
    if (!folder) {
        return no_memory(error);
    }
    enum lat_status status = lat_store_make_folder(folder, elsewhere(s), error);
    free(folder);
    if (!status) {
        status = lat_file_place_of(s->loaded, elsewhere(s), out, error);
    }
    return status;
}

/// Where a session of that name is to be written.
static enum lat_status
find_named(const struct lat_sessions *s, const char *name,
           struct lat_file_place *out, struct lat_error *error)
{
    char leaf[LEAF_MAX];
    enum lat_status status = lat_sessions_check_name(name, error);
    if (!status && !s->folder) {
        status = lat_error_set(error, LAT_ENOTFOUND,
                               "no folder for sessions is known; set HOME or "
                               "say --session-dir");
    }
    if (!status) {
        status = lat_store_make_folder(s->folder, LAT_STORE_ELSEWHERE, error);
    }
    if (!status) {
        lat_store_clean(s->folder);
        lat_store_leaf(name, leaf, sizeof(leaf));
        status = lat_file_place_inside(s->folder, leaf, name,
                                       LAT_STORE_ELSEWHERE, out, error);
    }
    return status;
}

/// Nothing is written to that somebody guards, or that was only read.
static enum lat_status
check_guard(const struct lat_sessions *s, const struct lat_file_place *place,
            bool is_loaded, struct lat_error *error)
{
    if (is_loaded && !s->is_saved) {
        return lat_error_set(error, LAT_EINVAL,
                             "%.400s was loaded, and is only read here: save "
                             "under another name",
                             place->path);
    }
    return s->guard(s->guard_data, place->path, error);
}

/// Where to save to.
static enum lat_status
choose_place(const struct lat_sessions *s, const char *name, bool overwrite,
             struct lat_file_place *out, struct lat_error *error)
{
    struct stat st;
    if (name && s->is_managed) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session manager says where this session is "
                             "saved; /session/save without a name does");
    }
    enum lat_status status =
        name ? find_named(s, name, out, error) : find_loaded(s, out, error);
    if (status) {
        return status;
    }
    const bool is_loaded = s->loaded && strcmp(out->path, s->loaded) == 0;
    if (!is_loaded && !overwrite && lat_file_place_look(out, &st)) {
        status = lat_error_set(error, LAT_EEXIST,
                               "there is a session '%s' already; /session/save "
                               "%s overwrite replaces it",
                               name, name);
    } else if (!(is_loaded && s->is_saved)) {
        status = check_age(out, error);
    }
    if (!status && s->guard) {
        status = check_guard(s, out, is_loaded, error);
    }
    if (status) {
        lat_file_place_fini(out);
    }
    return status;
}

/// Where a manager keeps all of it in one folder, what lies elsewhere is linked
/// there.
static enum lat_status
write_text(const struct lat_sessions *s, const char *path, FILE *stream)
{
    struct lat_link_names links = {0};
    const char *const slash = strrchr(path, '/');
    char *const folder =
        strndup(path, slash == path ? 1 : (size_t)(slash - path));
    enum lat_status status = folder ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        status = s->project
                     ? lat_links_make(s->control, &s->finder, folder, &links)
                     : lat_links_place(s->control, &s->finder, folder, &links);
    }
    if (!status) {
        status = lat_session_write_linked(s->control, &links, stream);
    }
    lat_links_fini(&links);
    free(folder);
    return status;
}

static enum lat_status
save_to(struct lat_sessions *s, const struct lat_file_place *place,
        struct lat_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *const stream = open_memstream(&text, &length);
    if (!stream) {
        return no_memory(error);
    }
    enum lat_status status = write_text(s, place->path, stream);
    if (fclose(stream) || status) {
        free(text);
        return no_memory(error);
    }
    status = lat_store_write(place, text, length, elsewhere(s), error);
    free(text);
    return status;
}

enum lat_status
lat_sessions_save(struct lat_sessions *s, const char *name, bool overwrite,
                  struct lat_error *error)
{
    struct lat_file_place place;
    enum lat_status status = choose_place(s, name, overwrite, &place, error);
    if (status) {
        return status;
    }
    if (s->collect) {
        s->collect(s->collect_data);
    }
    char *const path = strdup(place.path);
    status = path ? save_to(s, &place, error) : no_memory(error);
    lat_file_place_fini(&place);
    if (status) {
        free(path);
        return status;
    }
    lat_sessions_remember(s, path, NULL, true);
    ++s->n_saves;
    lat_sessions_keep_soon(s); // that a file has it
    return LAT_OK;
}
