/* SPDX-FileCopyrightText: 2026 The lattice authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The protocol of src/run/scheduler.c, for Spin: an audio thread runs two plans in
 * RUNS runs, WORKERS workers come late, give up or stand still anywhere, and
 * the control thread frees a plan as soon as nobody can look at it.  Claimed:
 * every chunk is run once, after all of the level before, with the job of the
 * run that is open; no freed plan is looked at; audio waits only for what is
 * claimed.  Loads and stores are sequentially consistent here; the head comment
 * of scheduler.c says what orders them on a machine.
 *
 * -D WRONG_... leaves a part of the protocol out, and must be found wrong.
 * scripts/check-model runs all of it. */

#ifndef WORKERS
# define WORKERS 1
#endif
#ifndef RUNS
# define RUNS 3
#endif
#define THREADS (WORKERS + 1)
#define MOST 4 /* chunks of a plan */

/* Plans 0 and 1: chunks of their two levels; and which one each run plays. */
#ifndef A0
# define A0 2
#endif
#ifndef A1
# define A1 1
#endif
#ifndef B0
# define B0 1
#endif
#ifndef B1
# define B1 1
#endif
#ifndef SECOND
# define SECOND 0
#endif
#ifndef THIRD
# define THIRD 1
#endif
#define PLAN(run)   ((run) == 1 -> 0 : ((run) == 2 -> SECOND : THIRD))
#define N(p, l)     ((p) == 0 -> ((l) == 0 -> A0 : A1) : ((l) == 0 -> B0 : B1))
#define FIRST(p, l) ((l) == 0 -> 0 : ((p) == 0 -> A0 : B0))
#define LEVELS(p)   (N(p, 1) > 0 -> 2 : 1)
#define CHUNKS(p)   (N(p, 0) + N(p, 1))
#define RANGE(n, t, threads) (((n) * (t) + (threads) - 1) / (threads))
#define STAMP(p, c) stamp[(p) * MOST + (c)]

/* Shared words. */
byte epoch, open, job_plan, job_span, job_threads, job_base;
byte busy[THREADS], done[THREADS], stamp[2 * MOST];

/* What the claims are about. */
bool is_running;
byte now_run, now_plan, now_threads, now_base;
byte state[MOST]; /* of chunks: 0, 1 running, 2 done */
bool is_freed[2];
byte last_run[2]; /* of a plan that audio gave back, else 0 */

inline look_at(p) { assert(!is_freed[p]) }

inline try_chunk(chunk) {
    d_step { look_at(plan); last = STAMP(plan, chunk) }
    if
#ifdef WRONG_STAMP
    :: last != r ->
#else
    :: last < r ->
#endif
        d_step {
            look_at(plan);
#ifdef WRONG_STORE
            ok = true;
#else
            ok = STAMP(plan, chunk) == last;
#endif
            if :: ok -> STAMP(plan, chunk) = r :: else fi;
            last = 0
        }
        if
        :: ok ->
            d_step {
                ok = false;
                look_at(plan);
                assert(is_running && now_run == r && now_plan == plan);
                assert(now_threads == threads && now_base == base && span == r);
                assert(state[chunk] == 0);
                assert(level == 0 || (state[0] == 2 &&
                       (N(plan, 0) < 2 || state[1] == 2) &&
                       (N(plan, 0) < 3 || state[2] == 2)));
                state[chunk] = 1
            }
            d_step {
                assert(is_running && now_run == r && state[chunk] == 1);
                look_at(plan);
                state[chunk] = 2;
                done[me]++
            }
        :: else
        fi
    :: else -> last = 0
    fi
}

inline count_done() {
    sum = 0; i = 0;
    do
    :: i < THREADS -> d_step { sum = sum + done[i]; i++ }
    :: else -> break
    od;
    i = 0
}

inline help(takes_all) {
    i = 1;
    do
    :: i <= threads ->
        d_step {
            look_at(plan);
            other = (me + i) % threads;
            begin = FIRST(plan, level) + RANGE(N(plan, level), other, threads);
            c = FIRST(plan, level) + RANGE(N(plan, level), other + 1, threads)
        }
        do
        :: other != me && c > begin ->
            c--;
            d_step { look_at(plan); ok = STAMP(plan, c) >= r }
            if
            :: ok -> ok = false
            :: !ok && !takes_all && c != begin ->
                d_step { look_at(plan); ok = STAMP(plan, c - 1) >= r }
                if :: ok -> ok = false; try_chunk(c) :: else fi
            :: !ok && (takes_all || c == begin) -> try_chunk(c)
            fi
        :: else -> break
        od;
        i++
    :: else -> d_step { i = 0; other = 0; begin = 0; c = 0 }; break
    od
}

inline run_level() {
    if
    :: me < threads ->
        d_step { look_at(plan); c = RANGE(N(plan, level), me, threads) }
        do
        :: c < RANGE(N(plan, level), me + 1, threads) ->
            try_chunk(FIRST(plan, level) + c);
            c++
        :: else -> c = 0; break
        od
    :: else
    fi;
    help(false)
}

proctype Worker(byte me) {
    byte seen, r, plan, span, threads, base, level, sum;
    byte i, other, begin, c, last;
    bool ok;
end:
    do
    :: atomic { epoch != seen -> seen = epoch }
        r = open;
        if
        :: r == 0
        :: else ->
#ifndef WRONG_BUSY
            busy[me] = r;
            if :: open != r -> goto out :: else fi;
#endif
            plan = job_plan; span = job_span;
            threads = job_threads; base = job_base;
            if :: open != r -> goto out :: else fi;
#ifdef WRONG_BUSY
            busy[me] = r;
#endif
            level = 0;
            do
            :: level < LEVELS(plan) ->
                d_step { look_at(plan) }
spin:           count_done();
                if
                :: sum < base + FIRST(plan, level) ->
                    if :: goto out :: goto spin fi
                :: else
                fi;
                if :: open != r -> goto out :: else fi;
                run_level();
                level++
            :: else -> break
            od;
out:        busy[me] = 0;
            d_step {
                plan = 0; span = 0; threads = 0; base = 0; level = 0; sum = 0;
                i = 0; other = 0; begin = 0; c = 0; last = 0; ok = false; r = 0
            }
        fi
    od
}

proctype Audio() {
    byte me, r, plan, span, threads, base, level, sum, end_sum;
    byte i, other, begin, c, last;
    bool ok;
    do
    :: r < RUNS ->
        d_step { plan = PLAN(r + 1); span = r + 1; level = 0 }
        count_done();
        base = sum;
        if
        :: threads = 2
#if WORKERS > 1
        :: threads = 3
#endif
        fi;
        d_step {
            r++;
            assert(!is_running);
            is_running = true;
            now_run = r; now_plan = plan; now_threads = threads;
            now_base = base;
            for (c : 0 .. (MOST - 1)) { assert(state[c] != 1); state[c] = 0 };
            c = 0
        }
#ifdef WRONG_OPEN
        open = r;
#endif
        job_plan = plan; job_span = span;
        job_threads = threads; job_base = base;
#ifndef WRONG_OPEN
        open = r;
#endif
        epoch = r;
        do
        :: level < LEVELS(plan) ->
            end_sum = base + FIRST(plan, level) + N(plan, level);
            run_level();
spin:       count_done();
            if
            :: sum < end_sum ->
                if :: goto spin :: skip fi;
#ifndef WRONG_HELP
                help(true);
                skip;
#endif
                d_step {
                    for (c : FIRST(plan, level) ..
                             (FIRST(plan, level) + N(plan, level) - 1)) {
                        assert(STAMP(plan, c) == r)
                    };
                    c = 0
                }
wait:           count_done();
                if :: sum < end_sum -> goto wait :: else fi
            :: else
            fi;
            level++
        :: else -> break
        od;
        skip;
        d_step {
            for (c : 0 .. (CHUNKS(plan) - 1)) { assert(state[c] == 2) };
            c = 0; sum = 0; end_sum = 0;
            is_running = false
        }
#ifndef WRONG_CLOSE
        open = 0;
#endif
        d_step {
            if
            :: r == RUNS || PLAN(r + 1) != plan -> last_run[plan] = r
            :: else
            fi;
            plan = 0; span = 0; threads = 0; base = 0; level = 0
        }
#ifdef WRONG_CLOSE
        open = 0;
#endif
    :: else -> break
    od
}

proctype Control() {
    byte i, p;
    bool is_past;
end:
    do
    :: last_run[p] && !is_freed[p] ->
        is_past = true;
        i = 1;
        do
        :: is_past && i < THREADS ->
            d_step {
                if
#ifdef WRONG_PAST
                :: busy[i] && busy[i] < last_run[p] -> is_past = false
#else
                :: busy[i] && busy[i] <= last_run[p] -> is_past = false
#endif
                :: else -> i++
                fi
            }
        :: else -> break
        od;
        skip;
        d_step { if :: is_past -> is_freed[p] = true :: else fi; i = 0 }
    :: last_run[1 - p] && !is_freed[1 - p] -> p = 1 - p
    od
}

init {
    atomic {
        run Audio();
        run Control();
        run Worker(1);
#if WORKERS > 1
        run Worker(2)
#endif
    }
}
