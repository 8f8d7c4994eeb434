// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "conformance.h"
#include "conformance_private.h"
#include "pace.h"
#include "wav.h"

#include "base/log.h"
#include "base/rt.h"
#include "units/units.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// --- A child that reports ----------------------------------------------------

static int report_to = -1;
static const char *const *claim_in_hand;

static void
report(const char *claim, const char *text)
{
    char line[CONFORMANCE_TEXT_MAX];
    const int n = snprintf(line, sizeof(line), "%s: %s", claim, text);
    const size_t size = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
    if (write(report_to, line, size) < 0) {
        _exit(2);
    }
    _exit(1);
}

void
conformance_breaks(const struct subject *s, const char *format, ...)
{
    char text[CONFORMANCE_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lat_thread_role = LAT_ROLE_NONE;
    report(s->claim, text);
    _exit(2);
}

static void
say_signal(int number)
{
    const char *const claim = *claim_in_hand;
    const char *const what =
        number == SIGXCPU ? ": does not return" : ": dies of a signal";
    lat_thread_role = LAT_ROLE_NONE;
    if (write(report_to, claim, strlen(claim)) < 0 ||
        write(report_to, what, strlen(what)) < 0) {
        _exit(2);
    }
    _exit(1);
}

static void
run_claims(struct subject *s)
{
    const int signals[] = {SIGXCPU, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    claim_in_hand = &s->claim;
    for (size_t i = 0; i < LAT_COUNT(signals); ++i) {
        signal(signals[i], say_signal);
    }
    // A signal that TSan keeps back until the next system call is no end.
    const struct rlimit limit = {s->terms->seconds, s->terms->seconds + 1};
    setrlimit(RLIMIT_CPU, &limit);
    lat_log_set_level(LAT_LOG_ERROR);
    lat_rt_flush_denormals();
    conformance_descriptor(s);
    conformance_alone(s);
    conformance_together(s);
}

void
conformance_check(const struct lat_node_type *type,
                  const struct conformance_terms *terms,
                  char text[CONFORMANCE_TEXT_MAX])
{
    int ends[2];
    text[0] = '\0';
    if (pipe(ends)) {
        abort();
    }
    fflush(NULL);
    const pid_t child = fork();
    if (child < 0) {
        abort();
    }
    if (!child) {
        close(ends[0]);
        report_to = ends[1];
        struct subject s = {type, terms, "start"};
        run_claims(&s);
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n < CONFORMANCE_TEXT_MAX - 1;) {
        got = read(ends[0], text + n, CONFORMANCE_TEXT_MAX - 1 - n);
        n += got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (!n && status) {
        snprintf(text, CONFORMANCE_TEXT_MAX, "end: status %#x", status);
    }
}

struct conformance_terms
conformance_terms(void)
{
    struct conformance_terms terms = {.seconds = 300, .stride = TEST_STRIDE};
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        terms.kernels[isa] = lat_kernels_get((enum lat_isa)isa);
    }
    return terms;
}

// --- Random numbers ----------------------------------------------------------

static uint64_t random_state;

void
conformance_seed(uint64_t seed)
{
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint32_t
conformance_bits(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32U);
}

uint32_t
conformance_below(uint32_t n)
{
    return conformance_bits() % n;
}

float
conformance_within(float low, float high)
{
    return low + (high - low) * ((float)(conformance_bits() >> 8U) * 0x1p-24F);
}

bool
conformance_is_same(float a, float b)
{
    return !memcmp(&a, &b, sizeof(a)) || (isnan(a) && isnan(b));
}

void
conformance_near(const struct subject *s, const char *output, uint32_t n,
                 const float *got, const float *expected, float part)
{
    float peak = 0.0F;
    for (uint32_t f = 0; f < n; ++f) {
        peak = fmaxf(peak, fabsf(expected[f]));
    }
    for (uint32_t f = 0; f < n; ++f) {
        if (!(fabsf(got[f] - expected[f]) <= part * peak)) {
            conformance_breaks(s, "%s frame %u is %a, far from %a (peak %g)",
                               output, f, (double)got[f], (double)expected[f],
                               (double)peak);
        }
    }
}

const struct lat_kernels *
conformance_kernels(const struct subject *s, bool otherwise)
{
    const struct lat_kernels *const *k = s->terms->kernels;
    const bool fuses = lat_kernels_best()->fuses != otherwise;
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        if (k[isa] && k[isa]->fuses == fuses) {
            return k[isa];
        }
    }
    return NULL;
}

// --- Settings ----------------------------------------------------------------

/// Texts that this or that setting may take.
static const char *const texts[] = {
    "",        "0",      "1",     "1 0 -1 0.5",  "0.25", "1/4", "c4",
    "c4 e g5", "0 _ 12", "a b c", "1 2 3 4 5 6", "x",    "1/3", "60 62",
};

static bool
is_number(const struct lat_setting *s)
{
    return s->kind == LAT_SETTING_NUMBER || s->kind == LAT_SETTING_INTEGER;
}

static uint32_t
n_words(const struct lat_setting *s)
{
    uint32_t n = 0;
    while (s->words && s->words[n]) {
        ++n;
    }
    return n;
}

/// Is it read from a file?  Then one of its values names a sound.
static bool
is_read(const struct lat_setting *s)
{
    return s->kind == LAT_SETTING_FILE && s->prepare;
}

static const char *
sound_file(void)
{
    static char path[40];
    unsigned char bytes[WAV_BYTES];
    if (!*path) {
        const int fd = memfd_create("conformance.wav", 0);
        wav_bytes(0.25F, bytes);
        if (fd < 0 || write(fd, bytes, sizeof(bytes)) != WAV_BYTES) {
            abort();
        }
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    return path;
}

#define N_NUMBERS 4U

static uint32_t
n_choices(const struct lat_setting *s)
{
    if (is_number(s)) {
        return N_NUMBERS + n_words(s);
    }
    return s->kind == LAT_SETTING_WORD
               ? n_words(s)
               : 1 + (uint32_t)LAT_COUNT(texts) + is_read(s);
}

static struct lat_value
choice(const struct lat_setting *s, uint32_t i)
{
    const double middle = s->min + (s->max - s->min) * 0.375;
    const double numbers[N_NUMBERS] = {s->initial, s->min, s->max, middle};
    if (is_number(s) && i < N_NUMBERS) {
        const bool is_whole = s->kind == LAT_SETTING_INTEGER;
        return (struct lat_value){.number = is_whole ? floor(numbers[i])
                                                     : numbers[i]};
    }
    if (is_number(s)) {
        return (struct lat_value){.is_text = true,
                                  .text = s->words[i - N_NUMBERS]};
    }
    if (s->kind == LAT_SETTING_WORD) {
        return (struct lat_value){.is_text = true, .text = s->words[i]};
    }
    if (i > LAT_COUNT(texts)) {
        return (struct lat_value){.is_text = true, .text = sound_file()};
    }
    return (struct lat_value){.is_text = true,
                              .text = i ? texts[i - 1] : s->initial_text};
}

static uint32_t
n_choices_of_all(const struct lat_node_type *type)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        n += n_choices(&type->settings[i]);
    }
    return n;
}

uint32_t
conformance_n_setups(const struct lat_node_type *type)
{
    const uint32_t n_several = type->n_settings > 1 ? 6 : 0;
    const uint32_t n = 1 + n_choices_of_all(type) + n_several;
    return n < CONFORMANCE_SETUPS_MAX ? n : CONFORMANCE_SETUPS_MAX;
}

struct setup
conformance_setup(const struct lat_node_type *type, uint32_t i)
{
    struct setup setup = {.n = 0};
    uint32_t at = 1;
    for (uint32_t k = 0; k < type->n_settings; ++k) {
        const struct lat_setting *s = &type->settings[k];
        const uint32_t n = n_choices(s);
        if (i >= at && i < at + n) {
            setup.a[setup.n++] =
                (struct lat_assignment){s->name, choice(s, i - at)};
        }
        at += n;
    }
    for (uint32_t k = 0;
         i >= at && k < type->n_settings && k < CONFORMANCE_SETTINGS_MAX; ++k) {
        const struct lat_setting *s = &type->settings[k];
        setup.a[setup.n++] = (struct lat_assignment){
            s->name, choice(s, (i * 7 + k * 3) % n_choices(s))};
    }
    return setup;
}

bool
conformance_setup_is_sure(const struct lat_node_type *type,
                          const struct setup *setup)
{
    for (uint32_t i = 0; i < setup->n; ++i) {
        const int k = lat_setting_index(type, setup->a[i].key);
        const struct lat_setting *s = &type->settings[k];
        if (!is_number(s) && s->kind != LAT_SETTING_WORD) {
            return false;
        }
    }
    return true;
}

// --- A node as the control makes it ------------------------------------------

struct lat_control *
conformance_control(const struct subject *s, double rate, uint32_t block)
{
    const struct lat_control_options options = {
        .rate = rate,
        .block = block,
        .workers = 1,
        .is_offline = true,
    };
    struct lat_control *c = NULL;
    struct lat_error error;
    if (lat_control_new(&options, &c, &error)) {
        conformance_breaks(s, "no control: %s", error.text);
    }
    return c;
}

const struct lat_node *
conformance_node(const struct subject *s, struct lat_control *c,
                 const char *name, const struct setup *setup)
{
    struct lat_error error;
    if (lat_control_node_new_of(c, s->type, name, false, setup->a, setup->n,
                                &error)) {
        if (conformance_setup_is_sure(s->type, setup)) {
            conformance_breaks(s, "refuses a value of its own: %s", error.text);
        }
        return NULL;
    }
    return lat_control_need_node(c, name, &error);
}

const struct lat_config *
conformance_config(const struct lat_node *node)
{
    return lat_units_instance(node)->config;
}

// --- Descriptors -------------------------------------------------------------

static void
check_text(const struct subject *s, const char *text, const char *what)
{
    if (!text || !*text) {
        conformance_breaks(s, "%s is empty", what);
    }
}

static void
check_ports(const struct subject *s, const struct lat_port *ports, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_port *p = &ports[i];
        check_text(s, p->name, "a port's name");
        check_text(s, p->doc, "a port's doc");
        for (uint32_t j = 0; j < i; ++j) {
            if (!strcmp(p->name, ports[j].name)) {
                conformance_breaks(s, "two ports are called %s", p->name);
            }
        }
        if (!p->unit) {
            conformance_breaks(s, "%s has no unit", p->name);
        }
        const int k = p->repeat ? lat_setting_index(s->type, p->repeat) : 0;
        if (p->repeat &&
            (k < 0 || s->type->settings[k].kind != LAT_SETTING_INTEGER)) {
            conformance_breaks(s, "%s repeats by no setting", p->name);
        }
    }
}

static void
check_input(const struct subject *s, const struct lat_port *p)
{
    const bool is_event = lat_port_kind_is_event(p->kind);
    if (!(p->min < p->max && p->low < p->high && p->min <= p->low &&
          p->high <= p->max && p->min <= p->initial && p->initial <= p->max)) {
        conformance_breaks(s, "the ranges of %s are not in order", p->name);
    }
    if (p->curve == LAT_CURVE_EXP && !(p->low * p->high > 0.0F)) {
        conformance_breaks(s, "the fader of %s passes 0", p->name);
    }
    if (is_event && (p->smooth || p->initial != 0.0F)) {
        conformance_breaks(s, "%s is an event that ramps or is high at first",
                           p->name);
    }
}

static void
check_setting(const struct subject *s, const struct lat_setting *setting)
{
    check_text(s, setting->name, "a setting's name");
    check_text(s, setting->doc, "a setting's doc");
    if (!setting->unit) {
        conformance_breaks(s, "%s has no unit", setting->name);
    }
    if (is_number(setting) &&
        !(setting->min < setting->max && setting->min <= setting->initial &&
          setting->initial <= setting->max)) {
        conformance_breaks(s, "the range of %s is not in order", setting->name);
    }
    if (setting->prepare && setting->kind != LAT_SETTING_TEXT &&
        setting->kind != LAT_SETTING_FILE) {
        conformance_breaks(s, "%s has data, and is neither a text nor a file",
                           setting->name);
    }
    if (setting->forget && !setting->prepare) {
        conformance_breaks(s, "%s forgets what it never prepares",
                           setting->name);
    }
    bool is_known = setting->kind != LAT_SETTING_WORD;
    for (uint32_t i = 0; i < n_words(setting) && !is_known; ++i) {
        is_known = !strcmp(setting->words[i], setting->initial_text);
    }
    if (!is_known) {
        conformance_breaks(s, "%s begins as a word that it does not know",
                           setting->name);
    }
    for (uint32_t i = 0; i < s->type->n_inputs; ++i) {
        if (!strcmp(s->type->inputs[i].name, setting->name)) {
            conformance_breaks(s, "%s is an input and a setting",
                               setting->name);
        }
    }
}

void
conformance_descriptor(struct subject *s)
{
    const struct lat_node_type *type = s->type;
    s->claim = "descriptor";
    check_text(s, type->name, "the name");
    check_text(s, type->doc, "the doc");
    check_ports(s, type->inputs, type->n_inputs);
    check_ports(s, type->outputs, type->n_outputs);
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        check_input(s, &type->inputs[i]);
    }
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        check_setting(s, &type->settings[i]);
    }
    if (!(type->cost_ns > 0.0F)) {
        conformance_breaks(s, "it costs nothing");
    }
    if (!type->kernel == !type->process) {
        conformance_breaks(s, "it has not either a kernel or a process");
    }
    for (int isa = 0; type->kernel && isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = s->terms->kernels[isa];
        if (k &&
            (!k->process[type->kernel] || !k->process_lanes[type->kernel])) {
            conformance_breaks(s, "%s has no kernel for it", k->name);
        }
    }
    for (int isa = 0; type->loop && isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *k = s->terms->kernels[isa];
        if (k && !k->loops[type->loop]) {
            conformance_breaks(s, "%s has no loop for it", k->name);
        }
    }
}
