from typing import Any

import numpy as np

from engine.models import Prompt, PromptKind
from vos import rle as masks
from worker.inference import prompts
from worker.sam2.prompt import FramePrompt

PAINTED = np.eye(6, 8) > 0


def click(pk: int, x: float, *, frame_idx: int = 0, positive: bool = True) -> Prompt:
    return Prompt(pk=pk, frame_idx=frame_idx, kind=PromptKind.CLICK, x=x, y=1.5, positive=positive)


def box(pk: int) -> Prompt:
    return Prompt(pk=pk, frame_idx=0, kind=PromptKind.BOX, box=[1, 2, 3, 4])


def mask(pk: int) -> Prompt:
    rle: Any = masks.encode(PAINTED)
    return Prompt(pk=pk, frame_idx=0, kind=PromptKind.MASK, rle=rle)


def test_clicks_of_a_frame_speak_together() -> None:
    assert prompts.of_frame(0, [click(1, 5.0), click(2, 6.0, positive=False)]) == FramePrompt(
        0, points=[(5.0, 1.5), (6.0, 1.5)], labels=[1, 0]
    )


def test_a_box_starts_over_and_later_clicks_refine_it() -> None:
    assert prompts.of_frame(0, [click(1, 5.0), box(2), click(3, 6.0)]) == FramePrompt(
        0, points=[(6.0, 1.5)], labels=[1], box=(1, 2, 3, 4)
    )


def test_a_painted_mask_speaks_alone() -> None:
    prompt = prompts.of_frame(0, [click(1, 5.0), mask(2)])
    assert prompt.points == []
    np.testing.assert_array_equal(prompt.mask, PAINTED)


def test_clicks_after_a_painted_mask_refine_it() -> None:
    here = [mask(1), click(2, 5.0)]
    prompt = prompts.of_frame(0, here)
    assert (prompt.points, prompt.labels) == ([(5.0, 1.5)], [1])
    np.testing.assert_array_equal(prompt.mask, PAINTED)
    assert prompts.refines(here)
    assert not prompts.refines([click(1, 5.0), box(2)])


def test_prompts_are_put_together_frame_by_frame() -> None:
    stored = [click(3, 7.0, frame_idx=9), click(2, 6.0), click(1, 5.0)]
    assert prompts.by_frame(stored) == [
        FramePrompt(0, points=[(5.0, 1.5), (6.0, 1.5)], labels=[1, 1]),
        FramePrompt(9, points=[(7.0, 1.5)], labels=[1]),
    ]


def test_a_fresh_click_starts_over() -> None:
    fresh = click(3, 6.0)
    fresh.fresh = True
    assert prompts.of_frame(0, [click(1, 5.0), mask(2), fresh]) == FramePrompt(
        0, points=[(6.0, 1.5)], labels=[1]
    )
    assert not prompts.refines([click(1, 5.0), fresh])
    assert prompts.refines([click(1, 5.0), fresh, click(4, 2.0, positive=False)])
