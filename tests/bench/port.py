"""port.py serve PORT | wait PORT | rate PORT | answer PORT | connect PORT

A server that tells how many bytes came, or sends back what it got; and who asks
it: megabytes a second of one connection, microseconds of a question of one byte
and its answer, on one connection and with a new one each time.
"""

import socket
import statistics
import sys
import threading
import time

PIECE = bytes(1 << 20)


def answer(peer: socket.socket) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(1 << 20)
    while count := peer.recv_into(buffer):
        if count == 1:  # a question; the rest is only taken
            peer.sendall(buffer[:1])
    peer.close()


def serve(port: int) -> None:
    with socket.create_server(("", port), backlog=64) as server:
        while True:
            threading.Thread(target=answer, args=(server.accept()[0],),
                             daemon=True).start()


def connect(port: int) -> socket.socket:
    to = socket.create_connection(("127.0.0.1", port))
    to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return to


def ask(to: socket.socket) -> None:
    to.sendall(b"?")
    if to.recv(1) != b"?":
        raise ConnectionError("no answer")


def wait(port: int) -> None:
    for _ in range(600):
        try:
            with connect(port) as to:
                return ask(to)
        except ConnectionError:
            time.sleep(0.05)
    sys.exit(f"nobody answers on port {port}")


def rate(port: int) -> float:
    with connect(port) as to:
        start, pieces = time.monotonic(), 2000
        for _ in range(pieces):
            to.sendall(PIECE)
        to.shutdown(socket.SHUT_WR)
        to.recv(1)  # the end: all was taken
        return pieces * len(PIECE) / 1e6 / (time.monotonic() - start)


def median_time(action) -> float:
    times = []
    for _ in range(1000):
        start = time.monotonic()
        action()
        times.append(time.monotonic() - start)
    return statistics.median(times) * 1e6


def ask_anew(port: int) -> None:
    with connect(port) as to:
        ask(to)


def main() -> None:
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "serve":
        serve(port)
    elif what == "wait":
        wait(port)
    elif what == "rate":
        print(rate(port))
    elif what == "answer":
        with connect(port) as to:
            print(median_time(lambda: ask(to)))
    elif what == "connect":
        print(median_time(lambda: ask_anew(port)))


main()
