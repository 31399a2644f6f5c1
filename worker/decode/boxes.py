"""The few boxes of an MP4 that FFmpeg does not tell of. Nothing here is believed: it is compared with frames."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

AT_MOST = 100_000
"""Boxes of one level that are looked at."""
FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
"""What an MP4 or a MOV begins with."""
TOP = frozenset({b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"styp"})
Box = tuple[bytes, int, int]
"""Its kind, and where its content begins and ends in the file."""


def kinds(path: Path) -> set[bytes]:
    """What stands whole at the top level."""
    with path.open("rb") as file:
        size = path.stat().st_size
        return {kind for kind, _, end in _boxes(file, 0, size) if end <= size}


def is_cut(path: Path) -> bool:
    """Whether the last one goes on after the file's end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return any(kind in TOP and end > size for kind, _, end in _boxes(file, 0, size))


def length_of_footage(path: Path) -> Fraction:
    """Seconds that the longest video track has by the film's clock, not by its own; 0 where that is not told."""
    lengths = [Fraction(0)]
    with path.open("rb") as file:
        for _, *movie in _named(file, b"moov", 0, path.stat().st_size):
            clocks = [_clock(file, begin) for _, begin, _ in _named(file, b"mvhd", *movie)]
            for _, *track in _named(file, b"trak", *movie):
                if clocks and clocks[0] and _is_video(file, *track):
                    lengths += [
                        Fraction(_duration(file, begin), clocks[0])
                        for _, begin, _ in _named(file, b"tkhd", *track)
                    ]
    return max(lengths)


def _boxes(file: BinaryIO, begin: int, end: int) -> Iterator[Box]:
    for _ in range(AT_MOST):
        if begin + 8 > end:
            return
        file.seek(begin)
        header = file.read(16)
        length, content = int.from_bytes(header[:4], "big"), 8
        if length == 1:
            length, content = int.from_bytes(header[8:16], "big"), 16
        elif length == 0:
            length = end - begin
        if length < content:
            return
        yield header[4:8], begin + content, begin + length
        begin += length


def _named(file: BinaryIO, name: bytes, begin: int, end: int) -> Iterator[Box]:
    return (box for box in _boxes(file, begin, end) if box[0] == name)


def _is_video(file: BinaryIO, begin: int, end: int) -> bool:
    for _, *media in _named(file, b"mdia", begin, end):
        for _, at, _ in _named(file, b"hdlr", *media):
            file.seek(at + 8)
            return file.read(4) == b"vide"
    return False


def _clock(file: BinaryIO, at: int) -> int:
    """Ticks a second, of an `mvhd`."""
    return _number(file, at, narrow=(12, 4), wide=(20, 4))


def _duration(file: BinaryIO, at: int) -> int:
    """Of a `tkhd`, in the film's ticks."""
    return _number(file, at, narrow=(20, 4), wide=(28, 8))


def _number(file: BinaryIO, at: int, *, narrow: tuple[int, int], wide: tuple[int, int]) -> int:
    """The number at an offset and with a size that depend on the box's version."""
    file.seek(at)
    offset, size = wide if file.read(1) == b"\x01" else narrow
    file.seek(at + offset)
    return int.from_bytes(file.read(size), "big")
