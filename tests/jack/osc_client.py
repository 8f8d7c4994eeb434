# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small OSC client for tests: UDP, and TCP with either framing.

    osc = Osc(9000)                        # or Osc(9000, "tcp"), "slip"
    osc.done("/node/new", "sine", "lfo")   # raises OscError on /fail
    osc.ask("/node/lfo/freq")              # -> 261.6256...
    osc.list("/graph/nodes")               # -> [["lfo", "sine"]]
    osc.sync()                             # all of it is in the sound

Python numbers and strings become i, f and s; Arg("d", 1.5) says the type.
"""

import itertools
import socket
import struct
import time

IMMEDIATELY = 1
_END, _ESC = b"\xc0", b"\xdb"


class OscError(Exception):
    """A /fail: its arguments are in args."""


class Arg:
    """An argument of a given type: Arg("d", 0.5), Arg("N")."""

    def __init__(self, tag, value=None):
        self.tag, self.value = tag, value


def _text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return raw + b"\0" * (4 - len(raw) % 4)


def _blob(value):
    return struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)


_PACK = {
    "i": lambda v: struct.pack(">i", v),
    "h": lambda v: struct.pack(">q", v),
    "f": lambda v: struct.pack(">f", v),
    "d": lambda v: struct.pack(">d", v),
    "t": lambda v: struct.pack(">Q", v),
    "s": _text,
    "S": _text,
    "b": _blob,
}


def _as_arg(value):
    if isinstance(value, Arg):
        return value
    if isinstance(value, bool):
        return Arg("T" if value else "F")
    if isinstance(value, int):
        return Arg("i" if -(2**31) <= value < 2**31 else "h", value)
    if isinstance(value, float):
        return Arg("f", value)
    if isinstance(value, bytes):
        return Arg("b", value)
    return Arg("s", value)


def message(path, *values):
    """A message as bytes."""
    args = [_as_arg(v) for v in values]
    body = b"".join(_PACK[a.tag](a.value) for a in args if a.tag in _PACK)
    return _text(path) + _text("," + "".join(a.tag for a in args)) + body


def bundle(*messages, time_tag=IMMEDIATELY):
    """A bundle as bytes, of messages or bundles as bytes."""
    return b"#bundle\0" + struct.pack(">Q", time_tag) + b"".join(
        struct.pack(">i", len(m)) + m for m in messages)


def ntp(unix_seconds):
    """The time tag of a time in seconds as time.time() gives it."""
    return int((unix_seconds + 2208988800) * 2**32)


def _read_text(data, at):
    end = data.index(b"\0", at)
    return data[at:end].decode(errors="replace"), end + 4 - (end - at) % 4


def parse(data):
    """Messages of a packet, those of bundles too: [(path, [value...])...]"""
    if data.startswith(b"#bundle\0"):
        found, at = [], 16
        while at < len(data):
            (size,) = struct.unpack_from(">i", data, at)
            found += parse(data[at + 4:at + 4 + size])
            at += 4 + size
        return found
    path, at = _read_text(data, 0)
    tags, at = _read_text(data, at) if at < len(data) else (",", at)
    values = []
    for tag in tags[1:]:
        if tag in "sS":
            value, at = _read_text(data, at)
        elif tag == "b":
            (size,) = struct.unpack_from(">i", data, at)
            value = data[at + 4:at + 4 + size]
            at += 4 + size + -size % 4
        elif tag in "ihfdt":
            form = ">" + {"h": "q", "t": "Q"}.get(tag, tag)
            (value,) = struct.unpack_from(form, data, at)
            at += struct.calcsize(form)
        else:
            value = {"T": True, "F": False}.get(tag)
        values.append(value)
    return [(path, values)]


def slip(packet, double=True):
    """A packet in a SLIP frame."""
    body = packet.replace(_ESC, b"\xdb\xdd").replace(_END, b"\xdb\xdc")
    return (_END if double else b"") + body + _END


class Osc:
    """A connection to a server; transport: udp, tcp, slip or slip1 (TCP with
    double- and single-ended SLIP)."""

    def __init__(self, port=9000, transport="udp", host="127.0.0.1",
                 timeout=5.0):
        self.transport, self.timeout = transport, timeout
        self.address = (host, port)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if transport == "udp":
            self.socket = socket.socket(family, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   4 << 20)
            self.socket.bind(("::" if ":" in host else "", 0))
        else:
            self.socket = socket.create_connection(self.address, timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.waiting, self.stream = [], b""
        self._ids = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # Raw.

    def send_packet(self, packet):
        """Send bytes as one packet."""
        if self.transport == "udp":
            self.socket.sendto(packet, self.address)
        elif self.transport == "tcp":
            self.socket.sendall(struct.pack(">I", len(packet)) + packet)
        else:
            self.socket.sendall(slip(packet, self.transport == "slip"))

    def send(self, path, *values):
        self.send_packet(message(path, *values))

    def send_bundle(self, *messages, time_tag=IMMEDIATELY):
        """Send tuples (PATH, VALUE...) as one bundle."""
        self.send_packet(bundle(*(message(*m) for m in messages),
                                time_tag=time_tag))

    def _packets(self):
        if self.transport == "udp":
            return [self.socket.recv(65536)]
        read = self.socket.recv(65536)
        if not read:
            raise ConnectionError("the server closed the connection")
        self.stream += read
        packets = []
        if self.transport == "tcp":
            while len(self.stream) >= 4:
                (size,) = struct.unpack_from(">I", self.stream)
                if len(self.stream) < 4 + size:
                    break
                packets.append(self.stream[4:4 + size])
                self.stream = self.stream[4 + size:]
            return packets
        *frames, self.stream = self.stream.split(_END)
        return [f.replace(b"\xdb\xdc", _END).replace(b"\xdb\xdd", _ESC)
                for f in frames if f]

    def receive(self, timeout=None):
        """The next message as (path, [value...]); TimeoutError if none."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not self.waiting:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer")
            self.socket.settimeout(left)
            try:
                packets = self._packets()
            except socket.timeout as late:
                raise TimeoutError("no answer") from late
            for packet in packets:
                self.waiting += parse(packet)
        return self.waiting.pop(0)

    def drain(self, quiet=0.05):
        """All messages until none comes for a while."""
        found = []
        while True:
            try:
                found.append(self.receive(quiet))
            except TimeoutError:
                return found

    # Requests.

    def _until(self, is_end):
        """Messages up to the one that ends an answer; raises on /fail."""
        found = []
        while True:
            path, values = self.receive()
            if path == "/fail":
                raise OscError(*values)
            found.append((path, values))
            if is_end(path, values):
                return found

    def done(self, path, *values):
        """Send, wait for /done, return its arguments after the path."""
        self.send(path, *values)
        found = self._until(lambda p, v: p == "/done" and v[0] == path)
        return found[-1][1][1:]

    def done_bundle(self, *messages, time_tag=IMMEDIATELY):
        """Send a bundle, wait for its /done, return what came before."""
        self.send_bundle(*messages, time_tag=time_tag)
        return self._until(
            lambda p, v: p == "/done" and v[0] == "/bundle")[:-1]

    def ask(self, path, *values):
        """Send a question; the value, or the values if there are several."""
        replies = {"/status": "/status.reply", "/ping": "/pong",
                   "/version": "/version.reply"}
        wanted = replies.get(path, path)
        self.send(path, *values)
        answer = self._until(lambda p, v: p == wanted)[-1][1]
        return answer[0] if len(answer) == 1 else answer

    def list(self, path, *values):
        """The items of a list, each a list of values."""
        self.send(path, *values)
        found = self._until(lambda p, v: p == "/done" and v[0] == path)
        items = [v for p, v in found if p == path]
        count = found[-1][1][1]
        if count != len(items):
            raise OscError(path, f"{len(items)} of {count} items arrived")
        return items

    def fail(self, path, *values):
        """Send what must be refused; the text of its /fail."""
        try:
            self.send(path, *values)
            self.send("/ping")
            answer = self._until(lambda p, v: p == "/pong")
        except OscError as failure:
            self._until(lambda p, v: p == "/pong")
            return failure.args[1]
        raise AssertionError(f"{path} {values} was not refused: {answer}")

    def sync(self):
        """Wait until everything sent before is in the sound."""
        number = next(self._ids)
        self.send("/sync", number)
        self._until(lambda p, v: p == "/synced" and v == [number])
