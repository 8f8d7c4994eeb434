// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kit.h"
#include "base/column.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/// Of what is not there, the error stands in place of its path, behind this.
#define IS_MISSING '?'

/// What is one of all that there are may be left out.
#define IS_ONE_OF_ALL '*'

// --- Names in a text ---------------------------------------------------------

struct naming {
    const char *text;
    lat_take_file_fn take;
    void *data;
    struct lat_error *error;
    enum lat_status status;
};

static bool
name_value(void *data, const struct lat_pattern_said *value)
{
    struct naming *const n = data;
    if (!value->is_word) {
        n->status = lat_error_set(
            n->error, LAT_EINVAL,
            "column %u: a number names no sound: write a name such as bd, and "
            "the number behind it, bd:2, or as n_pattern",
            lat_column_of(n->text, n->text + value->place));
        return false;
    }
    return !n->take || n->take(n->data, n->text + value->place, value->length);
}

/// Bytes of the text of a key.
static size_t
text_size(const char *key)
{
    return strcspn(key, (const char[]){LAT_FILES_SEPARATOR, 0});
}

enum lat_status
lat_kit_check_pattern(const char *text, struct lat_error *error)
{
    struct lat_pattern *p = NULL;
    struct naming n = {.text = text, .error = error};
    enum lat_status status =
        lat_pattern_parse(text, text_size(text), &p, NULL, error);
    if (!status && lat_pattern_each_value(p, name_value, &n)) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    lat_pattern_free(p);
    return status ? status : n.status;
}

enum lat_status
lat_kit_files_of_pattern(const char *text, lat_take_file_fn take, void *data)
{
    struct lat_pattern *p = NULL;
    struct lat_error ignored;
    struct naming n = {text, take, data, &ignored, LAT_OK};
    enum lat_status status =
        lat_pattern_parse(text, text_size(text), &p, NULL, &ignored);
    status = status ? status : lat_pattern_each_value(p, name_value, &n);
    lat_pattern_free(p);
    return status;
}

enum lat_status
lat_kit_files_of_list(const char *text, lat_take_file_fn take, void *data)
{
    for (const char *at = text + strspn(text, " \t"); *at;) {
        const size_t n = strcspn(at, " \t");
        if (!take(data, at, n)) {
            break;
        }
        at += n + strspn(at + n, " \t");
    }
    return LAT_OK;
}

// --- What is prepared --------------------------------------------------------

/// A name and where it lies, of a key.
struct entry {
    const char *name, *path;
    size_t n_name, n_path;
};

/// The one behind @p at, or false.
static bool
next_entry(const char **at, struct entry *out)
{
    const char *p = strchr(*at, LAT_FILES_SEPARATOR);
    const char *const q = p ? strchr(p + 1, LAT_FILES_SEPARATOR) : NULL;
    if (!q) {
        return false;
    }
    out->name = p + 1;
    out->n_name = (size_t)(q - out->name);
    out->path = q + 1;
    p = strchr(q + 1, LAT_FILES_SEPARATOR);
    out->n_path = p ? (size_t)(p - out->path) : strlen(out->path);
    *at = out->path + out->n_path;
    return true;
}

static size_t
bytes_of(const struct lat_sounds *s)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        n += (size_t)s->list[i].n_frames * s->list[i].n_channels;
    }
    return n * sizeof(float);
}

/// Where @p name is, or would be, in the kit.
static uint32_t
place_of(const struct lat_kit *kit, uint64_t name)
{
    uint32_t low = 0;
    for (uint32_t high = kit->n; low < high;) {
        const uint32_t middle = (low + high) / 2;
        if (kit->banks[middle].name < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
insert(struct lat_kit *kit, uint64_t name, struct lat_bank *bank)
{
    const uint32_t i = place_of(kit, name);
    memmove(&kit->banks[i + 1], &kit->banks[i],
            (kit->n - i) * sizeof(*kit->banks));
    kit->banks[i] = (struct lat_kit_bank){name, bank};
    ++kit->n;
}

static enum lat_status
read_bank(struct lat_kit *kit, const struct entry *e, double rate,
          size_t *bytes, struct lat_error *error)
{
    const bool may_lack = *e->path == IS_ONE_OF_ALL;
    char *const path = strndup(e->path + may_lack, e->n_path - may_lack);
    struct lat_bank *bank = NULL;
    enum lat_status status =
        !path ? lat_error_set(error, LAT_ENOMEM, "out of memory")
        : *path == IS_MISSING
            ? lat_error_set(error, LAT_ENOTFOUND, "%s", path + 1)
            : lat_bank_get(path, rate, &bank, error);
    free(path);
    *bytes += status ? 0 : bytes_of(bank->sounds);
    if (!status && *bytes > LAT_SOUNDS_MOST_BYTES) {
        lat_bank_release(bank);
        status = lat_error_set(error, LAT_EFULL,
                               "all sounds together are too large: up to %zu "
                               "MiB are kept in memory; name fewer",
                               LAT_SOUNDS_MOST_BYTES >> 20U);
    } else if (!status) {
        insert(kit, lat_name_hash(e->name, e->n_name), bank);
    }
    return may_lack && status != LAT_ENOMEM ? LAT_OK : status;
}

/// Have room for all that a key names, and read it.
static enum lat_status
read_banks(struct lat_kit *kit, const char *key, double rate,
           struct lat_error *error)
{
    struct entry e;
    uint32_t n = 0;
    size_t bytes = 0;
    for (const char *at = key; next_entry(&at, &e);) {
        ++n;
    }
    kit->banks = calloc(n + (size_t)1, sizeof(*kit->banks));
    enum lat_status status =
        kit->banks ? LAT_OK : lat_error_set(error, LAT_ENOMEM, "out of memory");
    for (const char *at = key; !status && next_entry(&at, &e);) {
        status = read_bank(kit, &e, rate, &bytes, error);
    }
    return status;
}

enum lat_status
lat_kit_make_list(const char *key, double rate, void **data,
                  struct lat_error *error)
{
    struct lat_kit *const kit = calloc(1, sizeof(*kit));
    const enum lat_status status =
        kit ? read_banks(kit, key, rate, error)
            : lat_error_set(error, LAT_ENOMEM, "out of memory");
    if (status) {
        lat_kit_forget(kit);
    } else {
        *data = kit;
    }
    return status;
}

/// A kit whose words are looked up.
struct words {
    struct lat_kit *kit;
    const char *text;
};

static bool
note_word(void *data, const struct lat_pattern_said *value)
{
    const struct words *const w = data;
    w->kit->bank_of[value->word] =
        place_of(w->kit, lat_name_hash(w->text + value->place, value->length));
    return true;
}

static enum lat_status
read_pattern(struct lat_kit *kit, const char *key, struct lat_error *error)
{
    enum lat_status status =
        lat_pattern_parse(key, text_size(key), &kit->pattern, NULL, error);
    if (status) {
        return status;
    }
    const uint32_t n = lat_pattern_count(kit->pattern);
    kit->bank_of = calloc(n + (size_t)1, sizeof(*kit->bank_of));
    struct words words = {kit, key};
    if (!kit->bank_of ||
        lat_pattern_each_value(kit->pattern, note_word, &words)) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    return LAT_OK;
}

enum lat_status
lat_kit_make_pattern(const char *key, double rate, void **data,
                     struct lat_error *error)
{
    void *made = NULL;
    enum lat_status status = lat_kit_make_list(key, rate, &made, error);
    status = status ? status : read_pattern(made, key, error);
    if (status) {
        lat_kit_forget(made);
    } else {
        *data = made;
    }
    return status;
}

void
lat_kit_forget(void *data)
{
    struct lat_kit *const kit = data;
    for (uint32_t i = 0; kit && i < kit->n; i++) {
        lat_bank_release(kit->banks[i].bank);
    }
    if (kit) {
        lat_pattern_free(kit->pattern);
        free(kit->banks);
        free(kit->bank_of);
    }
    free(kit);
}

/// Call @p each with all paths of a key, until it returns false.
static bool
each_path(const char *key, bool (*each)(void *data, const char *path),
          void *data)
{
    bool goes_on = true;
    struct entry e;
    for (const char *at = key; goes_on && next_entry(&at, &e);) {
        const size_t skipped = *e.path == IS_ONE_OF_ALL;
        char *const path = strndup(e.path + skipped, e.n_path - skipped);
        goes_on = path && (*path == IS_MISSING || each(data, path));
        free(path);
    }
    return goes_on;
}

static bool
is_path_at_hand(void *data, const char *path)
{
    const double *const rate = data;
    return lat_bank_is_at_hand(path, *rate);
}

bool
lat_kit_is_at_hand(const char *key, double rate)
{
    return each_path(key, is_path_at_hand, &rate);
}

static bool
add_stamp(void *data, const char *path)
{
    uint64_t *const sum = data;
    *sum = *sum * UINT64_C(0x9e3779b97f4a7c15) + lat_sounds_stamp(path);
    return true;
}

uint64_t
lat_kit_stamp(const char *key)
{
    uint64_t sum = 0;
    each_path(key, add_stamp, &sum);
    return sum;
}

// --- Playing -----------------------------------------------------------------

LAT_RT const struct lat_pattern *
lat_kit_pattern_of(const void *kit)
{
    return ((const struct lat_kit *)kit)->pattern;
}

LAT_RT struct lat_sounds *
lat_kit_find(const struct lat_kit *kit, uint64_t name)
{
    const uint32_t i = kit ? place_of(kit, name) : 0;
    return kit && i < kit->n && kit->banks[i].name == name
               ? kit->banks[i].bank->sounds
               : NULL;
}

LAT_RT struct lat_sounds *
lat_kit_of_word(const struct lat_kit *kit, uint32_t word)
{
    const bool is_there =
        kit->bank_of && word < lat_pattern_count(kit->pattern);
    const uint32_t i = is_there ? kit->bank_of[word] : kit->n;
    return i < kit->n ? kit->banks[i].bank->sounds : NULL;
}
