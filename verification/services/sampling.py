"""What is looked at at all: by a random draw that is kept."""

from __future__ import annotations

from random import SystemRandom

from django.contrib.auth.models import User

from engine.models import Masklet, Membership, Role
from verification.models import ReviewPolicy, Round, SamplingDraw, Verdict

_chance = SystemRandom()
RECENT = 200  #: of a person's rounds, the latest that trust is built on


def draw(masklet: Masklet, about: SamplingDraw.About, share: float, *, because: str) -> bool:
    """Throw the dice and keep what they said; true for the share that is taken."""
    assert masklet.revision is not None
    drawn = _chance.random()
    taken = drawn < share
    SamplingDraw.objects.create(
        masklet=masklet,
        revision=masklet.revision,
        about=about,
        share=share,
        drawn=drawn,
        taken=taken,
        because=because,
    )
    return taken


def share_of(masklet: Masklet, annotator: User, policy: ReviewPolicy) -> tuple[float, str]:
    """Of what `annotator` submits, the share that is looked at, and which rule says so."""
    own = Membership.objects.filter(
        project=masklet.project_id, user=annotator, role=Role.ANNOTATOR, look_share__isnull=False
    ).first()
    if own is not None and own.look_share is not None:
        return own.look_share, "an owner's word about this person"
    if policy.trusted_share < policy.look_share:
        right, seen = record_of(annotator, masklet.project_id)
        if seen >= policy.trusted_after and right >= policy.trusted_rate * seen:
            return policy.trusted_share, f"{right} of the last {seen} satisfactory at first sight"
    return policy.look_share, "the project's share"


def record_of(annotator: User, project_id: int) -> tuple[int, int]:
    """(satisfactory at first sight, so many) of the person's latest first rounds in the project."""
    first = Round.objects.filter(annotator=annotator, masklet__project=project_id, number=1).exclude(
        outcome=""
    )
    outcomes = list(first.order_by("-id").values_list("outcome", flat=True)[:RECENT])
    return outcomes.count(Verdict.Kind.SATISFACTORY), len(outcomes)
