#!/usr/bin/env python3
"""Text hygiene of every file that is or could be committed: line ends, blanks,
tabs, and how scripts begin."""

import os
import re
from pathlib import Path
from typing import Iterator

from project import Finding, files, main_of, parser_for, report

# Bytes that must stay as they are: inputs of tests, and other people's text.
AS_IS = re.compile(r"(^|/)(data|corpus|fixtures|golden|third_party)/"
                   r"|\.(patch|diff)$")
TABS_ALLOWED = re.compile(r"(^|/)(GNU)?[Mm]akefile$|\.(mk|tsv|gitmodules)$")


def check_lines(name: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith("\r"):
            yield Finding(name, number, "ends in CRLF: keep only the LF")
        elif line != line.rstrip(" \t"):
            yield Finding(name, number, "blanks at the end of the line")
        if "\t" in line and not TABS_ALLOWED.search(name):
            yield Finding(name, number, "a tab: use spaces, or \\t in a string")
    last = text.count("\n") + 1
    if text and not text.endswith("\n"):
        yield Finding(name, last, "no newline at the end of the file")
    elif text.endswith("\n\n"):
        yield Finding(name, last - 1, "an empty line at the end of the file")


def check_script(name: str, text: str, executable: bool) -> Iterator[Finding]:
    first = text.split("\n", 1)[0]
    if not first.startswith("#!"):
        if executable:
            yield Finding(name, 1, "executable, but without a #! line: add it, "
                                   "or chmod -x")
        return
    if not executable:
        yield Finding(name, 1, "begins with #! but is not executable: chmod +x,"
                               " or drop the line if it is only sourced")
    # sh has no pipefail; bats sets all this itself.
    shell = re.search(r"\b(bash|sh)\b", first)
    strict = shell and {"bash": "set -euo pipefail", "sh": "set -eu"}[shell[1]]
    if strict and not re.search(
            rf"^{strict}\b|^# house: not strict because \S", text, re.MULTILINE):
        yield Finding(name, 1, f"no `{strict}`: add it, or a line "
                               "`# house: not strict because …`")


def check_file(root: Path, name: str) -> Iterator[Finding]:
    content = (root / name).read_bytes()
    if b"\0" in content:  # not text
        return
    text = content.decode("utf-8", errors="surrogateescape")
    yield from check_lines(name, text)
    yield from check_script(name, text, os.access(root / name, os.X_OK))


def main() -> int:
    root = parser_for(__doc__).parse_args().root
    return report(finding for name in files(root) if not AS_IS.search(name)
                  for finding in check_file(root, name))


if __name__ == "__main__":
    main_of(main)
