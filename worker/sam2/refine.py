"""Clicks that refine a mask: what they may change of it.

A click says something about its own place. A mask that people drew stays as it is elsewhere, and so does one of which
clicks only say what does not belong to it. The model alone would take the clicks for a new description of the object:
it forgets what a thin brush drew, and loses an object of which it was told nothing but what it is not. Where it
remembers the object from other frames it does better with the whole mask than such a rule.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from worker.sam2.image import EIGHT_NEIGHBOURS, Mask
from worker.sam2.prompt import FramePrompt
from worker.sam2.step import POSITIVE

Point = tuple[int, int]  #: x, y in pixels

# Chosen on validation scenes: masks with a disc too many, with another object, with two fifths missing.
REACH = 3  # how far a click takes away, in radii of the largest disc around it that fits into the mask
NEARER = 8  # how many times nearer the border may be than a click, of the point that stands for the object
SLIVER = 2  # pixels: what is no thicker joins nothing


def is_local(prompt: FramePrompt, mask: Mask, *, remembered: bool) -> bool:
    """Whether its clicks change a mask around themselves only: one that people drew, or one of which they only say
    what does not belong to it. Not if they are on a mask whose object is `remembered` from other frames."""
    if prompt.mask is not None:
        return True
    taken = any(mask[y, x] for (x, y), _ in _clicks(prompt, mask))
    return not prompt.names_object and not (remembered and taken)


def standing_for(mask: Mask, prompt: FramePrompt) -> Point:
    """A point that stands for the object when the model is told of the clicks: well inside its mask (which is not
    empty) and away from the clicks that take something from it."""
    depth = _depth(mask)
    for click, label in _clicks(prompt, mask):
        if label != POSITIVE:
            depth = np.minimum(depth, _distance(mask, click) / NEARER)
    y, x = divmod(int(depth.argmax()), mask.shape[1])
    return x, y


def refined(mask: Mask, found: Mask, prompt: FramePrompt, inner: Point) -> Mask:
    """A mask after clicks, one by one, given what the model `found` when it was told of them and of `inner`."""
    for click, label in _clicks(prompt, mask):
        if label == POSITIVE:
            mask = mask | _around(found & ~mask, click)
        else:
            mask = mask & ~_removed(mask, found, click, inner)
    return mask


def _removed(mask: Mask, found: Mask, click: Point, inner: Point) -> Mask:
    """What the model left out around the click; the disc around it that fits into the mask where it left out nothing
    there, or the object."""
    x, y = click
    radius, distance = _depth(mask)[y, x], _distance(mask, click)
    if found[y, x] or not found[inner[1], inner[0]]:
        return np.asarray(distance < radius)
    return _around(mask & ~found, click) & (distance <= REACH * radius)


def _around(region: Mask, click: Point) -> Mask:
    """The part of a region that holds the click, without what only slivers join to it; nothing if it is not in it."""
    x, y = click
    if not region[y, x]:
        return np.zeros_like(region)
    thick = _depth(region) > SLIVER
    if not thick[y, x]:
        return _part(region, click)
    grown = ndimage.binary_dilation(_part(thick, click), EIGHT_NEIGHBOURS, iterations=SLIVER + 1)
    return np.asarray(region & grown)


def _part(region: Mask, place: Point) -> Mask:
    """The connected part of a region that holds a place."""
    labels = np.asarray(ndimage.label(region, structure=EIGHT_NEIGHBOURS)[0])
    return np.asarray(labels == labels[place[1], place[0]])


def _depth(region: Mask) -> np.ndarray:
    """How far each pixel is from what is not in the region, the world beyond the frame included; 0 outside of it."""
    return np.asarray(ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1])


def _distance(mask: Mask, place: Point) -> np.ndarray:
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray(np.hypot(columns - place[0], rows - place[1]))


def _clicks(prompt: FramePrompt, mask: Mask) -> list[tuple[Point, int]]:
    """The clicks' pixels; a click on the far border belongs to the last one."""
    height, width = mask.shape
    return [
        ((min(int(x), width - 1), min(int(y), height - 1)), label)
        for (x, y), label in zip(prompt.points, prompt.labels, strict=True)
    ]
