"""The form of a chapter: its headings, its length, its links."""

import difflib
import re
from pathlib import Path

import needs
import transcript
from chapter import Page, read_page

MAX_WORDS = 3500

STEP_HEADINGS = [
    "What you will have", "The hole", "The kernel interface", "The code", "Try it", "What flipped", "Break it",
    "How Docker and runc do it", "Exercises", "Check yourself", "Further reading",
]

CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
LINK = re.compile(r"""\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s+<?([^\s>]+)|<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)""", re.M)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def check(page: Page, root: Path) -> None:
    """Reports on the page. Links are checked on every page, the rest in chapters only."""
    check_links(page, root)
    if not page.is_chapter:
        return
    if page.meta.get("kind") == "step":
        check_headings(page)
    if page.word_count > MAX_WORDS:
        page.report(1, f"{page.word_count} words of prose, at most {MAX_WORDS} are allowed")
    for need in page.meta.get("needs", []):
        if not needs.is_known(need):
            page.report(page.meta_lines["needs"], f"unknown need `{need}`; known are {', '.join(needs.NEEDS)}")
    for fence in page.transcripts:
        transcript.parse(page, fence)


def check_headings(page: Page) -> None:
    """Reports each difference from the fixed list: missing, foreign or misplaced headings."""
    found = [heading for heading in page.headings if heading.level == 2]
    matcher = difflib.SequenceMatcher(None, [heading.text for heading in found], STEP_HEADINGS, autojunk=False)
    end = len(page.lines)
    for action, first, last, wanted_first, wanted_last in matcher.get_opcodes():
        if action == "equal":
            continue
        for heading in found[first:last]:
            known = heading.text in STEP_HEADINGS
            page.report(heading.line, f"heading `{heading.text}` is " + ("in the wrong place or there twice" if known
                        else "not one of a step chapter's; use ### inside a section"))
        for text in STEP_HEADINGS[wanted_first:wanted_last]:
            if text not in [heading.text for heading in found]:
                line = found[last].line if last < len(found) else end
                page.report(line, f"heading `## {text}` is missing before this line")


def check_links(page: Page, root: Path) -> None:
    # Code spans are blanked, not removed, so that offsets still tell the line.
    text = CODE_SPAN.sub(lambda span: " " * len(span[0]), "\n".join(page.prose))
    for match in LINK.finditer(text):
        link = match[1] or match[2] or match[3]
        line = text.count("\n", 0, match.start()) + 1
        if not SCHEME.match(link) and (problem := link_problem(page, root, link)):
            page.report(line, f"broken link `{link}`: {problem}")


def link_problem(page: Page, root: Path, link: str) -> str | None:
    name, _, anchor = link.partition("#")
    if name.startswith("/"):
        return "write it relative to this page"
    target = (page.path.parent / name).resolve() if name else page.path
    if not target.is_relative_to(root.resolve()):
        return "it leads outside the repository"
    if not target.exists():
        return "there is no such file"
    if anchor and target.suffix == ".md":
        other = page if target == page.path else read_page(root.resolve(), target)
        anchors = [heading.slug for heading in other.headings]
        anchors += re.findall(r"""<[a-z]+\s[^>]*?(?:id|name)="([^"]+)""", "\n".join(other.prose))
        if anchor not in anchors:
            close = difflib.get_close_matches(anchor, anchors, n=1)
            return f"no heading gives #{anchor}" + (f"; did you mean #{close[0]}?" if close else "")
    return None
