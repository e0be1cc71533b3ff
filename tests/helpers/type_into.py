#!/usr/bin/env python3
"""type_into.py LINES COMMAND...: COMMAND at a terminal, LINES typed to it.

Each of the lines, which are separated by |, is typed when the prompt "# " or
"$ " has come. Prints what the terminal shows; exits as the command does.
"""

import os
import select
import sys

PATIENCE_S = 30


def main() -> int:
    lines = sys.argv[1].split("|")
    pid, master = os.forkpty()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    unread = b""
    while select.select([master], [], [], PATIENCE_S)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # nobody has the other end open any more
            break
        if not piece:
            break
        sys.stdout.buffer.write(piece)
        unread += piece
        shown = unread.removesuffix(b"\x1b[6n")  # where is the cursor?
        if lines and shown.endswith((b"# ", b"$ ")):
            os.write(master, lines.pop(0).encode() + b"\n")
            unread = b""
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())
