"""The pre-verifier's page, and what it says of one masklet."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db.models import Count, Q

from engine import access
from engine.models import (
    Decision,
    Masklet,
    MaskletStatus,
    Preverifier,
    PreverifierScore,
    Project,
    Role,
)
from engine.services import preverifiers
from verification import evidence
from verification.services import automatic, risk

VERSIONS = 20  #: that are told, newest first


def report(*, actor: User, project: Project) -> dict[str, Any]:
    """What people's verdicts show of the version in use, its predecessors, and what it decides by itself (owners and
    reviewers)."""
    access.require(actor, project.pk, Role.OWNER, Role.REVIEWER)
    version = preverifiers.active(project.pk)
    row = automatic.of_project(project, actor=actor)
    return {
        "version": version,
        "versions": Preverifier.objects.filter(project=project)[:VERSIONS],
        "fewest_verdicts": preverifiers.FEWEST_VERDICTS,
        "judged": PreverifierScore.objects.judged().filter(project=project).count(),
        "automatic": row,
        **_figures(preverifiers.evidence(project.pk, version)),
        **_decided(project),
    }


def _figures(said: list[PreverifierScore]) -> dict[str, Any]:
    chance = np.array([score.wrong for score in said], dtype=float)
    satisfactory = np.array([score.verdict == "satisfactory" for score in said], dtype=bool)
    unsatisfactory = np.array([score.verdict == "unsatisfactory" for score in said], dtype=bool)
    wrong = ~satisfactory
    return {
        "verdicts": len(said),
        "unsatisfactory": int(wrong.sum()),
        "auc": evidence.auc(chance, wrong),
        "calibration_error": evidence.calibration_error(chance, wrong),
        "roc": evidence.roc(chance, wrong) if len(said) else [],
        "calibration": evidence.calibration(chance, wrong),
        "tradeoff": evidence.tradeoff(chance, wrong),
        "sizes": evidence.by_size(chance, wrong, [score.area for score in said]),
        "thresholds": evidence.thresholds(chance, satisfactory, unsatisfactory),
    }


def _decided(project: Project) -> dict[str, int]:
    """How many masklets it decided, and how many it left to people by the draw."""
    scores = PreverifierScore.objects.filter(project=project)
    return scores.aggregate(
        **{kind.value: Count("pk", filter=Q(decision=kind)) for kind in Decision},
    )


def look_first(masklet: Masklet, actor: User | None) -> None:
    """Inside the transaction that submits: have looked at what waits for a verdict. A second making of an object is
    nobody's to verify."""
    if masklet.status == MaskletStatus.IN_VERIFICATION and not masklet.probe:
        preverifiers.ask(masklet)


def place(score: PreverifierScore) -> None:
    """What was just scored takes its place in the reviewers' queue."""
    risk.rescore(score.masklet, revision_id=score.revision_id, score=1 - score.wrong)


def opinion(*, actor: User, masklet_id: int) -> PreverifierScore | None:
    """What is thought of a masklet's current masks; None before anything is."""
    masklet = access.find_masklet(Masklet.objects.all(), actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER, Role.REVIEWER)
    return PreverifierScore.objects.filter(revision=masklet.revision_id).first()
