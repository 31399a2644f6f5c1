"""COCO, frame by frame: `annotations/instances_{train,val,test}.json` and `images/{video}/00000.jpg`.

Each annotation is one object on one frame. Which object it is and on which frame of which video stands in `track_id`,
`video_id` and `frame_index`, beside COCO's own keys. An object that is absent from a frame has no annotation there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
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
from vos.formats import instances
from vos.formats.categories import UNLABELLED
from vos.formats.files import LARGEST_TEXT, Problems, Tree
from vos.formats.format import MOST_MASKS, Format, Holds, Written
from vos.formats.instances import Row, number_categories, of_split
from vos.formats.numbers import LEFT_OUT, UNSEEN
from vos.formats.pictures import picture_of, put_picture, refuse_other_sizes
from vos.formats.segmentation import boxes, to_rle
from vos.formats.texts import parse_json

TITLE = "COCO (frame by frame)"
SPLITS: tuple[Split, ...] = ("train", "val", "test")
FPS = 24.0


# --- Writing ---


def _write(video: VideoItem, sink: Sink) -> Written:
    assert video.picture is not None
    kept = complete(video)
    if not kept:
        raise DatasetInvalid(f"{video.name} has no frame on which every object is annotated.")
    images = []
    for j in kept:
        step = video.steps[j]
        path = put_picture(sink, f"images/{video.name}/{step:05d}", video.picture(step))
        images.append(
            {
                "file_name": path.removeprefix("images/"),
                "width": video.width,
                "height": video.height,
                "frame_index": step,
            }
        )
    own = {"images": images, "tracks": [_track(track, kept) for track in video.tracks]}
    return Written([[j, video.steps[j]] for j in kept], [track.id for track in video.tracks], own)


def _track(track: Track, kept: list[int]) -> Row:
    masks = [track.masks[j] for j in kept]
    areas = rle.areas(masks)
    shown = [
        {"place": place, "segmentation": dict(mask), "area": float(area), "bbox": box}
        for place, (mask, area, box) in enumerate(zip(masks, areas, boxes(masks), strict=True))
        if area
    ]
    return {
        "category": track.category,
        "track_id": track.id,
        "attributes": dict(track.attributes),
        "shown": shown,
    }


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    categories, nobody = number_categories(header, parts, UNLABELLED)
    for split in SPLITS:
        if any(True for _ in of_split(parts, split)):
            lists: dict[str, Iterable[Any]] = {
                "licenses": [],
                "videos": ({"id": number, "name": part["name"]} for number, part in of_split(parts, split)),
                "images": _images(parts, split),
                "annotations": _annotations(parts, split, nobody),
                "categories": categories,
            }
            sink.put(f"annotations/instances_{split}.json", instances.written(lists, dict(header.info)))


def _images(parts: Iterable[Part], split: Split) -> Iterator[Row]:
    count = 0
    for number, part in of_split(parts, split):
        for image in part["own"]["images"]:
            count += 1
            yield {"id": count, "video_id": number, **image}


def _annotations(parts: Iterable[Part], split: Split, nobody: int) -> Iterator[Row]:
    count = before = 0
    for _, part in of_split(parts, split):
        for track in part["own"]["tracks"]:
            for each in track["shown"]:
                count += 1
                yield {
                    "id": count,
                    "image_id": before + each["place"] + 1,
                    "category_id": nobody if track["category"] is None else track["category"],
                    "segmentation": each["segmentation"],
                    "area": each["area"],
                    "bbox": each["bbox"],
                    "iscrowd": 0,
                    "track_id": track["track_id"],
                    "attributes": track["attributes"],
                }
        before += len(part["own"]["images"])


# --- Reading ---


@dataclass(frozen=True)
class _File:
    name: str
    split: Split
    videos: dict[str, list[Row]]  #: images by their folder
    annotations: dict[Any, list[Row]]  #: by image_id
    labels: dict[Any, int | None]


def _open(tree: Tree) -> Dataset:
    keys: list[tuple[_File, str]] = []
    categories: dict[int, Category] = {}
    for split in SPLITS:
        name = f"annotations/instances_{split}.json"
        if name in tree:
            file, named = _read_file(tree, name, split)
            keys += [(file, folder) for folder in file.videos]
            categories |= {category.id: category for category in named}

    def read(key: tuple[_File, str]) -> VideoItem:
        file, folder = key
        try:
            return _read(tree, file, folder)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(
                f"{file.name}: {folder} is not laid out as COCO has it: {error!r}."
            ) from error

    return Dataset(Videos(keys, read), Header(TITLE, tuple(categories.values())))


def _read_file(tree: Tree, name: str, split: Split) -> tuple[_File, tuple[Category, ...]]:
    given = parse_json(tree.read(name, most=LARGEST_TEXT), name)
    try:
        rows = given.get("annotations") or []
        if len(rows) > 10 * MOST_MASKS:
            raise DatasetInvalid(f"{name} has more than {10 * MOST_MASKS} masks. Split it.")
        videos: dict[str, list[Row]] = defaultdict(list)
        for image in given["images"]:
            videos[str(PurePosixPath(image["file_name"]).parent)].append(image)
        known = {image["id"] for image in given["images"]}
        annotations: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            if row["image_id"] not in known:
                raise DatasetInvalid(f"{name}: annotation {row.get('id')} is of an image that is not there.")
            annotations[row["image_id"]].append(row)
        categories, labels = instances.read_categories(given.get("categories") or [], UNLABELLED)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, DatasetInvalid):
            raise
        raise DatasetInvalid(f"{name} is not laid out as COCO has it: {error!r}.") from error
    return _File(name, split, dict(videos), annotations, labels), categories


def _read(tree: Tree, file: _File, folder: str) -> VideoItem:
    images = sorted(file.videos[folder], key=lambda image: _number(image, file.name))
    numbers = [_number(image, file.name) for image in images]
    if len(set(numbers)) < len(numbers):
        raise DatasetInvalid(f"{file.name}: two images of {folder} are of the same frame.")
    sizes = {(int(image["height"]), int(image["width"])) for image in images}
    if len(sizes) > 1:
        raise DatasetInvalid(
            f"{file.name}: images in {folder} have {len(sizes)} sizes; the frames of a video have one."
        )
    size = sizes.pop()
    files = {n: f"images/{image['file_name']}" for n, image in zip(numbers, images, strict=True)}
    more: dict[str, Any] = {}
    if tree.is_folder(f"images/{folder}"):
        instances.refuse_missing(tree, files)
        refuse_other_sizes(tree, files.values(), size)
        more["picture"] = picture_of(tree, files)
    return VideoItem(
        name=PurePosixPath(folder).name,
        width=size[1],
        height=size[0],
        fps=FPS,
        frame_count=numbers[-1] + 1,
        annotated=tuple(numbers),
        tracks=_tracks(file, images, size),
        split=file.split,
        **more,
    )


def _number(image: Row, file: str) -> int:
    if type(image.get("frame_index")) is int:
        return int(image["frame_index"])
    stem = PurePosixPath(image["file_name"]).stem
    if not (stem.isascii() and stem.isdigit() and len(stem) <= 9):
        raise DatasetInvalid(
            f"{file}: {image['file_name']} is not named by its frame's number, nor has it a `frame_index`."
        )
    return int(stem)


def _tracks(file: _File, images: list[Row], size: tuple[int, int]) -> tuple[Track, ...]:
    problems = Problems()
    found: dict[int, Row] = {}
    for j, image in enumerate(images):
        for row in file.annotations.get(image["id"], []):
            where = f"{file.name}, annotation {row.get('id')}"
            number = row.get("track_id")
            if type(number) is not int:
                problems.add(f"{where}: without a `track_id` nobody knows which object this is.")
                continue
            if row["category_id"] not in file.labels:
                problems.add(f"{where}: category {row['category_id']!r} is not in the file.")
                continue
            track = found.setdefault(number, {"row": row, "masks": {}})
            if j in track["masks"]:
                problems.add(f"{where}: object {number} is on {image['file_name']} twice.")
            try:
                track["masks"][j] = to_rle(row["segmentation"], height=size[0], width=size[1])
            except rle.InvalidMask as error:
                problems.add(f"{where}: {error}")
    problems.refuse()
    nothing = rle.empty(height=size[0], width=size[1])
    return tuple(
        Track(
            number,
            {j: each["masks"].get(j, nothing) for j in range(len(images))},
            category=file.labels[each["row"]["category_id"]],
            attributes=each["row"].get("attributes") or {},
        )
        for number, each in sorted(found.items())
    )


FORMAT = Format(
    name="coco",
    title=TITLE,
    extensions=(".jpg", ".json"),
    holds=Holds(labels=True, attributes=True),
    lost=(LEFT_OUT, UNSEEN, "Attributes of some frames stand in maskloop_index.json alone."),
    recognises=lambda tree: any(f"annotations/instances_{split}.json" in tree for split in SPLITS),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
