"""Image features: what the image encoder says about a frame (SAM 2 paper §4, "Image encoder").

A frame's features depend on nothing but its pixels and the weights, so they are computed once and kept for as
long as the cache has room: a second click on a frame then costs a mask decoder and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import torch
from cachetools import LRUCache
from torch import Tensor
from transformers import Sam2VideoModel

from worker.sam2 import hiera
from worker.sam2.attention import constant
from worker.sam2.decoder import nested

# A cache holds a clip of a minute and a half at 6 frames a second, or as much of it as fits.
FRAMES_KEPT = 512
RAM_BYTES = 2**30
DEVICE_BYTES = 2**30


@dataclass(frozen=True)
class FrameFeatures:
    """Features of B frames. C is the model's hidden size; h = w = S / 16 for an S×S input.

    low       [B, C, h, w]      stride 16, what memory attention and the mask decoder look at
    skips     [B, 16h·w, C/8]   stride 4 and
              [B, 4h·w, C/4]    stride 8: the decoder's high-resolution skips, already projected, in the order in
                                which it enlarges (`decoder.nested`)
    position  [1, C, h, w]      sine position of `low`, the same for every frame
    """

    low: Tensor
    skips: tuple[Tensor, Tensor]
    position: Tensor

    def __getitem__(self, index: slice | Tensor) -> FrameFeatures:
        """The features of some of the frames, e.g. of frame t of each clip in training."""
        return FrameFeatures(self.low[index], (self.skips[0][index], self.skips[1][index]), self.position)

    def to(self, device: torch.device) -> FrameFeatures:
        low, fine, middle = (tensor.to(device, non_blocking=True) for tensor in (self.low, *self.skips))
        return FrameFeatures(low, (fine, middle), self.position.to(device))

    def alone(self) -> FrameFeatures:
        """The same in memory of its own, so that it does not keep the batch alive that it was encoded with."""
        low, fine, middle = (tensor.clone() for tensor in (self.low, *self.skips))
        return FrameFeatures(low, (fine, middle), self.position)

    @property
    def nbytes(self) -> int:
        return sum(tensor.nbytes for tensor in (self.low, *self.skips))


def encode_frames(model: Sam2VideoModel, pixels: Tensor) -> FrameFeatures:
    """Run the image encoder on normalised frames [B, 3, S, S] (see `image.normalise`). Differentiable."""
    low, fine, middle = hiera.encode(model, pixels)
    neck = model.vision_encoder.neck

    def position() -> Tensor:
        shape = torch.Size((1, *low.shape[1:]))
        place: Tensor = neck.position_encoding(shape, low.device, torch.float32)
        return place.to(low.dtype)

    skips = nested(fine, 2), nested(middle, 1)
    return FrameFeatures(low, skips, constant(neck, ("position", low.shape[1:]), position))


class _Entries(LRUCache[Hashable, FrameFeatures]):
    """Tells `on_leave` what leaves for want of room. What is larger than all of it is kept until the next comes."""

    def __init__(self, capacity: int, on_leave: Callable[[Hashable, FrameFeatures], None]) -> None:
        super().__init__(capacity, getsizeof=lambda features: min(features.nbytes, capacity))
        self._on_leave = on_leave

    def popitem(self) -> tuple[Hashable, FrameFeatures]:
        key, features = super().popitem()
        self._on_leave(key, features)
        return key, features


class FeatureCache:
    """The features of the `frames` frames used last, up to `capacity` bytes; the least recently used leaves first.

    What leaves goes `below`, if there is such a cache, and comes back from there when it is asked for: the device's
    memory is small, the machine's is not.
    """

    def __init__(
        self,
        capacity: int,
        *,
        frames: int = FRAMES_KEPT,
        device: torch.device | str = "cpu",
        below: FeatureCache | None = None,
    ) -> None:
        self.frames = frames
        self.device = torch.device(device)
        self.below = below
        self._entries = _Entries(capacity, self._sink)

    @classmethod
    def of(cls, device: torch.device) -> FeatureCache:
        """The cache for a tracker that runs on `device`."""
        if device.type == "cpu":
            return cls(RAM_BYTES)
        return cls(DEVICE_BYTES, device=device, below=cls(RAM_BYTES))

    def __len__(self) -> int:
        return len(self._entries) + (len(self.below) if self.below else 0)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries or (self.below is not None and key in self.below)

    @property
    def nbytes(self) -> int:
        """Bytes that are kept here, without those below."""
        return int(self._entries.currsize)

    def get(self, key: Hashable) -> FrameFeatures | None:
        """The features, which from now on are the last used; None where they are nowhere."""
        features = self._entries.get(key)
        if features is None and self.below is not None and (features := self.below.take(key)) is not None:
            features = features.to(self.device)
            self.put(key, features)
        return features

    def put(self, key: Hashable, features: FrameFeatures) -> None:
        """Keep the features, and let go what there is no room for."""
        self._entries[key] = features
        while len(self._entries) > self.frames:
            self._entries.popitem()

    def take(self, key: Hashable) -> FrameFeatures | None:
        """The features, which then are not here any more."""
        return self._entries.pop(key, None)

    def _sink(self, key: Hashable, features: FrameFeatures) -> None:
        if self.below is not None:
            self.below.put(key, features.to(self.below.device))
