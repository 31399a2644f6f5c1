"""Pixels in and out of the model: frames resized and normalised, masks brought to a frame's size and cleaned."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from worker.sam2.step import resize_logits

# ImageNet statistics, as in Sam2ImageProcessor.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

# Regions under 200 px are removed or filled at SA-V's average resolution (SAM 2 paper, appendix D.1).
SMALL_REGION_AREA = 200
SMALL_REGION_FRAME_AREA = 1401 * 1037
# Pixels of masks that are enlarged at a time: what bounds the memory that many objects of a large frame take.
PIXELS_AT_A_TIME = 2**24
EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)

Frame = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def preprocess(frame: Frame, size: int, device: torch.device | str = "cpu") -> Tensor:
    """A frame (uint8 [H, W, 3] RGB) as the model's input: float [3, size, size]."""
    pixels = torch.from_numpy(np.array(frame)).permute(2, 0, 1)[None]
    return normalise(pixels.to(device), size)[0]


def normalise(pixels: Tensor, size: int) -> Tensor:
    """Frames (uint8 [T, 3, H, W]) resized (bilinear, antialiased, rounded to whole levels as
    Sam2ImageProcessor does) and normalised: float [T, 3, size, size]."""
    if pixels.shape[-2:] != (size, size):
        # PyTorch resizes bytes on the CPU only; rounding floats gives the same levels elsewhere.
        pixels = pixels if pixels.device.type == "cpu" else pixels.float()
        pixels = F.interpolate(
            pixels, size=(size, size), mode="bilinear", align_corners=False, antialias=True
        )
    levels = pixels.float().round().clamp(0, 255)
    mean = levels.new_tensor(MEAN)[:, None, None] * 255
    std = levels.new_tensor(STD)[:, None, None] * 255
    return (levels - mean) / std


def mask_to_input(mask: Mask, size: int, device: torch.device | str = "cpu") -> Tensor:
    """A mask of the frame ([H, W] bool) at the model's input size: float [1, size, size], zeros and ones."""
    tensor = torch.from_numpy(np.array(mask, dtype=np.float32)).to(device)
    return (resize_logits(tensor[None], (size, size)) >= 0.5).float()


def masks_from_logits(logits: Tensor, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Mask logits [B, h, w] cut at 0 at a frame's size (height, width): bool [B, H, W]."""
    masks = np.zeros((len(logits), *size), dtype=bool)
    shown = np.flatnonzero((logits > 0).flatten(1).any(dim=1).cpu().numpy())
    at_a_time = max(1, PIXELS_AT_A_TIME // (size[0] * size[1]))
    for first in range(0, len(shown), at_a_time):
        rows = shown[first : first + at_a_time]
        seen = logits[torch.from_numpy(rows).to(logits.device)]
        full = F.interpolate(seen[:, None].float(), size=size, mode="bilinear", align_corners=False)
        masks[rows] = (full[:, 0] > 0).cpu().numpy()
    return masks


def clean(mask: Mask) -> Mask:
    """Fill holes and drop components that are small for this frame size; the largest component always stays."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return mask
    height, width = mask.shape
    area = SMALL_REGION_AREA * height * width / SMALL_REGION_FRAME_AREA
    # Nothing changes outside the mask's box; the rim around it is too large to be taken for a hole.
    rim = math.ceil(math.sqrt(area))
    box = tuple(slice(max(int(places[0]) - rim, 0), int(places[-1]) + rim + 1) for places in (rows, columns))
    cleaned = mask.copy()
    cleaned[box] = remove_small_components(fill_small_holes(mask[box], area), area)
    return cleaned


def fill_small_holes(mask: Mask, area: float) -> Mask:
    """Fill background regions (8-connected) of fewer than `area` pixels."""
    labels, sizes = _regions(~mask)
    small = sizes < area
    small[0] = False
    return mask | small[labels] if small.any() else mask


def remove_small_components(mask: Mask, area: float) -> Mask:
    """Drop components (8-connected) of fewer than `area` pixels; if all are that small, keep the largest."""
    labels, sizes = _regions(mask)
    if len(sizes) <= 2:
        return mask
    keep = sizes >= area
    keep[0] = False
    if not keep.any():
        keep[1 + sizes[1:].argmax()] = True
    return keep[labels]


def _regions(mask: Mask) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """Region number of each pixel (0 outside the mask) and the area of each region, index 0 included."""
    labels, count = ndimage.label(mask, structure=EIGHT_NEIGHBOURS)
    return labels, np.bincount(labels.ravel(), minlength=count + 1)
