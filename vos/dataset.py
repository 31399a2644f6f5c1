"""A dataset of masklets, whatever format it lies in: what readers give and writers take.

Two ways of counting frames, never mixed. The *timeline* is the video's own frames: 0 … `frame_count` - 1 at `fps`.
Some of them are annotated; `annotated[j]` is the timeline frame of annotated frame j, and masks are keyed by j
(`frame_idx`). A frame_idx that a track's `masks` lacks is *unannotated*: nobody said anything about it. An object that
somebody looked for and that is not there has an all-zero mask.

The contract of a format, `vos.formats.FORMATS[name]`:

    part = format.write(video, sink)          # one video's files; a small JSON value to keep until the end
    format.finish(header, parts, sink)        # the files that need all videos; `parts` in the videos' order
    dataset = format.read(files)              # DatasetInvalid with a list of sentences, before anything is used

`write` needs no other video, so videos can be written side by side, and a part that was kept need not be made again.
`parts` is gone through several times (a list, or an object whose `__iter__` reads them anew), one at a time: memory
does not grow with the dataset. The same videos give the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, overload

from vos.rle import Rle

Value = str | float | bool  #: of an attribute
Source = Literal["manual", "auto"]
Split = Literal["train", "val", "test"]
#: What accepted a masklet: a person, a model that people had checked, or a draw by which nobody looked; "": not told.
PassedBy = Literal["", "person", "preverifier", "sampling"]
Part = dict[
    str, Any
]  #: what a format must know of a written video at the end: JSON, bounded by the video's masks

LONGEST_NAME = 120  #: bytes of UTF-8


class DatasetInvalid(ValueError):
    """A dataset that cannot be taken as it is. `problems` are sentences that name the file and what is wrong with it;
    `count` is how many there are, of which `problems` are the first."""

    def __init__(self, problems: str | Sequence[str], count: int | None = None) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        self.count = count if count is not None else len(self.problems)
        more = self.count - len(self.problems)
        super().__init__(" ".join(self.problems) + (f" And {more} more." if more else ""))


class Sink(Protocol):
    """Where a writer's files go."""

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        """Keep a file at `path` (relative, with `/`); `content` may come in chunks. Each path is put once."""


@dataclass(frozen=True)
class Category:
    """A label. `id` is stable in a project, 1 … 65535 (MOTS takes 1 … 64)."""

    id: int
    name: str
    supercategory: str = ""
    color: str = ""  #: "#rrggbb"


@dataclass(frozen=True)
class Stretch:
    """Something that holds from annotated frame `first` to `last`, both included."""

    name: str
    first: int
    last: int
    value: Value = True


@dataclass(frozen=True)
class Track:
    """A masklet. `id` is the object's, from 1 on, the same in every release."""

    id: int
    masks: Mapping[int, Rle]  #: by frame_idx; a missing one is unannotated, one of zeros absent
    category: int | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    frame_attributes: tuple[Stretch, ...] = ()
    source: Source = "manual"
    score: float | None = None  #: 0..1, of a prediction
    stability: Mapping[int, float] = field(default_factory=dict)  #: 0..1 by frame_idx
    edited: tuple[int, ...] = ()  #: frame_idx that people prompted or painted
    passed_by: PassedBy = ""


@dataclass(frozen=True)
class VideoItem:
    """A video with its masklets. `name` is unique in the dataset and good as a file name (see `file_name`)."""

    name: str
    width: int
    height: int
    fps: float  #: of the timeline
    frame_count: int  #: of the timeline
    annotate_every: int = 1
    #: Timeline frames, ascending; empty stands for every `annotate_every`th.
    annotated: tuple[int, ...] = ()
    tracks: tuple[Track, ...] = ()
    split: Split = "train"
    environment: str = ""
    tags: tuple[str, ...] = ()
    frame_tags: tuple[Stretch, ...] = ()
    source_name: str = ""  #: as it was uploaded, in any script
    source_sha256: str = ""
    source_pts: tuple[int | None, ...] = ()  #: of each annotated frame
    source_times: tuple[float | None, ...] = ()  #: seconds, of each annotated frame
    #: JPEG or PNG bytes of a timeline frame; None where the dataset has no pictures.
    picture: Callable[[int], bytes] | None = None
    #: The mp4 in chunks; None where there is none.
    film: Callable[[], Iterable[bytes]] | None = None

    @property
    def steps(self) -> tuple[int, ...]:
        """The timeline frame of each annotated frame."""
        return self.annotated or tuple(range(0, self.frame_count, self.annotate_every))


class Videos(Sequence[VideoItem]):
    """Videos that are read when they are taken."""

    def __init__(self, keys: Sequence[Any], load: Callable[[Any], VideoItem]) -> None:
        self._keys, self._load = keys, load

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> VideoItem: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[VideoItem]: ...
    def __getitem__(self, place: int | slice) -> VideoItem | Sequence[VideoItem]:
        if isinstance(place, slice):
            return Videos(self._keys[place], self._load)
        return self._load(self._keys[place])


@dataclass(frozen=True)
class Header:
    """What holds for the whole dataset. `info`: name, description, version, license, url, creator, date … as text."""

    name: str = "maskloop"
    categories: tuple[Category, ...] = ()
    info: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """`videos` may be lazy: one is read when it is taken, and not kept."""

    videos: Sequence[VideoItem]
    header: Header = field(default_factory=Header)

    @property
    def categories(self) -> tuple[Category, ...]:
        return self.header.categories


def file_name(text: str) -> str:
    """A file name that says `text`, in its own script: letters, digits, marks, `.`, `_` and `-`; others become `-`."""
    kept = [c if _is_plain(c) else "-" for c in unicodedata.normalize("NFC", text)]
    name = "".join(kept).strip(".-")
    while len(name.encode()) > LONGEST_NAME:
        name = name[:-1].rstrip(".-")
    return name or "video"


def _is_plain(char: str) -> bool:
    return char in "._-" or unicodedata.category(char)[0] in "LNM"


def complete(video: VideoItem) -> list[int]:
    """The frame_idx on which every track is annotated. Formats in which silence means absence keep these alone, as
    what nobody looked at must not be told as absent."""
    return [j for j in range(len(video.steps)) if all(j in track.masks for track in video.tracks)]
