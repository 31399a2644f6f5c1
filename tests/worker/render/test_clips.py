import numpy as np
import pytest

from worker.render.clips import render_clip, render_scene
from worker.render.scene import Actor, Part, Scene, Wave
from worker.render.textures import SPLIT_SECTORS, hsv, texture

SMALL = {"width": 96, "height": 54, "frames": 3}


def test_the_same_seed_gives_the_same_pixels() -> None:
    first, again = render_clip(5, **SMALL), render_clip(5, **SMALL)

    assert np.array_equal(first.frames, again.frames)
    assert np.array_equal(first.masks, again.masks)


def test_another_seed_or_split_gives_another_scene() -> None:
    clip = render_clip(5, **SMALL)

    assert not np.array_equal(clip.frames, render_clip(6, **SMALL).frames)
    assert not np.array_equal(clip.frames, render_clip(5, split="test", **SMALL).frames)


def test_a_clip_has_the_shapes_and_types_it_promises() -> None:
    clip = render_clip(1, width=96, height=54, frames=4, objects=2)

    assert clip.frames.shape == (4, 54, 96, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.masks.shape == (4, 2, 54, 96)
    assert clip.masks.dtype == bool


@pytest.mark.parametrize("difficulty", [0.0, 1.0])
def test_no_pixel_belongs_to_two_objects(difficulty: float) -> None:
    for seed in range(4):
        clip = render_clip(seed, objects=5, difficulty=difficulty, **SMALL)

        assert clip.masks.sum(axis=1).max() <= 1


def test_splits_share_no_hue() -> None:
    sectors = [sector for split in SPLIT_SECTORS.values() for sector in split]

    assert len(sectors) == len(set(sectors))


def _disc(x: float, colour: np.ndarray, *, tracked: bool = True) -> Actor:
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    outline = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    skin = texture(rng, 32, 32, [colour])
    return Actor([Part(outline, skin)], Wave(x), Wave(30.0), Wave(10.0), tracked=tracked)


def _scene(*actors: Actor) -> Scene:
    background = texture(np.random.default_rng(0), 120, 120, [hsv(0.6, 0.5, 0.2)])
    return Scene(width=60, height=60, background=background, actors=list(actors))


def test_a_mask_has_the_area_of_its_object() -> None:
    clip = render_scene(_scene(_disc(30, hsv(0.0, 1, 1))), frames=1)

    assert clip.masks.sum() == pytest.approx(np.pi * 10**2, rel=0.08)


def test_what_an_object_hides_is_not_in_its_mask_nor_in_the_hidden_one() -> None:
    behind, in_front = _disc(28, hsv(0.0, 1, 1)), _disc(36, hsv(0.3, 1, 1), tracked=False)

    alone = render_scene(_scene(behind), frames=1).masks
    hidden = render_scene(_scene(behind, in_front), frames=1).masks

    assert hidden.shape[1] == 1
    assert 0 < hidden.sum() < 0.6 * alone.sum()


def test_an_object_outside_the_frame_has_an_empty_mask() -> None:
    clip = render_scene(_scene(_disc(-50, hsv(0.0, 1, 1))), frames=1)

    assert not clip.masks.any()


def test_a_camera_that_pans_moves_the_masks() -> None:
    still = _scene(_disc(30, hsv(0.0, 1, 1)))
    panned = Scene(width=60, height=60, background=still.background, actors=still.actors, camera_x=Wave(8.0))

    before = render_scene(still, frames=1).masks[0, 0]
    after = render_scene(panned, frames=1).masks[0, 0]

    assert np.array_equal(after[:, :-8], before[:, 8:])
