// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "child.h"
#include "base/text.h"
#include "node/common_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE_FD  3
#define PROGRAM  "lattice-node"
#define MAX_ARGS 400

/// lattice-node beside this program.
static bool
find_program(char *out, size_t size)
{
    const ssize_t n = readlink("/proc/self/exe", out, size - 1);
    if (n < 0) {
        return false;
    }
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    const size_t at = slash ? (size_t)(slash - out) + 1 : 0;
    if (at + sizeof(PROGRAM) > size) {
        return false;
    }
    memcpy(out + at, PROGRAM, sizeof(PROGRAM));
    return true;
}

static struct lat_process_page *
make_page(int *fd)
{
    *fd = memfd_create("lattice-node", MFD_CLOEXEC);
    if (*fd < 0 || ftruncate(*fd, sizeof(struct lat_process_page)) != 0) {
        return NULL;
    }
    struct lat_process_page *page =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (page == MAP_FAILED) {
        return NULL;
    }
    page->magic = LAT_PROCESS_PAGE_MAGIC;
    atomic_store(&page->start_frame, LAT_PROCESS_WAIT);
    return page;
}

// Arguments.

struct args {
    char *at[MAX_ARGS + 1];
    uint32_t n;
    bool has_failed;
};

__attribute__((format(printf, 2, 3))) static void
add(struct args *a, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    if (a->n == MAX_ARGS || vasprintf(&a->at[a->n], format, values) < 0) {
        a->has_failed = true;
    } else {
        a->at[++a->n] = NULL;
    }
    va_end(values);
}

static void
add_node(struct args *a, const struct lat_node *node)
{
    char number[40];
    add(a, "--");
    add(a, "%s", node->type->name);
    add(a, "%s", node->name);
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const struct lat_setting_value *v = &node->settings[i];
        add(a, "%s=%s", node->type->settings[i].name,
            v->path   ? v->path // found here
            : v->text ? v->text
                      : lat_format_double(v->number, number, sizeof(number)));
    }
    if (node->is_bypassed) {
        add(a, "%s=yes", LAT_BYPASS_SETTING);
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        if (node->layout->in[i].port->kind != LAT_PORT_TRIGGER &&
            lat_input_value(&node->in[i], 0) !=
                node->layout->in[i].port->initial) {
            add(a, "%s=%s", node->layout->in[i].name,
                lat_format_float(lat_input_value(&node->in[i], 0), number,
                                 sizeof(number)));
        }
    }
}

static void
fill_args(struct args *a, const struct lat_child_options *how)
{
    add(a, PROGRAM);
    add(a, "--page=%d", PAGE_FD);
    add(a, "--parent=%ld", (long)getpid());
    add(a, "--block=%u", how->block);
    add(a, "--process-memory=%u", how->memory_mib);
    add(a, how->verbose ? "--verbose" : "--quiet");
    if (strcmp(how->client, how->node->name) != 0) {
        add(a, "--client=%s", how->client);
    }
    if (how->server) {
        add(a, "--jack-server=%s", how->server);
    }
    if (how->isa) {
        add(a, "--isa=%s", how->isa);
    }
    if (how->sandbox) {
        add(a, "--sandbox");
    }
    add_node(a, how->node);
}

static void
free_args(struct args *a)
{
    for (uint32_t i = 0; i < a->n; ++i) {
        free(a->at[i]);
    }
}

// The process.

static int
spawn(const char *program, char *const *args, int page_fd, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0) {
        return rc;
    }
    rc = posix_spawnattr_init(&attr);
    if (rc == 0) {
        // A file that is opened over itself loses its close-on-exec flag.
        rc = posix_spawn_file_actions_adddup2(&files, page_fd, PAGE_FD);
        if (rc == 0) {
            rc = posix_spawn_file_actions_addclosefrom_np(&files, PAGE_FD + 1);
        }
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setsigmask(&attr, &none);
        posix_spawnattr_setsigdefault(&attr, &all);
        posix_spawnattr_setpgroup(&attr, 0);
        if (rc == 0) {
            rc = posix_spawn(pid, program, &files, &attr, args, environ);
        }
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

enum lat_status
lat_child_start(const struct lat_child_options *how, struct lat_child *out,
                struct lat_error *error)
{
    char program[4096];
    struct args args = {.n = 0};
    int fd = -1;
    struct lat_process_page *page = make_page(&fd);
    fill_args(&args, how);
    pid_t pid = 0;
    int rc = ENOMEM;
    if (page && !args.has_failed && find_program(program, sizeof(program))) {
        rc = spawn(program, args.at, fd, &pid);
    }
    free_args(&args);
    if (fd >= 0) {
        close(fd);
    }
    if (rc != 0) {
        if (page) {
            munmap(page, sizeof(*page));
        }
        return lat_error_set(error, LAT_ESYSTEM,
                             "%s, which lies beside lattice, cannot be started "
                             "(%s)",
                             PROGRAM, strerror(rc));
    }
    *out = (struct lat_child){pid, page};
    return LAT_OK;
}

void
lat_child_end(const struct lat_child *child)
{
    kill(child->pid, SIGTERM);
}

void
lat_child_kill(struct lat_child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        child->pid = 0;
    }
}

bool
lat_child_has_ended(struct lat_child *child, char *why, size_t size)
{
    int status = 0;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid) {
        return false;
    }
    child->pid = 0;
    const struct lat_process_page *page = child->page;
    if (atomic_load(&page->state) == LAT_PROCESS_FAILED) {
        snprintf(why, size, "its process gave up: %.400s", page->error);
    } else if (WIFSIGNALED(status)) {
        snprintf(why, size, "its process died (%s)",
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(why, size, "its process ended (exit code %d)",
                 WEXITSTATUS(status));
    }
    return true;
}

/// Read what the kernel tells of it.  @return the bytes read; @p text is ended.
static size_t
read_proc(const struct lat_child *child, const char *file, char *text,
          size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)child->pid, file);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

uint32_t
lat_child_memory_mib(const struct lat_child *child)
{
    char text[128];
    if (read_proc(child, "statm", text, sizeof(text)) == 0) {
        return 0;
    }
    char *at = text; // total, resident and shared pages
    (void)strtoul(at, &at, 10);
    const unsigned long resident = strtoul(at, &at, 10);
    const unsigned long shared = strtoul(at, &at, 10);
    const unsigned long pages = resident > shared ? resident - shared : 0;
    return (uint32_t)(pages * (unsigned long)sysconf(_SC_PAGESIZE) >> 20U);
}

uint64_t
lat_child_cpu_ns(const struct lat_child *child)
{
    clockid_t clock;
    struct timespec t = {0};
    if (clock_getcpuclockid(child->pid, &clock) == 0) {
        (void)clock_gettime(clock, &t);
    }
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool
lat_child_is_runnable(const struct lat_child *child, uint64_t *cpu_ns)
{
    char file[64];
    char text[512];
    snprintf(file, sizeof(file), "task/%ld/stat", (long)child->pid);
    (void)read_proc(child, file, text, sizeof(text));
    const char *const name_end = strrchr(text, ')'); // it may hold anything
    const char *at = name_end ? name_end + strspn(name_end, ") ") : "";
    const char state = *at; // field 3; user and system time are 14 and 15
    for (int field = 3; field < 14 && *at; ++field) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    char *next = NULL;
    const unsigned long user = strtoul(at, &next, 10);
    const unsigned long system = strtoul(next, NULL, 10);
    *cpu_ns = (uint64_t)(user + system) * UINT64_C(1000000000) /
              (uint64_t)sysconf(_SC_CLK_TCK);
    return state == 'R';
}

void
lat_child_fini(struct lat_child *child)
{
    munmap(child->page, sizeof(*child->page));
    *child = (struct lat_child){0};
}
