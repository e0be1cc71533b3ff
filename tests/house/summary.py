#!/usr/bin/env python3
"""What a run of ctest came to, counted in tests rather than in programs.

    ctest --output-junit junit.xml --test-output-size-passed 10000000 \\
          --test-output-size-failed 10000000
    ctest --show-only=json-v1 > tests.json      (for the labels)
    summary.py junit.xml tests.json [more pairs, of other build trees]

A program that reports its own tests (TAP, Python's unittest, Catch2, or a line
`… N blocks: N passed, N failed, N skipped`) counts with these, any other as
one. Every skip is listed with its reason. The last line stands alone:
`N passed, N failed, N skipped`.
"""

import argparse
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from project import main_of

CUT = "[This part of the test output was removed"  # ctest's own words


@dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    reasons: list[str] = field(default_factory=list)  # of the skips
    trouble: list[str] = field(default_factory=list)  # failures, odd counts

    def add(self, other: "Result") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def counts(self) -> str:
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def count_tap(output: str) -> Result | None:
    plans = re.findall(r"^1\.\.(\d+)", output, re.MULTILINE)
    lines = re.findall(r"^(not )?ok\b[ \t]*(\d*)([^\n]*)", output, re.MULTILINE)
    if not plans and not lines:
        return None
    result = Result()
    for failed, number, text in lines:
        skip = re.search(r"#\s*skip\S*[ \t]*(.*)", text, re.IGNORECASE)
        if skip:
            result.skipped += 1
            name = text[:skip.start()].strip(" -")
            reason = skip[1].strip(" ()") or "no reason given"
            result.reasons.append(f"{number} {name}: {reason}")
        elif failed:
            result.failed += 1
            result.trouble.append(f"not ok {number}{text}")
        else:
            result.passed += 1
    planned = sum(map(int, plans))
    if plans and len(lines) != planned:
        # A suite that stopped half-way must not look like a short one.
        result.failed += 1
        result.trouble.append(f"planned {planned} tests and ran {len(lines)}")
    return result


def count_blocks(output: str) -> Result | None:
    # The line of each chapter; the sum below them starts with a number.
    lines = re.findall(r"^\S+: \d+ blocks: (\d+) passed, (\d+) failed, (\d+) skipped",
                       output, re.MULTILINE)
    if not lines:
        return None
    passed, failed, skipped = (sum(map(int, column)) for column in zip(*lines))
    reasons = re.findall(r"^(\S+:\d+: skipped: .+)$", output, re.MULTILINE)
    return Result(passed, failed, skipped, reasons=reasons)


def count_unittest(output: str) -> Result | None:
    total = failed = skipped = 0
    runs = re.findall(r"^Ran (\d+) tests? in .*\n+(?:OK|FAILED|NO TESTS RAN)"
                      r"(.*)$", output, re.MULTILINE)
    if not runs:
        return None
    for ran, details in runs:
        # " (failures=1, expected failures=2, skipped=3)"
        numbers = dict(re.findall(r"[(,] ?([a-z ]+)=(\d+)", details))
        total += int(ran)
        failed += sum(int(numbers.get(kind, 0)) for kind in
                      ("failures", "errors", "unexpected successes"))
        skipped += int(numbers.get("skipped", 0))
    reasons = re.findall(r"^(.*?) ?\.\.\. skipped (?:'|\")(.*)(?:'|\")$",
                         output, re.MULTILINE)
    # One test may fail in several sub-tests.
    return Result(max(total - failed - skipped, 0), failed, skipped,
                  reasons=[f"{test}: {reason}" for test, reason in reasons])


def count_catch2(output: str) -> Result | None:
    good = re.search(r"^All tests passed \(.* in (\d+) test cases?\)", output,
                     re.MULTILINE)
    if good:
        return Result(passed=int(good[1]))
    line = re.search(r"^test cases:(.*)$", output, re.MULTILINE)
    if line is None:
        return None
    numbers = {name: int(number) for number, name in
               re.findall(r"(\d+) (passed|failed|skipped)", line[1])}
    return Result(**numbers)


def result_of(case: ElementTree.Element) -> Result:
    output = case.findtext("system-out") or ""
    status = case.get("status")
    last_line = (output.strip().splitlines() or [""])[-1]
    if status == "disabled":
        result = Result(skipped=1, reasons=["disabled in CMake"])
    elif status == "notrun":
        skip = case.find("skipped")
        message = skip.get("message", "") if skip is not None else ""
        if message.startswith("SKIP_"):  # the test said so itself
            result = Result(skipped=1, reasons=[last_line or message])
        else:  # no such program, a fixture failed, …
            result = Result(failed=1, trouble=[f"not run: {message}"])
    else:
        result = result_of_run(output, status == "run", last_line)
    missing = result.skipped - len(result.reasons)
    if missing > 0:
        result.reasons.append(f"{missing} without a reason in the output")
    result.seconds = float(case.get("time") or 0)
    return result


def result_of_run(output: str, succeeded: bool, last_line: str) -> Result:
    counted = None
    if CUT not in output:
        counted = (count_tap(output) or count_blocks(output)
                   or count_unittest(output) or count_catch2(output))
    result = counted or Result(passed=1 if succeeded else 0)
    if CUT in output:
        result.trouble.append("counted as one test: ctest cut its output "
                              "(--test-output-size-passed 10000000)")
    if not succeeded and result.failed == 0:
        # A crash, a time limit, or a check around the tests.
        result.failed = 1
        result.trouble.append(f"failed: {last_line or 'no output'}")
    return result


def labels_of(listing: Path | None) -> dict[str, str]:
    """The first label of each test: a test counts once."""
    if listing is None:
        return {}
    labels = {}
    for test in json.loads(listing.read_text())["tests"]:
        for item in test.get("properties", []):
            if item["name"] == "LABELS" and item["value"]:
                labels[test["name"]] = item["value"][0]
    return labels


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+",
                        metavar="JUNIT.xml TESTS.json")
    files = parser.parse_args().files
    cases = []  # with the label of each
    try:
        for junit, listing in zip_longest(files[::2], files[1::2]):
            labels = labels_of(listing)
            cases += [(case, labels.get(case.get("name"), "(no label)"))
                      for case in ElementTree.parse(junit).iter("testcase")]
    except (OSError, ValueError, ElementTree.ParseError) as error:
        parser.error(f"cannot read the results: {error}")

    by_label: dict[str, Result] = defaultdict(Result)
    total, notes = Result(), []
    for case, label in cases:
        result = result_of(case)
        by_label[label].add(result)
        total.add(result)
        notes += [f"  {case.get('name')}: {text}" for text in result.trouble]
        notes += [f"  {case.get('name')}: skipped: {text}"
                  for text in result.reasons]

    print(f"{'label':<14}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>10}")
    for label, row in sorted(by_label.items()):
        print(f"{label:<14}{row.passed:>8}{row.failed:>8}{row.skipped:>8}"
              f"{row.seconds:>10.1f}")
    if notes:
        print("", *notes, sep="\n")
    print("", total.counts(), sep="\n")
    # "Nothing failed" is no good news when nothing ran.
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    main_of(main)
