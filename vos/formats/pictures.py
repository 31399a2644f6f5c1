"""Pictures of a dataset: masks as PNG, frames by their number. Headers are looked at before pixels are."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from vos.dataset import DatasetInvalid, Sink
from vos.formats.files import Problems, Tree

JPEGS = (".jpg", ".jpeg")
PNGS = (".png",)
PICTURES = (*JPEGS, *PNGS)
NOBODY = 255  #: in a palette PNG: neither an object nor background
MOST_PIXELS = 2**26


@cache
def palette() -> bytes:
    """DAVIS' colours (those of PASCAL VOC): the bits of the number, spread over red, green and blue."""
    number = np.arange(256)
    colours = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= (((number >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return colours.tobytes()


def numbers_png(numbers: np.ndarray) -> bytes:
    """A palette PNG of object numbers uint8 [H, W]."""
    picture = Image.fromarray(np.ascontiguousarray(numbers, np.uint8))
    picture.putpalette(palette())
    return _png(picture)


def deep_png(numbers: np.ndarray) -> bytes:
    """A PNG of 16 bits, one channel, of uint16 [H, W]."""
    return _png(Image.fromarray(np.ascontiguousarray(numbers, np.uint16)))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def size_of(content: bytes, name: str) -> tuple[int, int]:
    """(height, width), from the header. Raises DatasetInvalid when it is neither JPEG nor PNG."""
    with _opened(content, name) as picture:
        return picture.height, picture.width


def read_numbers(content: bytes, name: str, *, palette_needed: bool = False) -> np.ndarray:
    """Object numbers uint8 [H, W] of a PNG with a palette, in grey of 8 bits or in black and white.

    With a palette, 255 is nobody's and becomes 0. Raises DatasetInvalid on any other picture, or without a palette
    where it is needed to tell numbers from shades.
    """
    with _opened(content, name) as picture:
        if picture.format != "PNG" or picture.mode not in {"P", "L", "1"}:
            raise DatasetInvalid(f"{name} is a {_kind(picture)}; a mask has one number of 8 bits a pixel.")
        if palette_needed and picture.mode != "P":
            raise DatasetInvalid(f"{name} has no palette, so its numbers may be shades.")
        numbers = _pixels(picture, name)
        indexed = picture.mode == "P"
    numbers = numbers.astype(np.uint8)
    return np.where(numbers == NOBODY, 0, numbers) if indexed else numbers


def read_deep(content: bytes, name: str) -> np.ndarray:
    """Numbers uint16 [H, W] of a PNG of 16 bits. Raises DatasetInvalid on any other picture."""
    with _opened(content, name) as picture:
        if picture.format != "PNG" or not picture.mode.startswith("I"):
            raise DatasetInvalid(f"{name} is a {_kind(picture)}; a mask has one number of 16 bits a pixel.")
        return _pixels(picture, name).astype(np.uint16)


def _kind(picture: Image.Image) -> str:
    return f"{picture.format} of mode {picture.mode}"


def _pixels(picture: Image.Image, name: str) -> np.ndarray:
    try:
        return np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DatasetInvalid(f"{name} is damaged: {error}.") from error


def _opened(content: bytes, name: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DatasetInvalid(f"{name} is no JPEG or PNG that can be read.") from error
    if picture.width * picture.height > MOST_PIXELS:
        raise DatasetInvalid(f"{name} has {picture.width} × {picture.height} pixels, which is too many.")
    return picture


# --- Frames ---


def numbered(tree: Tree, folder: str, suffixes: tuple[str, ...]) -> dict[int, str]:
    """The pictures right in `folder` by the number that is their name. Raises DatasetInvalid where one has another."""
    found: dict[int, str] = {}
    problems = Problems()
    for name in tree.below(folder, *suffixes):
        stem = PurePosixPath(name).stem
        if not re.fullmatch(r"[0-9]{1,9}", stem):
            problems.add(f"{name} is not named by its frame's number.")
        elif int(stem) in found:
            problems.add(f"{name} and {found[int(stem)]} have the same number.")
        else:
            found[int(stem)] = name
    problems.refuse()
    return dict(sorted(found.items()))


def picture_of(tree: Tree, names: Mapping[int, str]) -> Callable[[int], bytes]:
    """A frame's picture by its number."""

    def picture(number: int) -> bytes:
        if number not in names:
            raise DatasetInvalid(f"There is no picture of frame {number} in {tree.where}.")
        return tree.read(names[number])

    return picture


def put_picture(sink: Sink, stem: str, content: bytes) -> str:
    """Put a frame as it is, named by what it is; the path that it has now."""
    path = stem + (".png" if content.startswith(b"\x89PNG") else ".jpg")
    sink.put(path, content)
    return path


def refuse_other_sizes(tree: Tree, names: Iterable[str], size: tuple[int, int] | None) -> tuple[int, int]:
    """The (height, width) that all of these pictures have, and that is `size` if that is given. Only headers are read.

    Raises DatasetInvalid with each picture that differs.
    """
    problems = Problems()
    for name in names:
        try:
            found = size_of(tree.head(name), name)
        except DatasetInvalid as error:
            problems.include(error)
            continue
        size = size or found
        if found != size:
            problems.add(
                f"{name} is {found[1]} × {found[0]} (width × height), but the video is {size[1]} × {size[0]}."
            )
    problems.refuse()
    if size is None:
        raise DatasetInvalid(f"{tree.where} has a video without pictures.")
    return size
