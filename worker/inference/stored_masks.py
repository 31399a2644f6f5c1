"""Masks that are there already, as the tracker takes them: decoded when they are looked at, not held."""

from collections.abc import Iterator, Mapping

import numpy as np

from engine.models import Video
from vos import rle
from vos.rle import MaskFrame
from worker.sam2.spans import confidence_of


def stored_confidence(frame: MaskFrame) -> float:
    """0..1, how sure the model was of a stored mask."""
    return confidence_of(
        shown=any(rle.runs_of(frame["counts"])[1::2]),
        predicted_iou=frame["predicted_iou"],
        object_score=frame["object_score"],
    )


class StoredMasks(Mapping[int, np.ndarray]):
    """bool [H, W] by frame_idx, from RLE counts of a video's size."""

    def __init__(self, counts: Mapping[int, str], *, video: Video) -> None:
        self.counts = counts
        self.size = [video.height or 0, video.width or 0]

    def __getitem__(self, frame_idx: int) -> np.ndarray:
        return rle.decode({"size": self.size, "counts": self.counts[frame_idx]})

    def __iter__(self) -> Iterator[int]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)
