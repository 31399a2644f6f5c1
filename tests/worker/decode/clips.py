"""Small videos, good and bad, made while the tests run. Every frame carries its number as black and
white bars.
"""

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 10
SIZE = (160, 96)
CLOCK = Fraction(1, 90_000)


def numbered(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """RGB picture: the number in bars (most significant bit left), a red patch in the top left
    corner.
    """
    width, height = size
    bits = [(number >> (BITS - 1 - bit)) & 1 for bit in range(BITS)]
    columns = np.array([bits[x * BITS // width] for x in range(width)], np.uint8)
    picture = np.broadcast_to((16 + columns * 224)[None, :, None], (height, width, 3)).copy()
    picture[: height // 4, : width // 4] = (220, 30, 30)
    return picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """The number that `numbered` drew, read from the lower half."""
    height, width = picture.shape[:2]
    row = picture[height // 2 : height - 4].mean(axis=(0, 2))
    centres = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum(1 << (BITS - 1 - bit) for bit, x in enumerate(centres) if row[x] > 128)


def clip(
    path: Path,
    *,
    frames: int = 24,
    rate: int | Fraction = 24,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
    context: dict[str, Any] | None = None,
    container_options: dict[str, str] | None = None,
    container_format: str | None = None,
    black: int = 0,
) -> Path:
    """Write a video of numbered frames; `times` (seconds) makes its frame rate variable, `black`
    its start dark.
    """
    with av.open(str(path), "w", format=container_format, options=container_options or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        if times is not None:
            stream.codec_context.time_base = CLOCK
        for name, value in (context or {}).items():
            setattr(stream.codec_context, name, value)
        for number in range(frames if times is None else len(times)):
            pixels = numbered(number, size)
            frame = av.VideoFrame.from_ndarray(pixels * (number >= black), format="rgb24")
            if times is not None:
                frame.time_base, frame.pts = CLOCK, round(times[number] / CLOCK)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def remuxed(
    source: Path,
    target: Path,
    edit: Callable[[int, av.Packet], bool | None],
    container_options: dict[str, str] | None = None,
) -> Path:
    """A copy of a video's packets, each after `edit(number, packet)`; those for which that says False are left out."""
    with av.open(str(source)) as read, av.open(str(target), "w", options=container_options or {}) as out:
        stream = out.add_stream_from_template(read.streams.video[0])
        for number, packet in enumerate(packet for packet in read.demux(video=0) if packet.size):
            if edit(number, packet) is not False:
                packet.stream = stream
                out.mux(packet)
    return target


def several(path: Path, *tracks: tuple[str, tuple[int, int], int], shown: int | None = None) -> Path:
    """A file with several video tracks: each one's codec, size and number of frames. `shown` is the one that players
    show by default."""
    with av.open(str(path), "w") as out:
        streams = []
        for number, (codec, size, _) in enumerate(tracks):
            stream = out.add_stream(codec, rate=24)
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if shown is not None:
                stream.disposition = int(number == shown)
            streams.append(stream)
        for number in range(max(frames for *_, frames in tracks)):
            for stream, (_, size, frames) in zip(streams, tracks, strict=True):
                if number < frames:
                    frame = av.VideoFrame.from_ndarray(numbered(number, size), format="rgb24")
                    frame.pts, frame.time_base = number, Fraction(1, 24)
                    out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode())
    return path


def sound(path: Path, seconds: float = 1.0) -> Path:
    """An mp4 with nothing but sound."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=48_000)
        for _ in range(int(seconds * 48)):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 48_000
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def patched(source: Path, target: Path, box: bytes, offset: int, data: bytes) -> Path:
    """A copy of an mp4 with `data` written `offset` bytes after the start of the first `box`'s
    payload.
    """
    content = bytearray(source.read_bytes())
    start = content.index(box) + 4 + offset
    content[start : start + len(data)] = data
    target.write_bytes(content)
    return target


def turned(source: Path, target: Path, a: float, b: float, c: float, d: float) -> Path:
    """A copy of an mp4 with another display matrix."""
    one = 1 << 16
    matrix = struct.pack(
        ">9i", round(a * one), round(b * one), 0, round(c * one), round(d * one), 0, 0, 0, 1 << 30
    )
    return patched(source, target, b"tkhd", 40, matrix)


def proxy_frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def jpeg(path: Path) -> NDArray[np.uint8]:
    with Image.open(path, formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))
