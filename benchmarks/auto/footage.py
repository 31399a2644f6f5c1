"""Clips for automatic masklets: several objects, some of which enter late, and a mask of everything that is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.random import Generator
from rlemasklib import RLEMask

from vos.metrics import SMALL
from worker.render.clips import SPLIT_SEED, render_scene
from worker.render.compose import compose_scene
from worker.render.corruptions import with_corruptions
from worker.render.scene import Actor, Scene, Wave
from worker.render.textures import Split, texture
from worker.sam2.frames import KeyedFrames

FIRST_SEED = 5000  # apart from the seeds that chose and judged checkpoints, and from other benchmarks'
WIDTH, HEIGHT, FPS = 480, 270, 6.0
OBJECTS, LATE, DIFFICULTY = 5, 2, 0.5
ENTERS = (0.8, 2.4)  # seconds between which an object enters
WITHIN = 0.25  # seconds in which it is in the frame


@dataclass(frozen=True)
class LabelledClip(KeyedFrames):
    """A clip with its `truth` bool [N, T, H, W], what is visible of each object."""

    truth: np.ndarray

    @cached_property
    def tracks(self) -> list[Mapping[int, RLEMask]]:
        """The truth as RLEs by frame."""
        return [{idx: RLEMask.from_array(mask) for idx, mask in enumerate(masks)} for masks in self.truth]

    @cached_property
    def early(self) -> list[int]:
        """Objects of 32² pixels or more on the first frame."""
        return [row for row, masks in enumerate(self.truth) if masks[0].sum() >= SMALL]

    @cached_property
    def late(self) -> list[int]:
        """Objects that the first frame does not show, and of which a later one shows 32² pixels or more."""
        areas = self.truth.sum((2, 3))
        return [row for row, area in enumerate(areas) if not area[0] and area.max() >= SMALL]

    @cached_property
    def shown(self) -> list[int]:
        """Objects of 32² pixels or more on some frame: what people would annotate."""
        return [row for row, area in enumerate(self.truth.sum((2, 3))) if area.max() >= SMALL]


def clips(count: int, *, frames: int, split: Split = "test") -> Iterator[LabelledClip]:
    """The first `count` clips of a split, six frames a second."""
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        rng = np.random.default_rng([SPLIT_SEED[split], seed])
        scene = compose_scene(
            rng, width=WIDTH, height=HEIGHT, objects=OBJECTS, difficulty=DIFFICULTY, split=split
        )
        scene = with_corruptions(rng, scene, difficulty=DIFFICULTY)
        clip = render_scene(peopled(rng, scene), frames=frames, fps=FPS)
        shown = clip.masks.any((0, 2, 3))
        yield LabelledClip(clip.frames, f"{split} {seed}", np.moveaxis(clip.masks, 0, 1)[shown])


def peopled(rng: Generator, scene: Scene) -> Scene:
    """The scene with a mask for everything in it: `LATE` objects enter from a side, and the ground is a plain texture,
    for what else lies on it would be things without a mask."""
    drawn = [replace(actor, tracked=True) for actor in scene.actors]
    late = set(rng.choice(len(drawn), size=min(LATE, len(drawn)), replace=False).tolist())
    actors = [entering(rng, actor) if row in late else actor for row, actor in enumerate(drawn)]
    width, height = scene.background.size
    places = rng.random((3, 2)) * (width, height)  # its colours, that things were made to differ from
    colours = [np.array(scene.background.getpixel((int(x), int(y))), float) for x, y in places]
    ground = texture(rng, width, height, colours, detail=rng.uniform(1, 5))
    return replace(scene, actors=actors, background=ground)


def entering(rng: Generator, actor: Actor) -> Actor:
    """The actor coming in from the left or the right, after some time."""
    reach = 1.8 * (actor.radius.start + abs(actor.radius.size))
    begin = rng.uniform(*ENTERS)
    speed = max(2 * reach / WITHIN / 4, rng.uniform(0.12, 0.25) * WIDTH)
    way = Wave(-reach - begin * speed, speed)
    if rng.random() < 0.5:
        way = Wave(WIDTH - way.start, -speed)
    return replace(actor, x=way, presence=Wave(1.0))
