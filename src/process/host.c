// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "host.h"
#include "base/log.h"
#include "base/text.h"
#include "control/control.h"
#include "jack/client.h"
#include "sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/// A connection has to last before an input is patched: what is connected for
/// a cable is patched by who made the cable.
#define SETTLE_NS UINT64_C(150000000)
#define STEP_NS   UINT64_C(20000000)  // while one is about to be patched
#define BEAT_NS   UINT64_C(100000000) // who started us hears that we listen

/// The base port of a signal input.
struct base_port {
    uint64_t since_ns; ///< connected, and not patched, since; or 0
    bool is_ours;      ///< patched because it was connected
};

struct lat_host {
    struct lat_host_options options;
    struct lat_control *control;
    struct lat_process_page *page;
    const struct lat_layout *layout; ///< for which there are ports
    struct base_port *base;          ///< per input
    bool has_started, is_shut_in;
};

enum lat_status
lat_host_open_page(const struct lat_host_options *o,
                   struct lat_process_page **out, struct lat_error *error)
{
    *out = NULL;
    if (!o->page_fd) {
        return LAT_OK;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    void *page = mmap(NULL, sizeof(**out), PROT_READ | PROT_WRITE, MAP_SHARED,
                      (int)o->page_fd, 0);
    close((int)o->page_fd);
    if (getppid() != (pid_t)o->parent) {
        _exit(EXIT_FAILURE); // too late: nobody is there any more
    }
    if (page == MAP_FAILED ||
        ((struct lat_process_page *)page)->magic != LAT_PROCESS_PAGE_MAGIC) {
        return lat_error_set(error, LAT_EINVAL,
                             "--page is for lattice alone: leave it out");
    }
    *out = page;
    return LAT_OK;
}

// Ports.

static struct lat_node *
the_node(const struct lat_host *h)
{
    return lat_graph_find(lat_control_graph(h->control), h->options.name);
}

static void
name_of(const char *direction, const char *port, char out[LAT_NAME_MAX])
{
    snprintf(out, LAT_NAME_MAX, "%s.%s", direction, port);
}

static enum lat_status
make_port(struct lat_host *h, bool is_out, const char *port, bool is_cv,
          struct lat_error *error)
{
    char name[LAT_NAME_MAX];
    name_of(is_out ? "out" : "in", port, name);
    const struct lat_assignment a[] = {
        {"port", {.is_text = true, .text = port}},
        {"signal", {.is_text = true, .text = is_cv ? "cv" : "audio"}},
    };
    return lat_control_node_new(h->control, is_out ? "port_out" : "port_in",
                                name, true, a, LAT_COUNT(a), error);
}

static enum lat_status
make_output(struct lat_host *h, const char *port, struct lat_error *error)
{
    char door[LAT_NAME_MAX];
    char source[2 * LAT_NAME_MAX];
    enum lat_status status = make_port(h, true, port, false, error);
    if (!status) {
        name_of("out", port, door);
        snprintf(source, sizeof(source), "%s/%s", h->options.name, port);
        status =
            lat_control_connect(h->control, source, door, NULL, false, error);
    }
    return status;
}

static bool
has_port(const struct lat_host *h, const char *direction, const char *port)
{
    char name[LAT_NAME_MAX];
    name_of(direction, port, name);
    return lat_graph_find(lat_control_graph(h->control), name);
}

/// Ports for what the node has now; those of ports that went stay, silent.
static enum lat_status
make_ports(struct lat_host *h, struct lat_error *error)
{
    const struct lat_node *node = the_node(h);
    const struct lat_layout *l = node->layout;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < l->n_out; ++i) {
        if (!has_port(h, "out", l->out[i].name)) {
            status = make_output(h, l->out[i].name, error);
        }
    }
    for (uint32_t i = 0; !status && i < l->n_in; ++i) {
        if (l->in[i].port->kind == LAT_PORT_SIGNAL &&
            !has_port(h, "in", l->in[i].name)) {
            status = make_port(h, false, l->in[i].name, false, error);
        }
    }
    struct base_port *base = calloc(l->n_in + (size_t)1, sizeof(*base));
    if (!status && !base) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    if (status) {
        free(base);
        return status;
    }
    free(h->base);
    h->base = base;
    h->layout = l;
    return LAT_OK;
}

/// Tell who started us which slots the outputs go to.
static void
tell_slots(const struct lat_host *h)
{
    const struct lat_graph *const g = lat_control_graph(h->control);
    _Static_assert(LAT_PROCESS_OUTPUTS >= LAT_MAX_PORTS, "a slot an output");
    for (uint32_t i = 0; h->page && i < h->layout->n_out; ++i) {
        char name[LAT_NAME_MAX];
        name_of("out", h->layout->out[i].name, name);
        const struct lat_node *const door = lat_graph_find(g, name);
        const int slot = door ? lat_control_first_slot(door) : -1;
        atomic_store(&h->page->slot_of[i], (uint32_t)(slot + 1));
    }
}

// Making the node.

/// PARAM=VALUE from the command line.
static enum lat_status
read_assignments(const struct lat_host_options *o, struct lat_assignment **out,
                 struct lat_error *error)
{
    const uint32_t n = o->n_assignments;
    struct lat_assignment *a = calloc(n + (size_t)1, sizeof(*a));
    if (!a) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < n; ++i) {
        char *equals = strchr(o->assignments[i], '=');
        if (!equals || equals == o->assignments[i]) {
            free(a);
            return lat_error_set(error, LAT_EINVAL,
                                 "'%.60s' is no PARAM=VALUE, like freq=220",
                                 o->assignments[i]);
        }
        *equals = '\0';
        a[i] = (struct lat_assignment){o->assignments[i],
                                       {.is_text = true, .text = equals + 1}};
    }
    *out = a;
    return LAT_OK;
}

static enum lat_status
make_node(struct lat_host *h, struct lat_error *error)
{
    const struct lat_host_options *o = &h->options;
    const struct lat_node_type *type = lat_node_type_find(o->type);
    if (type && type->flags & LAT_TYPE_ENGINE) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s always runs in the engine: 'lattice run' has "
                             "it",
                             type->name);
    }
    struct lat_assignment *a = NULL;
    enum lat_status status = read_assignments(o, &a, error);
    if (status) {
        return status;
    }
    // What was started for a session plays without what cannot be read.
    const enum lat_origin_kind asker =
        h->page ? LAT_ORIGIN_SESSION : LAT_ORIGIN_PROGRAM;
    const struct lat_origin before =
        lat_control_set_origin(h->control, (struct lat_origin){.kind = asker});
    lat_control_begin(h->control);
    status = lat_control_node_new(h->control, o->type, o->name, true, a,
                                  o->n_assignments, error);
    (void)lat_control_set_origin(h->control, before);
    free(a);
    if (!status) {
        status = make_ports(h, error);
    }
    if (!status) {
        return lat_control_commit(h->control, error);
    }
    lat_control_rollback(h->control);
    return status;
}

static enum lat_status
add_line(struct lat_host *h, bool is_out, const char *port, uint32_t n)
{
    char text[LAT_PORT_NAME_MAX + 32];
    if (is_out) {
        snprintf(text, sizeof(text), "%s -> physical:%u", port, n);
    } else {
        snprintf(text, sizeof(text), "physical:%u -> %s", n, port);
    }
    return lat_line_append(&lat_control_document(h->control)->jack, "connect",
                           text, NULL);
}

static void
log_missing_data(const struct lat_host *h)
{
    const struct lat_node *node = the_node(h);
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        struct lat_error why;
        if (lat_control_readiness(h->control, node, i, &why) ==
            LAT_DATA_FAILED) {
            lat_log(LAT_LOG_ERROR, "%s of %s: %s; the node goes without it",
                    node->type->settings[i].name, node->name, why.text);
        }
    }
}

/// --connect: as far as there are physical ports; one output goes to two.
static enum lat_status
connect_physical(struct lat_host *h)
{
    const struct lat_layout *l = h->layout;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < l->n_out && i < 2; ++i) {
        status = add_line(h, true, l->out[i].name, i + 1);
    }
    if (!status && l->n_out == 1) {
        status = add_line(h, true, l->out[0].name, 2);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; !status && i < l->n_in && n < 2; ++i) {
        if (l->in[i].port->kind == LAT_PORT_SIGNAL) {
            status = add_line(h, false, l->in[i].name, ++n);
        }
    }
    return status;
}

enum lat_status
lat_host_new(const struct lat_host_options *o, struct lat_control *control,
             struct lat_process_page *page, struct lat_host **out,
             struct lat_error *error)
{
    struct lat_host *h = calloc(1, sizeof(*h));
    if (!h) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    h->options = *o;
    h->control = control;
    h->page = page;
    enum lat_status status = make_node(h, error);
    if (!status) {
        log_missing_data(h);
    }
    if (!status && o->connects && connect_physical(h)) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    if (status) {
        lat_host_free(h);
        return status;
    }
    *out = h;
    return LAT_OK;
}

void
lat_host_free(struct lat_host *h)
{
    if (h) {
        free(h->base);
        free(h);
    }
}

// Running.

void
lat_host_is_ready(struct lat_host *h, uint16_t osc_port)
{
    if (h->page) {
        tell_slots(h);
        atomic_store(&h->page->osc_port, osc_port);
        atomic_store(&h->page->state, LAT_PROCESS_READY);
    }
}

void
lat_host_start(struct lat_host *h, uint64_t frame)
{
    if (h->page) {
        atomic_store(&h->page->start_frame, frame);
    }
    h->has_started = true;
}

bool
lat_host_may_play(const struct lat_host *h)
{
    return !h->page || h->has_started;
}

/// Patch a base port while something is connected to it, unless a cable is
/// there already.
static void
follow_connection(struct lat_host *h, const struct lat_node *node, uint32_t i,
                  const struct lat_jack *jack)
{
    const char *port = h->layout->in[i].name;
    struct base_port *base = &h->base[i];
    char from[LAT_NAME_MAX];
    char to[2 * LAT_NAME_MAX];
    name_of("in", port, from);
    snprintf(to, sizeof(to), "%s/%s", node->name, port);
    const struct lat_node *door =
        lat_graph_find(lat_control_graph(h->control), from);
    const int slot = door ? lat_control_first_slot(door) : -1;
    if (slot < 0) {
        return;
    }
    const bool is_connected = lat_jack_is_connected(jack, (uint32_t)slot);
    const bool is_patched = lat_graph_find_cable(door, 0, node, i);
    const uint64_t now_ns = lat_now_ns();
    if (!is_connected && is_patched && base->is_ours) {
        (void)lat_control_disconnect(h->control, from, to, NULL);
        base->is_ours = false;
    }
    if (!is_connected || is_patched) {
        base->since_ns = 0;
        base->is_ours = base->is_ours && is_patched;
    } else if (!base->since_ns) {
        base->since_ns = now_ns;
    } else if (now_ns - base->since_ns >= SETTLE_NS || !h->page) {
        base->is_ours =
            !lat_control_connect(h->control, from, to, NULL, false, NULL);
        base->since_ns = 0;
    }
}

static void
report(struct lat_host *h, const struct lat_jack *jack)
{
    struct lat_engine_status s;
    struct lat_jack_status j;
    lat_jack_status(jack, &j);
    if (!j.is_ready) {
        atomic_store(&h->page->state, LAT_PROCESS_LOST);
    } else if (j.is_open) {
        atomic_store(&h->page->state, LAT_PROCESS_OPEN);
    }
    lat_engine_status(lat_control_engine(h->control), &s);
    atomic_store(&h->page->n_faults, s.n_faults);
    atomic_fetch_add(&h->page->n_beats, 1);
}

uint64_t
lat_host_next_ns(const struct lat_host *h)
{
    const uint64_t now_ns = lat_now_ns();
    for (uint32_t i = 0; i < h->layout->n_in; ++i) {
        if (h->base[i].since_ns) {
            return now_ns + STEP_NS;
        }
    }
    return h->page ? now_ns + BEAT_NS : UINT64_MAX;
}

void
lat_host_tick(struct lat_host *h, const struct lat_jack *jack)
{
    const struct lat_node *node = the_node(h);
    if (!node) {
        return; // somebody freed it over OSC
    }
    if (node->layout != h->layout) {
        struct lat_error error;
        if (make_ports(h, &error) != LAT_OK) {
            lat_log(LAT_LOG_ERROR, "%s: %s", node->name, error.text);
        }
        tell_slots(h);
    }
    for (uint32_t i = 0; i < h->layout->n_in; ++i) {
        if (h->layout->in[i].port->kind == LAT_PORT_SIGNAL) {
            follow_connection(h, node, i, jack);
        }
    }
    if (h->page) {
        report(h, jack);
    }
    if (h->options.sandbox && !h->is_shut_in && lat_host_may_play(h)) {
        h->is_shut_in = true;
        struct lat_error error;
        if (lat_sandbox_enter(&error) != LAT_OK) {
            lat_log(LAT_LOG_ERROR, "%s: %s", node->name, error.text);
            _exit(EXIT_FAILURE);
        }
    }
}
