"""How a model in training does on held-out clips, quickly: in batches, at the model's own size, J alone.

The figures that count come from `worker.sam2.evaluation`, through the tracker that people use.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import Sam2VideoModel

from worker.sam2 import simulate
from worker.sam2.features import FrameFeatures, encode_frames
from worker.sam2.memory import MemoryBank
from worker.sam2.step import Prompts, condition, decode, step
from worker.sam2.training.footage import Batch
from worker.sam2.training.interaction import as_prompts, is_ambiguous, normalise

CLICKS = 3


@torch.no_grad()
def validate(model: Sam2VideoModel, batches: Sequence[Batch]) -> dict[str, float]:
    """Mean IoU after 1 and 3 centre clicks on first frames; mean IoU of the frames after a first-frame
    mask and after a click; the shares of present and of absent frames that the object score gets right."""
    model.eval()
    scores: dict[str, list[Tensor]] = {}
    for batch in batches:
        every, rows, truths = encoded(model, batch)
        clicked = _clicked(model, every[rows], truths[:, 0])
        found = {"iou_1_click": clicked[0], f"iou_{CLICKS}_clicks": clicked[-1]}
        present = truths[:, 1:].flatten(2).any(2)
        for name, first in first_prompts(truths[:, 0]).items():
            run = tracked(model, every, rows, truths.shape[1], first)
            found[f"iou_after_{name}"] = ious(run.masks[:, 1:], truths[:, 1:]).flatten()
            called = run.scores[:, 1:] > 0
            found.setdefault("present_recall", called[present].float())
            found.setdefault("absent_recall", (~called[~present]).float())
        for name, values in found.items():
            scores.setdefault(name, []).append(values)
    means = {name: float(torch.cat(values).mean()) for name, values in scores.items()}
    return {name: round(mean, 4) for name, mean in means.items() if not np.isnan(mean)}


def encoded(model: Sam2VideoModel, batch: Batch) -> tuple[FrameFeatures, Tensor, Tensor]:
    """Features of all frames; the first frame's row of each of N objects; their masks bool [N, T, S, S]."""
    frames, masks = (part.to(model.device) for part in batch)
    clips, length, count = masks.shape[:3]
    every = encode_frames(model, normalise(frames.flatten(0, 1)))
    rows = torch.arange(clips, device=frames.device).repeat_interleave(count) * length
    return every, rows, masks.transpose(1, 2).flatten(0, 1)


def first_prompts(truth: Tensor) -> dict[str, Prompts | None]:
    """What evaluation starts with, by name: the masks bool [N, S, S] themselves, a click in the middle of each."""
    clicks = simulate.centre_clicks(truth, torch.zeros_like(truth))
    return {"mask": Prompts(mask=truth.float()), "click": as_prompts(clicks)}


def ious(shown: Tensor, truths: Tensor) -> Tensor:
    """J of masks bool [..., H, W]; two empty masks agree."""
    union = (shown | truths).flatten(-2).sum(-1)
    return torch.where(union > 0, (shown & truths).flatten(-2).sum(-1) / union.clamp(min=1), 1.0)


def _clicked(model: Sam2VideoModel, features: FrameFeatures, truth: Tensor) -> list[Tensor]:
    """IoU [N] after each of the centre clicks."""
    conditioned = condition(model, features, None)
    shown, earlier, prompt, found = torch.zeros_like(truth), None, None, []
    for _ in range(CLICKS):
        click = simulate.centre_clicks(truth, shown)
        prompt = click if prompt is None else prompt + click
        prompts = as_prompts(prompt, earlier)
        output = decode(model, features, conditioned, prompts, multimask=is_ambiguous(prompt))
        earlier, shown = output.logits, output.full_logits > 0
        found.append(ious(shown, truth))
    return found


@dataclass(frozen=True)
class TrackOutput:
    """N objects through T frames: masks bool [N, T, S, S], object scores (logits) and predicted IoU [N, T]."""

    masks: Tensor
    scores: Tensor
    predicted: Tensor


@torch.no_grad()
def tracked(
    model: Sam2VideoModel, every: FrameFeatures, rows: Tensor, length: int, first: Prompts | None
) -> TrackOutput:
    """Object k, prompted on frame rows[k] of `every`, tracked through the `length` frames from there."""
    bank = MemoryBank(model, frame_count=length)
    masks, scores, predicted = [], [], []
    for t in range(length):
        output = step(model, every[rows + t], bank.read(t), None if t else first)
        assert output.memory is not None
        bank.add(t, output.memory, conditioning=t == 0)
        masks.append(output.full_logits > 0)
        scores.append(output.object_score.float())
        predicted.append(output.predicted_iou.float())
    return TrackOutput(torch.stack(masks, 1), torch.stack(scores, 1), torch.stack(predicted, 1))
