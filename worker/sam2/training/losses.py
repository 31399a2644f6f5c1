"""SAM 2's losses (paper, appendix C.2), of one frame of N objects."""

import torch.nn.functional as F
from torch import Tensor

from worker.sam2.step import StepOutput

FOCAL, DICE, IOU, SCORE = 20.0, 1.0, 1.0, 1.0  # the weights
LOSS_SIDE = 2  # masks are compared at half the image's size: four times cheaper, edges still count


def mask_losses(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Focal loss, dice loss and true IoU, each [N, M], of candidates [N, M, h, w] against masks bool [N, S, S]."""
    side = truth.shape[-1] // LOSS_SIDE
    logits = F.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)
    target = F.avg_pool2d(truth[:, None].float(), LOSS_SIDE).gt(0.5).float().expand_as(logits)
    probability = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    wrong = probability + target - 2 * probability * target
    focal = ((0.25 * target + 0.75 * (1 - target)) * wrong**2 * entropy).mean((2, 3))
    overlap = (probability * target).sum((2, 3))
    dice = 1 - (2 * overlap + 1) / (probability.sum((2, 3)) + target.sum((2, 3)) + 1)
    hit, real = logits > 0, target > 0.5
    ious = (hit & real).sum((2, 3)) / (hit | real).sum((2, 3)).clamp(min=1)
    return focal, dice, ious


def step_loss(output: StepOutput, truth: Tensor) -> Tensor:
    """Mask loss of the best candidate, L1 of every predicted IoU, cross-entropy of the object score.

    A frame without the object teaches the object score alone.
    """
    present = truth.flatten(1).any(1)
    focal, dice, ious = mask_losses(output.candidates.float(), truth)
    masks = FOCAL * focal + DICE * dice
    best = masks.gather(1, masks.argmin(1, keepdim=True))[:, 0]
    quality = IOU * (output.ious.float() - ious).abs().mean(1)
    score = F.binary_cross_entropy_with_logits(output.object_score.float(), present.float())
    return ((best + quality) * present).sum() / present.sum().clamp(min=1) + SCORE * score
