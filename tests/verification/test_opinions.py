"""Where and why, on the reviewer's page: shown as it was known when the review began, and of known answers as often as
of what waits."""

from dataclasses import asdict
from typing import Any

import pytest

from engine.models import Masklet, PreverifierScore, Run, RunKind
from engine.preverification import Place
from engine.services import quotas
from tests.factories import Team
from tests.http import Caller
from tests.verification.conftest import submitted
from tests.verification.test_gold import accepted, answer, mixed_in, until_gold
from verification.models import GoldItem, Review
from verification.services import gold, opinions, queue, verdicts

pytestmark = pytest.mark.django_db

PLACES = [Place(4, 0.8, "leaks", 3, 6), Place(9, 0.2, "drifts", 9, 9)]
SHOWN = [{name: value for name, value in asdict(place).items() if name != "chance"} for place in PLACES]


def looked_at(masklet: Masklet) -> None:
    assert masklet.revision is not None
    PreverifierScore.objects.create(
        project=masklet.project,
        masklet=masklet,
        revision=masklet.revision,
        wrong=0.7,
        places=PLACES,
        signals=[],
        area=1.0,
        second_opinion=False,
    )


@pytest.fixture
def source(team: Team) -> Masklet:
    return accepted(team)


def next_review(team: Team) -> dict[str, Any]:
    told = Caller(team.reviewer).post(f"projects/{team.project.pk}/queue/review/next/")
    assert told.status_code == 200, told.content
    return dict(told.json())


def test_a_reviewer_reads_where_and_why_without_how_likely(team: Team) -> None:
    looked_at(submitted(team))
    assert next_review(team)["places"] == SHOWN


def test_what_becomes_known_later_is_not_shown(team: Team) -> None:
    """Of a known answer it could not become known meanwhile, so that it would tell."""
    waiting = submitted(team)
    told = next_review(team)
    assert told["places"] is None
    looked_at(waiting)
    caller, lease = Caller(team.reviewer), {"lease_token": told["token"]}
    assert caller.post(f"reviews/{told['id']}/heartbeat/", **lease).json()["places"] is None
    assert caller.post(f"reviews/{told['id']}/resume/", {"takeover": True}).json()["places"] is None


@pytest.mark.parametrize("known", [True, False])
def test_a_known_answer_shows_its_places_where_what_waits_does(
    team: Team, source: Masklet, known: bool
) -> None:
    waiting = submitted(team)
    if known:
        looked_at(waiting)
    gold.make(actor=team.owner, masklet_id=source.pk)
    GoldItem.objects.update(places=PLACES)
    mixed_in(team)
    review = until_gold(team, team.reviewer)
    natural = next_review(team)
    assert Review.objects.get(pk=natural["id"]).gold is None, "of a masklet one gets one copy"
    told = Caller(team.reviewer).post(f"reviews/{review.pk}/resume/", {"takeover": True}).json()
    assert told["places"] == natural["places"] == (SHOWN if known else None)
    assert set(told) == set(natural)


def test_one_that_nobody_looked_at_is_not_given_where_it_would_stand_out(team: Team, source: Masklet) -> None:
    looked_at(submitted(team))
    gold.make(actor=team.owner, masklet_id=source.pk)
    mixed_in(team)
    for _ in range(20):
        review = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
        assert review is not None
        assert review.gold is None
        queue.give_back(actor=team.reviewer, review_id=review.pk, token=review.token)
    GoldItem.objects.update(places=PLACES)
    assert until_gold(team, team.reviewer).places == PLACES


def test_what_was_shown_once_is_shown_again(team: Team, source: Masklet) -> None:
    """Given back, or taken back: as of a masklet, of which what is known stays known."""
    waiting = submitted(team)
    looked_at(waiting)
    gold.make(actor=team.owner, masklet_id=source.pk, kinds=["clean"])
    GoldItem.objects.update(places=PLACES)
    mixed_in(team)
    first = until_gold(team, team.reviewer)
    queue.give_back(actor=team.reviewer, review_id=first.pk, token=first.token)
    PreverifierScore.objects.all().delete()
    again = until_gold(team, team.reviewer)
    assert (again.gold, again.places) == (first.gold, PLACES)
    taken_back = verdicts.undo(actor=team.reviewer, verdict_id=answer(again, "satisfactory").pk)
    assert taken_back.places == PLACES


@pytest.mark.parametrize("known", [True, False])
def test_a_verdict_that_is_taken_back_shows_what_it_showed(team: Team, known: bool) -> None:
    waiting = submitted(team)
    if known:
        looked_at(waiting)
    review = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert review is not None
    verdict = answer(review, "satisfactory")
    if not known:
        looked_at(waiting)
    assert verdicts.undo(actor=team.reviewer, verdict_id=verdict.pk).places == (PLACES if known else None)


def test_making_gold_asks_for_a_look_by_the_same_run(team: Team, source: Masklet) -> None:
    items = gold.make(actor=team.owner, masklet_id=source.pk)
    run = Run.objects.get(kind=RunKind.VERIFY, masklet=source)
    assert run.params == {"masks": [item.key for item in items]}
    assert opinions.ask_for_missed() == 0
    opinions.note(source.pk, items[1].key, PLACES)
    assert [GoldItem.objects.get(pk=item.pk).places for item in items] == [None, PLACES]


def test_those_for_whom_there_was_no_run_are_asked_for_later(team: Team, source: Masklet) -> None:
    quotas.allow(team.project, actor=team.owner, runs_allowed=0)
    items = gold.make(actor=team.owner, masklet_id=source.pk)
    assert not Run.objects.filter(kind=RunKind.VERIFY, masklet=source).exists()
    assert opinions.ask_for_missed() == 0
    quotas.allow(team.project, actor=team.owner, runs_allowed=50)
    assert opinions.ask_for_missed() == len(items)
    assert opinions.ask_for_missed() == 0
