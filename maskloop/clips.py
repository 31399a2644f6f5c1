"""Clips of a dataset for a training loop. The only module here that needs torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import Dataset

if TYPE_CHECKING:
    from maskloop.release import ReleaseFolder


class Clips(Dataset[Any]):
    """Stretches of annotated frames of one video, each a dict: `frames` uint8 [T, 3, H, W], `masks` bool [T, N, H, W],
    `annotated` bool [T, N], `object_ids` int64 [N], `video` and the first `frame_idx`. Where `annotated` is false
    nobody looked: do not teach it as absence."""

    def __init__(
        self, release: ReleaseFolder, *, frames: int, transform: Callable[[Any], Any] | None = None
    ) -> None:
        if frames < 1:
            raise ValueError("A clip has at least one frame.")
        self._release, self._frames, self._transform = release, frames, transform
        lengths = [len(release[place]) for place in range(len(release))]
        self._clips = [
            (place, first)
            for place, length in enumerate(lengths)
            for first in range(0, max(length - frames, 0) + 1, frames)
        ]

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, number: int) -> Any:
        place, first = self._clips[number]
        video = self._release[place]
        steps = range(first, min(first + self._frames, len(video)))
        pictures = np.stack([video.frame(j) for j in steps])
        clip = {
            "frames": torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2),
            "masks": torch.from_numpy(np.stack([video.masks(j) for j in steps])),
            "annotated": torch.from_numpy(np.stack([video.annotated(j) for j in steps])),
            "object_ids": torch.tensor(video.object_ids, dtype=torch.int64),
            "video": video.name,
            "frame_idx": first,
        }
        return self._transform(clip) if self._transform else clip
