"""How good automatic masklets are, against exact masks.

J over the clip is the mean IoU over the frames on which the object or the masklet is there: frames on which neither is
do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from rlemasklib import RLEMask

from benchmarks.auto.footage import LabelledClip
from vos.owta import Owta, owta
from worker.sam2.automatic import Fate, Track
from worker.sam2.filters import Masks, iou_over_time

FOUND, RIGHT = 0.5, 0.75  # J of a found object, of a right masklet
DOUBLE = 0.5  # IoU over time of one made twice
JUDGED_WRONGLY = 0.02  # of the verdicts of a simulated reviewer
BLUR = 0.03  # standard deviation of the J that they see
SATISFACTORY = RIGHT + BLUR  # J, as they see it, of what they accept


@dataclass(frozen=True)
class Generated:
    """A clip's tracks as RLEs, and J of each with each object [tracks, objects]."""

    footage: LabelledClip
    tracks: Sequence[Track]
    masks: list[Masks] = field(init=False)
    j: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        size = list(self.footage.frames.shape[1:3])
        masks = [
            {
                idx: RLEMask.from_dict({"size": size, "counts": mask["counts"]})
                for idx, mask in track.masks.items()
            }
            for track in self.tracks
        ]
        j = [[j_over_clip(found, truth) for truth in self.footage.tracks] for found in masks]
        object.__setattr__(self, "masks", masks)
        object.__setattr__(self, "j", np.reshape(j, (len(masks), len(self.footage.tracks))))

    @property
    def passed(self) -> list[int]:
        return [row for row, track in enumerate(self.tracks) if track.fate == Fate.PASSED]


def j_over_clip(found: Masks, truth: Mapping[int, RLEMask]) -> float:
    """Mean IoU over the frames on which either is there; a frame that was not followed is an empty mask."""
    ious = []
    for idx, true in truth.items():
        mask = found.get(idx)
        if true.any() or (mask is not None and mask.any()):
            ious.append(mask.iou(true) if mask is not None and mask.any() else 0.0)
    return float(np.mean(ious)) if ious else 0.0


def satisfactory(rng: np.random.Generator, j: float) -> bool:
    """A simulated verdict: J as a person sees it, against what is right, and now and then a slip of the finger."""
    verdict = j + rng.normal(0, BLUR) >= SATISFACTORY
    return bool(verdict != (rng.random() < JUDGED_WRONGLY))


def quality(clips: Sequence[Generated]) -> dict[str, float | int | None]:
    """The figures over all clips; None where nothing can be counted."""
    rng = np.random.default_rng(0)
    early, late, right, accepted = [], [], [], []
    twice = 0
    for clip in clips:
        best = clip.j[clip.passed].max(0, initial=0.0)
        early += [best[row] >= FOUND for row in clip.footage.early]
        late += [best[row] >= FOUND for row in clip.footage.late]
        js = clip.j[clip.passed].max(1, initial=0.0)
        right += [j >= RIGHT for j in js]
        verdicts = [satisfactory(rng, j) for j in js]
        accepted += [j >= RIGHT for j, good in zip(js, verdicts, strict=True) if good]
        kept = [row for row, good in zip(clip.passed, verdicts, strict=True) if good]
        twice += sum(iou_over_time(clip.masks[a], clip.masks[b]) >= DOUBLE for a, b in combinations(kept, 2))
    return {
        "recall": _share(early),
        "recall_late": _share(late),
        "precision": _share(right),
        "precision_verified": _share(accepted),
        "owta": round(_owta(clips, passed=True).owta, 4),
        "owta_unfiltered": round(_owta(clips, passed=False).owta, 4),
        "duplicates": twice,
        "objects_early": len(early),
        "objects_late": len(late),
        "candidates": sum(len(clip.tracks) for clip in clips),
        "passed": len(right),
    }


def fates(clips: Sequence[Generated]) -> dict[str, int]:
    """How many candidates fell through which filter."""
    return dict(Counter(str(track.fate) for clip in clips for track in clip.tracks).most_common())


def _owta(clips: Sequence[Generated], *, passed: bool) -> Owta:
    return owta(
        (
            clip.footage.tracks,
            [clip.masks[row] for row in (clip.passed if passed else range(len(clip.masks)))],
        )
        for clip in clips
    )


def _share(values: Sequence[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
