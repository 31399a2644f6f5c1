"""The mask alignment score (SAM 2 paper, Table 1): how many masks agree with those of phase 1. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypedDict

import numpy as np
from pycocotools import mask as coco

from vos import metrics, rle

ALIGNED = 0.75  #: the IoU above which a mask agrees


class Agreement(NamedTuple):
    """A masklet beside its reference."""

    size: metrics.Size
    aligned: int  #: masks whose IoU with the reference is above `ALIGNED`
    masks: int  #: frames on which either has the object


class Alignment(TypedDict):
    """Shares 0..1 of aligned masks; None where there are none of a size."""

    all: float | None
    small: float | None
    medium: float | None
    large: float | None
    masks: int


def agreement(counts: Mapping[int, str], reference: Mapping[int, str], *, size: list[int]) -> Agreement:
    """Compare masks (RLE `counts` by frame_idx, of `size` [height, width]) with the reference's. A frame that a masklet
    has no mask of shows no object; frames on which both show none are no masks and do not count."""
    nothing = rle.empty(height=size[0], width=size[1])["counts"]
    pairs = [
        (counts.get(frame_idx, nothing), reference.get(frame_idx, nothing))
        for frame_idx in sorted(counts.keys() | reference.keys())
    ]
    shown = [pair for pair in pairs if any(_area(one, size) for one in pair)]
    aligned = sum(_iou(one, other, size) > ALIGNED for one, other in shown)
    return Agreement(size_of_masklet(reference, size=size), aligned, len(shown))


def size_of_masklet(reference: Mapping[int, str], *, size: list[int]) -> metrics.Size:
    """By the object's area on the first frame that shows it."""
    areas = (_area(reference[frame_idx], size) for frame_idx in sorted(reference))
    first = next((area for area in areas if area), 0)
    return metrics.size_of(first)


def alignment(agreements: Iterable[Agreement]) -> Alignment | None:
    """The share of all masks together and of each size; None without any mask."""
    found = list(agreements)
    total = sum(one.masks for one in found)
    if not total:
        return None
    small, medium, large = (_share([one for one in found if one.size == size]) for size in metrics.SIZES)
    return {"all": _share(found), "small": small, "medium": medium, "large": large, "masks": total}


def _share(found: list[Agreement]) -> float | None:
    total = sum(one.masks for one in found)
    return sum(one.aligned for one in found) / total if total else None


def _area(counts: str, size: list[int]) -> int:
    return rle.area({"size": size, "counts": counts})


def _iou(one: str, other: str, size: list[int]) -> float:
    pair = [{"size": size, "counts": counts.encode("ascii")} for counts in (one, other)]
    return float(np.asarray(coco.iou(pair[:1], pair[1:], [0]))[0, 0])
