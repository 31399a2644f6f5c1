import numpy as np

from worker.render.clips import render_clip
from worker.render.styles import STYLES


def test_another_look_shows_the_same_masks() -> None:
    painted, strange = (render_clip(3, width=96, height=54, frames=2, style=style) for style in STYLES)

    assert np.array_equal(painted.masks, strange.masks)
    assert not np.array_equal(painted.frames, strange.frames)
    assert np.ptp(strange.frames.astype(int), axis=-1).max() == 0
