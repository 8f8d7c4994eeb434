// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as OSC, on a real graph.  The first byte of an input says whether
// the sender is on another machine, and whether the rest is one packet, or a
// TCP stream of packets that are handled one by one or together.  Bundles with
// time tags wait for a clock that goes on with every look at it, and at the end
// of the input for one that has stopped long after all of them.  Subscriptions
// are looked after 40 ms later with every packet, and until they expire in the
// end. Every input has a router of its own.  Besides not crashing: no
// transaction is left open, and a bundle that is refused leaves the graph as it
// was.

#include "base/log.h"
#include "control/control.h"
#include "osc/framing.h"
#include "osc/packet.h"
#include "osc/router_state.h"

#include <stdlib.h>
#include <string.h>

#define IS_REMOTE 1U
#define IS_STREAM 2U
#define IS_BURST  4U

/// Nodes and cables are forgotten when there are more.
#define MAX_NODES 200

static struct lat_control *control;
static struct lat_osc_router *router;
static struct lat_osc_peer peer;
static bool bundle_failed;
static bool is_burst;

/// 2026, in the middle of a day.
#define START UINT64_C(0xED9B800000000000)

/// Between two looks at subscriptions: longer than that of those with 30 Hz.
#define LOOK_NS UINT64_C(40000000)

static struct lat_timeline_clock now;
static uint64_t feedback_ns;

static void
read_clock(void *data, struct lat_timeline_clock *out)
{
    (void)data;
    now.frame += 480;
    now.tag += UINT64_C(42949673); // 10 ms
    now.now_tag = now.tag;
    now.steady_ns += 10000000;
    *out = now;
}

static void
check(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static void
note_answer(void *data, const struct lat_osc_peer *to, const void *packet,
            size_t size)
{
    struct lat_osc_message m;
    struct lat_osc_bundle bundle;
    (void)data;
    (void)to;
    if (lat_osc_is_bundle(packet, size)) { // feedback
        check(lat_osc_bundle_read(&bundle, packet, size, NULL) == LAT_OK);
        lat_osc_bundle_fini(&bundle);
        return;
    }
    check(lat_osc_message_read(&m, packet, size, NULL) == LAT_OK);
    const char *const first = lat_osc_text(&m, 0);
    bundle_failed = bundle_failed || (strcmp(m.path, "/fail") == 0 && first &&
                                      strcmp(first, "/bundle") == 0);
    lat_osc_message_fini(&m);
}

static uint64_t
mix(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *const b = bytes;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ b[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/// A number that changes with anything an edit can change.
static uint64_t
graph_hash(void)
{
    const struct lat_graph *const g = lat_control_graph(control);
    const struct lat_transport *const t = lat_control_transport(control);
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        hash = mix(hash, n->name, strlen(n->name) + 1);
        hash = mix(hash, n->type->name, strlen(n->type->name) + 1);
        for (uint32_t i = 0; i < n->layout->n_in; ++i) {
            hash = mix(hash, &n->in[i].value, sizeof(n->in[i].value));
            const uint32_t n_cables = lat_input_n_cables(&n->in[i]);
            hash = mix(hash, &n_cables, sizeof(n_cables));
        }
        for (uint32_t i = 0; i < n->type->n_settings; ++i) {
            const struct lat_setting_value *const v = &n->settings[i];
            hash = mix(hash, &v->number, sizeof(v->number));
            hash = v->text ? mix(hash, v->text, strlen(v->text) + 1) : hash;
        }
    }
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        hash = mix(hash, c->src->name, strlen(c->src->name) + 1);
        hash = mix(hash, &c->src_port, sizeof(c->src_port));
        hash = mix(hash, c->dst->name, strlen(c->dst->name) + 1);
        hash = mix(hash, &c->dst_port, sizeof(c->dst_port));
        hash = mix(hash, &c->amount, sizeof(c->amount));
    }
    hash = mix(hash, &t->tempo_bpm, sizeof(t->tempo_bpm));
    return mix(hash, &t->is_playing, sizeof(t->is_playing));
}

static void
flush(void)
{
    lat_osc_router_flush(router);
    check(!lat_control_is_open(control));
}

/// Let time go on for what subscribers are sent.
static void
feed(uint64_t ns)
{
    feedback_ns += ns;
    lat_osc_feedback_tick(router->feedback, lat_now_ns() + feedback_ns);
}

static bool
handle(void *data, const void *packet, size_t size)
{
    (void)data;
    if (lat_osc_is_bundle(packet, size)) {
        flush();
    }
    const uint64_t before = graph_hash();
    bundle_failed = false;
    lat_osc_router_handle(router, packet, size, &peer);
    check(!bundle_failed || graph_hash() == before);
    if (is_burst && lat_control_graph(control)->n_nodes <= MAX_NODES) {
        return true;
    }
    flush();
    if (lat_control_graph(control)->n_nodes > MAX_NODES) {
        lat_control_clear(control, NULL);
    }
    lat_control_tick(control);
    lat_osc_router_tick(router);
    feed(LOOK_NS);
    return true;
}

/// Something to send messages to: a, b and a cable, an address, keys.
static void
start_graph(void)
{
    const double amount = 0.5;
    check(!lat_control_clear(control, NULL));
    check(!lat_control_node_new(control, "sine", "a", false, NULL, 0, NULL));
    check(!lat_control_node_new(control, "lowpass", "b", false, NULL, 0, NULL));
    check(
        !lat_control_node_new(control, "audio_out", "c", false, NULL, 0, NULL));
    check(!lat_control_connect(control, "a", "b", &amount, false, NULL));
    const struct lat_assignment path = {"path",
                                        {.is_text = true, .text = "/in"}};
    check(!lat_control_node_new(control, "osc_in", "d", false, &path, 1, NULL));
    check(
        !lat_control_node_new(control, "osc_out", "e", false, &path, 1, NULL));
    check(!lat_control_node_new(control, "midi_notes", "f", false, NULL, 0,
                                NULL));
}

int
LLVMFuzzerInitialize(const int *argc, char ***argv);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    const struct lat_control_options options = {
        .rate = 48000.0, .block = 64, .workers = 1};
    (void)argc;
    (void)argv;
    lat_log_set_level(LAT_LOG_ERROR);
    check(!lat_control_new(&options, &control, NULL));
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct lat_osc_options osc_options = {
        .remote = LAT_REMOTE_EDIT, .superdirt = true, .clock = read_clock};
    if (size == 0) {
        return 0;
    }
    now = (struct lat_timeline_clock){.is_running = true,
                                      .tag = START,
                                      .steady_ns = 1000000000,
                                      .rate = 48000,
                                      .period = 64};
    start_graph();
    check(!lat_osc_router_new(control, NULL, &osc_options, note_answer, NULL,
                              &router));
    feedback_ns = 0;
    peer.is_remote = data[0] & IS_REMOTE;
    is_burst = data[0] & IS_BURST;
    if (data[0] & IS_STREAM) {
        struct lat_osc_stream stream = {0};
        (void)lat_osc_stream_feed(&stream, data + 1, size - 1, handle, NULL);
        lat_osc_stream_fini(&stream);
        flush();
    } else {
        is_burst = false;
        handle(NULL, data + 1, size - 1);
    }
    now.is_running = false;
    for (int i = 0; i < 2; ++i) { // 17 years each
        now.tag += UINT64_C(1) << 61U;
        lat_osc_router_tick(router);
    }
    feed(LAT_OSC_FEEDBACK_LIFE_NS + LOOK_NS);
    lat_osc_router_free(router);
    return 0;
}
