"""Table 1 of whole projects is kept, not computed: what a write changes of it is noted in the write's transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from operator import sub
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from annotation import sums
from annotation.models import Assignment, EffortSum
from annotation.sums import Sums, Where
from engine import janitor
from engine.models import Masklet, Project

logger = logging.getLogger(__name__)

FOLDED_AT_ONCE = 20_000  #: rows of tables

_SQL = {
    "table": EffortSum._meta.db_table,
    "columns": ", ".join(Sums._fields),
    "added": ", ".join(f"sum({name}) AS {name}" for name in Sums._fields),
    "taken": ", ".join(f"-{name}" for name in Sums._fields),
    "differs": " OR ".join(f"sum({name}) <> 0" for name in Sums._fields),
}
_FOLD = """
WITH several AS (
  SELECT project_id, by, key, trial FROM {table} GROUP BY 1, 2, 3, 4 HAVING count(*) > 1 LIMIT %s
), gone AS (
  DELETE FROM {table} kept USING several
   WHERE (kept.project_id, kept.by, kept.key, kept.trial)
       = (several.project_id, several.by, several.key, several.trial)
  RETURNING kept.*
)
INSERT INTO {table} (project_id, by, key, trial, {columns})
SELECT project_id, by, key, trial, {added} FROM gone GROUP BY 1, 2, 3, 4
"""
# One statement sees one moment: what others add meanwhile is on both sides or on neither.
_CHECK = """
INSERT INTO {table} (project_id, by, key, trial, {columns})
SELECT %s, by, key, trial, {added} FROM (
  {recomputed}
  UNION ALL
  SELECT by, key, trial, {taken} FROM {table} WHERE project_id = %s AND by = %s
) side
 GROUP BY by, key, trial HAVING {differs}
"""


@contextmanager
def kept(masklet: Masklet) -> Iterator[None]:
    """Inside the transaction that has locked `masklet`: what happens below to its ledger, or that it is submitted,
    is noted in its project's table."""
    before = _of(masklet)
    yield
    after = _of(masklet)
    nothing = Sums(*[0] * len(Sums._fields))  # type: ignore[arg-type]
    rows = []
    for what in before.keys() | after.keys():
        old, new = before.get(what, nothing), after.get(what, nothing)
        if old != new:
            by, key, trial = what
            change = dict(zip(Sums._fields, map(sub, new, old), strict=True))
            rows.append(EffortSum(project_id=masklet.project_id, by=by, key=key, trial=trial, **change))
    EffortSum.objects.bulk_create(rows)


def rows(project: Project, by: str, *, trial: bool | None) -> QuerySet[EffortSum, Any]:
    """(key, sums…) of each of the table's rows, in its order."""
    kept = EffortSum.objects.filter(project=project, by=by)
    if trial is not None:
        kept = kept.filter(trial=trial)
    added = kept.order_by("key").values_list("key").annotate(*(Sum(name) for name in Sums._fields))
    return added.filter(masklets__sum__gt=0)


def fold() -> int:
    """The janitor's duty: differences of one row become one; return how many such rows."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD.format(**_SQL), [FOLDED_AT_ONCE])
        return int(cursor.rowcount)


def check(project_id: int, by: str) -> int:
    """Compute a project's table by `by` again from the ledger, set right what differs, and return how many rows did."""
    recomputed = sums.statement(by, "masklet.project_id = %s")
    with connection.cursor() as cursor:
        cursor.execute(_CHECK.format(**_SQL, recomputed=recomputed), [project_id, project_id, project_id, by])
        healed = cursor.rowcount
    if healed:
        logger.warning(
            "%d rows of project %s's effort by %s were not what its ledger says", healed, project_id, by
        )
    return healed


def check_next() -> int:
    """The janitor's slow duty: one project's table by one key at each call, all of them in turn."""
    projects = Project.objects.order_by("pk").values_list("pk", flat=True)
    slices = [(pk, by) for pk in projects for by in sums.KEYS]
    return check(*slices[int(time.time() // janitor.CHECK_EVERY) % len(slices)]) if slices else 0


def _of(masklet: Masklet) -> dict[tuple[str, int, bool], Sums]:
    """What `masklet` adds to its project's table; nothing before it is submitted."""
    if not Assignment.objects.filter(masklet=masklet, outcome=Assignment.Outcome.SUBMITTED).exists():
        return {}
    return dict(sums.read([Where("masklet.id = %s", [masklet.pk])], *sums.KEYS))
