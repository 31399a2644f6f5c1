"""Predictions as sav_evaluator takes them: `predictions/{video}/{object:03d}/00000.png`; give it `predictions` as root.

Pictures and videos are those of the dataset that was predicted. A score of each object stands in maskloop_index.json.
"""

from __future__ import annotations

from vos.dataset import Dataset, Header, Sink, VideoItem, Videos
from vos.formats import objects
from vos.formats.files import Tree
from vos.formats.format import Format, Holds, Written

TITLE = "Predictions (sav_evaluator)"
ROOT = "predictions"
FPS = 24.0


def _write(video: VideoItem, sink: Sink) -> Written:
    ids = objects.write(video, sink, f"{ROOT}/{video.name}")
    return Written([[j, step] for j, step in enumerate(video.steps)], ids)


def _root(tree: Tree) -> str:
    """Where the videos lie: in `predictions`, or at the top."""
    return f"{ROOT}/" if tree.is_folder(ROOT) else ""


def _open(tree: Tree) -> Dataset:
    root = _root(tree)

    def read(name: str) -> VideoItem:
        size, numbers, tracks = objects.read(tree, objects.folders_of(tree, f"{root}{name}"))
        return VideoItem(
            name=name,
            width=size[1],
            height=size[0],
            fps=FPS,
            frame_count=numbers[-1] + 1,
            annotated=tuple(numbers),
            tracks=tuple(tracks),
        )

    return Dataset(Videos(tree.folders(root.rstrip("/")), read), Header(TITLE))


def _recognises(tree: Tree) -> bool:
    root = _root(tree)
    return any(
        name.isdigit()
        for video in tree.folders(root.rstrip("/"))[:1]
        for name in tree.folders(f"{root}{video}")
    )


FORMAT = Format(
    name="predictions",
    title=TITLE,
    extensions=(".png",),
    holds=Holds(unannotated=True),
    lost=("There are masks alone: no pictures, labels or attributes.",),
    recognises=_recognises,
    opens=_open,
    writes=_write,
)
