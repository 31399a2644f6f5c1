"""Pictures with alpha as objects: emoji, clip art, cut-outs. Training takes a folder of them; nothing needs one."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from worker.render.scene import TEXTURE_REACH, Part

SIDE = 112  # pixels that a sprite is kept at
SQUARE = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])


def load_sprites(folder: Path | str) -> list[Image.Image]:
    """The folder's pictures that have alpha (PNG, WebP), by name, trimmed to what is visible."""
    paths = sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in (".png", ".webp"))
    if not paths:
        raise FileNotFoundError(f"No PNG or WebP pictures in {folder}.")
    return [_trimmed(path) for path in paths]


def _trimmed(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        rgba = picture.convert("RGBA")
    rgba = rgba.crop(rgba.getchannel("A").point([0] * 128 + [255] * 128).getbbox())
    return ImageOps.contain(rgba, (SIDE, SIDE))


def sprite_part(sprite: Image.Image) -> Part:
    """The sprite as a part of unit radius; what its alpha leaves out is not part of the object."""
    canvas = Image.new("RGBA", (round(SIDE * TEXTURE_REACH),) * 2)
    canvas.paste(sprite, ((canvas.width - sprite.width) // 2, (canvas.height - sprite.height) // 2))
    return Part(SQUARE, canvas)
