import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import support

GUARD = support.HOUSE / "host_state.py"
setUpModule = support.hold_machine
as_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


def guard(script: str, *options: str) -> subprocess.CompletedProcess:
    return support.run(GUARD, "run", *options, "--", "bash", "-c", script)


def a_cgroup_mount() -> str | None:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if re.search(r" - cgroup2? \S+ rw(,pids)?$", line):
            return line.split()[4]
    return None


class Guard(unittest.TestCase):
    def assert_leak(self, script: str, *lines: str, **options):
        done = guard(script)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), len(lines), done.stderr)
        for line in lines:
            self.assertRegex(done.stderr, f"(?m)^{line}$")

    def test_clean(self):
        done = guard("echo out; touch $TMPDIR/x; rm $TMPDIR/x")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "out\n", ""))

    def test_exit_codes(self):
        for script, code in (("exit 7", 7), ("kill -KILL $$", 137),
                             ("exit 77", 77)):
            self.assertEqual(guard(script).returncode, code)
        self.assertEqual(support.run(GUARD, "run", "/no/such").returncode, 127)
        self.assertEqual(support.run(GUARD, "run", "/etc/passwd").returncode, 126)
        self.assertEqual(support.run(GUARD, "run").returncode, 2)
        self.assertEqual(support.run(GUARD, "unknown").returncode, 2)

    def test_temp_files_are_named_and_removed(self):
        done = guard("echo $TMPDIR; touch $TMPDIR/file; mkdir -p $TMPDIR/d/e; "
                     "chmod 0 $TMPDIR/d; ln -s /etc $TMPDIR/link")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "".join(
            f"left behind: temp file {name}\n" for name in ("d", "file", "link")))
        self.assertFalse(os.path.exists(done.stdout.strip()))
        self.assertTrue(os.path.isdir("/etc"))

    def test_processes_are_named_and_killed(self):
        done = guard("setsid sleep 3471 & exit 0")
        self.assertEqual(done.returncode, 1)
        # It held our pipe as its output: that we are here means it is dead.
        self.assertRegex(done.stderr, r"left behind: process \d+ .*sleep 3471")

    def test_processes_that_end_by_themselves(self):
        self.assertEqual(guard("sleep 0.3 & exit 0").returncode, 0)

    def test_orphans_are_buried_during_the_test(self):
        done = guard("pid=$(sh -c 'sleep 0.1 >/dev/null & echo $!'); sleep 0.5; "
                     "! test -e /proc/$pid")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_shared_memory(self):
        name = f"/dev/shm/slipway-test-{os.getpid()}"
        self.addCleanup(lambda: os.path.exists(name) and os.unlink(name))
        self.assert_leak(f"touch {name}", f"left behind: file {name}")

    def test_time_limit(self):
        done = guard("sleep 3472", "--timeout", "1")
        self.assertEqual(done.returncode, 124)
        self.assertIn("ended by SIGALRM", done.stderr)

    def test_termination_cleans_up(self):
        with subprocess.Popen(
                [sys.executable, GUARD, "run", "bash", "-c",
                 "touch $TMPDIR/x; echo $TMPDIR; exec sleep 3473"],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            folder = run.stdout.readline().strip()
            run.send_signal(signal.SIGTERM)
            _, errors = run.communicate(timeout=30)
        self.assertEqual(run.returncode, 1, errors)  # the file is a leak
        self.assertIn("ended by SIGTERM", errors)
        self.assertFalse(os.path.exists(folder))

    def test_two_guards_on_one_machine_take_turns(self):
        environment = os.environ | {"SLIPWAY_WATCHER": ""}  # not below us
        with subprocess.Popen([sys.executable, GUARD, "run", "true"], text=True,
                              env=environment, stderr=subprocess.PIPE) as other:
            self.assertIn("waiting for another test run",
                          other.stderr.readline())
            other.terminate()
        self.assertEqual(other.returncode, -signal.SIGTERM)

    def test_guard_below_a_guard_does_not_wait_for_its_lock(self):
        done = support.run(GUARD, "run", sys.executable, GUARD, "run", "bash",
                           "-c", "exit 5")
        self.assertEqual((done.returncode, done.stderr), (5, ""))

    @as_root
    def test_mount_is_taken_away_and_its_source_stays(self):
        with tempfile.TemporaryDirectory() as outside:
            Path(outside, "precious").touch()
            self.assert_leak(
                f'mkdir "$TMPDIR/a b"; mount --bind {outside} "$TMPDIR/a b"',
                r"left behind: mount /\S+/a\\040b \(\S+\) #\d+",
                "left behind: temp file a b")
            self.assertTrue(Path(outside, "precious").exists())
        self.assertNotIn("slipway-test-", Path("/proc/self/mountinfo").read_text())

    @as_root
    def test_changed_mount_option(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
            try:
                self.assert_leak(f"mount --make-shared {folder}",
                                 rf"changed: mount {folder} .* -> .*shared:.*")
            finally:
                subprocess.run(["umount", folder], check=True)

    @as_root
    @unittest.skipUnless(a_cgroup_mount(), "needs a cgroup mount")
    def test_cgroup(self):
        folder = f"{a_cgroup_mount()}/slipway-test-{os.getpid()}"
        self.addCleanup(lambda: os.path.exists(folder) and os.rmdir(folder))
        self.assert_leak(f"mkdir {folder}", f"left behind: cgroup {folder}")

    @as_root
    def test_hostname(self):
        name = socket.gethostname()
        self.addCleanup(socket.sethostname, name)
        self.assert_leak("echo other > /proc/sys/kernel/hostname",
                         f"changed: hostname: {re.escape(name)} -> other")

    @as_root
    def test_link_and_what_goes_with_its_namespace(self):
        # The other end goes when the kernel takes the namespace down: later
        # than the process that was in it, and still no leak.
        link = f"slw{os.getpid()}"
        self.assertEqual(guard(
            f"unshare --net ip link add name {link} type veth peer name {link} "
            f"netns $PPID").returncode, 0)
        self.addCleanup(subprocess.run, ["ip", "link", "del", link],
                        stderr=subprocess.DEVNULL)
        self.assert_leak(f"ip link add name {link} type bridge",
                         f"left behind: link {link}")


class PrintAndCompare(unittest.TestCase):
    def test_nothing_changes(self):
        with tempfile.TemporaryDirectory() as folder:
            stored = Path(folder, "state")
            stored.write_text(support.run(GUARD, "print").stdout)
            self.assertIn("hostname\t", stored.read_text())
            done = support.run(GUARD, "compare", stored)
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_removed_and_changed(self):
        with tempfile.TemporaryDirectory() as folder:
            stored = Path(folder, "state")
            lines = support.run(GUARD, "print").stdout
            stored.write_text(re.sub(r"(?m)^hostname\t.*", "hostname\tbefore",
                                     lines) + "link gone0\nprocess 1 gone\n")
            done = support.run(GUARD, "compare", stored)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, "^removed: link gone0\n"
                                          "changed: hostname: before -> .*\n$")

    def test_missing_file(self):
        self.assertEqual(support.run(GUARD, "compare", "/no/such").returncode, 2)

    def test_processes_left_to_the_watcher(self):
        script = (f"{sys.executable} {GUARD} print > $TMPDIR/state\n"
                  "sh -c 'sleep 3474 & echo $! > $TMPDIR/pid'\n"
                  f"{sys.executable} {GUARD} compare $TMPDIR/state\n"
                  "kill $(cat $TMPDIR/pid); rm $TMPDIR/*\n")
        done = guard(script)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^left behind: process \d+ sleep 3474\n$")
