"""The last touch: what the model says of itself, brought in line with what is so on validation footage.

Two heads have a last layer each; a scale and a shift of what they say go into its weights, so that a
calibrated checkpoint is a checkpoint like any other. Masks do not change, but for frames whose object score
changes sides.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Sam2VideoModel

from worker.sam2.training.footage import Batch, Batches, Footage
from worker.sam2.training.model import existing_model, export, image_size
from worker.sam2.training.validation import encoded, first_prompts, ious, tracked

MARGIN = 1e-4  # how near to 0 and 1 a predicted IoU may be taken for a logit


BATCHES, CLIPS, FRAMES, OBJECTS = 12, 2, 16, 4


def calibrate_folder(folder: Path, footage: Footage) -> dict[str, float]:
    """Calibrates the checkpoint in a folder on validation footage; returns the scales and shifts."""
    model = existing_model(folder)
    data = Batches([(footage, 1.0)], image_size(model), CLIPS, FRAMES, OBJECTS, seed=2 * 10**6)
    found = calibrate(model, [data[index] for index in range(BATCHES)])
    export(model, model.state_dict(), folder)
    return found


@torch.no_grad()
def calibrate(model: Sam2VideoModel, batches: Sequence[Batch]) -> dict[str, float]:
    """Changes the two heads in place; returns the scales and shifts."""
    scores, present, predicted, right = readings(model.eval(), batches)
    scale, shift = fit(scores, present)
    _adjust(model.mask_decoder.pred_obj_score_head.proj_out, scale, shift)
    iou_scale, iou_shift = fit(predicted.clamp(MARGIN, 1 - MARGIN).logit(), right)
    _adjust(model.mask_decoder.iou_prediction_head.proj_out, iou_scale, iou_shift)
    return {"score_scale": scale, "score_shift": shift, "iou_scale": iou_scale, "iou_shift": iou_shift}


def readings(model: Sam2VideoModel, batches: Sequence[Batch]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Object scores [n] and presence [n] of all tracked frames; predicted and true IoU [m] of those that
    have the object and are called so."""
    parts: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
    for batch in batches:
        every, rows, truths = encoded(model, batch)
        present = truths[:, 1:].flatten(2).any(2)
        for first in first_prompts(truths[:, 0]).values():
            run = tracked(model, every, rows, truths.shape[1], first)
            scores, predicted = run.scores[:, 1:], run.predicted[:, 1:]
            judged = present & (scores > 0)
            right = ious(run.masks[:, 1:], truths[:, 1:])
            parts.append((scores.flatten(), present.flatten().float(), predicted[judged], right[judged]))
    scores, present, predicted, right = (torch.cat(column).cpu() for column in zip(*parts, strict=True))
    return scores, present, predicted, right


def fit(logits: Tensor, target: Tensor) -> tuple[float, float]:
    """Platt's scaling: the scale (above 0) and the shift of logits [n] that bring their sigmoid nearest to
    targets [n] in 0-1."""
    with torch.enable_grad():
        scale, shift = torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)
        optimizer = torch.optim.LBFGS([scale, shift], max_iter=100, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            value = F.binary_cross_entropy_with_logits(scale * logits + shift, target)
            value.backward()
            return value

        optimizer.step(loss)
    return max(float(scale.detach()), 0.05), float(shift.detach())


def _adjust(layer: nn.Linear, scale: float, shift: float) -> None:
    layer.weight.mul_(scale)
    layer.bias.mul_(scale).add_(shift)
