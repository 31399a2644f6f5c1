"""The tensors of a checkpoint of SAM 2's authors, by name: each with the name that `transformers` has for it.

Written down part by part as their modules are nested, so that a test does not repeat what the code does.
"""

from collections.abc import Iterator, Sequence

Pair = tuple[str, str]


def pairs(blocks_per_stage: Sequence[int], *, of_2_1: bool = True, attention_layers: int = 4) -> list[Pair]:
    """All but what the authors keep in four pieces (`point_embeddings`) and `transformers` twice (the table)."""
    return [
        *_encoder(blocks_per_stage),
        *_memory(attention_layers),
        *_prompts(),
        *_decoder(),
        *_loose(of_2_1),
    ]


def points() -> list[str]:
    return [f"sam_prompt_encoder.point_embeddings.{n}.weight" for n in range(4)]


TABLE = "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"


def _layer(theirs: str, ours: str) -> Iterator[Pair]:
    for part in ("weight", "bias"):
        yield f"{theirs}.{part}", f"{ours}.{part}"


def _encoder(blocks_per_stage: Sequence[int]) -> Iterator[Pair]:
    trunk, backbone = "image_encoder.trunk", "vision_encoder.backbone"
    for table in ("pos_embed", "pos_embed_window"):
        yield f"{trunk}.{table}", f"{backbone}.{table}"
    yield from _layer(f"{trunk}.patch_embed.proj", f"{backbone}.patch_embed.projection")
    stage_begins = {sum(blocks_per_stage[:n]) for n in range(1, 4)}
    for n in range(sum(blocks_per_stage)):
        theirs, ours = f"{trunk}.blocks.{n}", f"{backbone}.blocks.{n}"
        for one, other in (
            ("norm1", "layer_norm1"),
            ("attn.qkv", "attn.qkv"),
            ("attn.proj", "attn.proj"),
            ("norm2", "layer_norm2"),
            ("mlp.layers.0", "mlp.proj_in"),
            ("mlp.layers.1", "mlp.proj_out"),
            *([("proj", "proj")] if n in stage_begins else []),
        ):
            yield from _layer(f"{theirs}.{one}", f"{ours}.{other}")
    for n in range(4):
        yield from _layer(f"image_encoder.neck.convs.{n}.conv", f"vision_encoder.neck.convs.{n}")


def _attention(theirs: str, ours: str) -> Iterator[Pair]:
    for one, other in (
        ("q_proj", "q_proj"),
        ("k_proj", "k_proj"),
        ("v_proj", "v_proj"),
        ("out_proj", "o_proj"),
    ):
        yield from _layer(f"{theirs}.{one}", f"{ours}.{other}")


def _memory(attention_layers: int) -> Iterator[Pair]:
    for n in range(attention_layers):
        layer = f"memory_attention.layers.{n}"
        for name in ("self_attn", "cross_attn_image"):
            yield from _attention(f"{layer}.{name}", f"{layer}.{name}")
        for one, other in (
            ("linear1", "linear1"),
            ("linear2", "linear2"),
            ("norm1", "layer_norm1"),
            ("norm2", "layer_norm2"),
            ("norm3", "layer_norm3"),
        ):
            yield from _layer(f"{layer}.{one}", f"{layer}.{other}")
    yield from _layer("memory_attention.norm", "memory_attention.layer_norm")
    down = "memory_encoder.mask_downsampler"
    for n in range(4):
        yield from _layer(f"{down}.encoder.{3 * n}", f"{down}.layers.{n}.conv")
        yield from _layer(f"{down}.encoder.{3 * n + 1}", f"{down}.layers.{n}.layer_norm")
    yield from _layer(f"{down}.encoder.12", f"{down}.final_conv")
    yield from _layer("memory_encoder.pix_feat_proj", "memory_encoder.feature_projection")
    yield from _layer("memory_encoder.out_proj", "memory_encoder.projection")
    for n in range(2):
        theirs, ours = f"memory_encoder.fuser.layers.{n}", f"memory_encoder.memory_fuser.layers.{n}"
        yield f"{theirs}.gamma", f"{ours}.scale"
        for one, other in (
            ("dwconv", "depthwise_conv"),
            ("norm", "layer_norm"),
            ("pwconv1", "pointwise_conv1"),
            ("pwconv2", "pointwise_conv2"),
        ):
            yield from _layer(f"{theirs}.{one}", f"{ours}.{other}")


def _prompts() -> Iterator[Pair]:
    theirs, ours = "sam_prompt_encoder", "prompt_encoder"
    yield TABLE, f"{ours}.shared_embedding.positional_embedding"
    yield f"{theirs}.not_a_point_embed.weight", f"{ours}.not_a_point_embed.weight"
    yield f"{theirs}.no_mask_embed.weight", f"{ours}.no_mask_embed.weight"
    for n, name in ((0, "conv1"), (1, "layer_norm1"), (3, "conv2"), (4, "layer_norm2"), (6, "conv3")):
        yield from _layer(f"{theirs}.mask_downscaling.{n}", f"{ours}.mask_embed.{name}")


def _decoder() -> Iterator[Pair]:
    theirs, ours = "sam_mask_decoder", "mask_decoder"
    for token in ("iou_token", "mask_tokens", "obj_score_token"):
        yield f"{theirs}.{token}.weight", f"{ours}.{token}.weight"
    for n in range(2):
        layer = f"transformer.layers.{n}"
        for name in ("self_attn", "cross_attn_token_to_image", "cross_attn_image_to_token"):
            yield from _attention(f"{theirs}.{layer}.{name}", f"{ours}.{layer}.{name}")
        for k in range(1, 5):
            yield from _layer(f"{theirs}.{layer}.norm{k}", f"{ours}.{layer}.layer_norm{k}")
        yield from _layer(f"{theirs}.{layer}.mlp.layers.0", f"{ours}.{layer}.mlp.proj_in")
        yield from _layer(f"{theirs}.{layer}.mlp.layers.1", f"{ours}.{layer}.mlp.proj_out")
    last = "transformer.final_attn_token_to_image"
    yield from _attention(f"{theirs}.{last}", f"{ours}.{last}")
    yield from _layer(f"{theirs}.transformer.norm_final_attn", f"{ours}.transformer.layer_norm_final_attn")
    for n, name in ((0, "upscale_conv1"), (1, "upscale_layer_norm"), (3, "upscale_conv2")):
        yield from _layer(f"{theirs}.output_upscaling.{n}", f"{ours}.{name}")
    for name in ("conv_s0", "conv_s1"):
        yield from _layer(f"{theirs}.{name}", f"{ours}.{name}")
    heads = [f"output_hypernetworks_mlps.{n}" for n in range(4)]
    for head in (*heads, "iou_prediction_head", "pred_obj_score_head"):
        yield from _three(f"{theirs}.{head}", f"{ours}.{head}")


def _three(theirs: str, ours: str) -> Iterator[Pair]:
    for n, name in enumerate(("proj_in", "layers.0", "proj_out")):
        yield from _layer(f"{theirs}.layers.{n}", f"{ours}.{name}")


def _loose(of_2_1: bool) -> Iterator[Pair]:
    yield "maskmem_tpos_enc", "memory_temporal_positional_encoding"
    yield "no_mem_embed", "no_memory_embedding"
    yield "no_mem_pos_enc", "no_memory_positional_encoding"
    yield "no_obj_ptr", "no_object_pointer"
    yield from _layer("mask_downsample", "mask_downsample")
    yield from _three("obj_ptr_proj", "object_pointer_proj")
    if of_2_1:
        yield "no_obj_embed_spatial", "occlusion_spatial_embedding_parameter"
        yield from _layer("obj_ptr_tpos_proj", "temporal_positional_encoding_projection_layer")
