"""Old databases and the squashed migrations."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from engine.management.commands.migrate import refuse_half_migrated
from engine.models import Release
from tests import factories
from tests.factories import Team

pytestmark = pytest.mark.django_db
ROOMS = ("engine", "annotation", "verification")


@pytest.fixture
def old_home() -> MigrationRecorder:
    """What a database of before says of itself: the old migrations, and nothing of those that stand for them."""
    recorder = MigrationRecorder(connection)
    for app, name in MigrationExecutor(connection).loader.replacements:
        if app in ROOMS:
            recorder.record_unapplied(app, name)
    return recorder


def plan() -> list[str]:
    executor = MigrationExecutor(connection)
    return [str(step) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def test_a_home_with_all_old_migrations_has_nothing_to_do(old_home: MigrationRecorder) -> None:
    refuse_half_migrated()
    assert plan() == []
    assert ("engine", "0032_candidate_fates") in old_home.applied_migrations()


def test_each_room_is_one_migration_for_a_new_home(old_home: MigrationRecorder) -> None:
    for app, name in old_home.applied_migrations():
        if app in ROOMS:
            old_home.record_unapplied(app, name)
    refuse_half_migrated()
    steps = plan()
    assert {"engine.0001_squashed_0032", "annotation.0001_squashed_0003"} <= set(steps)
    assert "verification.0001_squashed_0007" in steps
    assert not any(app in ROOMS for app, _ in MigrationExecutor(connection).loader.applied_migrations)


@pytest.mark.parametrize(
    ("app", "last"), [("engine", "0032_candidate_fates"), ("verification", "0007_places")]
)
def test_a_home_that_stopped_halfway_is_told_so(old_home: MigrationRecorder, app: str, last: str) -> None:
    old_home.record_unapplied(app, last)
    with pytest.raises(CommandError, match=f"{app}.{last}"):
        refuse_half_migrated()


#: As a release of before was told, without what nobody counted then.
OLD_LINEAGE = {
    "project": {
        "name": "p", "fps": 24, "annotate_every": 4, "separate_selection": False, "separate_verification": True,
    },
    "masklets_by_phase": {"3": 2}, "masklets_by_source": {"manual": 2},
    "annotated": {"prompts": 5, "people": 2, "from": "2026-01-02", "to": "2026-01-03"},
    "verification": {"pinned": 2, "accepted": 2, "sent_back": 0, "reopened": 0, "reviewers": 1},
    "checkpoints": [{"id": 1, "name": "sam", "status": "active"}],
}  # fmt: skip


def test_what_an_old_release_says_of_its_days_is_read_on(team: Team) -> None:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    release = factories.frozen_release(team)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engine_release SET lineage = %s WHERE id = %s", [json.dumps(OLD_LINEAGE), release.pk]
        )
        for _ in range(2):  # a step that is made again changes nothing
            cursor.execute(import_module("engine.migrations.0033_lineage_days").DAYS)
    told = Release.objects.get(pk=release.pk).lineage
    assert told is not None
    assert (told.annotated.first, told.annotated.last) == ("2026-01-02", "2026-01-03")
    assert (told.annotated.prompts, told.verification.passed_by) == (5, {})
