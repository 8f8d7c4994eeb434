// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Marks and small helpers for code that runs on an audio thread.
///
/// LAT_RT precedes everything reachable from the process callback.  With clang
/// 20 or newer it is the `nonblocking` attribute, which the compiler checks;
/// elsewhere it is empty, and a test build that wraps malloc, free and locks
/// stands in for it.
#ifndef LAT_BASE_RT_H
#define LAT_BASE_RT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__SSE__)
# include <xmmintrin.h>
#endif

#if defined(__clang__) && __clang_major__ >= 20
# define LAT_RT __attribute__((nonblocking))
#else
# define LAT_RT
#endif

/// Bytes of a cache line, and the alignment of every audio buffer.
#define LAT_ALIGNMENT 64

#define LAT_ALIGNED(p) __builtin_assume_aligned((p), LAT_ALIGNMENT)

/// Number of elements of array @p a.
#define LAT_COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum lat_role {
    LAT_ROLE_NONE,
    LAT_ROLE_CONTROL,
    LAT_ROLE_AUDIO,
    LAT_ROLE_WORKER,
};

/// Role of the calling thread; tests read it, debug builds assert it.
extern _Thread_local enum lat_role lat_thread_role;

/// Flush denormals to zero on the calling thread, in and out.  [any]
///
/// The same bits on every thread need the same mode on every thread, `render`
/// included.
LAT_RT static inline void
lat_rt_flush_denormals(void)
{
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0x8040U);
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(fpcr));
    fpcr |= UINT64_C(1) << 24U;
    __asm__ __volatile__("msr fpcr, %0" : : "r"(fpcr));
#endif
}

/// CLOCK_MONOTONIC in nanoseconds.  [any]
LAT_RT static inline uint64_t
lat_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

#ifdef NDEBUG
# define LAT_ASSERT_ROLE(role) ((void)0)
#else
/// Abort in debug builds when the calling thread has another role; threads
/// without a role (tests) pass.
# define LAT_ASSERT_ROLE(role)                                                 \
  do {                                                                         \
   if (lat_thread_role != LAT_ROLE_NONE && lat_thread_role != (role)) {        \
    __builtin_trap();                                                          \
   }                                                                           \
  } while (0)
#endif

#endif // LAT_BASE_RT_H
