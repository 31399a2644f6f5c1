"""Clips with exact masks: a scene is composed from a seed, then drawn at each moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from worker.render.calm import calmed
from worker.render.compose import compose_scene
from worker.render.corruptions import with_corruptions
from worker.render.photographs import photographed
from worker.render.scene import Scene, Wave, draw_scene
from worker.render.styles import STYLES, Style
from worker.render.textures import Split

PHOTOGRAPHED = 0.5  #: of the scenes that are not calm, where there are photographs
SPLIT_SEED: dict[Split, int] = {"train": 1, "validation": 2, "test": 3}


@dataclass(frozen=True)
class Clip:
    """frames: uint8 [T, H, W, 3] RGB. masks: bool [T, N, H, W], what is visible of each object."""

    frames: np.ndarray
    masks: np.ndarray


def render_clip(
    seed: int,
    *,
    width: int = 480,
    height: int = 270,
    frames: int = 48,
    objects: int = 3,
    difficulty: float = 0.5,
    split: Split = "train",
    fps: float = 24.0,
    vanishing: float = 0.1,
    sprites: Sequence[Image.Image] = (),
    photographs: Sequence[Image.Image] = (),
    calm: float = 0.0,
    style: Style = "painted",
) -> Clip:
    """A clip from a seed: the same seed gives the same pixels, another split never the same scene.

    `vanishing` is the share of objects that are gone for moments, besides those that leave the
    frame or are hidden. `sprites`, pictures with alpha, take the place of half of the objects.
    `calm` is the odds of a large smooth object before a smooth ground; else, where there are `photographs`,
    every second scene is made of them.
    """
    rng = np.random.default_rng([SPLIT_SEED[split], seed])
    scene = compose_scene(
        rng, width=width, height=height, objects=objects, difficulty=difficulty, split=split
    )
    actors = [
        replace(actor, presence=Wave(0.4, 0.0, 1.0, rng.uniform(0.2, 1.0), rng.uniform()))
        if actor.tracked and rng.random() < vanishing
        else actor
        for actor in scene.actors
    ]
    scene = with_corruptions(rng, replace(scene, actors=actors), difficulty=difficulty, sprites=sprites)
    # Neither draws from `rng` unless it is asked for: a seed gives what it always gave.
    if calm and rng.random() < calm:
        scene = calmed(rng, scene, split=split)
    elif photographs and rng.random() < PHOTOGRAPHED:
        scene = photographed(rng, scene, photographs)
    return render_scene(STYLES[style](rng, scene), frames=frames, fps=fps)


def render_scene(scene: Scene, *, frames: int, fps: float = 24.0, start: float = 0.0) -> Clip:
    """The scene drawn at `frames` moments, 1/fps seconds apart."""
    drawn = [draw_scene(scene, start + i / fps) for i in range(frames)]
    return Clip(np.stack([frame for frame, _ in drawn]), np.stack([masks for _, masks in drawn]))
