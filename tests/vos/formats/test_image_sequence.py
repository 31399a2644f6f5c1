"""Numbered pictures become a video exactly, or are refused."""

import pytest

from benchmarks.roundtrips import Memory, picture
from vos.dataset import DatasetInvalid
from vos.formats import FORMATS

SEQUENCE = FORMATS["image_sequence"]


def put(memory: Memory, *names: str, size: tuple[int, int] = (6, 8)) -> None:
    for number, name in enumerate(names):
        memory.put(name, picture(*size, number))


def test_each_picture_is_an_annotated_frame_in_the_order_of_its_number(memory: Memory) -> None:
    put(memory, "Ёж/IMG_9.jpg", "Ёж/IMG_10.jpg", "Ёж/IMG_11.jpg", "other/0.jpg")
    hedgehog, other = sorted(SEQUENCE.read(memory).videos, key=lambda video: -video.frame_count)
    assert (hedgehog.name, hedgehog.frame_count, hedgehog.steps) == ("Ёж", 3, (0, 1, 2))
    assert (hedgehog.width, hedgehog.height) == (8, 6)
    assert hedgehog.picture is not None
    assert hedgehog.picture(1) == memory.files["Ёж/IMG_10.jpg"], "10 comes after 9"
    assert other.frame_count == 1


def test_a_gap_is_refused_and_not_closed(memory: Memory) -> None:
    put(memory, "a/1.jpg", "a/2.jpg", "a/5.jpg")
    with pytest.raises(DatasetInvalid, match="a: after picture 2 comes 5; 2 are missing"):
        SEQUENCE.read(memory)


def test_mixed_sizes_are_refused(memory: Memory) -> None:
    put(memory, "a/1.jpg", "a/2.jpg")
    put(memory, "a/3.jpg", size=(6, 9))
    with pytest.raises(DatasetInvalid, match=r"a/3.jpg is 9 × 6 \(width × height\), but the video is 8 × 6"):
        SEQUENCE.read(memory)


def test_thirty_thousand_are_refused(memory: Memory) -> None:
    one = picture(2, 2, 0)
    for number in range(30_000):
        memory.put(f"a/{number}.jpg", one)
    with pytest.raises(DatasetInvalid, match="a holds 30000 pictures; a video has up to 20000"):
        SEQUENCE.read(memory)


@pytest.mark.parametrize("name", ["a/cover.jpg", "a/001.jpg", "a/notes.txt"])
def test_what_has_no_number_of_its_own_is_refused(memory: Memory, name: str) -> None:
    put(memory, "a/1.jpg", name)
    with pytest.raises(DatasetInvalid, match=r"no number|same number|no JPEG or PNG"):
        SEQUENCE.read(memory)
