"""Verdicts: given on the revision that was claimed, taken back within a minute; what owners decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from engine import access, leases, lifecycle
from engine.errors import InvalidInput, NotAllowed, NotFound, RevisionChanged, WrongState
from engine.models import Masklet, MaskletStatus, PassedBy, Role
from engine.services import candidates, preverifiers, releases
from verification.models import GoldItem, Review, Round, Verdict
from verification.services import people, pins as notes, policies, queue, rounds

UNDO_WITHIN = timedelta(seconds=60)

# In the order in which the review page offers them, the commonest first.
REASONS = {
    "misses_parts": "misses parts",
    "leaks": "leaks onto something else",
    "drifts": "drifts off the object",
    "flickers": "flickers",
    "wrong_when_hidden": "wrong when the object is hidden",
    "wrong_object": "wrong object",
    "other": "something else",
}
REASON_CHOICES = list(REASONS.items())


@transaction.atomic
def give(
    *,
    actor: User,
    review_id: int,
    token: str,
    kind: str,
    comment: str = "",
    reasons: Sequence[str] = (),
    pins: Sequence[dict[str, Any]] = (),
) -> Verdict:
    """Decide about the revision that was claimed; the masklet goes where the verdicts of its round lead.

    Unsatisfactory needs a comment, a reason or a pin. Raises `InvalidInput`, `LeaseLost`, `RevisionChanged`,
    `WrongState` or `queue.OwnMasklet`.
    """
    review = queue.hold(actor=actor, review_id=review_id, token=token)
    masklet = review.masklet
    comment = check(kind, comment, reasons, pins)
    notes.check(pins, masklet.video)
    if review.gold_id is None:
        _check_still_asked(review, actor, kind)
    review.end(Review.Outcome.VERDICT, token=token)
    tied = review.round is not None and review.round.tied
    verdict = Verdict.objects.create(
        round=review.round,
        by=Verdict.By.SENIOR if tied else Verdict.By.REVIEWER,
        review=review,
        person=actor,
        kind=kind,
        comment=comment,
        reasons=list(dict.fromkeys(reasons)),
    )
    notes.keep(verdict, pins)
    if review.round is not None:
        rounds.settle(review.round, masklet, actor=actor, reason=sentence(verdict))
    return verdict


def _check_still_asked(review: Review, actor: User, kind: str) -> None:
    masklet = review.masklet
    if masklet.status != MaskletStatus.IN_VERIFICATION or masklet.escalated:
        raise WrongState("This masklet does not wait for a verdict any more.", status=masklet.status)
    if masklet.revision_id != review.revision_id:
        raise RevisionChanged(current=masklet.revision_number)
    if Masklet.objects.filter(people.not_for(actor, masklet.project), pk=masklet.pk).exists():
        raise queue.OwnMasklet
    check_complete(masklet, kind)


def check_complete(masklet: Masklet, kind: str) -> None:
    """What was to be discarded may have masks on some frames only: such a masklet is not satisfactory."""
    has = masklet.revision.frame_count if masklet.revision else 0
    if (
        kind == Verdict.Kind.SATISFACTORY
        and masklet.discard_proposed
        and has < (masklet.video.frame_count or 0)
    ):
        raise InvalidInput(
            "Its annotator stopped before all frames had masks. Send it back to be finished, or reject it."
        )


@transaction.atomic
def undo(*, actor: User, verdict_id: int) -> Review:
    """Take a verdict back, by its reviewer, within a minute, if nothing happened since: the masklet waits
    again and the reviewer holds it."""
    seen = Verdict.objects.filter(pk=verdict_id, review__isnull=False).select_related("review").first()
    if seen is None or seen.review is None:
        raise NotFound
    project_id = access.find(Masklet.objects.all(), actor, seen.review.masklet_id).project_id
    # A verdict is either taken back or pinned by a release.
    releases.lock_verdicts(project_id)
    masklet = leases.lock_held(actor, seen.review.masklet_id)
    access.require(actor, project_id, Role.REVIEWER)
    verdict = Verdict.objects.select_related("review", "round").get(pk=verdict_id)
    if verdict.person_id != actor.pk:
        raise NotAllowed("Only the reviewer who gave this verdict may take it back.")
    _check_time(verdict)
    if verdict.round is not None:
        _check_nothing_since(verdict, masklet)
    Verdict.objects.filter(pk=verdict.pk).update(undone_at=Now())
    Review.objects.filter(verdict=verdict).update(outcome=Review.Outcome.UNDONE)
    review = verdict.review
    assert review is not None
    if verdict.round is not None:
        _open_again(verdict.round, masklet, actor)
        return queue.take(masklet, actor=actor, round=verdict.round, places=review.places)
    return leases.take(
        Review,
        masklet=masklet,
        person=actor,
        revision_id=review.revision_id,
        gold_id=review.gold_id,
        places=review.places,
    )


def _check_time(verdict: Verdict) -> None:
    if verdict.undone_at is not None:
        raise WrongState("This verdict was taken back already.")
    # The review ended with the verdict, by the database's clock.
    if not Review.objects.filter(verdict=verdict, ended_at__gte=Now() - UNDO_WITHIN).exists():
        raise WrongState("A verdict can be taken back for one minute. Ask an owner to reopen the masklet.")


def _check_nothing_since(verdict: Verdict, masklet: Masklet) -> None:
    round = verdict.round
    assert round is not None
    pinned = releases.is_pinned(masklet, round.revision_id)
    if pinned is not None:
        raise WrongState(
            f"The release {pinned} holds this masklet already; its verdict stays. "
            "Ask an owner to reopen the masklet."
        )
    newest = Verdict.objects.filter(round__masklet=masklet, undone_at=None).first()
    led_to = {MaskletStatus.IN_VERIFICATION}
    if round.closed_at is not None and not round.escalated:
        led_to = {rounds.LEADS_TO[Verdict.Kind(round.outcome)]}
        if round.outcome == Verdict.Kind.UNSATISFACTORY:
            led_to.add(MaskletStatus.FILTERED)  # a candidate that was not sampled
    moved_on = round.tied and verdict.by == Verdict.By.REVIEWER and rounds.seated(round) != _given(round)
    if (
        newest != verdict
        or masklet.status not in led_to
        or masklet.revision_id != round.revision_id
        or moved_on
    ):
        raise WrongState("Somebody went on with this masklet; its verdict stays.", status=masklet.status)


def _given(round: Round) -> set[int]:
    standing = Verdict.objects.filter(round=round, undone_at=None)
    return {pk for pk in standing.values_list("person", flat=True) if pk is not None}


def _open_again(round: Round, masklet: Masklet, actor: User) -> None:
    """The round goes on as before its last verdict, which was just taken back."""
    by_reviewers = Verdict.objects.filter(round=round, undone_at=None, by=Verdict.By.REVIEWER).count()
    Round.objects.filter(pk=round.pk).update(
        closed_at=None, outcome="", escalated=False, tied=round.tied and by_reviewers >= round.reviewers
    )
    round.refresh_from_db()
    preverifiers.forget_verdict(revision_id=round.revision_id)
    if masklet.status != MaskletStatus.IN_VERIFICATION:
        lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason="verdict taken back")
        candidates.note_verdict(masklet)
    elif masklet.escalated:
        Masklet.objects.filter(pk=masklet.pk).update(escalated=False)
        masklet.escalated = False


# What owners do.


@transaction.atomic
def decide(
    *,
    actor: User,
    masklet_id: int,
    kind: str,
    comment: str = "",
    reasons: Sequence[str] = (),
    pins: Sequence[dict[str, Any]] = (),
) -> Masklet:
    """An owner's verdict on what waits: it counts alone, whoever made the masklet and whoever reviews it."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if masklet.status != MaskletStatus.IN_VERIFICATION:
        raise WrongState("This masklet does not wait for a verdict.", status=masklet.status)
    comment = check(kind, comment, reasons, pins)
    notes.check(pins, masklet.video)
    check_complete(masklet, kind)
    last = Round.objects.filter(masklet=masklet, revision=masklet.revision, escalated=True).last()
    round = last if masklet.escalated and last else rounds.current(masklet)
    verdict = Verdict.objects.create(
        round=round,
        by=Verdict.By.OWNER,
        person=actor,
        kind=kind,
        comment=comment,
        reasons=list(dict.fromkeys(reasons)),
    )
    notes.keep(verdict, pins)
    policy = policies.of(masklet.project_id)
    rounds.close(round, masklet, kind, policy, actor=actor, reason=sentence(verdict))
    return masklet


@transaction.atomic
def reopen(*, actor: User, masklet_id: int, reason: str) -> Masklet:
    """An owner doubts an accepted masklet: it waits for another verdict, and is no known answer any more."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if not reason.strip():
        raise InvalidInput("Say why this masklet is reopened; the reason is kept with it.")
    if masklet.status != MaskletStatus.ACCEPTED:
        raise WrongState("Only an accepted masklet can be reopened.", status=masklet.status)
    GoldItem.objects.filter(masklet=masklet, retired_at=None).update(retired_at=Now())
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason=reason)
    return masklet


@transaction.atomic
def bring_back(*, actor: User, masklet_id: int, reason: str) -> Masklet:
    """An owner thinks better of what was rejected: an annotator goes on with it."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if not reason.strip():
        raise InvalidInput("Say why this masklet is brought back; whoever goes on with it reads that.")
    if masklet.status != MaskletStatus.REJECTED:
        raise WrongState("Only a rejected masklet can be brought back.", status=masklet.status)
    lifecycle.change(masklet, MaskletStatus.NEEDS_REFINEMENT, actor=actor, reason=reason)
    return masklet


# What the pre-verifier does.


@transaction.atomic
def pass_or_return(masklet_id: int, *, revision_id: int, kind: str, reason: str) -> bool:
    """The machine's verdict on one revision, where an owner allows it: satisfactory or unsatisfactory. False where the
    masklet is in somebody's hands, was judged by somebody, or is not that revision any more."""
    masklet = (
        Masklet.objects.select_for_update(of=("self",), no_key=True)
        .select_related("video")
        .get(pk=masklet_id)
    )
    waits = masklet.status == MaskletStatus.IN_VERIFICATION and not masklet.escalated
    if not waits or masklet.revision_id != revision_id or masklet.discard_proposed or masklet.probe:
        return False
    round = rounds.current(masklet)
    if rounds.seated(round):
        return False
    reasons = ["other"] if kind == Verdict.Kind.UNSATISFACTORY else []
    Verdict.objects.create(round=round, by=Verdict.By.PREVERIFIER, kind=kind, comment=reason, reasons=reasons)
    rounds.close(round, masklet, kind, policies.of(masklet.project_id), actor=None, reason=reason)
    if masklet.status == MaskletStatus.ACCEPTED:
        Masklet.objects.filter(pk=masklet.pk).update(passed_by=PassedBy.PREVERIFIER)
    return True


def sentence(verdict: Verdict) -> str:
    """What the next annotator reads: 'Drifts off the object, flickers: look at frames 12 to 20'."""
    reasons = ", ".join(REASONS[reason] for reason in verdict.reasons)
    return ": ".join(part for part in (reasons[:1].upper() + reasons[1:], verdict.comment) if part)


def check(kind: str, comment: str, reasons: Sequence[str], pins: Sequence[dict[str, Any]]) -> str:
    """Refuse a verdict that makes no sense; the comment, which pins alone may stand for."""
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise InvalidInput(f"{unknown[0]} is not a reason. Reasons are: {', '.join(REASONS)}.")
    if kind == Verdict.Kind.UNSATISFACTORY and not (comment.strip() or reasons or pins):
        raise InvalidInput("Say what to refine: choose a reason, write a comment or pin a frame.")
    if kind == Verdict.Kind.SATISFACTORY and (reasons or pins):
        raise InvalidInput("A satisfactory masklet has no reasons or pins to refine it. Leave them out.")
    if pins and not (comment.strip() or reasons):
        return "See the pinned frames."
    return comment
