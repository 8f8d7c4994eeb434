#!/bin/sh
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

# liblo-tools: oscsend makes a patch, oscdump hears, oscsendfile plays.  oscsend has
# no port to be answered at, so what comes back is what oscdump's is subscribed to.

say() {
    oscsend 127.0.0.1 "$LATTICE_PORT" "$@"
}

heard=$(mktemp) || exit 1
notes=$(mktemp) || exit 1
trap 'kill "$dump"; rm -f "$heard" "$notes"' EXIT
oscdump -L "$LATTICE_HEARS" >"$heard" &
dump=$!

# felt PATTERN: wait until oscdump has printed a line like it; print that line.
felt() {
    for _ in $(seq 200); do
        if grep -m 1 "$1" "$heard"; then
            return
        fi
        sleep 0.05
    done
    echo "FAILED: nothing like $1 is heard"
    exit 1
}

say /node/new sssfsfsfsf adsr tools attack 0 decay 0 sustain 1 release 0
say /connect ss tools main/in_1
say /subscribe sfi /status/engine/nodes 30 "$LATTICE_HEARS"
say /subscribe sfi /node/tools/decay 30 "$LATTICE_HEARS"
echo "NODES $(felt '/status/engine/nodes i 2')"
echo "FELT $(felt '/node/tools/decay f 0.0')"
echo "FELT $(felt '/node/tools/decay f 0.25')"
# Tags are seconds and 2^-32 of them in hex; oscsendfile counts from the first.
for k in $(seq 0 $((LATTICE_NOTES - 1))); do
    for ms in $((k * 125)):1 $((k * 125 + 60)):0; do
        printf '%08x.%08x /node/tools/gate f %s\n' $((1 + ${ms%:*} / 1000)) \
            $((${ms%:*} % 1000 * 4294967 + 1)) "${ms#*:}"
    done
done >"$notes"
oscsendfile 127.0.0.1 "$LATTICE_PORT" "$notes"
echo PLAYED
