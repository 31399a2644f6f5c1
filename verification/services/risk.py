"""How likely a waiting masklet is wrong, as far as can be told before anybody looks: it orders the queue."""

from __future__ import annotations

from math import prod

from django.contrib.auth.models import User
from django.db.models import F

from engine.models import Masklet
from engine.models.masklet import RISK_HASTE
from verification.models import Probe
from verification.services import sampling

NEW = 10  #: rounds after which a person is no newcomer
NEWCOMER = 0.3  #: the risk of their first masklet; it fades to 0
POOR_PROBE = 0.75  #: J&F with gold below which a person failed it
BEFORE = (1, 10)  #: one failure in ten is expected of whom nothing is known


def assess(masklet: Masklet, annotator: User | None) -> None:
    """Work out the risk of what was just submitted, and put it into its place in the queue."""
    move(masklet, combined(signals(masklet, annotator)))


def rescore(masklet: Masklet, *, revision_id: int, score: float) -> bool:
    """The pre-verifier's word on one revision: 0 to 1, the chance that it is satisfactory. False if too late."""
    rows = Masklet.objects.filter(pk=masklet.pk, revision=revision_id)
    if not rows.update(preverifier_score=score):
        return False
    masklet.refresh_from_db()
    last = masklet.rounds.order_by("-number").first()  # type: ignore[attr-defined]
    move(masklet, combined(signals(masklet, last.annotator if last else masklet.created_by)))
    return True


def signals(masklet: Masklet, annotator: User | None) -> dict[str, float]:
    """Chances, 0 to 1, that something is wrong, each by itself."""
    score = masklet.preverifier_score
    found = {"doubt": masklet.doubt} if score is None else {"preverifier": 1 - score}
    if annotator is not None:
        right, seen = sampling.record_of(annotator, masklet.project_id)
        found["record"] = (seen - right + BEFORE[0]) / (seen + BEFORE[1]) if seen else 0.0
        found["newcomer"] = NEWCOMER * max(0, NEW - seen) / NEW
        found["gold"] = _failed_gold(annotator, masklet.project_id)
    return found


def combined(signals: dict[str, float]) -> float:
    """The chance that at least one of them is right, were they independent; 0 to 1."""
    return 1 - prod(1 - min(max(chance, 0.0), 1.0) for chance in signals.values())


def move(masklet: Masklet, risk: float) -> None:
    """Another risk is another place; how long it has waited stays."""
    Masklet.objects.filter(pk=masklet.pk).update(
        review_rank=F("review_rank") - RISK_HASTE * (risk - F("risk")), risk=risk
    )
    masklet.risk = risk


def _failed_gold(annotator: User, project_id: int) -> float:
    probes = Probe.objects.filter(
        person=annotator, masklet__project=project_id, against=Probe.Against.GOLD, scored_at__isnull=False
    )
    scores = [((j or 0) + (f or 0)) / 2 for j, f in probes.values_list("j", "f")[: sampling.RECENT]]
    return sum(score < POOR_PROBE for score in scores) / len(scores) if scores else 0.0
