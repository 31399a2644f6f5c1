"""How sure one may be that the pre-verifier is right, however often one looks. Pure.

Each verdict that a person gives on a masklet which the pre-verifier had scored before is one trial: was it right? A
confidence sequence holds at all times at once, so that an owner may look after each verdict and switch on at the first
good moment, and so that the first breach is one. Howard, Ramdas, McAuliffe, Sekhon: Time-uniform, nonparametric,
nonasymptotic confidence sequences (2021), the beta-binomial mixture; computed by `ville`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ville import BernoulliCS

CHANCE_OF_ERROR = 0.05  #: that the promised precision is broken, over all thresholds and all time
#: Chances of being unsatisfactory up to which a masklet may be passed, or from 1 minus which it may be returned. They
#: are few, for whoever may choose among more must be surer of each.
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.25)
#: The mixture's prior: bounds are tightest near precisions like this. It changes nothing about what is promised.
PRIOR = (10.0, 0.3)

Array = np.ndarray


@dataclass(frozen=True)
class Bound:
    """Of one threshold: how many verdicts, how many of them right, and the least precision that one may be sure of."""

    threshold: float
    verdicts: int
    right: int
    lower: float

    @property
    def precision(self) -> float | None:
        return self.right / self.verdicts if self.verdicts else None


def lower_bounds(right: Sequence[bool] | Array, *, error: float) -> Array:
    """[N] lower bounds on the precision after each of N verdicts: at all times at once right with 1 - `error`."""
    if not len(right):
        return np.empty(0)
    sequence = BernoulliCS(alpha=error, prior=PRIOR, intersect=False)
    return np.asarray(sequence.update(np.asarray(right, dtype=float)).lower_)


def passing(wrong: Sequence[float], satisfactory: Sequence[bool], threshold: float) -> Array:
    """bool [n]: in order, whether passing was right where it would have passed."""
    chosen = np.asarray(wrong, dtype=float) <= threshold
    return np.asarray(satisfactory, dtype=bool)[chosen]


def returning(wrong: Sequence[float], unsatisfactory: Sequence[bool], threshold: float) -> Array:
    """The same for returning a masklet to the annotators."""
    chosen = np.asarray(wrong, dtype=float) >= 1 - threshold
    return np.asarray(unsatisfactory, dtype=bool)[chosen]


def bound(right: Array, threshold: float) -> Bound:
    """What is known after all verdicts so far. The chance of error is shared among the thresholds and the two ways."""
    lower = lower_bounds(right, error=CHANCE_OF_ERROR / (2 * len(THRESHOLDS)))
    return Bound(threshold, len(right), int(right.sum()), float(lower[-1]) if len(lower) else 0.0)
