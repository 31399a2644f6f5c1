"""Image features: what the image encoder says about a frame (SAM 2 paper §4, "Image encoder").

A frame's features depend on nothing but its pixels and the weights, so they are computed once and kept for as
long as the cache has room: a second click on a frame then costs a mask decoder and nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from torch import Tensor
from transformers import Sam2VideoModel


@dataclass(frozen=True)
class FrameFeatures:
    """Features of B frames. C is the model's hidden size; h = w = S / 16 for an S×S input.

    low       [B, C, h, w]      stride 16, what memory attention and the mask decoder look at
    skips     [B, C/8, 4h, 4w]  stride 4 and
              [B, C/4, 2h, 2w]  stride 8: the decoder's high-resolution skips, already projected
    position  [1, C, h, w]      sine position of `low`, the same for every frame
    """

    low: Tensor
    skips: tuple[Tensor, Tensor]
    position: Tensor

    def __getitem__(self, index: slice | Tensor) -> FrameFeatures:
        """The features of some of the frames, e.g. of frame t of each clip in training."""
        return FrameFeatures(self.low[index], (self.skips[0][index], self.skips[1][index]), self.position)

    def expand(self, objects: int) -> FrameFeatures:
        """One frame's features ([1, ...]) seen by `objects` objects, without a copy."""
        return FrameFeatures(
            self.low.expand(objects, -1, -1, -1),
            (
                self.skips[0].expand(objects, -1, -1, -1),
                self.skips[1].expand(objects, -1, -1, -1),
            ),
            self.position,
        )

    @property
    def nbytes(self) -> int:
        return sum(tensor.nbytes for tensor in (self.low, *self.skips))


def encode_frames(model: Sam2VideoModel, pixels: Tensor) -> FrameFeatures:
    """Run the image encoder on normalised frames [B, 3, S, S] (see `image.normalise`). Differentiable."""
    vision = model.vision_encoder(pixels, return_dict=True)
    stride4, stride8, stride16 = vision.fpn_hidden_states[:3]
    return FrameFeatures(
        low=stride16,
        skips=(model.mask_decoder.conv_s0(stride4), model.mask_decoder.conv_s1(stride8)),
        position=vision.fpn_position_encoding[2][:1],
    )


class FeatureCache:
    """The features of the frames used last, up to `capacity` bytes; the least recently used leaves first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.nbytes = 0
        self._entries: OrderedDict[Hashable, FrameFeatures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> FrameFeatures | None:
        features = self._entries.get(key)
        if features is not None:
            self._entries.move_to_end(key)
        return features

    def put(self, key: Hashable, features: FrameFeatures) -> None:
        replaced = self._entries.pop(key, None)
        self.nbytes += features.nbytes - (replaced.nbytes if replaced else 0)
        self._entries[key] = features
        while self.nbytes > self.capacity and len(self._entries) > 1:
            _, evicted = self._entries.popitem(last=False)
            self.nbytes -= evicted.nbytes
