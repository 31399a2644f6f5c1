"""The reviewers' queue: a masklet waits for the verdict of a person who had no hand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from engine import access, leases
from engine.errors import MaskloopError, WrongState
from engine.models import Masklet, MaskletStatus, Prompt, Revision, Role, Transition
from verification.models import Review

SKIPPING: dict[str, Any] = {"of": ("self",), "no_key": True, "skip_locked": True}


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
    for chunk in _in_chunks(_free(project_id).order_by("updated_at", "id")):
        mine_or_theirs = (
            Masklet.objects.filter(pk__in=chunk).exclude(not_for(actor)).order_by("updated_at", "id")
        )
        for pk in mine_or_theirs.values_list("pk", flat=True):
            masklet = (
                _free(project_id).select_for_update(**SKIPPING).select_related("video").filter(pk=pk).first()
            )
            # Another reviewer may have taken it between the query's snapshot and its lock.
            if masklet and not Review.objects.open().filter(masklet=masklet).exists():
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
    return Masklet.objects.to_verify().filter(project=project_id).exclude(Exists(held))


def _in_chunks(waiting: QuerySet[Masklet]) -> Iterator[list[int]]:
    """The ids of what waits, in its order: few at first, for the first is mostly the one. Who had a hand in a
    masklet is asked of these alone; asked of the whole queue, PostgreSQL reads all that a person ever did."""
    last, size = None, 20
    while True:
        rest = waiting
        if last:
            updated_at, pk = last
            rest = waiting.filter(updated_at__gte=updated_at).filter(
                Q(updated_at__gt=updated_at) | Q(pk__gt=pk)
            )
        rows = list(rest.values_list("updated_at", "pk")[:size])
        if not rows:
            return
        yield [pk for _, pk in rows]
        last, size = rows[-1], min(size * 4, 5_000)


def _lapse(masklet: Masklet) -> bool:
    review = Review.objects.expired().filter(masklet=masklet).first()
    return review is not None and review.lapse()
