// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Four shared words, each alone on its cache lines:
//
//   epoch     number of the present run; futex word; written by audio only
//   claim     (epoch, next chunk) in one word
//   done      chunks finished in this run
//   n_parked  workers asleep, or about to be
//
// Audio starts a run in this order: close `claim` for the new epoch, done = 0,
// publish the job, open `claim` at chunk 0, store `epoch`, wake; when all
// chunks are done it closes `claim` again.  A worker announces the epoch it
// works on, looks at `epoch` and at `claim` again, and only then follows the
// job; a plan is freed when nobody announces an epoch up to its last.  The
// announcement and the second look are sequentially consistent, as are parking
// and waking: each side writes its word before it reads the other's.
//
// A chunk is claimed by compare-and-swap on `claim` once all chunks of earlier
// levels are done.  The acquire load of `done` that opens a level orders every
// output of those before it; the release in finish() is its partner.

#include "scheduler.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Far enough apart that adjacent-line prefetching does not couple two words.
#define APART 128

#define CLOSED UINT32_MAX

/// A worker gives up waiting inside a period after this.
#define SPIN_NS 30000U

/// The audio thread yields after waiting this long for claimed chunks.
#define YIELD_NS 100000U

/// Work of a period that is worth waking anyone for.
#define WORTH_NS 100000.0

/// Gain over running serially that is.
#define WORTH_GAIN 1.3

/// Every so many parallel runs, chunks are timed.
#define TIMED_ONE_IN 16U

/// Hand-over of a level, and waking, for the estimate.
#define LEVEL_NS 500.0
#define WAKE_NS  8000.0

#define STACK_BYTES ((size_t)4 * 1024 * 1024)

/// As much of it is touched before the first run.
#define STACK_TOUCHED ((size_t)256 * 1024)

#if defined(__x86_64__)
# define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
# define PAUSE() __asm__ __volatile__("yield")
#else
# define PAUSE() ((void)0)
#endif

#ifdef LAT_TEST_HOOKS
_Atomic(lat_scheduler_hook_fn) lat_scheduler_hook;

static void
call_hook(uint32_t thread, int when)
{
    const lat_scheduler_hook_fn hook =
        atomic_load_explicit(&lat_scheduler_hook, memory_order_relaxed);
    if (hook) {
        hook(thread, when);
    }
}

# define HOOK(thread, when) call_hook(thread, when)
#else
# define HOOK(thread, when) ((void)0)
#endif

struct worker {
    _Alignas(APART) _Atomic uint32_t busy; ///< epoch announced, 0: idle
    struct lat_scheduler *s;
    uint32_t index; ///< 1 to n_threads - 1
    pthread_t thread;
    struct lat_span_thread mine;
};

struct lat_scheduler {
    _Alignas(APART) _Atomic uint32_t epoch;
    _Alignas(APART) _Atomic uint64_t claim;
    _Alignas(APART) _Atomic uint32_t done;
    _Alignas(APART) _Atomic uint32_t n_parked;

    // The job; read by workers that announced themselves.
    _Alignas(APART) _Atomic(struct lat_plan *) plan;
    _Atomic(struct lat_span *) span;
    _Atomic bool is_open; ///< inside a period: spin rather than park
    _Atomic bool has_quit;

    // Audio only.
    _Alignas(APART) uint32_t period_frames;
    double rate;
    uint64_t half_period_ns;
    double scale;     ///< measured over estimated cost
    uint32_t threads; ///< for the present plan
    const struct lat_plan *chosen_for;
    uint64_t n_until_choice;
    bool has_woken; ///< in this period
    uint64_t incident_ns[3];
    uint64_t serial_until_ns;
    struct lat_span_thread mine;

    // Constant, or atomic.
    uint32_t n_threads;
    bool always_parallel, lingers;
    bool is_pinned;
    uint16_t pins[LAT_MAX_THREADS];
    _Atomic bool audio_is_realtime, workers_are_realtime;
    _Atomic uint64_t n_parallel, n_serial, n_wakes, n_yields, n_sleeps,
        n_retreats;
    _Atomic uint32_t threads_now;
    struct worker workers[LAT_MAX_THREADS];
};

static void
bump(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static long
futex(_Atomic uint32_t *word, int op, uint32_t value,
      const struct timespec *timeout)
{
    return syscall(SYS_futex, (uint32_t *)word, op | FUTEX_PRIVATE_FLAG, value,
                   timeout, NULL, 0);
}

// Claiming.

static uint64_t
claim_word(uint32_t epoch, uint32_t next)
{
    return (uint64_t)epoch << 32U | next;
}

static void
run_chunk(struct lat_scheduler *s, struct lat_plan *plan, uint32_t chunk,
          struct lat_span_thread *mine)
{
    struct lat_span *span =
        atomic_load_explicit(&s->span, memory_order_relaxed);
    mine->scratch = plan->scratch + mine->index * plan->scratch_floats;
    const bool is_timed = span->turn % TIMED_ONE_IN == 0;
    const uint64_t begin_ns = is_timed ? lat_now_ns() : 0;
    lat_span_run_chunk(span, plan, &plan->chunks[chunk], mine);
    if (is_timed) {
        mine->busy_ns += lat_now_ns() - begin_ns;
    }
    // Release pairs with the acquire loads of `done`.
    atomic_fetch_add_explicit(&s->done, 1, memory_order_release);
}

enum turn {
    TURN_RAN,
    TURN_WAIT, ///< the next chunk's level is not open yet
    TURN_OVER, ///< nothing left to claim
};

static enum turn
take_turn(struct lat_scheduler *s, uint32_t epoch, struct lat_plan *plan,
          uint32_t thread, struct lat_span_thread *mine)
{
    // Once a run is over its claim is closed, and its plan may be gone: nobody
    // follows the pointer who announced himself too late to be waited for.
    uint64_t word = atomic_load_explicit(&s->claim, memory_order_seq_cst);
    const uint32_t next = (uint32_t)word;
    if (word >> 32U != epoch || next == CLOSED || next >= plan->n_chunks) {
        return TURN_OVER;
    }
    if (atomic_load_explicit(&s->done, memory_order_acquire) <
        plan->chunks[next].opens_at) {
        return TURN_WAIT;
    }
    HOOK(thread, 0);
    if (atomic_compare_exchange_strong_explicit(&s->claim, &word, word + 1,
                                                memory_order_acq_rel,
                                                memory_order_relaxed)) {
        HOOK(thread, 1);
        run_chunk(s, plan, next, mine);
    }
    (void)thread;
    return TURN_RAN;
}

// Workers.

static void
work(struct worker *w, uint32_t epoch)
{
    struct lat_scheduler *s = w->s;
    LAT_ASSERT_ROLE(LAT_ROLE_WORKER);
    atomic_store_explicit(&w->busy, epoch, memory_order_seq_cst);
    if (atomic_load_explicit(&s->epoch, memory_order_seq_cst) == epoch) {
        struct lat_plan *plan =
            atomic_load_explicit(&s->plan, memory_order_relaxed);
        uint64_t waiting_since = 0;
        for (;;) {
            const enum turn turn =
                take_turn(s, epoch, plan, w->index, &w->mine);
            if (turn == TURN_OVER) {
                break;
            }
            if (turn == TURN_RAN) {
                waiting_since = 0;
                continue;
            }
            PAUSE();
            const uint64_t now = lat_now_ns();
            waiting_since = waiting_since ? waiting_since : now;
            if (now - waiting_since > SPIN_NS) {
                break;
            }
        }
    }
    atomic_store_explicit(&w->busy, 0, memory_order_seq_cst);
}

static void
park(struct lat_scheduler *s, uint32_t seen)
{
    atomic_fetch_add_explicit(&s->n_parked, 1, memory_order_seq_cst);
    // The kernel compares: a run that began meanwhile is not slept through.
    futex(&s->epoch, FUTEX_WAIT, seen, NULL);
    atomic_fetch_sub_explicit(&s->n_parked, 1, memory_order_seq_cst);
}

// Wait for another epoch than @p seen: spin inside a period, else sleep.
static void
wait_for_run(struct lat_scheduler *s, uint32_t seen)
{
    const uint64_t begin = lat_now_ns();
    while (atomic_load_explicit(&s->is_open, memory_order_acquire) ||
           s->lingers) {
        for (int i = 0; i < 16; ++i) {
            if (atomic_load_explicit(&s->epoch, memory_order_acquire) != seen) {
                return;
            }
            PAUSE();
        }
        if (lat_now_ns() - begin > SPIN_NS) {
            break;
        }
    }
    park(s, seen);
}

static void
touch_stack(void)
{
    volatile unsigned char bytes[STACK_TOUCHED];
    for (size_t i = 0; i < sizeof(bytes); i += 1024) {
        bytes[i] = 0;
    }
    (void)bytes[0];
}

static void *
worker_main(void *arg)
{
    struct worker *w = arg;
    struct lat_scheduler *s = w->s;
    lat_thread_role = LAT_ROLE_WORKER;
    lat_rt_flush_denormals();
    touch_stack();
    if (s->is_pinned) {
        lat_cpu_pin_self(s->pins[w->index]);
    }
    uint32_t seen = 0;
    while (!atomic_load_explicit(&s->has_quit, memory_order_acquire)) {
        const uint32_t epoch =
            atomic_load_explicit(&s->epoch, memory_order_seq_cst);
        if (epoch == seen) {
            wait_for_run(s, seen);
            continue;
        }
        seen = epoch;
        work(w, epoch);
    }
    return NULL;
}

// Choosing.

// Frame time of a plan on @p w threads, as its chunks are thought to take.
static double
estimate(const struct lat_plan *plan, uint32_t w, double scale,
         uint32_t n_frames)
{
    double total = WAKE_NS;
    for (uint32_t l = 0; l < plan->n_levels; ++l) {
        const struct lat_level *level = &plan->levels[l];
        const double share =
            (double)level->cost_ns / (w < level->n ? w : level->n);
        const double most = (double)level->largest_ns;
        total += LEVEL_NS + scale * n_frames * (share > most ? share : most);
    }
    return total;
}

static uint32_t
choose(const struct lat_scheduler *s, const struct lat_plan *plan)
{
    if (s->always_parallel) {
        return s->n_threads;
    }
    if (s->n_threads == 1 ||
        (atomic_load_explicit(&s->audio_is_realtime, memory_order_relaxed) &&
         !atomic_load_explicit(&s->workers_are_realtime,
                               memory_order_relaxed))) {
        return 1;
    }
    const double alone =
        s->scale * (double)plan->cost_ns * (double)s->period_frames;
    if (alone < WORTH_NS) {
        return 1;
    }
    uint32_t best = 1;
    double best_ns = alone / WORTH_GAIN;
    for (uint32_t w = 2; w <= s->n_threads; ++w) {
        const double ns = estimate(plan, w, s->scale, s->period_frames);
        if (ns < best_ns * (best > 1 ? 0.97 : 1.0)) {
            best = w;
            best_ns = ns;
        }
    }
    return best;
}

// Running.

// Waited too long for a claimed chunk: three such times in ten seconds, and the
// next ten are run serially.
static void
note_incident(struct lat_scheduler *s, uint64_t now)
{
    s->incident_ns[0] = s->incident_ns[1];
    s->incident_ns[1] = s->incident_ns[2];
    s->incident_ns[2] = now;
    const uint64_t ten = UINT64_C(10000000000);
    if (s->incident_ns[0] && now - s->incident_ns[0] < ten &&
        !s->always_parallel) {
        s->serial_until_ns = now + ten;
        memset(s->incident_ns, 0, sizeof(s->incident_ns));
        bump(&s->n_retreats);
    }
}

static void
wait_for_done(struct lat_scheduler *s, uint32_t n_chunks)
{
    uint64_t begin = 0;
    bool is_counted = false;
    uint32_t done = 0;
    while ((done = atomic_load_explicit(&s->done, memory_order_acquire)) <
           n_chunks) {
        PAUSE();
        const uint64_t now = lat_now_ns();
        begin = begin ? begin : now;
        if (now - begin > s->half_period_ns && now - begin > YIELD_NS) {
            const struct timespec nap = {.tv_nsec = 50000};
            bump(&s->n_sleeps);
            futex(&s->done, FUTEX_WAIT, done, &nap);
        } else if (now - begin > YIELD_NS) {
            if (!is_counted) {
                is_counted = true;
                bump(&s->n_yields);
                note_incident(s, now);
            }
            sched_yield();
        }
    }
}

static void
start_run(struct lat_scheduler *s, struct lat_span *span, struct lat_plan *plan,
          uint32_t epoch, uint32_t n_helpers)
{
    atomic_store_explicit(&s->claim, claim_word(epoch, CLOSED),
                          memory_order_seq_cst);
    atomic_store_explicit(&s->done, 0, memory_order_relaxed);
    atomic_store_explicit(&s->plan, plan, memory_order_relaxed);
    atomic_store_explicit(&s->span, span, memory_order_relaxed);
    atomic_store_explicit(&s->claim, claim_word(epoch, 0),
                          memory_order_release);
    atomic_store_explicit(&s->epoch, epoch, memory_order_seq_cst);
    const uint32_t parked =
        atomic_load_explicit(&s->n_parked, memory_order_seq_cst);
    if (parked) {
        futex(&s->epoch, FUTEX_WAKE, n_helpers < parked ? n_helpers : parked,
              NULL);
        bump(&s->n_wakes);
    }
}

// What the chunks took over what they were thought to take: a running mean,
// quick to fall, since one interrupted span must not wake workers for long.
static void
learn(struct lat_scheduler *s, const struct lat_span *span,
      const struct lat_plan *plan, uint64_t ns)
{
    const double expected =
        (double)plan->cost_ns * (double)span->context.n_frames;
    if (ns && expected > 0.0) {
        const double now = (double)ns / expected;
        const double part = now < s->scale ? 0.1 : 0.02;
        s->scale += part * ((now < 100.0 ? now : 100.0) - s->scale);
    }
}

static void
run_parallel(struct lat_scheduler *s, struct lat_span *span,
             struct lat_plan *plan, uint32_t threads)
{
    uint32_t epoch = atomic_load_explicit(&s->epoch, memory_order_relaxed) + 1;
    epoch += !epoch; // 0 means idle
    start_run(s, span, plan, epoch, threads - 1);
    for (;;) {
        const enum turn turn = take_turn(s, epoch, plan, 0, &s->mine);
        if (turn == TURN_OVER) {
            break;
        }
        if (turn == TURN_WAIT) {
            // A claimed chunk of the level before is all that is missing.
            const uint32_t next =
                (uint32_t)atomic_load_explicit(&s->claim, memory_order_relaxed);
            if (next < plan->n_chunks) {
                wait_for_done(s, plan->chunks[next].opens_at);
            }
        }
    }
    wait_for_done(s, plan->n_chunks);
    atomic_store_explicit(&s->claim, claim_word(epoch, CLOSED),
                          memory_order_seq_cst);
    uint64_t busy_ns = s->mine.busy_ns;
    s->mine.busy_ns = 0;
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        busy_ns += s->workers[i].mine.busy_ns;
        s->workers[i].mine.busy_ns = 0;
    }
    learn(s, span, plan, busy_ns);
    bump(&s->n_parallel);
}

static void
run_serial(struct lat_scheduler *s, struct lat_span *span,
           struct lat_plan *plan)
{
    const uint64_t begin_ns = lat_now_ns();
    s->mine.scratch = plan->scratch;
    for (uint32_t c = 0; c < plan->n_chunks; ++c) {
        lat_span_run_chunk(span, plan, &plan->chunks[c], &s->mine);
    }
    learn(s, span, plan, lat_now_ns() - begin_ns);
    bump(&s->n_serial);
}

LAT_RT void
lat_scheduler_run(struct lat_scheduler *s, struct lat_span *span,
                  struct lat_plan *plan)
{
    if (s->chosen_for != plan || !s->n_until_choice--) {
        s->chosen_for = plan;
        s->n_until_choice = 64;
        s->threads = choose(s, plan);
        if (s->serial_until_ns) {
            const bool is_over = lat_now_ns() >= s->serial_until_ns;
            s->serial_until_ns = is_over ? 0 : s->serial_until_ns;
            s->threads = is_over ? s->threads : 1;
        }
        atomic_store_explicit(&s->threads_now, s->threads,
                              memory_order_relaxed);
    }
    if (s->threads <= 1 || plan->n_chunks < 2) {
        run_serial(s, span, plan);
    } else {
        run_parallel(s, span, plan, s->threads);
    }
    lat_span_finish(span, plan);
    lat_span_collect(span, &s->mine);
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        lat_span_collect(span, &s->workers[i].mine);
    }
}

LAT_RT void
lat_scheduler_begin(struct lat_scheduler *s, uint32_t n_frames, double rate)
{
    s->period_frames = n_frames;
    s->half_period_ns = (uint64_t)(0.5e9 * n_frames / rate);
    if (s->n_threads > 1) {
        atomic_store_explicit(&s->is_open, true, memory_order_release);
    }
}

LAT_RT void
lat_scheduler_end(struct lat_scheduler *s)
{
    if (s->n_threads > 1) {
        atomic_store_explicit(&s->is_open, false, memory_order_release);
    }
}

LAT_RT uint32_t
lat_scheduler_epoch(const struct lat_scheduler *s)
{
    return atomic_load_explicit(&s->epoch, memory_order_relaxed);
}

bool
lat_scheduler_is_past(const struct lat_scheduler *s, uint32_t epoch)
{
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        const uint32_t busy =
            atomic_load_explicit(&s->workers[i].busy, memory_order_seq_cst);
        if (busy && (int32_t)(busy - epoch) <= 0) {
            return false;
        }
    }
    return true;
}

// Threads.

static void
stop_workers(struct lat_scheduler *s, uint32_t n)
{
    atomic_store(&s->has_quit, true);
    atomic_fetch_add(&s->epoch, 1);
    futex(&s->epoch, FUTEX_WAKE, LAT_MAX_THREADS, NULL);
    for (uint32_t i = 1; i < n; ++i) {
        pthread_join(s->workers[i].thread, NULL);
    }
}

static enum lat_status
start_workers(struct lat_scheduler *s)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        s->workers[i].s = s;
        s->workers[i].index = i;
        s->workers[i].mine.index = i;
        if (pthread_create(&s->workers[i].thread, &attributes, worker_main,
                           &s->workers[i])) {
            stop_workers(s, i);
            pthread_attr_destroy(&attributes);
            return LAT_ESYSTEM;
        }
        pthread_setname_np(s->workers[i].thread, "lattice-worker");
    }
    pthread_attr_destroy(&attributes);
    return LAT_OK;
}

enum lat_status
lat_scheduler_new(const struct lat_scheduler_options *options,
                  struct lat_scheduler **out)
{
    const size_t bytes =
        (sizeof(struct lat_scheduler) + APART - 1) / APART * APART;
    struct lat_scheduler *s = aligned_alloc(APART, bytes);
    if (!s) {
        return LAT_ENOMEM;
    }
    memset(s, 0, bytes);
    s->n_threads = options->n_threads < 1 ? 1 : options->n_threads;
    if (s->n_threads > LAT_MAX_THREADS) {
        s->n_threads = LAT_MAX_THREADS;
    }
    s->always_parallel = options->always_parallel;
    s->lingers = options->lingers;
    s->threads = 1;
    s->scale = 1.0;
    if (options->pins && options->pins->n >= s->n_threads) {
        s->is_pinned = true;
        memcpy(s->pins, options->pins->cpu, s->n_threads * sizeof(*s->pins));
    }
    const enum lat_status status = start_workers(s);
    if (status) {
        free(s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

void
lat_scheduler_free(struct lat_scheduler *s)
{
    if (s) {
        stop_workers(s, s->n_threads);
        free(s);
    }
}

uint32_t
lat_scheduler_n_threads(const struct lat_scheduler *s)
{
    return s->n_threads;
}

bool
lat_scheduler_set_priority(struct lat_scheduler *s, int priority,
                           bool audio_is_realtime)
{
    bool all = true;
    const int policy = priority > 0 ? SCHED_FIFO : SCHED_OTHER;
    const struct sched_param wanted = {.sched_priority =
                                           priority > 0 ? priority : 0};
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        const pthread_t thread = s->workers[i].thread;
        pthread_setschedparam(
            thread, policy | (priority > 0 ? SCHED_RESET_ON_FORK : 0), &wanted);
        int now = 0;
        struct sched_param has;
        // Some servers grant another policy than was asked for: look.
        if (pthread_getschedparam(thread, &now, &has) ||
            (priority > 0 && (now & ~SCHED_RESET_ON_FORK) != SCHED_FIFO &&
             (now & ~SCHED_RESET_ON_FORK) != SCHED_RR)) {
            all = false;
        }
    }
    atomic_store(&s->workers_are_realtime, all && priority > 0);
    atomic_store(&s->audio_is_realtime, audio_is_realtime);
    return all;
}

void
lat_scheduler_counters(const struct lat_scheduler *s,
                       struct lat_scheduler_counters *out)
{
    *out = (struct lat_scheduler_counters){
        .n_parallel = atomic_load(&s->n_parallel),
        .n_serial = atomic_load(&s->n_serial),
        .n_wakes = atomic_load(&s->n_wakes),
        .n_yields = atomic_load(&s->n_yields),
        .n_sleeps = atomic_load(&s->n_sleeps),
        .n_retreats = atomic_load(&s->n_retreats),
        .threads = atomic_load(&s->threads_now),
        .is_realtime = atomic_load(&s->workers_are_realtime),
    };
}
