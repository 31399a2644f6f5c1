import numpy as np

from worker.render import demo
from worker.render.clips import render_scene


def test_every_demo_object_is_seen_in_the_first_frame() -> None:
    for name, scene in demo.scenes().items():
        masks = render_scene(scene, frames=1).masks[0]

        assert len(masks) >= 3, name
        assert all(mask.sum() > 500 for mask in masks), name


def test_demo_scenes_are_the_same_each_time() -> None:
    for first, again in zip(demo.scenes().values(), demo.scenes().values(), strict=True):
        one, two = render_scene(first, frames=1), render_scene(again, frames=1)

        assert np.array_equal(one.frames, two.frames)
