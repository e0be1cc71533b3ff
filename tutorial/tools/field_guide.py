"""The field guide to errors: the errno tables of all chapters, merged into one page."""

import re
from dataclasses import dataclass
from pathlib import Path

from chapter import Page, slug_of
from finding import Finding

GUIDE = "tutorial/field-guide-to-errors.md"
SECTION = "The kernel interface"
COLUMNS = ["errno", "call", "usual cause", "fix"]
BEGIN = "<!-- generated: errno tables -->"
END = "<!-- end generated -->"


@dataclass
class Row:
    cells: list[str]
    page: Page


def rows_of(page: Page) -> list[Row]:
    """The rows of every errno table in a step chapter's section on the kernel interface."""
    rows = []
    in_section = in_table = False
    sections = {heading.line: heading.text for heading in page.headings if heading.level <= 2}
    for number, line in enumerate(page.prose, start=1):
        if number in sections:
            in_section = sections[number] == SECTION
        cells = _cells(line)
        if not in_section or not cells:
            in_table = False
        elif not in_table:
            in_table = cells == COLUMNS
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            if len(cells) == len(COLUMNS) and all(cells):
                rows.append(Row(cells, page))
            else:
                page.report(number, f"a row of the errno table has {len(COLUMNS)} filled cells; write a bar as `\\|`")
    return rows


def _cells(line: str) -> list[str]:
    line = line.strip()
    if not re.fullmatch(r"\|.*\|", line):
        return []
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])]


def generate(pages: list[Page]) -> list[str]:
    rows = [row for page in pages if page.is_chapter and page.meta.get("kind") == "step" for row in rows_of(page)]
    rows.sort(key=lambda row: [cell.strip("`*").lower() for cell in row.cells[:2]])
    folder = Path(GUIDE).parent
    lines = ["", f"| {' | '.join(COLUMNS)} | chapter |", "|" + "---|" * (len(COLUMNS) + 1)]
    for row in rows:
        place = Path(row.page.name).relative_to(folder)
        link = f"[{place.with_suffix('').as_posix()}]({place.as_posix()}#{slug_of(SECTION)})"
        lines.append(f"| {' | '.join(row.cells)} | {link} |")
    return [*lines, ""] if rows else [""]


def _guide(pages: list[Page]) -> Page | None:
    return next((page for page in pages if page.name == GUIDE), None)


def _markers(guide: Page) -> tuple[int, int] | None:
    """The indexes of the two marker lines, if both are there once and in order."""
    if guide.lines.count(BEGIN) == guide.lines.count(END) == 1:
        begin, end = guide.lines.index(BEGIN), guide.lines.index(END)
        if begin < end:
            return begin, end
    return None


def check(pages: list[Page]) -> list[Finding]:
    guide, wanted = _guide(pages), generate(pages)
    if not guide:
        has_rows = len(wanted) > 1
        return [Finding(GUIDE, 1, "missing, although chapters have errno tables")] if has_rows else []
    markers = _markers(guide)
    if not markers:
        return [Finding(GUIDE, 1, f"needs the two lines `{BEGIN}` and `{END}`, once each and in this order")]
    begin, end = markers
    if guide.lines[begin + 1:end] != wanted:
        return [Finding(GUIDE, begin + 1, "stale: the errno tables of the chapters changed; run `./dev docs sync`")]
    return []


def sync(pages: list[Page]) -> None:
    guide = _guide(pages)
    markers = guide and _markers(guide)
    if markers:
        begin, end = markers
        guide.lines[begin + 1:end] = generate(pages)
