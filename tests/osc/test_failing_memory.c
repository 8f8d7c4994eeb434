// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Memory that runs out, at every allocation of every verb, as it comes over
// OSC and reads and writes sessions: it says so, or does all it was asked to;
// in the first case nothing has changed, nor is anything heard, and in no case
// is anything left behind.  With LAT_STRESS in the environment every single
// allocation fails, alone and with all after it, else only some of the later
// ones of a long command.

#include "base/log.h"
#include "base/rt.h"
#include "osc/packet.h"
#include "osc/router.h"
#include "osc/verbs.h"
#include "sessions/test_sessions.h"
#include "support/failing.h"
#include "support/pace.h"
#include "support/wav.h"

#include <math.h>

TestSuite(failing_memory, .timeout = 300);

enum { FRAMES = 64, MOST_SLOTS = 64 };

/// One of two that are held against each other.
struct synth {
    struct lat_control *c;
    struct lat_sessions *sessions;
    struct lat_osc_router *router;
    char *folder;
    float sound[MOST_SLOTS][FRAMES];
    uint8_t answers[1 << 18];
    size_t n_bytes;
    bool has_failed, names_memory;
    char why[LAT_ERROR_MAX];
};

// What is in the folder, and what is loaded at first.
static const char base[] =
    "; a song\n" HEAD "block = 64\n"
    "\n[transport]\ntempo = 300\nplaying = yes\n"
    "\n[node k] ; steady\ntype = constant\nvalue = 0.25\n"
    "\n[node s]\ntype = sine\nfreq = 100Hz\n"
    "\n; adds up\n[node m]\ntype = mix\ninputs = 3\n"
    "\n[node d]\ntype = delay\ntime = 0.01\nmix = 0.5\n"
    "\n[node n]\ntype = midi_notes\n"
    "\n[node p]\ntype = sine\nprocess = own\n"
    "\n[node q]\ntype = steps\nvalues = 1 2 ~ 3\n"
    "\n[node i]\ntype = osc_in\npath = /in\n"
    "\n[node o]\ntype = osc_out\nhost = 192.0.2.1:9\npath = /out\n"
    "\n[node main]\ntype = audio_out\nchannels = 1\n"
    "\n[cables]\ncable = k -> m/in_1\ncable = s -> m/in_3 * 0.5 ; half\n"
    "cable = m -> d\ncable = d -> m/in_2 * 0.3 feedback\ncable = d -> main\n"
    "cable = n/gate -> m/level_1\n"
    "\n[jack]\nconnect = main -> x:y\n"
    "\n; the end\n";
static const char newer[] =
    "[session]\nformat = 2\nmood = blue\n"
    "\n; grains\n[node a] ; one\ngrain = 0.50 ; s\ntype = granular ; new\n"
    "poly = 8\npitch.3 = 1\n"
    "\n[node b]\ntype = sine\nfreq = 3\n; a shape\nshape = 2\n"
    "\n[node m]\ntype = audio_out\n"
    "\n[cables]\ncable = a -> m\ncable = b -> a * 3\n"
    "cable = a/sub -> b/freq * -0.5 feedback\n"
    "; a low one\ncable = b/sub -> m * 0.5 ; of b\n"
    "\n[map]\nmap = /y -> a/grain\nmap = /x -> b/shape\n"
    "\n; eyes\n[video] ; too\nx = y ; z\n";
static const char wrong[] =
    HEAD "[node a]\ntype = sine\nfreq = much\n[node b]\ntype = sinus\n"
         "[cables]\ncable = a -> nowhere\ncable = a -> b\n";
static const char part[] =
    HEAD "[node v]\ntype = saw\nfreq = 55\n[node w]\ntype = lowpass\n"
         "[cables]\ncable = v -> w * 2\n";

static const char sounds[] =
    HEAD "[node f]\ntype = test_sound\nfile = a.wav\n"
         "[node g]\ntype = test_sound\nfile = b.wav\n"
         "[node main]\ntype = audio_out\n"
         "[cables]\ncable = f -> main\ncable = g -> main\n";

// --- Packets -----------------------------------------------------------------

struct packet {
    uint8_t bytes[8192];
    size_t n;
};

static void
put(struct packet *p, const void *bytes, size_t n)
{
    memcpy(p->bytes + p->n, bytes, n);
    p->n += n;
}

static void
put_u32(struct packet *p, uint32_t x)
{
    const uint8_t b[] = {(uint8_t)(x >> 24U), (uint8_t)(x >> 16U),
                         (uint8_t)(x >> 8U), (uint8_t)x};
    put(p, b, sizeof(b));
}

static void
put_text(struct packet *p, const char *text)
{
    static const uint8_t zeros[4];
    const size_t n = strlen(text);
    put(p, text, n);
    put(p, zeros, 4 - n % 4);
}

// "PATH s:text f:0.5 i:3"
static void
put_message(struct packet *p, char *line)
{
    char *rest = line;
    char types[40] = ",";
    const char *values[38];
    uint32_t n = 0;
    put_text(p, strtok_r(rest, " ", &rest));
    for (char *w; (w = strtok_r(NULL, " ", &rest));) {
        types[1 + n] = w[0];
        values[n++] = w + 2;
    }
    types[1 + n] = '\0';
    put_text(p, types);
    for (uint32_t i = 0; i < n; ++i) {
        float x = strtof(values[i], NULL);
        uint32_t bits;
        memcpy(&bits, &x, sizeof(bits));
        if (types[1 + i] == 's') {
            put_text(p, values[i]);
        } else {
            put_u32(p, types[1 + i] == 'f' ? bits : (uint32_t)atoi(values[i]));
        }
    }
}

// Several lines are a bundle.
static struct packet
packet_of(const char *lines)
{
    static struct packet p;
    static struct packet message;
    char *const copy = strdup(lines);
    p.n = 0;
    if (!strchr(lines, '\n')) {
        put_message(&p, copy);
    } else {
        put_text(&p, "#bundle");
        put_u32(&p, 0);
        put_u32(&p, 1);
        char *rest = copy;
        for (char *l; (l = strtok_r(rest, "\n", &rest));) {
            message.n = 0;
            put_message(&message, l);
            put_u32(&p, (uint32_t)message.n);
            put(&p, message.bytes, message.n);
        }
    }
    free(copy);
    return p;
}

// --- Synths ------------------------------------------------------------------

static void
note_answer(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    struct synth *s = data;
    (void)peer;
    cr_assert_leq(s->n_bytes + size, sizeof(s->answers));
    memcpy(s->answers + s->n_bytes, packet, size);
    s->n_bytes += size;
    if (!strcmp(packet, "/fail")) {
        struct lat_osc_message m;
        cr_assert_eq(lat_osc_message_read(&m, packet, size, NULL), LAT_OK);
        snprintf(s->why, sizeof(s->why), "%s", lat_osc_text(&m, 1));
        lat_osc_message_fini(&m);
        s->has_failed = true;
    }
    s->names_memory =
        s->names_memory || memmem(packet, size, "memory", 6) != NULL;
}

static void
play(struct synth *s)
{
    struct lat_engine *e = lat_control_engine(s->c);
    memset(s->sound, 0, sizeof(s->sound));
    const uint32_t n = lat_engine_n_slots(e);
    for (uint32_t i = 0; i < n && i < MOST_SLOTS; ++i) {
        lat_engine_bind(e, i, s->sound[i]);
    }
    lat_thread_role = LAT_ROLE_AUDIO;
    lat_engine_process(e, FRAMES);
    lat_thread_role = LAT_ROLE_NONE;
    lat_control_tick(s->c);
    lat_osc_router_tick(s->router);
}

// Until what was removed has faded, and is gone.
static void
play_on(struct synth *s)
{
    for (uint32_t i = 0; i < 8; ++i) {
        play(s);
    }
}

static void
put_sound(const char *folder, const char *name, float first)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    wav_write(path, first);
}

static struct synth *
new_synth(void)
{
    struct synth *s = calloc(1, sizeof(*s));
    struct lat_error error;
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 1,
        .is_offline = true,
        .has_processes = true,
    };
    const struct lat_osc_options osc = {.remote = LAT_REMOTE_ALL,
                                        .superdirt = true};
    s->folder = new_folder();
    put_file(s->folder, "base.ini", base);
    put_file(s->folder, "newer.ini", newer);
    put_file(s->folder, "wrong.ini", wrong);
    put_file(s->folder, "part.ini", part);
    put_file(s->folder, "sounds.ini", sounds);
    put_sound(s->folder, "a.wav", 0.25F);
    put_sound(s->folder, "b.wav", 0.5F);
    cr_assert_eq(lat_control_new(&options, &s->c, &error), LAT_OK);
    cr_assert_eq(lat_sessions_new(s->c, s->folder, &s->sessions), LAT_OK);
    cr_assert_eq(
        lat_osc_router_new(s->c, s->sessions, &osc, note_answer, s, &s->router),
        LAT_OK);
    cr_assert_eq(lat_sessions_load(s->sessions, "base", &error), LAT_OK, "%s",
                 error.text);
    play_on(s);
    return s;
}

static void
free_synth(struct synth *s)
{
    lat_osc_router_free(s->router);
    lat_sessions_free(s->sessions);
    lat_control_free(s->c);
    drop_folder(s->folder);
    free(s);
}

// Everything that an edit may change, and that a file may; to free().
static char *
state_of(struct synth *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const to = open_memstream(&text, &size);
    cr_assert_eq(lat_session_write(s->c, to), LAT_OK);
    char *plan = lat_control_print_plan(s->c, LAT_PLAN_JSON);
    // Without its numbers, which are measured.
    fwrite(plan, 1, (size_t)(strstr(plan, "\"buffers\"") - plan), to);
    free(plan);
    struct dirent **entries = NULL;
    const int n = scandir(s->folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; ++i) {
        char path[600];
        char line[512];
        snprintf(path, sizeof(path), "%s/%s", s->folder, entries[i]->d_name);
        fprintf(to, "\n== %s\n", entries[i]->d_name);
        FILE *const from =
            entries[i]->d_name[0] == '.' ? NULL : fopen(path, "r");
        while (from && fgets(line, sizeof(line), from)) {
            fputs(line, to);
        }
        if (from) {
            fclose(from);
        }
        free(entries[i]);
    }
    free(entries);
    fclose(to);
    return text;
}

static enum lat_status
open_file(struct synth *s, const char *name)
{
    char path[600];
    struct lat_error error = {0};
    snprintf(path, sizeof(path), "%s/%s.ini", s->folder, name);
    const enum lat_status status =
        lat_sessions_open(s->sessions, path, true, NULL, NULL, &error);
    s->has_failed = status != LAT_OK;
    snprintf(s->why, sizeof(s->why), "%s", error.text);
    s->names_memory = strstr(error.text, "memory") != NULL;
    return status;
}

static void
write_session(struct synth *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const to = open_memstream(&text, &size);
    s->has_failed = lat_session_write(s->c, to) != LAT_OK;
    s->names_memory = s->has_failed;
    fclose(to);
    free(text);
}

// @param n  the allocation that fails, or 0, and all after it if @p for_good.
// @return whether one did.
static bool
run(struct synth *s, const char *command, uint32_t n, bool for_good)
{
    const struct lat_osc_peer peer = {0};
    const struct packet p = packet_of(command);
    s->n_bytes = 0;
    s->why[0] = '\0';
    s->has_failed = false;
    s->names_memory = false;
    if (n) {
        failing_begin(n, for_good);
    }
    if (command[0] == '/') {
        lat_osc_router_handle(s->router, p.bytes, p.n, &peer);
        lat_osc_router_flush(s->router);
        lat_control_tick(s->c);
        lat_osc_router_tick(s->router);
    } else if (!strncmp(command, "open ", 5)) {
        open_file(s, command + 5);
    } else {
        write_session(s);
    }
    return n && failing_end();
}

// --- The script --------------------------------------------------------------

/// Lines of one string are a bundle.
static const char *const commands[] = {
    "/node/new s:saw s:w s:freq f:50",
    "/node/new s:sine s:s s:freq f:50",
    "/node/new s:audio_out s:second s:channels i:4 s:limit s:off",
    "/node/new s:steps s:t s:values s:1",
    "/node/free s:s",
    "/node/free s:s s:m s:d",
    "/node/free s:[sk]",
    "/node/rename s:s s:z",
    "/node/set s:s s:freq f:200 s:phase f:0.5",
    "/node/set s:m s:inputs i:2",
    "/node/set s:m s:inputs i:6 s:level_1 f:0.5",
    "/node/set s:d s:max_time f:3",
    "/node/info s:m",
    "/node/p/restart",
    "/node/s/process s:own",
    "/node/p/process s:engine",
    "/node/s/process",
    "/node/s/bypass i:1",
    "/node/s/bypass i:0",
    "/node/s/bypass",
    "/node/s/poly i:3",
    "/node/s.2/freq f:90",
    "/node/s/poly i:1",
    "/node/s/poly",
    "/node/s/sleep i:1",
    "/node/s/sleep i:0",
    "/node/s/sleep",
    "/node/s/freq f:300",
    "/node/s/freq f:300 f:0.1",
    "/node/s/freq s:a4",
    "/node/s/freq",
    "/node/?/freq f:300",
    "/node/s/freq/norm f:0.25",
    "/node/s/freq/norm",
    "/node/s/out/last",
    "/connect s:k s:d/feedback f:0.5",
    "/connect s:s s:main",
    "/connect s:s s:m/in_3 f:0.25",
    "/connect s:p s:main f:0.1",
    "/connect/feedback s:d s:m/in_1 f:0.1",
    "/connect/feedback s:m s:d",
    "/disconnect s:m s:d",
    "/disconnect s:? s:m/in_?",
    "/cable/s/out/m/in_3 f:0.75",
    "/cable/s/out/m/in_3",
    "/graph/nodes",
    "/graph/cables",
    "/graph/late",
    "/graph/asleep",
    "/graph/batches",
    "/graph/types",
    "/graph/load",
    "/graph/clear",
    "/panic",
    "/note s:n i:64 f:0.5",
    "/note s:n i:64 f:0",
    "/in f:0.5",
    "/in s:loud",
    "/node/new s:osc_in s:j s:path s:/in\n/in f:0.25\n/node/free s:i",
    "/i? f:0.25",
    "/node/o/host s:127.0.0.1:9",
    "/node/o/host s:192.0.2.2:9",
    "/node/new s:osc_out s:r s:path s:/r s:rate f:10",
    "/dirt/play s:s s:n s:note f:3 s:sustain f:0.5",
    "/dirt/play s:s s:n s:n i:3\n/dirt/play s:s s:n s:n i:3",
    "/dirt/play s:s s:nobody",
    "/dirt/handshake",
    "/session/save",
    "/session/save s:other",
    "/session/save s:part s:overwrite",
    "/session/load s:part",
    "/session/load s:newer",
    "/session/load s:wrong",
    "/session/load s:base",
    "/session/import s:part s:in",
    "/session/import s:base s:b",
#ifdef LAT_TEST_SOUND
    "/node/new s:test_sound s:f s:file s:a.wav",
    "/node/new s:test_sound s:f s:file s:a.wav\n/connect s:f s:m/in_1\n"
    "/node/new s:test_sound s:g s:file s:a.wav\n/node/set s:g s:file s:b.wav",
    "/session/load s:sounds",
    "/session/import s:sounds s:in",
#endif
    "/sample/reload",
    "/sample/list",
    "/record/last f:2",
    "/session/new",
    "/session/list",
    "/session/status",
    "/transport/tempo f:90",
    "/transport/tempo",
    "/transport/play",
    "/transport/stop",
    "/transport/locate f:2",
    "/transport/locate",
    "/status",
    "/status/engine",
    "/sync i:7",
    "/notify i:1",
    "/notify i:0",
    "/subscribe s:/node/*/freq f:10\n/unsubscribe s:/node/*/freq",
    "/unsubscribe s:/node/*/freq",
    "/process/start i:0",
    "/process/at i:0",
    "/version",
    "/ping",
    "/clearSched",
    "/dumpOSC i:0",
    "/error i:0",
    "/quit",
    "/node/new s:saw s:w s:freq f:50\n/connect s:w s:m/in_1\n"
    "/connect s:w s:main f:0.1\n/sync i:3",
    "/disconnect s:k s:m/in_1\n/disconnect s:d s:main\n/connect s:d s:main",
    "/node/set s:m s:inputs i:2\n/node/m/level_1 f:0.5 f:0.1\n/node/free s:k\n"
    "/node/rename s:s s:y\n/node/d/time f:0.02\n/transport/tempo f:80\n"
    "/note s:n i:60 f:1",
    // Refused at its end, whatever memory there is.
    "/node/new s:saw s:w s:freq f:50\n/connect s:w s:m/in_1\n/node/free s:s\n"
    "/node/set s:m s:inputs i:9\n/node/rename s:d s:e\n/connect s:w s:nobody",
    "/node/free s:m s:d\n/node/set s:q s:values s:x\n/node/k/value f:3\n"
    "/connect s:k s:k",
    "open base",
    "open newer",
    "open wrong",
    "write",
};

// --- The claim ---------------------------------------------------------------

static uint64_t n_failures;

static void
expect_state(struct synth *s, const char *expected, const char *command,
             uint32_t n, const char *what)
{
    char *const now = state_of(s);
    size_t line = 0;
    size_t i = 0;
    for (; now[i] && now[i] == expected[i]; ++i) {
        line = now[i] == '\n' ? i + 1 : line;
    }
    cr_expect(now[i] == expected[i], "%s, allocation %u: %s:\n\t%.*s\n\t%.*s",
              command, n, what, (int)strcspn(now + i, "\n") + (int)(i - line),
              now + line, (int)strcspn(expected + i, "\n") + (int)(i - line),
              expected + line);
    free(now);
}

static bool
plays_as(struct synth *a, struct synth *b)
{
    play(a);
    play(b);
    return !memcmp(a->sound, b->sound, sizeof(a->sound));
}

// Numbers of these are measured, so that answers differ.
static bool
is_measured(const char *command)
{
    return !strncmp(command, "/status", 7) || !strcmp(command, "/graph/load");
}

/// What a command comes to when nothing is in its way.
struct outcome {
    char *before, *after;
    uint8_t *answers;
    size_t n_bytes;
    bool is_refused;
};

static struct outcome
outcome_of(const char *command)
{
    struct synth *const s = new_synth();
    struct outcome o = {.before = state_of(s)};
    run(s, command, 0, false);
    o.is_refused = s->has_failed;
    play_on(s);
    o.after = state_of(s);
    o.n_bytes = s->n_bytes;
    o.answers = malloc(o.n_bytes + 1);
    memcpy(o.answers, s->answers, o.n_bytes);
    free_synth(s);
    return o;
}

static void
free_outcome(struct outcome *o)
{
    free(o->before);
    free(o->after);
    free(o->answers);
}

// It found another way: then it did everything.
static void
expect_success(struct synth *s, const struct outcome *o, const char *command,
               uint32_t n)
{
    play_on(s);
    expect_state(s, o->after, command, n, "did something else, and says no");
    if (!is_measured(command)) {
        cr_expect(s->n_bytes == o->n_bytes &&
                      !memcmp(s->answers, o->answers, o->n_bytes),
                  "%s, allocation %u: is not answered as always", command, n);
    }
}

static void
expect_nothing(struct synth *a, struct synth *b, const struct outcome *o,
               const char *command, uint32_t n)
{
    cr_expect(a->names_memory || o->is_refused,
              "%s, allocation %u: fails for another reason: %s", command, n,
              a->why);
    expect_state(a, o->before, command, n, "failed, and changed something");
    cr_expect(plays_as(a, b), "%s, allocation %u: is heard", command, n);
}

static bool
is_stressed(void)
{
    return getenv("LAT_STRESS") != NULL;
}

// Let allocations of a command fail, one after the other.
static void
try_all(const char *command, const struct outcome *o, bool for_good)
{
    struct synth *a = NULL;
    struct synth *b = NULL;
    for (uint32_t n = 1;; n += is_stressed() ? 1 : TEST_STRIDE + n / 25) {
        if (!a) {
            a = new_synth();
            b = new_synth();
        }
        if (!run(a, command, n, for_good)) {
            break;
        }
        ++n_failures;
        if (!a->has_failed || (o->is_refused && !a->names_memory)) {
            expect_success(a, o, command, n);
        } else {
            expect_nothing(a, b, o, command, n);
            continue;
        }
        free_synth(a);
        free_synth(b);
        a = NULL;
    }
    play_on(a);
    expect_state(a, o->after, command, 0, "does something else afterwards");
    free_synth(a);
    free_synth(b);
}

static size_t
count_left(const char *command, const struct outcome *o)
{
    failing_count_begin();
    try_all(command, o, false);
    if (is_stressed()) {
        try_all(command, o, true);
    }
    return failing_count_end();
}

static void
check_command(const char *command)
{
    struct outcome o = outcome_of(command);
    size_t n_left = count_left(command, &o);
    if (n_left > 0) {
        n_left = count_left(command, &o); // some things are kept for ever
    }
    cr_expect_eq(n_left, 0, "%s: %zu blocks are left", command, n_left);
    free_outcome(&o);
}

Test(failing_memory, of_any_command_changes_nothing_and_leaves_nothing)
{
    lat_log_set_level(LAT_LOG_ERROR);
    lat_rt_flush_denormals();
    const char *const only = getenv("LAT_ONLY");
    for (size_t i = 0; i < LAT_COUNT(commands); ++i) {
        if (!only || strstr(commands[i], only)) {
            check_command(commands[i]);
        }
    }
    cr_log_info("%llu allocations failed\n", (unsigned long long)n_failures);
    cr_expect(only || n_failures > 1000 / TEST_STRIDE);
}

// --- The script is whole -----------------------------------------------------

static bool
is_tried(const struct lat_verb *verb)
{
    for (size_t i = 0; i < LAT_COUNT(commands); ++i) {
        char path[100];
        struct lat_osc_call call = {.path = path};
        snprintf(path, sizeof(path), "%.*s", (int)strcspn(commands[i], " \n"),
                 commands[i]);
        if (path[0] == '/' && !lat_osc_find_verb(&call) && call.verb == verb) {
            return true;
        }
    }
    return false;
}

Test(failing_memory, is_tried_with_every_verb)
{
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        // What only a score holds is refused before anything is made.
        cr_expect(v->kind == LAT_VERB_LATER || v->in_score || is_tried(v),
                  "%s is not tried", v->path);
    }
}
