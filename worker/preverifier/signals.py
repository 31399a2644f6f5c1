"""What the pre-verifier looks at: numbers about each mask of a masklet, and about the masklet as a whole.

Pure numpy on masks that were brought to a small size; no storage, no model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from engine.mask_quality import EMPTY, SHOWN, signals as scores_and_shape
from vos import rle
from vos.rle import MaskFrame

SIDE = 192  #: pixels of the longer side that masks and frames are brought to
NEAR = 2  #: frames on either side that a mask is compared with
EDGE_MARGIN = 8  #: pixels around a mask in which its edge is looked for
FEW = 4.0  #: pixels that more or less are no change

Array = np.ndarray

#: Names of the columns of `frame_signals`, in order. Missing is NaN: no second opinion, no frames, nothing shown.
FRAME_SIGNALS: tuple[str, ...] = (
    *SHOWN,
    *EMPTY,
    "prompted",  # 1 where a person told this frame's mask
    "jump",  # of the centre, from between its neighbours, in object sizes
    "resized",  # log of its area by the usual one nearby
    "reshaped",  # 1 - IoU with the mask before and after, laid on each other
    "alone",  # 1 where it is shown and those nearby are not, or the other way round
    "in_pieces",  # share of the area outside the largest piece
    "pierced",  # share of holes
    "on_others",  # share of the area that lies on other objects' masks
    "is_other",  # IoU with another object's mask
    "blurred_edge",  # 1 - change of colour along its edge, by that on the way across
    "recoloured",  # distance of its colour from that of the prompted masks
    "disagrees",  # 1 - IoU with another run's mask
    "other_unsure",  # 1 - predicted IoU of another run's mask
    "only_here",  # 1 where it is shown and another run says that there is nothing, -1 the other way round
    "extra",  # share of the mask that another run leaves out
    "missed",  # share of another run's mask that is left out
)


@dataclass(frozen=True)
class Look:
    """What is known of a submitted masklet. `frames` by frame_idx, all of one `size` ([height, width]); `others` are
    other objects' masks, `again` another run's, both by frame_idx; `pixels` uint8 [h, w, 3] RGB frames, `shrunk`."""

    size: Sequence[int]
    frames: Mapping[int, MaskFrame]
    prompted: Collection[int]
    others: Sequence[Mapping[int, str]] = ()
    again: Mapping[int, MaskFrame] = field(default_factory=dict)
    pixels: Mapping[int, Array] = field(default_factory=dict)

    @property
    def idx(self) -> list[int]:
        return sorted(self.frames)


def frame_signals(look: Look) -> Array:
    """[T, FRAME_SIGNALS] float64, NaN where nothing can be said."""
    idx = look.idx
    given = np.isin(idx, list(look.prompted))
    masks = np.stack([small(look.frames[i]["counts"], look.size) for i in idx])
    table = scores_and_shape(
        [look.frames[i] for i in idx], idx=np.array(idx), is_prompted=given, size=look.size
    )
    columns = [
        given.astype(float),
        *_through_time(masks),
        *_form(masks),
        *_others(look, masks),
        *_colours(look, masks, given),
        *_second_opinion(look, masks),
    ]
    return np.column_stack([table, *columns])


def small(counts: str, size: Sequence[int]) -> Array:
    """Bool [h, w], its longer side no more than SIDE."""
    return shrunk(rle.decode({"size": list(size), "counts": counts}), size)


def shrunk(pixels: Array, size: Sequence[int]) -> Array:
    """Every n-th pixel of [H, W, ...], so that the longer side is no more than SIDE; a copy of its own."""
    step = max(1, -(-max(size) // SIDE))
    return pixels[step // 2 :: step, step // 2 :: step].copy()


def _through_time(masks: Array) -> list[Array]:
    area = masks.sum((1, 2)).astype(float)
    shown = area > 0
    centre = _centres(masks)
    count = len(masks)
    jump, reshaped = np.full(count, np.nan), np.full(count, np.nan)
    resized, alone = np.full(count, np.nan), np.zeros(count)
    for i in range(count):
        near = [j for j in range(max(0, i - NEAR), min(count, i + NEAR + 1)) if j != i]
        alone[i] = abs(shown[i] - shown[near].mean()) if near else 0.0
        beside = [j for j in (i - 1, i + 1) if 0 <= j < count and shown[j]]
        if not shown[i] or not beside:
            continue
        length = np.sqrt(area[i]) + 1
        jump[i] = min(3.0, float(np.linalg.norm(centre[i] - centre[beside].mean(0)) / length))
        usual = np.median(area[[j for j in near if shown[j]]])
        resized[i] = np.clip(np.log((area[i] + FEW) / (usual + FEW)), -2, 2)
        reshaped[i] = max(1 - _laid_on(masks[i], centre[i], masks[j], centre[j]) for j in beside)
    return [jump, resized, reshaped, alone]


def _centres(masks: Array) -> Array:
    """[T, 2] as (y, x), NaN where nothing is shown."""
    found = np.full((len(masks), 2), np.nan)
    for i, mask in enumerate(masks):
        if mask.any():
            found[i] = np.argwhere(mask).mean(0)
    return found


def _laid_on(one: Array, at: Array, other: Array, to: Array) -> float:
    """IoU when `other` is moved so that its centre is `one`'s."""
    rows, columns = np.nonzero(other)
    down, right = np.round(at - to).astype(int)
    rows, columns = rows + down, columns + right
    inside = (rows >= 0) & (rows < one.shape[0]) & (columns >= 0) & (columns < one.shape[1])
    both = one[rows[inside], columns[inside]].sum()
    return float(both / (one.sum() + inside.sum() - both))


def _form(masks: Array) -> list[Array]:
    pieces, holes = np.full(len(masks), np.nan), np.full(len(masks), np.nan)
    for i, mask in enumerate(masks):
        area = int(mask.sum())
        if not area:
            continue
        cut = mask[_around(mask, 0)]
        labels, _ = ndimage.label(cut)
        pieces[i] = 1 - np.bincount(labels.ravel())[1:].max() / area
        holes[i] = (ndimage.binary_fill_holes(cut).sum() - area) / area
    return [pieces, holes]


def _around(mask: Array, margin: int) -> tuple[slice, slice]:
    """The box of a mask that shows something, and so many pixels more."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    first, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    return slice(first, rows[-1] + 1 + margin), slice(left, columns[-1] + 1 + margin)


def _others(look: Look, masks: Array) -> list[Array]:
    inside, same = np.zeros(len(masks)), np.zeros(len(masks))
    for i, idx in enumerate(look.idx):
        area = masks[i].sum()
        for other in look.others if area else ():
            if idx in other:
                there = small(other[idx], look.size)
                inside[i] = max(inside[i], (masks[i] & there).sum() / area)
                same[i] = max(same[i], _iou(masks[i], there))
    return [inside, same]


def _colours(look: Look, masks: Array, given: Array) -> list[Array]:
    edge, means = np.full(len(masks), np.nan), np.full((len(masks), 3), np.nan)
    for i, idx in enumerate(look.idx):
        if idx in look.pixels and masks[i].any():
            picture = look.pixels[idx].astype(float)
            means[i] = picture[masks[i]].mean(0)
            box = _around(masks[i], EDGE_MARGIN)
            edge[i] = _blurred_edge(picture[box], masks[i][box])
    known = ~np.isnan(means[:, 0])
    like = known & given if (known & given).any() else known
    usual = np.median(means[like], axis=0) if like.any() else np.full(3, np.nan)
    return [edge, np.linalg.norm(means - usual, axis=1) / 255]


def _blurred_edge(picture: Array, mask: Array) -> float:
    """1 - the change of colour at the mask's edge, by the largest nearby: 0 on an edge that is one, 1 far off it."""
    grey = ndimage.gaussian_filter(picture.mean(2), 0.7)
    slope = np.hypot(ndimage.sobel(grey, 0), ndimage.sobel(grey, 1))
    rim = mask ^ ndimage.binary_erosion(mask, border_value=1)  # where it leaves the frame is no edge
    if not rim.any():
        return float("nan")
    nearby = ndimage.maximum_filter(slope, 7)[rim].mean()
    return float(1 - ndimage.maximum_filter(slope, 3)[rim].mean() / (nearby + 1))


def _second_opinion(look: Look, masks: Array) -> list[Array]:
    columns = [np.full(len(masks), np.nan) for _ in range(5)]
    disagrees, unsure, only, extra, missed = columns
    for i, idx in enumerate(look.idx):
        other = look.again.get(idx)
        if other is None:
            continue
        there = small(other["counts"], look.size)
        both = (masks[i] & there).sum()
        disagrees[i] = 1 - _iou(masks[i], there)
        unsure[i] = 1 - other["predicted_iou"] if there.any() else 0.0
        only[i] = float(masks[i].any()) - float(there.any())
        extra[i] = 1 - both / masks[i].sum() if masks[i].any() else 0.0
        missed[i] = 1 - both / there.sum() if there.any() else 0.0
    return columns


def _iou(one: Array, other: Array) -> float:
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 1.0


# --- Of the masklet as a whole ---------------------------------------------------------------

#: Names of `masklet_signals`, in order.
MASKLET_SIGNALS: tuple[str, ...] = (
    "worst",  # log-odds that the likeliest wrong mask is wrong
    "worst_few",  # mean chance of the three likeliest
    "expected",  # mean chance
    "any",  # log-odds that any is wrong, were they independent
    "doubted",  # share of masks with a chance above a half
    "disagreement",  # mean of `disagrees`
    "worst_disagreement",
    "least_sure",  # largest of 1 - predicted IoU
    "off_edges",  # mean of `blurred_edge`
    "edited",  # log of 1 + the frames that people prompted
    "length",  # log of the frames
)


def masklet_signals(table: Array, chance: Array) -> Array:
    """[MASKLET_SIGNALS], finite, from `frame_signals` and each mask's chance [T] of being wrong."""
    column = {name: table[:, i] for i, name in enumerate(FRAME_SIGNALS)}
    chance = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.array(
        [
            log_odds(chance.max()),
            np.sort(chance)[-3:].mean(),
            chance.mean(),
            log_odds(np.clip(1 - np.exp(np.log1p(-chance).sum()), 1e-4, 1 - 1e-4)),
            (chance > 0.5).mean(),
            _mean(column["disagrees"]),
            _largest(column["disagrees"]),
            _largest(column["low_predicted_iou"]),
            _mean(column["blurred_edge"]),
            np.log1p(np.nansum(column["prompted"])),
            np.log(len(chance)),
        ]
    )


def log_odds(chance: Array | float) -> Array:
    return np.log(chance / (1 - np.asarray(chance)))


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _largest(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.max()) if len(known) else 0.0
