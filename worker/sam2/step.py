"""One step of SAM 2 (paper §4): a frame, what is remembered, perhaps a prompt → a mask, its scores, a new memory.

Pure functions of the weights and their arguments, differentiable, batched over objects: the features are of F frames
and B is F or a multiple of it, the objects of a frame next to each other. The tracker (F = 1) and the trainer (one
frame of each of F clips) call the same ones.

    features = encode_frames(model, pixels)             # [B, 3, S, S]; once a frame
    output = step(model, features, bank.read(t), prompts)
    bank.add(t, output.memory, conditioning=prompts is not None)

A trainer that samples correction clicks on a frame takes `step` apart, so that memory is read and written once:

    conditioned = condition(model, features, bank.read(t))
    output = decode(model, features, conditioned, prompts, multimask=True)
    output = decode(model, features, conditioned, prompts + click with `earlier=output.logits`, multimask=False)
    bank.add(t, encode_memory(model, features, output, binary=False), conditioning=True)

Sizes: S is the model's input size (`model.config.image_size`), h = w = S / 16, C the hidden size, D = 64 memory
channels. `Sam2VideoModel` computes the same for one object (`_run_single_frame_inference`, `_batch_encode_memories`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import (
    Sam2VideoMaskDownSampler,
    Sam2VideoMaskDownSamplerLayer,
)

from worker.sam2.attention import KeysValues, MemoryAttention, per_object
from worker.sam2.decoder import decode_masks
from worker.sam2.features import FrameFeatures
from worker.sam2.memory import FrameMemory

# The logit of every pixel of an object that is not there, and those of a mask that is given as it is.
ABSENT_LOGIT = -1024.0
GIVEN_SCALE, GIVEN_BIAS = 20.0, -10.0

NEGATIVE, POSITIVE, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = 0, 1, 2, 3
NOT_A_POINT = -1


# PyTorch's layer norm goes pixel by pixel, which is slow where a pixel has fewer channels than a register holds.
FEW_CHANNELS = 16


@dataclass(frozen=True)
class Prompts:
    """Prompts for B objects on one frame. Coordinates are pixels of the model's S×S input.

    points   [B, K, 2] float, x then y; a box is two points (top left, bottom right), put before the clicks
    labels   [B, K] int: 1 positive, 0 negative, 2 and 3 the corners of a box, -1 padding
    earlier  [B, S/4, S/4] mask logits that the points refine (an earlier `StepOutput.logits`), or None
    mask     [B, S, S] float 0/1: the mask as people gave it, taken over unchanged; excludes the other three
    """

    points: Tensor | None = None
    labels: Tensor | None = None
    earlier: Tensor | None = None
    mask: Tensor | None = None

    @property
    def objects(self) -> int:
        """B."""
        given = next(part for part in (self.points, self.earlier, self.mask) if part is not None)
        return len(given)


@dataclass(frozen=True)
class StepOutput:
    """What a step says about B objects on one frame.

    candidates    [B, M, S/4, S/4] mask logits of the M = 3 candidates (multimask) or M = 1, never blanked
    ious          [B, M] predicted IoU of each, 0..1
    chosen        [B] index of the candidate with the highest predicted IoU
    object_score  [B] logit; at 0 or below the object is absent (occlusion head)
    logits        [B, S/4, S/4] the chosen candidate; ABSENT_LOGIT everywhere for an absent object
    token         [B, C] what the decoder's mask token says of the object
    model         whose weights it came from
    given         [B, S, S] the logits of a mask that was given, None of one that was found
    memory        what to add to the bank, or None if it was not asked for
    """

    candidates: Tensor
    ious: Tensor
    chosen: Tensor
    object_score: Tensor
    logits: Tensor
    token: Tensor
    model: Sam2VideoModel = field(repr=False)
    given: Tensor | None = None
    memory: FrameMemory | None = None

    @cached_property
    def pointer(self) -> Tensor:
        """[B, C] object pointer; the learned "no object" pointer for an absent one."""
        found = self.model.object_pointer_proj(self.token)
        present = self.object_score > 0
        return torch.where(present[:, None], found, self.model.no_object_pointer.to(found.dtype))

    @cached_property
    def full_logits(self) -> Tensor:
        """[B, S, S] the mask at the input's size, what the memory encoder sees."""
        if self.given is not None:
            return self.given
        height, width = self.logits.shape[-2:]
        return resize_logits(self.logits, (4 * height, 4 * width))

    @property
    def predicted_iou(self) -> Tensor:
        """[B] predicted IoU of the chosen candidate."""
        return self.ious.gather(1, self.chosen[:, None])[:, 0]


def step(
    model: Sam2VideoModel,
    features: FrameFeatures,
    memory: KeysValues | Sequence[KeysValues] | None,
    prompts: Prompts | None = None,
    *,
    multimask: bool | None = None,
    remember: bool = True,
) -> StepOutput:
    """One frame of B objects; `memory` None for a frame that is prompted before anything is remembered.

    `multimask` None decides as the configuration says (three candidates for no or one point). `remember` False
    leaves out the memory encoder, for a click that is only looked at. A mask prompt is taken over and `memory`
    ignored.
    """
    if prompts is not None and prompts.mask is not None:
        output = adopt_mask(model, features, prompts.mask)
    else:
        if multimask is None:
            multimask = wants_multimask(model, prompts, first=memory is None)
        conditioned = condition(model, features, memory)
        output = decode(model, features, conditioned, prompts, multimask=multimask)
    if not remember:
        return output
    binary = prompts is not None and not model.training
    return replace(output, memory=encode_memory(model, features, output, binary=binary))


def condition(
    model: Sam2VideoModel, features: FrameFeatures, memory: KeysValues | Sequence[KeysValues] | None
) -> Tensor:
    """Memory attention: the features of F frames in the light of what is remembered of B objects, [B, C, h, w].

    Objects that look back on different numbers of frames come as several memories. Without memory nothing tells the
    objects of a frame apart, and there are F rows.
    """
    if memory is None:
        return features.low + model.no_memory_embedding.reshape(1, -1, 1, 1)
    memories = [memory] if isinstance(memory, KeysValues) else memory
    frame, position = (tensor.flatten(2).transpose(1, 2) for tensor in (features.low, features.position))
    attended = MemoryAttention.of(model)(frame, position, memories)  # [B, h·w, C]
    return attended.transpose(1, 2).unflatten(2, features.low.shape[-2:])


def decode(
    model: Sam2VideoModel,
    features: FrameFeatures,
    conditioned: Tensor,
    prompts: Prompts | None = None,
    *,
    multimask: bool,
) -> StepOutput:
    """Prompt encoder, mask decoder and occlusion head on conditioned features [B, C, h, w]."""
    batch = conditioned.shape[0] if prompts is None else prompts.objects
    conditioned = per_object(conditioned, batch)
    sparse, dense = _embed_prompts(model, prompts, conditioned)
    decoded = decode_masks(model, conditioned + dense, sparse[:, 0], features.skips, multimask=multimask)
    candidates, ious, object_score = decoded.masks, decoded.ious, decoded.object_score
    present = object_score > 0
    rows = torch.arange(batch, device=ious.device)
    chosen = ious.argmax(dim=-1)
    logits = torch.where(present[:, None, None], candidates[rows, chosen], ABSENT_LOGIT)
    return StepOutput(
        candidates=candidates,
        ious=ious,
        chosen=chosen,
        object_score=object_score,
        logits=logits,
        token=decoded.tokens[rows, chosen],
        model=model,
    )


def adopt_mask(model: Sam2VideoModel, features: FrameFeatures, mask: Tensor) -> StepOutput:
    """Take a mask [B, S, S] of zeros and ones as the frame's answer, and make the pointer that goes with it.

    The decoder is run for the pointer only, on features without memory, with the mask as a dense prompt.
    """
    mask = mask.to(features.low.dtype)
    present = mask.flatten(1).gt(0).any(dim=1)
    full_logits = mask * GIVEN_SCALE + GIVEN_BIAS
    height, width = features.low.shape[-2:]
    logits = resize_logits(full_logits, (4 * height, 4 * width))
    earlier = model.mask_downsample(mask[:, None])[:, 0]
    decoded = decode(model, features, features.low, Prompts(earlier=earlier), multimask=True)
    return StepOutput(
        candidates=logits[:, None],
        ious=torch.ones_like(logits[:, :1, 0]),
        chosen=torch.zeros_like(decoded.chosen),
        object_score=present.to(mask.dtype) * GIVEN_SCALE + GIVEN_BIAS,
        logits=logits,
        given=full_logits,
        token=decoded.token,
        model=model,
    )


def encode_memory(
    model: Sam2VideoModel, features: FrameFeatures, output: StepOutput, *, binary: bool
) -> FrameMemory:
    """Memory encoder: fuse a frame's own features (not the conditioned ones) with its mask.

    `binary`: use the mask as zeros and ones (prompted frames at inference) instead of its probabilities.
    """
    full = output.full_logits[:, None]
    mask = (full > 0).to(full.dtype) if binary else full.sigmoid()
    mask = mask * model.config.sigmoid_scale_for_mem_enc + model.config.sigmoid_bias_for_mem_enc
    encoder = model.memory_encoder
    frame = per_object(encoder.feature_projection(features.low), len(mask))
    spatial = encoder.projection(encoder.memory_fuser(frame + _shrink(encoder.mask_downsampler, mask)))
    if model.occlusion_spatial_embedding_parameter is not None:
        absent = (output.object_score <= 0).to(spatial.dtype)[:, None, None, None]
        spatial = spatial + absent * model.occlusion_spatial_embedding_parameter[..., None, None]
    return FrameMemory(MemoryAttention.of(model).remember(spatial.flatten(2).transpose(1, 2)), output.pointer)


def _shrink(downsampler: Sam2VideoMaskDownSampler, mask: Tensor) -> Tensor:
    """The mask [B, 1, S, S] at the features' size [B, C, h, w]."""
    for layer in cast(Iterable[Sam2VideoMaskDownSamplerLayer], downsampler.layers):
        mask = layer.conv(mask)
        norm = layer.layer_norm
        if mask.shape[1] < FEW_CHANNELS:
            centred = mask - mask.mean(1, keepdim=True)
            scaled = centred * torch.rsqrt(centred.square().mean(1, keepdim=True) + norm.eps)
            mask = torch.addcmul(norm.bias[:, None, None], scaled, norm.weight[:, None, None])
        else:
            mask = norm(mask)
        mask = layer.activation(mask)
    return downsampler.final_conv(mask)


def wants_multimask(model: Sam2VideoModel, prompts: Prompts | None, *, first: bool) -> bool:
    """Whether three candidates are called for: an ambiguous prompt, i.e. by default at most one point and no box."""
    config = model.config
    points = 0 if prompts is None or prompts.labels is None else prompts.labels.shape[1]
    return bool(
        config.multimask_output_in_sam
        and (first or config.multimask_output_for_tracking)
        and config.multimask_min_pt_num <= points <= config.multimask_max_pt_num
    )


def stability(logits: Tensor, offset: float = 1.0) -> Tensor:
    """[B] IoU of masks [B, H, W] cut at +offset and at -offset: near 1 if the edge is sharp, 1 if the mask is empty."""
    inner = (logits > offset).flatten(1).sum(dim=1)
    outer = (logits > -offset).flatten(1).sum(dim=1)
    return torch.where(outer > 0, inner / outer.clamp(min=1), 1.0)


def resize_logits(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Mask logits [B, H, W] at another size, bilinear, antialiased when they shrink."""
    if logits.shape[-2:] == size:
        return logits
    resized = F.interpolate(
        logits[:, None].float(),
        size=size,
        mode="bilinear",
        align_corners=False,
        antialias=size[0] < logits.shape[-2] or size[1] < logits.shape[-1],
    )
    return resized[:, 0].to(logits.dtype)


def _embed_prompts(model: Sam2VideoModel, prompts: Prompts | None, like: Tensor) -> tuple[Tensor, Tensor]:
    """Sparse [B, 1, K + 1, C] and dense [B, C, h, w] embeddings; without points, one that says "not a point"."""
    batch = like.shape[0]
    points = prompts.points if prompts is not None else None
    labels = prompts.labels if prompts is not None else None
    earlier = prompts.earlier if prompts is not None else None
    if points is None or labels is None:
        points = like.new_zeros(batch, 1, 2)
        labels = torch.full((batch, 1), NOT_A_POINT, dtype=torch.int32, device=like.device)
    return model.prompt_encoder(
        input_points=points[:, None],
        input_labels=labels[:, None],
        input_boxes=None,
        input_masks=None if earlier is None else earlier[:, None].to(like.dtype),
    )
