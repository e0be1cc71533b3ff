"""What a transcript may need from the machine, each with the check that tells whether it is there."""

import os
import re
import shutil
import subprocess
from pathlib import Path


def _kernel() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# name → (check, why a block is skipped when the check says no)
NEEDS = {
    "root": (lambda: os.geteuid() == 0, "needs root"),
    "mount": (lambda: _succeeds("unshare", "--mount", "true"), "may not create a mount namespace"),
    "userns": (lambda: _succeeds("unshare", "--user", "--map-root-user", "true"), "user namespaces are not allowed"),
    "net": (lambda: _succeeds("unshare", "--net", "true"), "may not create a network namespace"),
    "cgroup": (lambda: os.access("/sys/fs/cgroup/cgroup.procs", os.W_OK), "no writable cgroup v2 tree"),
    "cgroup1": (lambda: os.access("/sys/fs/cgroup/memory/cgroup.procs", os.W_OK), "no writable cgroup v1 memory tree"),
    "overlay": (lambda: "\toverlay\n" in Path("/proc/filesystems").read_text(), "the kernel has no overlay"),
    "lowerdir": (lambda: _kernel() >= (6, 8), "this kernel takes an overlay's layers in one text, not one by one (Linux 6.8)"),
}


def is_known(need: str) -> bool:
    """A word of the table, or `cmd:NAME` for a program that must be in the PATH."""
    return need in NEEDS or (need.startswith("cmd:") and len(need) > 4)


def unmet(needs: list[str]) -> list[str]:
    """The reasons why a block with these needs cannot run here."""
    reasons = []
    for need in needs:
        if need.startswith("cmd:"):
            if not shutil.which(need[4:], path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"):
                reasons.append(f"the program {need[4:]} is not installed")
        elif not NEEDS[need][0]():
            reasons.append(NEEDS[need][1])
    return reasons
