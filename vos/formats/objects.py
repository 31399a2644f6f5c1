"""A folder of black and white PNGs for each object, as SA-V's val and test sets have them, so that objects may overlap.

Folders count from 0: object n lies in folder n - 1. A frame without a PNG is unannotated, a black one shows no object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from pycocotools import mask as coco

from vos import rle
from vos.dataset import DatasetInvalid, Sink, Track, VideoItem
from vos.formats.files import Problems, Tree
from vos.formats.pictures import PNGS, numbered, numbers_png, read_numbers, size_of
from vos.rle import Rle


def write(video: VideoItem, sink: Sink, folder: str) -> list[int]:
    """`{folder}/{object:03d}/{frame:05d}.png` of every mask; the id by which `read` knows each track."""
    if not any(track.masks for track in video.tracks):
        raise DatasetInvalid(f"{video.name} has no mask, and these annotations are masks alone.")
    for track in video.tracks:
        for j, step in enumerate(video.steps):
            if j in track.masks:
                mask = rle.decode(track.masks[j])
                sink.put(f"{folder}/{track.id - 1:03d}/{step:05d}.png", numbers_png(mask))
    return [track.id for track in video.tracks]


def folders_of(tree: Tree, folder: str) -> dict[int, dict[int, str]]:
    """PNG files by object id and frame number. Raises DatasetInvalid where a name is no number."""
    found, problems = {}, Problems()
    for name in tree.folders(folder):
        if not (name.isascii() and name.isdigit() and len(name) <= 9):
            problems.add(f"{folder}/{name} is not named by its object's number.")
        elif int(name) + 1 in found:
            problems.add(f"{folder} has two folders of object {int(name)}.")
        else:
            found[int(name) + 1] = numbered(tree, f"{folder}/{name}", PNGS)
    problems.refuse()
    if not any(found.values()):
        raise DatasetInvalid(f"{folder} holds no PNG in a folder of its object.")
    return found


def read(
    tree: Tree, files: Mapping[int, Mapping[int, str]]
) -> tuple[tuple[int, int], list[int], list[Track]]:
    """(height, width), the annotated frames' numbers, and the tracks. Raises DatasetInvalid with what is wrong."""
    problems = Problems()
    numbers = sorted({number for names in files.values() for number in names})
    some = next(name for names in files.values() for name in names.values())
    size = size_of(tree.head(some), some)
    places = {number: j for j, number in enumerate(numbers)}
    tracks = []
    for object_id, names in files.items():
        masks: dict[int, Rle] = {}
        for number, name in names.items():
            try:
                masks[places[number]] = _mask(tree, name, size)
            except DatasetInvalid as error:
                problems.include(error)
        tracks.append(Track(object_id, masks))
    problems.refuse()
    return size, numbers, tracks


def _mask(tree: Tree, name: str, size: tuple[int, int]) -> Rle:
    numbers = read_numbers(tree.read(name), name)
    if numbers.shape != size:
        raise DatasetInvalid(
            f"{name} is {numbers.shape[1]} × {numbers.shape[0]} (width × height), "
            f"but the video is {size[1]} × {size[0]}."
        )
    shown = numbers[numbers > 0]
    if shown.size and shown.min() != shown.max():
        raise DatasetInvalid(f"{name} has more than two values; a mask of one object has 0 and another.")
    packed = coco.encode(np.asfortranarray(numbers > 0, np.uint8))
    return {"size": list(size), "counts": packed["counts"].decode("ascii")}


def names_of(parts_names: Iterator[str]) -> Iterator[bytes]:
    """A list file: a name a line."""
    for name in parts_names:
        yield f"{name}\n".encode()
