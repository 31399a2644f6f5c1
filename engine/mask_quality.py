"""Mask quality: which masks of a masklet are likely wrong, told from the masks and the model's own scores alone.

A logistic regression on signals that cost no decoding. How it was fitted and what it is worth: docs/look-here.md.
Pure functions of numpy and pycocotools; no storage, no model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco

from vos.rle import MaskFrame

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

Reason = Literal[
    "low_predicted_iou",
    "unstable_edge",
    "size_changed",
    "shape_changed",
    "far_from_prompt",
    "object_lost",
    "object_back",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True)
class Doubt:
    """A stretch of masks that are likely wrong, and the one frame of it to look at."""

    frame_idx: int  #: the most doubtful one
    score: float  #: 0..1, the chance that its mask is wrong (IoU with the truth below 0.75)
    reason: Reason
    first_frame: int
    last_frame: int


class MaskQuality(NamedTuple):
    suggested_frames: list[Doubt]  #: those first that hold the most wrong masks, as far as can be told
    doubt: float  #: 0..1, the share of the masklet's masks that are expected to be wrong


class Signal(NamedTuple):
    weight: float
    usual: float  #: its mean where the mask is right; what lies beyond is a reason


# The fitted table, from `make bench-look-here FIT=1`. A mask speaks by SHOWN, an empty one by EMPTY.
BIAS = -6.35
SHOWN: dict[Reason, Signal] = {
    "low_predicted_iou": Signal(4.47, 0.21),  # 1 - predicted IoU
    "unstable_edge": Signal(8.71, 0.12),  # 1 - stability, at most 0.5
    "size_changed": Signal(0.97, 0.35),  # |log(area / area of the nearest prompted mask)|, at most 2
    "shape_changed": Signal(1.61, 0.12),  # |runs per column - those of the nearest prompted mask|, at most 1
    "far_from_prompt": Signal(0.58, 2.43),  # log(1 + frames to the nearest prompt, at most FAR)
}
EMPTY = {
    "empty": 4.04,  # 1
    "maybe_there": 5.61,  # sigmoid(object score)
    "left_frame": -1.01,  # 1 if the last mask on the way here touched the frame's border
    "gone": 0.22,  # log(1 + frames since that mask, at most FAR)
}
WRONG = 0.4  # a chance from which a mask is doubted
GAP = 2  # trusted masks that do not part a stretch
MOST = 50  # places that are kept; nobody looks at more
FAR = 48  # frames; nothing farther was seen when the table was fitted
BORDER = 0.01  # of the frame's shorter side
FEW_PIXELS = 20  # that more or less are no change of size

# pycocotools 2.0.11 under NumPy 2 counts with a byte, and a box has four numbers.
_AT_ONCE = 63
# Characters of a compressed RLE after which the number goes on: bit 5 is set.
_GOES_ON = bytes(48 + bits for bits in range(64) if bits & 0x20)


def mask_quality(
    frames: Mapping[int, MaskFrame], *, size: Sequence[int], prompted: Collection[int]
) -> MaskQuality:
    """Rank the places of a masklet that a person should look at. `size` is [height, width].

    `prompted` frames are right by definition: never doubted, and what the others are compared with.
    """
    if not frames:
        return MaskQuality([], 0.0)
    idx = np.array(sorted(frames))
    is_prompted = np.isin(idx, list(prompted))
    values = signals([frames[i] for i in idx.tolist()], idx=idx, is_prompted=is_prompted, size=size)
    weights = np.array([*(signal.weight for signal in SHOWN.values()), *EMPTY.values()])
    chance = np.where(is_prompted, 0.0, _sigmoid(BIAS + values @ weights))
    return MaskQuality(_doubts(idx, is_prompted, values, chance), round(float(chance.mean()), 4))


def signals(frames: Sequence[MaskFrame], *, idx: Indices, is_prompted: Flags, size: Sequence[int]) -> Floats:
    """[N, SHOWN + EMPTY] values, finite whatever the scores are, of frames numbered `idx` (ascending).

    `is_prompted` are the prompted ones; without any, the first frame takes their place.
    """
    area, box, runs = _measured(frames, size)
    shown = area > 0
    prompt = _nearest(idx, is_prompted)
    like = _nearest(idx, is_prompted & shown if (is_prompted & shown).any() else shown)
    seen = _last_shown(shown, later=idx < idx[prompt])
    per_column = runs / np.maximum(box[:, 2], 1)
    where_shown = [
        np.clip(1 - _scores(frames, "predicted_iou", unknown=1.0), 0, 1),
        np.clip(1 - _scores(frames, "stability", unknown=1.0), 0, 0.5),
        np.minimum(np.abs(np.log((area + FEW_PIXELS) / (area[like] + FEW_PIXELS))), 2),
        np.minimum(np.abs(per_column - per_column[like]), 1),
        _log_distance(idx, prompt),
    ]
    where_empty = [
        np.ones(len(idx)),
        _sigmoid(_scores(frames, "object_score", unknown=0.0)),
        np.where(seen < 0, 0.0, _touches(box, size)[seen]),
        _log_distance(idx, np.where(seen < 0, prompt, seen)),
    ]
    table = [np.where(shown, column, 0.0) for column in where_shown]
    table += [np.where(shown, 0.0, column) for column in where_empty]
    return np.stack(table, axis=1)


def _doubts(idx: Indices, is_prompted: Flags, values: Floats, chance: Floats) -> list[Doubt]:
    places = np.flatnonzero(chance >= WRONG)
    # A prompted frame parts a stretch, as trust does.
    parted = (np.diff(places) > GAP + 1) | (np.diff(np.cumsum(is_prompted)[places]) > 0)
    stretches = [s for s in np.split(places, np.flatnonzero(parted) + 1) if len(s)]
    stretches.sort(key=lambda stretch: -chance[stretch].sum())
    prompt = idx[_nearest(idx, is_prompted)]
    doubts: list[Doubt] = []
    for stretch in stretches[:MOST]:
        first, last = stretch[0], stretch[-1]
        worst = stretch[chance[stretch].argmax()]
        onward = abs(idx[first] - prompt[first]) <= abs(idx[last] - prompt[last])
        begin, before = (first, first - 1) if onward else (last, last + 1)
        came_back = 0 <= before < len(idx) and _empty(values[before]) and not _empty(values[begin])
        doubts.append(
            Doubt(
                frame_idx=int(idx[worst]),
                score=round(float(chance[worst]), 4),
                reason="object_back" if came_back else _reason(values[worst]),
                first_frame=int(idx[first]),
                last_frame=int(idx[last]),
            )
        )
    return doubts


def _reason(values: Floats) -> Reason:
    """What speaks most for the doubt, beyond the usual."""
    if _empty(values):
        return "object_lost"
    beyond = [
        signal.weight * (value - signal.usual) for signal, value in zip(SHOWN.values(), values, strict=False)
    ]
    return list(SHOWN)[int(np.argmax(beyond))]


def _empty(values: Floats) -> Flags:
    return np.asarray(values[..., len(SHOWN)] > 0)


def _scores(
    frames: Sequence[MaskFrame],
    name: Literal["predicted_iou", "object_score", "stability"],
    *,
    unknown: float,
) -> Floats:
    found = np.array([frame[name] for frame in frames], dtype=float)
    return np.asarray(np.nan_to_num(found, nan=unknown))


def _measured(frames: Sequence[MaskFrame], size: Sequence[int]) -> tuple[Floats, Floats, Floats]:
    """Area [N], box [N, 4] as (x, y, width, height), and half the number of RLE runs [N], which is the width
    of a mask that is one piece without dents and holes."""
    counts = [frame["counts"].encode() for frame in frames]
    rles = [{"size": list(size), "counts": text} for text in counts]
    parts = [rles[i : i + _AT_ONCE] for i in range(0, len(rles), _AT_ONCE)]
    area = np.concatenate([coco.area(part) for part in parts]).astype(float)
    box = np.concatenate([coco.toBbox(part) for part in parts])
    runs = np.array([len(text.translate(None, _GOES_ON)) / 2 for text in counts])
    return area, box, runs


def _nearest(idx: Indices, chosen: Flags) -> Indices:
    """For each frame the position of the nearest chosen one, of two the earlier; 0 where none is chosen."""
    places = np.flatnonzero(chosen)
    if not len(places):
        return np.zeros(len(idx), dtype=np.intp)
    after = np.searchsorted(places, np.arange(len(idx))).clip(max=len(places) - 1)
    before = (after - 1).clip(min=0)
    earlier = np.abs(idx - idx[places[before]]) <= np.abs(idx - idx[places[after]])
    return places[np.where(earlier, before, after)]


def _log_distance(idx: Indices, to: Indices) -> Floats:
    return np.asarray(np.log1p(np.minimum(np.abs(idx - idx[to]), FAR)))


def _last_shown(shown: Flags, *, later: Flags) -> Indices:
    """Position of the last mask on the way here from the prompt, which `later` frames have after them; -1 for
    none."""
    position, none = np.arange(len(shown)), len(shown)
    before = np.maximum.accumulate(np.where(shown, position, -1))
    after = np.minimum.accumulate(np.where(shown, position, none)[::-1])[::-1]
    return np.where(later, np.where(after == none, -1, after), before)


def _touches(box: Floats, size: Sequence[int]) -> Flags:
    height, width = size
    near = BORDER * min(height, width)
    x, y, w, h = box.T
    return np.asarray((x <= near) | (y <= near) | (x + w >= width - near) | (y + h >= height - near))


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -50, 50))))
