"""YouTube-VOS: `{train,valid,test}/JPEGImages/{video}/00005.jpg`, `…/Annotations/{video}/00005.png`, `…/meta.json`.

Pictures are named by the frame of the video that they are. `meta.json` names each object's category and the frames
that show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    VideoItem,
    Videos,
)
from vos.formats import indexed
from vos.formats.categories import UNLABELLED, by_name, name_of, with_categories
from vos.formats.files import LARGEST_TEXT, Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.mose import FOLDERS
from vos.formats.numbers import LEFT_OUT, ON_TOP
from vos.formats.texts import dumps, parse_json

TITLE = "YouTube-VOS"
FPS = 30.0


def _write(video: VideoItem, sink: Sink) -> Written:
    root = FOLDERS[video.split]
    written = indexed.write(
        video,
        sink,
        images=f"{root}/JPEGImages",
        annotations=f"{root}/Annotations",
        title=TITLE,
        renumbered=False,
    )
    objects = {
        str(number): {
            "category": track.category,
            "frames": [f"{step:05d}" for j, step in written.kept if rle.area(track.masks[j])],
        }
        for number, track in zip(written.ids, video.tracks, strict=True)
    }
    return Written(written.kept, written.ids, own=objects)


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    for split, root in FOLDERS.items():
        if any(part["split"] == split for part in parts):
            sink.put(f"{root}/meta.json", _meta(header, parts, split))


def _meta(header: Header, parts: Iterable[Part], split: Split) -> Iterator[bytes]:
    separator = b'{"videos": {\n'
    for part in parts:
        if part["split"] == split:
            objects = {
                number: {"category": name_of(header, each["category"]), "frames": each["frames"]}
                for number, each in part["own"].items()
            }
            yield separator + dumps(part["name"]) + b": " + dumps({"objects": objects})
            separator = b",\n"
    yield b"\n}}\n"


def _open(tree: Tree) -> Dataset:
    metas = {
        split: _read_meta(tree, f"{root}/meta.json")
        for split, root in FOLDERS.items()
        if f"{root}/meta.json" in tree
    }
    named = {
        each["category"]
        for videos in metas.values()
        for objects in videos.values()
        for each in objects.values()
    }
    categories = by_name(named)
    keys = [(split, name) for split in metas for name in tree.folders(f"{FOLDERS[split]}/Annotations")]

    def read(key: tuple[Split, str]) -> VideoItem:
        split, name = key
        return _read(tree, split, name, metas[split].get(name, {}), categories)

    return Dataset(Videos(keys, read), Header(TITLE, categories))


def _read(
    tree: Tree,
    split: Split,
    name: str,
    objects: dict[int, dict[str, Any]],
    categories: tuple[Category, ...],
) -> VideoItem:
    root = FOLDERS[split]
    images = f"{root}/JPEGImages" if tree.is_folder(f"{root}/JPEGImages") else None
    video = indexed.read(
        tree, name, images=images, annotations=f"{root}/Annotations", fps=FPS, split=split, known=objects
    )
    ids = {category.name: category.id for category in categories}
    labels = {number: ids.get(each["category"]) for number, each in objects.items()}
    return with_categories(video, labels)


def _read_meta(tree: Tree, file: str) -> dict[str, dict[int, dict[str, Any]]]:
    """Objects by video and number."""
    given = parse_json(tree.read(file, most=LARGEST_TEXT), file)
    try:
        return {
            str(name): {
                _number(number): {"category": str(each.get("category") or UNLABELLED)}
                for number, each in video["objects"].items()
            }
            for name, video in given["videos"].items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DatasetInvalid(f"{file} is not laid out as YouTube-VOS has it: {error!r}.") from error


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= indexed.MOST:
        raise ValueError(f"an object has the number {number}")
    return number


FORMAT = Format(
    name="youtube_vos",
    title=TITLE,
    extensions=(".jpg", ".png", ".json"),
    holds=Holds(overlaps=False, labels=True, never_visible=True),
    lost=(ON_TOP, LEFT_OUT, "Attributes stand in maskloop_index.json alone."),
    recognises=lambda tree: any(f"{root}/meta.json" in tree for root in FOLDERS.values()),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
