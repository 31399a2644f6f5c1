"""What an annotator's work costs in seconds (SAM 2 paper, §6.1 and appendix E.1.2). Waiting for the model is free."""

from collections import Counter
from dataclasses import dataclass, field

from vos.effort import T_CLICK, T_EXAM, T_LOC

__all__ = ["T_CLICK", "T_EXAM", "T_LOC", "T_STROKE", "Effort"]

# A click also marks the object absent, which the paper does not have.
T_STROKE = 3.0  # ours: to find and paint one connected region of error with brush or eraser


@dataclass
class Effort:
    """What one person did to one object."""

    looked: int = 0  # frames, each time
    anew: int = 0  # of these: whose mask had changed since the last look
    visits: int = 0  # frames worked on, each time
    clicks: Counter[int] = field(default_factory=Counter)  # by frame
    strokes: Counter[int] = field(default_factory=Counter)  # by frame
    absent: Counter[int] = field(default_factory=Counter)  # by frame

    @property
    def edited(self) -> frozenset[int]:
        """Frames that were prompted or painted."""
        return frozenset({*self.clicks, *self.strokes, *self.absent})

    def seconds(self, *, stroke: float = T_STROKE, only_anew: bool = False) -> float:
        """By the time model, with `stroke` seconds for one; `only_anew`: for a person who looks again only at frames
        whose masks have changed, which the page tells, and the paper's model does not know."""
        return (
            T_EXAM * (self.anew if only_anew else self.looked)
            + T_LOC * self.visits
            + T_CLICK * (self.clicks.total() + self.absent.total())
            + stroke * self.strokes.total()
        )
