// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Feedback: whoever subscribes to addresses is sent what they give, again and
/// again, so that faders and meters elsewhere follow.
///
/// A subscriber looks at all that its pattern means, at most HZ times a second,
/// and only while something may have changed: it is sent what is not what it
/// was sent last.  Who moves a value itself is not sent it while it does: its
/// fader would fight the finger (feedback_hands.c).  Several values go into one
/// bundle.
///
/// Times are those of lat_now_ns(), or of whoever tests this.  All functions
/// are [control].
#ifndef LAT_OSC_FEEDBACK_H
#define LAT_OSC_FEEDBACK_H

#include "numbers.h"
#include "router.h"

struct lat_osc_feedback;

/// Looks a second where none are asked for, and the limits.
#define LAT_OSC_FEEDBACK_HZ     30.0
#define LAT_OSC_FEEDBACK_MIN_HZ 0.01
#define LAT_OSC_FEEDBACK_MAX_HZ 1000.0

/// A subscription that is not renewed ends, but for those over TCP.
#define LAT_OSC_FEEDBACK_LIFE_NS UINT64_C(60000000000)

/// Can anything be meant by it, whatever the graph is?
/// @return false with the reason in @p error.
bool
lat_feedback_is_pattern(const char *pattern, struct lat_error *error);

struct lat_osc_feedback_hooks {
    lat_osc_send_fn send;
    /// NULL: there is always room.
    enum lat_osc_room (*room)(void *data, const struct lat_osc_peer *peer);
    /// Find a host, and call lat_osc_feedback_found() then or later.  NULL:
    /// lines of sessions are sent nothing.
    void (*find)(void *data, const char *host, const char *port, uint64_t line);
    /// Do we listen there ourselves?  NULL: nowhere.
    bool (*is_us)(void *data, const struct sockaddr_storage *address);
    /// For the engine's numbers.
    void (*count)(void *data, struct lat_osc_bundle_counts *out);
    void *data;
};

/// @param options  of the server, borrowed: for the engine's numbers.
/// @param hooks    copied.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_feedback_new(struct lat_control *control,
                     const struct lat_osc_options *options,
                     const struct lat_osc_feedback_hooks *hooks,
                     struct lat_osc_feedback **out);

/// Before the control is freed.  NULL does nothing.
void
lat_osc_feedback_free(struct lat_osc_feedback *f);

/// Send @p peer what @p pattern means, from all of it as it is now on.  The
/// same again renews it.
/// @param hz    within the limits above.
/// @param port  where to, at the peer's host; 0: where the peer sends from.
/// @return LAT_OK, LAT_EINVAL, LAT_EFULL or LAT_ENOMEM, with an error.
enum lat_status
lat_osc_subscribe(struct lat_osc_feedback *f, const struct lat_osc_peer *peer,
                  const char *pattern, double hz, uint16_t port,
                  uint64_t now_ns, struct lat_error *error);

/// @param port  at the peer's host, to end what goes there; 0: what the peer
///              itself asked for.
/// @return LAT_OK, or LAT_ENOTFOUND with an error.
enum lat_status
lat_osc_unsubscribe(struct lat_osc_feedback *f, const struct lat_osc_peer *peer,
                    const char *pattern, uint16_t port,
                    struct lat_error *error);

/// Send to those whom the lines of the session in force name.  Sessions that
/// are loaded later are seen by themselves.
void
lat_osc_feedback_take_lines(struct lat_osc_feedback *f);

/// Is the host of a session's line still looked for?
bool
lat_osc_feedback_seeks(const struct lat_osc_feedback *f, uint64_t line);

/// The host of a session's line was found.
void
lat_osc_feedback_found(struct lat_osc_feedback *f, uint64_t line,
                       const struct sockaddr_storage *address);

/// A packet of @p peer came.
void
lat_osc_feedback_heard(struct lat_osc_feedback *f,
                       const struct lat_osc_peer *peer, uint64_t now_ns);

/// @p peer has put a finger on the control of an address, or has let it go.
void
lat_osc_feedback_touch(struct lat_osc_feedback *f,
                       const struct lat_osc_peer *peer, const char *path,
                       bool is_down, uint64_t now_ns);

/// Send what is due.
void
lat_osc_feedback_tick(struct lat_osc_feedback *f, uint64_t now_ns);

/// When lat_osc_feedback_tick() has something to do; UINT64_MAX: never.
uint64_t
lat_osc_feedback_next_ns(const struct lat_osc_feedback *f);

#endif // LAT_OSC_FEEDBACK_H
