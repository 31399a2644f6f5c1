"""Table 1 about ourselves (SAM 2 paper §5.1): what masks cost and how they agree, computed from the ledger of effort.

A masklet counts once it was submitted; its effort is all that was spent on it, by everybody, before and after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from django.contrib.auth.models import User
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import TruncDate, TruncWeek
from django.utils import timezone

from annotation.alignment import Agreement, Alignment, agreement, alignment
from annotation.models import Assignment, Interaction, Trial
from engine import storage
from engine.models import Project, Revision, Role

KEYS = ("phase", "checkpoint", "person", "video", "week")
DAYS = 14  #: that one's own account shows
CLICK, BOX, MASK, TIME = (
    Interaction.Kind.CLICK,
    Interaction.Kind.BOX,
    Interaction.Kind.MASK,
    Interaction.Kind.TIME,
)


class Row(TypedDict):
    """A row of the table. Seconds; shares 0..1; None where nothing was counted."""

    key: str
    label: str
    masklets: int
    frames: int
    active_seconds: float
    wait_seconds: float
    seconds_per_frame: float | None
    edited_frames_share: float | None
    clicked_frames: int
    clicks: int
    clicks_per_clicked_frame: float | None
    boxes: int
    masks: int
    strokes: int
    alignment: Alignment | None


class PaperRow(TypedDict):
    phase: int
    seconds_per_frame: float
    edited_frames_share: float
    clicks_per_clicked_frame: float
    alignment: Alignment | None


PAPER: list[PaperRow] = [
    {
        "phase": phase,
        "seconds_per_frame": seconds,
        "edited_frames_share": edited,
        "clicks_per_clicked_frame": clicks,
        "alignment": None
        if shares is None
        else {"all": shares[0], "small": shares[1], "medium": shares[2], "large": shares[3], "masks": 0},
    }
    for phase, seconds, edited, clicks, shares in (
        (1, 37.8, 1.0, 4.80, None),
        (2, 7.4, 0.2325, 3.61, (0.864, 0.713, 0.804, 0.979)),
        (3, 4.5, 0.1904, 2.68, (0.891, 0.728, 0.818, 1.0)),
    )
]

DEFINITIONS = {
    "masklets": "Masklets that were submitted at least once.",
    "frames": "Annotated frames of these masklets' videos, each masklet's counted once.",
    "seconds_per_frame": "Active seconds divided by frames. Active is time with the page in front and a hand on it; "
    "ten seconds without input end it, and waiting for the model is counted apart.",
    "edited_frames_share": "The share of a masklet's frames that somebody clicked, boxed or painted on; the mean over "
    "masklets.",
    "clicks_per_clicked_frame": "Clicks divided by frames with a click, undone ones included.",
    "alignment": "In controlled experiments, the share of masks whose IoU with the phase 1 "
    "mask of the same object and frame is above 0.75. Frames on which both say that the object is absent do not "
    "count. Small is below 32², medium below 96² pixels, on the first frame that shows the object.",
    "wait_seconds": "Time in which somebody waited for the model.",
    "strokes": "Strokes of brush, eraser and lasso.",
}


class Filters(NamedTuple):
    """Which part of the ledger is looked at; None: all of it."""

    phase: int | None = None
    person: str | None = None
    video: int | None = None
    trial: bool | None = None
    experiment: int | None = None


def table(*, actor: User, project: Project, by: str, filters: Filters) -> dict[str, Any]:
    """Table 1 by one of `KEYS`, as far as `actor` may see it: owners everybody's effort, others their own."""
    rows = rows_of(ledger(actor=actor, project=project, filters=filters), by)
    total = rows_of(ledger(actor=actor, project=project, filters=filters), None)
    return {
        "by": by,
        "rows": rows,
        "total": total[0] if total else None,
        "paper": PAPER,
        "definitions": DEFINITIONS,
    }


def mine(*, actor: User, project: Project) -> dict[str, Any]:
    """One's own account: what was submitted today, and each day's work."""
    own = Interaction.objects.filter(masklet__project=project, person=actor)
    now = timezone.now()
    today = Q(submitted_at__date=timezone.localdate(now))
    rows = rows_of(submitted(own, today), None)
    days = (
        own.filter(created_at__gte=now - timedelta(days=DAYS))
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(
            active=Sum("active_ms"),
            clicks=Count("pk", filter=Q(kind=CLICK)),
            frames=Count("frame_idx", distinct=True),
        )
        .order_by("-day")
    )
    return {
        "today": rows[0] if rows else None,
        "days": [
            {
                "day": day["day"],
                "active_seconds": day["active"] / 1000,
                "frames": day["frames"],
                "clicks": day["clicks"],
            }
            for day in days
        ],
    }


def ledger(*, actor: User, project: Project, filters: Filters) -> QuerySet[Interaction]:
    """The rows that the table is made of."""
    found = Interaction.objects.filter(masklet__project=project)
    if Role.OWNER not in project.roles_of(actor):
        found = found.filter(person=actor)
    if filters.phase is not None:
        found = found.filter(phase=filters.phase)
    if filters.person is not None:
        found = found.filter(person__username=filters.person)
    if filters.video is not None:
        found = found.filter(masklet__video=filters.video)
    if filters.trial is not None:
        found = found.filter(masklet__trial=filters.trial)
    if filters.experiment is not None:
        found = found.filter(masklet__as_trial__target__experiment=filters.experiment)
    return submitted(found)


def submitted(interactions: QuerySet[Interaction], when: Q | None = None) -> QuerySet[Interaction]:
    """Those about masklets that were submitted, with `submitted_at`, the last time."""
    last = (
        Assignment.objects.filter(masklet=OuterRef("masklet"), outcome=Assignment.Outcome.SUBMITTED)
        .order_by()
        .values("masklet")
        .annotate(last=Max("ended_at"))
        .values("last")
    )
    dated: QuerySet[Any] = interactions.annotate(submitted_at=Subquery(last))
    return dated.filter(when or Q(submitted_at__isnull=False))


class _Key(NamedTuple):
    key: Any  # an expression
    label: Any


_KEYS: Mapping[str | None, _Key] = {
    None: _Key(Value(""), Value("")),
    "phase": _Key(F("phase"), F("phase")),
    "checkpoint": _Key(F("checkpoint"), F("checkpoint__name")),
    "person": _Key(F("person__username"), F("person__username")),
    "video": _Key(F("masklet__video"), F("masklet__video__name")),
    "week": _Key(TruncWeek("submitted_at"), TruncWeek("submitted_at")),
}


def rows_of(interactions: QuerySet[Interaction], by: str | None) -> list[Row]:
    """The table's rows by a key (None: one row of everything), in the key's order."""
    key, label = _KEYS[by]
    counted = (
        interactions.order_by()
        .annotate(row_key=key, row_label=label)
        .values("row_key", "row_label", "masklet")
        .annotate(
            frames=Max("masklet__video__frame_count"),
            active=Sum("active_ms"),
            wait=Sum("wait_ms"),
            edited=Count("frame_idx", distinct=True, filter=~Q(kind=TIME)),
            clicked=Count("frame_idx", distinct=True, filter=Q(kind=CLICK)),
            clicks=Count("pk", filter=Q(kind=CLICK)),
            boxes=Count("pk", filter=Q(kind=BOX)),
            masks=Count("pk", filter=Q(kind=MASK)),
            stroked=Sum("strokes"),
        )
        .order_by("row_key", "masklet")
    )
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for part in counted:
        groups[_name(part["row_key"]), _label(by, part["row_label"])].append(part)
    agreements = agreements_of({part["masklet"] for part in counted})
    return [_row(name, label, parts, agreements) for (name, label), parts in groups.items()]


def _row(key: str, label: str, parts: list[Mapping[str, Any]], agreements: Mapping[int, Agreement]) -> Row:
    total = {
        name: sum(part[name] for part in parts) for name in parts[0] if name not in ("row_key", "row_label")
    }
    shares = [part["edited"] / part["frames"] for part in parts if part["frames"]]
    return {
        "key": key,
        "label": label,
        "masklets": len(parts),
        "frames": total["frames"],
        "active_seconds": total["active"] / 1000,
        "wait_seconds": total["wait"] / 1000,
        "seconds_per_frame": _ratio(total["active"] / 1000, total["frames"]),
        "edited_frames_share": _ratio(sum(shares), len(shares)),
        "clicked_frames": total["clicked"],
        "clicks": total["clicks"],
        "clicks_per_clicked_frame": _ratio(total["clicks"], total["clicked"]),
        "boxes": total["boxes"],
        "masks": total["masks"],
        "strokes": total["stroked"],
        "alignment": alignment(agreements[p["masklet"]] for p in parts if p["masklet"] in agreements),
    }


def agreements_of(masklet_ids: Iterable[int]) -> dict[int, Agreement]:
    """How those of the masklets that are an experiment's phase 2 or 3 agree with its phase 1."""
    trials = Trial.objects.filter(masklet__in=masklet_ids, phase__gt=1, masklet__revision__isnull=False)
    references = {
        trial.target_id: trial.masklet
        for trial in Trial.objects.filter(
            phase=1,
            target__trials__masklet__in=masklet_ids,
            masklet__assignments__outcome=Assignment.Outcome.SUBMITTED,
        ).select_related("masklet__revision")
    }
    return {
        trial.masklet_id: _agreement(
            _where(trial.masklet.revision), _where(references[trial.target_id].revision)
        )
        for trial in trials.select_related("masklet__revision")
        if trial.target_id in references
    }


def _where(revision: Revision | None) -> str:
    assert revision is not None
    return revision.key


@lru_cache(maxsize=4096)
def _agreement(key: str, reference_key: str) -> Agreement:
    """Masks are immutable, so two objects of the store agree once and for all."""
    content, reference = storage.get_masks(key), storage.get_masks(reference_key)
    counts, expected = (
        {int(idx): frame["counts"] for idx, frame in masks["frames"].items()}
        for masks in (content, reference)
    )
    return agreement(counts, expected, size=reference["size"])


def _ratio(above: float, below: int) -> float | None:
    return above / below if below else None


def _name(key: Any) -> str:
    if key is None:
        return ""
    return key.date().isoformat() if isinstance(key, datetime) else str(key)


def _label(by: str | None, label: Any) -> str:
    if by == "phase":
        return f"Phase {label}"
    if by == "week":
        return f"Week of {_name(label)}"
    return _name(label) if label is not None else "none"
