from typing import Any

import pytest

from engine.models import Masklet
from tests.factories import Team
from tests.http import Caller, refusal
from verification.models import Review, Verdict
from verification.services import queue, verdicts


@pytest.fixture
def reviewer(team: Team) -> Caller:
    return Caller(team.reviewer)


@pytest.fixture
def review(team: Team, masklet: Masklet) -> Review:
    return queue.claim(actor=team.reviewer, masklet_id=masklet.pk)


def test_a_whole_review_with_second_thoughts(reviewer: Caller, team: Team, masklet: Masklet) -> None:
    given = reviewer.post(f"projects/{team.project.pk}/queue/review/next/")
    review = given.json()
    assert review["video"] == masklet.video_id
    masks = reviewer.get(f"reviews/{review['id']}/masks/").json()
    assert set(masks["frames"]) == {"0"}
    assert set(masks["frames"]["0"]) == {"counts"}
    assert reviewer.get(f"reviews/{review['id']}/previous/").status_code == 204
    assert reviewer.post(f"projects/{team.project.pk}/queue/review/next/").status_code == 204
    beat = reviewer.post(f"reviews/{review['id']}/heartbeat/", lease_token=review["token"])
    assert beat.json()["lease_until"] >= review["lease_until"]

    body = {"verdict": "unsatisfactory", "reasons": ["misses_parts"]}
    verdict = reviewer.post(f"reviews/{review['id']}/verdict/", body, lease_token=review["token"])
    assert verdict.status_code == 201
    assert verdict.json()["verdict"] == "unsatisfactory"
    shown = reviewer.get(f"masklets/{masklet.pk}/").json()
    assert shown["status"] == "needs_refinement"
    assert shown["last_verdict"]["comment"] == "Misses parts"

    undone = reviewer.post(f"verdicts/{verdict.json()['id']}/undo/")
    assert undone.status_code == 200
    shown = reviewer.get(f"masklets/{masklet.pk}/").json()
    assert (shown["status"], shown["last_verdict"]) == ("in_verification", None)
    token = undone.json()["token"]
    path = f"reviews/{undone.json()['id']}/verdict/"
    accepted = reviewer.post(path, {"verdict": "satisfactory"}, lease_token=token)
    assert accepted.status_code == 201
    assert reviewer.get(f"masklets/{masklet.pk}/").json()["status"] == "accepted"

    reopen = f"masklets/{masklet.pk}/reopen/"
    assert refusal(reviewer.post(reopen, {"reason": "Hm."})) == (403, "not_allowed")
    reopened = Caller(team.owner).post(reopen, {"reason": "Hm."})
    assert reopened.json()["status"] == "in_verification"


def test_a_verdict_that_is_sent_again_is_answered_again(reviewer: Caller, review: Review) -> None:
    sent = {"lease_token": review.token, "idempotency_key": "v1"}
    first = reviewer.post(f"reviews/{review.pk}/verdict/", {"verdict": "satisfactory"}, **sent)
    second = reviewer.post(f"reviews/{review.pk}/verdict/", {"verdict": "satisfactory"}, **sent)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert Verdict.objects.count() == 1


def test_two_tabs(reviewer: Caller, review: Review) -> None:
    claim = f"masklets/{review.masklet_id}/review/"
    assert refusal(reviewer.post(claim)) == (409, "open_in_another_tab")
    assert reviewer.post(claim, {"takeover": True}).status_code == 200
    resume = f"reviews/{review.pk}/resume/"
    assert refusal(reviewer.post(resume)) == (409, "open_in_another_tab")
    assert reviewer.post(resume, {"takeover": True}).status_code == 200
    for step, body in (("heartbeat", {}), ("give-back", {}), ("verdict", {"verdict": "reject"})):
        lost = reviewer.post(f"reviews/{review.pk}/{step}/", body, lease_token=review.token)
        assert refusal(lost) == (409, "lease_lost")


def test_a_review_can_be_given_back(reviewer: Caller, review: Review) -> None:
    given = reviewer.post(f"reviews/{review.pk}/give-back/", lease_token=review.token)
    assert given.status_code == 204
    masklet = Masklet.objects.get(pk=review.masklet_id)
    assert masklet.status == "in_verification"


def test_ones_own_masklet_and_a_missing_role_are_refused(team: Team, masklet: Masklet) -> None:
    path = f"masklets/{masklet.pk}/review/"
    assert refusal(Caller(team.annotator).post(path)) == (403, "not_allowed")
    Masklet.objects.filter(pk=masklet.pk).update(created_by=team.reviewer)
    assert refusal(Caller(team.reviewer).post(path)) == (403, "own_masklet")


def test_what_never_existed_is_not_found(reviewer: Caller) -> None:
    for number in (0, 10**30):
        for path in (
            f"masklets/{number}/review/",
            f"reviews/{number}/give-back/",
            f"verdicts/{number}/undo/",
        ):
            assert refusal(reviewer.post(path)) == (404, "not_found"), path


BAD_VERDICTS: list[Any] = [
    {},
    [],
    {"verdict": "fine"},
    {"verdict": "unsatisfactory"},
    {"verdict": "unsatisfactory", "comment": "  ", "reasons": []},
    {"verdict": "unsatisfactory", "reasons": ["ugly"]},
    {"verdict": "unsatisfactory", "reasons": "drifts"},
    {"verdict": "unsatisfactory", "reasons": ["drifts"] * 8},
    {"verdict": "unsatisfactory", "comment": "x" * 2001},
    {"verdict": "unsatisfactory", "comment": "a\0b"},
    {"verdict": "satisfactory", "reasons": ["drifts"]},
    {"verdict": "satisfactory", "score": 5},
]


@pytest.mark.parametrize("body", BAD_VERDICTS, ids=lambda body: str(body)[:60])
def test_a_verdict_that_makes_no_sense_gets_a_400(reviewer: Caller, review: Review, body: Any) -> None:
    response = reviewer.post(f"reviews/{review.pk}/verdict/", body, lease_token=review.token)
    too_long = isinstance(body, dict) and len(body.get("reasons") or []) > 7
    assert refusal(response) == ((413, "too_large") if too_long else (400, "invalid"))
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": None}, {"because": "x"}], ids=str)
def test_reopening_needs_a_reason(team: Team, masklet: Masklet, body: Any) -> None:
    response = Caller(team.owner).post(f"masklets/{masklet.pk}/reopen/", body)
    assert refusal(response) == (400, "invalid")


def test_reasons_are_listed_in_the_order_in_which_they_are_offered(team: Team) -> None:
    reasons = Caller(team.reviewer).get("verdict-reasons/").json()
    assert [reason["code"] for reason in reasons] == list(verdicts.REASONS)
    assert reasons[0] == {"code": "misses_parts", "text": "Misses parts"}
