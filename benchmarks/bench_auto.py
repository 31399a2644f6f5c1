"""Automatic masklets: how many objects they find, how good they are, and what they save. Rendered clips, exact masks.

    python -m benchmarks.bench_auto           the figures (about ten minutes on two idle cores)
    python -m benchmarks.bench_auto --quick   fewer and shorter clips, for a look

Clips of the test split: 480x270, 6 frames a second, five objects of which two enter late, sometimes a thing in front of
them; every thing that is drawn has a mask. Nothing was tuned on them: thresholds come from the validation split.

The last line is one JSON object. What its keys mean: docs/automatic.md.
"""

from __future__ import annotations

import argparse
import json
import time

import torch

from benchmarks.auto.footage import clips
from benchmarks.auto.people import minutes_saved
from benchmarks.auto.quality import Generated, fates, quality
from benchmarks.auto.speed import memory_ratio, peak_memory, speedups
from worker.sam2 import checkpoint
from worker.sam2.automatic import generate
from worker.sam2.checkpoint import BUNDLED
from worker.sam2.tracker import Tracker


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--checkpoint", default=str(BUNDLED), help="folder or hub name")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--clips", type=int, help="how many")
    parser.add_argument("--frames", type=int, default=24, help="of each clip")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch")
    parser.add_argument("--memory-of", type=int, metavar="TOGETHER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tracker = Tracker(checkpoint.load(options.checkpoint, options.device))
    if options.memory_of:
        print(json.dumps(peak_memory(tracker, options.memory_of)))
        return
    made = generated(tracker, options.clips or (4 if options.quick else 16), options.frames)
    print(f"fates: {json.dumps(fates(made))}", flush=True)
    figures = quality(made)
    print(f"quality: {json.dumps(figures)}", flush=True)
    figures |= minutes_saved(tracker, made)
    figures |= speedups(tracker, rounds=1 if options.quick else 3)
    figures |= memory_ratio()
    print(json.dumps(figures))


def generated(tracker: Tracker, count: int, frames: int) -> list[Generated]:
    """The tracks of so many clips, with a line for each."""
    found = []
    for footage in clips(count, frames=frames):
        begin = time.perf_counter()
        clip = Generated(footage, list(generate(tracker, footage)))
        best = clip.j[clip.passed].max(0, initial=0.0)
        print(
            f"{footage.key}: {len(clip.tracks)} candidates, {len(clip.passed)} passed, best J "
            f"{[round(float(best[row]), 2) for row in footage.early]} from the start, "
            f"{[round(float(best[row]), 2) for row in footage.late]} late, {time.perf_counter() - begin:.0f} s",
            flush=True,
        )
        found.append(clip)
    return found


if __name__ == "__main__":
    main()
