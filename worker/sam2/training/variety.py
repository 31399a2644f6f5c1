"""Footage seen in more ways than it was shot, so that little of it is not learned by heart (SAM 2 paper, D.2.2)."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from worker.render.clips import Clip
from worker.sam2.training.footage import Footage

ZOOM = (0.8, 1.7)
TURN, SHEAR = 20.0, 0.15  #: degrees; share of the height; either way
GAIN, CONTRAST, TINT = 0.2, 0.3, 0.06  #: of the brightness, about its mean, of each colour; either way
GREY = 0.05  #: share of clips without colours


@dataclass(frozen=True)
class Varied:
    """Each clip turned, sheared, zoomed into at one of its objects and in another light, the same on all frames."""

    footage: Footage

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        seen = self.footage.clip(rng, frames)
        moved = _moved(rng, seen)
        return Clip(_relit(rng, moved.frames), moved.masks)


def _moved(rng: np.random.Generator, clip: Clip) -> Clip:
    """Where a frame ends it goes on mirrored, so that no edge gives the change away; no object goes on there."""
    height, width = clip.frames.shape[1:3]
    a, b, c, d, e, f = _affine(rng, _towards(rng, clip.masks[0]), width, height)
    top, left = height // 2, width // 2
    from_padded = (a, b, c + left, d, e, f + top)

    def warped(pictures: np.ndarray, how: Image.Resampling) -> np.ndarray:
        seen = [
            Image.fromarray(one).transform((width, height), Image.Transform.AFFINE, from_padded, how)
            for one in pictures
        ]
        return np.stack([np.asarray(one) for one in seen])

    around = ((0, 0), (top, top), (left, left))
    frames = np.pad(clip.frames, (*around, (0, 0)), mode="reflect")
    masks = np.pad(clip.masks.reshape(-1, height, width).astype(np.uint8), around)
    return Clip(
        warped(frames, Image.Resampling.BILINEAR),
        warped(masks, Image.Resampling.NEAREST).astype(bool).reshape(clip.masks.shape),
    )


def _towards(rng: np.random.Generator, masks: np.ndarray) -> tuple[float, float]:
    """(x, y) of the middle of an object that the first frame shows, or of the frame."""
    shown = np.flatnonzero(masks.any((1, 2)))
    if not len(shown):
        return masks.shape[2] / 2, masks.shape[1] / 2
    rows, columns = np.nonzero(masks[rng.choice(shown)])
    return float(columns.mean()), float(rows.mean())


def _affine(
    rng: np.random.Generator, into: tuple[float, float], width: int, height: int
) -> tuple[float, float, float, float, float, float]:
    """From pixels of the new frame to those of the old one, as Pillow takes it."""
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM))))
    turn = np.radians(rng.uniform(-TURN, TURN))
    turning = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shearing = np.array([[1.0, rng.uniform(-SHEAR, SHEAR)], [0.0, 1.0]])
    matrix = turning @ shearing / zoom
    # What is zoomed into stays about where it was, or comes nearer to the middle.
    at, middle = np.array(into), np.array([width / 2, height / 2])
    to = at + rng.uniform(0.0, 0.5) * (middle - at)
    (a, b), (d, e) = matrix
    c, f = at - matrix @ to
    return float(a), float(b), float(c), float(d), float(e), float(f)


def _relit(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    """In another light: brightness, contrast, tint."""
    light = frames.astype(np.float32)
    if rng.random() < GREY:
        light = np.repeat(light.mean(-1, keepdims=True), 3, axis=-1)
    mean = light.mean()
    light = (light - mean) * (1 + rng.uniform(-CONTRAST, CONTRAST)) + mean * (1 + rng.uniform(-GAIN, GAIN))
    light = light * (1 + rng.uniform(-TINT, TINT, 3).astype(np.float32))
    return light.clip(0, 255).astype(np.uint8)
