"""How many masklets and videos of a project are in which status: kept by the database, read here."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Sum

from engine import janitor
from engine.models import Project, StatusCount

logger = logging.getLogger(__name__)

_FOLD = """
WITH several AS (
  SELECT project_id, noun, status FROM engine_statuscount GROUP BY 1, 2, 3 HAVING count(*) > 1
), gone AS (
  DELETE FROM engine_statuscount kept USING several
   WHERE (kept.project_id, kept.noun, kept.status) = (several.project_id, several.noun, several.status)
  RETURNING kept.*
)
INSERT INTO engine_statuscount (project_id, noun, status, n)
SELECT project_id, noun, status, sum(n) FROM gone GROUP BY 1, 2, 3
"""
# One statement sees one moment: what others write meanwhile is on both sides or on neither.
_CHECK = """
INSERT INTO engine_statuscount (project_id, noun, status, n)
SELECT project_id, noun, status, sum(n) FROM (
  SELECT project_id, 'masklet' AS noun, status, count(*) AS n FROM engine_masklet WHERE NOT removed GROUP BY 1, 3
  UNION ALL SELECT project_id, 'video', status, count(*) FROM engine_video WHERE removed_at IS NULL GROUP BY 1, 3
  UNION ALL SELECT project_id, noun, status, -n FROM engine_statuscount
) side
 WHERE project_id = %s GROUP BY 1, 2, 3 HAVING sum(n) <> 0
"""


def masklets(projects: Iterable[int]) -> Mapping[int, Mapping[str, int]]:
    """{project: {status: how many}}; 0 for what is not named."""
    return _of(projects, "masklet")


def videos(projects: Iterable[int]) -> Mapping[int, Mapping[str, int]]:
    """How many videos of each status each of `projects` has."""
    return _of(projects, "video")


def _of(projects: Iterable[int], noun: str) -> Mapping[int, Mapping[str, int]]:
    rows = StatusCount.objects.filter(project__in=projects, noun=noun).order_by()
    counted: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for project, status, n in rows.values_list("project_id", "status").annotate(Sum("n")):
        counted[project][status] = n
    return counted


def fold() -> int:
    """The janitor's duty: many rows of one count become one; return how many such rows."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return int(cursor.rowcount)


def check(project_id: int) -> int:
    """Count again, set right what differs, and return how many counts did."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, [project_id])
        healed = int(cursor.rowcount)
    if healed:
        logger.warning("%d counts of project %s were not what its rows say", healed, project_id)
    return healed


def check_next() -> int:
    """The janitor's slow duty: one project at each call, all of them in turn."""
    projects = list(Project.objects.order_by("pk").values_list("pk", flat=True))
    return check(projects[int(time.time() // janitor.CHECK_EVERY) % len(projects)]) if projects else 0
