"""Owners' counter and the policy, over HTTP."""

from typing import Any

import pytest

from tests.factories import Team
from tests.http import Caller, refusal
from tests.verification.test_rounds import PIN, give, policy, submit
from verification.models import Verdict
from verification.services import queue

pytestmark = pytest.mark.django_db


def test_a_whole_life(team: Team) -> None:
    """Sent back with a pin, escalated by the cap, decided by an owner, rejected, brought back."""
    policy(team, rounds_cap=1)
    masklet = submit(team)
    reviewer, owner = Caller(team.reviewer), Caller(team.owner)
    review = reviewer.post(f"projects/{team.project.pk}/queue/review/next/").json()
    body = {"verdict": "unsatisfactory", "pins": [PIN]}
    said = reviewer.post(f"reviews/{review['id']}/verdict/", body, lease_token=review["token"])
    assert said.json()["pins"] == [PIN]
    (waits,) = owner.get(f"projects/{team.project.pk}/escalated/").json()["masklets"]
    assert waits["id"] == masklet.pk
    history = owner.get(f"masklets/{masklet.pk}/history/").json()
    assert history["rounds"][0]["escalated"]
    assert history["rounds"][0]["verdicts"][0]["person"] == team.reviewer.username
    assert len(history["revisions"]) == 1

    decide = f"masklets/{masklet.pk}/decide/"
    assert refusal(reviewer.post(decide, {"verdict": "reject"})) == (403, "not_allowed")
    assert refusal(owner.post(decide, {"verdict": "unsatisfactory"})) == (400, "invalid")
    decided = owner.post(decide, {"verdict": "unsatisfactory", "comment": "Mend the tail."})
    assert decided.json()["status"] == "needs_refinement"
    read = Caller(team.second_annotator).get(f"masklets/{masklet.pk}/verdicts/").json()["rounds"]
    assert read[0]["verdicts"][0]["pins"] == [PIN]
    assert read[0]["verdicts"][0]["person"] is None, "names are the owners'"
    assert refusal(owner.post(decide, {"verdict": "reject"})) == (409, "wrong_state")

    other = submit(team)
    give(team.reviewer, other, "reject")
    back = f"masklets/{other.pk}/bring-back/"
    assert refusal(reviewer.post(back, {"reason": "x"})) == (403, "not_allowed")
    assert owner.post(back, {"reason": "It is well defined."}).json()["status"] == "needs_refinement"


BAD_PINS: list[Any] = [
    [{"frame_idx": 99, "note": "x"}],
    [{"frame_idx": 0, "note": "x" * 501}],
    [{"frame_idx": 0}],
    [{"frame_idx": 0, "note": "x", "strokes": [[[1, 2, 3]]]}],
    [{"frame_idx": 0, "note": "x", "strokes": [[["a", 2]]]}],
    [{"frame_idx": 0, "note": "x", "colour": "red"}],
    "pins",
]


@pytest.mark.parametrize("pins", BAD_PINS, ids=lambda pins: str(pins)[:50])
def test_pins_that_make_no_sense_get_a_400(team: Team, pins: Any) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=submit(team).pk)
    body = {"verdict": "unsatisfactory", "pins": pins}
    said = Caller(team.reviewer).post(f"reviews/{review.pk}/verdict/", body, lease_token=review.token)
    assert refusal(said) == (400, "invalid")


@pytest.mark.parametrize(
    "strokes", [[[[1, 1]] * 1_000_000], [[[1, 1]]] * 11], ids=["a million points", "many strokes"]
)
def test_too_much_at_once_is_refused_before_it_is_looked_at(team: Team, strokes: Any) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=submit(team).pk)
    body = {"verdict": "unsatisfactory", "pins": [{"frame_idx": 0, "note": "x", "strokes": strokes}]}
    said = Caller(team.reviewer).post(f"reviews/{review.pk}/verdict/", body, lease_token=review.token)
    assert refusal(said)[0] in (400, 413)
    assert not Verdict.objects.exists()


def test_a_policy_that_the_team_cannot_do_says_so(team: Team) -> None:
    path = f"projects/{team.project.pk}/review-policy/"
    owner = Caller(team.owner)
    changed = owner._client.patch(f"/api/{path}", {"reviewers": 9, "agreeing": 5}, format="json")
    assert changed.status_code == 200
    assert any("9 reviewers are wanted and 2 there" in each for each in changed.json()["problems"])
    for bad in ({"agreeing": 10}, {"reviewers": 0}, {"look_share": 1.5}, {"gold_share": 0.9}, {"pause": 1}):
        assert owner._client.patch(f"/api/{path}", bad, format="json").status_code == 400, bad
    assert Caller(team.reviewer)._client.patch(f"/api/{path}", {}, format="json").status_code == 403
