"""Verdicts without people: only where an owner allows it, while a bound on people's verdicts says that it is right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from engine import access
from engine.errors import WrongState
from engine.models import (
    AuditKind,
    Decision,
    Masklet,
    MaskletStatus,
    Preverifier,
    PreverifierScore,
    Project,
    Role,
)
from engine.services import audit, preverifiers
from verification import bound
from verification.bound import Bound
from verification.models import AutomaticVerdicts, Review, Verdict
from verification.services import verdicts

AT_ONCE = 200  #: masklets that one round of the janitor decides, in each project
SETTINGS = ("passing", "returning", "precision", "people_share", "pass_below", "return_above")
KINDS = {Decision.PASSED: Verdict.Kind.SATISFACTORY, Decision.RETURNED: Verdict.Kind.UNSATISFACTORY}

_draw: Callable[[], float] = random.SystemRandom().random


class NotSureEnough(WrongState):
    code = "not_sure_enough"
    message = "What people said so far does not show that the pre-verifier is right that often."


def of_project(project: Project, *, actor: User) -> AutomaticVerdicts:
    """The project's row, or what it would begin with."""
    row = AutomaticVerdicts.objects.filter(project=project).select_related("preverifier").first()
    return row or AutomaticVerdicts(project=project, allowed_by=actor)


@transaction.atomic
def allow(*, actor: User, project: Project, **values: Any) -> AutomaticVerdicts:
    """Change what may be decided without people; `values` are those of SETTINGS that change. Raises `NotSureEnough`
    where the bound does not reach the promised precision, for either way that is on."""
    access.require(actor, project.pk, Role.OWNER)
    AutomaticVerdicts.objects.get_or_create(project=project, defaults={"allowed_by": actor})
    row = AutomaticVerdicts.objects.select_for_update(of=("self",)).get(project=project)
    before = {name: getattr(row, name) for name in SETTINGS}
    for name, value in values.items():
        setattr(row, name, value)
    row.preverifier = preverifiers.active(project.pk)
    row.allowed_by, row.ended_at, row.ended_because = actor, None, ""
    if row.on and (short := _falls_short(row)):
        raise NotSureEnough(short)
    row.save()
    changed = {name: value for name, value in before.items() if getattr(row, name) != value}
    if changed:
        _record(row, actor=actor, before=changed, after={name: getattr(row, name) for name in changed})
    return row


def bounds(row: AutomaticVerdicts) -> tuple[Bound, Bound]:
    """(passing, returning) at the row's thresholds, on what people said about its version's scores."""
    said = preverifiers.evidence(row.project_id, row.preverifier)
    wrong = [score.wrong for score in said]
    passed = bound.passing(wrong, [score.verdict == "satisfactory" for score in said], row.pass_below)
    returned = bound.returning(
        wrong, [score.verdict == "unsatisfactory" for score in said], 1 - row.return_above
    )
    return bound.bound(passed, row.pass_below), bound.bound(returned, row.return_above)


def decide_all() -> int:
    """A duty of the janitor: look at each promise, then decide what waits. Returns how many masklets were decided."""
    rows = AutomaticVerdicts.objects.filter(Q(passing=True) | Q(returning=True))
    return sum(decide(pk) for pk in rows.values_list("pk", flat=True))


def decide(row_id: int) -> int:
    """What waits in one project. Nothing any more once its promise does not hold."""
    if not keep_promise(row_id):
        return 0
    row = AutomaticVerdicts.objects.get(pk=row_id)
    return sum(_decide_one(row, pk) for pk in _waiting(row).values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def keep_promise(row_id: int) -> bool:
    """Whether automatic verdicts are still on: the first breach of the bound, or another version, switches them off."""
    row = AutomaticVerdicts.objects.select_for_update(of=("self",)).get(pk=row_id)
    if not row.on:
        return False
    seen = preverifiers.evidence_count(row.project_id, row.preverifier)
    because = ""
    if preverifiers.active(row.project_id) != row.preverifier:
        because = "Another version of the pre-verifier is in use now; it has to show first that it is right."
    elif seen != row.verdicts_seen:
        because = _falls_short(row)
        AutomaticVerdicts.objects.filter(pk=row.pk).update(verdicts_seen=seen)
    if because:
        _end(row, because)
    return not because


def _falls_short(row: AutomaticVerdicts) -> str:
    """A sentence where what is on is not known to be right as often as promised; nothing where it is."""
    for on, verb, known in zip((row.passing, row.returning), ("passes", "returns"), bounds(row), strict=True):
        if on and known.lower < row.precision:
            return (
                f"Of what it {verb}, {row.precision:.1%} is promised to be right; {known.verdicts} verdicts of people, "
                f"{known.right} of which agree, show {known.lower:.1%} at least."
            )
    return ""


def _end(row: AutomaticVerdicts, because: str) -> None:
    before = {"passing": row.passing, "returning": row.returning}
    row.passing = row.returning = False
    row.ended_because = because[:255]
    row.save(update_fields=["passing", "returning", "ended_because"])
    AutomaticVerdicts.objects.filter(pk=row.pk).update(ended_at=Now())
    _record(
        row, actor=audit.JANITOR, before=before, after={"passing": False, "returning": False}, reason=because
    )


def _record(row: AutomaticVerdicts, *, actor: User | str, **facts: Any) -> None:
    # The ledger holds words and whole numbers.
    for when in ("before", "after"):
        facts[when] = {k: v if isinstance(v, bool) else f"{v:g}" for k, v in facts[when].items()}
    audit.record(
        AuditKind.AUTOMATIC_VERDICTS,
        actor=actor,
        subject=row.project,
        name="",
        project_id=row.project_id,
        **facts,
    )


def _waiting(row: AutomaticVerdicts) -> QuerySet[PreverifierScore]:
    """Scores of masklets that it may decide: by its version, on their current masks, held by nobody."""
    held = Review.objects.open().filter(masklet=OuterRef("masklet"))
    likely = Q(pk__in=[])
    if row.passing:
        likely |= Q(wrong__lte=row.pass_below)
    if row.returning:
        likely |= Q(wrong__gte=row.return_above)
    return (
        PreverifierScore.objects.waiting()
        .filter(likely, project=row.project_id, preverifier=row.preverifier, decision="")
        .filter(
            masklet__status=MaskletStatus.IN_VERIFICATION,
            masklet__escalated=False,
            masklet__trial=False,
            masklet__probe=False,
        )
        .filter(revision=F("masklet__revision"))
        .exclude(Exists(held))
        .order_by("pk")
    )


@transaction.atomic
def _decide_one(row: AutomaticVerdicts, score_id: int) -> bool:
    """Decide one masklet, or leave it to people as the draw says. False where somebody was quicker."""
    # The masklet first, as everybody locks it before its score.
    masklet = Masklet.objects.filter(preverifier_scores=score_id)
    held = masklet.select_for_update(of=("self",), no_key=True, skip_locked=True).exists()
    score = _waiting(row).filter(pk=score_id).first()
    if not held or score is None:
        return False
    likely = Decision.PASSED if score.wrong <= row.pass_below else Decision.RETURNED
    drawn = _draw()
    decision = Decision.PEOPLE if drawn < row.people_share else likely
    if decision != Decision.PEOPLE and not verdicts.pass_or_return(
        score.masklet_id,
        revision_id=score.revision_id,
        kind=KINDS[decision],
        reason=_sentence(score, row.preverifier),
    ):
        decision = Decision.PEOPLE  # somebody has it in their hands already
    PreverifierScore.objects.filter(pk=score.pk).update(decision=decision, drawn=drawn)
    return decision != Decision.PEOPLE


def _sentence(score: PreverifierScore, version: Preverifier | None) -> str:
    """What an annotator reads who gets it back: 'Pre-verifier 3: drifts, look at frames 12 to 20'."""
    who = str(version or "pre-verifier").capitalize()
    if score.wrong < 0.5 or not score.places:
        return who
    place = score.places[0]
    words = place.reason.replace("_", " ")
    return f"{who}: {words}, look at frames {place.first_frame} to {place.last_frame}"
