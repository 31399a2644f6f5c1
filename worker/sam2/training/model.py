"""The model that is trained: the small SAM 2 from nothing, or any SAM 2 that is there."""

import json
import shutil
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoAttention, Sam2VideoMemoryFuserCXBlock

from worker.sam2 import checkpoint

IMAGE_SIZE = 320  # of the small SAM 2 that comes out


def small_config(image_size: int = IMAGE_SIZE) -> Sam2VideoConfig:
    """A SAM 2 of 7.6 million parameters; its weights fit any multiple of 32 pixels."""
    side = image_size // 4
    return Sam2VideoConfig(
        image_size=image_size,
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": 48,
                "image_size": [image_size, image_size],
                "blocks_per_stage": [1, 2, 8, 1],
                "embed_dim_per_stage": [48, 96, 192, 384],
                "num_attention_heads_per_stage": [1, 2, 4, 8],
                "window_size_per_stage": [8, 4, 10, 5],
                "window_positional_embedding_background_size": [10, 10],
                "global_attention_blocks": [6, 9],
            },
            "backbone_channel_list": [384, 192, 96, 48],
            "backbone_feature_sizes": [[side, side], [side // 2] * 2, [side // 4] * 2],
            "fpn_hidden_size": 128,
        },
        prompt_encoder_config={"hidden_size": 128, "image_size": image_size},
        mask_decoder_config={
            "hidden_size": 128,
            "mlp_dim": 512,
            "num_attention_heads": 4,
            "iou_head_hidden_dim": 128,
        },
        memory_attention_hidden_size=128,
        memory_attention_num_layers=3,
        memory_attention_feed_forward_hidden_size=512,
        memory_attention_rope_feat_sizes=[side // 4, side // 4],
        memory_attention_dropout=0.0,
        memory_attention_rope_dropout=0.0,
        memory_encoder_hidden_size=128,
        mask_downsampler_embed_dim=128,
        memory_fuser_embed_dim=128,
        memory_fuser_intermediate_dim=512,
    )


def small_model(image_size: int = IMAGE_SIZE, weights: dict[str, Tensor] | None = None) -> Sam2VideoModel:
    """The small SAM 2 at an image size, fresh or with what fits of given weights, by name and shape."""
    model = Sam2VideoModel(small_config(image_size))
    initialise(model)
    if weights is not None:
        shapes = {name: value.shape for name, value in model.state_dict().items()}
        fitting = {name: value for name, value in weights.items() if shapes.get(name) == value.shape}
        model.load_state_dict(fitting, strict=False)
    return with_exact_places(model)


def image_size(model: Sam2VideoModel) -> int:
    """S: the model takes S×S pixels."""
    size = model.config.image_size
    assert isinstance(size, int), "SAM 2 takes square images"
    return size


def existing_model(location: str | Path) -> Sam2VideoModel:
    """A checkpoint to go on from, in its own size and shape, on the CPU."""
    return with_exact_places(checkpoint.load(location, "cpu", precision=torch.float32).model)


def with_exact_places(model: Sam2VideoModel) -> Sam2VideoModel:
    """The model, its encodings of places exempt from bfloat16: they need all their digits."""
    for table in (model.shared_image_embedding, model.prompt_encoder.shared_embedding):
        for device in ("cpu", "cuda"):
            exact = torch.autocast(device, enabled=False)(table.forward)
            table.forward = exact  # type: ignore[method-assign]
    return model


@torch.no_grad()
def initialise(model: Sam2VideoModel) -> None:
    """Fresh weights with PyTorch's defaults: `transformers`' sigma of 0.02 leaves a narrow model
    unable to learn (one-click IoU 0.06 instead of 0.30 after 600 steps)."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            module.reset_parameters()
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight)
        elif isinstance(module, Sam2VideoMemoryFuserCXBlock):
            nn.init.constant_(module.scale, 0.1)
    # The mask decoder starts by looking where places agree, so that a click counts from the first
    # step: with independent queries and keys it was ignored for hundreds.
    for module in model.mask_decoder.transformer.modules():
        if isinstance(module, Sam2VideoAttention) and module.internal_dim < module.hidden_size:
            nn.init.xavier_uniform_(module.q_proj.weight, gain=2.0)
            module.k_proj.weight.copy_(module.q_proj.weight)
    # A click finds its place only if it is encoded as the pixels are.
    clicks, pixels = model.prompt_encoder.shared_embedding, model.shared_image_embedding
    clicks.positional_embedding.copy_(pixels.positional_embedding)
    backbone = model.vision_encoder.backbone
    for table in (
        backbone.pos_embed,
        backbone.pos_embed_window,
        model.memory_temporal_positional_encoding,
        model.no_object_pointer,
        model.occlusion_spatial_embedding_parameter,
    ):
        assert table is not None
        nn.init.trunc_normal_(table, std=0.02)


def export(model: Sam2VideoModel, weights: dict[str, Tensor], folder: Path) -> None:
    """Writes weights as a `Sam2VideoModel` folder: stored in half precision, loaded in single.

    A folder that is there already is replaced file by file, so that it is never half a model.
    """
    fresh = folder.with_name(folder.name + ".part")
    half = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    model.save_pretrained(fresh, state_dict=half)
    config = json.loads((fresh / "config.json").read_text())
    (fresh / "config.json").write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("model.safetensors", "config.json"):
        (fresh / name).replace(folder / name)
    shutil.rmtree(fresh)
