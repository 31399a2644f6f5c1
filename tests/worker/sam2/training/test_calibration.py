import pytest
import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.sam2.training.calibration import calibrate, fit
from worker.sam2.training.footage import Batches
from worker.sam2.training.model import small_model


def test_a_fit_finds_the_scale_and_the_shift() -> None:
    logits = torch.linspace(-3, 3, 200)

    scale, shift = fit(logits, (2 * logits - 1).sigmoid())

    assert scale == pytest.approx(2, abs=0.05)
    assert shift == pytest.approx(-1, abs=0.05)


def test_calibrating_changes_what_the_model_says_of_itself(squares: Squares) -> None:
    model = small_model(SIZE)
    before = model.mask_decoder.pred_obj_score_head.proj_out.bias.clone()

    found = calibrate(model, [Batches([(squares, 1.0)], SIZE, clips=2, frames=4, objects=2)[0]])

    assert set(found) == {"score_scale", "score_shift", "iou_scale", "iou_shift"}
    assert not torch.equal(before, model.mask_decoder.pred_obj_score_head.proj_out.bias)
