"""Small texts that are read together, as one object: a line each, known by its SHA-256.

A pack only saves requests. What it holds is checked by whoever takes a line, by the hash that a row has of it.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable

from engine import storage


def sha256_of(line: bytes) -> str:
    """What a line is taken by."""
    return hashlib.sha256(line).hexdigest()


def put(key: str, lines: Iterable[bytes]) -> None:
    """Store lines, of which none has a line break in it. Raises `StorageUnavailable`."""
    packed = gzip.compress(b"\n".join(lines), compresslevel=1, mtime=0)
    storage.put(key, packed, content_type="application/gzip")


def get(key: str) -> dict[str, bytes]:
    """The lines by their SHA-256; none where there is no pack or it is damaged. Raises `StorageUnavailable`."""
    try:
        lines = gzip.decompress(storage.get(key)).split(b"\n")
    except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error):
        return {}
    return {sha256_of(line): line for line in lines}
