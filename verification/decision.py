"""From verdicts to what becomes of a masklet. Pure: no rows, no clock, no chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple


class Kind(StrEnum):
    """The three verdicts, as the rows have them."""

    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"
    REJECT = "reject"


@dataclass(frozen=True)
class Rule:
    """So many look, until so many of them agree."""

    reviewers: int
    agreeing: int

    def __post_init__(self) -> None:
        if not 1 <= self.agreeing <= self.reviewers:
            raise ValueError(f"{self.agreeing} of {self.reviewers} reviewers cannot agree")

    def for_team(self, available: int) -> Rule:
        """The same as far as `available` people can fill it; never less than one."""
        reviewers = max(1, min(self.reviewers, available))
        return Rule(reviewers, min(self.agreeing, reviewers))

    def with_second_look(self) -> Rule:
        """One reviewer more, who has to agree."""
        return Rule(self.reviewers + 1, self.agreeing + 1)


class Opinion(NamedTuple):
    kind: str
    decides: bool = False  #: a senior's on a tie, an owner's: it counts alone


class Next(Enum):
    """What is to be done."""

    WAIT = auto()  #: for another reviewer
    ASK_SENIOR = auto()  #: they cannot agree any more
    CLOSE = auto()  #: the kind is decided
    ASK_OWNER = auto()  #: it is decided to be unsatisfactory, once too often


class Decision(NamedTuple):
    next: Next
    kind: str = ""  #: what was decided, if anything


WAIT = Decision(Next.WAIT)


def decide(
    opinions: Collection[Opinion], rule: Rule, *, failed_rounds: int = 0, cap: int = 10**9
) -> Decision:
    """What standing `opinions` of one round lead to.

    A deciding one counts alone. Otherwise the kind that `rule.agreeing` people are for; where no kind can come to that
    any more, a senior is asked. `failed_rounds` earlier rounds ended unsatisfactory: the `cap`-th asks the owner.
    """
    deciding = [opinion.kind for opinion in opinions if opinion.decides]
    votes = Counter(opinion.kind for opinion in opinions)
    leading, most = votes.most_common(1)[0] if votes else ("", 0)
    if deciding:
        kind = deciding[-1]
    elif most >= rule.agreeing:
        kind = leading
    elif most + (rule.reviewers - len(opinions)) < rule.agreeing:
        return Decision(Next.ASK_SENIOR)
    else:
        return WAIT
    if kind == Kind.UNSATISFACTORY.value and failed_rounds + 1 >= cap:
        return Decision(Next.ASK_OWNER, kind)
    return Decision(Next.CLOSE, kind)
