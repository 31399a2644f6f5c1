"""What verification came to: rates of verdicts, rounds until acceptance, the queue's age, reviewers' work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from engine import access
from engine.models import Masklet, Project, Role

ROWS = 500  #: of a table that are told
LONGEST = 600  #: seconds that a review counts at most; whoever looked longer went away
#: What the rates can be told by: SQL of the key over `verdict`, `round`, `masklet`, `review`.
KEYS: Mapping[str, str] = {
    "all": "''",
    "phase": "'Phase ' || masklet.phase",
    "checkpoint": """coalesce((SELECT checkpoint.name FROM engine_transition step
        JOIN engine_checkpoint checkpoint
          ON checkpoint.id = step.subject_id AND checkpoint.project_id = masklet.project_id
       WHERE step.subject_type = 'checkpoint' AND step.to_status = 'active' AND step.created_at <= revision.created_at
       ORDER BY step.id DESC LIMIT 1), 'default')""",
    "annotator": "coalesce(annotator.username, 'none')",
    "reviewer": "coalesce(reviewer.username, verdict.by)",
    "size": "coalesce(nullif(round.size, ''), 'not measured yet')",
    "week": "to_char(verdict.created_at AT TIME ZONE 'UTC', 'IYYY-\"W\"IW')",
}
_JOINS = """
  FROM verification_verdict verdict
  JOIN verification_round round ON round.id = verdict.round_id
  JOIN engine_revision revision ON revision.id = round.revision_id
  JOIN engine_masklet masklet ON masklet.id = round.masklet_id
  LEFT JOIN verification_review review ON review.id = verdict.review_id
  LEFT JOIN auth_user annotator ON annotator.id = round.annotator_id
  LEFT JOIN auth_user reviewer ON reviewer.id = verdict.person_id
"""
_WHERE = (
    " WHERE masklet.project_id = %s AND verdict.undone_at IS NULL AND NOT masklet.trial AND NOT masklet.probe"
)
_RATES = """
SELECT {key} AS key, count(*) FILTER (WHERE verdict.kind = 'satisfactory'),
       count(*) FILTER (WHERE verdict.kind = 'unsatisfactory'), count(*) FILTER (WHERE verdict.kind = 'reject'),
       coalesce(sum(least(extract(epoch FROM review.ended_at - review.started_at), %s)), 0)::float
{joins}{where} GROUP BY 1 ORDER BY 1 LIMIT %s
"""
_REASONS = """
SELECT reason, count(*) FILTER (WHERE verdict.kind = 'satisfactory'),
       count(*) FILTER (WHERE verdict.kind = 'unsatisfactory'), count(*) FILTER (WHERE verdict.kind = 'reject'), 0.0
{joins} CROSS JOIN LATERAL unnest(verdict.reasons) AS reason {where} GROUP BY 1 ORDER BY 1 LIMIT %s
"""
_ROUNDS = """
SELECT least(n, 10), count(*) FROM (
  SELECT count(*) AS n FROM verification_round round JOIN engine_masklet masklet ON masklet.id = round.masklet_id
   WHERE masklet.project_id = %s AND masklet.status = 'accepted' AND round.outcome <> '' AND NOT masklet.trial
   GROUP BY masklet.id) each GROUP BY 1 ORDER BY 1
"""
#: Ages in hours: below 1, 4, 24, 72, 168, and older.
AGES = (1, 4, 24, 72, 168)
_AGES = """
SELECT width_bucket(extract(epoch FROM now() - updated_at)::float / 3600, ARRAY{ages}::float[]), count(*),
       max(extract(epoch FROM now() - updated_at))::float
  FROM engine_masklet WHERE project_id = %s AND status = 'in_verification' GROUP BY 1
"""


def of(*, actor: User, project: Project) -> dict[str, Any]:
    """Everything that the page plots (owners)."""
    access.require(actor, project.pk, Role.OWNER)
    total = rates(project, "all")
    accepted = Masklet.objects.accepted().filter(project=project, trial=False, probe=False)
    seconds = total[0]["seconds"] if total else 0.0
    seen = accepted.filter(passed_by="").count()
    return {
        "accepted": accepted.count(),
        "accepted_unseen": accepted.exclude(passed_by="").count(),
        "review_seconds": seconds,
        "review_seconds_per_accepted": seconds / seen if seen else None,
        "rounds": [{"rounds": int(n), "masklets": count} for n, count in _rows(_ROUNDS, [project.pk])],
        "ages": _ages(project),
        "rates": {by: rates(project, by) for by in (*KEYS, "reason")},
    }


def rates(project: Project, by: str) -> list[dict[str, Any]]:
    """Verdicts that stand, with the seconds that reviewers took over them, by one of `KEYS` or by reason."""
    if by == "reason":
        rows = _rows(_REASONS.format(joins=_JOINS, where=_WHERE), [project.pk, ROWS])
    else:
        rows = _rows(_RATES.format(key=KEYS[by], joins=_JOINS, where=_WHERE), [LONGEST, project.pk, ROWS])
    names = ("key", "satisfactory", "unsatisfactory", "reject", "seconds")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _ages(project: Project) -> dict[str, Any]:
    rows = _rows(_AGES.format(ages=list(AGES)), [project.pk])
    counts = {bucket: count for bucket, count, _ in rows}
    return {
        "below_hours": list(AGES),
        "masklets": [counts.get(bucket, 0) for bucket in range(len(AGES) + 1)],
        "oldest_seconds": max((oldest for _, _, oldest in rows), default=None),
    }


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
