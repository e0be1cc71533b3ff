#!/usr/bin/env python3
"""Who may include whom, and what common/ may not know.

levels.py check     reads the #include lines and the words of common/
levels.py headers   compiles every header alone (slower)

The rules are data: levels.json, next to this file. Includes are written from
the level's root: "common/error.hpp", "02-namespaces/mounts.hpp".
"""

import concurrent.futures
import fnmatch
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

from project import (Finding, MissingTool, blank, cpp_files, line_of, main_of,
                     marked, parser_for, read, report)

RULES = Path(__file__).with_name("levels.json")
INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def without_steps(name: str) -> str:
    """A file as an #include names it."""
    return name.removeprefix("steps/")


def level_of(path: str, levels: dict) -> str | None:
    """The level a file or an include belongs to: the longest name that fits."""
    fitting = [level for level in levels if path.startswith(level + "/")]
    return max(fitting, key=len, default=None)


def check_includes(root: Path, levels: dict) -> Iterator[Finding]:
    for name in cpp_files(root, below=("common/", "steps/")):
        level = level_of(without_steps(name), levels)
        if level is None:
            yield Finding(name, 1, "this folder is no level: add it to "
                                   "tests/house/levels.json")
            continue
        # Strings stay: the name of an include is one.
        code = blank(read(root, name), keep_strings=True)
        for include in INCLUDE.finditer(code):
            problem = wrong_include(root, name, level, include, levels)
            if problem:
                yield Finding(name, line_of(code, include.start(2)), problem)


def wrong_include(root: Path, name: str, level: str, include: re.Match,
                  levels: dict) -> str | None:
    quote, target = include.groups()
    target_level = level_of(target, levels)
    if quote == "<":
        if target_level is None:
            return None  # somebody else's header
        return f'<{target}> is ours: write #include "{target}"'
    if target_level is None:
        neighbour = (root / name).parent / target
        if neighbour.is_file():
            full = without_steps(os.path.relpath(neighbour, root))
            return f'"{target}" without its level: write "{full}"'
        return f'"{target}" begins with no level of levels.json'
    if target_level != level and target_level not in levels[level]:
        return (f'{level} may not use {target_level} ("{target}"): take a '
                "plain value or a callback instead of the later concept")
    folder = root if target_level == "common" else root / "steps"
    if not (folder / target).is_file():
        return f'"{target}" does not exist'
    return None


def check_words(root: Path, words: list[str]) -> Iterator[Finding]:
    """common/ must make sense in a program that knows no containers, comments
    included. A line may say `// house: allow WORD because REASON`."""
    subject = re.compile("|".join(map(fnmatch.translate, words)), re.IGNORECASE)
    for name in cpp_files(root, below=("common/",)):
        lines = read(root, name).splitlines()
        for number, line in enumerate(lines, 1):
            if re.match(r"\s*// house: allow \w+ because \S", line):
                continue
            for word in sorted(set(re.findall(r"[A-Za-z_]\w*", line))):
                allow = rf"house: allow {re.escape(word)} because \S"
                if subject.match(word) and not marked(lines, number, allow):
                    yield Finding(name, number,
                        f'common/ is subject-free, but this line says "{word}":'
                        " move the code to its step, or end the line with "
                        f"`// house: allow {word} because …`")


def compile_alone(root: Path, name: str, command: list[str]) -> Finding | None:
    """Includes the header from an otherwise empty file: nothing that another
    header happens to bring along can help it."""
    done = subprocess.run(
        command, cwd=root, text=True, input=f'#include "{without_steps(name)}"\n',
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"LC_ALL": "C"})
    if done.returncode == 0:
        return None
    error = re.search(r"^(.+?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$",
                      done.stdout, re.MULTILINE)
    if error is None:
        return Finding(name, 1, f"does not compile alone: {done.stdout.strip()}")
    file, line, message = error.groups()
    file = os.path.relpath(file, root) if os.path.isabs(file) else file
    if file.removeprefix("./") == name:
        return Finding(name, int(line), f"does not compile alone: {message}")
    return Finding(name, 1, f"does not compile alone: {file}:{line}: {message}")


def check_headers(root: Path, compiler: str, flags: list[str]) -> list[Finding]:
    if shutil.which(compiler) is None:
        raise MissingTool(f"{compiler} is not installed: ./dev setup")
    command = [compiler, "-std=c++20", "-fsyntax-only", "-I.", "-Isteps",
               *flags, "-x", "c++", "-"]
    headers = [name for name in cpp_files(root, below=("common/", "steps/"))
               if name.endswith((".hpp", ".h"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: compile_alone(root, name, command),
                           headers)
    return [finding for finding in results if finding]


def main() -> int:
    parser = parser_for(__doc__)
    parser.add_argument("--rules", type=Path, default=RULES)
    parser.add_argument("--compiler", default="g++", help="for headers")
    parser.add_argument("--flag", action="append", default=[], dest="flags",
                        help="one more flag for the compiler: --flag=-I/…")
    parser.add_argument("verb", choices=["check", "headers"])
    arguments = parser.parse_args()
    if arguments.verb == "headers":
        return report(check_headers(arguments.root, arguments.compiler,
                                    arguments.flags))
    rules = json.loads(arguments.rules.read_text())
    return report([*check_includes(arguments.root, rules["levels"]),
                   *check_words(arguments.root, rules["subject_words"])])


if __name__ == "__main__":
    main_of(main)
