"""MOTS: `{train,val,test}/images/{video}/000000.jpg` and `{…}/instances/{video}/000000.png`, and `{…}.seqmap`.

A PNG has 16 bits: label × 1000 + object, 10000 where a region counts for nothing, 0 for background. Every frame is
annotated, so the annotated frames are written, counted from 0. An object without a label has label 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink, Split, VideoItem, Videos, complete
from vos.formats.categories import with_categories
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.numbers import (
    LEFT_OUT,
    ON_TOP,
    UNSEEN,
    exported_ids,
    paint,
    read_tracks,
    refuse_without_picture,
    tracks_of,
)
from vos.formats.objects import names_of
from vos.formats.pictures import (
    PICTURES,
    PNGS,
    deep_png,
    numbered,
    picture_of,
    put_picture,
    read_deep,
    size_of,
)

TITLE = "MOTS (PNG)"
SPLITS: tuple[Split, ...] = ("train", "val", "test")
MOST, MOST_LABELS = 999, 64  #: objects of a video, and the highest label
IGNORED = 10_000
FPS = 30.0


def _write(video: VideoItem, sink: Sink) -> Written:
    assert video.picture is not None
    labels = {track.id: track.category or 0 for track in video.tracks}
    if max(labels.values(), default=0) > MOST_LABELS:
        raise DatasetInvalid(f"{video.name}: {TITLE} has labels up to {MOST_LABELS}.")
    ids = exported_ids(video, MOST, TITLE)
    values = {track.id: 1000 * labels[track.id] + ids[track.id] for track in video.tracks}
    kept = complete(video)
    if not kept:
        raise DatasetInvalid(f"{video.name} has no frame on which every object is annotated.")
    for number, j in enumerate(kept):
        put_picture(sink, f"{video.split}/images/{video.name}/{number:06d}", video.picture(video.steps[j]))
        painted = paint(video, j, values, np.uint16)
        sink.put(f"{video.split}/instances/{video.name}/{number:06d}.png", deep_png(painted))
    return Written(
        [[j, number] for number, j in enumerate(kept)],
        [values[track.id] for track in video.tracks],
        renumbered=True,
    )


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    for split in SPLITS:
        if any(part["split"] == split for part in parts):
            named = (part["name"] for part in parts if part["split"] == split)
            sink.put(f"{split}.seqmap", names_of(named))


def _open(tree: Tree) -> Dataset:
    keys = [(split, name) for split in SPLITS for name in tree.folders(f"{split}/instances")]

    def read(key: tuple[Split, str]) -> VideoItem:
        return _read(tree, *key)

    return Dataset(Videos(keys, read), Header(TITLE))


def _read(tree: Tree, split: Split, name: str) -> VideoItem:
    files = numbered(tree, f"{split}/instances/{name}", PNGS)
    if not files:
        raise DatasetInvalid(f"{split}/instances/{name} holds no PNG.")
    pictures = numbered(tree, f"{split}/images/{name}", PICTURES)
    some = next(iter(files.values()))
    size = size_of(tree.head(some), some)
    refuse_without_picture(tree, files, pictures, size)
    masks = read_tracks(((file, partial(_values, tree, file)) for file in files.values()), size)
    video = VideoItem(
        name=name,
        width=size[1],
        height=size[0],
        fps=FPS,
        frame_count=max(pictures) + 1,
        annotated=tuple(files),
        tracks=tracks_of(masks),
        split=split,
        picture=picture_of(tree, pictures),
    )
    return with_categories(video, {value: value // 1000 or None for value in masks})


def _values(tree: Tree, file: str) -> np.ndarray:
    values = read_deep(tree.read(file), file)
    return np.where(values == IGNORED, 0, values)


FORMAT = Format(
    name="mots",
    title=TITLE,
    extensions=(".jpg", ".png", ".seqmap"),
    holds=Holds(overlaps=False, labels=True),
    lost=(
        ON_TOP,
        LEFT_OUT,
        UNSEEN,
        "Labels are numbers; their names and all attributes stand in maskloop_index.json alone.",
    ),
    recognises=lambda tree: any(tree.is_folder(f"{split}/instances") for split in SPLITS),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
