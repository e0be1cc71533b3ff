#!/usr/bin/env python3
"""Whether the C++ files are laid out as .clang-format says.

Versions of clang-format lay out the same code differently. Version 14 decides;
with another one, differences are shown but are no findings, and --fix refuses.
"""

import re
import subprocess
from pathlib import Path

from project import (Finding, MissingTool, clang_tool, cpp_files, main_of,
                     parser_for, report)


def check(root: Path, tool: str, names: list[str]) -> list[Finding]:
    done = subprocess.run([tool, "--dry-run", "--Werror", "--style=file",
                           *names], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first: dict[str, int] = {}  # where each file first differs
    for file, line in re.findall(r"^(.+?):(\d+):\d+: error: ", done.stderr,
                                 re.MULTILINE):
        first.setdefault(file, int(line))
    if done.returncode != 0 and not first:
        raise MissingTool(f"{tool} failed: {done.stderr.strip()}")
    return [Finding(file, line, "not laid out as .clang-format says: ./dev fmt")
            for file, line in first.items()]


def main() -> int:
    parser = parser_for(__doc__)
    parser.add_argument("--fix", action="store_true", help="rewrite the files")
    arguments = parser.parse_args()
    names = cpp_files(arguments.root)
    if not names:
        return 0
    tool, _, decides = clang_tool("clang-format")
    if arguments.fix:
        if not decides:
            return 2  # it would undo the other version's layout
        return subprocess.run([tool, "-i", "--style=file", *names],
                              cwd=arguments.root).returncode
    code = report(check(arguments.root, tool, names))
    return code if decides else 0


if __name__ == "__main__":
    main_of(main)
