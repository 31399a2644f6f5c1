"""The loop's footage: clips of a new look to annotate, and test clips of both looks that nobody annotates."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.effort.footage import ClipToAnnotate, is_chosen
from worker.render.clips import Clip, render_clip
from worker.render.styles import Style

NEW_LOOK: Style = "fog"
FPS = 6.0
VANISHING = 0.4  #: of the objects come and go
FIRST_SEED, AUTOMATIC_SEED, TEST_SEED = 7000, 9000, 300


@dataclass(frozen=True)
class Size:
    """Of a clip: width and height in pixels, annotated frames, objects that are drawn."""

    width: int = 320
    height: int = 180
    frames: int = 16
    objects: int = 3


def to_annotate(number: int, count: int, size: Size, *, each: int) -> Iterator[ClipToAnnotate]:
    """`count` clips of the `number`th round, of each up to `each` objects that a person could choose at its start."""
    seed, found = FIRST_SEED + 100 * number, 0
    while found < count:
        clip = _clip(seed, size, "train", NEW_LOOK)
        objects = [truth for truth in np.moveaxis(clip.masks, 1, 0) if is_chosen(truth)]
        if objects:
            found += 1
            yield ClipToAnnotate(f"clip-{seed}.mp4", clip.frames, objects[:each])
        seed += 1


def to_look_through(number: int, count: int, size: Size) -> Iterator[ClipToAnnotate]:
    """`count` clips of the `number`th round that no person annotates, with everything that is drawn in them."""
    for seed in range(AUTOMATIC_SEED + 100 * number, AUTOMATIC_SEED + 100 * number + count):
        clip = _clip(seed, size, "train", NEW_LOOK)
        yield ClipToAnnotate(f"clip-{seed}.mp4", clip.frames, list(np.moveaxis(clip.masks, 1, 0)))


def test_clips(count: int, size: Size, style: Style) -> Iterator[Clip]:
    for seed in range(TEST_SEED, TEST_SEED + count):
        clip = _clip(seed, size, "test", style)
        chosen = [n for n in range(clip.masks.shape[1]) if is_chosen(clip.masks[:, n])]
        yield Clip(clip.frames, clip.masks[:, chosen])


def _clip(seed: int, size: Size, split: str, style: Style) -> Clip:
    return render_clip(
        seed,
        width=size.width,
        height=size.height,
        frames=size.frames,
        objects=size.objects,
        fps=FPS,
        split=split,  # type: ignore[arg-type]
        style=style,
        vanishing=VANISHING,
    )
