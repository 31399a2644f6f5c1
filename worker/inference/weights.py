"""Checkpoints in the object store: sent there once, fetched once to each machine and kept by their content."""

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from engine import storage

SCHEME = "s3:"
FILES = ("config.json", "model.safetensors")
KEPT_FOR = 14 * 24 * 3600  #: seconds that a fetched checkpoint stays after its last use


def send(folder: Path, prefix: str) -> str:
    """Put a `Sam2VideoModel` folder below `prefix`; returns its location, which ends with its SHA-256."""
    place = f"{prefix}/{digest(folder)}"
    for name in FILES:
        storage.put_file(f"{place}/{name}", folder / name, content_type="application/octet-stream")
    return SCHEME + place


def size(folder: Path) -> int:
    """Bytes of what `send` sends."""
    return sum((folder / name).stat().st_size for name in FILES)


def local(location: str) -> str:
    """The folder of a checkpoint of the object store, fetched if need be; any other location as it is.

    Raises ValueError when what lies in the store is not what was sent.
    """
    if not location.startswith(SCHEME):
        return location
    place = location.removeprefix(SCHEME)
    wanted = place.rsplit("/", 1)[-1]
    folder = settings.CACHE / "checkpoints" / wanted
    if not folder.is_dir() or digest(folder) != wanted:
        _fetch(place, folder, wanted)
    os.utime(folder)
    return str(folder)


def digest(folder: Path) -> str:
    """SHA-256 of the files, one after the other; of nothing where one is missing."""
    sha256 = hashlib.sha256()
    for name in FILES:
        with suppress(FileNotFoundError), (folder / name).open("rb") as file:
            while chunk := file.read(2**20):
                sha256.update(chunk)
    return sha256.hexdigest()


def _fetch(place: str, folder: Path, wanted: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        path = Path(draft) / wanted
        path.mkdir()
        for name in FILES:
            storage.get_file(f"{place}/{name}", path / name)
        if digest(path) != wanted:
            raise ValueError(f"the files at {place} in the object store are damaged")
        shutil.rmtree(folder, ignore_errors=True)
        # Another process may have been quicker, with the same files.
        with suppress(OSError):
            path.rename(folder)


def _sweep(kept: Path) -> None:
    """Remove what nobody has used for long."""
    for folder in kept.iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_FOR:
            shutil.rmtree(folder, ignore_errors=True)
