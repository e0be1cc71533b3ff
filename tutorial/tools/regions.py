"""Quoted code: what stands in the book is what stands in the source.

A source file marks a region with `//@ begin name` and `//@ end name` (`#@ …` in shell, CMake, Dockerfiles).
Regions may nest, never cross. A fence ```cpp file=steps/01-chroot/root.cpp#enter-root has the region's lines as
its body: without the marks of nested regions, without the indentation all lines share.
"""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from chapter import Fence, Page
from finding import Finding

MAX_LINES = 30
MAX_COLUMNS = 80

# Where regions live; these folders are searched for regions that no chapter uses.
SOURCE_FOLDERS = ("common", "steps", "Dockerfiles")

MARK = re.compile(r"\s*(?://|#)@\s*(begin|end)\b")
EXACT_MARK = re.compile(r"\s*(?://|#)@ (?:begin|end) ([a-z0-9][a-z0-9-]*)\s*")


@dataclass
class Region:
    name: str
    begin: int  # the lines of the two marks
    end: int = 0


@dataclass
class Source:
    name: str
    lines: list[str]
    marks: set[int] = field(default_factory=set)
    regions: dict[str, Region] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def lines_of(self, region: Region | None) -> list[int]:
        """The line numbers of a region, or of the whole file, without any mark."""
        first, last = (region.begin, region.end) if region else (1, len(self.lines))
        return [number for number in range(first, last + 1) if number not in self.marks]

    def is_blank(self, region: Region) -> bool:
        return not any(self.lines[number - 1].strip() for number in self.lines_of(region))


def read_source(root: Path, name: str) -> Source:
    source = Source(name, (root / name).read_text(encoding="utf-8", errors="replace").splitlines())

    def report(line: int, text: str) -> None:
        source.findings.append(Finding(name, line, text))

    open_regions: list[Region] = []
    for number, line in enumerate(source.lines, start=1):
        mark = MARK.match(line)
        if not mark:
            continue
        source.marks.add(number)
        exact = EXACT_MARK.fullmatch(line)
        if not exact:
            report(number, f"not a mark: `{line.strip()}`; write `//@ {mark[1]} name`, the name in a-z, 0-9 and -")
        elif mark[1] == "begin":
            if earlier := source.regions.get(exact[1]):
                report(number, f"region `{exact[1]}` opened twice, first on line {earlier.begin}")
            else:
                source.regions[exact[1]] = Region(exact[1], number)
                open_regions.append(source.regions[exact[1]])
        else:
            _close_region(exact[1], number, open_regions, report)
    for region in open_regions:
        report(region.begin, f"region `{region.name}` never closed")
    for region in source.regions.values():
        if region.end and source.is_blank(region):
            report(region.begin, f"region `{region.name}` is empty")
    return source


def _close_region(name: str, number: int, open_regions: list[Region], report) -> None:
    names = [region.name for region in open_regions]
    if name not in names:
        report(number, f"region `{name}` closed but not open")
        return
    if names[-1] != name:
        inner = open_regions[-1]
        report(number, f"regions cross: `{name}` ends inside `{inner.name}`, begun on line {inner.begin}")
    region = open_regions.pop(names.index(name))
    region.end = number


class Quotes:
    """Resolves every quotation of the book against the sources, and remembers which lines were quoted."""

    def __init__(self, root: Path):
        self.root = root
        self.sources: dict[str, Source] = {}
        self.quoted: dict[str, dict[str, set[int]]] = {}  # page name → source name → line numbers
        self.used: set[tuple[str, str]] = set()  # (source name, region name)
        for folder in SOURCE_FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                if path.is_file() and _is_text(path):
                    self.source(path.relative_to(root).as_posix())

    def source(self, name: str) -> Source:
        if name not in self.sources:
            self.sources[name] = read_source(self.root, name)
        return self.sources[name]

    def resolve(self, page: Page, fence: Fence) -> list[tuple[int, str]] | None:
        """The (line number, text) pairs a fence must show; None when there is nothing to show, which is reported."""
        name, _, region_name = fence.options["file"].partition("#")
        if unknown := sorted(set(fence.options) - {"file"}):
            page.report(fence.line, f"unknown word `{unknown[0]}` after the language; only file= is allowed")
        target = (self.root / name).resolve()
        if not target.is_relative_to(self.root.resolve()):
            return page.report(fence.line, f"path leads outside the repository: {name}")
        if not target.is_file():
            return page.report(fence.line, f"unknown file: {name}")
        source = self.source(name)
        region = None
        if "#" in fence.options["file"]:
            region = source.regions.get(region_name)
            if not region:
                return page.report(fence.line, f"unknown region `{region_name}` in {name}{_hint(region_name, source)}")
            self.used.add((name, region_name))
            if not region.end or source.is_blank(region):
                return None  # reported with the source
        numbers = source.lines_of(region)
        self.quoted.setdefault(page.name, {}).setdefault(name, set()).update(numbers)
        texts = _without_common_indent([source.lines[number - 1].rstrip() for number in numbers])
        snippet = list(zip(numbers, texts))
        self._check_form(page, fence, name, snippet)
        return snippet

    def _check_form(self, page: Page, fence: Fence, name: str, snippet: list[tuple[int, str]]) -> None:
        if len(snippet) > MAX_LINES:
            page.report(fence.line, f"snippet of {len(snippet)} lines, at most {MAX_LINES} are allowed: split the "
                                    f"region ({name}:{snippet[0][0]})")
        for number, text in snippet:
            if "\t" in text:
                page.report(fence.line, f"tab character in {name}:{number}")
            if len(text) > MAX_COLUMNS:
                page.report(fence.line, f"line of {len(text)} columns, at most {MAX_COLUMNS} fit the page: "
                                        f"{name}:{number}")
            if fence.is_closed_by(text):
                page.report(fence.line, f"{name}:{number} would close the fence: use a longer one")

    def check(self, page: Page) -> None:
        for fence in page.quotes:
            snippet = self.resolve(page, fence)
            if snippet is not None and fence.body != [text for _, text in snippet]:
                _report_difference(page, fence, snippet)

    def sync(self, page: Page) -> None:
        for fence in reversed(page.quotes):  # from the end, so that the line numbers before stay right
            snippet = self.resolve(page, fence)
            if snippet is not None and not any(fence.is_closed_by(text) for _, text in snippet):
                page.lines[fence.line:fence.line + len(fence.body)] = [text for _, text in snippet]

    def source_findings(self) -> list[Finding]:
        """What is wrong in the sources themselves, and the regions nobody quotes."""
        findings = []
        for source in self.sources.values():
            findings += source.findings
            findings += [Finding(source.name, region.begin, f"no chapter uses region `{region.name}`", warning=True)
                         for region in source.regions.values() if (source.name, region.name) not in self.used]
        return findings


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(1024)


def _hint(name: str, source: Source) -> str:
    close = difflib.get_close_matches(name, source.regions, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _without_common_indent(lines: list[str]) -> list[str]:
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)
    return [line[indent:] for line in lines]


def _report_difference(page: Page, fence: Fence, snippet: list[tuple[int, str]]) -> None:
    wanted = [text for _, text in snippet]
    pairs = zip(fence.body, wanted)
    first = next((index for index, (is_, must) in enumerate(pairs) if is_ != must), min(len(fence.body), len(wanted)))
    name = fence.options["file"].partition("#")[0]
    source_line = snippet[min(first, len(snippet) - 1)][0]
    diff = difflib.unified_diff(fence.body, wanted, page.name, fence.options["file"], lineterm="")
    page.report(fence.line + 1 + first, f"differs from {name}:{source_line}; run `./dev docs sync`\n"
                + "\n".join("    " + line for line in diff))
