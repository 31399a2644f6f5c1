"""How much quicker candidates are made and followed together than one at a time, and what memory they take."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rlemasklib import RLEMask

from benchmarks.auto.footage import LabelledClip, clips
from worker.sam2 import image
from worker.sam2.features import FeatureCache
from worker.sam2.grid import Crop, Grid, SeedSettings, distinct, grid_seeds
from worker.sam2.seeds import Seed
from worker.sam2.step import Prompts, stability, step
from worker.sam2.tracker import FramePrompt, Track, Tracker, TrackState

GRID, CANDIDATES, FRAMES, OBJECTS = 16, 16, 12, 64
SAME = 0.9  # IoU of the masks that both ways find


def speedups(tracker: Tracker, *, rounds: int) -> dict[str, float]:
    """The best of some rounds that were taken in turns, of each way."""
    footage = next(iter(clips(1, frames=FRAMES)))
    settings = replace(SeedSettings(), grids=(Grid(GRID),))
    fast, slow = partial(batched, tracker, footage, settings), partial(one_by_one, tracker, footage, settings)
    agree(fast(), slow())
    masks = rectangles(footage, CANDIDATES)
    ways: dict[str, Callable[[], object]] = {
        "batched": fast,
        "one by one": slow,
        "together": partial(followed, tracker, footage, [masks]),
        "each alone": partial(followed, tracker, footage, [[mask] for mask in masks]),
        "each alone, features kept": partial(followed, tracker, footage, [[m] for m in masks], keep=True),
    }
    # Of a CPU the processor's time, that other work on the machine spoils less than the clock on the wall.
    on_cpu = tracker.checkpoint.device.type == "cpu"
    times = in_turns(rounds, ways, time.process_time if on_cpu else time.perf_counter)
    return {
        "generation_speedup": round(times["one by one"] / times["batched"], 2),
        "propagation_speedup": round(times["each alone"] / times["together"], 2),
        "propagation_speedup_features_kept": round(times["each alone, features kept"] / times["together"], 2),
    }


def batched(tracker: Tracker, footage: LabelledClip, settings: SeedSettings) -> list[Seed]:
    """The seeds of the first frame, as `generate` finds them."""
    return grid_seeds(tracker, footage, 0, settings.grids, settings)


@torch.inference_mode()
def one_by_one(tracker: Tracker, footage: LabelledClip, settings: SeedSettings) -> list[Seed]:
    """The same with a loop over points: each is decoded, its masks brought to the frame's size and filtered there."""
    height, width = footage.frames.shape[1:3]
    side = tracker.checkpoint.image_size
    features = Track(tracker, footage).features(0)
    least = image.SMALL_REGION_AREA * height * width / image.SMALL_REGION_FRAME_AREA
    found = []
    for x, y in Crop(0, 0, width, height).points(settings.grids[0].points):
        point = torch.tensor([[[x * side / width, y * side / height]]]).float()
        told = Prompts(point.to(features.low.device), torch.ones(1, 1).int().to(features.low.device))
        output = step(tracker.checkpoint.model, features, None, told, multimask=True, remember=False)
        masks = image.masks_from_logits(output.candidates[0], (height, width))
        stable = stability(output.candidates[0]).tolist()
        for mask, iou, steady in zip(masks, output.ious[0].tolist(), stable, strict=True):
            tidy = image.remove_small_components(image.fill_small_holes(mask, least), least)
            area = tidy.sum()
            sure = iou >= settings.predicted_iou and steady >= settings.stability and output.object_score > 0
            sure = sure and iou * steady >= settings.score
            if sure and settings.least_area <= area <= settings.largest_area * height * width:
                score = float(output.object_score)
                found.append(Seed(0, "grid", RLEMask.from_array(tidy), iou, score, steady, point=(x, y)))
    return distinct(found, settings)


def agree(some: Sequence[Seed], others: Sequence[Seed]) -> None:
    """Raises unless two ways found the same masks."""
    if len(some) != len(others):
        raise AssertionError(f"{len(some)} seeds the one way, {len(others)} the other.")
    ious = RLEMask.iou_matrix([seed.mask for seed in some], [seed.mask for seed in others])
    if len(some) and np.min(np.max(ious, axis=1)) < SAME:
        raise AssertionError(
            f"A mask that the one way finds has IoU {np.min(np.max(ious, axis=1)):.3f} at best."
        )


def followed(
    tracker: Tracker, footage: LabelledClip, groups: Sequence[Sequence[np.ndarray]], *, keep: bool = False
) -> None:
    """Groups of masks of the first frame through the clip, one group after the other; without `keep` each is a run of
    its own, that encodes the frames."""
    cache = FeatureCache.of(tracker.checkpoint.device)
    for group in groups:
        cache = cache if keep else FeatureCache.of(tracker.checkpoint.device)
        runner = Tracker(tracker.checkpoint, features=cache)
        objects: Mapping[int, TrackState] = {
            row: TrackState([FramePrompt(0, mask=mask)]) for row, mask in enumerate(group)
        }
        for _ in runner.propagate_all(footage, objects, order=range(len(footage))):
            pass


def rectangles(footage: LabelledClip, count: int) -> list[np.ndarray]:
    """Masks of the frame's size, as many as asked for."""
    height, width = footage.frames.shape[1:3]
    masks = np.zeros((count, height, width), dtype=bool)
    for row, (x, y) in enumerate(np.random.default_rng(0).random((count, 2))):
        left, top = int(x * width * 0.85), int(y * height * 0.8)
        masks[row, top : top + height // 6, left : left + width // 8] = True
    return list(masks)


def in_turns(
    rounds: int, ways: Mapping[str, Callable[[], object]], clock: Callable[[], float]
) -> dict[str, float]:
    """The best time of each way, in seconds."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            begin = clock()
            way()
            best[name] = min(best[name], clock() - begin)
    return best


def memory_ratio() -> dict[str, float]:
    """Peak memory of 64 candidates in one batch over that of 8 in one, each in a process of its own, and both in MB."""
    peaks = {}
    for together in (8, OBJECTS):
        command = [sys.executable, "-m", "benchmarks.bench_auto", "--memory-of", str(together)]
        peaks[together] = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )
    return {
        "memory_64_over_8": round(peaks[OBJECTS] / peaks[8], 3),
        "memory_8_mb": round(peaks[8], 1),
        "memory_64_mb": round(peaks[OBJECTS], 1),
    }


def peak_memory(tracker: Tracker, together: int) -> float:
    """MB of this process once 64 candidates were followed, so many at a time."""
    footage = next(iter(clips(1, frames=FRAMES)))
    masks = rectangles(footage, OBJECTS)
    groups = [masks[first : first + together] for first in range(0, OBJECTS, together)]
    followed(tracker, footage, groups, keep=True)
    return high_water()


def high_water() -> float:
    """MB that this process has held at most. `getrusage` would count what its parent held when it began."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, "Linux tells it"
    return int(found[1]) / 1024
