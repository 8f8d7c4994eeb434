// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "failing.h"

#include "base/rt.h"

#include <stdatomic.h>
#include <stdlib.h>

static _Thread_local uint32_t until_failure; // 0: none
static _Thread_local bool goes_on, has_failed;

void
failing_begin(uint32_t n, bool for_good)
{
    until_failure = n;
    goes_on = for_good;
    has_failed = false;
}

bool
failing_end(void)
{
    until_failure = 0;
    return has_failed;
}

static const char *_Atomic audio_call;

const char *
failing_audio_call(void)
{
    return audio_call;
}

static void
watch(const char *what)
{
    if (lat_thread_role == LAT_ROLE_AUDIO ||
        lat_thread_role == LAT_ROLE_WORKER) {
        audio_call = what;
    }
}

static bool
fails(const char *what)
{
    watch(what);
    if (!until_failure || (until_failure > 1 && --until_failure)) {
        return false;
    }
    until_failure = goes_on ? 1 : 0;
    has_failed = true;
    return true;
}

// The blocks that are counted: open addressing, and a place that was given up
// is not found empty.

#define N_PLACES (1U << 18U)

static void *places[N_PLACES];
static void *const given_up = &places;
static size_t n_blocks, n_used;
static atomic_bool is_counting;
static atomic_flag is_locked = ATOMIC_FLAG_INIT;

static void
lock(void)
{
    while (atomic_flag_test_and_set(&is_locked)) {
    }
}

void
failing_count_begin(void)
{
    lock();
    for (size_t i = 0; n_used && i < N_PLACES; ++i) {
        places[i] = NULL;
    }
    n_blocks = 0;
    n_used = 0;
    is_counting = true;
    atomic_flag_clear(&is_locked);
}

size_t
failing_count_end(void)
{
    is_counting = false;
    return n_blocks;
}

// The place of a block, or the first one that is empty.
static size_t
place_of(const void *block)
{
    size_t i = (size_t)(((uintptr_t)block >> 4U) * 2654435761U) % N_PLACES;
    while (places[i] && places[i] != block) {
        i = (i + 1) % N_PLACES;
    }
    return i;
}

static void *
counted(void *block)
{
    if (!block || !is_counting) {
        return block;
    }
    lock();
    if (n_used == N_PLACES / 2) {
        abort(); // more than this counter is made for
    }
    places[place_of(block)] = block;
    ++n_used;
    ++n_blocks;
    atomic_flag_clear(&is_locked);
    return block;
}

static void
discount(const void *block)
{
    if (!block || !is_counting) {
        return;
    }
    lock();
    const size_t i = place_of(block);
    if (places[i]) {
        places[i] = given_up;
        --n_blocks;
    }
    atomic_flag_clear(&is_locked);
}

// The names are the linker's: --wrap.
#ifdef __clang__
# pragma clang diagnostic ignored "-Wreserved-identifier"
#endif

void *
__real_malloc(size_t size);
void *
__real_calloc(size_t n, size_t size);
void *
__real_realloc(void *block, size_t size);
void *
__real_aligned_alloc(size_t alignment, size_t size);
void
__real_free(void *block);
void *
__wrap_malloc(size_t size);
void *
__wrap_calloc(size_t n, size_t size);
void *
__wrap_realloc(void *block, size_t size);
void *
__wrap_aligned_alloc(size_t alignment, size_t size);
void
__wrap_free(void *block);

void *
__wrap_malloc(size_t size)
{
    return fails("malloc") ? NULL : counted(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return fails("calloc") ? NULL : counted(__real_calloc(n, size));
}

void *
__wrap_realloc(void *block, size_t size)
{
    if (fails("realloc")) {
        return NULL;
    }
    discount(block);
    void *const moved = __real_realloc(block, size);
    return counted(moved ? moved : block);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails("aligned_alloc")
               ? NULL
               : counted(__real_aligned_alloc(alignment, size));
}

void
__wrap_free(void *block)
{
    if (block) {
        watch("free");
        discount(block);
    }
    __real_free(block);
}
