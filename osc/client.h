// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A client of a lattice that runs: questions for a program that waits for the
/// answer (`lattice send`), and what it sends by itself (`lattice watch`,
/// `lattice top`).  It blocks. All functions are [control].
#ifndef LAT_OSC_CLIENT_H
#define LAT_OSC_CLIENT_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_osc_client;
struct lat_osc_message;

/// @p host is a name or an address.
/// @return LAT_OK, or LAT_ESYSTEM when nobody is there to be asked.
enum lat_status
lat_osc_client_new(const char *host, uint16_t port, bool is_tcp,
                   struct lat_osc_client **out, struct lat_error *error);
void
lat_osc_client_free(struct lat_osc_client *c);

/// Takes a line of answer; @p is_end where it is the /done of a request.
typedef void (*lat_osc_line_fn)(void *data, const char *line, bool is_end);

/// Send a message and wait until it is clear what became of it; where the
/// message is silent, /sync behind it tells.
///
/// @param arguments  as text; the table of messages knows their types.
/// @return LAT_OK when it was done or answered; LAT_EINVAL when it was refused,
///         with the reason; LAT_ESYSTEM when nobody answers.
enum lat_status
lat_osc_client_ask(struct lat_osc_client *c, const char *path,
                   char *const *arguments, uint32_t n, double timeout_s,
                   lat_osc_line_fn each, void *data, struct lat_error *error);

struct lat_osc_script;

/// Told of a message or bundle that was refused.
typedef void (*lat_osc_refusal_fn)(void *data, uint32_t line, const char *text);

/// Told at the end of bundles that came too late for their time, and were heard
/// at once: @p n of them, the first at @p line.
typedef void (*lat_osc_late_fn)(void *data, uint32_t line, uint32_t n);

/// Who hears what becomes of a script.
struct lat_osc_script_hooks {
    lat_osc_line_fn answer;
    lat_osc_refusal_fn refusal;
    lat_osc_late_fn late;
    void *data;
};

/// Send all of a script (osc/script.h), step by step.  What has no time waits
/// until all before it was answered; what has one is sent when it is due and
/// takes effect @p latency_s later.  What is refused is told, and the rest goes
/// on.
///
/// @return LAT_OK when all was done; LAT_EINVAL when something was refused;
///         LAT_ENOMEM, LAT_ESYSTEM with the reason.
enum lat_status
lat_osc_client_play(struct lat_osc_client *c, const struct lat_osc_script *s,
                    double latency_s, double timeout_s,
                    const struct lat_osc_script_hooks *hooks,
                    struct lat_error *error);

// Over TCP: what is sent then needs no renewal.

/// Its socket, for poll().
int
lat_osc_client_fd(const struct lat_osc_client *c);

/// Send a message and wait for nothing.
///
/// @param arguments  as text, as in lat_osc_client_ask().
enum lat_status
lat_osc_client_tell(struct lat_osc_client *c, const char *path,
                    const char *const *arguments, uint32_t n,
                    struct lat_error *error);

/// Takes a message that came, alone or in a bundle; borrowed.
typedef void (*lat_osc_message_fn)(void *data, const struct lat_osc_message *m);

/// Wait until something comes, and give @p each what is there.
///
/// @param[out] has_ended  the other side has.
/// @return LAT_OK or LAT_ESYSTEM.
enum lat_status
lat_osc_client_receive(struct lat_osc_client *c, lat_osc_message_fn each,
                       void *data, bool *has_ended, struct lat_error *error);

/// Ask for what @p pattern means, from now on.
enum lat_status
lat_osc_client_subscribe(struct lat_osc_client *c, const char *pattern,
                         struct lat_error *error);

/// Ask for what becomes of the graph.
enum lat_status
lat_osc_client_notify(struct lat_osc_client *c, struct lat_error *error);

/// Give @p each all that comes, but what says that something was done.
/// @return LAT_OK when the other side has ended; LAT_EINVAL when something was
///         refused; LAT_ESYSTEM.
enum lat_status
lat_osc_client_listen(struct lat_osc_client *c, lat_osc_line_fn each,
                      void *data, struct lat_error *error);

#endif // LAT_OSC_CLIENT_H
