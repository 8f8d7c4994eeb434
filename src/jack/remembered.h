// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which connections our JACK ports should have, and which they have.
///
/// A **wire** is one connection of one of our ports.  It comes from a line of
/// the session's [jack] section, from the rule for the first audio_out, or from
/// someone's hand in a patchbay.  The module is told what the server shows (a
/// **view**) and answers with orders: connect this, disconnect that.  It knows
/// nothing of libjack, and all of it is [control].
///
/// * A wire of ours is made whenever both of its ends are there, also later.
/// * A wire that goes while both ends stay was taken out by the user: it is
///   forgotten.  A wire that goes with one of its ends is remembered, and made
///   again when that comes back, however late.
/// * What was connected when the server died is made again when it is back.
/// * `physical:N` is the N-th physical port of the server that fits.  Who is
///   connected to one stays with it while it is there.
/// * Ports of processes (NODE/PORT) are ours too.  To these nothing is
/// connected
///   before their cables are.
/// * A port whose wire was taken out by hand is to have none; a line says so
///   (`PORT -> nothing`) where the rule would connect it otherwise.
#ifndef LAT_JACK_REMEMBERED_H
#define LAT_JACK_REMEMBERED_H

#include "control/control.h"
#include "view.h"

/// The server may show a connection gone a little before it shows the port gone
/// that it led to; only after this time is it the user who took it out.
#define LAT_REMEMBERED_SETTLE_NS UINT64_C(300000000)

/// Until then look so often: a server need not tell when a client's ports go,
/// and they may be back soon.
#define LAT_REMEMBERED_LOOK_NS UINT64_C(40000000)

/// Our port for what comes in by MIDI.
#define LAT_MIDI_PORT "midi_in"

struct lat_remembered;

/// Carry out an order: from and to are CLIENT:PORT, or a port of ours.
typedef void (*lat_remembered_order_fn)(void *data, bool is_connect,
                                        const char *from, const char *to);

/// @param no_connect  make none, but keep the session's lines.
enum lat_status
lat_remembered_new(bool no_connect, struct lat_remembered **out);
void
lat_remembered_free(struct lat_remembered *w);

/// Our port @p own came to be.  Lines that name it become wires.
/// @param order  place among our ports, for the order of new lines.
void
lat_remembered_port_added(struct lat_remembered *w, const char *own,
                          uint32_t order, const struct lat_line *lines);
/// Our port @p own carries MIDI: physical ports are those for it.
void
lat_remembered_set_midi(struct lat_remembered *w, const char *own,
                        bool is_midi);
/// Connect every physical MIDI source to our port `midi_in` as it comes; such
/// connections are not saved.  One that is taken out stays out while its source
/// stays.
void
lat_remembered_connect_midi(struct lat_remembered *w);
/// Our port is gone for good, its wires with it.
void
lat_remembered_port_removed(struct lat_remembered *w, const char *own);
/// A port that wires of other ports lead to is gone for good; by itself nothing
/// takes its place.
void
lat_remembered_end_removed(struct lat_remembered *w, const char *own);
/// Does a wire lead to @p other?
bool
lat_remembered_leads_to(const struct lat_remembered *w, const char *other);
/// The only port that is connected to our port @p own; NULL where there is
/// none, or more.  Borrowed until the next change.
const char *
lat_remembered_only_end(const struct lat_remembered *w, const char *own);
/// Our port has another name; wires and @p lines follow.
void
lat_remembered_port_renamed(struct lat_remembered *w, const char *own,
                            const char *name, struct lat_line *lines);

/// Does a line name one of our ports as @p own?
bool
lat_remembered_in_lines(const struct lat_line *lines, const char *own);

/// Another session is in force: wires that were made for the last one are
/// marked, and all of a port that is to have none; those of @p lines and
/// lat_remembered_add_default() are unmarked again, and the next update takes
/// out what is still marked.  Lines that make no sense are logged.
void
lat_remembered_load(struct lat_remembered *w, const struct lat_line *lines);

/// Add a wire to the N-th physical playback port, as the rule wants it, or take
/// it out again.
void
lat_remembered_add_default(struct lat_remembered *w, const char *own,
                           uint32_t n);
void
lat_remembered_drop_default(struct lat_remembered *w, const char *own,
                            uint32_t n);

/// Does the rule stand for our port @p own?  It does not, until told so.
void
lat_remembered_set_ruled(struct lat_remembered *w, const char *own,
                         bool is_ruled);

/// Has the node of our port @p own been freed, so that it only fades out?  Then
/// nothing of it is saved.
void
lat_remembered_set_leaving(struct lat_remembered *w, const char *own,
                           bool is_leaving);

/// The rule has come to stand for our output @p own, which was there before:
/// where it has no connection it goes on without.
void
lat_remembered_leave_alone(struct lat_remembered *w, const char *own);

/// Does the user want no connection of our output @p own?  It may have one
/// after all.
bool
lat_remembered_is_refused(const struct lat_remembered *w, const char *own);

/// Compare with what the server shows and give orders.
///
/// @return true when a wire has gone and it is not clear yet why: look again in
///         LAT_REMEMBERED_LOOK_NS.
bool
lat_remembered_update(struct lat_remembered *w,
                      const struct lat_jack_view *view, uint64_t now_ns,
                      lat_remembered_order_fn order, void *data);

/// Log one line for each wire of ours that waits for an absent end.
void
lat_remembered_warn(const struct lat_remembered *w);

/// The server is gone: what was present is to come back.
void
lat_remembered_lost(struct lat_remembered *w, uint64_t now_ns);

/// Rewrite @p lines from the wires.  Lines that still hold stay as they are,
/// with their comments; so do lines whose other end is absent.
/// @return LAT_OK or LAT_ENOMEM; lines are whole in both cases.
enum lat_status
lat_remembered_collect(struct lat_remembered *w, struct lat_line **lines);

/// A number that stays as long as lat_remembered_collect() would write the same
/// connections.  It says nothing while lat_remembered_update() is not sure.
uint64_t
lat_remembered_digest(struct lat_remembered *w);

#endif // LAT_JACK_REMEMBERED_H
