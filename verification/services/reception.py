"""What becomes of a masklet at the moment when it is submitted."""

from __future__ import annotations

from django.contrib.auth.models import User

from engine import lifecycle
from engine.models import Masklet, MaskletStatus, PassedBy
from verification.models import ReviewPolicy, SamplingDraw
from verification.services import people, policies, probes, risk, rounds, sampling


def receive(masklet: Masklet, actor: User | None) -> None:
    """Inside the transaction that submits: let a probe through, leave out by a draw what need not be looked at, put the
    rest into its place in the queue, or before an owner where nobody may verify it."""
    if masklet.probe:
        probes.receive(masklet, actor)
        return
    policy = policies.of(masklet.project_id)
    risk.assess(masklet, actor)
    first = not masklet.trial and not masklet.discard_proposed and not masklet.rounds.exists()  # type: ignore[attr-defined]
    if first and actor is not None:
        probes.draw(masklet, policy)
        if not _is_looked_at(masklet, actor, policy):
            lifecycle.change(
                masklet,
                MaskletStatus.ACCEPTED,
                actor=None,
                reason="not looked at: a random draw left it out",
                passed_by=PassedBy.SAMPLING,
            )
            return
    if not people.verifiers(masklet):
        rounds.escalate(masklet, rounds.current(masklet))


def _is_looked_at(masklet: Masklet, actor: User, policy: ReviewPolicy) -> bool:
    share, because = sampling.share_of(masklet, actor, policy)
    return share >= 1 or sampling.draw(masklet, SamplingDraw.About.LOOK, share, because=because)
