// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The proof that audio threads do none of what could make them wait: a test
// build links these stand-ins for the C library's functions, which abort when
// they are called while lat_thread_role says audio or worker.

#include "base/rt.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *
__libc_malloc(size_t size);
void *
__libc_calloc(size_t n, size_t size);
void *
__libc_realloc(void *p, size_t size);
void *
__libc_memalign(size_t alignment, size_t size);
void
__libc_free(void *p);

static void
guard(const char *what)
{
    if (lat_thread_role != LAT_ROLE_AUDIO &&
        lat_thread_role != LAT_ROLE_WORKER) {
        return;
    }
    lat_thread_role = LAT_ROLE_NONE;
    static const char text[] = "rt_guard: an audio thread called ";
    syscall(SYS_write, 2, text, sizeof(text) - 1);
    syscall(SYS_write, 2, what, strlen(what));
    syscall(SYS_write, 2, "\n", 1);
    abort();
}

void *
malloc(size_t size)
{
    guard("malloc");
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    guard("calloc");
    return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
    guard("realloc");
    return __libc_realloc(p, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    guard("aligned_alloc");
    return __libc_memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
    guard("posix_memalign");
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void
free(void *p)
{
    if (p) {
        guard("free");
    }
    __libc_free(p);
}

// The next definition of a function, looked up once.
#define NEXT(name)                                                             \
 static __typeof__(name) *next;                                                \
 if (!next) {                                                                  \
  void *symbol = dlsym(RTLD_NEXT, #name);                                      \
  memcpy(&next, &symbol, sizeof(next));                                        \
 }

int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
    guard("pthread_mutex_lock");
    NEXT(pthread_mutex_lock)
    return next(mutex);
}

int
pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    guard("pthread_cond_wait");
    NEXT(pthread_cond_wait)
    return next(condition, mutex);
}

int
pthread_join(pthread_t thread, void **result)
{
    guard("pthread_join");
    NEXT(pthread_join)
    return next(thread, result);
}

// A bell is rung by a write that cannot wait: to an eventfd that does not
// block. These are known by the numbers that eventfd() gave out.
#define MAX_FD 1024
static atomic_bool is_bell[MAX_FD];

int
eventfd(unsigned int count, int flags)
{
    guard("eventfd");
    const int fd = (int)syscall(SYS_eventfd2, count, flags);
    if (fd >= 0 && fd < MAX_FD) {
        atomic_store(&is_bell[fd], (flags & EFD_NONBLOCK) != 0);
    }
    return fd;
}

int
close(int fd)
{
    guard("close");
    if (fd >= 0 && fd < MAX_FD) {
        atomic_store(&is_bell[fd], false);
    }
    return (int)syscall(SYS_close, fd);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
    if (fd < 0 || fd >= MAX_FD || n != sizeof(uint64_t) ||
        !atomic_load(&is_bell[fd])) {
        guard("write");
    }
    return syscall(SYS_write, fd, bytes, n);
}

ssize_t
read(int fd, void *bytes, size_t n)
{
    guard("read");
    return syscall(SYS_read, fd, bytes, n);
}

FILE *
fopen(const char *path, const char *mode)
{
    guard("fopen");
    NEXT(fopen)
    return next(path, mode);
}

int
vfprintf(FILE *f, const char *format, va_list args)
{
    guard("vfprintf");
    NEXT(vfprintf)
    return next(f, format, args);
}

int
nanosleep(const struct timespec *wanted, struct timespec *left)
{
    guard("nanosleep");
    NEXT(nanosleep)
    return next(wanted, left);
}
