// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How nodes are asked: a stretch of their own time goes down, events come up
/// in the time of whoever takes them.
///
/// What a node's kids tell goes straight to the node's taker, through one line
/// that stands for all nodes between; only kinds that look at events, or ask
/// one kid for each event of another, take themselves.  All is on the stack, in
/// depth bounded by LAT_PATTERN_DEPTH.
///
/// All functions are [any].
#ifndef LAT_PATTERN_ASKING_H
#define LAT_PATTERN_ASKING_H

#include "tree.h"

struct lat_asking;
struct lat_stretch;

/// How a kind is asked.
typedef LAT_RT void (*lat_ask_fn)(struct lat_asking *a,
                                  const struct lat_pattern *p,
                                  const struct lat_pattern_node *n,
                                  const struct lat_stretch *s);

struct lat_asking {
    const lat_ask_fn *kinds; ///< by enum lat_pattern_kind
    struct lat_pattern_question *question;
    int64_t patience; ///< visits that are left
    uint64_t seed;
};

/// Who takes events.
struct lat_taker {
    LAT_RT void (*take)(struct lat_asking *a, const struct lat_taker *self,
                        struct lat_pattern_event *event);
};

/// What is asked of a node: its time x is the taker's time
/// scale * x + offset.
struct lat_stretch {
    struct lat_ratio begin, end; ///< of the node's time
    struct lat_ratio scale, offset;
    uint64_t key; ///< of the way here
    const struct lat_taker *taker;
};

/// Give an event, which is in the time of @p s, to its taker; @p event changes.
LAT_RT void
lat_tell(struct lat_asking *a, const struct lat_stretch *s,
         struct lat_pattern_event *event);

/// The stretch of a node that the taker itself hears, in its own time.
LAT_RT struct lat_stretch
lat_stretch_to(const struct lat_taker *taker, struct lat_ratio begin,
               struct lat_ratio end, uint64_t key);

/// Is a mark of too large numbers set?  Then an event, or several, are lost.
LAT_RT bool
lat_is_lost(struct lat_asking *a, bool is_over);

/// Take off all of @p event's part that is outside of this.  @return false:
/// nothing is left.
LAT_RT bool
lat_event_cut(struct lat_pattern_event *event, struct lat_ratio begin,
              struct lat_ratio end);

/// A number that is a function of what is given alone.
LAT_RT uint64_t
lat_draw(uint64_t seed, uint64_t key);

/// The same, of a node at a time.
LAT_RT uint64_t
lat_draw_at(const struct lat_asking *a, const struct lat_pattern_node *node,
            uint64_t key, struct lat_ratio time);

/// Ask node @p i of @p p.
LAT_RT static inline void
lat_visit(struct lat_asking *a, const struct lat_pattern *p, uint32_t i,
          const struct lat_stretch *s)
{
    if (a->patience-- > 0) {
        a->kinds[p->nodes[i].kind](a, p, &p->nodes[i], s);
    }
}

// The kinds: in steps.c what hands on a stretch of time, in join.c what asks
// one kid for events of another, in change.c what transforms do.
LAT_RT void
lat_ask_silence(struct lat_asking *a, const struct lat_pattern *p,
                const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_atom(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_sequence(struct lat_asking *a, const struct lat_pattern *p,
                 const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_stack(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_choice(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_scale(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_input(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_speed(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_euclid(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_pair(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_range(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_degrade(struct lat_asking *a, const struct lat_pattern *p,
                const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_struct(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_mask(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_rev(struct lat_asking *a, const struct lat_pattern *p,
            const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_every(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_nudge(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_ply(struct lat_asking *a, const struct lat_pattern *p,
            const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_iter(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_chunk(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s);
LAT_RT void
lat_ask_line(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s);

/// Does a rhythm's value say that something is to sound?
LAT_RT bool
lat_value_is_true(const struct lat_pattern *p,
                  const struct lat_pattern_value *value);

#endif // LAT_PATTERN_ASKING_H
