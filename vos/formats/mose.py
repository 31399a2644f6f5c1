"""MOSE: `{train,valid,test}/JPEGImages/{video}/00000.jpg` and `…/Annotations/{video}/00000.png`, as in DAVIS."""

from __future__ import annotations

from vos.dataset import Dataset, Header, Sink, Split, VideoItem, Videos
from vos.formats import indexed
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written
from vos.formats.numbers import LEFT_OUT, ON_TOP, UNSEEN

TITLE = "MOSE"
FOLDERS: dict[Split, str] = {"train": "train", "val": "valid", "test": "test"}
FPS = 24.0


def _write(video: VideoItem, sink: Sink) -> Written:
    root = FOLDERS[video.split]
    return indexed.write(
        video,
        sink,
        images=f"{root}/JPEGImages",
        annotations=f"{root}/Annotations",
        title=TITLE,
        renumbered=True,
    )


def _open(tree: Tree) -> Dataset:
    keys = [(split, name) for split, root in FOLDERS.items() for name in tree.folders(f"{root}/Annotations")]

    def read(key: tuple[Split, str]) -> VideoItem:
        split, name = key
        root = FOLDERS[split]
        images = f"{root}/JPEGImages" if tree.is_folder(f"{root}/JPEGImages") else None
        return indexed.read(
            tree, name, images=images, annotations=f"{root}/Annotations", fps=FPS, split=split
        )

    return Dataset(Videos(keys, read), Header(TITLE))


FORMAT = Format(
    name="mose",
    title=TITLE,
    extensions=(".jpg", ".png"),
    holds=Holds(overlaps=False),
    lost=(ON_TOP, LEFT_OUT, UNSEEN, "Labels and attributes stand in maskloop_index.json alone."),
    recognises=lambda tree: any(tree.is_folder(f"{root}/Annotations") for root in FOLDERS.values()),
    opens=_open,
    writes=_write,
    needs="pictures",
)
