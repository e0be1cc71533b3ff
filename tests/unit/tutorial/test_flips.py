import json
import unittest

from repository import CHAPTER, OTHER, RepositoryTest

GOLDEN = {"rows": {"F1": {"title": "open a file", "closes": "a root"}, "P1": {"title": "be one", "closes": "pid"}},
          "machines": {"cgroup=v1 userns=yes": {"host": {"open": "F1 P1"}, "1": {"open": "P1", "closed": "F1"}}}}
MARKS = OTHER + "<!-- generated: flips host 1 -->\n<!-- end generated -->\n"


class Flips(RepositoryTest):
    def golden(self, golden: dict) -> None:
        self.write("tests/isolation/golden.json", json.dumps(golden))

    def test_sync_writes_what_differs_and_check_wants_it(self):
        self.golden(GOLDEN)
        self.write(CHAPTER, MARKS)
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: stale")
        self.assert_passes(self.book("sync"))
        self.assert_passes(self.book("check"))
        self.assertIn("| F1 | open a file | open | **closed** | a root |", self.text())
        self.assertNotIn("be one", self.text())

    def test_a_changed_verdict_is_found(self):
        self.golden(GOLDEN)
        self.write(CHAPTER, MARKS)
        self.book("sync")
        self.golden(json.loads(json.dumps(GOLDEN).replace('"closed": "F1"', '"limited": "F1"')))
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: stale")

    def test_unknown_column_and_missing_end(self):
        self.golden(GOLDEN)
        self.write(CHAPTER, MARKS.replace("host 1", "host 9"))
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: tests/isolation/golden.json has no columns host and 9")
        self.write(CHAPTER, OTHER + "<!-- generated: flips host 1 -->\n")
        self.assert_fails(self.book("check"), f"{CHAPTER}:4: never closed")


if __name__ == "__main__":
    unittest.main()
