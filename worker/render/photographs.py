"""Photographs as grounds and as textures. Training takes a folder of them; nothing needs one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from numpy.random import Generator
from PIL import Image

from worker.render.scene import Actor, Scene

SKIN = 160  #: pixels across of a texture that is cut out of a photograph


def load_photographs(folder: Path | str, names: Collection[str] = ()) -> list[Image.Image]:
    """The folder's pictures (JPEG, PNG, WebP), by name; if `names` are given, only theirs (without suffix)."""
    kinds = (".jpg", ".jpeg", ".png", ".webp")
    paths = sorted(
        path
        for path in Path(folder).iterdir()
        if path.suffix.lower() in kinds and (not names or path.stem in names)
    )
    if not paths:
        raise FileNotFoundError(f"No JPEG, PNG or WebP pictures in {folder}.")
    return [_read(path) for path in paths]


def photographed(
    rng: Generator, scene: Scene, photographs: Sequence[Image.Image], *, share: float = 0.5
) -> Scene:
    """The scene before a part of a photograph, `share` of its objects cut out of others."""
    return replace(
        scene,
        background=_cut(rng, photographs, scene.background.size),
        actors=[
            _dressed(rng, actor, photographs) if actor.tracked and rng.random() < share else actor
            for actor in scene.actors
        ],
    )


def _dressed(rng: Generator, actor: Actor, photographs: Sequence[Image.Image]) -> Actor:
    """What a part's own alpha leaves out stays out."""
    skin = _cut(rng, photographs, (SKIN, SKIN))
    parts = [part if part.texture.mode == "RGBA" else replace(part, texture=skin) for part in actor.parts]
    return replace(actor, parts=parts)


def _cut(rng: Generator, photographs: Sequence[Image.Image], size: tuple[int, int]) -> Image.Image:
    """A window of one of them, 0.4 to 1 of what fits, brought to a size."""
    picture = photographs[int(rng.integers(len(photographs)))]
    share = min(picture.width / size[0], picture.height / size[1]) * float(rng.uniform(0.4, 1.0))
    width, height = size[0] * share, size[1] * share
    x, y = rng.uniform(0, picture.width - width), rng.uniform(0, picture.height - height)
    return picture.resize(size, Image.Resampling.BILINEAR, (x, y, x + width, y + height))


def _read(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")
