"""The masks of one object as its annotator sees them, beside the true ones."""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from scipy.ndimage import label

from vos import metrics, rle
from worker.sam2 import simulate

EIGHT = np.ones((3, 3), bool)


class Observed:
    """truth bool [T, H, W]; `counts` COCO RLE of each frame, empty string where there is no mask yet."""

    def __init__(self, truth: np.ndarray) -> None:
        self.truth = truth
        self.size = [int(side) for side in truth.shape[1:]]
        self.counts = [""] * len(truth)
        self.masks = np.zeros_like(truth)
        self.there: np.ndarray = np.asarray(truth.any((1, 2)))
        # Asked again and again for masks that have not changed.
        self._score = lru_cache(maxsize=None)(self._judge)

    def __len__(self) -> int:
        return len(self.truth)

    def show(self, frame: int, counts: str) -> None:
        """This is the frame's mask from now on."""
        if counts != self.counts[frame]:
            self.counts[frame] = counts
            self.masks[frame] = rle.decode({"size": self.size, "counts": counts})

    def show_all(self, frames: Mapping[str, Mapping[str, str]]) -> None:
        """What `GET /api/masklets/{id}/masks/` says."""
        for idx, frame in frames.items():
            self.show(int(idx), frame["counts"])

    def iou(self, frame: int) -> float:
        return self._score(frame, self.counts[frame])[0]

    def worst(self, frames: Iterable[int]) -> int | None:
        """The frame with the lowest IoU, of several the first; None for no frames."""
        return min(frames, key=lambda frame: (self.iou(frame), frame), default=None)

    def j_and_f(self) -> float:
        """Mean of J and F as `metrics.j_and_f` counts them."""
        frames = list(range(1, len(self) - 1))
        while frames and not (self.there[frames[0]] or self.masks[frames[0]].any()):
            frames.pop(0)
        return float(np.mean([self._score(frame, self.counts[frame]) for frame in frames]))

    def _judge(self, frame: int, counts: str) -> tuple[float, float]:
        return j_and_f(self.masks[frame], self.truth[frame])


def j_and_f(mask: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """`metrics.iou` and `metrics.boundary_f` of one frame, computed only where either mask is."""
    radius = math.ceil(metrics.BOUNDARY_TOLERANCE * math.hypot(*truth.shape))
    near = box(mask | truth, margin=radius + 1)
    mask, truth = mask[near], truth[near]
    # Half a pixel less, which the rounding up gives back, as the part has a diagonal of its own.
    tolerance = (radius - 0.5) / math.hypot(*truth.shape)
    return metrics.iou(mask, truth), metrics.boundary_f(mask, truth, tolerance=tolerance)


def click(truth: np.ndarray, mask: np.ndarray | None) -> tuple[int, int, int] | None:
    """`simulate.centre_click`, computed only where there is an error."""
    wrong = truth if mask is None else truth ^ mask
    near = box(wrong)
    found = simulate.centre_click(truth[near], None if mask is None else mask[near])
    if found is None:
        return None
    x, y, positive = found
    return x + near[1].start, y + near[0].start, positive


def repaired(truth: np.ndarray, mask: np.ndarray, *, enough: float) -> tuple[np.ndarray, int]:
    """The mask after brush and eraser, and their strokes: each takes the largest connected region of error, until
    the IoU is `enough`."""
    painted, strokes = mask.copy(), 0
    regions = [
        (region == number)
        for wrong in (truth & ~mask, mask & ~truth)
        for region, count in [label(wrong, EIGHT)]
        for number in range(1, count + 1)
    ]
    regions.sort(key=lambda region: -int(region.sum()))
    for region in regions:
        if metrics.iou(painted, truth) >= enough:
            break
        painted ^= region
        strokes += 1
    return painted, strokes


def box(mask: np.ndarray, *, margin: int = 0) -> tuple[slice, slice]:
    """The part of the frame that holds the mask and a margin; one pixel if it is empty."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 1), slice(0, 1)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
