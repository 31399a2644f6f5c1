"""Calm scenes: a large smooth thing before a smooth sky, wall or floor, which real footage is full of."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from PIL import Image

from worker.render import textures
from worker.render.scene import Actor, Scene, Wave
from worker.render.textures import Colour, Split

LARGE = (0.2, 0.55)  #: radius of the large one, of the frame's shorter side


def calmed(rng: Generator, scene: Scene, *, split: Split) -> Scene:
    """The scene before one or two smooth blends of colour, its largest object larger and smoother still."""
    ground = textures.random_colour(rng, split, vivid=rng.uniform(0, 0.8))
    stops = [textures.tint(ground, amount) for amount in np.sort(rng.uniform(-0.35, 0.6, 3))]
    picture = _blend(rng, scene.background.size, stops)
    if rng.random() < 0.5:
        _lay_floor(rng, picture, split)
    tracked = [i for i, actor in enumerate(scene.actors) if actor.tracked]
    actors = list(scene.actors)
    if tracked:
        large = max(tracked, key=lambda i: actors[i].radius.start)
        actors[large] = _smoothed(rng, actors[large], stops, scene, split)
    return replace(scene, background=picture, actors=actors, noise=scene.noise * float(rng.uniform(0, 0.6)))


def _smoothed(rng: Generator, actor: Actor, around: list[Colour], scene: Scene, split: Split) -> Actor:
    """Large, of one blend of colours or two, not always far from those around it."""
    colour = textures.colour_away_from(rng, split, around, rng.uniform(40, 130))
    second = textures.random_colour(rng, split) if rng.random() < 0.35 else textures.tint(colour, 0.4)
    parts = [
        part
        if part.texture.mode == "RGBA"
        else replace(part, texture=_blend(rng, part.texture.size, _shades(rng, colour, second)))
        for part in actor.parts
    ]
    short = min(scene.width, scene.height)
    size = short * float(np.exp(rng.uniform(*np.log(LARGE))))
    return replace(actor, parts=parts, radius=Wave(size, 0.0, 0.1 * size * rng.uniform(), 0.2, rng.uniform()))


def _shades(rng: Generator, colour: Colour, second: Colour) -> list[Colour]:
    shades = [colour, second, textures.tint(colour, float(rng.uniform(-0.3, 0.3)))]
    return shades[: int(rng.integers(1, 4))] or shades


def _blend(rng: Generator, size: tuple[int, int], stops: list[Colour]) -> Image.Image:
    """The colours along a slope, or over a few soft bumps."""
    width, height = size
    blend = textures.slope(rng, width, height)
    if rng.random() < 0.35:
        blend = textures.fractal_noise(rng, width, height, cells=1, octaves=1)
    at = np.linspace(0, 1, len(stops))
    channels = [np.interp(blend, at, [stop[c] for stop in stops]) for c in range(3)]
    return Image.fromarray(np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8))


def _lay_floor(rng: Generator, picture: Image.Image, split: Split) -> None:
    """Another blend below a wavy horizon."""
    width, height = picture.size
    colour = textures.random_colour(rng, split, vivid=rng.uniform(0, 0.8))
    floor = _blend(rng, picture.size, [colour, textures.tint(colour, float(rng.uniform(-0.4, 0.4)))])
    line = textures.fractal_noise(rng, width, 2, cells=3)[0] * rng.uniform(0, 0.15) + rng.uniform(0.4, 0.75)
    below = np.arange(height)[:, None] > line[None] * height
    picture.paste(floor, (0, 0), Image.fromarray((below * 255).astype(np.uint8)))
