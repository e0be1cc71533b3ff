#!/usr/bin/env python3
"""A name server that says 198.51.100.7 to every question.

    name_server.py ADDRESS    prints "ready" when it listens at port 53
"""

import select
import socket
import struct
import sys


def answer(query: bytes) -> bytes:
    end = query.index(b"\0", 12) + 5
    record = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 60, 4, 198, 51, 100, 7)
    return (query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) +
            query[12:end] + record)


def main(address: str) -> None:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, 53))
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind((address, 53))
    tcp.listen(10)
    print("ready", flush=True)
    while True:
        for one in select.select([udp, tcp], [], [])[0]:
            if one is udp:
                query, client = udp.recvfrom(4096)
                udp.sendto(answer(query), client)
            else:
                client, _ = tcp.accept()
                with client, client.makefile("rb") as stream:
                    size = struct.unpack("!H", stream.read(2))[0]
                    reply = answer(stream.read(size))
                    client.sendall(struct.pack("!H", len(reply)) + reply)


main(sys.argv[1])
