// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Endpoints and cables.  An endpoint without a port means the one output, the
// first input, or a pair: left and right, or the two channels of a device.

#include "graph/unknown.h"
#include "node/value_text.h"
#include "state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_AMOUNT 1e9

struct endpoint {
    struct lat_node *node;
    uint32_t ports[2];
    uint32_t n; ///< 1, or 2 for a pair
};

static void
join_ports(const struct lat_port_info *ports, uint32_t n, char *out,
           size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < n && used < size; ++i) {
        if (*ports[i].name) {
            used += (size_t)snprintf(out + used, size - used, "%s%s",
                                     used ? ", " : "", ports[i].name);
        }
    }
}

static int
find(const struct lat_port_info *ports, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (!strcmp(ports[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

static bool
find_pair(const struct lat_node *node, const struct lat_port_info *ports,
          uint32_t n, struct endpoint *e)
{
    const int left = find(ports, n, "left");
    const int right = find(ports, n, "right");
    if (left >= 0 && right >= 0) {
        e->ports[0] = (uint32_t)left;
        e->ports[1] = (uint32_t)right;
        e->n = 2;
        return true;
    }
    if (node->type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT)) {
        const int channels = lat_setting_index(node->type, "channels");
        if (channels >= 0 && node->settings[channels].number == 2.0) {
            e->ports[0] = 0;
            e->ports[1] = 1;
            e->n = 2;
            return true;
        }
    }
    return false;
}

static enum lat_status
named_port(const struct lat_node *node, bool is_output, const char *name,
           struct endpoint *e, struct lat_error *error)
{
    const struct lat_port_info *ports =
        is_output ? node->layout->out : node->layout->in;
    const uint32_t n = is_output ? node->layout->n_out : node->layout->n_in;
    const int i = find(ports, n, name);
    if (i >= 0) {
        e->ports[0] = (uint32_t)i;
        e->n = 1;
        return LAT_OK;
    }
    char list[200];
    join_ports(ports, n, list, sizeof(list));
    if (!*list) {
        snprintf(list, sizeof(list), "none");
    }
    return lat_error_set(error, LAT_ENOTFOUND,
                         "%s (%s) has no %s '%.40s'; it has %s", node->name,
                         node->type->name, is_output ? "output" : "input", name,
                         list);
}

// A placeholder's port without a name is what its session means by none; a pair
// goes to its pair.  @p n_from is what leads to an input.
static enum lat_status
default_port(const struct lat_node *node, bool is_output, uint32_t n_from,
             struct endpoint *e, struct lat_error *error)
{
    const struct lat_port_info *ports =
        is_output ? node->layout->out : node->layout->in;
    const uint32_t n = is_output ? node->layout->n_out : node->layout->n_in;
    if (!n) {
        return lat_error_set(error, LAT_ENOTFOUND, "%s (%s) has no %s",
                             node->name, node->type->name,
                             is_output ? "outputs" : "inputs");
    }
    const int unnamed = find(ports, n, "");
    if ((unnamed < 0 || n_from == 2) && find_pair(node, ports, n, e)) {
        return LAT_OK;
    }
    if (unnamed >= 0) {
        e->ports[0] = (uint32_t)unnamed;
        e->n = 1;
        return LAT_OK;
    }
    const int out = is_output ? find(ports, n, "out") : -1;
    if (out >= 0) {
        e->ports[0] = (uint32_t)out;
        e->n = 1;
        return LAT_OK;
    }
    if (is_output && n > 1) {
        char list[200];
        join_ports(ports, n, list, sizeof(list));
        return lat_error_set(error, LAT_EINVAL,
                             "%s has several outputs: say which, %s/%s (%s)",
                             node->name, node->name, ports[0].name, list);
    }
    e->ports[0] = 0;
    e->n = 1;
    return LAT_OK;
}

static enum lat_status
read_endpoint(const struct lat_control *c, const char *text, bool is_output,
              uint32_t n_from, struct endpoint *e, struct lat_error *error)
{
    char name[LAT_NAME_MAX];
    const char *slash = strchr(text, '/');
    const size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof(name)) {
        return lat_unknown_node(c->g, text, error);
    }
    memcpy(name, text, length);
    name[length] = '\0';
    e->node = lat_control_need_node(c, name, error);
    if (!e->node) {
        return LAT_ENOTFOUND;
    }
    return slash ? named_port(e->node, is_output, slash + 1, e, error)
                 : default_port(e->node, is_output, n_from, e, error);
}

static enum lat_status
read_ends(const struct lat_control *c, const char *src, const char *dst,
          struct endpoint *from, struct endpoint *to, struct lat_error *error)
{
    enum lat_status status = read_endpoint(c, src, true, 0, from, error);
    if (!status) {
        status = read_endpoint(c, dst, false, from->n, to, error);
    }
    if (!status && from->n == 2 && to->n == 1) {
        return lat_error_set(
            error, LAT_EINVAL,
            "%s is a pair and %s/%s is one input: connect %s/%s or %s/%s", src,
            to->node->name, to->node->layout->in[to->ports[0]].name,
            from->node->name, from->node->layout->out[from->ports[0]].name,
            from->node->name, from->node->layout->out[from->ports[1]].name);
    }
    return status;
}

enum lat_status
lat_control_check_end(const struct lat_control *c, const char *endpoint,
                      bool is_output, struct lat_error *error)
{
    struct endpoint e;
    return read_endpoint(c, endpoint, is_output, 0, &e, error);
}

/// An amount as it was given, and what it comes to.
struct amount {
    const char *text; ///< NULL: a plain number
    float number;
};

static enum lat_status
read_amount(struct lat_control *c, const struct lat_node *dst, uint32_t port,
            struct lat_value value, struct amount *out, struct lat_error *error)
{
    const struct lat_port_info *const in = &dst->layout->in[port];
    struct lat_quantity quantity = lat_quantity_of_amount(in->port);
    quantity.tuned = lat_control_tuned(c);
    double number = value.number;
    if (value.is_text && !lat_value_from_text(value.text, quantity, &number)) {
        char forms[100];
        return lat_error_set(error, LAT_EINVAL,
                             "the amount of a cable to %s/%s is %s, not "
                             "'%.60s'",
                             dst->name, in->name,
                             lat_value_forms(quantity, forms, sizeof(forms)),
                             value.text);
    }
    if (!isfinite(number) || fabs(number) > MAX_AMOUNT) {
        return lat_error_set(error, LAT_EINVAL,
                             "a cable's amount must be a finite number, not %g",
                             number);
    }
    *out = (struct amount){value.is_text ? value.text : NULL, (float)number};
    return LAT_OK;
}

static enum lat_status
set_amount(struct lat_control *c, struct lat_cable *cable, struct amount amount)
{
    const enum lat_status status =
        lat_graph_set_amount(c->g, cable, amount.number);
    if (!status && amount.text) {
        lat_written_copy(cable->written, amount.text);
    }
    return status;
}

/// Whoever sets the amount of a cable need not know whether it is feedback; who
/// asks for feedback gets it.
static enum lat_status
connect_ports(struct lat_control *c, struct lat_node *src, uint32_t src_port,
              struct lat_node *dst, uint32_t dst_port, struct amount amount,
              bool is_feedback, struct lat_error *error)
{
    struct lat_cable *cable =
        lat_graph_find_cable(src, src_port, dst, dst_port);
    if (cable && (cable->is_feedback || !is_feedback)) {
        return set_amount(c, cable, amount);
    }
    enum lat_status status = lat_control_check_voices(src, dst, error);
    if (status) {
        return status;
    }
    if (cable) {
        status = lat_graph_remove_cable(c->g, cable);
    } else {
        status = lat_control_check_leads(src, dst, dst_port, error);
    }
    if (!status) {
        status = lat_graph_add_cable(c->g, src, src_port, dst, dst_port,
                                     amount.number, is_feedback, &cable, error);
    }
    if (!status) {
        lat_written_copy(cable->written, amount.text);
    }
    return status;
}

enum lat_status
lat_control_connect_value(struct lat_control *c, const char *src,
                          const char *dst, const struct lat_value *value,
                          bool is_feedback, struct lat_error *error)
{
    struct endpoint from;
    struct endpoint to;
    struct amount amount = {NULL, 1.0F};
    enum lat_status status = read_ends(c, src, dst, &from, &to, error);
    if (!status && value) {
        // Both ports of a pair are of one kind.
        status = read_amount(c, to.node, to.ports[0], *value, &amount, error);
    }
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    for (uint32_t i = 0; !status && i < to.n; ++i) {
        const uint32_t src_port = from.ports[from.n == 2 ? i : 0];
        status = connect_ports(c, from.node, src_port, to.node, to.ports[i],
                               amount, is_feedback, error);
    }
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_connect(struct lat_control *c, const char *src, const char *dst,
                    const double *amount, bool is_feedback,
                    struct lat_error *error)
{
    const struct lat_value value = {.number = amount ? *amount : 1.0};
    return lat_control_connect_value(c, src, dst, &value, is_feedback, error);
}

enum lat_status
lat_control_disconnect(struct lat_control *c, const char *src, const char *dst,
                       struct lat_error *error)
{
    struct endpoint from;
    struct endpoint to;
    enum lat_status status = read_ends(c, src, dst, &from, &to, error);
    if (status) {
        return status;
    }
    struct lat_cable *cables[2];
    uint32_t n = 0;
    for (uint32_t i = 0; i < to.n; ++i) {
        struct lat_cable *cable = lat_graph_find_cable(
            from.node, from.ports[from.n == 2 ? i : 0], to.node, to.ports[i]);
        if (cable) {
            cables[n++] = cable;
        }
    }
    if (!n) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no cable leads from %.60s to %.60s; "
                             "/graph/cables lists them",
                             src, dst);
    }
    const struct lat_command command = lat_command_begin(c);
    for (uint32_t i = 0; !status && i < n; ++i) {
        status = lat_graph_remove_cable(c->g, cables[i]);
    }
    return lat_command_end(c, command, status, error);
}

static struct lat_cable *
need_cable(const struct lat_control *c, const char *src_node,
           const char *src_port, const char *dst_node, const char *dst_port,
           struct lat_error *error)
{
    struct endpoint from;
    struct endpoint to;
    from.node = lat_control_need_node(c, src_node, error);
    to.node = from.node ? lat_control_need_node(c, dst_node, error) : NULL;
    if (!to.node || named_port(from.node, true, src_port, &from, error) ||
        named_port(to.node, false, dst_port, &to, error)) {
        return NULL;
    }
    struct lat_cable *cable =
        lat_graph_find_cable(from.node, from.ports[0], to.node, to.ports[0]);
    if (!cable) {
        lat_error_set(error, LAT_ENOTFOUND,
                      "no cable leads from %s/%s to %s/%s; /connect makes it",
                      src_node, src_port, dst_node, dst_port);
    }
    return cable;
}

enum lat_status
lat_control_cable_set(struct lat_control *c, const char *src_node,
                      const char *src_port, const char *dst_node,
                      const char *dst_port, struct lat_value value,
                      struct lat_error *error)
{
    struct lat_cable *cable =
        need_cable(c, src_node, src_port, dst_node, dst_port, error);
    if (!cable) {
        return LAT_ENOTFOUND;
    }
    struct amount amount;
    enum lat_status status =
        read_amount(c, cable->dst, cable->dst_port, value, &amount, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = set_amount(c, cable, amount);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_cable_get(struct lat_control *c, const char *src_node,
                      const char *src_port, const char *dst_node,
                      const char *dst_port, double *amount,
                      struct lat_error *error)
{
    const struct lat_cable *cable =
        need_cable(c, src_node, src_port, dst_node, dst_port, error);
    if (!cable) {
        return LAT_ENOTFOUND;
    }
    *amount = (double)cable->amount;
    return LAT_OK;
}
