// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "score_player.h"
#include "job.h"
#include "router.h"

#include <stdlib.h>
#include <string.h>

struct lat_score_player {
    struct lat_osc_router *router;
    uint32_t n_skipped;
    const char *skipped; ///< the first, of the list below
};

/// Of SuperCollider's server, in scores by habit: the group that synths are put
/// into, what frees them, and the bundle that does nothing and ends the score.
static const char *const skipped[] = {"/g_new", "/c_set", "/n_free"};

/// Nobody hears answers to a score.
static void
drop_answer(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    (void)data;
    (void)peer;
    (void)packet;
    (void)size;
}

enum lat_status
lat_score_player_new(struct lat_control *control, struct lat_sessions *sessions,
                     bool keeps_block, struct lat_score_player **out)
{
    const struct lat_osc_options options = {
        .is_score = true,
        .keeps_block = keeps_block,
    };
    struct lat_score_player *const p = calloc(1, sizeof(*p));
    if (!p || lat_osc_router_new(control, sessions, &options, drop_answer, NULL,
                                 &p->router)) {
        free(p);
        return LAT_ENOMEM;
    }
    p->skipped = "";
    *out = p;
    return LAT_OK;
}

void
lat_score_player_free(struct lat_score_player *p)
{
    if (p) {
        lat_osc_router_free(p->router);
        free(p);
    }
}

const char *
lat_score_skips(const char *path)
{
    for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); ++i) {
        if (strcmp(path, skipped[i]) == 0) {
            return skipped[i];
        }
    }
    return NULL;
}

static bool
is_skipped(struct lat_score_player *p, const char *path)
{
    const char *const found = lat_score_skips(path);
    if (found) {
        p->skipped = p->n_skipped++ ? p->skipped : found;
    }
    return found;
}

static void
leave_out_skipped(struct lat_score_player *p, struct lat_osc_bundle *b)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < b->n_messages; ++i) {
        if (is_skipped(p, b->messages[i].path)) {
            lat_osc_message_fini(&b->messages[i]);
        } else {
            b->messages[kept++] = b->messages[i];
        }
    }
    b->n_messages = kept;
}

enum lat_status
lat_score_play(struct lat_score_player *p, const struct lat_score_bundle *b,
               struct lat_error *error)
{
    const struct lat_osc_peer nobody = {.is_remote = false};
    struct lat_osc_job *const job = lat_osc_job_new(p->router, &nobody);
    char shown[100] = "bundle";
    if (!job) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    job->pass.is_bundle = true;
    enum lat_status status =
        lat_osc_bundle_read(&job->bundle, b->packet, b->size, &job->edit.error);
    if (!status) {
        leave_out_skipped(p, &job->bundle);
        job->messages = job->bundle.messages;
        job->n = job->bundle.n_messages;
        job->pass.is_alone = job->n == 1;
        lat_osc_job_run_edits(job);
        status = job->status;
    }
    if (status && job->index >= 0) {
        lat_osc_shorten(job->messages[job->index].path, shown, sizeof(shown));
    }
    if (status) {
        lat_error_set(error, status, "%s: %.600s", shown, job->edit.error.text);
    }
    lat_osc_job_free(job);
    return status;
}

uint32_t
lat_score_n_skipped(const struct lat_score_player *p, const char **path)
{
    if (path) {
        *path = p->skipped;
    }
    return p->n_skipped;
}
