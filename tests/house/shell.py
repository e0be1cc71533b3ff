#!/usr/bin/env python3
"""shellcheck over every shell script: .sh, .bash, .bats, or a shell's #! line.
"""

import re
import shutil
import subprocess
from pathlib import Path

from project import (Finding, MissingTool, files, main_of, parser_for, report)

SUFFIXES = {".sh": "sh", ".bash": "bash", ".bats": "bats"}
SHEBANG = re.compile(rb"#!.*\b(bash|bats|dash|sh)\b")


def shell_of(path: Path) -> str | None:
    """The dialect of a script; None for other files. The #! line decides."""
    with path.open("rb") as file:
        shebang = SHEBANG.match(file.readline(200))
    return shebang[1].decode() if shebang else SUFFIXES.get(path.suffix)


def check(root: Path, dialect: str, names: list[str]) -> list[Finding]:
    done = subprocess.run(
        ["shellcheck", "-s", dialect, "--format=gcc", "--external-sources",
         "--source-path=SCRIPTDIR", *names],
        cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode > 1:  # not findings: it could not work
        raise MissingTool(f"shellcheck failed: {done.stderr.strip()}")
    return [Finding(file, int(line), text) for file, line, text in re.findall(
        r"^(.+?):(\d+):\d+: (.*)$", done.stdout, re.MULTILINE)]


def main() -> int:
    root = parser_for(__doc__).parse_args().root
    scripts: dict[str, list[str]] = {}
    for name in files(root):
        dialect = shell_of(root / name)
        if dialect:
            scripts.setdefault(dialect, []).append(name)
    if scripts and shutil.which("shellcheck") is None:
        raise MissingTool("shellcheck is not installed: ./dev setup")
    return report(finding for dialect, names in scripts.items()
                  for finding in check(root, dialect, names))


if __name__ == "__main__":
    main_of(main)
