// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Carrying out a score: each bundle is a transaction, by the rules of OSC.
///
/// All functions are [control].
#ifndef LAT_OSC_SCORE_PLAYER_H
#define LAT_OSC_SCORE_PLAYER_H

#include "control/control.h"
#include "score.h"
#include "sessions/session.h"

struct lat_score_player;

/// @param keeps_block  sessions in the score do not say how long a block is.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_score_player_new(struct lat_control *control, struct lat_sessions *sessions,
                     bool keeps_block, struct lat_score_player **out);
void
lat_score_player_free(struct lat_score_player *p);

/// Carry out a bundle, all of it or nothing, for the next frame of the engine.
///
/// Commands of SuperCollider's own server that begin and end its scores mean
/// nothing here, and are left out.
/// @return LAT_OK, or another with "PATH: what is wrong".
enum lat_status
lat_score_play(struct lat_score_player *p, const struct lat_score_bundle *b,
               struct lat_error *error);

/// The command of SuperCollider's own server that a path is, one that scores
/// have for it and that means nothing here, or NULL.
const char *
lat_score_skips(const char *path);

/// How many commands were left out.
/// @param[out] path  if not NULL: of the first one; "" where there is none.
uint32_t
lat_score_n_skipped(const struct lat_score_player *p, const char **path);

#endif // LAT_OSC_SCORE_PLAYER_H
