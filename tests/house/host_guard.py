"""`host_state.py run`: runs one command and cleans up after it."""

import argparse
import contextlib
import ctypes
import fcntl
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import host_state

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_CHILD_SUBREAPER = 36
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
LOCK_NAME = "slipway-tests.lock"


class Interrupted(Exception):
    """A signal asks the guard to end; its number."""


def lock_machine() -> int | None:
    """Two suites on one machine would see each other's mounts and links."""
    watcher = int(os.environ.get("SLIPWAY_WATCHER") or 0)
    if watcher in host_state.ancestors(os.getpid(), host_state.parents()):
        return None  # a guard below a guard: the outer one holds the lock
    folder = next(folder for folder in ("/run/lock", "/tmp")
                  if os.access(folder, os.W_OK | os.X_OK))
    path = f"{folder}/{LOCK_NAME}"
    # First without O_CREAT: in a sticky folder the kernel refuses that on
    # another user's file, even to root (fs.protected_regular).
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        lock = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"host_state.py: waiting for another test run here ({path})",
              file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock  # close-on-exec, so what a test leaves running cannot hold it


def run_command(command: list[str], folder: str) -> int:
    """The exit code, as a shell would give it."""
    environment = os.environ | {"TMPDIR": folder,
                                "SLIPWAY_WATCHER": str(os.getpid())}
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                 env=environment, start_new_session=True)
    except OSError as error:
        print(f"host_state.py: cannot run {command[0]}: {error.strerror}",
              file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126
    try:
        while True:
            # Any child: as subreaper the guard also buries the orphans, or
            # tests would find zombies where they expect nothing.
            pid, status = os.wait()
            if pid == child.pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                return child.returncode if child.returncode >= 0 \
                    else 128 - child.returncode
    except Interrupted:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        raise


def bury_the_dead() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def wait_for_children(deadline: float) -> bool:
    """Whether all children are gone, having ended by themselves."""
    while True:
        bury_the_dead()
        children = [pid for pid, parent in host_state.parents().items()
                    if parent == os.getpid()]
        if not children:
            bury_the_dead()  # who died just after the first time
            return True
        poll = select.poll()
        # Children do not vanish before they are buried, so their pids hold.
        handles = [os.pidfd_open(pid) for pid in children]
        for handle in handles:
            poll.register(handle, select.POLLIN)
        ready = poll.poll(max(0, deadline - time.monotonic()) * 1000)
        for handle in handles:
            os.close(handle)
        if not ready:
            return False


def end_leftovers() -> list[str]:
    """Kills what still runs after its chance to end, and names it."""
    if wait_for_children(time.monotonic() + host_state.PATIENCE):
        return []
    found = []
    while True:
        # Again and again: a killed process leaves its own children to us.
        pids = host_state.descendants(os.getpid(), host_state.parents())
        if not pids:
            return found
        for pid in pids:
            line = f"left behind: {host_state.one_line(host_state.describe(pid))}"
            try:
                handle = os.pidfd_open(pid)
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                os.close(handle)
            except ProcessLookupError:
                continue
            except PermissionError:
                return found + [f"{line} (cannot be killed)"]
            if line not in found:
                found.append(line)
        if not wait_for_children(time.monotonic() + host_state.PATIENCE):
            return found + ["left behind: a process that SIGKILL does not end"]


def remove_folder(folder: str) -> list[str]:
    """Names what lies in the private TMPDIR and removes it, but never what is
    mounted there: a bind mount would lead into the host's own files."""
    found = [f"left behind: temp file {host_state.one_line(name)}"
             for name in sorted(os.listdir(folder))]
    for _, target, _, _ in reversed(host_state.mount_table()):
        if is_below(target, folder):
            path = target.encode().decode("unicode_escape").encode("latin-1")
            libc.umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW)
    if any(is_below(target, folder)
           for _, target, _, _ in host_state.mount_table()):
        return found + [f"cannot unmount what is below {folder}: it stays"]

    try:
        for path, folders, _ in os.walk(folder):
            for name in folders:  # a test may have made it unreadable
                if not os.path.islink(os.path.join(path, name)):
                    os.chmod(os.path.join(path, name), stat.S_IRWXU)
        shutil.rmtree(folder)
    except OSError as error:
        found.append(f"cannot remove {error.filename}: {error.strerror}")
    return found


def is_below(target: str, folder: str) -> bool:
    return target == folder or target.startswith(folder + "/")


def guarded(command: list[str], timeout: int) -> int:
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ["SLIPWAY_WATCHER"] = str(os.getpid())
    before = host_state.state()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="slipway-test-"))
    try:
        on_ending(interrupt)
        os.chmod(folder, 0o755)  # tests also run as other users
        signal.alarm(timeout)
        code = run_command(command, folder)
    except Interrupted as interrupted:
        number = interrupted.args[0]
        code = 124 if number == signal.SIGALRM else 128 + number
        print(f"host_state.py: ended by {signal.Signals(number).name}",
              file=sys.stderr)
    on_ending(signal.SIG_IGN)  # from here on, cleaning up is the quickest end
    found = end_leftovers()
    found += host_state.settled_differences(before)
    found += remove_folder(folder)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else code


def interrupt(number: int, _) -> None:
    raise Interrupted(number)


def on_ending(action) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, action)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="host_state.py run")
    parser.add_argument("--timeout", type=int, default=0, metavar="SECONDS",
                        help="then end COMMAND, clean up, and exit with 124")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    parsed = parser.parse_args(arguments)
    command = parsed.command[parsed.command[:1] == ["--"]:]
    if not command:
        parser.error("COMMAND is missing")
    on_ending(signal.SIG_DFL)  # while waiting for the lock there is no mess yet
    lock = lock_machine()
    try:
        return guarded(command, parsed.timeout)
    finally:
        if lock is not None:
            os.close(lock)
