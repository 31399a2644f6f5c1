"""A canary: a challenger on a share of new assignments, compared live with the champion, and taken back when worse.

The comparison (`vos.challenge`) stays valid however often one looks: neither an owner's peeking nor the janitor's
every minute costs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from engine import access
from engine.draws import place_of
from engine.errors import GateRefuses, InvalidInput, MaskloopError, WrongState
from engine.models import (
    AuditKind,
    Canary,
    CanaryDraw,
    Checkpoint,
    CheckpointStatus,
    Masklet,
    MaskletStatus,
    PromotionKind,
    Role,
    Transition,
)
from engine.services import audit, checkpoints, gate
from vos.challenge import Difference, Seen, compare


def _nothing_is_known(masklets: Iterable[int]) -> Mapping[int, float]:
    return {}


#: Seconds of people a frame, by masklet. The room of the annotators keeps that ledger and says how to read it.
effort_of: Callable[[Iterable[int]], Mapping[int, float]] = _nothing_is_known


def live(project_id: int) -> Canary | None:
    """The project's canary that still runs, or None."""
    return (
        Canary.objects.select_related("challenger", "champion")
        .filter(project_id=project_id, outcome="")
        .first()
    )


@transaction.atomic
def start(*, actor: User | None, challenger: Checkpoint, share: float) -> Canary:
    """Try a candidate that the gate would let pass on a `share` (0..0.5) of new assignments."""
    if actor is not None:
        access.require(actor, challenger.project_id, Role.OWNER)
    if not 0 < share <= 0.5:
        raise InvalidInput(
            "A canary tries a challenger on more than nothing and on half of the work at most."
        )
    champion = checkpoints.active(challenger.project_id)
    if champion is None or challenger.status == CheckpointStatus.ACTIVE:
        raise WrongState("This checkpoint is the champion.", status=challenger.status)
    kind, _ = gate.ground(challenger, actor=actor, reason="")
    if kind != PromotionKind.GATE:
        raise GateRefuses("A canary tries what has passed the gate.")
    try:
        with transaction.atomic():
            made = Canary.objects.create(
                project_id=challenger.project_id, challenger=challenger, champion=champion, share=share
            )
    except IntegrityError as error:
        raise WrongState("Another challenger is being tried. End that canary first.") from error
    audit.record(
        AuditKind.CANARY_STARTED,
        actor=actor or audit.MASKLOOP,
        subject=challenger,
        project_id=challenger.project_id,
        after={"per cent": round(100 * share)},
    )
    return made


def begin_work(masklet: Masklet) -> None:
    """Inside the transaction that gives `masklet` to an annotator: which weights its work uses until it ends."""
    canary = live(masklet.project_id)
    row = Masklet.objects.filter(pk=masklet.pk)
    if canary is None or masklet.trial:
        row.update(checkpoint=checkpoints.champion_of(masklet.project_id))
        return
    draw, _ = CanaryDraw.objects.get_or_create(
        canary=canary,
        masklet=masklet,
        defaults={"challenged": place_of(f"canary {canary.pk} {masklet.pk}") < canary.share},
    )
    row.update(checkpoint=canary.challenger if draw.challenged else canary.champion)


def seen(canary: Canary) -> list[Seen]:
    """The masklets that were drawn and judged since, in the order of their first verdicts."""
    draws = {draw.masklet_id: draw for draw in canary.draws.all()}
    verdicts = Transition.objects.filter(
        subject_type="masklet",
        subject_id__in=list(draws),
        from_status=MaskletStatus.IN_VERIFICATION,
        created_at__gte=canary.started_at,
    )
    first: dict[int, bool] = {}
    for masklet, to in verdicts.order_by("id").values_list("subject_id", "to_status"):
        first.setdefault(masklet, to == MaskletStatus.ACCEPTED)
    costs = effort_of(first)
    return [Seen(draws[pk].challenged, accepted, costs.get(pk)) for pk, accepted in first.items()]


def look(canary: Canary) -> Canary:
    """Compare, and act: a challenger that is worse retreats, one that held on long enough is promoted."""
    judged = seen(canary)
    differences = compare(judged, share=canary.share)
    worse = [each for each in differences if each.ever_worse]
    if worse:
        return _end(canary, Canary.Outcome.RETREATED, actor=None, reason=_words(worse[0]))
    if len(judged) < canary.enough:
        return canary
    try:
        with transaction.atomic():
            _end(
                canary, Canary.Outcome.PROMOTED, actor=None, reason=f"{len(judged)} masklets, and not worse."
            )
            checkpoints.promote(actor=None, checkpoint=canary.challenger, reason="its canary was not worse")
    except MaskloopError as error:
        # The champion changed meanwhile, say: it is judged anew before it may come.
        canary.refresh_from_db()
        return _end(canary, Canary.Outcome.STOPPED, actor=None, reason=error.message)
    return canary


def _words(worse: Difference) -> str:
    what = "verdicts that were no acceptance" if worse.name == "refused" else "seconds a frame"
    return (
        f"More {what} than with the champion: {worse.estimate:+.2f}, at least {worse.low:+.2f} "
        f"beyond chance, over {worse.seen} masklets."
    )


def stop(*, actor: User, canary: Canary) -> Canary:
    """End a canary before its time (owners). Raises `WrongState` where it has ended."""
    access.require(actor, canary.project_id, Role.OWNER)
    if canary.outcome:
        raise WrongState("This canary has ended already.")
    return _end(canary, Canary.Outcome.STOPPED, actor=actor, reason="")


@transaction.atomic
def _end(canary: Canary, outcome: str, *, actor: User | None, reason: str) -> Canary:
    """A challenger that does not become champion is taken back at once, also from work in progress."""
    ended = Canary.objects.filter(pk=canary.pk, outcome="")
    if ended.update(outcome=outcome, reason=reason, ended_at=Now()) != 1:
        canary.refresh_from_db()
        return canary
    if outcome != Canary.Outcome.PROMOTED:
        checkpoints.take_back(canary.challenger)
    audit.record(
        AuditKind.CANARY_ENDED,
        actor=actor or audit.MASKLOOP,
        subject=canary.challenger,
        project_id=canary.project_id,
        after={"outcome": outcome},
        reason=reason,
    )
    canary.refresh_from_db()
    return canary


def look_at_all() -> int:
    """The janitor's duty; how many ended."""
    rows = Canary.objects.filter(outcome="").select_related("challenger", "champion")
    return sum(bool(look(canary).outcome) for canary in rows)
