"""Checkpoints of SAM 2's authors: what their tensors are called in `transformers`, and which model they are of.

Theirs is a pickle (`torch.save({"model": …})`), which is never opened here: what this reads are its tensors, by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from transformers import Sam2VideoConfig

PATCHES = "image_encoder.trunk.patch_embed.proj.weight"
BLOCK = re.compile(r"image_encoder\.trunk\.blocks\.(\d+)\.")
POINTS = "prompt_encoder.point_embed.{}.weight"
TABLE = "prompt_encoder.shared_embedding.positional_embedding"

#: What tells the four sizes apart: by the width of the first stage and the number of blocks, the image encoder's
#: blocks and heads a stage, its blocks with global attention, its windows, and the window that places are learned in.
FAMILIES: dict[tuple[int, int], dict[str, Any]] = {
    (96, 12): {"blocks_per_stage": [1, 2, 7, 2], "global_attention_blocks": [5, 7, 9]},
    (96, 16): {"blocks_per_stage": [1, 2, 11, 2], "global_attention_blocks": [7, 10, 13]},
    (112, 24): {
        "blocks_per_stage": [2, 3, 16, 3],
        "global_attention_blocks": [12, 16, 20],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "window_positional_embedding_background_size": [14, 14],
    },
    (144, 48): {
        "blocks_per_stage": [2, 6, 36, 4],
        "global_attention_blocks": [23, 33, 43],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "window_size_per_stage": [8, 4, 16, 8],
    },
}

WHOLE = {
    "maskmem_tpos_enc": "memory_temporal_positional_encoding",
    "no_mem_embed": "no_memory_embedding",
    "no_mem_pos_enc": "no_memory_positional_encoding",
    "no_obj_ptr": "no_object_pointer",
    "no_obj_embed_spatial": "occlusion_spatial_embedding_parameter",
}
#: In this order, each on what the one before left.
PARTS = [
    (re.compile(pattern), put)
    for pattern, put in (
        (r"^image_encoder\.trunk\.", "vision_encoder.backbone."),
        (r"^image_encoder\.neck\.convs\.(\d+)\.conv\.", r"vision_encoder.neck.convs.\1."),
        (r"^sam_prompt_encoder\.", "prompt_encoder."),
        (r"^sam_mask_decoder\.", "mask_decoder."),
        (r"^obj_ptr_proj\.", "object_pointer_proj."),
        (r"^obj_ptr_tpos_proj\.", "temporal_positional_encoding_projection_layer."),
        (r"^memory_encoder\.out_proj\.", "memory_encoder.projection."),
        (r"^memory_encoder\.pix_feat_proj\.", "memory_encoder.feature_projection."),
        (r"^memory_encoder\.fuser\.", "memory_encoder.memory_fuser."),
        (r"\.dwconv\.", ".depthwise_conv."),
        (r"\.pwconv(\d)\.", r".pointwise_conv\1."),
        (r"\.gamma$", ".scale"),
        (r"\.patch_embed\.proj\.", ".patch_embed.projection."),
        (r"\.pe_layer\.positional_encoding_gaussian_matrix$", ".shared_embedding.positional_embedding"),
        (r"\.point_embeddings\.", ".point_embed."),
        (r"\.mask_downscaling\.0\.", ".mask_embed.conv1."),
        (r"\.mask_downscaling\.1\.", ".mask_embed.layer_norm1."),
        (r"\.mask_downscaling\.3\.", ".mask_embed.conv2."),
        (r"\.mask_downscaling\.4\.", ".mask_embed.layer_norm2."),
        (r"\.mask_downscaling\.6\.", ".mask_embed.conv3."),
        (r"\.output_upscaling\.0\.", ".upscale_conv1."),
        (r"\.output_upscaling\.1\.", ".upscale_layer_norm."),
        (r"\.output_upscaling\.3\.", ".upscale_conv2."),
        # Perceptrons of two layers, then of three.
        (r"\.mlp\.layers\.0\.", ".mlp.proj_in."),
        (r"\.mlp\.layers\.1\.", ".mlp.proj_out."),
        (r"(_mlps\.\d+|_head|^object_pointer_proj)\.layers\.0\.", r"\1.proj_in."),
        (r"(_mlps\.\d+|_head|^object_pointer_proj)\.layers\.1\.", r"\1.layers.0."),
        (r"(_mlps\.\d+|_head|^object_pointer_proj)\.layers\.2\.", r"\1.proj_out."),
        (r"\.norm(\d?|_final_attn)\.", r".layer_norm\1."),
        (r"\.out_proj\.", ".o_proj."),
    )
]
DOWNSAMPLER = re.compile(r"^memory_encoder\.mask_downsampler\.encoder\.(\d+)\.")
STEPS = (
    4  #: convolutions of the mask downsampler, each with a norm and an activation; the last one follows them
)


class Unknown(ValueError):
    """These are no tensors of a SAM 2 that is known."""


def translate(tensors: Mapping[str, Tensor]) -> tuple[Sam2VideoConfig, dict[str, Tensor]]:
    """The configuration that `tensors` fit, and they by the names that `transformers` gives them. Raises `Unknown`."""
    config = config_of(tensors)
    found = {name_of(name): tensor for name, tensor in tensors.items()}
    points = [found.pop(POINTS.format(n), None) for n in range(4)]
    if any(point is None for point in points) or TABLE not in found:
        raise Unknown("It lacks what prompts are encoded with, so it is no SAM 2.")
    found["prompt_encoder.point_embed.weight"] = torch.cat([point for point in points if point is not None])
    found["shared_image_embedding.positional_embedding"] = found[TABLE].clone()
    return config, found


def config_of(tensors: Mapping[str, Tensor]) -> Sam2VideoConfig:
    """Which of the family it is, told by what it is made of. Raises `Unknown`."""
    if PATCHES not in tensors or tensors[PATCHES].ndim != 4:
        raise Unknown(f"It has no tensor {PATCHES}, so it is no SAM 2 of its authors.")
    width = tensors[PATCHES].shape[0]
    blocks = len({found[1] for name in tensors if (found := BLOCK.match(name))})
    family = FAMILIES.get((width, blocks))
    if family is None:
        known = ", ".join(f"{w} wide with {n} blocks" for w, n in FAMILIES)
        raise Unknown(f"Its image encoder is {width} wide with {blocks} blocks. Known are: {known}.")
    widths = [width * 2**stage for stage in range(4)]
    of_2_1 = "no_obj_embed_spatial" in tensors
    return Sam2VideoConfig(
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": width,
                "embed_dim_per_stage": widths,
                **family,
            },
            "backbone_channel_list": widths[::-1],
        },
        enable_temporal_pos_encoding_for_object_pointers="obj_ptr_tpos_proj.weight" in tensors,
        enable_occlusion_spatial_embedding=of_2_1,
    )


def name_of(theirs: str) -> str:
    """What `transformers` calls a tensor; a name that nobody knows stays, and is then one too many."""
    if theirs in WHOLE:
        return WHOLE[theirs]
    name = theirs
    for pattern, put in PARTS:
        name = pattern.sub(put, name)
    return DOWNSAMPLER.sub(_downsampler, name)


def _downsampler(found: re.Match[str]) -> str:
    step, place = divmod(int(found[1]), 3)
    if step == STEPS:
        return "memory_encoder.mask_downsampler.final_conv."
    return f"memory_encoder.mask_downsampler.layers.{step}.{('conv', 'layer_norm', 'activation')[place]}."
