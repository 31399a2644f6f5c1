"""Retraining: a release becomes a candidate checkpoint, trained and evaluated by a run."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from engine import access, lifecycle, storage
from engine.errors import InvalidInput, WrongState
from engine.models import (
    Checkpoint,
    CheckpointStatus,
    Project,
    Release,
    ReleaseItem,
    ReleaseStatus,
    Role,
    Run,
    RunKind,
)
from engine.models.checkpoint import Measured
from engine.run_kinds import Base, FinetuneParams, TrainingSettings
from engine.services import checkpoints, evaluation_sets, quotas, runs


def bases(project: Project) -> list[Base]:
    """What this project may start from, the active checkpoint first, then the newest."""
    rows = Checkpoint.objects.filter(project=project).exclude(status=CheckpointStatus.CANDIDATE)
    usable = [row for row in rows if not row.run_id or row.location]
    usable.sort(key=lambda row: row.status != CheckpointStatus.ACTIVE)
    own = [Base(row.name, checkpoints.location_of(row), row.pk) for row in usable]
    known = {base.location for base in own}
    others = [Base(place, place) for place in checkpoints.allowed_locations() if place not in known]
    return own + others


def start(
    *,
    actor: User,
    release: Release,
    settings: TrainingSettings,
    checkpoint: int | None = None,
    location: str | None = None,
    name: str = "",
) -> Run:
    """Ask for a retraining on a frozen release, from a checkpoint of the project, a location that this
    installation allows, or, when neither is given, the active checkpoint."""
    access.require(actor, release.project_id, Role.OWNER)
    if release.status == ReleaseStatus.DRAFT:
        raise WrongState("Freeze this release before you retrain on it.", status=release.status)
    base = _choose(bases(release.project), checkpoint=checkpoint, location=location)
    return _request(release, actor=actor, settings=settings, base=base, name=name)


def start_for(release: Release, *, actor: User | None, settings: TrainingSettings) -> Run:
    """What a trigger asks for: from the champion, on a release that is frozen; `actor` where it was by hand."""
    return _request(release, actor=actor, settings=settings, base=bases(release.project)[0], name="")


def _request(
    release: Release, *, actor: User | None, settings: TrainingSettings, base: Base, name: str
) -> Run:
    quotas.admit_output(release.project_id)
    evaluation_sets.ensure(release.project)
    return runs.request(
        kind=RunKind.FINETUNE,
        actor=actor,
        project_id=release.project_id,
        release=release,
        params=FinetuneParams(base=base, settings=settings, name=name),
    )


def _choose(offered: list[Base], *, checkpoint: int | None, location: str | None) -> Base:
    if checkpoint is not None and location is not None:
        raise InvalidInput("Name a checkpoint of this project or a location, not both.")
    if checkpoint is None and location is None:
        return offered[0]
    for base in offered:
        if base.checkpoint == checkpoint if checkpoint is not None else base.location == location:
            return base
    if location is not None:
        allowed = ", ".join(checkpoints.allowed_locations())
        raise InvalidInput(
            f"This installation does not retrain {location}. It allows: {allowed}. "
            "Whoever runs it adds others to MASKLOOP_CHECKPOINTS."
        )
    raise InvalidInput("This project has no usable checkpoint of that number. Choose one from its list.")


def ancestors(run: Run) -> list[Checkpoint]:
    """The base of a retraining, its base, and so on, as far as the project has rows of them."""
    found: list[Checkpoint] = []
    pk = run.params_as(FinetuneParams).base.checkpoint
    row = Checkpoint.objects.filter(pk=pk).first() if pk else None
    while row is not None:
        found.append(row)
        row = row.parent
    return found


# What the worker leaves behind. Each step is made in one transaction that holds the run.


@transaction.atomic
def record_candidate(run: Run) -> Checkpoint:
    """The row for what `run` trained: a CANDIDATE without weights yet, or the one that an earlier attempt made."""
    runs.hold(run)
    assert run.release is not None
    asked = run.params_as(FinetuneParams)
    made, _ = Checkpoint.objects.get_or_create(
        run=run,
        defaults={
            "project_id": run.project_id,
            "name": asked.name or f"{run.release.name} (run {run.pk})",
            "parent_id": asked.base.checkpoint,
        },
    )
    return made


@transaction.atomic
def record_weights(run: Run, checkpoint: Checkpoint, location: str, *, size: int) -> None:
    """The candidate's files, `size` bytes, lie at `location`: from now on its training is not done again."""
    runs.hold(run)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(location=location, bytes=size)
    checkpoint.location = location


@transaction.atomic
def record_evaluation(run: Run, checkpoint: Checkpoint, evaluation: Measured) -> None:
    """The candidate has figures, and the run has done its work."""
    runs.hold(run)
    record_figures(checkpoint, evaluation, reason=str(run))
    runs.succeed(run, {"checkpoint": checkpoint.pk})


def record_figures(checkpoint: Checkpoint, evaluation: Measured, *, reason: str) -> None:
    """A candidate is EVALUATED, with its figures and what they lead to."""
    lifecycle.change(checkpoint, CheckpointStatus.EVALUATED, actor=None, reason=reason, evaluation=evaluation)


def known_before(run: Run) -> set[int]:
    """Masklets that the base of `run`, or one before it, was retrained on."""
    releases = [row.run.release_id for row in ancestors(run) if row.run]
    return set(ReleaseItem.objects.filter(release__in=releases).values_list("masklet_id", flat=True))


def judge(*, actor: User, checkpoint: Checkpoint) -> Run:
    """Ask for another evaluation beside the present champion. Raises `WrongState` where nothing could judge."""
    access.require(actor, checkpoint.project_id, Role.OWNER)
    if checkpoint.status == CheckpointStatus.ACTIVE:
        raise WrongState("This is the champion; others are judged beside it.", status=checkpoint.status)
    if checkpoint.run_id and not checkpoint.location:
        raise WrongState("This checkpoint has no weights yet.", status=checkpoint.status)
    held = evaluation_sets.ensure(checkpoint.project)
    if held is None:
        raise WrongState("Too little is verified to judge by: ten videos with accepted masklets are needed.")
    return runs.request(
        kind=RunKind.EVALUATE, actor=actor, project_id=checkpoint.project_id, candidate=checkpoint
    )


def all_runs() -> QuerySet[Run]:
    """Every retraining, whoever may see it."""
    return Run.objects.filter(kind=RunKind.FINETUNE)


def log(run: Run) -> list[dict[str, Any]]:
    """A retraining's losses and validations so far, in order of their steps.

    A worker that resumed wrote some steps again; the later lines count.
    """
    try:
        lines = storage.get(run.log_key).decode().splitlines()
    except FileNotFoundError:
        return []
    entries: list[dict[str, Any]] = []
    for line in lines:
        entry = json.loads(line)
        if entries and entries[-1]["step"] > entry["step"]:
            entries = [earlier for earlier in entries if earlier["step"] < entry["step"]]
        elif entries and entries[-1]["step"] == entry["step"] and entries[-1].keys() == entry.keys():
            entries.pop()
        entries.append(entry)
    return entries
