// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file, written without a library.
#ifndef LAT_WAV_H
#define LAT_WAV_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WAV_BYTES = 44 + 4 * 100 };

/// 100 samples, one channel, 48 kHz: number k is @p first + k / 65536.
static inline void
wav_bytes(float first, unsigned char out[WAV_BYTES])
{
    const uint32_t head[] = {
        0x46464952, WAV_BYTES - 8,
        0x45564157, // "RIFF", "WAVE"
        0x20746d66, 16,
        0x00010003, // "fmt ", floats, one channel
        48000,      48000 * 4,
        0x00200004,      // 4 bytes, 32 bits
        0x61746164, 400, // "data"
    };
    memcpy(out, head, sizeof(head));
    for (uint32_t k = 0; k < 100; ++k) {
        const float x = first + (float)k / 65536.0F;
        memcpy(out + sizeof(head) + 4 * k, &x, sizeof(x));
    }
}

/// The same into a file.
static inline void
wav_write(const char *path, float first)
{
    unsigned char bytes[WAV_BYTES];
    FILE *const file = fopen(path, "wb");
    wav_bytes(first, bytes);
    if (file) {
        fwrite(bytes, 1, sizeof(bytes), file);
        fclose(file);
    }
}

#endif // LAT_WAV_H
