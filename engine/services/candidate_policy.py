"""What a project does with its candidates: the threshold, fitted on its verdicts or set by an owner, and the share of
the bad ones that people refine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import access, candidate_filter
from engine.candidate_filter import ENOUGH, USUAL, Point
from engine.models import (
    AuditKind,
    Candidate,
    CandidatePolicy,
    Fate,
    MaskletStatus,
    Project,
    Role,
    Transition,
)
from engine.services import audit

MOST_VERDICTS = 20_000  #: the newest that are looked at
VERDICTS = {
    MaskletStatus.ACCEPTED: True,
    MaskletStatus.NEEDS_REFINEMENT: False,
    MaskletStatus.FILTERED: False,
    MaskletStatus.REJECTED: False,
}


@dataclass(frozen=True)
class Judged:
    """A candidate that a reviewer has judged as SAM 2 had made it."""

    masklet_id: int
    score: float
    scores: dict[str, float]
    right: bool  #: found satisfactory


@dataclass(frozen=True)
class State:
    """A project's policy, and what its verdicts say about where to cut."""

    policy: CandidatePolicy
    threshold: float  #: in force, 0..1
    fitted: float | None  #: None before there are enough verdicts
    verdicts: int
    missing: int  #: verdicts until a threshold is fitted
    usual: float
    curve: list[Point]


def of(project_id: int) -> CandidatePolicy:
    """The project's, or as it is until an owner changes something (then not stored yet)."""
    found = CandidatePolicy.objects.filter(project=project_id).first()
    return found or CandidatePolicy(project_id=project_id)


def state(project: Project) -> State:
    policy, known = of(project.pk), judged(project.pk)
    scores, right = [each.score for each in known], [each.right for each in known]
    every = Candidate.objects.eligible().filter(masklet__project=project, masklet__removed=False).order_by()
    fitted = candidate_filter.fit(scores, right, precision=policy.precision)
    return State(
        policy=policy,
        threshold=_in_force(policy, fitted),
        fitted=fitted,
        verdicts=len(known),
        missing=max(0, ENOUGH - len(known)),
        usual=USUAL,
        curve=candidate_filter.curve(scores, right, list(every.values_list("score", flat=True))),
    )


def threshold(policy: CandidatePolicy) -> float:
    """What a candidate's score must reach, 0..1: an owner's word, or fitted, or the usual before enough verdicts."""
    if policy.threshold is not None:
        return policy.threshold
    known = judged(policy.project_id)
    fitted = candidate_filter.fit(
        [each.score for each in known], [each.right for each in known], precision=policy.precision
    )
    return _in_force(policy, fitted)


def _in_force(policy: CandidatePolicy, fitted: float | None) -> float:
    if policy.threshold is not None:
        return policy.threshold
    return USUAL if fitted is None else fitted


def judged(project_id: int) -> list[Judged]:
    """The project's candidates that reviewers have judged as SAM 2 had made them, the newest `MOST_VERDICTS`. What
    another model thinks of its masks teaches nothing about SAM 2's.

    Read from the ledger: a verdict that was taken back, and those on what people have worked on since, do not count.
    """
    ours = Candidate.objects.eligible().filter(masklet__project=project_id, run__isnull=False)
    newest = ours.order_by("-pk")[:MOST_VERDICTS]
    candidates = {candidate.masklet_id: candidate for candidate in newest}
    return [
        Judged(pk, candidates[pk].score, candidates[pk].scores, right)
        for pk, right in sorted(_standing_verdicts(candidates).items())
    ]


def _standing_verdicts(candidates: Mapping[int, Candidate]) -> dict[int, bool]:
    """{masklet: satisfactory?} of those whose verdict stands, given before people worked on them."""
    steps = Transition.objects.filter(subject_type="masklet", subject_id__in=list(candidates)).order_by("pk")
    found: dict[int, bool] = {}
    touched: set[int] = set()
    for pk, before, after, actor in steps.values_list("subject_id", "from_status", "to_status", "actor"):
        if pk in touched:
            continue
        if after == MaskletStatus.ANNOTATING:
            touched.add(pk)
        elif after == MaskletStatus.IN_VERIFICATION:
            found.pop(pk, None)
        # A machine's verdict teaches nothing that people know.
        elif before == MaskletStatus.IN_VERIFICATION and after in VERDICTS and actor is not None:
            found[pk] = VERDICTS[MaskletStatus(after)]
        # An owner or the threshold filtered it, and nobody judged it.
        waited = before == MaskletStatus.IN_VERIFICATION
        if waited and after == MaskletStatus.FILTERED and candidates[pk].fate != Fate.UNSAMPLED:
            found.pop(pk, None)
    return found


@transaction.atomic
def change(*, actor: User, project: Project, **values: Any) -> CandidatePolicy:
    """New values for some fields; `threshold` None goes back to the fitted one."""
    access.require(actor, project.pk, Role.OWNER)
    # Two owners wait for each other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    policy = of(project.pk)
    before = {name: getattr(policy, name) for name in values if getattr(policy, name) != values[name]}
    for name, value in values.items():
        setattr(policy, name, value)
    policy.save()
    if before:
        audit.record(
            AuditKind.CANDIDATE_POLICY,
            actor=actor,
            subject=project,
            project_id=project.pk,
            before={name: _word(value) for name, value in before.items()},
            after={name: _word(values[name]) for name in before},
        )
    return policy


def _word(value: Any) -> Any:
    """The ledger takes words and whole numbers."""
    return f"{100 * value:.1f} %" if isinstance(value, float) else value
