"""A mask as COCO's JSON has it: polygons, or RLE with its runs as numbers or packed. Checked before it is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pycocotools import mask as coco

from vos import rle
from vos.rle import InvalidMask, Rle

MOST_POINTS = 100_000
FARTHEST = 16  #: times the frame: such lines would only cost time


def to_rle(segmentation: Any, *, height: int, width: int) -> Rle:
    """Raises InvalidMask with a sentence on what is no mask of `height` × `width`."""
    if isinstance(segmentation, list):
        return from_polygons(segmentation, height=height, width=width)
    if isinstance(segmentation, dict) and isinstance(segmentation.get("counts"), list):
        if segmentation.get("size") != [height, width]:
            raise InvalidMask(
                f"The mask is {segmentation.get('size')}, but the frame is {[height, width]} (height, width)."
            )
        return from_runs(segmentation["counts"], height=height, width=width)
    if isinstance(segmentation, dict):
        segmentation = {key: segmentation[key] for key in ("size", "counts") if key in segmentation}
    return rle.check(segmentation, height=height, width=width)


def from_runs(runs: Sequence[Any], *, height: int, width: int) -> Rle:
    """From run lengths, column by column, zeros first."""
    if not all(type(run) is int and run >= 0 for run in runs) or len(runs) > height * width + 1:
        raise InvalidMask("The runs of a mask are whole numbers from 0 on.")
    if sum(runs) != height * width:
        raise InvalidMask(f"The mask's runs cover {sum(runs)} pixels, but the frame has {height * width}.")
    packed = coco.frPyObjects({"size": [height, width], "counts": list(runs)}, height, width)
    return {"size": [height, width], "counts": packed["counts"].decode("ascii")}


def from_polygons(polygons: Sequence[Any], *, height: int, width: int) -> Rle:
    """From closed lines [x0, y0, x1, y1 …] in pixels; what lies outside the frame is cut off."""
    if not polygons:
        return rle.empty(height=height, width=width)
    if sum(len(line) if isinstance(line, list) else MOST_POINTS for line in polygons) > 2 * MOST_POINTS:
        raise InvalidMask(f"A polygon has up to {MOST_POINTS} points.")
    for line in polygons:
        if len(line) < 6 or len(line) % 2 or not all(_is_number(number) for number in line):
            raise InvalidMask("A polygon is a list of x and y of at least three points.")
    if max(abs(number) for line in polygons for number in line) > FARTHEST * max(height, width):
        raise InvalidMask("A polygon's point lies far outside the frame.")
    lines = [[float(number) for number in line] for line in polygons]
    merged = coco.merge(coco.frPyObjects(lines, height, width))
    return {"size": [height, width], "counts": merged["counts"].decode("ascii")}


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


def boxes(masks: Sequence[Rle]) -> list[list[float]]:
    """[x, y, width, height] of each, zeros for one that is empty."""
    return [
        [float(number) for number in coco.toBbox({"size": m["size"], "counts": m["counts"].encode("ascii")})]
        for m in masks
    ]
