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
from worker.sam2.step import (
    GIVEN_BIAS,
    GIVEN_SCALE,
    Prompts,
    StepOutput,
    adopt_mask,
    condition,
    decode,
    encode_memory,
    resize_logits,
)
from worker.sam2.training.losses import step_loss


@dataclass(frozen=True)
class Annotator:
    """How the simulated annotator prompts. The paper's: mask 0.5, click 0.25, box 0.25; up to two
    prompted frames; seven corrective clicks on each, which costs a CPU too much. `edit` is ours: a wrong mask
    that is there already, and clicks on what is wrong with it."""

    mask: float = 0.5
    click: float = 0.25
    box: float = 0.25
    edit: float = 0.0
    second_frame: float = 0.5  # how often a later frame is corrected too
    corrections: int = 2  # at most, on a prompted frame
    from_truth: float = 0.1  # how often a correction ignores the error

    def kind(self, rng: np.random.Generator) -> str:
        """What the first frame is prompted with."""
        return _drawn(rng, mask=self.mask, click=self.click, box=self.box, edit=self.edit)

    def kind_of_image(self, rng: np.random.Generator) -> str:
        """The same of a frame that stands alone, where a mask would teach nothing."""
        return _drawn(rng, click=self.click, box=self.box, edit=self.edit)

    def rounds(self, rng: np.random.Generator, least: int = 0) -> int:
        """How many corrections a prompted frame gets."""
        return int(rng.integers(least, max(self.corrections, least) + 1))


def _drawn(rng: np.random.Generator, **odds: float) -> str:
    weights = np.array(list(odds.values()))
    return str(rng.choice(list(odds), p=weights / weights.sum()))


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
    prompt, earlier = first_prompt(annotator.kind_of_image(rng), truth)
    rounds = annotator.rounds(rng) if rng.random() < 0.5 else 0
    _, losses = corrected(model, features, conditioned, prompt, truth, rounds, annotator, earlier)
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
            prompt, earlier, rounds = None, None, 0
            if t == 0:
                prompt, earlier = first_prompt(kind, truth)
                rounds = annotator.rounds(rng)
            elif t == second:
                rounds = annotator.rounds(rng, least=1)
            conditioned = condition(model, features, bank.read(t))
            output, turns = corrected(model, features, conditioned, prompt, truth, rounds, annotator, earlier)
            losses += turns
        memory = encode_memory(model, features, output, binary=False)
        bank.add(t, memory, conditioning=t in (0, second))
    return torch.stack(losses).mean()


def first_prompt(kind: str, truth: Tensor) -> tuple[Points, Tensor | None]:
    """A click or a box on masks bool [N, S, S], or, for "edit", a click on what is wrong with the earlier logits
    [N, S/4, S/4] that come with it."""
    if kind == "edit":
        wrong = simulate.spoiled(truth)
        logits = wrong.float() * GIVEN_SCALE + GIVEN_BIAS
        side = truth.shape[-1] // 4
        return simulate.corrective_click(truth, wrong), resize_logits(logits, (side, side))
    return (simulate.first_click(truth) if kind == "click" else simulate.noisy_box(truth)), None


def corrected(
    model: Sam2VideoModel,
    features: FrameFeatures,
    conditioned: Tensor,
    prompt: Points | None,
    truth: Tensor,
    rounds: int,
    annotator: Annotator,
    earlier: Tensor | None = None,
) -> tuple[StepOutput, list[Tensor]]:
    """Decodes a prompt (None: just tracks), then `rounds` times clicks on an error and decodes again.

    Returns the last output and the loss of each.
    """
    prompts = as_prompts(prompt, earlier)
    output = decode(model, features, conditioned, prompts, multimask=is_ambiguous(prompt))
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
