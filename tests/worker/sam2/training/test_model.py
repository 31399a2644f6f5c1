from pathlib import Path

import torch

from worker.sam2 import checkpoint
from worker.sam2.training.model import existing_model, export, small_model


def test_clicks_are_encoded_as_pixels_are() -> None:
    model = small_model(64)

    pixels, clicks = model.shared_image_embedding, model.prompt_encoder.shared_embedding

    assert torch.equal(pixels.positional_embedding, clicks.positional_embedding)


def test_what_is_exported_loads_again_and_is_small(tmp_path: Path) -> None:
    model = small_model(256)

    export(model, model.state_dict(), tmp_path / "model")

    assert checkpoint.load(tmp_path / "model", "cpu").image_size == 256
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 16e6
    again = existing_model(tmp_path / "model").state_dict()
    assert all(torch.allclose(again[name], value, atol=1e-3) for name, value in model.state_dict().items())
