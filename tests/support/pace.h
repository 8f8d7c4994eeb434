// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How much a test tries in a build that looks on.
#ifndef LAT_TEST_PACE_H
#define LAT_TEST_PACE_H

/// One case in so many is tried, of those that one thread could go through one
/// after the other for minutes.  A stride shares no factor with the counts by
/// which cases usually take turns.
#if defined(__SANITIZE_THREAD__)
# define TEST_STRIDE 41U
#elif defined(__SANITIZE_ADDRESS__)
# define TEST_STRIDE 7U
#else
# define TEST_STRIDE 1U
#endif

#endif // LAT_TEST_PACE_H
