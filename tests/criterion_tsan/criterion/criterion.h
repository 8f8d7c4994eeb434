// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A stand-in for Criterion where Criterion cannot start: under TSan.
///
/// Only the tsan preset puts this folder on the include path.  The same test
/// files then build unchanged: Test and TestSuite with their .init, .fini,
/// .timeout, .signal, .exit_code and .disabled options, the classic assertions
/// with an optional printf message, cr_log_*, cr_skip_test.  Not here:
/// parameterized tests, theories, redirection, the "new" assertions.
///
/// As in Criterion each test runs in a process of its own, made by a plain
/// fork, so that a data race, a crash or a hang is blamed on its test.
#ifndef LAT_CRITERION_TSAN_H
#define LAT_CRITERION_TSAN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lat_test_options {
    void (*init)(void);
    void (*fini)(void);
    int signal;    // that must end the test
    int exit_code; // with which the test must end
    bool disabled;
    const char *description;
    double timeout; // seconds
    void *data;
    int sentinel;
};

struct lat_test {
    const char *suite;
    const char *name; // NULL: the defaults of the suite
    void (*run)(void);
    struct lat_test_options options;
    struct lat_test *next;
};

/// Add a test or the defaults of a suite to what main() runs.
void
lat_test_register(struct lat_test *test);

/// Record a check; when it failed and is fatal, leave the test.
///
/// @param text    What was checked.
/// @param format  Of a message, as printf takes it; "" for none.
void
lat_test_check(bool ok, bool is_fatal, const char *file, int line,
               const char *text, const char *format, ...);

/// Leave the test and count it as skipped.
_Noreturn void
lat_test_skip(const char *format, ...);

/// Print to stderr where --verbose was given.
void
lat_test_log(const char *format, ...);

/// Compare as the classic float assertions do; NaN equals nothing.
bool
lat_test_float_eq(double actual, double expected, double epsilon);

#define Test(...)      LAT_TEST_(__VA_ARGS__, .sentinel = 0)
#define TestSuite(...) LAT_TEST_SUITE_(__VA_ARGS__, .sentinel = 0)

#define LAT_TEST_(Suite, Name, ...)                                            \
 static void Suite##_##Name##_body(void);                                      \
 __attribute__((constructor)) static void Suite##_##Name##_add(void)           \
 {                                                                             \
  static struct lat_test test = {.suite = #Suite,                              \
                                 .name = #Name,                                \
                                 .run = Suite##_##Name##_body,                 \
                                 .options = {__VA_ARGS__}};                    \
  lat_test_register(&test);                                                    \
 }                                                                             \
 static void Suite##_##Name##_body(void)

#define LAT_TEST_SUITE_(Suite, ...)                                            \
 __attribute__((constructor)) static void Suite##_suite_add(void)              \
 {                                                                             \
  static struct lat_test suite = {.suite = #Suite, .options = {__VA_ARGS__}};  \
  lat_test_register(&suite);                                                   \
 }                                                                             \
 struct lat_test

// Each takes the caller's arguments and an empty message at their end, so that
// the message is optional; lat_test_check() ignores what its format does not
// use.
#define LAT_TRUE_(Fatal, Value, ...)                                           \
 lat_test_check((Value) ? true : false, Fatal, __FILE__, __LINE__, #Value,     \
                __VA_ARGS__)
#define LAT_FALSE_(Fatal, Value, ...)                                          \
 lat_test_check((Value) ? false : true, Fatal, __FILE__, __LINE__,             \
                "not " #Value, __VA_ARGS__)
#define LAT_BINARY_(Fatal, Op, A, B, ...)                                      \
 lat_test_check((A)Op(B), Fatal, __FILE__, __LINE__, #A " " #Op " " #B,        \
                __VA_ARGS__)
#define LAT_STRINGS_(Fatal, Op, A, B, ...)                                     \
 lat_test_check(strcmp((A), (B)) Op 0, Fatal, __FILE__, __LINE__,              \
                "as strings: " #A " " #Op " " #B, __VA_ARGS__)
#define LAT_EMPTY_(Fatal, Op, A, ...)                                          \
 lat_test_check((A)[0] Op '\0', Fatal, __FILE__, __LINE__,                     \
                "first of " #A " " #Op " end", __VA_ARGS__)
#define LAT_FLOATS_(Fatal, Is, A, B, Epsilon, ...)                             \
 lat_test_check(                                                               \
     lat_test_float_eq((double)(A), (double)(B), (double)(Epsilon)) == Is,     \
     Fatal, __FILE__, __LINE__, #A " within " #Epsilon " of " #B " is " #Is,   \
     __VA_ARGS__)
#define LAT_ARRAYS_(Fatal, Op, A, B, Size, ...)                                \
 lat_test_check(memcmp((A), (B), (Size)) Op 0, Fatal, __FILE__, __LINE__,      \
                "as bytes: " #A " " #Op " " #B, __VA_ARGS__)
#define LAT_FAIL_(Fatal, ...)                                                  \
 lat_test_check(false, Fatal, __FILE__, __LINE__, "fail", __VA_ARGS__)

#define cr_assert(...)          LAT_TRUE_(true, __VA_ARGS__, "")
#define cr_expect(...)          LAT_TRUE_(false, __VA_ARGS__, "")
#define cr_assert_not(...)      LAT_FALSE_(true, __VA_ARGS__, "")
#define cr_expect_not(...)      LAT_FALSE_(false, __VA_ARGS__, "")
#define cr_assert_null(...)     LAT_FALSE_(true, __VA_ARGS__, "")
#define cr_expect_null(...)     LAT_FALSE_(false, __VA_ARGS__, "")
#define cr_assert_not_null(...) LAT_TRUE_(true, __VA_ARGS__, "")
#define cr_expect_not_null(...) LAT_TRUE_(false, __VA_ARGS__, "")

#define cr_assert_eq(...)  LAT_BINARY_(true, ==, __VA_ARGS__, "")
#define cr_expect_eq(...)  LAT_BINARY_(false, ==, __VA_ARGS__, "")
#define cr_assert_neq(...) LAT_BINARY_(true, !=, __VA_ARGS__, "")
#define cr_expect_neq(...) LAT_BINARY_(false, !=, __VA_ARGS__, "")
#define cr_assert_lt(...)  LAT_BINARY_(true, <, __VA_ARGS__, "")
#define cr_expect_lt(...)  LAT_BINARY_(false, <, __VA_ARGS__, "")
#define cr_assert_leq(...) LAT_BINARY_(true, <=, __VA_ARGS__, "")
#define cr_expect_leq(...) LAT_BINARY_(false, <=, __VA_ARGS__, "")
#define cr_assert_gt(...)  LAT_BINARY_(true, >, __VA_ARGS__, "")
#define cr_expect_gt(...)  LAT_BINARY_(false, >, __VA_ARGS__, "")
#define cr_assert_geq(...) LAT_BINARY_(true, >=, __VA_ARGS__, "")
#define cr_expect_geq(...) LAT_BINARY_(false, >=, __VA_ARGS__, "")

#define cr_assert_str_eq(...)        LAT_STRINGS_(true, ==, __VA_ARGS__, "")
#define cr_expect_str_eq(...)        LAT_STRINGS_(false, ==, __VA_ARGS__, "")
#define cr_assert_str_neq(...)       LAT_STRINGS_(true, !=, __VA_ARGS__, "")
#define cr_expect_str_neq(...)       LAT_STRINGS_(false, !=, __VA_ARGS__, "")
#define cr_assert_str_lt(...)        LAT_STRINGS_(true, <, __VA_ARGS__, "")
#define cr_expect_str_lt(...)        LAT_STRINGS_(false, <, __VA_ARGS__, "")
#define cr_assert_str_gt(...)        LAT_STRINGS_(true, >, __VA_ARGS__, "")
#define cr_expect_str_gt(...)        LAT_STRINGS_(false, >, __VA_ARGS__, "")
#define cr_assert_str_empty(...)     LAT_EMPTY_(true, ==, __VA_ARGS__, "")
#define cr_expect_str_empty(...)     LAT_EMPTY_(false, ==, __VA_ARGS__, "")
#define cr_assert_str_not_empty(...) LAT_EMPTY_(true, !=, __VA_ARGS__, "")
#define cr_expect_str_not_empty(...) LAT_EMPTY_(false, !=, __VA_ARGS__, "")

#define cr_assert_float_eq(...)  LAT_FLOATS_(true, true, __VA_ARGS__, "")
#define cr_expect_float_eq(...)  LAT_FLOATS_(false, true, __VA_ARGS__, "")
#define cr_assert_float_neq(...) LAT_FLOATS_(true, false, __VA_ARGS__, "")
#define cr_expect_float_neq(...) LAT_FLOATS_(false, false, __VA_ARGS__, "")

#define cr_assert_arr_eq(...)  LAT_ARRAYS_(true, ==, __VA_ARGS__, "")
#define cr_expect_arr_eq(...)  LAT_ARRAYS_(false, ==, __VA_ARGS__, "")
#define cr_assert_arr_neq(...) LAT_ARRAYS_(true, !=, __VA_ARGS__, "")
#define cr_expect_arr_neq(...) LAT_ARRAYS_(false, !=, __VA_ARGS__, "")

#define cr_assert_fail(...) LAT_FAIL_(true, "" __VA_ARGS__)
#define cr_expect_fail(...) LAT_FAIL_(false, "" __VA_ARGS__)
#define cr_skip_test(...)   lat_test_skip("" __VA_ARGS__)
#define cr_log_info(...)    lat_test_log(__VA_ARGS__)
#define cr_log_warn(...)    lat_test_log(__VA_ARGS__)
#define cr_log_error(...)   lat_test_log(__VA_ARGS__)

#endif // LAT_CRITERION_TSAN_H
