"""Checkpoints: which weights a project's runs use, and how that changes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Subquery

from engine import access, lifecycle
from engine.errors import LostTheRace, WrongState
from engine.models import AuditKind, Checkpoint, CheckpointStatus, Masklet, Promotion, PromotionKind, Role
from engine.services import audit, gate

BUNDLED = "bundled"  #: the location of the weights that come with Maskloop


def active(project_id: int) -> Checkpoint | None:
    """The checkpoint that makes the project's masks, or None where none was promoted."""
    return _active(project_id).first()


def champion_of(project_id: int) -> Subquery:
    """Its id, inside another statement; null where none was promoted."""
    return Subquery(_active(project_id).values("pk")[:1])


def _active(project_id: int) -> QuerySet[Checkpoint]:
    return Checkpoint.objects.filter(project_id=project_id, status=CheckpointStatus.ACTIVE)


def active_location(project_id: int) -> str:
    """Where the weights that this project uses lie; the installation's default where a project names none."""
    return location_of(active(project_id))


def location_of(checkpoint: Checkpoint | None) -> str:
    """Where the weights stand: a folder, a hub name or a key; the default's without a checkpoint."""
    return (checkpoint.location if checkpoint else "") or settings.CHECKPOINT


def location_for(masklet: Masklet) -> str:
    """Of the weights that the work on `masklet` uses: those it began with, unless they were taken back meanwhile."""
    return location_of(of_work(masklet))


def of_work(masklet: Masklet) -> Checkpoint | None:
    """The checkpoint that makes this masklet's masks: its own, else the project's."""
    return Checkpoint.objects.filter(masklets=masklet.pk).first() or active(masklet.project_id)


def take_back(checkpoint: Checkpoint) -> None:
    """No work goes on with these weights: the next click uses the champion's."""
    Masklet.objects.filter(checkpoint=checkpoint).update(checkpoint=None)


def allowed_locations() -> list[str]:
    """What this installation lets people start from, besides their own checkpoints."""
    return list(dict.fromkeys([settings.CHECKPOINT, BUNDLED, *settings.CHECKPOINTS]))


def promote(*, actor: User | None, checkpoint: Checkpoint, reason: str = "") -> Checkpoint:
    """Make it the champion, which the project's runs use; the one that was retires. One that was champion once may
    come back.

    Work in progress keeps the weights it began with. `actor` is None where a policy does it, which the gate alone
    can allow. Raises `GateRefuses` with a sentence; PostgreSQL refuses the same to whoever does not ask here.
    """
    if actor is not None:
        access.require(actor, checkpoint.project_id, Role.OWNER)
    if checkpoint.status == CheckpointStatus.ACTIVE:
        raise WrongState("This checkpoint is the active one already.", status=checkpoint.status)
    if checkpoint.run_id and not checkpoint.evaluation:
        raise WrongState(
            "Nobody knows how good this checkpoint is: its evaluation did not end. Retrain once more.",
            status=checkpoint.status,
        )
    kind, evaluation = gate.ground(checkpoint, actor=actor, reason=reason)
    try:
        with transaction.atomic():
            former = _step_down(checkpoint, actor=actor)
            Promotion.objects.create(
                project_id=checkpoint.project_id,
                number=former.number + 1,
                kind=kind,
                checkpoint=checkpoint,
                former_id=former.checkpoint_id,
                evaluation=evaluation,
                actor=actor,
                reason=reason.strip(),
            )
            lifecycle.change(checkpoint, CheckpointStatus.ACTIVE, actor=actor, reason=reason.strip())
            audit.record(
                AuditKind.CHECKPOINT_ROLLED_BACK
                if kind == PromotionKind.ROLLBACK
                else AuditKind.CHECKPOINT_PROMOTED,
                actor=actor or audit.MASKLOOP,
                subject=checkpoint,
                project_id=checkpoint.project_id,
                before={"checkpoint": former.checkpoint.name},
                after={"checkpoint": checkpoint.name},
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise LostTheRace from error
    return checkpoint


def _step_down(successor: Checkpoint, *, actor: User | None) -> Promotion:
    """The champion retires; returns the promotion that had made it."""
    latest = Promotion.objects.select_related("checkpoint").filter(project_id=successor.project_id)
    made = latest.order_by("-number")[0]
    why = f"{successor.name} was promoted"
    lifecycle.change(made.checkpoint, CheckpointStatus.RETIRED, actor=actor, reason=why)
    return made


def before_the_champion(project_id: int) -> Checkpoint | None:
    """Where a rollback goes: to the one that the champion took over from when it was promoted."""
    champion = active(project_id)
    rose = Promotion.objects.filter(project_id=project_id, checkpoint=champion).exclude(
        kind=PromotionKind.ROLLBACK
    )
    made = rose.select_related("former").order_by("-number").first()
    return made.former if made else None


def roll_back(*, actor: User | None, project_id: int, reason: str = "") -> Checkpoint:
    """Undo the champion's promotion. The next run uses the weights of before. Raises `WrongState`."""
    if actor is not None:
        access.require(actor, project_id, Role.OWNER)
    former = before_the_champion(project_id)
    if former is None:
        raise WrongState("There is nothing to go back to: the project began with this checkpoint.")
    bad = active(project_id)
    with transaction.atomic():
        promote(actor=actor, checkpoint=former, reason=reason)
        if bad is not None:
            take_back(bad)
    return former


@transaction.atomic
def retire(*, actor: User, checkpoint: Checkpoint) -> Checkpoint:
    """Put away one that is not wanted."""
    access.require(actor, checkpoint.project_id, Role.OWNER)
    if checkpoint.status == CheckpointStatus.ACTIVE:
        raise WrongState(
            "This is the checkpoint in use. Promote another one; that retires this one.",
            status=checkpoint.status,
        )
    was = checkpoint.status
    lifecycle.change(checkpoint, CheckpointStatus.RETIRED, actor=actor)
    audit.record(
        AuditKind.CHECKPOINT_RETIRED,
        actor=actor,
        subject=checkpoint,
        project_id=checkpoint.project_id,
        before={"status": was},
        after={"status": checkpoint.status},
    )
    return checkpoint
