"""Is an object missing? Who is asked, what an answer leaves, and which video comes next."""

from __future__ import annotations

from typing import Any

import pytest

from engine.models import Masklet, MaskletStatus, Prompt, Video, VideoStatus
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from verification.models import CoverageAnswer
from verification.services import coverage, policies

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    made = factories.ready_video(team.project, team.owner, stored=False)
    factories.accepted_masklet(made, team)
    return made


def answer(team: Team, video: Video, **body: Any) -> Any:
    return Caller(team.owner).post(f"videos/{video.pk}/coverage/", body)


def test_nothing_is_missing(team: Team, video: Video) -> None:
    response = answer(team, video, missing=False)
    assert response.status_code == 201
    assert (response.data["missing"], response.data["masklet"], response.data["masklet_count"]) == (
        False,
        None,
        1,
    )
    told = Caller(team.owner).get(f"videos/{video.pk}/coverage/").data
    assert [row["object_id"] for row in told["masklets"]] == [1]
    assert [row["person"] for row in told["answers"]] == [team.owner.username]


def test_a_click_on_what_is_missing_begins_its_masklet(team: Team, video: Video) -> None:
    made = answer(team, video, missing=True, frame_idx=2, x=3.5, y=4, label="")
    masklet = Masklet.objects.get(pk=made.data["masklet"])
    assert (masklet.status, masklet.video, masklet.created_by) == (MaskletStatus.SELECTED, video, team.owner)
    prompt = Prompt.objects.get(masklet=masklet)
    assert (prompt.frame_idx, prompt.x, prompt.y, prompt.positive) == (2, 3.5, 4.0, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"missing": True}, "Click on the object"),
        ({"missing": True, "frame_idx": 0, "x": 1}, "Click on the object"),
        ({"missing": True, "frame_idx": 10_000, "x": 1, "y": 1}, "the frames 0 to"),
        ({"missing": True, "frame_idx": 0, "x": -1, "y": 1}, "outside the frame"),
        ({"missing": True, "frame_idx": 0, "x": 1, "y": 1e6}, "outside the frame"),
        ({"missing": False, "frame_idx": 0}, "nothing to click on"),
        ({"missing": False, "x": 1.0}, "nothing to click on"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_a_sentence(
    team: Team, video: Video, body: dict[str, Any], said: str
) -> None:
    response = answer(team, video, **body)
    assert refusal(response) == (400, "invalid")
    assert said in response.json()["message"]
    assert not CoverageAnswer.objects.exists()
    assert Masklet.objects.filter(video=video).count() == 1


def test_who_may_not_verify_is_not_asked(team: Team, video: Video) -> None:
    path = f"videos/{video.pk}/coverage/"
    assert refusal(Caller(team.annotator).get(path)) == (403, "not_allowed")
    assert refusal(Caller(factories.user("stranger")).get(path)) == (404, "not_found")
    assert refusal(Caller(team.annotator).get(f"projects/{team.project.pk}/coverage/")) == (
        403,
        "not_allowed",
    )


def test_a_video_that_is_not_ready_shows_nothing(team: Team, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.EXTRACTING)
    assert refusal(answer(team, video, missing=False)) == (409, "wrong_state")


def test_the_summary_counts_the_newest_answers_and_says_what_comes_next(team: Team, video: Video) -> None:
    other = factories.ready_video(team.project, team.owner, stored=False)
    factories.accepted_masklet(other, team)
    busy = factories.ready_video(team.project, team.owner, stored=False)
    factories.accepted_masklet(busy, team)
    factories.masklet(busy, team.owner)  # somebody still works there: it is asked about later
    factories.ready_video(team.project, team.owner, stored=False)  # nothing to ask about

    def summary() -> tuple[Any, ...]:
        told = coverage.summary(team.project.pk)
        return tuple(told[name] for name in ("videos", "complete", "missing", "next", "answers"))

    assert summary() == (4, 0, 0, video.pk, 0)
    answer(team, video, missing=True, frame_idx=0, x=1, y=1)
    assert summary() == (4, 0, 1, other.pk, 1)
    answer(team, video, missing=False)
    assert summary() == (4, 1, 0, other.pk, 2)
    answer(team, other, missing=False)
    assert summary() == (4, 2, 0, None, 3)


def test_a_reviewer_of_a_blind_project_is_not_asked(team: Team, video: Video) -> None:
    path = f"videos/{video.pk}/coverage/"
    assert Caller(team.reviewer).get(path).status_code == 200
    policies.change(actor=team.owner, project=team.project, gold_share=0.1)
    assert refusal(Caller(team.reviewer).get(path)) == (403, "not_allowed")
    assert Caller(team.owner).get(path).status_code == 200
