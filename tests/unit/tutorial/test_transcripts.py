"""Each test runs a small chapter; its first fence is on line 4, the first command on line 5."""

import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from repository import CHAPTER, TOOL, TranscriptTest

LONG_SLEEP = f"sleep 99.{os.getpid()}"  # no other process has this command line


class Output(TranscriptTest):
    def test_right(self):
        result = self.run_blocks("$ echo hello\nhello")
        self.assert_passes(result)
        self.assertIn(f"{CHAPTER}: 1 blocks: 1 passed, 0 failed, 0 skipped\n", result.stdout)
        self.assertIn("1 chapters: 1 blocks: 1 passed", result.stdout)

    def test_wrong_line_names_file_and_line(self):
        result = self.run_blocks("$ echo one; echo two; echo three\none\nTWO\nthree", "$ echo next\nnext")
        self.assert_fails(result, f"{CHAPTER}:7: the output differs", "`$ echo one; echo two; echo three`",
                          "    - TWO\n    + two\n", "2 blocks: 1 passed, 1 failed, 0 skipped")

    def test_missing_and_surplus_output(self):
        self.assert_fails(self.run_blocks("$ echo one\none\ntwo"), f"{CHAPTER}:7: the output differs")
        self.assert_fails(self.run_blocks("$ echo one"), f"{CHAPTER}:6: the output differs")

    def test_every_mismatch_is_reported(self):
        result = self.run_blocks("$ echo a\nx\n$ echo b\ny", "$ echo c\nz")
        self.assert_fails(result, f"{CHAPTER}:6:", f"{CHAPTER}:8:", f"{CHAPTER}:12:")

    def test_blanks_at_the_end_do_not_count(self):
        self.assert_passes(self.run_blocks("$ printf 'a  \\nb\\n\\n\\n'\na\nb"))

    def test_stderr_is_merged_in_order(self):
        self.assert_passes(self.run_blocks("$ echo a; echo b >&2; echo c\na\nb\nc"))

    def test_dots(self):
        self.assert_passes(self.run_blocks("$ seq 9\n1\n...\n5\n...\n9\n...", "$ echo one two three\none ... three"))
        self.assert_fails(self.run_blocks("$ seq 9\n1\n...\n8"), f"{CHAPTER}:9:", "+ 9")
        self.assert_fails(self.run_blocks("$ seq 9\n...\n8\n...\n5\n..."), "the output differs")

    def test_regular_expression(self):
        self.assert_passes(self.run_blocks("$ echo v12\nv[0-9]+ (re)"))
        self.assert_fails(self.run_blocks("$ echo v12x\nv[0-9]+ (re)"), f"{CHAPTER}:6:")

    def test_escapes(self):
        self.assert_passes(self.run_blocks("""
            $ echo '<none>'; echo '$ x'; echo '[3]'; echo '/ # y'; echo 'a < b'; echo '<stdio.h>'; echo ...
            \\<none>
            \\$ x
            \\[3]
            \\/ # y
            a < b
            <stdio.h>
            \\...
            """))
        self.assert_fails(self.run_blocks("$ echo x\n\\..."), f"{CHAPTER}:6:")


class Placeholders(TranscriptTest):
    def test_same_value_across_blocks(self):
        self.assert_passes(self.run_blocks("$ echo id abc\nid <id>", "$ echo abc abc\n<id> <id>"))

    def test_different_value_fails(self):
        result = self.run_blocks("$ echo id abc\nid <id>", "$ echo abd\n<id>")
        self.assert_fails(result, f"{CHAPTER}:10: the output differs", "<id> stands for abc")
        self.assert_fails(self.run_blocks("$ echo abc abd\n<id> <id>"), f"{CHAPTER}:6:")

    def test_different_names_may_be_equal(self):
        self.assert_passes(self.run_blocks("$ echo abc abc\n<one> <two>"))

    def test_one_token_only(self):
        self.assert_fails(self.run_blocks("$ echo a b\n<id>"), f"{CHAPTER}:6:")

    def test_types(self):
        self.assert_passes(self.run_blocks("$ echo 12 1.5 12\n<pid:int> <t:float> <pid>"))
        self.assert_fails(self.run_blocks("$ echo a1\n<pid:int>"), f"{CHAPTER}:6:")
        self.assert_fails(self.run_blocks("$ echo 1s\n<t:float>"), f"{CHAPTER}:6:")

    def test_dots_find_the_place_where_names_agree(self):
        self.assert_passes(self.run_blocks("$ printf '%s\\n' 'a 1' 'b 2' 'c 2'\n...\n<x> <n>\n<y> <n>"))


class Commands(TranscriptTest):
    def test_state_persists_between_blocks(self):
        self.assert_passes(self.run_blocks("$ mkdir lab; cd lab; x=5; f() { echo f $x; }; export Y=6",
                                           "$ pwd; f; printenv Y; alias g=f\n~/lab\nf 5\n6\n$ g\nf 5"))

    def test_continuation_and_here_document(self):
        self.assert_passes(self.run_blocks("""
            $ for i in 1 2
            > do echo $i
            > done
            1
            2
            $ cat <<END
            > one
            >
            > two
            > END
            one

            two
            """))

    def test_exit_status(self):
        self.assert_passes(self.run_blocks("$ echo a; false\na\n[1]\n$ echo $?\n1\n$ sh -c 'exit 42'\n[42]"))
        self.assert_fails(self.run_blocks("$ true\n$ echo a; false\na"), f"{CHAPTER}:6: exit status 1, expected 0")
        self.assert_fails(self.run_blocks("$ echo a\na\n[3]"), f"{CHAPTER}:7: exit status 0, expected 3")

    def test_messages_of_bash_are_those_of_a_terminal(self):
        self.assert_passes(self.run_blocks("""
            $ nonesuch
            bash: nonesuch: command not found
            [127]
            $ cd /nonesuch
            bash: cd: /nonesuch: No such file or directory
            [1]
            $ sh -c 'kill -9 $$'
            Killed
            [137]
            """))

    def test_background_jobs_are_silent(self):
        self.assert_passes(self.run_blocks("""
            $ sleep 60 &
            $ job=$!
            $ kill -INT $job; wait $job
            [130]
            $ sleep 60 & kill -9 $!; wait
            $ sleep 60 & jobs; kill %1; wait
            [1]+  Running                 sleep 60 &
            """))

    def test_a_command_sees_no_terminal_and_no_stray_descriptors(self):
        self.assert_passes(self.run_blocks("$ ls /proc/self/fd; cat; tty\n0\n1\n2\n3\nnot a tty\n[1]"))

    def test_environment(self):
        self.write("common/file", "")
        self.write("build/release/bin/tool", "#!/bin/sh\necho tool $0\n")
        (self.root / "build/release/bin/tool").chmod(0o755)
        self.assert_passes(self.run_blocks("""
            $ pwd; umask; ls slipway; ls slipway/common
            ~
            0022
            build
            common
            temporary
            tutorial
            file
            $ env | cut -d= -f1 | grep -v ^_ | sort | xargs
            HOME LANG LC_ALL PATH PS1 PWD SHLVL TERM TMPDIR USER
            $ slipway/build/release/bin/tool; readlink -f slipway/build/release/bin/tool; echo $HOME/x:$TMPDIR
            tool slipway/build/release/bin/tool
            ~/slipway/build/release/bin/tool
            ~/x:~/tmp
            """, SECRET="x"))


class Sessions(TranscriptTest):
    def test_typed_lines(self):
        self.assert_passes(self.run_blocks("""
            $ PS1='/ # ' sh -i
            / # echo hello; tty
            hello
            /dev/pts/<n:int>
            / # cat <<X
            > one
            > X
            one
            / # exit 3
            [3]
            $ echo $?
            3
            """))

    def test_wrong_output_names_its_line(self):
        result = self.run_blocks("$ PS1='/ # ' sh -i\n/ # echo a\na\n/ # echo b\nc\n/ # exit")
        self.assert_fails(result, f"{CHAPTER}:9: the output differs", "`/ # echo b`", "- c\n    + b")

    def test_output_that_equals_the_typed_line_is_no_echo(self):
        self.assert_passes(self.run_blocks("$ PS1='/ # ' sh -i\n/ # set -v\n/ # :\n:\n/ # exit\nexit"))

    def test_echo_of_a_terminal_further_inside(self):
        program = ("import os,pty,sys; os.environ.update(PS1='/ # '); "
                   "sys.exit(os.waitstatus_to_exitcode(pty.spawn(['sh','-i'])))")
        long = "x" * 100
        self.assert_passes(self.run_blocks(
            f"$ python3 -c \"{program}\"\n/ # echo hello\nhello\n/ # echo {long}\n{long}\n/ # exit 4\n[4]"))

    @unittest.skipUnless(shutil.which("busybox"), "busybox is not installed")
    def test_echo_of_an_editing_shell(self):
        long = "x" * 100  # the editor breaks its echo after 80 columns
        self.assert_passes(self.run_blocks(
            f"$ PS1='/ # ' python3 -c 'import pty; pty.spawn([\"busybox\", \"sh\"])'\n...\n"
            f"/ # echo {long}\n{long}\n/ # exit"))

    def test_output_without_line_end(self):
        self.assert_passes(self.run_blocks("$ PS1='/ # ' sh -i\n/ # printf abc\nabc\n/ # exit"))

    def test_nothing_is_lost_at_the_end(self):
        self.assert_passes(self.run_blocks("$ PS1='/ # ' sh -i\n/ # seq 3000; exit\n1\n...\n2999\n3000"))

    def test_other_prompt(self):
        result = self.run_blocks("$ PS1='/tmp # ' sh -i\n/ # exit")
        self.assert_fails(result, f"{CHAPTER}:6: the prompt is `/tmp # `, the book says `/ # `")

    def test_command_that_ends_too_early(self):
        result = self.run_blocks("$ PS1='/ # ' sh -i\n/ # exit 5\n/ # echo\n$ echo go on\ngo on")
        self.assert_fails(result, f"{CHAPTER}:7: the command ended (exit status 5) before this was typed")

    def test_still_running_at_the_end(self):
        result = self.run_blocks("$ PS1='/ # ' sh -i\n/ # echo a\na\n$ echo next\nnext", "$ echo last\nlast")
        self.assert_fails(result, f"{CHAPTER}:6: still running at the end of the block: `$ PS1='/ # ' sh -i`",
                          "2 blocks: 1 passed, 1 failed, 0 skipped")


class Endings(TranscriptTest):
    def test_time_limit(self):
        start = time.monotonic()
        result = self.run_blocks("console limit=0.5\n$ echo said; sleep 60", "$ echo next\nnext")
        self.assertLess(time.monotonic() - start, 20)
        self.assert_fails(result, f"{CHAPTER}:5: not ended after 0.5 s", "`$ echo said; sleep 60`", "'said'",
                          f"{CHAPTER}:7: not run", "1 failed, 0 skipped, 1 not run")

    def test_time_limit_of_a_session(self):
        result = self.run_blocks("console limit=0.5\n$ PS1='/ # ' sh -i\n/ # sleep 60\n/ # exit")
        self.assert_fails(result, f"{CHAPTER}:6: not ended after 0.5 s", "`/ # sleep 60`")

    def test_time_factor(self):
        self.assert_passes(self.run_blocks("console limit=0.1\n$ sleep 0.5", BOOK_TIME_FACTOR="100"))

    def test_exit_ends_the_shell(self):
        result = self.run_blocks("$ exit 3", "$ echo next\nnext")
        self.assert_fails(result, f"{CHAPTER}:5: the command ended the shell (exit status 3): `$ exit 3`",
                          f"{CHAPTER}:7: not run")

    def test_exec_replaces_the_shell(self):
        self.assert_fails(self.run_blocks("$ exec sleep 60"), f"{CHAPTER}:5: the command replaced the shell")

    def test_leftover_process_is_reported_and_killed(self):
        result = self.run_blocks(f"$ (setsid {LONG_SLEEP} &)")
        self.assert_fails(result, f"{CHAPTER}:4: left a process behind", LONG_SLEEP)
        self.assertNotIn(LONG_SLEEP, _command_lines())

    def test_exit_trap_may_clean_up(self):
        self.assert_passes(self.run_blocks("$ sleep 60 & trap 'kill %1' EXIT"))

    def test_home_is_removed(self):
        for block in ("$ mkdir -p a/b; touch a/b/c; chmod 0 a/b", "$ false", "$ exit"):
            with self.subTest(block):
                self.run_blocks(block)
                self.assertEqual(os.listdir(self.root / "temporary"), [])

    def test_home_is_removed_after_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                self.write_blocks(f"$ touch ready; {LONG_SLEEP}")
                run = subprocess.Popen([sys.executable, TOOL, "--root", self.root, "run"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env=os.environ | {"TMPDIR": f"{self.root}/temporary"})
                while not list(self.root.glob("temporary/*/ready")) and run.poll() is None:
                    time.sleep(0.01)
                run.send_signal(number)
                self.assertEqual(run.wait(20), 128 + number)
                self.assertEqual(os.listdir(self.root / "temporary"), [])
                self.assertNotIn(LONG_SLEEP, _command_lines())

    @unittest.skipUnless(subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0,
                         "may not mount")
    def test_home_with_a_mount_is_not_touched(self):
        self.write_blocks("$ mkdir mnt other; touch other/kept; mount -t tmpfs none mnt; touch mnt/kept")
        # In a mount namespace of its own, which takes the mount with it.
        result = subprocess.run(["unshare", "--mount", sys.executable, TOOL, "--root", self.root, "run"], text=True,
                                stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": f"{self.root}/temporary"})
        self.assert_fails(result, f"{CHAPTER}:4: still mounted, so ")
        self.assertEqual(len(list(self.root.glob("temporary/*/other/kept"))), 1)


class Skipping(TranscriptTest):
    BLOCK = "$ echo a\na"
    SKIPPED = 'console norun reason="it takes a week"\n$ make world'

    def test_one_in_ten_may_be_skipped(self):
        result = self.run_blocks(self.SKIPPED, *[self.BLOCK] * 9)
        self.assert_passes(result)
        self.assertIn(f"{CHAPTER}:4: skipped: it takes a week", result.stdout)
        self.assertIn("10 blocks: 9 passed, 0 failed, 1 skipped", result.stdout)

    def test_two_in_ten_may_not(self):
        result = self.run_blocks(self.SKIPPED, self.SKIPPED, *[self.BLOCK] * 8)
        self.assert_fails(result, f"{CHAPTER}:1: only 8 of 10 blocks ran, 90 % must")

    def test_unmet_need(self):
        result = self.run_blocks("console needs=cmd:nonesuch\n$ nonesuch", *[self.BLOCK] * 9)
        self.assert_passes(result)
        self.assertIn(f"{CHAPTER}:4: skipped: the program nonesuch is not installed", result.stdout)
        self.assert_passes(self.run_blocks("console needs=cmd:sh\n$ echo a\na"))


class Update(TranscriptTest):
    def update(self, before: str, after: str) -> None:
        self.assert_passes(self.run_blocks(before, update=True))
        self.assertEqual(self.text().split("\n", 3)[3], f"```console\n{after}\n```\n")
        self.assert_passes(self.book("run"))

    def test_right_output_is_left_alone(self):
        text = "$ seq 5\n1\n...\n[0-9] (re)"
        self.update(text, text)

    def test_only_what_differs_is_replaced(self):
        self.update("$ printf '%s\\n' 'pid 71' b c d e f 71\npid <pid:int>\nB\nc\n...\nf\n[7]1 (re)",
                    "$ printf '%s\\n' 'pid 71' b c d e f 71\npid <pid:int>\nb\nc\n...\nf\n[7]1 (re)")

    def test_known_values_become_placeholders_again(self):
        self.update("$ echo abcd xy 7\n<id> <short> <n:int>\n$ echo new abcd xy 7\nold",
                    "$ echo abcd xy 7\n<id> <short> <n:int>\n$ echo new abcd xy 7\nnew <id> xy <n>")

    def test_new_lines_are_escaped(self):
        self.update("$ echo '<none>'; echo '$ x'; echo '[2]'; echo 'a (re)'",
                    "$ echo '<none>'; echo '$ x'; echo '[2]'; echo 'a (re)'\n\\<none>\n\\$ x\n\\[2]\na\\ \\(re\\) (re)")

    def test_exit_status(self):
        self.update("$ false\n$ echo a; sh -c 'exit 3'\na\n[4]\n$ true\n[1]",
                    "$ false\n[1]\n$ echo a; sh -c 'exit 3'\na\n[3]\n$ true")

    def test_sessions(self):
        self.update("$ PS1='/ # ' sh -i\n/ # echo a\n/ # echo b\nB\n/ # exit 2",
                    "$ PS1='/ # ' sh -i\n/ # echo a\na\n/ # echo b\nb\n/ # exit 2\n[2]")


def _command_lines() -> list[str]:
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                found.append(file.read().replace(b"\0", b" ").decode(errors="replace").strip())
        except OSError:
            pass  # not a process, or ended meanwhile
    return found


if __name__ == "__main__":
    unittest.main()
