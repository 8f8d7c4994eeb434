// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Data that settings stand for: made once, shared by count, freed when no
/// configuration holds it any more.
///
/// Those who ask for the same file, or text, of the same setting at the same
/// rate have the same data.  It is made at once, or elsewhere: then it is on
/// its way for a while, and nodes keep what they had.  What nobody holds is
/// swept away.
///
/// All functions are [control].
#ifndef LAT_UNITS_PREPARED_H
#define LAT_UNITS_PREPARED_H

#include "base/elsewhere.h"
#include "base/status.h"
#include "node/type.h"

struct lat_prepared_store;

enum lat_prepared_state {
    LAT_PREPARED_COMING,
    LAT_PREPARED_HERE,
    LAT_PREPARED_FAILED,
};

/// One of them.
struct lat_prepared {
    const struct lat_setting *setting;
    char *text;
    double rate;
    enum lat_prepared_state state;
    const void *data;       ///< HERE
    struct lat_error error; ///< FAILED
    bool is_told;           ///< that it failed
    uint64_t stamp;         ///< of its files, when they were read
    uint64_t seen;          ///< the same, when somebody looked last
    bool is_changed;        ///< it is to be read again
    // For the store:
    uint32_t refs;
    struct lat_prepared *next;
    struct lat_prepared_store *store; ///< NULL: whoever lets go last frees it
    void *made;
    enum lat_status status;
};

enum lat_status
lat_prepared_store_new(struct lat_prepared_store **out);

/// What is on its way, or held, is freed when it comes, or is dropped.  NULL
/// does nothing.
void
lat_prepared_store_free(struct lat_prepared_store *s);

/// From now on, make data there; NULL: at once.  Copied.
void
lat_prepared_store_set_elsewhere(struct lat_prepared_store *s,
                                 const struct lat_elsewhere *elsewhere);

/// What a value of a setting is prepared from: its file, else its text; NULL
/// where it is empty.
const char *
lat_prepared_key(const struct lat_setting_value *value);

/// Have what @p key stands for made, if it is not.  It lives to the next sweep,
/// unless it is held.
/// @param is_again  what failed before is tried again, not only for want of
///                  memory.
/// @return LAT_OK, also while it is on its way; LAT_ENOMEM; or what prepare
///         returned, with its error.
enum lat_status
lat_prepared_need(struct lat_prepared_store *s,
                  const struct lat_setting *setting, const char *key,
                  double rate, bool is_again, struct lat_error *error);

/// What lat_prepared_need() had made, or NULL.
struct lat_prepared *
lat_prepared_find(const struct lat_prepared_store *s,
                  const struct lat_setting *setting, const char *key,
                  double rate);

/// The same, but what is there is made again; who holds it keeps it.  What is
/// on its way, or that nobody holds, is no older than that.
enum lat_status
lat_prepared_renew(struct lat_prepared_store *s,
                   const struct lat_setting *setting, const char *key,
                   double rate, struct lat_error *error);

/// NULL does nothing.
void
lat_prepared_hold(struct lat_prepared *p);
void
lat_prepared_drop(struct lat_prepared *p);

/// Free what nobody holds.
void
lat_prepared_sweep(struct lat_prepared_store *s);

/// Has something come since this was asked last?
bool
lat_prepared_take_news(struct lat_prepared_store *s);

/// The same, without taking it.
bool
lat_prepared_has_news(const struct lat_prepared_store *s);

/// Say that there is news: what came could not be passed on.
void
lat_prepared_keep_news(struct lat_prepared_store *s);

/// All that failed until now was told of.
void
lat_prepared_set_told(struct lat_prepared_store *s);

/// The first of them all; the others follow it as `next`.
struct lat_prepared *
lat_prepared_first(const struct lat_prepared_store *s);

/// How many there are, held or not, and how many are on their way.
uint32_t
lat_prepared_count(const struct lat_prepared_store *s, uint32_t *n_coming);

#endif // LAT_UNITS_PREPARED_H
