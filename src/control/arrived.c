// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What comes after the command that asked for it is published as a change of
// settings to what they are: with another configuration, and the plan that has
// it.  Where it could not be had, the setting goes back to what sounds.

#include "base/log.h"
#include "base/text.h"
#include "state.h"
#include "units/config_data.h"

#include <stdio.h>
#include <stdlib.h>

/// One that could not be had.
struct failure {
    uint64_t node;
    uint32_t setting;
    struct lat_origin origin;
    char text[LAT_ERROR_MAX + 420];
};

struct arrival {
    struct lat_control *c;
    struct failure *failures;
    uint32_t n_failures, capacity;
};

static bool
has_failed(const struct lat_config *config, uint32_t i)
{
    const struct lat_prepared *wanted = lat_config_wanted(config, i);
    return wanted && wanted->state == LAT_PREPARED_FAILED && !wanted->is_told;
}

/// Is there news of a node's settings?
static bool
has_news(const struct lat_control *c, const struct lat_node *node)
{
    const struct lat_instance *inst = lat_units_instance(node);
    const struct lat_config *config = inst ? inst->config : NULL;
    bool is_other = false;
    for (uint32_t i = 0;
         config && config->prepared && !is_other && i < node->type->n_settings;
         ++i) {
        is_other =
            has_failed(config, i) ||
            (node->type->settings[i].prepare &&
             lat_config_would_differ(config, node->type, i, &node->settings[i],
                                     &node->settings[i], c->prepared));
    }
    return is_other;
}

static bool
note_failure(struct arrival *a, const struct lat_node *node, uint32_t i,
             bool is_silent)
{
    if (!lat_grow((void **)&a->failures, &a->capacity, a->n_failures,
                  sizeof(*a->failures))) {
        return false;
    }
    struct failure *f = &a->failures[a->n_failures++];
    f->node = node->id;
    f->setting = i;
    f->origin = lat_control_asked_by(a->c, node, i);
    const struct lat_error *const why =
        &lat_config_wanted(lat_units_instance(node)->config, i)->error;
    char nearest[300] = "";
    if (node->type->settings[i].is_sound && why->status == LAT_ENOTFOUND) {
        lat_control_suggest_sound(a->c, node->settings[i].text, nearest,
                                  sizeof(nearest));
    }
    snprintf(f->text, sizeof(f->text), "%s of %s: %s%s; %s",
             node->type->settings[i].name, node->name, why->text, nearest,
             is_silent ? "the node goes without it"
                       : "what was there before stays");
    return true;
}

static bool
copy_value(struct lat_setting_value *to, const struct lat_setting_value *from)
{
    char *text = lat_strdup(from->text);
    char *path = lat_strdup(from->path);
    if (!text || !path != !from->path) {
        free(text);
        free(path);
        return false;
    }
    free(to->text);
    free(to->path);
    to->text = text;
    to->path = path;
    return true;
}

/// Put what failed back to what sounds, in @p settings.
static bool
take_back(struct arrival *a, const struct lat_node *node,
          struct lat_setting_value *settings)
{
    const struct lat_config *config = lat_units_instance(node)->config;
    bool is_done = true;
    for (uint32_t i = 0; is_done && i < node->type->n_settings; ++i) {
        const struct lat_setting_value *shown =
            lat_config_shown_value(config, i);
        if (has_failed(config, i)) {
            is_done = note_failure(a, node, i, !shown) &&
                      (!shown || copy_value(&settings[i], shown));
        }
    }
    return is_done;
}

static enum lat_status
publish(struct arrival *a, struct lat_node *node)
{
    struct lat_setting_value *settings =
        lat_settings_copy(node->type, node->settings);
    if (settings && take_back(a, node, settings) &&
        !lat_graph_set_settings(a->c->g, node, settings)) {
        return LAT_OK;
    }
    lat_settings_free(node->type, settings);
    return LAT_ENOMEM;
}

static void
tell(struct lat_control *c, const struct failure *f)
{
    const struct lat_node *node = c->graph.first;
    while (node && node->id != f->node) {
        node = node->next;
    }
    if (!c->unprepared || !node) {
        lat_log(LAT_LOG_WARNING, "%s", f->text);
        return;
    }
    c->unprepared(c->unprepared_data, &(struct lat_unprepared){
                                          .node = node,
                                          .setting = f->setting,
                                          .origin = f->origin,
                                          .text = f->text,
                                      });
}

/// One transaction for all that has come.
static enum lat_status
publish_all(struct arrival *a)
{
    struct lat_control *c = a->c;
    enum lat_status status = LAT_OK;
    const struct lat_origin before = lat_control_set_origin(
        c, (struct lat_origin){.kind = LAT_ORIGIN_PROGRAM});
    lat_control_begin(c);
    for (struct lat_node *n = c->g->first; !status && n; n = n->next) {
        status = has_news(c, n) ? publish(a, n) : LAT_OK;
    }
    if (status) {
        lat_control_rollback(c);
    } else if (c->g->n_edits) {
        status = lat_control_commit(c, NULL);
    } else {
        lat_control_close(c);
    }
    (void)lat_control_set_origin(c, before);
    return status;
}

void
lat_control_take_prepared(struct lat_control *c)
{
    struct arrival a = {.c = c};
    if (lat_prepared_take_news(c->prepared)) {
        if (publish_all(&a)) {
            lat_prepared_keep_news(c->prepared); // tried again
        } else {
            lat_prepared_set_told(c->prepared);
            for (uint32_t i = 0; i < a.n_failures; ++i) {
                tell(c, &a.failures[i]);
            }
        }
        free(a.failures);
        uint32_t n_coming = 0;
        (void)lat_prepared_count(c->prepared, &n_coming);
        c->n_asks = n_coming ? c->n_asks : 0;
    }
    lat_prepared_sweep(c->prepared);
}
