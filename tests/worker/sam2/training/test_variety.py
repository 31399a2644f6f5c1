"""Footage seen in other ways: its masks stay on their objects."""

import numpy as np
import pytest

from worker.render.clips import Clip
from worker.sam2.training.variety import Varied

HEIGHT, WIDTH = 90, 160


class Square:
    """A bright square that goes to the right, and an object that is never shown."""

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        masks = np.zeros((frames, 2, HEIGHT, WIDTH), bool)
        for idx in range(frames):
            masks[idx, 0, 30:60, 40 + 4 * idx : 75 + 4 * idx] = True
        pictures = np.where(masks[:, 0, :, :, None], 220, 60).astype(np.uint8)
        return Clip(np.repeat(pictures, 3, axis=-1), masks)


@pytest.mark.parametrize("seed", range(12))
def test_masks_stay_on_their_objects(seed):
    seen = Varied(Square()).clip(np.random.default_rng(seed), 4)

    assert seen.frames.shape == (4, HEIGHT, WIDTH, 3)
    assert seen.frames.dtype == np.uint8
    assert seen.masks.shape == (4, 2, HEIGHT, WIDTH)
    assert not seen.masks[:, 1].any()
    for frame, mask in zip(seen.frames.astype(float).mean(-1), seen.masks[:, 0], strict=True):
        bright = frame > (frame.min() + frame.max()) / 2
        assert (bright & mask).sum() >= 0.9 * mask.sum()
    assert seen.masks[0, 0].sum() > 200  # what is zoomed into is in the picture


def test_it_differs_from_draw_to_draw_and_is_the_same_for_a_seed():
    def drawn(seed: int) -> Clip:
        return Varied(Square()).clip(np.random.default_rng(seed), 3)

    assert np.array_equal(drawn(3).frames, drawn(3).frames)
    assert not np.array_equal(drawn(3).masks, drawn(4).masks)


def test_all_frames_of_a_clip_move_alike():
    """What stands still in the footage stands still after it, and what moves goes on moving evenly."""
    seen = Varied(Square()).clip(np.random.default_rng(5), 5)

    middles = np.array([np.argwhere(mask).mean(0) for mask in seen.masks[:, 0]])
    steps = np.diff(middles, axis=0)
    assert np.abs(steps - steps.mean(0)).max() < 1.0
