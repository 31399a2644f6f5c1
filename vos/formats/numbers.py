"""Masks as pictures of numbers, where each pixel is of one object: what DAVIS, MOSE, YouTube-VOS and MOTS share.

Where objects overlap, the one with the higher id lies on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from pycocotools import mask as coco

from vos import rle
from vos.dataset import DatasetInvalid, Track, VideoItem
from vos.formats.files import Problems, Tree
from vos.formats.pictures import refuse_other_sizes
from vos.rle import Rle

ON_TOP = "Where objects overlap, the one with the higher id lies on top."
LEFT_OUT = "Frames on which somebody has yet to look for one of the objects are left out."
UNSEEN = "An object that no frame shows stands in maskloop_index.json alone."


def exported_ids(video: VideoItem, most: int, title: str) -> dict[int, int]:
    """A number from 1 to `most` for each track: its id, where that is such a number, else one that is free."""
    if len(video.tracks) > most:
        raise DatasetInvalid(
            f"{video.name} has {len(video.tracks)} objects; {title} has numbers for {most} in a video."
        )
    ids = [track.id for track in video.tracks]
    kept = {i for i in ids if i <= most}
    free = (number for number in range(1, most + 1) if number not in kept)
    return {i: i if i in kept else next(free) for i in ids}


def paint(
    video: VideoItem, frame_idx: int, numbers: Mapping[int, int], kind: type[np.unsignedinteger]
) -> np.ndarray:
    """[H, W] of the number of the object at each pixel; `numbers` by the track's id."""
    painted = np.zeros((video.height, video.width), kind)
    for track in sorted(video.tracks, key=lambda track: track.id):
        mask = track.masks[frame_idx]
        if rle.area(mask):
            painted[rle.decode(mask)] = numbers[track.id]
    return painted


def read_tracks(
    files: Iterable[tuple[str, Callable[[], np.ndarray]]],
    size: tuple[int, int],
    known: Iterable[int] = (),
) -> dict[int, dict[int, Rle]]:
    """Masks by object number and frame_idx, from pictures of numbers in their order; `known` objects, seen or not.

    Raises DatasetInvalid with each picture that cannot be read or is not of `size` (height, width).
    """
    problems, count = Problems(), 0
    found: dict[int, dict[int, Rle]] = {number: {} for number in known}
    for j, (name, read) in enumerate(files):
        count = j + 1
        try:
            for number, mask in _masks(read(), size, name):
                found.setdefault(number, {})[j] = mask
        except DatasetInvalid as error:
            problems.include(error)
    problems.refuse()
    nothing = rle.empty(height=size[0], width=size[1])
    return {n: {j: masks.get(j, nothing) for j in range(count)} for n, masks in sorted(found.items())}


def _masks(numbers: np.ndarray, size: tuple[int, int], name: str) -> Iterator[tuple[int, Rle]]:
    if numbers.shape != size:
        height, width = numbers.shape
        raise DatasetInvalid(
            f"{name} is {width} × {height} (width × height), but the video is {size[1]} × {size[0]}."
        )
    present = [int(number) for number in np.unique(numbers) if number]
    for number in present:
        packed = coco.encode(np.asfortranarray(numbers == number, np.uint8))
        yield number, {"size": list(size), "counts": packed["counts"].decode("ascii")}


def tracks_of(masks: Mapping[int, dict[int, Rle]]) -> tuple[Track, ...]:
    """One track an object, from masks by object number and frame."""
    return tuple(Track(number, by_frame) for number, by_frame in masks.items())


def refuse_without_picture(
    tree: Tree, annotated: Mapping[int, str], pictures: Mapping[int, str], size: tuple[int, int]
) -> None:
    """Every annotated frame must have its picture, of the masks' size. Raises DatasetInvalid with each that has not."""
    problems = Problems()
    for number, name in annotated.items():
        if number not in pictures:
            problems.add(f"{name} has no picture of the same number.")
    problems.refuse()
    refuse_other_sizes(tree, (pictures[number] for number in annotated), size)
