from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from engine import lifecycle
from engine.errors import InvalidInput, LeaseLost, NotAllowed, NotFound, RevisionChanged, WrongState
from engine.models import FreezePart, Masklet, MaskletStatus, Role, Transition
from engine.services import projects, releases
from tests import factories
from tests.factories import Team
from tests.http import at_once
from verification.models import Review, Verdict
from verification.services import queue, verdicts

VERDICTS = [
    ("satisfactory", MaskletStatus.ACCEPTED),
    ("unsatisfactory", MaskletStatus.NEEDS_REFINEMENT),
    ("reject", MaskletStatus.REJECTED),
]


@pytest.fixture
def review(team: Team, masklet: Masklet) -> Review:
    return queue.claim(actor=team.reviewer, masklet_id=masklet.pk)


def act(review: Review) -> dict[str, Any]:
    return {"actor": review.person, "review_id": review.pk, "token": review.token}


def give(review: Review, kind: str = "satisfactory", **values: Any) -> Verdict:
    if kind == "unsatisfactory":
        values.setdefault("comment", "The tail is missing.")
    return verdicts.give(**act(review), kind=kind, **values)


def status_of(masklet: Masklet) -> str:
    return Masklet.objects.get(pk=masklet.pk).status


def last_step(masklet: Masklet) -> Transition:
    return Transition.objects.filter(subject_type="masklet", subject_id=masklet.pk).latest("id")


def given_ago(verdict: Verdict, *, seconds: int) -> None:
    Review.objects.filter(pk=verdict.review_id).update(ended_at=F("ended_at") - timedelta(seconds=seconds))


@pytest.mark.parametrize(("kind", "led_to"), VERDICTS)
def test_a_verdict_leads_where_it_says_and_ends_the_review(
    review: Review, masklet: Masklet, kind: str, led_to: str
) -> None:
    verdict = give(review, kind)
    review.refresh_from_db()
    assert status_of(masklet) == led_to
    assert (verdict.review, review.outcome) == (review, Review.Outcome.VERDICT)
    assert last_step(masklet).actor == review.person


def test_the_annotator_reads_the_reasons_and_the_comment(review: Review, masklet: Masklet) -> None:
    give(review, "unsatisfactory", reasons=["drifts", "flickers", "drifts"], comment="See frames 3 to 5.")
    assert last_step(masklet).reason == "Drifts off the object, flickers: See frames 3 to 5."
    assert Verdict.objects.get().reasons == ["drifts", "flickers"]


@pytest.mark.parametrize(
    "values",
    [{"comment": ""}, {"comment": "  "}, {"comment": "x", "reasons": ["ugly"]}],
    ids=str,
)
def test_unsatisfactory_says_what_to_refine(review: Review, masklet: Masklet, values: Any) -> None:
    with pytest.raises(InvalidInput):
        give(review, "unsatisfactory", **values)
    assert status_of(masklet) == MaskletStatus.IN_VERIFICATION
    queue.heartbeat(**act(review))


def test_the_database_keeps_that_promise_too(review: Review) -> None:
    with pytest.raises(IntegrityError, match="unsatisfactory_says_what_to_refine"), transaction.atomic():
        Verdict.objects.create(review=review, round=review.round, person=review.person, kind="unsatisfactory")


def test_satisfactory_has_no_reasons(review: Review) -> None:
    with pytest.raises(InvalidInput):
        give(review, "satisfactory", reasons=["drifts"])


def test_a_verdict_on_masks_that_changed_is_refused(review: Review, masklet: Masklet) -> None:
    factories.revision(masklet, masklet.created_by)
    with pytest.raises(RevisionChanged):
        give(review)
    assert status_of(masklet) == MaskletStatus.IN_VERIFICATION


def test_a_verdict_is_given_once(review: Review) -> None:
    give(review)
    with pytest.raises(LeaseLost):
        give(review, "reject")


def test_a_verdict_needs_the_lease(team: Team, review: Review) -> None:
    with pytest.raises(LeaseLost):
        verdicts.give(**act(review) | {"token": ""}, kind="satisfactory")
    with pytest.raises(NotFound):
        verdicts.give(**act(review) | {"actor": team.owner}, kind="satisfactory")


@pytest.mark.django_db(transaction=True)
def test_of_two_verdicts_at_once_one_counts(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    results = at_once(partial(give, review, "satisfactory"), partial(give, review, "reject"))
    assert sorted(isinstance(result, LeaseLost) for result in results) == [False, True]
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize(("kind", "led_to"), VERDICTS)
def test_a_verdict_taken_back_puts_the_masklet_in_its_reviewers_hands_again(
    review: Review, masklet: Masklet, kind: str, led_to: str
) -> None:
    verdict = give(review, kind)
    again = verdicts.undo(actor=review.person, verdict_id=verdict.pk)
    verdict.refresh_from_db()
    assert status_of(masklet) == MaskletStatus.IN_VERIFICATION
    assert verdict.undone_at is not None
    assert (again.person, again.revision) == (review.person, review.revision)
    give(again, "reject")


def test_a_verdict_can_be_taken_back_for_a_minute(review: Review, masklet: Masklet) -> None:
    verdict = give(review)
    given_ago(verdict, seconds=61)
    with pytest.raises(WrongState, match="one minute"):
        verdicts.undo(actor=review.person, verdict_id=verdict.pk)
    assert status_of(masklet) == MaskletStatus.ACCEPTED


def test_a_verdict_is_taken_back_once(review: Review) -> None:
    verdict = give(review)
    verdicts.undo(actor=review.person, verdict_id=verdict.pk)
    with pytest.raises(WrongState, match="already"):
        verdicts.undo(actor=review.person, verdict_id=verdict.pk)


def test_a_verdict_stays_once_somebody_went_on(team: Team, review: Review, masklet: Masklet) -> None:
    verdict = give(review, "unsatisfactory")
    lifecycle.change(
        Masklet.objects.get(pk=masklet.pk), MaskletStatus.ANNOTATING, actor=team.second_annotator
    )
    with pytest.raises(WrongState, match="went on"):
        verdicts.undo(actor=review.person, verdict_id=verdict.pk)


def test_a_verdict_stays_once_a_newer_one_leads_to_the_same(
    team: Team, review: Review, masklet: Masklet
) -> None:
    first = give(review)
    verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason="Looks wrong.")
    projects.add_member(
        actor=team.owner, project=team.project, username=team.owner.username, role=Role.REVIEWER
    )
    give(queue.claim(actor=team.owner, masklet_id=masklet.pk))
    with pytest.raises(WrongState, match="went on"):
        verdicts.undo(actor=review.person, verdict_id=first.pk)
    assert status_of(masklet) == MaskletStatus.ACCEPTED


def test_only_its_reviewer_takes_a_verdict_back(team: Team, review: Review) -> None:
    verdict = give(review)
    for person in (team.owner, team.annotator):
        with pytest.raises(NotAllowed):
            verdicts.undo(actor=person, verdict_id=verdict.pk)
    for person, pk in ((team.stranger, verdict.pk), (review.person, 10**30)):
        with pytest.raises(NotFound):
            verdicts.undo(actor=person, verdict_id=pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_back_at_once_one_does(team: Team, masklet: Masklet) -> None:
    verdict = give(queue.claim(actor=team.reviewer, masklet_id=masklet.pk))
    undo = partial(verdicts.undo, actor=team.reviewer, verdict_id=verdict.pk)
    assert sorted(isinstance(result, WrongState) for result in at_once(undo, undo)) == [False, True]
    assert Review.objects.open().count() == 1


def test_an_owner_reopens_with_a_reason(team: Team, review: Review, masklet: Masklet) -> None:
    give(review)
    for person in (team.reviewer, team.annotator):
        with pytest.raises(NotAllowed):
            verdicts.reopen(actor=person, masklet_id=masklet.pk, reason="Looks wrong.")
    with pytest.raises(InvalidInput):
        verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason=" ")
    reopened = verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason="Looks wrong.")
    assert reopened.status == MaskletStatus.IN_VERIFICATION
    assert last_step(masklet).reason == "Looks wrong."


@pytest.mark.parametrize("status", sorted(set(MaskletStatus) - {MaskletStatus.ACCEPTED}))
def test_only_what_was_accepted_is_reopened(team: Team, masklet: Masklet, status: str) -> None:
    Masklet.objects.filter(pk=masklet.pk).update(status=status)
    with pytest.raises(WrongState):
        verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason="Looks wrong.")


def test_a_verdict_that_a_release_holds_is_not_taken_back(
    team: Team, review: Review, masklet: Masklet
) -> None:
    verdict = give(review)
    factories.frozen_release(team)
    with pytest.raises(WrongState, match="holds this masklet"):
        verdicts.undo(actor=review.person, verdict_id=verdict.pk)
    assert status_of(masklet) == MaskletStatus.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_a_verdict_is_taken_back_or_pinned_never_both(team: Team, masklet: Masklet) -> None:
    verdict = give(queue.claim(actor=team.reviewer, masklet_id=masklet.pk))
    release = releases.create_release(actor=team.owner, project=team.project, name="r")
    at_once(
        partial(verdicts.undo, actor=team.reviewer, verdict_id=verdict.pk),
        partial(releases.freeze, actor=team.owner, release=release),
    )
    pinned = FreezePart.objects.filter(run__release=release, masklet_ids__contains=[masklet.pk]).exists()
    assert pinned == (status_of(masklet) == MaskletStatus.ACCEPTED)
