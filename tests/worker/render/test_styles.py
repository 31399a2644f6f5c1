import numpy as np
import pytest

from worker.render.clips import render_clip
from worker.render.styles import STYLES, Style

LOOKS: dict[Style, np.ndarray] = {
    style: render_clip(3, width=96, height=54, frames=2, style=style).frames.astype(int) for style in STYLES
}


@pytest.mark.parametrize("style", [style for style in STYLES if style != "painted"])
def test_another_look_shows_the_same_masks(style):
    painted, strange = (
        render_clip(3, width=96, height=54, frames=2, style=which) for which in ("painted", style)
    )

    assert np.array_equal(painted.masks, strange.masks)
    assert not np.array_equal(painted.frames, strange.frames)


def test_cells_are_grey():
    assert np.ptp(LOOKS["microscope"], axis=-1).max() == 0


def test_fog_leaves_little_contrast():
    assert LOOKS["fog"].std(axis=(1, 2)).mean() < 0.4 * LOOKS["painted"].std(axis=(1, 2)).mean()
