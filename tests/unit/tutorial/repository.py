"""A small repository in a temporary folder, and the book's tool run on it."""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

TOOL = Path(__file__).parents[3] / "tutorial/tools/book.py"

CHAPTER = "tutorial/01-chroot.md"
SOURCE = "steps/01-chroot/root.cpp"
OTHER = "---\nkind: other\n---\n"  # the shortest front matter: three lines


class RepositoryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="book-test-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "tutorial").mkdir()
        (self.root / "temporary").mkdir()
        (self.root / "build/release/bin").mkdir(parents=True)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def text(self, name: str = CHAPTER) -> str:
        return (self.root / name).read_text()

    def book(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Runs the tool; its own temporary files go to the repository's folder `temporary`."""
        return subprocess.run(
            [sys.executable, str(TOOL), "--root", str(self.root), *arguments], cwd=self.root, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
            env=os.environ | {"TMPDIR": str(self.root / "temporary")} | environment)

    def assert_fails(self, result: subprocess.CompletedProcess, *texts: str) -> None:
        self.assertEqual(result.returncode, 1, result.stdout)
        for text in texts:
            self.assertIn(text, result.stdout)

    def assert_passes(self, result: subprocess.CompletedProcess) -> None:
        self.assertEqual(result.returncode, 0, result.stdout)


class TranscriptTest(RepositoryTest):
    def run_blocks(self, *blocks: str, update: bool = False, **environment: str) -> subprocess.CompletedProcess:
        """Runs a chapter of these blocks. The first block's fence is on line 4, its first command on line 5."""
        self.write_blocks(*blocks)
        return self.book("run", *(["--update"] if update else []), **environment)

    def write_blocks(self, *blocks: str) -> None:
        fences = []
        for block in blocks:
            block = textwrap.dedent(block).strip("\n")
            options = ""
            if block.startswith("console "):
                first, _, block = block.partition("\n")
                options = first.removeprefix("console")
            fences.append(f"```console{options}\n{block}\n```\n")
        self.write(CHAPTER, OTHER + "".join(fences))
