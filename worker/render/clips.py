"""Clips with exact masks: a scene is composed from a seed, then drawn at each moment.

World coordinates are pixels of the frame under a resting camera; time is in seconds.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from worker.render import shapes, textures
from worker.render.textures import Split

SPLIT_SEED: dict[Split, int] = {"train": 1, "validation": 2, "test": 3}
TEXTURE_REACH = 2.6  # a texture covers object coordinates from -2.6 to 2.6
MARGIN = 0.35  # how far the background reaches beyond the frame, in frame sizes


@dataclass(frozen=True)
class Clip:
    """frames: uint8 [T, H, W, 3] RGB. masks: bool [T, N, H, W], what is visible of each object."""

    frames: np.ndarray
    masks: np.ndarray


@dataclass(frozen=True)
class Wave:
    """A value over time: start + speed * t + size * sin(2 pi (rate * t + phase))."""

    start: float = 0.0
    speed: float = 0.0
    size: float = 0.0
    rate: float = 0.0
    phase: float = 0.0

    def at(self, t: float) -> float:
        swing = self.size * np.sin(2 * np.pi * (self.rate * t + self.phase))
        return float(self.start + self.speed * t + swing)


@dataclass(frozen=True)
class Part:
    """A piece of an actor: an outline with a texture of its own, that may swing around a joint."""

    outline: shapes.Contour
    texture: Image.Image
    joint: tuple[float, float] = (0.0, 0.0)
    swing: Wave = Wave()


@dataclass(frozen=True)
class Actor:
    """Something that moves. `tracked` actors get a mask; the others only hide them."""

    parts: list[Part]
    x: Wave
    y: Wave
    radius: Wave
    turn: Wave = Wave()
    squash: Wave = Wave(start=1.0)
    wobble: Wave = Wave()
    presence: Wave = Wave(start=1.0)  # it is not there while this is below 0
    tracked: bool = True
    rim: tuple[int, int, int] | None = None

    def matrix(self, t: float) -> np.ndarray:
        """[2, 3], from object to world coordinates."""
        turn, radius, squash = self.turn.at(t), max(self.radius.at(t), 1.0), self.squash.at(t)
        c, s = np.cos(turn) * radius, np.sin(turn) * radius
        return np.array([[c, -s * squash, self.x.at(t)], [s, c * squash, self.y.at(t)]])


@dataclass(frozen=True)
class Scene:
    """Everything that a clip shows; `actors` from back to front."""

    width: int
    height: int
    background: Image.Image
    actors: list[Actor]
    camera_x: Wave = Wave()
    camera_y: Wave = Wave()
    camera_zoom: Wave = Wave(start=1.0)
    camera_turn: Wave = Wave()
    light: Wave = Wave(start=1.0)
    noise: float = 0.0
    blur: float = 0.0
    grain: np.ndarray | None = field(default=None, repr=False)

    def camera(self, t: float) -> np.ndarray:
        """[2, 3], from world to frame coordinates: around the middle of the frame."""
        zoom, turn = self.camera_zoom.at(t), self.camera_turn.at(t)
        linear = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        middle = np.array([self.width / 2, self.height / 2])
        shift = middle - linear @ (middle + np.array([self.camera_x.at(t), self.camera_y.at(t)]))
        return np.column_stack([linear, shift])


def _chain(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def _inverse(matrix: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def _warped(picture: Image.Image, size: tuple[int, int], to_picture: np.ndarray) -> Image.Image:
    """The picture seen through an affine window; PIL's `transform` wants output-to-input."""
    data = tuple(float(v) for v in to_picture.flatten())
    return picture.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def _draw_part(
    frame: Image.Image,
    ids: Image.Image,
    actor: Actor,
    part: Part,
    to_frame: np.ndarray,
    t: float,
    number: int,
) -> None:
    """Paints one part on the frame, and its number on the map of who is visible where."""
    points = part.outline
    if part.swing.size:
        points = shapes.rotated(points - part.joint, part.swing.at(t)) + part.joint
    if actor.wobble.size:
        angle = np.arctan2(points[:, 1], points[:, 0])
        points = points * (1 + actor.wobble.size * np.sin(3 * angle + 6.28 * actor.wobble.rate * t))[:, None]
    points = points @ to_frame[:, :2].T + to_frame[:, 2]
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - 1, 0)
    x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 2, frame.size)
    width, height = int(x1 - x0), int(y1 - y0)
    if width <= 0 or height <= 0:
        return
    corners = [(float(x), float(y)) for x, y in (points - (x0, y0)) * 2]
    twice = Image.new("L", (2 * width, 2 * height))
    ImageDraw.Draw(twice).polygon(corners, fill=255)
    alpha = twice.resize((width, height), Image.Resampling.BOX)
    to_object = _inverse(to_frame)
    scale = part.texture.width / (2 * TEXTURE_REACH)
    to_texture = scale * to_object
    to_texture[:, 2] += scale * TEXTURE_REACH + to_texture[:, :2] @ (x0, y0)
    paint = _warped(part.texture, (width, height), to_texture)
    if actor.rim is not None:
        outline = [(x / 2, y / 2) for x, y in corners]
        ImageDraw.Draw(paint).line([*outline, outline[0]], fill=actor.rim, width=max(1, width // 24))
    where = (int(x0), int(y0))
    frame.paste(paint, where, alpha)
    solid = alpha.point([0] * 128 + [255] * 128)
    ids.paste(number, (*where, where[0] + width, where[1] + height), solid)


def draw_scene(scene: Scene, t: float) -> tuple[np.ndarray, np.ndarray]:
    """The frame uint8 [H, W, 3] and the masks bool [N, H, W] at a moment."""
    size = (scene.width, scene.height)
    camera = scene.camera(t)
    to_background = _inverse(camera)
    to_background[:, 2] += (MARGIN * scene.width, MARGIN * scene.height)
    frame = _warped(scene.background, size, to_background)
    ids = Image.new("L", size)
    number = 0
    for actor in scene.actors:
        number += actor.tracked
        if actor.presence.at(t) < 0:
            continue
        to_frame = _chain(camera, actor.matrix(t))
        for part in actor.parts:
            _draw_part(frame, ids, actor, part, to_frame, t, number if actor.tracked else 0)
    if scene.blur > 0.2:
        frame = frame.filter(ImageFilter.GaussianBlur(scene.blur))
    pixels = np.asarray(frame, np.float32) * scene.light.at(t)
    if scene.grain is not None:
        shift = (int(t * 977) % scene.height, int(t * 1409) % scene.width)
        pixels += np.roll(scene.grain, shift, axis=(0, 1)) * scene.noise
    seen = np.asarray(ids)
    masks = seen[None] == np.arange(1, number + 1)[:, None, None]
    return np.clip(pixels, 0, 255).astype(np.uint8), masks


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
) -> Clip:
    """A clip from a seed: the same seed gives the same pixels, another split never the same scene.

    `vanishing` is the share of objects that are gone for moments, besides those that leave the
    frame or are hidden.
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
    return render_scene(replace(scene, actors=actors), frames=frames, fps=fps)


def render_scene(scene: Scene, *, frames: int, fps: float = 24.0, start: float = 0.0) -> Clip:
    """The scene drawn at `frames` moments, 1/fps seconds apart."""
    drawn = [draw_scene(scene, start + i / fps) for i in range(frames)]
    return Clip(np.stack([frame for frame, _ in drawn]), np.stack([masks for _, masks in drawn]))
