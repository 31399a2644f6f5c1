"""The mask decoder (SAM 2 paper §4), with `Sam2VideoModel`'s weights.

A click waits for it and every object needs it on every frame, so it does nothing twice: what the places of the image
add to the projections is worked out once, the four mask tokens' networks run as one, only the masks that are wanted
are drawn, and the image is enlarged in nested order (each place's four quarters next to each other), in which both
enlargements are matrix products and only the finished masks have to be put in rows.

Sizes: B objects, N prompt tokens, h·w places of a frame, C channels, M masks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import (
    Sam2VideoAttention,
    Sam2VideoFeedForward,
    Sam2VideoMaskDecoder,
    Sam2VideoTwoWayAttentionBlock,
)

from worker.sam2.attention import attend, constant, per_object


@dataclass(frozen=True)
class Decoded:
    """masks [B, M, 4h, 4w] logits, ious [B, M] in 0..1, tokens [B, M, C], object_score [B] logit."""

    masks: Tensor
    ious: Tensor
    tokens: Tensor
    object_score: Tensor


def decode_masks(
    model: Sam2VideoModel,
    image: Tensor,
    prompts: Tensor,
    skips: tuple[Tensor, Tensor],
    *,
    multimask: bool,
) -> Decoded:
    """Conditioned features with the dense prompt added [B, C, h, w] and sparse prompts [B, N, C] to masks.

    `skips` are `FrameFeatures.skips` of F frames, [F, 16h·w, C/8] and [F, 4h·w, C/4] in nested order. M = 3 candidates
    if `multimask`, else 1; a model with `dynamic_multimask_via_stability` that is not being trained takes that one
    from the three where its own edge is not stable.
    """
    decoder = model.mask_decoder
    size = image.shape[-2:]
    own = torch.cat([decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = torch.cat([own.expand(len(image), -1, -1), prompts.to(own.dtype)], dim=1)
    tokens, pixels = _two_way(model, tokens, image.flatten(2).transpose(1, 2))
    mask_tokens = tokens[:, 2 : 2 + decoder.num_mask_tokens]
    ious = decoder.iou_prediction_head(tokens[:, 1])
    object_score = decoder.pred_obj_score_head(tokens[:, 0])[:, 0]

    dynamic = decoder.dynamic_multimask_via_stability and not decoder.training
    wanted = slice(1, None) if multimask else slice(None) if dynamic else slice(0, 1)
    networks = constant(decoder, "networks", lambda: _Networks(decoder))
    masks = _draw(decoder, pixels, networks(mask_tokens, wanted), skips, size)
    ious, chosen = ious[:, wanted], mask_tokens[:, wanted]
    if not multimask and dynamic:
        chosen = chosen[:, :1]  # the pointer is the single mask's, whichever mask is shown
        masks, ious = _by_stability(decoder, masks, ious)
    return Decoded(masks, ious, chosen, object_score)


def nested(skip: Tensor, levels: int) -> Tensor:
    """[F, C, 2ⁿh, 2ⁿw] to [F, h·w·4ⁿ, C], n = `levels`: each place's quarters, and theirs, next to each other."""
    frames, channels, height, width = skip.shape
    halves = [2] * levels
    split = skip.permute(0, 2, 3, 1).reshape(
        frames, height >> levels, *halves, width >> levels, *halves, channels
    )
    rows, columns = range(1, levels + 2), range(levels + 2, 2 * levels + 3)
    order = [axis for pair in zip(rows, columns, strict=True) for axis in pair]
    return split.permute(0, *order, 2 * levels + 3).reshape(frames, height * width, channels)


def _two_way(model: Sam2VideoModel, tokens: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """Tokens [B, n, C] and image [B, h·w, C] look at themselves and at each other."""
    transformer = model.mask_decoder.transformer
    queries, pixels = tokens, image
    for layer in cast(Iterable[Sam2VideoTwoWayAttentionBlock], transformer.layers):
        queries, pixels = _layer(model, layer, queries, pixels, tokens)
    last = transformer.final_attn_token_to_image
    queries = queries + _look_at_image(model, last, queries + tokens, pixels)
    return transformer.layer_norm_final_attn(queries), pixels


def _layer(
    model: Sam2VideoModel,
    layer: Sam2VideoTwoWayAttentionBlock,
    queries: Tensor,
    pixels: Tensor,
    place: Tensor,
) -> tuple[Tensor, Tensor]:
    attention = layer.self_attn
    if layer.skip_first_layer_pe:
        queries = _attention(
            attention, attention.q_proj(queries), attention.k_proj(queries), attention.v_proj(queries)
        )
    else:
        placed = queries + place
        queries = queries + _attention(
            attention, attention.q_proj(placed), attention.k_proj(placed), attention.v_proj(queries)
        )
    queries = layer.layer_norm1(queries)
    queries = queries + _look_at_image(model, layer.cross_attn_token_to_image, queries + place, pixels)
    queries = layer.layer_norm2(queries)
    queries = layer.layer_norm3(queries + layer.mlp(queries))

    attention = layer.cross_attn_image_to_token
    asked = attention.q_proj(pixels) + _placed(model, attention.q_proj)
    seen = _attention(attention, asked, attention.k_proj(queries + place), attention.v_proj(queries))
    return queries, layer.layer_norm4(pixels + seen)


def _look_at_image(
    model: Sam2VideoModel, attention: Sam2VideoAttention, placed: Tensor, pixels: Tensor
) -> Tensor:
    keys = attention.k_proj(pixels) + _placed(model, attention.k_proj)
    return _attention(attention, attention.q_proj(placed), keys, attention.v_proj(pixels))


def _placed(model: Sam2VideoModel, projection: nn.Linear) -> Tensor:
    """What the places of the image add to its projection [h·w, C']."""

    def compute() -> Tensor:
        place = model.get_image_wide_positional_embeddings().flatten(2).transpose(1, 2)[0]
        return F.linear(place, projection.weight.to(place.dtype)).to(projection.weight.dtype)

    return constant(projection, "place", compute)


def _attention(attention: Sam2VideoAttention, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    heads = attention.num_attention_heads
    query, key, value = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (query, key, value))
    seen: Tensor = attention.o_proj(attend(query, key, value).transpose(1, 2).flatten(2))
    return seen


def _draw(
    decoder: Sam2VideoMaskDecoder,
    pixels: Tensor,
    weights: Tensor,
    skips: tuple[Tensor, Tensor],
    size: torch.Size,
) -> Tensor:
    """Enlarge [B, h·w, C] four times and weigh its channels by `weights` [B, M, C/8]: masks [B, M, 4h, 4w]."""
    fine, middle = skips
    pixels = _enlarge(decoder.upscale_conv1, pixels) + per_object(middle, len(pixels))
    norm = decoder.upscale_layer_norm
    pixels = decoder.activation(F.layer_norm(pixels, norm.normalized_shape, norm.weight, norm.bias, norm.eps))
    pixels = decoder.activation(_enlarge(decoder.upscale_conv2, pixels) + per_object(fine, len(pixels)))
    masks = weights @ pixels.transpose(1, 2)
    height, width = size
    masks = masks.unflatten(2, (height, width, 2, 2, 2, 2)).permute(0, 1, 2, 4, 6, 3, 5, 7)
    return masks.reshape(*masks.shape[:2], 4 * height, 4 * width)


def _enlarge(conv: nn.ConvTranspose2d, pixels: Tensor) -> Tensor:
    """A 2×2 transposed convolution of stride 2 in nested order: [B, n, C] to [B, 4n, C']."""
    assert conv.kernel_size == conv.stride == (2, 2)
    assert conv.bias is not None
    weight = constant(conv, "linear", lambda: conv.weight.permute(2, 3, 1, 0).flatten(0, 2).contiguous())
    bias = conv.bias.repeat(4)
    return F.linear(pixels, weight, bias).unflatten(2, (4, -1)).flatten(1, 2)


class _Networks:
    """The mask tokens' networks, which have one shape, as one: tokens [B, 4, C] to weights [B, M, C/8]."""

    def __init__(self, decoder: Sam2VideoMaskDecoder) -> None:
        networks = cast(Iterable[Sam2VideoFeedForward], decoder.output_hypernetworks_mlps)
        stacks = [[network.proj_in, *network.layers, network.proj_out] for network in networks]
        self.layers = [
            (torch.stack([part.weight.T for part in parts]), torch.stack([part.bias[None] for part in parts]))
            for parts in cast(Iterable[Sequence[nn.Linear]], zip(*stacks, strict=True))
        ]

    def __call__(self, tokens: Tensor, wanted: slice) -> Tensor:
        hidden = tokens.transpose(0, 1)[wanted]
        for number, (weight, bias) in enumerate(self.layers):
            hidden = torch.baddbmm(bias[wanted], hidden, weight[wanted])
            if number + 1 < len(self.layers):
                hidden = hidden.relu()
        return hidden.transpose(0, 1)


def _by_stability(decoder: Sam2VideoMaskDecoder, masks: Tensor, ious: Tensor) -> tuple[Tensor, Tensor]:
    """Of four masks the single one, or the best of the other three where it is not stable."""
    delta = decoder.dynamic_multimask_stability_delta
    single = masks[:, 0].flatten(1)
    inner, outer = (single > delta).sum(1).float(), (single > -delta).sum(1).float()
    stable = torch.where(outer > 0, inner / outer, 1.0) >= decoder.dynamic_multimask_stability_thresh
    best = ious[:, 1:].argmax(1) + 1
    index = torch.where(stable, 0, best)
    rows = torch.arange(len(masks), device=masks.device)
    return masks[rows, index][:, None], ious[rows, index][:, None]
