"""What lies between two checkpoints."""

from pathlib import Path

import pytest
import torch

from worker.sam2 import checkpoint
from worker.sam2.training.blend import blend
from worker.sam2.training.model import existing_model, export


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled checkpoint, a little moved."""
    folder = tmp_path_factory.mktemp("tuned") / "model"
    model = existing_model(checkpoint.BUNDLED)
    torch.manual_seed(0)
    moved = {
        name: value + 0.01 * torch.randn_like(value) if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    export(model, moved, folder)
    return folder


def weights(folder: str | Path) -> dict[str, torch.Tensor]:
    return {
        name: value.clone() for name, value in existing_model(folder).state_dict().items() if value.ndim > 1
    }


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_it_lies_on_the_way(tuned, tmp_path, share):
    found = weights(blend(checkpoint.BUNDLED, tuned, share, tmp_path / "blended"))
    base, end = weights(checkpoint.BUNDLED), weights(tuned)
    for name, value in found.items():
        wanted = (1 - share) * base[name] + share * end[name]
        torch.testing.assert_close(value, wanted, atol=2e-3, rtol=2e-3)  # stored in half precision


def test_what_was_blended_can_be_used(tuned, tmp_path):
    assert checkpoint.load(blend(checkpoint.BUNDLED, tuned, 0.5, tmp_path / "blended"), "cpu").image_size > 0
