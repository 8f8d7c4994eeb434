// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Shared words, each writer's alone on its cache lines:
//
//   epoch     low half of the present run's number; futex word
//   open      number of the present run while it lasts, else 0
//   job       its plan, its span, how many threads it is laid out for
//   busy      by thread: the run that it looks at, or 0
//   done      by thread: chunks that it ever finished
//   n_parked  workers asleep, or about to be
//
// and in the plan a stamp for every chunk: the last run it was claimed in.
//
// Every level's chunks are laid out in as many ranges as there are threads.  A
// thread claims its own from the front, the same ones in every run, whose
// states and buffers are in its cache; then it takes what others have left,
// from the back of their ranges.  A claim is a compare-and-swap on the chunk's
// stamp, which only ever grows: who comes late, for an earlier run, claims
// nothing.  A level opens when all chunks of those before are done, by the sum
// of all threads' counts.  The acquire loads of that sum order every output of
// those chunks before what reads it; the release in run_chunk() is their
// partner.
//
// Audio starts a run in this order: store the job, `open`, `epoch`, wake; when
// all chunks are done it closes `open`.  A worker announces in `busy` the run
// that it saw, and reads the job between two looks at `open`; if both times
// that run was open the job is its own, and the plan is kept: it is freed when
// nobody announces a run up to its last.  Announcing and the first look are
// sequentially consistent, as are closing and lat_scheduler_is_past(), and
// parking and waking: each side writes its word before it reads the other's.
// tests/model has all this for a model checker.

#include "scheduler.h"
#include "base/thread.h"

#include <linux/futex.h>
#include <math.h>
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

#define SECOND_NS UINT64_C(1000000000)

/// A worker gives up waiting inside a period after this.
#define SPIN_NS 30000U

/// A worker that is needed in every period is up so long before the next one:
/// waking takes it 25 to 100 us, and 10 to 30 of whoever wakes it.
#define LEAD_NS 200000U

/// The audio thread yields after waiting this long for claimed chunks; after a
/// quarter of a period workers are late.
#define YIELD_NS UINT64_C(100000)

/// Work of a period that is worth waking anyone for.
#define WORTH_NS 100000.0

/// Work of a period, by the costs of types, that may turn out to be as much: on
/// a slow machine nodes take several times what is thought.
#define LIKELY_NS (WORTH_NS / 16.0)

/// Gain over running serially that is, and that is worth going on.
#define WORTH_GAIN 1.3
#define KEPT_GAIN  1.1

/// Spans until the choice is made again; how long the other way is tried, and
/// after how many: soon at the start, where caches are cold and values still
/// move, then after twice as many, up to the most.
#define CHOICE_SPANS 64U
#define TRY_SPANS    16U
#define FIRST_SPANS  128U
#define LAST_SPANS   2048U

/// Of a plan that costs so many times as much or as little as the one when that
/// began it begins anew.
#define OTHER_COST 1.5F

/// How far one span moves what is known of all, if it has so much to do.
#define LEARN_STEP 1.03
#define LEARN_NS   2000.0

/// The longest time without workers after they were late.
#define LONGEST_RETREAT_NS (16 * SECOND_NS)

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

/// A thread that runs chunks; number 0 is the audio thread.
struct worker {
    _Alignas(APART) _Atomic uint64_t busy; ///< run announced, 0: idle
    _Atomic uint64_t done;
    struct lat_scheduler *s;
    pthread_t thread;
    struct lat_span_thread mine;
};

/// What a run is about.
struct job {
    struct lat_plan *plan;
    struct lat_span *span;
    uint32_t threads; ///< that its levels are laid out for
    uint64_t base;    ///< all threads' `done` before it
};

struct lat_scheduler {
    _Alignas(APART) _Atomic uint32_t epoch;
    _Alignas(APART) _Atomic uint32_t n_parked;

    // Written when a run begins and ends.
    _Alignas(APART) _Atomic uint64_t open;
    _Atomic(struct lat_plan *) plan;
    _Atomic(struct lat_span *) span;
    _Atomic uint32_t job_threads;
    _Atomic uint64_t job_base;
    _Atomic bool is_open;     ///< inside a period: spin rather than park
    _Atomic uint64_t next_ns; ///< when workers are needed again; 0: unknown
    _Atomic bool has_quit;

    // Audio only.
    _Alignas(APART) uint32_t period_frames;
    uint64_t half_period_ns;
    uint64_t run;     ///< number of the last one
    double scale;     ///< of running serially: measured over estimated
    double overhead;  ///< of running in parallel: the same
    uint32_t threads; ///< for the present plan
    bool prefers_parallel;
    const struct lat_plan *chosen_for;
    uint64_t n_until_choice;
    uint64_t n_spans;    ///< that were run
    uint64_t try_at;     ///< look then again what the other way costs,
    uint64_t try_gap;    ///< and so many later
    float tried_cost_ns; ///< of the plan when the gap was shortest
    uint64_t incident_ns[3];
    uint64_t serial_until_ns, retreat_ns;

    uint32_t n_started; ///< threads, the audio thread counted; control only

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

// Claim chunk @p c for run @p run, unless someone has.
static bool
claim(const struct lat_plan *plan, uint32_t c, uint64_t run)
{
    _Atomic uint64_t *stamp = &plan->claimed_in[c];
    uint64_t last = atomic_load_explicit(stamp, memory_order_relaxed);
    return last < run &&
           atomic_compare_exchange_strong_explicit(
               stamp, &last, run, memory_order_acq_rel, memory_order_relaxed);
}

static void
run_chunk(struct worker *w, const struct job *job, uint32_t c)
{
    w->mine.scratch =
        job->plan->scratch + w->mine.index * job->plan->scratch_floats;
    lat_span_run_chunk(job->span, job->plan, &job->plan->chunks[c], &w->mine);
    // Only this thread writes it.  Release pairs with count_done().
    atomic_store_explicit(
        &w->done, atomic_load_explicit(&w->done, memory_order_relaxed) + 1,
        memory_order_release);
}

static bool
is_claimed(const struct lat_plan *plan, uint32_t c, uint64_t run)
{
    return atomic_load_explicit(&plan->claimed_in[c], memory_order_relaxed) >=
           run;
}

static void
try_chunk(struct worker *w, const struct job *job, uint32_t c, uint64_t run)
{
    const uint32_t thread = w->mine.index;
    HOOK(thread, 0);
    if (claim(job->plan, c, run)) {
        HOOK(thread, 1);
        run_chunk(w, job, c);
    }
    (void)thread;
}

// Where the range of thread @p t begins in a level of @p n chunks.
static uint32_t
range_begin(uint32_t n, uint32_t t, uint32_t threads)
{
    return (n * t + threads - 1) / threads;
}

// Run what others have left, from the back of their ranges.  The next chunk of
// a thread that is at work is its own unless @p takes_all: for another it would
// have to move from cache to cache, now and back in the next run.
static void
help(struct worker *w, const struct job *job, const struct lat_level *level,
     uint64_t run, bool takes_all)
{
    const uint32_t threads = job->threads;
    for (uint32_t i = 1; i <= threads; ++i) {
        const uint32_t other = (w->mine.index + i) % threads;
        const uint32_t begin =
            level->first + range_begin(level->n, other, threads);
        uint32_t c = level->first + range_begin(level->n, other + 1, threads);
        for (; other != w->mine.index && c-- > begin;) {
            if (!is_claimed(job->plan, c, run) &&
                (takes_all || c == begin ||
                 !is_claimed(job->plan, c - 1, run))) {
                try_chunk(w, job, c, run);
            }
        }
    }
}

static void
run_level(struct worker *w, const struct job *job,
          const struct lat_level *level, uint64_t run)
{
    const uint32_t me = w->mine.index;
    if (me < job->threads) {
        const uint32_t end = range_begin(level->n, me + 1, job->threads);
        for (uint32_t c = range_begin(level->n, me, job->threads); c < end;
             ++c) {
            try_chunk(w, job, level->first + c, run);
        }
    }
    help(w, job, level, run, false);
}

// Chunks that all threads have ever finished.
static uint64_t
count_done(const struct lat_scheduler *s)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->n_threads; ++i) {
        n += atomic_load_explicit(&s->workers[i].done, memory_order_acquire);
    }
    return n;
}

// Workers.

// @return whether @p run is still open, and @p job its own.
static bool
read_job(const struct lat_scheduler *s, uint64_t run, struct job *job)
{
    if (atomic_load_explicit(&s->open, memory_order_seq_cst) != run) {
        return false;
    }
    // Acquire: whoever sees a later run's word sees this one closed, below.
    job->plan = atomic_load_explicit(&s->plan, memory_order_acquire);
    job->span = atomic_load_explicit(&s->span, memory_order_acquire);
    job->threads = atomic_load_explicit(&s->job_threads, memory_order_acquire);
    job->base = atomic_load_explicit(&s->job_base, memory_order_acquire);
    return atomic_load_explicit(&s->open, memory_order_acquire) == run;
}

// Spin until @p n chunks are done; false when it takes too long or @p run ends.
static bool
spin_for_done(const struct lat_scheduler *s, uint64_t n, uint64_t run)
{
    uint64_t begin = 0;
    while (count_done(s) < n) {
        PAUSE();
        const uint64_t now = lat_now_ns();
        begin = begin ? begin : now;
        if (now - begin > SPIN_NS) {
            return false;
        }
    }
    return atomic_load_explicit(&s->open, memory_order_relaxed) == run;
}

static void
work(struct worker *w, uint64_t run)
{
    struct lat_scheduler *s = w->s;
    LAT_ASSERT_ROLE(LAT_ROLE_WORKER);
    atomic_store_explicit(&w->busy, run, memory_order_seq_cst);
    struct job job;
    if (read_job(s, run, &job)) {
        for (uint32_t l = 0; l < job.plan->n_levels; ++l) {
            const struct lat_level *level = &job.plan->levels[l];
            if (!spin_for_done(s, job.base + level->first, run)) {
                break;
            }
            run_level(w, &job, level, run);
        }
    }
    atomic_store_explicit(&w->busy, 0, memory_order_seq_cst);
}

// Sleep until there is another run than @p seen, or for @p ns.
static void
park(struct lat_scheduler *s, uint32_t seen, uint64_t ns)
{
    const struct timespec nap = {(time_t)(ns / SECOND_NS),
                                 (long)(ns % SECOND_NS)};
    atomic_fetch_add_explicit(&s->n_parked, 1, memory_order_seq_cst);
    // The kernel compares: a run that began meanwhile is not slept through.
    futex(&s->epoch, FUTEX_WAIT, seen, ns ? &nap : NULL);
    atomic_fetch_sub_explicit(&s->n_parked, 1, memory_order_seq_cst);
}

// Spin until there is another run than @p seen, or to @p end_ns.
static bool
spin_for_run(const struct lat_scheduler *s, uint32_t seen, uint64_t end_ns)
{
    do {
        for (int i = 0; i < 16; ++i) {
            if (atomic_load_explicit(&s->epoch, memory_order_acquire) != seen) {
                return true;
            }
            PAUSE();
        }
    } while (lat_now_ns() < end_ns);
    return false;
}

// Spin inside a period and shortly before the next one, else sleep.
static void
wait_for_run(struct lat_scheduler *s, uint32_t seen)
{
    uint64_t now = lat_now_ns();
    if ((s->lingers ||
         atomic_load_explicit(&s->is_open, memory_order_acquire)) &&
        spin_for_run(s, seen, now + SPIN_NS)) {
        return;
    }
    const uint64_t next =
        atomic_load_explicit(&s->next_ns, memory_order_relaxed);
    now = lat_now_ns();
    if (now + LEAD_NS < next) {
        park(s, seen, next - LEAD_NS - now);
    }
    if (lat_now_ns() > next + LEAD_NS ||
        !spin_for_run(s, seen, next + LEAD_NS)) {
        park(s, seen, 0);
    }
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
        lat_cpu_pin_self(s->pins[w->mine.index]);
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
        const uint64_t run =
            atomic_load_explicit(&s->open, memory_order_seq_cst);
        if (run) {
            work(w, run);
        }
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

// As many threads as the estimate is best for, and how much faster they are
// than one, by what running in parallel has cost so far.
static double
best_gain(const struct lat_scheduler *s, const struct lat_plan *plan,
          double alone, uint32_t *threads)
{
    double best_ns = HUGE_VAL;
    for (uint32_t w = 2; w <= s->n_threads; ++w) {
        const double ns = estimate(plan, w, s->scale, s->period_frames);
        if (ns < 0.97 * best_ns) {
            *threads = w;
            best_ns = ns;
        }
    }
    return alone / best_ns;
}

static uint32_t
choose(struct lat_scheduler *s, const struct lat_plan *plan)
{
    if (s->always_parallel) {
        return s->n_threads;
    }
    const double alone =
        s->scale * (double)plan->cost_ns * (double)s->period_frames;
    if (s->n_threads == 1 || alone < WORTH_NS ||
        (atomic_load_explicit(&s->audio_is_realtime, memory_order_relaxed) &&
         !atomic_load_explicit(&s->workers_are_realtime,
                               memory_order_relaxed))) {
        return 1;
    }
    if (lat_now_ns() < s->serial_until_ns) {
        return 1;
    }
    if (plan->cost_ns > OTHER_COST * s->tried_cost_ns ||
        plan->cost_ns * OTHER_COST < s->tried_cost_ns) {
        s->tried_cost_ns = plan->cost_ns;
        s->try_gap = FIRST_SPANS;
        s->try_at = s->n_spans;
    }
    uint32_t threads = 1;
    const double gain = best_gain(s, plan, alone, &threads);
    if (gain < WORTH_GAIN) {
        return 1;
    }
    s->prefers_parallel =
        gain > s->overhead * (s->prefers_parallel ? KEPT_GAIN : WORTH_GAIN);
    bool is_parallel = s->prefers_parallel;
    // What the other way would cost is measured anew now and then, unless
    // one thread might be too late for the device.
    if (s->n_spans >= s->try_at) {
        s->try_at = s->n_spans + s->try_gap;
        s->try_gap *= s->try_gap < LAST_SPANS ? 2 : 1;
        if (!is_parallel || s->lingers || alone < (double)s->half_period_ns) {
            is_parallel = !is_parallel;
            s->n_until_choice = TRY_SPANS;
        }
    }
    return is_parallel ? threads : 1;
}

// Running.

// Waited too long for a claimed chunk: three such times in a second, and runs
// are serial for as long, or for twice as long as last time if that is not long
// ago.  Offline nobody is late, and the wait is all there is to lose.
static void
note_incident(struct lat_scheduler *s, uint64_t now)
{
    s->incident_ns[0] = s->incident_ns[1];
    s->incident_ns[1] = s->incident_ns[2];
    s->incident_ns[2] = now;
    if (s->incident_ns[0] && now - s->incident_ns[0] < SECOND_NS &&
        !s->always_parallel && !s->lingers) {
        const bool is_again = now - s->serial_until_ns < 10 * SECOND_NS;
        s->retreat_ns = is_again ? 2 * s->retreat_ns : SECOND_NS;
        if (s->retreat_ns > LONGEST_RETREAT_NS) {
            s->retreat_ns = LONGEST_RETREAT_NS;
        }
        s->serial_until_ns = now + s->retreat_ns;
        memset(s->incident_ns, 0, sizeof(s->incident_ns));
        bump(&s->n_retreats);
    }
}

// Wait until @p n chunks are done.
static void
wait_for_done(struct lat_scheduler *s, uint64_t n)
{
    const uint64_t begin = lat_now_ns();
    const uint64_t late_ns =
        YIELD_NS > s->half_period_ns / 2 ? YIELD_NS : s->half_period_ns / 2;
    uint64_t waited = 0;
    for (; count_done(s) < n; waited = lat_now_ns() - begin) {
        PAUSE();
        if (waited > 2 * late_ns) {
            const struct timespec nap = {.tv_nsec = 50000};
            bump(&s->n_sleeps);
            // Nobody wakes: a nap.
            futex(&s->epoch, FUTEX_WAIT, (uint32_t)s->run, &nap);
        } else if (waited > YIELD_NS) {
            sched_yield();
        }
    }
    if (waited > YIELD_NS) {
        bump(&s->n_yields);
    }
    if (waited > late_ns) {
        note_incident(s, begin + waited);
    }
}

static void
start_run(struct lat_scheduler *s, const struct job *job)
{
    // The last run was closed before: release keeps these after that.
    atomic_store_explicit(&s->plan, job->plan, memory_order_release);
    atomic_store_explicit(&s->span, job->span, memory_order_release);
    atomic_store_explicit(&s->job_threads, job->threads, memory_order_release);
    atomic_store_explicit(&s->job_base, job->base, memory_order_release);
    atomic_store_explicit(&s->open, s->run, memory_order_release);
    atomic_store_explicit(&s->epoch, (uint32_t)s->run, memory_order_seq_cst);
    const uint32_t parked =
        atomic_load_explicit(&s->n_parked, memory_order_seq_cst);
    const uint32_t helpers = job->threads - 1;
    if (parked) {
        futex(&s->epoch, FUTEX_WAKE, helpers < parked ? helpers : parked, NULL);
        bump(&s->n_wakes);
    }
}

// Follow the median of what spans take over what they are thought to take: as
// many steps up as down.  A mean would be led by the few that were interrupted.
static void
learn(double *median, uint64_t ns, double expected)
{
    if (expected < LEARN_NS) {
        return; // what a span costs without any node would be most of it
    }
    const bool is_longer = (double)ns > *median * expected;
    *median *= is_longer ? LEARN_STEP : 1.0 / LEARN_STEP;
    *median = fmin(fmax(*median, 0.01), 100.0);
}

static void
run_parallel(struct lat_scheduler *s, struct lat_span *span,
             struct lat_plan *plan)
{
    const uint64_t begin_ns = lat_now_ns();
    struct worker *me = &s->workers[0];
    const struct job job = {
        .plan = plan,
        .span = span,
        .threads = s->threads,
        .base = count_done(s),
    };
    ++s->run; // 0 means closed
    start_run(s, &job);
    for (uint32_t l = 0; l < plan->n_levels; ++l) {
        const struct lat_level *level = &plan->levels[l];
        const uint64_t end = job.base + level->first + level->n;
        run_level(me, &job, level, s->run);
        if (!spin_for_done(s, end, s->run)) {
            help(me, &job, level, s->run, true);
            wait_for_done(s, end);
        }
    }
    atomic_store_explicit(&s->open, 0, memory_order_seq_cst);
    learn(&s->overhead, lat_now_ns() - begin_ns,
          estimate(plan, s->threads, s->scale, span->context.n_frames));
    bump(&s->n_parallel);
}

static void
run_serial(struct lat_scheduler *s, struct lat_span *span,
           struct lat_plan *plan)
{
    // Nobody asks what it takes where there is no other way.
    const bool learns = s->n_threads > 1;
    const uint64_t begin_ns = learns ? lat_now_ns() : 0;
    struct lat_span_thread *mine = &s->workers[0].mine;
    mine->scratch = plan->scratch;
    for (uint32_t c = 0; c < plan->n_chunks; ++c) {
        lat_span_run_chunk(span, plan, &plan->chunks[c], mine);
    }
    if (learns) {
        learn(&s->scale, lat_now_ns() - begin_ns,
              (double)plan->cost_ns * (double)span->context.n_frames);
    }
    bump(&s->n_serial);
}

LAT_RT void
lat_scheduler_run(struct lat_scheduler *s, struct lat_span *span,
                  struct lat_plan *plan)
{
    ++s->n_spans;
    if (s->chosen_for != plan || !s->n_until_choice--) {
        s->chosen_for = plan;
        s->n_until_choice = CHOICE_SPANS;
        s->threads = choose(s, plan);
        atomic_store_explicit(&s->threads_now, s->threads,
                              memory_order_relaxed);
    }
    if (s->threads <= 1 || plan->n_chunks < 2) {
        run_serial(s, span, plan);
    } else {
        run_parallel(s, span, plan);
    }
    lat_span_finish(span, plan);
    for (uint32_t i = 0; i < s->n_threads; ++i) {
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
        const bool needs_workers =
            s->threads > 1 && !s->lingers && s->half_period_ns > 2 * LEAD_NS;
        atomic_store_explicit(
            &s->next_ns,
            needs_workers ? lat_now_ns() + 2 * s->half_period_ns : 0,
            memory_order_relaxed);
    }
}

LAT_RT void
lat_scheduler_end(struct lat_scheduler *s)
{
    if (s->n_threads > 1) {
        atomic_store_explicit(&s->is_open, false, memory_order_release);
    }
}

LAT_RT uint64_t
lat_scheduler_run_number(const struct lat_scheduler *s)
{
    return s->run;
}

bool
lat_scheduler_is_past(const struct lat_scheduler *s, uint64_t run)
{
    for (uint32_t i = 1; i < s->n_threads; ++i) {
        const uint64_t busy =
            atomic_load_explicit(&s->workers[i].busy, memory_order_seq_cst);
        if (busy && busy <= run) {
            return false;
        }
    }
    return true;
}

// Threads.

static void
stop_workers(struct lat_scheduler *s)
{
    atomic_store(&s->has_quit, true);
    atomic_fetch_add(&s->epoch, 1);
    futex(&s->epoch, FUTEX_WAKE, LAT_MAX_THREADS, NULL);
    while (s->n_started > 1) {
        pthread_join(s->workers[--s->n_started].thread, NULL);
    }
}

static enum lat_status
start_workers(struct lat_scheduler *s)
{
    for (; s->n_started < s->n_threads; ++s->n_started) {
        struct worker *w = &s->workers[s->n_started];
        if (!lat_thread_start(&w->thread, STACK_BYTES, worker_main, w)) {
            return LAT_ESYSTEM;
        }
        pthread_setname_np(w->thread, "lattice-worker");
    }
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
    s->overhead = 1.0;
    s->retreat_ns = SECOND_NS;
    if (options->pins && options->pins->n >= s->n_threads) {
        s->is_pinned = true;
        memcpy(s->pins, options->pins->cpu, s->n_threads * sizeof(*s->pins));
    }
    s->n_started = 1;
    for (uint32_t i = 0; i < s->n_threads; ++i) {
        s->workers[i].s = s;
        s->workers[i].mine.index = i;
    }
    // Offline a small patch is done before a thread that it does not need is
    // up.
    const bool can_wait = s->lingers && !s->always_parallel;
    const enum lat_status status = can_wait ? LAT_OK : start_workers(s);
    if (status) {
        lat_scheduler_free(s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

void
lat_scheduler_expect(struct lat_scheduler *s, const struct lat_plan *plan)
{
    const double ns = (double)plan->cost_ns * (double)plan->block;
    if (s->n_started < s->n_threads && ns >= LIKELY_NS) {
        // Without them audio does the work alone.
        (void)start_workers(s);
    }
}

void
lat_scheduler_free(struct lat_scheduler *s)
{
    if (s) {
        stop_workers(s);
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
    for (uint32_t i = 1; i < s->n_started; ++i) {
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
