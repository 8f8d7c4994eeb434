// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The settings that all node types have that play patterns.
#ifndef LAT_NODES_PATTERN_SETTINGS_H
#define LAT_NODES_PATTERN_SETTINGS_H

#include "node/type.h"
#include "pattern_texts.h"

#define LAT_PATTERN_SETTING_WITH                                               \
 {                                                                             \
  .name = "with",                                                              \
  .doc = "Transforms of the pattern, as 'every 4 rev | fast 2'.", .unit = "",  \
  .kind = LAT_SETTING_TEXT, .initial_text = "", .keeps_state = true,           \
  .check = lat_pattern_text_check_transforms,                                  \
  .prepare = lat_pattern_text_make_transforms,                                 \
  .forget = lat_pattern_text_forget, .is_quick = true, .keeps_earlier = true   \
 }
#define LAT_PATTERN_SETTING_RATE                                               \
 {                                                                             \
  .name = "rate",                                                              \
  .doc = "Cycles of the pattern in one of the transport: a number or a "       \
         "fraction, 3/2.",                                                     \
  .unit = "", .kind = LAT_SETTING_TEXT, .initial_text = "1",                   \
  .keeps_state = true, .check = lat_pattern_text_check_rate,                   \
  .prepare = lat_pattern_text_make_rate,                                       \
  .forget = lat_pattern_text_forget_rate, .is_quick = true                     \
 }
#define LAT_PATTERN_SETTING_SWAP                                               \
 {                                                                             \
  .name = "swap",                                                              \
  .doc =                                                                       \
      "When another pattern takes over: now, or with the next cycle of the "   \
      "pattern.",                                                              \
  .unit = "", .kind = LAT_SETTING_WORD, .initial_text = "now",                 \
  .words = lat_pattern_text_swaps, .keeps_state = true                         \
 }

#endif // LAT_NODES_PATTERN_SETTINGS_H
