"""A simulated person at work on one object: looks, clicks, paints, propagates, and keeps account of it.

They know the truth, as a person sees it; they touch only what the API offers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from benchmarks.effort.clock import Effort
from benchmarks.effort.observed import Observed, click, repaired
from vos import rle

GOOD = 0.75  # IoU from which a mask needs no work (the paper's pause, and its mask alignment)
CLICKED = 0.85  # where nobody clicks on
PAINTED = 0.90  # where nobody paints on
CLICKS_ALONE = 5  # on a frame that is made from scratch
CLICKS = 3  # on a frame that is refined


@dataclass(frozen=True)
class Moment:
    """How things stood after a propagation."""

    prompted: int  # frames so far
    seconds: float
    jf: float


class Hold(Protocol):
    """What a person does to the object that they hold: over the API (`client.Held`), or without a server."""

    def prompt(self, frame_idx: int, **what: Any) -> str: ...

    def propagate(self, direction: str, from_frame: int) -> None: ...

    def masks(self) -> Any: ...

    def report(self, entries: list[dict[str, Any]]) -> None: ...


class Annotator:
    """One person, one object."""

    def __init__(self, held: Hold, truth: np.ndarray) -> None:
        self.held = held
        self.observed = Observed(truth)
        self.effort = Effort()
        self.moments: list[Moment] = []
        self._seen: dict[int, str] = {}  # the masks as they were looked at
        self.refinements: list[
            tuple[float, float]
        ] = []  # IoU of a tracked mask before and after a click on it
        self.suggested_frames: list[dict[str, int]] = []

    @property
    def frames(self) -> range:
        return range(len(self.observed))

    def look(self, frames: Collection[int]) -> list[int]:
        """Those of `frames` that need work."""
        self.effort.looked += len(frames)
        self.effort.anew += sum(self._seen.get(frame) != self.observed.counts[frame] for frame in frames)
        self._seen |= {frame: self.observed.counts[frame] for frame in frames}
        return [frame for frame in frames if self.observed.iou(frame) < GOOD]

    def make(self, frame: int) -> None:
        """A frame's mask from scratch: clicks, then strokes."""
        if self._visit(frame):
            self._click(frame, most=CLICKS_ALONE, scratch=True)
            self._paint(frame)

    def refine(self, frame: int) -> None:
        """Clicks on the mask that is there, and strokes where they do not help."""
        if self._visit(frame):
            self._click(frame, most=CLICKS)
            if self.observed.iou(frame) < GOOD:
                self._paint(frame)

    def click_three(self, frame: int) -> None:
        """The paper's interaction: three clicks, whatever comes of them."""
        self.effort.visits += 1
        self._click(frame, most=CLICKS, enough=1.0)

    def propagate(self, from_frame: int, direction: str) -> None:
        self.held.propagate(direction, from_frame)
        self.read()
        self.note()

    def read(self) -> None:
        """What the server has now."""
        found = self.held.masks()
        self.observed.show_all(found["frames"])
        self.suggested_frames = found["suggested_frames"]

    def note(self) -> None:
        effort = self.effort
        self.moments.append(Moment(len(effort.edited), effort.seconds(), self.observed.j_and_f()))

    def report(self) -> None:
        """Strokes, as a page tells them. Simulated time is not the server's, so none is told."""
        strokes = self.effort.strokes.items()
        entries = [
            {
                "sequence": n,
                "frame_idx": frame,
                "active_ms": 0,
                "wait_ms": 0,
                "strokes": count,
                "tool": "brush",
            }
            for n, (frame, count) in enumerate(strokes, 1)
        ]
        if entries:
            self.held.report(entries)

    def _visit(self, frame: int) -> bool:
        """Goes to the frame; whether the object is there. Says so where it is not."""
        self.effort.visits += 1
        if self.observed.there[frame]:
            return True
        self._give(frame, np.zeros_like(self.observed.truth[frame]))
        self.effort.absent[frame] += 1
        return False

    def _click(self, frame: int, *, most: int, enough: float = CLICKED, scratch: bool = False) -> None:
        truth = self.observed.truth[frame]
        for turn in range(most):
            begins = not self.observed.counts[frame] or (scratch and not turn)
            if not begins and self.observed.iou(frame) >= enough:
                return
            found = click(truth, None if begins else self.observed.masks[frame])
            if found is None:
                return
            x, y, positive = found
            before = self.observed.iou(frame)
            counts = self.held.prompt(frame, kind="click", x=x, y=y, positive=bool(positive))
            self.observed.show(frame, counts)
            self.effort.clicks[frame] += 1
            if not begins and not turn:
                self.refinements.append((before, self.observed.iou(frame)))

    def _paint(self, frame: int) -> None:
        painted, strokes = repaired(self.observed.truth[frame], self.observed.masks[frame], enough=PAINTED)
        if strokes:
            self._give(frame, painted)
            self.effort.strokes[frame] += strokes

    def _give(self, frame: int, mask: np.ndarray) -> None:
        self.observed.show(frame, self.held.prompt(frame, kind="mask", rle=rle.encode(mask)))
