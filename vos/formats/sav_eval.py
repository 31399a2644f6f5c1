"""SA-V's val and test sets: `sav_val/sav_val.txt`, `sav_val/JPEGImages_24fps/{video}/00000.jpg` (every frame), and
`sav_val/Annotations_6fps/{video}/{object:03d}/00000.png` (every k-th), a folder for each object as objects overlap.
"""

from __future__ import annotations

from collections.abc import Iterable

from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink, Split, VideoItem, Videos
from vos.formats import objects
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.pictures import PICTURES, numbered, picture_of, put_picture, refuse_other_sizes

TITLE = "SA-V (val and test sets)"
SPLITS: tuple[Split, ...] = ("train", "val", "test")
IMAGES, ANNOTATIONS = "JPEGImages_24fps", "Annotations_6fps"
FPS = 24.0


def _write(video: VideoItem, sink: Sink) -> Written:
    assert video.picture is not None
    root = f"sav_{video.split}"
    for step in range(video.frame_count):
        put_picture(sink, f"{root}/{IMAGES}/{video.name}/{step:05d}", video.picture(step))
    ids = objects.write(video, sink, f"{root}/{ANNOTATIONS}/{video.name}")
    return Written([[j, step] for j, step in enumerate(video.steps)], ids)


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    for split in SPLITS:
        if any(part["split"] == split for part in parts):
            named = (part["name"] for part in parts if part["split"] == split)
            sink.put(f"sav_{split}/sav_{split}.txt", objects.names_of(named))


def _roots(tree: Tree) -> list[tuple[str, Split]]:
    """Folders that hold a split: the dataset's own, or one for each."""
    found: list[tuple[str, Split]] = []
    for split in SPLITS:
        if tree.is_folder(f"sav_{split}/{ANNOTATIONS}"):
            found.append((f"sav_{split}/", split))
        elif tree.is_folder(ANNOTATIONS) and (f"sav_{split}.txt" in tree):
            found.append(("", split))
    return found or ([("", "val")] if tree.is_folder(ANNOTATIONS) else [])


def _open(tree: Tree) -> Dataset:
    keys = [
        (root, split, name) for root, split in _roots(tree) for name in tree.folders(f"{root}{ANNOTATIONS}")
    ]

    def read(key: tuple[str, Split, str]) -> VideoItem:
        return _read(tree, *key)

    return Dataset(Videos(keys, read), Header(TITLE))


def _read(tree: Tree, root: str, split: Split, name: str) -> VideoItem:
    size, numbers, tracks = objects.read(tree, objects.folders_of(tree, f"{root}{ANNOTATIONS}/{name}"))
    pictures = numbered(tree, f"{root}{IMAGES}/{name}", PICTURES)
    missing = [number for number in numbers if number not in pictures]
    if missing:
        raise DatasetInvalid(
            f"{root}{IMAGES}/{name} has no picture of frame {missing[0]}, which is annotated"
            f" ({len(missing)} such frames)."
        )
    refuse_other_sizes(tree, (pictures[number] for number in numbers), size)
    return VideoItem(
        name=name,
        width=size[1],
        height=size[0],
        fps=FPS,
        frame_count=max(pictures) + 1,
        annotated=tuple(numbers),
        tracks=tuple(tracks),
        split=split,
        picture=picture_of(tree, pictures),
    )


FORMAT = Format(
    name="sav_eval",
    title=TITLE,
    extensions=(".jpg", ".png", ".txt"),
    holds=Holds(unannotated=True, timeline=True),
    lost=(
        "Labels, attributes and the source of a masklet stand in maskloop_index.json alone.",
        "An object that nobody annotated on any frame has no folder.",
    ),
    recognises=lambda tree: bool(_roots(tree)),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
