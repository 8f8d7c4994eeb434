// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ChucK: OscOut plays, OscIn hears.  An OscOut has no port to be answered at, so
// what comes back is what OscIn's port is subscribed to.
Std.atoi(Std.getenv("LATTICE_PORT")) => int port;
Std.atoi(Std.getenv("LATTICE_NOTES")) => int n;
Std.atoi(Std.getenv("LATTICE_HEARS")) => int hears;

OscOut out;
out.dest("127.0.0.1", port);
OscIn in;
hears => in.port;
in.addAddress("/node/chuck/decay, f");
in.addAddress("/status/engine/nodes, i");
OscMsg m;

fun void subscribe(string pattern)
{
    out.start("/subscribe").add(pattern).add(30.0).add(hears).send();
}

fun void set(string path, float value)
{
    out.start(path).add(value).send();
}

out.start("/node/new").add("adsr").add("chuck").add("attack").add(0.0);
out.add("decay").add(0.0).add("sustain").add(1.0).add("release").add(0.0);
out.send();
out.start("/connect").add("chuck").add("main/in_1").send();
subscribe("/status/engine/nodes");
subscribe("/node/chuck/decay");

0.0 => float felt;
while (felt < 0.2)
{
    in => now;
    while (in.recv(m))
    {
        if (m.address == "/status/engine/nodes")
        {
            <<< "NODES", m.getInt(0) >>>;
        }
        else
        {
            m.getFloat(0) => felt;
            <<< "FELT", felt >>>;
        }
    }
}
for (0 => int k; k < n; k++)
{
    set("/node/chuck/gate", 1.0);
    60::ms => now;
    set("/node/chuck/gate", 0.0);
    65::ms => now;
}
<<< "PLAYED", "" >>>;
500::ms => now;
