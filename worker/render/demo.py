"""The two clips that a newcomer sees first. They use the training generator's own means, seeded."""

import numpy as np
from PIL import Image, ImageDraw

from worker.render import shapes, textures
from worker.render.clips import Clip, render_scene
from worker.render.scene import MARGIN, Actor, Part, Scene, Wave
from worker.render.textures import hsv

WIDTH, HEIGHT, FPS, SECONDS = 480, 270, 24.0, 8.0


def demo_clips() -> dict[str, Clip]:
    """Name → clip, 480x270, 8 s at 24 fps: `reef` (fish, one passes behind weed) and `kites`."""
    frames = round(FPS * SECONDS)
    return {name: render_scene(scene, frames=frames, fps=FPS) for name, scene in scenes().items()}


def scenes() -> dict[str, Scene]:
    """The demo's scenes by name."""
    return {"reef": _reef(), "kites": _kites()}


def _canvas() -> tuple[int, int]:
    return round(WIDTH * (1 + 2 * MARGIN)), round(HEIGHT * (1 + 2 * MARGIN))


def _sky(top: np.ndarray, bottom: np.ndarray) -> Image.Image:
    """A vertical blend of two colours over the whole canvas."""
    width, height = _canvas()
    blend = np.linspace(0, 1, height)[:, None, None]
    picture = np.broadcast_to(top * (1 - blend) + bottom * blend, (height, width, 3))
    return Image.fromarray(picture.astype(np.uint8))


def _hill(
    rng: np.random.Generator, picture: Image.Image, level: float, rise: float, colour: np.ndarray
) -> None:
    """A wavy ridge across the canvas; everything below it takes the colour."""
    width, height = picture.size
    x = np.arange(0, width + 8, 8)
    ridge = level * height - rise * height * np.sin(x / width * rng.uniform(5, 12) + rng.uniform(0, 6))
    points = [(float(u), float(v)) for u, v in zip(x, ridge, strict=True)]
    fill = tuple(int(c) for c in colour)
    ImageDraw.Draw(picture).polygon([*points, (width, height), (0, height)], fill=fill)


def _skin(rng: np.random.Generator, colours: list[np.ndarray]) -> Image.Image:
    return textures.texture(rng, 96, 96, colours, detail=4)


def _fish(rng: np.random.Generator, hue: float, *, x: Wave, y: Wave, radius: float, facing: float) -> Actor:
    """A body with a tail that beats and a fin; `facing` 1 swims right, -1 left."""
    colour, light = hsv(hue, 0.75, 0.9), hsv(hue + 0.05, 0.45, 1.0)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    body = np.stack([np.cos(angle) * facing, 0.52 * np.sin(angle) * (1 + 0.2 * np.cos(angle))], axis=-1)
    tail = np.array([(-0.75, 0.0), (-1.55, -0.5), (-1.3, 0.0), (-1.55, 0.5)]) * (facing, 1)
    fin = np.array([(-0.35, -0.4), (0.25, -0.45), (-0.3, -0.9)]) * (facing, 1)
    beat = Wave(size=0.35, rate=1.3, phase=rng.uniform())
    plain = _skin(rng, [colour, textures.tint(colour, -0.2)])
    return Actor(
        parts=[
            Part(tail, plain, (-0.75 * facing, 0.0), beat),
            Part(fin, plain),
            Part(body, _skin(rng, [colour, light, colour])),
            Part(shapes.ellipse(0.62 * facing, -0.13, 0.09, 0.09), _skin(rng, [hsv(0.6, 0.3, 0.15)] * 2)),
        ],
        x=x,
        y=y,
        radius=Wave(radius),
        turn=Wave(size=0.12, rate=0.3, phase=rng.uniform()),
    )


def _weed(rng: np.random.Generator, x: float, colour: np.ndarray) -> Actor:
    """A tall blade that sways in front of the fish."""
    blade = np.array(
        [(-0.10, 1.0), (-0.13, 0.2), (-0.06, -0.5), (0.0, -1.0), (0.08, -0.4), (0.14, 0.3), (0.10, 1.0)]
    )
    sway = Wave(size=0.10, rate=0.25, phase=rng.uniform())
    skin = _skin(rng, [colour, textures.tint(colour, -0.3)])
    return Actor([Part(blade, skin)], Wave(x), Wave(HEIGHT * 0.72), Wave(118.0), sway, tracked=False)


def _reef() -> Scene:
    rng = np.random.default_rng(20)
    picture = _sky(hsv(0.53, 0.55, 0.80), hsv(0.58, 0.75, 0.42))
    _hill(rng, picture, 0.70, 0.02, hsv(0.12, 0.35, 0.62))
    _hill(rng, picture, 0.75, 0.015, hsv(0.10, 0.38, 0.72))
    actors = [
        _fish(rng, 0.08, x=Wave(90, 34, 12, 0.2), y=Wave(105, 0, 14, 0.22), radius=36, facing=1),
        _fish(rng, 0.15, x=Wave(352, -26, 10, 0.25, 0.4), y=Wave(60, 0, 10, 0.3, 0.2), radius=27, facing=-1),
        _fish(rng, 0.88, x=Wave(330, -20, 8, 0.2), y=Wave(168, 0, 12, 0.25, 0.6), radius=31, facing=-1),
        _weed(rng, 235, hsv(0.36, 0.6, 0.45)),
        _weed(rng, 452, hsv(0.33, 0.6, 0.5)),
    ]
    return _scene(rng, picture, actors, noise=2.0)


def _kite(rng: np.random.Generator, hue: float, *, x: Wave, y: Wave, radius: float, turn: float) -> Actor:
    """A diamond of cloth with a tail that flutters."""
    colour = hsv(hue, 0.8, 0.95)
    cloth = np.array([(0.0, -1.0), (0.72, -0.15), (0.0, 1.15), (-0.72, -0.15)])
    tail = shapes.ellipse(0.0, 1.75, 0.13, 0.65)
    flutter = Wave(size=0.45, rate=0.8, phase=rng.uniform())
    dark = textures.tint(colour, -0.25)
    return Actor(
        parts=[
            Part(tail, _skin(rng, [dark, dark]), (0.0, 1.1), flutter),
            Part(cloth, _skin(rng, [colour, dark, colour])),
        ],
        x=x,
        y=y,
        radius=Wave(radius, 0, 0.12 * radius, 0.2, rng.uniform()),
        turn=Wave(turn, 0, 0.3, 0.22, rng.uniform()),
    )


def _balloon(rng: np.random.Generator, hue: float, *, x: Wave, y: Wave, radius: float) -> Actor:
    """A hot-air balloon: envelope and basket."""
    envelope = shapes.ellipse(0.0, -0.1, 0.85, 1.0)
    basket = np.array([(-0.22, 1.05), (0.22, 1.05), (0.18, 1.4), (-0.18, 1.4)])
    colour = hsv(hue, 0.7, 0.92)
    return Actor(
        parts=[
            Part(basket, _skin(rng, [hsv(0.08, 0.5, 0.45)] * 2)),
            Part(envelope, _skin(rng, [colour, hsv(hue + 0.07, 0.5, 1.0), colour])),
        ],
        x=x,
        y=y,
        radius=Wave(radius),
        turn=Wave(size=0.06, rate=0.2),
    )


def _kites() -> Scene:
    rng = np.random.default_rng(7)
    picture = _sky(hsv(0.57, 0.38, 0.93), hsv(0.55, 0.12, 0.99))
    _hill(rng, picture, 0.66, 0.04, hsv(0.45, 0.22, 0.72))
    _hill(rng, picture, 0.70, 0.03, hsv(0.36, 0.35, 0.62))
    _hill(rng, picture, 0.75, 0.02, hsv(0.30, 0.5, 0.5))
    actors = [
        _balloon(rng, 0.02, x=Wave(330, -9), y=Wave(118, -2, 6, 0.15), radius=52),
        _kite(rng, 0.93, x=Wave(120, 10, 34, 0.16), y=Wave(95, 0, 26, 0.23, 0.3), radius=31, turn=0.3),
        _kite(rng, 0.13, x=Wave(215, -6, 42, 0.13, 0.5), y=Wave(70, 0, 24, 0.2), radius=23, turn=-0.3),
    ]
    return _scene(rng, picture, actors, noise=1.5)


def _scene(rng: np.random.Generator, picture: Image.Image, actors: list[Actor], *, noise: float) -> Scene:
    return Scene(
        width=WIDTH,
        height=HEIGHT,
        background=picture,
        actors=actors,
        camera_x=Wave(0, 0, 10, 0.08),
        camera_y=Wave(0, 0, 4, 0.11),
        camera_zoom=Wave(1.0, 0, 0.03, 0.07),
        light=Wave(1.0, 0, 0.02, 0.2),
        noise=noise,
        grain=rng.standard_normal((HEIGHT, WIDTH, 1), np.float32),
    )
