"""A second opinion: the object tracked once more, from another frame's mask and in the other direction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from vos import rle
from vos.rle import MaskFrame, Rle
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import FrameMask, FrameSource, Tracker


def mask_frame(found: FrameMask) -> MaskFrame:
    return {
        "counts": rle.encode(found.mask)["counts"],
        "predicted_iou": found.predicted_iou,
        "object_score": found.object_score,
        "stability": found.stability,
    }


def anchor(masks: Sequence[Rle], prompted: Collection[int]) -> int | None:
    """The frame to begin at: of those whose mask is no smaller than half the usual, the one farthest from every
    prompted frame; None where nothing is shown."""
    area = np.array([rle.area(mask) for mask in masks])
    if not area.any():
        return None
    places = np.flatnonzero(area >= np.median(area[area > 0]) / 2)
    given = np.array(sorted(prompted) or [0])
    far = np.abs(places[:, None] - given).min(1)
    return int(places[far.argmax()])


def rerun(
    tracker: Tracker, frames: FrameSource, masks: Sequence[Rle], prompted: Collection[int]
) -> Iterator[tuple[int, MaskFrame]]:
    """What the tracker makes of the object when it is told the mask of `anchor` alone: (frame_idx, mask), frame by
    frame, none for the anchor itself. A masklet that is right comes back to where it began."""
    start = anchor(masks, prompted)
    if start is None:
        return
    mask = rle.decode(masks[start])
    prompt = FramePrompt(start, mask=mask)
    known: Mapping[int, np.ndarray] = {start: mask}
    for order in (range(start, -1, -1), range(start, len(masks))):
        if len(order) > 1:
            for found in tracker.propagate(frames, [prompt], order=order, known=known):
                if found.frame_idx != start:
                    yield found.frame_idx, mask_frame(found)
