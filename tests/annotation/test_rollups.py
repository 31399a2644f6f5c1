"""What is kept of Table 1 is what its ledger says, whatever was done and in which order."""

import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F

from annotation import rollups, sums
from annotation.models import Assignment, EffortSum, Interaction
from annotation.services import effort, masklets, prompts, queue
from annotation.sums import Sums, Where
from engine import janitor, lifecycle
from engine.models import MaskletStatus, Project, Run, RunStatus, Video
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import at_once

KEYS = sorted(sums.KEYS)


def kept(project: Project, by: str) -> dict[tuple[int, bool], Sums]:
    return {
        (key, trial): Sums(*row)
        for trial in (False, True)
        for key, *row in rollups.rows(project, by, trial=trial)
    }


def computed(project: Project, by: str) -> dict[tuple[int, bool], Sums]:
    found = sums.read([Where("masklet.project_id = %s", [project.pk])], by)
    return {(key, trial): row for (_, key, trial), row in found}


def tell(held: Assignment, sequence: int, frame_idx: int, active_ms: int) -> None:
    entry = {"frame_idx": frame_idx, "active_ms": active_ms, "wait_ms": 70, "strokes": 1, "tool": "point"}
    told: Any = [{"sequence": sequence, **entry}]
    effort.tell(actor=held.person, assignment_id=held.pk, token=held.token, entries=told)


def edit(held: Assignment) -> dict[str, Any]:
    return {"actor": held.person, "masklet_id": held.masklet_id, "token": held.token}


def click(held: Assignment, frame_idx: int) -> None:
    prompts.add(**edit(held), frame_idx=frame_idx, kind="click", x=5.0, y=5.0, positive=True)
    Run.objects.update(status=RunStatus.SUCCEEDED)


def began_an_hour_ago(held: Assignment) -> None:
    Assignment.objects.filter(pk=held.pk).update(started_at=F("started_at") - timedelta(hours=1))


def something(rng: random.Random, team: Team, videos: list[Video], late: list[Assignment]) -> None:
    """One step of somebody's day."""
    if rng.random() < 0.1:
        projects.change_project(actor=team.owner, project=team.project, phase=rng.choice([1, 3]))
    held = Assignment.objects.open().filter(masklet__project=team.project).order_by("?").first()
    step = rng.choice(["new", "click", "click", "click", "tell", "tell", "submit", "undo", "again", "late"])
    if step == "new":
        person = rng.choice([team.annotator, team.second_annotator])
        began_an_hour_ago(masklets.select_object(actor=person, video_id=rng.choice(videos).pk))
    elif step == "again":
        waiting = team.project.masklets.to_verify().order_by("?").first()  # type: ignore[attr-defined]
        if waiting:
            lifecycle.change(waiting, MaskletStatus.NEEDS_REFINEMENT, actor=team.reviewer, reason="drifts")
            person = rng.choice([team.annotator, team.second_annotator])
            began_an_hour_ago(queue.claim(actor=person, masklet_id=waiting.pk))
    elif step == "late" and late:
        tell(rng.choice(late), rng.randrange(10**6, 10**9), 3, rng.randrange(500))
    elif held and step == "click":
        begun = held.masklet.prompts.exists()  # type: ignore[attr-defined]
        click(held, rng.randrange(12) if begun else 0)
    elif held and step == "tell":
        tell(held, rng.randrange(10**6, 10**9), rng.randrange(12), rng.randrange(2000))
    elif held and step == "undo" and held.masklet.revision:
        masklets.restore(**edit(held), expected=held.masklet.revision_number, number=0)
    elif held and step == "submit" and held.masklet.prompts.exists():  # type: ignore[attr-defined]
        factories.revision(held.masklet, held.person)
        masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token)
        late.append(held)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_kept_is_what_the_ledger_says_after_a_day_at_random(team: Team, seed: int) -> None:
    videos = [factories.ready_video(team.project, team.owner, stored=False, frames=n) for n in (12, 30)]
    rng, late = random.Random(seed), list[Assignment]()
    for number in range(150):
        something(rng, team, videos, late)
        if number == 70:
            assert rollups.fold() > 0
    for by in KEYS:
        assert kept(team.project, by) == computed(team.project, by)
        assert rollups.check(team.project.pk, by) == 0
    ((_, total),) = kept(team.project, sums.ALL).items()
    assert total.masklets > 2
    assert total.clicks > 10


@pytest.fixture
def submitted(team: Team, video: Video) -> Assignment:
    held = masklets.select_object(actor=team.annotator, video_id=video.pk)
    began_an_hour_ago(held)
    click(held, 0)
    tell(held, 1, 4, 1500)
    factories.revision(held.masklet, held.person)
    masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token)
    return held


def test_folding_changes_no_figure_and_leaves_one_row_of_each(team: Team, submitted: Assignment) -> None:
    tell(submitted, 2, 5, 700)
    before = {by: kept(team.project, by) for by in KEYS}
    ours = EffortSum.objects.filter(project=team.project)
    assert ours.count() == 2 * len(KEYS)
    rollups.fold()
    assert ours.count() == len(KEYS)
    assert {by: kept(team.project, by) for by in KEYS} == before


def test_what_went_wrong_is_found_and_set_right(
    team: Team, submitted: Assignment, caplog: pytest.LogCaptureFixture
) -> None:
    EffortSum.objects.filter(by="video").update(clicks=F("clicks") + 3)
    EffortSum.objects.filter(by="person").delete()
    Interaction.objects.filter(kind="time").update(active_ms=2500)
    assert {by: rollups.check(team.project.pk, by) for by in KEYS} == dict.fromkeys(KEYS, 1)
    assert "effort by video were not what its ledger says" in caplog.text
    for by in KEYS:
        assert kept(team.project, by) == computed(team.project, by)
        assert rollups.check(team.project.pk, by) == 0


def test_the_janitor_looks_at_every_table_in_turn(
    team: Team, submitted: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    EffortSum.objects.all().delete()
    turns = Project.objects.count() * len(KEYS)
    for turn in range(turns):
        monkeypatch.setattr("time.time", lambda turn=turn: turn * janitor.CHECK_EVERY + 1)
        rollups.check_next()
    assert all(kept(team.project, by) == computed(team.project, by) for by in KEYS)


@pytest.mark.django_db(transaction=True)
def test_people_who_write_at_once_are_all_counted(transactional_db: None) -> None:
    team = factories.team()
    video = factories.ready_video(team.project, team.owner, stored=False)
    told = []
    for _ in range(2):
        held = masklets.select_object(actor=team.annotator, video_id=video.pk)
        began_an_hour_ago(held)
        click(held, 0)
        factories.revision(held.masklet, held.person)
        masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token)
        told += [partial(tell, held, n, n, 100) for n in (1, 2, 3)]
    assert at_once(*told, rollups.fold) != []
    rollups.fold()
    for by in KEYS:
        assert kept(team.project, by) == computed(team.project, by)
    ((_, total),) = kept(team.project, sums.ALL).items()
    assert (total.masklets, total.active_ms) == (2, 600)
