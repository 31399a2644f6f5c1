"""Whether a file ends where it says that it does: FFmpeg does not tell."""

from pathlib import Path
from typing import BinaryIO

from worker.decode import boxes

EBML, SEGMENT, CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
RIFF, GIF_END = b"RIFF", b";"
AT_MOST = 2_000_000
"""Elements that are looked at; ten minutes of pictures and sound have some 50,000."""


def is_cut(path: Path) -> bool:
    """Whether an MP4, a Matroska file or an AVI goes on after its end, or a GIF lacks its last byte; False for all
    others."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        if head[4:] in boxes.FIRST:
            return boxes.is_cut(path)
        if head[:4] == EBML:
            return _is_cut_matroska(file, size)
        if head[:4] == RIFF:
            return _is_cut_riff(file, size)
        if head[:4] == b"GIF8":
            file.seek(max(0, size - 64))
            return not file.read().rstrip(b"\0").endswith(GIF_END)
    return False


def _is_cut_riff(file: BinaryIO, size: int) -> bool:
    """A long AVI is several of them, one after the other. What was recorded and not finished has no length."""
    at = 0
    for _ in range(AT_MOST):
        file.seek(at)
        head = file.read(8)
        if head[:4] != RIFF:
            return False
        length = int.from_bytes(head[4:], "little")
        if not length or at + 8 + length > size:
            return True
        at += 8 + length + length % 2
    return False


def _is_cut_matroska(file: BinaryIO, size: int) -> bool:
    """Goes from element to element. What is recorded live does not tell how long a segment or a cluster is, so there
    the elements inside are looked at."""
    at = 0
    for _ in range(AT_MOST):
        if at >= size:
            return at > size
        file.seek(at)
        head = file.read(12)
        name_octets = _octets(head, 0)
        length, content = _length(head, name_octets)
        if not name_octets or not content:
            return at + 12 > size
        if head[:name_octets] in (SEGMENT, CLUSTER) and (length is None or at + content + length == size):
            at += content
        elif length is None:
            return False
        else:
            at += content + length
    return False


def _octets(data: bytes, at: int) -> int:
    """How many bytes the number there has, 0 for none."""
    return 9 - data[at].bit_length() if at < len(data) and data[at] else 0


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """An element's length, None where it is not told, and where its content begins (0: there is none)."""
    octets = _octets(data, at)
    if not octets or at + octets > len(data):
        return None, 0
    value = int.from_bytes(data[at : at + octets], "big") & ((1 << 7 * octets) - 1)
    return (None if value == (1 << 7 * octets) - 1 else value), at + octets
