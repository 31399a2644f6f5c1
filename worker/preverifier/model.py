"""The pre-verifier itself: from signals to chances, places and reasons. Small, and numbers alone: no pickle.

1. Boosted trees say of each mask how likely it is wrong (IoU with the truth below 0.75).
2. A logistic regression on what those chances look like together says how likely the masklet is unsatisfactory.
3. A softmax says why a mask is wrong, in the words that reviewers have.

The prior comes with the code (`prior.npz`, made by `make fit-preverifier`); a project's own verdicts move its second
step (`Adjustment`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from engine.preverification import Params, Place
from worker.preverifier.signals import FRAME_SIGNALS, MASKLET_SIGNALS, Look, frame_signals, masklet_signals

PRIOR = Path(__file__).with_name("prior.npz")
UNKNOWN = -3.0  #: what the trees see where a signal is missing; lower than any that is there
#: Why a mask is wrong: reviewers' words, but for "other" and "flickers", which `why` knows without asking.
REASONS = ("wrong_object", "drifts", "misses_parts", "leaks", "wrong_when_hidden")
LEAST = 0.05  #: chance below which a mask is no place to look at, unless it is the likeliest of all
GAP = 2  #: trusted masks that do not part a place
MOST = 10  #: places that are named

Array = np.ndarray


class Opinion(NamedTuple):
    """What the pre-verifier thinks of one masklet."""

    wrong: float  #: 0..1, the chance that a reviewer finds it unsatisfactory
    places: list[Place]  #: the likeliest first
    chances: Array  #: [T] of each mask
    signals: Array  #: [MASKLET_SIGNALS], what a project's own fit starts from
    disagreement: float | None = None  #: 0..1, mean of how far a second opinion differs; None without one
    disagrees_at: int | None = None  #: the frame_idx on which it differs most


@dataclass(frozen=True)
class Prior:
    """All numbers of the model. T trees are laid end to end: node n goes to `left[n]` where its signal is no more than
    `cut[n]`, else to `right[n]`; a leaf has `signal` -1 and adds `value` to the log-odds."""

    roots: Array
    signal: Array
    cut: Array
    left: Array
    right: Array
    value: Array
    start: Array  #: log-odds before the first tree
    mean: Array  #: [MASKLET_SIGNALS]
    spread: Array
    weights: Array
    bias: Array
    reason_mean: Array  #: [FRAME_SIGNALS]
    reason_spread: Array
    reason_weights: Array  #: [REASONS, FRAME_SIGNALS]
    reason_bias: Array

    def save(self, path: Path = PRIOR) -> None:
        names = {"frame_signals": np.array(FRAME_SIGNALS), "masklet_signals": np.array(MASKLET_SIGNALS)}
        np.savez_compressed(path, **(asdict(self) | names))

    def frame_chances(self, table: Array) -> Array:
        """[T] of a [T, FRAME_SIGNALS] table."""
        known = np.where(np.isnan(table), UNKNOWN, table)
        at = np.repeat(self.roots[:, None], len(known), axis=1)
        rows = np.arange(len(known))
        while (inside := self.signal[at] >= 0).any():
            lower = known[rows, self.signal[at]] <= self.cut[at]
            at = np.where(inside, np.where(lower, self.left[at], self.right[at]), at)
        return np.asarray(expit(self.start + self.value[at].sum(0)))

    def standard(self, signals: Array) -> Array:
        """Masklet signals [..., MASKLET_SIGNALS] on one scale."""
        return np.clip((signals - self.mean) / self.spread, -5, 5)

    def log_odds(self, signals: Array) -> Array:
        """[...] of masklet signals [..., MASKLET_SIGNALS]: that the masklet is unsatisfactory."""
        return np.asarray(self.standard(signals) @ self.weights + self.bias)

    def reasons(self, table: Array) -> Array:
        """[T, REASONS] chances, were each mask wrong."""
        known = np.where(np.isnan(table), self.reason_mean, table)
        scores = ((known - self.reason_mean) / self.reason_spread) @ self.reason_weights.T + self.reason_bias
        scores = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(scores / scores.sum(1, keepdims=True))


@functools.lru_cache(maxsize=1)
def prior() -> Prior:
    """Raises ValueError when what lies beside the code was fitted on other signals."""
    with np.load(PRIOR, allow_pickle=False) as stored:
        if (
            tuple(stored["frame_signals"]) + tuple(stored["masklet_signals"])
            != FRAME_SIGNALS + MASKLET_SIGNALS
        ):
            raise ValueError(
                "The pre-verifier's prior was fitted on other signals: run make fit-preverifier."
            )
        return Prior(**{f.name: stored[f.name] for f in fields(Prior)})


@dataclass(frozen=True)
class Adjustment:
    """How a project's verdicts move the prior: log-odds = slope * prior's + weights · signals + bias."""

    slope: float = 1.0
    bias: float = 0.0
    weights: tuple[float, ...] = (0.0,) * len(MASKLET_SIGNALS)

    def chances(self, signals: Array) -> Array:
        """[N] of masklet signals [N, MASKLET_SIGNALS]: that the masklet is unsatisfactory."""
        known = prior()
        moved = self.slope * known.log_odds(signals) + self.bias
        return np.asarray(expit(moved + known.standard(signals) @ np.array(self.weights)))


def adjust(signals: Array, wrong: Array, *, firmness: float = 8.0) -> Adjustment:
    """The likeliest adjustment for [N, MASKLET_SIGNALS] and verdicts bool [N]; with none the prior stays as it is.

    `firmness` is how much the prior holds against them: a standard deviation of 1 / sqrt(firmness) for each number.
    """
    known = prior()
    design = np.column_stack([known.log_odds(signals), np.ones(len(signals)), known.standard(signals)])
    start = np.array([1.0, 0.0, *np.zeros(len(MASKLET_SIGNALS))])
    hold = np.full(len(start), firmness)
    hold[1] = 1.0  # how often people are content differs most from project to project

    def loss(w: Array) -> tuple[float, Array]:
        score = design @ w
        cost = np.logaddexp(0, np.where(wrong, -score, score)).sum() + 0.5 * (hold * (w - start) ** 2).sum()
        return float(cost), design.T @ (expit(score) - wrong) + hold * (w - start)

    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Adjustment(float(found[0]), float(found[1]), tuple(map(float, found[2:])))


def opinion(look: Look, adjustment: Adjustment | None = None) -> Opinion:
    """What to think of a masklet; `adjustment` is its project's. Raises ValueError where there is no mask at all."""
    if not look.frames:
        raise ValueError("A masklet without masks cannot be looked at.")
    table = frame_signals(look)
    chance = prior().frame_chances(table)
    signals = masklet_signals(table, chance)
    wrong = float((adjustment or Adjustment()).chances(signals[None])[0])
    return Opinion(wrong, places(look.idx, table, chance), chance, signals, *_apart(look.idx, table))


def _apart(idx: Sequence[int], table: Array) -> tuple[float, int] | tuple[None, None]:
    disagrees = table[:, FRAME_SIGNALS.index("disagrees")]
    if np.isnan(disagrees).all():
        return None, None
    return float(np.nanmean(disagrees)), idx[int(np.nanargmax(disagrees))]


def places(idx: Sequence[int], table: Array, chance: Array) -> list[Place]:
    """Where to look first: peaks of the chance, each with what lies around it and is at least half as likely wrong."""
    left = chance.copy()
    named: list[Place] = []
    reasons = prior().reasons(table)
    while len(named) < MOST and (not named or left.max() >= LEAST):
        worst = int(left.argmax())
        stretch = _stretch(left, worst)
        why_wrong = why(table, chance, stretch, reasons)
        named.append(
            Place(idx[worst], round(float(chance[worst]), 4), why_wrong, idx[stretch[0]], idx[stretch[-1]])
        )
        left[max(0, stretch[0] - GAP) : stretch[-1] + 1 + GAP] = -1
    return named


def _stretch(chance: Array, worst: int) -> Array:
    """Positions around `worst` that are at least half as likely wrong, with gaps of GAP at most."""
    likely = np.flatnonzero(chance >= chance[worst] / 2)
    parts = np.split(likely, np.flatnonzero(np.diff(likely) > GAP + 1) + 1)
    return next(part for part in parts if worst in part)


def why(table: Array, chance: Array, stretch: Array, reasons: Array) -> str:
    """What is wrong there: "flickers" where a mask or two are other than those around them."""
    alone = table[stretch, FRAME_SIGNALS.index("alone")]
    if len(stretch) <= 2 and alone.max() > 0.9:
        return "flickers"
    return REASONS[int((reasons[stretch] * chance[stretch, None]).sum(0).argmax())]


def stored(adjustment: Adjustment) -> Params:
    """As a version's row has it."""
    return Params(adjustment.slope, adjustment.bias, list(adjustment.weights))


def restored(params: Params | None) -> Adjustment:
    """What `stored` stored; the prior as it is where nothing was, or where it was fitted on other signals."""
    if params is None or len(params.weights) != len(MASKLET_SIGNALS):
        return Adjustment()
    return Adjustment(params.slope, params.bias, tuple(params.weights))
