"""What the pre-verifier tells, and what its versions are, as rows keep it. No Django, no model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A stretch of masks that are likely wrong: which to look at, and why."""

    frame_idx: int  #: the likeliest
    chance: float
    reason: str
    first_frame: int
    last_frame: int


@dataclass(frozen=True)
class Params:
    """How a project's verdicts move the prior: log-odds = slope * prior's + weights · signals + bias."""

    slope: float = 1.0
    bias: float = 0.0
    weights: list[float] = field(default_factory=list)  #: one for each signal


@dataclass(frozen=True)
class Fit:
    """How well chances fit what people said."""

    loss: float  #: of the logarithm
    auc: float


@dataclass(frozen=True)
class Figures:
    """A version beside the one in use before it, on verdicts about videos that no version is fitted on."""

    verdicts: int
    better: bool
    note: str
    former: Fit | None = None  #: None where nobody can tell
    candidate: Fit | None = None
