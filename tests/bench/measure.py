"""Measuring programs beside their peers: each round runs each command once, in
turn; medians, and ratios to the first. See `images` and `build`."""

import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Callable, Iterator, NamedTuple

HERE = os.path.dirname(os.path.realpath(__file__))
HELPERS = os.path.realpath(f"{HERE}/../helpers")


class Run(NamedTuple):
    seconds: float
    cpu: float
    peak: float  # MB


class Row(NamedTuple):
    name: str
    command: Callable[[], list[str]]  # makes the store cold, and says what to run
    done: Callable[[], None] = lambda: None
    daemon: list[int] = []  # who really does it


def run(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"bench: {' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


# --- Measuring -----------------------------------------------------------------

def ticks(pid: int) -> float:
    """Processor time of a daemon and its dead children."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> float:
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1000


def measure(row: Row, work: str) -> Run:
    command = row.command()
    run("sync", "-f", work)  # what has been written before is not ours to wait for
    for pid in row.daemon:
        with open(f"/proc/{pid}/clear_refs", "w") as file:
            file.write("5")  # forget the peak
    before = sum(map(ticks, row.daemon))
    # A process inherits the peak of who starts it: not this one's, but time's.
    timed = ["/usr/bin/time", "-o", f"{work}/time", "-f", "%U %S %M"] + command
    with open(f"{work}/output", "w") as output:
        start = time.monotonic()
        status = subprocess.run(timed, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=output).returncode
        seconds = time.monotonic() - start
    if status:
        with open(f"{work}/output") as file:
            sys.exit(f"bench: {row.name}: {' '.join(command)}\n{file.read()[-2000:]}")
    with open(f"{work}/time") as file:
        user, system, peak = map(float, file.read().split()[-3:])
    cpu = user + system + sum(map(ticks, row.daemon)) - before
    peaks = [peak / 1000, *map(peak_of, row.daemon)]
    row.done()
    return Run(seconds, cpu, max(peaks))


def compare(title: str, rows: list[Row], rounds: int, work: str) -> None:
    runs: dict[str, list[Run]] = {row.name: [] for row in rows}
    for _ in range(rounds):
        for row in rows:
            runs[row.name].append(measure(row, work))
    base = statistics.median(r.seconds for r in runs[rows[0].name])
    print(f"\n{title:34} {'min':>8} {'median':>8} {'max':>8} {'ratio':>7}"
          f" {'cpu s':>7} {'peak MB':>8}   ({rounds} rounds, s)")
    floors = []
    for name, all_runs in runs.items():
        seconds = [r.seconds for r in all_runs]
        median = statistics.median(seconds)
        print(f"{name:34} {min(seconds):8.2f} {median:8.2f} {max(seconds):8.2f}"
              f" {median / base:6.2f}x {statistics.median(r.cpu for r in all_runs):7.2f}"
              f" {statistics.median(r.peak for r in all_runs):8.0f}")
        if name.startswith("floor"):
            floors.append(median)
    if len(floors) > 1:
        print(f"{'half the sum of the floors':34} {'':8} {sum(floors) / 2:8.2f} {'':8}"
              f" {sum(floors) / 2 / base:6.2f}x")
    sys.stdout.flush()


def make_disk(folder: str) -> str:
    """The folder to work in. In our mount namespace, it ends with us."""
    work = f"{folder}/work"
    os.mkdir(work)
    with open(f"{folder}/disk", "wb") as file:
        file.truncate(24 << 30)  # sparse; podman takes 15
    try:
        run("mkfs.ext4", "-q", "-F", f"{folder}/disk")
        run("mount", "-o", "loop,nodiscard", f"{folder}/disk", work)
    except (SystemExit, FileNotFoundError) as error:
        print(f"no disk of its own: {error}")
    return work


# --- The programs ------------------------------------------------------------------

class Programs:
    """Ours and its peers, each with a store of its own; and a registry."""

    def __init__(self, bin_folder: str, program: str, work: str,
                 stack: contextlib.ExitStack):
        self.work, self.stack, self.number = work, stack, 0
        self.registry = self.start_registry(stack)
        self.slipway = f"{bin_folder}/{program}"
        if not os.access(self.slipway, os.X_OK):
            print(f"not there: {self.slipway}")
            self.slipway = ""
        self.podman = []
        if self.has("podman"):
            self.podman = ["podman", "--root", f"{work}/podman", "--runroot",
                           "/run/podman", "--storage-driver", "overlay",
                           "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
        self.docker, self.docker_daemon = [], []
        if self.has("dockerd") and self.has("docker"):
            self.start_docker()

    @staticmethod
    def has(program: str) -> bool:
        found = shutil.which(program) is not None
        if not found:
            print(f"not installed: {program}")
        return found

    def new_folder(self, kind: str) -> str:
        self.number += 1
        return f"{self.work}/{kind}{self.number}"

    def start_registry(self, stack: contextlib.ExitStack) -> str:
        folder = self.new_folder("registry")
        words = run(f"{HELPERS}/registry", "start", folder)
        pid = re.search(r"_pid=(\d+)", words)[1]
        stack.callback(shutil.rmtree, folder)
        stack.callback(run, f"{HELPERS}/registry", "stop", pid)
        return re.search(r"registry=(\S+)", words)[1]

    def start_docker(self) -> None:
        folder = f"{self.work}/docker"
        words = run(f"{HELPERS}/dockerd", "start", folder)
        self.stack.callback(run, f"{HELPERS}/dockerd", "stop",
                            re.search(r"_pid=(\d+)", words)[1])
        self.docker = ["docker", "--config", folder, "--host",
                       re.search(r"HOST=(\S+)", words)[1]]
        for path in (f"{folder}/pid", f"{folder}/exec/containerd/containerd.pid"):
            with open(path) as file:
                self.docker_daemon.append(int(file.read()))

    def wipe_docker(self) -> None:
        images = run(*self.docker, "images", "-aq").split()
        if images:
            run(*self.docker, "rmi", "-f", *dict.fromkeys(images))

    def wipe_podman(self) -> None:
        run(*self.podman, "rmi", "-af")

    def remove(self, *folders: str) -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                os.remove(folder)


@contextlib.contextmanager
def bench_disk() -> Iterator[tuple[str, contextlib.ExitStack]]:
    """A folder to work in, beside the other engines, and what is undone after."""
    if "BESIDE" not in os.environ:  # the peers' mounts end with us
        os.environ["BESIDE"] = "yes"
        os.execv(f"{HELPERS}/beside", [f"{HELPERS}/beside", *sys.argv])
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="slipway-bench-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        work = make_disk(folder)
        stack.callback(subprocess.run, ["umount", "-l", work])
        yield work, stack
