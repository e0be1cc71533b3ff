"""One bash for a whole chapter, driven command by command.

It is an interactive bash (`bash -i`): its messages read `bash: foo: command not found` as the reader's do, every job
has a process group of its own, and Ctrl-C's signal is not ignored in the background. It reads its commands from a
pipe and, after each one, writes the exit status to another: so the output is never searched for its own end.

Commands run with stdin from /dev/null and stdout and stderr on one pipe. A session (a command with a container's
prompt in it) runs on a terminal instead. The terminal is the session's controlling terminal from the start, because
only a shell that owns one can hand it to its jobs; it does not echo.
"""

import fcntl
import os
import pty
import re
import secrets
import select
import signal
import struct
import subprocess
import termios
import time

MAX_OUTPUT = 4_000_000

# STATUS and TERMINAL become descriptor numbers; both are closed while a command runs, so that it sees only 0, 1, 2.
# All in one pair of braces: bash has read the last line, and printed its last prompt, before the first one runs.
# __book_return gives the next command the `$?` of the one before. `jobs` takes note of the jobs that have ended, which
# an interactive bash does before each prompt.
DRIVER = r"""
{
  __book_status=0
  __book_return() { return "$__book_status"; }
  builtin printf 'ready\n' >&STATUS
  while IFS= builtin read -r -d '' __book_command; do
    builtin jobs >/dev/null 2>&1
    if [[ $__book_command == terminal:* ]]; then
      __book_command=${__book_command#terminal:}
      __book_return
      eval "$__book_command" <&TERMINAL >&TERMINAL 2>&1 STATUS>&- TERMINAL>&-
      __book_status=$?
      builtin printf 'NONCE' >&TERMINAL
    else
      __book_return
      eval "$__book_command" </dev/null STATUS>&- TERMINAL>&-
      __book_status=$?
    fi
    builtin printf '%s\n' "$__book_status" >&STATUS
  done
}
"""

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]")
PROMPT_AT_END = re.compile(r"(?:^|\n)(/\S* [#$] )\Z")

# What an interactive bash says by itself about background jobs: `[1] 4711` when one starts, `[1]+  Done   sleep 1`
# when it ends, `(wd: …)` when it was elsewhere. When it says so is chance. What `jobs` lists as running stays.
JOB_NOTICE = re.compile(r"^(?:\[\d+\] \d+|\[\d+\][-+ ] +(?!Running|Stopped)[A-Z][A-Za-z]+.*|\(wd now: .*\))\n", re.M)


class ShellLost(Exception):
    """The shell cannot go on; the text says why."""


class Shell:
    def __init__(self, home: str, environment: dict[str, str]):
        self.master, self.terminal = pty.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes = termios.tcgetattr(self.terminal)
        self.modes[3] &= ~termios.ECHO
        self.nonce = secrets.token_hex(8)
        commands, self.commands = os.pipe()
        self.status_pipe, status = os.pipe()
        self.output_pipe, output = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "--noediting", "-i"], cwd=home, env=environment,
            stdin=commands, stdout=output, stderr=output, pass_fds=(status, self.terminal),
            preexec_fn=self._become_session_leader)
        for descriptor in (commands, status, output):
            os.close(descriptor)
        for descriptor in (self.output_pipe, self.master):
            os.set_blocking(descriptor, False)
        self.pidfd = os.pidfd_open(self.process.pid)
        driver = DRIVER.replace("STATUS", str(status)).replace("TERMINAL", str(self.terminal))
        self._send(driver.replace("NONCE", self.nonce))
        self.typed = ""
        self.in_terminal = False
        self.limit = 30.0
        self.read()  # bash's greeting and its prompts, up to `ready`

    def _become_session_leader(self) -> None:
        os.setsid()
        fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)
        os.umask(0o022)

    def _send(self, text: str) -> None:
        try:
            os.write(self.commands, text.encode())
        except BrokenPipeError:
            raise ShellLost("the shell is gone") from None

    def start(self, command: str, limit: float, in_terminal: bool = False) -> None:
        self.limit, self.in_terminal, self.typed = limit, in_terminal, ""
        if in_terminal:
            termios.tcsetattr(self.terminal, termios.TCSAFLUSH, self.modes)
        self._send(("terminal:" if in_terminal else "") + command + "\0")

    def type(self, line: str) -> None:
        """Types a line into the running session."""
        modes = termios.tcgetattr(self.master)[3]
        echoes = modes & termios.ECHO or not modes & termios.ICANON
        self.typed = line if echoes else ""  # raw mode: a terminal further inside will echo
        os.write(self.master, line.encode() + b"\r")  # what the Enter key sends

    def read(self, prompt: str | None = None) -> tuple[str, str | None, int | None]:
        """Reads until the command ends or, in a session, shows a prompt: (output, prompt, exit status)."""
        deadline = time.monotonic() + self.limit
        data = b""
        while True:
            source = self.master if self.in_terminal else self.output_pipe
            ready = self._wait([source, self.status_pipe, self.pidfd], deadline, data)
            if self.status_pipe in ready:
                status = os.read(self.status_pipe, 100).decode().strip()
                if not status:
                    raise ShellLost(self._how_it_ended())
                data += self._rest(source, deadline, data)
                return self._clean(data), None, int(status) if status.isdecimal() else None
            if source in ready and (some := _read_some(source)):
                data += some
                if len(data) > MAX_OUTPUT:
                    raise ShellLost(f"the command printed more than {MAX_OUTPUT // 1_000_000} MB")
                if self.in_terminal and (found := self._split_prompt(self._clean(data), prompt)):
                    return *found, None
            elif self.pidfd in ready:
                raise ShellLost(self._how_it_ended())

    def _how_it_ended(self) -> str:
        try:
            code = self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "the command replaced the shell"
        return f"the command ended the shell (exit status {code if code >= 0 else 128 - code})"

    def _wait(self, descriptors: list[int], deadline: float, data: bytes) -> list[int]:
        left = deadline - time.monotonic()
        ready = select.select(descriptors, [], [], left)[0] if left > 0 else []
        if not ready:
            said = self._clean(data)[-300:].strip()
            raise ShellLost(f"not ended after {self.limit:g} s" + (f"; its last output: {said!r}" if said else ""))
        return ready

    def _rest(self, source: int, deadline: float, data: bytes) -> bytes:
        """What was written before the status. A pipe holds it already; a terminal delivers late, up to the nonce."""
        rest = b""
        if not self.in_terminal:
            while some := _read_some(source):
                rest += some
            return rest
        while self.nonce.encode() not in data + rest:
            self._wait([source], deadline, data)
            rest += _read_some(source)
        return rest

    def _split_prompt(self, text: str, wanted: str | None) -> tuple[str, str] | None:
        """Splits the prompt off the end of what was received."""
        if found := PROMPT_AT_END.search(text):
            return text[:found.start(1)], found[1]
        if wanted and text.endswith(wanted):  # also `> `, and a prompt after output without a line end
            return text[:-len(wanted)], wanted
        return None

    def _clean(self, data: bytes) -> str:
        """Output as it would look: no terminal control, no echo, no notices about jobs."""
        text = data.decode(errors="replace")
        if self.in_terminal:
            text = ESCAPES.sub("", text.replace(self.nonce, ""))
            text = re.sub(r"[^\n\b]\x08", "", re.sub(r"\r+\n", "\n", text)).replace("\r", "")
            if self.typed:  # an editing shell breaks its echo at the edge of the screen
                text = re.sub(r"\A" + "\n?".join(map(re.escape, self.typed)) + "\n", "", text)
        return JOB_NOTICE.sub("", text)

    def kill_foreground(self) -> None:
        """Kills the process group that has the terminal, and waits until bash has taken note."""
        group = os.tcgetpgrp(self.master)
        if group != self.process.pid:
            os.killpg(group, signal.SIGKILL)
        self.limit = min(self.limit, 10)
        while self.read()[2] is None:
            pass

    def close(self) -> None:
        """Lets bash end by itself, traps and all; kills it when it does not."""
        os.close(self.commands)
        if not select.select([self.pidfd], [], [], 5)[0]:
            self.process.kill()
        self.process.wait()
        for descriptor in (self.pidfd, self.master, self.terminal, self.output_pipe, self.status_pipe):
            os.close(descriptor)

    def kill(self) -> None:
        self.process.kill()


def _read_some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""
