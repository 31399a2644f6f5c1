import json
from pathlib import Path

import numpy as np
import pytest
import torch

from worker.render import render_clip
from worker.sam2 import checkpoint, training
from worker.sam2.step import StepOutput


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phases of one step each, and a validation of one batch."""
    one = {"size": 64, "share": 1e-9, "rates": (1e-3, 1e-3), "clips": 1, "frames": 2, "objects": 2}
    phases = [training.Phase(kind, **one) for kind in ("images", "clips")]
    monkeypatch.setattr(training, "PHASES", phases)
    monkeypatch.setattr(training, "VALIDATION_CLIPS", 1)
    monkeypatch.setattr(training, "VALIDATION_STEPS", 1)


def test_a_batch_is_the_same_whenever_it_is_asked_for() -> None:
    data = training.Batches(64, clips=2, frames=2, objects=3)

    (frames, masks), (again, _) = data[7], data[7]

    assert frames.shape == (2, 2, 64, 64, 3)
    assert masks.shape == (2, 2, 3, 64, 64)
    assert torch.equal(frames, again)


def test_every_chosen_object_is_seen_in_the_first_frame() -> None:
    _, masks = training.Batches(64, clips=3, frames=2, objects=3)[0]

    assert masks[:, 0].flatten(2).any(2).all()


def test_a_squeezed_mask_keeps_its_share_of_the_frame() -> None:
    clip = render_clip(2, width=160, height=90, frames=1)

    _, masks = training.squared(clip, 64)

    assert masks.mean() == pytest.approx(clip.masks.mean(), rel=0.1)


def test_clicks_are_encoded_as_pixels_are() -> None:
    model = training.build(64)

    pixels, clicks = model.shared_image_embedding, model.prompt_encoder.shared_embedding

    assert torch.equal(pixels.positional_embedding, clicks.positional_embedding)


def output(candidates: torch.Tensor, ious: torch.Tensor, score: torch.Tensor) -> StepOutput:
    nothing = torch.zeros(0)
    return StepOutput(candidates, ious, nothing.long(), score, nothing, nothing, nothing)


def square() -> torch.Tensor:
    truth = torch.zeros(1, 64, 64, dtype=torch.bool)
    truth[:, 16:48, 16:48] = True
    return truth


def logits_of(mask: torch.Tensor) -> torch.Tensor:
    return mask[:, ::4, ::4].float() * 40 - 20


def test_only_the_best_candidate_is_held_to_the_mask() -> None:
    right, wrong = logits_of(square()), logits_of(~square())
    ious, score = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([20.0])

    loss = training.step_loss(output(torch.stack([right, wrong, wrong], 1), ious, score), square())

    assert loss < 0.1


def test_a_frame_without_the_object_teaches_the_object_score_alone() -> None:
    candidates = logits_of(square())[:, None].requires_grad_()
    absent = torch.zeros(1, 64, 64, dtype=torch.bool)

    loss = training.step_loss(output(candidates, torch.ones(1, 1), torch.tensor([-3.0])), absent)
    loss_if_present = training.step_loss(output(candidates, torch.ones(1, 1), torch.tensor([3.0])), absent)

    assert loss < 0.1 < loss_if_present
    assert torch.autograd.grad(loss, candidates)[0].abs().max() == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_clip_teaches_every_part_that_remembers(seed: int) -> None:
    model = training.build(64).train()
    # A model that calls the object absent remembers no mask of it.
    torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 5.0)
    frames, masks = training.Batches(64, clips=1, frames=3, objects=2)[seed]

    training.clip_loss(model, frames, masks, np.random.default_rng(seed)).backward()

    for part in (model.memory_attention, model.memory_encoder, model.object_pointer_proj):
        assert any(weight.grad is not None and weight.grad.any() for weight in part.parameters())


@pytest.mark.usefixtures("brief")
def test_a_run_leaves_a_model_that_loads_and_a_log(tmp_path: Path) -> None:
    training.Run(tmp_path, minutes=1, seed=0).train()

    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert entries[-1]["phase"] == 2
    assert checkpoint.load(tmp_path / "model").image_size == training.IMAGE_SIZE
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 16e6


@pytest.mark.usefixtures("brief")
def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    first = training.Run(tmp_path, minutes=1, seed=0)
    first.train_phase(training.PHASES[0])

    again = training.Run(tmp_path, minutes=1, seed=0)

    assert (again.phase, again.step) == (1, 1)
    assert all(torch.equal(again.weights[name], value) for name, value in first.weights.items())
    assert again.optimizer_state is not None
