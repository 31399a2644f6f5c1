"""The annotators' queue: a masklet is claimed, held by heartbeat, and given back when its lease runs out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from annotation import policies
from annotation.models import Assignment
from engine import access, leases, lifecycle
from engine.errors import InvalidInput, WrongState
from engine.models import Masklet, MaskletStatus, Membership, Project, Role, Source, Video
from engine.services import canaries

IN_HAND = (MaskletStatus.SELECTED, MaskletStatus.ANNOTATING, MaskletStatus.NEEDS_REFINEMENT)


class Band(models.TextChoices):
    """What comes first, all else being equal."""

    REFINEMENT = "refinement"  #: a reviewer sent it back
    DOUBTFUL = "doubtful"  #: its masks are likely wrong
    NEW = "new"


@transaction.atomic
def claim(*, actor: User, masklet_id: int, takeover: bool = False) -> Assignment:
    """Hold one masklet. A lease that has run out counts as free.

    Raises `HeldByOther`, `OpenInAnotherTab` (the same person, without `takeover`), `WrongState`, and what
    `policies.check_claim` raises.
    """
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.ANNOTATOR)
    _lapse(masklet)
    held = Assignment.objects.open().filter(masklet=masklet).first()
    if held is None:
        if masklet.status in (MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT):
            policies.check_claim(masklet, actor)
        return take(masklet, actor=actor)
    assignment = leases.take_again(held, person=actor, takeover=takeover)
    assignment.masklet = masklet
    return assignment


@transaction.atomic
def claim_next(*, actor: User, project_id: int, video: int | None = None) -> Assignment | None:
    """Hold what comes first for `actor` in the project (or one video of it); None when nothing waits."""
    access.require(actor, project_id, Role.ANNOTATOR)
    leases.lapse_expired(Assignment, _lapse, masklet__project=project_id)
    of_video = {}
    if video is not None:
        of_video = {"video": access.find(Video.objects.filter(project=project_id), actor, video)}
    for waiting in for_person(actor, Project.objects.get(pk=project_id)):
        free = waiting.filter(**of_video).select_for_update(of=("self",), no_key=True, skip_locked=True)
        if masklet := free.select_related("video", "revision").first():
            return take(masklet, actor=actor)
    return None


def banded(masklets: QuerySet[Masklet]) -> QuerySet[Masklet]:
    """The masklets with their `band`."""
    bands = [When(place=at, then=Value(band)) for at, band in enumerate(Band)]
    return masklets.annotate(band=Case(*bands, output_field=models.CharField()))


# An owner's priority first, then the bands, the most doubtful of theirs, what waits longest: the index of that name.
ORDER = ("-priority", "place", "-band_doubt", "updated_at", "id")


def for_person(person: User, project: Project) -> list[QuerySet[Masklet]]:
    """What `person` may claim, in the order in which they get it: what is kept for them, what is left over, each
    with what they have had in hand and given back at its end. One query for all would sort the whole queue."""
    waiting = Masklet.objects.to_annotate().filter(project=project)
    waiting = waiting.filter(phase__in=policies.trained_phases(project.pk, person))
    waiting = waiting.exclude(returned_from=person)
    if policies.separates_selection(project):
        waiting = waiting.exclude(created_by=person, source=Source.MANUAL, trial=False)
    given_back = Assignment.objects.filter(
        masklet=OuterRef("pk"),
        person=person,
        outcome__in=[Assignment.Outcome.HANDED_BACK, Assignment.Outcome.LAPSED],
    )
    waiting = waiting.order_by(*ORDER)
    kept, free = waiting.filter(assigned_to=person), waiting.filter(assigned_to__isnull=True)
    parts = [kept, free] if kept.exists() else [free]
    return [part.filter(had) for part in parts for had in (~Exists(given_back), Exists(given_back))]


def take(masklet: Masklet, *, actor: User) -> Assignment:
    """Inside the transaction that locked or made `masklet`: the claim itself."""
    previous_status = masklet.status
    job = Assignment.Job.TRACKING
    if policies.is_own_selection(masklet, actor) and policies.separates_selection(masklet.project):
        job = Assignment.Job.SELECTION
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=actor)
    canaries.begin_work(masklet)
    return leases.take(Assignment, masklet=masklet, person=actor, previous_status=previous_status, job=job)


def heartbeat(*, actor: User, assignment_id: int, token: str) -> Assignment:
    """Keep the lease. Raises `LeaseLost`."""
    assignment = leases.find(Assignment, person=actor, pk=assignment_id)
    assignment.keep(token=token)
    return assignment


def hold(*, actor: User, masklet_id: int, token: str) -> Assignment:
    """Every edit begins here, inside its transaction: the masklet and its assignment are locked, so that
    nobody who lost the lease can write. Raises `LeaseLost`."""
    masklet = leases.lock_held(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.ANNOTATOR)
    return leases.hold(Assignment, masklet=masklet, person=actor, token=token)


@transaction.atomic
def assign(*, actor: User, masklet_id: int, **changes: Any) -> Masklet:
    """An owner's changes to a masklet in the annotators' hands: `person`, the annotator whom it is kept for (None:
    anybody), and `priority`, the higher the sooner. Whoever else holds it loses it; what they saved stays."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    _lapse(masklet)
    if masklet.status not in IN_HAND:
        words = MaskletStatus(masklet.status).label.lower()
        raise WrongState(
            f"This masklet does not wait for an annotator; it is {words}.", status=masklet.status
        )
    if "priority" in changes:
        masklet.priority = changes["priority"]
        masklet.save(update_fields=["priority"])
    if "person" in changes:
        _keep_for(masklet, changes["person"], actor=actor)
    return masklet


def lapse_expired() -> int:
    """The janitor's duty: masklets whose annotator went silent go back where they came from."""
    return leases.lapse_expired(Assignment, _lapse)


def _lapse(masklet: Masklet) -> bool:
    assignment = Assignment.objects.expired().filter(masklet=masklet).first()
    if assignment is None or not assignment.lapse():
        return False
    lifecycle.change(masklet, assignment.previous_status, actor=None, reason="lease lost")
    return True


def _keep_for(masklet: Masklet, person: str | None, *, actor: User) -> None:
    masklet.assigned_to = None if person is None else _annotator(masklet, person)
    masklet.save(update_fields=["assigned_to"])
    held = Assignment.objects.open().filter(masklet=masklet).first()
    if held is not None and held.person != masklet.assigned_to:
        held.end(Assignment.Outcome.REASSIGNED, token=held.token)
        lifecycle.change(masklet, held.previous_status, actor=actor, reason="reassigned")


def _annotator(masklet: Masklet, username: str) -> User:
    membership = (
        Membership.objects.filter(project=masklet.project_id, role=Role.ANNOTATOR)
        .filter(user__username=username, user__is_active=True)
        .select_related("user")
        .first()
    )
    if membership is None:
        raise InvalidInput(f"{username} is no annotator of this project.")
    if masklet.phase not in membership.phases:
        raise InvalidInput(f"{username} is not trained for phase {masklet.phase}.")
    return membership.user
