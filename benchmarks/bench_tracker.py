"""How quick the tracker is: against `transformers`' Sam2VideoModel with the same weights, on the same clip.

    python -m benchmarks.bench_tracker              the figures (a quarter of an hour on two cores)
    python -m benchmarks.bench_tracker --quick      shorter clips and fewer rounds, for a look

Speeds are ratios of times that were taken in turns in one run; of each the best round counts. The last line is one
JSON object. What its keys mean, and how near each is to what the machine can do: docs/tracker.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F
from transformers import PreTrainedConfig, Sam2VideoConfig, Sam2VideoInferenceSession, Sam2VideoModel

from vos import metrics
from worker.render.clips import render_clip
from worker.sam2 import checkpoint, image, simulate
from worker.sam2.checkpoint import Checkpoint
from worker.sam2.decoder import decode_masks
from worker.sam2.features import FeatureCache
from worker.sam2.frames import KeyedFrames
from worker.sam2.legs import legs
from worker.sam2.prompt import to_model
from worker.sam2.step import condition, decode
from worker.sam2.tracker import FramePrompt, Tracker, TrackState

OBJECTS = (1, 4, 16)
THREADS = 2
FILLING = 8  # frames, with which a memory of six recent ones and the first is full
RIGHT = 0.75  # IoU at which a mask is not worth a correction


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory-of", type=int, metavar="FRAMES", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    if options.memory_of:
        print(json.dumps(peak_memory(options.memory_of)))
        return
    frames, rounds = (12, 2) if options.quick else (24, 3)
    figures: dict[str, Any] = {}
    figures |= cpu_speedups(frames, rounds)
    figures |= real_size_speedups(rounds=1 if options.quick else 2)
    figures |= gpu_speedups(frames, rounds)
    figures |= repropagation(frames=48 if options.quick else 96, clips=2 if options.quick else 6)
    figures |= click(rounds=20 if options.quick else 60)
    figures |= memory_growth(*((100, 300) if options.quick else (500, 5000)))
    print(json.dumps(figures))


# --- Against the reference -----------------------------------------------------------------------


def cpu_speedups(frames: int, rounds: int) -> dict[str, float]:
    """Frames a second over the reference's, image encoder and full-size masks included.

    `cpu_speedup_N` as each comes: the reference in float32, the tracker in what this processor multiplies natively.
    `…_float32` has both in float32, `…_bfloat16` both in bfloat16 (the reference under autocast).
    """
    exact = checkpoint.load(device="cpu", precision=torch.float32)
    shipped = checkpoint.load(device="cpu")
    figures: dict[str, float] = {"cpu_bfloat16": float(shipped.model.dtype == torch.bfloat16)}
    for objects in OBJECTS:
        clip, masks = footage(frames, objects)
        times = in_turns(
            rounds,
            {
                "reference": partial(reference, exact, clip, masks),
                "shipped": partial(ours, shipped, clip, masks),
                "float32": partial(ours, exact, clip, masks),
                "reference in bfloat16": partial(reference, exact, clip, masks, torch.bfloat16),
            },
        )
        figures[f"cpu_speedup_{objects}"] = times["reference"] / times["shipped"]
        figures[f"cpu_speedup_{objects}_float32"] = times["reference"] / times["float32"]
        figures[f"cpu_speedup_{objects}_bfloat16"] = times["reference in bfloat16"] / times["shipped"]
        figures[f"cpu_fps_{objects}"] = frames / times["shipped"]
    return rounded(figures)


def real_size_speedups(rounds: int) -> dict[str, float]:
    """The same on the CPU in the sizes of SAM 2.1 tiny at 1024 px, random weights, bfloat16 on both sides, on as many
    frames as fill the memory; `tiny_512_over_1024` is what the tracker gains at half the image size."""
    config = official_config("tiny")
    exact = Checkpoint(Sam2VideoModel(config).eval(), "tiny")
    shipped, half = (
        Checkpoint(
            checkpoint.in_precision(Sam2VideoModel(made).eval(), checkpoint.native_precision(exact.device))
        )
        for made in (config, checkpoint.at_size(config, 512))
    )
    figures: dict[str, float] = {}
    for objects in (1, 4):
        clip, masks = footage(FILLING, objects)
        contestants: dict[str, Callable[[], Any]] = {
            "reference": partial(reference, exact, clip, masks, shipped.model.dtype),
            "shipped": partial(ours, shipped, clip, masks),
        }
        if objects == 1:
            contestants["half"] = partial(ours, half, clip, masks)
        times = in_turns(rounds, contestants)
        figures[f"cpu_speedup_tiny_{objects}"] = times["reference"] / times["shipped"]
        figures[f"cpu_fps_tiny_{objects}"] = FILLING / times["shipped"]
        if objects == 1:
            figures["tiny_512_over_1024"] = times["shipped"] / times["half"]
    return rounded(figures)


def gpu_speedups(frames: int, rounds: int) -> dict[str, float | None]:
    """The same on a GPU, with random weights in the sizes of SAM 2.1 tiny (and base-plus, `…_base_plus`), in bfloat16
    on both sides; `gpu_16_over_1` is 16 objects' frames a second over one object's. None without a GPU."""
    names = [f"gpu_speedup_{objects}" for objects in OBJECTS]
    if not torch.cuda.is_available():
        return dict.fromkeys([*names, "gpu_16_over_1"])
    figures: dict[str, float | None] = {}
    for size, suffix in (("tiny", ""), ("base_plus", "_base_plus")):
        model = Sam2VideoModel(official_config(size)).eval().to("cuda")
        exact = Checkpoint(model, size)
        shipped = Checkpoint(
            checkpoint.in_precision(Sam2VideoModel(official_config(size)).eval().to("cuda"), torch.bfloat16),
            size,
        )
        speeds = {}
        for objects in OBJECTS:
            clip, masks = footage(frames, objects)
            times = in_turns(
                rounds,
                {
                    "reference": partial(reference, exact, clip, masks, torch.bfloat16),
                    "shipped": partial(ours, shipped, clip, masks),
                },
            )
            speeds[objects] = frames / times["shipped"]
            figures[f"gpu_speedup_{objects}{suffix}"] = times["reference"] / times["shipped"]
            figures[f"gpu_fps_{objects}{suffix}"] = speeds[objects]
        figures[f"gpu_16_over_1{suffix}"] = speeds[16] / speeds[1]
    return rounded(figures)


def ours(weights: Checkpoint, clip: KeyedFrames, masks: Sequence[np.ndarray]) -> None:
    """A first propagation: nothing is cached."""
    tracker = tracker_of(weights)
    objects = {number: TrackState([FramePrompt(0, mask=mask)]) for number, mask in enumerate(masks)}
    for _ in tracker.propagate_all(clip, objects, order=range(len(clip))):
        pass


_trackers: dict[int, Tracker] = {}


def tracker_of(weights: Checkpoint) -> Tracker:
    """One for each checkpoint, so that what is recorded is recorded once; its features are forgotten."""
    tracker = _trackers.setdefault(id(weights), Tracker(weights))
    tracker._cache = FeatureCache.of(weights.device)
    return tracker


@torch.inference_mode()
def reference(
    weights: Checkpoint, clip: KeyedFrames, masks: Sequence[np.ndarray], precision: torch.dtype | None = None
) -> None:
    """The same with `Sam2VideoModel` as its documentation shows, masks brought to the frames' size."""
    model, size, device = weights.model, weights.image_size, weights.device
    height, width = clip.frames.shape[1:3]
    pixels = torch.stack([image.preprocess(frame, size, device) for frame in clip.frames])
    session = Sam2VideoInferenceSession(
        video=pixels,
        video_height=height,
        video_width=width,
        inference_device=device,
        inference_state_device=device,
        video_storage_device=device,
        dtype=torch.float32,
    )
    for number, mask in enumerate(masks):
        place = session.obj_id_to_idx(number)
        session.add_mask_inputs(place, 0, image.mask_to_input(mask, size, device)[None])
    session.obj_with_new_inputs = list(range(len(masks)))
    with torch.autocast(device.type, precision) if precision else nullcontext():
        model(session, frame_idx=0)
        for output in model.propagate_in_video_iterator(session):
            full = F.interpolate(output.pred_masks.float(), size=(height, width), mode="bilinear")
            (full > 0).cpu().numpy()


def footage(frames: int, objects: int) -> tuple[KeyedFrames, list[np.ndarray]]:
    """A clip and masks of its first frame; the same object twice where it has not as many."""
    clip = render_clip(7, frames=frames, fps=6.0, objects=8, split="test")
    seen = [mask for mask in clip.masks[0] if mask.any()]
    return KeyedFrames(clip.frames, "clip"), [seen[number % len(seen)] for number in range(objects)]


def official_config(size: str) -> Sam2VideoConfig:
    """SAM 2.1's published sizes."""
    config = Sam2VideoConfig()  # tiny
    if size == "base_plus":
        assert isinstance(config.vision_config, PreTrainedConfig)
        vision = config.vision_config.to_dict()
        vision["backbone_config"] |= {
            "hidden_size": 112,
            "blocks_per_stage": [2, 3, 16, 3],
            "embed_dim_per_stage": [112, 224, 448, 896],
            "num_attention_heads_per_stage": [2, 4, 8, 16],
            "window_size_per_stage": [8, 4, 14, 7],
            "window_positional_embedding_background_size": [14, 14],
            "global_attention_blocks": [12, 16, 20],
        }
        vision["backbone_channel_list"] = [896, 448, 224, 112]
        config = Sam2VideoConfig(vision_config=vision)
    config.enable_occlusion_spatial_embedding = True
    config.enable_temporal_pos_encoding_for_object_pointers = True
    return config


# --- After a correction --------------------------------------------------------------------------


def repropagation(frames: int, clips: int) -> dict[str, float]:
    """Speed of propagating again after one correction over the first pass, for the whole clip and for the span only.

    One click on the first frame, then one on the worst frame that is not prompted, on the ways that the worker goes.
    `span_share` is the share of frames that were computed, `span_jf_loss` what joining costs in J&F.
    """
    weights = checkpoint.load(device="cpu")
    corrected = [made for seed in range(clips) if (made := correct(weights, seed, frames)) is not None]
    first, whole, span = (
        sum(getattr(made, name) for made in corrected) for name in ("first", "whole", "span")
    )
    return rounded(
        {
            "repropagate_whole": first / whole,
            "repropagate_span": first / span,
            "span_share": float(np.mean([made.share for made in corrected])),
            "span_jf_loss": float(np.mean([made.loss for made in corrected])),
            "corrections": len(corrected),
        }
    )


@dataclass(frozen=True)
class Corrected:
    """Seconds of the first pass and of the two ways to do it again; share of frames computed and J&F lost by the
    span."""

    first: float
    whole: float
    span: float
    share: float
    loss: float


def correct(weights: Checkpoint, seed: int, frames: int) -> Corrected | None:
    """The largest object of a clip, followed and corrected once; None if nobody would correct it."""
    made = render_clip(200 + seed, frames=frames, fps=6.0, split="test")
    truth = made.masks[:, made.masks[0].sum((1, 2)).argmax()]
    clip, tracker = KeyedFrames(made.frames, f"clip {seed}"), tracker_of(weights)
    x, y, label = simulate.centre_click(truth[0]) or (0, 0, 1)
    start = FramePrompt(0, [(x, y)], [label])
    first, found = timed(lambda: list(tracker.propagate(clip, [start], order=range(frames))))
    before = {mask.frame_idx: mask.mask for mask in found}
    worst = min(range(1, frames), key=lambda idx: metrics.iou(before[idx], truth[idx]))
    error = simulate.centre_click(truth[worst], before[worst])
    if error is None or metrics.iou(before[worst], truth[worst]) > RIGHT:
        return None
    correction = FramePrompt(worst, [error[:2]], [error[2]])
    known = {worst: tracker.predict(clip, correction, before[worst]).mask, 0: before[0]}

    def again(before: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
        masks: dict[int, np.ndarray] = {}
        for order in legs("both", worst, frames, {0, worst}):
            way = tracker.propagate(
                clip,
                [start, correction],
                order=order,
                known=known,
                before=before,
                changed=frozenset({worst}),
            )
            masks |= {mask.frame_idx: mask.mask for mask in way}
        return masks

    whole, anew = timed(lambda: again({}))
    span, some = timed(lambda: again(before))
    scores = [
        np.mean(metrics.j_and_f([masks[idx] for idx in range(frames)], truth))
        for masks in (anew, before | some)
    ]
    return Corrected(first, whole, span, len(some) / frames, float(scores[0] - scores[1]))


# --- A click -------------------------------------------------------------------------------------


def click(rounds: int) -> dict[str, float]:
    """A second click on a frame, from the prompt to the cleaned mask of the frame's size, over the time that the mask
    decoder takes for itself."""
    weights = checkpoint.load(device="cpu")
    tracker = tracker_of(weights)
    clip, masks = footage(2, 1)
    x, y, label = simulate.centre_click(masks[0]) or (0, 0, 1)
    first = tracker.predict(clip, FramePrompt(0, [(x, y)], [label])).mask
    prompt = FramePrompt(0, [(x, y), (x + 2, y)], [1, 1])
    features = tracker._cache.get(("clip", 0))
    assert features is not None
    sparse = features.low.new_zeros(1, 3, features.low.shape[1])

    def decoder() -> None:
        with torch.inference_mode():
            decode_masks(weights.model, features.low, sparse, features.skips, multimask=False)

    with torch.inference_mode():
        told = to_model(prompt, clip.frames.shape[1:3], weights.image_size, previous=first)

    def with_prompt_encoder() -> None:
        with torch.inference_mode():
            decode(weights.model, features, condition(weights.model, features, None), told, multimask=False)

    times = in_turns(
        rounds,
        {
            "click": lambda: tracker.predict(clip, prompt, first),
            "decoder": decoder,
            "decoder and prompt encoder": with_prompt_encoder,
        },
    )
    return rounded(
        {
            "click_over_decoder": times["click"] / times["decoder"],
            "click_over_decoder_and_prompt_encoder": times["click"] / times["decoder and prompt encoder"],
            "click_ms": 1000 * times["click"],
            "decoder_ms": 1000 * times["decoder"],
        }
    )


# --- Memory --------------------------------------------------------------------------------------


def memory_growth(short: int, long: int) -> dict[str, float]:
    """Peak memory of a process that tracks an object through a long video over one that does through a short one."""
    peaks = {}
    for frames in (short, long):
        command = [sys.executable, "-m", "benchmarks.bench_tracker", "--memory-of", str(frames)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        peaks[frames] = json.loads(done.stdout.splitlines()[-1])
    return rounded(
        {f"memory_{long}_over_{short}": peaks[long] / peaks[short], "memory_mib": peaks[long] / 1024}
    )


def peak_memory(frames: int) -> int:
    """The most that this process held, in KiB, when it tracked an object through `frames` frames."""
    made = render_clip(7, frames=24, fps=6.0, objects=3, split="test")

    class Endless(KeyedFrames):
        def __len__(self) -> int:
            return frames

        def __getitem__(self, idx: int, /) -> np.ndarray:
            return super().__getitem__(idx % 24)

    tracker = Tracker(checkpoint.load(device="cpu"))
    start = FramePrompt(0, mask=made.masks[0, 0])
    for _ in tracker.propagate(Endless(made.frames, "endless"), [start], order=range(frames)):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# --- Times ---------------------------------------------------------------------------------------


def in_turns(rounds: int, contestants: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The best time of each, in seconds; they take turns, so that a busy moment of the machine hits them alike."""
    best = dict.fromkeys(contestants, float("inf"))
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            took, _ = timed(contestant)
            if number:  # the first round warms up
                best[name] = min(best[name], took)
    return best


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    result = function()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begin, result


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return dict(_rounded(figures))


def _rounded(figures: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        yield name, round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
