"""Tracks in one JSON, a mask for each frame of `file_names`: what YouTube-VIS has and SA-Co/VEval took over.

A frame on which an object is absent is null. Read as it is meant: null is absence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from vos import rle
from vos.dataset import (
    Category,
    Dataset,
    DatasetInvalid,
    Header,
    Part,
    Sink,
    Split,
    Track,
    VideoItem,
    Videos,
    complete,
)
from vos.formats.files import LARGEST_TEXT, Problems, Tree
from vos.formats.format import MOST_FRAMES, MOST_MASKS, Written
from vos.formats.pictures import picture_of, put_picture, refuse_other_sizes
from vos.formats.segmentation import boxes, to_rle
from vos.formats.texts import dumps, listed, parse_json

Row = dict[str, Any]


def write(video: VideoItem, sink: Sink, folder: str) -> Written:
    """The pictures that are annotated in full; tracks go to the JSON at the end."""
    assert video.picture is not None
    kept = complete(video)
    if not kept:
        raise DatasetInvalid(f"{video.name} has no frame on which every object is annotated.")
    names = []
    for j in kept:
        step = video.steps[j]
        path = put_picture(sink, f"{folder}/{video.name}/{step:05d}", video.picture(step))
        names.append(path.removeprefix(f"{folder}/"))
    size = {"height": video.height, "width": video.width, "length": len(kept)}
    own = {
        "video": {**size, "file_names": names},
        "tracks": [{**size, **_track(track, kept)} for track in video.tracks],
    }
    return Written([[j, video.steps[j]] for j in kept], [track.id for track in video.tracks], own)


def _track(track: Track, kept: list[int]) -> Row:
    masks = [track.masks[j] for j in kept]
    areas = rle.areas(masks)
    shown = [bool(area) for area in areas]
    return {
        "object_id": track.id,
        "category": track.category,
        "score": track.score,
        "segmentations": [dict(m) if here else None for m, here in zip(masks, shown, strict=True)],
        "areas": [area or None for area in areas],
        "bboxes": [box if here else None for box, here in zip(boxes(masks), shown, strict=True)],
    }


def number_categories(header: Header, parts: Iterable[Part], unlabelled: str) -> tuple[list[Row], int]:
    """The categories as rows, with one more for objects without a label if there are such; and that one's id."""
    rows = [{"id": c.id, "name": c.name, "supercategory": c.supercategory} for c in header.categories]
    nobody = max((category.id for category in header.categories), default=0) + 1
    if any(track["category"] is None for part in parts for track in part["own"]["tracks"]):
        rows.append({"id": nobody, "name": unlabelled, "supercategory": "unlabelled"})
    return rows, nobody


def of_split(parts: Iterable[Part], split: Split) -> Iterator[tuple[int, Part]]:
    """The parts of a split with the number that its video has, from 1 on."""
    number = 0
    for part in parts:
        if part["split"] == split:
            number += 1
            yield number, part


def written(lists: dict[str, Iterable[Any]], info: dict[str, Any]) -> Iterator[bytes]:
    """A JSON object of `info` and lists, piece by piece."""
    yield b'{"info": ' + dumps(info)
    for key, values in lists.items():
        yield b", " + dumps(key) + b": "
        yield from listed(values)
    yield b"}\n"


# --- Reading ---


@dataclass(frozen=True)
class Table:
    """What a JSON says: videos by id, their annotations, and the label of each category_id."""

    file: str
    split: Split
    folder: str  #: where `file_names` start
    videos: list[Row]
    annotations: dict[Any, list[Row]]
    labels: dict[Any, int | None]


def _read_table(
    tree: Tree, file: str, folder: str, split: Split, unlabelled: str
) -> tuple[Table, tuple[Category, ...]]:
    """Raises DatasetInvalid when it is not laid out so."""
    given = parse_json(tree.read(file, most=LARGEST_TEXT), file)
    try:
        videos, rows = list(given["videos"]), given.get("annotations") or []
        if sum(len(row["segmentations"]) for row in rows) > 10 * MOST_MASKS:
            raise DatasetInvalid(f"{file} has more than {10 * MOST_MASKS} masks. Split it.")
        known = {video["id"] for video in videos}
        annotations: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            if row["video_id"] not in known:
                raise DatasetInvalid(f"{file}: annotation {row.get('id')} is of a video that is not there.")
            annotations[row["video_id"]].append(row)
        categories, labels = read_categories(given.get("categories") or [], unlabelled)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, DatasetInvalid):
            raise
        raise DatasetInvalid(f"{file} is not laid out as it should be: {error!r}.") from error
    return Table(file, split, folder, videos, annotations, labels), categories


def read_categories(rows: list[Row], unlabelled: str) -> tuple[tuple[Category, ...], dict[Any, int | None]]:
    """The categories, and the label of each id in the file."""
    categories, labels = [], {}
    for row in rows:
        nobody = row["name"] == unlabelled and row.get("supercategory", "unlabelled") == "unlabelled"
        labels[row["id"]] = None if nobody else int(row["id"])
        if not nobody:
            categories.append(Category(int(row["id"]), str(row["name"]), str(row.get("supercategory") or "")))
    return tuple(categories), labels


def dataset(
    tree: Tree, files: Iterable[tuple[str, str, Split]], *, unlabelled: str, title: str, fps: float
) -> Dataset:
    """The videos of COCO-like tables: files, each with its folder of pictures and its split. Raises `DatasetInvalid`
    when a table is not laid out so; a video that cannot be read raises it when it is asked for."""
    tables = [_read_table(tree, file, folder, split, unlabelled) for file, folder, split in files]
    keys = [(table, row) for table, _ in tables for row in table.videos]
    categories = {category.id: category for _, named in tables for category in named}

    def read(key: tuple[Table, Row]) -> VideoItem:
        table, row = key
        try:
            return _read(tree, table, row, fps)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(
                f"{table.file}: video {row.get('id') if isinstance(row, dict) else row!r} is not laid out as it "
                f"should be: {error!r}."
            ) from error

    return Dataset(Videos(keys, read), Header(title, tuple(categories.values())))


def _read(tree: Tree, table: Table, row: Row, fps: float) -> VideoItem:
    names = [str(name) for name in row["file_names"]]
    numbers = [_frame_number(name, table.file) for name in names]
    name = str(row.get("video_name") or PurePosixPath(names[0]).parent.name)
    if len(names) > MOST_FRAMES or len(set(numbers)) < len(numbers):
        raise DatasetInvalid(f"{table.file}: {name} names a frame twice, or too many.")
    order = sorted(range(len(names)), key=numbers.__getitem__)
    height, width = int(row["height"]), int(row["width"])
    files = {numbers[i]: f"{table.folder}/{names[i]}" for i in order}
    picture: Callable[[int], bytes] | None = None
    if tree.is_folder(f"{table.folder}/{PurePosixPath(names[0]).parent}"):
        refuse_missing(tree, files)
        refuse_other_sizes(tree, files.values(), (height, width))
        picture = picture_of(tree, files)
    return VideoItem(
        name=name,
        width=width,
        height=height,
        fps=fps,
        frame_count=max(numbers) + 1,
        annotated=tuple(sorted(numbers)),
        tracks=_tracks(table, row, name, (height, width), order),
        split=table.split,
        picture=picture,
    )


def _frame_number(name: str, file: str) -> int:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) != 2:
        raise DatasetInvalid(f"{file}: {name!r} is no picture in a folder of its video.")
    if not (path.stem.isascii() and path.stem.isdigit() and len(path.stem) <= 9):
        raise DatasetInvalid(f"{file}: {name!r} is not named by its frame's number.")
    return int(path.stem)


def refuse_missing(tree: Tree, files: Mapping[int, str]) -> None:
    """Raises DatasetInvalid with each of `files` that is not there."""
    problems = Problems()
    for name in files.values():
        if name not in tree:
            problems.add(f"{name} is missing from {tree.where}.")
    problems.refuse()


def _tracks(table: Table, row: Row, name: str, size: tuple[int, int], order: list[int]) -> tuple[Track, ...]:
    problems, tracks = Problems(), []
    nothing = rle.empty(height=size[0], width=size[1])
    for place, each in enumerate(table.annotations.get(row["id"], [])):
        where = f"{table.file}, {name}, annotation {each.get('id')}"
        given = each["segmentations"]
        if len(given) != len(order):
            problems.add(f"{where}: has {len(given)} masks, but the video has {len(order)} frames.")
            continue
        if each.get("category_id") is not None and each["category_id"] not in table.labels:
            problems.add(f"{where}: category {each['category_id']!r} is not in the file.")
            continue
        masks = {}
        for j, i in enumerate(order):
            try:
                masks[j] = nothing if given[i] is None else to_rle(given[i], height=size[0], width=size[1])
            except rle.InvalidMask as error:
                problems.add(f"{where}, frame {i}: {error}")
        tracks.append(
            Track(
                int(each.get("object_id") or place + 1),
                masks,
                category=table.labels.get(each.get("category_id")),
                score=each.get("score"),
            )
        )
    problems.refuse()
    return tuple(tracks)
