"""What objects look like to the image encoder, to tell whether a track is still on its object or on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.sam2.features import FrameFeatures
from worker.sam2.image import Mask

REACH = 1  # places of the features that the ground around an object reaches


@dataclass(frozen=True)
class Looks:
    """Mean features of B objects, and of the ground around each: [B, C] of length 1, or 0 where there is nothing."""

    objects: Tensor
    grounds: Tensor


def looks_of(features: FrameFeatures, masks: Sequence[Mask]) -> Looks:
    """How objects with masks [H, W] look on a frame whose features are those of one frame."""
    shape = features.low.shape[-2:]
    shares = torch.stack([_shrunk(mask, shape) for mask in masks]).to(features.low.device)
    reached = F.max_pool2d((shares > 0).float()[:, None], 2 * REACH + 1, 1, REACH)[:, 0]
    grounds = reached * (1 - shares)
    pixels = features.low[0].float().flatten(1).T  # [h·w, C]
    return Looks(_mean(shares, pixels), _mean(grounds, pixels))


def estrangement(now: Looks, first: Looks) -> Tensor:
    """-2..2 for each of B objects: above 0 it looks more like the ground that was around it than like itself then."""
    return (now.objects * first.grounds).sum(1) - (now.objects * first.objects).sum(1)


def _shrunk(mask: Mask, shape: torch.Size) -> Tensor:
    there = torch.from_numpy(mask).float()[None, None]
    return F.adaptive_avg_pool2d(there, (shape[0], shape[1]))[0, 0]


def _mean(weights: Tensor, pixels: Tensor) -> Tensor:
    return F.normalize(weights.flatten(1) @ pixels, dim=1)
