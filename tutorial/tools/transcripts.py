"""Runs the transcripts of a chapter and compares what comes back with what is written."""

from dataclasses import dataclass
from pathlib import Path

import needs
import sandbox
from chapter import Page
from finding import Finding
from matching import Names, abstracted, compare, match_lines
from shell import Shell, ShellLost
from transcript import Block, Command, Step, parse

TIME_LIMIT = 60.0
MUST_RUN = 90  # percent of a chapter's blocks: skipping must not make it green


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    not_run: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped + self.not_run

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped, self.not_run + other.not_run)

    def __str__(self) -> str:
        text = f"{self.total} blocks: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return text + (f", {self.not_run} not run" if self.not_run else "")


class ChapterRun:
    """One chapter, one shell, one set of names. Findings are printed as they are made."""

    def __init__(self, page: Page, home: sandbox.Home, time_factor: float, update: bool):
        self.page, self.home, self.time_factor, self.update = page, home, time_factor, update
        self.names: Names = {}
        self.failures = 0
        self.edits: list[tuple[int, int, list[str]]] = []  # replace page.lines[from:to] by these
        self.shell = Shell(str(home.path), home.environment())
        self.lost = False

    def fail(self, line: int, text: str) -> None:
        self.failures += 1
        print(Finding(self.page.name, line, text), flush=True)

    def run_block(self, block: Block) -> bool:
        before = self.failures
        limit = (block.limit or TIME_LIMIT) * self.time_factor
        for command in block.commands:
            try:
                self._run_command(command, limit)
            except ShellLost as reason:
                self.lost = True
                self.fail(self.current.line, f"{reason}: {_shown(self.current)}")
                break
        return self.failures == before

    def _run_command(self, command: Command, limit: float) -> None:
        self.current = command.steps[0]
        self.shell.start(self.current.text, limit, command.is_session)
        status = None
        for index, step in enumerate(command.steps):
            self.current = step
            following = command.steps[index + 1] if index + 1 < len(command.steps) else None
            output, prompt, status = self._read_step(step, following, typed=index > 0)
            self._compare(step, self.home.as_read(output))
            if status is not None:
                if following:
                    self.fail(following.line, f"the command ended (exit status {status}) before this was typed")
                break
            if not following:
                self.fail(step.line, f"still running at the end of the block: {_shown(command.steps[0])}")
                self.shell.kill_foreground()
            elif prompt != following.prompt:
                self.fail(following.line, f"the prompt is `{prompt}`, the book says `{following.prompt}`")
        if status is not None and status != command.status:
            self._wrong_status(command, status, output)

    def _read_step(self, step: Step, following: Step | None, typed: bool) -> tuple[str, str | None, int | None]:
        if typed:
            *continued, last = step.text.split("\n")
            for line in continued:
                self.shell.type(line)
                result = self.shell.read("> ")
                if result[2] is not None:
                    return result
            self.shell.type(last)
        return self.shell.read(following.prompt if following else None)

    def _compare(self, step: Step, output: str) -> None:
        expected, actual = _stripped(step.expected), _stripped(output.split("\n"))
        names = match_lines(expected, actual, self.names)
        if names is not None:
            self.names = names
            return
        marked, self.names = compare(expected, actual, self.names)
        if self.update:
            new = [abstracted(text, self.names) if mark == "+" else text for mark, text in marked if mark != "-"]
            self._edit(step.output_line, len(step.expected), new)
            return
        first = next((index for index, (mark, _) in enumerate(marked) if mark != " "), 0)
        diff = "".join(f"\n    {mark} {text}" for mark, text in marked)
        bound = "".join(f"\n    <{name}> stands for {value.text}" for name, value in self.names.items()
                        if any(f"<{name}" in text for mark, text in marked if mark == "-"))
        self.fail(step.output_line + first, f"the output differs (- expected, + got): {_shown(step)}{diff}{bound}")

    def _wrong_status(self, command: Command, status: int, output: str) -> None:
        last = command.steps[-1]
        if self.update:
            line = command.status_line or last.output_line + len(last.expected)
            self._edit(line, 1 if command.status_line else 0, [f"[{status}]"] if status else [])
            return
        said = "".join(f"\n    {line}" for line in _stripped(output.split("\n"))[-5:])
        self.fail(command.status_line or command.steps[0].line,
                  f"exit status {status}, expected {command.status}: {_shown(command.steps[0])}{said}")

    def _edit(self, line: int, count: int, new: list[str]) -> None:
        if any(text.startswith(("```", "~~~")) for text in new):
            self.fail(line, "the new output has a line that would close the fence; not updated")
        else:
            self.edits.append((line - 1, line - 1 + count, new))

    def save(self) -> None:
        for first, last, new in reversed(self.edits):
            self.page.lines[first:last] = new
        if self.page.save():
            print(f"{self.page.name}: rewrote {len(self.edits)} places")


def run_chapter(page: Page, root: Path, programs: Path, time_factor: float, update: bool) -> tuple[Tally, bool]:
    """Runs all blocks; says also whether all is well, which a tally of blocks alone does not tell."""
    tally = Tally()
    blocks = [parse(page, fence) for fence in page.transcripts]
    if page.findings:
        print(*page.findings, sep="\n")
        return Tally(not_run=len(blocks)), False
    home = sandbox.Home(root, programs)
    run = None
    finished = False
    try:
        run = ChapterRun(page, home, time_factor, update)
        for block in blocks:
            _run_or_skip(run, block, tally)
        finished = True
    finally:  # also after an interrupt: nothing may stay behind
        last_line = blocks[-1].fence.line if blocks else 1
        if run and finished and not run.lost:
            run.shell.close()
        elif run:
            run.shell.kill()
        expected_leftovers = not finished or (run is not None and run.lost)
        leftovers = sandbox.kill_leftovers(0 if expected_leftovers else sandbox.GRACE)
        problems = [] if expected_leftovers else [f"left a process behind: {pid}: {home.as_read(command)}"
                                                  for pid, command in leftovers.items()]
        problems += [problem] if (problem := home.remove()) else []
        for problem in problems:
            print(Finding(page.name, last_line, problem))
    if update:
        run.save()
    ran = tally.passed + tally.failed
    if 100 * ran < MUST_RUN * tally.total:
        problems.append("too few blocks")
        print(Finding(page.name, 1, f"only {ran} of {tally.total} blocks ran, {MUST_RUN} % must"))
    print(f"{page.name}: {tally}", flush=True)
    return tally, not run.failures and not problems


def _run_or_skip(run: ChapterRun, block: Block, tally: Tally) -> None:
    if run.lost:
        tally.not_run += 1
        print(Finding(block.page.name, block.fence.line, "not run: the chapter's shell is gone"))
        return
    reason = block.skip_reason or ", ".join(needs.unmet(block.needs))
    if reason:
        tally.skipped += 1
        print(Finding(block.page.name, block.fence.line, f"skipped: {reason}"))
    elif run.run_block(block):
        tally.passed += 1
    else:
        tally.failed += 1


def _shown(step: Step) -> str:
    first, *more = step.text.split("\n")
    return f"`{step.prompt}{first}{' …' if more else ''}`"


def _stripped(lines: list[str]) -> list[str]:
    """Without blanks at the ends of lines and without empty lines at the end."""
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").split("\n") if any(lines) else []
