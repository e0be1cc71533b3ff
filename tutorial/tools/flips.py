"""What each step closes and opens, from the isolation tests' golden file: the tables of the chapters.

A chapter has the two lines

    <!-- generated: flips 1 2 -->
    <!-- end generated -->

and between them a table of the rows in which the columns 1 and 2 of the matrix differ (tests/isolation/golden.json, on a
machine with cgroup version 1, which knows more of them).
"""

import json
import re
from pathlib import Path

from chapter import Page

GOLDEN = "tests/isolation/golden.json"
MACHINE = "cgroup=v1 userns=yes"
BEGIN = re.compile(r"<!-- generated: flips (\S+) (\S+) -->")
END = "<!-- end generated -->"
VERDICTS = ("open", "limited", "closed")


def read(root: Path) -> dict:
    path = root / GOLDEN
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rows": {}, "machines": {}}


def table(golden: dict, before: str, now: str) -> list[str] | None:
    """The lines between the marks; None for a column that there is not."""
    columns = golden["machines"].get(MACHINE, {})
    if before not in columns or now not in columns:
        return None
    one, other = _by_row(columns[before]), _by_row(columns[now])
    lines = ["", "| row | a container could | before | now | by |", "| --- | --- | --- | --- | --- |"]
    for row, texts in golden["rows"].items():
        if row in one and row in other and one[row] != other[row]:
            by = texts["closes"] if other[row] != "open" else ""
            lines.append(f"| {row} | {texts['title']} | {one[row]} | **{other[row]}** | {by} |")
    return [*lines, ""]


def _by_row(column: dict[str, str]) -> dict[str, str]:
    return {row: verdict for verdict in VERDICTS for row in column.get(verdict, "").split()}


def _blocks(page: Page) -> list[tuple[int, int, str, str]]:
    """The indexes of both marks and the columns; a begin without an end is reported."""
    found = []
    for number, line in enumerate(page.lines):
        if match := BEGIN.fullmatch(line):
            rest = page.lines[number:]
            if END in rest:
                found.append((number, number + rest.index(END), match[1], match[2]))
            else:
                page.report(number + 1, f"never closed: a line `{END}` is missing")
    return found


def check(page: Page, golden: dict) -> None:
    for begin, end, before, now in _blocks(page):
        wanted = table(golden, before, now)
        if wanted is None:
            page.report(begin + 1, f"{GOLDEN} has no columns {before} and {now}")
        elif page.lines[begin + 1:end] != wanted:
            page.report(begin + 1, f"stale: {GOLDEN} says otherwise; run `./dev docs sync`")


def sync(page: Page, golden: dict) -> None:
    for begin, end, before, now in reversed(_blocks(page)):
        wanted = table(golden, before, now)
        if wanted is not None:
            page.lines[begin + 1:end] = wanted
