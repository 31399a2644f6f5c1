"""Filters over time: which of the candidates that were followed through a video are masklets.

Pure functions on RLEs. A candidate that falls keeps its reason (`Fate`) and its scores, so that a person can see why
and a filter that learns has something to learn from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from rlemasklib import RLEMask

from worker.sam2.spans import confidence_of

Masks = Mapping[int, RLEMask]  #: by frame_idx; empty where the object is absent

COMPARED = 16  # frames of two masklets that are compared, spread over those that they share


class Fate(StrEnum):
    """What became of a candidate: it passed, or the first filter that it fell through."""

    PASSED = "passed"
    TRIAL = "trial"  # it did not hold its first frames
    SHORT = "short"  # it is there on too few frames
    UNSTABLE = "unstable"  # its edge is not sharp along the clip
    UNSURE = "unsure"  # the model itself does not think much of it
    FLICKER = "flicker"  # it comes and goes, or jumps
    FLOOD = "flood"  # it spread over the frame
    DRIFT = "drift"  # it went from what it was to something else
    DUPLICATE = "duplicate"  # a candidate that passed is the same
    EXISTING = "existing"  # a masklet that was there before is the same
    SURPLUS = "surplus"  # the video has enough of them


@dataclass(frozen=True)
class FilterSettings:
    """Thresholds of the filters over time, chosen on validation clips (docs/automatic.md).

    trial_frames   the first frames, that a candidate must hold
    trial_confidence  mean confidence in them, at least
    least_life     frames on which the object is seen, at least; in a shorter clip all of them
    stability      mean over the frames on which it is seen, at least
    confidence     mean over all frames, at least (0..1: predicted IoU times the odds that it is there)
    flicker        share of steps on which it comes, goes or jumps, at most
    flood          how many times its first area it covers at most, once it covers `flood_area` of the frame
    drift          likeness to what was around it over likeness to itself, at most
    duplicate      IoU over time with another masklet from which it is the same
    """

    trial_frames: int = 15
    trial_confidence: float = 0.3
    least_life: int = 6
    stability: float = 0.65
    confidence: float = 0.7
    flicker: float = 0.3
    flood: float = 4.0
    flood_area: float = 0.25
    drift: float = 0.5
    duplicate: float = 0.5


@dataclass(frozen=True)
class Scores:
    """What the filters look at.

    seed        0..1, predicted IoU times stability of the one mask that it began with
    stability   0..1, mean over the frames on which the object is seen; 0 if it never is
    confidence  0..1, mean confidence of the model over all frames
    trial       0..1, the same over the first frames
    flicker     0..1, share of steps on which it comes, goes or jumps
    flood       its largest area over its first one where that is much of the frame, else 0
    drift       0..1, share of the frames on which it looks more like what was around it than like itself
    life        frames on which it is seen
    duplicate   0..1, the greatest IoU over time with another candidate that passed
    existing    0..1, the same with a masklet that was there before
    area        0..1, mean share of the frame where it is seen
    """

    seed: float = 0.0
    stability: float = 0.0
    confidence: float = 0.0
    trial: float = 0.0
    flicker: float = 0.0
    flood: float = 0.0
    drift: float = 0.0
    life: int = 0
    duplicate: float = 0.0
    existing: float = 0.0
    area: float = 0.0


@dataclass(frozen=True)
class Seen:
    """A candidate's mask on one frame, what the model thinks of it, and how much more it looks like the ground that was
    around it than like itself (-2..2, see `appearance.estrangement`)."""

    mask: RLEMask
    predicted_iou: float
    object_score: float
    stability: float
    estranged: float = -1.0

    @property
    def confidence(self) -> float:
        return confidence_of(
            shown=self.mask.any(), predicted_iou=self.predicted_iou, object_score=self.object_score
        )


def scores_of(seen: Mapping[int, Seen], first_frame: int, settings: FilterSettings) -> Scores:
    """The scores of a candidate that was seeded on `first_frame`, but for those that take other masklets."""
    there = {idx: frame for idx, frame in seen.items() if frame.mask.any()}
    if not there or first_frame not in seen:
        return Scores()
    height, width = seen[first_frame].mask.shape
    areas = {idx: frame.mask.area() for idx, frame in there.items()}
    largest, first = max(areas.values()), max(1, areas.get(first_frame, 1))
    spread = largest >= settings.flood_area * height * width
    return Scores(
        seed=seen[first_frame].predicted_iou * seen[first_frame].stability,
        stability=_mean(frame.stability for frame in there.values()),
        confidence=_mean(frame.confidence for frame in there.values()),
        trial=trial_score(seen, first_frame, settings),
        flicker=flicker({idx: frame.mask for idx, frame in seen.items()}),
        flood=largest / first if spread else 0.0,
        drift=_mean(frame.estranged > 0 for frame in there.values()),
        life=len(there),
        area=_mean(areas.values()) / (height * width),
    )


def trial_score(seen: Mapping[int, Seen], first_frame: int, settings: FilterSettings) -> float:
    """Mean confidence on the first frames from `first_frame` on, absence counting as nothing."""
    trial = [seen[idx] for idx in range(first_frame, first_frame + settings.trial_frames) if idx in seen]
    return _mean(frame.confidence if frame.mask.any() else 0.0 for frame in trial)


def fate_of(scores: Scores, frames: int, settings: FilterSettings) -> Fate:
    """The first filter that a candidate falls through; `frames` of the clip were looked at."""
    fallen = (
        (Fate.EXISTING, scores.existing >= settings.duplicate),
        (Fate.TRIAL, scores.trial < settings.trial_confidence),
        (Fate.SHORT, scores.life < min(settings.least_life, frames)),
        (Fate.FLOOD, scores.flood > settings.flood),
        (Fate.FLICKER, scores.flicker > settings.flicker),
        (Fate.DRIFT, scores.drift > settings.drift),
        (Fate.UNSTABLE, scores.stability < settings.stability),
        (Fate.UNSURE, scores.confidence < settings.confidence),
        (Fate.DUPLICATE, scores.duplicate >= settings.duplicate),
    )
    return next((fate for fate, fell in fallen if fell), Fate.PASSED)


def flooded(mask: RLEMask, first: RLEMask, settings: FilterSettings) -> bool:
    """Whether an object spread over the frame since its first mask."""
    height, width = mask.shape
    area = mask.area()
    return area >= settings.flood_area * height * width and area > settings.flood * first.area()


def flicker(masks: Masks) -> float:
    """The share of steps from a frame to the next on which an object comes, goes, or more than halves or doubles."""
    areas = [masks[idx].area() for idx in sorted(masks)]
    steps = [max(pair) > 2 * min(pair) for pair in pairwise(areas)]
    return _mean(steps)


def iou_over_time(one: Masks, other: Masks) -> float:
    """Shared over joined pixels of two masklets, on `COMPARED` frames at most of those where either is known."""
    frames = sorted(idx for idx in one.keys() | other.keys())
    shared = joined = 0
    for idx in _spread(frames, COMPARED):
        a, b = one.get(idx), other.get(idx)
        overlap = (a & b).area() if a is not None and b is not None else 0
        shared += overlap
        joined += sum(mask.area() for mask in (a, b) if mask is not None) - overlap
    return shared / joined if joined else 0.0


def greatest_iou(masks: Masks, others: Iterable[Masks]) -> float:
    """The greatest IoU over time with one of the others, 0 for none."""
    return max((iou_over_time(masks, other) for other in others), default=0.0)


def disagreement(one: Masks, other: Masks) -> dict[int, float]:
    """How far two ways to the same masklet differ, 0 (the same) to 1, on each frame that both have.

    What disagrees is likely wrong: the ways are a propagation forward and one backward, or two checkpoints.
    """
    return {idx: 1.0 - _iou(one[idx], other[idx]) for idx in sorted(one.keys() & other.keys())}


def spread_out(masks: Sequence[RLEMask], scores: Sequence[float]) -> list[int]:
    """The indices of masks in an order whose every beginning is spread over sizes and places, the best of each first.

    Sizes are octaves of the area, places the cells of a 3 × 3 grid that hold the box's middle.
    """
    groups: dict[tuple[int, int, int], list[int]] = {}
    for row in sorted(range(len(masks)), key=lambda row: -scores[row]):
        groups.setdefault(_group(masks[row]), []).append(row)
    order: list[int] = []
    while groups:
        turn = sorted(groups.values(), key=lambda group: -scores[group[0]])
        order += [group.pop(0) for group in turn]
        groups = {name: group for name, group in groups.items() if group}
    return order


def _group(mask: RLEMask) -> tuple[int, int, int]:
    height, width = mask.shape
    x, y, w, h = mask.bbox()
    column, row = int(3 * (x + w / 2) / width), int(3 * (y + h / 2) / height)
    return int(math.log2(max(1, mask.area())) / 2), min(column, 2), min(row, 2)


def _iou(one: RLEMask, other: RLEMask) -> float:
    shared = (one & other).area()
    joined = one.area() + other.area() - shared
    return shared / joined if joined else 1.0


def _spread(frames: Sequence[int], count: int) -> Sequence[int]:
    if len(frames) <= count:
        return frames
    return [frames[round(place)] for place in np.linspace(0, len(frames) - 1, count)]


def _mean(values: Iterable[float]) -> float:
    found = [float(value) for value in values]
    return sum(found) / len(found) if found else 0.0
