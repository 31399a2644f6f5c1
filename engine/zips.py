"""A ZIP of files that lie in the object store, of which every byte is known before one is read.

Its members are stored and not compressed, and their sizes and CRCs are told beforehand. So its length is known, it is
the same each time, and it can be sent from any byte on: that is what a download needs to go on after a break, and what
libraries that write ZIPs as a stream do not offer. Always ZIP64, so that the layout depends on nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from engine import storage
from engine.errors import ObjectDamaged

LOCAL = Struct("<4sHHHHHIIIHH")
LOCAL_EXTRA = Struct("<HHQQ")
CENTRAL = Struct("<4sBBHHHHHIIIHHHHHII")
CENTRAL_EXTRA = Struct("<HHQQQ")
END_64 = Struct("<4sQHHIIQQQQ")
LOCATOR = Struct("<4sIQI")
END = Struct("<4sHHHHIIH")

VERSION, UNIX = 45, 3  #: of the format, which ZIP64 needs; who made it
UTF8 = 0x0800
DATE = 0x0021  #: 1980-01-01, so that the same files are the same ZIP
MODE = 0o100644 << 16
THERE = 0xFFFFFFFF  #: the number stands in the ZIP64 field
SHORT_THERE = 0xFFFF
FIXED = (
    LOCAL.size + LOCAL_EXTRA.size + CENTRAL.size + CENTRAL_EXTRA.size
)  #: bytes for each member beside its name
TAIL = END_64.size + LOCATOR.size + END.size


@dataclass(frozen=True)
class Member:
    """A file: its name in the ZIP, the object that holds it, and what is known of its bytes."""

    name: str
    key: str
    size: int
    crc32: int

    @property
    def path(self) -> bytes:
        return self.name.encode()


@dataclass(frozen=True)
class _Piece:
    """`size` bytes in a row; `read` gives those from one place in it up to another."""

    size: int
    read: Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True)
class Zip:
    """`members` goes through the files anew each time it is called, in the same order."""

    members: Callable[[], Iterable[Member]]
    count: int
    #: Of all members: bytes of their contents, and of their names in UTF-8.
    content: int
    names: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.content + 2 * self.names + FIXED * self.count + TAIL

    def send(self, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `stop`. Raises `ObjectDamaged` where a file is not what was told of it."""
        at = 0
        for piece in self._pieces():
            begin, end = max(start - at, 0), min(stop - at, piece.size)
            if begin < end:
                yield from _whole(piece.read(begin, end), end - begin)
            at += piece.size
            if at >= stop:
                return
        raise ObjectDamaged("Files of this export have gone while it was sent.")

    def _pieces(self) -> Iterator[_Piece]:
        at = 0
        for member in self.members():
            header = _local(member)
            yield _known(header)
            yield _content(member)
            at += len(header) + member.size
        directory, begin = at, 0
        for member in self.members():
            entry = _central(member, begin)
            yield _known(entry)
            begin += LOCAL.size + LOCAL_EXTRA.size + len(member.path) + member.size
            at += len(entry)
        yield _known(_end(self.count, directory, at - directory))


def _whole(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """What comes short would shift all that follows."""
    for chunk in chunks:
        size -= len(chunk)
        yield chunk
    if size:
        raise ObjectDamaged("A file of this export has another size than was written.")


def _known(content: bytes) -> _Piece:
    return _Piece(len(content), lambda begin, end: iter([content[begin:end]]))


def _content(member: Member) -> _Piece:
    def read(begin: int, end: int) -> Iterator[bytes]:
        chunks = storage.chunks(member.key, begin, end)
        yield from _checked(chunks, member) if (begin, end) == (0, member.size) else chunks

    return _Piece(member.size, read)


def _checked(chunks: Iterable[bytes], member: Member) -> Iterator[bytes]:
    """The last chunk is held back until all of them are known to be right."""
    crc, held = 0, b""
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
        if held:
            yield held
        held = chunk
    if crc != member.crc32:
        raise ObjectDamaged(f"{member.name} is not what was written.", key=member.key)
    yield held


def _local(member: Member) -> bytes:
    extra = LOCAL_EXTRA.pack(1, 16, member.size, member.size)
    head = LOCAL.pack(
        b"PK\x03\x04", VERSION, UTF8, 0, 0, DATE, member.crc32, THERE, THERE, len(member.path), len(extra)
    )
    return head + member.path + extra


def _central(member: Member, begin: int) -> bytes:
    extra = CENTRAL_EXTRA.pack(1, 24, member.size, member.size, begin)
    head = CENTRAL.pack(
        b"PK\x01\x02", VERSION, UNIX, VERSION, UTF8, 0, 0, DATE, member.crc32, THERE, THERE,
        len(member.path), len(extra), 0, 0, 0, MODE, THERE,
    )  # fmt: skip
    return head + member.path + extra


def _end(count: int, directory: int, size: int) -> bytes:
    end = END_64.pack(b"PK\x06\x06", END_64.size - 12, VERSION, VERSION, 0, 0, count, count, size, directory)
    locator = LOCATOR.pack(b"PK\x06\x07", 0, directory + size, 1)
    short = END.pack(b"PK\x05\x06", 0, 0, SHORT_THERE, SHORT_THERE, THERE, THERE, 0)
    return end + locator + short
