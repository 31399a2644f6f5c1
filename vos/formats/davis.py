"""DAVIS 2017: `JPEGImages/480p/{video}/00000.jpg`, `Annotations/480p/{video}/00000.png`, `ImageSets/2017/{split}.txt`.

A PNG has a palette; 0 is background, 255 nobody's. Every frame of a video is annotated, so the annotated frames are
written, counted from 0. `480p` is where the tools look; the frames keep their own size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vos.dataset import Dataset, Header, Part, Sink, Split, VideoItem, Videos
from vos.formats import indexed
from vos.formats.files import LARGEST_TEXT, Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.numbers import LEFT_OUT, ON_TOP, UNSEEN

TITLE = "DAVIS 2017"
PLACES = ("480p", "Full-Resolution")
IMAGES = (*(f"JPEGImages/{place}" for place in PLACES), "JPEGImages")
ANNOTATIONS = (*(f"Annotations/{place}" for place in PLACES), "Annotations")
LISTS = "ImageSets/2017"
FILES: dict[Split, str] = {"train": "train.txt", "val": "val.txt", "test": "test-dev.txt"}
FPS = 24.0


def _write(video: VideoItem, sink: Sink) -> Written:
    return indexed.write(
        video, sink, images=IMAGES[0], annotations=ANNOTATIONS[0], title=TITLE, renumbered=True
    )


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    for split, file in FILES.items():
        if any(part["split"] == split for part in parts):
            sink.put(f"{LISTS}/{file}", _names(parts, split))


def _names(parts: Iterable[Part], split: Split) -> Iterator[bytes]:
    for part in parts:
        if part["split"] == split:
            yield f"{part['name']}\n".encode()


def _open(tree: Tree) -> Dataset:
    annotations = tree.one_of(*ANNOTATIONS)
    images = next((folder for folder in IMAGES if tree.is_folder(folder)), None)
    splits: dict[str, Split] = {}
    for split, file in FILES.items():
        if f"{LISTS}/{file}" in tree:
            listed = tree.read(f"{LISTS}/{file}", most=LARGEST_TEXT).decode("utf-8", "replace").split()
            splits |= dict.fromkeys(listed, split)

    def read(name: str) -> VideoItem:
        return indexed.read(
            tree,
            name,
            images=images,
            annotations=annotations,
            fps=FPS,
            split=splits.get(name, "train"),
        )

    return Dataset(Videos(tree.folders(annotations), read), Header(TITLE))


FORMAT = Format(
    name="davis",
    title=TITLE,
    extensions=(".jpg", ".png", ".txt"),
    holds=Holds(overlaps=False),
    lost=(ON_TOP, LEFT_OUT, UNSEEN, "Labels and attributes stand in maskloop_index.json alone."),
    recognises=lambda tree: any(tree.is_folder(folder) for folder in ANNOTATIONS),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
