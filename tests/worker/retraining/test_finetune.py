"""A retraining from a release to an evaluated candidate; the model is tiny and its weights are random."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from engine import storage
from engine.models import (
    Checkpoint,
    CheckpointStatus,
    Evaluation,
    Release,
    Run,
    RunStatus,
    TrainingSource,
    Video,
)
from engine.run_kinds import TrainingSettings
from engine.services import checkpoints, evaluation_sets, retraining
from tests import factories
from worker.inference import trackers
from worker.retraining import evaluate as evaluating, finetune as finetuning
from worker.retraining.finetune import finetune
from worker.retraining.judge import evaluate
from worker.runs import Cancelled, Work, perform, stopping
from worker.sam2 import annotator
from worker.sam2.training.finetune import FinetuneSettings

STEPS = 3


@pytest.fixture(autouse=True)
def small(tiny_checkpoint: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHE = tmp_path / "cache"
    monkeypatch.setenv("MASKLOOP_THREADS", "1")
    monkeypatch.setattr(evaluating, "RENDERED_CLIPS", 1)
    monkeypatch.setattr(evaluating, "RENDERED_FRAMES", 4)
    monkeypatch.setattr(annotator, "ROUNDS", 1)
    monkeypatch.setattr(finetuning, "TELL_EVERY", 0.0)
    monkeypatch.setattr(finetuning, "SEND_LOG_EVERY", 0.0)
    monkeypatch.setattr(finetuning, "FinetuneSettings", partial(FinetuneSettings, frames=2, objects=1))


@pytest.fixture
def release(team: factories.Team) -> Release:
    """Three videos of six frames; the last one is kept aside, whatever its number."""
    videos = [factories.ready_video(team.project, team.owner, frames=6) for _ in range(3)]
    for video in videos:
        factories.accepted_masklet(video, team)
    Video.objects.update(split="train")
    Video.objects.filter(pk=videos[-1].pk).update(split="test")
    return factories.frozen_release(team)


def asked(team: factories.Team, release: Release, **settings: Any) -> Run:
    return factories.retraining(team, release, **{"steps": STEPS, "rendered_share": 0.0} | settings)


def done(run: Run) -> Run:
    perform(run.pk, finetune)
    run.refresh_from_db()
    return run


def test_a_release_becomes_an_evaluated_candidate(
    team: factories.Team, release: Release, tiny_checkpoint: str, told: Callable[..., Any]
) -> None:
    run = done(asked(team, release, rendered_share=0.3))
    assert (run.status, run.error_message) == (RunStatus.SUCCEEDED, "")
    candidate = Checkpoint.objects.get(run=run)
    assert run.result == {"checkpoint": candidate.pk}
    assert (candidate.status, candidate.parent) == (
        CheckpointStatus.EVALUATED,
        checkpoints.active(team.project.pk),
    )
    evaluation = candidate.evaluation
    assert evaluation is not None
    assert evaluation.recipe["learning_rate"] > 0
    assert len(evaluation.trained_on) == 2
    assert len(evaluation.kept_aside) == 1
    for compared in (evaluation.held_out, evaluation.rendered):
        assert compared is not None
        for figures in (compared.base, compared.candidate):
            assert 0 <= figures["jf_mask"] <= 1
            assert figures["objects"] > 0

    # Its weights are others than the base's, and lie in the object store.
    trained, base = trackers.load(candidate.location).checkpoint, trackers.load(tiny_checkpoint).checkpoint
    pairs = zip(trained.model.parameters(), base.model.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)

    assert (run.progress_done, run.progress_total) == (STEPS + 4, STEPS + 4)
    steps = [event["done"] for event in told(run, "progress")]
    assert steps == sorted(steps)
    assert retraining.log(run)[-1]["step"] == STEPS
    assert storage.size_of(f"{run.prefix}/last.pt") is None, "only the log outlives the training"

    checkpoints.promote(actor=team.owner, checkpoint=candidate, reason="a test")
    assert trackers.of_project(team.project.pk) is trackers.load(candidate.location)


def test_a_cancelled_training_leaves_no_candidate(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(team, release, steps=500)
    asked_for = iter(range(10**6))
    monkeypatch.setattr(Work, "cancelled", property(lambda work: next(asked_for) > 6))
    done(run)
    assert run.status == RunStatus.CANCELLED
    assert not Checkpoint.objects.filter(run=run).exists()
    assert storage.size_of(f"{run.prefix}/last.pt") is None


def test_a_worker_that_is_stopped_gives_the_training_back_and_another_goes_on(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(team, release, steps=8)
    monkeypatch.setattr(finetuning, "VALIDATIONS", 2)
    progress, seen, still_to_stop = Work.progress, [], [True]

    def watch(work: Work, steps: int, total: int, *, unit: str) -> None:
        progress(work, steps, total, unit=unit)
        seen.append(steps)
        if steps == 5 and still_to_stop:
            still_to_stop.clear()
            stopping.set()

    monkeypatch.setattr(Work, "progress", watch)
    try:
        done(run)
    finally:
        stopping.clear()
    assert (run.status, run.attempt) == (RunStatus.QUEUED, 0)
    assert storage.size_of(f"{run.prefix}/last.pt")
    assert not Checkpoint.objects.filter(run=run).exists()

    seen.clear()
    done(run)
    assert run.status == RunStatus.SUCCEEDED
    assert seen[0] == 5, "it goes on after the last step that was kept"
    steps = [entry["step"] for entry in retraining.log(run) if "loss" in entry]
    assert steps == sorted(set(steps))


def test_a_training_that_ended_is_not_done_again(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(team, release)
    compare = evaluating.Comparison.compare

    def break_down(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(evaluating.Comparison, "compare", break_down)
    done(run)
    assert run.status == RunStatus.QUEUED
    candidate = Checkpoint.objects.get(run=run)
    assert (candidate.status, candidate.location[:3]) == (CheckpointStatus.CANDIDATE, "s3:")

    monkeypatch.setattr(evaluating.Comparison, "compare", compare)
    monkeypatch.setattr(finetuning, "_train", break_down)
    done(run)
    assert run.status == RunStatus.SUCCEEDED
    assert Checkpoint.objects.get(run=run).location == candidate.location


def test_an_evaluation_that_is_cancelled_leaves_a_candidate_without_figures(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(*_: Any, **__: Any) -> None:
        raise Cancelled

    monkeypatch.setattr(evaluating.Comparison, "compare", cancel)
    run = done(asked(team, release))
    assert run.status == RunStatus.CANCELLED
    candidate = Checkpoint.objects.get(run=run)
    assert (candidate.status, candidate.evaluation) == (CheckpointStatus.CANDIDATE, None)


def test_a_base_that_cannot_be_loaded_is_told_before_anything_is_trained(
    team: factories.Team, release: Release, tmp_path: Path, settings: Any
) -> None:
    settings.CHECKPOINT = str(tmp_path / "nothing")
    run = done(asked(team, release))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "checkpoint_unusable")
    assert str(tmp_path / "nothing") in run.error_message


def test_a_gpu_that_is_too_small_is_told(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(finetuning, "_train", too_much)
    run = done(asked(team, release))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "out_of_memory")


def test_rates_that_are_left_open_suit_the_size_of_the_model() -> None:
    open_ones = TrainingSettings(steps=10)
    assert finetuning._settings(open_ones, 256).learning_rate == FinetuneSettings().learning_rate
    assert finetuning._settings(open_ones, 1024).learning_rate == 5e-6
    frozen = finetuning._settings(replace(open_ones, encoder_learning_rate=0.0), 1024)
    assert (frozen.learning_rate, frozen.encoder_learning_rate) == (5e-6, 0.0)


@pytest.fixture
def verified(team: factories.Team) -> Release:
    """Ten videos with a masklet each: half of them are held out."""
    for _ in range(10):
        factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=4), team)
    Video.objects.update(split="train")
    return factories.frozen_release(team)


def test_a_candidate_is_judged_on_what_no_training_sees(team: factories.Team, verified: Release) -> None:
    run = done(asked(team, verified))
    assert (run.status, run.error_message) == (RunStatus.SUCCEEDED, "")
    held = evaluation_sets.current(team.project.pk)
    told = Evaluation.objects.get(run=run)
    assert held is not None
    assert (told.evaluation_set, told.number, told.champion) == (held, 1, checkpoints.active(team.project.pk))
    assert {video.source for video in told.videos} == evaluation_sets.held_out(team.project.pk)
    seen = set(TrainingSource.objects.filter(run=run).values_list("source_sha256", flat=True))
    assert len(seen) == 5
    assert not seen & evaluation_sets.held_out(team.project.pk)
    figures = told.figures["candidate"]["all"]
    assert figures.objects == 5
    for name in ("jf_mask", "jf_1_click", "jf_3_clicks", "seconds", "clicks"):
        assert getattr(figures, name) is not None
    assert {"old_look", "old_look_absence"} <= told.guards.keys()
    assert [example.masklet in held.items.values_list("masklet", flat=True) for example in told.examples] == [
        True
    ] * 5  # type: ignore[attr-defined]
    evaluation = Checkpoint.objects.get(run=run).evaluation
    assert evaluation is not None
    assert evaluation.held_out is not None
    assert evaluation.held_out.base["objects"] == 5

    # Judged once more, on its own.
    again = done_evaluation(factories.evaluation_run(Checkpoint.objects.get(run=run), team.owner))
    assert (again.status, again.error_message) == (RunStatus.SUCCEEDED, "")
    second = Evaluation.objects.get(run=again)
    assert (second.number, second.gain) == (2, pytest.approx(told.gain, abs=1e-6))


def done_evaluation(run: Run) -> Run:
    perform(run.pk, evaluate)
    run.refresh_from_db()
    return run


def test_an_evaluation_that_is_cancelled_is_no_attempt(
    team: factories.Team, verified: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = Checkpoint.objects.get(run=done(asked(team, verified)))

    def cancel(*_: Any, **__: Any) -> None:
        raise Cancelled

    monkeypatch.setattr(evaluating.Comparison, "compare", cancel)
    run = done_evaluation(factories.evaluation_run(candidate, team.owner))
    assert run.status == RunStatus.CANCELLED
    assert Evaluation.objects.count() == 1
