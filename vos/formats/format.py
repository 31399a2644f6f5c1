"""What each dataset format offers, and what is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vos import rle
from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink, Track, VideoItem, Videos, file_name
from vos.formats import index
from vos.formats.files import Archive, Files, Folder, Problems, Tree

MOST_FRAMES = 1_000_000  #: of a video's timeline
MOST_PIXELS = 2**26  #: of a frame
MOST_TRACKS = 10_000  #: of a video
MOST_MASKS = 1_000_000  #: of a video


@dataclass(frozen=True)
class Written:
    """What a format's writer tells of a video. JSON."""

    #: The frames that it wrote annotations of, [frame_idx, number in the file names]; others are left out.
    kept: list[list[int]]
    #: The id by which a reader of these files knows each track.
    ids: list[int]
    #: What `finish` needs beside.
    own: Any = None
    #: Whether its pictures are those of `kept` alone, counted anew; else they are named by the timeline.
    renumbered: bool = False


@dataclass(frozen=True)
class Holds:
    """What a format can say."""

    overlaps: bool = True  #: two objects on one pixel
    labels: bool = False
    attributes: bool = False
    unannotated: bool = False  #: that nobody looked, apart from absence; else such frames are left out
    never_visible: bool = False  #: an object that no frame shows
    timeline: bool = False  #: frames between the annotated ones


@dataclass(frozen=True)
class Format:
    """A way to lay a dataset on disk. `name` is the key in `FORMATS`; `lost` are sentences on what it cannot hold.

    With `maskloop_index.json` beside, a reader of ours gets back what the format has no place for, save the pixels that
    overlap and the frames that were left out.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    holds: Holds
    lost: tuple[str, ...]
    recognises: Callable[[Tree], bool]
    opens: Callable[[Tree], Dataset]
    writes: Callable[[VideoItem, Sink], Written] | None = None
    finishes: Callable[[Header, Iterable[Part], Sink], None] | None = None
    needs: str = ""  #: "film" or "pictures", without which it cannot be written

    @property
    def can_write(self) -> bool:
        return self.writes is not None

    def write(self, video: VideoItem, sink: Sink) -> Part:
        """Write one video's files; keep what comes back for `finish`. The same video gives the same bytes.

        Masks are taken as checked (`vos.rle.check`, or a reader's): to look at each again would cost more than to write
        it. Raises DatasetInvalid when the format cannot hold it (more objects than it has numbers, no pictures).
        """
        if self.writes is None:
            raise DatasetInvalid(f"{self.title} can be read, not written.")
        problems = Problems()
        check(video, problems, masks=False)
        if self.needs == "pictures" and video.picture is None:
            problems.add(f"{video.name} has no pictures, which {self.title} needs.")
        problems.refuse()
        written = self.writes(video, sink)
        return {
            "name": video.name,
            "split": video.split,
            "index": index.entry(video, written.kept, written.ids, renumbered=written.renumbered),
            "own": written.own,
        }

    def finish(self, header: Header, parts: Iterable[Part], sink: Sink) -> None:
        """Write the files that need all videos, in the order of `parts`."""
        if self.finishes is not None:
            self.finishes(header, parts, sink)
        index.write(self.name, header, parts, sink)

    def read(self, files: Files) -> Dataset:
        """The dataset, each video of it checked. Raises DatasetInvalid with what is wrong in all of them."""
        dataset = self.open(files)
        problems = Problems()
        for _ in checked(dataset, problems):
            pass
        problems.refuse()
        return dataset

    def open(self, files: Files) -> Dataset:
        """The dataset, unread: a video is read and checked when it is taken. Raises DatasetInvalid, then too."""
        tree = Tree(files)
        dataset = self.opens(tree)
        if not dataset.videos:
            raise DatasetInvalid(f"{tree.where} holds no video in the format {self.title}.")
        if index.NAME in tree:
            dataset = index.apply(index.read(tree), dataset)
        videos = dataset.videos
        return Dataset(Videos(range(len(videos)), lambda place: _checked(videos[place])), dataset.header)


def checked(dataset: Dataset, problems: Problems) -> Iterator[VideoItem]:
    """The videos that can be used, one after the other; what is wrong with the others goes to `problems`."""
    seen: set[str] = set()
    for place in range(len(dataset.videos)):
        try:
            video = dataset.videos[place]
        except DatasetInvalid as error:
            problems.include(error)
            continue
        if video.name in seen:
            problems.add(f"Two videos are called {video.name}.")
        seen.add(video.name)
        yield video


def _checked(video: VideoItem) -> VideoItem:
    problems = Problems()
    check(video, problems)
    problems.refuse()
    return video


def check(video: VideoItem, problems: Problems, *, masks: bool = True) -> None:
    """Whether a video is one; what is wrong goes to `problems`, a sentence each. Without `masks`, not each mask."""
    name = video.name
    if name != file_name(name):
        problems.add(f"{name[:80]!r} is no name for files; {file_name(name)!r} is.")
    if not (video.width > 0 and video.height > 0 and video.width * video.height <= MOST_PIXELS):
        problems.add(f"{name}: frames of {video.width} × {video.height} (width × height) cannot be used.")
        return
    if not 0 < video.fps <= 1000:
        problems.add(f"{name}: {video.fps} frames a second cannot be.")
    if not 0 < video.frame_count <= MOST_FRAMES or video.annotate_every < 1:
        problems.add(f"{name}: a video has 1 to {MOST_FRAMES} frames, this one {video.frame_count}.")
        return
    steps = video.steps
    if any(a >= b for a, b in pairwise(steps)) or (
        steps and not 0 <= steps[0] <= steps[-1] < video.frame_count
    ):
        problems.add(f"{name}: its annotated frames do not ascend within its {video.frame_count} frames.")
    if len(video.tracks) > MOST_TRACKS or sum(len(t.masks) for t in video.tracks) > MOST_MASKS:
        problems.add(f"{name}: more than {MOST_TRACKS} objects or {MOST_MASKS} masks. Split the video.")
        return
    if len({track.id for track in video.tracks}) < len(video.tracks):
        problems.add(f"{name}: two of its objects have the same id.")
    for track in video.tracks:
        _check_track(video, track, len(steps), problems)
        if masks:
            _check_masks(video, track, problems)


def _check_track(video: VideoItem, track: Track, count: int, problems: Problems) -> None:
    where = f"{video.name}, object {track.id}"
    if track.id < 1:
        problems.add(f"{where}: ids count from 1.")
    if track.score is not None and not 0 <= track.score <= 1:
        problems.add(f"{where}: a score lies between 0 and 1, not at {track.score}.")
    outside = [j for j in track.masks if not 0 <= j < count]
    if outside:
        problems.add(
            f"{where}: has a mask on frame {outside[0]}, but the video has {count} annotated frames."
        )


def _check_masks(video: VideoItem, track: Track, problems: Problems) -> None:
    size = [video.height, video.width]
    good = all(mask["size"] == size for mask in track.masks.values()) and rle.are_masks(
        [mask["counts"] for mask in track.masks.values()], height=video.height, width=video.width
    )
    if not good:
        for j, mask in track.masks.items():
            try:
                rle.check(mask, height=video.height, width=video.width)
            except rle.InvalidMask as error:
                problems.add(f"{video.name}, object {track.id}, annotated frame {j}: {error}")


def open_files(path: str) -> Files:
    """A folder or a ZIP. Raises DatasetInvalid when it is neither."""
    return Archive(path) if path.lower().endswith(".zip") else Folder(path)
