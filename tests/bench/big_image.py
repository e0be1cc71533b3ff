#!/usr/bin/env python3
"""big_image.py [--layers N] [--scale F] DIR: an OCI image layout, always the same bytes.

By default the size of a real application: a base like a distribution's (200 MB
in 9,000 files and links) and twenty layers of 1,500 files, 530 MB in all, which
gzip makes 217. --scale 0.1 has a tenth of the files. DIR/index.json comes last:
when it is there, all is there. The image is called "latest".
"""

import argparse
import multiprocessing
import os
import random
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)) + "/../helpers")
import oci_layout  # noqa: E402


def make_text() -> bytes:
    """4 MB that gzip packs about as well as it does programs and libraries."""
    chance = random.Random(4)
    letters = "etaoinshrdlucmfwypvbgk(){};=_0123456789"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 11)))
             for _ in range(6000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return " ".join(chance.choices(words, weights, k=700_000)).encode()


TEXT = make_text()


def content(chance: random.Random, size: int) -> bytes:
    parts, left = [], size
    while left > 0:
        piece = min(left, 40_000)
        start = chance.randrange(len(TEXT) - piece)
        hard = piece // 20  # what no packer makes smaller
        parts += [chance.randbytes(hard), TEXT[start:start + piece - hard]]
        left -= piece
    return b"".join(parts)


def base_layer(chance: random.Random, scale: float) -> bytes:
    tar = oci_layout.Tar()
    for name in ("usr", "usr/bin", "usr/lib", "usr/share", "etc", "tmp"):
        tar.folder(name)
    for index in range(int(8000 * scale)):
        if index % 16 == 0:
            home = f"usr/{'lib' if index % 32 else 'share'}/package{index}"
            tar.folder(home)
        size = int(chance.expovariate(1 / 14_000)) + 30
        if index % 600 == 599:  # the large libraries
            size = chance.randrange(2_000_000, 8_000_000)
        name = f"{home}/file{index}"
        tar.add(name, content(chance, size), mode=chance.choice((0o644, 0o644, 0o755)))
        if index % 12 == 0:
            tar.add(f"{home}/link{index}", type=tarfile.SYMTYPE,
                    linkname=f"file{index}", mode=0o777)
        if index % 40 == 0:
            tar.add(f"{home}/hard{index}", type=tarfile.LNKTYPE, linkname=name)
    return tar.bytes()


def data_layer(number: int, chance: random.Random, scale: float) -> bytes:
    tar = oci_layout.Tar()
    tar.folder("data")
    tar.folder(f"data/l{number}")
    for index in range(int(1500 * scale)):
        size = int(chance.expovariate(1 / 10_500)) + 30
        tar.add(f"data/l{number}/{index}", content(chance, size), mode=0o644)
    return tar.bytes()


def make_layer(job: tuple[str, int, float]) -> oci_layout.Layer:
    layout, number, scale = job
    chance = random.Random(number)
    return oci_layout.store_layer(layout, base_layer(chance, scale) if number == 0
                                  else data_layer(number, chance, scale))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=21)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("layout")
    options = parser.parse_args()
    with multiprocessing.Pool() as pool:
        layers = pool.map(make_layer, [
            (options.layout, number, options.scale)
            for number in range(options.layers)], chunksize=1)
    oci_layout.write_image(options.layout, layers)


if __name__ == "__main__":
    main()
