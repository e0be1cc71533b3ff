#!/usr/bin/env python3
"""Docker's flags of `run` and `create`: none is forgotten.

Each has a row in tutorial/differences-from-docker.md. What people use daily is
tried in tests/integration/06-flags.bats, the rest there or in a unit test. And
what `run` declares beyond that has a row, too.
"""

import re
from pathlib import Path
from typing import Iterator

from project import Finding, main_of, parser_for, read, report

DAILY = """
    name hostname rm label label-file cidfile annotation domainname
    interactive tty detach env workdir entrypoint user env-file attach
    sig-proxy detach-keys init stop-signal stop-timeout group-add restart pull
    publish publish-all expose network network-alias ip dns dns-search
    dns-option add-host mac-address
    volume mount tmpfs read-only volumes-from shm-size
    memory cpus pids-limit memory-swap memory-reservation cpu-shares cpu-period
    cpu-quota cpuset-cpus ulimit oom-score-adj
    isolation pid ipc uts userns cgroupns
    cap-add cap-drop privileged security-opt device sysctl
    health-cmd health-interval health-timeout health-retries
    health-start-period health-start-interval no-healthcheck
    log-driver log-opt
    """.split()
RARE = """
    platform quiet ip6 link link-local-ip volume-driver storage-opt
    cpuset-mems memory-swappiness oom-kill-disable blkio-weight
    blkio-weight-device device-read-bps device-write-bps device-read-iops
    device-write-iops cgroup-parent cpu-rt-period cpu-rt-runtime runtime
    device-cgroup-rule disable-content-trust use-api-socket kernel-memory gpus
    cpu-count cpu-percent io-maxbandwidth io-maxiops
    """.split()
# In the page by their letter alone.
LETTERS = {"interactive": "i", "tty": "t", "detach": "d", "attach": "a"}

PAGE = "tutorial/differences-from-docker.md"
TRIED = "tests/integration/06-flags.bats"
SOURCES = ("steps/06-engine/cli/create_*.cpp",
           "steps/06-engine/cli/life_options.cpp",
           "steps/06-engine/cli/limit_options.cpp")
DECLARED = re.compile(r'"((?:-\w,)?--[\w,-]+)"')


def uses(text: str, flag: str) -> bool:
    """Whether a line that is no comment has the flag."""
    code = re.sub(r"^\s*(#|//).*$", "", text, flags=re.MULTILINE)
    return re.search(rf"(?<![\w-])--{flag}(?![\w-])", code) is not None


def has_row(page: str, flag: str) -> bool:
    word = f"-{LETTERS[flag]}" if flag in LETTERS else f"--{flag}"
    return any(f"`{word}`" in line.split("|")[1]
               for line in page.split("\n") if line.startswith("|"))


def declared(sources: list[str]) -> set[str]:
    return {word[2:] for source in sources for match in DECLARED.findall(source)
            for word in match.split(",") if word.startswith("--")}


def check(page: str, tried: str, others: str,
          sources: list[str]) -> Iterator[Finding]:
    known = declared(sources)
    for flag in DAILY + RARE:
        if not has_row(page, flag):
            yield Finding(PAGE, 1, f"no row for --{flag} of Docker's run")
        if flag not in known:
            yield Finding(SOURCES[0], 1, f"--{flag} of Docker's run is not "
                                         "declared: do it, or refuse it")
        if not uses(tried, flag) and (flag in DAILY or not uses(others, flag)):
            yield Finding(TRIED, 1, f"--{flag} is not tried")
    for flag in sorted(known - set(DAILY) - set(RARE)):
        if not has_row(page, flag):
            yield Finding(PAGE, 1, f"no row for --{flag}, which run takes")


def main() -> int:
    root: Path = parser_for(__doc__).parse_args().root

    def all_of(*patterns: str) -> list[str]:
        return [read(root, str(path.relative_to(root)))
                for pattern in patterns for path in sorted(root.glob(pattern))]

    return report(check(
        read(root, PAGE), read(root, TRIED),
        "\n".join(all_of("tests/unit/06-cli/*.cpp",
                         "tests/integration/06-*.bats")), all_of(*SOURCES)))


if __name__ == "__main__":
    main_of(main)
