"""Verdicts: given on the revision that was claimed, taken back within a minute, reopened by owners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from engine import access, leases, lifecycle
from engine.errors import InvalidInput, NotAllowed, NotFound, RevisionChanged, WrongState
from engine.models import Masklet, MaskletStatus, Role
from engine.services import candidates, releases
from verification.models import Review, Verdict
from verification.services import queue

UNDO_WITHIN = timedelta(seconds=60)

REASONS = {
    "wrong_object": "wrong object",
    "drifts": "drifts off the object",
    "misses_parts": "misses parts",
    "leaks": "leaks onto something else",
    "flickers": "flickers",
    "wrong_when_hidden": "wrong when the object is hidden",
    "other": "something else",
}


@transaction.atomic
def give(
    *, actor: User, review_id: int, token: str, kind: str, comment: str = "", reasons: Sequence[str] = ()
) -> Verdict:
    """Decide about the revision that was claimed; the masklet goes where the verdict leads.

    Unsatisfactory needs a comment or a reason. Raises `InvalidInput`, `LeaseLost` or `RevisionChanged`.
    """
    review = queue.hold(actor=actor, review_id=review_id, token=token)
    check(kind, comment, reasons)
    if review.masklet.revision_id != review.revision_id:
        raise RevisionChanged(current=review.masklet.revision_number)
    review.end(Review.Outcome.VERDICT, token=token)
    verdict = Verdict.objects.create(
        review=review, kind=kind, comment=comment, reasons=list(dict.fromkeys(reasons))
    )
    to_status = _leads_to(kind, review.masklet)
    lifecycle.change(review.masklet, to_status, actor=actor, reason=sentence(verdict))
    candidates.note_verdict(review.masklet)
    return verdict


@transaction.atomic
def undo(*, actor: User, verdict_id: int) -> Review:
    """Take a verdict back, by its reviewer, within a minute, if nothing happened since: the masklet waits
    again and the reviewer holds it."""
    judged = Verdict.objects.filter(pk=verdict_id).values_list("review__masklet_id", flat=True)
    seen = access.visible(Masklet.objects.filter(pk__in=judged), actor).first()
    if seen is None:
        raise NotFound
    # A verdict is either taken back or pinned.
    releases.lock_verdicts(seen.project_id)
    masklet = leases.lock_masklet(actor, seen.pk)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    verdict = Verdict.objects.select_related("review").get(pk=verdict_id)
    if verdict.review.person_id != actor.pk:
        raise NotAllowed("Only the reviewer who gave this verdict may take it back.")
    _check_undo(verdict, masklet)
    Verdict.objects.filter(pk=verdict.pk).update(undone_at=Now())
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason="verdict taken back")
    candidates.note_verdict(masklet)
    return queue.take(masklet, actor=actor)


@transaction.atomic
def reopen(*, actor: User, masklet_id: int, reason: str) -> Masklet:
    """An owner doubts an accepted masklet: it waits for another verdict."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if not reason.strip():
        raise InvalidInput("Say why this masklet is reopened; the reason is kept with it.")
    if masklet.status != MaskletStatus.ACCEPTED:
        raise WrongState("Only an accepted masklet can be reopened.", status=masklet.status)
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason=reason)
    return masklet


def sentence(verdict: Verdict) -> str:
    """What the next annotator reads: 'Drifts off the object, flickers: look at frames 12 to 20'."""
    reasons = ", ".join(REASONS[reason] for reason in verdict.reasons)
    return ": ".join(part for part in (reasons[:1].upper() + reasons[1:], verdict.comment) if part)


def _leads_to(kind: str, masklet: Masklet) -> MaskletStatus:
    """Of the candidates that SAM 2 proposed, a sample of the unsatisfactory ones is refined."""
    if kind == Verdict.Kind.UNSATISFACTORY:
        return candidates.after_unsatisfactory(masklet)
    return Verdict.LEADS_TO[Verdict.Kind(kind)]


def check(kind: str, comment: str, reasons: Sequence[str]) -> None:
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise InvalidInput(f"{unknown[0]} is not a reason. Reasons are: {', '.join(REASONS)}.")
    if kind == Verdict.Kind.UNSATISFACTORY and not (comment.strip() or reasons):
        raise InvalidInput("Say what to refine: choose a reason or write a comment.")
    if kind == Verdict.Kind.SATISFACTORY and reasons:
        raise InvalidInput("A satisfactory masklet has no reasons to refine it. Leave them out.")


def _check_undo(verdict: Verdict, masklet: Masklet) -> None:
    if verdict.undone_at is not None:
        raise WrongState("This verdict was taken back already.")
    # The review ended with the verdict, by the database's clock.
    if not Review.objects.filter(pk=verdict.review_id, ended_at__gte=Now() - UNDO_WITHIN).exists():
        raise WrongState("A verdict can be taken back for one minute. Ask an owner to reopen the masklet.")
    pinned = releases.is_pinned(masklet, verdict.review.revision_id)
    if pinned is not None:
        raise WrongState(
            f"The release {pinned} holds this masklet already; its verdict stays. "
            "Ask an owner to reopen the masklet."
        )
    newest = Verdict.objects.filter(review__masklet=masklet).first()
    led_to = {Verdict.LEADS_TO[Verdict.Kind(verdict.kind)]}
    if verdict.kind == Verdict.Kind.UNSATISFACTORY:
        led_to.add(MaskletStatus.FILTERED)  # a candidate that was not sampled
    went_on = masklet.status not in led_to or masklet.revision_id != verdict.review.revision_id
    if newest != verdict or went_on:
        raise WrongState("Somebody went on with this masklet; its verdict stays.", status=masklet.status)
