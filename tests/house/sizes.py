#!/usr/bin/env python3
"""How long files and functions are.

Prints the longest of each; the sizes are aims for a reader's comfort. Only a
file or a function beyond the hard limits is a finding.
"""

import re
import statistics
from typing import Iterator, NamedTuple

from project import (Finding, blank, cpp_files, main_of, parser_for, read,
                     report)

FILE_LIMIT = 500
FUNCTION_LIMIT = 80


class Function(NamedTuple):
    lines: int  # between its braces
    file: str
    line: int
    name: str


def functions_in(file: str, text: str) -> Iterator[Function]:
    """Finds functions by their braces: good enough for formatted code.

    A `{` opens a scope (namespace, class), a function, or neither, judged by
    what stands before it since the last `;`, `{` or `}`. What is inside a
    function belongs to it; what is inside a scope is looked at in turn.
    """
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*",  # directives have no braces
                  lambda directive: re.sub(r"[^\n]", " ", directive[0]),
                  blank(text), flags=re.MULTILINE)
    line, head, inside = 1, "", []  # inside: what each open brace has opened
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            within_scope = all(kind == "scope" for kind, *_ in inside)
            kind = kind_of_brace(head) if within_scope else "block"
            inside.append((kind, line, head))
        elif character == "}" and inside:
            kind, start, opened_by = inside.pop()
            if kind == "function":
                yield Function(max(line - start - 1, 1), file, start,
                               name_of(opened_by))
            elif kind == "value":  # `a{1}` in a longer head: go on with it
                head = opened_by + "{}"
                continue
        if character in "{};":
            head = ""
        else:
            head += character


def kind_of_brace(head: str) -> str:
    head = re.sub(r"template\s*<[^{;]*?>(?=\s*\w)", "", head).strip()
    scope = re.search(r"\b(?:namespace|class|struct|union|enum)\b", head)
    if head == "extern" or (scope and "(" not in head):
        return "scope"
    # `X(int n = {})`, and `X() : a_{1}` before the body of a constructor.
    if head.count("(") > head.count(")") or re.search(
            r"\)[^()]*(?<!:):(?!:).*[\w>]$", head, re.DOTALL):
        return "value"
    return "function" if ")" in head else "block"


def name_of(head: str) -> str:
    named = re.search(r"(operator\s*[^\s\w(]+|[\w:~]+)\s*\(", head)
    return named[1] if named else "?"


def main() -> int:
    root = parser_for(__doc__).parse_args().root
    texts = {name: read(root, name) for name in cpp_files(root)}
    lengths = {name: text.count("\n") for name, text in texts.items()}
    functions = [function for name, text in texts.items()
                 for function in functions_in(name, text)]

    def print_longest(what: str, lines: list[int], rows: list[str]) -> None:
        if lines:
            print(f"{len(lines)} {what}, {sum(lines)} lines, median "
                  f"{statistics.median_low(lines)}; the longest:")
            print(*rows, sep="\n")

    print_longest("files", list(lengths.values()), [
        f"  {lengths[name]:5} {name}"
        for name in sorted(lengths, key=lengths.get, reverse=True)[:5]])
    print_longest("functions", [f.lines for f in functions], [
        f"  {f.lines:5} {f.name}  {f.file}:{f.line}"
        for f in sorted(functions, reverse=True)[:5]])

    return report(
        [Finding(name, FILE_LIMIT + 1, f"{length} lines, more than "
                 f"{FILE_LIMIT}: find what belongs elsewhere")
         for name, length in lengths.items() if length > FILE_LIMIT] +
        [Finding(f.file, f.line, f"{f.name} has {f.lines} lines, more than "
                 f"{FUNCTION_LIMIT}: name its parts")
         for f in functions if f.lines > FUNCTION_LIMIT])


if __name__ == "__main__":
    main_of(main)
