"""Non-maximum suppression: of masks that are alike, the best stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from pycocotools import mask as coco
from rlemasklib import RLEMask
from torch import Tensor

T = TypeVar("T")


def greedy(alike: np.ndarray) -> list[int]:
    """Of things best first, those that are like no better one that stayed; `alike` bool [n, n]."""
    kept: list[int] = []
    for row in range(len(alike)):
        if not alike[row, kept].any():
            kept.append(row)
    return kept


def suppressed(masks: Tensor, scores: Tensor, *, alike: float, inside: float) -> Tensor:
    """Of masks bool [n, h, w] with scores [n] the indices that are left, best first, by the rule of `kept_of`."""
    order = scores.argsort(descending=True, stable=True)
    flat = masks[order].flatten(1).float()
    shared, areas = flat @ flat.T, flat.sum(1)
    joined, smaller = areas[:, None] + areas - shared, torch.minimum(areas[:, None], areas)
    same = (shared >= alike * joined) | (shared >= inside * smaller)
    return order[greedy(same.cpu().numpy())]


def kept_of(things: Sequence[T], masks: Sequence[RLEMask], *, alike: float, inside: float) -> list[T]:
    """Of things best first, each with its mask, those that are not `alike` a better one (IoU, at least) and do not lie
    `inside` a better one (share of the smaller area), nor a better one inside them. Only where boxes touch are masks
    compared."""
    if not things:
        return []
    boxes = np.stack([mask.bbox() for mask in masks]).astype(np.float64)
    near = coco.iou(boxes, boxes, [0] * len(boxes)) > 0
    areas = np.array([mask.area() for mask in masks])
    same = np.zeros(near.shape, dtype=bool)
    for one, other in np.argwhere(np.triu(near, 1)):
        shared = (masks[one] & masks[other]).area()
        union = areas[one] + areas[other] - shared
        same[one, other] = shared >= alike * union or shared >= inside * min(areas[one], areas[other])
    return [things[row] for row in greedy(same | same.T)]


def matching(mask: RLEMask, others: Sequence[RLEMask]) -> float:
    """The greatest IoU of a mask with one of the others, 0 for none."""
    return float(np.max(RLEMask.iou_matrix([mask], others))) if others else 0.0
