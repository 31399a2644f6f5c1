"""Asking for generation, what it would cost, and what the pages are told of candidates."""

from typing import Any

import pytest

from engine.models import AuditEntry, Candidate, MaskletStatus, Run, RunStatus, Video, VideoStatus
from engine.services import generation, projects, quotas
from tests import factories
from tests.factories import Team, proposed
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(team: Team) -> list[Video]:
    return [factories.ready_video(team.project, team.owner, stored=False, frames=n) for n in (10, 20, 30)]


def path(team: Team, last: str = "generation") -> str:
    return f"projects/{team.project.pk}/{last}/"


def done(run: Run, seconds: float) -> None:
    video = run.video
    assert video is not None
    result = {"seconds": seconds, "frames": video.frame_count, "coverage": {"people": [0.0], "all": [0.5]}}
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED, result=result)


def test_before_anything_was_measured_nobody_knows_what_it_takes(team: Team, videos: list[Video]) -> None:
    factories.video(team.project, team.owner, status=VideoStatus.EXTRACTING)
    told = Caller(team.annotator).get(path(team)).data
    assert (told["videos"], told["frames"], told["seconds"], told["measured"]) == (3, 60, None, 0)


def test_the_estimate_is_told_from_measured_speed(team: Team, videos: list[Video]) -> None:
    for video, seconds in zip(videos[:2], (20.0, 10.0), strict=True):
        done(factories.generation(team, video), seconds)
    told = Caller(team.owner).get(path(team)).data
    assert (told["videos"], told["done"], told["measured"]) == (1, 2, 2)
    assert told["seconds_per_frame"] == pytest.approx(1.0)
    assert told["seconds"] == pytest.approx(30.0)


def test_an_owner_asks_for_all_that_nobody_has_looked_through(team: Team, videos: list[Video]) -> None:
    done(factories.generation(team, videos[0]), 1.0)
    answer = Caller(team.owner).post(path(team), {}, idempotency_key="k")
    assert answer.status_code == 202, answer.data
    assert {run["video"] for run in answer.data["runs"]} == {videos[1].pk, videos[2].pk}
    assert answer.data["left"] == 0
    assert Caller(team.owner).post(path(team), {}, idempotency_key="k").data == answer.data
    assert Caller(team.owner).post(path(team), {}).data["runs"] == [], "none is asked for twice"
    assert Run.objects.live().count() == 2
    entry = AuditEntry.objects.filter(kind="generation_started").first()
    assert entry is not None
    assert entry.after == {"videos": [videos[1].pk, videos[2].pk]}


def test_a_video_that_was_looked_through_is_looked_through_again_when_it_is_named(
    team: Team, videos: list[Video]
) -> None:
    done(factories.generation(team, videos[0]), 1.0)
    body = {"videos": [videos[0].pk], "sources": ["unexplained"], "most": 5}
    (run,) = Caller(team.owner).post(path(team), body).data["runs"]
    assert Run.objects.get(pk=run["id"]).params == {"sources": ["unexplained"], "most": 5}


def test_what_finds_no_room_is_left_for_later(team: Team, videos: list[Video]) -> None:
    quotas.allow(team.project, actor="operator", runs_allowed=2)
    answer = Caller(team.owner).post(path(team), {})
    assert (len(answer.data["runs"]), answer.data["left"]) == (2, 1)
    assert refusal(Caller(team.owner).post(path(team), {})) == (429, "too_many_runs")


@pytest.mark.parametrize(
    "body",
    [
        {"videos": []},
        {"sources": []},
        {"sources": ["stars"]},
        {"most": 0},
        {"videos": [-1]},
        {"videos": "all"},
        {"speed": 1},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(team: Team, body: dict[str, Any]) -> None:
    assert refusal(Caller(team.owner).post(path(team), body)) == (400, "invalid")


def test_words_are_looked_for_where_the_installation_has_a_model_and_the_project_labels(
    team: Team, videos: list[Video], settings: Any
) -> None:
    body = {"sources": ["text"], "videos": [videos[0].pk]}
    assert "MASKLOOP_CONCEPTS" in Caller(team.owner).post(path(team), body).json()["message"]
    settings.CONCEPTS = "IDEA-Research/grounding-dino-tiny"
    assert "label" in Caller(team.owner).post(path(team), body).json()["message"]
    for label in ("dog", "cat", "dog", ""):
        factories.masklet(videos[0], team.annotator, label=label)
    assert generation.labels(team.project) == ["dog", "cat"]
    assert Caller(team.owner).post(path(team), body).status_code == 202


def test_only_owners_ask_and_only_for_videos_of_theirs(team: Team, videos: list[Video]) -> None:
    other = factories.team()
    theirs = factories.ready_video(other.project, other.owner, stored=False)
    assert refusal(Caller(team.reviewer).post(path(team), {})) == (403, "not_allowed")
    assert refusal(Caller(team.stranger).post(path(team), {})) == (404, "not_found")
    body = {"videos": [videos[0].pk, theirs.pk]}
    assert refusal(Caller(team.owner).post(path(team), body)) == (404, "not_found")
    assert not Run.objects.exists()


def test_only_owners_cancel_a_generation(team: Team, videos: list[Video]) -> None:
    run = factories.generation(team, videos[0])
    projects.add_member(actor=team.owner, project=team.project, username=team.stranger.username, role="owner")
    assert refusal(Caller(team.reviewer).post(f"runs/{run.pk}/cancel/")) == (403, "not_allowed")
    assert Caller(team.stranger).post(f"runs/{run.pk}/cancel/").status_code == 202


def test_a_video_tells_how_far_it_is_looked_through(team: Team, videos: list[Video]) -> None:
    address = f"videos/{videos[0].pk}/generation/"
    told = Caller(team.reviewer).get(address).data
    assert (told["run"], told["coverage"], told["fates"]) == (None, None, {})
    run = factories.generation(team, videos[0])
    proposed(run)
    proposed(run, fate="drift")
    told = Caller(team.reviewer).get(address).data
    assert (told["run"]["id"], told["run"]["status"]) == (run.pk, "running")
    assert told["fates"] == {"passed": 1, "drift": 1}
    done(run, 5.0)
    told = Caller(team.reviewer).get(address).data
    assert told["coverage"] == {"people": [0.0], "all": [0.5]}
    assert told["estimate"]["seconds"] == pytest.approx(5.0)


def test_candidates_are_listed_with_why_they_passed_or_fell(team: Team, videos: list[Video]) -> None:
    run = factories.generation(team, videos[0])
    passed, fell = (
        proposed(run),
        proposed(run, fate="drift", preview_key="p/x.jpg", box=[0, 0, 9, 9], point=None),
    )
    listed = Caller(team.reviewer).get(f"candidates/?video={videos[0].pk}").data["results"]
    assert [row["id"] for row in listed] == [fell.masklet_id, passed.masklet_id]
    assert (listed[0]["fate"], listed[0]["status"], listed[0]["score"]) == ("drift", "filtered", 0.8)
    assert "p/x.jpg" in listed[0]["preview_url"]
    assert len(listed[1]["areas"]) == 10
    for query, count in (
        ("fate=drift", 1),
        ("fate=drift&fate=passed", 2),
        ("status=filtered", 1),
        ("source=text", 0),
    ):
        assert len(Caller(team.reviewer).get(f"candidates/?{query}").data["results"]) == count
    assert refusal(Caller(team.reviewer).get("candidates/?colour=red")) == (400, "invalid")
    assert Caller(team.stranger).get(f"candidates/?video={videos[0].pk}").data["results"] == []


def test_the_policy_is_read_by_members_and_changed_by_owners(team: Team, videos: list[Video]) -> None:
    low = proposed(factories.generation(team, videos[0]), score=0.5)
    told = Caller(team.annotator).get(path(team, "candidate-policy")).data
    assert (told["threshold"], told["own_threshold"], told["missing"]) == (0.4, None, 30)
    client = Caller(team.owner)._client
    change = {"threshold": 0.7, "refine_share": 0.1, "prefer": "easy", "precision": 0.95}
    answer = client.patch(f"/api/{path(team, 'candidate-policy')}", change, format="json")
    assert answer.status_code == 200, answer.data
    assert (answer.data["threshold"], answer.data["own_threshold"], answer.data["moved"]) == (0.7, 0.7, 1)
    assert Candidate.objects.get(pk=low.pk).masklet.status == MaskletStatus.FILTERED
    for bad in ({"threshold": 2}, {"refine_share": -1}, {"prefer": "best"}, {"threshold": "nan"}):
        assert client.patch(f"/api/{path(team, 'candidate-policy')}", bad, format="json").status_code == 400


def test_bringing_back_twice_is_the_same_as_once(team: Team, videos: list[Video]) -> None:
    fell = proposed(factories.generation(team, videos[0]), fate="short")
    address, body = path(team, "candidates/bring-back"), {"masklets": [fell.masklet_id]}
    first = Caller(team.owner).post(address, body, idempotency_key="k")
    assert first.data[0]["status"] == "in_verification"
    assert Caller(team.owner).post(address, body, idempotency_key="k").data[0]["fate"] == "kept"
    assert refusal(Caller(team.owner).post(address, body)) == (409, "wrong_state")
    assert Caller(team.owner).post(path(team, "candidates/dismiss"), body).data[0]["fate"] == "dismissed"


def test_the_estimate_of_the_service_is_that_of_named_videos(team: Team, videos: list[Video]) -> None:
    assert generation.estimate(team.project, [videos[1].pk]).frames == 20
