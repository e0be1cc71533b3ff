import json
import unittest

import support

DOCTOR = support.REPOSITORY / "tutorial" / "tools" / "doctor"
GUARD = support.HOUSE / "host_state.py"
setUpModule = support.hold_machine


class Doctor(unittest.TestCase):
    def test_text_and_json_agree_and_leave_nothing_behind(self):
        text = support.run(GUARD, "run", DOCTOR)
        self.assertEqual(text.stderr, "")
        self.assertNotIn("\x1b", text.stdout)
        answer = support.run(DOCTOR, "--json")
        document = json.loads(answer.stdout)
        self.assertEqual(document["ready"], answer.returncode == 0)
        self.assertEqual(text.returncode, answer.returncode)
        for check in document["checks"]:
            self.assertIn(check["mark"], ("ok", "limited", "missing"))
            self.assertIn(f"  {check['mark']:<8} {check['name']}", text.stdout)
        self.assertEqual([step["step"][0] for step in document["steps"]],
                         list("123456"))

    def test_usage(self):
        self.assertEqual(support.run(DOCTOR, "--unknown").returncode, 2)

    def test_machine_without_tools(self):
        done = support.run(DOCTOR, "--json", env={"PATH": "/usr/bin:/bin"})
        self.assertIn("ready", json.loads(done.stdout))
