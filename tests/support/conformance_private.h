// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the claims of conformance.c share.  All of it runs in the child.
#ifndef LAT_CONFORMANCE_PRIVATE_H
#define LAT_CONFORMANCE_PRIVATE_H

#include "conformance.h"

#include "control/control.h"

/// A type under examination.
struct subject {
    const struct lat_node_type *type;
    const struct conformance_terms *terms;
    const char *claim; ///< that is being checked
};

/// Say what is wrong with the claim in hand, and end.
__attribute__((format(printf, 2, 3))) _Noreturn void
conformance_breaks(const struct subject *s, const char *format, ...);

// Random numbers, the same in every run.

void
conformance_seed(uint64_t seed);
uint32_t
conformance_bits(void);
uint32_t
conformance_below(uint32_t n);
float
conformance_within(float low, float high);

/// Equal to the bit, or both no number.
bool
conformance_is_same(float a, float b);

/// @p got, @p n frames of an output, are no further from @p expected than
/// @p part of its peak.
void
conformance_near(const struct subject *s, const char *output, uint32_t n,
                 const float *got, const float *expected, float part);

/// The first table that does its sums as the best one does, or @p otherwise:
/// without fused operations where that has them.  NULL: there is none.
const struct lat_kernels *
conformance_kernels(const struct subject *s, bool otherwise);

// Settings.

/// Most ways in which the settings of a type are tried, one after the other.
#define CONFORMANCE_SETUPS_MAX   96U
#define CONFORMANCE_SETTINGS_MAX 16U

/// Settings as a user would write them.
struct setup {
    struct lat_assignment a[CONFORMANCE_SETTINGS_MAX];
    uint32_t n;
};

/// How many ways: every value of words, the ends of numbers, a few texts, one
/// setting at a time and some at once.
uint32_t
conformance_n_setups(const struct lat_node_type *type);
/// The @p i-th of them; 0 is as the type comes.
struct setup
conformance_setup(const struct lat_node_type *type, uint32_t i);
/// Must every user's attempt at this succeed?
bool
conformance_setup_is_sure(const struct lat_node_type *type,
                          const struct setup *setup);

// A node as the control makes it, to look at.

struct lat_control *
conformance_control(const struct subject *s, double rate, uint32_t block);
/// @return NULL where a text was refused.
const struct lat_node *
conformance_node(const struct subject *s, struct lat_control *c,
                 const char *name, const struct setup *setup);
const struct lat_config *
conformance_config(const struct lat_node *node);

// Claims, in conformance_*.c.

void
conformance_descriptor(struct subject *s);
void
conformance_alone(struct subject *s);
void
conformance_together(struct subject *s);

#endif // LAT_CONFORMANCE_PRIVATE_H
