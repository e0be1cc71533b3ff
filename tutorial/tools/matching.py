"""Compares output with what the book expects of it.

    ...            alone on a line: any number of lines, also none; inside a line: any text
    <name>         one token, the same wherever <name> recurs in the chapter
    <name:int>     the same, digits only; <name:float> may have a fraction
    \\<name>        no placeholder: the text <name>
    text (re)      the whole line is a regular expression
    \\$ text        a backslash before a line that would be read as a prompt, `...` or `[N]`: literal text
"""

import re
from dataclasses import dataclass

from transcript import is_control

PLACEHOLDER = re.compile(r"\\<|\.\.\.|<([a-z][a-z0-9-]*)(?::(int|float))?>")
TOKENS = {None: r"""[^\s'",;()<>]+""", "int": r"[0-9]+", "float": r"[0-9]+(?:\.[0-9]+)?"}
SHORTEST_VALUE = 4  # an untyped value shorter than this is too likely to stand elsewhere by chance


@dataclass(frozen=True)
class Value:
    """What a placeholder stands for."""
    text: str
    typed: bool


Names = dict[str, Value]


def match_line(expected: str, actual: str, names: Names) -> Names | None:
    """The names, with those this line adds; None when the line does not match."""
    if expected.endswith(" (re)"):
        return names if re.fullmatch(expected[:-5], actual) else None
    if expected == actual and "<" not in expected:
        return names
    if expected.startswith("\\") and is_control(expected[1:]):
        expected = expected[1:]
        if expected == "...":
            return names if actual == "..." else None
    pattern, position = "", 0
    groups: dict[str, tuple[str, bool]] = {}  # new name → its group in the pattern, and whether it is typed
    for found in PLACEHOLDER.finditer(expected):
        pattern += re.escape(expected[position:found.start()])
        position = found.end()
        name, kind = found.groups()
        if found[0] == "\\<":
            pattern += "<"
        elif found[0] == "...":
            pattern += ".*?"
        elif name in names:
            pattern += re.escape(names[name].text)
        elif name in groups:
            pattern += f"(?P={groups[name][0]})"
        else:
            groups[name] = (f"g{len(groups)}", kind is not None)
            pattern += f"(?P<{groups[name][0]}>{TOKENS[kind]})"
    match = re.fullmatch(pattern + re.escape(expected[position:]), actual)
    if not match:
        return None
    return names | {name: Value(match[group], typed) for name, (group, typed) in groups.items()}


def match_lines(expected: list[str], actual: list[str], names: Names) -> Names | None:
    """Like match_line, for a whole output. Tries every place for what stands between two `...` lines."""
    segments: list[list[str]] = [[]]
    for line in expected:
        if line.strip() == "...":
            segments.append([])
        else:
            segments[-1].append(line)
    failed = set()  # (segment, position, names) known to lead nowhere

    def place(index: int, start: int, names: Names) -> Names | None:
        segment = segments[index]
        key = (index, start, frozenset(names.items()))
        last_start = len(actual) - len(segment)
        is_first, is_last = index == 0, index == len(segments) - 1
        starts = range(start, last_start + 1)
        if is_first or is_last:  # bound to the beginning, to the end, or to both
            only = 0 if is_first else last_start
            starts = [only] if only in starts and (not is_last or only == last_start) else []
        if key not in failed:
            for begin in starts:
                found: Names | None = names
                for line, text in zip(segment, actual[begin:]):
                    found = match_line(line, text, found)
                    if found is None:
                        break
                if found is not None and not is_last:
                    found = place(index + 1, begin + len(segment), found)
                if found is not None:
                    return found
        failed.add(key)
        return None

    return place(0, 0, names)


def compare(expected: list[str], actual: list[str], names: Names) -> tuple[list[tuple[str, str]], Names]:
    """For output that does not match: its lines, marked " " (as expected), "-" (expected), "+" (what came)."""
    marked = []
    for wanted, came in _align(expected, actual, names):
        if wanted is not None and came is not None and (more := match_line(wanted, came, names)) is not None:
            names = more
            marked.append((" ", wanted))
        elif wanted is not None and wanted.strip() == "...":
            marked.append((" ", wanted))
        else:
            marked += [("-", wanted)] if wanted is not None else []
            marked += [("+", came)] if came is not None else []
    return marked, names


def _align(expected: list[str], actual: list[str], names: Names) -> list[tuple[str | None, str | None]]:
    """Pairs up expected and actual lines with the least changes, like diff(1); what a `...` takes in is free."""
    changed, inserted, deleted = 1.0, 1.0, 1.5  # so that a changed line is not a line lost and one swallowed by `...`
    height, width = len(expected), len(actual)
    # best[i][j]: (cost, step in i, step in j) of pairing expected[i:] with actual[j:]
    best = [[(0.0, 0, 0)] * (width + 1) for _ in range(height + 1)]
    for i in range(height, -1, -1):
        for j in range(width, -1, -1):
            ways = []
            is_dots = i < height and expected[i].strip() == "..."
            if i < height:
                ways.append((best[i + 1][j][0] + (0 if is_dots else deleted), 1, 0))
            if j < width:
                ways.append((best[i][j + 1][0] + (0 if is_dots else inserted), 0, 1))
            if i < height and j < width and not is_dots:
                matches = match_line(expected[i], actual[j], names) is not None
                ways.append((best[i + 1][j + 1][0] + (0 if matches else changed), 1, 1))
            if ways:
                best[i][j] = min(ways, key=lambda way: (way[0], -way[1] - way[2]))
    pairs: list[tuple[str | None, str | None]] = []
    i = j = 0
    while i < height or j < width:
        _, down, right = best[i][j]
        is_dots = i < height and expected[i].strip() == "..."
        if down or not is_dots:  # what a `...` takes in is not listed
            pairs.append((expected[i] if down else None, actual[j] if right else None))
        i, j = i + down, j + right
    return pairs


def abstracted(line: str, names: Names) -> str:
    """A line of real output as the book must write it, known values put back as their placeholders."""
    if line.endswith(" (re)"):
        return re.escape(line) + " (re)"
    if is_control(line):
        line = "\\" + line
    line = PLACEHOLDER.sub(lambda found: "\\" + found[0] if found[1] else found[0], line)
    known = {value.text: name for name, value in names.items() if value.typed or len(value.text) >= SHORTEST_VALUE}
    if not known:
        return line
    longest_first = "|".join(re.escape(text) for text in sorted(known, key=len, reverse=True))
    return re.sub(rf"(?<![\w.])(?:{longest_first})(?!\w|\.\d)", lambda found: f"<{known[found[0]]}>", line)
