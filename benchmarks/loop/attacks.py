"""Attempts to make a checkpoint champion that the gate refuses: by SQL as the application's role, and by its doors."""

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg2

from benchmarks.effort.client import Person, Refused
from benchmarks.effort.stack import Stack
from benchmarks.loop.stack import rows

Statement = tuple[str, tuple[Any, ...]]
IMPOSTOR = """
INSERT INTO engine_checkpoint (project_id, name, location, bytes, status, evaluation, created_at)
VALUES (%s, 'impostor', 'bundled', 0, 'evaluated', '{}', now())
"""
PROMOTION = """
INSERT INTO engine_promotion
    (project_id, number, kind, checkpoint_id, former_id, evaluation_id, actor_id, reason, created_at)
VALUES (%s, %s, %s, %s, %s, %s, (SELECT min(user_id) FROM engine_membership WHERE project_id = %s), 'because', now())
"""
EVALUATION = """
INSERT INTO engine_evaluation
    (evaluation_set_id, number, checkpoint_id, champion_id, run_id, gain, gain_low, gain_high, videos, guards,
     worst_excess, figures, examples, created_at)
VALUES (%s, %s, %s, %s, %s, 0.8, %s, 0.8, %s, %s, -1, '{}', '[]', now())
"""
PROMOTION_BY_IT = """
INSERT INTO engine_promotion (project_id, number, kind, checkpoint_id, former_id, evaluation_id, reason, created_at)
SELECT %s, %s, 'gate', %s, %s, max(id), '', now() FROM engine_evaluation
"""
NUMBERS = (0.9, 1.0, 2.0, -1.0, float("nan"), float("inf"), None)


def wrong_promotions(stack: Stack, project: int, owner: Person, others: list[Person]) -> dict[str, int]:
    """How many attempts there were, and after how many of them another checkpoint was champion."""
    made = _impostor(stack, project)
    champion = _champion(stack, project)
    tried = wrong = 0
    for statements in _by_sql(stack, project, made, champion[0]):
        tried += 1
        _try(stack, statements)
        wrong += _champion(stack, project) != champion
    for person, reason in itertools.product([owner, *others], ("", "because", " " * 9)):
        tried += 1
        with suppress(Refused):
            person.post(f"/api/checkpoints/{made}/promote/", {"reason": reason})
        wrong += _champion(stack, project) != champion
    return {"attempts": tried, "wrong_promotions": wrong}


def _impostor(stack: Stack, project: int) -> int:
    """A checkpoint that nothing has judged."""
    _try(stack, [(IMPOSTOR, (project,))])
    return int(rows(stack, "SELECT max(id) FROM engine_checkpoint WHERE project_id = %s", project)[0][0])


def _champion(stack: Stack, project: int) -> tuple[int, str]:
    """The active checkpoint and its weights."""
    found = rows(
        stack,
        "SELECT id, location FROM engine_checkpoint WHERE project_id = %s AND status = 'active'",
        project,
    )
    return tuple(found[0]) if len(found) == 1 else (0, f"{len(found)} champions")  # type: ignore[return-value]


def _try(stack: Stack, statements: list[Statement]) -> None:
    """All of them in one transaction, or none."""
    connection = psycopg2.connect(stack.environment["DATABASE_URL"], connect_timeout=10)
    try:
        with connection, connection.cursor() as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
    except psycopg2.Error:
        pass
    finally:
        connection.close()


def _by_sql(stack: Stack, project: int, made: int, champion: int) -> Iterator[list[Statement]]:
    swap: Statement = (
        "UPDATE engine_checkpoint SET status = CASE id WHEN %s THEN 'active' ELSE 'retired' END WHERE project_id = %s",
        (made, project),
    )
    yield [swap]
    yield [("UPDATE engine_checkpoint SET status = 'active' WHERE id = %s", (made,))]
    yield [("UPDATE engine_checkpoint SET status = 'retired' WHERE id = %s", (champion,))]
    yield [("UPDATE engine_checkpoint SET location = 'elsewhere' WHERE id = %s", (champion,))]
    yield [("DELETE FROM engine_checkpoint WHERE id = %s", (champion,))]
    yield from _forged_promotions(stack, project, made, champion, swap)
    yield from _forged_evaluations(stack, project, made, champion, swap)


def _forged_promotions(
    stack: Stack, project: int, made: int, champion: int, swap: Statement
) -> Iterator[list[Statement]]:
    (last,) = rows(stack, "SELECT max(number) FROM engine_promotion WHERE project_id = %s", project)[0]
    told = [row[0] for row in rows(stack, "SELECT id FROM engine_evaluation ORDER BY id DESC LIMIT 2")]
    for kind, number, former, evaluation in itertools.product(
        ("gate", "first", "unjudged", "rollback"),
        (last, last + 1, last + 2),
        (champion, made, None),
        [*told, None],
    ):
        yield [(PROMOTION, (project, number, kind, made, former, evaluation, project)), swap]


def _forged_evaluations(
    stack: Stack, project: int, made: int, champion: int, swap: Statement
) -> Iterator[list[Statement]]:
    """An evaluation that nobody measured, and the promotion that it would allow, in one transaction."""
    (last,) = rows(stack, "SELECT max(number) FROM engine_promotion WHERE project_id = %s", project)[0]
    (held,) = rows(stack, "SELECT max(id) FROM engine_evaluationset WHERE project_id = %s", project)[0]
    count = rows(stack, "SELECT count(*) FROM engine_evaluation WHERE evaluation_set_id = %s", held)[0][0]
    runs = rows(stack, "SELECT id FROM engine_run WHERE project_id = %s AND kind = 'finetune'", project)
    videos = rows(
        stack, "SELECT DISTINCT source_sha256 FROM engine_evaluationitem WHERE evaluation_set_id = %s", held
    )
    guard = {"before": 0.5, "after": 0.6, "allowed": 0.05, "count": 9}
    for run, low, number in itertools.product(
        [row[0] for row in runs][-2:], NUMBERS, (count, count + 1, count + 2)
    ):
        said = [{"source": source, "before": 0.1, "after": 0.9} for (source,) in videos]
        guards = {"old_look": guard, "old_look_absence": guard}
        judged = (held, number, made, champion, run, low, json.dumps(said), json.dumps(guards))
        yield [(EVALUATION, judged), (PROMOTION_BY_IT, (project, last + 1, made, champion)), swap]
