"""WebDataset, as Hugging Face `datasets` streams it: `data/{train,validation,test}/{video}.tar` and a dataset card.

A sample is an annotated frame: `{video}/{number}.jpg` and, of the same key, a `.json` with its row
(`vos.formats.rows`). An object that nobody looked for on the frame is not in it, as in Parquet.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import IO, Any
from zipfile import ZipExtFile

import dacite

from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink, Split, VideoItem, Videos
from vos.formats.files import LARGEST_PICTURE, LARGEST_TEXT, Tree
from vos.formats.format import MOST_MASKS, Format, Holds, Written
from vos.formats.rows import FOLDERS, card, check, row, told, tracks
from vos.formats.texts import dumps, parse_json

TITLE = "WebDataset (Hugging Face)"
LARGEST = 2**33  #: bytes of a tar
PICTURES = (".jpg", ".png")

_Place = tuple[int, int]  #: of a picture in its tar: its first byte and how many there are

# --- Writing ---


def _write(video: VideoItem, sink: Sink) -> Written:
    sink.put(f"data/{FOLDERS[video.split]}/{video.name}.tar", _tar(video))
    return Written([[j, step] for j, step in enumerate(video.steps)], [track.id for track in video.tracks])


def _tar(video: VideoItem) -> Iterator[bytes]:
    objects = [told(track) for track in video.tracks]
    # In each row, since a sample stands alone: the whole timeline, and objects that nobody looked for.
    more = {"frame_count": video.frame_count, "annotate_every": video.annotate_every, "all_objects": objects}
    for j, step in enumerate(video.steps):
        said = row(video, objects, j, step) | more
        image = said.pop("image")
        yield from _member(image["path"], image["bytes"])
        yield from _member(f"{video.name}/{step:05d}.json", dumps(said))
    yield bytes(2 * tarfile.BLOCKSIZE)


def _member(name: str, content: bytes) -> Iterator[bytes]:
    about = tarfile.TarInfo(name)  # of nobody, in 1970: the same each time
    about.size = len(content)
    yield about.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    yield content
    yield bytes(-len(content) % tarfile.BLOCKSIZE)


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    sink.put("README.md", card(header, parts, suffix=".tar").encode())


# --- Reading ---


@dataclass(frozen=True)
class _Mask:
    size: list[int]
    counts: str


@dataclass(frozen=True)
class _Object:
    object_id: int
    category_id: int | None = None
    source: str = "manual"
    score: float | int | None = None
    attributes: str = "{}"


@dataclass(frozen=True)
class _Seen(_Object):
    mask: _Mask = field(default_factory=lambda: _Mask([], ""))
    stability: float | int | None = None


@dataclass(frozen=True)
class _Row:
    """As `_tar` writes it."""

    video: str
    frame_idx: int
    timeline_idx: int
    width: int
    height: int
    fps: float | int
    objects: list[_Seen]
    frame_count: int | None = None
    annotate_every: int = 1
    all_objects: list[_Object] = field(default_factory=list)


def _open(tree: Tree) -> Dataset:
    keys = [
        (split, name) for split, folder in FOLDERS.items() for name in tree.below(f"data/{folder}", ".tar")
    ]

    def read(key: tuple[Split, str]) -> VideoItem:
        split, name = key
        try:
            return _read(tree, name, split)
        except (tarfile.TarError, dacite.DaciteError, TypeError, ValueError, OSError, EOFError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(
                f"{name} is not laid out as it should be: {str(error) or repr(error)}."
            ) from error

    return Dataset(Videos(keys, read), Header(TITLE))


def _read(tree: Tree, name: str, split: Split) -> VideoItem:
    rows: list[dict[str, Any]] = []
    pictures: dict[str, _Place] = {}  # by the key of a sample
    size = 0
    with tree.open(name, most=LARGEST) as content:
        for about, file in _members(content, name):
            key, _, suffix = about.name.rpartition(".")
            if f".{suffix}" in PICTURES:
                pictures[key] = about.offset_data, about.size
            elif suffix == "json":
                size += about.size
                if size > LARGEST_TEXT:
                    raise DatasetInvalid(
                        f"{name} unpacks to more than {LARGEST_TEXT} bytes of masks. Split it."
                    )
                said = dacite.from_dict(_Row, parse_json(file.read(), about.name))
                rows.append(asdict(said) | {"key": key})
    rows.sort(key=lambda each: each["frame_idx"])
    check(rows, name)
    first = rows[0]
    steps = tuple(each["timeline_idx"] for each in rows)
    places = {each["timeline_idx"]: pictures[each["key"]] for each in rows if each["key"] in pictures}
    every = first["annotate_every"]
    frame_count = steps[-1] + 1 if first["frame_count"] is None else first["frame_count"]
    return VideoItem(
        name=first["video"],
        width=first["width"],
        height=first["height"],
        fps=first["fps"],
        frame_count=frame_count,
        annotate_every=every,
        annotated=() if every > 0 and steps == tuple(range(0, frame_count, every)) else steps,
        tracks=tracks(rows, first["all_objects"]),
        split=split,
        picture=_Pictures(tree, name, places),
    )


def _members(content: IO[bytes], name: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Its files one after the other: links and what else a tar may hold are no files of a dataset."""
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for count, about in enumerate(archive):
            if count > 2 * MOST_MASKS:
                raise DatasetInvalid(f"{name} has more than {2 * MOST_MASKS} members. Split it.")
            if not about.isfile():
                raise DatasetInvalid(f"{about.name[:200]!r} in {name} is no file.")
            if about.size > LARGEST_PICTURE:
                raise DatasetInvalid(f"{about.name[:200]!r} in {name} has more than {LARGEST_PICTURE} bytes.")
            file = archive.extractfile(about)
            assert file is not None
            yield about, file


class _Pictures:
    """JPEG or PNG bytes by timeline frame, each read from its place in the tar."""

    def __init__(self, tree: Tree, name: str, places: dict[int, _Place]) -> None:
        self._tree, self._name, self._places = tree, name, places
        self._packed: IO[bytes] | None = None
        self._lock = Lock()

    def __call__(self, step: int) -> bytes:
        if step not in self._places:
            raise DatasetInvalid(f"There is no picture of frame {step} in {self._name}.")
        offset, size = self._places[step]
        with self._lock, self._opened() as content:
            content.seek(offset)
            return content.read(size)

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        """Within a ZIP one gets to a place by unpacking all before it, so what is open there stays open for the next
        frame. A file of a folder does not: processes that were forked would move each other's place in it."""
        if self._packed is not None:
            yield self._packed
            return
        content = self._tree.open(self._name, most=LARGEST)
        if isinstance(content, ZipExtFile):
            self._packed = content
            yield content
        else:
            with content:
                yield content


FORMAT = Format(
    name="webdataset",
    title=TITLE,
    extensions=(".tar", ".md"),
    holds=Holds(labels=True, attributes=True, unannotated=True, never_visible=True, timeline=True),
    lost=("Attributes of some frames and tags stand in maskloop_index.json alone.",),
    recognises=lambda tree: any(tree.below(f"data/{folder}", ".tar") for folder in FOLDERS.values()),
    opens=_open,
    writes=_write,
    finishes=_finish,
    needs="pictures",
)
