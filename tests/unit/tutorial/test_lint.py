import unittest

from repository import CHAPTER, OTHER, RepositoryTest

HEADINGS = ["What you will have", "The hole", "The kernel interface", "The code", "Try it", "What flipped", "Break it",
            "How Docker and runc do it", "Exercises", "Check yourself", "Further reading"]
GUIDE = "tutorial/field-guide-to-errors.md"


class FrontMatter(RepositoryTest):
    def check(self, front: str, text: str) -> None:
        self.write(CHAPTER, f"---\n{front}\n---\n")
        self.assert_fails(self.book("check"), text)

    def test_all_keys(self):
        (self.root / "steps/01-chroot").mkdir(parents=True)
        self.write(CHAPTER, "---\nkind: other\nstep: 01-chroot\nminutes: 45\nneeds: [root, cmd:strace]\n"
                            "man: [chroot(2)]\nlabs: []\nflips: [a b, c]\nquotes: 0\n---\n")
        self.assert_passes(self.book("check"))

    def test_errors(self):
        for front, text in {
            "kind: other\ncolour: red": f"{CHAPTER}:3: unknown front matter key `colour`",
            "kind: other\nneeds: root": f"{CHAPTER}:3: `needs` must be a list",
            "kind: other\nneeds: [luck]": f"{CHAPTER}:3: unknown need `luck`",
            "kind: other\nminutes: long": f"{CHAPTER}:3: `minutes` must be a whole number",
            "kind: other\nkind: other": f"{CHAPTER}:3: `kind` was given before, on line 2",
            "kind: other\nnonsense": f"{CHAPTER}:3: front matter is made of `key: value` lines",
            "kind: novel": f"{CHAPTER}:2: front matter needs `kind:`",
            "minutes: 5": f"{CHAPTER}:1: front matter needs `kind:`",
            "kind: step": f"{CHAPTER}:1: `kind: step` needs `step:`",
        }.items():
            with self.subTest(front):
                self.check(front, text)

    def test_missing_and_unclosed(self):
        self.write(CHAPTER, "# Hello\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:1: a chapter starts with front matter")
        self.write(CHAPTER, "---\nkind: other\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:1: front matter never closed")


class Form(RepositoryTest):
    def step_chapter(self, headings: list[str], **sections: str) -> None:
        """The first heading is on line 5, each one takes two lines unless `sections` fills it."""
        (self.root / "steps/01-chroot").mkdir(parents=True, exist_ok=True)
        text = "".join(f"## {heading}\n{sections.get(heading.replace(' ', '_'), '')}\n" for heading in headings)
        self.write(CHAPTER, f"---\nkind: step\nstep: 01-chroot\n---\n{text}")

    def test_fixed_headings(self):
        self.step_chapter(HEADINGS, The_code="### free\n```text\n## not a heading\n```")
        self.assert_passes(self.book("check"))

    def test_missing_heading(self):
        self.step_chapter(HEADINGS[:1] + HEADINGS[2:])
        self.assert_fails(self.book("check"), f"{CHAPTER}:7: heading `## The hole` is missing before this line")

    def test_foreign_heading(self):
        self.step_chapter(HEADINGS[:1] + ["Extra"] + HEADINGS[1:])
        self.assert_fails(self.book("check"), f"{CHAPTER}:7: heading `Extra` is not one of a step chapter's")

    def test_order(self):
        self.step_chapter(HEADINGS[:-2] + [HEADINGS[-1], HEADINGS[-2]])
        self.assert_fails(self.book("check"), "is in the wrong place")

    def test_words(self):
        code = "```text\n" + "code " * 5000 + "\n```\n"
        self.write(CHAPTER, OTHER + code + "word " * 3500)
        self.assert_passes(self.book("check"))
        self.write(CHAPTER, OTHER + code + "word " * 3501)
        self.assert_fails(self.book("check"), f"{CHAPTER}:1: 3501 words")

    def test_good_links(self):
        self.write("tutorial/glossary.md", "# Words, and *what* they mean\n## Twice\n## Twice\n## `pivot_root(2)`\n")
        self.write("README.md", "")
        self.write(CHAPTER, OTHER + "## Here & there\n[a](../README.md) [b](glossary.md#words-and-what-they-mean)\n"
                   "[c](glossary.md#twice-1) [d](#here--there) [e](https://example.org/x) ![f](../README.md)\n"
                   "[g](glossary.md#pivot_root2) `[no](link)`\n\n[ref]: ../steps/../README.md\n")
        (self.root / "steps").mkdir()
        self.assert_passes(self.book("check"))

    def test_bad_links(self):
        self.write("tutorial/glossary.md", "# Image layers\n")
        for link, text in {
            "[a](nowhere.md)": "there is no such file",
            "![a](picture.svg)": "there is no such file",
            "[a](glossary.md#image-layer)": "no heading gives #image-layer; did you mean #image-layers?",
            "[a](#nowhere)": "no heading gives #nowhere",
            "[a](/README.md)": "write it relative to this page",
            "[a](../../x)": "it leads outside the repository",
            "[a]: nowhere.md": "there is no such file",
            '<img src="x.svg">': "there is no such file",
        }.items():
            with self.subTest(link):
                self.write(CHAPTER, f"{OTHER}text\n{link}\n")
                self.assert_fails(self.book("check"), f"{CHAPTER}:5: broken link", text)

    def test_bad_transcripts_are_found_without_running(self):
        for block, text in {
            "```console\noutput\n```": f"{CHAPTER}:5: a transcript starts with a command",
            "```console\n```": f"{CHAPTER}:4: an empty transcript",
            "```console norun\n$ x\n```": f"{CHAPTER}:4: `norun` needs reason=",
            "```console needs=luck\n$ x\n```": f"{CHAPTER}:4: unknown need `luck`",
            "```console colour=red\n$ x\n```": f"{CHAPTER}:4: unknown word `colour`",
            "```console limit=soon\n$ x\n```": f"{CHAPTER}:4: limit= is a number",
            "```console\n$ x\n[ (re)\n```": f"{CHAPTER}:6: not a regular expression",
            "```console\n$ x\n[1]\n/ # y\n```": f"{CHAPTER}:6: an exit status stands after the last line",
        }.items():
            with self.subTest(block):
                self.write(CHAPTER, f"{OTHER}{block}\n")
                self.assert_fails(self.book("check"), text)


class FieldGuide(RepositoryTest):
    TABLE = ("| errno | call | usual cause | fix |\n|---|---|---|---|\n"
             "| `EPERM` | chroot | no privilege | use `a \\| b` |\n| `EINVAL` | pivot_root | no mount | bind it |")

    def setUp(self) -> None:
        super().setUp()
        self.table(self.TABLE)
        self.write(GUIDE, "# Errors\n\n<!-- generated: errno tables -->\n<!-- end generated -->\n\nEnd.\n")

    def table(self, table: str) -> None:
        Form.step_chapter(self, HEADINGS, The_kernel_interface="\n" + table)

    def test_sync_merges_and_sorts(self):
        self.assert_fails(self.book("check"), f"{GUIDE}:3: stale")
        self.assert_passes(self.book("sync"))
        self.assertRegex(self.text(GUIDE), r"(?s)# Errors\n.*\| `EINVAL` .*\| `EPERM` \| chroot \| no privilege \| "
                         r"use `a \\\| b` \| \[01-chroot\]\(01-chroot.md#the-kernel-interface\) \|\n.*End\.\n")
        self.assert_passes(self.book("check"))

    def test_stale(self):
        self.book("sync")
        self.table(self.TABLE.replace("no privilege", "changed"))
        self.assert_fails(self.book("check"), f"{GUIDE}:3: stale")

    def test_markers_missing(self):
        self.write(GUIDE, "# Errors\n")
        self.assert_fails(self.book("check"), f"{GUIDE}:1: needs the two lines")

    def test_page_missing(self):
        (self.root / GUIDE).unlink()
        self.assert_fails(self.book("check"), f"{GUIDE}:1: missing")

    def test_row_with_a_missing_cell(self):
        self.table(self.TABLE + "\n| `EIO` | x | y |")
        self.assert_fails(self.book("check"), f"{CHAPTER}:15: a row of the errno table has 4 filled cells")


class CommandLine(RepositoryTest):
    def test_chapters_have_several_names(self):
        for name in ("01", "01-chroot", CHAPTER):
            self.write(CHAPTER, OTHER)
            self.assert_passes(self.book("sync", name))

    def test_chapters_of_one_step_have_letters(self):
        for name in ("06a-security", "06b-runtime"):
            self.write(f"tutorial/{name}.md", OTHER)
        self.assert_passes(self.book("sync", "06a"))
        result = self.book("list")
        self.assertIn("06a-security", result.stdout)
        self.assertIn("06b-runtime", result.stdout)

    def test_unknown_chapter_is_a_usage_error(self):
        self.write(CHAPTER, OTHER)
        result = self.book("run", "01-chrot")
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean 01-chroot?", result.stdout)

    def test_unknown_verb_is_a_usage_error(self):
        self.assertEqual(self.book("fly").returncode, 2)
        self.assertEqual(self.book("run", "--bin", "nowhere").returncode, 2)

    def test_list(self):
        self.write(CHAPTER, OTHER + "three small words\n")
        result = self.book("list")
        self.assert_passes(result)
        self.assertRegex(result.stdout, rf"{CHAPTER} +other .* 3 words")


if __name__ == "__main__":
    unittest.main()
