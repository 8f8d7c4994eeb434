// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "test_osc.h"
#include "base/log.h"
#include "control/control.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct lat_control *osc_control;
struct lat_osc_router *osc_router;
struct lat_osc_options osc_options;
struct lat_osc_peer osc_peer;
unsigned osc_quits;

static char *answers;
static size_t answers_size;
static FILE *answers_stream;
static bool is_burst;

static uint8_t bundle[1024 * 1024];
static size_t bundle_size;

static void
print_argument(FILE *stream, const struct lat_osc_message *m, uint32_t i)
{
    double number = 0.0;
    const char *const text = lat_osc_text(m, i);
    if (text) {
        fprintf(stream, " \"%s\"", text);
    } else if (lat_osc_number(m, i, &number)) {
        fprintf(stream, m->types[i] == 'i' ? " %.10g" : " %.7g", number);
    } else {
        fprintf(stream, " %c", m->types[i]);
    }
}

static void
print_packet(FILE *stream, const void *packet, size_t size)
{
    struct lat_osc_message m;
    struct lat_error error;
    cr_assert_eq(lat_osc_message_read(&m, packet, size, &error), LAT_OK,
                 "an answer cannot be read: %s", error.text);
    fputs(m.path, stream);
    for (uint32_t i = 0; i < m.argc; ++i) {
        print_argument(stream, &m, i);
    }
    fputc('\n', stream);
    lat_osc_message_fini(&m);
}

char *
osc_as_text(const void *packet, size_t size)
{
    char *text = NULL;
    size_t text_size = 0;
    FILE *const stream = open_memstream(&text, &text_size);
    print_packet(stream, packet, size);
    fclose(stream);
    return text;
}

static void
note_answer(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    (void)data;
    (void)peer;
    if (answers_stream) {
        print_packet(answers_stream, packet, size);
    }
}

static void
note_quit(void *data)
{
    (void)data;
    ++osc_quits;
}

void
osc_use_sessions(struct lat_sessions *sessions)
{
    lat_osc_router_free(osc_router);
    cr_assert_eq(lat_osc_router_new(osc_control, sessions, &osc_options,
                                    note_answer, NULL, &osc_router),
                 LAT_OK);
}

void
osc_setup(void)
{
    const struct lat_control_options options = {
        .rate = 48000.0, .block = 64, .workers = 1};
    struct lat_error error;
    lat_log_set_level(LAT_LOG_ERROR);
    osc_options.quit = note_quit;
    cr_assert_eq(lat_control_new(&options, &osc_control, &error), LAT_OK, "%s",
                 error.text);
    osc_use_sessions(NULL);
}

void
osc_teardown(void)
{
    lat_osc_router_free(osc_router);
    osc_router = NULL;
    lat_control_free(osc_control);
    free(answers);
    answers = NULL;
}

static void
listen_to_answers(void)
{
    free(answers);
    answers_stream = open_memstream(&answers, &answers_size);
}

static const char *
take_answers(void)
{
    fclose(answers_stream);
    answers_stream = NULL;
    return answers;
}

static void
add_argument(lo_message m, char type, va_list *args)
{
    switch (type) {
    case 's':
        lo_message_add_string(m, va_arg(*args, const char *));
        break;
    case 'S':
        lo_message_add_symbol(m, va_arg(*args, const char *));
        break;
    case 'i':
        lo_message_add_int32(m, va_arg(*args, int));
        break;
    case 'h':
        lo_message_add_int64(m, va_arg(*args, int64_t));
        break;
    case 'f':
        lo_message_add_float(m, (float)va_arg(*args, double));
        break;
    case 'd':
        lo_message_add_double(m, va_arg(*args, double));
        break;
    case 'T':
        lo_message_add_true(m);
        break;
    case 'F':
        lo_message_add_false(m);
        break;
    case 'N':
        lo_message_add_nil(m);
        break;
    default:
        lo_message_add_infinitum(m);
        break;
    }
}

static void *
make_packet(size_t *size, const char *path, const char *types, va_list args)
{
    lo_message m = lo_message_new();
    va_list rest;
    va_copy(rest, args);
    for (; *types; ++types) {
        add_argument(m, *types, &rest);
    }
    va_end(rest);
    void *const packet = lo_message_serialise(m, path, NULL, size);
    lo_message_free(m);
    return packet;
}

void *
osc_packet(size_t *size, const char *path, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    void *const packet = make_packet(size, path, types, args);
    va_end(args);
    return packet;
}

void
osc_begin_burst(void)
{
    is_burst = true;
    listen_to_answers();
}

const char *
osc_end_burst(void)
{
    is_burst = false;
    lat_osc_router_flush(osc_router);
    return take_answers();
}

const char *
osc_send_bytes(const void *bytes, size_t size)
{
    // From a block of this size, so that ASan sees a read beyond.
    void *const block = malloc(size ? size : 1);
    memcpy(block, bytes, size);
    if (!is_burst) {
        listen_to_answers();
    }
    lat_osc_router_handle(osc_router, block, size, &osc_peer);
    free(block);
    return is_burst ? "" : osc_end_burst();
}

const char *
osc_send(const char *path, const char *types, ...)
{
    va_list args;
    size_t size = 0;
    va_start(args, types);
    void *const packet = make_packet(&size, path, types, args);
    va_end(args);
    const char *const text = osc_send_bytes(packet, size);
    free(packet);
    return text;
}

void
osc_bundle_at(uint64_t tag)
{
    memcpy(bundle, "#bundle", 8);
    for (unsigned i = 0; i < 8; ++i) {
        bundle[8 + i] = (uint8_t)(tag >> (56U - 8U * i));
    }
    bundle_size = 16;
}

void
osc_bundle(void)
{
    osc_bundle_at(1);
}

void
osc_add(const char *path, const char *types, ...)
{
    va_list args;
    size_t size = 0;
    va_start(args, types);
    void *const packet = make_packet(&size, path, types, args);
    va_end(args);
    cr_assert_leq(bundle_size + size + 4, sizeof(bundle));
    for (int i = 0; i < 4; ++i) {
        bundle[bundle_size++] = (uint8_t)(size >> (24U - 8U * (unsigned)i));
    }
    memcpy(bundle + bundle_size, packet, size);
    bundle_size += size;
    free(packet);
}

const char *
osc_send_bundle(void)
{
    return osc_send_bytes(bundle, bundle_size);
}

const char *
osc_tick(void)
{
    listen_to_answers();
    lat_osc_router_tick(osc_router);
    return take_answers();
}

static void
print_node(FILE *stream, const struct lat_node *n)
{
    fprintf(stream, "%s %s", n->name, n->type->name);
    for (uint32_t i = 0; i < n->layout->n_in; ++i) {
        fprintf(stream, " %s=%.9g", n->layout->in[i].name,
                (double)n->in[i].value);
    }
    for (uint32_t i = 0; i < n->type->n_settings; ++i) {
        const struct lat_setting_value *const v = &n->settings[i];
        fprintf(stream, " %s=%.17g%s", n->type->settings[i].name, v->number,
                v->text ? v->text : "");
    }
    fputc('\n', stream);
}

char *
osc_graph(void)
{
    const struct lat_graph *const g = lat_control_graph(osc_control);
    const struct lat_transport *const t = lat_control_transport(osc_control);
    char *text = NULL;
    size_t size = 0;
    FILE *const stream = open_memstream(&text, &size);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        print_node(stream, n);
    }
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        fprintf(stream, "%s/%u -> %s/%u * %.9g %d\n", c->src->name, c->src_port,
                c->dst->name, c->dst_port, (double)c->amount, c->is_feedback);
    }
    fprintf(stream, "%u nodes, %u cables, tempo %.9g, %d\n", g->n_nodes,
            g->n_cables, t->tempo_bpm, t->is_playing);
    fclose(stream);
    return text;
}
