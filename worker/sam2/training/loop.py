"""The training loop: stages, steps, and what is kept so that a killed run goes on where it was."""

import contextlib
import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn
from transformers import Sam2VideoModel

from worker.sam2.attention import same_weights
from worker.sam2.training.footage import Batch, Batches, Footage, Mix, batches
from worker.sam2.training.interaction import clip_loss, image_loss
from worker.sam2.training.model import export
from worker.sam2.training.plots import draw
from worker.sam2.training.recipe import Stage
from worker.sam2.training.stock import Stock
from worker.sam2.training.validation import validate

WEIGHT_DECAY, BETAS, CLIP_NORM = 0.05, (0.9, 0.98), 1.0
LOG_EVERY = 20
VALIDATION_CLIPS, VALIDATION_OBJECTS, VALIDATION_FRAMES = 2, 4, 8  # a batch; longer where training is

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """Where a run is. `validation` is there when it was just measured."""

    step: int
    steps: int
    loss: float | None
    seconds_left: float | None
    validation: dict[str, float] | None = None


@dataclass(frozen=True)
class Hardware:
    """What a run may use: "auto" is CUDA where there is one; `threads` None leaves PyTorch's own choice;
    `loaders` processes make batches ahead (0: none, made between the steps)."""

    device: str = "auto"
    threads: int | None = None
    loaders: int = 0

    def torch_device(self) -> torch.device:
        """The device to train on."""
        if self.device != "auto":
            return torch.device(self.device)
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class Training:
    """A run in the folder `out`; making it again with the same arguments goes on after its last kept step.

    Leaves `last.pt` (everything, to go on), `model/` (the averaged weights), `log.jsonl` and `curves.svg`.
    Step k's batch, prompts and rates depend on the seed and k alone, so on one machine and as many threads
    a run that was killed ends with the same weights as one that was not. Not so with a `stock`, which batches are
    drawn from instead, nor in stages that last some minutes.
    """

    out: Path
    stages: Sequence[Stage]
    mix: Mix
    model_at: Callable[[int], Sam2VideoModel]
    stock: Stock | None = None
    seed: int = 0
    hardware: Hardware = Hardware()
    keep_every: int = 200
    ema_decay: float = 0.99  # of the average of the weights: about 1 / (1 - ema_decay) steps
    warmup: int = 50
    validation: Footage | None = None
    validation_batches: int = 4
    on_progress: Callable[[Progress], None] = lambda progress: None
    cancelled: Callable[[], bool] = lambda: False
    state: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        kept = self.out / "last.pt"
        if kept.exists():
            self.state = {"before": 0, "seconds": 0.0} | torch.load(kept, map_location="cpu")
            self._forget_what_was_not_kept()
        else:
            torch.manual_seed(self.seed)
            weights = self.model_at(self.stages[0].size).state_dict()
            average = {name: value.detach().clone() for name, value in weights.items()}
            start = {"stage": 0, "step": 0, "before": 0, "seconds": 0.0}
            self.state = start | {"model": weights, "average": average, "optimizer": None}

    @property
    def steps(self) -> int:
        """Of all stages, as far as they are counted in steps."""
        return self.state["before"] + sum(stage.steps for stage in self.stages[self.state["stage"] :])

    @property
    def step(self) -> int:
        """That were taken so far."""
        steps: int = self.state["before"] + self.state["step"]
        return steps

    def run(self) -> Path:
        """Takes the steps that are left (or those until `cancelled`) and returns the model's folder."""
        threads = torch.get_num_threads()
        torch.set_num_threads(self.hardware.threads or threads)
        try:
            while self.state["stage"] < len(self.stages) and not self.cancelled():
                self._run_stage(self.stages[self.state["stage"]])
        finally:
            torch.set_num_threads(threads)
        if not (self.out / "model").exists():  # nothing was left to do, or nothing was done
            self._export(self.model_at(self.stages[-1].size))
        return self.out / "model"

    def _run_stage(self, stage: Stage) -> None:
        device = self.hardware.torch_device()
        model = self.model_at(stage.size)
        model.load_state_dict(self.state["model"])
        nn.Module.to(model, device).train()
        optimizer = torch.optim.AdamW(parameter_groups(model, stage), betas=BETAS, fused=True)
        if self.state["optimizer"]:
            optimizer.load_state_dict(self.state["optimizer"])
        average = Average(
            {name: value.to(device) for name, value in self.state["average"].items()}, self.ema_decay
        )
        clock = Clock()
        losses: list[float] = []
        first, before = self.state["step"], self.state["seconds"]
        for number, batch in enumerate(self._batches(stage, first), first):
            done = stage.done(number, before + clock.seconds)
            if done >= 1:
                break
            rate = self._set_rate(optimizer, stage, done, number)
            loss = self._take_step(model, optimizer, stage, number, batch, device)
            average.follow(model.state_dict(), self.step)
            self.state |= {"step": number + 1, "seconds": before + clock.seconds}
            losses.append(loss)
            clock.tick()
            if self.step % LOG_EVERY == 0 or self.state["step"] == stage.steps:
                self._log(stage=stage.name, loss=round(float(np.mean(losses[-LOG_EVERY:])), 4), rate=rate)
            self._tell(loss, clock)
            stop = self.cancelled()
            if stop or self.step % self.keep_every == 0 or self.state["step"] == stage.steps:
                self._keep(model, optimizer, average, stage, clock)
            if stop:
                return
        if stage.minutes:
            self._keep(model, optimizer, average, stage, clock)
        # The next stage learns more slowly, from a calmer place than the last step.
        calm = {name: value.clone() for name, value in self.state["average"].items()}
        self.state |= {"stage": self.state["stage"] + 1, "before": self.step, "step": 0, "seconds": 0.0}
        self.state |= {"model": calm, "optimizer": None}
        save_atomically(self.state, self.out / "last.pt")

    def _batches(self, stage: Stage, first: int) -> Iterator[Batch]:
        if self.stock is not None:
            return self.stock.batches(stage)
        data = Batches(
            self.mix,
            stage.size,
            stage.clips,
            stage.frames,
            stage.objects,
            seed=self.seed + self.state["stage"],
        )
        last = 2**31 if stage.minutes else stage.steps
        return batches(data, first, last, loaders=self.hardware.loaders)

    def _set_rate(self, optimizer: torch.optim.Optimizer, stage: Stage, done: float, number: int) -> float:
        """The learning rate of a step: linear over the stage, warmed up at its start."""
        start, end = stage.rates
        rate = (start + (end - start) * done) * min(1.0, (number + 1) / self.warmup)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        return rate

    def _take_step(
        self,
        model: Sam2VideoModel,
        optimizer: torch.optim.Optimizer,
        stage: Stage,
        number: int,
        batch: Batch,
        device: torch.device,
    ) -> float:
        frames, masks = (part.to(device) for part in batch)
        seed = [self.seed, self.state["stage"], number]
        rng = np.random.default_rng(seed)
        torch.manual_seed(int(rng.integers(2**31)))
        loss_of = image_loss if rng.random() < stage.images else clip_loss
        with arithmetic(device), same_weights():
            loss = loss_of(model, frames, masks, rng, stage.annotator)
        loss.backward()
        norm = nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], CLIP_NORM)
        if math.isfinite(float(norm)):
            optimizer.step()
        optimizer.zero_grad()
        return float(loss.detach())

    def _keep(
        self,
        model: Sam2VideoModel,
        optimizer: torch.optim.Optimizer,
        average: "Average",
        stage: Stage,
        clock: "Clock",
    ) -> None:
        """Makes what was learned durable, and measures it."""
        weights = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
        mean = {name: value.cpu() for name, value in average.weights.items()}
        self.state |= {"model": weights, "average": mean, "optimizer": optimizer.state_dict()}
        save_atomically(self.state, self.out / "last.pt")
        averaged = self._export(self.model_at(self.stages[-1].size))
        if self.validation is not None:
            if stage.size != self.stages[-1].size:
                averaged = self.model_at(stage.size)
                averaged.load_state_dict(mean)
            scores = validate(nn.Module.to(averaged, self.hardware.torch_device()), self._held_out(stage))
            self._log(validation=scores)
            self._tell(None, clock, scores)
        draw(self.out / "log.jsonl", self.out / "curves.svg")
        clock.rest()

    def _export(self, model: Sam2VideoModel) -> Sam2VideoModel:
        """Writes the averaged weights as a checkpoint's folder."""
        model.load_state_dict(self.state["average"])
        export(model, self.state["average"], self.out / "model")
        return model

    def _held_out(self, stage: Stage) -> list[Batch]:
        assert self.validation is not None
        frames = stage.frames if stage.frames > 1 else VALIDATION_FRAMES
        data = Batches(
            [(self.validation, 1.0)], stage.size, VALIDATION_CLIPS, frames, VALIDATION_OBJECTS, seed=10**6
        )
        return [data[index] for index in range(self.validation_batches)]

    def _log(self, **entry: Any) -> None:
        """Appends a line to log.jsonl."""
        line = json.dumps({"step": self.step} | entry)
        with (self.out / "log.jsonl").open("a") as file:
            file.write(line + "\n")
        logger.info(line)

    def _forget_what_was_not_kept(self) -> None:
        """Takes out of log.jsonl the steps that will be taken again."""
        log = self.out / "log.jsonl"
        lines = log.read_text().splitlines(keepends=True) if log.exists() else []
        log.write_text("".join(line for line in lines if json.loads(line)["step"] <= self.step))

    def _tell(self, loss: float | None, clock: "Clock", validation: dict[str, float] | None = None) -> None:
        """Reports progress; the time left counts the pixels that later stages look at."""
        now = self.stages[self.state["stage"]]
        later = self.stages[self.state["stage"] + 1 :]
        left = (now.steps - self.state["step"]) * work(now) if now.steps else 0
        left += sum(stage.steps * work(stage) for stage in later)
        seconds = clock.seconds_a_step
        seconds_left = seconds * left / work(now) if seconds is not None else None
        if now.minutes:
            seconds_left = 60 * sum(stage.minutes for stage in [now, *later]) - self.state["seconds"]
        self.on_progress(Progress(self.step, self.steps, loss, seconds_left, validation))


def work(stage: Stage) -> float:
    """What a step of a stage costs, roughly: pixels times what is done on each frame."""
    return stage.size**2 * stage.clips * stage.frames * (1 + stage.objects + 2 * (stage.encoder > 0))


class Clock:
    """How long a step takes lately."""

    def __init__(self) -> None:
        self.seconds_a_step: float | None = None
        self._began = self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it was made, rests included."""
        return time.monotonic() - self._began

    def tick(self) -> None:
        """A step is over."""
        now = time.monotonic()
        took, self._last = now - self._last, now
        self.seconds_a_step = took if self.seconds_a_step is None else 0.9 * self.seconds_a_step + 0.1 * took

    def rest(self) -> None:
        """What came since the last step was no step."""
        self._last = time.monotonic()


class Average:
    """A slow average of the weights; it scores better than the weights themselves."""

    def __init__(self, weights: dict[str, Tensor], decay: float) -> None:
        self.weights, self.decay = weights, decay

    @torch.no_grad()
    def follow(self, weights: dict[str, Tensor], step: int) -> None:
        """Takes a step towards the weights; it remembers few steps at first."""
        towards = get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))
        names = [name for name, value in self.weights.items() if value.is_floating_point()]
        towards([self.weights[name] for name in names], [weights[name] for name in names], None)


def parameter_groups(model: Sam2VideoModel, stage: Stage) -> list[dict[str, Any]]:
    """What learns, by share of the learning rate and by weight decay (on matrices only); the rest is frozen."""
    encoder = "vision_encoder."
    depth = len(model.vision_encoder.backbone.blocks)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        share = 1.0
        if name.startswith(encoder):
            share = stage.encoder * stage.layer_decay ** layers_above(name.removeprefix(encoder), depth)
        parameter.requires_grad_(share > 0)
        if share > 0:
            groups.setdefault((share, WEIGHT_DECAY if parameter.ndim > 1 else 0.0), []).append(parameter)
    return [
        {"params": params, "share": share, "weight_decay": decay, "lr": 0.0}
        for (share, decay), params in groups.items()
    ]


def layers_above(name: str, depth: int) -> int:
    """How many of the image encoder's blocks lie between a weight of it and its output."""
    if name.startswith("neck."):
        return 0
    parts = name.split(".")
    return depth - int(parts[2]) if parts[1] == "blocks" else depth + 1


def arithmetic(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """bfloat16 where the processor is fast at it, else single precision."""
    if device.type == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Writes the whole file or nothing."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
