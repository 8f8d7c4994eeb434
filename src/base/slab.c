// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "slab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
# define IS_WATCHED 1
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define IS_WATCHED 1
# endif
#endif

// A piece that is nobody's is as good as freed.
#ifdef IS_WATCHED
# include <sanitizer/asan_interface.h>
# define HIDE(piece, bytes) ASAN_POISON_MEMORY_REGION(piece, bytes)
# define SHOW(piece, bytes) ASAN_UNPOISON_MEMORY_REGION(piece, bytes)
#else
# define HIDE(piece, bytes) (void)(piece)
# define SHOW(piece, bytes) (void)(piece)
#endif

#define FIRST_PIECES 16U
#define MOST_PIECES  512U

struct lat_slab_chunk {
    struct lat_slab_chunk *next;
    size_t n;
    _Alignas(8) unsigned char pieces[];
};

static bool
grow(struct lat_slab *s)
{
    const size_t twice = s->chunks ? 2 * s->chunks->n : FIRST_PIECES;
    const size_t n = twice < MOST_PIECES ? twice : MOST_PIECES;
    struct lat_slab_chunk *chunk = malloc(sizeof(*chunk) + n * s->bytes);
    if (!chunk) {
        return false;
    }
    chunk->next = s->chunks;
    chunk->n = n;
    s->chunks = chunk;
    s->n_left = n;
    return true;
}

void *
lat_slab_take(struct lat_slab *s)
{
    void *piece = s->vacant;
    if (piece) {
        SHOW(piece, s->bytes);
        s->vacant = *(void **)piece;
    } else if (s->n_left || grow(s)) {
        piece = s->chunks->pieces + (s->chunks->n - s->n_left--) * s->bytes;
    } else {
        return NULL;
    }
    return memset(piece, 0, s->bytes);
}

void
lat_slab_give(struct lat_slab *s, void *piece)
{
    if (piece) {
        *(void **)piece = s->vacant;
        s->vacant = piece;
        HIDE(piece, s->bytes);
    }
}

void
lat_slab_free(struct lat_slab *s)
{
    while (s->chunks) {
        struct lat_slab_chunk *next = s->chunks->next;
        SHOW(s->chunks->pieces, s->chunks->n * s->bytes);
        free(s->chunks);
        s->chunks = next;
    }
    s->vacant = NULL;
    s->n_left = 0;
}
