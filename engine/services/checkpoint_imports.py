"""Checkpoints that come in: announced and uploaded, or named by a location that the installation allows; read by a run;
each becomes a candidate of the project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from engine import access, lifecycle, storage
from engine.errors import InvalidInput, WrongState
from engine.models import (
    AuditKind,
    Checkpoint,
    CheckpointImport,
    ImportStatus,
    Project,
    Role,
    Run,
    RunKind,
    Upload,
)
from engine.services import audit, checkpoints, quotas, runs

PART_SIZE = 16 * 1024 * 1024
MAX_SIZE = 4 * 1024**3  #: bytes; the largest official checkpoint has 0.9 · 10⁹
ABANDONED_AFTER = timedelta(hours=24)
TOLD = 20  #: problems that are kept


@transaction.atomic
def begin(
    *, actor: User, project: Project, name: str, location: str = "", file: str = "", size: int = 0
) -> CheckpointImport:
    """Bring in what lies at `location`, or announce a `file` of `size` bytes, whose parts go to presigned links.

    Raises `InvalidInput` for a location that this installation does not allow, and `NoRoomLeft`.
    """
    access.require(actor, project.pk, Role.OWNER)
    if bool(location) == bool(file and size):
        raise InvalidInput("Name a location, or a file and its size; not both.")
    quotas.admit_output(project.pk)
    if location:
        return _begin_at(location, actor=actor, project=project, name=name)
    if size > MAX_SIZE:
        raise InvalidInput(f"A checkpoint may have at most {MAX_SIZE // 1024**3} GiB.")
    row = CheckpointImport.objects.create(project=project, name=name, file=file, bytes=size, created_by=actor)
    Upload.objects.create(
        checkpoint_import=row,
        s3_upload_id=storage.begin_upload(row.source_key, content_type="application/octet-stream"),
        size=size,
        part_size=PART_SIZE,
        expires_at=timezone.now() + ABANDONED_AFTER,
    )
    return row


def _begin_at(location: str, *, actor: User, project: Project, name: str) -> CheckpointImport:
    if location not in checkpoints.allowed_locations():
        raise InvalidInput(
            f"This installation does not bring in {location}. It allows: "
            f"{', '.join(checkpoints.allowed_locations())}. Whoever runs it adds others to MASKLOOP_CHECKPOINTS."
        )
    row = CheckpointImport.objects.create(
        project=project, name=name, location=location, status=ImportStatus.READING, created_by=actor
    )
    _request(row, actor=actor)
    return row


def start(row: CheckpointImport, *, actor: User) -> Run:
    """Inside a transaction: the file has come, a run reads it."""
    lifecycle.change(row, ImportStatus.READING, actor=actor)
    return _request(row, actor=actor)


@transaction.atomic
def again(*, actor: User, row: CheckpointImport) -> Run:
    """Read it once more, where its run failed or was stopped. Raises `WrongState`."""
    access.require(actor, row.project_id, Role.OWNER)
    if row.status != ImportStatus.READING:
        raise WrongState(f"This import is {row.status}.", status=row.status)
    return _request(row, actor=actor)


def _request(row: CheckpointImport, *, actor: User) -> Run:
    return runs.request(
        kind=RunKind.IMPORT_WEIGHTS, actor=actor, project_id=row.project_id, checkpoint_import=row
    )


def refuse(row: CheckpointImport, problems: Sequence[str]) -> None:
    """Inside the transaction that ends the run: nothing of it is kept but why."""
    lifecycle.change(
        row, ImportStatus.REFUSED, actor=None, problems=list(problems[:TOLD]), problem_count=len(problems)
    )
    transaction.on_commit(partial(storage.delete_prefix, row.source_key))


def finish(row: CheckpointImport, location: str, *, size: int) -> Checkpoint:
    """Inside the transaction that ends the run: its weights, `size` bytes, lie at `location`."""
    made = Checkpoint.objects.create(project_id=row.project_id, name=row.name, location=location, bytes=size)
    lifecycle.change(row, ImportStatus.DONE, actor=row.created_by, checkpoint=made)
    audit.record(
        AuditKind.CHECKPOINT_IMPORTED,
        actor=row.created_by,
        subject=made,
        project_id=row.project_id,
        after={"came_from": row.location or row.file, "bytes": size},
    )
    transaction.on_commit(partial(storage.delete_prefix, row.source_key))
    return made
