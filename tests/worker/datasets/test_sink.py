"""Where an export's files go: each arrives once, is measured, and is not copied where it lies already."""

from __future__ import annotations

import hashlib
import uuid
import zlib

import pytest

from engine import storage
from engine.errors import ObjectDamaged
from worker.datasets.sink import InStore, Measured, StoreSink

CONTENT = b"masks " * 1000


@pytest.fixture
def prefix() -> str:
    return f"tests/{uuid.uuid4().hex}"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "chunks", [[CONTENT], [CONTENT[:7], b"", CONTENT[7:]], list(map(bytes, zip(CONTENT)))]
)
def test_what_passes_is_measured_however_it_comes(chunks: list[bytes]) -> None:
    measured = Measured.of(chunks)
    assert (measured.size, measured.sha256, measured.crc32) == (
        len(CONTENT),
        digest(CONTENT),
        zlib.crc32(CONTENT),
    )


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_arrives_and_is_noted(prefix: str, whole: bool) -> None:
    with StoreSink(prefix) as sink:
        sink.put("a/masks.json", CONTENT if whole else iter([CONTENT[:10], CONTENT[10:]]))
    (file,) = sink.files
    assert (file.name, file.key, file.size, file.own) == (
        "a/masks.json",
        f"{prefix}/a/masks.json",
        len(CONTENT),
        True,
    )
    assert (file.sha256, file.crc32) == (digest(CONTENT), zlib.crc32(CONTENT))
    assert storage.get(file.key) == CONTENT


def test_many_files_come_side_by_side_and_stay_in_their_order(prefix: str) -> None:
    moved: list[int] = []
    with StoreSink(prefix, moved=lambda: moved.append(1)) as sink:
        for n in range(40):
            sink.put(f"{n:02d}.txt", str(n).encode())
    assert [file.name for file in sink.files] == [f"{n:02d}.txt" for n in range(40)]
    assert [storage.get(file.key) for file in sink.files] == [str(n).encode() for n in range(40)]
    assert len(moved) == 40


def test_the_same_bytes_are_named_and_not_copied(prefix: str) -> None:
    known = f"{prefix}/known"
    storage.put(known, CONTENT, content_type="text/plain")
    with StoreSink(f"{prefix}/out", known={digest(CONTENT): known}) as sink:
        sink.put("same.txt", CONTENT)
        sink.put("other.txt", CONTENT + b"!")
    same, other = sink.files
    assert (same.key, same.own) == (known, False)
    assert (other.key, other.own) == (f"{prefix}/out/other.txt", True)
    assert storage.size_of(f"{prefix}/out/same.txt") is None


def test_what_lies_in_the_store_is_named_and_held_against_its_hash(prefix: str) -> None:
    key = f"{prefix}/film"
    storage.put(key, CONTENT, content_type="video/mp4")
    with StoreSink(f"{prefix}/out") as sink:
        sink.put("film.mp4", InStore(key, sha256=digest(CONTENT)))
        sink.put("unknown.mp4", InStore(key))
    assert [(file.key, file.sha256, file.own) for file in sink.files] == [(key, digest(CONTENT), False)] * 2
    with pytest.raises(ObjectDamaged) as refused, StoreSink(f"{prefix}/out") as sink:
        sink.put("film.mp4", InStore(key, sha256=digest(b"another")))
    assert refused.value.details == {"key": key}


def test_a_failure_on_the_way_is_told_at_the_end(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(storage, "put", fail)
    with pytest.raises(ConnectionError, match="gone"), StoreSink(prefix) as sink:
        sink.put("a.txt", b"a")
