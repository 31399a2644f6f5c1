import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Sam2VideoConfig

from tests.worker.sam2.tiny import TinyClip, tiny_checkpoint, tiny_model
from vos import metrics
from worker.render.clips import render_clip
from worker.sam2 import checkpoint
from worker.sam2.tracker import FramePrompt, Tracker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_model().save_pretrained(tmp_path)
    return tmp_path


def test_a_saved_checkpoint_tracks_as_before(folder: Path) -> None:
    loaded = checkpoint.load(folder, "cpu", torch.float32)
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


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_weights_are_held_in_the_precision_that_is_computed_in(folder: Path, precision: torch.dtype) -> None:
    weights = folder / "model.safetensors"
    save_file({k: v.half() for k, v in load_file(weights).items()}, weights, {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))
    loaded = checkpoint.load(folder, "cpu", precision)
    assert {weight.dtype for weight in loaded.model.parameters()} == {precision}
    assert not any(weight.requires_grad for weight in loaded.model.parameters())
    table = loaded.model.prompt_encoder.shared_embedding.positional_embedding
    assert table.dtype == torch.float32, "the places of clicks keep all their digits"


def test_masks_in_bfloat16_are_nearly_those_in_float32() -> None:
    """With the weights that people run first: random ones make every rounding a different mask."""
    clip = render_clip(3, frames=6, fps=6.0, split="validation")
    start = [FramePrompt(0, mask=clip.masks[0, 0])]
    exact, quick = (
        list(
            Tracker(checkpoint.load(device="cpu", precision=precision)).propagate(
                clip.frames, start, order=range(6)
            )
        )
        for precision in (torch.float32, torch.bfloat16)
    )
    assert all(metrics.iou(one.mask, other.mask) > 0.97 for one, other in zip(exact, quick, strict=True))


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


def test_what_depends_on_the_image_size_follows_it() -> None:
    made, half = Sam2VideoConfig(), checkpoint.at_size(Sam2VideoConfig(), 512)
    assert half.image_size == half.prompt_encoder_config.image_size == 512
    assert half.memory_attention_rope_feat_sizes == [32, 32]
    assert half.vision_config.backbone_feature_sizes == [[128, 128], [64, 64], [32, 32]]
    assert made.image_size == 1024
    assert checkpoint.at_size(half, 1024).to_dict() == made.to_dict()


def test_only_what_was_made_for_the_official_size_is_run_at_another(folder: Path) -> None:
    assert checkpoint.load(folder, "cpu", official_size=256).image_size == 128
    saved = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(saved | {"image_size": checkpoint.OFFICIAL_SIZE}))
    assert checkpoint.load(folder, "cpu", official_size=256).image_size == 256
    for size in (100, 0, 4096):
        with pytest.raises(ValueError, match="must be a multiple of 64 from 128 to 2048"):
            checkpoint.load(folder, "cpu", official_size=size)


def test_the_size_suits_the_device_unless_one_is_wanted() -> None:
    assert checkpoint.official_size_on("cpu") == 512
    assert checkpoint.official_size_on("cpu", 768) == 768


def test_a_model_of_another_family_is_refused_in_a_sentence(folder: Path) -> None:
    saved = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(saved | {"model_type": "sam3_video"}))
    with pytest.raises(ValueError, match="says 'sam3_video', not 'sam2_video'"):
        checkpoint.load(folder)
