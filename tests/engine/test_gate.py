"""The gate: what is held out, who may become champion, and that PostgreSQL refuses the rest to everybody."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from engine import database, shapes
from engine.errors import GateRefuses, MaskloopError, WrongState
from engine.models import (
    Checkpoint,
    CheckpointStatus,
    Evaluation,
    EvaluationSet,
    Promotion,
    Release,
    Run,
    TrainingSource,
)
from engine.services import checkpoints, evaluation_sets, gate, removals, runs
from tests import factories
from tests.http import at_once


@pytest.fixture
def held(team: factories.Team) -> EvaluationSet:
    return factories.held_out(team)


@pytest.fixture
def release(team: factories.Team, held: EvaluationSet) -> Release:
    return factories.frozen_release(team)


def champion(team: factories.Team) -> Checkpoint:
    found = checkpoints.active(team.project.pk)
    assert found is not None
    return found


# What is held out.


def test_a_set_is_a_fifth_of_the_videos_but_five_at_least_and_its_hash_is_what_the_database_computes(
    team: factories.Team, held: EvaluationSet
) -> None:
    assert (held.number, held.video_count, held.item_count) == (1, 5, 10)
    assert evaluation_sets.is_whole(held)
    assert len(evaluation_sets.held_out(team.project.pk)) == 5


def test_too_few_videos_hold_nothing_out_and_say_how_many_it_takes(team: factories.Team) -> None:
    with pytest.raises(WrongState, match=r"needs 10 videos.*there are 9"):
        factories.held_out(team, videos=9)
    assert evaluation_sets.ensure(team.project) is None


def test_no_training_sees_what_is_held_out_and_no_set_holds_what_was_seen(
    team: factories.Team, held: EvaluationSet, release: Release
) -> None:
    run = factories.retraining(team, release)
    guarded = held.items.first().masklet.video  # type: ignore[attr-defined]
    with pytest.raises(WrongState, match="held out"):
        evaluation_sets.record_training(run, [guarded])
    # The same content under another name.
    copy = factories.ready_video(team.project, team.owner, stored=False, source_sha256=guarded.source_sha256)
    with pytest.raises(WrongState, match="held out"):
        evaluation_sets.record_training(run, [copy])
    free = team.project.videos.exclude(source_sha256__in=evaluation_sets.held_out(team.project.pk))  # type: ignore[attr-defined]
    evaluation_sets.record_training(run, free)
    evaluation_sets.record_training(run, free)
    assert TrainingSource.objects.filter(run=run).count() == 5
    with pytest.raises(WrongState, match="there are 0"):
        evaluation_sets.draw(team.project)


def test_a_video_that_judges_stays(team: factories.Team, held: EvaluationSet) -> None:
    video = held.items.first().masklet.video  # type: ignore[attr-defined]
    with pytest.raises(WrongState, match="judged on masklets of this video"):
        removals.remove_video(actor=team.owner, video=video)


def test_a_set_is_renewed_from_new_videos_once_it_is_used_up(team: factories.Team) -> None:
    held = factories.held_out(team, attempts=1)
    release = factories.frozen_release(team)
    factories.challenger(team, held, release, after=0.4)
    assert evaluation_sets.attempts_left(held) == 0
    with pytest.raises(WrongState, match="there are 5"):
        factories.retraining(team, release)
    for _ in range(10):
        factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    renewed = evaluation_sets.ensure(team.project)
    assert renewed is not None
    again = factories.challenger(team, renewed, release)
    fresh = Evaluation.objects.get(checkpoint=again)
    assert (fresh.evaluation_set, fresh.number, fresh.passed) == (renewed, 1, True)
    assert renewed.number == 2
    assert not set(renewed.items.values_list("source_sha256")) & set(held.items.values_list("source_sha256"))  # type: ignore[attr-defined]


# Who may become champion.


def test_a_candidate_that_beats_the_champion_on_the_set_is_promoted(
    team: factories.Team, held: EvaluationSet, release: Release
) -> None:
    first = champion(team)
    made = factories.challenger(team, held, release)
    told = Evaluation.objects.get(checkpoint=made)
    assert told.passed
    assert told.gain == pytest.approx(0.2)
    assert told.gain_low > 0.1
    assert gate.refusal(made) == ""
    checkpoints.promote(actor=team.owner, checkpoint=made)
    latest = gate.last(team.project.pk)
    assert latest is not None
    assert (latest.checkpoint, latest.former, latest.kind, latest.evaluation) == (made, first, "gate", told)


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"after": 0.5}, "beyond chance"),
        ({"after": 0.3}, "beyond chance"),
        ({"old": 0.4}, "old look"),
        ({"old_absent": 0.0}, "old look absence"),
        ({"absent": 0.5}, "loses too much on absence"),
    ],
)
def test_what_is_no_better_or_forgets_stays_out_and_is_told_why(
    team: factories.Team, held: EvaluationSet, release: Release, figures: dict[str, float], sentence: str
) -> None:
    first = champion(team)
    made = factories.challenger(team, held, release, **figures)
    with pytest.raises(GateRefuses, match=sentence):
        checkpoints.promote(actor=team.owner, checkpoint=made, reason="I want it.")
    assert champion(team) == first


def test_judged_beside_a_former_champion_is_not_judged(
    team: factories.Team, held: EvaluationSet, release: Release
) -> None:
    one, other = (factories.challenger(team, held, release) for _ in range(2))
    checkpoints.promote(actor=team.owner, checkpoint=one)
    with pytest.raises(GateRefuses, match="champion no more"):
        checkpoints.promote(actor=team.owner, checkpoint=other)


def test_a_rollback_is_one_action_and_walks_back_the_line(
    team: factories.Team, held: EvaluationSet, release: Release
) -> None:
    first = champion(team)
    made = factories.challenger(team, held, release)
    checkpoints.promote(actor=team.owner, checkpoint=made)
    back = checkpoints.roll_back(actor=team.owner, project_id=team.project.pk, reason="Edges flicker.")
    assert back == first
    assert champion(team) == first
    with pytest.raises(WrongState, match="began with"):
        checkpoints.roll_back(actor=team.owner, project_id=team.project.pk)
    checkpoints.promote(actor=team.owner, checkpoint=Checkpoint.objects.get(pk=made.pk))
    assert champion(team) == made


def test_evaluations_sets_and_promotions_only_grow(
    team: factories.Team, held: EvaluationSet, release: Release
) -> None:
    factories.challenger(team, held, release)
    for table in database.LEDGERS:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


# Attacks: nothing of this may change the champion.

SNEAKY = "s3:somewhere/else"


def _sql(statement: str, *values: Any) -> Callable[[], None]:
    def attack() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    return attack


def promotion(team: factories.Team, made: Checkpoint, **values: Any) -> Callable[[], None]:
    """A forged promotion followed by the change of statuses, in one transaction."""
    last = gate.last(team.project.pk)
    assert last is not None
    row = {
        "project_id": team.project.pk,
        "number": last.number + 1,
        "kind": "gate",
        "checkpoint_id": made.pk,
        "former_id": last.checkpoint_id,
        "evaluation_id": None,
        "actor_id": team.owner.pk,
        "reason": "because",
    } | values

    def attack() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            names = ", ".join(row)
            marks = ", ".join(["%s"] * len(row))
            cursor.execute(f"INSERT INTO engine_promotion ({names}) VALUES ({marks})", list(row.values()))
            cursor.execute(
                "UPDATE engine_checkpoint SET status = 'retired' WHERE project_id = %s AND status = 'active'",
                [team.project.pk],
            )
            cursor.execute(
                "UPDATE engine_checkpoint SET status = 'active' WHERE id = %s", [row["checkpoint_id"]]
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    return attack


def evaluation(made: Checkpoint, held: EvaluationSet, told: Evaluation, **values: Any) -> Callable[[], None]:
    """A forged evaluation, copied from a true one but for `values`."""
    row = {
        name: getattr(told, name)
        for name in (
            "evaluation_set_id", "checkpoint_id", "champion_id", "run_id", "gain", "gain_low", "gain_high",
            "videos", "guards", "figures", "examples",
        )
    }  # fmt: skip
    row |= {"number": told.number + 1, "worst_excess": -1.0} | values
    row = {
        name: json.dumps(shapes.dump(value)) if isinstance(value, list | dict) else value
        for name, value in row.items()
    }
    names, marks = ", ".join([*row, "created_at"]), ", ".join([*["%s"] * len(row), "now()"])
    return _sql(f"INSERT INTO engine_evaluation ({names}) VALUES ({marks})", *row.values())


def attacks_on_rows(
    team: factories.Team, made: Checkpoint, held: EvaluationSet
) -> Iterator[Callable[[], Any]]:
    """Direct SQL on checkpoints, ledgers and what was held out."""
    first = champion(team)
    for status in ("active", "ACTIVE", "champion"):
        yield _sql("UPDATE engine_checkpoint SET status = %s WHERE id = %s", status, made.pk)
    yield _sql(
        "UPDATE engine_checkpoint SET status = CASE id WHEN %s THEN 'active' ELSE 'retired' END WHERE project_id = %s",
        made.pk, team.project.pk,
    )  # fmt: skip
    for status in ("retired", "evaluated", "candidate"):
        yield _sql("UPDATE engine_checkpoint SET status = %s WHERE id = %s", status, first.pk)
    for row, location in itertools.product((first, made), (SNEAKY, "", made.location + "x")):
        if location != row.location:
            yield _sql("UPDATE engine_checkpoint SET location = %s WHERE id = %s", location, row.pk)
    yield _sql("UPDATE engine_checkpoint SET run_id = NULL WHERE id = %s", made.pk)
    yield _sql("UPDATE engine_checkpoint SET project_id = project_id + 1 WHERE id = %s", made.pk)
    yield _sql("UPDATE engine_checkpoint SET id = -id WHERE id = %s", first.pk)
    yield _sql("DELETE FROM engine_checkpoint WHERE id = %s", first.pk)
    yield _sql(
        "INSERT INTO engine_checkpoint (project_id, name, location, bytes, status, evaluation, created_at) "
        "VALUES (%s, 'mine', %s, 0, 'active', '{}', now())",
        team.project.pk, SNEAKY,
    )  # fmt: skip
    for table in database.LEDGERS:
        yield _sql(f"DELETE FROM {table}")
        yield _sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield _sql(f"DROP TRIGGER only_grows ON {table}")
    for table, field, value in (
        ("engine_evaluation", "worst_excess", "-1"), ("engine_evaluation", "gain_low", "0.5"),
        ("engine_evaluation", "passed", "true"), ("engine_evaluation", "checkpoint_id", str(made.pk)),
        ("engine_evaluation", "guards", "'{}'"), ("engine_evaluationset", "attempts_allowed", "1000"),
        ("engine_evaluationset", "sha256", "'0'"), ("engine_evaluationitem", "revision_id", "1"),
        ("engine_promotion", "checkpoint_id", str(made.pk)), ("engine_promotion", "number", "number + 5"),
    ):  # fmt: skip
        yield _sql(f"UPDATE {table} SET {field} = {value}")
    yield _sql("SET session_replication_role = replica")
    yield _sql("DROP FUNCTION maskloop_promotion_keeps_the_rules CASCADE")
    yield _sql(
        "CREATE OR REPLACE FUNCTION maskloop_refuse(sentence text) RETURNS void LANGUAGE sql AS 'SELECT'"
    )


def attacks_by_promotion(
    team: factories.Team, made: Checkpoint, told: Evaluation, stranger: Checkpoint
) -> Iterator[Callable[[], Any]]:
    last = gate.last(team.project.pk)
    assert last is not None
    for kind in ("gate", "first", "unjudged", "rollback", "", "GATE", "canary"):
        for evaluation_id in (told.pk, None, told.pk + 10**6):
            yield promotion(team, made, kind=kind, evaluation_id=evaluation_id)
    for number in (0, last.number, last.number + 2, 10**6):
        yield promotion(team, made, number=number, evaluation_id=told.pk)
    for former in (None, made.pk, stranger.pk, 0):
        yield promotion(team, made, former_id=former, evaluation_id=told.pk)
    for actor in (team.annotator.pk, team.stranger.pk, None, 0):
        yield promotion(team, made, kind="unjudged", actor_id=actor)
    yield promotion(team, made, kind="unjudged", reason="")
    for kind in ("gate", "unjudged", "rollback", "first"):
        yield promotion(team, stranger, kind=kind, evaluation_id=told.pk)
        yield promotion(team, made, kind=kind, project_id=stranger.project_id, evaluation_id=told.pk)
        yield promotion(team, made, kind=kind, created_at="1999-01-01", evaluation_id=told.pk)


def attacks_by_evaluation(
    made: Checkpoint, held: EvaluationSet, told: Evaluation, live: Run, stranger: Checkpoint
) -> Iterator[Callable[[], Any]]:
    """Figures that nobody measured. `live` is a run of the candidate that is under way."""
    good = [asdict(video) | {"after": 0.9, "before": 0.1} for video in told.videos]
    splendid = {"videos": good, "gain": 0.8, "gain_low": 0.8, "gain_high": 0.8, "run_id": live.pk}
    nan, inf = float("nan"), float("inf")
    for value in (0.9, 1.0, 2.0, nan, inf, -inf):
        yield evaluation(made, held, told, run_id=live.pk, gain_low=value)
        yield evaluation(made, held, told, run_id=live.pk, gain=value, gain_low=value, gain_high=value)
        yield evaluation(made, held, told, **splendid | {"gain_high": value, "gain_low": value - 0.05})
    for videos in ([], good[:-1], [*good, good[0]], [*good[:-1], good[0]], [{"source": "x"}], {}, [1], "x"):
        yield evaluation(made, held, told, **splendid | {"videos": videos})
    for value in (1.5, -0.1, nan, None, "much"):
        spoiled = [*good[:-1], good[-1] | {"after": value}]
        yield evaluation(made, held, told, **splendid | {"videos": spoiled})
    safe = {"before": 0.5, "after": 0.5, "allowed": 0.02, "count": 5}
    for guards in (
        {}, [], {"old_look": safe}, {"old_look_absence": safe}, {"small": safe},
        {"old_look": {}, "old_look_absence": {}},
        *({"old_look": safe, "old_look_absence": safe | {"allowed": value}} for value in (0.5, 1, -1, nan, None, "x")),
        *({"old_look": safe | {"before": value}, "old_look_absence": safe} for value in (-5, 2, nan, None, "x")),
        *({"old_look": safe | {"after": value}, "old_look_absence": safe} for value in (-5, 2, nan, None, "x")),
    ):  # fmt: skip
        yield evaluation(made, held, told, **splendid | {"guards": guards})
    for number in (0, 1, told.number, told.number + 2, 11, 100):
        yield evaluation(made, held, told, **splendid | {"number": number})
    for name, value in (
        ("run_id", told.run_id), ("run_id", live.pk + 10**6), ("champion_id", made.pk), ("champion_id", stranger.pk),
        ("checkpoint_id", stranger.pk), ("checkpoint_id", told.champion_id), ("evaluation_set_id", held.pk + 10**6),
    ):  # fmt: skip
        yield evaluation(made, held, told, **splendid | {name: value})
    yield evaluation(made, held, told, **splendid | {"passed": True})


def attacks_on_what_is_held_out(
    team: factories.Team, made: Checkpoint, held: EvaluationSet, release: Release
) -> Iterator[Callable[[], Any]]:
    sources = sorted(evaluation_sets.held_out(team.project.pk))
    for source in sources:
        yield _sql(
            "INSERT INTO engine_trainingsource (project_id, run_id, source_sha256) VALUES (%s, %s, %s)",
            team.project.pk, made.run_id, source,
        )  # fmt: skip
        yield _sql("UPDATE engine_video SET source_sha256 = 'x' WHERE source_sha256 = %s", source)
    item = held.items.first()  # type: ignore[attr-defined]
    other = team.project.masklets.exclude(pk__in=held.items.values("masklet")).first()  # type: ignore[attr-defined]
    for masklet, revision, source in (
        (other, other.revision_id, other.video.source_sha256), (other, item.revision_id, item.source_sha256),
        (item.masklet, other.revision_id, item.source_sha256), (other, other.revision_id, item.source_sha256),
    ):  # fmt: skip
        yield _sql(
            "INSERT INTO engine_evaluationitem (evaluation_set_id, masklet_id, revision_id, source_sha256) "
            "VALUES (%s, %s, %s, %s)",
            held.pk, masklet.pk, revision, source,
        )  # fmt: skip


def attacks_by_people(team: factories.Team, made: Checkpoint) -> Iterator[Callable[[], Any]]:
    """The doors that there are, tried by those who may not."""
    people = (team.owner, team.annotator, team.second_annotator, team.reviewer, team.stranger, None)
    for person, reason in itertools.product(people, ("", "please", " ")):
        yield lambda person=person, reason=reason: checkpoints.promote(
            actor=person, checkpoint=Checkpoint.objects.get(pk=made.pk), reason=reason
        )
    for person in people:
        yield lambda person=person: checkpoints.roll_back(actor=person, project_id=team.project.pk)


def tried(attacks: Iterator[Callable[[], Any]], safe: Callable[[], bool]) -> tuple[int, int]:
    """How many were tried, and after how many something was not as it should be."""
    count = wrong = 0
    for attack in attacks:
        count += 1
        with contextlib.suppress(DatabaseError, MaskloopError, TypeError, ValueError):
            attack()
        wrong += not safe()
    return count, wrong


def test_two_hundred_attacks_promote_nothing_that_the_gate_refuses(transactional_db: None) -> None:
    team, others = factories.team(), factories.team()
    held = factories.held_out(team)
    release = factories.frozen_release(team)
    made = factories.challenger(team, held, release, after=0.45)
    told = Evaluation.objects.get(checkpoint=made)
    stranger = champion(others)
    first = champion(team)
    live = runs.take(factories.evaluation_run(made, team.owner).pk, worker="here")
    assert live is not None

    def safe() -> bool:
        rows = Checkpoint.objects.filter(project=team.project, status=CheckpointStatus.ACTIVE)
        promoted = gate.last(team.project.pk)
        assert promoted is not None
        return [(row.pk, row.location) for row in rows] == [
            (first.pk, "")
        ] and promoted.checkpoint_id == first.pk

    count = wrong = 0
    for attacks in (
        attacks_on_rows(team, made, held),
        attacks_by_promotion(team, made, told, stranger),
        attacks_by_evaluation(made, held, told, live, stranger),
        attacks_on_what_is_held_out(team, made, held, release),
        attacks_by_people(team, made),
    ):
        tries, failures = tried(attacks, safe)
        count, wrong = count + tries, wrong + failures
    assert Evaluation.objects.filter(evaluation_set=held).count() == 1, "no forged evaluation was taken"
    assert not Promotion.objects.filter(checkpoint=made).exists()
    assert evaluation_sets.is_whole(held)
    assert wrong == 0
    assert count >= 200, count


def test_races_leave_one_champion_that_passed(transactional_db: None) -> None:
    team = factories.team()
    held = factories.held_out(team, attempts=50)
    release = factories.frozen_release(team)
    for _ in range(4):
        good = [factories.challenger(team, held, release) for _ in range(3)]
        bad = factories.challenger(team, held, release, after=0.2)
        at_once(
            *(lambda row=row: checkpoints.promote(actor=team.owner, checkpoint=row) for row in [*good, bad]),
            lambda: checkpoints.roll_back(actor=team.owner, project_id=team.project.pk),
        )
        assert Checkpoint.objects.filter(project=team.project, status=CheckpointStatus.ACTIVE).count() == 1
        assert champion(team).pk != bad.pk
        assert gate.last(team.project.pk).checkpoint == champion(team)  # type: ignore[union-attr]
    numbers = list(
        Promotion.objects.filter(project=team.project).order_by("number").values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
