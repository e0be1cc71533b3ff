#!/usr/bin/env python3
"""terminal.py COMMAND...: plays a user at a terminal before `COMMAND -t … sh`.

Checks that the command has a terminal of its own with the user's window size,
follows a change of it, gets Ctrl-C and all that is pasted, and that the user's
settings come back.
"""

import fcntl
import os
import select
import signal
import struct
import sys
import termios


def set_size(fd: int, rows: int, columns: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Screen:
    """What the command has written, taken piece by piece."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.unread = b""

    def until(self, text: bytes) -> bytes:
        """Takes everything up to and with `text`; what follows stays."""
        def give_up(*_) -> None:
            sys.exit(f"terminal.py: waited in vain for {text!r}, saw {self.unread!r}")

        # A lost byte must not hang the tests.
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(20)
        while text not in self.unread:
            self.unread += os.read(self.fd, 1000)
        signal.alarm(0)
        before, _, self.unread = self.unread.partition(text)
        return before + text


def paste(screen: Screen, text: bytes) -> None:
    os.set_blocking(screen.fd, False)
    while text:
        ready = select.select([screen.fd], [screen.fd], [], 20)
        assert ready[0] or ready[1], f"stuck: {len(text)} bytes were not taken"
        if ready[0]:
            screen.unread = (screen.unread + os.read(screen.fd, 1000))[-1000:]
        if ready[1]:
            text = text[os.write(screen.fd, text[:4096]):]
    os.set_blocking(screen.fd, True)


def start(arguments: list[str], terminal: int, output: int | None = None) -> int:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(terminal, fd)
        if output is not None:
            os.dup2(output, 1)
        os.closerange(3, 100)
        os.execv(arguments[0], arguments)
    return pid


def end(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    master, slave = os.openpty()
    set_size(master, 33, 77)
    before = termios.tcgetattr(slave)
    screen = Screen(master)

    pid = start(sys.argv[1:], slave)
    screen.until(b"# ")
    os.write(master, b"tty; stty size\n")
    assert b"/dev/pts/0" in screen.until(b"33 77")
    assert not termios.tcgetattr(slave)[3] & termios.ECHO, "not raw"
    os.write(master, b"until [ \"$(stty size)\" = '44 88' ]; do :; done; echo re''sized\n")
    set_size(master, 44, 88)
    screen.until(b"resized")
    # A terminal drops what was typed before Ctrl-C and not yet read: wait for
    # the prompt that follows.
    os.write(master, b"trap 'echo got''-int' INT; echo tr''apped\n")
    screen.until(b"trapped\r\n")
    screen.until(b"# ")
    os.write(master, b"\x03")
    screen.until(b"got-int")
    screen.until(b"# ")
    os.write(master, b"exit 9\n")
    assert end(pid) == 9
    assert termios.tcgetattr(slave) == before, "settings not restored"

    # What is pasted arrives, though the command waits until it is shown what
    # it writes. Read as slowly as a real terminal.
    pid = start(sys.argv[1:-1] + ["sh", "-c", "echo re''ady; exec cat"], slave)
    screen.until(b"ready")
    paste(screen, b"0123456789abcde\n" * 20000 + b"the last line\n")
    screen.until(b"the last line")
    os.write(master, b"\x04")
    assert end(pid) == 0
    assert termios.tcgetattr(slave) == before, "settings not restored"

    # Who reads its output goes away.
    read_end, write_end = os.pipe()
    pid = start(sys.argv[1:-1] + ["yes"], slave, write_end)
    os.close(write_end)
    os.read(read_end, 10)
    os.close(read_end)
    assert end(pid) == 137
    assert termios.tcgetattr(slave) == before, "settings not restored"

    # The command is killed under it.
    pid = start(sys.argv[1:-1] + ["sh", "-c", "echo re''ady; exec sleep 99"], slave)
    screen.until(b"ready")
    children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    os.kill(int(children[0]), signal.SIGKILL)
    assert end(pid) == 137
    assert termios.tcgetattr(slave) == before, "settings not restored"

    # The user's terminal goes away: so does the command.
    pid = start(sys.argv[1:-1] + ["sh", "-c", "echo re''ady; exec sleep 99"], slave)
    os.close(slave)
    screen.until(b"ready")
    os.close(master)
    assert end(pid) == 137
    print("all well")


main()
