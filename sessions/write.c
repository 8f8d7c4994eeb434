// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "write.h"
#include "base/log.h"
#include "base/text.h"
#include "check.h"
#include "comments.h"
#include "session.h"
#include "write_cables.h"
#include "write_node.h"
#include "write_unknown.h"

#include <stdlib.h>

// [session] and [transport]

/// A file with anything unknown says that it is of whoever knows it.
static void
put_session(struct writer *w, const struct lat_graph *graph)
{
    const enum lat_section_kind kind = LAT_SECTION_SESSION;
    const bool is_newer = lat_write_has_unknown(w, graph);
    const struct lat_unknown *const u = &w->document->unknown;
    char text[16];
    lat_write_section(w, lat_section_name(kind),
                      lat_write_document_comment(w, kind, ""));
    snprintf(text, sizeof(text), "%u", is_newer ? u->format : 1);
    lat_write_value(w, "format", text,
                    lat_write_document_comment(w, kind, "format"));
    lat_write_value(w, "made_by",
                    is_newer && u->made_by ? u->made_by
                                           : "lattice " LAT_VERSION,
                    lat_write_document_comment(w, kind, "made_by"));
    if (w->document->block > 0) {
        snprintf(text, sizeof(text), "%u", w->document->block);
        lat_write_value(w, "block", text,
                        lat_write_document_comment(w, kind, "block"));
    }
    for (size_t i = 0; i < LAT_TUNING_FILES; ++i) {
        const char *const link =
            lat_links_find(w->links, LAT_LINK_SESSION, (uint32_t)i);
        if (w->document->tuning[i]) {
            lat_write_text(
                w, lat_tuning_words[i], link ? link : w->document->tuning[i],
                lat_write_document_comment(w, kind, lat_tuning_words[i]));
        }
    }
    lat_write_unknown_keys(w, kind);
}

static void
put_transport(struct writer *w, const struct lat_transport *t)
{
    const enum lat_section_kind kind = LAT_SECTION_TRANSPORT;
    char text[32];
    lat_write_section(w, lat_section_name(kind),
                      lat_write_document_comment(w, kind, ""));
    lat_write_value(w, "tempo",
                    lat_format_double(t->tempo_bpm, text, sizeof(text)),
                    lat_write_document_comment(w, kind, "tempo"));
    lat_write_value(w, "beats_per_cycle",
                    lat_format_double(t->beats_per_cycle, text, sizeof(text)),
                    lat_write_document_comment(w, kind, "beats_per_cycle"));
    lat_write_value(w, "playing", t->is_playing ? "yes" : "no",
                    lat_write_document_comment(w, kind, "playing"));
    lat_write_value(w, "sync", lat_sync_words[w->document->sync],
                    lat_write_document_comment(w, kind, "sync"));
    lat_write_unknown_keys(w, kind);
}

// [jack], [map], [osc]

/// May it stand in a file?  The input that it leads to may be gone, as settings
/// take one away, or other limits may hold now.
static bool
is_map_right(const struct writer *w, const struct lat_graph *graph,
             const char *text)
{
    struct lat_error error;
    if (w->document->unknown.format || !lat_check_map(text, graph, &error)) {
        return true;
    }
    lat_log_bounded(LAT_LOG_WARNING, "map %.100s is left out: %s", text,
                    error.text);
    return false;
}

static void
put_lines(struct writer *w, enum lat_section_kind kind,
          const struct lat_graph *graph, const struct lat_line *lines)
{
    const char *const comment = lat_write_document_comment(w, kind, "");
    if (!lines && !comment && !lat_write_has_unknown_keys(w, kind)) {
        return;
    }
    lat_write_section(w, lat_section_name(kind), comment);
    for (; lines; lines = lines->next) {
        if (kind != LAT_SECTION_MAP || is_map_right(w, graph, lines->text)) {
            lat_write_text(w, lines->key, lines->text, lines->comment);
        }
    }
    lat_write_unknown_keys(w, kind);
}

enum lat_status
lat_session_write_linked(struct lat_control *control,
                         const struct lat_link_names *links, FILE *stream)
{
    const struct lat_document *const d = lat_control_document(control);
    const struct lat_graph *const graph = lat_control_graph(control);
    struct writer w = {.document = d, .links = links};
    put_session(&w, graph);
    put_transport(&w, lat_control_transport(control));
    for (const struct lat_node *n = graph->first; n; n = n->next) {
        lat_write_node(&w, n);
    }
    lat_write_cables(&w, graph);
    put_lines(&w, LAT_SECTION_JACK, graph, d->jack);
    put_lines(&w, LAT_SECTION_MAP, graph, d->map);
    put_lines(&w, LAT_SECTION_OSC, graph, d->osc);
    lat_write_unknown_sections(&w);
    lat_write_comment(&w, lat_comments_find(d->comments, "end/", ""));

    enum lat_status status = w.status;
    if (!status &&
        (fwrite(w.out.text, 1, w.out.length, stream) != w.out.length ||
         fflush(stream))) {
        status = LAT_EIO;
    }
    free(lat_buffer_take(&w.out));
    return status;
}

enum lat_status
lat_session_write(struct lat_control *control, FILE *stream)
{
    return lat_session_write_linked(control, NULL, stream);
}
