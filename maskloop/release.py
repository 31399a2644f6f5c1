"""A dataset on this machine, in any of the formats that Maskloop knows: read when it is asked for."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import Image

from vos import rle
from vos.dataset import Category, Dataset, DatasetInvalid, VideoItem
from vos.formats import FORMATS, Archive, Format, Tree, open_files, recognise
from vos.formats.files import Problems
from vos.formats.format import checked


class ReleaseVideo:
    """A video with its masklets. Frames are counted by `frame_idx`: annotated frames, from 0 on."""

    def __init__(self, item: VideoItem) -> None:
        self.item = item
        self.name, self.split = item.name, item.split
        self.object_ids = [track.id for track in item.tracks]

    def __len__(self) -> int:
        """Annotated frames."""
        return len(self.item.steps)

    def __repr__(self) -> str:
        return f"<ReleaseVideo {self.name}: {len(self)} annotated frames, {len(self.object_ids)} objects>"

    def frame(self, frame_idx: int) -> np.ndarray:
        """uint8 [height, width, 3]. Raises DatasetInvalid where the dataset has no pictures of it."""
        step = self.item.steps[frame_idx]
        if self.item.picture is None:
            raise DatasetInvalid(
                f"{self.name} has no pictures here. Export the release in another format, or decode its mp4: "
                f"annotated frame {frame_idx} is frame {step} of it."
            )
        with Image.open(io.BytesIO(self.item.picture(step))) as picture:
            return np.asarray(picture.convert("RGB"))

    def masks(self, frame_idx: int) -> np.ndarray:
        """bool [objects, height, width], in the order of `object_ids`; nothing where an object is absent or unannotated
        (`annotated` tells which)."""
        found = np.zeros((len(self.item.tracks), self.item.height, self.item.width), bool)
        for place, track in enumerate(self.item.tracks):
            if frame_idx in track.masks:
                found[place] = rle.decode(track.masks[frame_idx])
        return found

    def annotated(self, frame_idx: int) -> np.ndarray:
        """bool [objects]: whether somebody said where each object is, or that it is not there."""
        return np.array([frame_idx in track.masks for track in self.item.tracks], bool)


class ReleaseFolder(Sequence[ReleaseVideo]):
    """The videos of a dataset; one is read and checked when it is taken."""

    def __init__(self, dataset: Dataset, format: Format) -> None:
        self.format, self.categories = format, dataset.categories
        self.name = dataset.header.name
        self._dataset = dataset

    def __len__(self) -> int:
        return len(self._dataset.videos)

    @overload
    def __getitem__(self, place: int) -> ReleaseVideo: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ReleaseVideo]: ...
    def __getitem__(self, place: int | slice) -> ReleaseVideo | Sequence[ReleaseVideo]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return ReleaseVideo(self._dataset.videos[place])

    def category(self, object_id: int, video: ReleaseVideo) -> Category | None:
        """An object's label."""
        label = next(track.category for track in video.item.tracks if track.id == object_id)
        return next((each for each in self.categories if each.id == label), None)

    def torch(self, *, frames: int = 8, transform: Callable[[Any], Any] | None = None) -> Any:
        """A `torch.utils.data.Dataset` of clips of `frames` annotated frames in a row. Needs torch."""
        from maskloop.clips import Clips  # torch is imported by those who ask for it alone

        return Clips(self, frames=frames, transform=transform)


def load_release(path: str | Path, format: str | None = None) -> ReleaseFolder:
    """A folder or a ZIP, in the format that it looks like. Raises DatasetInvalid when it is none."""
    files = open_files(str(path))
    known = _format(Tree(files), format)
    return ReleaseFolder(known.open(files), known)


@dataclass(frozen=True)
class Report:
    """What `validate` found. `problems` are the first of `problem_count` sentences."""

    format: Format
    videos: int
    masklets: int
    masks: int
    problems: list[str]
    problem_count: int

    def refuse(self) -> None:
        """Raises DatasetInvalid if there are problems."""
        if self.problem_count:
            raise DatasetInvalid(self.problems, self.problem_count)


def validate(
    path: str | Path,
    format: str | None = None,
    on_video: Callable[[int, int], object] = lambda done, of: None,
) -> Report:
    """Check a dataset without a server, video by video. Raises DatasetInvalid when it looks like no format."""
    with contextlib.ExitStack() as stack:
        files = open_files(str(path))
        if isinstance(files, Archive):
            stack.enter_context(files)
        known = _format(Tree(files), format)
        problems = Problems()
        videos = masklets = masks = 0
        try:
            dataset = known.open(files)
            for video in checked(dataset, problems):
                videos += 1
                masklets += len(video.tracks)
                masks += sum(len(track.masks) for track in video.tracks)
                on_video(videos, len(dataset.videos))
        except DatasetInvalid as error:
            problems.include(error)
    return Report(known, videos, masklets, masks, problems.sentences, problems.count)


def _format(tree: Tree, name: str | None) -> Format:
    if name is None:
        return recognise(tree)
    if name not in FORMATS:
        raise DatasetInvalid(f"There is no format {name}. There are: {', '.join(FORMATS)}.")
    return FORMATS[name]
