// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A file system that fails on demand, for a program that is started with this
// library in LD_PRELOAD.  Calls that open, write, sync, name and remove files
// at or below $LATTICE_FAIL_UNDER are counted and, where the page in the file
// $LATTICE_FAIL_PAGE says so, fail.  Who holds the page too says when, while
// the program runs.
//
// A write that fails has written half of its bytes; a close has closed.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum mode {
    ONCE = 1,  ///< the n-th call
    EVERY = 2, ///< the n-th and each n-th after it
    SINCE = 3, ///< the n-th and all after it
};

/// As struct.unpack("<5I44s") has it.
struct page {
    _Atomic uint32_t mode; ///< 0: nothing is counted
    uint32_t n;            ///< from 1
    uint32_t problem;      ///< errno
    _Atomic uint32_t n_calls;
    _Atomic uint32_t n_failed;
    char last[44]; ///< the call that failed last, and of what file
};

static struct page *page;
static const char *under;

__attribute__((constructor)) static void
begin(void)
{
    const char *const path = getenv("LATTICE_FAIL_PAGE");
    under = getenv("LATTICE_FAIL_UNDER");
    const int fd = path && under ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *const memory = mmap(NULL, sizeof(struct page),
                                  PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        page = memory == MAP_FAILED ? NULL : memory;
        close(fd);
    }
}

/// The function that would have been called.
static void *
real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/// The path of a descriptor, "" for what has none.
static void
path_of(int fd, char out[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
}

/// Is this call to fail?  @p at and @p name as for openat(); name NULL: the
/// file is @p at itself.
static bool
fails(const char *call, int at, const char *name)
{
    char path[2 * PATH_MAX];
    const int before = errno;
    if (!page || atomic_load(&page->mode) == 0) {
        return false;
    }
    *path = '\0';
    if (!name || (name[0] != '/' && at != AT_FDCWD)) {
        path_of(at, path);
    }
    if (name) {
        const size_t n = strlen(path);
        snprintf(path + n, sizeof(path) - n, "%s%.4000s", n ? "/" : "", name);
    }
    errno = before;
    const size_t n = strlen(under);
    if (strncmp(path, under, n) != 0 || (path[n] != '\0' && path[n] != '/')) {
        return false;
    }
    const uint32_t i = atomic_fetch_add(&page->n_calls, 1) + 1;
    const uint32_t mode = atomic_load(&page->mode);
    if (page->n == 0 || (mode == ONCE && i != page->n) ||
        (mode == EVERY && i % page->n != 0) || (mode == SINCE && i < page->n)) {
        return false;
    }
    const char *const leaf = strrchr(path, '/');
    snprintf(page->last, sizeof(page->last), "%s %.30s", call,
             leaf ? leaf + 1 : path);
    atomic_fetch_add(&page->n_failed, 1);
    errno = (int)page->problem;
    return true;
}

#define REAL(type, name, ...)                                                  \
 static type (*function)(__VA_ARGS__);                                         \
 if (!function) {                                                              \
  *(void **)&function = real(name);                                            \
 }

// Opening.  The mode is passed on whether it was given or not.

#define OPEN(NAME)                                                             \
 int NAME(const char *path, int flags, ...)                                    \
 {                                                                             \
  REAL(int, #NAME, const char *, int, ...)                                     \
  va_list arguments;                                                           \
  va_start(arguments, flags);                                                  \
  const mode_t mode =                                                          \
      flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;           \
  va_end(arguments);                                                           \
  return fails("open", AT_FDCWD, path) ? -1 : function(path, flags, mode);     \
 }
OPEN(open)
OPEN(open64)

#define OPENAT(NAME)                                                           \
 int NAME(int at, const char *path, int flags, ...)                            \
 {                                                                             \
  REAL(int, #NAME, int, const char *, int, ...)                                \
  va_list arguments;                                                           \
  va_start(arguments, flags);                                                  \
  const mode_t mode =                                                          \
      flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;           \
  va_end(arguments);                                                           \
  return fails("openat", at, path) ? -1 : function(at, path, flags, mode);     \
 }
OPENAT(openat)
OPENAT(openat64)

// What is done to an open file.

ssize_t
write(int fd, const void *bytes, size_t n)
{
    REAL(ssize_t, "write", int, const void *, size_t)
    if (!fails("write", fd, NULL)) {
        return function(fd, bytes, n);
    }
    const int problem = errno;
    if (n > 1 && function(fd, bytes, n / 2) < 0) {
        return -1;
    }
    errno = problem;
    return -1;
}

int
close(int fd)
{
    REAL(int, "close", int)
    const bool is_failing = fails("close", fd, NULL);
    const int problem = errno;
    const int rc = function(fd);
    if (is_failing) {
        errno = problem;
        return -1;
    }
    return rc;
}

#define ON_FILE(NAME, PARAMETERS, ...)                                         \
 int NAME PARAMETERS                                                           \
 {                                                                             \
  static int(*function) PARAMETERS;                                            \
  if (!function) {                                                             \
   *(void **)&function = real(#NAME);                                          \
  }                                                                            \
  return fails(#NAME, fd, NULL) ? -1 : function(__VA_ARGS__);                  \
 }
ON_FILE(fsync, (int fd), fd)
ON_FILE(fdatasync, (int fd), fd)
ON_FILE(ftruncate, (int fd, off_t n), fd, n)
ON_FILE(fchmod, (int fd, mode_t mode), fd, mode)
ON_FILE(flock, (int fd, int how), fd, how)

// What is done to names: the new one counts, too.

int
mkdir(const char *path, mode_t mode)
{
    REAL(int, "mkdir", const char *, mode_t)
    return fails("mkdir", AT_FDCWD, path) ? -1 : function(path, mode);
}

int
mkdirat(int at, const char *path, mode_t mode)
{
    REAL(int, "mkdirat", int, const char *, mode_t)
    return fails("mkdirat", at, path) ? -1 : function(at, path, mode);
}

int
unlink(const char *path)
{
    REAL(int, "unlink", const char *)
    return fails("unlink", AT_FDCWD, path) ? -1 : function(path);
}

int
unlinkat(int at, const char *path, int flags)
{
    REAL(int, "unlinkat", int, const char *, int)
    return fails("unlinkat", at, path) ? -1 : function(at, path, flags);
}

int
rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *)
    return fails("rename", AT_FDCWD, to) ? -1 : function(from, to);
}

int
renameat(int at, const char *from, int to_at, const char *to)
{
    REAL(int, "renameat", int, const char *, int, const char *)
    return fails("renameat", to_at, to) ? -1 : function(at, from, to_at, to);
}

int
link(const char *from, const char *to)
{
    REAL(int, "link", const char *, const char *)
    return fails("link", AT_FDCWD, to) ? -1 : function(from, to);
}

int
linkat(int at, const char *from, int to_at, const char *to, int flags)
{
    REAL(int, "linkat", int, const char *, int, const char *, int)
    return fails("linkat", to_at, to) ? -1
                                      : function(at, from, to_at, to, flags);
}

int
symlink(const char *text, const char *to)
{
    REAL(int, "symlink", const char *, const char *)
    return fails("symlink", AT_FDCWD, to) ? -1 : function(text, to);
}
