// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sounds by name: those that the text of a pattern names, or those of a list.
///
/// What is prepared of such a text is prepared from the names and where they
/// lie, LAT_FILES_SEPARATOR before each of both (struct lat_setting,
/// `files_of`); without those, names are paths.
#ifndef LAT_NODES_SAMPLER_KIT_H
#define LAT_NODES_SAMPLER_KIT_H

#include "banks.h"
#include "node/type.h"
#include "nodes/pattern/pattern.h"

struct lat_kit_bank {
    uint64_t name; ///< lat_name_hash() of it
    struct lat_bank *bank;
};

/// Sounds, and the pattern that names them, if one does.
struct lat_kit {
    struct lat_pattern *pattern; ///< or NULL
    uint32_t n;
    struct lat_kit_bank *banks; ///< by name
    uint32_t *bank_of;          ///< of the pattern's words
};

// What a setting needs.

/// A pattern of names alone.  [any but audio]
enum lat_status
lat_kit_check_pattern(const char *text, struct lat_error *error);

/// Tells its names.  [any but audio]
enum lat_status
lat_kit_files_of_pattern(const char *text, lat_take_file_fn take, void *data);

/// Tells the names of a list.  [any but audio]
enum lat_status
lat_kit_files_of_list(const char *text, lat_take_file_fn take, void *data);

/// A struct lat_kit with a pattern.  [any but audio]
enum lat_status
lat_kit_make_pattern(const char *key, double rate, void **data,
                     struct lat_error *error);

/// The same without one.  [any but audio]
enum lat_status
lat_kit_make_list(const char *key, double rate, void **data,
                  struct lat_error *error);

/// Are all sounds of a key in memory, as they are now?  [any but audio]
bool
lat_kit_is_at_hand(const char *key, double rate);

/// A number for what the files of a key are now.  [any but audio]
uint64_t
lat_kit_stamp(const char *key);

/// NULL does nothing.  [any but audio]
void
lat_kit_forget(void *data);

/// Of a kit, which is not NULL.  [audio, worker]
LAT_RT const struct lat_pattern *
lat_kit_pattern_of(const void *kit);

/// The sounds of @p name, or NULL; @p kit may be, too.  [audio, worker]
LAT_RT struct lat_sounds *
lat_kit_find(const struct lat_kit *kit, uint64_t name);

/// The sounds of a word of its pattern, or NULL.  [audio, worker]
LAT_RT struct lat_sounds *
lat_kit_of_word(const struct lat_kit *kit, uint32_t word);

#endif // LAT_NODES_SAMPLER_KIT_H
