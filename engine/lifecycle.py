"""The one writer of statuses: which changes are legal, and how one is made.

A change is a compare-and-set on the status that was seen: exactly one row changes and a ledger row is
written in the same transaction. Losing the race is an error that the caller sees.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Extract, Now

from engine.errors import LostTheRace, WrongState
from engine.models import (
    CheckpointStatus,
    ExportStatus,
    ImportStatus,
    Masklet,
    MaskletStatus as M,
    PreverifierStatus,
    ReleaseStatus,
    RunStatus,
    Transition,
    VideoStatus,
)
from engine.models.masklet import RISK_HASTE

LEGAL: dict[str, dict[str, set[str]]] = {
    "masklet": {
        M.CANDIDATE: {M.IN_VERIFICATION, M.FILTERED},
        M.SELECTED: {M.ANNOTATING},
        M.ANNOTATING: {M.IN_VERIFICATION, M.SELECTED, M.NEEDS_REFINEMENT},
        # Filtered: a candidate that is unsatisfactory and not among those that people refine.
        M.IN_VERIFICATION: {M.ACCEPTED, M.NEEDS_REFINEMENT, M.REJECTED, M.FILTERED},
        # Filtered: a candidate whose object a person drew meanwhile.
        M.NEEDS_REFINEMENT: {M.ANNOTATING, M.IN_VERIFICATION, M.FILTERED},
        M.ACCEPTED: {M.IN_VERIFICATION},
        # As a reviewer's undo, seconds after the verdict; or brought back by an owner.
        M.REJECTED: {M.IN_VERIFICATION, M.NEEDS_REFINEMENT},
        # An owner brings a candidate back, or a reviewer takes a verdict back.
        M.FILTERED: {M.IN_VERIFICATION},
    },
    "video": {
        VideoStatus.UPLOADING: {VideoStatus.EXTRACTING, VideoStatus.FAILED},
        VideoStatus.EXTRACTING: {VideoStatus.READY, VideoStatus.FAILED},
        VideoStatus.READY: set(),
        VideoStatus.FAILED: {VideoStatus.EXTRACTING},
    },
    "run": {
        RunStatus.QUEUED: {RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED},
        RunStatus.RUNNING: {
            RunStatus.QUEUED,
            RunStatus.SUCCEEDED,
            RunStatus.FAILED,
            RunStatus.CANCELLED,
        },
        RunStatus.SUCCEEDED: set(),
        RunStatus.FAILED: set(),
        RunStatus.CANCELLED: set(),
    },
    "release": {
        ReleaseStatus.DRAFT: {ReleaseStatus.FROZEN},
        ReleaseStatus.FROZEN: {ReleaseStatus.EXPORTED},
        ReleaseStatus.EXPORTED: set(),
    },
    "datasetimport": {
        ImportStatus.UPLOADING: {ImportStatus.READING},
        ImportStatus.READING: {ImportStatus.DONE, ImportStatus.REFUSED},
        ImportStatus.DONE: set(),
        ImportStatus.REFUSED: {ImportStatus.READING},
    },
    "checkpointimport": {
        ImportStatus.UPLOADING: {ImportStatus.READING},
        ImportStatus.READING: {ImportStatus.DONE, ImportStatus.REFUSED},
        ImportStatus.DONE: set(),
        ImportStatus.REFUSED: set(),
    },
    "export": {
        ExportStatus.WRITING: {ExportStatus.WRITTEN},
        ExportStatus.WRITTEN: {ExportStatus.WRITING},
    },
    "checkpoint": {
        # Active at once: only what came from elsewhere, which an owner vouches for where nothing is held out.
        CheckpointStatus.CANDIDATE: {
            CheckpointStatus.EVALUATED,
            CheckpointStatus.ACTIVE,
            CheckpointStatus.RETIRED,
        },
        CheckpointStatus.EVALUATED: {CheckpointStatus.ACTIVE, CheckpointStatus.RETIRED},
        CheckpointStatus.ACTIVE: {CheckpointStatus.RETIRED},
        CheckpointStatus.RETIRED: {CheckpointStatus.ACTIVE},
    },
    "preverifier": {
        PreverifierStatus.CANDIDATE: {PreverifierStatus.ACTIVE},
        PreverifierStatus.ACTIVE: {PreverifierStatus.RETIRED},
        PreverifierStatus.RETIRED: set(),
    },
}


def change(
    subject: models.Model,
    to_status: str,
    *,
    actor: User | None,
    reason: str = "",
    where: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Move `subject` from the status it carries to `to_status`, with `values` in the same statement.

    1. Refuse a change that the table above does not hold (`WrongState`).
    2. Update the row if it still has the status that was seen, and what `where` asks for.
    3. Unless exactly one row changed, somebody else was first (`LostTheRace`).
    4. Note it in the ledger, in the same transaction.
    """
    kind = subject._meta.model_name or ""
    from_status: str = subject.status  # type: ignore[attr-defined]
    if to_status not in LEGAL[kind].get(from_status, set()):
        raise WrongState(
            f"A {kind} that is {_words(from_status)} cannot become {_words(to_status)}.",
            status=from_status,
        )
    if isinstance(subject, Masklet):
        values = _belongs_to(to_status) | values
    matching = type(subject)._default_manager.filter(pk=subject.pk, status=from_status, **(where or {}))
    # No savepoint: whoever lost the race has written nothing that would have to be undone.
    with transaction.atomic(savepoint=False):
        if changed := matching.update(status=to_status, **values):
            Transition.objects.create(
                subject_type=kind,
                subject_id=subject.pk,
                from_status=from_status,
                to_status=to_status,
                actor=actor,
                reason=reason,
            )
    if not changed:
        raise LostTheRace
    subject.refresh_from_db(fields=["status", *values])


def _belongs_to(status: str) -> dict[str, Any]:
    """What of a masklet goes with the status that it enters."""
    values: dict[str, Any] = {"updated_at": Now()}
    if status == M.IN_VERIFICATION:
        values["review_rank"] = Extract(Now(), "epoch") - RISK_HASTE * F("risk")
    else:
        values |= {"escalated": False, "discard_proposed": False}
    if status != M.ACCEPTED:
        values["passed_by"] = ""
    return values


def _words(status: str) -> str:
    return str(status).replace("_", " ")
