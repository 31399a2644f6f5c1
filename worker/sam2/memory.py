"""The memory bank: what a masklet remembers of other frames (SAM 2 paper §4, "Memory bank").

Three things are remembered, and no more of them for a long video than for a short one:

* the spatial memory of the N = `num_maskmem` - 1 recent frames, first in, first out, with a temporal position each;
* the spatial memory of the conditioning frames, those that carry a prompt, without temporal position; memory
  attention sees the nearest `max_cond_frame_num` of them;
* the object pointers of both, the recent ones further back (`max_object_pointers_in_encoder`).

All tensors are batched over objects that share their prompted frames; B = 1 for a single masklet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Sam2VideoModel


@dataclass(frozen=True)
class FrameMemory:
    """What is kept of one frame for B objects: `spatial` [B, h·w, D] (D = 64 channels) and `pointer` [B, C]."""

    spatial: Tensor
    pointer: Tensor


@dataclass(frozen=True)
class Memory:
    """What memory attention reads: `tokens` [B, L, D], `positions` [1, L, D]; the last `pointer_tokens` of the L are
    object pointers, which take no rotary position."""

    tokens: Tensor
    positions: Tensor
    pointer_tokens: int


class MemoryBank:
    """Remembers frames with `add`, and tells with `read` what a frame should look back on.

    `frame_count` is the length of the video (the reference scales pointer positions by it when it is below 16).
    `dtype` is how spatial memories are stored: bfloat16 as in the official code; None keeps them as they are, with
    their gradients, for training.
    """

    def __init__(
        self,
        model: Sam2VideoModel,
        *,
        frame_count: int,
        dtype: torch.dtype | None = torch.bfloat16,
    ) -> None:
        config = model.config
        self.model = model
        self.dtype = dtype
        self.recent_limit: int = config.num_maskmem - 1
        self.conditioning_limit: int = config.max_cond_frame_num
        self.pointer_limit: int = min(frame_count, config.max_object_pointers_in_encoder)
        self.conditioning: dict[int, FrameMemory] = {}
        self.recent: dict[int, Tensor] = {}
        self.pointers: dict[int, Tensor] = {}

    def __contains__(self, frame_idx: int) -> bool:
        return frame_idx in self.conditioning or frame_idx in self.recent

    def add(self, frame_idx: int, memory: FrameMemory, *, conditioning: bool = False) -> None:
        """Remember a frame, as a conditioning frame (for good) or as a recent one (until newer ones push it out)."""
        spatial = memory.spatial if self.dtype is None else memory.spatial.to(self.dtype)
        if conditioning:
            self.recent.pop(frame_idx, None)
            self.pointers.pop(frame_idx, None)
            self.conditioning[frame_idx] = FrameMemory(spatial, memory.pointer)
            return
        _push(self.recent, frame_idx, spatial, limit=self.recent_limit)
        _push(self.pointers, frame_idx, memory.pointer, limit=self.pointer_limit - 1)

    def read(self, frame_idx: int, *, reverse: bool = False) -> Memory | None:
        """What a frame looks back on when time runs forward, or backward if `reverse`; None if there is nothing."""
        step = 1 if reverse else -1
        tokens, positions = self._spatial_tokens(frame_idx, step)
        if not tokens:
            return None
        pointers, pointer_positions = self._pointer_tokens(frame_idx, step)
        return Memory(
            tokens=torch.cat([*(token.to(positions[0].dtype) for token in tokens), *pointers], dim=1),
            positions=torch.cat([*positions, *pointer_positions], dim=1),
            pointer_tokens=sum(pointer.shape[1] for pointer in pointers),
        )

    def _spatial_tokens(self, frame_idx: int, step: int) -> tuple[list[Tensor], list[Tensor]]:
        """Spatial memories [B, h·w, D], positions [1, h·w, D]; conditioning frames first, then oldest to newest."""
        selected = nearest_frames(self.conditioning, frame_idx, self.conditioning_limit)
        offsets_and_memories = [(0, self.conditioning[idx].spatial) for idx in selected]
        for offset in range(self.recent_limit, 0, -1):
            spatial = self._recent_spatial(frame_idx + step * offset, selected)
            if spatial is not None:
                offsets_and_memories.append((offset, spatial))
        if not offsets_and_memories:
            return [], []
        place = self._spatial_position(offsets_and_memories[0][1])
        # Offset 0, a conditioning frame, takes the last entry of the table (index -1), as in the official code.
        table = self.model.memory_temporal_positional_encoding
        return (
            [spatial for _, spatial in offsets_and_memories],
            [place + table[offset - 1] for offset, _ in offsets_and_memories],
        )

    def _recent_spatial(self, frame_idx: int, selected: list[int]) -> Tensor | None:
        """A conditioning frame that was not selected still counts as recent when it is near."""
        if frame_idx in self.conditioning and frame_idx not in selected:
            return self.conditioning[frame_idx].spatial
        return self.recent.get(frame_idx)

    def _spatial_position(self, spatial: Tensor) -> Tensor:
        """Sine position [1, h·w, D] of a square memory map."""
        _, area, channels = spatial.shape
        side = round(area**0.5)
        encoding = self.model.memory_encoder.position_encoding(
            torch.Size((1, channels, side, side)),
            spatial.device,
            self.model.memory_temporal_positional_encoding.dtype,
        )
        return encoding.flatten(2).transpose(1, 2)

    def _pointer_tokens(self, frame_idx: int, step: int) -> tuple[list[Tensor], list[Tensor]]:
        """Object pointers [B, n·C/D, D], each cut into C/D tokens, and their positions [1, n·C/D, D]."""
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
            return [], []
        stacked = torch.stack([pointer for _, pointer in ages_and_pointers], dim=1)
        batch, count, channels = stacked.shape
        parts = channels // self.model.mem_dim
        tokens = stacked.reshape(batch, count * parts, self.model.mem_dim)
        positions = self._pointer_positions([age for age, _ in ages_and_pointers], stacked)
        return [tokens], [positions.repeat_interleave(parts, dim=1)]

    def _pointer_positions(self, ages: list[int], like: Tensor) -> Tensor:
        """Temporal position [1, n, D] of pointers that are `ages` frames old."""
        if not self.model.config.enable_temporal_pos_encoding_for_object_pointers:
            return like.new_zeros(1, len(ages), self.model.mem_dim)
        scaled = torch.tensor(ages, device=like.device, dtype=torch.float32)
        scaled = scaled / max(self.pointer_limit - 1, 1)
        sines = sine_position(scaled, like.shape[-1]).to(like.dtype)
        return self.model.temporal_positional_encoding_projection_layer(sines)[None]


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


def sine_position(values: Tensor, channels: int, temperature: float = 10000.0) -> Tensor:
    """1-D sine encoding [n, channels] of n numbers."""
    half = channels // 2
    power = torch.arange(half, dtype=torch.float32, device=values.device)
    wavelengths = temperature ** (2 * torch.div(power, 2, rounding_mode="floor") / half)
    angles = values[:, None] / wavelengths
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def _push(queue: dict[int, Tensor], frame_idx: int, tensor: Tensor, *, limit: int) -> None:
    """Put at the end of a first-in-first-out queue that holds at most `limit` frames."""
    queue.pop(frame_idx, None)
    queue[frame_idx] = tensor
    while len(queue) > limit:
        del queue[next(iter(queue))]
