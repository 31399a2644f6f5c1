from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from engine import janitor, lifecycle
from engine.errors import HeldByOther, LeaseLost, NotAllowed, NotFound, OpenInAnotherTab, WrongState
from engine.models import Masklet, MaskletStatus, Role
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import at_once, granted
from tests.verification.conftest import submitted
from verification.models import Review
from verification.services import queue


def run_out(review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(lease_until=Now() - timedelta(seconds=1))


def waits_since(masklet: Masklet, *, minutes: int) -> None:
    Masklet.objects.filter(pk=masklet.pk).update(review_rank=F("review_rank") - 60 * minutes)


def second_reviewer(team: Team) -> User:
    person = factories.user("second-reviewer")
    projects.add_member(actor=team.owner, project=team.project, username=person.username, role=Role.REVIEWER)
    return person


def make_reviewer(team: Team, person: User) -> None:
    projects.add_member(actor=team.owner, project=team.project, username=person.username, role=Role.REVIEWER)


def test_a_claim_is_on_the_revision_that_is_current(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    assert (review.masklet, review.revision, review.person) == (masklet, masklet.revision, team.reviewer)
    masklet.refresh_from_db()
    assert masklet.status == MaskletStatus.IN_VERIFICATION


def test_the_queue_gives_what_waits_longest(team: Team, masklet: Masklet) -> None:
    oldest = submitted(team)
    waits_since(oldest, minutes=5)
    review = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert review is not None
    assert review.masklet == oldest


def test_the_queue_passes_over_what_another_reviews(team: Team, masklet: Masklet) -> None:
    queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    assert queue.claim_next(actor=second_reviewer(team), project_id=team.project.pk) is None


@pytest.mark.parametrize("hand", ["chose", "prompted", "restored", "submitted"])
def test_nobody_verifies_what_they_had_a_hand_in(team: Team, masklet: Masklet, hand: str) -> None:
    person = team.annotator if hand == "chose" else team.second_annotator
    make_reviewer(team, person)
    if hand == "prompted":
        factories.click(masklet, person)
    elif hand == "restored":
        factories.revision(masklet, person)
    elif hand == "submitted":
        lifecycle.change(masklet, MaskletStatus.NEEDS_REFINEMENT, actor=team.reviewer)
        lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=person)
        lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=person)
    with pytest.raises(queue.OwnMasklet):
        queue.claim(actor=person, masklet_id=masklet.pk)
    assert queue.claim_next(actor=person, project_id=team.project.pk) is None
    assert queue.claim_next(actor=team.reviewer, project_id=team.project.pk) is not None


def test_an_annotator_may_verify_what_others_made(team: Team, masklet: Masklet) -> None:
    make_reviewer(team, team.second_annotator)
    queue.claim(actor=team.second_annotator, masklet_id=masklet.pk)


def test_only_reviewers_claim(team: Team, masklet: Masklet) -> None:
    with pytest.raises(NotAllowed):
        queue.claim(actor=team.second_annotator, masklet_id=masklet.pk)
    with pytest.raises(NotAllowed):
        queue.claim_next(actor=team.annotator, project_id=team.project.pk)
    with pytest.raises(NotFound):
        queue.claim(actor=team.stranger, masklet_id=masklet.pk)


@pytest.mark.parametrize("status", sorted(set(MaskletStatus) - {MaskletStatus.IN_VERIFICATION}))
def test_only_what_waits_for_a_verdict_can_be_claimed(team: Team, masklet: Masklet, status: str) -> None:
    Masklet.objects.filter(pk=masklet.pk).update(status=status)
    with pytest.raises(WrongState):
        queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    assert queue.claim_next(actor=team.reviewer, project_id=team.project.pk) is None


def test_what_another_reviews_is_refused_with_their_name(team: Team, masklet: Masklet) -> None:
    held = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    with pytest.raises(HeldByOther) as refused:
        queue.claim(actor=second_reviewer(team), masklet_id=masklet.pk, takeover=True)
    assert refused.value.details == {"person": team.reviewer.username, "lease_until": held.lease_until}


def test_a_second_tab_is_refused_until_it_takes_over(team: Team, masklet: Masklet) -> None:
    old = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    with pytest.raises(OpenInAnotherTab):
        queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    new = queue.claim(actor=team.reviewer, masklet_id=masklet.pk, takeover=True)
    with pytest.raises(LeaseLost):
        queue.heartbeat(actor=team.reviewer, review_id=old.pk, token=old.token)
    queue.heartbeat(actor=team.reviewer, review_id=new.pk, token=new.token)


def test_a_heartbeat_lengthens_the_lease(team: Team, masklet: Masklet) -> None:
    held = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    Review.objects.filter(pk=held.pk).update(lease_until=F("lease_until") - timedelta(seconds=60))
    before = Review.objects.get(pk=held.pk).lease_until
    after = queue.heartbeat(actor=team.reviewer, review_id=held.pk, token=held.token).lease_until
    assert after - before >= timedelta(seconds=60)


def test_what_is_given_back_is_free_for_another(team: Team, masklet: Masklet) -> None:
    held = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    queue.give_back(actor=team.reviewer, review_id=held.pk, token=held.token)
    held.refresh_from_db()
    assert held.outcome == Review.Outcome.GIVEN_BACK
    assert queue.claim_next(actor=second_reviewer(team), project_id=team.project.pk) is not None


def test_a_lease_that_ran_out_is_free_for_another_and_lost_to_its_holder(
    team: Team, masklet: Masklet
) -> None:
    held = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    run_out(held)
    with pytest.raises(LeaseLost):
        queue.heartbeat(actor=team.reviewer, review_id=held.pk, token=held.token)
    new = queue.claim_next(actor=second_reviewer(team), project_id=team.project.pk)
    assert new is not None
    held.refresh_from_db()
    assert held.outcome == Review.Outcome.LAPSED
    with pytest.raises(LeaseLost):
        queue.give_back(actor=team.reviewer, review_id=held.pk, token=held.token)


def test_the_janitor_frees_what_went_silent_and_nothing_else(team: Team, masklet: Masklet) -> None:
    busy = queue.claim(actor=team.reviewer, masklet_id=submitted(team).pk)
    run_out(queue.claim(actor=team.reviewer, masklet_id=masklet.pk))
    assert queue.lapse_expired in janitor.DUTIES.values()
    assert queue.lapse_expired() == 1
    assert queue.lapse_expired() == 0
    queue.heartbeat(actor=team.reviewer, review_id=busy.pk, token=busy.token)
    masklet.refresh_from_db()
    assert masklet.status == MaskletStatus.IN_VERIFICATION


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_exactly_one_gets_it(team: Team, masklet: Masklet) -> None:
    people = [team.reviewer, second_reviewer(team)]
    results = at_once(*(partial(queue.claim, actor=person, masklet_id=masklet.pk) for person in people))
    assert len(granted(results)) == 1
    assert Review.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_those_who_ask_the_queue_at_once_all_get_something_else(team: Team, masklet: Masklet) -> None:
    for _ in range(2):
        submitted(team)
    people = [team.reviewer, second_reviewer(team)] * 3
    results = at_once(
        *(partial(queue.claim_next, actor=person, project_id=team.project.pk) for person in people)
    )
    claimed = [review.masklet_id for review in results if review]
    assert len(claimed) == len(set(claimed)) == Review.objects.open().count() == 3
