"""Simulated interactive training (paper §4, appendix C.2): an annotator prompts, tracks, corrects.

The same steps as the tracker's, with gradients through the whole clip. Objects of all clips of a batch
are rows of one batch: row = clip x objects + object.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import Sam2VideoModel

from worker.sam2 import image, simulate
from worker.sam2.features import FrameFeatures, encode_frames
from worker.sam2.memory import MemoryBank
from worker.sam2.simulate import Points
from worker.sam2.step import Prompts, StepOutput, adopt_mask, condition, decode, encode_memory
from worker.sam2.training.losses import step_loss


@dataclass(frozen=True)
class Annotator:
    """How the simulated annotator prompts. The paper's: mask 0.5, click 0.25, box 0.25; up to two
    prompted frames; seven corrective clicks on each, which costs a CPU too much."""

    mask: float = 0.5
    click: float = 0.25
    box: float = 0.25
    second_frame: float = 0.5  # how often a later frame is corrected too
    corrections: int = 2  # at most, on a prompted frame
    from_truth: float = 0.1  # how often a correction ignores the error

    def kind(self, rng: np.random.Generator) -> str:
        """What the first frame is prompted with."""
        weights = np.array([self.mask, self.click, self.box])
        return str(rng.choice(["mask", "click", "box"], p=weights / weights.sum()))

    def rounds(self, rng: np.random.Generator, least: int = 0) -> int:
        """How many corrections a prompted frame gets."""
        return int(rng.integers(least, max(self.corrections, least) + 1))


def normalise(frames: Tensor) -> Tensor:
    """uint8 [N, S, S, 3] to the float [N, 3, S, S] that the image encoder wants."""
    return image.normalise(frames.permute(0, 3, 1, 2), frames.shape[1])


def image_loss(
    model: Sam2VideoModel, frames: Tensor, masks: Tensor, rng: np.random.Generator, annotator: Annotator
) -> Tensor:
    """A click or a box on every frame as if it stood alone, then corrections."""
    truths = masks.flatten(0, 1)  # [frames, K, S, S]
    rows, objects = truths.flatten(2).any(2).nonzero(as_tuple=True)
    truth = truths[rows, objects]
    features = encode_frames(model, normalise(frames.flatten(0, 1)))[rows]
    conditioned = condition(model, features, None)
    share = annotator.click / (annotator.click + annotator.box)
    prompt = simulate.first_click(truth) if rng.random() < share else simulate.noisy_box(truth)
    rounds = annotator.rounds(rng) if rng.random() < 0.5 else 0
    _, losses = corrected(model, features, conditioned, prompt, truth, rounds, annotator)
    return torch.stack(losses).mean()


def clip_loss(
    model: Sam2VideoModel, frames: Tensor, masks: Tensor, rng: np.random.Generator, annotator: Annotator
) -> Tensor:
    """Mask, click or box on the first frame of clips [B, T, S, S, 3], tracking through the others,
    sometimes corrections on the way."""
    clips, length, count = masks.shape[:3]
    every = encode_frames(model, normalise(frames.flatten(0, 1)))
    rows = torch.arange(clips, device=frames.device).repeat_interleave(count) * length
    truths = masks.transpose(1, 2).flatten(0, 1)
    bank = MemoryBank(model, frame_count=max(length, model.config.max_object_pointers_in_encoder))
    kind = annotator.kind(rng)
    second = int(rng.integers(1, length)) if length > 1 and rng.random() < annotator.second_frame else None
    losses: list[Tensor] = []
    for t in range(length):
        features, truth = every[rows + t], truths[:, t]
        if t == 0 and kind == "mask":
            output = adopt_mask(model, features, truth.float())
        else:
            prompt, rounds = None, 0
            if t == 0:
                prompt = simulate.first_click(truth) if kind == "click" else simulate.noisy_box(truth)
                rounds = annotator.rounds(rng)
            elif t == second:
                rounds = annotator.rounds(rng, least=1)
            conditioned = condition(model, features, bank.read(t))
            output, turns = corrected(model, features, conditioned, prompt, truth, rounds, annotator)
            losses += turns
        memory = encode_memory(model, features, output, binary=False)
        bank.add(t, memory, conditioning=t in (0, second))
    return torch.stack(losses).mean()


def corrected(
    model: Sam2VideoModel,
    features: FrameFeatures,
    conditioned: Tensor,
    prompt: Points | None,
    truth: Tensor,
    rounds: int,
    annotator: Annotator,
) -> tuple[StepOutput, list[Tensor]]:
    """Decodes a prompt (None: just tracks), then `rounds` times clicks on an error and decodes again.

    Returns the last output and the loss of each.
    """
    output = decode(model, features, conditioned, as_prompts(prompt), multimask=is_ambiguous(prompt))
    losses = [step_loss(output, truth)]
    for _ in range(rounds):
        click = simulate.corrective_click(truth, output.full_logits > 0, from_truth=annotator.from_truth)
        prompt = click if prompt is None else prompt + click
        prompts = as_prompts(prompt, output.logits.detach().float())
        output = decode(model, features, conditioned, prompts, multimask=is_ambiguous(prompt))
        losses.append(step_loss(output, truth))
    return output, losses


def as_prompts(prompt: Points | None, earlier: Tensor | None = None) -> Prompts | None:
    """Simulated points as the step takes them."""
    if prompt is None:
        return None
    return Prompts(points=prompt.points, labels=prompt.labels, earlier=earlier)


def is_ambiguous(prompt: Points | None) -> bool:
    """Whether three candidates are decoded: for no point or one, as in inference."""
    return prompt is None or prompt.labels.shape[1] <= 1
