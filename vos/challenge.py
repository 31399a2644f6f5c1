"""A challenger beside a champion, masklet by masklet: a comparison that stays valid however often one looks.

A betting confidence sequence for the difference of means (Waudby-Smith and Ramdas 2024), by `ville`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ville import BettingABTest

ALPHA = 0.05  #: how often a challenger that is as good counts as worse, at most; both comparisons share it
GRID = 400  #: of the confidence sequence; fine enough for the differences that anybody acts on
SLOWEST = 30.0  #: seconds a frame from which effort counts as the worst


@dataclass(frozen=True)
class Seen:
    """One masklet whose first verdict fell: whether the challenger made it, whether it was accepted, what it cost
    (seconds of people a frame; None: unknown)."""

    challenged: bool
    accepted: bool
    effort: float | None


@dataclass(frozen=True)
class Difference:
    """Challenger less champion, in the outcome's unit, and its confidence sequence at present; more is worse.

    `ever_worse`: whether it lay above nothing at any moment so far.
    """

    name: str
    estimate: float
    low: float
    high: float
    seen: int
    ever_worse: bool


def compare(seen: Sequence[Seen], *, share: float) -> list[Difference]:
    """How often the first verdict was no acceptance, and the seconds a frame. `share` (0..1) of the masklets, drawn
    by chance, are the challenger's."""
    refused = [(float(not one.accepted), one.challenged) for one in seen]
    costs = [(min(one.effort, SLOWEST) / SLOWEST, one.challenged) for one in seen if one.effort is not None]
    found = _difference("refused", refused, share=share, scale=1.0)
    return [found, _difference("seconds_per_frame", costs, share=share, scale=SLOWEST)]


def _difference(
    name: str, outcomes: Sequence[tuple[float, bool]], *, share: float, scale: float
) -> Difference:
    if not outcomes:
        return Difference(name, 0.0, -scale, scale, 0, ever_worse=False)
    values, arms = (np.array(column, float) for column in zip(*outcomes, strict=True))
    test = BettingABTest(alpha=ALPHA / 2, propensity=share, grid=GRID).fit(values, arms)
    low, high = test.interval()
    both = 0 < arms.sum() < len(arms)
    estimate = float(values[arms == 1].mean() - values[arms == 0].mean()) if both else 0.0
    worse = bool((test.lower_ > 0).any())
    return Difference(name, scale * estimate, scale * float(low), scale * float(high), len(outcomes), worse)


def false_retreats(runs: int, *, masklets: int, share: float, seed: int = 0) -> float:
    """The share of `runs` simulated canaries of a challenger that is the champion which retreat, looked at after
    every one of their `masklets`."""
    rng = np.random.default_rng(seed)
    retreated = 0
    for _ in range(runs):
        arms, accepted = rng.random(masklets) < share, rng.random(masklets) < rng.uniform(0.5, 0.95)
        costs = rng.gamma(2.0, rng.uniform(1.0, 5.0), masklets)
        seen = [
            Seen(bool(a), bool(ok), float(cost)) for a, ok, cost in zip(arms, accepted, costs, strict=True)
        ]
        retreated += any(each.ever_worse for each in compare(seen, share=share))
    return retreated / runs
