from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from worker.render.clips import Clip
from worker.sam2.training.loop import Training
from worker.sam2.training.model import small_model
from worker.sam2.training.recipe import Stage

SIZE = 64


class Squares:
    """A red square that goes right over a grey ground, and a green one below that is gone in odd frames."""

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        pictures = np.full((frames, 48, 80, 3), 90, np.uint8)
        masks = np.zeros((frames, 2, 48, 80), bool)
        for t in range(frames):
            x = int(rng.integers(4, 8)) + 3 * t
            masks[t, 0, 8:22, x : x + 14] = True
            masks[t, 1, 28:42, 10:30] = t % 2 == 0
        pictures[masks[:, 0]] = (200, 30, 30)
        pictures[masks[:, 1]] = (30, 200, 30)
        return Clip(pictures, masks)


@pytest.fixture
def squares() -> Squares:
    return Squares()


@pytest.fixture
def training(tmp_path: Path, squares: Squares) -> Callable[..., Training]:
    """Makes a run of two stages of two steps each at 64 pixels."""

    def make(out: str = "run", **changes: object) -> Training:
        stages: object = [
            Stage("images", 2, SIZE, clips=1, frames=1, objects=2, rates=(1e-3, 1e-3), images=1.0),
            Stage("clips", 2, SIZE, clips=1, frames=3, objects=2, rates=(1e-3, 1e-4), encoder=0.0),
        ]
        arguments = {"keep_every": 100, "validation_batches": 1} | changes
        stages = arguments.pop("stages", stages)
        return Training(tmp_path / out, stages, [(squares, 1.0)], small_model, **arguments)  # type: ignore[arg-type]

    return make
