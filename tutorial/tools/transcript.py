"""Reads a ```console block: what is typed, and what is expected to come back.

    $ sudo ./step1-chroot rootfs sh       typed at the host's prompt
    / # ls | \\                            typed into that command, at the container's prompt
    > head -1                             a continuation of the line before
    bin                                   output
    / # exit
    [3]                                   the exit status of the command, when it is not 0
"""

import re
from dataclasses import dataclass, field

import needs
from chapter import Fence, Page

HOST_PROMPT = "$ "
CONTINUATION = "> "
# `/ # `, `/ $ `, `/etc # `: what busybox's shell shows inside a container. Editors strip a blank at the end.
CONTAINER_PROMPT = re.compile(r"(/\S* [#$])(?: (.*))?")
STATUS = re.compile(r"\[(\d+)\]")
OPTIONS = {"needs", "norun", "reason", "limit"}


@dataclass
class Step:
    """One line typed (with its continuations) and the output expected of it."""
    line: int  # where it is typed
    prompt: str
    text: str
    source: list[str]  # the lines of the book that type it
    expected: list[str] = field(default_factory=list)

    @property
    def output_line(self) -> int:
        return self.line + len(self.source)


@dataclass
class Command:
    """A host command; the steps after the first are typed into it through a terminal."""
    steps: list[Step]
    status: int = 0
    status_line: int = 0

    @property
    def is_session(self) -> bool:
        return len(self.steps) > 1


@dataclass
class Block:
    page: Page
    fence: Fence
    commands: list[Command] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    skip_reason: str = ""  # of a block that says `norun`
    limit: float | None = None


def parse(page: Page, fence: Fence) -> Block:
    """Whatever is wrong is reported on the page."""
    block = Block(page, fence)
    _read_options(block)
    steps: list[Step] = []
    for number, line in enumerate(fence.body, start=fence.line + 1):
        container = CONTAINER_PROMPT.fullmatch(line)
        last = steps[-1] if steps else None
        if line.startswith(HOST_PROMPT) or (container and last):
            text = line[len(HOST_PROMPT):] if line.startswith(HOST_PROMPT) else container[2] or ""
            prompt = HOST_PROMPT if line.startswith(HOST_PROMPT) else container[1] + " "
            steps.append(Step(number, prompt, text, [line]))
        elif not last:
            page.report(number, "a transcript starts with a command: `$ …`")
            return block
        elif (line.startswith(CONTINUATION) or line == CONTINUATION.strip()) and not last.expected:
            last.text += "\n" + line[len(CONTINUATION):]
            last.source.append(line)
        else:
            last.expected.append(line)
            _check_regex(page, number, line)
    for step in steps:
        if step.prompt == HOST_PROMPT:
            block.commands.append(Command([step]))
        else:
            block.commands[-1].steps.append(step)
        _take_status(page, block.commands[-1], step)
    if not steps:
        page.report(fence.line, "an empty transcript")
    return block


def _check_regex(page: Page, number: int, line: str) -> None:
    if line.endswith(" (re)"):
        try:
            re.compile(line[:-5])
        except re.error as problem:
            page.report(number, f"not a regular expression: {problem}")


def _take_status(page: Page, command: Command, step: Step) -> None:
    """Moves a `[N]` at the end of the output from the output to the command."""
    if command.status_line:
        page.report(command.status_line, "an exit status stands after the last line of its command")
    while step.expected and not step.expected[-1].strip():
        step.expected.pop()
    if step.expected and (status := STATUS.fullmatch(step.expected[-1])):
        step.expected.pop()
        command.status = int(status[1])
        command.status_line = step.output_line + len(step.expected)


def _read_options(block: Block) -> None:
    page, fence, options = block.page, block.fence, block.fence.options
    for word in sorted(set(options) - OPTIONS):
        page.report(fence.line, f"unknown word `{word}` after console; known are {', '.join(sorted(OPTIONS))}")
    block.needs = [need for need in options.get("needs", "").split(",") if need]
    for need in block.needs:
        if not needs.is_known(need):
            page.report(fence.line, f"unknown need `{need}`; known are {', '.join(needs.NEEDS)} and cmd:NAME")
    if "norun" in options:
        block.skip_reason = options.get("reason", "")
        if not block.skip_reason:
            page.report(fence.line, '`norun` needs reason="…"')
    if "limit" in options:
        if re.fullmatch(r"\d+(\.\d+)?", options["limit"]):
            block.limit = float(options["limit"])
        else:
            page.report(fence.line, "limit= is a number of seconds")


def is_control(line: str) -> bool:
    """Would this line be taken for something other than literal output? A backslash before it prevents that."""
    return bool(line.startswith((HOST_PROMPT, CONTINUATION)) or line in ("...", CONTINUATION.strip())
                or CONTAINER_PROMPT.fullmatch(line) or STATUS.fullmatch(line))
