"""Triggers: whether a project retrains now, and why (not). The janitor asks; each new answer is a row."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import Coalesce, Now

from engine import access
from engine.errors import MaskloopError
from engine.models import (
    AuditKind,
    Checkpoint,
    CheckpointStatus,
    Evaluation,
    Masklet,
    MaskletStatus,
    Membership,
    Project,
    Release,
    ReleaseItem,
    ReleaseStatus,
    Role,
    Run,
    RunKind,
    RunStatus,
    TrainingPolicy,
    Transition,
    TriggerDecision,
)
from engine.models.loop import Facts
from engine.run_kinds import TrainingSettings
from engine.services import audit, canaries, checkpoints, evaluation_sets, releases, retraining

Decision = TriggerDecision.Decision
BUDGET_DAYS = 30
RECENT, BEFORE = 50, 200  #: verdicts, or masklets, that "recent" and "before" mean
FEWEST = 20  #: of each, to say that something became worse

logger = logging.getLogger(__name__)


def _nothing_is_known(project_id: int) -> tuple[float, float] | None:
    return None


#: Mean seconds a frame of (the recent, the before), None where too little is known. The annotators' room says it.
effort_trend: Callable[[int], tuple[float, float] | None] = _nothing_is_known


def policy_of(project: Project) -> TrainingPolicy | None:
    """When the project retrains by itself; None where it never said."""
    return TrainingPolicy.objects.filter(project=project).first()


@transaction.atomic
def set_policy(*, actor: User, project: Project, **values: Any) -> TrainingPolicy:
    """An owner's wishes, and on whose behalf from now on."""
    access.require(actor, project.pk, Role.OWNER)
    policy, _ = TrainingPolicy.objects.select_for_update().get_or_create(
        project=project, defaults={"owner": actor}
    )
    policy.owner = actor
    policy.save(update_fields=["owner"])
    audit.change(
        AuditKind.TRAINING_POLICY_CHANGED, policy, values, actor=actor, project_id=project.pk, subject=project
    )
    return policy


def facts(project: Project) -> Facts:
    """What a trigger decides by, as it is now."""
    last = (
        Run.objects.filter(project=project, kind=RunKind.FINETUNE).exclude(status=RunStatus.CANCELLED).first()
    )
    fresh = Masklet.objects.to_release().filter(project=project)
    if last is not None:
        fresh = fresh.exclude(pk__in=ReleaseItem.objects.filter(release=last.release).values("masklet"))
    hours = None
    if last is not None:
        aged = Run.objects.annotate(age=ExpressionWrapper(Now() - F("created_at"), DurationField()))
        hours = aged.values_list("age", flat=True).get(pk=last.pk).total_seconds() / 3600
    held = evaluation_sets.current(project.pk)
    recent, before = _accept_shares(project.pk)
    effort = effort_trend(project.pk)
    return Facts(
        accepted=fresh.exclude(video__source_sha256__in=evaluation_sets.held_out(project.pk)).count(),
        hours_since=hours,
        accept_share_recent=recent,
        accept_share_before=before,
        effort_recent=effort[0] if effort else None,
        effort_before=effort[1] if effort else None,
        hours_used=hours_used(project.pk),
        attempts_left=evaluation_sets.attempts_left(held) if held else None,
    )


def hours_used(project_id: int) -> float:
    """Of the training worker, in the last 30 days."""
    runs = Run.objects.filter(
        project_id=project_id,
        kind__in=[RunKind.FINETUNE, RunKind.EVALUATE],
        started_at__gt=Now() - timedelta(days=BUDGET_DAYS),
    )
    lasted = ExpressionWrapper(Coalesce(F("finished_at"), Now()) - F("started_at"), DurationField())
    total = runs.aggregate(total=Sum(lasted))["total"]
    return float(total.total_seconds() / 3600) if total else 0.0


def _accept_shares(project_id: int) -> tuple[float | None, float | None]:
    """The share of the latest verdicts that accept, and of those before."""
    verdicts = Transition.objects.filter(
        subject_type="masklet",
        from_status=MaskletStatus.IN_VERIFICATION,
        subject_id__in=Masklet.objects.filter(project=project_id).values("pk"),
    )
    said = [
        to == MaskletStatus.ACCEPTED
        for to in verdicts.order_by("-id").values_list("to_status", flat=True)[: RECENT + BEFORE]
    ]
    parts = said[:RECENT], said[RECENT:]
    recent, before = (sum(part) / len(part) if len(part) >= FEWEST else None for part in parts)
    return recent, before


def wish(policy: TrainingPolicy, seen: Facts) -> tuple[str, str] | None:
    """The trigger that fires, with its sentence; pure."""
    if policy.every_accepted and seen.accepted >= policy.every_accepted:
        return "accepted", f"{seen.accepted} masklets were accepted since the last training."
    if (
        policy.every_hours
        and seen.accepted
        and (seen.hours_since is None or seen.hours_since >= policy.every_hours)
    ):
        return "schedule", f"{policy.every_hours} hours have passed since the last training."
    worse = policy.verdicts_worsen
    recent, before = seen.accept_share_recent, seen.accept_share_before
    if worse and recent is not None and before is not None and before - recent >= worse:
        return "verdicts", f"{recent:.0%} of the latest verdicts accept, {before:.0%} did before."
    now, then = seen.effort_recent, seen.effort_before
    if policy.effort_worsens and now is not None and then and now >= policy.effort_worsens * then:
        return "effort", f"A frame takes {now:.1f} s, it took {then:.1f} s before."
    return None


def hindrance(policy: TrainingPolicy, project: Project, seen: Facts) -> tuple[str, str] | None:
    """What keeps a training back, whatever triggers it."""
    if (
        Run.objects.live().filter(project=project, kind=RunKind.FINETUNE).exists()
        or _pending(project) is not None
    ):
        return "running", "A training is under way."
    if seen.hours_used >= policy.hours_allowed:
        return "hours", (
            f"{seen.hours_used:.1f} of {policy.hours_allowed:.1f} hours of the training worker were used in 30 days."
        )
    if not seen.accepted:
        return "nothing_new", "No masklet was accepted since the last training that is not held out."
    if seen.attempts_left == 0:
        try:
            evaluation_sets.ensure(project)
        except MaskloopError as error:
            return "attempts", f"The evaluation set is used up. {error.message}"
    return None


@transaction.atomic
def decide(project: Project, *, actor: User | None = None) -> TriggerDecision | None:
    """Decide, and start what is decided. `actor` asks by hand. None where nothing is new to say."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    policy = policy_of(project)
    if policy is None or not (policy.enabled or actor):
        return None
    seen = facts(project)
    kept_back = hindrance(policy, project, seen)
    fired = ("hand", "An owner asked.") if actor else wish(policy, seen)
    if kept_back or not fired:
        because, reason = kept_back or ("nothing", "No trigger fires yet.")
        return _note(project, Decision.NOT_YET, because, reason, seen, actor=actor)
    with transaction.atomic():
        owner = _owner(policy)
        release = releases.create_release(actor=owner, project=project, name=_name(project))
        releases.freeze(actor=owner, release=release)
    return _note(project, Decision.STARTED, *fired, seen, actor=actor, release=release)


def ask(*, actor: User, project: Project) -> TriggerDecision:
    """An owner's wish to retrain now, within the budget."""
    access.require(actor, project.pk, Role.OWNER)
    if policy_of(project) is None:
        set_policy(actor=actor, project=project)
    made = decide(project, actor=actor)
    assert made is not None, "a wish by hand is always answered"
    return made


def _note(
    project: Project, decision: str, because: str, reason: str, seen: Facts, *,
    actor: User | None = None, release: Release | None = None,
) -> TriggerDecision | None:  # fmt: skip
    last = TriggerDecision.objects.filter(project=project).first()
    same = last is not None and (last.decision, last.because) == (decision, because)
    if same and decision == Decision.NOT_YET and actor is None:
        return None
    return TriggerDecision.objects.create(
        project=project,
        decision=decision,
        because=because,
        reason=reason,
        facts=seen,
        actor=actor,
        release=release,
    )


def _owner(policy: TrainingPolicy) -> User:
    """On whose behalf: who set the policy, or another owner where that one left."""
    owners = Membership.objects.filter(project=policy.project, role=Role.OWNER, user__is_active=True)
    own = owners.filter(user=policy.owner).first() or owners.select_related("user").first()
    return own.user if own else policy.owner


def _name(project: Project) -> str:
    return f"training {1 + Release.objects.filter(project=project).count()}"


def _pending(project: Project) -> TriggerDecision | None:
    """Started, and its release is not trained on yet."""
    started = TriggerDecision.objects.filter(project=project, decision=Decision.STARTED, run__isnull=True)
    return started.select_related("release").first()


def go_on(project: Project) -> bool:
    """Train on the release that a decision froze, once it is frozen; whether something happened."""
    pending = _pending(project)
    policy = policy_of(project)
    if pending is None or policy is None:
        return False
    release = pending.release
    assert release is not None
    if release.status == ReleaseStatus.DRAFT:
        if release.runs.live().exists():
            return False
        return _give_up(pending, "Its release could not be frozen.")
    try:
        settings = TrainingSettings(steps=policy.steps, rendered_share=policy.rendered_share)
        run = retraining.start_for(release, actor=pending.actor, settings=settings)
    except MaskloopError as error:
        return _give_up(pending, error.message)
    TriggerDecision.objects.filter(pk=pending.pk).update(run=run)
    return True


def _give_up(pending: TriggerDecision, reason: str) -> bool:
    TriggerDecision.objects.filter(pk=pending.pk).update(decision=Decision.FAILED, reason=reason)
    return True


def act_on_candidates(project: Project) -> bool:
    """What passed the gate is promoted, or tried first, where the policy says so; whether something happened."""
    policy = policy_of(project)
    if policy is None or not policy.promotes or canaries.live(project.pk) is not None:
        return False
    held, champion = evaluation_sets.current(project.pk), checkpoints.active(project.pk)
    told = (
        Evaluation.objects.filter(evaluation_set=held, champion=champion, passed=True)
        .filter(checkpoint__status=CheckpointStatus.EVALUATED, checkpoint__canaries__isnull=True)
        .select_related("checkpoint")
        .order_by("-gain")
        .first()
    )
    if told is None:
        return False
    candidate: Checkpoint = told.checkpoint
    if policy.canary_share:
        canaries.start(actor=None, challenger=candidate, share=policy.canary_share)
    else:
        checkpoints.promote(
            actor=None, checkpoint=candidate, reason="the policy promotes what passes the gate"
        )
    return True


def look_after_all() -> int:
    """The janitor's duty: decide, go on, promote; how many projects something happened in."""
    happened = 0
    policies = TrainingPolicy.objects.filter(enabled=True, project__removed_at__isnull=True)
    for policy in policies.select_related("project"):
        try:
            moved = go_on(policy.project) or act_on_candidates(policy.project)
            made = decide(policy.project)
            happened += moved or (made is not None and made.decision == Decision.STARTED)
        except MaskloopError:
            logger.exception("The triggers of project %s could not be looked after", policy.project_id)
    return happened + _go_on_by_hand()


def _go_on_by_hand() -> int:
    """What owners asked for where nothing triggers by itself."""
    waiting = TriggerDecision.objects.filter(
        decision=Decision.STARTED, run__isnull=True, project__training_policy__enabled=False
    )
    return sum(go_on(pending.project) for pending in waiting.select_related("project"))
