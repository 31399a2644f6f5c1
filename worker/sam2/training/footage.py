"""What training looks at: clips from several sources, mixed by weight, made into batches."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from worker.render.clips import Clip, render_clip
from worker.render.styles import Style
from worker.render.textures import Split

__all__ = ["Batch", "Batches", "Clip", "Footage", "Mix", "Rendered", "batches", "draw", "squared"]

SHAPES = [(16, 9), (16, 9), (16, 9), (4, 3), (9, 16)]  # of rendered frames
FPS = [3.0, 6.0, 6.0, 6.0]  # of rendered frames; the slow ones jump as far in a few frames as others in many
SHOWN = 0.002  # of the frame: an object that the first frame shows this little of is not worth a prompt
GOING = (
    2.0  # how much likelier an object is drawn that is gone in some frame: its score learns from nothing else
)
TRIES = 100

Mix = Sequence[tuple["Footage", float]]
"""Sources of clips, each with its weight."""

Batch = tuple[Tensor, Tensor]
"""Frames uint8 [B, T, S, S, 3] and masks bool [B, T, K, S, S]: T frames of B clips, K objects in each."""


class Footage(Protocol):
    """Something that clips are drawn from."""

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        """Consecutive annotated frames at any size; a mask is empty where its object is absent."""
        ...


@dataclass(frozen=True)
class Rendered:
    """Footage made by `worker.render`, about as large as a model of `side` pixels sees it."""

    side: int = 320
    split: Split = "train"
    difficulty: tuple[float, float] = (0.1, 0.9)
    objects: tuple[int, int] = (3, 8)
    vanishing: float = 0.3
    style: Style = "painted"
    sprites: tuple[Image.Image, ...] = ()
    photographs: tuple[Image.Image, ...] = ()
    calm: float = 0.0

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        wide, high = SHAPES[int(rng.integers(len(SHAPES)))]
        unit = 1.1 * self.side / math.sqrt(wide * high)
        return render_clip(
            int(rng.integers(2**31)),
            width=round(unit * wide),
            height=round(unit * high),
            frames=frames,
            objects=int(rng.integers(self.objects[0], self.objects[1] + 1)),
            difficulty=float(rng.uniform(*self.difficulty)),
            split=self.split,
            fps=float(rng.choice(FPS)),
            vanishing=self.vanishing if frames > 1 else 0.0,
            sprites=self.sprites,
            photographs=self.photographs,
            calm=self.calm,
            style=self.style,
        )


def draw(mix: Mix, rng: np.random.Generator) -> Footage:
    """One of the mix, by weight."""
    weights = np.array([weight for _, weight in mix], float)
    return mix[int(rng.choice(len(mix), p=weights / weights.sum()))][0]


def squared(clip: Clip, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The clip squeezed to [T, S, S, 3] and [T, N, S, S], as the tracker squeezes real frames."""
    frames = [Image.fromarray(frame).resize((size, size), Image.Resampling.BILINEAR) for frame in clip.frames]
    height, width = clip.masks.shape[2:]
    rows = (np.arange(size) + 0.5) * height / size
    columns = (np.arange(size) + 0.5) * width / size
    masks = clip.masks[:, :, rows.astype(int)][:, :, :, columns.astype(int)]
    return np.stack([np.asarray(frame) for frame in frames]), masks


@dataclass(frozen=True)
class Batches(Dataset[Batch]):
    """Step k's batch, always the same one. Time runs either way, left and right change places.

    The K objects are drawn from those that the first frame shows, rather those that are gone later;
    where it shows fewer, some come twice.
    """

    mix: Mix
    size: int
    clips: int
    frames: int
    objects: int
    seed: int = 0

    def __getitem__(self, step: int) -> Batch:
        pairs = [self.sample(np.random.default_rng([self.seed, step, i])) for i in range(self.clips)]
        frames, masks = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
        return frames, masks

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One clip of a batch. Raises ValueError if the footage never shows an object first."""
        for _ in range(TRIES):
            frames, masks = squared(draw(self.mix, rng).clip(rng, self.frames), self.size)
            if rng.random() < 0.5:
                frames, masks = frames[::-1], masks[::-1]
            if rng.random() < 0.5:
                frames, masks = frames[:, :, ::-1], masks[:, :, :, ::-1]
            shown = np.flatnonzero(masks[0].mean((1, 2)) > SHOWN)
            if len(shown):
                going = ~masks[:, shown].any((2, 3)).all(0)
                odds = np.where(going, GOING, 1.0)
                order = rng.choice(shown, len(shown), replace=False, p=odds / odds.sum())
                return frames.copy(), masks[:, rng.permutation(np.resize(order, self.objects))]
        raise ValueError("The footage shows no object large enough in the first frame of its clips.")


def batches(data: Batches, first: int, last: int, *, loaders: int) -> Iterator[Batch]:
    """The batches of steps `first` to `last` (excluded), made ahead by `loaders` processes (0: here and now)."""
    ahead = 4 if loaders else None
    yield from DataLoader(
        data, batch_size=None, sampler=range(first, last), num_workers=loaders, prefetch_factor=ahead
    )
