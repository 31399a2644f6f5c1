"""A small video whose every mask is known, and where files go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.roundtrips import Memory, picture
from vos import rle
from vos.dataset import Category, Header, Stretch, Track, VideoItem

HEIGHT, WIDTH = 12, 20


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


NOTHING = box(0, 0, 0, 0)
#: A dog on all five annotated frames, and a hand that comes on the third, over the dog, and goes on the fifth.
DOG = [box(2, 2 + j, 8, 8 + j) for j in range(5)]
HAND = [NOTHING, NOTHING, box(4, 5, 10, 12), box(4, 6, 10, 13), NOTHING]


def masks(pixels: list[np.ndarray]) -> dict[int, rle.Rle]:
    return {j: rle.encode(mask) for j, mask in enumerate(pixels)}


@pytest.fixture
def video() -> VideoItem:
    return VideoItem(
        name="видео-7",
        width=WIDTH,
        height=HEIGHT,
        fps=24.0,
        frame_count=17,
        annotate_every=4,
        split="val",
        environment="Indoor",
        source_name="Мой пёс.MP4",
        source_sha256="0f" * 32,
        tags=("night",),
        frame_tags=(Stretch("blurred", 1, 2),),
        tracks=(
            Track(2, masks(DOG), category=18, attributes={"colour": "brown"}, edited=(0, 3)),
            Track(5, masks(HAND), source="manual"),
        ),
        picture=lambda step: picture(HEIGHT, WIDTH, step),
        film=lambda: iter([b"film"]),
    )


@pytest.fixture
def partly(video: VideoItem) -> VideoItem:
    """Nobody has looked for the hand on the last two annotated frames."""
    dog, hand = video.tracks
    return replace(video, tracks=(dog, replace(hand, masks={j: hand.masks[j] for j in range(3)})))


@pytest.fixture
def header() -> Header:
    return Header(
        "Пёс", (Category(7, "cat", "animal"), Category(18, "dog", "animal")), {"license": "cc-by-4.0"}
    )


@pytest.fixture
def memory() -> Memory:
    return Memory()
