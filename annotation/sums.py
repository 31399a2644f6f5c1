"""What the ledger of effort adds up to: the one statement that Table 1 is made of, whole or narrowed.

A masklet counts once it was submitted; its effort is all that was spent on it, by everybody, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

ALL = "all"  #: one row of everything
#: What a row is, and its key as a number; a week's is the moment when it begins, a missing checkpoint's is 0.
KEYS: Mapping[str, str] = {
    ALL: "0::bigint",
    "phase": "told.phase::bigint",
    "checkpoint": "coalesce(told.checkpoint_id, 0)",
    "person": "told.person_id::bigint",
    "video": "masklet.video_id",
    "week": "extract(epoch FROM date_trunc('week', submission.at, 'UTC'))::bigint",
}


class Sums(NamedTuple):
    """A row of the table before anything is divided; the fields of `EffortSum`, in its order."""

    masklets: int
    frames: int
    active_ms: int
    wait_ms: int
    edited_shares: Decimal
    measured: int
    clicked_frames: int
    clicks: int
    boxes: int
    masks: int
    strokes: int


class Where(NamedTuple):
    """A condition on `told` (the ledger), `masklet` or `submission`, with its parameters."""

    sql: str
    params: Sequence[Any]


_LEDGER = """
      FROM annotation_interaction told
      JOIN engine_masklet masklet ON masklet.id = told.masklet_id
      JOIN engine_video video ON video.id = masklet.video_id
      JOIN (SELECT masklet_id, max(ended_at) AS at FROM annotation_assignment WHERE outcome = 'submitted'
            GROUP BY masklet_id) submission ON submission.masklet_id = told.masklet_id
     WHERE NOT masklet.probe AND {where}
"""
_SUMS = """
SELECT '{by}' AS by, key, trial, count(*) AS masklets, sum(frames)::bigint AS frames,
       sum(active_ms)::bigint AS active_ms, sum(wait_ms)::bigint AS wait_ms,
       coalesce(sum(round(edited::numeric / nullif(frames, 0), 15)), 0) AS edited_shares,
       count(nullif(frames, 0)) AS measured, sum(clicked)::bigint AS clicked_frames, sum(clicks)::bigint AS clicks,
       sum(boxes)::bigint AS boxes, sum(masks)::bigint AS masks, sum(strokes)::bigint AS strokes
  FROM (
    SELECT {key} AS key, masklet.trial, coalesce(video.frame_count, 0) AS frames,
           sum(told.active_ms) AS active_ms, sum(told.wait_ms) AS wait_ms, sum(told.strokes) AS strokes,
           count(DISTINCT told.frame_idx) FILTER (WHERE told.kind <> 'time') AS edited,
           count(DISTINCT told.frame_idx) FILTER (WHERE told.kind = 'click') AS clicked,
           count(*) FILTER (WHERE told.kind = 'click') AS clicks,
           count(*) FILTER (WHERE told.kind = 'box') AS boxes,
           count(*) FILTER (WHERE told.kind = 'mask') AS masks
    {ledger}
     GROUP BY 1, masklet.id, video.id
  ) part
 GROUP BY key, trial
"""
_TRIALS = "SELECT DISTINCT {key}, masklet.id {ledger} AND masklet.trial"


def statement(by: str, where: str) -> str:
    """SQL whose rows are (by, key, trial, and what `Sums` has)."""
    return _SUMS.format(by=by, key=KEYS[by], ledger=_LEDGER.format(where=where))


def read(wheres: Sequence[Where], *keys: str) -> Iterator[tuple[tuple[str, int, bool], Sums]]:
    """((by, key, trial), sums) by each of `keys`, of what all of `wheres` hold for."""
    where, params = _joined(wheres)
    sql = " UNION ALL ".join(statement(by, where) for by in keys)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params] * len(keys))
        for by, key, trial, *sums in cursor.fetchall():
            yield (by, key, trial), Sums(*sums)


def trials(wheres: Sequence[Where], by: str) -> list[tuple[int, int]]:
    """(key, masklet) of what was made for controlled experiments."""
    where, params = _joined(wheres)
    with connection.cursor() as cursor:
        cursor.execute(_TRIALS.format(key=KEYS[by], ledger=_LEDGER.format(where=where)), params)
        return cursor.fetchall()


def _joined(wheres: Sequence[Where]) -> tuple[str, list[Any]]:
    return " AND ".join(where.sql for where in wheres), [p for where in wheres for p in where.params]
