// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What fades: amounts of cables, and nodes and cables that were removed and
// stay in the plan as the dying until their fade is over; then
// lat_control_end_fades() makes a plan without them.

#include "state.h"

// Where nothing sounds, nothing ramps.
uint64_t
lat_control_ramp_frames(const struct lat_control *c)
{
    return lat_control_runs_itself(c) ? 0
                                      : (uint64_t)(LAT_RAMP_SECONDS * c->rate);
}

void
lat_control_emit_amount(struct lat_control *c, const struct lat_lead *lead,
                        float to, uint64_t delay)
{
    const struct lat_instance *reader = lead->dst->inst;
    const struct lat_port *port = reader->layout->in[lead->dst_port].port;
    lat_control_emit(
        c, &(struct lat_message){
               .kind = LAT_MESSAGE_AMOUNT,
               .frame = c->stamp > lead->since ? c->stamp : lead->since,
               .value = to,
               .delay = delay,
               .length = lat_port_fades(port) ? lat_control_ramp_frames(c) : 0,
               .is_fade = true,
               .id = reader->id,
               .ramp = lead->amount,
           });
}

void
lat_control_fade_outputs(struct lat_control *c, const char *name, bool is_in)
{
    struct lat_node *node = lat_graph_find(&c->graph, name);
    if (!node || !node->run) {
        return;
    }
    node->run->is_muted = !is_in;
    size_t n = 0;
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        n += lat_cable_n_leads(k);
    }
    if (!n || lat_control_reserve(c, n, 0)) {
        return; // where there is no memory, without a fade
    }
    const uint32_t before = c->outbox.n;
    lat_control_take_stamp(c, false);
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        const bool fades = lat_port_fades(k->dst->layout->in[k->dst_port].port);
        for (const struct lat_lead *l = k->run; l && fades; l = l->sister) {
            lat_control_emit_amount(c, l, lat_units_target(k), 0);
        }
    }
    if (c->outbox.n > before) {
        lat_control_end_messages(c);
    }
}

// The dying.

// Does a removed node fade?  Not if it was given other ports before, which its
// instance does not have.
bool
lat_control_node_fades(const struct lat_node *node)
{
    const struct lat_instance *inst = lat_units_instance(node);
    return inst && inst->is_live &&
           lat_layout_is_of(inst->layout, node->layout);
}

// The input and the output of a removed cable, where its nodes have them now.
int
lat_control_input_now(const struct lat_edit *edit)
{
    return lat_layout_follow_input(edit->old_layout, edit->cable->dst->layout,
                                   edit->input);
}

static int
output_now(const struct lat_edit *edit)
{
    return lat_layout_follow_output(edit->src_layout, edit->cable->src->layout,
                                    edit->output);
}

// Does a lead of a removed cable fade?  Its ports may be gone.
static bool
lead_fades(const struct lat_edit *edit, const struct lat_lead *lead)
{
    const struct lat_node *dst = edit->cable->dst;
    const int input = lat_control_input_now(edit);
    if (!lead->is_told || lead->dst->state == LAT_RUN_GONE ||
        lead->src->state == LAT_RUN_GONE || input < 0 || output_now(edit) < 0 ||
        !dst->in[input].cables || lead->dst_port >= LAT_PATCH_GONE ||
        lead->src_port >= lead->src->inst->n_out) {
        return false;
    }
    return lead->dst->state == LAT_RUN_DYING ||
           lat_port_fades(dst->layout->in[input].port);
}

// All fade, or none: their cable is gone.
enum lat_status
lat_control_end_leads(struct lat_control *c, const struct lat_edit *edit)
{
    struct lat_cable *cable = edit->cable;
    bool fades = cable->run;
    for (const struct lat_lead *l = cable->run; l; l = l->sister) {
        fades = fades && lead_fades(edit, l);
    }
    if (!fades) {
        return lat_units_end_leads(&c->units, cable);
    }
    enum lat_status status = LAT_OK;
    const uint32_t port = (uint32_t)output_now(edit);
    for (struct lat_lead *l = cable->run; !status && l; l = l->sister) {
        status = lat_units_let_lead_die(
            &c->units, l,
            l->src->is_door ? 0
                            : lat_units_output(cable->src, l->src_voice, port));
    }
    return status;
}

// Units and leads that fade, and ways around nodes.
size_t
lat_control_n_fading(const struct lat_control *c)
{
    return (size_t)c->units.n_dying + c->units.n_units - c->units.n_live +
           (c->bypass_over_at != 0);
}

// A lead dies no later than the units at its ends.  @return whether any did.
static bool
bury_leads(struct lat_control *c, uint64_t now)
{
    struct lat_units *u = &c->units;
    uint32_t kept = 0;
    const uint32_t n = u->n_dying;
    for (uint32_t i = 0; i < n; ++i) {
        struct lat_lead *lead = u->dying[i];
        if (now < lead->dead_at) {
            u->dying[kept++] = lead;
            continue;
        }
        lat_control_throw_away(c, (struct lat_garbage){.ramp = lead->amount});
        lat_units_bury_lead(u, lead);
    }
    u->n_dying = kept;
    return kept < n;
}

static bool
bury_units(struct lat_control *c, uint64_t now)
{
    bool any = false;
    struct lat_unit *next = NULL;
    for (struct lat_unit *k = c->units.first[LAT_UNITS_DYING]; k; k = next) {
        next = k->next;
        if (now >= k->dead_at) {
            lat_control_throw_away(c, (struct lat_garbage){.inst = k->inst});
            lat_units_bury(&c->units, k);
            any = true;
        }
    }
    return any;
}

// They belong to the plan that is about to end.
void
lat_control_bury_all_dying(struct lat_control *c)
{
    (void)bury_leads(c, UINT64_MAX);
    (void)bury_units(c, UINT64_MAX);
}

static bool
end_bypass(struct lat_control *c, struct lat_bypass *b, uint64_t now)
{
    const bool is_over = b && b->over_at && now >= b->over_at;
    if (is_over) {
        b->over_at = 0;
        b->is_heard = false;
    } else if (b && b->over_at > c->bypass_over_at) {
        c->bypass_over_at = b->over_at;
    }
    return is_over;
}

// Ways around nodes that are heard no longer.  @return whether there are any.
static bool
end_bypasses(struct lat_control *c, uint64_t now)
{
    bool any = false;
    if (!c->bypass_over_at) {
        return false;
    }
    c->bypass_over_at = 0;
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        for (const struct lat_unit *k = lat_units_of(n); k; k = k->sister) {
            any = end_bypass(c, k->inst->bypass, now) || any;
        }
    }
    return any;
}

/// What is over at @p until.
static void
end_fades(struct lat_control *c, uint64_t until)
{
    const size_t n_over = lat_control_n_fading(c);
    if (!n_over || lat_control_reserve(c, 1, n_over)) {
        return;
    }
    bool any = end_bypasses(c, until);
    any = bury_leads(c, until) || any;
    any = bury_units(c, until) || any;
    struct lat_coming coming;
    if (any && !lat_control_compile(c, &c->units, c->block, &coming)) {
        lat_control_take_stamp(c, true);
        lat_control_submit(c, &coming, false);
        lat_control_end_messages(c);
        const uint64_t length = lat_control_ramp_frames(c) + 1;
        lat_control_tell_faded(c, until == UINT64_MAX ? c->stamp
                                  : until > length    ? until - length
                                                      : 0);
        lat_control_tell_ports(c);
    }
}

void
lat_control_end_fades(struct lat_control *c)
{
    const uint64_t now =
        atomic_load_explicit(&c->engine->frames_done, memory_order_acquire);
    if (!c->holds_fades) {
        end_fades(c, lat_control_runs_itself(c) ? UINT64_MAX : now);
    }
}

void
lat_control_hold_fades(struct lat_control *c)
{
    c->holds_fades = true;
}

void
lat_control_end_fades_of(struct lat_control *c, uint64_t frame)
{
    end_fades(c, frame + lat_control_ramp_frames(c) + 1);
}
