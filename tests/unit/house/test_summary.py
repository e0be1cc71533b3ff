import json
from xml.sax.saxutils import escape

import support
from summary import CUT


class Summary(support.TreeTest):
    def summary(self, cases: dict[str, str], labels: dict | None = None):
        junit = self.write("j.xml", "<testsuite>" + "".join(
            f'<testcase name="{name}" time="1.5" {body}</testcase>'
            for name, body in cases.items()) + "</testsuite>")
        listing = self.write("t.json", json.dumps({"tests": [
            {"name": name, "properties": [{"name": "LABELS", "value": value}]}
            for name, value in (labels or {}).items()]}))
        return support.run(support.HOUSE / "summary.py", junit, listing)

    def check(self, cases, last: str, code: int, *parts: str):
        done = self.summary(cases)
        self.assertEqual(done.stdout.splitlines()[-1:], [last],
                         done.stdout + done.stderr)
        self.assertEqual(done.returncode, code)
        for part in parts:
            self.assertIn(part, done.stdout)

    def test_one_program_one_test(self):
        self.check({"a": ran(""), "b": failed("boom")},
                   "1 passed, 1 failed, 0 skipped", 1, "b: failed: boom")

    def test_tap(self):
        self.check({"a": ran("1..4\nok 1 x\nok 2 y\nok 3 z # skip no root\n"
                             "ok 4 w # skip\n")},
                   "2 passed, 0 failed, 2 skipped", 0,
                   "a: skipped: 3 z: no root", "a: skipped: 4 w: no reason given")
        self.check({"a": failed("1..2\nok 1 x\nnot ok 2 y\n")},
                   "1 passed, 1 failed, 0 skipped", 1, "a: not ok 2 y")

    def test_tap_that_stops_early(self):
        self.check({"a": ran("1..3\nok 1 x\n")},
                   "1 passed, 1 failed, 0 skipped", 1, "planned 3 tests and ran 1")

    def test_failure_that_the_inner_tests_do_not_show(self):
        self.check({"a": failed("1..1\nok 1 x\nleft behind: mount /x\n")},
                   "1 passed, 1 failed, 0 skipped", 1,
                   "a: failed: left behind: mount /x")

    def test_blocks(self):
        self.check({"a": ran("01.md:7: skipped: needs root\n"
                             "01.md: 9 blocks: 8 passed, 0 failed, 1 skipped\n"
                             "02.md: 2 blocks: 2 passed, 0 failed, 0 skipped\n")},
                   "10 passed, 0 failed, 1 skipped", 0,
                   "a: skipped: 01.md:7: skipped: needs root")

    def test_unittest(self):
        self.check({"a": ran("test_x (m.C.test_x) ... skipped 'no root'\n"
                             "Ran 5 tests in 0.1s\n\nOK (skipped=1)\n")},
                   "4 passed, 0 failed, 1 skipped", 0,
                   "test_x (m.C.test_x): no root")
        self.check({"a": failed("Ran 9 tests in 1s\n\nFAILED (failures=1, "
                                "errors=2, skipped=3, expected failures=1)\n")},
                   "3 passed, 3 failed, 3 skipped", 1, "3 without a reason")

    def test_catch2(self):
        self.check({"a": ran("All tests passed (7 assertions in 3 test cases)\n"),
                    "b": failed("test cases: 4 | 3 passed | 1 failed\n")},
                   "6 passed, 1 failed, 0 skipped", 1)

    def test_programs_that_did_not_run(self):
        self.check({"a": ran(""),
                    "b": 'status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
                         "<system-out>no root\n</system-out>",
                    "c": 'status="disabled">',
                    "d": 'status="notrun"><skipped message="Unable to find '
                         'executable"/>'},
                   "1 passed, 1 failed, 2 skipped", 1, "b: skipped: no root",
                   "d: not run: Unable to find executable")

    def test_cut_output_is_not_counted(self):
        self.check({"a": ran(f"1..9\nok 1\n...\n{CUT} since …]")},
                   "1 passed, 0 failed, 0 skipped", 0, "ctest cut its output")

    def test_nothing_ran(self):
        self.check({}, "0 passed, 0 failed, 0 skipped", 1)
        self.check({"a": 'status="disabled">'},
                   "0 passed, 0 failed, 1 skipped", 1)

    def test_table(self):
        done = self.summary({"a": ran(""), "b": ran("ok 1\nok 2\n"), "c": ran("")},
                            {"a": ["unit"], "b": ["unit", "slow"]})
        rows = [line.split() for line in done.stdout.splitlines()]
        self.assertIn(["unit", "3", "0", "0", "3.0"], rows)
        self.assertIn(["(no", "label)", "1", "0", "0", "1.5"], rows)

    def test_unreadable(self):
        done = support.run(support.HOUSE / "summary.py", self.root / "none.xml")
        self.assertEqual(done.returncode, 2)


def ran(output: str) -> str:
    return f'status="run"><system-out>{escape(output)}</system-out>'


def failed(output: str) -> str:
    return (f'status="fail"><failure message=""/>'
            f"<system-out>{escape(output)}</system-out>")
