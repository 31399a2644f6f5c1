"""How good masks are, as the SA-V and DAVIS evaluators count it. Masks are bool [H, W]."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

BOUNDARY_TOLERANCE = 0.008  # of the image diagonal
#: Areas in pixels below which COCO calls an object small, medium; any other is large.
SMALL, MEDIUM = 32**2, 96**2

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = get_args(Size)


def size_of(area: float) -> Size:
    """COCO's word for an object of `area` pixels."""
    return "small" if area < SMALL else "medium" if area < MEDIUM else "large"


def iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """J: intersection over union in 0-1; two empty masks agree, so 1."""
    union = int(np.logical_or(predicted, truth).sum())
    return 1.0 if union == 0 else float(np.logical_and(predicted, truth).sum()) / union


def boundary(mask: np.ndarray) -> np.ndarray:
    """The one-pixel boundary bool [H, W]: pixels that differ from their east, south or south-east."""
    mask = mask.astype(bool)
    east, south, south_east = mask.copy(), mask.copy(), mask.copy()
    east[:, :-1] = mask[:, 1:]
    south[:-1] = mask[1:]
    south_east[:-1, :-1] = mask[1:, 1:]
    edge: np.ndarray = (mask ^ east) | (mask ^ south) | (mask ^ south_east)
    edge[-1] = mask[-1] ^ east[-1]
    edge[:, -1] = mask[:, -1] ^ south[:, -1]
    edge[-1, -1] = False
    return edge


def _disk(radius: int) -> np.ndarray:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= radius * radius)


def boundary_f(predicted: np.ndarray, truth: np.ndarray, *, tolerance: float = BOUNDARY_TOLERANCE) -> float:
    """F: the harmonic mean of the boundary's precision and recall, in 0-1.

    A boundary pixel counts when the other boundary passes within `tolerance` of the diagonal,
    rounded up to a pixel. Both boundaries empty: 1; only one empty: 0.
    """
    from scipy.ndimage import binary_dilation  # half of what importing this module would take

    edge, true_edge = boundary(predicted), boundary(truth)
    if not edge.any() or not true_edge.any():
        return float(edge.any() == true_edge.any())
    disk = _disk(math.ceil(tolerance * math.hypot(*truth.shape)))
    precision = (edge & binary_dilation(true_edge, disk)).sum() / edge.sum()
    recall = (true_edge & binary_dilation(edge, disk)).sum() / true_edge.sum()
    return 0.0 if precision + recall == 0 else float(2 * precision * recall / (precision + recall))


def j_and_f(
    predicted: Sequence[np.ndarray] | np.ndarray,
    truth: Sequence[np.ndarray] | np.ndarray,
    *,
    skip_ends: bool = True,
) -> tuple[float, float]:
    """The means of J and F, each in 0-1, of one object's masks through time.

    The official evaluators skip the first and the last annotated frame (`skip_ends`); frames
    before the object first occurs in the truth or in the prediction are not scored. Raises
    ValueError when no frame is left, or when the object never occurs in the scored truth.
    """
    if len(predicted) != len(truth):
        raise ValueError(f"{len(predicted)} predicted frames for {len(truth)} true ones.")
    pairs = list(zip(predicted, truth, strict=True))
    if skip_ends:
        pairs = pairs[1:-1]
    while pairs and not (pairs[0][0].any() or pairs[0][1].any()):
        pairs.pop(0)
    if not any(true.any() for _, true in pairs):
        raise ValueError("The object is in none of the frames that would be scored.")
    return (
        float(np.mean([iou(mask, true) for mask, true in pairs])),
        float(np.mean([boundary_f(mask, true) for mask, true in pairs])),
    )


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram: of `count` predictions in [low, high), what they said and what was so."""

    low: float
    high: float
    count: int
    predicted: float
    observed: float


def reliability(
    predicted: Sequence[float] | np.ndarray, observed: Sequence[float] | np.ndarray, *, bins: int = 10
) -> tuple[float, list[Bin]]:
    """The expected calibration error in 0-1 and the bins that are not empty.

    `predicted` are numbers in 0-1, `observed` what they predict (an IoU, or 0 and 1). The error is the
    mean distance between the two, bin by bin, weighted by how many fall in it; 0 for no predictions.
    """
    said, was = np.asarray(predicted, float), np.asarray(observed, float)
    number = np.clip((said * bins).astype(int), 0, bins - 1)
    filled = [
        Bin(k / bins, (k + 1) / bins, int(here.sum()), float(said[here].mean()), float(was[here].mean()))
        for k in range(bins)
        if (here := number == k).any()
    ]
    error = sum(bar.count * abs(bar.predicted - bar.observed) for bar in filled) / max(len(said), 1)
    return float(error), filled
