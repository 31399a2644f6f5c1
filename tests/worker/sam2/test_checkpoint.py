import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.worker.sam2.tiny import TinyClip, tiny_checkpoint, tiny_model
from worker.sam2 import checkpoint
from worker.sam2.tracker import FramePrompt, Tracker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_model().save_pretrained(tmp_path)
    return tmp_path


def test_a_saved_checkpoint_tracks_as_before(folder: Path) -> None:
    loaded = checkpoint.load(folder, "cpu")
    assert not loaded.model.training
    assert loaded.image_size == 128
    assert loaded.device == torch.device("cpu")
    clip, prompt = TinyClip(), FramePrompt(0, [(30, 25)], [1])
    before, after = (
        list(Tracker(one).propagate(clip, [prompt], order=range(3))) for one in (tiny_checkpoint(), loaded)
    )
    for left, right in zip(before, after, strict=True):
        assert right.predicted_iou == pytest.approx(left.predicted_iou, abs=1e-5)
        assert (left.mask == right.mask).all()


def test_weights_stored_in_half_precision_are_held_in_float32(folder: Path) -> None:
    weights = folder / "model.safetensors"
    save_file({k: v.half() for k, v in load_file(weights).items()}, weights, {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))
    loaded = checkpoint.load(folder, "cpu")
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.float32}


def test_a_checkpoint_with_missing_weights_is_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    kept = {k: v for k, v in load_file(weights).items() if "memory_encoder" not in k}
    save_file(kept, weights, {"format": "pt"})
    with pytest.raises(ValueError, match=r"not a SAM 2 video model: .* missing"):
        checkpoint.load(folder)


def test_a_pickled_checkpoint_is_refused(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors"):
        checkpoint.load(folder)


@pytest.mark.parametrize("location", ["./nowhere", "/nowhere/at/all", "nowhere", "../a/b"])
def test_a_location_without_a_checkpoint_is_told_in_a_sentence(location: str) -> None:
    with pytest.raises(FileNotFoundError, match="No SAM 2 checkpoint at"):
        checkpoint.load(location)


def test_a_missing_gpu_is_told_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert checkpoint.load(folder, "auto").device.type == "cpu"
    with pytest.raises(ValueError, match="no CUDA device"):
        checkpoint.load(folder, "cuda")
