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

Style = Literal["painted", "microscope", "fog"]


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


def fog(rng: Generator, scene: Scene) -> Scene:
    """Seen through mist: all colours fade towards one, so that little of what tells things apart is left."""
    left = float(rng.uniform(0.18, 0.26))
    mist = np.array([150.0, 175.0, 170.0]) + rng.uniform(-12, 12)

    def faded(picture: Image.Image) -> Image.Image:
        seen = left * np.asarray(picture.convert("RGB"), float) + (1 - left) * mist
        thin = Image.fromarray(seen.astype(np.uint8))
        if "A" in picture.getbands():
            thin.putalpha(picture.getchannel("A"))
        return thin

    def dimmed(actor: Actor) -> Actor:
        rim = actor.rim
        if rim is not None:
            red, green, blue = (int(c) for c in left * np.array(rim) + (1 - left) * mist)
            rim = (red, green, blue)
        return replace(actor, parts=[replace(p, texture=faded(p.texture)) for p in actor.parts], rim=rim)

    actors = [dimmed(actor) for actor in scene.actors]
    return replace(scene, background=faded(scene.background), actors=actors, noise=float(rng.uniform(3, 5)))


STYLES: dict[Style, Callable[[Generator, Scene], Scene]] = {
    "painted": painted,
    "microscope": microscope,
    "fog": fog,
}
