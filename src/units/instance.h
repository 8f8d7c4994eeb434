// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The audio side of a node and of a cable: what outlives plans.
///
/// The control thread makes an instance before the first plan that holds it,
/// and frees it when no plan that holds it is left.  In between only the audio
/// thread writes it, except for the fields marked otherwise.
#ifndef LAT_UNITS_INSTANCE_H
#define LAT_UNITS_INSTANCE_H

#include "bypass.h"
#include "config_data.h"
#include "node/layout.h"
#include "ramp.h"

#include <stdatomic.h>

/// State of up to LAT_LANES nodes of one kernel, interleaved: word w of lane k
/// is at words[w * LAT_LANES + k].  Shared by plans that keep the group.
struct lat_lane_block {
    uint32_t refs; ///< plans that use it; control only
    uint32_t n_words;
    uint64_t claimed_by;                      ///< scratch of the plan compiler
    struct lat_instance *occupant[LAT_LANES]; ///< of the newest plan; control
    _Alignas(LAT_ALIGNMENT) uint32_t words[];
};

struct lat_tap;

/// What a sender of MIDI holds at its port.  [audio]
struct lat_midi_held {
    uint64_t keys[16][2]; ///< that are down, a bit each, by channel
    uint64_t lost[16][2]; ///< that were when nobody carried it any more
    bool is_running;      ///< the receiver was started
    bool is_shut;         ///< nothing is sent any more
    uint64_t turn;        ///< scratch of the engine
};

/// What an instance does about its sleep in a plan.
enum lat_sleep_role {
    LAT_SLEEP_NEVER,
    LAT_SLEEP_FOLLOWS, ///< it sleeps while all that reads it does
    LAT_SLEEP_DECIDES, ///< it has an amplitude
};

struct lat_instance {
    const struct lat_node_type *type;
    const struct lat_layout *layout; ///< that it was made for; control only
    struct lat_config *config;       ///< immutable; replaced with a plan
    void *state;
    size_t state_bytes;
    uint64_t mute_until; ///< a fault: silent to this frame, then reset
    /// Kernel types: where the state words are now, `pitch` apart.
    uint32_t *home;
    /// Where they will be with the newest plan; control only.  NULL: `state`.
    struct lat_lane_block *block;
    uint64_t plan_mark; ///< control only: scratch of the plan compiler
    float **feedback;   ///< per output: ring of 2 * block frames, or NULL;
                        ///< NULL: none; control only, plans carry them
    uint16_t *slots;    ///< of the device channels
    struct lat_midi_held *held; ///< of a sender of MIDI, else NULL
    struct lat_bypass *bypass;  ///< from the first on, or NULL; plans carry it
    struct lat_ramp *fade;      ///< of what goes to a device; 1 but for dying
    struct lat_tap *taps;       ///< on its outputs (run/stream.h); audio only
    _Atomic float load_ns;      ///< running mean per span
    _Atomic uint32_t n_faults;
    uint32_t id;          ///< small, unique among those that exist
    uint16_t n_in, n_out; ///< ports, without device channels
    uint16_t n_slots;     ///< device channels, or one for MIDI
    uint8_t pitch;
    uint8_t lane; ///< of `block`
    bool needs_reset;
    bool is_idle; ///< of one that decides: its amplitude has been 0 for a cell
    bool is_zero; ///< the same, so far, in the present one
    /// Asleep when it was last run, or not run; back in its first frame's
    /// state.
    _Atomic bool is_asleep;
    bool may_sleep;    ///< control only: by its node and its type
    bool is_displaced; ///< control only: its state may be in any lane
    uint8_t
        sleep_role;  ///< control only: enum lat_sleep_role, in the newest plan
    bool is_live;    ///< control only: in the newest plan, not dying
    uint32_t n_taps; ///< that audio may hold; control only
    uint64_t since;  ///< frame of the first plan with it; control only
    /// Frame from which it is bypassed, or not; control only.
    uint64_t changed;
    /// As the layout has them: the value of an input, and behind it, of a
    /// signal input, the share of that value, 0 or 1.
    struct lat_ramp ramps[];
};

struct lat_shared_config;

/// The configurations that kernels have in common; zero-initialise.  It
/// outlives them.
struct lat_shared_configs {
    struct lat_shared_config *first;
};

/// What an instance is made of; everything is borrowed for the call but the
/// type and the layout, which live as long as the program.
struct lat_instance_options {
    const struct lat_node_type *type;
    const struct lat_layout *layout; ///< of these settings
    struct lat_layouts *layouts;     ///< where those of dealers are found
    uint32_t n_voices;               ///< of the node
    struct lat_tuned *tuned;         ///< of the session, or NULL
    const struct lat_setting_value *settings;
    const char *name; ///< the seed of its random numbers
    double rate;      ///< frames per second
    uint32_t block;   ///< frames of a quantum
    struct lat_shared_configs *shared;
    const struct lat_prepared_store *prepared; ///< of data, or NULL
    const struct lat_config *before; ///< that it takes the place of, or NULL
};

/// Make an instance whose inputs are all 0.  Slots are filled in by the caller,
/// who frees it with lat_instance_free().  [control]
/// @return LAT_OK, LAT_ENOMEM, or what the type's init returns.
enum lat_status
lat_instance_new(const struct lat_instance_options *options,
                 struct lat_instance **out);

/// Put input @p i at @p value, before the first plan with the instance.
/// @param is_patched  leads feed it: of a signal input, the value is not heard.
/// [control]
void
lat_instance_start_input(struct lat_instance *inst, uint32_t i, float value,
                         bool is_patched);

/// Free an instance that no plan holds, or do nothing if it is NULL.  [control]
void
lat_instance_free(struct lat_instance *inst);

/// A configuration alone, for an instance that keeps its state; owned by the
/// caller.  [control]
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_config_new(const struct lat_instance_options *options,
               struct lat_config **out);
void
lat_config_free(const struct lat_node_type *type, struct lat_config *config);

/// Give output @p port a feedback ring, if it has none.  [control]
enum lat_status
lat_instance_need_feedback(struct lat_instance *inst, uint32_t port);

/// Put @p state, which is the instance's or a copy, back to the first frame's.
/// [audio, worker]
LAT_RT void
lat_instance_reset(const struct lat_instance *inst,
                   const struct lat_config *config, void *state);

/// Put its state back to the first frame's, wherever that is kept.
/// [audio, worker]
LAT_RT void
lat_instance_start_anew(struct lat_instance *inst,
                        const struct lat_config *config);

/// Copy kernel state, of at most LAT_LANE_WORDS words, out of and into its
/// home. [audio, worker]
LAT_RT void
lat_instance_load(const struct lat_instance *inst, uint32_t *words);
LAT_RT void
lat_instance_store(struct lat_instance *inst, const uint32_t *words);

#endif // LAT_UNITS_INSTANCE_H
