// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Patterns: texts in mini-notation, as data that can be asked for the events
/// of any stretch of time.
///
/// A pattern is a tree of small nodes, each a function from time to events; so
/// cycle 1 000 000 000 costs what cycle 0 costs, and nothing is laid out in
/// advance.  All times are exact fractions.  What is random is a function of
/// the seed, the place in the text and the time.
///
/// Times are in cycles.  Parsing allocates and is for any thread but audio's;
/// asking does neither, and its time is bounded by what parsing allows
/// (LAT_PATTERN_COST) and the length of the stretch.
#ifndef LAT_PATTERN_H
#define LAT_PATTERN_H

#include "base/status.h"
#include "ratio.h"

#include <stddef.h>

#define LAT_PATTERN_LEVELS 100   ///< most brackets within each other
#define LAT_PATTERN_DEPTH  400   ///< the same, with operators: a (k,n) counts 7
#define LAT_PATTERN_TEXT   65536 ///< most bytes
#define LAT_PATTERN_STEPS  262144 ///< most steps, copies counted
/// Most that a cycle may take, roughly: steps and events to look at.
#define LAT_PATTERN_COST 1000000.0
/// The same of a cycle of the transport, for who plays it.
#define LAT_PATTERN_PLAYED 200000.0
#define LAT_PATTERN_SLOTS  4096 ///< most of a Euclidean rhythm
#define LAT_PATTERN_VALUES 4    ///< most of an event: a:1:2:3

struct lat_pattern;

/// What an event says: a number, a word, or a word that is a note's name.
struct lat_pattern_value {
    uint32_t word; ///< node of the word, or LAT_PATTERN_NO_WORD
    bool is_number;
    bool is_note;            ///< `number` is semitones from c4
    struct lat_ratio number; ///< 0 of a word that is no note
};

#define LAT_PATTERN_NO_WORD UINT32_MAX

struct lat_pattern_event {
    struct lat_ratio begin, end;           ///< of the whole event
    struct lat_ratio part_begin, part_end; ///< of the piece asked for
    uint32_t place;                        ///< in the text, bytes
    uint64_t key; ///< the same where copies of a step differ
    uint32_t n_values;
    struct lat_pattern_value values[LAT_PATTERN_VALUES];
};

/// Does the event begin here, and not just go on?  [any]
LAT_RT static inline bool
lat_pattern_sounds(const struct lat_pattern_event *e)
{
    return e->begin.n == e->part_begin.n && e->begin.d == e->part_begin.d;
}

/// Where a text is wrong.
struct lat_pattern_place {
    uint32_t at;     ///< byte
    uint32_t column; ///< character, from 1
};

/// Read @p size bytes of mini-notation.  [any but audio]
/// @param[out] out    owned by the caller; untouched on failure.
/// @param[out] place  where it is wrong; may be NULL.
/// @return LAT_OK, LAT_ENOMEM, or LAT_EINVAL: @p error says what was expected,
///         and in which column.
enum lat_status
lat_pattern_parse(const char *text, size_t size, struct lat_pattern **out,
                  struct lat_pattern_place *place, struct lat_error *error);

/// The same for transforms: `every 4 rev | fast 2`.  An empty text is none.
/// [any but audio]
enum lat_status
lat_transform_parse(const char *text, size_t size, struct lat_pattern **out,
                    struct lat_pattern_place *place, struct lat_error *error);

/// Is it refused that @p with, or NULL, transforms @p pattern, since a cycle
/// would take too long?
/// @param most  that it may take, as LAT_PATTERN_COST.  [any but audio]
enum lat_status
lat_pattern_check(const struct lat_pattern *pattern,
                  const struct lat_pattern *with, double most,
                  struct lat_error *error);

/// NULL does nothing.  [any but audio, nobody asks it any more]
void
lat_pattern_free(struct lat_pattern *p);

/// A number that no other pattern has, as long as the program runs.  [any]
LAT_RT uint64_t
lat_pattern_serial(const struct lat_pattern *p);

/// The first word of the text that is no note's name.  [any]
/// @return false: all words are.
bool
lat_pattern_find_no_note(const struct lat_pattern *p,
                         struct lat_pattern_place *place, uint32_t *length);

/// What an event may say, as it stands in the text.
struct lat_pattern_said {
    uint32_t word;          ///< as of struct lat_pattern_value
    bool is_word;           ///< else it is a number
    uint32_t place, length; ///< in the text, bytes
};

/// Tell all values in the text of @p p, but not its factors and rhythms, nor
/// what stands behind `:`, until @p take returns false.  [any but audio]
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_pattern_each_value(const struct lat_pattern *p,
                       bool (*take)(void *data,
                                    const struct lat_pattern_said *value),
                       void *data);

/// All numbers `word` of its values are below this.  [any]
uint32_t
lat_pattern_count(const struct lat_pattern *p);

/// What it takes to look at @p cycles of it, at most one, as LAT_PATTERN_COST.
/// [any]
double
lat_pattern_moment_cost(const struct lat_pattern *p, double cycles);

/// The word of a value, which is not ended by NUL.  [any]
/// @return NULL where there is none.
LAT_RT const char *
lat_pattern_word(const struct lat_pattern *p,
                 const struct lat_pattern_value *value, uint32_t *length);

/// What is asked.
struct lat_pattern_question {
    const struct lat_pattern *pattern;
    const struct lat_pattern *with; ///< transforms, or NULL
    struct lat_ratio begin, end;    ///< which stretch
    uint64_t seed;
    /// Takes an event, in an order that is the same for the same question.
    LAT_RT void (*take)(void *data, const struct lat_pattern_event *event);
    void *data;
    uint32_t n_lost; ///< comes back: events whose times have no fraction
};

/// Tell all events that touch the stretch, cut to it.  [any]
LAT_RT void
lat_pattern_ask(struct lat_pattern_question *q);

#endif // LAT_PATTERN_H
