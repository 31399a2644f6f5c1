"""Colours and pictures to paint with. Colours are float arrays [3] in 0-255, pictures PIL RGB images."""

import colorsys
from typing import Literal

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

Split = Literal["train", "validation", "test"]
Colour = np.ndarray

# The hue circle is cut in 36 sectors. Each split paints with sectors of its own, so that a colour
# of the test clips was never trained on.
SECTORS = 36
SPLIT_SECTORS: dict[Split, list[int]] = {
    "train": [s for s in range(SECTORS) if s % 6 not in (2, 5)],
    "validation": [s for s in range(SECTORS) if s % 6 == 5],
    "test": [s for s in range(SECTORS) if s % 6 == 2],
}


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue, saturation and value, each in 0-1."""
    return 255.0 * np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value))


def random_colour(rng: Generator, split: Split, *, vivid: float = 0.5) -> Colour:
    """A colour of the split's hues; `vivid` in 0-1 moves it from greyish to saturated."""
    hue = (rng.choice(SPLIT_SECTORS[split]) + rng.uniform()) / SECTORS
    saturation = float(np.clip(rng.normal(0.15 + 0.6 * vivid, 0.2), 0.0, 1.0))
    return hsv(hue, saturation, float(np.clip(rng.normal(0.62, 0.22), 0.08, 1.0)))


def colour_away_from(
    rng: Generator, split: Split, others: list[Colour], distance: float, *, vivid: float = 0.6
) -> Colour:
    """A colour at least `distance` (0-442) from the others, or the farthest of the tries."""
    best, best_gap = random_colour(rng, split, vivid=vivid), -1.0
    for _ in range(24):
        colour = random_colour(rng, split, vivid=vivid)
        gap = min((float(np.linalg.norm(colour - other)) for other in others), default=500.0)
        if gap >= distance:
            return colour
        if gap > best_gap:
            best, best_gap = colour, gap
    return best


def tint(colour: Colour, amount: float) -> Colour:
    """The colour mixed with white (amount 0 to 1) or with black (amount -1 to 0)."""
    goal = 255.0 if amount > 0 else 0.0
    return colour + (goal - colour) * abs(amount)


def fractal_noise(rng: Generator, width: int, height: int, *, cells: int, octaves: int = 3) -> np.ndarray:
    """Smooth noise [height, width] in 0-1; `cells` bumps across the longer side at the coarsest octave."""
    total = np.zeros((height, width), np.float32)
    longer = max(width, height)
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.random((max(2, n * height // longer + 1), max(2, n * width // longer + 1)))
        coarse = Image.fromarray(grid.astype(np.float32))
        total += np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def _stripes(rng: Generator, width: int, height: int, count: float) -> np.ndarray:
    angle = rng.uniform(0, np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    wave = np.sin(2 * np.pi * count * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 6))
    return np.asarray(np.clip(0.5 + wave * rng.uniform(0.5, 3.0), 0, 1), np.float32)


def _spots(rng: Generator, width: int, height: int, count: float) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    angle = rng.uniform(0, np.pi)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    wave = np.sin(2 * np.pi * count * u) * np.sin(2 * np.pi * count * v)
    return np.asarray(np.clip(0.5 + (wave - rng.uniform(-0.2, 0.4)) * 6, 0, 1), np.float32)


def slope(rng: Generator, width: int, height: int) -> np.ndarray:
    """[height, width] in 0-1, rising evenly in some direction."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ramp = x / width * np.cos(angle) + y / height * np.sin(angle)
    return np.asarray((ramp - ramp.min()) / (np.ptp(ramp) + 1e-6), np.float32)


def texture(
    rng: Generator, width: int, height: int, colours: list[Colour], *, detail: float = 4.0
) -> Image.Image:
    """A picture that blends the colours by noise, stripes, spots or a ramp; `detail` features across."""
    kind = rng.choice(["noise", "stripes", "spots", "ramp", "plain"], p=[0.35, 0.15, 0.15, 0.2, 0.15])
    if kind == "stripes":
        blend = _stripes(rng, width, height, detail * rng.uniform(0.5, 1.5))
    elif kind == "spots":
        blend = _spots(rng, width, height, detail * rng.uniform(0.4, 1.0))
    elif kind == "ramp":
        blend = slope(rng, width, height)
    elif kind == "noise":
        blend = fractal_noise(rng, width, height, cells=max(1, int(detail)))
    else:
        blend = np.zeros((height, width), np.float32)
    stops = np.linspace(0, 255, len(colours))
    ramp = [np.interp(np.arange(256), stops, [colour[c] for colour in colours]) for c in range(3)]
    picture = np.stack(ramp, axis=-1).astype(np.float32)[(blend * 255).astype(np.uint8)]
    if rng.random() < 0.6:
        shade = fractal_noise(rng, width, height, cells=2) - 0.5
        picture += shade[..., None] * np.float32(rng.uniform(0, 60))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def background(rng: Generator, width: int, height: int, colours: list[Colour]) -> Image.Image:
    """A scene without objects: one texture, often a second one behind a horizon, and still clutter."""
    picture = texture(rng, width, height, colours, detail=rng.uniform(1, 9))
    if rng.random() < 0.4:
        ground = texture(rng, width, height, colours[::-1], detail=rng.uniform(1, 9))
        line = fractal_noise(rng, width, 2, cells=3)[0] * rng.uniform(0, 0.3) + rng.uniform(0.3, 0.8)
        below = np.arange(height)[:, None] > line[None] * height
        picture.paste(ground, (0, 0), Image.fromarray((below * 255).astype(np.uint8)))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(0, 10))):
        colour = tint(colours[int(rng.integers(len(colours)))], rng.uniform(-0.3, 0.3))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        rx, ry = rng.uniform(0.01, 0.12, 2) * width
        box = (x - rx, y - ry, x + rx, y + ry)
        fill = tuple(int(c) for c in colour)
        if rng.random() < 0.5:
            draw.ellipse(box, fill=fill)
        else:
            draw.rectangle(box, fill=fill)
    return picture
