"""How much of a step's own code its chapter shows."""

import re
from itertools import groupby
from pathlib import Path

from chapter import Page
from regions import Quotes, Source

RUNS_SHOWN = 5
# The frame of a file teaches nothing: includes, namespaces, their braces.
FRAME = re.compile(r"#include\b.*|#pragma once|(using )?namespace\b.*|}  // namespace.*")


def code_lines(source: Source) -> list[int]:
    """The lines that carry code: not blank, not only a comment, not a mark, not the frame of the file."""
    found = []
    in_comment = False
    for number, line in enumerate(source.lines, start=1):
        if in_comment:
            _, closed, line = line.partition("*/")
            in_comment = not closed
            if in_comment:
                continue
        line = re.sub(r"/\*.*?\*/", "", line).strip()
        if line.startswith("/*"):
            in_comment = True
        elif line and not line.startswith("//") and not FRAME.fullmatch(line):
            found.append(number)
    return found


def report_coverage(page: Page, pages: list[Page], quotes: Quotes) -> str | None:
    """One line that gives the share; too small a share (front matter `quotes:`) is reported on the page.

    When several chapters share a step, what any of them shows counts.
    """
    step = page.meta.get("step")
    if not step:
        return None
    folder = quotes.root / "steps" / str(step)
    if not folder.is_dir():
        page.report(page.meta_lines["step"], f"unknown step: there is no folder steps/{step}")
        return None
    shown: dict[str, set[int]] = {}
    for other in pages:
        if other.meta.get("step") == step:
            for name, numbers in quotes.quoted.get(other.name, {}).items():
                shown.setdefault(name, set()).update(numbers)
    total = 0
    runs: list[tuple[str, int, int, int]] = []  # file, from, to, how many lines of code
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".cpp", ".hpp")):
        name = path.relative_to(quotes.root).as_posix()
        lines = code_lines(quotes.source(name))
        total += len(lines)
        runs += _unquoted_runs(name, lines, shown.get(name, set()))
    missing = sum(count for *_, count in runs)
    share = 100 * (total - missing) // total if total else 100
    wanted = page.meta.get("quotes", 0)
    if share < wanted:
        runs.sort(key=lambda run: -run[3])
        listing = "".join(f"\n    {name}:{first}-{last} ({count} lines)"
                          for name, first, last, count in runs[:RUNS_SHOWN])
        page.report(page.meta_lines["quotes"], f"quotes {share} % of steps/{step}, {wanted} % are promised; "
                    f"not shown:{listing}")
    return f"{page.name}: quotes {share} % of steps/{step} ({total - missing} of {total} lines)"


def _unquoted_runs(name: str, lines: list[int], shown: set[int]) -> list[tuple[str, int, int, int]]:
    """Neighbouring lines of code that are not shown, blank lines and comments between them not counting."""
    runs = []
    for is_shown, group in groupby(lines, key=lambda number: number in shown):
        if not is_shown:
            run = list(group)
            runs.append((name, run[0], run[-1], len(run)))
    return runs
