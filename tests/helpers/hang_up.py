#!/usr/bin/env python3
"""Connections that end in the middle, by a reset.

    hang_up.py serve TALKS HANGS_UP     two ports: at the first it talks without
                                        end, at the second it hangs up on who
                                        talks. Prints "ready" when it listens.
    hang_up.py ask HOST TALKS HANGS_UP  hangs up on the one, talks to the other
"""

import socket
import struct
import sys
import threading

TIMES = 20
MUCH = bytes(256 << 10)


def reset(one: socket.socket) -> None:
    now = struct.pack("ii", 1, 0)  # what was not sent is thrown away
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    one.close()


def talk(one: socket.socket) -> None:
    try:
        while True:
            one.sendall(MUCH)
    except OSError:
        one.close()


def hang_up(one: socket.socket) -> None:
    one.recv(1)
    reset(one)


def serve_port(port: str, answer) -> None:
    with socket.create_server(("0.0.0.0", int(port)), backlog=TIMES) as server:
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            threading.Thread(target=answer, args=[client], daemon=True).start()


def ask(host: str, talks: str, hangs_up: str) -> None:
    for _ in range(TIMES):
        hang_up(socket.create_connection((host, int(talks)), timeout=5))
        talk(socket.create_connection((host, int(hangs_up)), timeout=5))
    print(f"hung up {2 * TIMES} times")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        threading.Thread(target=serve_port, args=[sys.argv[2], talk],
                         daemon=True).start()
        serve_port(sys.argv[3], hang_up)
    else:
        ask(*sys.argv[2:])
