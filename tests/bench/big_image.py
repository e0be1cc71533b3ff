#!/usr/bin/env python3
"""big_image.py [--layers N] [--scale F] DIR: an OCI image layout, always the same bytes.

By default the size of a real application: a base like a distribution's (180 MB
in 9,000 files and links) and twenty layers of 1,500 files, 500 MB in all, which
gzip makes a third of. --scale 0.1 has a tenth of the files. DIR/index.json
comes last: when it is there, all is there. The image is called "latest".
"""

import argparse
import gzip
import hashlib
import io
import json
import multiprocessing
import os
import random
import tarfile

WHEN = 1_700_000_000
CREATED = "2023-11-14T22:13:20Z"


def make_text() -> bytes:
    """4 MB that gzip packs as well as it does programs and libraries."""
    chance = random.Random(4)
    letters = "etaoinshrdlucmfwypvbgk(){};=_0123456789"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 11)))
             for _ in range(6000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return " ".join(chance.choices(words, weights, k=700_000)).encode()


TEXT = make_text()


def content(chance: random.Random, text: bytes, size: int) -> bytes:
    parts, left = [], size
    while left > 0:
        piece = min(left, 40_000)
        start = chance.randrange(len(text) - piece)
        hard = piece // 20  # what no packer makes smaller
        parts += [chance.randbytes(hard), text[start:start + piece - hard]]
        left -= piece
    return b"".join(parts)


def add(archive: tarfile.TarFile, name: str, data: bytes | None = None,
        **fields) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = WHEN
    entry.mode = 0o755
    for field, value in fields.items():
        setattr(entry, field, value)
    if data is not None:
        entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data) if data is not None else None)


def layer_tar(number: int, scale: float, text: bytes) -> bytes:
    """Layer 0 is the base; the others are data beside it."""
    chance = random.Random(number)
    buffer = io.BytesIO()
    archive = tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT)

    def folder(name: str) -> None:
        add(archive, name + "/", type=tarfile.DIRTYPE)

    if number == 0:
        for name in ("usr", "usr/bin", "usr/lib", "usr/share", "etc", "tmp"):
            folder(name)
        for index in range(int(8000 * scale)):
            if index % 16 == 0:
                home = f"usr/{'lib' if index % 32 else 'share'}/package{index}"
                folder(home)
            size = int(chance.expovariate(1 / 14_000)) + 30
            if index % 600 == 599:  # the large libraries
                size = chance.randrange(2_000_000, 8_000_000)
            name = f"{home}/file{index}"
            add(archive, name, content(chance, text, size),
                mode=chance.choice((0o644, 0o644, 0o755)))
            if index % 12 == 0:
                add(archive, f"{home}/link{index}", type=tarfile.SYMTYPE,
                    linkname=f"file{index}", mode=0o777)
            if index % 40 == 0:
                add(archive, f"{home}/hard{index}", type=tarfile.LNKTYPE,
                    linkname=name)
    else:
        folder("data")
        folder(f"data/l{number}")
        for index in range(int(1500 * scale)):
            add(archive, f"data/l{number}/{index}", content(
                chance, text, int(chance.expovariate(1 / 10_500)) + 30), mode=0o644)
    archive.close()
    return buffer.getvalue()


def store(folder: str, data: bytes) -> tuple[str, int]:
    digest = hashlib.sha256(data).hexdigest()
    with open(f"{folder}/blobs/sha256/{digest}", "wb") as file:
        file.write(data)
    return f"sha256:{digest}", len(data)


def pack(folder: str, tar: bytes) -> tuple[str, int, str]:
    """Stores a layer: its digest and size, and the digest of what is in it."""
    digest, size = store(folder, gzip.compress(tar, 6, mtime=0))
    return digest, size, "sha256:" + hashlib.sha256(tar).hexdigest()


def make_layer(job: tuple[str, int, float]) -> tuple[str, int, str]:
    folder, number, scale = job
    return pack(folder, layer_tar(number, scale, TEXT))


def write_layout(folder: str, layers: list[tuple[str, int, str]]) -> None:
    """All but the layers, which are there."""
    def save(document: dict) -> tuple[str, int]:
        return store(folder, json.dumps(document, sort_keys=True).encode())

    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(
        os.uname().machine, os.uname().machine)
    config, config_size = save({
        "architecture": architecture, "os": "linux", "created": CREATED,
        "config": {"Cmd": ["sh"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [l[2] for l in layers]},
        "history": [{"created": CREATED, "created_by": f"layer {number}"}
                    for number in range(len(layers))]})
    kind = "application/vnd.oci.image."
    manifest, manifest_size = save({
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
        "config": {"mediaType": kind + "config.v1+json", "digest": config,
                   "size": config_size},
        "layers": [{"mediaType": kind + "layer.v1.tar+gzip", "digest": digest,
                    "size": size} for digest, size, _ in layers]})
    with open(f"{folder}/oci-layout", "w") as file:
        file.write('{"imageLayoutVersion": "1.0.0"}')
    index = {"schemaVersion": 2, "manifests": [{
        "mediaType": kind + "manifest.v1+json", "digest": manifest,
        "size": manifest_size,
        "annotations": {"org.opencontainers.image.ref.name": "latest"}}]}
    with open(f"{folder}/index.json.new", "w") as file:
        json.dump(index, file)
    os.rename(f"{folder}/index.json.new", f"{folder}/index.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=21)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("folder")
    options = parser.parse_args()
    folder = options.folder
    os.makedirs(f"{folder}/blobs/sha256", exist_ok=True)
    with multiprocessing.Pool() as pool:
        layers = pool.map(make_layer, [
            (folder, number, options.scale) for number in range(options.layers)],
            chunksize=1)
    write_layout(folder, layers)


if __name__ == "__main__":
    main()
