"""What came of the work, object by object, and the figures of the paper's Table 1 and §6.1 from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco

from benchmarks.effort.annotator import GOOD, Moment
from benchmarks.effort.clock import T_STROKE, Effort
from vos import metrics

SIZES = ("all", *metrics.SIZES)


@dataclass(frozen=True)
class Result:
    """One object annotated by one strategy. `number` says which object; `counts` are its final masks."""

    strategy: str
    number: int
    size: list[int]  # [height, width]
    effort: Effort
    moments: list[Moment]
    refinements: list[tuple[float, float]]
    counts: list[str]

    @property
    def bucket(self) -> str:
        """By its area on the first frame (paper, Table 1)."""
        area = int(coco.area({"size": self.size, "counts": self.counts[0].encode()}))
        return metrics.size_of(area)


def seconds_per_frame(
    results: Sequence[Result], *, stroke: float = T_STROKE, only_anew: bool = False
) -> float:
    frames = sum(len(result.counts) for result in results)
    seconds = (result.effort.seconds(stroke=stroke, only_anew=only_anew) for result in results)
    return sum(seconds) / frames


def edited_share(results: Sequence[Result]) -> float:
    """Mean share of the frames of an object that were edited by hand."""
    return float(np.mean([len(result.effort.edited) / len(result.counts) for result in results]))


def clicks_per_clicked_frame(results: Sequence[Result]) -> float:
    clicks = sum(result.effort.clicks.total() for result in results)
    return clicks / sum(len(result.effort.clicks) for result in results)


def strokes_per_frame(results: Sequence[Result]) -> float:
    return sum(r.effort.strokes.total() for r in results) / sum(len(r.counts) for r in results)


def refined(results: Sequence[Result]) -> tuple[float, float] | None:
    """Mean IoU of tracked masks before and after the first click on them; None without any."""
    found = [pair for result in results for pair in result.refinements]
    return (float(np.mean([b for b, _ in found])), float(np.mean([a for _, a in found]))) if found else None


def jf(results: Sequence[Result]) -> float:
    """Mean J&F of the masks that were submitted."""
    return float(np.mean([result.moments[-1].jf for result in results]))


def alignment(
    results: Sequence[Result], reference: Sequence[Result], *, absent: bool = False
) -> dict[str, float | None]:
    """Share of masks whose IoU with the reference's mask is above 0.75, by the reference's size on the first frame.

    Frames on which both say that the object is absent are left out; with `absent` they agree.
    """
    other = {result.number: result for result in reference}
    agree: dict[str, list[float]] = {size: [] for size in SIZES}
    for result in results:
        same = other[result.number]
        for iou in ious(result, same):
            if absent or iou is not None:
                aligned = float(iou is None or iou > GOOD)
                agree["all"].append(aligned)
                agree[same.bucket].append(aligned)
    return {size: float(np.mean(found)) if found else None for size, found in agree.items()}


def ious(ours: Result, theirs: Result) -> list[float | None]:
    """IoU of each frame's two masks, None where both are empty."""
    found: list[float | None] = []
    for one, other in zip(ours.counts, theirs.counts, strict=True):
        pair = [{"size": ours.size, "counts": counts.encode()} for counts in (one, other)]
        shown = coco.area(pair).any()
        found.append(float(coco.iou(pair[:1], pair[1:], [0])[0, 0]) if shown else None)
    return found


def curve(results: Sequence[Result], of: Callable[[Moment], float]) -> list[float]:
    """The mean over objects after each propagation; an object that is done stays as it was."""
    rounds = max(len(result.moments) for result in results)
    return [
        float(np.mean([of(result.moments[min(turn, len(result.moments) - 1)]) for result in results]))
        for turn in range(rounds)
    ]


def time_to(seconds: Sequence[float], reached: Sequence[float], wanted: float) -> float | None:
    """When a curve first comes to `wanted`, between its points on a straight line; None if it never does."""
    for turn, value in enumerate(reached):
        if value >= wanted:
            if turn == 0:
                return seconds[0]
            share = (wanted - reached[turn - 1]) / (value - reached[turn - 1])
            return seconds[turn - 1] + share * (seconds[turn] - seconds[turn - 1])
    return None


def time_ratio(ours: Sequence[Result], theirs: Sequence[Result]) -> float | None:
    """Our time over theirs to the same mean J&F, the lower one of those that both end with."""
    curves = [
        (curve(strategy, lambda m: m.seconds), curve(strategy, lambda m: m.jf)) for strategy in (ours, theirs)
    ]
    wanted = min(reached[-1] for _, reached in curves)
    mine, yours = (time_to(seconds, reached, wanted) for seconds, reached in curves)
    return mine / yours if mine is not None and yours else None
