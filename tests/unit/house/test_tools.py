"""The checks that call other people's tools."""

import json
import re
import shutil
import subprocess
import unittest

import support


def version_of(tool: str) -> int:
    if shutil.which(tool) is None:
        return 0
    text = subprocess.run([tool, "--version"], capture_output=True, text=True)
    return int(re.search(r"version (\d+)", text.stdout)[1])


@unittest.skipUnless(shutil.which("shellcheck"), "needs shellcheck")
class Shell(support.TreeTest):
    def test_clean(self):
        self.write("a.sh", 'echo "$1"\n')
        self.write("b", '#!/usr/bin/env bash\n[[ $1 ]]\n')
        self.write("c.bats", '@test "x" {\n  [ -e / ]\n}\n')
        self.write("d.txt", "echo $1\n")
        self.assert_clean("shell.py")

    def test_findings(self):
        self.write("a.sh", "true\necho $1\n")
        self.write("b", "#!/bin/sh\n[[ $1 ]]\n")  # not in sh
        self.write("c.bats", '@test "x" {\n  cp $a b\n}\n')
        done = self.run_check("shell.py")
        self.assertEqual(done.returncode, 1)
        for place in ("a.sh:2: ", "b:2: ", "c.bats:2: "):
            self.assertRegex(done.stdout, f"(?m)^{place}.*SC")


@unittest.skipUnless(version_of("clang-format-14") or
                     version_of("clang-format") == 14, "needs clang-format 14")
class Format(support.TreeTest):
    def setUp(self):
        super().setUp()
        self.write(".clang-format", "BasedOnStyle: Google\n")

    def test_clean(self):
        self.write("a.cpp", "int f();\n")
        self.assert_clean("format.py")

    def test_finding_and_fix(self):
        path = self.write("a.cpp", "int f();\nint  g();\n")
        self.assert_finds("format.py", ["a.cpp:2: not laid out"])
        self.assert_clean("format.py", "--fix")
        self.assertEqual(path.read_text(), "int f();\nint g();\n")


class OtherFormatVersion(support.TreeTest):
    def test_only_warns_and_does_not_fix(self):
        self.write("bin/clang-format-14", "#!/bin/sh\n"
                   'if [ "$1" = --version ]; then echo "version 19.1"; exit; fi\n'
                   'echo "a.cpp:2:1: error: code" >&2; exit 1\n', 0o755)
        path = self.write("a.cpp", "int  f();\n")
        for arguments, code in ((), 0), (("--fix",), 2):
            done = support.run(support.HOUSE / "format.py", "--root", self.root,
                               *arguments, env={"PATH": f"{self.root}/bin"})
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("version 14 decides", done.stderr)
        self.assertEqual(path.read_text(), "int  f();\n")


class Tidy(support.TreeTest):
    """With a clang-tidy of our own, that says which files it was given."""

    def setUp(self):
        super().setUp()
        self.write("bin/clang-tidy-14", "#!/bin/sh\n"
                   'if [ "$1" = --version ]; then echo "version 14"; exit; fi\n'
                   'for file; do :; done; echo "$file" >> ../runs\n'
                   'grep -q bad "$file" || exit 0\n'
                   'echo "$file:1:1: error: is bad [a-check,-warnings-as-errors]"\n'
                   'echo "$file:1:2: note: here"; exit 1\n', 0o755)
        self.write("tree/a.cpp", "int good;\n")
        self.write("tree/a.hpp", "int a;\n")
        self.write("foreign/f.cpp", "int bad;\n")
        self.write("build/compile_commands.json", json.dumps([
            {"directory": f"{self.root}/build", "file": file,
             "command": f"g++ -c {file}"} for file in
            ("../tree/a.cpp", "../foreign/f.cpp", "../tree/a.cpp")]))

    def tidy(self, *arguments):
        return support.run(support.HOUSE / "tidy.py", "--root",
                           f"{self.root}/tree", f"{self.root}/build", *arguments,
                           env={"PATH": f"{self.root}/bin:/usr/bin:/bin"},
                           cwd=self.root / "tree")

    def runs(self) -> int:
        path = self.root / "runs"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_runs_once_for_each_content(self):
        self.assertEqual(self.tidy("--list").stdout, "to do\ta.cpp\n")
        self.assertEqual(self.tidy().returncode, 0)
        self.assertEqual(self.tidy("--list").stdout, "known\ta.cpp\n")
        self.assertEqual(self.tidy().returncode, 0)
        self.assertEqual(self.runs(), 1)
        self.write("tree/a.hpp", "int b;\n")  # a header changes everything
        self.assertEqual(self.tidy().returncode, 0)
        self.assertEqual(self.runs(), 2)

    def test_a_header_that_it_does_not_include_changes_nothing(self):
        self.write("tree/b.hpp", "int b;\n")
        self.write("bin/ninja", "#!/bin/sh\n"
                   "echo 'a.o: #deps 3, deps mtime 1 (VALID)'\n"
                   "printf '    ../tree/%s\\n' a.cpp a.hpp\n"
                   "printf '    /usr/include/x.h\\n\\n'\n", 0o755)
        for header, runs in ((None, 1), ("b.hpp", 1), ("a.hpp", 2)):
            if header:
                self.write(f"tree/{header}", "int c;\n")
            self.assertEqual(self.tidy().returncode, 0)
            self.assertEqual(self.runs(), runs)

    def test_findings_are_remembered_too(self):
        self.write("tree/a.cpp", "int bad;\n")
        for _ in range(2):
            done = self.tidy()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(done.stdout, "a.cpp:1: is bad [a-check]\n"
                                          "    a.cpp:1: here\n")
        self.assertEqual(self.runs(), 1)

    def test_a_crash_is_a_finding_and_not_remembered(self):
        tool = self.root / "bin/clang-tidy-14"
        tool.write_text(tool.read_text().replace("grep -q", "exit 139; grep"))
        for count in (1, 2):
            done = self.tidy()
            self.assertEqual(done.returncode, 1)
            self.assertIn("a.cpp:1: clang-tidy-14 exited with 139", done.stdout)
            self.assertEqual(self.runs(), count)

    def test_no_build(self):
        done = support.run(support.HOUSE / "tidy.py", self.root / "nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertIn("configure the build first", done.stderr)
