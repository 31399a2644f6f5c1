"""Spans: which frames a correction can change, so that only they are computed again.

A correction changes the masks around it, and further on they are what they were: there the new masks join the old
ones. Whether they do is seen, not guessed: once they have agreed for some frames, the rest stays, up to the next frame
whose prompts have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from worker.sam2.image import Mask

# Chosen on validation clips: see docs/tracker.md for what other values cost and gain.
AGREEING_FRAMES = 3
AGREEING_IOU = 0.95


def agree(new: Mask, old: Mask) -> bool:
    """Whether two masks of a frame are the same for people; two empty ones are."""
    union = np.count_nonzero(new | old)  # of two empty masks 0, and so is what they share
    return bool(np.count_nonzero(new & old) >= AGREEING_IOU * union)


class Span:
    """Where one object stands in `order`: being computed, or joined to the masks from `before`.

    `before` are the masks of the frames as they were, `changed` the frames whose prompts they have not seen. Without
    `before` every frame is computed.
    """

    def __init__(self, order: Sequence[int], before: Mapping[int, Mask], changed: frozenset[int]) -> None:
        self.before = before
        self.changed = changed.intersection(order)
        self.joined = False
        self._agreeing = 0
        self._kept: set[int] = set()

    def reaches(self, frame_idx: int) -> bool:
        """Whether the frame, the next one of the order, has to be computed; if not its mask is kept."""
        if self.joined and frame_idx not in self.changed and frame_idx in self.before:
            self._kept.add(frame_idx)
            return False
        if self.joined:
            self.joined, self._agreeing = False, 0
        return True

    def passed(self, frame_idx: int, mask: Mask) -> None:
        """Take note of a mask that was computed."""
        old = None if frame_idx in self.changed else self.before.get(frame_idx)
        self._agreeing = self._agreeing + 1 if old is not None and agree(mask, old) else 0
        self.joined = self._agreeing >= AGREEING_FRAMES

    def kept(self, frame_idx: int) -> Mask | None:
        """The mask of a frame that was kept, None for one that was not."""
        return self.before[frame_idx] if frame_idx in self._kept else None
