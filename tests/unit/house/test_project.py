import subprocess
import unittest

import support
from project import blank, files, marked


class Blank(unittest.TestCase):
    def check(self, code: str, gone: str, kept: str):
        result = blank(code)
        self.assertEqual(len(result), len(code))
        self.assertEqual(result.count("\n"), code.count("\n"))
        self.assertNotIn(gone, result)
        self.assertIn(kept, result)

    def test_line_comment(self):
        self.check("a; // bad\nkept;", "bad", "kept")

    def test_line_comment_continued_by_a_backslash(self):
        self.check("// x \\\nbad\nkept;", "bad", "kept")

    def test_block_comment(self):
        self.check("a /* bad\n // bad */ kept", "bad", "kept")

    def test_block_comment_left_open(self):
        self.check("kept /* bad", "bad", "kept")

    def test_string_with_escapes(self):
        self.check(r'f("\"bad\\"); kept', "bad", "kept")

    def test_comment_marks_in_a_string(self):
        self.check('f("// bad"); kept; g("/*"); kept2; g("*/");', "bad", "kept2")

    def test_quote_in_a_comment(self):
        self.check("// don't\nkept // it's bad", "bad", "kept")

    def test_raw_string(self):
        self.check('f(R"(bad ")" kept', "bad", "kept")
        self.check('f(u8R"x(bad )" bad)x") kept', "bad", "kept")

    def test_raw_string_needs_the_prefix(self):
        self.check('fooR"(bad" kept', "bad", "kept")

    def test_characters(self):
        self.check("""f('"'); kept; g('\\''); h("bad")""", "bad", "kept")

    def test_digit_separators_are_no_characters(self):
        self.check('x = 1\'000\'000 + kept; f("bad"); 0xff\'ff;', "bad",
                   "1'000'000 + kept")

    def test_strings_can_stay(self):
        self.assertEqual(blank('"a//b" // c', keep_strings=True), '"a//b"     ')


class Marked(unittest.TestCase):
    def test_on_the_line_or_just_above(self):
        lines = ["f(); // mark: yes", "f();", "// mark: yes", "f();", "f();"]
        self.assertEqual(
            [marked(lines, n, "mark: yes") for n in range(1, 6)],
            [True, False, True, True, False])


class Files(support.TreeTest):
    def test_without_git(self):
        self.write("a.cpp", "")
        self.write("build/b.cpp", "")
        self.assertEqual(files(self.root), ["a.cpp"])

    def test_with_git(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write(".gitignore", "ignored.cpp\n")
        self.write("ignored.cpp", "")
        self.write("new.cpp", "")
        self.write("gone.cpp", "")
        subprocess.run(["git", "-C", self.root, "add", "gone.cpp"], check=True)
        (self.root / "gone.cpp").unlink()
        (self.root / "link.cpp").symlink_to("new.cpp")
        self.assertEqual(files(self.root), [".gitignore", "new.cpp"])
