"""A small tree of files, and the checks run over it as programs."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

REPOSITORY = Path(__file__).resolve().parents[3]
HOUSE = REPOSITORY / "tests" / "house"
sys.path.insert(0, str(HOUSE))


def hold_machine() -> None:
    """For modules that change the machine, as their setUpModule: these tests
    clean up after a guard has ended, when its lock no longer covers them. So
    the lock is ours, and their guards take us for a guard above them."""
    import host_guard
    lock = host_guard.lock_machine()
    if lock is not None:
        unittest.addModuleCleanup(os.close, lock)
    watcher = mock.patch.dict(os.environ, SLIPWAY_WATCHER=str(os.getpid()))
    watcher.start()
    unittest.addModuleCleanup(watcher.stop)


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    def run_check(self, tool: str, *arguments: str):
        return run(HOUSE / tool, "--root", self.root, *arguments)

    def assert_clean(self, tool: str, *arguments: str):
        done = self.run_check(tool, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def assert_finds(self, tool: str, expected: list[str], *arguments: str):
        """Each finding begins like its line in `expected`, and no other is
        made. Lines that are no findings (a report, notes) have no `:N: `."""
        done = self.run_check(tool, *arguments)
        found = [line for line in done.stdout.splitlines()
                 if not line.startswith(" ")]
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(len(found), len(expected), done.stdout)
        for line, beginning in zip(found, expected):
            self.assertEqual(line[:len(beginning)], beginning, done.stdout)


def run(*command, **options) -> subprocess.CompletedProcess:
    if str(command[0]).endswith(".py"):
        command = (sys.executable, *command)
    return subprocess.run([str(part) for part in command], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, **options)
