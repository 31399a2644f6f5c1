from unittest.mock import patch

import numpy as np
import pytest
import torch
from rlemasklib import RLEMask

from tests.worker.sam2.tiny import HEIGHT, WIDTH, TinyClip, tiny_checkpoint
from worker.render.clips import render_clip
from worker.sam2 import checkpoint
from worker.sam2.features import encode_frames
from worker.sam2.grid import Crop, Grid, SeedSettings, crops_of, distinct, grid_seeds
from worker.sam2.seeds import Seed
from worker.sam2.tracker import Tracker

# Random weights are sure of nothing: whatever they draw is a seed.
ANYTHING = SeedSettings(
    predicted_iou=0.0, stability=0.0, score=0.0, least_area=4, largest_area=1.0, inside=2.0
)
SIZE = (90, 160)


@pytest.fixture(scope="module")
def tracker():
    return Tracker(tiny_checkpoint())


@pytest.fixture(scope="module")
def bundled():
    return Tracker(checkpoint.load(device="cpu", precision=torch.float32))


def box(left: int, width: int = 30) -> RLEMask:
    return RLEMask.from_bbox([left, 10, width, 30], imshape=SIZE)


def test_one_crop_is_the_frame_and_several_cover_it_and_overlap():
    assert crops_of(SIZE, 1, 0.3) == [Crop(0, 0, 160, 90)]
    covered = np.zeros(SIZE, dtype=int)
    crops = crops_of(SIZE, 4, 0.3)
    for crop in crops:
        assert crop.left + crop.width <= 160
        assert crop.top + crop.height <= 90
        covered[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width] += 1

    assert len(crops) == 16
    assert covered.min() == 1
    assert covered.max() == 4
    assert crops[1].left == pytest.approx(crops[0].width * 0.7, abs=1)


def test_points_are_the_middles_of_equal_cells():
    assert Crop(10, 20, 40, 20).points(2).tolist() == [[20, 25], [40, 25], [20, 35], [40, 35]]


def test_a_batch_of_points_finds_what_one_at_a_time_finds(tracker):
    clip = TinyClip(key="grid")
    together, alone = (
        grid_seeds(
            tracker,
            clip,
            0,
            [Grid(4)],
            SeedSettings(**{**vars(ANYTHING), "points_at_a_time": at_a_time}),
        )
        for at_a_time in (64, 1)
    )

    assert together
    assert [seed.key for seed in together] == [seed.key for seed in alone]
    assert all(one.mask.iou(other.mask) > 0.99 for one, other in zip(together, alone, strict=True))


def test_the_frame_is_encoded_once_for_all_grids_and_each_crop_once(tracker):
    clip = TinyClip(key="counted")
    with (
        patch("worker.sam2.grid.encode_frames", wraps=encode_frames) as crops,
        patch("worker.sam2.tracker.encode_frames", wraps=encode_frames) as whole,
    ):
        grid_seeds(tracker, clip, 0, [Grid(2), Grid(3), Grid(2, 2)], ANYTHING)

    assert whole.call_count == 1
    assert crops.call_count == 4


def test_seeds_are_of_the_frames_size_even_from_crops(tracker):
    seeds = grid_seeds(tracker, TinyClip(), 3, [Grid(3, 2)], ANYTHING)

    assert seeds
    for seed in seeds:
        assert seed.mask.shape == (HEIGHT, WIDTH)
        assert seed.frame_idx == 3
        assert seed.mask.any()
        assert 0 <= seed.point[0] <= WIDTH
        assert 0 <= seed.point[1] <= HEIGHT


def test_what_is_explained_is_not_asked_about(tracker):
    clip = TinyClip(key="explained")
    left = RLEMask.from_bbox([0, 0, WIDTH // 2, HEIGHT], imshape=(HEIGHT, WIDTH))

    seeds = grid_seeds(tracker, clip, 0, [Grid(6)], ANYTHING, source="unexplained", explained=left)
    none = grid_seeds(tracker, clip, 0, [Grid(6)], ANYTHING, explained=RLEMask.ones((HEIGHT, WIDTH)))

    assert seeds
    assert min(seed.point[0] for seed in seeds) >= WIDTH / 2
    assert {seed.source for seed in seeds} == {"unexplained"}
    assert none == []


def test_no_seed_is_smaller_or_larger_than_allowed(tracker):
    rules = SeedSettings(predicted_iou=0.0, stability=0.0, score=0.0, least_area=200, largest_area=0.2)
    seeds = grid_seeds(tracker, TinyClip(), 0, [Grid(6)], rules)

    assert all(200 <= seed.mask.area() <= 0.2 * HEIGHT * WIDTH for seed in seeds)


def test_of_seeds_that_are_alike_the_best_stays():
    def seed(left: int, score: float) -> Seed:
        return Seed(0, "grid", box(left), score, 5.0, 1.0, point=(left, 20.0))

    kept = distinct([seed(0, 0.7), seed(2, 0.9), seed(100, 0.8)], SeedSettings())

    assert [one.predicted_iou for one in kept] == [0.9, 0.8]


def test_the_bundled_checkpoint_finds_the_objects_of_a_rendered_frame(bundled):
    clip = render_clip(103, frames=1, fps=6.0, split="validation", difficulty=0.2)
    seeds = grid_seeds(bundled, clip.frames, 0, SeedSettings().grids, SeedSettings())
    best = [
        max(seed.mask.iou(RLEMask.from_array(mask)) for seed in seeds)
        for mask in clip.masks[0]
        if mask.sum() >= 32**2
    ]

    assert best
    assert np.mean(np.array(best) > 0.75) >= 0.5


def test_a_blank_frame_is_no_trouble(bundled):
    blank = np.full((1, 270, 480, 3), 128, dtype=np.uint8)

    assert len(grid_seeds(bundled, blank, 0, [Grid(8)], SeedSettings())) <= 2
