"""How far people agree in their verdicts: Cohen's and Fleiss' kappa, Krippendorff's alpha, with bootstrap intervals;
and Dawid and Skene's estimate of how often each is right. Pure: judgements in, figures out.

statsmodels and crowd-kit are imported where they are used: they are an extra, and slow to load.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple, TypedDict

import numpy as np

RESAMPLES = 200
PAIRS = 20  #: of people, those with most in common


class Judgement(NamedTuple):
    item: int
    person: str
    label: str


class Estimate(TypedDict):
    """A figure with its 95 % interval; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


class Figures(TypedDict):
    items: int  #: that two people or more judged
    judgements: int
    cohen: Estimate  #: mean over pairs of people, by how much they have in common
    fleiss: Estimate  #: of the items that as many people judged as most
    krippendorff: Estimate


class Ability(TypedDict):
    sensitivity: float | None  #: of what is not satisfactory, the share that the person did not find so
    specificity: float | None


NOTHING: Estimate = {"value": None, "low": None, "high": None}


class _Table(NamedTuple):
    """`counts` [items, labels]: how many people gave each item each label; `pairs`: for each pair of people the items
    that both judged, and the labels of the first and of the second."""

    counts: np.ndarray
    pairs: list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def figures(judgements: Iterable[Judgement], *, seed: int = 0) -> Figures:
    """All three, over the items that at least two people judged. Intervals by drawing items anew."""
    by_item: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for judgement in judgements:
        by_item[judgement.item][judgement.person] = judgement.label
    shared = [labels for labels in by_item.values() if len(labels) > 1]
    told = sum(map(len, shared))
    if not shared:
        return {"items": 0, "judgements": 0, "cohen": NOTHING, "fleiss": NOTHING, "krippendorff": NOTHING}
    table = _table(shared)
    return {
        "items": len(shared),
        "judgements": told,
        "cohen": _estimate(_cohen, table, seed),
        "fleiss": _estimate(_fleiss, table, seed),
        "krippendorff": _estimate(_krippendorff, table, seed),
    }


def _table(shared: Sequence[dict[str, str]]) -> _Table:
    labels = sorted({label for item in shared for label in item.values()})
    number = {label: n for n, label in enumerate(labels)}
    counts = np.zeros((len(shared), len(labels)), int)
    pairs: defaultdict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for row, item in enumerate(shared):
        for label in item.values():
            counts[row, number[label]] += 1
        for one, other in combinations(sorted(item), 2):
            pairs[one, other].append((row, number[item[one]], number[item[other]]))
    most = sorted(pairs.values(), key=len, reverse=True)[:PAIRS]
    return _Table(counts, [tuple(np.array(rows).T) for rows in most])  # type: ignore[misc]


def _estimate(figure: Callable[[_Table, np.ndarray], float | None], table: _Table, seed: int) -> Estimate:
    """`figure` of the table, and its interval: `weights` say how often each item was drawn."""
    items = len(table.counts)
    value = figure(table, np.ones(items, int))
    if value is None:
        return NOTHING
    rng = np.random.default_rng(seed)
    drawn = (figure(table, rng.multinomial(items, np.full(items, 1 / items))) for _ in range(RESAMPLES))
    known = [each for each in drawn if each is not None]
    if len(known) < RESAMPLES / 2:
        return {"value": value, "low": None, "high": None}
    low, high = np.quantile(known, [0.025, 0.975])
    return {"value": value, "low": float(low), "high": float(high)}


def _cohen(table: _Table, weights: np.ndarray) -> float | None:
    from statsmodels.stats.inter_rater import cohens_kappa

    size = table.counts.shape[1]
    kappas, shares = [], []
    for rows, one, other in table.pairs:
        crossed = np.zeros((size, size))
        np.add.at(crossed, (one, other), weights[rows])
        total = crossed.sum()
        if total == 0:
            continue
        expected = (crossed.sum(0) * crossed.sum(1)).sum() / total**2
        # Where both always say the same one word there is nothing beyond chance to agree on.
        if expected < 1:
            kappas.append(float(cohens_kappa(crossed, return_results=False)))
            shares.append(float(total))
    return float(np.average(kappas, weights=shares)) if kappas else None


def _fleiss(table: _Table, weights: np.ndarray) -> float | None:
    from statsmodels.stats.inter_rater import fleiss_kappa

    people = table.counts.sum(1)
    usual = Counter(people.tolist()).most_common(1)[0][0]
    rows = np.repeat(table.counts, weights, axis=0)
    rows = rows[rows.sum(1) == usual]
    if len(rows) == 0 or np.count_nonzero(rows.sum(0)) < 2:
        return None
    return float(fleiss_kappa(rows))


def _krippendorff(table: _Table, weights: np.ndarray) -> float | None:
    """Nominal alpha: 1 - observed / expected disagreement (Krippendorff 2011, from the table of coincidences)."""
    counts = table.counts
    people = counts.sum(1, keepdims=True)
    agreeing = (weights[:, None] * counts * (counts - 1) / (people - 1)).sum()
    totals = (weights[:, None] * counts).sum(0)
    n = totals.sum()
    by_chance = (totals * (totals - 1)).sum() / (n - 1)
    if n - by_chance == 0:
        return None
    return float(1 - (n - agreeing) / (n - by_chance))


def abilities(judgements: Iterable[Judgement], *, positive: str) -> dict[str, Ability]:
    """Of each person, by Dawid and Skene's model of who is how often right: no answer needs to be known.

    `positive` is the label of what is right. Empty where nobody judged what another judged too.
    """
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    rows = [(j.item, j.person, "right" if j.label == positive else "wrong") for j in judgements]
    often = Counter(item for item, _, _ in rows)
    frame = pd.DataFrame([row for row in rows if often[row[0]] > 1], columns=["task", "worker", "label"])
    if frame.empty:
        return {}
    with warnings.catch_warnings():
        # crowd-kit 1.4 calls pandas 3 in ways that its next major version drops; it is pinned.
        warnings.simplefilter("ignore")
        errors = DawidSkene(n_iter=50).fit(frame).errors_
    assert errors is not None
    found: dict[str, Ability] = {}
    for person in sorted(frame["worker"].unique()):
        own = errors.loc[person]

        found[person] = {"sensitivity": _chance(own, "wrong"), "specificity": _chance(own, "right")}
    return found


def _chance(errors: Any, label: str) -> float | None:
    """The chance that a person says `label` where it is so; `errors` [said, true]. None where it never was so."""
    if label not in errors.columns:
        return None
    return float(errors.loc[label, label]) if label in errors.index else 0.0


def mean_with_interval(values: Sequence[float], *, seed: int = 0) -> Estimate:
    """A mean and its bootstrap interval."""
    if not values:
        return NOTHING
    given = np.asarray(values, float)
    if len(given) < 2:
        return {"value": float(given[0]), "low": None, "high": None}
    rng = np.random.default_rng(seed)
    means = given[rng.integers(len(given), size=(RESAMPLES * 5, len(given)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"value": float(given.mean()), "low": float(low), "high": float(high)}
