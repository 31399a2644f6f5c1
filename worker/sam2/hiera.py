"""The image encoder: Hiera and its pyramid (SAM 2 paper §4, "Image encoder"), with `Sam2VideoModel`'s weights.

Its modules do more than the features need: they compute the attention of each block twice and throw one away, draw
the sine positions of every level anew for each frame, and widen the two fine levels only to narrow them again. At the
size that Maskloop ships, that is a third of the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Sam2VideoModel
from transformers.models.sam2.modeling_sam2 import Sam2HieraDetModel, Sam2MultiScaleBlock

from worker.sam2.attention import attend, constant

STRIDE_4, STRIDE_8, STRIDE_16, STRIDE_32 = range(4)


def encode(model: Sam2VideoModel, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Frames [B, 3, S, S] to features of stride 16 [B, C, h, w] and the decoder's skips of stride 4 and 8.

    The skips [B, C/8, 4h, 4w] and [B, C/4, 2h, 2w] are already projected as the mask decoder wants them.
    """
    stages = trunk(model.vision_encoder.backbone, pixels)
    neck, decoder = model.vision_encoder.neck, model.mask_decoder
    laterals = list(reversed(neck.convs))  # the neck lists them from coarse to fine
    top_down = neck.fpn_top_down_levels

    def level(number: int) -> Tensor:
        """A level of the pyramid, [B, h, w, C]."""
        lateral = F.linear(stages[number], *_as_linear(laterals[number]))
        if number not in top_down or number == STRIDE_32:
            return lateral
        coarse = level(number + 1)
        return lateral + coarse.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2)

    def skip(number: int, projection: nn.Conv2d) -> Tensor:
        if number in top_down:
            return F.linear(level(number), *_as_linear(projection))
        folded = constant(projection, "folded", lambda: _fold(projection, laterals[number]))
        return F.linear(stages[number], *folded)

    skips = skip(STRIDE_4, decoder.conv_s0), skip(STRIDE_8, decoder.conv_s1)
    low, fine, middle = (tensor.permute(0, 3, 1, 2) for tensor in (level(STRIDE_16), *skips))
    return low, fine, middle


def trunk(backbone: Sam2HieraDetModel, pixels: Tensor) -> list[Tensor]:
    """The four stages' outputs [B, S/4, S/4, C0], [B, S/8, S/8, C1], …"""
    tokens = backbone.patch_embed(pixels)
    size = tokens.shape[1:3]
    tokens = tokens + constant(backbone, ("place", size), lambda: backbone._get_pos_embed(size))
    stages = []
    for number, block in enumerate(cast(Iterable[Sam2MultiScaleBlock], backbone.blocks)):
        tokens = _block(block, tokens)
        if number in backbone.stage_ends:
            stages.append(tokens)
    return stages


def _block(block: Sam2MultiScaleBlock, tokens: Tensor) -> Tensor:
    normed = block.layer_norm1(tokens)
    if block.dim != block.dim_out:
        tokens = _pool(block.proj(normed), block.query_stride)
    tokens = tokens + _windowed_attention(block, normed)
    return tokens + block.mlp(block.layer_norm2(tokens))


def _windowed_attention(block: Sam2MultiScaleBlock, tokens: Tensor) -> Tensor:
    """Attention within windows; its queries, and with them the result, are pooled where a stage begins."""
    batch, height, width, _ = tokens.shape
    side = block.window_size or max(height, width)
    high, wide = (side, side) if block.window_size else (height, width)
    rows, columns = -(-height // high), -(-width // wide)
    tokens = F.pad(tokens, (0, 0, 0, columns * wide - width, 0, rows * high - height))
    windows = tokens.unflatten(2, (columns, wide)).unflatten(1, (rows, high)).transpose(2, 3)
    attention = block.attn
    projected = attention.qkv(windows.reshape(-1, high * wide, tokens.shape[-1]))
    query, key, value = projected.unflatten(-1, (3, attention.num_attention_heads, -1)).unbind(2)
    stride: Any = block.query_stride
    if stride is not None:
        pooled = _pool(query.flatten(2).unflatten(1, (high, wide)), stride)
        high, wide = pooled.shape[1:3]
        height, width = (side // stride for side, stride in zip((height, width), stride, strict=True))
        query = pooled.flatten(1, 2).unflatten(-1, (attention.num_attention_heads, -1))
    query, key, value = (tensor.transpose(1, 2) for tensor in (query, key, value))
    seen = attention.proj(attend(query, key, value).transpose(1, 2).flatten(2))
    seen = seen.view(batch, rows, columns, high, wide, -1).transpose(2, 3)
    return seen.reshape(batch, rows * high, columns * wide, -1)[:, :height, :width]


def _pool(tokens: Tensor, stride: Any) -> Tensor:
    """Max-pool [B, h, w, C]."""
    if stride is None:
        return tokens
    pooled: Tensor = F.max_pool2d(tokens.permute(0, 3, 1, 2), kernel_size=stride, stride=stride)
    return pooled.permute(0, 2, 3, 1)


def _as_linear(conv: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """A 1×1 convolution's weight [out, in] and bias [out]."""
    assert conv.kernel_size == (1, 1)
    assert conv.bias is not None
    return conv.weight.flatten(1), conv.bias


def _fold(outer: nn.Conv2d, inner: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """Two 1×1 convolutions, one after the other, as one."""
    (outer_weight, outer_bias), (inner_weight, inner_bias) = _as_linear(outer), _as_linear(inner)
    return outer_weight @ inner_weight, outer_weight @ inner_bias + outer_bias
