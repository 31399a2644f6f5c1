"""Imports: an archive of somebody's dataset is announced, uploaded, read by a run, and becomes masklets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from engine import access, lifecycle, storage
from engine.errors import InvalidInput, RunInProgress, WrongState
from engine.models import (
    Attribute,
    AttributeKind,
    AuditKind,
    CheckpointImport,
    DatasetImport,
    ImportPolicy,
    ImportStatus,
    Label,
    Masklet,
    MaskletStatus,
    Project,
    Role,
    Run,
    RunKind,
    Source,
    Upload,
    Video,
)
from engine.services import audit, candidates, labels, masklets, quotas, revisions, runs
from vos import rle
from vos.formats import FORMATS
from vos.rle import MaskFrame

PART_SIZE = 16 * 1024 * 1024
MAX_SIZE = 8 * 1024**3  #: bytes of an archive: 512 parts
ABANDONED_AFTER = timedelta(hours=24)


@transaction.atomic
def begin(*, actor: User, project: Project, name: str, size: int, format: str, policy: str) -> Upload:
    """Announce an archive; its parts go to presigned links, as those of a video do. Raises `NoRoomLeft`."""
    access.require(actor, project.pk, Role.OWNER)
    if size > MAX_SIZE:
        raise InvalidInput(f"An archive may have at most {MAX_SIZE // 1024**3} GiB. Send it in several.")
    if format and format not in FORMATS:
        raise InvalidInput(f"Datasets are read as: {', '.join(FORMATS)}.")
    quotas.admit_output(project.pk)
    made = DatasetImport.objects.create(
        project=project, name=name, format=format, policy=policy, bytes=size, created_by=actor
    )
    upload_id = storage.begin_upload(made.source_key, content_type="application/zip")
    return Upload.objects.create(
        dataset_import=made,
        s3_upload_id=upload_id,
        size=size,
        part_size=PART_SIZE,
        expires_at=timezone.now() + ABANDONED_AFTER,
    )


def start(row: DatasetImport, *, actor: User) -> Run:
    """Inside a transaction: the archive has come, a run reads it."""
    lifecycle.change(row, ImportStatus.READING, actor=actor, problems=[], problem_count=0)
    return _request(row, actor=actor)


@transaction.atomic
def again(*, actor: User, row: DatasetImport) -> Run:
    """Read it once more: a run that failed goes on, one that was refused looks anew. Raises `WrongState`."""
    access.require(actor, row.project_id, Role.OWNER)
    if row.status == ImportStatus.READING:
        return _request(row, actor=actor)
    if row.status != ImportStatus.REFUSED:
        raise WrongState(f"This import is {row.status}.", status=row.status)
    return start(row, actor=actor)


def _request(row: DatasetImport, *, actor: User) -> Run:
    return runs.request(kind=RunKind.IMPORT, actor=actor, project_id=row.project_id, dataset_import=row)


@transaction.atomic
def remove(*, actor: User, row: DatasetImport | CheckpointImport) -> None:
    """Take what came in and its row away; what became of it stays. Raises `WrongState` where a checkpoint did, whose
    lineage the row is, and `RunInProgress`."""
    access.require(actor, row.project_id, Role.OWNER)
    if isinstance(row, CheckpointImport) and row.status == ImportStatus.DONE:
        raise WrongState("This is where a checkpoint comes from, so it stays. Retire the checkpoint instead.")
    if row.status == ImportStatus.UPLOADING or row.runs.live().exists():
        raise RunInProgress("This is still on its way, or being read. Stop that first.")
    audit.record(
        AuditKind.IMPORT_REMOVED,
        actor=actor,
        subject=row,
        project_id=row.project_id,
        before={"status": row.status},
    )
    prefix = f"{row.prefix}/"
    row.delete()
    transaction.on_commit(partial(storage.delete_prefix, prefix))


def refuse(row: DatasetImport, problems: Sequence[str], count: int) -> None:
    """Inside the transaction that ends the run: nothing of it is taken, and this is why."""
    lifecycle.change(
        row, ImportStatus.REFUSED, actor=None, problems=list(problems), problem_count=max(count, 1)
    )


def finish(row: DatasetImport) -> None:
    """Inside the transaction that ends the run: all of it is here."""
    lifecycle.change(row, ImportStatus.DONE, actor=row.created_by)
    audit.record(
        AuditKind.DATASET_IMPORTED,
        actor=row.created_by,
        subject=row,
        project_id=row.project_id,
        after={"videos": len(row.taken), "masklets": row.masklet_count, "policy": row.policy},
    )


def admit_words(row: DatasetImport, categories: Sequence[Any], attributes: Mapping[str, Any]) -> None:
    """Inside a transaction: labels and attributes that the project has not become its own."""
    labels.lock(row.project)
    known = set(Label.objects.filter(project=row.project).values_list("name", flat=True))
    for category in categories:
        if category.name not in known:
            known.add(category.name)
            labels.number(
                row.project, category.name, supercategory=category.supercategory, color=category.color
            )
    for name, value in attributes.items():
        Attribute.objects.get_or_create(project=row.project, name=name, defaults={"kind": _kind(value)})


def _kind(value: Any) -> AttributeKind:
    if isinstance(value, bool):
        return AttributeKind.TICK
    return AttributeKind.TEXT if isinstance(value, str) else AttributeKind.NUMBER


@transaction.atomic
def receive(
    video: Video,
    *,
    actor: User,
    frames: Mapping[int, MaskFrame],
    source: str,
    provenance: str,
    policy: str | None,
    run: Run | None = None,
    edited: Sequence[int] = (),
    **fields: Any,
) -> Masklet:
    """A masklet of masks that came from elsewhere: a candidate (`policy` None), one that waits for a verdict, or one
    that counts as accepted."""
    made = masklets.create(
        video,
        actor=actor if source == Source.MANUAL else None,
        source=source,
        provenance=provenance[:200],
        status=MaskletStatus.CANDIDATE,
        **fields,
    )
    revisions.receive(masklet=made, frames=frames, actor=actor, run=run, edited=edited)
    if policy is not None:
        lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=actor, reason=provenance)
    if policy == ImportPolicy.ACCEPT:
        lifecycle.change(
            made, MaskletStatus.ACCEPTED, actor=actor, reason=f"{provenance}, accepted by policy"
        )
    return made


@transaction.atomic
def upload_predictions(
    *, actor: User, video: Video, model: str, tracks: Sequence[Mapping[str, Any]], verify: bool
) -> list[Masklet]:
    """Masks of another model, a track each: candidates, which wait for a verdict where their score or `verify` says so
    (owners).

    Raises `InvalidInput` with the first mask that does not fit; then none is taken.
    """
    access.require(actor, video.project_id, Role.OWNER)
    made = []
    for place, track in enumerate(tracks):
        frames = _frames(video, place, track)
        masklet = receive(
            video,
            actor=actor,
            frames=frames,
            source=Source.AUTO,
            provenance=f"predictions of {model}",
            policy=None,
            label=track["label"],
        )
        candidates.receive(masklet, frames, score=track["score"], verify=verify)
        made.append(masklet)
    audit.record(
        AuditKind.PREDICTIONS_UPLOADED,
        actor=actor,
        subject=video,
        project_id=video.project_id,
        after={"model": model, "masklets": [each.pk for each in made]},
    )
    return made


def _frames(video: Video, place: int, track: Mapping[str, Any]) -> dict[int, MaskFrame]:
    frames: dict[int, MaskFrame] = {}
    for mask in track["masks"]:
        idx, where = mask["frame_idx"], f"Track {place}, frame {mask['frame_idx']}"
        if idx >= (video.frame_count or 0):
            raise InvalidInput(
                f"{where}: the video has {video.frame_count} annotated frames, counted from 0."
            )
        if idx in frames:
            raise InvalidInput(f"{where}: is there twice.")
        try:
            checked = rle.check(
                {"size": mask["size"], "counts": mask["counts"]},
                height=video.height or 0,
                width=video.width or 0,
            )
        except rle.InvalidMask as error:
            raise InvalidInput(f"{where}: {error}") from error
        frames[idx] = mask_frame(checked, score=track["score"])
    return frames


def mask_frame(mask: rle.Rle, *, score: float | None = None, stability: float | None = None) -> MaskFrame:
    """A mask as a revision holds it. What nobody told counts as certain."""
    seen = bool(rle.area(mask))
    return {
        "counts": mask["counts"],
        "predicted_iou": 1.0 if score is None else score,
        "object_score": 10.0 if seen else -10.0,
        "stability": 1.0 if stability is None else stability,
    }
