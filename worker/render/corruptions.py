"""What makes footage hard besides movement: look-alikes, thin and tiny things, a slow shutter, compression."""

from collections.abc import Sequence
from dataclasses import replace

from numpy.random import Generator
from PIL import Image

from worker.render.scene import Actor, Scene, Wave
from worker.render.sprites import sprite_part


def with_corruptions(
    rng: Generator, scene: Scene, *, difficulty: float, sprites: Sequence[Image.Image] = ()
) -> Scene:
    """The scene with corruptions at random, more of them with more `difficulty` (0-1)."""
    actors = list(scene.actors)
    tracked = [i for i, actor in enumerate(actors) if actor.tracked]
    for i in tracked:
        if sprites and rng.random() < 0.5:
            actors[i] = replace(
                actors[i], parts=[sprite_part(sprites[int(rng.integers(len(sprites)))])], rim=None
            )
        trouble = rng.random()
        if trouble < 0.15 * difficulty:
            actors[i] = _thin(actors[i], rng.uniform(0.15, 0.35))
        elif trouble < 0.3 * difficulty:
            actors[i] = _scaled(actors[i], rng.uniform(0.35, 0.6))
    if len(tracked) > 1 and rng.random() < 0.4 * difficulty:
        one, other = rng.choice(tracked, 2, replace=False)
        actors[other] = _like(actors[other], actors[one], rng.uniform(0.8, 1.2))
    return replace(
        scene,
        actors=actors,
        shutter=rng.uniform(1 / 96, 1 / 16) if rng.random() < 0.5 * difficulty else 0.0,
        quality=int(rng.integers(25, 85)) if rng.random() < 0.6 * difficulty else None,
    )


def _like(actor: Actor, model: Actor, size: float) -> Actor:
    """The actor on its own way, looking like another."""
    alike = replace(actor, parts=model.parts, rim=model.rim)
    return _scaled(alike, size * model.radius.start / actor.radius.start)


def _scaled(actor: Actor, factor: float) -> Actor:
    radius = actor.radius
    return replace(actor, radius=replace(radius, start=radius.start * factor, size=radius.size * factor))


def _thin(actor: Actor, width: float) -> Actor:
    """The actor squeezed across, and longer for it."""
    return replace(_scaled(actor, 1.5), squash=Wave(width, 0.0, 0.0))
