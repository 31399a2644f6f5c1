"""Fine-tuning: any SAM 2 goes on learning from clips that people accepted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import Sam2VideoModel

from worker.sam2.training.footage import Footage
from worker.sam2.training.interaction import Annotator
from worker.sam2.training.loop import Hardware, Progress, Training
from worker.sam2.training.model import existing_model, image_size
from worker.sam2.training.recipe import Stage

__all__ = ["FinetuneSettings", "Progress", "finetune"]


@dataclass(frozen=True)
class FinetuneSettings:
    """How long and how fast. The defaults are for the small SAM 2, some twenty clips and a few minutes of a CPU.

    A step sees `clips` clips of `frames` frames and `objects` objects in each. The learning rates, the image
    encoder's own (0 freezes it) and that of the rest, fall to a hundredth. For Meta's checkpoints take the official
    fine-tuning's, 5e-6 and for the encoder 3e-6. Every `keep_every_steps` steps are safe.
    """

    steps: int = 250
    seed: int = 0
    learning_rate: float = 2.5e-4
    encoder_learning_rate: float = 2e-4
    clips: int = 1
    frames: int = 6
    objects: int = 4
    device: str = "auto"
    threads: int | None = None
    keep_every_steps: int = 50


def finetune(
    base: str | Path,
    mix: Sequence[tuple[Footage, float]],
    out: Path,
    *,
    settings: FinetuneSettings = FinetuneSettings(),
    validation: Footage | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Goes on from `base` (a folder or a hub name) on footage drawn by weight; returns the model's folder.

    Made again with the same arguments, it goes on from `out/last.pt`. Once `cancelled` says so it keeps what
    was learned so far and returns. `out/log.jsonl` has a line for every few steps and for every validation.
    Footage of the first training among the mix keeps the model from forgetting it. Raises ValueError when
    the footage shows no object, FileNotFoundError when there is no such base.
    """
    return Training(
        out,
        [as_stage(settings, existing_model(base))],
        mix,
        lambda size: existing_model(base),
        seed=settings.seed,
        hardware=Hardware(settings.device, settings.threads),
        keep_every=settings.keep_every_steps,
        ema_decay=0.95,
        warmup=max(1, min(20, settings.steps // 5)),
        validation=validation,
        on_progress=on_progress,
        cancelled=cancelled,
    ).run()


def as_stage(settings: FinetuneSettings, base: Sam2VideoModel) -> Stage:
    """The settings as the trainer's one stage. People click more than they paint, so clicks weigh more."""
    rate = settings.learning_rate
    return Stage(
        "fine-tuning",
        settings.steps,
        image_size(base),
        clips=settings.clips,
        frames=settings.frames,
        objects=settings.objects,
        rates=(rate, rate / 100),
        encoder=settings.encoder_learning_rate / rate if rate else 0.0,
        images=0.35,
        annotator=Annotator(mask=0.4, click=0.4, box=0.2),
    )
