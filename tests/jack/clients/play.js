// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// npm's osc: bundles with time tags from a script of node.
"use strict";
const osc = require("osc");

const port = new osc.UDPPort({
    localAddress: "127.0.0.1",
    localPort: 0,
    remoteAddress: "127.0.0.1",
    remotePort: Number(process.env.LATTICE_PORT),
    metadata: true,
});
const n = Number(process.env.LATTICE_NOTES);
let hasBegun = false;

function message(address, ...values) {
    const args = values.map((value) => ({
        type: typeof value === "string" ? "s" : "f",
        value,
    }));
    return { address, args };
}

function play(k, start) {
    const gate = (value, ms) => port.send({
        timeTag: osc.timeTag(0.2, start + ms),
        packets: [message("/node/js/gate", value)],
    });
    gate(1, k * 125);
    gate(0, k * 125 + 10);
    if (k + 1 < n) {
        setTimeout(play, start + (k + 1) * 125 - Date.now(), k + 1, start);
    } else {
        setTimeout(() => {
            console.log("PLAYED");
            port.close();
        }, 1000);
    }
}

port.on("message", (m) => {
    const value = m.args.length > 0 ? m.args[0].value : null;
    if (m.address === "/done") {
        console.log("HEARD", value);
    } else if (m.address === "/fail") {
        console.log("FAILED", JSON.stringify(m.args));
    } else if (m.address === "/synced") {
        console.log("SYNCED");
        port.send(message("/subscribe", "/node/js/decay", 30));
    } else if (m.address === "/node/js/decay") {
        console.log("FELT", value);
        if (value > 0.2 && !hasBegun) {
            hasBegun = true;
            play(0, Date.now());
        }
    }
});
port.on("error", (error) => console.log("FAILED", error.message));
port.on("ready", () => {
    port.send(message("/node/new", "adsr", "js", "attack", 0, "decay", 0,
                      "sustain", 1, "release", 0));
    port.send(message("/connect", "js", "main/in_1"));
    port.send(message("/sync", 5));
});
port.open();
