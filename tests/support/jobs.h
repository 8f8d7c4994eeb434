// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A place where data is made later: when the test says so.
#ifndef LAT_JOBS_H
#define LAT_JOBS_H

#include "units/prepared.h"

/// Keeps what is to be done, for jobs_go_on().
extern const struct lat_elsewhere jobs_later;

/// How many wait.
uint32_t
jobs_waiting(void);

/// Do number @p i of those that wait, which stays in the count.
void
jobs_one_goes_on(uint32_t i);

/// Do all that wait.
void
jobs_go_on(void);

#endif // LAT_JOBS_H
