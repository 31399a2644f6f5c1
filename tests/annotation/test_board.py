from datetime import timedelta

import pytest
from django.db.models import F

from annotation import board
from annotation.models import Assignment
from annotation.services import effort, masklets, queue
from engine.errors import NotAllowed
from engine.models import MaskletStatus, Video
from tests import factories
from tests.factories import Team
from tests.http import Caller


def test_an_owner_sees_what_is_held_and_what_waits_in_the_queues_order(team: Team, video: Video) -> None:
    new = factories.masklet(video, team.owner)
    refine = factories.masklet(video, team.owner, status=MaskletStatus.NEEDS_REFINEMENT)
    held = factories.masklet(video, team.owner)
    queue.claim(actor=team.annotator, masklet_id=held.pk)
    told = Caller(team.owner).get(f"projects/{team.project.pk}/queue/annotation/").json()
    assert [row["masklet"] for row in told["rows"]] == [held.pk, refine.pk, new.pk]
    assert [row["band"] for row in told["rows"]] == ["new", "refinement", "new"]
    assert [row["held_by"] for row in told["rows"]] == [team.annotator.username, None, None]
    assert (told["waiting"], told["held"]) == (2, 1)
    assert told["oldest_seconds"] >= told["rows"][1]["waiting_seconds"] >= 0


def test_an_empty_queue_has_no_age(team: Team) -> None:
    told = board.board(actor=team.owner, project=team.project)
    assert (told["waiting"], told["held"], told["oldest_seconds"], told["rows"]) == (0, 0, None, [])


def test_an_owner_sees_what_each_annotator_does_today(team: Team, video: Video) -> None:
    held = masklets.select_object(actor=team.annotator, video_id=video.pk)
    Assignment.objects.filter(pk=held.pk).update(started_at=F("started_at") - timedelta(minutes=1))
    entry = {"sequence": 1, "frame_idx": 0, "active_ms": 2500, "wait_ms": 9, "strokes": 0, "tool": "point"}
    effort.tell(actor=team.annotator, assignment_id=held.pk, token=held.token, entries=[entry])  # type: ignore[list-item]
    factories.revision(held.masklet, team.annotator)
    masklets.submit(actor=team.annotator, assignment_id=held.pk, token=held.token)
    masklets.select_object(actor=team.annotator, video_id=video.pk)
    people = {one["username"]: one for one in board.board(actor=team.owner, project=team.project)["people"]}
    assert set(people) == {p.username for p in (team.owner, team.annotator, team.second_annotator)}
    busy = people[team.annotator.username]
    assert (busy["holding"], busy["submitted_today"], busy["active_seconds_today"]) == (1, 1, 2.5)
    assert people[team.second_annotator.username]["active_seconds_today"] == 0
    assert busy["phases"] == [1, 2, 3]


def test_the_queue_is_for_owners(team: Team) -> None:
    with pytest.raises(NotAllowed):
        board.board(actor=team.annotator, project=team.project)
