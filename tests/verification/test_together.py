"""Several masklets of one video verified in one go: each its own review, never one's own work, and no known answer told
by it."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import lifecycle
from engine.errors import RevisionChanged
from engine.models import Masklet, MaskletStatus, Video
from tests import factories
from tests.factories import Team
from tests.http import Caller, at_once, refusal
from tests.verification.conftest import submitted
from tests.verification.test_gold import mixed_in
from tests.verification.test_queue import make_reviewer, second_reviewer
from verification.models import GoldItem, Review
from verification.services import gold, queue, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


def waiting(video: Video, team: Team, person: User | None = None) -> Masklet:
    made = factories.masklet(video, person or team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(made, person or team.annotator)
    factories.revision(made, person or team.annotator)
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=person or team.annotator)
    return made


def claimed(team: Team, person: User | None = None, **values: Any) -> list[Review]:
    return queue.claim_together(actor=person or team.reviewer, project_id=team.project.pk, **values)


def of(reviews: list[Review]) -> set[int]:
    return {review.masklet_id for review in reviews}


def test_what_comes_first_brings_what_waits_in_its_video(team: Team, video: Video) -> None:
    first, *others = (waiting(video, team) for _ in range(3))
    elsewhere = submitted(team)
    Masklet.objects.filter(pk=first.pk).update(priority=1)
    assert of(claimed(team)) == {first.pk, *(other.pk for other in others)}
    assert of(claimed(team, second_reviewer(team))) == {elsewhere.pk}
    assert claimed(team) == []


def test_no_more_than_fit_on_one_screen(team: Team, video: Video) -> None:
    for _ in range(queue.TOGETHER + 2):
        waiting(video, team)
    assert len(claimed(team)) == queue.TOGETHER
    assert len(claimed(team, second_reviewer(team))) == 2


def test_neither_own_work_nor_what_another_holds_or_oneself_judged(team: Team, video: Video) -> None:
    make_reviewer(team, team.second_annotator)
    waiting(video, team, team.second_annotator)
    held, judged, free = (waiting(video, team) for _ in range(3))
    queue.claim(actor=team.reviewer, masklet_id=held.pk)
    review = queue.claim(actor=team.second_annotator, masklet_id=judged.pk)
    verdicts.give(
        actor=team.second_annotator,
        review_id=review.pk,
        token=review.token,
        kind="unsatisfactory",
        comment="x",
    )
    assert of(claimed(team, team.second_annotator)) == {free.pk}


def test_each_verdict_is_about_its_own_masklet_and_its_own_revision(team: Team, video: Video) -> None:
    for _ in range(3):
        waiting(video, team)
    stale, good, bad = claimed(team)
    factories.revision(Masklet.objects.get(pk=stale.masklet_id), team.annotator)
    verdicts.give(actor=team.reviewer, review_id=good.pk, token=good.token, kind="satisfactory")
    verdicts.give(actor=team.reviewer, review_id=bad.pk, token=bad.token, kind="reject")
    with pytest.raises(RevisionChanged):
        verdicts.give(actor=team.reviewer, review_id=stale.pk, token=stale.token, kind="satisfactory")
    told = dict(Masklet.objects.values_list("pk", "status"))
    assert told == {
        stale.masklet_id: MaskletStatus.IN_VERIFICATION,
        good.masklet_id: MaskletStatus.ACCEPTED,
        bad.masklet_id: MaskletStatus.REJECTED,
    }


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_never_hold_the_same(team: Team, video: Video) -> None:
    for _ in range(4):
        waiting(video, team)
    people = [team.reviewer, second_reviewer(team)]
    one, other = at_once(
        *(partial(queue.claim_together, actor=person, project_id=team.project.pk) for person in people)
    )
    assert not of(one) & of(other)
    assert Review.objects.open().count() == len(one) + len(other) == 4


# Known answers.


@pytest.fixture
def known(team: Team, video: Video, monkeypatch: pytest.MonkeyPatch) -> Masklet:
    """It is always the turn of a known answer, from a video in which others wait."""
    source = waiting(video, team)
    verdicts.decide(actor=team.owner, masklet_id=source.pk, kind="satisfactory")
    gold.make(actor=team.owner, masklet_id=source.pk, kinds=["shifted"])
    mixed_in(team)
    monkeypatch.setattr(gold, "its_turn", lambda policy: True)
    return source


def test_a_known_answer_is_told_neither_by_its_place_nor_by_its_shape(
    team: Team, video: Video, known: Masklet
) -> None:
    for _ in range(2):
        waiting(video, team)
    caller = Caller(team.reviewer)
    places = set()
    for _ in range(40):
        told = caller.post(f"projects/{team.project.pk}/queue/review/together/").json()["reviews"]
        assert len(told) == 3
        rows = [Review.objects.get(pk=each["id"]) for each in told]
        by_id = sorted(rows, key=lambda row: row.pk)
        (copy,) = (row for row in rows if row.gold)
        assert copy.masklet == known
        places |= {(rows.index(copy), by_id.index(copy))}
        same = [{k: v for k, v in each.items() if k not in {"id", "token", "lease_until"}} for each in told]
        assert same[0] == same[1] == same[2]
        for each in told:
            answer = caller.post(f"reviews/{each['id']}/give-back/", lease_token=each["token"])
            assert answer.status_code == 204
    assert {at for at, _ in places} == {at for _, at in places} == {0, 1, 2}


def test_one_that_stands_alone_comes_alone_as_a_masklet_would(team: Team, known: Masklet) -> None:
    submitted(team)
    (review,) = claimed(team)
    assert review.gold is not None
    verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="reject")
    (natural,) = claimed(team)
    assert natural.gold is None
    assert GoldItem.objects.get().masklet.status == MaskletStatus.ACCEPTED


# Over the API.


def test_only_reviewers_take_from_the_queue_and_an_empty_one_is_no_error(team: Team) -> None:
    path = f"projects/{team.project.pk}/queue/review/together/"
    told = Caller(team.reviewer).post(path)
    assert (told.status_code, told.json()) == (200, {"reviews": []})
    assert refusal(Caller(team.annotator).post(path)) == (403, "not_allowed")
    assert refusal(Caller(team.stranger).post(path)) == (404, "not_found")
