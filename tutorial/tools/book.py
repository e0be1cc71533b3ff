#!/usr/bin/env python3
"""The book's tool: keeps quoted code equal to the source, checks the chapters' form, runs their transcripts.

  sync [CHAPTER…]   rewrite quoted code from the sources, the tables of what flipped, and the generated part of the field
                    guide to errors
  check             fail when quoted code, a table, a heading, a link or the field guide is not as it must be; runs nothing
  run [CHAPTER…]    run the transcripts (the console blocks) and compare their output with what is written
  list              the chapters, one a line

A chapter is named by its path, its name or its number: tutorial/01-chroot.md, 01-chroot, 01.
Exit status: 0 all is well, 1 something was found, 2 the command line is wrong.
"""

import argparse
import difflib
import os
import signal
import sys
from pathlib import Path

import field_guide
import flips
import lint
import sandbox
import transcripts
from chapter import Page, find_pages
from coverage import report_coverage
from finding import Finding
from regions import Quotes


class UsageError(Exception):
    pass


def main(arguments: list[str]) -> int:
    options = read_arguments(arguments)
    root = options.root.resolve()
    try:
        pages = find_pages(root)
        if options.verb == "sync":
            return sync(root, pages, options.chapters)
        if options.verb == "check":
            return check(root, pages)
        if options.verb == "run":
            return run(root, pages, options)
        return show(pages)
    except UsageError as problem:
        print(f"book.py: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("book.py: interrupted", file=sys.stderr)
        return 130


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="book.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], metavar="DIR",
                        help="the repository (default: the one this file is in)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="sync|check|run|list")
    sync_verb = verbs.add_parser("sync", help="rewrite quoted code and the field guide")
    verbs.add_parser("check", help="check everything that needs no execution")
    run_verb = verbs.add_parser("run", help="run the transcripts")
    verbs.add_parser("list", help="list the chapters")
    run_verb.add_argument("--update", action="store_true", help="write the actual output into the chapters")
    run_verb.add_argument("--bin", type=Path, metavar="DIR",
                          help="the programs seen as ~/slipway/build/release/bin (default: build/release/bin)")
    run_verb.epilog = "BOOK_TIME_FACTOR=N in the environment multiplies all time limits (60 s a command)."
    for verb in (sync_verb, run_verb):
        verb.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: all")
    return parser.parse_args(arguments)


def chosen(pages: list[Page], names: list[str]) -> list[Page]:
    """The chapters of these names; all pages when there are none."""
    return [find(pages, name) for name in names] or pages


def find(pages: list[Page], name: str) -> Page:
    stems = [page.name.removeprefix("tutorial/").removesuffix(".md") for page in pages]
    found = [page for page, stem in zip(pages, stems)
             if name in (stem, page.name) or stem.startswith(f"{name}-") or Path(name).resolve() == page.path]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{name}` may be any of {', '.join(page.name for page in found)}")
    close = difflib.get_close_matches(name, stems, n=1)
    raise UsageError(f"no chapter `{name}`" + (f"; did you mean {close[0]}?" if close else ""))


def sync(root: Path, pages: list[Page], names: list[str]) -> int:
    quotes, golden = Quotes(root), flips.read(root)
    for page in chosen(pages, names):
        quotes.sync(page)
        flips.sync(page, golden)
    field_guide.sync(pages)
    for page in pages:
        if page.save():
            print(f"{page.name}: rewritten")
    sources = [finding for source in quotes.sources.values() for finding in source.findings]
    return report([finding for page in pages for finding in page.findings] + sources)


def check(root: Path, pages: list[Page]) -> int:
    quotes, golden = Quotes(root), flips.read(root)
    for page in pages:
        quotes.check(page)
        flips.check(page, golden)
        lint.check(page, root)
    for page in pages:
        if page.is_chapter and (line := report_coverage(page, pages, quotes)):
            print(line)
    guide = field_guide.check(pages)
    found = [finding for page in pages for finding in page.findings]
    return report(found + guide + quotes.source_findings())


def report(findings: list[Finding]) -> int:
    for finding in sorted(findings, key=lambda finding: (finding.path, finding.line)):
        print(finding)
    return int(any(not finding.warning for finding in findings))


def run(root: Path, pages: list[Page], options: argparse.Namespace) -> int:
    programs = options.bin or root / "build/release/bin"
    if options.bin and not programs.is_dir():
        raise UsageError(f"--bin: no such folder: {programs}")
    if not programs.is_dir():
        print(f"note: {programs} does not exist; build first, or say --bin DIR")
    try:
        factor = float(os.environ.get("BOOK_TIME_FACTOR", "1"))
    except ValueError:
        raise UsageError("BOOK_TIME_FACTOR is a number") from None
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))  # so that cleaning up takes place
    sandbox.adopt_orphans()
    chapters = [page for page in chosen(pages, options.chapters) if page.is_chapter]
    total, good = transcripts.Tally(), True
    for page in chapters:
        tally, fine = transcripts.run_chapter(page, root, programs.resolve(), factor, options.update)
        total, good = total + tally, good and fine
    print(f"{len(chapters)} chapters: {total}")
    return 0 if good else 1


def show(pages: list[Page]) -> int:
    for page in pages:
        if page.is_chapter:
            print(f"{page.name:40} {page.meta.get('kind', '?'):6} {page.meta.get('minutes', '?'):>3} min "
                  f"{page.word_count:5} words {len(page.quotes):3} quotes {len(page.transcripts):3} transcripts")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
