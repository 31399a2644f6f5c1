import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.sam2.training.footage import Batches
from worker.sam2.training.model import small_model
from worker.sam2.training.validation import first_prompts, ious, validate


def test_two_empty_masks_agree_and_half_a_mask_is_half_right() -> None:
    masks = torch.zeros(2, 8, 8, dtype=torch.bool)
    truths = masks.clone()
    masks[1, :4], truths[1] = True, True

    assert ious(masks, truths).tolist() == [1.0, 0.5]


def test_an_object_is_started_from_its_mask_and_from_a_click_in_its_middle() -> None:
    truth = torch.zeros(1, 32, 32, dtype=torch.bool)
    truth[0, 4:13, 10:19] = True

    prompts = first_prompts(truth)

    assert prompts["mask"] is not None
    assert prompts["click"] is not None
    assert torch.equal(prompts["mask"].mask, truth.float())
    assert prompts["click"].points.tolist() == [[[14.0, 8.0]]]


def test_a_model_that_sees_the_object_everywhere_misses_every_absence(squares: Squares) -> None:
    model = small_model(SIZE)
    torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 50.0)

    found = validate(model, [Batches([(squares, 1.0)], SIZE, clips=6, frames=4, objects=2)[0]])

    assert (found["present_recall"], found["absent_recall"]) == (1.0, 0.0)
    assert set(found) >= {"iou_1_click", "iou_3_clicks", "iou_after_mask", "iou_after_click"}
