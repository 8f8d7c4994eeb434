// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs each registered test in a child made by fork() while this process has
// one thread, which TSan allows.  A child reports through a shared page and
// through how it ended: a data race makes TSan end it with code 66.  As many
// tests run at once as there are processors: one runner, itself a child, each.

#include <criterion/criterion.h>

#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// TSan slows a test down about this much; its author timed it without.
#define TIMEOUT_SCALE     10.0
#define DEFAULT_TIMEOUT_S 300.0
#define TSAN_EXIT_CODE    66

// What a child tells its parent.
struct report {
    atomic_uint n_failed;
    atomic_bool is_skipped;
};

// What all runners share.
struct totals {
    atomic_uint n_taken; // tests that a runner has taken on
    atomic_uint n_tested;
    atomic_uint n_failed;
    atomic_uint n_crashed;
};

static struct lat_test *first_test;
static struct lat_test *last_test;
static struct report *report;
static pthread_t test_thread;
static jmp_buf leave_test;
static bool is_verbose;

void
lat_test_register(struct lat_test *test)
{
    if (last_test) {
        last_test->next = test;
    } else {
        first_test = test;
    }
    last_test = test;
}

static void
print_message(const char *format, va_list args)
{
    if (format[0]) {
        fprintf(stderr, "[----]   ");
        vfprintf(stderr, format, args);
        fprintf(stderr, "\n");
    }
}

// Only the thread that called the test can unwind to its end.
static _Noreturn void
leave(void)
{
    if (!pthread_equal(pthread_self(), test_thread)) {
        _exit(1);
    }
    longjmp(leave_test, 1);
}

void
lat_test_check(bool ok, bool is_fatal, const char *file, int line,
               const char *text, const char *format, ...)
{
    if (ok) {
        return;
    }
    fprintf(stderr, "[----] %s:%d: Assertion Failed: %s\n", file, line, text);
    va_list args;
    va_start(args, format);
    print_message(format, args);
    va_end(args);
    atomic_fetch_add(&report->n_failed, 1);
    if (is_fatal) {
        leave();
    }
}

void
lat_test_skip(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_message(format, args);
    va_end(args);
    atomic_store(&report->is_skipped, true);
    leave();
}

void
lat_test_log(const char *format, ...)
{
    if (is_verbose) {
        va_list args;
        va_start(args, format);
        print_message(format, args);
        va_end(args);
    }
}

bool
lat_test_float_eq(double actual, double expected, double epsilon)
{
    return actual - expected <= epsilon && expected - actual <= epsilon;
}

// Return the defaults of the test's suite, or none.
static const struct lat_test_options *
suite_options(const struct lat_test *test)
{
    static const struct lat_test_options none;
    for (const struct lat_test *t = first_test; t; t = t->next) {
        if (!t->name && strcmp(t->suite, test->suite) == 0) {
            return &t->options;
        }
    }
    return &none;
}

// Call a fixture or a body, and come back however it is left.
static void
call(void (*function)(void))
{
    if (function && setjmp(leave_test) == 0) {
        function();
    }
}

static _Noreturn void
run_in_child(const struct lat_test *test, const struct lat_test_options *suite)
{
    test_thread = pthread_self();
    call(suite->init);
    call(test->options.init);
    if (!report->is_skipped && !report->n_failed) {
        call(test->run);
    }
    call(test->options.fini);
    call(suite->fini);
    exit(0);
}

static pid_t
fork_flushed(void)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(3);
    }
    return pid;
}

// Memory that children share.
static void *
map_shared(size_t size)
{
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        perror("mmap");
        exit(3);
    }
    return page;
}

// Wait for the child, at most timeout_s; return false when it ran past that.
static bool
wait_for(pid_t pid, double timeout_s, int *status)
{
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    time_t end = time(NULL) + (time_t)timeout_s + 1;
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (time(NULL) >= end) {
            kill(pid, SIGKILL);
            waitpid(pid, status, 0);
            return false;
        }
        struct timespec pause = {.tv_sec = 1};
        sigtimedwait(&child_ended, NULL, &pause);
    }
    return true;
}

// Return how the ended test failed, or NULL.
static const char *
judge(const struct lat_test_options *options, int status, bool *is_crash)
{
    *is_crash = WIFSIGNALED(status) && WTERMSIG(status) != options->signal;
    if (*is_crash) {
        return strsignal(WTERMSIG(status));
    }
    if (report->n_failed) {
        return "Assertion failed";
    }
    if (report->is_skipped) {
        return NULL;
    }
    if (options->signal && !WIFSIGNALED(status)) {
        return "Did not raise its signal";
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != options->exit_code) {
        return WEXITSTATUS(status) == TSAN_EXIT_CODE ? "Sanitizer report"
                                                     : "Wrong exit code";
    }
    return NULL;
}

static void
run_test(const struct lat_test *test, struct totals *totals)
{
    const struct lat_test_options *suite = suite_options(test);
    struct lat_test_options options = test->options;
    options.signal = options.signal ? options.signal : suite->signal;
    options.exit_code =
        options.exit_code ? options.exit_code : suite->exit_code;
    options.timeout = options.timeout > 0 ? options.timeout : suite->timeout;
    if (options.disabled || suite->disabled) {
        fprintf(stderr, "[SKIP] %s::%s\n", test->suite, test->name);
        return;
    }
    if (is_verbose) {
        fprintf(stderr, "[RUN ] %s::%s\n", test->suite, test->name);
    }
    atomic_store(&report->n_failed, 0);
    atomic_store(&report->is_skipped, false);

    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    pid_t pid = fork_flushed();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        run_in_child(test, suite);
    }

    const time_t begin = time(NULL);
    double timeout_s = options.timeout > 0 ? options.timeout * TIMEOUT_SCALE
                                           : DEFAULT_TIMEOUT_S;
    int status = 0;
    bool is_crash = false;
    const char *failure = wait_for(pid, timeout_s, &status)
                              ? judge(&options, status, &is_crash)
                              : "Timed out";
    if (is_verbose) {
        fprintf(stderr, "[DONE] %s::%s (%ld s)\n", test->suite, test->name,
                (long)(time(NULL) - begin));
    }
    if (!failure && report->is_skipped) {
        fprintf(stderr, "[SKIP] %s::%s\n", test->suite, test->name);
        return;
    }
    totals->n_tested++;
    totals->n_crashed += is_crash;
    if (failure) {
        totals->n_failed++;
        fprintf(stderr, "[FAIL] %s::%s: %s\n", test->suite, test->name,
                failure);
    }
}

static bool
is_wanted(const struct lat_test *test, char **patterns, int n_patterns)
{
    char id[256];
    snprintf(id, sizeof id, "%s/%s", test->suite, test->name);
    for (int i = 0; i < n_patterns; i++) {
        if (fnmatch(patterns[i], id, FNM_EXTMATCH) == 0) {
            return true;
        }
    }
    return n_patterns == 0;
}

// Move the patterns to the front of argv and return their number, or -1.
static int
parse_arguments(int argc, char **argv, bool *is_list)
{
    int n_patterns = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            *is_list = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            is_verbose = true;
        } else if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            argv[n_patterns++] = argv[++i];
        } else if (argv[i][0] != '-') {
            argv[n_patterns++] = argv[i];
        } else {
            return -1;
        }
    }
    return n_patterns;
}

static void
list_tests(char **patterns, int n_patterns)
{
    for (const struct lat_test *test = first_test; test; test = test->next) {
        if (test->name && is_wanted(test, patterns, n_patterns)) {
            printf("%s/%s\n", test->suite, test->name);
        }
    }
}

// Run those tests that no other runner has taken.
static void
run_tests(char **patterns, int n_patterns, struct totals *totals)
{
    report = map_shared(sizeof *report);
    unsigned i = 0;
    unsigned mine = totals->n_taken++;
    for (const struct lat_test *test = first_test; test; test = test->next) {
        if (test->name && is_wanted(test, patterns, n_patterns) &&
            i++ == mine) {
            run_test(test, totals);
            mine = totals->n_taken++;
        }
    }
}

int
main(int argc, char **argv)
{
    bool is_list = false;
    int n_patterns = parse_arguments(argc, argv, &is_list);
    if (n_patterns < 0) {
        fprintf(stderr, "usage: lattice_tests [--list] [--verbose] "
                        "[[--filter] SUITE/NAME]...\n");
        return 2;
    }
    if (is_list) {
        list_tests(argv, n_patterns);
        return 0;
    }
    struct totals *totals = map_shared(sizeof *totals);
    const long n_runners = sysconf(_SC_NPROCESSORS_ONLN);
    for (long i = 0; i < n_runners; i++) {
        if (fork_flushed() == 0) {
            run_tests(argv, n_patterns, totals);
            exit(0);
        }
    }
    for (int status = 0; wait(&status) > 0;) {
        totals->n_crashed += status != 0;
        totals->n_failed += status != 0;
    }
    fprintf(stderr,
            "[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | "
            "Crashing: %u\n",
            totals->n_tested, totals->n_tested - totals->n_failed,
            totals->n_failed, totals->n_crashed);
    return totals->n_failed ? 1 : 0;
}
