"""Reads a page of the book: front matter, headings, fenced blocks, prose.

Only as much of Markdown as the checks need. What is inside a fence is never looked at as Markdown.
"""

import re
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from finding import Finding

# What may stand in the front matter, and the form of its value.
KEYS = {"kind": str, "step": str, "minutes": int, "quotes": int,
        "needs": list, "man": list, "labs": list, "flips": list}
KINDS = ("step", "other")

CHAPTER_NAME = re.compile(r"\d\d[a-z]?-.*\.md")
FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*([^`]*)$")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")


@dataclass
class Fence:
    line: int  # of the opening fence; the body starts one line later
    mark: str  # the backticks (or tildes) that opened it
    words: list[str]  # the info string: language first
    body: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def options(self) -> dict[str, str]:
        """The words after the language: `needs=root` gives needs → root, a bare `norun` gives norun → ""."""
        return dict(word.partition("=")[::2] for word in self.words[1:])

    def is_closed_by(self, line: str) -> bool:
        line = line.strip()
        return line.startswith(self.mark) and not line.strip(self.mark[0])


@dataclass
class Heading:
    line: int
    level: int
    text: str
    slug: str


@dataclass
class Page:
    path: Path
    name: str  # path relative to the repository root
    lines: list[str]
    is_chapter: bool = False
    meta: dict[str, object] = field(default_factory=dict)
    meta_lines: dict[str, int] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)  # as long as `lines`, "" where a line is not prose
    findings: list[Finding] = field(default_factory=list)

    def report(self, line: int, text: str, warning: bool = False) -> None:
        self.findings.append(Finding(self.name, line, text, warning))

    @property
    def transcripts(self) -> list[Fence]:
        return [fence for fence in self.fences if fence.language == "console"]

    @property
    def quotes(self) -> list[Fence]:
        return [fence for fence in self.fences if "file" in fence.options]

    @cached_property
    def word_count(self) -> int:
        """Without what a tool has written: nobody reads that from one end to the other."""
        count, generated = 0, False
        for line in self.prose:
            generated = line.startswith("<!-- generated") or generated and not line.startswith("<!-- end generated")
            count += 0 if generated else sum(bool(re.search(r"\w", word)) for word in line.split())
        return count

    def save(self) -> bool:
        """Writes the lines back; says whether the file changed."""
        text = "".join(line + "\n" for line in self.lines)
        if text == self.path.read_text(encoding="utf-8"):
            return False
        self.path.write_text(text, encoding="utf-8")
        return True


def find_pages(root: Path) -> list[Page]:
    """Every page of the book. Only those named NN-*.md are chapters, and NNa-*.md when a step has several; a very long
    one may have a folder of them."""
    book = root / "tutorial"
    paths = sorted([*book.glob("*.md"), *book.glob("[0-9][0-9]-*/*.md")])
    return [read_page(root, path) for path in paths]


def read_page(root: Path, path: Path) -> Page:
    page = Page(path, path.relative_to(root).as_posix(), path.read_text(encoding="utf-8").splitlines())
    page.is_chapter = bool(CHAPTER_NAME.fullmatch(path.name))
    start = _read_front_matter(page)
    _read_body(page, start)
    return page


def _read_front_matter(page: Page) -> int:
    """Fills page.meta and returns the index of the first line after it."""
    if not page.lines or page.lines[0] != "---":
        if page.is_chapter:
            page.report(1, "a chapter starts with front matter between two `---` lines")
        return 0
    if "---" not in page.lines[1:]:
        page.report(1, "front matter never closed: a second `---` line is missing")
        return 0
    end = page.lines.index("---", 1)
    for number, line in enumerate(page.lines[1:end], start=2):
        _read_entry(page, number, line)
    kind = page.meta.get("kind")
    if kind not in KINDS:
        page.report(page.meta_lines.get("kind", 1), f"front matter needs `kind:`, one of {', '.join(KINDS)}")
    if kind == "step" and "step" not in page.meta:
        page.report(1, "`kind: step` needs `step:`, the name of a folder in steps/")
    return end + 1


def _read_entry(page: Page, number: int, line: str) -> None:
    match = re.fullmatch(r"([a-z]+):\s*(.*?)\s*", line)
    if not match:
        page.report(number, f"front matter is made of `key: value` lines, not `{line}`")
        return
    key, text = match.groups()
    if key not in KEYS:
        page.report(number, f"unknown front matter key `{key}`; known are {', '.join(KEYS)}")
    elif key in page.meta:
        page.report(number, f"`{key}` was given before, on line {page.meta_lines[key]}")
    else:
        listed = re.fullmatch(r"\[(.*)\]", text)
        value: object = text
        if KEYS[key] is list and listed:
            value = [item.strip() for item in listed[1].split(",") if item.strip()]
        elif KEYS[key] is int and text.isdecimal():
            value = int(text)
        elif KEYS[key] is not str or listed or not text:
            form = {list: "a list: `[a, b]`", int: "a whole number", str: "one word or line"}[KEYS[key]]
            page.report(number, f"`{key}` must be {form}")
            return
        page.meta[key], page.meta_lines[key] = value, number


def _read_body(page: Page, start: int) -> None:
    page.prose = [""] * len(page.lines)
    slugs: dict[str, int] = {}
    fence = None
    for number, line in enumerate(page.lines[start:], start=start + 1):
        if fence:
            if fence.is_closed_by(line):
                fence = None
            else:
                fence.body.append(line)
        elif match := FENCE.fullmatch(line):
            fence = _open_fence(page, number, *match.groups())
        else:
            page.prose[number - 1] = line
            if match := HEADING.fullmatch(line):
                slug = _unique(slug_of(match[2]), slugs)
                page.headings.append(Heading(number, len(match[1]), match[2], slug))
    if fence:
        page.report(fence.line, f"fence never closed: a line `{fence.mark}` is missing")
        page.fences.remove(fence)  # its body goes on to the end of the page: nothing to compare or to rewrite


def _open_fence(page: Page, number: int, indent: str, mark: str, info: str) -> Fence:
    ours = info.startswith("console") or "file=" in info
    try:
        words = shlex.split(info)
    except ValueError as problem:  # a quote left open; in foreign blocks that is none of our business
        words = info.split()[:1]
        if ours:
            page.report(number, f"cannot read `{info}`: {problem}")
    if ours and indent:
        page.report(number, "a quoted or executed block must start in the first column")
    fence = Fence(number, mark, words)
    page.fences.append(fence)
    return fence


def slug_of(heading: str) -> str:
    """The anchor that GitHub makes of a heading: `What you *will* have` → what-you-will-have."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)  # a link counts as its text
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _unique(slug: str, seen: dict[str, int]) -> str:
    """A heading that comes again gets -1, -2 …, as on GitHub."""
    count = seen.get(slug, 0)
    seen[slug] = count + 1
    return f"{slug}-{count}" if count else slug
