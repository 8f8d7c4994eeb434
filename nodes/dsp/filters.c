// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kernel.h"

#include "filter_kinds.h"

#include "permuted.inc"

#define FAMILY "filters.inc"
#include "family.inc"
