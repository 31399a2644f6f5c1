"""The reviewers' queue: a masklet waits for the verdict of a person who had no hand in it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from engine import access, leases
from engine.errors import MaskloopError, WrongState
from engine.models import Masklet, MaskletStatus, Prompt, Revision, Role, Transition
from verification.models import Review


class OwnMasklet(MaskloopError):
    status = 403
    code = "own_masklet"
    message = "You had a hand in this masklet. Another person must verify it."


@transaction.atomic
def claim(*, actor: User, masklet_id: int, takeover: bool = False) -> Review:
    """Hold one masklet for a verdict on its current revision. A lease that has run out counts as free.

    Raises `OwnMasklet`, `HeldByOther`, `OpenInAnotherTab` (the same person, without `takeover`) or `WrongState`.
    """
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    if masklet.status != MaskletStatus.IN_VERIFICATION:
        words = MaskletStatus(masklet.status).label.lower()
        raise WrongState(f"This masklet does not wait for a verdict; it is {words}.", status=masklet.status)
    if Masklet.objects.filter(not_for(actor), pk=masklet.pk).exists():
        raise OwnMasklet
    _lapse(masklet)
    held = Review.objects.open().filter(masklet=masklet).first()
    if held is None:
        return take(masklet, actor=actor)
    review = leases.take_again(held, person=actor, takeover=takeover)
    review.masklet = masklet
    return review


@transaction.atomic
def claim_next(*, actor: User, project_id: int) -> Review | None:
    """Hold what waits longest in the project and is not one's own; None when nothing waits."""
    access.require(actor, project_id, Role.REVIEWER)
    leases.lapse_expired(Review, _lapse, masklet__project=project_id)
    while masklet := _free(project_id).exclude(not_for(actor)).order_by("updated_at", "id").first():
        # Another reviewer may have taken it between the query's snapshot and its lock; the next query knows.
        if not Review.objects.open().filter(masklet=masklet).exists():
            return take(masklet, actor=actor)
    return None


def take(masklet: Masklet, *, actor: User) -> Review:
    """Inside the transaction that locked `masklet`: the claim itself."""
    return leases.take(Review, masklet=masklet, person=actor, revision=masklet.revision)


def heartbeat(*, actor: User, review_id: int, token: str) -> Review:
    """Keep the lease. Raises `LeaseLost`."""
    review = leases.find(Review, person=actor, pk=review_id)
    review.keep(token=token)
    return review


@transaction.atomic
def give_back(*, actor: User, review_id: int, token: str) -> Review:
    """Leave the verdict to another reviewer."""
    review = hold(actor=actor, review_id=review_id, token=token)
    review.end(Review.Outcome.GIVEN_BACK, token=token)
    return review


def hold(*, actor: User, review_id: int, token: str) -> Review:
    """Inside a transaction: the masklet and its review are locked, so that nobody who lost the lease can
    give a verdict. Raises `LeaseLost`."""
    masklet = leases.lock_masklet(actor, leases.find(Review, person=actor, pk=review_id).masklet_id)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    return leases.hold(Review, masklet=masklet, person=actor, token=token)


def lapse_expired() -> int:
    """The janitor's duty: masklets whose reviewer went silent are free for another."""
    return leases.lapse_expired(Review, _lapse)


def not_for(person: User) -> Q:
    """Masklets that `person` may not verify: their own, unless an owner has relaxed that."""
    return Q(project__separate_verification=True) & made_by(person)


def made_by(person: User) -> Q:
    """Masklets that `person` had a hand in: chose the object, prompted it, made masks of it, or submitted it."""
    submitted = Transition.objects.filter(
        subject_type="masklet",
        subject_id=OuterRef("pk"),
        actor=person,
        from_status=MaskletStatus.ANNOTATING,
        to_status=MaskletStatus.IN_VERIFICATION,
    )
    return (
        Q(created_by=person)
        | Q(Exists(Prompt.objects.filter(masklet=OuterRef("pk"), actor=person)))
        | Q(Exists(Revision.objects.filter(masklet=OuterRef("pk"), actor=person)))
        | Q(Exists(submitted))
    )


def _free(project_id: int) -> QuerySet[Masklet]:
    held = Review.objects.open().filter(masklet=OuterRef("pk"))
    waiting = Masklet.objects.to_verify().filter(project=project_id).exclude(Exists(held))
    return waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("video")


def _lapse(masklet: Masklet) -> bool:
    review = Review.objects.expired().filter(masklet=masklet).first()
    return review is not None and review.lapse()
