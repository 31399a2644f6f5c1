"""Prompts as they are stored, and as the tracker takes them."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from engine.models import Prompt, PromptKind
from vos import rle
from worker.sam2.prompt import FramePrompt


def by_frame(prompts: Iterable[Prompt]) -> list[FramePrompt]:
    """One for each prompted frame, in the order of the frames."""
    ordered = sorted(prompts, key=lambda prompt: (prompt.frame_idx, prompt.pk))
    return [
        of_frame(idx, list(group)) for idx, group in groupby(ordered, key=lambda prompt: prompt.frame_idx)
    ]


def of_frame(frame_idx: int, prompts: Sequence[Prompt]) -> FramePrompt:
    """What the prompts of one frame, oldest first, say together.

    A box, a mask or a fresh click starts over; other clicks refine what came before them.
    """
    counting = list(prompts[_start(prompts) :])
    first = counting[0]
    clicks = [prompt for prompt in counting if prompt.kind == PromptKind.CLICK]
    return FramePrompt(
        frame_idx,
        points=[(prompt.x or 0.0, prompt.y or 0.0) for prompt in clicks],
        labels=[int(bool(prompt.positive)) for prompt in clicks],
        box=tuple(first.box) if first.kind == PromptKind.BOX else None,  # type: ignore[arg-type]
        mask=rle.decode(first.rle) if first.kind == PromptKind.MASK else None,  # type: ignore[arg-type]
    )


def refines(prompts: Sequence[Prompt]) -> bool:
    """Whether the newest prompt of a frame refines the mask that is there, rather than starting over."""
    return not _starts_over(prompts[-1])


def _start(prompts: Sequence[Prompt]) -> int:
    """The place of the last prompt that starts over; 0 if there is none."""
    places = [place for place, prompt in enumerate(prompts) if _starts_over(prompt)]
    return places[-1] if places else 0


def _starts_over(prompt: Prompt) -> bool:
    return prompt.fresh or prompt.kind != PromptKind.CLICK
