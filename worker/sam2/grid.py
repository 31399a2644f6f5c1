"""Seeds from grids of points, as in SAM's automatic mask generator: image features once, points in batches.

Masks are compared where the decoder drew them, a quarter of the input's size, and only those that are left are brought
to the frame's size: of a thousand points a few dozen masks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from rlemasklib import RLEMask
from torch import Tensor

from worker.sam2 import image
from worker.sam2.features import FrameFeatures, encode_frames
from worker.sam2.image import Frame
from worker.sam2.seeds import Seed, Source
from worker.sam2.step import POSITIVE, Prompts, StepOutput, stability, step
from worker.sam2.suppression import kept_of, suppressed
from worker.sam2.tracker import FrameSource, Track, Tracker

EDGE = 2  # pixels of the decoder's mask within which it is cut off by the rim of a crop


@dataclass(frozen=True)
class Grid:
    """points × points of them on each of crops × crops parts of the frame."""

    points: int
    crops: int = 1


#: SAM 2 paper, appendix D.1.
PAPER = (Grid(32), Grid(16, 2), Grid(4, 4))


@dataclass(frozen=True)
class SeedSettings:
    """What a seed must be. Ratios and scores are 0..1.

    grids             on the first frame
    late_grids        on later ones, over what nothing covers
    overlap           of a crop with the next one, as a share of its side
    points_at_a_time  decoded in one batch
    predicted_iou     at least
    stability         at least
    score             the product of the two, at least
    least_area        in pixels of the frame, and as a share of it
    largest_area      as a share of the frame
    alike             IoU from which the better of two masks stays
    inside            share of the smaller of two masks from which one is a part of the other, and the better stays
    """

    grids: tuple[Grid, ...] = (Grid(16),)
    late_grids: tuple[Grid, ...] = (Grid(16),)
    overlap: float = 512 / 1500
    points_at_a_time: int = 64
    predicted_iou: float = 0.65
    stability: float = 0.68
    score: float = 0.55
    least_area: int = 64
    largest_area: float = 0.5
    alike: float = 0.7
    inside: float = 0.9


@dataclass(frozen=True)
class Crop:
    """A part of a frame, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def points(self, per_side: int) -> np.ndarray:
        """(x, y) of the middles of per_side × per_side equal cells: float [n, 2]."""
        xs = self.left + (np.arange(per_side) + 0.5) * self.width / per_side
        ys = self.top + (np.arange(per_side) + 0.5) * self.height / per_side
        return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)


def crops_of(size: tuple[int, int], per_side: int, overlap: float) -> list[Crop]:
    """per_side × per_side parts of a frame (height, width), each reaching `overlap` of its side into the next."""

    def spans(length: int) -> list[tuple[int, int]]:
        side = min(length, round(length / (per_side - (per_side - 1) * overlap)))
        return [(round(start), side) for start in np.linspace(0, length - side, per_side)]

    rows, columns = spans(size[0]), spans(size[1])
    return [Crop(left, top, width, height) for top, height in rows for left, width in columns]


def grid_seeds(
    tracker: Tracker,
    frames: FrameSource,
    frame_idx: int,
    grids: Iterable[Grid],
    settings: SeedSettings,
    *,
    source: Source = "grid",
    explained: RLEMask | None = None,
) -> list[Seed]:
    """Seeds of one frame, best first, none like another; points on what is `explained` are not asked."""
    frame = frames[frame_idx]
    size = frame.shape[0], frame.shape[1]
    taken = None if explained is None else explained.to_array().astype(bool)
    found: list[Seed] = []
    for grid in grids:
        for crop in crops_of(size, grid.crops, settings.overlap):
            points = crop.points(grid.points)
            if taken is not None:
                points = points[~taken[points[:, 1].astype(int), points[:, 0].astype(int)]]
            if len(points):
                asked = _Asked(tracker, frame, crop, settings)
                features = None if grid.crops > 1 else Track(tracker, frames).features(frame_idx)
                found += asked.seeds(points, features, replace(_NOTHING, frame_idx=frame_idx, source=source))
    return distinct(found, settings)


def distinct(seeds: Sequence[Seed], settings: SeedSettings) -> list[Seed]:
    """Seeds of one frame without those that are like a better one, or a part of one."""
    order = sorted(seeds, key=lambda seed: -seed.score)
    return kept_of(order, [seed.mask for seed in order], alike=settings.alike, inside=settings.inside)


_NOTHING = Seed(0, "grid", RLEMask.zeros((1, 1)), 0.0, 0.0, 0.0)


class _Asked:
    """Points that are asked of one crop."""

    def __init__(self, tracker: Tracker, frame: Frame, crop: Crop, settings: SeedSettings) -> None:
        self.tracker, self.crop, self.settings = tracker, crop, settings
        self.frame = frame
        self.size = frame.shape[0], frame.shape[1]
        self.side = tracker.checkpoint.image_size

    def seeds(self, points: np.ndarray, features: FrameFeatures | None, like: Seed) -> list[Seed]:
        """What the points [n, 2] find, as `like` but for what the masks say."""
        drawn = _Drawn.joined(list(self._drawn(points, self._features() if features is None else features)))
        if drawn is None:
            return []
        rules = self.settings
        drawn = drawn[suppressed(drawn.logits > 0, drawn.scores, alike=rules.alike, inside=rules.inside)]
        crop = self.crop
        masks = image.masks_from_logits(drawn.logits, (crop.height, crop.width))
        least = max(1, round(image.SMALL_REGION_AREA * np.prod(self.size) / image.SMALL_REGION_FRAME_AREA))
        found = []
        for row, mask in enumerate(masks):
            tidy = RLEMask.from_array(mask).fill_small_holes(least, connectivity=8)
            whole = self._on_frame(tidy.remove_small_components(least, connectivity=8))
            if self._fits(whole):
                place = points[int(drawn.asked[row])]
                found.append(
                    replace(
                        like,
                        mask=whole,
                        point=(float(place[0]), float(place[1])),
                        predicted_iou=min(1.0, float(drawn.ious[row])),
                        object_score=float(drawn.object_scores[row]),
                        stability=float(drawn.stabilities[row]),
                    )
                )
        return found

    @torch.inference_mode()
    def _features(self) -> FrameFeatures:
        crop, checkpoint = self.crop, self.tracker.checkpoint
        part = self.frame[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
        pixels = image.preprocess(part, self.side, checkpoint.device)
        return encode_frames(checkpoint.model, pixels[None])

    @torch.inference_mode()
    def _drawn(self, points: np.ndarray, features: FrameFeatures) -> Iterator[_Drawn]:
        """The masks of some points at a time that are sure and stable, and not cut off by the crop."""
        model, device = self.tracker.checkpoint.model, self.tracker.checkpoint.device
        scale = np.array([self.side / self.crop.width, self.side / self.crop.height])
        inner = (points - [self.crop.left, self.crop.top]) * scale
        for first in range(0, len(points), self.settings.points_at_a_time):
            some = torch.as_tensor(inner[first : first + self.settings.points_at_a_time], device=device)
            told = Prompts(some.float()[:, None], torch.full((len(some), 1), POSITIVE, device=device).int())
            output = step(model, features, None, told, multimask=True, remember=False)
            yield self._good(output, first)

    def _good(self, output: StepOutput, first: int) -> _Drawn:
        settings = self.settings
        per_point = output.candidates.shape[1]
        logits, ious = output.candidates.flatten(0, 1), output.ious.flatten()
        objects = output.object_score.repeat_interleave(per_point)
        asked = torch.arange(len(output.ious), device=ious.device).repeat_interleave(per_point) + first
        drawn = _Drawn(logits, ious.float(), objects.float(), asked, torch.zeros_like(ious.float()))
        drawn = drawn[(ious >= settings.predicted_iou) & (objects > 0)]
        drawn = replace(drawn, stabilities=stability(drawn.logits).float())
        areas = (drawn.logits > 0).flatten(1).float().mean(1)
        sure = (drawn.stabilities >= settings.stability) & (drawn.scores >= settings.score)
        return drawn[sure & (areas > 0) & ~self._cut_off(drawn.logits)]

    def _cut_off(self, logits: Tensor) -> Tensor:
        """Which masks [n, h, w] reach a rim of the crop that is none of the frame."""
        crop, shown = self.crop, logits > 0
        cut = torch.zeros(len(logits), dtype=torch.bool, device=logits.device)
        rims = (
            (crop.top > 0, shown[:, :EDGE]),
            (crop.top + crop.height < self.size[0], shown[:, -EDGE:]),
            (crop.left > 0, shown[:, :, :EDGE]),
            (crop.left + crop.width < self.size[1], shown[:, :, -EDGE:]),
        )
        for within, rim in rims:
            if within:
                cut |= rim.flatten(1).any(1)
        return cut

    def _on_frame(self, mask: RLEMask) -> RLEMask:
        crop, (height, width) = self.crop, self.size
        below, right = height - crop.top - crop.height, width - crop.left - crop.width
        return mask.pad(crop.top, below, crop.left, right)

    def _fits(self, mask: RLEMask) -> bool:
        area = mask.area()
        return self.settings.least_area <= area <= self.settings.largest_area * np.prod(self.size)


@dataclass(frozen=True)
class _Drawn:
    """Masks as the decoder drew them: logits [n, h, w], and [n] of each: what the model thinks, which point asked."""

    logits: Tensor
    ious: Tensor
    object_scores: Tensor
    asked: Tensor
    stabilities: Tensor

    @property
    def scores(self) -> Tensor:
        return self.ious * self.stabilities

    def __getitem__(self, rows: Tensor) -> _Drawn:
        return _Drawn(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence[_Drawn]) -> _Drawn | None:
        """One after the other; None for no mask at all."""
        if not sum(len(part.ious) for part in parts):
            return None
        return cls(*(torch.cat([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))
