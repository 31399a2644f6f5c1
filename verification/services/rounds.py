"""Rounds: opened for each revision that waits, ended by what its verdicts lead to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from engine import lifecycle
from engine.models import Masklet, MaskletStatus, Membership, Role
from engine.services import candidates, preverifiers
from verification import decision
from verification.decision import Decision, Next, Opinion, Rule
from verification.models import Review, ReviewPolicy, Round, SamplingDraw, Verdict
from verification.models.review import SEATED
from verification.services import people, policies, sampling

LEADS_TO = {
    Verdict.Kind.SATISFACTORY: MaskletStatus.ACCEPTED,
    Verdict.Kind.UNSATISFACTORY: MaskletStatus.NEEDS_REFINEMENT,
    Verdict.Kind.REJECT: MaskletStatus.REJECTED,
}
AT_ONCE = 200  #: rounds that the janitor looks at in a pass


def current(masklet: Masklet) -> Round:
    """The open round of a locked masklet that waits for a verdict; opened if there is none on its revision."""
    last = Round.objects.filter(masklet=masklet).order_by("-number").first()
    is_open = last is not None and last.closed_at is None
    if last is not None and is_open and last.revision_id == masklet.revision_id:
        return last
    if last is not None and is_open:
        _close(last, "")
    return _open(masklet, number=last.number + 1 if last else 1)


def _open(masklet: Masklet, *, number: int) -> Round:
    assert masklet.revision_id is not None
    policy = policies.of(masklet.project_id)
    rule = Rule(policy.reviewers, policy.agreeing)
    if policy.second_look_share and sampling.draw(
        masklet, SamplingDraw.About.SECOND_LOOK, policy.second_look_share, because="second look"
    ):
        rule = rule.with_second_look()
    if rule.reviewers > 1:
        rule = rule.for_team(len(people.verifiers(masklet)))
    made = Round.objects.create(
        masklet=masklet,
        revision_id=masklet.revision_id,
        annotator_id=people.annotator_id(masklet),
        number=number,
        reviewers=rule.reviewers,
        agreeing=rule.agreeing,
    )
    made.was_there = False
    return made


def seated(round: Round) -> set[int]:
    """Those who review in it now, or gave a verdict that stands."""
    taken = Review.objects.filter(round=round, outcome__in=SEATED)
    return set(taken.values_list("person", flat=True))


def settle(round: Round, masklet: Masklet, *, actor: User | None, reason: str) -> None:
    """Inside the transaction that holds `masklet`: do what the verdicts of its round lead to."""
    policy = policies.of(masklet.project_id)
    opinions = _opinions(round)
    rule = Rule(round.reviewers, round.agreeing)
    failed = (
        Round.objects.filter(masklet=masklet, outcome=Verdict.Kind.UNSATISFACTORY)
        .exclude(pk=round.pk)
        .count()
    )
    decided = decision.decide(opinions, rule, failed_rounds=failed, cap=policy.rounds_cap)
    if decided.next is Next.WAIT:
        left = people.verifiers(masklet) - seated(round)
        open_ones = Review.objects.open().filter(round=round).count()
        smaller = rule.for_team(len(opinions) + open_ones + len(left))
        decided = decision.decide(opinions, smaller, failed_rounds=failed, cap=policy.rounds_cap)
    _do(decided, round, masklet, policy, actor=actor, reason=reason)


def _opinions(round: Round) -> list[Opinion]:
    standing = Verdict.objects.filter(round=round, undone_at=None).order_by("id")
    deciding = (Verdict.By.SENIOR, Verdict.By.OWNER)
    return [Opinion(kind, by in deciding) for kind, by in standing.values_list("kind", "by")]


def _do(
    decided: Decision,
    round: Round,
    masklet: Masklet,
    policy: ReviewPolicy,
    *,
    actor: User | None,
    reason: str,
) -> None:
    if decided.next is Next.WAIT:
        return
    if decided.next is Next.ASK_SENIOR:
        if people.seniors(masklet.project_id) & people.verifiers(masklet) - seated(round):
            Round.objects.filter(pk=round.pk).update(tied=True)
        else:
            escalate(masklet, round)
    elif decided.next is Next.ASK_OWNER:
        escalate(masklet, round, kind=decided.kind)
    else:
        close(round, masklet, decided.kind, policy, actor=actor, reason=reason)


def close(
    round: Round, masklet: Masklet, kind: str, policy: ReviewPolicy, *, actor: User | None, reason: str
) -> None:
    """The masklet goes where `kind` leads; whoever still reviews it in this round need not."""
    _close(round, kind)
    to = LEADS_TO[Verdict.Kind(kind)]
    if kind == Verdict.Kind.UNSATISFACTORY:
        to = candidates.after_unsatisfactory(masklet)  # of what SAM 2 proposed, a sample is refined
    values: dict[str, Any] = {}
    if to == MaskletStatus.NEEDS_REFINEMENT:
        values = _returning(masklet, round, policy)
    lifecycle.change(masklet, to, actor=actor, reason=reason, **values)
    candidates.note_verdict(masklet)


def escalate(masklet: Masklet, round: Round, *, kind: str = "") -> None:
    """An owner is asked; until then the masklet is in nobody's queue."""
    _close(round, kind, escalated=True)
    Masklet.objects.filter(pk=masklet.pk).update(escalated=True)
    masklet.escalated = True


def _close(round: Round, kind: str, *, escalated: bool = False) -> None:
    Review.objects.open().filter(round=round).update(ended_at=Now(), outcome=Review.Outcome.SETTLED)
    Round.objects.filter(pk=round.pk).update(closed_at=Now(), outcome=kind, escalated=escalated)
    round.refresh_from_db()
    people_said = Verdict.objects.filter(round=round, undone_at=None).exclude(by=Verdict.By.PREVERIFIER)
    if kind and people_said.exists():
        preverifiers.record_verdict(revision_id=round.revision_id, kind=kind)


def _returning(masklet: Masklet, round: Round, policy: ReviewPolicy) -> dict[str, Any]:
    """Who gets back what was unsatisfactory, as far as there is such a person."""
    able = Membership.objects.filter(
        project=masklet.project_id,
        role=Role.ANNOTATOR,
        user__is_active=True,
        phases__contains=[masklet.phase],
    )
    annotators = set(able.values_list("user", flat=True))
    made_by = round.annotator_id
    if policy.returns_to == ReviewPolicy.ReturnsTo.SAME and made_by in annotators:
        return {"assigned_to_id": made_by, "returned_from_id": None}
    if policy.returns_to == ReviewPolicy.ReturnsTo.ANOTHER and annotators - {made_by}:
        kept = None if masklet.assigned_to_id == made_by else masklet.assigned_to_id
        return {"returned_from_id": made_by, "assigned_to_id": kept}
    return {"returned_from_id": None}


def settle_stuck() -> int:
    """The janitor's duty: no round waits for people who are not there any more."""
    begun = Round.objects.filter(closed_at=None).filter(Q(tied=True) | Q(reviewers__gt=1))
    idle = begun.exclude(pk__in=Review.objects.open().filter(round__isnull=False).values("round"))
    settled = 0
    for round in idle.order_by("?")[:AT_ONCE]:
        with transaction.atomic():
            settled += _settle_if_stuck(round)
    return settled


def _settle_if_stuck(round: Round) -> bool:
    locking = Masklet.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    masklet = locking.filter(pk=round.masklet_id, status=MaskletStatus.IN_VERIFICATION).first()
    fresh = Round.objects.filter(pk=round.pk, closed_at=None).first()
    if masklet is None or fresh is None or Review.objects.open().filter(round=fresh).exists():
        return False
    left = people.verifiers(masklet) - seated(fresh)
    if fresh.tied and not left & people.seniors(masklet.project_id):
        escalate(masklet, fresh)
    elif not fresh.tied and not left:
        if _opinions(fresh):
            settle(fresh, masklet, actor=None, reason="as many as there are have looked")
        else:
            escalate(masklet, fresh)
    else:
        return False
    return True
