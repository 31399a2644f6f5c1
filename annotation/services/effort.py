"""Writing the ledger of effort: prompts as they are stored, time as the page tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ExpressionWrapper, F, Sum, fields
from django.db.models.functions import Coalesce, Now

from annotation import rollups
from annotation.models import Assignment, Interaction
from engine import leases
from engine.errors import InvalidInput, LeaseLost
from engine.models import Prompt
from engine.services import checkpoints

LATE = timedelta(minutes=10)  #: how long after its end an assignment's last time may still be told


class Entry(TypedDict):
    """A stretch of time on one frame, as the page tells it."""

    sequence: int  #: 1 or more, unique in the assignment
    frame_idx: int
    active_ms: int
    wait_ms: int
    strokes: int
    tool: str


@dataclass(frozen=True)
class Told:
    taken: int  #: entries that are new
    known: int  #: entries that were told before
    bounded_ms: int  #: what was cut, since no more time has passed


def note_prompt(assignment: Assignment, prompt: Prompt) -> None:
    """Inside the transaction that stores the prompt, with the masklet locked."""
    with rollups.kept(assignment.masklet):
        Interaction.objects.create(
            **_facts(assignment), frame_idx=prompt.frame_idx, kind=prompt.kind, prompt=prompt
        )


@transaction.atomic
def tell(*, actor: User, assignment_id: int, token: str, entries: Sequence[Entry]) -> Told:
    """Add what a page measured. Entries that are known are left out, and all together never say more than has
    passed since the claim. Raises `LeaseLost`, `InvalidInput`.
    """
    leases.lock_held(actor, leases.find(Assignment, person=actor, pk=assignment_id).masklet_id)
    assignment = _locked(assignment_id, token)
    _check(entries, frame_count=assignment.masklet.video.frame_count or 0)
    known = set(
        Interaction.objects.filter(assignment=assignment, sequence__isnull=False).values_list(
            "sequence", flat=True
        )
    )
    new = [entry for entry in entries if entry["sequence"] not in known]
    left = _unspent_ms(assignment)
    rows, bounded = [], 0
    for entry in sorted(new, key=lambda entry: entry["sequence"]):
        active = min(entry["active_ms"], left)
        wait = min(entry["wait_ms"], left - active)
        left -= active + wait
        bounded += entry["active_ms"] + entry["wait_ms"] - active - wait
        values = {**entry, "active_ms": active, "wait_ms": wait}
        rows.append(Interaction(**_facts(assignment), kind=Interaction.Kind.TIME, **values))
    with rollups.kept(assignment.masklet):
        Interaction.objects.bulk_create(rows)
    return Told(taken=len(rows), known=len(entries) - len(rows), bounded_ms=bounded)


def _locked(assignment_id: int, token: str) -> Assignment:
    """The assignment, so that two reports do not spend the same time. A lease that another tab took over has
    another token; one that ended a while ago is closed."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("masklet__video")
    open_or_late = rows.annotate(late=Coalesce("ended_at", Now()) + LATE).filter(late__gte=Now())
    assignment: Assignment | None = open_or_late.filter(pk=assignment_id, token=token).first()
    if assignment is None:
        raise LeaseLost
    return assignment


def _unspent_ms(assignment: Assignment) -> int:
    passed = ExpressionWrapper(
        Coalesce("ended_at", Now()) - F("started_at"), output_field=fields.DurationField()
    )
    row = Assignment.objects.annotate(passed=passed).get(pk=assignment.pk)
    told = Interaction.objects.filter(assignment=assignment).aggregate(
        told=Coalesce(Sum(F("active_ms") + F("wait_ms")), 0)
    )["told"]
    return max(0, int(row.passed.total_seconds() * 1000) - int(told))


def _check(entries: Sequence[Entry], *, frame_count: int) -> None:
    sequences = [entry["sequence"] for entry in entries]
    if len(set(sequences)) != len(sequences):
        raise InvalidInput("Two entries have the same sequence. Number them within their assignment.")
    if any(entry["frame_idx"] >= frame_count for entry in entries):
        raise InvalidInput(f"This video has the frames 0 to {frame_count - 1}.")


def _facts(assignment: Assignment) -> dict[str, Any]:
    masklet = assignment.masklet
    return {
        "assignment": assignment,
        "masklet": masklet,
        "person_id": assignment.person_id,
        "phase": masklet.phase,
        "checkpoint": checkpoints.of_work(masklet),
    }
