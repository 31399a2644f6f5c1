"""With the bundled checkpoint, on scenes with exact masks: what a click may change of a mask that is there."""

import numpy as np
import pytest

from vos.metrics import iou
from worker.render.clips import render_clip
from worker.sam2 import checkpoint, refine
from worker.sam2.image import Mask
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import Tracker

Scene = tuple[list[np.ndarray], Mask]

CORNER = (2.0, 2.0)


@pytest.fixture(scope="module")
def tracker() -> Tracker:
    return Tracker(checkpoint.load(device="cpu"))


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A frame, and an object in it that does not reach the corner."""
    clip = render_clip(101, frames=1, fps=6.0, split="validation")
    return [np.asarray(clip.frames[0])], np.asarray(clip.masks[0, 1])


def disc(mask: Mask, x: int, y: int, radius: int) -> Mask:
    rows, columns = np.indices(mask.shape, sparse=True)
    return np.asarray(np.hypot(columns - x, rows - y) <= radius)


def beside(mask: Mask) -> tuple[int, int]:
    """A place to the right of a mask, at the height of its middle."""
    y = int(np.flatnonzero(mask.any(1)).mean())
    return int(np.flatnonzero(mask[y])[-1]) + 8, y


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "tracked"])
def test_a_click_far_from_a_mask_takes_nothing_from_it(tracker: Tracker, scene: Scene, drawn: bool) -> None:
    frames, mask = scene
    prompt = FramePrompt(0, [CORNER], [0], mask=mask if drawn else None)
    assert (tracker.predict(frames, prompt, mask).mask == mask).all()


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "tracked"])
@pytest.mark.parametrize("apart", [True, False], ids=["apart", "attached"])
def test_a_click_on_a_part_too_many_takes_that_part(
    tracker: Tracker, scene: Scene, drawn: bool, apart: bool
) -> None:
    frames, mask = scene
    x, y = beside(mask)
    x += 30 * apart
    wrong = mask | disc(mask, x, y, 14)
    prompt = FramePrompt(0, [(x, y)], [0], mask=wrong if drawn else None)
    found = tracker.predict(frames, prompt, wrong).mask
    assert not found[y, x]
    assert iou(found, mask) > max(0.9, iou(wrong, mask))


def test_a_click_on_the_object_keeps_what_a_thin_brush_drew(tracker: Tracker, scene: Scene) -> None:
    frames, mask = scene
    columns = np.arange(mask.shape[1])
    cut = mask & (columns < np.quantile(np.nonzero(mask)[1], 0.6))
    x, y = beside(mask)
    tail = np.zeros_like(mask)
    tail[y - 1 : y + 2, x : x + 80] = True
    inside = mask & ~cut
    row = int(np.flatnonzero(inside.any(1)).mean())
    place = int(np.flatnonzero(inside[row]).mean()), row
    found = tracker.predict(frames, FramePrompt(0, [place], [1], mask=cut | tail)).mask
    assert found[tail].all()
    assert iou(found & ~tail, mask) > 0.9 > iou(cut, mask)


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "tracked"])
def test_an_absent_object_does_not_come_back_with_a_click_beside_it(
    tracker: Tracker, scene: Scene, drawn: bool
) -> None:
    frames, mask = scene
    absent = np.zeros_like(mask)
    prompt = FramePrompt(0, [CORNER], [0], mask=absent if drawn else None)
    found = tracker.predict(frames, prompt, absent)
    assert not found.mask.any()
    assert found.object_score < 0


def test_an_absent_object_comes_back_with_a_click_on_it(tracker: Tracker, scene: Scene) -> None:
    frames, mask = scene
    y, x = np.argwhere(mask).mean(0)
    drawn = FramePrompt(0, [(x, y)], [1], mask=np.zeros_like(mask))
    assert (
        tracker.predict(frames, drawn).mask == tracker.predict(frames, FramePrompt(0, [(x, y)], [1])).mask
    ).all()


def test_where_the_model_does_not_follow_a_click_takes_the_disc_around_it() -> None:
    mask = np.zeros((40, 80), bool)
    mask[10:30, 10:70] = True
    prompt = FramePrompt(0, [(60.5, 19.5)], [0])
    inner = refine.standing_for(mask, prompt)
    assert inner[0] < 40
    for found in (mask, np.zeros_like(mask)):
        left = refine.refined(mask, found, prompt, inner)
        gone = mask & ~left
        assert gone[19, 60]
        assert 150 < gone.sum() < 320
        assert not gone[:, :50].any()


def test_clicks_speak_one_after_the_other() -> None:
    mask = np.zeros((40, 80), bool)
    mask[10:30, 10:30] = True
    found = mask.copy()
    found[10:30, 50:70] = True
    there_and_back = FramePrompt(0, [(60, 20), (60, 20)], [1, 0])
    left = refine.refined(mask, found, there_and_back, (20, 20))
    assert left[mask].all()
    assert not left[20, 60]


@pytest.mark.parametrize(
    ("label", "place", "drawn", "remembered", "local"),
    [
        (0, (20, 20), True, True, True),
        (1, (20, 20), True, True, True),
        (0, (20, 20), False, False, True),
        (0, (70, 20), False, True, True),
        (0, (20, 20), False, True, False),
        (1, (70, 20), False, False, False),
    ],
    ids=[
        "drawn, less",
        "drawn, more",
        "nothing else known",
        "beside it",
        "on a remembered object",
        "what the object is",
    ],
)
def test_which_clicks_change_a_mask_around_themselves_only(
    label: int, place: tuple[int, int], drawn: bool, remembered: bool, local: bool
) -> None:
    mask = disc(np.zeros((40, 80), bool), 20, 20, 10)
    prompt = FramePrompt(0, [place], [label], mask=mask if drawn else None)
    assert refine.is_local(prompt, mask, remembered=remembered) is local
