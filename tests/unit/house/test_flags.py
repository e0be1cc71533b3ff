import unittest

import support  # noqa: F401, the way to the checks
import flags


class Flags(unittest.TestCase):
    def test_uses(self):
        self.assertTrue(flags.uses("box 0 --ip 10.0.0.1 busybox", "ip"))
        self.assertFalse(flags.uses("box 0 --ipc host\n  # --ip", "ip"))

    def test_row(self):
        page = "--ip is text\n| `--ipc`, `--ip6` | as Docker, see `--ip` |\n| `-i` | |"
        self.assertFalse(flags.has_row(page, "ip"))
        self.assertTrue(flags.has_row(page, "ip6"))
        self.assertTrue(flags.has_row(page, "interactive"))

    def test_declared(self):
        self.assertEqual(
            flags.declared(['line.value("-m,--memory", "SIZE"', '{"--ip,--ip4"']),
            {"memory", "ip", "ip4"})

    def test_what_is_missing(self):
        names = flags.DAILY + flags.RARE
        page = "".join(f"| `-{flags.LETTERS.get(name, '-' + name)}` | |\n"
                       for name in names)
        tried = " ".join(f"--{name}" for name in names)
        sources = [" ".join(f'"--{name}"' for name in names)]
        self.assertEqual(list(flags.check(page, tried, "", sources)), [])
        for wrong in ((page.replace("`--ulimit`", ""), tried, "", sources),
                      (page, tried.replace("--ulimit", ""), "--ulimit", sources),
                      (page, tried, "", [sources[0].replace("--ulimit", "")]),
                      (page, tried, "", sources + ['"--new"'])):
            self.assertEqual(len(list(flags.check(*wrong))), 1)


if __name__ == "__main__":
    unittest.main()
