"""The verdict that a masklet's row shows: the one that stands."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engine import lifecycle
from engine.models import Masklet, MaskletStatus
from engine.services import candidates, masklets
from tests import factories
from tests.factories import Team
from tests.http import Caller
from verification.services import last_verdicts, queue, verdicts

pytestmark = pytest.mark.django_db
IN, OUT = MaskletStatus.IN_VERIFICATION, MaskletStatus.NEEDS_REFINEMENT


def give(team: Team, masklet: Masklet, kind: str, comment: str = "") -> int:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    given = verdicts.give(
        actor=team.reviewer, review_id=review.pk, token=review.token, kind=kind, comment=comment
    )
    return given.pk


def stands(masklet: Masklet) -> tuple[str, str, str] | None:
    found = last_verdicts.of([masklet.pk]).get(masklet.pk)
    return found and (found.verdict, found.comment, found.reviewer)


def test_none_before_the_first_verdict(masklet: Masklet) -> None:
    assert stands(masklet) is None
    assert last_verdicts.of([]) == {}


@pytest.mark.parametrize(
    ("kind", "comment"), [("satisfactory", ""), ("unsatisfactory", "The tail is missing."), ("reject", "")]
)
def test_the_one_that_was_given_until_it_is_taken_back(
    team: Team, masklet: Masklet, kind: str, comment: str
) -> None:
    pk = give(team, masklet, kind, comment)
    assert stands(masklet) == (kind, comment, team.reviewer.username)
    verdicts.undo(actor=team.reviewer, verdict_id=pk)
    assert stands(masklet) is None


def test_a_later_one_takes_the_place_of_an_earlier_one_and_a_reopened_one_stands_no_more(
    team: Team, masklet: Masklet
) -> None:
    give(team, masklet, "unsatisfactory", "It leaks.")
    masklet.refresh_from_db()
    for to in (MaskletStatus.ANNOTATING, IN):
        lifecycle.change(masklet, to, actor=team.annotator)
    assert stands(masklet) == ("unsatisfactory", "It leaks.", team.reviewer.username), "still, while it waits"
    give(team, masklet, "satisfactory")
    assert stands(masklet) == ("satisfactory", "", team.reviewer.username)
    verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason="Look again.")
    assert stands(masklet) == ("unsatisfactory", "It leaks.", team.reviewer.username)


@pytest.mark.parametrize("reason", sorted(candidates.WITHDRAWN))
def test_what_left_the_reviewers_without_a_verdict_has_none(
    team: Team, masklet: Masklet, reason: str
) -> None:
    lifecycle.change(masklet, MaskletStatus.FILTERED, actor=team.owner, reason=reason)
    assert stands(masklet) is None


def test_what_the_machine_decided_has_no_reviewer(masklet: Masklet) -> None:
    lifecycle.change(masklet, MaskletStatus.ACCEPTED, actor=None, reason="passed without people")
    assert stands(masklet) == ("satisfactory", "passed without people", "")


def test_many_are_one_question(team: Team, masklet: Masklet) -> None:
    give(team, masklet, "satisfactory")
    others = [factories.accepted_masklet(masklet.video, team) for _ in range(3)]
    pks = [masklet.pk, *(other.pk for other in others)]
    with CaptureQueriesContext(connection) as queries:
        assert set(last_verdicts.of(pks)) == set(pks)
        assert set(masklets.annotators(pks)) <= set(pks)
    assert len(queries) == 2


def test_the_row_shows_it_and_who_claimed_last(team: Team, masklet: Masklet) -> None:
    assert masklets.last_verdicts is last_verdicts.of, "the room says so when it opens"
    give(team, masklet, "unsatisfactory", "It leaks.")
    masklet.refresh_from_db()
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=team.second_annotator)
    row = Caller(team.owner).get(f"masklets/{masklet.pk}/").json()
    assert row["annotator"] == team.second_annotator.username
    assert row["last_verdict"]["verdict"] == "unsatisfactory"
    (listed,) = Caller(team.owner).get(f"masklets/?project={team.project.pk}").json()["results"]
    assert (listed["annotator"], listed["last_verdict"]) == (row["annotator"], row["last_verdict"])
