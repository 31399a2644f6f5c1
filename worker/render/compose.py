"""Scenes at random, from a seed: what is in them, how it looks and where it goes."""

import numpy as np
from numpy.random import Generator

from worker.render import shapes, textures
from worker.render.scene import MARGIN, Actor, Part, Scene, Wave
from worker.render.textures import Split


def _make_parts(rng: Generator, colour: np.ndarray, difficulty: float) -> list[Part]:
    """A body, and for some actors limbs or marks in related colours."""
    shades = [tint_of(rng, colour) for _ in range(int(rng.integers(1, 4)))]
    side = 64
    skin = textures.texture(rng, side, side, [colour, *shades], detail=rng.uniform(2, 6))
    body = Part(shapes.random_outline(rng), skin)
    if rng.random() > 0.25 + 0.3 * difficulty:
        return [body]
    limbs = []
    limb_skin = textures.texture(rng, side, side, [textures.tint(colour, rng.uniform(-0.35, 0.35))] * 2)
    for _ in range(int(rng.integers(1, 5))):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.6)
        joint = (0.7 * np.cos(angle), 0.5 * np.sin(angle))
        outline = shapes.ellipse(
            joint[0] + reach * np.cos(angle),
            joint[1] + reach * np.sin(angle),
            reach,
            rng.uniform(0.12, 0.35),
            angle,
        )
        swing = Wave(size=rng.uniform(0, 0.5), rate=rng.uniform(0.3, 1.5), phase=rng.uniform())
        limbs.append(Part(outline, limb_skin, joint, swing))
    return [*limbs, body] if rng.random() < 0.6 else [body, *limbs]


def tint_of(rng: Generator, colour: np.ndarray) -> np.ndarray:
    """A lighter or darker relative of the colour."""
    return np.clip(textures.tint(colour, rng.uniform(-0.45, 0.45)) + rng.normal(0, 12, 3), 0, 255)


def _path(rng: Generator, start: float, extent: float, difficulty: float, leaves: bool) -> Wave:
    """One coordinate of a way through the scene; a leaver swings beyond the border and back."""
    rate = rng.uniform(0.08, 0.16 + 0.3 * difficulty)
    size = extent * (rng.uniform(0.6, 1.1) if leaves else rng.uniform(0.0, 0.12 + 0.2 * difficulty))
    phase = rng.uniform()
    drift = rng.normal(0, 0.03 + 0.08 * difficulty) * extent
    return Wave(start - size * np.sin(2 * np.pi * phase), drift, size, rate, phase)


def _make_actor(
    rng: Generator,
    colour: np.ndarray,
    place: tuple[float, float],
    size: float,
    frame: tuple[int, int],
    difficulty: float,
) -> Actor:
    leaves = bool(rng.random() < 0.25 * difficulty)
    across = bool(rng.random() < 0.7)
    spin = rng.normal(0, 0.5 * difficulty) if rng.random() < 0.5 else 0.0
    dark = textures.tint(colour, -0.55)
    return Actor(
        parts=_make_parts(rng, colour, difficulty),
        x=_path(rng, place[0], frame[0], difficulty, leaves and across),
        y=_path(rng, place[1], frame[1], difficulty, leaves and not across),
        radius=Wave(
            size, 0.0, size * rng.uniform(0, 0.35) * difficulty, rng.uniform(0.1, 0.5), rng.uniform()
        ),
        turn=Wave(rng.uniform(0, 6.28), spin, rng.uniform(0, 0.5), rng.uniform(0.1, 0.6), rng.uniform()),
        squash=Wave(1.0, 0.0, rng.uniform(0, 0.35) * difficulty, rng.uniform(0.2, 0.8), rng.uniform()),
        wobble=Wave(size=rng.uniform(0, 0.18) * difficulty, rate=rng.uniform(0.2, 1.0)),
        rim=tuple(int(c) for c in dark) if rng.random() < 0.25 else None,  # type: ignore[arg-type]
    )


def _places(rng: Generator, count: int, width: int, height: int) -> list[tuple[float, float]]:
    """Starting points that keep apart: each the farthest of a few candidates."""
    places: list[tuple[float, float]] = []
    for _ in range(count):
        candidates = [(rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height) for _ in range(6)]
        gaps = [min((np.hypot(x - u, y - v) for u, v in places), default=0.0) for x, y in candidates]
        places.append(candidates[int(np.argmax(gaps))])
    return places


def _make_occluder(rng: Generator, split: Split, near: list[np.ndarray], width: int, height: int) -> Actor:
    """A standing bar or boulder in front of everything."""
    colour = textures.colour_away_from(rng, split, near, 60, vivid=0.3)
    skin = textures.texture(rng, 64, 64, [colour, tint_of(rng, colour)], detail=5)
    tall = rng.random() < 0.6
    outline = shapes.superellipse(rng) * ((0.25, 1.7) if tall else (1.0, 0.6))
    radius = height * (rng.uniform(0.4, 0.7) if tall else rng.uniform(0.1, 0.25))
    x, y = Wave(rng.uniform(0.1, 0.9) * width), Wave(rng.uniform(0.2, 0.9) * height)
    return Actor([Part(outline, skin)], x, y, Wave(radius), Wave(rng.normal(0, 0.2)), tracked=False)


def compose_scene(
    rng: Generator, *, width: int, height: int, objects: int, difficulty: float, split: Split
) -> Scene:
    """A scene at random; `difficulty` in 0-1 brings speed, deformation, likeness, hiding and noise."""
    grounds = [textures.random_colour(rng, split, vivid=rng.uniform(0, 0.7))]
    grounds += [
        tint_of(rng, grounds[0]) if rng.random() < 0.6 else textures.random_colour(rng, split, vivid=0.3)
    ]
    grounds += [tint_of(rng, grounds[-1])]
    full = (round(width * (1 + 2 * MARGIN)), round(height * (1 + 2 * MARGIN)))
    colours: list[np.ndarray] = []
    for _ in range(objects):
        other = rng.random() < 0.3 + 0.6 * (1 - difficulty)
        apart = colour_distance(difficulty) if other else 0.6 * colour_distance(difficulty)
        colours.append(textures.colour_away_from(rng, split, grounds + colours, apart))
    short = min(width, height)
    actors = [
        _make_actor(
            rng,
            colour,
            place,
            short * float(np.exp(rng.uniform(np.log(0.07), np.log(0.34)))),
            (width, height),
            difficulty,
        )
        for colour, place in zip(colours, _places(rng, objects, width, height), strict=True)
    ]
    actors.sort(key=lambda actor: -actor.radius.start)
    if rng.random() < 0.6 * difficulty:
        actors.append(_make_occluder(rng, split, colours, width, height))
    moving = rng.random() < 0.7
    pan = 0.06 * moving * difficulty
    return Scene(
        width=width,
        height=height,
        background=textures.background(rng, *full, grounds),
        actors=actors,
        camera_x=Wave(0, 0, pan * width, rng.uniform(0.05, 0.4), rng.uniform()),
        camera_y=Wave(0, 0, pan * height, rng.uniform(0.05, 0.4), rng.uniform()),
        camera_zoom=Wave(1.0, 0, 0.08 * moving * difficulty, rng.uniform(0.05, 0.3), rng.uniform()),
        camera_turn=Wave(0, 0, 0.05 * moving * difficulty, rng.uniform(0.05, 0.3), rng.uniform()),
        light=Wave(rng.uniform(0.85, 1.1), 0, 0.12 * difficulty, rng.uniform(0.05, 0.5), rng.uniform()),
        noise=float(rng.uniform(0, 12) * difficulty),
        blur=float(rng.uniform(-0.6, 0.9) * difficulty * short / 200),
        grain=rng.standard_normal((height, width, 1), np.float32),
    )


def colour_distance(difficulty: float) -> float:
    """How far apart colours must lie (RGB, 0-442) for a click to mean one thing."""
    return 130.0 - 70.0 * difficulty
