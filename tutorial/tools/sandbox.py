"""Where transcripts run: a home of their own, removed afterwards, and an account of every process left behind."""

import ctypes
import os
import pwd
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
GRACE = 2.0  # seconds in which processes that are already on their way out may finish


class Home:
    """A fresh HOME with ~/slipway in it, a stand-in for the reader's clone of the repository.

    It is made of links, one for each entry of the repository root; only build/ is a folder of its own, so that
    ~/slipway/build/release/bin can be any folder of programs.
    """

    def __init__(self, root: Path, programs: Path):
        self.path = Path(tempfile.mkdtemp(prefix="slipway-book-")).resolve()
        self.path.chmod(0o755)  # as a home usually is; programs that drop root must be able to pass through
        (self.path / "tmp").mkdir()
        clone = self.path / "slipway"
        (clone / "build/release").mkdir(parents=True)
        (clone / "build/release/bin").symlink_to(programs)
        for entry in root.iterdir():
            if entry.name != "build":
                (clone / entry.name).symlink_to(entry)
        self._shown = [(self.path, "~"), (programs, "~/slipway/build/release/bin"), (root, "~/slipway")]

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.path),
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "USER": _user_name(),
            "TMPDIR": str(self.path / "tmp"),
            "PS1": r"\w \$ ",  # busybox's own default, so that a shell in a container shows `/ # `
        }

    def as_read(self, text: str) -> str:
        """Output as the reader sees it: our temporary home is `~`, this repository is `~/slipway`."""
        for path, shown in self._shown:
            text = re.sub(rf"(?<![\w./-]){re.escape(str(path))}(?![\w.-])", shown, text)
        return text

    def remove(self) -> str | None:
        """Deletes the home, unless something is mounted below it: then says so and touches nothing."""
        mounts = mounts_below(self.path)
        if mounts:
            return f"still mounted, so {self.path} was not removed: {', '.join(mounts)}"
        try:
            for folder, names, _ in os.walk(self.path):
                for name in names:  # overlay leaves folders of mode 000, which only root could enter
                    path = os.path.join(folder, name)
                    if not os.path.islink(path):
                        os.chmod(path, 0o700)
            shutil.rmtree(self.path)
        except OSError as problem:
            return f"could not remove {self.path}: {problem}"
        return None


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def mounts_below(folder: Path) -> list[str]:
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        path = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4])
        if path == str(folder) or path.startswith(f"{folder}/"):
            found.append(path)
    return found


def adopt_orphans() -> None:
    """Makes this process the parent of every orphan below it, so that no leftover escapes the account."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def descendants() -> dict[int, str]:
    """Every living process below this one: pid → command line."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                state, parent = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # ended while we looked
            if state not in "ZX":
                children.setdefault(int(parent), []).append(int(entry))
    found = {}
    pending = [os.getpid()]
    while pending:
        for pid in children.get(pending.pop(), []):
            found[pid] = _command_line(pid)
            pending.append(pid)
    return found


def _command_line(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return " ".join(word.decode(errors="replace") for word in words).strip() or "(no command line)"
    except OSError:
        return "(ended)"


def reap() -> None:
    """Collects ended orphans. Call it only when no child is waited for elsewhere."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def kill_leftovers(grace: float = GRACE) -> dict[int, str]:
    """Kills whatever still runs below this process when the grace is over, and returns it."""
    deadline = time.monotonic() + grace
    while (leftovers := descendants()) and time.monotonic() < deadline:
        time.sleep(0.02)
    deadline = time.monotonic() + 5
    while (running := descendants()) and time.monotonic() < deadline:  # a dying process may still have made another
        for pid in running:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        time.sleep(0.01)
        reap()
    reap()
    return leftovers
