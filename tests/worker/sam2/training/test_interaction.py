import numpy as np
import pytest
import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.sam2.attention import same_weights
from worker.sam2.training.footage import Batches
from worker.sam2.training.interaction import Annotator, clip_loss, image_loss
from worker.sam2.training.model import small_model


@pytest.mark.parametrize("kind", ["mask", "click", "box", "edit"])
def test_a_clip_teaches_every_part_that_remembers(squares: Squares, kind: str) -> None:
    model = small_model(SIZE).train()
    # A model that calls the object absent remembers no mask of it.
    torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 5.0)
    frames, masks = Batches([(squares, 1.0)], SIZE, clips=1, frames=3, objects=2)[0]
    annotator = Annotator(**({"mask": 0.0, "click": 0.0, "box": 0.0} | {kind: 1.0}), second_frame=1.0)

    clip_loss(model, frames, masks, np.random.default_rng(0), annotator).backward()

    for part in (
        model.memory_attention,
        model.memory_encoder,
        model.object_pointer_proj,
        model.vision_encoder,
    ):
        assert any(weight.grad is not None and weight.grad.any() for weight in part.parameters())


def test_a_step_of_single_images_leaves_out_those_without_the_object(squares: Squares) -> None:
    model = small_model(SIZE).train()
    frames, masks = (
        squares.clip(np.random.default_rng(0), 2).frames,
        torch.zeros(1, 2, 2, SIZE, SIZE, dtype=torch.bool),
    )
    masks[0, 0, 0, 10:20, 10:20] = True
    pictures = torch.from_numpy(frames[None, :, :SIZE, :SIZE]).expand(1, 2, 48, SIZE, 3)
    square = torch.nn.functional.pad(pictures, (0, 0, 0, 0, 0, SIZE - 48))

    loss = image_loss(model, square, masks, np.random.default_rng(0), Annotator())
    masks[0, 1] = False

    assert torch.isfinite(loss)


def test_prompts_are_drawn_as_often_as_the_paper_says() -> None:
    rng, annotator = np.random.default_rng(0), Annotator()

    kinds = [annotator.kind(rng) for _ in range(4000)]

    assert kinds.count("mask") / 4000 == pytest.approx(0.5, abs=0.03)
    assert kinds.count("click") / 4000 == pytest.approx(0.25, abs=0.03)
    assert {annotator.rounds(rng, least=1) for _ in range(50)} == {1, 2}


def test_what_follows_from_the_weights_is_computed_once_with_the_same_gradients(squares: Squares) -> None:
    frames, masks = Batches([(squares, 1.0)], SIZE, clips=1, frames=3, objects=2)[0]
    model = small_model(SIZE).train()

    def gradient() -> torch.Tensor:
        model.zero_grad()
        torch.manual_seed(0)
        clip_loss(model, frames, masks, np.random.default_rng(0), Annotator()).backward()
        return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])

    apart = gradient()
    with same_weights():
        together = gradient()

    assert torch.allclose(apart, together, rtol=1e-3, atol=1e-5)
