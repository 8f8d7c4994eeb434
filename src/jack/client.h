// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The JACK client: heartbeat, ports, connections, transport, MIDI.
///
/// Ports follow the engine's slots.  When the server goes, the graph and OSC
/// stay; reopening under the same name is tried every second, and ports and
/// connections come back.
///
/// All functions are [control], and none waits for the server longer than it
/// says.
#ifndef LAT_JACK_CLIENT_H
#define LAT_JACK_CLIENT_H

#include "control/control.h"
#include "link.h"

struct lat_jack;

struct lat_jack_options {
    const char *name;            ///< client name, "lattice"
    const char *server;          ///< or NULL
    bool no_connect;             ///< make no connections of our own
    bool connects_midi;          ///< every physical source to our MIDI input
    bool has_meters;             ///< measure peaks for lat_jack_take_peak()
    int cpu;                     ///< to pin the audio thread to, or -1
    const struct lat_bell *bell; ///< see lat_link_options; or NULL

    // Of a node's process:
    bool is_exact_name; ///< fail where the name is taken
    bool is_clocked;    ///< its MIDI input is a clock, which it follows
    struct lat_process_page *page; ///< of who started it, or NULL

    /// Is the program told to end?  Then lat_jack_open() does not wait for
    /// long. NULL: never.
    bool (*is_ending)(void);

    /// Asked at every tick before the engine runs for the first time: may it?
    /// NULL: yes.
    bool (*may_play)(void *data);

    /// Told by lat_jack_tick() when lat_jack_note() would write other lines
    /// than before: somebody connected or disconnected something, or a device
    /// came that the session has to do with.  Not when a session is loaded, nor
    /// when the server or another program comes or goes.  NULL: nobody is told.
    void (*connections_changed)(void *data);
    void *data;
};

struct lat_jack_status {
    bool is_open;      ///< the server is there, and the engine runs
    bool is_ready;     ///< the same, or it waits for may_play()
    uint64_t n_cycles; ///< of the present link
    bool is_realtime;
    bool is_freewheeling;
    char name[256]; ///< as the server gave it
    uint32_t rate, period;
    uint64_t n_xruns;
    double xrun_delay_us;       ///< JACK's figure for the last one
    uint64_t engine_ns_at_xrun; ///< the engine's own time in that cycle
    double cpu_load;            ///< jack_cpu_load(), 0..100

    // Of the last time that the server was lost:
    uint32_t n_losses;
    const char *lost_why; ///< borrowed, stays; NULL: it never was
    uint64_t lost_s;      ///< when: seconds since 1970
    double away_s;        ///< how long until the sound was back, or till now
};

/// Open the client; no server is started.  Waits up to 10 seconds.
///
/// @param options  Strings are borrowed until lat_jack_close().
/// @return LAT_OK, LAT_EINVAL or LAT_EEXIST for the name, LAT_ENOMEM, or
///         LAT_ESYSTEM with a message that says what to start.
enum lat_status
lat_jack_open(const struct lat_jack_options *options, struct lat_jack **out,
              struct lat_error *error);

/// Rate of the server that lat_jack_open() found; the caller makes control run
/// at it before lat_jack_start().
uint32_t
lat_jack_rate(const struct lat_jack *j);

/// Register ports, activate, make the session's connections, and only then let
/// the engine run: the first frame of a session is heard.  Waits up to 10
/// seconds.
///
/// @param control  must outlive @p j, which listens to its changes.
enum lat_status
lat_jack_start(struct lat_jack *j, struct lat_control *control,
               struct lat_error *error);

/// Port changes, connections, loss of the server, reopening.  Never waits.
/// Call it when lat_jack_next_ns() says so, and when the bell rings.
void
lat_jack_tick(struct lat_jack *j);

/// When lat_jack_tick() has something to do that the bell does not tell, in
/// lat_now_ns().
uint64_t
lat_jack_next_ns(const struct lat_jack *j);

/// Go on as another client: the present one is closed, and one called @p name
/// opened at once, with the ports and connections of before.  Nothing of it is
/// counted as a loss of the server.  Never waits.
///
/// Names of processes are lat_processes_set_prefix()'s.
///
/// @param name  copied.
/// @return LAT_OK, also where it is the name already, or LAT_EINVAL for a name
///         that cannot be one.
enum lat_status
lat_jack_reopen_as(struct lat_jack *j, const char *name);

/// Cables that are JACK connections, and what to say of the ports of processes:
/// see lat_link_want_cables().  They come back with the server.  What @p cables
/// holds becomes the client's.
void
lat_jack_want_cables(struct lat_jack *j, struct lat_cable_plan *cables);
/// Are all of them there?
bool
lat_jack_has_cables(const struct lat_jack *j);

/// Give processes the engine's time through a port `clock`, or not.
void
lat_jack_want_clock(struct lat_jack *j, bool is_wanted);

/// Is something connected to the port of a slot?  A little late.
bool
lat_jack_is_connected(const struct lat_jack *j, uint32_t slot);

/// Replace document->jack by the present connections of our ports; those to
/// clients that are absent are kept.  Waits up to half a second.
void
lat_jack_collect(struct lat_jack *j);

/// The same from what was last seen of the server; never waits.  What somebody
/// did less than half a second ago may be missing, and is told of when it is
/// seen.
void
lat_jack_note(struct lat_jack *j);

void
lat_jack_status(const struct lat_jack *j, struct lat_jack_status *out);

/// The port that is connected to our MIDI input: written where it is the only
/// one, so that what comes is known to be of it, else "".  A little late.
void
lat_jack_midi_source(const struct lat_jack *j, char *out, size_t size);

/// Linear peak of a slot since the last call.
float
lat_jack_take_peak(struct lat_jack *j, uint32_t slot);

/// Close within two seconds, whatever the server does.  After this, control may
/// only be freed.
///
/// @return false when libjack did not come back: then end the program with
///         _exit(), since libjack's own clean-up may hang as well.
bool
lat_jack_close(struct lat_jack *j);

#endif // LAT_JACK_CLIENT_H
