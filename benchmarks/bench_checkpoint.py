"""What the bundled checkpoint can do, and what fine-tuning it is worth: rendered clips through the tracker.

    python -m benchmarks.bench_checkpoint                      the figures (a quarter of an hour on two cores)
    python -m benchmarks.bench_checkpoint --checkpoint FOLDER  those of another one
    python -m benchmarks.bench_checkpoint --photographs FOLDER also of cut-outs of photographs before photographs

Clips of the test split, from seeds that chose no checkpoint: 480x270, 24 frames at 6 a second, three objects,
difficulty 0.5; objects that cover at least 0.3 % of the first frame. `finetune_gain` is the gain in `jf_mask` on
footage of a kind that training never sees (`worker/render/styles.py`), by fine-tuning on 20 clips of it;
`finetune_absent_loss` is what fine-tuning costs in `absent_recall` on the test split.

The last line is one JSON object. What its keys mean: docs/training.md.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from benchmarks import bench_look_here
from vos import metrics
from worker.render.clips import Clip, render_clip, render_scene
from worker.render.compose import compose_scene
from worker.render.corruptions import with_corruptions
from worker.render.demo import demo_clips
from worker.render.photographs import load_photographs, photographed
from worker.render.styles import Style
from worker.render.textures import Split
from worker.sam2 import checkpoint, simulate
from worker.sam2.checkpoint import BUNDLED
from worker.sam2.evaluation import Evaluation, evaluate
from worker.sam2.frames import KeyedFrames
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import Tracker
from worker.sam2.training.finetune import FinetuneSettings, Progress, finetune
from worker.sam2.training.footage import Footage, Rendered

THREADS = 2
FIRST_SEED = 100
CLIPS, NEW_LOOK_CLIPS = 20, 12
PHOTOGRAPHIC_CLIPS, CORRECTED_CLIPS, CORRECTIONS = 12, 10, 4
# Pictures of scikit-image that show something; training takes none of them.
PICTURES = (
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "hubble_deep_field",
    "ihc",
    "motorcycle_left",
    "retina",
    "rocket",
)
FRAMES, LEAST_AREA = 24, 0.003
NEW_LOOK: Style = "microscope"
ACCEPTED_CLIPS, RENDERED_SHARE = 20, 0.2


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", default=str(BUNDLED), help="folder or hub name")
    parser.add_argument("--photographs", type=Path, help="scikit-image's folder of pictures")
    parser.add_argument("--steps", type=int, default=FinetuneSettings().steps, help="of fine-tuning")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    usual = told("test split", evaluate(options.checkpoint, clips(CLIPS)))
    figures: dict[str, float | None] = {
        **demo_figures(options.checkpoint),
        **corrections_gain(options.checkpoint),
    }
    if options.photographs:
        figures |= photographic_figures(options.checkpoint, options.photographs)
    same = told("test split, as many clips as after", evaluate(options.checkpoint, clips(NEW_LOOK_CLIPS)))
    before = told("new look, before", evaluate(options.checkpoint, clips(NEW_LOOK_CLIPS, NEW_LOOK)))
    with tempfile.TemporaryDirectory() as folder:
        settings = FinetuneSettings(steps=options.steps, threads=THREADS)
        mix: list[tuple[Footage, float]] = [(Accepted(), 1 - RENDERED_SHARE), (Rendered(), RENDERED_SHARE)]
        model = finetune(options.checkpoint, mix, Path(folder), settings=settings, on_progress=show)
        after = told("new look, after", evaluate(model, clips(NEW_LOOK_CLIPS, NEW_LOOK)))
        other = told("test split, after", evaluate(model, clips(NEW_LOOK_CLIPS)))
    assert before.jf_mask is not None
    assert after.jf_mask is not None
    names = ("iou_1_click", "iou_3_clicks", "jf_mask", "jf_1_click", "absent_recall", "present_recall")
    assert same.absent_recall is not None
    assert other.absent_recall is not None
    figures = {name: usual.as_dict()[name] for name in names} | figures
    figures |= {"fps_cpu": usual.as_dict()["fps"], "finetune_gain": round(after.jf_mask - before.jf_mask, 4)}
    figures |= {"finetune_absent_loss": round(same.absent_recall - other.absent_recall, 4)}
    print(json.dumps(figures))


def demo_figures(location: str | Path) -> dict[str, float]:
    """The worst object of the demo's clips: median IoU over nine clicks inside it on the first frame, and J over
    the clip, six frames a second, from one click in its middle."""
    tracker = Tracker(checkpoint.load(location, "auto"))
    ious, js = [], []
    for clip in demo_clips().values():
        frames = clip.frames[::4]
        for truth in np.moveaxis(clip.masks[::4], 1, 0):
            found = [tracker.predict(frames, FramePrompt(0, [at], [1])).mask for at in nine_inside(truth[0])]
            ious.append(float(np.median([metrics.iou(mask, truth[0]) for mask in found])))
            first = simulate.centre_click(truth[0])
            assert first is not None, "every object of the demo is there from the start"
            prompt = FramePrompt(0, [first[:2]], [first[2]])
            masks = tracker.propagate(frames, [prompt], order=range(len(frames)))
            js.append(metrics.j_and_f([mask.mask for mask in masks], truth)[0])
    print(f"demo: IoU {[round(iou, 3) for iou in ious]}, J {[round(j, 3) for j in js]}", flush=True)
    return {"demo_iou_1_click_worst": round(min(ious), 4), "demo_j_worst": round(min(js), 4)}


def corrections_gain(location: str | Path) -> dict[str, float]:
    """J&F after the fourth corrected frame less that after the first: up to three clicks on the worst frame of an
    object that began with clicks, then the clip again."""
    tracker = Tracker(checkpoint.load(location, "auto"))
    after: list[list[float]] = []
    for number, clip in enumerate(clips(CORRECTED_CLIPS)):
        footage = KeyedFrames(clip.frames, ("test", number))
        for truth in np.moveaxis(clip.masks, 1, 0):
            tracked = bench_look_here.Tracked(footage, truth, {}, {}, {})
            bench_look_here.correct(tracker, tracked, 0)
            bench_look_here.propagate(tracker, tracked, 0)
            scores = []
            for _ in range(CORRECTIONS):
                ious = tracked.iou()
                ious[list(tracked.prompts)] = np.inf
                bench_look_here.correct(tracker, tracked, int(ious.argmin()))
                bench_look_here.propagate(tracker, tracked, 0)
                scores.append(np.mean(metrics.j_and_f([tracked.found[i].mask for i in range(FRAMES)], truth)))
            after.append([float(score) for score in scores])
    means = np.mean(after, 0)
    print(f"corrections: J&F {means.round(3).tolist()} after each, {len(after)} objects", flush=True)
    return {"corrections_gain": round(float(means[-1] - means[0]), 4)}


def photographic_figures(location: str | Path, folder: Path) -> dict[str, float | None]:
    """Objects cut out of photographs, before other photographs."""
    pictures = [picture for picture in load_photographs(folder, PICTURES) if min(picture.size) > 100]
    found = told("photographs", evaluate(location, photographic_clips(pictures))).as_dict()
    return {"photo_jf_mask": found["jf_mask"], "photo_jf_1_click": found["jf_1_click"]}


def photographic_clips(pictures: Sequence[Image.Image]) -> Iterator[Clip]:
    """Test scenes of which everything is a photograph."""
    for seed in range(FIRST_SEED, FIRST_SEED + PHOTOGRAPHIC_CLIPS):
        rng = np.random.default_rng(seed)
        scene = compose_scene(rng, width=480, height=270, objects=3, difficulty=0.5, split="test")
        scene = photographed(rng, with_corruptions(rng, scene, difficulty=0.5), pictures, share=1.0)
        yield promptable(render_scene(scene, frames=FRAMES, fps=6.0))


def nine_inside(mask: np.ndarray) -> list[tuple[float, float]]:
    """(x, y) of nine pixels of a mask, spread over its area, none on its border."""
    inside = ndimage.binary_erosion(mask, iterations=2)
    rows, columns = np.nonzero(inside if inside.any() else mask)
    picked = np.linspace(0, len(rows) - 1, 11).astype(int)[1:-1]
    return [(float(columns[i]), float(rows[i])) for i in picked]


def clips(count: int, style: Style = "painted") -> Iterator[Clip]:
    """Test clips with the objects that can be prompted on the first frame."""
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        yield prompted(seed, "test", style)


@lru_cache(maxsize=ACCEPTED_CLIPS)
def prompted(seed: int, split: Split, style: Style) -> Clip:
    """One clip, drawn once."""
    return promptable(render_clip(seed, frames=FRAMES, fps=6.0, split=split, style=style))


def promptable(clip: Clip) -> Clip:
    """The clip without the objects that its first frame hardly shows."""
    return replace(clip, masks=clip.masks[:, clip.masks[0].mean((1, 2)) >= LEAST_AREA])


@dataclass(frozen=True)
class Accepted:
    """Twenty clips of the new look, as people would have accepted them; windows of them are drawn."""

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        """Consecutive frames of one of the clips."""
        clip = prompted(int(rng.integers(ACCEPTED_CLIPS)), "train", NEW_LOOK)
        start = int(rng.integers(len(clip.frames) - frames + 1))
        return Clip(clip.frames[start : start + frames], clip.masks[start : start + frames])


def told(name: str, found: Evaluation) -> Evaluation:
    """The same, printed."""
    figures = {key: value for key, value in found.as_dict().items() if not key.endswith("_bins")}
    print(f"{name}: {json.dumps(figures)}", flush=True)
    return found


def show(progress: Progress) -> None:
    """A line now and then."""
    if progress.step % 25 == 0 and progress.loss is not None and progress.seconds_left is not None:
        print(
            f"fine-tuning: step {progress.step} of {progress.steps}, loss {progress.loss:.2f}, "
            f"{progress.seconds_left:.0f} s left",
            flush=True,
        )


if __name__ == "__main__":
    main()
