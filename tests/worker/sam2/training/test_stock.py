from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.render.clips import Clip
from worker.sam2.training.recipe import Stage
from worker.sam2.training.stock import Stock, picked, seen, windowed

FRAMES = 6


def stage(**changes: int) -> Stage:
    settings = {"size": SIZE, "clips": 5, "frames": 3, "objects": 2} | changes
    return Stage("stage", 1, rates=(1e-3, 1e-4), **settings)


@pytest.fixture
def stock() -> Iterator[Stock]:
    stock = Stock([(Squares(), 1.0)], SIZE, FRAMES, torch.device("cpu"), loaders=1, room=4)
    yield stock
    stock.close()


def test_batches_show_objects_in_their_first_frame_at_the_size_of_the_stage(stock: Stock) -> None:
    batches = stock.batches(stage(size=SIZE // 2))
    for _ in range(5):
        frames, masks = next(batches)

        assert frames.shape == (5, 3, SIZE // 2, SIZE // 2, 3)
        assert frames.dtype == torch.uint8
        assert masks.shape == (5, 3, 2, SIZE // 2, SIZE // 2)
        assert masks[:, 0].flatten(2).any(2).all()


def test_what_is_masked_is_what_is_seen(stock: Stock) -> None:
    frames, masks = next(stock.batches(stage(objects=1)))

    colour = frames.float().std(-1)  # the squares have some, the ground has none
    coloured = (colour > 10).flatten(1).any(1)
    assert colour[coloured][masks[coloured, :, 0]].median() > 30
    assert colour[coloured][~masks[coloured, :, 0]].median() < 2


def test_the_newest_clip_takes_the_place_of_the_oldest(stock: Stock) -> None:
    batches = stock.batches(stage())
    next(batches)
    while stock.arrived <= stock.room:
        next(batches)

    assert stock.filled == stock.room


@dataclass(frozen=True)
class Broken:
    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        raise OSError("no such footage")


def test_loaders_that_fail_are_told() -> None:
    stock = Stock([(Broken(), 1.0)], SIZE, FRAMES, torch.device("cpu"), loaders=1, room=4)

    with pytest.raises(OSError, match="no such footage"):
        next(stock.batches(stage()))


def test_frames_and_labels_are_seen_through_the_same_window() -> None:
    labels = torch.zeros(6, 2, 40, 40, dtype=torch.uint8)
    labels[:, :, 8:30, 12:34] = 1
    frames = labels[..., None].repeat(1, 1, 1, 1, 3) * 200

    through, grid = windowed(labels, 40)
    pixels = seen(frames, grid, 40)

    bright = pixels.float().mean(-1) > 100
    assert (bright == (through > 0)).float().mean() > 0.97


def test_objects_are_drawn_among_those_that_are_shown() -> None:
    shown = torch.tensor([[True, False, True, False], [False, False, False, True]])

    drawn = picked(shown, torch.ones(2, 4), 3)

    assert set(drawn[0].tolist()) == {0, 2}
    assert drawn[1].tolist() == [3, 3, 3]
