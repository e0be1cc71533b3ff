#!/usr/bin/env python3
"""Proves that a test leaves the machine as it found it.

    host_state.py run [--timeout SECONDS] [--] COMMAND …
        runs COMMAND in a TMPDIR of its own and says what it left behind.
        The exit code is COMMAND's, or 1 if anything was left.
    host_state.py print          the state, as sorted lines
    host_state.py compare FILE   what has changed since `print > FILE`

For a bats file: `print` in setup, `compare` in teardown. Below `run`, both see
the processes that a test has left to the watcher, $SLIPWAY_WATCHER.
"""

# `print` runs twice for each test: what only `run` needs is imported there.
import glob
import os
import select
import shutil
import socket
import sys
import time

# cgroups of other people's software that come and go.
FOREIGN_CGROUPS = {"init.scope", "machine.slice", "process_api", "system.slice"}
# How long what is already going away may take: network namespaces are taken
# down after the last process in them is gone, and processes take time to die.
PATIENCE = 3.0


# --- The state: what is there → how it is -----------------------------------

def lines_of(path: str) -> list[str]:
    try:
        with open(path, errors="replace") as file:
            return file.read().splitlines()
    except OSError:  # not on this kernel, or gone already
        return []


def names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def mount_table() -> list[tuple[str, str, str, str]]:
    """(id, target, type, options) of each mount. Blanks stay as \\040."""
    table = []
    for line in lines_of("/proc/self/mountinfo"):
        mount, file_system = line.split(" - ", 1)
        number, _, _, _, target, *options = mount.split(" ")
        kind, _, *more = file_system.split(" ", 2)
        table.append((number, target, kind, " ".join(options + more)))
    return table


def mounts_and_cgroups():
    for number, target, kind, options in mount_table():
        # `ip netns add` makes this one once and keeps it.
        if target != "/run/netns":
            yield f"mount {target} ({kind}) #{number}", options
        if kind in ("cgroup", "cgroup2"):
            for folder in cgroups_below(target):
                yield f"cgroup {folder}", ""


def cgroups_below(folder: str):
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries
                     if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for name in names:
        if name not in FOREIGN_CGROUPS:
            yield f"{folder}/{name}"
            yield from cgroups_below(f"{folder}/{name}")


def network():
    for _, name in socket.if_nameindex():
        yield f"link {name}", ""
    for name in names_in("/run/netns"):
        yield f"netns {name}", ""
    for line in nft_tables():
        yield f"nft {line}", ""  # "table inet slipway"


def nft_tables() -> list[str]:
    """Only an observation: without nft, or without root, there are none."""
    nft = shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nft is None or os.geteuid() != 0:
        return []
    read_end, write_end = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    pid = os.posix_spawn(nft, ["nft", "list", "tables"], os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, write_end, 1),
        (os.POSIX_SPAWN_DUP2, null, 2)])
    os.close(write_end)
    os.close(null)
    with open(read_end, errors="replace") as output:
        lines = output.read().splitlines()
    os.waitpid(pid, 0)
    return lines


def shared_memory_and_names():
    for kind in ("shm", "sem", "msg"):
        for line in lines_of(f"/proc/sysvipc/{kind}")[1:]:
            key, number = line.split()[:2]
            yield f"SysV {kind} {number} (key {key})", ""
    for folder in ("/dev/shm", "/dev/mqueue"):
        for name in names_in(folder):
            yield f"file {folder}/{name}", ""
    yield "hostname", " ".join(lines_of("/proc/sys/kernel/hostname"))
    yield "domainname", " ".join(lines_of("/proc/sys/kernel/domainname"))


def files_of_slipway():
    home = os.path.expanduser("~")
    data = os.environ.get("XDG_DATA_HOME") or f"{home}/.local/share"
    run = os.environ.get("XDG_RUNTIME_DIR")
    for path in ["/var/lib/slipway", f"{data}/slipway",
                 *glob.glob("/run/slipway*"),
                 *(glob.glob(f"{run}/slipway*") if run else [])]:
        if os.path.lexists(path):
            yield f"file {path}", ""


def state() -> dict[str, str]:
    found = {}
    for source in (mounts_and_cgroups, network, shared_memory_and_names,
                   files_of_slipway, left_to_the_watcher):
        for name, how in source():
            found[one_line(name)] = one_line(how)
    return found


def one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


# --- Processes ---------------------------------------------------------------

def parents() -> dict[int, int]:
    """The parent of every process that is not yet a zombie."""
    result = {}
    for name in names_in("/proc"):
        if name.isdigit():
            for line in lines_of(f"/proc/{name}/stat"):
                # pid (any (thing) at all) state parent …
                status, parent = line.rpartition(")")[2].split()[:2]
                if status != "Z":
                    result[int(name)] = int(parent)
    return result


def ancestors(pid: int, parent_of: dict[int, int]) -> set[int]:
    line = set()
    while pid and pid not in line:
        line.add(pid)
        pid = parent_of.get(pid, 0)
    return line


def descendants(pid: int, parent_of: dict[int, int]) -> list[int]:
    """Children first, then theirs."""
    found = [child for child, parent in parent_of.items() if parent == pid]
    for child in found:  # grows while it is read
        found += [c for c, parent in parent_of.items() if parent == child]
    return found


def describe(pid: int) -> str:
    command = " ".join(lines_of(f"/proc/{pid}/cmdline")).replace("\0", " ")
    name = " ".join(lines_of(f"/proc/{pid}/comm"))
    return f"process {pid} {command.strip() or f'[{name}]'}"


def left_to_the_watcher():
    watcher = int(os.environ.get("SLIPWAY_WATCHER") or 0)
    if watcher:
        parent_of = parents()
        own_line = ancestors(os.getpid(), parent_of)
        for pid, parent in parent_of.items():
            if parent == watcher and pid not in own_line:
                yield describe(pid), ""


# --- Comparing ---------------------------------------------------------------

def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    left = sorted(after.keys() - before)
    # A process that ends is no loss.
    removed = sorted(name for name in before.keys() - after
                     if not name.startswith("process "))
    changed = sorted(name for name in before.keys() & after
                     if before[name] != after[name])
    return [f"left behind: {name}" for name in left] + [
        f"removed: {name}" for name in removed] + [
        f"changed: {name}: {before[name]} -> {after[name]}" for name in changed]


class News:
    """Becomes readable when links, mounts or the given processes change."""

    def __init__(self):
        self.links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                   socket.NETLINK_ROUTE)
        rtmgrp_link = 1
        self.links.bind((0, rtmgrp_link))
        self.links.setblocking(False)
        self.mounts = open("/proc/self/mountinfo")

    def wait(self, pids: list[int], deadline: float) -> bool:
        """False: nothing happened until the deadline."""
        poll = select.poll()
        poll.register(self.links, select.POLLIN)
        poll.register(self.mounts, select.POLLPRI)
        handles = []
        try:
            for pid in pids:
                try:
                    handles.append(os.pidfd_open(pid))
                except ProcessLookupError:
                    return True
                poll.register(handles[-1], select.POLLIN)
            ready = poll.poll(max(0, deadline - time.monotonic()) * 1000)
        finally:
            for handle in handles:
                os.close(handle)
        try:
            while self.links.recv(65536):
                pass
        except OSError:  # read to the end, or more news than the buffer holds
            pass
        return bool(ready)


def settled_differences(before: dict[str, str]) -> list[str]:
    """What differs once everything that was on its way out is gone."""
    news, deadline = News(), time.monotonic() + PATIENCE
    while True:
        found = differences(before, state())
        pids = [int(text.split()[3]) for text in found
                if text.startswith("left behind: process ")]
        if not found or not news.wait(pids, deadline):
            return found


def as_lines(state_now: dict[str, str]) -> list[str]:
    return sorted(f"{name}\t{how}" if how else name
                  for name, how in state_now.items())


def compare(file: str) -> int:
    try:
        with open(file, errors="replace") as stored:
            lines = stored.read().splitlines()
    except OSError as error:
        print(f"host_state.py: cannot read {file}: {error.strerror}",
              file=sys.stderr)
        return 2
    before = {name: how for name, _, how in
              (line.partition("\t") for line in lines)}
    found = settled_differences(before)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


# --- The program -------------------------------------------------------------

def main(arguments: list[str]) -> int:
    if arguments == ["print"]:
        print(*as_lines(state()), sep="\n")
        return 0
    if len(arguments) == 2 and arguments[0] == "compare":
        return compare(arguments[1])
    if arguments[:1] == ["run"]:
        import host_guard
        return host_guard.main(arguments[1:])
    asked = arguments in (["-h"], ["--help"])
    print(__doc__.strip(), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
