"""Checkpoints: which weights a project's runs use, and how that changes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from engine import access, lifecycle
from engine.errors import LostTheRace, WorseThanItsBase, WrongState
from engine.models import AuditKind, Checkpoint, CheckpointStatus, Role
from engine.services import audit

SAME = 0.0005  #: of J&F: a difference that the digits we show do not tell
BUNDLED = "bundled"  #: the location of the weights that come with Maskloop


def active(project_id: int) -> Checkpoint | None:
    return Checkpoint.objects.filter(project_id=project_id, status=CheckpointStatus.ACTIVE).first()


def active_location(project_id: int) -> str:
    """Where the weights that this project uses lie; the installation's default where a project names none."""
    return location_of(active(project_id))


def location_of(checkpoint: Checkpoint | None) -> str:
    return (checkpoint.location if checkpoint else "") or settings.CHECKPOINT


def allowed_locations() -> list[str]:
    """What this installation lets people start from, besides their own checkpoints."""
    return list(dict.fromkeys([settings.CHECKPOINT, BUNDLED, *settings.CHECKPOINTS]))


def promote(*, actor: User, checkpoint: Checkpoint, reason: str = "") -> Checkpoint:
    """Make it the one that the project's runs use; the one that was retires. A retired one may come back.

    Runs that are under way keep the weights they began with. One that tracks worse than what it was retrained from
    needs a reason, which the ledger keeps with who gave it. Raises `WorseThanItsBase`.
    """
    access.require(actor, checkpoint.project_id, Role.OWNER)
    if checkpoint.status == CheckpointStatus.ACTIVE:
        raise WrongState("This checkpoint is the active one already.", status=checkpoint.status)
    if checkpoint.run_id and not checkpoint.evaluation:
        raise WrongState(
            "Nobody knows how good this checkpoint is: its evaluation did not end. Retrain once more.",
            status=checkpoint.status,
        )
    _ask_why(checkpoint, reason)
    former = active(checkpoint.project_id)
    try:
        with transaction.atomic():
            if former is not None:
                why = f"{checkpoint.name} was promoted"
                lifecycle.change(former, CheckpointStatus.RETIRED, actor=actor, reason=why)
            lifecycle.change(checkpoint, CheckpointStatus.ACTIVE, actor=actor, reason=reason.strip())
            audit.record(
                AuditKind.CHECKPOINT_PROMOTED,
                actor=actor,
                subject=checkpoint,
                project_id=checkpoint.project_id,
                before={"checkpoint": former.name if former else None},
                after={"checkpoint": checkpoint.name},
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise LostTheRace from error
    return checkpoint


def _ask_why(checkpoint: Checkpoint, reason: str) -> None:
    """Refuse a silent step back: on what was kept aside, or on rendered footage where nothing was."""
    told = checkpoint.evaluation
    figures = told.get("held_out") or told.get("rendered") or {}
    before, after = (figures.get(whose, {}).get("jf_mask") for whose in ("base", "candidate"))
    if before is None or after is None or reason.strip():
        return
    if after <= before - SAME:
        raise WorseThanItsBase(
            f"{checkpoint.name} tracks worse than what it was retrained from: J&F {after:.3f} after {before:.3f}. "
            "Say why it is promoted all the same; the reason is kept.",
            base=before,
            candidate=after,
        )


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
