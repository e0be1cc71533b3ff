import unittest

from repository import CHAPTER, OTHER, SOURCE, RepositoryTest

CODE = """\
#include <unistd.h>

//@ begin enter-root
void enter_root() {
    //@ begin change-root
    chroot("root");
    //@ end change-root
    chdir("/");
}
//@ end enter-root
"""


class QuotedCode(RepositoryTest):
    def quote(self, target: str, body: str = "", code: str = CODE) -> None:
        """A chapter whose fence is on line 4."""
        self.write(SOURCE, code)
        self.write(CHAPTER, f"{OTHER}```cpp file={target}\n{body}```\n")

    def check_source(self, code: str, *texts: str) -> None:
        self.write(SOURCE, code)
        self.assert_fails(self.book("check"), *texts)

    def test_sync_writes_the_region_without_nested_marks(self):
        self.quote(f"{SOURCE}#enter-root", "old\n")
        self.assert_passes(self.book("sync"))
        self.assertIn('#enter-root\nvoid enter_root() {\n    chroot("root");\n    chdir("/");\n}\n```\n', self.text())
        self.assert_passes(self.book("check"))

    def test_common_indentation_goes(self):
        self.quote(f"{SOURCE}#change-root")
        self.assert_passes(self.book("sync", "01"))
        self.assertIn('#change-root\nchroot("root");\n```', self.text())

    def test_whole_file_comes_without_marks(self):
        self.quote(SOURCE)
        self.assert_passes(self.book("sync", CHAPTER))
        self.assertIn("#include <unistd.h>\n\nvoid enter_root() {", self.text())
        self.assertNotIn("@", self.text())

    def test_marks_of_shell_and_cmake(self):
        self.write("Dockerfiles/web/Dockerfile", "#@ begin base\nFROM debian\n#@ end base\n")
        self.quote("Dockerfiles/web/Dockerfile#base", "FROM debian\n")
        self.assert_passes(self.book("check"))

    def test_sync_is_idempotent(self):
        self.quote(f"{SOURCE}#enter-root", "old\n")
        self.book("sync")
        once = self.text()
        self.assertNotIn("rewritten", self.book("sync").stdout)
        self.assertEqual(self.text(), once)

    def test_sync_of_two_fences_in_one_chapter(self):
        self.write(SOURCE, CODE)
        fences = [f"```cpp file={SOURCE}#{region}\n```\n" for region in ("enter-root", "change-root")]
        self.write(CHAPTER, OTHER + "text\n".join(fences))
        self.book("sync")
        self.assert_passes(self.book("check"))

    def test_changed_quoted_line_fails(self):
        self.quote(f"{SOURCE}#enter-root")
        self.book("sync")
        self.write(SOURCE, CODE.replace('chdir("/")', 'chdir("/tmp")'))
        self.assert_fails(self.book("check"), f"{CHAPTER}:7: ", f"{SOURCE}:8",
                          '-    chdir("/");', '+    chdir("/tmp");')

    def test_changed_book_fails(self):
        self.quote(f"{SOURCE}#change-root", 'chroot("other");\n')
        self.assert_fails(self.book("check"), f"{CHAPTER}:5: differs from {SOURCE}:6")

    def test_missing_last_line_fails(self):
        self.quote(f"{SOURCE}#enter-root", 'void enter_root() {\n    chroot("root");\n')
        self.assert_fails(self.book("check"), f"{CHAPTER}:7: differs from {SOURCE}:8")

    def test_unknown_file(self):
        self.quote("steps/nowhere.cpp")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: unknown file: steps/nowhere.cpp")

    def test_path_outside_the_repository(self):
        for path in ("../../etc/passwd", "/etc/passwd"):
            with self.subTest(path):
                self.quote(path)
                self.assert_fails(self.book("check"), f"{CHAPTER}:4: path leads outside the repository: {path}")

    def test_link_that_leads_outside_the_repository(self):
        (self.root / "outside").symlink_to("/etc/passwd")
        self.quote("outside")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: path leads outside the repository")

    def test_misspelt_region_suggests(self):
        self.quote(f"{SOURCE}#enter-rot", "kept\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: unknown region `enter-rot`", "did you mean enter-root?")
        self.assert_fails(self.book("sync"), f"{CHAPTER}:4: ")
        self.assertIn("kept", self.text())

    def test_region_opened_twice(self):
        self.check_source("//@ begin a\nx\n//@ end a\n//@ begin a\ny\n//@ end a\n",
                          f"{SOURCE}:4: region `a` opened twice, first on line 1")

    def test_region_never_closed(self):
        self.check_source("x\n//@ begin a\ny\n", f"{SOURCE}:2: region `a` never closed")

    def test_region_closed_but_not_open(self):
        self.check_source("x\n//@ end a\n", f"{SOURCE}:2: region `a` closed but not open")

    def test_crossing_regions(self):
        self.check_source("//@ begin a\nx\n//@ begin b\ny\n//@ end a\nz\n//@ end b\n",
                          f"{SOURCE}:5: regions cross: `a` ends inside `b`, begun on line 3")

    def test_empty_region(self):
        self.check_source("//@ begin a\n\n//@ end a\n", f"{SOURCE}:1: region `a` is empty")

    def test_mark_without_a_good_name(self):
        for mark in ("//@ begin", "//@ begin Two words", "//@begin a"):
            with self.subTest(mark):
                self.check_source(f"x\n{mark}\n", f"{SOURCE}:2: not a mark")

    def test_tab_character(self):
        self.quote(f"{SOURCE}#a", code="//@ begin a\nif (x)\n\ty();\n//@ end a\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: tab character in {SOURCE}:3")

    def test_snippet_of_more_than_30_lines(self):
        self.quote(f"{SOURCE}#a", "x;\n" * 31, "//@ begin a\n" + "x;\n" * 31 + "//@ end a\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: ", "split the region", f"{SOURCE}:2")
        self.quote(f"{SOURCE}#a", "x;\n" * 30, "//@ begin a\n" + "x;\n" * 30 + "//@ end a\n")
        self.assert_passes(self.book("check"))

    def test_line_of_more_than_80_columns(self):
        self.quote(f"{SOURCE}#a", "x" * 81 + "\n", f"//@ begin a\n{'x' * 81}\n//@ end a\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: line of 81 columns", f"{SOURCE}:2")
        self.quote(f"{SOURCE}#a", "x" * 80 + "\n", f"//@ begin a\n{'x' * 80}\n//@ end a\n")
        self.assert_passes(self.book("check"))

    def test_fence_never_closed(self):
        self.write(SOURCE, CODE)
        self.write(CHAPTER, f"{OTHER}```cpp file={SOURCE}#enter-root\nprecious text\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: fence never closed")
        self.assert_fails(self.book("sync"), f"{CHAPTER}:4: fence never closed")
        self.assertIn("precious text", self.text())

    def test_indented_fence(self):
        self.write(SOURCE, CODE)
        self.write(CHAPTER, f"{OTHER}1. x\n\n   ```cpp file={SOURCE}#change-root\n   ```\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:6: a quoted or executed block must start in the first column")

    def test_unused_region_is_only_a_warning(self):
        self.write(SOURCE, CODE)
        result = self.book("check")
        self.assert_passes(result)
        self.assertIn(f"{SOURCE}:3: warning: no chapter uses region `enter-root`", result.stdout)

    def test_quotes_in_pages_that_are_no_chapters_are_checked(self):
        self.write(SOURCE, CODE)
        self.write("tutorial/notes.md", f"```cpp file={SOURCE}#change-root\nold\n```\n")
        self.assert_fails(self.book("check"), "tutorial/notes.md:2: differs")


class Coverage(RepositoryTest):
    CODE = "int z;\n/* more\n   comment */\n//@ begin a\nint a;\nint b;\n\n//@ end a\nint c;\nint d;\n"

    def chapter(self, share: int) -> None:
        self.write(SOURCE, self.CODE)
        self.write(CHAPTER, f"---\nkind: other\nstep: 01-chroot\nquotes: {share}\n---\n"
                            f"```cpp file={SOURCE}#a\nint a;\nint b;\n\n```\n")

    def test_share_is_printed(self):
        self.chapter(40)
        result = self.book("check")
        self.assert_passes(result)
        self.assertIn(f"{CHAPTER}: quotes 40 % of steps/01-chroot (2 of 5 lines)", result.stdout)

    def test_too_small_a_share_lists_what_is_missing(self):
        self.chapter(41)
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: quotes 40 %", f"{SOURCE}:9-10 (2 lines)")

    def test_unknown_step(self):
        self.write(CHAPTER, "---\nkind: other\nstep: 09-nothing\n---\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:3: unknown step")


if __name__ == "__main__":
    unittest.main()
