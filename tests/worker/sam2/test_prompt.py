import numpy as np
import pytest
import torch

from worker.sam2.prompt import FramePrompt, to_model

SIZE = (90, 160)
MASK = np.zeros(SIZE, bool)
MASK[20:40, 50:80] = True


def test_a_box_becomes_two_points_before_the_clicks_in_the_models_pixels() -> None:
    prompts = to_model(FramePrompt(0, [(80, 45)], [0], box=(0, 0, 160, 90)), SIZE, 128)
    assert prompts.points is not None
    assert prompts.labels is not None
    assert prompts.points.tolist() == [[[0, 0], [128, 128], [64, 64]]]
    assert prompts.labels.tolist() == [[2, 3, 0]]
    assert prompts.earlier is None


def test_a_previous_mask_becomes_logits_at_a_quarter_of_the_input() -> None:
    prompts = to_model(FramePrompt(0, [(60, 30)], [1]), SIZE, 128, previous=MASK)
    assert prompts.earlier is not None
    assert prompts.earlier.shape == (1, 32, 32)
    assert prompts.earlier.min().item() == pytest.approx(-10, abs=1e-4)
    assert prompts.earlier.max().item() == pytest.approx(10, abs=1e-4)


def test_a_painted_mask_is_given_as_it_is() -> None:
    prompts = to_model(FramePrompt(0, mask=MASK), SIZE, 128)
    assert prompts.points is None
    assert prompts.mask is not None
    assert prompts.mask.shape == (1, 128, 128)
    assert prompts.mask.mean().item() == pytest.approx(MASK.mean(), abs=0.01)
    assert torch.equal(prompts.mask.unique(), torch.tensor([0.0, 1.0]))
