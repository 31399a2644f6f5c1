"""The recipe that makes the bundled checkpoint: rendered images first, then clips.

    python -m worker.sam2.training --out runs/pretrain --minutes 80

Every batch is a function of its seed, so a run that was killed goes on from its last checkpoint
(`last.pt`, written atomically) as if nothing had happened. Budgets are minutes, not steps: learning
rates follow the share of the budget that is spent. `log.jsonl` holds the losses and the validation.
The best effort so far is in `model/` in `Sam2VideoModel`'s format, at half precision.
"""

import argparse
import json
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoAttention, Sam2VideoMemoryFuserCXBlock

from worker.render.clips import Clip, render_clip
from worker.render.textures import Split
from worker.sam2 import checkpoint, image, metrics, simulate
from worker.sam2.features import FrameFeatures, encode_frames
from worker.sam2.memory import MemoryBank
from worker.sam2.prompt import FramePrompt
from worker.sam2.simulate import Points
from worker.sam2.step import Prompts, StepOutput, adopt_mask, condition, decode, encode_memory, step
from worker.sam2.tracker import Tracker

IMAGE_SIZE = 256  # of the model that comes out
VALIDATION_CLIPS, VALIDATION_STEPS = 16, 2
logger = logging.getLogger(__name__)

LOSS_SIDE = 2  # masks are compared at half the image's size: four times cheaper, edges still count


# --- The model -------------------------------------------------------------------------------


def small_config(image_size: int = IMAGE_SIZE) -> Sam2VideoConfig:
    """A SAM 2 of about four million parameters; its weights fit any multiple of 64 pixels."""
    side = image_size // 4
    return Sam2VideoConfig(
        image_size=image_size,
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": 32,
                "image_size": [image_size, image_size],
                "blocks_per_stage": [1, 2, 5, 1],
                "embed_dim_per_stage": [32, 64, 128, 256],
                "num_attention_heads_per_stage": [1, 2, 4, 8],
                "window_size_per_stage": [8, 4, 8, 4],
                "window_positional_embedding_background_size": [8, 8],
                "global_attention_blocks": [5, 7],
            },
            "backbone_channel_list": [256, 128, 64, 32],
            "backbone_feature_sizes": [[side, side], [side // 2] * 2, [side // 4] * 2],
            "fpn_hidden_size": 128,
        },
        prompt_encoder_config={"hidden_size": 128, "image_size": image_size},
        mask_decoder_config={
            "hidden_size": 128,
            "mlp_dim": 512,
            "num_attention_heads": 4,
            "iou_head_hidden_dim": 128,
        },
        memory_attention_hidden_size=128,
        memory_attention_num_layers=2,
        memory_attention_feed_forward_hidden_size=512,
        memory_attention_rope_feat_sizes=[side // 4, side // 4],
        memory_attention_dropout=0.0,
        memory_attention_rope_dropout=0.0,
        memory_encoder_hidden_size=128,
        mask_downsampler_embed_dim=128,
        memory_fuser_embed_dim=128,
        memory_fuser_intermediate_dim=512,
    )


def build(image_size: int, weights: dict[str, Tensor] | None = None) -> Sam2VideoModel:
    """The model at an image size, with given weights or fresh ones."""
    # "eager": on a CPU the fused attention's backward pass is slower.
    model = Sam2VideoModel._from_config(small_config(image_size), attn_implementation="eager")
    if weights is None:
        initialise(model)
    else:
        model.load_state_dict(weights)
    for table in (model.shared_image_embedding, model.prompt_encoder.shared_embedding):
        # Places need all their digits, also where the rest is computed in bfloat16.
        table.forward = torch.autocast("cpu", enabled=False)(table.forward)
    return model


@torch.no_grad()
def initialise(model: Sam2VideoModel) -> None:
    """Fresh weights with PyTorch's defaults: `transformers`' sigma of 0.02 leaves a narrow model
    unable to learn (one-click IoU 0.06 instead of 0.30 after 600 steps)."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            module.reset_parameters()
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight)
        elif isinstance(module, Sam2VideoMemoryFuserCXBlock):
            nn.init.constant_(module.scale, 0.1)
    # The mask decoder starts by looking where places agree, so that a click counts from the first
    # step: with independent queries and keys it was ignored for hundreds.
    for module in model.mask_decoder.transformer.modules():
        if isinstance(module, Sam2VideoAttention) and module.internal_dim < module.hidden_size:
            nn.init.xavier_uniform_(module.q_proj.weight, gain=2.0)
            module.k_proj.weight.copy_(module.q_proj.weight)
    # A click finds its place only if it is encoded as the pixels are.
    clicks, pixels = model.prompt_encoder.shared_embedding, model.shared_image_embedding
    clicks.positional_embedding.copy_(pixels.positional_embedding)
    backbone = model.vision_encoder.backbone
    for table in (
        backbone.pos_embed,
        backbone.pos_embed_window,
        model.memory_temporal_positional_encoding,
        model.no_object_pointer,
        model.occlusion_spatial_embedding_parameter,
    ):
        assert table is not None
        nn.init.trunc_normal_(table, std=0.02)


def normalise(frames: Tensor) -> Tensor:
    """uint8 [N, S, S, 3] to the float [N, 3, S, S] that the image encoder wants."""
    return image.normalise(frames.permute(0, 3, 1, 2), frames.shape[1])


# --- The data --------------------------------------------------------------------------------


def squared(clip: Clip, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The clip squeezed to [T, S, S, 3] and [T, N, S, S], as the tracker squeezes real frames."""
    frames = [Image.fromarray(frame).resize((size, size), Image.Resampling.BILINEAR) for frame in clip.frames]
    height, width = clip.masks.shape[2:]
    rows = (np.arange(size) + 0.5) * height / size
    columns = (np.arange(size) + 0.5) * width / size
    masks = clip.masks[:, :, rows.astype(int)][:, :, :, columns.astype(int)]
    return np.stack([np.asarray(frame) for frame in frames]), masks


@dataclass(frozen=True)
class Batches(Dataset[tuple[Tensor, Tensor]]):
    """Step k's batch: images uint8 [B, T, S, S, 3] and masks bool [B, T, K, S, S].

    `objects` (K) are drawn from those that the first frame shows well.
    """

    size: int
    clips: int
    frames: int
    objects: int
    split: Split = "train"
    seed: int = 0

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        pairs = [self.sample(self.seed + step * self.clips + i) for i in range(self.clips)]
        frames, masks = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
        return frames, masks

    def sample(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """One clip; a scene whose first frame shows nothing is tried again with another seed."""
        rng = np.random.default_rng([seed, self.size])
        while True:
            wide, high = [(16, 9), (16, 9), (4, 3), (1, 1), (9, 16)][int(rng.integers(5))]
            unit = 1.1 * self.size / np.sqrt(wide * high)
            clip = render_clip(
                int(rng.integers(2**31)),
                width=round(unit * wide),
                height=round(unit * high),
                frames=self.frames,
                objects=int(rng.integers(3, 8)),
                difficulty=float(rng.uniform(0.1, 0.9)),
                split=self.split,
                fps=float(rng.choice([6.0, 6.0, 12.0])),
                vanishing=0.4 if self.frames > 1 else 0.0,
            )
            frames, masks = squared(clip, self.size)
            if rng.random() < 0.5:  # time runs both ways
                frames, masks = frames[::-1], masks[::-1]
            shown = np.flatnonzero(masks[0].mean((1, 2)) > 0.003)
            if len(shown):
                chosen = rng.choice(shown, self.objects, replace=len(shown) < self.objects)
                return frames.copy(), masks[:, chosen]


def batches(data: Batches, first: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Step after step from `first`, rendered ahead in a process of their own.

    Each batch comes twice, mirrored the second time: rendering would take a third of a small CPU.
    """
    steps = range(first // 2, 10**9)
    for frames, masks in DataLoader(data, batch_size=None, sampler=steps, num_workers=1, prefetch_factor=4):
        yield frames, masks
        yield frames.flip(3), masks.flip(4)


# --- The loss --------------------------------------------------------------------------------


def mask_losses(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Focal loss, dice loss and true IoU, each [N, M], of candidates [N, M, h, w] at the loss's size."""
    side = truth.shape[-1] // LOSS_SIDE
    logits = F.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)
    target = F.avg_pool2d(truth[:, None].float(), LOSS_SIDE).gt(0.5).float().expand_as(logits)
    probability = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    wrong = probability + target - 2 * probability * target
    focal = ((0.25 * target + 0.75 * (1 - target)) * wrong**2 * entropy).mean((2, 3))
    overlap = (probability * target).sum((2, 3))
    dice = 1 - (2 * overlap + 1) / (probability.sum((2, 3)) + target.sum((2, 3)) + 1)
    hit, real = logits > 0, target > 0.5
    ious = (hit & real).sum((2, 3)) / (hit | real).sum((2, 3)).clamp(min=1)
    return focal, dice, ious


def step_loss(output: StepOutput, truth: Tensor) -> Tensor:
    """SAM 2's loss of one frame: 20 focal + dice on the best candidate, L1 of every predicted IoU,
    cross-entropy of the object score. A frame without the object has only the last."""
    present = truth.flatten(1).any(1)
    focal, dice, ious = mask_losses(output.candidates.float(), truth)
    masks = 20 * focal + dice
    chosen = masks.gather(1, masks.argmin(1, keepdim=True))[:, 0]
    quality = (output.ious.float() - ious).abs().mean(1)
    score = F.binary_cross_entropy_with_logits(output.object_score.float(), present.float())
    return ((chosen + quality) * present).sum() / present.sum().clamp(min=1) + score


def image_loss(model: Sam2VideoModel, frames: Tensor, masks: Tensor, rng: np.random.Generator) -> Tensor:
    """Click or box on a single frame, then up to three corrections, each with the last mask fed back."""
    rows = torch.arange(len(frames)).repeat_interleave(masks.shape[2])
    truth = masks[:, 0].flatten(0, 1)
    features = encode_frames(model, normalise(frames[:, 0]))[rows]
    conditioned = condition(model, features, None)
    prompt = simulate.first_click(truth) if rng.random() < 0.65 else simulate.noisy_box(truth)
    rounds = int(rng.choice([0, 1, 2, 3], p=[0.6, 0.25, 0.1, 0.05]))
    _, losses = corrected(model, features, conditioned, prompt, truth, rounds)
    return torch.stack(losses).mean()


def corrected(
    model: Sam2VideoModel,
    features: FrameFeatures,
    conditioned: Tensor,
    prompt: Points | None,
    truth: Tensor,
    rounds: int,
) -> tuple[StepOutput, list[Tensor]]:
    """Decodes a prompt (None: just tracks), then `rounds` times clicks on an error and decodes again.

    Returns the last output and the loss of each.
    """
    output = decode(model, features, conditioned, as_prompts(prompt), multimask=is_ambiguous(prompt))
    losses = [step_loss(output, truth)]
    for _ in range(rounds):
        click = simulate.corrective_click(truth, output.full_logits > 0)
        prompt = click if prompt is None else prompt + click
        prompts = as_prompts(prompt, output.logits.detach().float())
        output = decode(model, features, conditioned, prompts, multimask=is_ambiguous(prompt))
        losses.append(step_loss(output, truth))
    return output, losses


def as_prompts(prompt: Points | None, earlier: Tensor | None = None) -> Prompts | None:
    """Simulated points as the step takes them."""
    if prompt is None:
        return None
    return Prompts(points=prompt.points, labels=prompt.labels, earlier=earlier)


def is_ambiguous(prompt: Points | None) -> bool:
    """Whether three candidates are decoded: for no point or one, as in inference."""
    return prompt is None or prompt.labels.shape[1] <= 1


def clip_loss(model: Sam2VideoModel, frames: Tensor, masks: Tensor, rng: np.random.Generator) -> Tensor:
    """Mask, click or box on the first frame, tracking through the others, sometimes a correction on the way.

    The paper starts half of the clips with a mask; here clicks are as many, because people click.
    """
    clips, length, count = masks.shape[:3]
    every = encode_frames(model, normalise(frames.flatten(0, 1)))
    rows = torch.arange(clips).repeat_interleave(count) * length
    truths = masks.transpose(1, 2).flatten(0, 1)
    bank = MemoryBank(model, frame_count=model.config.max_object_pointers_in_encoder, dtype=None)
    kind = rng.choice(["mask", "click", "box"], p=[0.4, 0.4, 0.2])
    corrected_frame = int(rng.integers(1, length)) if rng.random() < 0.3 else None
    losses: list[Tensor] = []
    for t in range(length):
        features, truth = every[rows + t], truths[:, t]
        if t == 0 and kind == "mask":
            output = adopt_mask(model, features, truth.float())
        else:
            prompt = None
            if t == 0:
                prompt = simulate.first_click(truth) if kind == "click" else simulate.noisy_box(truth)
            rounds = int(rng.integers(0, 3)) if t == 0 else int(t == corrected_frame)
            conditioned = condition(model, features, bank.read(t))
            output, turns = corrected(model, features, conditioned, prompt, truth, rounds)
            losses += turns
        memory = encode_memory(model, features, output, binary=False)
        bank.add(t, memory, conditioning=t in (0, corrected_frame))
    return torch.stack(losses).mean()


# --- Validation ------------------------------------------------------------------------------


@torch.no_grad()
def click_iou(model: Sam2VideoModel, data: Batches, *, clicks: int = 3, steps: int = 1) -> list[float]:
    """Mean IoU after 1 … `clicks` centre clicks on single held-out frames."""
    model.eval()
    ious: list[list[float]] = [[] for _ in range(clicks)]
    for frames, masks in (data[index] for index in range(steps)):
        truth = masks[:, 0].flatten(0, 1)
        features = encode_frames(model, normalise(frames[:, 0]))
        features = features[torch.arange(len(frames)).repeat_interleave(masks.shape[2])]
        conditioned = condition(model, features, None)
        shown, earlier, prompt = torch.zeros_like(truth), None, None
        for turn in range(clicks):
            click = centre_clicks(truth, shown)
            prompt = click if prompt is None else prompt + click
            prompts = as_prompts(prompt, earlier)
            output = decode(model, features, conditioned, prompts, multimask=is_ambiguous(prompt))
            earlier, shown = output.logits, output.full_logits > 0
            ious[turn] += [metrics.iou(s, t) for s, t in zip(shown.numpy(), truth.numpy(), strict=True)]
    return [round(float(np.mean(values)), 4) for values in ious]


def centre_clicks(truth: Tensor, shown: Tensor) -> Points:
    """Evaluation's next click on each of N masks; no point where nothing is wrong."""
    pairs = zip(truth.numpy(), shown.numpy(), strict=True)
    clicks = torch.tensor([simulate.centre_click(*pair) or (0, 0, -10) for pair in pairs]).float()
    return Points(clicks[:, None, :2], clicks[:, None, 2].int())


@torch.no_grad()
def tracked_iou(model: Sam2VideoModel, data: Batches, *, steps: int = 1) -> list[float]:
    """Mean IoU on frames 2 … T of held-out clips, from a first-frame mask and from one centre click."""
    model.eval()
    ious: dict[str, list[float]] = {"mask": [], "click": []}
    for frames, masks in (data[index] for index in range(steps)):
        clips, length, count = masks.shape[:3]
        every = encode_frames(model, normalise(frames.flatten(0, 1)))
        rows = torch.arange(clips).repeat_interleave(count) * length
        truths = masks.transpose(1, 2).flatten(0, 1)
        for kind, scores in ious.items():
            bank = MemoryBank(model, frame_count=16, dtype=None)
            first: Prompts | None = Prompts(mask=truths[:, 0].float())
            if kind == "click":
                first = as_prompts(centre_clicks(truths[:, 0], torch.zeros_like(truths[:, 0])))
            for t in range(length):
                output = step(model, every[rows + t], bank.read(t), None if t else first)
                assert output.memory is not None
                bank.add(t, output.memory, conditioning=t == 0)
                if t:
                    pairs = zip((output.full_logits > 0).numpy(), truths[:, t].numpy(), strict=True)
                    scores += [metrics.iou(shown, true) for shown, true in pairs]
    return [round(float(np.mean(scores)), 4) for scores in ious.values()]


# --- The figures -----------------------------------------------------------------------------


def evaluate(folder: Path | str, *, clips: int = 12, frames: int = 24) -> dict[str, float | int]:
    """The checkpoint's figures on the test split, through the tracker that people use.

    Clips are 480x270, `frames` annotated frames at 6 a second, three objects, difficulty 0.5; every
    object that covers at least 0.3 % of the first frame is scored on its own. J&F as in the SA-V
    evaluator (first and last frame skipped); clicks in the middle of the error.
    """
    tracker = Tracker(checkpoint.load(folder, "cpu"))
    scores: dict[str, list[float]] = {}
    tracked, seconds = 0, 0.0
    for seed in range(clips):
        clip = render_clip(seed, frames=frames, fps=6.0, split="test")
        for truth in np.moveaxis(clip.masks, 1, 0):
            if truth[0].mean() < 0.003 or not truth[1:-1].any():
                continue
            points: list[tuple[float, float]] = []
            labels: list[int] = []
            shown = np.zeros_like(truth[0])
            for turn in range(1, 4):
                click = simulate.centre_click(truth[0], shown)
                if click:
                    points, labels = [*points, click[:2]], [*labels, click[2]]
                    previous = shown if turn > 1 else None
                    shown = tracker.predict(clip.frames, FramePrompt(0, points, labels), previous).mask
                scores.setdefault(f"iou_{turn}_click{'s' * (turn > 1)}", []).append(
                    metrics.iou(shown, truth[0])
                )
            first = simulate.centre_click(truth[0]) or (0, 0, 1)
            starts = {
                "jf_mask": FramePrompt(0, mask=truth[0]),
                "jf_1_click": FramePrompt(0, [first[:2]], [first[2]]),
            }
            for name, prompt in starts.items():
                begin = time.perf_counter()
                masks = list(tracker.propagate(clip.frames, [prompt], order=range(frames)))
                seconds, tracked = seconds + time.perf_counter() - begin, tracked + frames
                scores.setdefault(name, []).append(
                    float(np.mean(metrics.j_and_f([m.mask for m in masks], truth)))
                )
                for mask, true in zip(masks[1:], truth[1:], strict=True):
                    called_present = mask.object_score > 0
                    kind = "present_recall" if true.any() else "absent_recall"
                    scores.setdefault(kind, []).append(float(called_present == true.any()))
    figures: dict[str, float | int] = {name: round(float(np.mean(v)), 4) for name, v in scores.items()}
    return figures | {"objects": len(scores["jf_mask"]), "fps_cpu": round(tracked / seconds, 1)}


# --- The run ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Phase:
    """One stretch of training: what it sees, its share of the minutes, its learning rates.

    A step sees `clips` clips of `frames` frames and `objects` objects in each. `learn` names the
    module that learns, on top of the averaged weights of the phases before; by default all do.
    """

    kind: str
    size: int
    share: float
    rates: tuple[float, float]
    clips: int
    frames: int
    objects: int
    learn: str = ""


PHASES = [
    Phase("images", 128, 0.455, (8e-4, 4e-4), clips=8, frames=1, objects=4),
    Phase("images", 256, 0.115, (4e-4, 2e-4), clips=4, frames=1, objects=4),
    Phase("clips", 128, 0.185, (4e-4, 3e-4), clips=4, frames=4, objects=2),
    Phase("clips", 256, 0.130, (3e-4, 1.2e-4), clips=2, frames=4, objects=2),
    # Absence is rare, so the score head ends far on the other side; alone it learns fast and harms no mask.
    Phase(
        "clips",
        256,
        0.115,
        (1e-3, 1e-4),
        clips=2,
        frames=5,
        objects=3,
        learn="mask_decoder.pred_obj_score_head",
    ),
]
WARMUP_STEPS = 200
KEEP_EVERY = 180.0  # seconds between checkpoints, each with a validation
LOSSES = {"images": image_loss, "clips": clip_loss}


class Average:
    """A slow average of the weights; it scores better than the weights themselves."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = {name: value.detach().clone() for name, value in weights.items()}

    @torch.no_grad()
    def follow(self, weights: dict[str, Tensor], step: int) -> None:
        """Takes a step towards the weights; it remembers few steps at first, about a hundred later."""
        keep = min(0.99, (1 + step) / (10 + step))
        names = [name for name, value in self.weights.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.weights[n] for n in names], [weights[n] for n in names], 1 - keep)


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Writes the whole file or nothing."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def export(weights: dict[str, Tensor], folder: Path) -> None:
    """Writes the weights as a `Sam2VideoModel` folder: stored in half precision, loaded in single."""
    fresh = folder.with_name(folder.name + ".part")
    build(IMAGE_SIZE, weights).half().save_pretrained(fresh)
    config = json.loads((fresh / "config.json").read_text())
    (fresh / "config.json").write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("model.safetensors", "config.json"):
        (fresh / name).replace(folder / name)
    shutil.rmtree(fresh)


def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """Weight decay on matrices only."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]


class Run:
    """A training run in a folder; making one again goes on where the last one stopped."""

    def __init__(self, out: Path, minutes: float, seed: int) -> None:
        self.out, self.minutes, self.seed = out, minutes, seed
        self.phase, self.spent, self.step = 0, 0.0, 0
        out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(seed)
        state = torch.load(out / "last.pt") if (out / "last.pt").exists() else None
        self.weights = state["model"] if state else build(128).state_dict()
        self.average = Average(state["average"] if state else self.weights)
        self.optimizer_state = state["optimizer"] if state else None
        if state:
            self.phase, self.spent, self.step = state["phase"], state["spent"], state["step"]

    def log(self, **entry: Any) -> None:
        """Appends a line to log.jsonl and prints it."""
        line = json.dumps({"phase": self.phase, "step": self.step, "spent": round(self.spent)} | entry)
        with (self.out / "log.jsonl").open("a") as file:
            file.write(line + "\n")
        logger.info(line)

    def keep(self, model: Sam2VideoModel, optimizer: torch.optim.Optimizer) -> None:
        """Validates, and makes what was learned durable."""
        phase = PHASES[min(self.phase, len(PHASES) - 1)]
        size = phase.size
        average = build(size, self.average.weights)
        held_out = Batches(size, clips=VALIDATION_CLIPS, frames=1, objects=2, split="validation")
        scores: dict[str, Any] = {"iou_clicks": click_iou(average, held_out, steps=VALIDATION_STEPS)}
        if phase.kind == "clips":
            clips = Batches(
                size, clips=max(1, VALIDATION_CLIPS // 3), frames=6, objects=2, split="validation"
            )
            scores["iou_tracked"] = tracked_iou(average, clips)
        self.log(**scores)
        state: dict[str, Any] = {"phase": self.phase, "spent": self.spent, "step": self.step}
        state |= {"model": model.state_dict(), "average": self.average.weights}
        state |= {"optimizer": optimizer.state_dict()}
        save_atomically(state, self.out / "last.pt")
        export(self.average.weights, self.out / "model")

    def train(self) -> None:
        """Runs the phases that are left."""
        while self.phase < len(PHASES):
            self.train_phase(PHASES[self.phase])

    def train_phase(self, phase: Phase) -> None:
        """Steps until the phase's share of the minutes is spent."""
        model = build(phase.size, self.average.weights if phase.learn else self.weights).train()
        if phase.learn:
            model.requires_grad_(False).get_submodule(phase.learn).requires_grad_(True)
        optimizer = torch.optim.AdamW(parameter_groups(model), betas=(0.9, 0.98), fused=True)
        if self.optimizer_state and (self.spent or not phase.learn):
            optimizer.load_state_dict(self.optimizer_state)
        data = Batches(phase.size, phase.clips, phase.frames, phase.objects, seed=self.seed)
        budget, kept, losses = phase.share * self.minutes * 60, self.spent, []
        before = time.monotonic()
        for frames, masks in batches(data, self.step):
            share = self.spent / budget
            rate = phase.rates[0] + share * (phase.rates[1] - phase.rates[0])
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (self.step + 1) / WARMUP_STEPS)
            torch.manual_seed(self.seed * 10**7 + self.step)
            with torch.autocast("cpu", torch.bfloat16):
                loss = LOSSES[phase.kind](model, frames, masks, np.random.default_rng([self.seed, self.step]))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            self.step += 1
            self.average.follow(model.state_dict(), self.step)
            losses.append(float(loss.detach()))
            now = time.monotonic()
            self.spent, before = self.spent + now - before, now
            if self.step % 50 == 0:
                self.log(loss=round(float(np.mean(losses[-50:])), 4), rate=round(rate, 6))
            if self.spent - kept > KEEP_EVERY and self.spent < budget:
                self.keep(model, optimizer)
                kept = self.spent
            if self.spent >= budget:
                break
        self.weights, self.optimizer_state = model.state_dict(), optimizer.state_dict()
        self.phase, self.spent = self.phase + 1, 0.0
        self.keep(model, optimizer)


def main() -> None:
    """Trains, or goes on training, in a folder; or prints a checkpoint's figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder for the log, the checkpoint and the model")
    parser.add_argument("--minutes", type=float, default=80, help="budget of the whole run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--evaluate", type=Path, metavar="FOLDER", help="only print this checkpoint's figures"
    )
    parser.add_argument("--clips", type=int, default=12, help="how many test clips to evaluate on")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.evaluate:
        logger.info(json.dumps(evaluate(options.evaluate, clips=options.clips)))
    elif options.out:
        Run(options.out, options.minutes, options.seed).train()
    else:
        parser.error("give --out to train or --evaluate to measure")


if __name__ == "__main__":
    main()
