"""Spans: which frames a correction can change, so that only they are computed again.

A correction changes the masks around it, and further on they are what they were: there the new masks join the old
ones. Whether they do is seen, not guessed: once they have agreed for some frames, the rest stays, up to the next frame
whose prompts have changed. On the way to another prompted frame the old masks have something to say too, they come
from there: where the model was surer of them they stay, so that a correction on a hard frame cannot spoil good masks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from worker.sam2.image import Mask

# Chosen on validation clips: see docs/tracker.md for what other values cost and gain.
AGREEING_FRAMES = 3
AGREEING_IOU = 0.95


def agree(new: Mask, old: Mask) -> bool:
    """Whether two masks of a frame are the same for people; two empty ones are."""
    union = np.count_nonzero(new | old)  # of two empty masks 0, and so is what they share
    return bool(np.count_nonzero(new & old) >= AGREEING_IOU * union)


def confidence_of(*, shown: bool, predicted_iou: float, object_score: float) -> float:
    """0..1, how sure the model is of a mask, or of there being none."""
    present = 1 / (1 + math.exp(-max(-30.0, min(30.0, object_score))))
    return predicted_iou * present if shown else 1 - present


class Span:
    """Where one object stands in `order`: being computed, or joined to the masks from `before`.

    `before` are the masks of the frames as they were, `confidence` the model's in them (`confidence_of`), `changed`
    the frames whose prompts they have not seen, `prompted` all that have any. Without `before` every frame is computed.
    """

    def __init__(
        self,
        order: Sequence[int],
        before: Mapping[int, Mask],
        changed: frozenset[int],
        *,
        confidence: Mapping[int, float] | None = None,
        prompted: Collection[int] = (),
    ) -> None:
        self.before = before
        self.changed = changed.intersection(order)
        self.joined = False
        self._confidence = confidence or {}
        self._backward = len(order) > 1 and order[0] > order[1]
        self._anchors = frozenset(prompted) - changed
        self._holding = 0
        self._kept: set[int] = set()

    def reaches(self, frame_idx: int) -> bool:
        """Whether the frame, the next one of the order, has to be computed; if not its mask is kept."""
        if self.joined and frame_idx not in self.changed and frame_idx in self.before:
            self._kept.add(frame_idx)
            return False
        if self.joined:
            self.joined, self._holding = False, 0
        return True

    def passed(self, frame_idx: int, mask: Mask, confidence: float = 1.0) -> bool:
        """Take note of a mask that was computed, and of the model's `confidence` in it; whether it takes the old one's
        place."""
        old = None if frame_idx in self.changed else self.before.get(frame_idx)
        agrees = old is not None and agree(mask, old)
        stays = old is not None and not agrees and self._is_more_confident(frame_idx, confidence)
        if stays:
            self._kept.add(frame_idx)
        self._holding = self._holding + 1 if agrees or stays else 0
        self.joined = self._holding >= AGREEING_FRAMES
        return not stays

    def _is_more_confident(self, frame_idx: int, confidence: float) -> bool:
        """Whether the old mask comes from a prompted frame ahead, and the model was surer of it."""
        ahead = any((anchor < frame_idx) == self._backward for anchor in self._anchors - {frame_idx})
        return ahead and self._confidence.get(frame_idx, 0.0) > confidence

    def kept(self, frame_idx: int) -> Mask | None:
        """The mask of a frame that was kept, None for one that was not."""
        return self.before[frame_idx] if frame_idx in self._kept else None
