"""What a scene is made of, and how it is drawn at a moment.

World coordinates are pixels of the frame under a resting camera; time is in seconds.
"""

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from worker.render import shapes

TEXTURE_REACH = 2.6  # a texture covers object coordinates from -2.6 to 2.6
MARGIN = 0.35  # how far the background reaches beyond the frame, in frame sizes
EXPOSURES = 4  # moments that make a frame with motion blur


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
    """A piece of an actor: an outline with a texture of its own, that may swing around a joint.

    Where the texture has alpha (RGBA), only what it covers belongs to the part.
    """

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
    shutter: float = 0.0  # seconds that it stays open
    quality: int | None = None  # of JPEG, 1-95; None: not compressed
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
    if paint.mode == "RGBA":
        alpha = ImageChops.multiply(alpha, paint.getchannel("A"))
    where = (int(x0), int(y0))
    frame.paste(paint, where, alpha)
    solid = alpha.point([0] * 128 + [255] * 128)
    ids.paste(number, (*where, where[0] + width, where[1] + height), solid)


def draw_scene(scene: Scene, t: float) -> tuple[np.ndarray, np.ndarray]:
    """The frame uint8 [H, W, 3] and the masks bool [N, H, W] at a moment.

    A frame with an open shutter is a mean of moments; the masks are those of the middle.
    """
    frame, ids = _paint(scene, t)
    pixels = np.asarray(frame, np.float32)
    if scene.shutter:
        moments = t + scene.shutter * (np.linspace(0, 1, EXPOSURES) - 0.5)
        pixels = np.mean([np.asarray(_paint(scene, float(moment))[0], np.float32) for moment in moments], 0)
    pixels = pixels * np.float32(scene.light.at(t))
    if scene.grain is not None:
        shift = (int(t * 977) % scene.height, int(t * 1409) % scene.width)
        pixels += np.roll(scene.grain, shift, axis=(0, 1)) * scene.noise
    number = sum(actor.tracked for actor in scene.actors)
    masks = np.asarray(ids)[None] == np.arange(1, number + 1)[:, None, None]
    return _compressed(np.clip(pixels, 0, 255).astype(np.uint8), scene.quality), masks


def _paint(scene: Scene, t: float) -> tuple[Image.Image, Image.Image]:
    """The frame as an ideal camera sees it, and who is visible where (0 for nobody that is tracked)."""
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
    return (frame.filter(ImageFilter.GaussianBlur(scene.blur)) if scene.blur > 0.2 else frame), ids


def _compressed(pixels: np.ndarray, quality: int | None) -> np.ndarray:
    """The pixels after a round trip through JPEG."""
    if quality is None:
        return pixels
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as again:
        return np.asarray(again.convert("RGB"))
