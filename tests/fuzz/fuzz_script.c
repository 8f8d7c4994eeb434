// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as a script or a score for `lattice send --file`.  What is refused
// says where; what is taken is bundles that can be read, with times that do not
// go back within a run.

#include "osc/packet.h"
#include "osc/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_step(const struct lat_osc_step *step, const struct lat_osc_step *before)
{
    struct lat_osc_bundle bundle;
    must(!step->is_timed || step->at_s >= 0.0);
    must(!step->is_timed || !before || !before->is_timed ||
         step->at_s >= before->at_s);
    if (!step->packet) {
        must(step->n_words > 0 && step->words[0][0] == '/');
        return;
    }
    must(lat_osc_bundle_read(&bundle, step->packet, step->size, NULL) ==
         LAT_OK);
    must(step->n_lines == 0 || step->n_lines == bundle.n_messages);
    lat_osc_bundle_fini(&bundle);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lat_osc_script script = {0};
    struct lat_error error;
    if (lat_osc_script_read("f", data, size, &script, &error)) {
        must(strncmp(error.text, "f:", 2) == 0);
        return 0;
    }
    for (uint32_t i = 0; i < script.n; ++i) {
        check_step(&script.steps[i], i > 0 ? &script.steps[i - 1] : NULL);
    }
    lat_osc_script_fini(&script);
    return 0;
}
