from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from worker.render.clips import render_scene
from worker.render.scene import Actor, Scene, Wave
from worker.render.sprites import load_sprites, sprite_part


def ring(side: int = 40) -> Image.Image:
    picture = Image.new("RGBA", (side + 20, side))
    ImageDraw.Draw(picture).ellipse((0, 0, side - 1, side - 1), outline=(255, 0, 0, 255), width=6)
    return picture


def test_a_sprites_holes_are_not_the_object(tmp_path: Path) -> None:
    ring().save(tmp_path / "ring.png")
    (sprite,) = load_sprites(tmp_path)
    actor = Actor([sprite_part(sprite)], Wave(48.0), Wave(27.0), Wave(20.0))

    scene = Scene(width=96, height=54, background=Image.new("RGB", (200, 120)), actors=[actor])
    mask = render_scene(scene, frames=1).masks[0, 0]

    assert not mask[27, 48]
    assert mask[27, 48 - 18]


def test_a_folder_without_sprites_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No PNG or WebP"):
        load_sprites(tmp_path)
