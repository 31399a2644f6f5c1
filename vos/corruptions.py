"""Masklets made wrong on purpose, in a known way and as much as one asks: what a reviewer or a model should notice.

Pure functions of a masklet's RLEs, one for each frame in order; an absent object is an all-zero RLE. The same seed
makes the same corruption.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from vos import rle
from vos.rle import Rle

Corruption = Literal[
    "slipped",  #: the masks of some frames earlier
    "shifted",
    "leaked",  #: onto what lies beside the object
    "eroded",
    "dilated",
    "holes",
    "merged",  #: with a neighbour
    "lost",  #: from some frame on nothing any more
    "swapped",  #: from where two objects are nearest on, the other one's masks
    "flickers",  #: every now and then nothing
    "present_when_absent",
    "absent_when_present",
]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
#: Those that take another object of the same video.
WITH_NEIGHBOUR: frozenset[Corruption] = frozenset({"merged", "swapped"})

Mask = np.ndarray  # bool [H, W]


class CannotCorrupt(ValueError):
    """This masklet cannot be wrong in this way, as an object that never leaves cannot be called present when absent."""


@dataclass(frozen=True)
class Job:
    """One corruption as it is asked for: `neighbour` has as many frames as `masks`."""

    masks: Sequence[Rle]
    neighbour: Sequence[Rle]
    severity: float
    rng: Generator

    def between(self, least: float, most: float) -> float:
        """From `least` at severity 0 to `most` at severity 1."""
        return least + (most - least) * self.severity

    def shown(self) -> list[int]:
        return [i for i, mask in enumerate(self.masks) if rle.area(mask)]

    def stretch(self, frames: Sequence[int]) -> list[int]:
        """Some of `frames` that follow on each other: a sixth of them or more, all of them at severity 1."""
        length = min(len(frames), max(1, round(len(frames) * self.between(1 / 6, 1))))
        first = int(self.rng.integers(len(frames) - length + 1))
        return list(frames[first : first + length])


def corrupt(
    masks: Sequence[Rle],
    kind: Corruption,
    *,
    severity: float,
    seed: int,
    neighbour: Sequence[Rle] | None = None,
) -> list[Rle]:
    """`masks` made wrong on at least one frame; `severity` from 0 (just to be seen) to 1 (gross).

    `neighbour` is another object on the same frames. Raises `CannotCorrupt` where this masklet cannot be wrong in
    this way, and ValueError for a severity outside 0..1 or frames of different number or size.
    """
    if not 0 <= severity <= 1:
        raise ValueError(f"A severity is between 0 and 1, not {severity}.")
    if neighbour is not None and [m["size"] for m in neighbour] != [m["size"] for m in masks]:
        raise ValueError("A neighbour has the same frames as the masklet, of the same size.")
    if kind in WITH_NEIGHBOUR and neighbour is None:
        raise CannotCorrupt(f"A masklet is {kind} only with a neighbour.")
    job = Job(masks, neighbour or (), severity, np.random.default_rng([seed, CORRUPTIONS.index(kind)]))
    if not job.shown():
        raise CannotCorrupt("This object is shown on no frame.")
    made = list(masks)
    for idx, mask in _WAYS[kind](job).items():
        made[idx] = mask
    if not changed(masks, made):
        raise CannotCorrupt(f"This masklet looks the same when it is {kind}.")
    return made


def changed(before: Sequence[Rle], after: Sequence[Rle]) -> list[int]:
    """The frames that are other than before."""
    pairs = enumerate(zip(before, after, strict=True))
    return [i for i, (one, other) in pairs if one["counts"] != other["counts"]]


# --- In time: frames take other frames' masks, or none ---------------------------------------


def _slipped(job: Job) -> dict[int, Rle]:
    late = max(1, round(job.between(1, max(2, len(job.masks) / 6))))
    return {i: job.masks[max(0, i - late)] for i in job.stretch(range(len(job.masks)))}


def _lost(job: Job) -> dict[int, Rle]:
    shown = job.shown()
    left = len(shown) - max(1, round(len(shown) * job.between(0.1, 0.7)))
    return {i: _nothing(job.masks[i]) for i in shown[left:]}


def _flickers(job: Job) -> dict[int, Rle]:
    shown = job.shown()
    number = max(1, round(len(shown) * job.between(0.08, 0.5)))
    places = np.linspace(0, len(shown) - 1, number + 2)[1:-1] + job.rng.uniform(-0.5, 0.5, number)
    return {i: _nothing(job.masks[i]) for i in {shown[round(p)] for p in np.clip(places, 0, len(shown) - 1)}}


def _absent_when_present(job: Job) -> dict[int, Rle]:
    return {i: _nothing(job.masks[i]) for i in job.stretch(job.shown())}


def _present_when_absent(job: Job) -> dict[int, Rle]:
    """The nearest mask that is shown stays where it was."""
    shown = job.shown()
    gone = [i for i in range(len(job.masks)) if i not in set(shown)]
    if not gone:
        raise CannotCorrupt("This object is shown on every frame.")
    return {i: job.masks[min(shown, key=lambda s: abs(s - i))] for i in job.stretch(gone)}


def _swapped(job: Job) -> dict[int, Rle]:
    """At severity 0 only the last quarter of the frames is swapped, wherever the two objects meet."""
    both = [i for i in job.shown() if rle.area(job.neighbour[i])]
    if not both:
        raise CannotCorrupt("The two objects are never shown together.")
    meets = min(both, key=lambda i: _distance(job.masks[i], job.neighbour[i]))
    last = len(job.masks) - 1
    first = min(max(meets, round(last * job.between(0.75, 0))), both[-1])
    return {i: job.neighbour[i] for i in range(first, last + 1)}


# --- In space: the mask of each frame of a stretch is altered -------------------------------


def _shifted(job: Job) -> dict[int, Rle]:
    angle = job.rng.uniform(0, 2 * np.pi)
    share = job.between(0.12, 0.7)

    def shift(mask: Mask) -> Mask:
        far = max(1.0, share * np.sqrt(mask.sum()))
        return _moved(mask, round(far * np.sin(angle)), round(far * np.cos(angle)))

    return _altered(job, shift)


def _leaked(job: Job) -> dict[int, Rle]:
    angle = job.rng.uniform(0, 2 * np.pi)
    share = job.between(0.2, 0.8)

    def leak(mask: Mask) -> Mask:
        y, x = np.nonzero(mask)
        edge = int(np.argmax(y * np.sin(angle) + x * np.cos(angle)))
        return np.asarray(mask | _disk(mask, int(y[edge]), int(x[edge]), max(1.0, share * np.sqrt(len(y)))))

    return _altered(job, leak)


def _eroded(job: Job) -> dict[int, Rle]:
    share = job.between(0.15, 0.7)

    def erode(mask: Mask) -> Mask:
        depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        # Some pixels always stay, however thin the object is.
        return np.asarray(depth > min(max(1.0, share * depth.max()), depth.max() - 1e-9))

    return _altered(job, erode)


def _dilated(job: Job) -> dict[int, Rle]:
    share = job.between(0.08, 0.4)

    def dilate(mask: Mask) -> Mask:
        far = ndimage.distance_transform_edt(~mask)
        return np.asarray(far <= max(1.0, share * np.sqrt(mask.sum())))

    return _altered(job, dilate)


def _holes(job: Job) -> dict[int, Rle]:
    count, share = round(job.between(1, 4)), job.between(0.12, 0.25)
    spots = job.rng.random(count)

    def pierce(mask: Mask) -> Mask:
        y, x = np.nonzero(mask)
        pierced = mask.copy()
        for spot in spots:
            at = int(spot * (len(y) - 1))
            pierced &= ~_disk(mask, int(y[at]), int(x[at]), max(1.0, share * np.sqrt(len(y))))
        return pierced if pierced.any() else mask

    return _altered(job, pierce)


def _merged(job: Job) -> dict[int, Rle]:
    both = [i for i in job.shown() if rle.area(job.neighbour[i])]
    if not both:
        raise CannotCorrupt("The two objects are never shown together.")
    return {i: rle.encode(rle.decode(job.masks[i]) | rle.decode(job.neighbour[i])) for i in job.stretch(both)}


_WAYS: dict[Corruption, Callable[[Job], dict[int, Rle]]] = {
    "slipped": _slipped,
    "shifted": _shifted,
    "leaked": _leaked,
    "eroded": _eroded,
    "dilated": _dilated,
    "holes": _holes,
    "merged": _merged,
    "lost": _lost,
    "swapped": _swapped,
    "flickers": _flickers,
    "present_when_absent": _present_when_absent,
    "absent_when_present": _absent_when_present,
}


def _altered(job: Job, alter: Callable[[Mask], Mask]) -> dict[int, Rle]:
    """A stretch of the shown frames, each with its mask altered."""
    return {i: rle.encode(alter(rle.decode(job.masks[i]))) for i in job.stretch(job.shown())}


def _nothing(mask: Rle) -> Rle:
    height, width = mask["size"]
    return rle.empty(height=height, width=width)


def _moved(mask: Mask, down: int, right: int) -> Mask:
    """What leaves the frame is gone."""
    height, width = mask.shape
    moved = np.zeros_like(mask)
    y, x = np.nonzero(mask)
    y, x = y + down, x + right
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    moved[y[inside], x[inside]] = True
    return moved


def _disk(mask: Mask, y: int, x: int, radius: float) -> Mask:
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


def _distance(one: Rle, other: Rle) -> float:
    """Pixels between the centres of two masks that are not empty."""
    centres = [np.argwhere(rle.decode(mask)).mean(0) for mask in (one, other)]
    return float(np.linalg.norm(centres[0] - centres[1]))
