"""Numbered pictures as a video, read alone: a folder for each video, or the pictures of one at the top.

Each picture becomes one annotated frame, as it is. Numbers must follow each other: a gap is refused, not closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePosixPath

from vos.dataset import Dataset, DatasetInvalid, Header, VideoItem, Videos, file_name
from vos.formats.files import Problems, Tree
from vos.formats.format import Format, Holds
from vos.formats.pictures import PICTURES, picture_of, refuse_other_sizes

TITLE = "Numbered pictures"
MOST_PICTURES = 20_000  #: of a video
FPS = 24.0


def _folders(tree: Tree) -> list[str]:
    found = {str(PurePosixPath(name).parent) for name in tree.names() if _is_picture(name)}
    return sorted("" if folder == "." else folder for folder in found)


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in PICTURES


def _open(tree: Tree) -> Dataset:
    folders = _folders(tree)
    others = [name for name in tree.names() if not _is_picture(name)]
    if others:
        raise DatasetInvalid(
            f"{tree.where} holds {others[0]}, which is no JPEG or PNG ({len(others)} such files)."
        )

    def read(folder: str) -> VideoItem:
        return _read(tree, folder)

    return Dataset(Videos(folders, read), Header(TITLE))


def _read(tree: Tree, folder: str) -> VideoItem:
    where = folder or tree.where
    names = tree.below(folder, *PICTURES)
    if len(names) > MOST_PICTURES:
        raise DatasetInvalid(
            f"{where} holds {len(names)} pictures; a video has up to {MOST_PICTURES}. Split it."
        )
    files = _in_order(names, where)
    height, width = refuse_other_sizes(tree, files.values(), None)
    title = PurePosixPath(folder).name or "pictures"
    return VideoItem(
        name=file_name(title),
        source_name=title,
        width=width,
        height=height,
        fps=FPS,
        frame_count=len(files),
        picture=picture_of(tree, files),
    )


def _in_order(names: list[str], where: str) -> Mapping[int, str]:
    """Pictures by their place. A name's last number is the one that counts. Raises DatasetInvalid on a gap."""
    problems = Problems()
    found: dict[int, str] = {}
    for name in names:
        digits = re.findall(r"[0-9]+", PurePosixPath(name).stem)
        if not digits or len(digits[-1]) > 9:
            problems.add(f"{name} has no number.")
        elif int(digits[-1]) in found:
            problems.add(f"{name} and {found[int(digits[-1])]} have the same number.")
        else:
            found[int(digits[-1])] = name
    numbers = sorted(found)
    for before, after in pairwise(numbers):
        if after != before + 1:
            problems.add(f"{where}: after picture {before} comes {after}; {after - before - 1} are missing.")
    problems.refuse()
    return {place: found[number] for place, number in enumerate(numbers)}


FORMAT = Format(
    name="image_sequence",
    title=TITLE,
    extensions=(".jpg", ".png"),
    holds=Holds(),
    lost=("There are pictures alone, no masks.", "It can be read, not written."),
    recognises=lambda tree: any(_is_picture(name) for name in tree.names()),
    opens=_open,
)
