"""CVAT for video 1.1, read alone: an `annotations.xml` for each video, with masks and polygons of tracks.

A shape says where the object is on its frame; `outside="1"` says that it is gone from there on; before its first shape
it has yet to come. CVAT guesses the frames between two polygons; here they are unannotated unless the file has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from vos import rle
from vos.dataset import (
    Category,
    Dataset,
    DatasetInvalid,
    Header,
    Source,
    Track,
    Value,
    VideoItem,
    Videos,
    file_name,
)
from vos.formats.categories import by_name
from vos.formats.files import LARGEST_TEXT, Problems, Tree
from vos.formats.format import MOST_FRAMES, MOST_MASKS, MOST_PIXELS, Format, Holds
from vos.formats.pictures import PICTURES, picture_of, refuse_other_sizes
from vos.formats.segmentation import from_polygons
from vos.rle import InvalidMask, Rle

TITLE = "CVAT for video 1.1"
FPS = 24.0


@dataclass
class _Shapes:
    """What the file says of one track."""

    label: str
    source: Source
    masks: dict[int, Rle] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass
class _Task:
    name: str
    width: int
    height: int
    count: int
    start: int


def _open(tree: Tree) -> Dataset:
    files = _files(tree)
    categories = by_name({label for file in files for label in _labels(tree, file)})

    def read(file: str) -> VideoItem:
        try:
            return _read(tree, file, categories)
        except (KeyError, TypeError, ValueError, OverflowError, ET.ParseError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(f"{file} is not laid out as CVAT has it: {error!r}.") from error

    return Dataset(Videos(files, read), Header(TITLE, categories))


def _files(tree: Tree) -> list[str]:
    return [name for name in tree.names() if PurePosixPath(name).suffix.lower() == ".xml"]


def _elements(tree: Tree, file: str) -> Iterator[ET.Element]:
    """The elements whose end is read. Entities are refused: they make much of little."""
    content = tree.read(file, most=LARGEST_TEXT)
    if b"\0" in content[:200] or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DatasetInvalid(f"{file} is not in UTF-8 or declares a DOCTYPE, which no CVAT file does.")
    try:
        for _, element in ET.iterparse(BytesIO(content)):  # noqa: S314 (entities are refused above)
            yield element
    except ET.ParseError as error:
        raise DatasetInvalid(f"{file} is no XML that can be read: {error}.") from error


def _labels(tree: Tree, file: str) -> set[str]:
    found = set()
    for element in _elements(tree, file):
        if element.tag == "track":
            found.add(element.get("label") or "")
            element.clear()
    return found - {""}


def _read(tree: Tree, file: str, categories: tuple[Category, ...]) -> VideoItem:
    tracks: dict[int, _Shapes] = {}
    task, problems = None, Problems()
    for element in _elements(tree, file):
        if element.tag == "meta":
            task = _task(element, file)
        elif element.tag == "image":
            raise DatasetInvalid(f"{file} is CVAT for images. Export it as CVAT for video 1.1.")
        elif element.tag == "track":
            if task is None:
                raise DatasetInvalid(f"{file} does not tell the frames' size before its tracks.")
            number = int(element.get("id", len(tracks))) + 1
            if number in tracks:
                problems.add(f"{file}: two tracks have the id {number - 1}.")
            tracks[number] = _shapes(element, task, f"{file}, track {number - 1}", problems)
            element.clear()
    if task is None:
        raise DatasetInvalid(f"{file} has no <meta> with the frames' size.")
    problems.refuse()
    ids = {category.name: category.id for category in categories}
    folder = str(PurePosixPath(file).parent / "images").removeprefix("./")
    return VideoItem(
        name=file_name(task.name),
        source_name=task.name,
        width=task.width,
        height=task.height,
        fps=FPS,
        frame_count=task.count,
        tracks=tuple(_track(number, each, ids, task) for number, each in tracks.items()),
        **_pictures(tree, folder, task),
    )


def _task(meta: ET.Element, file: str) -> _Task:
    size, frames = meta.find(".//original_size"), meta.findtext(".//task/size") or meta.findtext(".//size")
    if size is None or frames is None:
        raise DatasetInvalid(
            f"{file} tells no <size> and <original_size>, so its masks fit no frame for sure."
        )
    width, height = int(size.findtext("width") or 0), int(size.findtext("height") or 0)
    if not (0 < width * height <= MOST_PIXELS) or not 0 < int(frames) <= MOST_FRAMES:
        raise DatasetInvalid(
            f"{file}: {frames} frames of {width} × {height} (width × height) cannot be used."
        )
    name = meta.findtext(".//task/name") or PurePosixPath(file).stem
    return _Task(name, width, height, int(frames), int(meta.findtext(".//start_frame") or 0))


def _shapes(element: ET.Element, task: _Task, where: str, problems: Problems) -> _Shapes:
    source: Source = "auto" if element.get("source") in {"auto", "automatic"} else "manual"
    found = _Shapes(element.get("label") or "", source)
    if len(element) > MOST_MASKS:
        raise DatasetInvalid(f"{where} has more than {MOST_MASKS} shapes.")
    for shape in element:
        frame = int(shape.get("frame", -1)) - task.start
        if not 0 <= frame < task.count:
            problems.add(f"{where}: has a shape on frame {frame}, but the video has {task.count} frames.")
            continue
        if frame in found.masks or frame in found.gone:
            problems.add(f"{where}: has two shapes on frame {frame}.")
        if shape.get("outside") == "1":
            found.gone.add(frame)
            continue
        for attribute in shape.iter("attribute"):
            found.attributes[attribute.get("name") or ""] = _value(attribute.text or "")
        try:
            found.masks[frame] = _mask(shape, task)
        except InvalidMask as error:
            problems.add(f"{where}, frame {frame}: {error}")
    return found


def _value(text: str) -> Value:
    return text == "true" if text in {"true", "false"} else text


def _mask(shape: ET.Element, task: _Task) -> Rle:
    if shape.tag == "mask":
        return _from_window(shape, task)
    if shape.tag == "polygon":
        points = (shape.get("points") or "").split(";")
        line = [float(number) for point in points for number in point.split(",")]
        return from_polygons([line], height=task.height, width=task.width)
    raise InvalidMask(f"A {shape.tag} is no mask. Masks and polygons can be taken.")


def _from_window(shape: ET.Element, task: _Task) -> Rle:
    """Runs go row by row through a window of the frame, zeros first."""
    left, top, width, height = (int(float(shape.get(key) or 0)) for key in ("left", "top", "width", "height"))
    if (
        left < 0
        or top < 0
        or width < 1
        or height < 1
        or left + width > task.width
        or top + height > task.height
    ):
        raise InvalidMask(
            f"The mask's window {width} × {height} at {left}, {top} does not lie in a frame of "
            f"{task.width} × {task.height}."
        )
    runs = np.array([int(run) for run in (shape.get("rle") or "").split(",") if run.strip()], np.int64)
    if len(runs) > width * height + 1 or (runs < 0).any() or int(runs.sum()) != width * height:
        raise InvalidMask(f"The mask's runs do not cover its window of {width} × {height}.")
    window = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
    mask = np.zeros((task.height, task.width), bool)
    mask[top : top + height, left : left + width] = window
    return rle.encode(mask)


def _track(number: int, found: _Shapes, ids: dict[str, int], task: _Task) -> Track:
    masks = dict(found.masks)
    nothing = rle.empty(height=task.height, width=task.width)
    begin = min((*found.masks, *found.gone), default=task.count)
    masks |= dict.fromkeys(_absent(found, begin, task.count), nothing)
    return Track(
        number,
        dict(sorted(masks.items())),
        category=ids.get(found.label),
        attributes=found.attributes,
        source=found.source,
    )


def _absent(found: _Shapes, begin: int, count: int) -> Iterable[int]:
    """Frames before the first shape, and those from where it is gone to where it is back."""
    yield from range(begin)
    gone = False
    for j in range(begin, count):
        gone = j in found.gone or (gone and j not in found.masks)
        if gone:
            yield j


def _pictures(tree: Tree, folder: str, task: _Task) -> dict[str, Any]:
    """CVAT names them frame_000000.PNG; what is beside the XML in `images` is taken in the order of its numbers."""
    names = {}
    for name in tree.below(folder, *PICTURES):
        digits = PurePosixPath(name).stem.rpartition("_")[2]
        if digits.isascii() and digits.isdigit():
            names[int(digits) - task.start] = name
    if not names:
        return {}
    missing = [j for j in range(task.count) if j not in names]
    if missing:
        raise DatasetInvalid(f"{folder} has no picture of frame {missing[0]} ({len(missing)} are missing).")
    refuse_other_sizes(tree, names.values(), (task.height, task.width))
    return {"picture": picture_of(tree, names)}


FORMAT = Format(
    name="cvat",
    title=TITLE,
    extensions=(".xml",),
    holds=Holds(labels=True, attributes=True, unannotated=True, never_visible=True),
    lost=("It can be read, not written.", "Boxes, lines and points are no masks and are refused."),
    recognises=lambda tree: bool(_files(tree)),
    opens=_open,
)
