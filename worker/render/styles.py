"""Whole other worlds that the same scenes can be drawn in. Training sees `painted` alone.

The others are what the fine-tuning figure is measured on: footage of a kind that the model never saw.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.random import Generator
from PIL import Image

from worker.render import textures
from worker.render.scene import Actor, Part, Scene

Style = Literal["painted", "microscope"]


def painted(rng: Generator, scene: Scene) -> Scene:
    """As it was composed."""
    return scene


def microscope(rng: Generator, scene: Scene) -> Scene:
    """Phase contrast: grey cells on grey, told apart by a bright halo and a grainy inside; blurred and noisy."""
    grey = rng.uniform(105, 150)
    width, height = scene.background.size
    ground = textures.fractal_noise(rng, width, height, cells=4) * 24 + grey - 12
    specks = textures.fractal_noise(rng, width, height, cells=60, octaves=2) > 0.86
    ground = ground - 40 * specks
    return replace(
        scene,
        background=Image.fromarray(ground.astype(np.uint8)).convert("RGB"),
        actors=[_cell(rng, actor, grey) for actor in scene.actors],
        noise=float(rng.uniform(6, 12)),
        blur=scene.height / 330,
    )


def _cell(rng: Generator, actor: Actor, grey: float) -> Actor:
    halo = int(grey + rng.uniform(25, 60))
    body = [np.full(3, grey + shade) for shade in (-14.0, 6.0, -22.0)]
    inside = [
        Part(part.outline, textures.texture(rng, 64, 64, body, detail=14), part.joint, part.swing)
        for part in actor.parts
    ]
    return replace(actor, parts=inside, rim=(halo, halo, halo))


STYLES: dict[Style, Callable[[Generator, Scene], Scene]] = {"painted": painted, "microscope": microscope}
