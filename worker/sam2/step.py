"""One step of SAM 2 (paper §4): a frame, what is remembered, perhaps a prompt → a mask, its scores, a new memory.

Pure functions of the weights and their arguments, differentiable, batched over objects: B objects of one frame
(`FrameFeatures.expand`), or one object each of B clips, or both. The tracker and the trainer call the same ones.

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

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Sam2VideoModel

from worker.sam2.features import FrameFeatures
from worker.sam2.memory import FrameMemory, Memory

# The logit of every pixel of an object that is not there, and those of a mask that is given as it is.
ABSENT_LOGIT = -1024.0
GIVEN_SCALE, GIVEN_BIAS = 20.0, -10.0

NEGATIVE, POSITIVE, BOX_TOP_LEFT, BOX_BOTTOM_RIGHT = 0, 1, 2, 3
NOT_A_POINT = -1


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


@dataclass(frozen=True)
class StepOutput:
    """What a step says about B objects on one frame.

    candidates    [B, M, S/4, S/4] mask logits of the M = 3 candidates (multimask) or M = 1, never blanked
    ious          [B, M] predicted IoU of each, 0..1
    chosen        [B] index of the candidate with the highest predicted IoU
    object_score  [B] logit; at 0 or below the object is absent (occlusion head)
    logits        [B, S/4, S/4] the chosen candidate; ABSENT_LOGIT everywhere for an absent object
    full_logits   [B, S, S] the same at the input's size, what the memory encoder sees
    pointer       [B, C] object pointer
    memory        what to add to the bank, or None if it was not asked for
    """

    candidates: Tensor
    ious: Tensor
    chosen: Tensor
    object_score: Tensor
    logits: Tensor
    full_logits: Tensor
    pointer: Tensor
    memory: FrameMemory | None = None

    @property
    def predicted_iou(self) -> Tensor:
        """[B] predicted IoU of the chosen candidate."""
        return self.ious.gather(1, self.chosen[:, None])[:, 0]


def step(
    model: Sam2VideoModel,
    features: FrameFeatures,
    memory: Memory | None,
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


def condition(model: Sam2VideoModel, features: FrameFeatures, memory: Memory | None) -> Tensor:
    """Memory attention: a frame's features [B, C, h, w] in the light of what is remembered (same shape)."""
    batch, channels, height, width = features.low.shape
    if memory is None:
        return features.low + model.no_memory_embedding.reshape(1, channels, 1, 1)
    attended = model.memory_attention(
        current_vision_features=features.low.flatten(2).permute(2, 0, 1),
        current_vision_position_embeddings=features.position.flatten(2).permute(2, 0, 1),
        memory=memory.tokens.transpose(0, 1),
        memory_posision_embeddings=memory.positions.transpose(0, 1),
        num_object_pointer_tokens=memory.pointer_tokens,
    )  # [1, B, h·w, C]
    return attended[0].transpose(1, 2).reshape(batch, channels, height, width)


def decode(
    model: Sam2VideoModel,
    features: FrameFeatures,
    conditioned: Tensor,
    prompts: Prompts | None = None,
    *,
    multimask: bool,
) -> StepOutput:
    """Prompt encoder, mask decoder and occlusion head on conditioned features [B, C, h, w]."""
    batch = conditioned.shape[0]
    sparse, dense = _embed_prompts(model, prompts, conditioned)
    place = model.get_image_wide_positional_embeddings().expand(batch, -1, -1, -1)
    masks, ious, tokens, scores = model.mask_decoder(
        image_embeddings=conditioned,
        image_positional_embeddings=place,
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=multimask,
        high_resolution_features=list(features.skips),
    )
    candidates, ious, tokens = masks[:, 0], ious[:, 0], tokens[:, 0]  # one prompt set an object
    object_score = scores[:, 0, 0]
    present = object_score > 0
    rows = torch.arange(batch, device=ious.device)
    chosen = ious.argmax(dim=-1)
    logits = torch.where(present[:, None, None], candidates[rows, chosen], ABSENT_LOGIT)
    pointer = model.object_pointer_proj(tokens[rows, chosen])
    return StepOutput(
        candidates=candidates,
        ious=ious,
        chosen=chosen,
        object_score=object_score,
        logits=logits,
        full_logits=resize_logits(logits, _size(features, 16)),
        pointer=_pointer_of(model, pointer, present),
    )


def adopt_mask(model: Sam2VideoModel, features: FrameFeatures, mask: Tensor) -> StepOutput:
    """Take a mask [B, S, S] of zeros and ones as the frame's answer, and make the pointer that goes with it.

    The decoder is run for the pointer only, on features without memory, with the mask as a dense prompt.
    """
    mask = mask.to(features.low.dtype)
    present = mask.flatten(1).gt(0).any(dim=1)
    full_logits = mask * GIVEN_SCALE + GIVEN_BIAS
    logits = resize_logits(full_logits, _size(features, 4))
    earlier = model.mask_downsample(mask[:, None])[:, 0]
    decoded = decode(model, features, features.low, Prompts(earlier=earlier), multimask=True)
    return StepOutput(
        candidates=logits[:, None],
        ious=torch.ones_like(logits[:, :1, 0]),
        chosen=torch.zeros_like(decoded.chosen),
        object_score=present.to(mask.dtype) * GIVEN_SCALE + GIVEN_BIAS,
        logits=logits,
        full_logits=full_logits,
        pointer=_pointer_of(model, decoded.pointer, present),
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
    spatial, _ = model.memory_encoder(features.low, mask)
    if model.occlusion_spatial_embedding_parameter is not None:
        absent = (output.object_score <= 0).to(spatial.dtype)[:, None, None, None]
        spatial = spatial + absent * model.occlusion_spatial_embedding_parameter[..., None, None]
    return FrameMemory(spatial.flatten(2).transpose(1, 2), output.pointer)


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


def _pointer_of(model: Sam2VideoModel, pointer: Tensor, present: Tensor) -> Tensor:
    """The pointer [B, C] where the object is present [B], the learned "no object" pointer elsewhere."""
    return torch.where(present[:, None], pointer, model.no_object_pointer.to(pointer.dtype))


def _size(features: FrameFeatures, factor: int) -> tuple[int, int]:
    """The features' height and width times 4 (the decoder's masks) or 16 (the model's input)."""
    height, width = features.low.shape[-2:]
    return factor * height, factor * width
