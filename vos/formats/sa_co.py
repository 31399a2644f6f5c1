"""SA-Co/VEval: `annotation/saco_veval_maskloop_{split}.json`, `media/saco_maskloop/JPEGImages_6fps/{video}/00000.jpg`.

As YouTube-VIS has it, with a noun phrase (the label) for each category, and for each video the phrases that it has
objects of. Nobody asked for phrases that a video has no object of, so there are no negative pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vos.dataset import Dataset, Header, Part, Sink, Split, VideoItem
from vos.formats import instances
from vos.formats.categories import UNLABELLED
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.instances import Row, number_categories, of_split
from vos.formats.numbers import LEFT_OUT

TITLE = "SA-Co/VEval"
SPLITS: tuple[Split, ...] = ("train", "val", "test")
START = "annotation/saco_veval_"
MEDIA = "media/saco_maskloop/JPEGImages_6fps"
RATES = ("JPEGImages_6fps", "JPEGImages_24fps")
FPS = 24.0


def _write(video: VideoItem, sink: Sink) -> Written:
    return instances.write(video, sink, MEDIA)


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    categories, nobody = number_categories(header, parts, UNLABELLED)
    phrases = {row["id"]: row["name"] for row in categories}
    for split in SPLITS:
        if any(True for _ in of_split(parts, split)):
            lists: dict[str, Iterable[Any]] = {
                "videos": _videos(parts, split),
                "annotations": _annotations(parts, split, nobody, phrases),
                "categories": categories,
                "video_np_pairs": _pairs(parts, split, nobody, phrases),
            }
            sink.put(f"{START}maskloop_{split}.json", instances.written(lists, dict(header.info)))


def _videos(parts: Iterable[Part], split: Split) -> Iterator[Row]:
    for number, part in of_split(parts, split):
        yield {"id": number, "video_name": part["name"], **part["own"]["video"]}


def _annotations(parts: Iterable[Part], split: Split, nobody: int, phrases: dict[int, str]) -> Iterator[Row]:
    count = 0
    for number, part in of_split(parts, split):
        for track in part["own"]["tracks"]:
            count += 1
            label = nobody if track["category"] is None else track["category"]
            yield {
                "id": count,
                "video_id": number,
                "category_id": label,
                "noun_phrase": phrases.get(label, UNLABELLED),
                "iscrowd": 0,
                **{key: value for key, value in track.items() if key != "category"},
            }


def _pairs(parts: Iterable[Part], split: Split, nobody: int, phrases: dict[int, str]) -> Iterator[Row]:
    count = 0
    for number, part in of_split(parts, split):
        labels = [nobody if t["category"] is None else t["category"] for t in part["own"]["tracks"]]
        for label in sorted(set(labels)):
            count += 1
            yield {
                "id": count,
                "video_id": number,
                "category_id": label,
                "noun_phrase": phrases.get(label, UNLABELLED),
                "num_masklets": labels.count(label),
            }


def _files(tree: Tree) -> list[tuple[str, str, Split]]:
    """JSON, folder of the pictures, split."""
    found: list[tuple[str, str, Split]] = []
    for file in tree.below("annotation", ".json"):
        dataset, _, ending = file.removeprefix(START).removesuffix(".json").rpartition("_")
        splits = [split for split in SPLITS if split == ending]
        if file.startswith(START) and splits:
            folders = [f"media/saco_{dataset}/{rate}" for rate in RATES]
            folder = next((folder for folder in folders if tree.is_folder(folder)), folders[0])
            found.append((file, folder, splits[0]))
    return found


def _open(tree: Tree) -> Dataset:
    return instances.dataset(tree, _files(tree), unlabelled=UNLABELLED, title=TITLE, fps=FPS)


FORMAT = Format(
    name="sa_co",
    title=TITLE,
    extensions=(".jpg", ".json"),
    holds=Holds(labels=True, never_visible=True),
    lost=(
        LEFT_OUT,
        "Attributes stand in maskloop_index.json alone.",
        "There are no negative pairs: nobody said which labels a video has no object of.",
    ),
    recognises=lambda tree: bool(_files(tree)),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
