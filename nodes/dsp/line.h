// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A line of frames that can be read between them.  It knows no graph.
///
/// It is read through six frames (six.h): flat within 0.3 dB up to 10 kHz at
/// 44.1 kHz between them.  The nearest place that can be read is one frame old;
/// where the six reach further, the newest one stands for those that are yet to
/// come. A reset is instant: the line keeps count of the frames written since,
/// and what is older reads as 0.
#ifndef LAT_DSP_LINE_H
#define LAT_DSP_LINE_H

#include "six.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Frames of the memory beyond the longest delay.
#define LAT_LINE_EXTRA 8U

/// Where a line is in its memory, which needs not be cleared.  Zero at first.
struct lat_line {
    uint32_t next;    ///< place of the frame to write
    uint32_t n_valid; ///< frames written since the reset, at most the size
};

/// Frames of memory for delays of up to @p frames.  [any]
LAT_RT static inline uint32_t
lat_line_size(double frames)
{
    return (uint32_t)(frames + 0.5) + LAT_LINE_EXTRA;
}

/// Forget everything.  [audio, worker]
LAT_RT static inline void
lat_line_reset(struct lat_line *line)
{
    line->next = 0;
    line->n_valid = 0;
}

/// Their sum, each times its weight, in an order of its own; never -0.  [any]
LAT_RT static inline float
lat_line_sum(const float w[6], float a, float b, float c, float d, float e,
             float g)
{
    return ((w[2] * c + w[3] * d) + (w[1] * b + w[4] * e)) +
           (w[0] * a + w[5] * g) + 0.0F;
}

/// Where the frame of @p age frames ago is, 1 being the newest.  [any]
LAT_RT static inline uint32_t
lat_line_place(const struct lat_line *line, uint32_t size, uint32_t age)
{
    return line->next >= age ? line->next - age : line->next + size - age;
}

/// The frame written @p age frames ago, 1 being the newest.  [any]
LAT_RT static inline float
lat_line_at(const struct lat_line *line, const float *frames, uint32_t size,
            uint32_t age)
{
    age = age ? age : 1;
    return age <= line->n_valid ? frames[lat_line_place(line, size, age)]
                                : 0.0F;
}

/// What was there @p whole + @p part frames ago; 1 to the longest delay.  [any]
LAT_RT static inline float
lat_line_between(const struct lat_line *line, const float *frames,
                 uint32_t size, uint32_t whole, float part)
{
    float w[6];
    float x[6];
    lat_six_weights_one(part, w);
    const uint32_t oldest = whole + 3;
    const uint32_t from = line->next - oldest;
    if (whole > 2 && line->next >= oldest && oldest <= line->n_valid) {
        for (uint32_t i = 0; i < 6; i++) {
            x[i] = frames[from + 5 - i];
        }
    } else {
        for (uint32_t i = 0; i < 6; i++) {
            const uint32_t age = whole + i > 2 ? whole + i - 2 : 1;
            x[i] = lat_line_at(line, frames, size, age);
        }
    }
    return lat_line_sum(w, x[0], x[1], x[2], x[3], x[4], x[5]);
}

/// The six frames around what was there that many frames ago, held at 1, of
/// four places.  [audio, worker]
/// @return part of the way from the third to the fourth
LAT_RT static inline four
lat_line_sixes(const struct lat_line *line, const float *frames, uint32_t size,
               four ages, four x[6])
{
    float room[4][6];
    const float *from[4]; // the oldest of six
    four whole;
    for (int k = 0; k < 4; k++) {
        const float age = ages[k] > 1.0F ? ages[k] : 1.0F;
        const uint32_t n = (uint32_t)age;
        const uint32_t oldest = n + 3;
        ages[k] = age;
        whole[k] = (float)n;
        if (n > 2 && line->next >= oldest && oldest <= line->n_valid) {
            from[k] = frames + (line->next - oldest);
            continue;
        }
        for (uint32_t i = 0; i < 6; i++) {
            const uint32_t at = n + i > 2 ? n + i - 2 : 1;
            room[k][5 - i] = lat_line_at(line, frames, size, at);
        }
        from[k] = room[k];
    }
    for (int i = 0; i < 6; i++) {
        x[i] = (four){from[0][5 - i], from[1][5 - i], from[2][5 - i],
                      from[3][5 - i]};
    }
    return ages - whole;
}

/// Frames that can be done at once from here on, because they lie in one piece
/// where they are read, do not read one another, and lie in one piece where
/// they are written; 0 if there are none.  [audio, worker]
/// @param nothing  whether they are all from before anything was written: 0
LAT_RT static inline uint32_t
lat_line_stretch(const struct lat_line *line, uint32_t size, uint32_t whole,
                 bool *nothing)
{
    const uint32_t oldest = whole + 3;
    *nothing = line->n_valid + 2 < whole;
    if (*nothing) {
        const uint32_t n_none = whole - 2 - line->n_valid;
        return n_none < size - line->next ? n_none : size - line->next;
    }
    if (whole < 4 || oldest > line->n_valid) {
        return 0;
    }
    const uint32_t from = lat_line_place(line, size, oldest);
    if (from + 6 > size) {
        return 0;
    }
    uint32_t n = whole - 3;
    n = n < size - line->next ? n : size - line->next;
    const uint32_t readable = size - from - 5;
    return n < readable ? n : readable;
}

/// @p n frames have been written.  [audio, worker]
LAT_RT static inline void
lat_line_pass(struct lat_line *line, uint32_t size, uint32_t n)
{
    line->next = line->next + n < size ? line->next + n : 0;
    line->n_valid = line->n_valid + n < size ? line->n_valid + n : size;
}

/// Write the next frame.  [audio, worker]
LAT_RT static inline void
lat_line_write(struct lat_line *line, float *frames, uint32_t size, float x)
{
    frames[line->next] = x;
    lat_line_pass(line, size, 1);
}

#endif // LAT_DSP_LINE_H
