#!/usr/bin/env python3
"""Takes a descriptor at a unix socket, as whoever starts a runtime does.

    receive_fd.py terminal SOCKET [TEXT]
        a container's terminal: prints its size, types TEXT, prints what comes
    receive_fd.py notify SOCKET
        a seccomp listener: prints the state that came with it, and answers one
        call with ENOMEDIUM, an error that nothing else gives
    receive_fd.py allow SOCKET
        seccomp listeners, as many as come: lets all calls go on, prints their
        numbers
"""

import array
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import termios

NOTIF_RECV = 0xC0502100  # SECCOMP_IOCTL_NOTIF_RECV, linux/seccomp.h
NOTIF_SEND = 0xC0182101
CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE


def listen(path: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(path + ".new")
    server.listen()
    os.rename(path + ".new", path)  # it is there: it listens
    return server


def receive(server: socket.socket) -> tuple[bytes, int]:
    connection, _ = server.accept()
    size = array.array("i").itemsize
    message, ancillary, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(size))
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            return message, array.array("i", data[:size])[0]
    sys.exit("no descriptor came")


def terminal(path: str, text: str = "") -> None:
    _, fd = receive(listen(path))
    rows, columns, _, _ = struct.unpack(
        "HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))
    print(f"size {rows} {columns}", flush=True)
    os.write(fd, text.encode())
    try:
        while data := os.read(fd, 4096):
            os.write(1, data)
    except OSError:  # EIO: nobody has the other end any more
        pass


def notify(path: str) -> None:
    message, fd = receive(listen(path))
    print(message.decode(), flush=True)
    request = bytearray(80)
    fcntl.ioctl(fd, NOTIF_RECV, request)
    number, = struct.unpack_from("Q", request)
    fcntl.ioctl(fd, NOTIF_SEND,
                struct.pack("QqiI", number, 0, -errno.ENOMEDIUM, 0))


def allow(path: str) -> None:
    server = listen(path)
    while True:
        _, fd = receive(server)
        if os.fork() == 0:
            server.close()
            let_all_go_on(fd)
        os.close(fd)


def let_all_go_on(fd: int) -> None:
    signal.alarm(20)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while not poll.poll()[0][1] & select.POLLHUP:  # nobody has the filter
        request = bytearray(80)
        fcntl.ioctl(fd, NOTIF_RECV, request)
        number, = struct.unpack_from("Q", request)
        call, = struct.unpack_from("i", request, 16)
        print(call, flush=True)
        fcntl.ioctl(fd, NOTIF_SEND, struct.pack("QqiI", number, 0, 0, CONTINUE))
    os._exit(0)


signal.alarm(20)  # a lost message must not hang the tests
{"terminal": terminal, "notify": notify, "allow": allow}[sys.argv[1]](*sys.argv[2:])
