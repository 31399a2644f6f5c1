"""Attention, and memory attention made of it (SAM 2 paper §4, "Memory attention").

Memory attention is computed with `Sam2VideoModel`'s weights but not by its module, because most of what that does at
each frame needs doing once:

* a memory is projected to keys and values when it is remembered, not by each of the frames that look back on it;
  only its temporal position, which changes as it ages, is added when it is read;
* the first layer looks at the frame before it looks at any memory, so all objects of a frame share that;
* a rotary position is the sum of two projections times constants, since turning pairs of channels is linear;
* where attention is written out, memories are weighed as they are, in their D channels, and projected to C afterwards:
  the weights of a place add up to one, so that it comes to the same with a quarter of the products.

Sizes: B objects, h·w places of a frame, C channels inside the attention, D = 64 memory channels.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoMemoryAttentionLayer

T = TypeVar("T")

# Where attention is written out, the scores that are held at a time: a few times what stays in a core's cache, for
# the product of fewer rows takes longer by the row.
SCORES_AT_A_TIME = 2**21
# From so many queries on it pays to lay the keys out once as the matrix instructions read them: 4 times as quick for
# the 4,096 places of a frame of 1024 px that look at 28,736 keys, a loss for the 256 of a small model.
MANY_QUERIES = 512

_same_weights: ContextVar[dict[nn.Module, dict[Hashable, Any]] | None] = ContextVar(
    "same weights", default=None
)
_kept: WeakKeyDictionary[nn.Module, dict[Hashable, Any]] = WeakKeyDictionary()


def constant(module: nn.Module, name: Hashable, compute: Callable[[], T]) -> T:
    """What follows from a module's weights alone: computed once for frozen weights or `same_weights`, else at each
    call."""
    of_step = _same_weights.get()
    if of_step is not None:
        kept = of_step.setdefault(module, {})
    elif torch.is_inference_mode_enabled() and not next(module.parameters()).requires_grad:
        kept = _kept.setdefault(module, {})
    else:
        return compute()
    if name not in kept:
        kept[name] = compute()
    value: T = kept[name]
    return value


@contextlib.contextmanager
def same_weights() -> Iterator[None]:
    """Within it the weights do not change, as in one step of training: what follows from them is computed once, with
    its gradients."""
    token = _same_weights.set({})
    try:
        yield
    finally:
        _same_weights.reset(token)


def per_object(tensor: Tensor, objects: int) -> Tensor:
    """[F, ...] of F frames as [objects, ...]: a frame's row for each of its objects, a view where one frame is all."""
    frames = tensor.shape[0]
    if frames == 1:
        return tensor.expand(objects, *tensor.shape[1:])
    return tensor if frames == objects else tensor.repeat_interleave(objects // frames, dim=0)


def is_written_out(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether attention is written out: on a CPU in bfloat16, where the fused kernel uses no matrix instructions."""
    return device.type == "cpu" and dtype != torch.float32


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention of [N, heads, Lq, d] over [N, heads, L, d]; `mask` [N, 1, 1, L] False hides a key.

    On a CPU it is written out where that is faster: see `is_written_out`, and where gradients are wanted. It is a rule,
    not a race at each start, because their last digits differ and the same prompts should give the same masks.
    """
    gradients = query.device.type == "cpu" and query.requires_grad
    if not (gradients or is_written_out(query.device, query.dtype)):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    key = key.transpose(-2, -1)
    if query.shape[2] >= MANY_QUERIES:
        key = key.contiguous()
    rows = max(16, SCORES_AT_A_TIME // (key.shape[0] * key.shape[1] * key.shape[3]))
    parts = []
    for part in (query * query.shape[-1] ** -0.5).split(rows, dim=-2):
        scores = part @ key
        scores = scores if mask is None else scores.masked_fill(~mask, float("-inf"))
        parts.append(scores.softmax(-1) @ value)
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-2)


@dataclass(frozen=True)
class KeysValues:
    """What is looked back on, for each layer: `keys` and `values` [B, L, C]; `mask` [B, L] False hides a padded one."""

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    mask: Tensor | None = None

    @property
    def objects(self) -> int:
        return self.keys[0].shape[0]

    def __getitem__(self, objects: slice) -> KeysValues:
        """Some of the objects' rows."""
        mask = None if self.mask is None else self.mask[objects]
        return KeysValues(tuple(k[objects] for k in self.keys), tuple(v[objects] for v in self.values), mask)


class MemoryAttention:
    """A model's memory attention. `MemoryAttention.of(model)` shares one between all that run the same weights."""

    def __init__(self, model: Sam2VideoModel) -> None:
        module = model.memory_attention
        self.model = model
        self.norm = module.layer_norm
        self.heads: int = model.config.memory_attention_num_attention_heads
        self.table = model.memory_temporal_positional_encoding[:, 0]  # [num_maskmem, 1, D]
        device, dtype = self.table.device, self.table.dtype
        self.projects_late = is_written_out(device, dtype)
        exact = torch.empty(1, device=device, dtype=torch.float32)
        turns: tuple[Tensor, Tensor] = cast(Any, module.rotary_emb)(exact, module.position_ids)
        self.cos, self.sin = (turn.flatten(0, -2).repeat(1, self.heads).to(dtype) for turn in turns)
        height, width = cast(list[int], model.config.memory_attention_rope_feat_sizes)
        shape = torch.Size((1, self.table.shape[-1], height, width))
        place = model.memory_encoder.position_encoding(shape, device, torch.float32)
        self.place = place.flatten(2).transpose(1, 2).to(dtype)  # [1, h·w, D]
        self.layers = [
            _Layer(layer, self) for layer in cast(Iterable[Sam2VideoMemoryAttentionLayer], module.layers)
        ]
        self._last_ages: tuple[float, ...] = ()
        self._last_positions = self.place

    @classmethod
    def of(cls, model: Sam2VideoModel) -> MemoryAttention:
        return constant(model, "memory attention", lambda: cls(model))

    def remember(self, spatial: Tensor) -> KeysValues:
        """Project a memory map [B, h·w, D], its place included, its age not."""
        placed = spatial + self.place
        return KeysValues(
            tuple(layer.cross_key(placed) for layer in self.layers),
            tuple(layer.values(spatial) for layer in self.layers),
        )

    def project_pointers(self, tokens: Tensor, positions: Tensor) -> KeysValues:
        """Project object pointer tokens [B, n, D] at temporal positions [1, n, D]; they have no place in the frame."""
        placed = tokens + positions
        return KeysValues(
            tuple(layer.cross.k_proj(placed) for layer in self.layers),
            tuple(layer.values(tokens) for layer in self.layers),
        )

    def pointer_positions(self, ages: tuple[float, ...]) -> Tensor:
        """Temporal position [1, n, D] of pointers whose age is a share of the greatest that is looked back on."""
        if ages == self._last_ages:  # objects that were prompted together
            return self._last_positions
        model, like = self.model, self.place
        positions = like.new_zeros(1, len(ages), model.mem_dim)
        if model.config.enable_temporal_pos_encoding_for_object_pointers:
            shares = torch.tensor(ages, device=like.device, dtype=torch.float32)
            sines = sine_position(shares, model.hidden_dim).to(like.dtype)
            positions = model.temporal_positional_encoding_projection_layer(sines)[None]
        self._last_ages, self._last_positions = ages, positions
        return positions

    def ages(self, offset: int) -> tuple[Tensor, ...]:
        """What it adds to the keys of each layer [h·w, C] that a memory map is `offset` frames old.

        A conditioning frame has offset 0, however old it is: the last entry of the table, as in the official code.
        """
        return tuple(layer.ages[offset - 1] for layer in self.layers)

    def aged(self, memory: KeysValues, offset: int) -> tuple[Tensor, ...]:
        """The keys of a memory map that is `offset` frames old."""
        return tuple(keys + age for keys, age in zip(memory.keys, self.ages(offset), strict=True))

    def __call__(self, frame: Tensor, position: Tensor, memories: Sequence[KeysValues]) -> Tensor:
        """F frames' features [F, h·w, C] in the light of `memories`, of B objects in all: [B, h·w, C].

        B is F or a multiple of it, objects of one frame next to each other. Several memories are looked at one by
        one: where a processor is bound by arithmetic, padding them to one length would only add to it.
        """
        sizes = [memory.objects for memory in memories]
        queries = per_object(self.layers[0].look_at_frame(frame + 0.1 * position), sum(sizes))
        parts = [
            self._through(part, memory) for part, memory in zip(queries.split(sizes), memories, strict=True)
        ]
        return self.norm(parts[0] if len(parts) == 1 else torch.cat(parts))

    def _through(self, queries: Tensor, memory: KeysValues) -> Tensor:
        for number, layer in enumerate(self.layers):
            if number:
                queries = layer.look_at_frame(queries)
            queries = layer.cross_attend(queries, memory.keys[number], memory.values[number], memory.mask)
            queries = layer.feed_forward(queries)
        return queries


class _Layer:
    """One layer, with what follows from its weights."""

    def __init__(self, module: Sam2VideoMemoryAttentionLayer, parent: MemoryAttention) -> None:
        self.module = module
        self.cross = module.cross_attn_image
        self.heads = parent.heads
        self.self_query = _Rotary(module.self_attn.q_proj, parent)
        self.self_key = _Rotary(module.self_attn.k_proj, parent)
        self.cross_query = _Rotary(self.cross.q_proj, parent)
        self.cross_key = _Rotary(self.cross.k_proj, parent)
        self.table = parent.table
        self.projects_late = parent.projects_late

    @cached_property
    def ages(self) -> Tensor:
        """What each entry of the table of temporal positions adds to a memory's keys: [num_maskmem, h·w, C]."""
        return self.cross_key.of_table(self.table)

    @cached_property
    def late(self) -> tuple[Tensor, Tensor]:
        """What brings memories that each head weighed in D channels to C: the projections of values and of the result
        as one, weight [C, heads·D] and bias [C]."""
        inner, outer = self.cross.v_proj, self.cross.o_proj
        exact = outer.weight.float().unflatten(1, (self.heads, -1))  # [C, heads, C / heads]
        narrow = inner.weight.float().unflatten(0, (self.heads, -1))  # [heads, C / heads, D]
        weight = torch.einsum("ohc,hcd->ohd", exact, narrow).flatten(1)
        bias = outer.weight.float() @ inner.bias.float() + outer.bias.float()
        return weight.to(outer.weight.dtype), bias.to(outer.weight.dtype)

    @property
    def value_channels(self) -> int:
        """The channels of `values`."""
        projection = self.cross.v_proj
        return int(projection.in_features if self.projects_late else projection.out_features)

    def values(self, memory: Tensor) -> Tensor:
        """What a memory [B, L, D] gives to those who look at it: [B, L, C], or itself where it is projected late."""
        projected: Tensor = memory if self.projects_late else self.cross.v_proj(memory)
        return projected

    def look_at_frame(self, queries: Tensor) -> Tensor:
        """Self-attention with its residual."""
        attention = self.module.self_attn
        normed = self.module.layer_norm1(queries)
        seen = self._attend(self.self_query(normed), self.self_key(normed), attention.v_proj(normed), None)
        return queries + attention.o_proj(seen)

    def cross_attend(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Cross-attention to memories with its residual."""
        query = self.cross_query(self.module.layer_norm2(queries))
        if not self.projects_late:
            return queries + self.cross.o_proj(self._attend(query, keys, values, mask))
        values = values if self.heads == 1 else values.repeat(1, 1, self.heads)
        weighed = self._attend(query, keys, values, mask)
        return queries + F.linear(weighed, *self.late)

    def feed_forward(self, queries: Tensor) -> Tensor:
        """The feed-forward part with its residual."""
        module = self.module
        hidden = module.activation(module.linear1(module.layer_norm3(queries)))
        return queries + module.dropout3(module.linear2(module.dropout(hidden)))

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = (
            tensor.unflatten(-1, (self.heads, -1)).transpose(1, 2) for tensor in (query, key, value)
        )
        seen = attend(query, key, value, None if mask is None else mask[:, None, None])
        return seen.transpose(1, 2).flatten(2)


class _Rotary:
    """A linear projection followed by a rotary position: [B, h·w, in] to [B, h·w, C]."""

    def __init__(self, linear: nn.Linear, parent: MemoryAttention) -> None:
        self.cos, self.sin = parent.cos, parent.sin
        self.weight = torch.cat([linear.weight, _turned(linear.weight)])
        self.bias = torch.cat([linear.bias, _turned(linear.bias)])

    def __call__(self, tokens: Tensor) -> Tensor:
        return self._rotate(F.linear(tokens, self.weight, self.bias))

    def of_table(self, table: Tensor) -> Tensor:
        """What adding each of the table's vectors [n, 1, in] to all tokens adds to the result: [n, h·w, C]."""
        return self._rotate(F.linear(table, self.weight))

    def _rotate(self, both: Tensor) -> Tensor:
        straight, turned = both.chunk(2, dim=-1)
        return torch.addcmul(straight * self.cos, turned, self.sin)


def sine_position(values: Tensor, channels: int, temperature: float = 10000.0) -> Tensor:
    """1-D sine encoding [n, channels] of n numbers."""
    half = channels // 2
    power = torch.arange(half, dtype=torch.float32, device=values.device)
    wavelengths = temperature ** (2 * torch.div(power, 2, rounding_mode="floor") / half)
    angles = values[:, None] / wavelengths
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def _turned(rows: Tensor) -> Tensor:
    """Each pair of rows (a, b) as (-b, a)."""
    first, second = rows.unflatten(0, (-1, 2)).unbind(1)
    return torch.stack((-second, first), dim=1).flatten(0, 1)
