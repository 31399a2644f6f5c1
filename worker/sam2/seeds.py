"""Seeds: what may be an object on one frame, before it is followed through the video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rlemasklib import RLEMask

Source = Literal["grid", "unexplained", "text"]
Box = tuple[float, float, float, float]  #: x0, y0, x1, y1 in pixels of the frame


@dataclass(frozen=True)
class Seed:
    """A mask of one frame and what it was asked with.

    source         where the question came from
    point, box     the question, in pixels of the frame; one of the two
    mask           RLE of the frame's size, never empty
    predicted_iou  0..1, the model's own estimate
    object_score   logit, above 0
    stability      0..1, IoU of the mask cut 1 logit above and 1 below its edge
    label          the word that text found it by
    """

    frame_idx: int
    source: Source
    mask: RLEMask
    predicted_iou: float
    object_score: float
    stability: float
    point: tuple[float, float] | None = None
    box: Box | None = None
    label: str = ""

    @property
    def score(self) -> float:
        """0..1, by which one of two alike is kept."""
        return self.predicted_iou * self.stability

    @property
    def key(self) -> tuple[int, str, tuple[float, ...], str]:
        """What tells the seeds of a video apart, the same each time that they are looked for."""
        place = self.point if self.point is not None else self.box
        assert place is not None, "a seed was asked for with a point or a box"
        return self.frame_idx, self.source, tuple(round(value, 2) for value in place), self.label
