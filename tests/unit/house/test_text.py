import support

BASH = "#!/usr/bin/env bash\nset -euo pipefail\n"


class Text(support.TreeTest):
    def test_clean(self):
        self.write("a.md", "# A\n\ntext\n")
        self.write("empty", "")
        self.write("Makefile", "all:\n\ttrue\n")
        self.write("run", BASH, 0o755)
        self.write("posix", "#!/bin/sh\nset -eu\n", 0o755)
        self.write("tool.py", "#!/usr/bin/env python3\n", 0o755)
        self.write("test.bats", "#!/usr/bin/env bats\n", 0o755)
        self.write("loose", "#!/bin/bash\n# house: not strict because it asks\n",
                   0o755)
        self.write("sourced.bash", "f() { :; }\n")
        self.write("binary", "\0 \t\r\n \n")
        self.write("tests/fuzz/corpus/crlf", "a\r\nb \n\tc")
        self.assert_clean("text.py")

    def test_lines(self):
        self.write("a.txt", "fine\nblank \ncrlf\r\n\ttab\nend")
        self.assert_finds("text.py", [
            "a.txt:2: blanks at the end", "a.txt:3: ends in CRLF",
            "a.txt:4: a tab", "a.txt:5: no newline at the end"])

    def test_empty_last_line(self):
        self.write("a.txt", "a\n\n")
        self.assert_finds("text.py", ["a.txt:2: an empty line at the end"])

    def test_scripts(self):
        self.write("a", BASH)
        self.write("b", "true\n", 0o755)
        self.write("c", "#!/bin/bash\nset -e\n", 0o755)
        self.write("d", "#!/bin/bash\n# house: not strict because\n", 0o755)
        self.write("e", "#!/bin/sh\n", 0o755)
        self.assert_finds("text.py", [
            "a:1: begins with #! but is not executable",
            "b:1: executable, but without a #! line",
            "c:1: no `set -euo pipefail`", "d:1: no `set -euo pipefail`",
            "e:1: no `set -eu`"])
