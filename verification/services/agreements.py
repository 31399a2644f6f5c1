"""How far reviewers agree, and annotators: read from rounds that several people judged, and from probes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from engine import access, limits
from engine.models import Project, Role
from verification import agreement
from verification.agreement import Judgement
from verification.models import Probe, Verdict
from verification.services.verdicts import REASONS

NEWEST = 10_000  #: verdicts that are looked at
GROUPS = 60  #: of one kind that are told


class Said(NamedTuple):
    """A reviewer's verdict as a judgement, and what it can be grouped by."""

    judgement: Judgement
    reasons: list[str]
    size: str
    week: str


def of(*, actor: User, project: Project) -> dict[str, Any]:
    """Agreement of reviewers over all, by reviewer, reason, size and week; Dawid-Skene; people's J&F (owners)."""
    access.require(actor, project.pk, Role.OWNER)
    with limits.one_at_a_time("agreement", project.pk):
        said = _said(project)
        abilities = agreement.abilities(
            [each.judgement for each in said], positive=Verdict.Kind.SATISFACTORY.value
        )
        return {
            "all": _figures(said),
            "by_reviewer": _by_reviewer(said),
            "by_reason": _by_reason(said),
            "by_size": _grouped(said, "size"),
            "by_week": _grouped(said, "week"),
            "dawid_skene": [{"username": name} | ability for name, ability in abilities.items()],
            "people": ceiling(project, Probe.Against.PERSON),
            "gold": ceiling(project, Probe.Against.GOLD),
        }


def ceiling(project: Project, against: str) -> dict[str, Any]:
    """J&F of what was made twice: between people it is as good as masks here can be said to be."""
    probes = Probe.objects.filter(masklet__project=project, against=against, scored_at__isnull=False)
    scores = [((j or 0) + (f or 0)) / 2 for j, f in probes.values_list("j", "f")[:NEWEST]]
    return {"objects": len(scores), "jf": agreement.mean_with_interval(scores)}


def _said(project: Project) -> list[Said]:
    verdicts = Verdict.objects.filter(
        by=Verdict.By.REVIEWER, undone_at=None, round__masklet__project=project, round__reviewers__gt=1
    )
    rows = verdicts.order_by("-id").values_list(
        "round_id", "person__username", "kind", "reasons", "round__size", "created_at"
    )
    return [
        Said(Judgement(round_id, name, kind), reasons, size, f"{at:%G-W%V}")
        for round_id, name, kind, reasons, size, at in rows[:NEWEST]
    ]


def _figures(said: Iterable[Said]) -> agreement.Figures:
    return agreement.figures(each.judgement for each in said)


def _by_reviewer(said: list[Said]) -> list[dict[str, Any]]:
    """Each with those who judged the same."""
    items: defaultdict[str, set[int]] = defaultdict(set)
    for each in said:
        items[each.judgement.person].add(each.judgement.item)
    return [
        {"key": name} | _figures(each for each in said if each.judgement.item in items[name])
        for name in sorted(items)[:GROUPS]
    ]


def _by_reason(said: list[Said]) -> list[dict[str, Any]]:
    """Whether they name a reason for the same masklets."""
    return [
        {"key": reason}
        | agreement.figures(
            each.judgement._replace(label="named" if reason in each.reasons else "not") for each in said
        )
        for reason in REASONS
    ]


def _grouped(said: list[Said], by: str) -> list[dict[str, Any]]:
    groups: defaultdict[str, list[Said]] = defaultdict(list)
    for each in said:
        groups[getattr(each, by)].append(each)
    return [{"key": key} | _figures(groups[key]) for key in sorted(groups)[-GROUPS:] if key]
