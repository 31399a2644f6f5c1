import torch

from worker.sam2.step import StepOutput
from worker.sam2.training.losses import step_loss


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

    loss = step_loss(output(torch.stack([right, wrong, wrong], 1), ious, score), square())

    assert loss < 0.1


def test_every_candidate_is_held_to_its_predicted_iou() -> None:
    right, wrong = logits_of(square()), logits_of(~square())
    candidates, score = torch.stack([right, wrong, wrong], 1), torch.tensor([20.0])

    modest = step_loss(output(candidates, torch.tensor([[1.0, 0.0, 0.0]]), score), square())
    boastful = step_loss(output(candidates, torch.tensor([[1.0, 0.0, 0.9]]), score), square())

    assert boastful - modest > 0.25


def test_a_frame_without_the_object_teaches_the_object_score_alone() -> None:
    candidates = logits_of(square())[:, None].requires_grad_()
    absent = torch.zeros(1, 64, 64, dtype=torch.bool)

    loss = step_loss(output(candidates, torch.ones(1, 1), torch.tensor([-3.0])), absent)
    loss_if_present = step_loss(output(candidates, torch.ones(1, 1), torch.tensor([3.0])), absent)

    assert loss < 0.1 < loss_if_present
    assert torch.autograd.grad(loss, candidates)[0].abs().max() == 0
