"""The annotators' queue: a masklet is claimed, held by heartbeat, and given back when its lease runs out."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Value, When

from annotation.models import Assignment
from engine import access, leases, lifecycle
from engine.models import Masklet, MaskletStatus, Role

_REFINEMENT_FIRST = Case(When(status=MaskletStatus.NEEDS_REFINEMENT, then=Value(0)), default=Value(1))


@transaction.atomic
def claim(*, actor: User, masklet_id: int, takeover: bool = False) -> Assignment:
    """Hold one masklet. A lease that has run out counts as free.

    Raises `HeldByOther`, `OpenInAnotherTab` (the same person, without `takeover`) or `WrongState`.
    """
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.ANNOTATOR)
    _lapse(masklet)
    held = Assignment.objects.open().filter(masklet=masklet).first()
    if held is None:
        return take(masklet, actor=actor)
    assignment = leases.take_again(held, person=actor, takeover=takeover)
    assignment.masklet = masklet
    return assignment


@transaction.atomic
def claim_next(*, actor: User, project_id: int) -> Assignment | None:
    """Hold what waits longest in the project, refinement first; None when nothing waits."""
    access.require(actor, project_id, Role.ANNOTATOR)
    leases.lapse_expired(Assignment, _lapse, masklet__project=project_id)
    waiting = Masklet.objects.to_annotate().filter(project=project_id)
    free = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("video")
    masklet = free.order_by(_REFINEMENT_FIRST, "updated_at", "id").first()
    return take(masklet, actor=actor) if masklet else None


def take(masklet: Masklet, *, actor: User) -> Assignment:
    """Inside the transaction that locked or made `masklet`: the claim itself."""
    came_from = masklet.status
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=actor)
    return leases.take(Assignment, masklet=masklet, person=actor, came_from=came_from)


def heartbeat(*, actor: User, assignment_id: int, token: str) -> Assignment:
    """Keep the lease. Raises `LeaseLost`."""
    assignment = leases.find(Assignment, person=actor, pk=assignment_id)
    assignment.keep(token=token)
    return assignment


def hold(*, actor: User, masklet_id: int, token: str) -> Assignment:
    """Every edit begins here, inside its transaction: the masklet and its assignment are locked, so that
    nobody who lost the lease can write. Raises `LeaseLost`."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.ANNOTATOR)
    return leases.hold(Assignment, masklet=masklet, person=actor, token=token)


def lapse_expired() -> int:
    """The janitor's duty: masklets whose annotator went silent go back where they came from."""
    return leases.lapse_expired(Assignment, _lapse)


def _lapse(masklet: Masklet) -> bool:
    assignment = Assignment.objects.expired().filter(masklet=masklet).first()
    if assignment is None or not assignment.lapse():
        return False
    lifecycle.change(masklet, assignment.came_from, actor=None, reason="lease lost")
    return True
