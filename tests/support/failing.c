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

// The names are the linker's: --wrap.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

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
    return fails("malloc") ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return fails("calloc") ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *block, size_t size)
{
    return fails("realloc") ? NULL : __real_realloc(block, size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails("aligned_alloc") ? NULL
                                  : __real_aligned_alloc(alignment, size);
}

void
__wrap_free(void *block)
{
    if (block) {
        watch("free");
    }
    __real_free(block);
}

// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
