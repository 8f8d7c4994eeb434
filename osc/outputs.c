// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "outputs.h"

#include <stdlib.h>
#include <string.h>

struct lat_osc_outputs {
    char path[LAT_OSC_PATH_MAX];
    char node[LAT_VOICE_NAME_MAX];
    lat_osc_tell_fn tell;
    enum lat_answer failure; ///< NEVER, NO_MEMORY, or HERE: none
    uint32_t n;
    struct {
        struct lat_question *question; ///< NULL: answered
        float value;
    } at[];
};

static enum lat_status
ask_all(struct lat_osc_call *call, const struct lat_voice *v, uint32_t first,
        struct lat_osc_outputs *o)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < o->n; ++i) {
        status = lat_control_ask(call->control, o->node,
                                 v->node->layout->out[first + i].name,
                                 &o->at[i].question, &call->error);
    }
    return status;
}

enum lat_status
lat_osc_outputs_new(struct lat_osc_call *call, const struct lat_voice *v,
                    uint32_t first, uint32_t n, lat_osc_tell_fn tell,
                    struct lat_osc_outputs **out)
{
    struct lat_osc_outputs *const o =
        calloc(1, sizeof(*o) + n * sizeof(*o->at));
    if (!o) {
        return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
    }
    // The address of a call is no longer than that.
    memcpy(o->path, call->path, strlen(call->path) + 1);
    lat_voice_name(v->node->name, v->number, o->node);
    o->tell = tell;
    o->failure = LAT_ANSWER_HERE;
    o->n = n;
    const enum lat_status status = ask_all(call, v, first, o);
    if (status) {
        lat_osc_outputs_free(call->control, o);
        return status;
    }
    *out = o;
    return LAT_OK;
}

bool
lat_osc_outputs_are_here(struct lat_control *c, struct lat_osc_outputs *o)
{
    bool all = true;
    for (uint32_t i = 0; i < o->n; ++i) {
        if (!o->at[i].question) {
            continue;
        }
        const enum lat_answer answer =
            lat_control_answer(c, o->at[i].question, &o->at[i].value);
        if (answer == LAT_ANSWER_WAITS) {
            all = false;
            continue;
        }
        o->failure = answer != LAT_ANSWER_HERE ? answer : o->failure;
        lat_question_free(c, o->at[i].question);
        o->at[i].question = NULL;
    }
    return all;
}

void
lat_osc_outputs_tell(const struct lat_osc_outputs *o, struct lat_osc_call *call)
{
    float values[LAT_MAX_PORTS] = {0};
    for (uint32_t i = 0; i < o->n; ++i) {
        values[i] = o->at[i].value;
    }
    call->path = o->path;
    struct lat_voice v;
    const bool is_there = !lat_graph_find_voice(
        lat_control_graph(call->control), o->node, &v, NULL);
    if (o->failure == LAT_ANSWER_HERE && is_there) {
        o->tell(call, o->node, values);
        return;
    }
    char text[LAT_VOICE_NAME_MAX + 40] = "out of memory";
    if (o->failure != LAT_ANSWER_NO_MEMORY) {
        snprintf(text, sizeof(text), "%s is not there any more", o->node);
    }
    lat_osc_log_failure(call->peer, o->path, text);
    lat_osc_answer(call, "/fail", "sss", o->path, text, o->node);
}

void
lat_osc_outputs_free(struct lat_control *c, struct lat_osc_outputs *o)
{
    for (uint32_t i = 0; o && i < o->n; ++i) {
        lat_question_free(c, o->at[i].question);
    }
    free(o);
}
