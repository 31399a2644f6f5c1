"""Where to cut candidates off, told from what reviewers said of earlier ones. Pure functions of numpy.

A candidate has a score in 0..1; what lies below the threshold never reaches a reviewer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ENOUGH = 30  #: verdicts before which a fitted threshold would be chance
USUAL = 0.4  #: the threshold until then
MOST_POINTS = 60  #: of a curve
_Z = 1.645  # of a one-sided interval of 95 %


@dataclass(frozen=True)
class Learned:
    """What verdicts taught: a logistic regression on the scores of a candidate."""

    names: list[str]
    weights: list[float]
    bias: float
    verdicts: int  #: it was fitted on


def score(scores: Mapping[str, float], learned: Learned | None = None) -> float:
    """0..1, how likely a reviewer finds a candidate satisfactory that generation gave these scores.

    Before anything was learned: how sure SAM 2 was of it and how stable its edge, less where it drifted or flickered.
    """
    if learned is not None:
        sum_ = learned.bias + sum(
            weight * scores.get(name, 0.0)
            for name, weight in zip(learned.names, learned.weights, strict=True)
        )
        return 1 / (1 + math.exp(-min(max(sum_, -30.0), 30.0)))
    good = scores.get("confidence", 0.0) * scores.get("stability", 0.0)
    bad = (1 - scores.get("drift", 0.0)) * (1 - scores.get("flicker", 0.0))
    return min(max(good * bad, 0.0), 1.0)


def same_rank(threshold: float, before: Sequence[float], after: Sequence[float]) -> float:
    """Where a threshold on scores lies that were computed anew: as many pass it as before."""
    if not len(before):
        return threshold
    passing = int((np.asarray(before) >= threshold).sum())
    return 1.0 if passing == 0 else float(np.sort(after)[len(after) - passing])


@dataclass(frozen=True)
class Point:
    """What a threshold would do."""

    threshold: float
    judged: int  #: candidates with a verdict that lie above it
    precision: float | None  #: 0..1, the share of these that were satisfactory; None without any
    at_least: float | None  #: 0..1, the precision that can be claimed with 95 % confidence (Wilson)
    passes: int  #: of all candidates, judged or not


def curve(scores: Sequence[float], right: Sequence[bool], every: Sequence[float]) -> list[Point]:
    """Points from the lowest threshold to the highest, at most `MOST_POINTS`.

    `scores` are those of the candidates that reviewers judged and `right` whether they found each satisfactory;
    `every` are the scores of all that a threshold could let through.
    """
    judged = np.asarray(scores, float)
    good = np.asarray(right, bool)
    all_scores = np.sort(np.asarray(every, float))
    thresholds = np.unique(np.concatenate([[0.0], judged, all_scores]))
    if len(thresholds) > MOST_POINTS:
        places = np.linspace(0, len(thresholds) - 1, MOST_POINTS).round().astype(int)
        thresholds = thresholds[places]
    return [_point(float(t), judged, good, all_scores) for t in thresholds]


def fit(scores: Sequence[float], right: Sequence[bool], *, precision: float) -> float | None:
    """The lowest threshold above which at least `precision` (0..1) of the judged candidates were satisfactory.

    None before `ENOUGH` verdicts. Where no threshold holds that precision, the one above all scores: nothing passes.
    """
    if len(scores) < ENOUGH:
        return None
    order = np.argsort(scores)[::-1]
    values, good = np.asarray(scores, float)[order], np.asarray(right, bool)[order]
    shares = np.cumsum(good) / np.arange(1, len(good) + 1)
    # Candidates of one score pass together: only the last of a tie may be the cut.
    ends = np.append(values[1:] != values[:-1], True)
    # A handful of lucky verdicts at the top is no evidence.
    holds = np.flatnonzero(ends & (shares >= precision) & (np.arange(1, len(good) + 1) >= ENOUGH // 3))
    return float(values[holds[-1]]) if len(holds) else 1.0


def _point(threshold: float, judged: np.ndarray, good: np.ndarray, every: np.ndarray) -> Point:
    above = judged >= threshold
    count, right = int(above.sum()), int(good[above].sum())
    return Point(
        threshold=round(threshold, 4),
        judged=count,
        precision=right / count if count else None,
        at_least=_wilson(right, count) if count else None,
        passes=int(len(every) - np.searchsorted(every, threshold)),
    )


def _wilson(right: int, count: int) -> float:
    """The lower end of Wilson's interval for a share."""
    share, z2 = right / count, _Z * _Z
    middle = share + z2 / (2 * count)
    spread = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return max(0.0, (middle - spread) / (1 + z2 / count))
