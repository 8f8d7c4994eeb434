# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""lattice under a session manager, which is played here: what it announces, when
its JACK client is there and what it is called, what it opens, saves, refuses."""

import glob
import os
import re
import shutil
import signal
import socket

import harness
import osc_client
from harness import Jackd, Lattice, check, tool, wait_until
from osc_client import Osc

ANNOUNCE = "/nsm/server/announce"
OPEN = "/nsm/client/open"
SAVE = "/nsm/client/save"

VOICE = """[session]
format = 1

[node voice]
type = saw
freq = 110

[node main]
type = audio_out
channels = 1

[cables]
cable = voice -> main
"""

APART = """[session]
format = 1

[node far]
type = sine
process = own

[node main]
type = audio_out
channels = 1

[cables]
cable = far -> main
"""


class Manager:
    """The server's side, by hand."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.client = None
        self.told = []  # all that came, in its order

    def take(self, seconds):
        """The next message, or None."""
        self.socket.settimeout(seconds)
        try:
            data, self.client = self.socket.recvfrom(65536)
        except (TimeoutError, socket.timeout):
            return None
        message = osc_client.parse(data)[0]
        self.told.append(message)
        return message

    def take_all(self, seconds=0.3):
        """What comes until nothing does for a while."""
        first = len(self.told)
        while self.take(seconds):
            pass
        return self.told[first:]

    def wait_for(self, path, first=None, seconds=15):
        """The arguments of a message whose first one is `first`, or None."""
        found = None

        def come():
            nonlocal found
            message = self.take(0.2)
            if message and message[0] == path and (
                    first is None or message[1][0] == first):
                found = message[1]
            return found is not None
        wait_until(come, seconds)
        return found

    def send(self, path, *values):
        self.socket.sendto(osc_client.message(path, *values), self.client)

    def answer_of(self, request, seconds=20):
        """("/reply", text) or ("/error", code)."""
        found = None

        def come():
            nonlocal found
            message = self.take(0.2)
            if message and message[0] in ("/reply", "/error") and \
                    message[1][0] == request:
                found = (message[0], message[1][1])
            return found
        wait_until(come, seconds)
        return found

    def accept(self):
        """Take the client's announcement and welcome it."""
        announced = self.wait_for(ANNOUNCE)
        self.send("/reply", ANNOUNCE, "Welcome.", "A script",
                  ":server-control:broadcast:optional-gui:")
        return announced

    def open(self, path, client_id, name="demo"):
        self.send(OPEN, path, name, client_id)
        return self.answer_of(OPEN)

    def save(self):
        self.send(SAVE)
        return self.answer_of(SAVE)

    def close(self):
        self.socket.close()


class Managed(harness.Child):
    """`lattice run` as a manager launches it."""

    def __init__(self, url, *options, program=None):
        os.environ["NSM_URL"] = url
        try:
            super().__init__("managed", [
                program or Lattice.program, "run", "--osc-port", "0",
                "--session-dir", harness.path("sessions"), *options])
        finally:
            del os.environ["NSM_URL"]
        self.osc = None

    def connect(self):
        """A connection to its OSC server, once it plays."""
        match = self.wait_for(r"playing (\S+) at .*OSC on 127\.0\.0\.1:(\d+)",
                              40)
        if not match:
            raise RuntimeError("lattice does not play:\n" + self.log())
        self.osc = Osc(int(match[2]))
        return self.osc

    def stop(self, number=signal.SIGTERM, seconds=10):
        if self.osc:
            self.osc.close()
            self.osc = None
        return super().stop(number, seconds)


def clients():
    """The clients that have ports."""
    return sorted({line.split(":")[0] for line in
                   (tool("jack_lsp") or "").split("\n") if line} - {"system"})


def has_client(name):
    return wait_until(lambda: name in clients(), 10)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def project(name, text=None):
    """A folder for a project, which is there only with a session."""
    folder = harness.path(os.path.join("projects", name))
    if text is not None:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "session.ini"), "w",
                  encoding="utf-8") as file:
            file.write(text)
    return folder


def begin(*options, host="127.0.0.1"):
    """A manager that has taken a client, and that client."""
    manager = Manager()
    lattice = Managed(f"osc.udp://{host}:{manager.port}/", *options)
    manager.accept()
    return manager, lattice


def end(manager, lattice):
    check(lattice.stop(seconds=5) == 0, "SIGTERM ends it, in time")
    manager.close()


def nodes(osc):
    return sorted(row[0] for row in osc.list("/graph/nodes"))


# --- The tests -------------------------------------------------------------------


def announces():
    manager = Manager()
    lattice = Managed(f"osc.udp://localhost:{manager.port}/")
    said = manager.accept()
    check(said == ["Lattice", ":switch:dirty:progress:message:",
                   Lattice.program, 1, 1, lattice.process.pid],
          f"it announces itself: {said}")
    said = manager.take_all(0.5)
    check(said == [] and clients() == [],
          f"nothing is said and no JACK client is there before open: {said}")
    check(manager.open(project("first"), "Lattice.nABCD") ==
          ("/reply", "OK"), "an empty project is created")
    check(clients() == ["Lattice.nABCD"],
          f"the JACK client is called as the manager says: {clients()}")
    progress = [v[0] for p, v in manager.told if p == "/nsm/client/progress"]
    check(progress[0] == 0 and progress[-1] == 1 and
          progress == sorted(progress), f"progress is told: {progress}")
    labels = [v[0] for p, v in manager.told if p == "/nsm/client/label"]
    check(labels and labels[-1] == "0 nodes", f"a label is told: {labels}")
    check(("/nsm/client/is_clean", []) in manager.told, "it is clean")
    # Whatever else may come is no harm.
    manager.send("/nsm/client/session_is_loaded")
    manager.send("/nsm/client/show_optional_gui")
    manager.send("/reply", ANNOUNCE, "again", "x", "y")
    manager.send(OPEN, 3)
    check(manager.answer_of(OPEN) == ("/error", -1),
          "an open without a path is refused")
    check(nodes(lattice.connect()) == [], "it goes on")
    end(manager, lattice)


def saves_and_loads():
    folder = project("second")
    manager, lattice = begin()
    check(manager.save() == ("/error", -6),
          "nothing is saved before a project is open")
    manager.open(folder, "Lattice.nSAVE")
    check(os.listdir(folder) == [], "the folder is there, no file yet")
    osc = lattice.connect()
    manager.take_all()
    osc.done("/node/new", "saw", "voice")
    check(manager.wait_for("/nsm/client/is_dirty") == [],
          "it is dirty when something was changed")
    osc.done("/node/new", "audio_out", "main", "channels", 1)
    osc.done("/connect", "voice", "main")
    check(not any(p == "/nsm/client/is_dirty" for p, _ in manager.take_all()),
          "and says so once")
    check(manager.save() == ("/reply", "OK"), "it saves")
    check(manager.told[-2][0] != "/nsm/client/is_dirty" and
          ("/nsm/client/is_clean", []) in manager.told[-4:],
          "and is clean then")
    first = read(os.path.join(folder, "session.ini"))
    check("[node voice]" in first, "into session.ini of the project")
    osc.send("/node/voice/freq", 220)
    check(manager.wait_for("/nsm/client/is_dirty") == [], "dirty again")
    lattice.process.send_signal(signal.SIGUSR1)
    check(manager.wait_for("/nsm/client/is_clean") == [],
          "SIGUSR1 saves the manager's file")
    check("freq = 220" in read(os.path.join(folder, "session.ini")),
          "with what was changed")
    osc.send("/node/voice/freq", 110)
    manager.wait_for("/nsm/client/is_dirty")
    osc.done("/session/save")
    check(manager.wait_for("/nsm/client/is_clean") == [],
          "and so does /session/save")
    saved = read(os.path.join(folder, "session.ini"))
    osc.send("/node/voice/freq", 330)
    osc.sync()
    end(manager, lattice)
    check(read(os.path.join(folder, "session.ini")) == saved,
          "ending saves nothing")

    manager, lattice = begin()
    check(manager.open(folder, "Lattice.nSAVE") == ("/reply", "OK"),
          "the project opens again")
    osc = lattice.connect()
    check(nodes(osc) == ["main", "voice"] and
          osc.ask("/node/voice/freq") == 110, "as it was saved")
    manager.save()
    check(read(os.path.join(folder, "session.ini")) == saved,
          "load, save: the same bytes")
    end(manager, lattice)


def refuses(osc, *message):
    said = osc.fail(*message)
    print(" ".join(message), "->", said)
    return "session manager" in said


def keeps_to_its_project():
    folder = project("third", VOICE)
    harness.write("other.ini", VOICE)
    os.makedirs(harness.path("sessions"), exist_ok=True)
    with open(harness.path("sessions/part.ini"), "w", encoding="utf-8") as file:
        file.write(VOICE)
    manager, lattice = begin(harness.path("other.ini"))
    manager.open(folder, "Lattice.nKEEP")
    osc = lattice.connect()
    check("other.ini is not loaded: the session manager" in lattice.log(),
          "a session on the command line is ignored, and that is said")
    check(refuses(osc, "/session/save", "elsewhere") and
          refuses(osc, "/session/save", "elsewhere", "overwrite") and
          not os.path.exists(harness.path("sessions/elsewhere.ini")),
          "saving under another name is refused")
    check(refuses(osc, "/session/load", "part") and
          refuses(osc, "/session/load", "autosave") and
          nodes(osc) == ["main", "voice"], "loading is refused")
    osc.done("/session/import", "part", "p")
    check(nodes(osc) == ["main", "p.main", "p.voice", "voice"],
          "importing is not")
    manager.take_all()
    before = read(os.path.join(folder, "session.ini"))
    osc.done("/session/new")
    check(nodes(osc) == [] and
          read(os.path.join(folder, "session.ini")) == before,
          "/session/new empties it, and saves nothing")
    check(osc.ask("/session/status") == ["session", 1],
          "it is the same session, and changed")
    osc.done("/session/save")
    check("[node" not in read(os.path.join(folder, "session.ini")),
          "and is the one that is saved")
    end(manager, lattice)
    manager, lattice = begin("--empty")
    manager.open(project("third", VOICE), "Lattice.nKEEP")
    check(nodes(lattice.connect()) == ["main", "voice"] and
          "--empty is ignored" in lattice.log(),
          "--empty is ignored, and that is said")
    end(manager, lattice)


def restores_no_autosave():
    lattice = Managed("", "--empty", "--jack-name", "Lattice.nAUTO")
    osc = lattice.connect()
    osc.done("/node/new", "sine", "left_over")
    lattice.stop()
    manager, lattice = begin()
    manager.open(project("auto"), "Lattice.nAUTO")
    check(nodes(lattice.connect()) == [], "no autosave is restored")
    end(manager, lattice)


def switches():
    manager, lattice = begin()
    manager.open(project("one", VOICE), "Lattice.nONE")
    osc = lattice.connect()
    two = VOICE.replace("voice", "other")
    check(manager.open(project("two", two), "Lattice.nTWO") == ("/reply", "OK"),
          "another project is opened")
    check(clients() == ["Lattice.nTWO"],
          f"the JACK client has its new name then: {clients()}")
    check(nodes(osc) == ["main", "other"], "and the other project's nodes")
    check("Lattice.nTWO:main_1" in tool("jack_lsp", "-c") and
          "system:playback_1" in tool("jack_lsp", "-c", "Lattice.nTWO"),
          "and it is connected")
    osc.done("/node/new", "sine", "more")
    check(manager.save() == ("/reply", "OK") and
          "more" in read(project("two") + "/session.ini") and
          read(project("one") + "/session.ini") == VOICE,
          "what is saved is the one that is open")
    # The second comes while the first is on its way.
    manager.send(OPEN, project("one"), "demo", "Lattice.nONE")
    manager.send(OPEN, project("two"), "demo", "Lattice.nTWO")
    check(manager.answer_of(OPEN) == ("/reply", "OK") and
          manager.answer_of(OPEN) == ("/reply", "OK"),
          "two opens in a row are both done")
    check(clients() == ["Lattice.nTWO"] and
          nodes(osc) == ["main", "more", "other"], "the last one counts")
    end(manager, lattice)


def names_processes():
    manager, lattice = begin()
    manager.open(project("apart", APART), "Lattice.nAPART")
    check(has_client("Lattice.nAPART/far"),
          f"processes are called CLIENT_ID/NAME: {clients()}")
    check(manager.open(project("apart2", APART), "Lattice.nTHEN") ==
          ("/reply", "OK") and has_client("Lattice.nTHEN/far") and
          wait_until(lambda: clients() == ["Lattice.nTHEN",
                                           "Lattice.nTHEN/far"]),
          f"and follow: {clients()}")
    end(manager, lattice)


def survives_what_is_wrong():
    good = project("good", VOICE)
    bad = project("bad", VOICE + "level = x\n[node\n")
    blocked = harness.write("a_file", "") + "/project"
    manager, lattice = begin()
    check(manager.open(bad, "Lattice.nBAD") == ("/error", -9),
          "a corrupt project is refused")
    said = [v for p, v in manager.told if p == "/nsm/client/message"]
    check(said and said[-1][0] == 3 and "session.ini:" in said[-1][1],
          f"with the line that is wrong: {said}")
    check(clients() == [] and lattice.is_alive(), "without a JACK client")
    check(manager.open(blocked, "Lattice.nBAD") == ("/error", -10),
          "a project that cannot be created is refused")
    check(manager.open(good, "Lattice.nGOOD") == ("/reply", "OK"),
          "a later open works")
    osc = lattice.connect()
    check(manager.open(bad, "Lattice.nBAD") == ("/error", -9) and
          nodes(osc) == ["main", "voice"] and has_client("Lattice.nGOOD"),
          "while another is open, it goes on playing")
    check(manager.save() == ("/error", -6) and
          read(bad + "/session.ini").endswith("[node\n"),
          "and nothing is saved over anything")
    check(manager.open(good, "Lattice.n" + "x" * 200) == ("/error", -1),
          "a name that JACK cannot have is refused")
    check(manager.open(good, "Lattice.nGOOD") == ("/reply", "OK"),
          "a later open works then, too")
    if os.geteuid() == 0:
        # Root writes everywhere, but not where a folder is.
        os.remove(good + "/session.ini")
        os.makedirs(good + "/session.ini")
    else:
        os.chmod(good, 0o500)
    check(manager.save() == ("/error", -1), "a save that fails is told")
    said = [v for p, v in manager.told if p == "/nsm/client/message"]
    check(said[-1][0] == 3 and "cannot write" in said[-1][1],
          f"and why: {said[-1]}")
    check(nodes(osc) == ["main", "voice"], "it plays on")
    os.chmod(good, 0o700)
    manager.close()
    osc.done("/node/new", "sine", "alone")
    check(nodes(osc) == ["alone", "main", "voice"],
          "a manager that is gone is no harm")
    check(lattice.stop(seconds=5) == 0, "nor at the end")


def shares_a_machine():
    """Nobody tells them ports, and names are the manager's to keep apart."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    manager, lattice = begin("--osc-port", str(taken.getsockname()[1]))
    check(manager.open(project("here", VOICE), "Lattice.nHERE") ==
          ("/reply", "OK") and nodes(lattice.connect()) == ["main", "voice"] and
          "another port is used" in lattice.log(),
          "where the OSC port is taken another is used")
    other, second = begin()
    check(other.open(project("there", VOICE), "Lattice.nHERE") ==
          ("/error", -1) and clients() == ["Lattice.nHERE"],
          "a name that another client has is no name")
    check(other.open(project("there", VOICE), "Lattice.nTHERE") ==
          ("/reply", "OK") and
          clients() == ["Lattice.nHERE", "Lattice.nTHERE"],
          "with one of its own it opens")
    end(other, second)
    end(manager, lattice)
    taken.close()


def outlives_its_server(server):
    manager, lattice = begin()
    manager.open(project("one", VOICE), "Lattice.nONE")
    osc = lattice.connect()
    server.stop(signal.SIGKILL)
    lattice.wait_for("no sound until a server is there")
    check(manager.open(project("dead", VOICE), "Lattice.nDEAD", "demo") ==
          ("/error", -1), "without a server a switch fails, after a while")
    osc.done("/node/new", "sine", "meanwhile")
    check(manager.save() == ("/reply", "OK") and
          "meanwhile" in read(project("dead") + "/session.ini"),
          "but the project is there, and is saved")
    Jackd(256)
    check(has_client("Lattice.nDEAD"),
          "and the client, as soon as the server is back")
    end(manager, lattice)


def runs_without():
    """Every way of having no manager ends in a run as ever."""
    mute, stern = Manager(), Manager()
    urls = {
        "no url": "is 'no url', not osc.udp://HOST:PORT/",
        "osc.tcp://127.0.0.1:9/": "not osc.udp://HOST:PORT/",
        "osc.udp://no.such.host.invalid:99/": "no session manager",
        f"osc.udp://127.0.0.1:{mute.port}/": "no session manager answers",
    }
    children = [(Managed(url, "--empty", "--jack-name", f"none_{i}"), said)
                for i, (url, said) in enumerate(urls.items())]
    lattice = Managed(f"osc.udp://127.0.0.1:{stern.port}/", "--empty",
                      "--jack-name", "none_at_all")
    stern.wait_for(ANNOUNCE)
    stern.send("/error", ANNOUNCE, -2, "too new for me")
    children.append((lattice, "does not take lattice: too new for me (-2)"))
    for child, said in children:
        child.connect()
        lines = [line for line in child.log().split("\n") if said in line]
        check(len(lines) == 1 and "lattice runs without one" in lines[0],
              f"in one line: {lines}")
        child.stop()
    mute.close()
    stern.close()
    silent = Manager()
    early = Managed(f"osc.udp://127.0.0.1:{silent.port}/")
    silent.wait_for(ANNOUNCE)
    check(early.stop(seconds=4) == 0, "a signal ends it while it waits")
    silent.close()


def ends_before_open():
    manager, lattice = begin()
    end(manager, lattice)


def without_a_server():
    """JACK comes only after the first try."""
    manager, lattice = begin()
    folder = project("later", VOICE)
    check(manager.open(folder, "Lattice.nLATER") == ("/error", -1),
          "without a JACK server a project is not opened")
    server = Jackd(256, 44100)
    check(manager.open(folder, "Lattice.nLATER") == ("/reply", "OK") and
          re.search(r"playing Lattice.nLATER at 44100 Hz", lattice.log()),
          "with one it is, at its rate")
    end(manager, lattice)
    server.stop()


def with_nsmd():
    """The same with a manager that others wrote."""
    if not shutil.which("nsmd"):
        print("        (nsmd is not installed: not tried)")
        return
    root = harness.path("nsm root")
    launcher = harness.path("bin/lattice")
    os.makedirs(root)
    os.makedirs(os.path.dirname(launcher))
    os.symlink(Lattice.program, launcher)
    os.environ["PATH"] = os.path.dirname(launcher) + ":" + os.environ["PATH"]
    os.environ["XDG_RUNTIME_DIR"] = harness.path("")
    daemon = harness.Child("nsmd", ["nsmd", "--session-root", root])
    wait_until(lambda: glob.glob(harness.path("nsm/d/*")))
    url = re.search(r"osc\.udp://\S+:(\d+)/", "".join(
        read(file) for file in glob.glob(harness.path("nsm/d/*"))))
    if not check(url, "nsmd starts: " + daemon.log()):
        return
    gui = Manager()
    gui.client = ("127.0.0.1", int(url[1]))

    def command(path, *values):
        """Send one, and wait until nsmd has done it."""
        gui.send(path, *values)
        return gui.answer_of(path)

    def client():
        found = [name for name in clients() if name.startswith("Lattice.n")]
        return found[0] if len(found) == 1 else None

    def connect(n):
        """To lattice's OSC server when it has been started n times."""
        ports = wait_until(lambda: re.findall(
            r"OSC on 127\.0\.0\.1:(\d+)", daemon.log())[n - 1:], 15)
        return Osc(int(ports[0]))

    check(command("/nsm/server/new", "first") is not None, "nsmd: new")
    command("/nsm/server/add", "lattice")
    name = wait_until(client, 15)
    check(name is not None, f"nsmd: lattice is added, and named: {name}")
    osc = connect(1)
    osc.done("/node/new", "audio_out", "main", "channels", 1)
    check(command("/nsm/server/save")[0] == "/reply", "nsmd: save")
    saved = wait_until(lambda: glob.glob(
        os.path.join(root, "**", "session.ini"), recursive=True))
    check(len(saved) == 1 and name in saved[0] and
          "[node main]" in read(saved[0]), f"nsmd: it is saved: {saved}")
    check(command("/nsm/server/new", "second") is not None and
          wait_until(lambda: client() is None), "nsmd: close")
    gui.take_all()
    osc.close()
    command("/nsm/server/open", "first")
    osc = connect(2)
    check(wait_until(client, 15) == name, "nsmd: the same name again")
    check(wait_until(lambda: nodes(osc) == ["main"]),
          "nsmd: and what was saved")
    gui.take_all()
    copy = os.path.join(root, "copy")
    shutil.copytree(os.path.join(root, "first"), copy)
    command("/nsm/server/open", "copy")
    check(wait_until(lambda: nodes(osc) == ["main"]) and client(),
          "nsmd: another session is switched to")
    osc.done("/node/new", "sine", "more")
    command("/nsm/server/save")
    check(wait_until(lambda: "[node more]" in read(saved[0].replace(
        "/first/", "/copy/"))) and "[node more]" not in read(saved[0]),
        "nsmd: which is the one that is saved")
    command("/nsm/server/quit")
    check(wait_until(lambda: client() is None), "nsmd: quit")
    osc.close()
    gui.close()


def test(_build):
    without_a_server()
    server = Jackd(period=256)
    announces()
    saves_and_loads()
    keeps_to_its_project()
    restores_no_autosave()
    switches()
    names_processes()
    survives_what_is_wrong()
    runs_without()
    ends_before_open()
    shares_a_machine()
    with_nsmd()
    outlives_its_server(server)


harness.main(test)
