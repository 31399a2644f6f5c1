"""Table 1 about ourselves (SAM 2 paper §5.1): what masks cost and how they agree.

Of a whole project it is read from what is kept (annotation.rollups); narrowed, it is added up from the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from operator import add
from typing import Any, NamedTuple, TypedDict

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotation import rollups, sums
from annotation.models import Assignment, Interaction, Trial
from annotation.sums import Sums, Where
from engine import storage
from engine.models import Checkpoint, Project, Revision, Role, Video
from vos.alignment import Agreement, Alignment, agreement, alignment

KEYS = ("phase", "checkpoint", "person", "video", "week")
DAYS = 14  #: that one's own account shows


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


def table(
    *, actor: User, project: Project, by: str, filters: Filters, first: int | None = None
) -> dict[str, Any]:
    """Table 1 by one of `KEYS`, as far as `actor` may see it: owners everybody's effort, others their own.

    Only the `first` so many rows if that is said; `row_count` is how many there are.
    """
    whole = Role.OWNER in project.roles_of(actor) and filters == Filters(trial=filters.trial)
    if whole:
        kept = rollups.rows(project, by, trial=filters.trial)
        rows, total = _read(kept[:first]), _read(rollups.rows(project, sums.ALL, trial=filters.trial))
        count = len(rows) if len(rows) != first else kept.count()
    else:
        rows, total = _computed(_wheres(actor, project, filters), by, sums.ALL)
        count = len(rows)
        rows = dict(islice(rows.items(), first))
    wheres = _wheres(actor, project, filters)
    return {
        "by": by,
        "rows": _rows(project, rows, by, wheres),
        "row_count": count,
        "total": next(iter(_rows(project, total, sums.ALL, wheres)), None),
        "paper": PAPER,
        "definitions": DEFINITIONS,
    }


def mine(*, actor: User, project: Project) -> dict[str, Any]:
    """One's own account: what was submitted today, and each day's work."""
    own = Interaction.objects.filter(masklet__project=project, person=actor)
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = [*_own(actor, project), Where("submission.at >= %s", [midnight])]
    (total,) = _computed(today, sums.ALL)
    rows = _rows(project, total, sums.ALL, today)
    days = (
        own.filter(created_at__gte=now - timedelta(days=DAYS))
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(
            active=Sum("active_ms"),
            clicks=Count("pk", filter=Q(kind=Interaction.Kind.CLICK)),
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


def _wheres(actor: User, project: Project, filters: Filters) -> list[Where]:
    """Which part of the ledger the table is about."""
    owner = Role.OWNER in project.roles_of(actor)
    conditions = {
        "told.phase = %s": filters.phase,
        "told.person_id = (SELECT id FROM auth_user WHERE username = %s)": filters.person,
        "masklet.video_id = %s": filters.video,
        "masklet.trial = %s": filters.trial,
        "EXISTS (SELECT FROM annotation_trial JOIN annotation_target target ON target.id = target_id"
        " WHERE masklet_id = masklet.id AND experiment_id = %s)": filters.experiment,
    }
    asked = [Where(sql, [value]) for sql, value in conditions.items() if value is not None]
    return [*([_of(project)] if owner else _own(actor, project)), *asked]


def _of(project: Project) -> Where:
    return Where("masklet.project_id = %s", [project.pk])


def _own(actor: User, project: Project) -> list[Where]:
    return [_of(project), Where("told.person_id = %s", [actor.pk])]


def _read(kept: QuerySet[Any, Any]) -> dict[int, Sums]:
    return {key: Sums(*parts) for key, *parts in kept}


def _computed(wheres: list[Where], *keys: str) -> list[dict[int, Sums]]:
    """The table's rows by each of `keys`, added up from the ledger."""
    found: dict[str, dict[int, Sums]] = {by: {} for by in keys}
    for (by, key, _), part in sorted(sums.read(wheres, *keys)):
        before = found[by].get(key)
        found[by][key] = part if before is None else Sums(*map(add, before, part))
    return list(found.values())


def _rows(project: Project, rows: Mapping[int, Sums], by: str, wheres: list[Where]) -> list[Row]:
    named = _named(by, list(rows))
    agreements = _agreements(project, by, wheres)
    return [_row(*name, rows[key], agreements.get(key, [])) for key, name in named.items()]


def _row(key: str, label: str, part: Sums, agreements: list[Agreement]) -> Row:
    return {
        "key": key,
        "label": label,
        "masklets": part.masklets,
        "frames": part.frames,
        "active_seconds": part.active_ms / 1000,
        "wait_seconds": part.wait_ms / 1000,
        "seconds_per_frame": _ratio(part.active_ms / 1000, part.frames),
        "edited_frames_share": _ratio(float(part.edited_shares), part.measured),
        "clicked_frames": part.clicked_frames,
        "clicks": part.clicks,
        "clicks_per_clicked_frame": _ratio(part.clicks, part.clicked_frames),
        "boxes": part.boxes,
        "masks": part.masks,
        "strokes": part.strokes,
        "alignment": alignment(agreements),
    }


def _named(by: str, keys: list[int]) -> dict[int, tuple[str, str]]:
    """(key, label) on the wire of each key, in the order that people read."""
    if by == "person":
        people = User.objects.filter(pk__in=keys).order_by("username").values_list("pk", "username")
        return {pk: (name, name) for pk, name in people}
    if by == "checkpoint":
        names = dict(Checkpoint.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "name"))
        none = {0: ("", "none")} if 0 in keys else {}
        return {pk: (str(pk), name) for pk, name in names.items()} | none
    if by == "video":
        names = dict(Video.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "name"))
        return {pk: (str(pk), name) for pk, name in names.items()}
    if by == "week":
        weeks = {key: datetime.fromtimestamp(key, UTC).date().isoformat() for key in keys}
        return {key: (week, f"Week of {week}") for key, week in weeks.items()}
    return {key: ("", "") if by == sums.ALL else (str(key), f"Phase {key}") for key in keys}


def _agreements(project: Project, by: str, wheres: list[Where]) -> dict[int, list[Agreement]]:
    """By key, how what controlled experiments made of phase 2 or 3 agrees with phase 1."""
    if not Trial.objects.filter(masklet__project=project).exists():
        return {}
    of_key = sums.trials(wheres, by)
    agreements = agreements_of({masklet for _, masklet in of_key})
    found: dict[int, list[Agreement]] = defaultdict(list)
    for key, masklet in of_key:
        if masklet in agreements:
            found[key].append(agreements[masklet])
    return found


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
