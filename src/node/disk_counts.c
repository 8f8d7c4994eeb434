// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "disk_counts.h"

struct lat_disk_counts lat_disk_counts;
