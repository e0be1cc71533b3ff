"""Servers in the background for tests: started when they are ready, by their
own word and not by the clock, and stopped by their number."""

import ctypes
import os
import re
import select
import signal
import subprocess
import sys
from typing import Callable

PR_SET_PDEATHSIG = 1


def start(log: str, life: Callable[[Callable[[bytes], None]], None]) -> tuple[int, bytes]:
    """Runs life(ready) in a process of its own until it calls ready(word).
    Its number and the word. Ends the program when it ends before that."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for fd, target in ((null, 0), (output, 1), (output, 2), (write_end, 3)):
            os.dup2(fd, target)
        os.closerange(4, 1024)  # a test runner waits for all who hold its pipes
        os.set_inheritable(3, False)

        def ready(word: bytes) -> None:
            os.write(3, word)
            os.close(3)

        try:
            life(ready)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1)
    os.close(write_end)
    with open(read_end, "rb") as pipe:
        word = pipe.read()
    if not word:
        os.waitpid(pid, 0)
        with open(log, errors="replace") as file:
            sys.exit(f"it did not start; {log} ends in\n" + file.read()[-2000:])
    return pid, word


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(command: list[str], ready: Callable[[bytes], None], pattern: bytes,
          stdout=None) -> None:
    """Runs a server until it ends; a SIGTERM to us goes on to it. `ready` gets
    what the first group of `pattern` matches in a line of its log (stderr),
    which is copied to ours."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout,
                             stderr=subprocess.PIPE, preexec_fn=die_with_parent)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    waiting = True
    for line in child.stderr:
        os.write(2, line)
        found = re.search(pattern, line) if waiting else None
        if found:
            ready(found[1])
            waiting = False
    child.wait()


def stop(pid: int) -> None:
    """Waits until it is gone. It may be gone already."""
    try:
        handle = os.pidfd_open(pid)
        signal.pidfd_send_signal(handle, signal.SIGTERM)
    except ProcessLookupError:
        return
    select.select([handle], [], [])
