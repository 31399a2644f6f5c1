"""Frames in memory, as the tracker reads them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from worker.sam2.image import Frame


@dataclass(frozen=True)
class KeyedFrames:
    """A `FrameSource` of `frames` uint8 [T, H, W, 3]; sources of one `key` share their image features."""

    frames: np.ndarray
    key: Hashable

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, idx: int, /) -> Frame:
        return np.asarray(self.frames[idx])
