"""Masks as COCO compressed RLE: checked before they are decoded, pure functions, no storage.

`counts` is column-major, starts with a run of zeros, and is the printable string that pycocotools writes.
A 40-byte RLE can ask for gigabytes, so `check` reads the runs without making the mask.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from pycocotools import mask as coco

# One run takes at most this many characters; a longer one is no number that pycocotools wrote.
_MAX_CHARS_PER_RUN = 7
# pycocotools 2.0.11 keeps the number of masks in a uint8, which NumPy 2 refuses to overflow.
_MOST_AT_ONCE = 255


class InvalidMask(ValueError):
    """What should be a mask is none; the message is a sentence for whoever sent it."""


class Rle(TypedDict):
    size: list[int]  #: [height, width]
    counts: str


class MaskFrame(TypedDict):
    """One frame's mask as it is stored, sent and exported."""

    counts: str  #: COCO compressed RLE of the frame's size
    predicted_iou: float
    object_score: float
    stability: float


def runs_of(counts: str) -> list[int]:
    """Run lengths of a compressed `counts` string, zeros first. Raises `InvalidMask` on what is not one."""
    runs: list[int] = []
    i = 0
    while i < len(counts):
        value, shift, more = 0, 0, True
        while more:
            if i >= len(counts) or shift >= _MAX_CHARS_PER_RUN:
                raise InvalidMask("The mask's RLE ends in the middle of a number.")
            char = ord(counts[i]) - 48
            if not 0 <= char < 64:
                raise InvalidMask("The mask's RLE has a character that no COCO RLE has.")
            value |= (char & 0x1F) << (5 * shift)
            more = bool(char & 0x20)
            i += 1
            shift += 1
            if not more and char & 0x10:
                value |= -1 << (5 * shift)
        # From the third on, a run is written as the difference to the run two before it.
        if len(runs) > 2:
            value += runs[-2]
        if value < 0:
            raise InvalidMask("The mask's RLE has a run of negative length.")
        runs.append(value)
    return runs


def check(rle: Any, *, height: int, width: int) -> Rle:
    """Return `rle` if it is a mask of exactly `height` × `width`; raise `InvalidMask` with a sentence if not."""
    if not isinstance(rle, Mapping) or set(rle) != {"size", "counts"}:
        raise InvalidMask("A mask is an object with `size` and `counts`.")
    size, counts = rle["size"], rle["counts"]
    if not isinstance(counts, str):
        raise InvalidMask("The mask's `counts` must be a string (COCO compressed RLE).")
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(type(n) is int for n in size)):
        raise InvalidMask("The mask's `size` must be [height, width].")
    if list(size) != [height, width]:
        raise InvalidMask(
            f"The mask is {size[0]} × {size[1]} (height × width), but the frame is {height} × {width}."
        )
    if len(counts) > _MAX_CHARS_PER_RUN * (height * width + 1):
        raise InvalidMask("The mask's RLE is longer than any mask of this frame can be.")
    total = sum(runs_of(counts))
    if total != height * width:
        raise InvalidMask(f"The mask's runs cover {total} pixels, but the frame has {height * width}.")
    return {"size": [height, width], "counts": counts}


def encode(mask: np.ndarray) -> Rle:
    """RLE of a bool [H, W] mask."""
    rle = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(n) for n in rle["size"]], "counts": rle["counts"].decode("ascii")}


def decode(rle: Rle) -> np.ndarray:
    """Bool [H, W] mask of an RLE that was checked."""
    decoded = coco.decode({"size": rle["size"], "counts": rle["counts"].encode("ascii")})
    return np.asarray(decoded, dtype=bool)


def area(rle: Rle) -> int:
    """Pixels that are set."""
    return int(sum(runs_of(rle["counts"])[1::2]))


def empty(*, height: int, width: int) -> Rle:
    """The mask of an absent object: all zeros, never null."""
    return encode(np.zeros((height, width), dtype=bool))


def areas(masks: Sequence[Rle]) -> list[int]:
    """Pixels that are set in each of masks that were checked: counted in C, without making the masks."""
    found: list[int] = []
    for begin in range(0, len(masks), _MOST_AT_ONCE):
        found += coco.area(list(masks[begin : begin + _MOST_AT_ONCE])).tolist()
    return found


def are_masks(counts: Sequence[str], *, height: int, width: int) -> bool:
    """Whether each is the compressed RLE of a mask of `height` × `width`; what `check` says, but of all at once.

    Every character is looked at, none of the masks is made.
    """
    if not counts:
        return True
    try:
        lengths = np.array([len(each) for each in counts])
        chars = np.frombuffer("".join(counts).encode("ascii"), np.uint8).astype(np.int64) - 48
    except (UnicodeEncodeError, TypeError):
        return False
    if (lengths == 0).any() or ((chars < 0) | (chars > 63)).any():
        return False
    mask_ends = np.cumsum(lengths)
    last = (chars & 0x20) == 0  # the last character of a run
    if not last[mask_ends - 1].all():
        return False
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    if (ends - starts >= _MAX_CHARS_PER_RUN).any():
        return False
    place = np.arange(len(chars)) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((chars & 0x1F) << (5 * place), starts)
    values -= np.where(chars[ends] & 0x10, np.int64(1) << (5 * (place[ends] + 1)), 0)
    first = np.concatenate(([0], np.searchsorted(ends, mask_ends[:-1])))  # each mask's first run
    counted = np.diff(np.concatenate((first, [len(values)])))
    runs = _undo_differences(values, first, counted)
    return bool((runs >= 0).all() and (np.add.reduceat(runs, first) == height * width).all())


def _undo_differences(values: np.ndarray, first: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """From the fourth on, a run is written as the difference to the run two before it."""
    number = np.arange(len(values)) - np.repeat(first, counted)
    runs = values.copy()
    for chain in (number % 2 == 1, (number % 2 == 0) & (number > 0)):
        here = np.flatnonzero(chain)
        if len(here):
            sums = np.cumsum(values[here])
            begins = number[here] <= 2
            before = np.concatenate(([0], sums[:-1]))[begins]
            runs[here] = sums - np.repeat(before, np.diff(np.flatnonzero(np.append(begins, True))))
    return runs
