"""Pictures of numbers: which number an object gets, what lies on top, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vos.formats.conftest import DOG, HAND, HEIGHT, WIDTH, masks
from vos import rle
from vos.dataset import DatasetInvalid, Track, VideoItem
from vos.formats import numbers


def with_ids(video: VideoItem, *ids: int) -> VideoItem:
    return replace(video, tracks=tuple(Track(i, masks(DOG)) for i in ids))


@pytest.mark.parametrize(
    ("ids", "most", "given"),
    [
        ((1, 2, 3), 255, {1: 1, 2: 2, 3: 3}),
        ((300, 2), 255, {300: 1, 2: 2}),
        ((1, 300, 301), 255, {1: 1, 300: 2, 301: 3}),
        ((5, 4, 9), 4, {5: 1, 4: 4, 9: 2}),
        ((), 1, {}),
    ],
)
def test_an_object_keeps_its_id_where_that_is_a_number_of_the_format(
    video: VideoItem, ids: tuple[int, ...], most: int, given: dict[int, int]
) -> None:
    assert numbers.exported_ids(with_ids(video, *ids), most, "DAVIS") == given


def test_more_objects_than_numbers_are_refused_by_name(video: VideoItem) -> None:
    with pytest.raises(DatasetInvalid, match="видео-7 has 3 objects; DAVIS has numbers for 2"):
        numbers.exported_ids(with_ids(video, 1, 2, 3), 2, "DAVIS")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_higher_id_lies_on_top_whatever_the_order(video: VideoItem, order: tuple[int, int]) -> None:
    video = replace(video, tracks=tuple(video.tracks[i] for i in order))
    painted = numbers.paint(video, 2, {2: 1, 5: 9}, np.uint8)
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted == 9, HAND[2])
    np.testing.assert_array_equal(painted == 1, DOG[2] & ~HAND[2])


def test_what_was_painted_is_read_back_with_zeros_where_an_object_is_not(video: VideoItem) -> None:
    pictures = [numbers.paint(video, j, {2: 2, 5: 5}, np.uint16) for j in range(5)]
    files = [(f"{j}.png", lambda j=j: pictures[j]) for j in range(5)]
    found = numbers.read_tracks(files, (HEIGHT, WIDTH), known=[7])
    assert list(found) == [2, 5, 7]
    for j in range(5):
        np.testing.assert_array_equal(rle.decode(found[5][j]), HAND[j])
        np.testing.assert_array_equal(rle.decode(found[2][j]), DOG[j] & ~HAND[j])
        assert rle.area(found[7][j]) == 0
    assert [track.id for track in numbers.tracks_of(found)] == [2, 5, 7]


def test_every_picture_that_cannot_be_read_is_named() -> None:
    def unreadable() -> np.ndarray:
        raise DatasetInvalid("b.png is no picture.")

    files = [
        ("a.png", lambda: np.zeros((3, 4), np.uint8)),
        ("b.png", unreadable),
        ("c.png", lambda: np.zeros((HEIGHT, WIDTH), np.uint8)),
    ]
    with pytest.raises(DatasetInvalid) as refused:
        numbers.read_tracks(files, (HEIGHT, WIDTH))
    assert refused.value.problems == [
        f"a.png is 4 × 3 (width × height), but the video is {WIDTH} × {HEIGHT}.",
        "b.png is no picture.",
    ]
