"""Table 1 is computed in the database; here it is computed again from the raw rows, one by one."""

import csv
import io
import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from annotation import metrics, rollups
from annotation.metrics import Filters
from annotation.models import Assignment, Interaction
from annotation.services import effort, masklets, prompts, queue
from engine import lifecycle
from engine.models import Masklet, MaskletStatus, Run, RunStatus, Video
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal


def work(held: Assignment, rng: random.Random) -> None:
    """An annotator at work: some prompts, some time, on frames at random."""
    Assignment.objects.filter(pk=held.pk).update(started_at=F("started_at") - timedelta(hours=1))
    edit = {"actor": held.person, "masklet_id": held.masklet_id, "token": held.token}
    for number in range(rng.randint(3, 9)):
        click = {"kind": "click", "x": rng.uniform(0, 90), "y": 5.0, "positive": True}
        box = {"kind": "box", "box": [0, 0, 20, 20]}
        prompt = box if rng.random() < 0.2 else click
        prompts.add(**edit, frame_idx=0 if number == 0 else rng.randrange(12), **prompt)  # type: ignore[arg-type]
    entries = [
        {
            "sequence": sequence,
            "frame_idx": rng.randrange(12),
            "active_ms": rng.randrange(20_000),
            "wait_ms": rng.randrange(3000),
            "strokes": rng.randrange(3),
            "tool": rng.choice(["point", "brush"]),
        }
        for sequence in range(1, rng.randint(3, 20))
    ]
    effort.tell(actor=held.person, assignment_id=held.pk, token=held.token, entries=entries)  # type: ignore[arg-type]
    factories.revision(held.masklet, held.person)
    Run.objects.update(status=RunStatus.SUCCEEDED)


def submit(held: Assignment) -> Masklet:
    return masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token)


@pytest.fixture
def worked(team: Team, video: Video) -> Team:
    """Nine masklets by two people in three phases under two checkpoints; one was refined by the other person, one was
    never submitted."""
    rng = random.Random(5)
    other = factories.ready_video(team.project, team.owner, stored=False, frames=30)
    for number in range(9):
        projects.change_project(actor=team.owner, project=team.project, phase=number % 3 + 1)
        person = rng.choice([team.annotator, team.second_annotator])
        held = masklets.select_object(actor=person, video_id=rng.choice([video, other]).pk)
        work(held, rng)
        if number == 4:
            _promote_another(team)
        if number != 8:
            submit(held)
    refined = Masklet.objects.to_verify().first()
    assert refined is not None
    lifecycle.change(refined, MaskletStatus.NEEDS_REFINEMENT, actor=team.reviewer, reason="drifts")
    again = queue.claim(actor=team.annotator, masklet_id=refined.pk)
    work(again, rng)
    submit(again)
    return team


def _promote_another(team: Team) -> None:
    factories.champion(team, "bundled")


def by_hand(rows: list[Interaction], by: str) -> dict[str, dict[str, Any]]:
    """The table by another route: plain Python over the ledger's rows."""
    names = {
        "phase": lambda row: str(row.phase),
        "checkpoint": lambda row: str(row.checkpoint_id),
        "person": lambda row: row.person.username,
        "video": lambda row: str(row.masklet.video_id),
        "week": lambda row: _monday(row.masklet),
    }
    groups: dict[str, list[Interaction]] = defaultdict(list)
    for row in rows:
        if row.masklet.assignments.filter(outcome="submitted").exists():  # type: ignore[attr-defined]
            groups[names[by](row)].append(row)
    return {name: _figures(group) for name, group in groups.items()}


def _figures(rows: list[Interaction]) -> dict[str, Any]:
    videos = {row.masklet_id: row.masklet.video for row in rows}
    clicked = {(row.masklet_id, row.frame_idx) for row in rows if row.kind == "click"}
    edited = {(row.masklet_id, row.frame_idx) for row in rows if row.kind != "time"}
    shares = [
        sum(masklet == pk for masklet, _ in edited) / (video.frame_count or 1) for pk, video in videos.items()
    ]
    frames = sum(video.frame_count or 0 for video in videos.values())
    seconds = sum(row.active_ms for row in rows) / 1000
    clicks = sum(row.kind == "click" for row in rows)
    return {
        "masklets": len(videos),
        "frames": frames,
        "active_seconds": pytest.approx(seconds),
        "wait_seconds": pytest.approx(sum(row.wait_ms for row in rows) / 1000),
        "seconds_per_frame": pytest.approx(seconds / frames),
        "edited_frames_share": pytest.approx(sum(shares) / len(shares)),
        "clicked_frames": len(clicked),
        "clicks": clicks,
        "clicks_per_clicked_frame": pytest.approx(clicks / len(clicked)),
        "boxes": sum(row.kind == "box" for row in rows),
        "masks": 0,
        "strokes": sum(row.strokes for row in rows),
        "alignment": None,
    }


def _monday(masklet: Masklet) -> str:
    last = masklet.assignments.filter(outcome="submitted").latest("ended_at").ended_at  # type: ignore[attr-defined]
    day = timezone.localtime(last).date()
    return (day - timedelta(days=day.weekday())).isoformat()


@pytest.mark.parametrize("by", metrics.KEYS)
def test_the_table_is_what_the_raw_rows_say(worked: Team, by: str) -> None:
    Assignment.objects.filter(outcome="submitted", masklet__phase=1).update(
        ended_at=Now() - timedelta(days=8)
    )
    rollups.check(worked.project.pk, by)  # which this test went round
    table = metrics.table(actor=worked.owner, project=worked.project, by=by, filters=Filters())
    found = {row["key"]: {k: v for k, v in row.items() if k not in ("key", "label")} for row in table["rows"]}
    raw = list(Interaction.objects.select_related("masklet__video", "person"))
    assert found == by_hand(raw, by)
    assert len(found) > 1
    assert table["total"]["masklets"] == 8
    assert set(table["definitions"]) <= set(metrics.Row.__annotations__)


def test_people_see_their_own_effort_and_owners_everybodys(worked: Team) -> None:
    for person, keys in [
        (worked.owner, {worked.annotator.username, worked.second_annotator.username}),
        (worked.annotator, {worked.annotator.username}),
        (worked.reviewer, set()),
    ]:
        table = metrics.table(actor=person, project=worked.project, by="person", filters=Filters())
        assert {row["key"] for row in table["rows"]} == keys


def test_the_table_may_be_narrowed(worked: Team, video: Video) -> None:
    def seen(**narrowed: Any) -> set[str]:
        filters = Filters(**narrowed)
        rows = metrics.table(actor=worked.owner, project=worked.project, by="phase", filters=filters)["rows"]
        return {row["key"] for row in rows}

    assert seen() == {"1", "2", "3"}
    assert seen(phase=2) == {"2"}
    assert seen(video=10**9) == set()
    assert seen(trial=True) == set()
    assert seen(person=worked.annotator.username) <= {"1", "2", "3"}


def test_ones_own_account_says_what_was_done_today(worked: Team) -> None:
    mine = metrics.mine(actor=worked.annotator, project=worked.project)
    own = Interaction.objects.filter(person=worked.annotator)
    [today] = mine["days"]
    assert today["active_seconds"] == pytest.approx(sum(row.active_ms for row in own) / 1000)
    assert today["clicks"] == own.filter(kind="click").count()
    assert mine["today"]["masklets"] > 0
    assert metrics.mine(actor=worked.reviewer, project=worked.project) == {"today": None, "days": []}


def test_the_csv_is_the_table(worked: Team) -> None:
    owner = Caller(worked.owner)
    path = f"projects/{worked.project.pk}/effort/"
    answer = owner.get(f"{path}csv/?by=person")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    table = owner.get(f"{path}?by=person").json()["rows"]
    assert [(row["key"], float(row["active_seconds"])) for row in rows] == [
        (row["key"], row["active_seconds"]) for row in table
    ]
    assert {"clicks_per_clicked_frame", "alignment_all"} <= set(rows[0])


def test_a_name_that_a_spreadsheet_would_run_is_quoted(worked: Team) -> None:
    Video.objects.update(name="=1+1.mp4")
    text = Caller(worked.owner).get(f"projects/{worked.project.pk}/effort/csv/?by=video").content.decode()
    assert ",'=1+1.mp4," in text


@pytest.mark.parametrize("query", ["by=colour", "trial=maybe", "phase=one", "video=-1", "video=" + "9" * 30])
def test_a_question_that_nobody_can_mean_is_refused(worked: Team, query: str) -> None:
    answer = Caller(worked.owner).get(f"projects/{worked.project.pk}/effort/?{query}")
    assert refusal(answer) == (400, "invalid")
