"""Finetune: retrain a checkpoint on a release, and evaluate what comes out beside what it came from.

The training's state and log are sent to the object store from time to time, so that another worker goes on where
a killed one was. What is done is not done again: footage is fetched anew, but a training that ended has left a
candidate with its weights, and only its evaluation follows.
"""

import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import torch
from django.conf import settings
from django.db import transaction

from engine import storage
from engine.errors import InvalidInput, MaskloopError
from engine.models import Checkpoint, Run
from engine.models.checkpoint import Measured
from engine.run_kinds import FinetuneParams, TrainingSettings
from engine.services import checkpoints, retraining, runs
from worker import scratch
from worker.inference import trackers, weights
from worker.retraining import dataset as footage
from worker.retraining.dataset import TrainingSet
from worker.retraining.evaluate import Comparison, Judgement
from worker.runs import Cancelled, Work
from worker.sam2 import checkpoint
from worker.sam2.training.blend import blend
from worker.sam2.training.finetune import FinetuneSettings, Progress, finetune as retrain
from worker.sam2.training.folders import FootageError, SavFolder
from worker.sam2.training.footage import Batches, Footage, Rendered
from worker.sam2.training.variety import Varied

TELL_EVERY = 1.0  #: seconds between two notes of the progress
SEND_LOG_EVERY = 3.0  #: seconds
SHARE_OF_TIME = 0.05  #: that sending the state may take at most
VALIDATIONS, MOST_STEPS_LOST = 4, 200
#: Of the official fine-tuning, for checkpoints of its size; the trainer's own are for the small one.
OFFICIAL_SIZE = 1024  #: pixels
OFFICIAL_RATES = FinetuneSettings(learning_rate=5e-6, encoder_learning_rate=3e-6)
NEW = 0.6  #: share of what is new among what people accepted
#: Of the way from the base to what was learned: it has four fifths of the gain on a new look and a fifth of the loss on
#: the old one (docs/the-loop.md).
LEARNED = 0.6
RENDERED_VANISHING = 0.6  #: of the rendered objects come and go
LARGEST_RENDERED = 512  #: pixels; larger footage takes longer to render than to learn from

logger = logging.getLogger(__name__)


class OutOfMemory(MaskloopError):
    status = 507
    code = "out_of_memory"
    message = (
        "The GPU's memory is too small for retraining this checkpoint. Start from a smaller one, or give the "
        "retraining worker a GPU of its own."
    )


def finetune(work: Work) -> None:
    """Train on the run's release, leave a candidate checkpoint, and evaluate it."""
    run = work.run
    assert run.release is not None
    with scratch.folder(needs=footage.space_for(run.release)) as folder:
        state = State(run, folder / "training")
        try:
            runs.note(run, stage="footage", seconds_left=None)
            laid = footage.lay_out(work, run.release, folder / "footage")
            told, judgement = _train_and_compare(work, laid, state)
        except Cancelled:
            runs.record_cancelled(run)
            state.drop()
            return
        except FootageError as error:
            raise InvalidInput(str(error)) from error
        except torch.OutOfMemoryError as error:
            raise OutOfMemory from error
        finally:
            # This worker may wait for days now; others use the device meanwhile.
            torch.cuda.empty_cache()
    with transaction.atomic():
        runs.hold(run)
        candidate = retraining.record_candidate(run)
        if judgement is not None:
            judgement.record(run, candidate)
        retraining.record_evaluation(run, candidate, told)
    state.drop()


def _train_and_compare(work: Work, laid: TrainingSet, state: "State") -> tuple[Measured, Judgement | None]:
    run = work.run
    asked = run.params_as(FinetuneParams)
    steps = asked.settings.steps
    comparison = Comparison(work, laid, steps=steps)
    base, size = _usable(asked.base.location)
    candidate = Checkpoint.objects.filter(run=run).exclude(location="").first()
    if candidate is None:
        model = _train(work, laid, state, base=base, size=size, total=comparison.total)
        candidate = retraining.record_candidate(run)
        location = weights.send(model, candidate.prefix)
        retraining.record_weights(run, candidate, location, size=weights.size(model))
    runs.note(run, stage="evaluating", seconds_left=None)
    work.progress(steps, comparison.total, unit="steps")
    champion = checkpoints.active(run.project_id) if laid.held else None
    before = trackers.folder(checkpoints.location_of(champion)) if champion else base
    told, judgement = comparison.compare(before, trackers.folder(candidate.location), champion=champion)
    recipe = asdict(_settings(asked.settings, size))
    measured = Measured(
        told.held_out, told.rendered, laid.note, laid.trained_on, laid.kept_aside, recipe, beside=told.beside
    )
    return measured, judgement


def _usable(location: str) -> tuple[str, int]:
    """Where `worker.sam2` finds the base, and its image size. Raises `CheckpointUnusable` before any work."""
    try:
        folder = trackers.folder(location)
        return folder, checkpoint.load(folder, "cpu").image_size
    except (OSError, ValueError, RuntimeError) as error:
        raise trackers.CheckpointUnusable(f"{location} cannot be retrained: {error}") from error


def _train(work: Work, laid: TrainingSet, state: "State", *, base: str, size: int, total: int) -> Path:
    """The folder of the model that came out. Raises `Cancelled`."""
    run = work.run
    chosen = run.params_as(FinetuneParams).settings
    rendered = chosen.rendered_share
    told = Every(TELL_EVERY)

    def tell(progress: Progress) -> None:
        state.send()
        if told.is_due() or progress.step == progress.steps:
            left = progress.seconds_left
            runs.note(run, stage="training", seconds_left=None if left is None else round(left))
            work.progress(progress.step, total, unit="steps")

    state.fetch()
    aside = laid.held.footage if laid.held else laid.aside
    mix = _mix(laid, rendered, size)
    try:
        model = retrain(
            base,
            mix,
            state.folder,
            settings=_settings(chosen, size),
            validation=aside if aside and _can_be_drawn(aside, size) else None,
            on_progress=tell,
            cancelled=lambda: work.cancelled,
        )
    except ValueError as error:
        logger.warning("Run %s cannot be trained", run.pk, exc_info=True)
        raise InvalidInput(f"This release cannot be trained on: {error}") from error
    work.stop_if_cancelled()
    state.send(whole=True)
    return blend(base, model, LEARNED, state.folder / "blended")


def _mix(laid: TrainingSet, rendered: float, size: int) -> list[tuple[Footage, float]]:
    """What is new and what earlier releases had, varied, for it is little; and rendered footage in which objects come
    and go: so that the checkpoint forgets neither the old data nor to say that an object is gone."""
    parts = [
        (Varied(part), share)
        for part, share in ((laid.train, NEW), (laid.earlier, 1 - NEW))
        if part is not None
    ]
    whole = sum(share for _, share in parts)
    mix: list[tuple[Footage, float]] = [(part, (1 - rendered) * share / whole) for part, share in parts]
    if rendered:
        side = min(size, LARGEST_RENDERED)
        mix.append((Rendered(side=side, vanishing=RENDERED_VANISHING), rendered))
    return mix


def _settings(chosen: TrainingSettings, size: int) -> FinetuneSettings:
    """What a person chose; rates that were left open suit a model of this image size."""
    usual = OFFICIAL_RATES if size >= OFFICIAL_SIZE else FinetuneSettings()
    rate, encoder_rate = chosen.learning_rate, chosen.encoder_learning_rate
    threads = os.environ.get("MASKLOOP_THREADS")
    return FinetuneSettings(
        steps=chosen.steps,
        seed=chosen.seed,
        device=settings.DEVICE,
        threads=int(threads) if threads else None,
        # Each is also a point of the validation curve.
        keep_every_steps=min(MOST_STEPS_LOST, max(1, chosen.steps // VALIDATIONS)),
        learning_rate=usual.learning_rate if rate is None else rate,
        encoder_learning_rate=usual.encoder_learning_rate if encoder_rate is None else encoder_rate,
    )


def _can_be_drawn(aside: SavFolder, size: int) -> bool:
    """Whether the trainer finds something in it that is large enough to validate on."""
    try:
        Batches([(aside, 1.0)], size, clips=1, frames=2, objects=1)[0]
    except FootageError:
        raise
    except ValueError:
        return False
    return True


class Every:
    """Says yes once in a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._last = float("-inf")

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self.seconds:
            return False
        self._last = now
        return True


class State:
    """A training's `last.pt` and `log.jsonl` in the object store, where the next worker finds them."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.folder = folder
        self._state, self._log = folder / "last.pt", folder / "log.jsonl"
        self._state_key, self._log_key = f"{run.prefix}/last.pt", run.log_key
        self._sent: dict[Path, float] = {}
        self._log_due, self._state_due = Every(SEND_LOG_EVERY), Every(0.0)

    def fetch(self) -> None:
        """Bring what an earlier attempt left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for key, path in ((self._log_key, self._log), (self._state_key, self._state)):
            with suppress(FileNotFoundError):
                storage.get_file(key, path)
                self._sent[path] = path.stat().st_mtime

    def send(self, *, whole: bool = False) -> None:
        """Send what changed: the log often, the state so seldom that it costs little; all of it if `whole`."""
        if self._changed(self._state) and (self._state_due.is_due() or whole):
            began = time.monotonic()
            self._put(self._state_key, self._state)
            self._state_due = Every((time.monotonic() - began) / SHARE_OF_TIME)
            self._state_due.is_due()
        if self._changed(self._log) and (self._log_due.is_due() or whole):
            self._put(self._log_key, self._log)

    def drop(self) -> None:
        """The log stays, since its curves are looked at later."""
        storage.delete_prefix(self._state_key)

    def _changed(self, path: Path) -> bool:
        return path.exists() and path.stat().st_mtime != self._sent.get(path)

    def _put(self, key: str, path: Path) -> None:
        written = path.stat().st_mtime
        storage.put_file(key, path, content_type="application/octet-stream")
        self._sent[path] = written
