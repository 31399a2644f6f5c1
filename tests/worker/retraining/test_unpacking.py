"""Whatever an archive holds, two files come out of it, or sentences."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from worker.retraining import unpacking
from worker.retraining.unpacking import CONFIG, WEIGHTS, Refused

FOLDERS = ["", "model/", "../", "/etc/", "a/b/", "archive/data/"]
FILES = [
    CONFIG,
    WEIGHTS,
    "README.md",
    "pytorch_model.bin",
    "x.PTH",
    "model.safetensors.index.json",
    "data.pkl",
    "ü",
]
names = st.tuples(st.sampled_from(FOLDERS), st.sampled_from(FILES)).map("".join)
archives = st.dictionaries(names, st.binary(max_size=40), max_size=5)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[dict[str, bytes], str]:
    """What came out, by its path in a folder in which the archive's own folder lies, and what was refused."""
    with tempfile.TemporaryDirectory() as place:
        source, out = Path(place) / "source", Path(place) / "in" / "out"
        source.write_bytes(content)
        out.mkdir(parents=True)
        try:
            unpacking._unpack(source, out)
            said = ""
        except Refused as refused:
            said = refused.problems[0]
        left = [path for path in Path(place).rglob("*") if path.is_file() and path != source]
        return {str(path.relative_to(out)): path.read_bytes() for path in left}, said


@settings(max_examples=150, deadline=None)
@given(archives)
@example({"../config.json": b"{}", "/etc/model.safetensors": b"x"})
@example({"model/config.json": b"{}", "model/model.safetensors": b"x", "README.md": b"hello"})
def test_only_config_and_weights_come_out_and_only_where_they_may(files: dict[str, bytes]) -> None:
    left, said = unpack(zipped(files))
    assert set(left) <= {CONFIG, WEIGHTS}
    if said:
        assert said.endswith(".")
        return
    assert set(left) == {CONFIG, WEIGHTS}
    for wanted, body in left.items():
        assert [content for name, content in files.items() if name.endswith(wanted)] == [body]
    assert not any(name.lower().endswith(unpacking.PICKLES) for name in files)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x80\x02}q\x00.")
@example(b"PK\x05\x06" + bytes(18))
def test_what_is_no_archive_is_refused_with_a_sentence(content: bytes) -> None:
    left, said = unpack(content)
    assert (left, bool(said)) == ({}, True)


@pytest.mark.parametrize("cut", [1, 30, 60])
def test_an_archive_with_broken_bytes_is_refused_by_the_file_that_is_broken(cut: int) -> None:
    body = bytes(range(256))
    content = bytearray(zipped({CONFIG: body, WEIGHTS: body}, zipfile.ZIP_STORED))
    content[content.index(body) + cut] ^= 0xFF
    _, said = unpack(bytes(content))
    assert said.startswith("config.json cannot be unpacked: Bad CRC-32")


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(zipped({CONFIG: b"{}", WEIGHTS: b"x"}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + flags] |= 1
    _, said = unpack(bytes(content))
    assert said.startswith("config.json cannot be unpacked:")
    assert "encrypted" in said


def test_as_many_files_as_may_be_are_read_and_one_more_is_not() -> None:
    most = {f"{n}.txt": b"" for n in range(unpacking.MEMBERS - 2)} | {CONFIG: b"{}", WEIGHTS: b""}
    assert unpack(zipped(most))[1] == ""
    assert "more than 100 files" in unpack(zipped(most | {"one.txt": b""}))[1]


def test_a_config_of_exactly_the_most_bytes_is_taken() -> None:
    exact = {CONFIG: b" " * unpacking.CONFIG_BYTES, WEIGHTS: b"x"}
    assert unpack(zipped(exact))[1] == ""
    assert "more than 1 MiB" in unpack(zipped(exact | {CONFIG: exact[CONFIG] + b" "}))[1]
