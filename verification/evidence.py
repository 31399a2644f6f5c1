"""What people's verdicts say about the pre-verifier: how well it tells, how honest its chances are, what it would save.

Pure functions of chances [N] of being unsatisfactory and of whether people found so [N].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from verification import bound
from vos.metrics import SIZES, size_of

BINS = 5  #: of as many verdicts each: few, so that each says something
MOST_POINTS = 60  #: of a curve
STEPS = 20  #: of the share passed

Array = np.ndarray


def roc(chance: Array, wrong: Array) -> list[dict[str, float]]:
    """Points from (0, 0) to (1, 1): of the right and of the wrong, the share with a chance at least as high."""
    order = np.argsort(-chance, kind="stable")
    last = np.flatnonzero(np.diff(chance[order], append=-1))  # of each chance that several have
    caught = np.cumsum(wrong[order])[last] / max(1, wrong.sum())
    alarms = np.cumsum(~wrong[order])[last] / max(1, (~wrong).sum())
    kept = np.unique(np.linspace(0, len(last) - 1, MOST_POINTS).astype(int))
    points = [(0.0, 0.0), *zip(alarms[kept].tolist(), caught[kept].tolist(), strict=True)]
    return [{"false_alarms": x, "caught": y} for x, y in points]


def auc(chance: Array, wrong: Array) -> float | None:
    """Chance that a wrong one scores above a right one, 0..1; None where there are none of either."""
    if wrong.all() or not wrong.any():
        return None
    _, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = wrong.sum()
    return float(
        (rank[wrong].sum() - positives * (positives + 1) / 2) / (positives * (len(wrong) - positives))
    )


def calibration(chance: Array, wrong: Array) -> list[dict[str, float]]:
    """Bins of as many verdicts each: the mean chance, and the share that was wrong."""
    parts = [part for part in np.array_split(np.argsort(chance, kind="stable"), BINS) if len(part)]
    return [
        {"chance": float(chance[p].mean()), "wrong": float(wrong[p].mean()), "verdicts": len(p)}
        for p in parts
    ]


def calibration_error(chance: Array, wrong: Array) -> float | None:
    """ECE: how far chance and share lie apart, over the bins of `calibration`."""
    if not len(chance):
        return None
    bins = calibration(chance, wrong)
    return float(sum(abs(each["chance"] - each["wrong"]) * each["verdicts"] for each in bins) / len(chance))


def tradeoff(chance: Array, wrong: Array) -> list[dict[str, float]]:
    """Were the likeliest right ones passed: share passed, the share of them that is right, and looks saved."""
    order = np.argsort(chance, kind="stable")
    right = np.cumsum(~wrong[order])
    counts = np.unique(np.linspace(0, len(chance), STEPS + 1).round().astype(int))
    return [
        {
            "passed": n / len(chance),
            "precision": float(right[n - 1] / n),
            "below": float(chance[order[n - 1]]),
        }
        for n in counts.tolist()
        if n
    ]


def by_size(chance: Array, wrong: Array, area: Sequence[float]) -> list[dict[str, Any]]:
    sizes = np.array([size_of(each) for each in area])
    return [
        {
            "size": size,
            "verdicts": int((sizes == size).sum()),
            "unsatisfactory": int(wrong[sizes == size].sum()),
            "auc": auc(chance[sizes == size], wrong[sizes == size]),
        }
        for size in SIZES
    ]


def thresholds(chance: Array, satisfactory: Array, unsatisfactory: Array) -> dict[str, list[dict[str, Any]]]:
    """For each threshold that may be chosen what people's verdicts show of it, and what share it would decide."""
    told: dict[str, list[dict[str, Any]]] = {"passing": [], "returning": []}
    for at in bound.THRESHOLDS:
        for way, right in (
            ("passing", bound.passing(chance.tolist(), satisfactory.tolist(), at)),
            ("returning", bound.returning(chance.tolist(), unsatisfactory.tolist(), at)),
        ):
            known = bound.bound(right, at)
            told[way].append(
                {
                    "threshold": at if way == "passing" else 1 - at,
                    "verdicts": known.verdicts,
                    "right": known.right,
                    "lower": known.lower,
                    "share": known.verdicts / len(chance) if len(chance) else 0.0,
                }
            )
    return told
