"""A stock of rendered clips on the training device, drawn from again and again.

A GPU learns faster than its machine renders. Loader processes put clips into the stock, the newest in place of the
oldest; each step draws from it, never the same window, zoom and light twice.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from worker.sam2.training.footage import GOING, SHOWN, Batch, Footage, Mix, draw, squared
from worker.sam2.training.recipe import Stage

MOST_OBJECTS = 12  # of a clip; more are left out
FIRST = 64  # clips that must be there before the first step
ZOOM, ZOOMED = (
    0.55,
    0.6,
)  # the narrowest window's side as a share of the frame's; how many clips are zoomed into
GREY, LIGHT = 0.1, 0.2  # how many clips lose their colour; how far gain and offset go


@dataclass(frozen=True)
class Labelled(Dataset[tuple[Tensor, Tensor]]):
    """Clips of a mix: frames uint8 [T, S, S, 3] and labels uint8 [T, S, S], 0 for the ground, n + 1 for object n."""

    mix: Mix
    size: int
    frames: int
    seed: int

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng([self.seed, number])
        footage: Footage = draw(self.mix, rng)
        frames, masks = squared(footage.clip(rng, self.frames), self.size)
        masks = masks[:, :MOST_OBJECTS]
        labels = np.where(masks.any(1), masks.argmax(1) + 1, 0).astype(np.uint8)
        return torch.from_numpy(frames), torch.from_numpy(labels)


@dataclass
class Stock:
    """Up to `room` clips of `frames` frames of `size` pixels on `device`, which `loaders` processes fill for ever."""

    mix: Mix
    size: int
    frames: int
    device: torch.device
    loaders: int
    room: int = 4000
    seed: int = 0
    filled: int = field(default=0, init=False)
    arrived: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        data = Labelled(self.mix, self.size, self.frames, self.seed)
        self._clips = iter(
            DataLoader(
                data, batch_size=None, sampler=range(2**31), num_workers=self.loaders, prefetch_factor=4
            )
        )
        shape = (self.room, self.frames, self.size, self.size)
        self._frames = torch.empty((*shape, 3), dtype=torch.uint8, device=self.device)
        self._labels = torch.empty(shape, dtype=torch.uint8, device=self.device)
        self._enough = threading.Event()
        self._failure: BaseException | None = None
        self._closed = False
        self._filler = threading.Thread(target=self._fill, daemon=True)
        self._filler.start()

    def batches(self, stage: Stage) -> Iterator[Batch]:
        """Batches for a stage, for ever. Raises what stopped the loaders, if something did."""
        self._enough.wait()
        while self._failure is None:
            yield self._batch(stage)
        raise self._failure

    def close(self) -> None:
        """Ends the loaders."""
        self._closed = True
        self._filler.join()
        del self._clips

    def _fill(self) -> None:
        # A stream of its own: in the trainer's, each copy would wait for all that is queued there. That a clip is
        # replaced while it is being read happens to one in thousands, and spoils one sample.
        stream = torch.cuda.Stream(self.device) if self.device.type == "cuda" else None
        try:
            for frames, labels in self._clips:
                place = self.arrived % self.room
                with torch.cuda.stream(stream):
                    self._frames[place].copy_(frames)
                    self._labels[place].copy_(labels)
                if stream is not None:
                    stream.synchronize()
                self.arrived += 1
                self.filled = min(self.arrived, self.room)
                if self.arrived >= min(FIRST, self.room):
                    self._enough.set()
                if self._closed:
                    return
        except BaseException as failure:
            self._failure = failure
            self._enough.set()

    def _batch(self, stage: Stage) -> Batch:
        """Half as many clips again are drawn, so that those whose first frame shows nothing can be left out."""
        device = self.device
        chosen = torch.randint(self.filled, (stage.clips + stage.clips // 2,), device=device)
        stride = int(torch.randint(1, 1 + max(1, self.frames // stage.frames), ()))
        start = int(torch.randint(self.frames - (stage.frames - 1) * stride, ()))
        times = start + stride * torch.arange(stage.frames, device=device)
        times = times.flip(0) if torch.rand(()) < 0.5 else times
        labels, grid = windowed(self._labels[chosen[:, None], times], stage.size)
        areas = torch.stack([(labels == n + 1).flatten(2).float().mean(2) for n in range(MOST_OBJECTS)], 1)
        shown = areas[:, :, 0] > SHOWN
        rows = shown.any(1).int().argsort(descending=True, stable=True)[: stage.clips]
        rows = rows[torch.arange(stage.clips, device=device) % shown.any(1).sum().clamp(1, stage.clips)]
        going = (areas[rows] == 0).any(2)
        objects = picked(shown[rows], torch.where(going, GOING, 1.0), stage.objects)
        masks = labels[rows][:, :, None] == (objects + 1)[:, None, :, None, None]
        frames = seen(self._frames[chosen[rows][:, None], times], grid[rows], stage.size)
        return frames, masks


def windowed(labels: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """A window of each clip's labels [B, T, S, S], mirrored or not, at another size; and the grid that says which."""
    clips = len(labels)
    device = labels.device
    zoomed = torch.rand(clips, 1, device=device) < ZOOMED
    side = torch.where(zoomed, torch.empty(clips, 2, device=device).uniform_(ZOOM, 1.0), 1.0)
    middle = (torch.rand(clips, 2, device=device) * 2 - 1) * (1 - side)
    mirror = torch.where(torch.rand(clips, device=device) < 0.5, -1.0, 1.0)
    theta = torch.zeros(clips, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = side[:, 0] * mirror, side[:, 1], middle
    grid = F.affine_grid(theta, [clips, 1, size, size], align_corners=False)
    return F.grid_sample(labels.float(), grid, mode="nearest", align_corners=False).to(torch.uint8), grid


def seen(frames: Tensor, grid: Tensor, size: int) -> Tensor:
    """The same windows of frames uint8 [B, T, S, S, 3], in another light: uint8 [B, T, size, size, 3]."""
    clips, length = frames.shape[:2]
    device = frames.device
    pixels = frames.permute(0, 1, 4, 2, 3).flatten(1, 2).float()
    if size < pixels.shape[-1]:
        pixels = F.interpolate(pixels, size=(size, size), mode="area")
    pixels = F.grid_sample(pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)
    pixels = pixels.unflatten(1, (length, 3))
    grey = torch.rand(clips, 1, 1, 1, 1, device=device) < GREY
    pixels = torch.where(grey, pixels.mean(2, keepdim=True), pixels)
    gain, offset = ((torch.rand(2, clips, 1, 1, 1, 1, device=device) * 2 - 1) * LIGHT).unbind()
    pixels = (pixels - 128) * (1 + gain) + 128 * (1 + offset)
    return pixels.clamp(0, 255).round().to(torch.uint8).permute(0, 1, 3, 4, 2)


def picked(shown: Tensor, weights: Tensor, count: int) -> Tensor:
    """`count` of each clip's objects [B, N] that are `shown`, rather the heavier; where too few are, some twice."""
    keys = torch.rand(shown.shape, device=shown.device).log() / weights
    order = keys.masked_fill(~shown, float("-inf")).argsort(1, descending=True)
    turns = torch.arange(count, device=shown.device)[None] % shown.sum(1, keepdim=True).clamp(min=1)
    return order.gather(1, turns)
