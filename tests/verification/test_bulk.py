"""One verdict on many candidates, and where the verdicts on candidates lead."""

import pytest

from engine.models import Candidate, Fate, Masklet, MaskletStatus, Role
from engine.services import candidate_policy, projects
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from verification.models import Verdict
from verification.services import queue, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(team: Team) -> list[Candidate]:
    video = factories.ready_video(team.project, team.owner, stored=False)
    run = factories.generation(team, video)
    return [factories.proposed(run, score=0.5 + i / 10) for i in range(4)]


def give(team: Team, found: list[Candidate], verdict: str = "satisfactory", **values: object) -> object:
    body = {"masklets": [candidate.masklet_id for candidate in found], "verdict": verdict, **values}
    return Caller(team.reviewer).post(f"projects/{team.project.pk}/candidates/verdicts/", body)


def statuses(found: list[Candidate]) -> list[str]:
    return [Masklet.objects.get(pk=candidate.masklet_id).status for candidate in found]


def test_each_gets_the_verdict_and_can_be_taken_back(team: Team, found: list[Candidate]) -> None:
    answers = give(team, found).data["answers"]
    assert [answer["masklet"] for answer in answers] == [candidate.masklet_id for candidate in found]
    assert statuses(found) == [MaskletStatus.ACCEPTED] * 4
    verdicts.undo(actor=team.reviewer, verdict_id=answers[0]["verdict"]["id"])
    assert statuses(found)[0] == MaskletStatus.IN_VERIFICATION


def test_one_that_is_refused_keeps_none_of_the_others_from_theirs(team: Team, found: list[Candidate]) -> None:
    second = factories.user("reviewer")
    projects.add_member(actor=team.owner, project=team.project, username=second.username, role=Role.REVIEWER)
    queue.claim(actor=second, masklet_id=found[1].masklet_id)
    answers = give(team, found, "reject").data["answers"]
    assert [answer["error"] and answer["error"]["code"] for answer in answers] == [
        None,
        "held_by_other",
        None,
        None,
    ]
    assert statuses(found)[1] == MaskletStatus.IN_VERIFICATION
    assert Verdict.objects.count() == 3


def test_the_unsatisfactory_are_refined_or_fall_as_the_project_says(
    team: Team, found: list[Candidate]
) -> None:
    assert refusal(give(team, found, "unsatisfactory"))[0] == 400, "say what to refine"  # type: ignore[arg-type]
    candidate_policy.change(actor=team.owner, project=team.project, refine_share=0.0)
    answers = give(team, found[:2], "unsatisfactory", reasons=["leaks"]).data["answers"]
    assert statuses(found[:2]) == [MaskletStatus.FILTERED] * 2
    assert Candidate.objects.get(pk=found[0].pk).fate == Fate.UNSAMPLED
    candidate_policy.change(actor=team.owner, project=team.project, refine_share=1.0)
    verdicts.undo(actor=team.reviewer, verdict_id=answers[0]["verdict"]["id"])
    assert Candidate.objects.get(pk=found[0].pk).fate == Fate.PASSED
    give(team, found[2:], "unsatisfactory", reasons=["leaks"])
    assert statuses(found[2:]) == [MaskletStatus.NEEDS_REFINEMENT] * 2
    told = Caller(team.reviewer).get(f"masklets/{found[1].masklet_id}/").data
    assert told["last_verdict"]["verdict"] == "unsatisfactory"


def test_whoever_asked_for_candidates_may_verify_them(team: Team, found: list[Candidate]) -> None:
    projects.add_member(
        actor=team.owner, project=team.project, username=team.reviewer.username, role=Role.OWNER
    )
    candidate = found[0]
    assert candidate.run.actor == team.owner
    review = queue.claim(actor=team.owner, masklet_id=candidate.masklet_id)
    assert review.person == team.owner


def test_only_reviewers_and_only_candidates_of_the_project(team: Team, found: list[Candidate]) -> None:
    body = {"masklets": [found[0].masklet_id], "verdict": "satisfactory"}
    address = f"projects/{team.project.pk}/candidates/verdicts/"
    assert refusal(Caller(team.annotator).post(address, body)) == (403, "not_allowed")
    assert refusal(Caller(team.stranger).post(address, body)) == (404, "not_found")
    mine = factories.masklet(found[0].masklet.video, team.annotator, object_id=99)
    assert refusal(Caller(team.reviewer).post(address, body | {"masklets": [mine.pk]})) == (404, "not_found")
    for bad in ({"masklets": []}, {"masklets": [1] * 201}, {"verdict": "good"}):
        assert Caller(team.reviewer).post(address, body | bad).status_code in (400, 413)
    assert not Verdict.objects.exists()
