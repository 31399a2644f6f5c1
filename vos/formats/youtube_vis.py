"""YouTube-VIS: `{train,valid,test}/instances.json` and `{…}/JPEGImages/{video}/00000.jpg`.

`annotations` have a list of RLE, null where the object is not there, with `areas` and `bboxes`. Runs are numbers,
as in the published files, for some evaluators read nothing else. Every object has a category (`object` where it has no
label). `object_id` and `score` are ours and stand beside the keys of the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vos import rle
from vos.dataset import Dataset, Header, Part, Sink, Split, VideoItem
from vos.formats import instances
from vos.formats.categories import UNLABELLED
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.instances import Row, number_categories, of_split
from vos.formats.mose import FOLDERS
from vos.formats.numbers import LEFT_OUT

TITLE = "YouTube-VIS"
FPS = 30.0


def _write(video: VideoItem, sink: Sink) -> Written:
    return instances.write(video, sink, f"{FOLDERS[video.split]}/JPEGImages")


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    categories, nobody = number_categories(header, parts, UNLABELLED)
    for split, root in FOLDERS.items():
        if any(True for _ in of_split(parts, split)):
            lists: dict[str, Iterable[Any]] = {
                "licenses": [],
                "videos": _videos(parts, split),
                "annotations": _annotations(parts, split, nobody),
                "categories": categories,
            }
            sink.put(f"{root}/instances.json", instances.written(lists, dict(header.info)))


def _videos(parts: Iterable[Part], split: Split) -> Iterator[Row]:
    for number, part in of_split(parts, split):
        yield {
            "id": number,
            **part["own"]["video"],
            "license": 0,
            "flickr_url": "",
            "coco_url": "",
            "date_captured": "",
        }


def _annotations(parts: Iterable[Part], split: Split, nobody: int) -> Iterator[Row]:
    count = 0
    for number, part in of_split(parts, split):
        for track in part["own"]["tracks"]:
            count += 1
            row = {key: value for key, value in track.items() if key != "category"}
            row["segmentations"] = [mask and _in_numbers(mask) for mask in track["segmentations"]]
            label = nobody if track["category"] is None else track["category"]
            yield {"id": count, "video_id": number, "category_id": label, "iscrowd": 0, **row}


def _in_numbers(mask: Mapping[str, Any]) -> Row:
    return {"size": mask["size"], "counts": rle.runs_of(mask["counts"])}


def _files(tree: Tree) -> list[tuple[str, str, Split]]:
    """JSON, folder of the pictures, split."""
    found: list[tuple[str, str, Split]] = []
    for split, root in FOLDERS.items():
        found += [
            (name, f"{root}/JPEGImages", split)
            for name in (f"{root}/instances.json", f"{root}.json", f"instances_{root}.json")
            if name in tree
        ]
    return found


def _open(tree: Tree) -> Dataset:
    return instances.dataset(tree, _files(tree), unlabelled=UNLABELLED, title=TITLE, fps=FPS)


FORMAT = Format(
    name="youtube_vis",
    title=TITLE,
    extensions=(".jpg", ".json"),
    holds=Holds(labels=True, never_visible=True),
    lost=(LEFT_OUT, "Attributes stand in maskloop_index.json alone."),
    recognises=lambda tree: bool(_files(tree)),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
