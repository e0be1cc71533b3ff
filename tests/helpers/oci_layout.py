"""Images for tests, written by hand: layers as tars in an OCI image layout.

Always the same bytes for the same input. Source: OCI image-spec 1.1.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
from typing import NamedTuple

CREATED = "2023-11-14T22:13:20Z"
WHEN = 1_700_000_000  # the same


class Layer(NamedTuple):
    digest: str
    size: int
    diff_id: str  # the digest of the tar


class Tar:
    """A tar being written, entry by entry. Formats: tarfile's."""

    def __init__(self, format: int = tarfile.GNU_FORMAT) -> None:
        self.buffer = io.BytesIO()
        self.archive = tarfile.open(fileobj=self.buffer, mode="w", format=format)

    def add(self, name: str, data: bytes | None = None, **fields) -> None:
        """A file; with type=tarfile.DIRTYPE and so on something else."""
        entry = tarfile.TarInfo(name)
        entry.mtime = WHEN
        entry.mode = 0o755
        for field, value in fields.items():
            setattr(entry, field, value)
        if data is not None:
            entry.size = len(data)
        self.archive.addfile(entry, io.BytesIO(data) if data is not None else None)

    def folder(self, name: str, **fields) -> None:
        self.add(name, type=tarfile.DIRTYPE, **fields)

    def bytes(self) -> bytes:
        self.archive.close()
        return self.buffer.getvalue()


def store(layout: str, data: bytes) -> tuple[str, int]:
    """Makes it a blob: its digest and size."""
    digest = hashlib.sha256(data).hexdigest()
    os.makedirs(f"{layout}/blobs/sha256", exist_ok=True)
    with open(f"{layout}/blobs/sha256/{digest}", "wb") as file:
        file.write(data)
    return f"sha256:{digest}", len(data)


def store_layer(layout: str, tar: bytes) -> Layer:
    digest, size = store(layout, gzip.compress(tar, 6, mtime=0))
    return Layer(digest, size, "sha256:" + hashlib.sha256(tar).hexdigest())


def architecture() -> str:
    machine = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def write_image(layout: str, layers: list[Layer], name: str = "latest") -> None:
    """All but the layers, which are there. index.json comes last."""
    def save(document: dict) -> dict:
        digest, size = store(layout, json.dumps(document, sort_keys=True).encode())
        return {"digest": digest, "size": size}

    kind = "application/vnd.oci.image."
    config = save({
        "architecture": architecture(), "os": "linux", "created": CREATED,
        "config": {"Cmd": ["sh"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [l.diff_id for l in layers]},
        "history": [{"created": CREATED, "created_by": f"layer {number}"}
                    for number in range(len(layers))]})
    manifest = save({
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
        "config": {"mediaType": kind + "config.v1+json", **config},
        "layers": [{"mediaType": kind + "layer.v1.tar+gzip", "digest": layer.digest,
                    "size": layer.size} for layer in layers]})
    with open(f"{layout}/oci-layout", "w") as file:
        file.write('{"imageLayoutVersion": "1.0.0"}')
    index = {"schemaVersion": 2, "manifests": [{
        "mediaType": kind + "manifest.v1+json", **manifest,
        "annotations": {"org.opencontainers.image.ref.name": name}}]}
    with open(f"{layout}/index.json.new", "w") as file:
        json.dump(index, file)
    os.rename(f"{layout}/index.json.new", f"{layout}/index.json")
