#!/usr/bin/env python3
"""A server that says who it is and who asks, and its client.

    answer.py serve NAME tcp:80 udp:53 tcp6:80 ...   until it is killed
    answer.py ask tcp|udp HOST PORT                   "NAME CLIENT", or why not

`serve` prints "ready" when it listens.
"""

import select
import socket
import sys

WAIT = 2.0  # seconds; everything here is on one machine


def family(six: bool) -> int:
    return socket.AF_INET6 if six else socket.AF_INET


def listen(spec: str) -> socket.socket:
    kind, port = spec.split(":")
    stream = kind.startswith("tcp")
    one = socket.socket(family(kind.endswith("6")),
                        socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("::" if kind.endswith("6") else "0.0.0.0", int(port)))
    if stream:
        one.listen(100)
    return one


def serve(name: str, specs: list[str]) -> None:
    sockets = [listen(spec) for spec in specs]
    print("ready", flush=True)
    while True:
        for one in select.select(sockets, [], [])[0]:
            if one.type == socket.SOCK_STREAM:
                client, address = one.accept()
                client.sendall(f"{name} {address[0]}\n".encode())
                client.close()
            else:
                _, address = one.recvfrom(4096)
                one.sendto(f"{name} {address[0]}\n".encode(), address)


def ask(kind: str, host: str, port: str) -> str:
    stream = kind == "tcp"
    with socket.socket(family(":" in host), socket.SOCK_STREAM if stream
                       else socket.SOCK_DGRAM) as one:
        one.settimeout(WAIT)
        try:
            one.connect((host, int(port)))
            if not stream:
                one.sendall(b"who?")
            text = one.recv(4096).decode().strip()
            return text or "closed"
        except TimeoutError:
            return "timeout"
        except OSError as error:
            return error.strerror.lower()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3:])
    else:
        print(ask(*sys.argv[2:]))
