"""Checkpoints: SAM 2 weights from a folder or by their name on the Hugging Face hub, safetensors only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import Sam2VideoConfig, Sam2VideoModel

BUNDLED = Path(__file__).parent / "bundled"
HUB_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*/[\w.-]+")

OFFICIAL_SIZE = 1024  # pixels, of all checkpoints that were published
OFFICIAL_SIZE_ON_A_CPU = 512  # where 1024 takes a CPU seconds a frame
SIZES = range(128, 2049, 64)  # what four halvings and the windows of the image encoder divide


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run: in evaluation mode, on its device."""

    model: Sam2VideoModel
    name: str = ""

    @property
    def device(self) -> torch.device:
        return self.model.device

    @property
    def image_size(self) -> int:
        """S: frames are resized to S×S for the model."""
        size = self.model.config.image_size
        assert isinstance(size, int), "SAM 2 takes square images"
        return size


def load(
    location: str | Path = BUNDLED,
    device: str = "auto",
    precision: torch.dtype | None = None,
    *,
    official_size: int | None = None,
) -> Checkpoint:
    """Load a folder that `save_pretrained` wrote, or a hub name such as `facebook/sam2.1-hiera-tiny`.

    `device` is "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:1". `precision` is what is computed in; by
    default bfloat16 where the device multiplies it natively, as the official predictor does, else float32.
    `official_size`: the pixels of a side at which to run a checkpoint that was made for 1024 (any other keeps its own
    size); see `official_size_on`. Raises FileNotFoundError when nothing is there, ValueError when what is there is not
    a whole SAM 2 video model or the size is none that it can be run at.
    """
    name = str(location)
    # A path that does not exist must not turn into a question to the hub.
    if not Path(name).is_dir() and not HUB_NAME.fullmatch(name):
        raise _nothing_at(name)
    try:
        config = _config(name)
        if official_size is not None and config.image_size == OFFICIAL_SIZE:
            config = at_size(config, official_size)
        loaded: Any = Sam2VideoModel.from_pretrained(
            name, config=config, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
    except OSError as error:
        raise _nothing_at(name) from error
    model, report = loaded
    # transformers fills what is missing with random numbers and only warns.
    missing = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
    if missing:
        raise ValueError(
            f"{name!r} is not a SAM 2 video model: {len(missing)} weights are missing or of another "
            f"shape, {missing[0]} for one."
        )
    on = _device(device)
    return Checkpoint(in_precision(model.to(on), precision or native_precision(on)).eval(), name)


def at_size(config: Sam2VideoConfig, size: int) -> Sam2VideoConfig:
    """A model's configuration for images of another size: its tables of positions, what it looks back on and the masks
    that it takes follow. Raises ValueError for a size that is not one of `SIZES`."""
    if size not in SIZES:
        raise ValueError(
            f"The image size is {size} pixels; it must be a multiple of {SIZES.step} from {SIZES[0]} to {SIZES[-1]}."
        )
    config = Sam2VideoConfig.from_dict(config.to_dict())
    prompts, vision = cast(Any, config.prompt_encoder_config), cast(Any, config.vision_config)
    config.image_size = prompts.image_size = size
    vision.backbone_config.image_size = [size, size]
    vision.backbone_feature_sizes = [[size // stride] * 2 for stride in (4, 8, 16)]
    config.memory_attention_rope_feat_sizes = [size // 16] * 2
    return config


def official_size_on(device: str, wanted: int | None = None) -> int:
    """The pixels of a side at which to run a checkpoint that was made for 1024: `wanted`, or what suits the device."""
    if wanted:
        return wanted
    return OFFICIAL_SIZE if _device(device).type == "cuda" else OFFICIAL_SIZE_ON_A_CPU


def native_precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the device has instructions for it, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if native else torch.float32


def in_precision(model: Sam2VideoModel, precision: torch.dtype) -> Sam2VideoModel:
    """The model with frozen weights of `precision`, but for the two tables that tell places apart: a click's place
    needs more than the three digits that bfloat16 has."""
    tables = [model.shared_image_embedding, model.prompt_encoder.shared_embedding]
    exact = [table.positional_embedding.float() for table in tables]
    nn.Module.to(model, precision)
    for table, embedding in zip(tables, exact, strict=True):
        table.positional_embedding = nn.Buffer(embedding)
    return model.requires_grad_(False)


def _config(name: str) -> Sam2VideoConfig:
    """Raises OSError where there is none, ValueError where it is of another family."""
    found, _ = Sam2VideoConfig.get_config_dict(name)
    family = found.get("model_type")
    if family != Sam2VideoConfig.model_type:
        raise ValueError(
            f"{name!r} is not a SAM 2 video model: its configuration says {family!r}, "
            f"not {Sam2VideoConfig.model_type!r}."
        )
    return Sam2VideoConfig.from_dict(found)


def _nothing_at(name: str) -> FileNotFoundError:
    return FileNotFoundError(
        f"No SAM 2 checkpoint at {name!r}: give a folder with config.json and model.safetensors, or the "
        "name of a model on the Hugging Face hub that this machine can reach."
    )


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"Device {wanted!r} was asked for, but PyTorch sees no CUDA device here.")
    return device
