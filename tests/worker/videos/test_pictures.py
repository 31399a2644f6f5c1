import io

import numpy as np
from PIL import Image

from engine.services.splits import look_alike
from worker.render import render_clip
from worker.videos import pictures


def clip(seed: int) -> list[Image.Image]:
    made = render_clip(seed, width=320, height=180, frames=8, fps=6.0, objects=3, split="test")
    return [Image.fromarray(frame) for frame in made.frames]


def again(picture: Image.Image, *, size: tuple[int, int], quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.resize(size).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def test_a_copy_that_was_scaled_cut_and_encoded_again_looks_alike() -> None:
    shown = clip(3)
    copy = [again(picture, size=(200, 112), quality=40) for picture in shown[2:7]]
    assert look_alike(pictures.hashes(shown), pictures.hashes(copy))


def test_other_footage_does_not() -> None:
    seen = [pictures.hashes(clip(seed)) for seed in range(8)]
    alike = [(i, j) for i in range(8) for j in range(i) if look_alike(seen[i], seen[j])]
    assert alike == []


def test_a_black_picture_looks_like_nothing() -> None:
    assert pictures.hashes([Image.fromarray(np.zeros((64, 64, 3), np.uint8))]) == []


def test_about_a_picture_a_second_is_looked_at() -> None:
    assert pictures.sampled(1, a_second=6) == [0]
    assert pictures.sampled(61, a_second=6) == [0, 7, 13, 20, 27, 33, 40, 47, 53, 60]
    assert len(pictures.sampled(10_000, a_second=6)) == pictures.MOST
