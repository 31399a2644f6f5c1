"""A simulated annotator: the prompts that a person would give, from the true mask.

Batches are torch tensors, masks bool [N, H, W], points float [N, P, 2] as (x, y) in pixels of the
mask, labels int [N, P] with the prompt encoder's meaning: 1 on the object, 0 off it, 2 and 3 the
corners of a box, NO_POINT none at all.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import distance_transform_edt
from torch import Tensor

NO_POINT = -10  #: the prompt encoder adds nothing for it
BOX_JITTER = 0.1  # of the box's side, at most 20 pixels (SAM 2's training)


@dataclass(frozen=True)
class Points:
    """points float [N, P, 2], labels int32 [N, P]."""

    points: Tensor
    labels: Tensor

    def __add__(self, other: "Points") -> "Points":
        """Both prompts, the other one's points after ours."""
        return Points(torch.cat([self.points, other.points], 1), torch.cat([self.labels, other.labels], 1))


def uniform_pixel(region: Tensor) -> Tensor:
    """One pixel [N, 2] as (x, y), uniform in each region bool [N, H, W]; (0, 0) if it is empty."""
    scores = torch.rand(region.shape, device=region.device) * region
    index = scores.flatten(1).argmax(1)
    return torch.stack([index % region.shape[2], index // region.shape[2]], 1).float()


def inner(masks: Tensor) -> Tensor:
    """The masks without a rim of about 2 % of the side; a mask that would vanish stays as it is."""
    reach = max(1, masks.shape[-1] // 48)
    eroded = -F.max_pool2d(-masks.float()[:, None], 2 * reach + 1, 1, reach)[:, 0] > 0.5
    return torch.where(eroded.flatten(1).any(1)[:, None, None], eroded, masks)


def first_click(masks: Tensor, *, uniform: float = 0.5) -> Points:
    """A positive click on each mask: anywhere with probability `uniform`, else away from the rim."""
    anywhere = torch.rand(len(masks), device=masks.device) < uniform
    region = torch.where(anywhere[:, None, None], masks, inner(masks))
    return Points(
        uniform_pixel(region)[:, None], torch.ones(len(masks), 1, dtype=torch.int32, device=masks.device)
    )


def boxes_of(masks: Tensor) -> Tensor:
    """[N, 4] as (x0, y0, x1, y1), the first and last pixel of each mask; zeros if it is empty."""
    columns, rows = masks.any(1), masks.any(2)
    width, height = columns.shape[1], rows.shape[1]
    x0, y0 = columns.int().argmax(1), rows.int().argmax(1)
    x1 = width - 1 - columns.flip(1).int().argmax(1)
    y1 = height - 1 - rows.flip(1).int().argmax(1)
    boxes = torch.stack([x0, y0, x1, y1], 1).float()
    return boxes * masks.flatten(1).any(1)[:, None]


def noisy_box(masks: Tensor) -> Points:
    """A box around each mask, its sides moved as a hurried person would."""
    boxes = boxes_of(masks)
    sides = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    moved = boxes + torch.randn_like(boxes) * (BOX_JITTER / 2 * sides).clamp(max=20.0)
    moved = moved.clamp(0, masks.shape[-1] - 1)
    labels = torch.tensor([2, 3], dtype=torch.int32, device=masks.device).expand(len(masks), 2)
    return Points(moved.view(-1, 2, 2), labels)


def corrective_click(masks: Tensor, predicted: Tensor, *, from_truth: float = 0.1) -> Points:
    """A click where prediction and truth differ, uniform in the error region (SAM 2's training).

    With probability `from_truth` the click falls on the true mask whatever the error. Where there
    is nothing to correct and nothing to click on, the label is NO_POINT.
    """
    wrong = masks ^ predicted
    ignore = (torch.rand(len(masks), device=masks.device) < from_truth) | ~wrong.flatten(1).any(1)
    region = torch.where(ignore[:, None, None], masks, wrong)
    pixel = uniform_pixel(region)
    x, y = pixel.long().unbind(1)
    labels = masks[torch.arange(len(masks), device=masks.device), y, x].int()
    labels = torch.where(region.flatten(1).any(1), labels, NO_POINT)
    return Points(pixel[:, None], labels[:, None].to(torch.int32))


def spoiled(masks: Tensor) -> Tensor:
    """Each mask bool [N, H, W] as an earlier try may have left it: cut off at a line, or with a disc too much."""
    count, height, width = masks.shape
    device = masks.device
    y, x = (torch.arange(n, device=device).float() for n in (height, width))
    angle = torch.rand(count, 1, 1, device=device) * (2 * torch.pi)
    at = uniform_pixel(masks)[:, :, None, None]
    across = (x - at[:, 0]) * angle.cos() + (y[:, None] - at[:, 1]) * angle.sin()
    cut = masks & (across > 0)
    spread = masks.flatten(1).sum(1).float().sqrt()[:, None, None] * torch.rand(count, 1, 1, device=device)
    away = spread * (0.5 + 2 * torch.rand(count, 1, 1, device=device))
    middle_x, middle_y = at[:, 0] + away * angle.cos(), at[:, 1] + away * angle.sin()
    disc = (x - middle_x) ** 2 + (y[:, None] - middle_y) ** 2 < spread**2
    extra = torch.rand(count, 1, 1, device=device) < 0.5
    return torch.where(extra, masks | disc, cut)


def centre_click(mask: np.ndarray, predicted: np.ndarray | None = None) -> tuple[int, int, int] | None:
    """The click (x, y, label) that evaluation gives: the middle of the larger error (RITM's rule).

    `mask` and `predicted` are bool [H, W]; no prediction means an empty one. None when there is
    nothing to correct.
    """
    if predicted is None:
        predicted = np.zeros_like(mask)
    missing, extra = mask & ~predicted, predicted & ~mask
    if not (missing.any() or extra.any()):
        return None
    depth_missing, depth_extra = (
        distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1] for region in (missing, extra)
    )
    positive = bool(depth_missing.max() > depth_extra.max())
    depth = depth_missing if positive else depth_extra
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x), int(y), int(positive)


def centre_clicks(masks: Tensor, shown: Tensor) -> Points:
    """`centre_click` on each of N masks; no point where nothing is wrong."""
    pairs = zip(masks.cpu().numpy(), shown.cpu().numpy(), strict=True)
    clicks = (
        torch.tensor([centre_click(*pair) or (0, 0, NO_POINT) for pair in pairs]).float().to(masks.device)
    )
    return Points(clicks[:, None, :2], clicks[:, None, 2].int())
