"""Footage from datasets on disk, read when it is asked for: SA-V's own files, and DAVIS style folders.

A frame of a masklet is annotated (visible or absent) or not annotated, which is not the same: what nobody looked
at is never taught as absent. A file that cannot be used is refused with a `FootageError` that names it; no other
one is taken in its place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from vos import rle
from vos.dataset import DatasetInvalid, VideoItem
from vos.formats import sav
from vos.formats.files import Folder as DiskFolder, Problems, Tree
from vos.formats.format import check
from worker.render.clips import Clip

NOT_ANNOTATED = -1
LEAVING = (
    3.0  #: how much rather a start is drawn from which an object leaves: its score learns from nothing else
)
MOST_OBJECTS = 6  #: in one training clip; the trainer takes some of them
SCORED_TOGETHER = 3  #: objects in one clip for evaluation, so that a crowd does not fill the memory
CLEAR = 0.002  #: share of the frame that an object has at the start of a clip, where there are any so large
JPEGS = {".jpg", ".jpeg"}

Stretch = tuple[str, range, list[int]]  #: a video's name, annotated frames of it, objects


class FootageError(ValueError):
    """A file of the dataset is missing, damaged or contradicts another; the sentence says which and how."""


class Video(ABC):
    """One annotated video. `areas` [T, N] are pixels by annotated frame and object, -1 where not annotated."""

    name: str
    areas: np.ndarray
    pixels: int  #: of a frame

    @abstractmethod
    def frames(self, steps: Sequence[int]) -> list[np.ndarray]:
        """uint8 [H, W, 3] of annotated frames, in the order asked for, in which none is named twice."""

    @abstractmethod
    def masks(self, step: int, objects: Sequence[int]) -> list[np.ndarray]:
        """bool [H, W] of each of `objects` on an annotated frame."""

    def clip(self, steps: Sequence[int], objects: Sequence[int]) -> Clip:
        different = sorted(set(steps))
        pictures = dict(zip(different, self.frames(different), strict=True))
        masks = {step: np.stack(self.masks(step, objects)) for step in different}
        for step in different:
            if pictures[step].shape[:2] != masks[step].shape[1:]:
                raise FootageError(
                    f"{self.name}: annotated frame {step} is {pictures[step].shape[:2]} (height, width), "
                    f"but its mask is {masks[step].shape[1:]}."
                )
        return Clip(np.stack([pictures[s] for s in steps]), np.stack([masks[s] for s in steps]))


class Folder(ABC):
    """The videos of a dataset, as a trainer and an evaluation take them."""

    def __init__(self, path: str | Path, *, weights: Mapping[str, float] | None = None) -> None:
        """`weights` say how much rather than others a video is drawn; one without a weight counts 1."""
        self.path = Path(path)
        if not self.path.is_dir():
            raise FootageError(f"There is no folder {self.path}.")
        self.names = self.find()
        if not self.names:
            raise FootageError(f"{self.path} holds no annotated video in this format.")
        self._open = lru_cache(maxsize=16)(self.open)
        odds = np.array([(weights or {}).get(name, 1.0) for name in self.names])
        self.odds = odds / odds.sum()

    @abstractmethod
    def find(self) -> list[str]:
        """The names of the annotated videos, sorted."""

    @abstractmethod
    def open(self, name: str) -> Video:
        """Read what is annotated; frames and masks come later."""

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        """`frames` annotated frames in a row of a video drawn by chance; each object is visible on the first.

        An annotation that is shorter is played forth and back.
        """
        video = self._video(self.names[int(rng.choice(len(self.names), p=self.odds))])
        shown = _clearly_shown(video)
        lasting = _lasting(video.areas)
        reach = min(frames, int(lasting[shown].max()))
        starts = shown & (lasting >= reach)
        places = np.flatnonzero(starts.any(axis=1))
        leaves = _leaving(video.areas, starts, reach)[places]
        odds = np.where(leaves, LEAVING, 1.0)
        start = int(rng.choice(places, p=odds / odds.sum()))
        objects = np.flatnonzero(starts[start])
        if len(objects) > MOST_OBJECTS:
            objects = np.sort(rng.choice(objects, MOST_OBJECTS, replace=False))
        return video.clip([start + i for i in _forth_and_back(reach, frames)], objects.tolist())

    def clips(self, *, longest: int | None = None, most: int | None = None) -> Iterator[Clip]:
        """What `stretches` names, one at a time."""
        for name, steps, objects in self.stretches(longest=longest)[:most]:
            yield self._video(name).clip(steps, objects)

    def stretches(self, *, longest: int | None = None) -> list[Stretch]:
        """Every object of every video once, from its first visible frame to its last annotated one in a row.

        At most `longest` frames of it. What is annotated on fewer than three frames in a row cannot be scored
        (the first and the last do not count) and is left out.
        """
        found: list[Stretch] = []
        for name in self.names:
            areas = self._video(name).areas
            lasting, groups = _lasting(areas), defaultdict(list)
            for number, first in enumerate((areas > 0).argmax(axis=0).tolist()):
                if areas[first, number] > 0:
                    length = min(int(lasting[first, number]), longest or len(areas))
                    groups[range(first, first + length)].append(number)
            for steps, numbers in groups.items():
                parts = range(0, len(numbers) if len(steps) >= 3 else 0, SCORED_TOGETHER)
                found += [(name, steps, numbers[part : part + SCORED_TOGETHER]) for part in parts]
        return found

    def _video(self, name: str) -> Video:
        video = self._open(name)
        if not (video.areas > 0).any():
            raise FootageError(f"{name}: no frame shows an object. Take this video out of {self.path}.")
        return video


class SavFolder(Folder):
    """SA-V's training files, flat or in folders: `{id}_manual.json` and `{id}_auto.json` (COCO RLE by annotated
    frame and object), and beside them a folder `{id}` of JPEG frames named by their number.

    Annotated frame j is video frame `every` * j. A mask that is null is not annotated; one of zeros is absent. An mp4
    is not opened here: decoding is walled off in `python -m worker.decode`, which lays the frames out.
    """

    def __init__(
        self, path: str | Path, *, every: int = sav.EVERY, weights: Mapping[str, float] | None = None
    ) -> None:
        self.every = every
        super().__init__(path, weights=weights)

    def find(self) -> list[str]:
        with _saying():
            self._tree = Tree(DiskFolder(self.path))
            return sav.find(self._tree)

    def open(self, name: str) -> Video:
        with _saying():
            item = sav.read(self._tree, name, every=self.every)
            problems = Problems()
            check(item, problems)
            problems.refuse()
        return SavVideo(self.path / name, item)


class SavVideo(Video):
    def __init__(self, path: Path, item: VideoItem) -> None:
        self.name, self._every, self._pictures = str(path), item.annotate_every, path
        self._masks = [track.masks for track in item.tracks]
        self.pixels = item.width * item.height
        self.areas = np.full((len(item.steps), len(item.tracks)), NOT_ANNOTATED, np.int64)
        for number, masks in enumerate(self._masks):
            self.areas[list(masks), number] = rle.areas(list(masks.values()))
        if not path.is_dir():
            raise FootageError(
                f"{path}: there is no folder {path.name} of JPEG frames. Where the video is an mp4, "
                f"`python -m worker.decode {path.parent}` lays its frames out."
            )

    def frames(self, steps: Sequence[int]) -> list[np.ndarray]:
        numbers = [self._every * step for step in steps]
        by_number = _by_number(self._pictures, JPEGS)
        missing = [number for number in numbers if number not in by_number]
        if missing:
            raise FootageError(
                f"{self._pictures} has no frame {missing[0]}, which is annotated frame "
                f"{missing[0] // self._every} (every {self._every}th frame is)."
            )
        return [_picture(by_number[number]) for number in numbers]

    def masks(self, step: int, objects: Sequence[int]) -> list[np.ndarray]:
        return [rle.decode(self._masks[number][step]) for number in objects]


class DavisFolder(Folder):
    """`JPEGImages/{video}/*.jpg` and `Annotations/{video}/*.png`, or SA-V's `JPEGImages_24fps` and `Annotations_6fps`.

    A PNG holds object numbers (palette; 255 is nobody's), or lies in a folder of its object and is black where
    the object is not. A frame without a PNG is not annotated.
    """

    IMAGES = ("JPEGImages_24fps", "JPEGImages/480p", "JPEGImages/Full-Resolution", "JPEGImages")
    ANNOTATIONS = ("Annotations_6fps", "Annotations/480p", "Annotations/Full-Resolution", "Annotations")

    def find(self) -> list[str]:
        self._images, self._annotations = self._below(self.IMAGES), self._below(self.ANNOTATIONS)
        return sorted(folder.name for folder in self._annotations.iterdir() if folder.is_dir())

    def _below(self, names: Sequence[str]) -> Path:
        for name in names:
            if (self.path / name).is_dir():
                return self.path / name
        raise FootageError(f"{self.path} has no folder {names[-1]} (nor {', '.join(names[:-1])}).")

    def open(self, name: str) -> Video:
        annotations = self._annotations / name
        kind = DavisObjects if any(child.is_dir() for child in annotations.iterdir()) else DavisPalette
        return kind(self._images / name, annotations)


class DavisVideo(Video):
    """A folder of JPEG frames of which those in `numbers` are annotated."""

    def __init__(self, images: Path, numbers: Sequence[int]) -> None:
        self.name, self.numbers = str(images), numbers
        if not numbers:
            raise FootageError(f"The annotations of {images} hold no PNG.")
        if not images.is_dir():
            raise FootageError(f"There is no folder {images}, though its video is annotated.")
        self._images = _by_number(images, JPEGS)
        missing = [number for number in numbers if number not in self._images]
        if missing:
            raise FootageError(f"{images} has no frame {missing[0]}, though that frame is annotated.")

    def frames(self, steps: Sequence[int]) -> list[np.ndarray]:
        return [_picture(self._images[self.numbers[step]]) for step in steps]


class DavisPalette(DavisVideo):
    def __init__(self, images: Path, annotations: Path) -> None:
        self._files = _by_number(annotations, {".png"})
        numbers = sorted(self._files)
        super().__init__(images, numbers)
        self.pixels = self._ids(0).size
        counts = np.stack(
            [np.bincount(self._ids(step).ravel(), minlength=256) for step in range(len(numbers))]
        )
        self._objects = [number for number in np.flatnonzero(counts.any(axis=0)).tolist() if number]
        self.areas = counts[:, self._objects]

    def _ids(self, step: int) -> np.ndarray:
        file = self._files[self.numbers[step]]
        ids, palette = _index_png(file)
        return np.where(ids == 255, 0, ids) if palette else ids

    def masks(self, step: int, objects: Sequence[int]) -> list[np.ndarray]:
        ids = self._ids(step)
        return [ids == self._objects[number] for number in objects]


class DavisObjects(DavisVideo):
    def __init__(self, images: Path, annotations: Path) -> None:
        folders = sorted(child for child in annotations.iterdir() if child.is_dir())
        self._files = [_by_number(folder, {".png"}) for folder in folders]
        super().__init__(images, sorted(set().union(*self._files)))
        some = next(files for files in self._files if files)
        self.pixels = self._mask(some, min(some)).size
        self.areas = np.array([[self._area(files, n) for files in self._files] for n in self.numbers])

    def _area(self, files: dict[int, Path], number: int) -> int:
        return int(np.count_nonzero(self._mask(files, number))) if number in files else NOT_ANNOTATED

    @staticmethod
    def _mask(files: dict[int, Path], number: int) -> np.ndarray:
        return np.asarray(_index_png(files[number])[0] > 0)

    def masks(self, step: int, objects: Sequence[int]) -> list[np.ndarray]:
        return [self._mask(self._files[number], self.numbers[step]) for number in objects]


# --- Choosing ---


def _clearly_shown(video: Video) -> np.ndarray:
    """bool [T, N]: where an object is visible, and not as a few pixels only, if that leaves any."""
    clear = video.areas > CLEAR * video.pixels
    return np.asarray(clear if clear.any() else video.areas > 0)


def _lasting(areas: np.ndarray) -> np.ndarray:
    """int [T, N]: how many annotated frames there are in a row from this one on."""
    lasting = np.zeros(areas.shape, int)
    following = np.zeros(areas.shape[1], int)
    for step in reversed(range(len(areas))):
        following = lasting[step] = np.where(areas[step] == NOT_ANNOTATED, 0, following + 1)
    return lasting


def _leaving(areas: np.ndarray, starts: np.ndarray, reach: int) -> np.ndarray:
    """bool [T]: whether an object that is there on a frame is gone within the `reach` frames from it."""
    return np.array(
        [(starts[step] & (areas[step : step + reach] == 0).any(axis=0)).any() for step in range(len(areas))]
    )


def _forth_and_back(reach: int, frames: int) -> list[int]:
    """0, 1 … reach - 1, and back, until there are `frames`."""
    way = 2 * (reach - 1) or 1
    return [min(i % way, way - i % way) if reach > 1 else 0 for i in range(frames)]


# --- Reading ---


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """What a library says of a damaged file, as a sentence of ours."""
    try:
        yield
    except FootageError:
        raise
    except (OSError, ValueError, KeyError, TypeError, SyntaxError, Image.DecompressionBombError) as error:
        raise FootageError(f"{what}: {error}") from error


@contextmanager
def _saying() -> Iterator[None]:
    """What a reader of datasets refuses, as ours."""
    try:
        yield
    except DatasetInvalid as error:
        more = f" And {error.count - 1} more." if error.count > 1 else ""
        raise FootageError(error.problems[0] + more) from error


def _by_number(folder: Path, suffixes: set[str]) -> dict[int, Path]:
    """The folder's pictures by the number that their name is."""
    files = [file for file in folder.iterdir() if file.suffix.lower() in suffixes]
    with _refusing(f"{folder} holds a picture that is not named by its frame's number"):
        return {int(file.stem): file for file in files}


def _picture(file: Path) -> np.ndarray:
    with _refusing(f"{file} cannot be read as a picture"), Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def _index_png(file: Path) -> tuple[np.ndarray, bool]:
    """The PNG's numbers uint8 [H, W], and whether they are a palette's."""
    with _refusing(f"{file} cannot be read as a mask"), Image.open(file) as picture:
        if picture.mode not in {"P", "L", "1"}:
            raise FootageError(f"{file} is a {picture.mode} picture; a mask has one number a pixel.")
        return np.asarray(picture).astype(np.uint8), picture.mode == "P"
