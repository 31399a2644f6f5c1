"""The memory bank: what a masklet remembers of other frames (SAM 2 paper §4, "Memory bank").

Three things are remembered, and no more of them for a long video than for a short one:

* the spatial memory of the N = `num_maskmem` - 1 recent frames, first in, first out, with a temporal position each;
* the spatial memory of the conditioning frames, those that carry a prompt, without temporal position; memory
  attention sees the nearest `max_cond_frame_num` of them;
* the object pointers of both, the recent ones further back (`max_object_pointers_in_encoder`).

All tensors are batched over objects that share their prompted frames; B = 1 for a single masklet. What is remembered
is held as memory attention wants it, so that it is projected once and not at each reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor
from transformers import Sam2VideoModel

from worker.sam2.attention import KeysValues, MemoryAttention

T = TypeVar("T")


@dataclass(frozen=True)
class FrameMemory:
    """What is kept of one frame for B objects: its memory map, projected (h·w of them), and `pointer` [B, C]."""

    spatial: KeysValues
    pointer: Tensor

    def __getitem__(self, objects: slice) -> FrameMemory:
        """Some of the objects' rows."""
        return FrameMemory(self.spatial[objects], self.pointer[objects])


@dataclass(frozen=True)
class LookBack:
    """What one frame looks back on: memory maps with how many frames old each is, and pointers, in their places."""

    maps: list[tuple[int, KeysValues]]
    pointers: KeysValues | None


class MemoryBank:
    """Remembers frames with `add`, and tells with `read` what a frame should look back on.

    `frame_count` is the length of the video (the reference scales pointer positions by it when it is below 16).
    """

    def __init__(self, model: Sam2VideoModel, *, frame_count: int) -> None:
        config = model.config
        self.model = model
        self.attention = MemoryAttention.of(model)
        self.recent_limit: int = config.num_maskmem - 1
        self.conditioning_limit: int = config.max_cond_frame_num
        self.pointer_limit: int = min(frame_count, config.max_object_pointers_in_encoder)
        self.conditioning: dict[int, FrameMemory] = {}
        self.recent: dict[int, KeysValues] = {}
        self.pointers: dict[int, Tensor] = {}

    def __contains__(self, frame_idx: int) -> bool:
        return frame_idx in self.conditioning or frame_idx in self.recent

    def add(self, frame_idx: int, memory: FrameMemory, *, conditioning: bool = False) -> None:
        """Remember a frame, as a conditioning frame (for good) or as a recent one (until newer ones push it out)."""
        if conditioning:
            self.recent.pop(frame_idx, None)
            self.pointers.pop(frame_idx, None)
            self.conditioning[frame_idx] = memory
            return
        _push(self.recent, frame_idx, memory.spatial, limit=self.recent_limit)
        _push(self.pointers, frame_idx, memory.pointer, limit=self.pointer_limit - 1)

    def read(self, frame_idx: int, *, reverse: bool = False) -> KeysValues | None:
        """What a frame looks back on when time runs forward, or backward if `reverse`; None if there is nothing."""
        seen = self.look_back(frame_idx, reverse=reverse)
        if not seen.maps:
            return None
        keys = [self.attention.aged(memory, offset) for offset, memory in seen.maps]
        values = [memory.values for _, memory in seen.maps]
        if seen.pointers is not None:
            keys.append(seen.pointers.keys)
            values.append(seen.pointers.values)
        layers = list(zip(*values, strict=True))
        shared = torch.cat(layers[0], dim=1) if self.attention.projects_late else None
        return KeysValues(
            tuple(torch.cat(layer, dim=1) for layer in zip(*keys, strict=True)),
            tuple(torch.cat(layer, dim=1) if shared is None else shared for layer in layers),
        )

    def look_back(self, frame_idx: int, *, reverse: bool = False) -> LookBack:
        """The parts of what `read` puts together."""
        step = 1 if reverse else -1
        return LookBack(self._spatial(frame_idx, step), self._pointers(frame_idx, step))

    def _spatial(self, frame_idx: int, step: int) -> list[tuple[int, KeysValues]]:
        """Offsets and memory maps; conditioning frames (offset 0) first, then oldest to newest."""
        selected = nearest_frames(self.conditioning, frame_idx, self.conditioning_limit)
        found = [(0, self.conditioning[idx].spatial) for idx in selected]
        for offset in range(self.recent_limit, 0, -1):
            memory = self._recent(frame_idx + step * offset, selected)
            if memory is not None:
                found.append((offset, memory))
        return found

    def _recent(self, frame_idx: int, selected: list[int]) -> KeysValues | None:
        """A conditioning frame that was not selected still counts as recent when it is near."""
        if frame_idx in self.conditioning and frame_idx not in selected:
            return self.conditioning[frame_idx].spatial
        return self.recent.get(frame_idx)

    def _pointers(self, frame_idx: int, step: int) -> KeysValues | None:
        """Object pointers, each cut into C/D tokens."""
        # Pointers of later conditioning frames would leak the future; the reference hides them except in training.
        ages_and_pointers = [
            ((idx - frame_idx) * step, memory.pointer)
            for idx, memory in self.conditioning.items()
            if self.model.training or (idx - frame_idx) * step >= 0
        ]
        for age in range(1, self.pointer_limit):
            pointer = self.pointers.get(frame_idx + step * age)
            if pointer is not None:
                ages_and_pointers.append((age, pointer))
        if not ages_and_pointers:
            return None
        stacked = torch.stack([pointer for _, pointer in ages_and_pointers], dim=1)
        tokens = stacked.unflatten(-1, (-1, self.model.mem_dim))
        shares = tuple(age / max(self.pointer_limit - 1, 1) for age, _ in ages_and_pointers)
        positions = self.attention.pointer_positions(shares).repeat_interleave(tokens.shape[2], dim=1)
        return self.attention.project_pointers(tokens.flatten(1, 2), positions)


def nearest_frames(frames: Iterable[int], frame_idx: int, limit: int) -> list[int]:
    """Up to `limit` of `frames` (-1: all): the nearest before, the nearest at or after, then the nearest others."""
    candidates = list(frames)
    if limit == -1 or len(candidates) <= limit:
        return candidates
    before = max((idx for idx in candidates if idx < frame_idx), default=None)
    after = min((idx for idx in candidates if idx >= frame_idx), default=None)
    selected = [idx for idx in (before, after) if idx is not None]
    others = sorted((idx for idx in candidates if idx not in selected), key=lambda idx: abs(idx - frame_idx))
    return selected + others[: max(limit - len(selected), 0)]


def _push(queue: dict[int, T], frame_idx: int, kept: T, *, limit: int) -> None:
    """Put at the end of a first-in-first-out queue that holds at most `limit` frames."""
    queue.pop(frame_idx, None)
    queue[frame_idx] = kept
    while len(queue) > limit:
        del queue[next(iter(queue))]
