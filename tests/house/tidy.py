#!/usr/bin/env python3
"""clang-tidy over the project's own translation units, in parallel.

BUILD_DIR holds a compile_commands.json. A unit is looked at again only after
something it depends on has changed; results are kept in BUILD_DIR/tidy-cache,
one file for each unit. What changed last is looked at first; with --seconds
the rest is left for another time, which is said.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from project import (MissingTool, clang_tool, cpp_files, files, main_of,
                     parser_for, read)


class Unit(NamedTuple):
    name: str           # relative to the root
    command: list[str]  # how it is compiled


def units_of(root: Path, build: Path) -> list[Unit]:
    """What the build compiles of this tree, generated and foreign code left
    out. A file that is compiled twice is looked at once."""
    database = build / "compile_commands.json"
    if not database.is_file():
        raise MissingTool(f"{database} is missing: configure the build first "
                          "(cmake --preset tidy)")
    ours, units = set(cpp_files(root)), {}
    for entry in json.loads(database.read_text()):
        path = Path(entry["directory"], entry["file"]).resolve()
        command = entry.get("arguments") or shlex.split(entry["command"])
        name = os.path.relpath(path, root.resolve())
        if name in ours:
            units.setdefault(name, Unit(name, command))
    return sorted(units.values())


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def headers_of_units(root: Path, build: Path) -> dict[str, list[str]]:
    """What each unit includes of this tree, as the compiler has told ninja when
    it was last built; nothing for those that are not known."""
    done = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ours, included = set(files(root)), {}
    for block in done.stdout.split("\n\n"):
        if "(VALID)" not in block.partition("\n")[0]:
            continue
        names = [os.path.relpath(os.path.join(build, line.strip()), root)
                 for line in block.splitlines()[1:]]
        if names and names[0] in ours:
            included[names[0]] = sorted(set(names[1:]) & ours)
    return included


def newest_first(root: Path, units: list[Unit]) -> list[Unit]:
    """By their last commit; what was never committed comes before."""
    log = subprocess.run(["git", "log", "--format=%x00%ct", "--name-only",
                          "-n", "500"], cwd=root, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    when: dict[str, int] = {}
    for commit in log.stdout.split("\0")[1:]:
        date, *names = commit.split()
        for name in names:
            when.setdefault(name, int(date))
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=root,
                             text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    for line in changed.stdout.splitlines():
        when[line[3:]] = sys.maxsize
    return sorted(units, key=lambda unit: -when.get(unit.name, 0))


class Tidy:
    def __init__(self, root: Path, build: Path, quick: bool,
                 seconds: float = float("inf")):
        self.end = time.monotonic() + seconds
        self.left: list[str] = []  # for which there was no time
        self.root, self.build, self.quick = root, build, quick
        self.tool, version, self.decides = clang_tool("clang-tidy")
        self.cache = build / "tidy-cache"
        self.version = digest(version, [read(root, name) for name in files(root)
                                        if name.endswith(".clang-tidy")])
        self.included = headers_of_units(root, build.parent / "dev")
        # Of a unit that was never built, any header may change the findings.
        self.headers = [name for name in files(root)
                        if name.endswith((".hpp", ".h"))]

    def key(self, unit: Unit) -> str:
        headers = self.included.get(unit.name, self.headers)
        return digest(self.version, unit, read(self.root, unit.name),
                      [(name, read(self.root, name)) for name in headers])

    def cached(self, unit: Unit) -> Path:
        return self.cache / (unit.name.replace("/", "__") + ".json")

    def known(self, unit: Unit, key: str) -> list[str] | None:
        """The findings of an earlier run over exactly the same input, by at
        least as many checks."""
        try:
            stored = json.loads(self.cached(unit).read_text())
            fits = stored["key"] == key and stored["quick"] <= self.quick
            return stored["findings"] if fits else None
        except (OSError, ValueError, KeyError):
            return None

    def findings(self, unit: Unit) -> list[str]:
        key = self.key(unit)  # first: the file may be edited meanwhile
        found = self.known(unit, key)
        if found is not None:
            return found
        if time.monotonic() > self.end:
            self.left.append(unit.name)
            return []
        done = subprocess.run(
            [self.tool, "-p", str(self.build), "--quiet",
             *(["--checks=-clang-analyzer-*"] if self.quick else []),
             "--extra-arg=-Wno-unknown-warning-option",  # g++'s own warnings
             str(self.root / unit.name)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = parse(done.stdout, self.root)
        if done.returncode != 0 and not found:
            # Not a verdict on the code, so not one to remember either.
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return [f"{unit.name}:1: {self.tool} exited with "
                    f"{done.returncode}: {last}"]
        self.cache.mkdir(exist_ok=True)
        part = self.cached(unit).with_suffix(".part")  # complete, or not there
        part.write_text(json.dumps({"key": key, "quick": self.quick,
                                    "findings": found}))
        part.replace(self.cached(unit))
        return found


def parse(output: str, root: Path) -> list[str]:
    """Each finding as `file:line: text`, its notes indented below it."""
    found: list[str] = []
    for line in output.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: (warning|error|note): (.*)", line)
        if match is None:
            continue  # the line of code, and the caret
        file, number, level, text = match.groups()
        if os.path.isabs(file):
            file = os.path.relpath(file, root.resolve())
        if level != "note":
            text = text.replace(",-warnings-as-errors]", "]")
            found.append(f"{file}:{number}: {text}")
        elif found:
            found[-1] += f"\n    {file}:{number}: {text}"
    return found


def main() -> int:
    parser = parser_for(__doc__)
    parser.add_argument("--list", action="store_true",
                        help="only name the units, and which need a run")
    parser.add_argument("--quick", action="store_true",
                        help="without clang's static analyzer, which takes "
                             "longer than all the rest")
    parser.add_argument("--seconds", type=float, default=float("inf"),
                        help="begin no other file after so long")
    parser.add_argument("build", type=Path, metavar="BUILD_DIR")
    arguments = parser.parse_args()
    units = units_of(arguments.root, arguments.build)
    units = newest_first(arguments.root, units)
    tidy = Tidy(arguments.root, arguments.build, arguments.quick,
                arguments.seconds)
    if arguments.list:
        for unit in units:
            known = tidy.known(unit, tidy.key(unit)) is not None
            print("known" if known else "to do", unit.name, sep="\t")
        return 0
    os.nice(10)  # minutes of every processor, beside tests that watch the clock
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(tidy.findings, units))
    # A header's finding shows up in every unit that includes it.
    found = sorted({finding for result in results for finding in result})
    for finding in found:
        print(finding)
    print(f"{len(units)} files, {len(found)} findings", file=sys.stderr)
    if tidy.left:
        print(f"{len(tidy.left)} of them, which changed longest ago, were not "
              "looked at: no time left. ./dev lint looks at all",
              file=sys.stderr)
    return 1 if found and tidy.decides else 0


if __name__ == "__main__":
    main_of(main)
