"""What the checks of the house share: the project's files, findings, and C++
text without its comments and strings."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterable, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CPP_SUFFIXES = {".cpp", ".hpp", ".cc", ".hh", ".c", ".h"}
# Only for trees that git does not know, such as an unpacked archive.
NOT_SOURCES = {".git", "build", "__pycache__"}
# Versions of clang's tools see and lay out the same code differently.
DECIDING_CLANG = 14


class Finding(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class MissingTool(Exception):
    """A check cannot run here; `main_of` turns it into exit code 2."""


def report(findings: Iterable[Finding]) -> int:
    """Prints the findings in the order of the files; the exit code."""
    found = sorted(set(findings))
    for finding in found:
        print(finding)
    return 1 if found else 0


class ClangTool(NamedTuple):
    name: str
    version: str   # what it says of itself
    decides: bool  # another version's findings are shown, and are none


def clang_tool(name: str) -> ClangTool:
    """clang-format or clang-tidy."""
    for tool in (f"{name}-{DECIDING_CLANG}", name):
        if shutil.which(tool):
            break
    else:
        raise MissingTool(f"{name} is not installed: ./dev setup")
    said = subprocess.run([tool, "--version"], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    version = re.search(r"version (\d+)", said)
    decides = bool(version) and int(version[1]) == DECIDING_CLANG
    if not decides:
        print(f"{Path(sys.argv[0]).name}: this is {said.strip()}, and version "
              f"{DECIDING_CLANG} decides (install {name}-{DECIDING_CLANG}): "
              "what it says are not findings", file=sys.stderr)
    return ClangTool(tool, said, decides)


def parser_for(doc: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT,
                        help="the tree to check (default: this repository)")
    return parser


def main_of(main) -> None:
    """Runs `main` as the program: 0 fine, 1 findings, 2 could not check."""
    try:
        sys.exit(main())
    except MissingTool as missing:
        print(f"{Path(sys.argv[0]).name}: {missing}", file=sys.stderr)
        sys.exit(2)


def files(root: Path) -> list[str]:
    """Everything that is or could be committed, relative to `root`, sorted."""
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z",
             "--cached", "--others", "--exclude-standard"],
            check=True, stdout=subprocess.PIPE).stdout
        names = os.fsdecode(listing).split("\0")[:-1]
    else:
        names = []
        for folder, folders, entries in os.walk(root):
            folders[:] = [f for f in folders if f not in NOT_SOURCES]
            names += [os.path.relpath(os.path.join(folder, entry), root)
                      for entry in entries]
    # A symbolic link is checked where it leads to; a deleted file nowhere.
    return sorted(name for name in set(names)
                  if (root / name).is_file() and not (root / name).is_symlink())


def cpp_files(root: Path, *, below: tuple[str, ...] = ()) -> list[str]:
    return [name for name in files(root)
            if Path(name).suffix in CPP_SUFFIXES
            and (not below or name.startswith(below))]


def read(root: Path, name: str) -> str:
    """The text as it stands, line ends included."""
    return (root / name).read_bytes().decode("utf-8", errors="replace")


_TOKEN = re.compile(r"""
      (?P<comment> // (?: \\\r?\n | [^\n] )*      # a backslash continues it
                 | /\* .*? (?: \*/ | \Z ) )
    | (?P<raw>     \b (?:u8|[uUL])? R"(?P<mark>[^()\\\s]{0,16}) \(
                   .*? (?: \)(?P=mark)" | \Z ) )
    | (?P<string>  " (?: \\. | [^"\\\n] )* "? )
    | (?P<number>  \b \d (?: [eEpP][+-] | '?[\w.] )* )   # 1'000 opens no char
    | (?P<char>    ' (?: \\. | [^'\\\n] )* '? )
    """, re.VERBOSE | re.DOTALL)


def blank(code: str, *, keep_strings: bool = False) -> str:
    """`code` with comments, strings and characters replaced by blanks: every
    character that remains keeps its line and its column."""
    kept = {"number", "raw", "string"} if keep_strings else {"number"}

    def replace(token: re.Match) -> str:
        # `mark` is named inside `raw`, which closes later: lastgroup is `raw`.
        if token.lastgroup in kept:
            return token[0]
        return re.sub(r"[^\n]", " ", token[0])

    return _TOKEN.sub(replace, code)


def line_of(code: str, offset: int) -> int:
    return code.count("\n", 0, offset) + 1


def marked(lines: list[str], line: int, mark: str) -> bool:
    """Whether `mark` (an expression) stands in a comment on this line or, as
    clang-format moves long comments, on a line of its own just above."""
    here = lines[line - 1]
    above = lines[line - 2].strip() if line > 1 else ""
    return any(re.search(r"//\s*" + mark, text) for text in
               (here, above if above.startswith("//") else ""))
