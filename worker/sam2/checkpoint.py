"""Checkpoints: SAM 2 weights from a folder or by their name on the Hugging Face hub, safetensors only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Sam2VideoModel

BUNDLED = Path(__file__).parent / "bundled"
HUB_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*/[\w.-]+")


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
    location: str | Path = BUNDLED, device: str = "auto", precision: torch.dtype | None = None
) -> Checkpoint:
    """Load a folder that `save_pretrained` wrote, or a hub name such as `facebook/sam2.1-hiera-tiny`.

    `device` is "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:1". `precision` is what is computed in; by
    default bfloat16 where the device multiplies it natively, as the official predictor does, else float32. Raises
    FileNotFoundError when nothing is there, ValueError when what is there is not a whole SAM 2 video model.
    """
    name = str(location)
    # A path that does not exist must not turn into a question to the hub.
    if not Path(name).is_dir() and not HUB_NAME.fullmatch(name):
        raise _nothing_at(name)
    try:
        loaded: Any = Sam2VideoModel.from_pretrained(
            name, use_safetensors=True, dtype=torch.float32, output_loading_info=True
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
