"""Folders of pictures and of palette PNGs: the layout of DAVIS, which MOSE and YouTube-VOS took over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from vos.dataset import DatasetInvalid, Sink, Split, VideoItem, complete
from vos.formats.files import Tree
from vos.formats.format import Written
from vos.formats.numbers import exported_ids, paint, read_tracks, refuse_without_picture, tracks_of
from vos.formats.pictures import (
    PICTURES,
    PNGS,
    numbered,
    numbers_png,
    picture_of,
    put_picture,
    read_numbers,
    size_of,
)

MOST = 254  #: objects of a video: 0 is background, 255 nobody's


def write(
    video: VideoItem, sink: Sink, *, images: str, annotations: str, title: str, renumbered: bool
) -> Written:
    """The frames that are annotated in full, each as `{images}/{video}/00000.jpg` and its numbers as PNG."""
    assert video.picture is not None
    ids = exported_ids(video, MOST, title)
    kept = complete(video)
    if not kept:
        raise DatasetInvalid(f"{video.name} has no frame on which every object is annotated.")
    numbers = list(range(len(kept))) if renumbered else [video.steps[j] for j in kept]
    for j, number in zip(kept, numbers, strict=True):
        put_picture(sink, f"{images}/{video.name}/{number:05d}", video.picture(video.steps[j]))
        painted = paint(video, j, ids, np.uint8)
        sink.put(f"{annotations}/{video.name}/{number:05d}.png", numbers_png(painted))
    return Written(
        [[j, number] for j, number in zip(kept, numbers, strict=True)],
        [ids[track.id] for track in video.tracks],
        renumbered=renumbered,
    )


def read(
    tree: Tree,
    name: str,
    *,
    images: str | None,
    annotations: str,
    fps: float,
    split: Split,
    known: Iterable[int] = (),
) -> VideoItem:
    """The frames that have a PNG, by its number; `images` is None where there are masks alone."""
    files = numbered(tree, f"{annotations}/{name}", PNGS)
    if not files:
        raise DatasetInvalid(f"{annotations}/{name} holds no PNG.")
    size = size_of(tree.head(next(iter(files.values()))), next(iter(files.values())))
    more: dict[str, Any] = {}
    last = max(files)
    if images is not None:
        pictures = numbered(tree, f"{images}/{name}", PICTURES)
        refuse_without_picture(tree, files, pictures, size)
        more["picture"] = picture_of(tree, pictures)
        last = max(pictures)
    masks = read_tracks(((file, _reader(tree, file)) for file in files.values()), size, known)
    return VideoItem(
        name=name,
        width=size[1],
        height=size[0],
        fps=fps,
        frame_count=last + 1,
        annotated=tuple(files),
        tracks=tracks_of(masks),
        split=split,
        **more,
    )


def _reader(tree: Tree, file: str) -> Callable[[], np.ndarray]:
    return partial(_numbers, tree, file)


def _numbers(tree: Tree, file: str) -> np.ndarray:
    return read_numbers(tree.read(file), file, palette_needed=True)
