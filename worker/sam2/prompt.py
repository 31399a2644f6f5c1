"""Prompts as people give them, in pixels of the frame, and as the model takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from worker.sam2.image import Mask, mask_to_input
from worker.sam2.step import (
    BOX_BOTTOM_RIGHT,
    BOX_TOP_LEFT,
    GIVEN_BIAS,
    GIVEN_SCALE,
    NEGATIVE,
    POSITIVE,
    Prompts,
    resize_logits,
)

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class FramePrompt:
    """Everything that people said about one object on one frame, in pixels of the frame.

    Clicks (`points` with `labels`, 1 on the object, 0 off it) and a `box` (x0, y0, x1, y1) may come together. A
    `mask` ([H, W] bool) is the answer for its frame, an empty one says that the object is absent; clicks that come
    with it refine it where they are (`refine`). Origin top left, x right, y down.
    """

    frame_idx: int
    points: list[tuple[float, float]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    box: Box | None = None
    mask: Mask | None = None

    @property
    def names_object(self) -> bool:
        """Whether it says where the object is, not only where it is not."""
        shown = self.mask is not None and bool(self.mask.any())
        return POSITIVE in self.labels or self.box is not None or shown


def check(prompt: FramePrompt, frame_size: tuple[int, int], frame_count: int) -> None:
    """Raise ValueError, with a sentence for people, if the prompt cannot be meant for this video."""
    height, width = frame_size
    where = f"Prompt on frame {prompt.frame_idx}"
    if not 0 <= prompt.frame_idx < frame_count:
        raise ValueError(f"{where}: the video has frames 0 to {frame_count - 1}.")
    if len(prompt.points) != len(prompt.labels):
        raise ValueError(
            f"{where}: {len(prompt.points)} points but {len(prompt.labels)} labels; each point takes one."
        )
    if not prompt.points and prompt.box is None and prompt.mask is None:
        raise ValueError(f"{where}: give at least one point, a box or a mask.")
    for (x, y), label in zip(prompt.points, prompt.labels, strict=True):
        if not (0 <= x <= width and 0 <= y <= height):
            raise ValueError(
                f"{where}: the point ({x:g}, {y:g}) is outside the frame of {width}×{height} pixels."
            )
        if label not in (NEGATIVE, POSITIVE):
            raise ValueError(f"{where}: a point's label is 1 (on the object) or 0 (off it), not {label}.")
    if prompt.box is not None:
        _check_box(prompt.box, frame_size, where)
    if prompt.mask is not None:
        if prompt.box is not None:
            raise ValueError(f"{where}: a mask comes without a box.")
        check_mask(prompt.mask, frame_size, f"{where}: the mask")


def check_mask(mask: Mask, frame_size: tuple[int, int], what: str) -> None:
    """Raise `ValueError` unless `mask` has the frame's size (height, width)."""
    if mask.shape != frame_size:
        raise ValueError(f"{what} has shape {tuple(mask.shape)}, the frame {frame_size} (height, width).")


def _check_box(box: Box, frame_size: tuple[int, int], where: str) -> None:
    height, width = frame_size
    x0, y0, x1, y1 = box
    if not all(map(math.isfinite, box)) or x0 >= x1 or y0 >= y1:
        raise ValueError(
            f"{where}: the box {_numbers(box)} is empty or inverted; give left, top, right, bottom."
        )
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        raise ValueError(
            f"{where}: the box {_numbers(box)} reaches outside the frame of {width}×{height} pixels."
        )


def _numbers(box: Box) -> str:
    return "(" + ", ".join(f"{value:g}" for value in box) + ")"


def to_model(
    prompt: FramePrompt,
    frame_size: tuple[int, int],
    input_size: int,
    *,
    previous: Mask | None = None,
    device: torch.device | str = "cpu",
) -> Prompts:
    """The prompt for one object (B = 1) at the model's input size; `previous` is an earlier mask that it refines."""
    if prompt.mask is not None and not prompt.points:
        return Prompts(mask=mask_to_input(prompt.mask, input_size, device))
    height, width = frame_size
    corners = [prompt.box[:2], prompt.box[2:]] if prompt.box is not None else []
    corner_labels = [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT] if corners else []
    scale = torch.tensor([input_size / width, input_size / height], device=device)
    points = torch.tensor([*corners, *prompt.points], dtype=torch.float32, device=device) * scale
    labels = torch.tensor([*corner_labels, *prompt.labels], dtype=torch.int32, device=device)
    return Prompts(
        points=points[None],
        labels=labels[None],
        earlier=None if previous is None else _earlier_logits(previous, input_size, device),
    )


def stacked(prompts: Sequence[Prompts]) -> Prompts:
    """Clicks and boxes of several objects on one frame, as many points each, as one batch."""
    points = [prompt.points for prompt in prompts if prompt.points is not None]
    labels = [prompt.labels for prompt in prompts if prompt.labels is not None]
    return Prompts(points=torch.cat(points), labels=torch.cat(labels))


def _earlier_logits(mask: Mask, input_size: int, device: torch.device | str) -> torch.Tensor | None:
    """A stored mask as the logits [1, S/4, S/4] that the prompt encoder takes; an empty one says nothing."""
    if not np.any(mask):
        return None
    given = torch.from_numpy(mask.astype(np.float32)).to(device)
    return resize_logits(given[None], (input_size // 4, input_size // 4)) * GIVEN_SCALE + GIVEN_BIAS
