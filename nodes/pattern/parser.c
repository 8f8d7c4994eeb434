// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "parser.h"
#include "base/column.h"
#include "operators.h"

#include <stdlib.h>

void
lat_parser_init(struct lat_pattern_parser *p, const char *text, size_t size,
                struct lat_error *error)
{
    *p = (struct lat_pattern_parser){
        .lexer = {.text = text, .size = size, .error = error},
        .role = &lat_role_value,
        .read_step = lat_parse_step,
        .least = 1e9,
    };
}

enum lat_status
lat_parser_finish(struct lat_pattern_parser *p, uint32_t root,
                  struct lat_pattern **out, struct lat_pattern_place *place,
                  struct lat_error *error)
{
    struct lat_lexer *const l = &p->lexer;
    enum lat_status status = l->status;
    if (!status && p->builder.status == LAT_EINVAL) {
        lat_lexer_complain(l, l->at, "the pattern %s", p->builder.complaint);
        status = l->status;
    }
    status = status ? status : p->builder.status;
    if (!status) {
        status = lat_builder_finish(&p->builder, root, l->text,
                                    (uint32_t)l->size, out);
    }
    if (status == LAT_ENOMEM) {
        lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    if (status == LAT_EINVAL && place) {
        place->at = (uint32_t)l->wrong_at;
        place->column = lat_column_of(l->text, l->text + l->wrong_at);
    }
    lat_builder_fini(&p->builder);
    return status;
}

enum lat_status
lat_pattern_parse(const char *text, size_t size, struct lat_pattern **out,
                  struct lat_pattern_place *place, struct lat_error *error)
{
    struct lat_pattern_parser p;
    lat_parser_init(&p, text, size, error);
    uint32_t root = 0;
    if (lat_lexer_check_text(&p.lexer)) {
        lat_lexer_skip_blanks(&p.lexer);
        if (p.lexer.at >= size) {
            lat_lexer_complain(&p.lexer, 0,
                               "the pattern is empty: write ~ for silence");
        } else {
            root = lat_parse_text(&p, &lat_role_value, '\0');
        }
    }
    struct lat_pattern *made = NULL;
    enum lat_status status = lat_parser_finish(&p, root, &made, place, error);
    if (!status) {
        status = lat_pattern_check(made, NULL, LAT_PATTERN_COST, error);
        if (status) {
            if (place) {
                *place = (struct lat_pattern_place){0, 1};
            }
            lat_pattern_free(made);
            return status;
        }
        *out = made;
    }
    return status;
}

void
lat_pattern_free(struct lat_pattern *p)
{
    free(p);
}

bool
lat_pattern_find_no_note(const struct lat_pattern *p,
                         struct lat_pattern_place *place, uint32_t *length)
{
    uint32_t i = 0;
    while (i < p->n_nodes && (!p->nodes[i].is_word || p->nodes[i].is_note)) {
        ++i;
    }
    if (i == p->n_nodes) {
        return false;
    }
    place->at = p->nodes[i].place;
    place->column = lat_column_of(p->text, p->text + place->at);
    *length = p->nodes[i].length;
    return true;
}
