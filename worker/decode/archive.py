"""Numbered pictures in a ZIP, in place of a film: each becomes one annotated frame."""

import re
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import cast

import av

from worker.decode.limits import Limits
from worker.decode.refusal import Refusal
from worker.decode.timeline import Stamped

START = b"PK\x03\x04"
DECODERS = {".jpg": "mjpeg", ".jpeg": "mjpeg", ".png": "png"}
LARGEST = 256 * 2**20
"""Bytes of one picture."""
NOT_MEANT = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)")
"""What file managers put in."""


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP."""
    with path.open("rb") as file:
        return file.read(len(START)) == START


def pictures(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The pictures in the order of their numbers; raises Refusal when there are none, or anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _is_meant(entry)]
    except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError) as error:
        raise _damaged() from error
    other = next((entry for entry in entries if _decoder(entry) is None), None)
    if other is not None or not entries:
        found = f"holds {PurePosixPath(other.filename).name[:60]}" if other else "is empty"
        raise Refusal(
            "unsupported_container",
            f"A ZIP may hold numbered pictures (JPEG or PNG) of one video; this one {found}. Upload videos one by one.",
        )
    if len(entries) > limits.max_source_frames:
        raise Refusal(
            "too_many_frames", f"The ZIP holds more than {limits.max_source_frames} pictures. Split it."
        )
    if len({PurePosixPath(entry.filename).parent for entry in entries}) > 1:
        raise Refusal(
            "unsupported_container",
            "The ZIP holds pictures in several folders. Upload one ZIP for each video.",
        )
    return sorted(entries, key=_number)


def frames_of(
    path: Path, entries: list[zipfile.ZipInfo], step: Fraction, limits: Limits
) -> Iterator[Stamped[av.VideoFrame]]:
    """The decoded pictures, `step` seconds apart; raises Refusal at one that cannot be decoded."""
    with zipfile.ZipFile(path) as archive:
        for number, entry in enumerate(entries):
            yield Stamped(_picture(archive, entry, limits), number * step, step)


def _picture(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> av.VideoFrame:
    name = PurePosixPath(entry.filename).name[:60]
    try:
        with archive.open(entry) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Refusal(
                "too_large", f"The picture {name} has more than {LARGEST >> 20} MiB. Scale it down."
            )
        decoder = cast(av.VideoCodecContext, av.CodecContext.create(_decoder(entry) or "", "r"))
        decoder.options = {"max_pixels": str(limits.max_pixels)}
        decoder.thread_count = 1
        decoded = [*decoder.decode(av.Packet(content)), *decoder.decode(None)]
    except MemoryError:
        raise
    except (zipfile.BadZipFile, RuntimeError, EOFError, av.error.FFmpegError, ValueError) as error:
        raise Refusal(
            "corrupt",
            f"The picture {name} is damaged, encrypted or too large. Replace it and upload the ZIP again.",
        ) from error
    if len(decoded) != 1 or decoded[0].is_corrupt:
        raise Refusal("corrupt", f"The picture {name} is damaged. Replace it and upload the ZIP again.")
    return decoded[0]


def _is_meant(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and not NOT_MEANT.search(entry.filename)


def _decoder(entry: zipfile.ZipInfo) -> str | None:
    return DECODERS.get(PurePosixPath(entry.filename).suffix.lower())


def _number(entry: zipfile.ZipInfo) -> list[tuple[int, str]]:
    """Names in the order in which people count: 2 before 10."""
    parts = re.findall(r"\d+|\D+", entry.filename)
    return [(int(part), "") if part.isdecimal() and len(part) < 20 else (0, part) for part in parts]


def _damaged() -> Refusal:
    return Refusal("corrupt", "The ZIP is damaged. Make it anew and upload it again.")
