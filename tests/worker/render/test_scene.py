from dataclasses import replace

import numpy as np

from tests.worker.render.test_corruptions import scene
from worker.render.clips import render_scene


def test_a_slow_shutter_smears_what_moves_and_leaves_the_mask_sharp() -> None:
    still = scene()
    fast = replace(still, actors=[replace(actor, x=replace(actor.x, speed=400.0)) for actor in still.actors])

    sharp, smeared = render_scene(fast, frames=1), render_scene(replace(fast, shutter=1 / 12), frames=1)

    assert not np.array_equal(sharp.frames, smeared.frames)
    assert np.array_equal(sharp.masks, smeared.masks)


def test_compression_changes_pixels_a_little() -> None:
    clean = render_scene(scene(), frames=1).frames.astype(int)
    packed = render_scene(replace(scene(), quality=40), frames=1).frames.astype(int)

    assert 0 < np.abs(clean - packed).mean() < 12
