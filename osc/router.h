// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From a packet to commands and back to answers, without any socket.
///
/// The server gives it packets; tests and the fuzzer do so too.  Answers leave
/// through one function.  All functions are [control].
#ifndef LAT_OSC_ROUTER_H
#define LAT_OSC_ROUTER_H

#include "server.h"

#include <sys/socket.h>

/// Who sent a packet, and where the answers go.  A plain value: an answer may
/// leave long after the packet, or never, when the peer is gone.
struct lat_osc_peer {
    struct sockaddr_storage address;
    bool is_tcp;
    uint8_t socket;      ///< which of the server's addresses it wrote to
    bool is_remote;      ///< on another machine: --remote applies
    uint32_t connection; ///< of TCP: slot,
    uint32_t generation; ///< and which connection of that slot
};

/// `socket` of those to whom lattice writes by itself, who have not written to
/// any of its addresses.
#define LAT_OSC_OUTGOING UINT8_MAX

struct lat_osc_router;

/// May more be sent to a peer now?
enum lat_osc_room {
    LAT_OSC_ROOM,
    LAT_OSC_NO_ROOM,
    LAT_OSC_NOBODY, ///< it is gone: edits are done, nothing is answered
};

/// Send one packet; borrowed.  Must not call back into the router.
typedef void (*lat_osc_send_fn)(void *data, const struct lat_osc_peer *peer,
                                const void *packet, size_t size);

/// @param sessions  may be NULL: then /session/* answers /fail.
/// @param options   copied; strings stay borrowed.
enum lat_status
lat_osc_router_new(struct lat_control *control, struct lat_sessions *sessions,
                   const struct lat_osc_options *options, lat_osc_send_fn send,
                   void *data, struct lat_osc_router **out);
void
lat_osc_router_free(struct lat_osc_router *r);

/// The same peer?
bool
lat_osc_is_same_peer(const struct lat_osc_peer *a,
                     const struct lat_osc_peer *b);

/// Who the control is told makes a peer's edits.
struct lat_origin
lat_osc_peer_origin(const struct lat_osc_peer *peer);

/// What is left of a packet.
struct lat_osc_job;

/// Handle one packet of any bytes: do its edits, and begin to answer.
///
/// Edits that come one by one share a transaction, so that a thousand of them
/// cost one plan: the last ones and their answers wait for
/// lat_osc_router_flush().
/// @return NULL when it is done, or what is left of it: then @p packet must
///         live on until that is done or freed.
struct lat_osc_job *
lat_osc_router_begin(struct lat_osc_router *r, const void *packet, size_t size,
                     const struct lat_osc_peer *peer);

/// Answer on, one item after the other, while @p may_go_on says so (NULL: to
/// the end); it is asked after each.
/// @return true when the packet is answered: then the job is freed.
bool
lat_osc_job_go_on(struct lat_osc_job *job, bool (*may_go_on)(void *data),
                  void *data);

/// Give what is left of a bundle, whose time has come, to somebody who goes on
/// with it, and then frees @p memory.
/// @return false where he does not: then it is answered at once.
typedef bool (*lat_osc_leave_fn)(void *data, const struct lat_osc_peer *peer,
                                 struct lat_osc_job *job, void *memory);
void
lat_osc_router_leave(struct lat_osc_router *r, lat_osc_leave_fn leave,
                     void *data);

/// Drop what is left.  NULL does nothing.
void
lat_osc_job_free(struct lat_osc_job *job);

/// Begin a packet and answer it to the end.
void
lat_osc_router_handle(struct lat_osc_router *r, const void *packet, size_t size,
                      const struct lat_osc_peer *peer);

/// Nothing more is waiting to be handled: finish what was begun.  Call it
/// before anybody else uses control.
void
lat_osc_router_flush(struct lat_osc_router *r);

/// Tell all who sent /notify 1.
void
lat_osc_router_tell(struct lat_osc_router *r, const char *path,
                    const char *name, const char *text);

/// Tell whoever asked over OSC that it could not be had, as a /fail of the
/// setting.  @return whether anybody was told.
bool
lat_osc_router_unprepared(struct lat_osc_router *r,
                          const struct lat_unprepared *what);

/// What feedback, and nodes that send, ask of the sockets; each may be NULL.
struct lat_osc_net {
    /// Without it there is always room.
    enum lat_osc_room (*room)(void *data, const struct lat_osc_peer *peer);
    /// Find a host, and tell lat_osc_router_found() now, later or never.
    void (*find)(void *data, const char *host, const char *port, uint64_t line);
    /// Do we listen there?
    bool (*is_us)(void *data, const struct sockaddr_storage *address);
    void *data;
};

/// @param net  copied.
void
lat_osc_router_set_net(struct lat_osc_router *r, const struct lat_osc_net *net);

/// Say who lacks a datagram that cannot be sent there, at a bounded rate.
void
lat_osc_router_unsent(const struct lat_osc_router *r,
                      const struct sockaddr_storage *to, const char *why);

/// Is the host still looked for that was asked for with this number?
bool
lat_osc_router_seeks(const struct lat_osc_router *r, uint64_t line);

/// The host of a session's feedback, or of a node that sends, by the number
/// with which it was asked for.
void
lat_osc_router_found(struct lat_osc_router *r, uint64_t line,
                     const struct sockaddr_storage *address);

/// May packets be begun?  Where too much waits for the sound, not before the
/// next tick.
bool
lat_osc_router_has_room(const struct lat_osc_router *r);

/// Carry out bundles whose time has come, and send what waited for the sound.
void
lat_osc_router_tick(struct lat_osc_router *r);

/// When the next bundle's time comes, or feedback is to be sent, in
/// lat_now_ns(), or UINT64_MAX.
uint64_t
lat_osc_router_next_ns(const struct lat_osc_router *r);

/// The frame for which something waits, or UINT64_MAX.
uint64_t
lat_osc_router_awaited(const struct lat_osc_router *r);

#endif // LAT_OSC_ROUTER_H
