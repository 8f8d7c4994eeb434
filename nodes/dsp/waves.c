// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kernel.h"

#include "transpose.h"
#include "waves.h"

#define FAMILY "waves.inc"
#include "family.inc"
