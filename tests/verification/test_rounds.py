from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from annotation.services import masklets as desk, queue as annotators
from engine.errors import InvalidInput, LeaseLost, NotAllowed, RevisionChanged, WrongState
from engine.models import AuditEntry, Masklet, MaskletStatus, Membership, Role, Transition
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import at_once, granted
from tests.verification.conftest import submitted
from verification.models import Review, Round, SamplingDraw, Verdict
from verification.services import policies, queue, rounds, verdicts


def reviewer(team: Team, *, senior: bool = False) -> User:
    person = factories.user("another-reviewer")
    member = projects.add_member(
        actor=team.owner, project=team.project, username=person.username, role=Role.REVIEWER
    )
    if senior:
        projects.change_member(actor=team.owner, project=team.project, membership_id=member.pk, senior=True)
    return person


def policy(team: Team, **values: Any) -> None:
    policies.change(actor=team.owner, project=team.project, **values)


def give(person: User, masklet: Masklet, kind: str = "satisfactory", **values: Any) -> Verdict:
    review = queue.claim(actor=person, masklet_id=masklet.pk)
    if kind == "unsatisfactory":
        values.setdefault("comment", "The tail is missing.")
    return verdicts.give(actor=person, review_id=review.pk, token=review.token, kind=kind, **values)


def now(masklet: Masklet) -> Masklet:
    return Masklet.objects.get(pk=masklet.pk)


@pytest.fixture
def three(team: Team) -> list[User]:
    """Three reviewers, of whom two have to agree."""
    Membership.objects.filter(project=team.project, user=team.owner, role=Role.REVIEWER).delete()
    people = [team.reviewer, reviewer(team), reviewer(team)]
    policy(team, reviewers=3, agreeing=2)
    return people


def test_two_of_three_decide_and_the_third_need_not(three: list[User], masklet: Masklet) -> None:
    held = queue.claim(actor=three[2], masklet_id=masklet.pk)
    give(three[0], masklet)
    assert now(masklet).status == MaskletStatus.IN_VERIFICATION
    give(three[1], masklet)
    assert now(masklet).status == MaskletStatus.ACCEPTED
    held.refresh_from_db()
    assert held.outcome == Review.Outcome.SETTLED
    with pytest.raises(LeaseLost):
        verdicts.give(actor=three[2], review_id=held.pk, token=held.token, kind="reject")


def test_nobody_votes_twice_nor_gets_it_again(team: Team, three: list[User], masklet: Masklet) -> None:
    give(three[0], masklet)
    with pytest.raises(queue.AlreadyJudged):
        queue.claim(actor=three[0], masklet_id=masklet.pk)
    assert queue.claim_next(actor=three[0], project_id=team.project.pk) is None
    assert queue.claim_next(actor=three[1], project_id=team.project.pk) is not None


def test_a_reviewer_does_not_see_what_the_others_said(
    team: Team, three: list[User], masklet: Masklet
) -> None:
    from verification.services import history

    give(three[0], masklet, "unsatisfactory")
    assert not history.verdicts_of(now(masklet), actor=three[1])
    assert not Transition.objects.filter(subject_id=masklet.pk, to_status="needs_refinement").exists()
    assert [len(round.verdicts.all()) for round in history.verdicts_of(now(masklet), actor=team.owner)] == [1]


def test_a_tie_asks_a_senior_who_decides(team: Team, three: list[User], masklet: Masklet) -> None:
    senior, plain = reviewer(team, senior=True), reviewer(team)
    for person, kind in zip(three, ("satisfactory", "unsatisfactory", "reject"), strict=True):
        give(person, masklet, kind)
    assert Round.objects.get().tied
    assert queue.claim_next(actor=plain, project_id=team.project.pk) is None
    with pytest.raises(WrongState, match="senior"):
        queue.claim(actor=plain, masklet_id=masklet.pk)
    verdict = give(senior, masklet, "reject")
    assert (verdict.by, now(masklet).status) == (Verdict.By.SENIOR, MaskletStatus.REJECTED)


def test_a_tie_without_a_senior_asks_the_owner(team: Team, three: list[User], masklet: Masklet) -> None:
    for person, kind in zip(three, ("satisfactory", "unsatisfactory", "reject"), strict=True):
        give(person, masklet, kind)
    assert now(masklet).escalated
    assert queue.claim_next(actor=reviewer(team), project_id=team.project.pk) is None
    with pytest.raises(NotAllowed):
        verdicts.decide(actor=team.reviewer, masklet_id=masklet.pk, kind="satisfactory")
    verdicts.decide(actor=team.owner, masklet_id=masklet.pk, kind="satisfactory")
    assert (now(masklet).status, now(masklet).escalated) == (MaskletStatus.ACCEPTED, False)


def test_three_wanted_and_two_there_is_told_and_two_decide(team: Team, masklet: Masklet) -> None:
    Membership.objects.filter(project=team.project, user=team.owner, role=Role.REVIEWER).delete()
    second = reviewer(team)
    policy(team, reviewers=3, agreeing=3)
    told = policies.problems(team.project, policies.of(team.project.pk))
    assert any("3 reviewers are wanted and 2 there" in sentence for sentence in told)
    give(team.reviewer, masklet)
    give(second, masklet)
    assert now(masklet).status == MaskletStatus.ACCEPTED


def test_reviewers_who_leave_leave_no_stuck_round(team: Team, three: list[User], masklet: Masklet) -> None:
    give(three[0], masklet)
    Membership.objects.filter(user__in=three[1:]).delete()
    assert rounds.settle_stuck() == 1
    assert now(masklet).status == MaskletStatus.ACCEPTED


def test_seniors_who_leave_leave_no_stuck_tie(team: Team, three: list[User], masklet: Masklet) -> None:
    senior = reviewer(team, senior=True)
    for person, kind in zip(three, ("satisfactory", "unsatisfactory", "reject"), strict=True):
        give(person, masklet, kind)
    assert rounds.settle_stuck() == 0
    Membership.objects.filter(user=senior).delete()
    assert rounds.settle_stuck() == 1
    assert now(masklet).escalated


@pytest.mark.django_db
def test_a_project_of_one_person_is_told_and_goes_on() -> None:
    owner = factories.user("alone")
    project = projects.create_project(actor=owner, name="Alone")
    assert any("alone" in each for each in policies.problems(project, policies.of(project.pk)))
    video = factories.ready_video(project, owner)
    held = desk.select_object(actor=owner, video_id=video.pk)
    factories.revision(held.masklet, owner)
    desk.submit(actor=owner, assignment_id=held.pk, token=held.token)
    review = queue.claim_next(actor=owner, project_id=project.pk)
    assert review is not None
    verdicts.give(actor=owner, review_id=review.pk, token=review.token, kind="satisfactory")
    assert now(held.masklet).status == MaskletStatus.ACCEPTED


def test_what_nobody_may_verify_goes_to_the_owner(team: Team) -> None:
    """The only reviewer made it."""
    Membership.objects.filter(project=team.project, role=Role.REVIEWER).delete()
    projects.add_member(
        actor=team.owner, project=team.project, username=team.annotator.username, role=Role.REVIEWER
    )
    masklet = submit(team)
    assert now(masklet).escalated


def submit(team: Team, person: User | None = None) -> Masklet:
    """Through the annotators' door."""
    person = person or team.annotator
    video = factories.ready_video(team.project, team.owner, stored=False)
    held = desk.select_object(actor=person, video_id=video.pk)
    factories.click(held.masklet, person)
    factories.revision(held.masklet, person)
    return desk.submit(actor=person, assignment_id=held.pk, token=held.token)


def refine(team: Team, person: User) -> Masklet:
    held = annotators.claim_next(actor=person, project_id=team.project.pk)
    assert held is not None
    factories.revision(held.masklet, person)
    return desk.submit(actor=person, assignment_id=held.pk, token=held.token)


def test_the_cap_on_rounds_asks_the_owner(team: Team) -> None:
    policy(team, rounds_cap=2)
    masklet = submit(team)
    give(team.reviewer, masklet, "unsatisfactory")
    refine(team, team.annotator)
    give(team.reviewer, masklet, "unsatisfactory")
    assert (now(masklet).status, now(masklet).escalated) == (MaskletStatus.IN_VERIFICATION, True)
    with pytest.raises(WrongState, match="owner"):
        queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    verdicts.decide(actor=team.owner, masklet_id=masklet.pk, kind="unsatisfactory", comment="Once more.")
    assert now(masklet).status == MaskletStatus.NEEDS_REFINEMENT


@pytest.mark.parametrize(("returns_to", "first"), [("same", "annotator"), ("another", "second_annotator")])
def test_who_gets_it_back(team: Team, returns_to: str, first: str) -> None:
    policy(team, returns_to=returns_to)
    masklet = submit(team)
    give(team.reviewer, masklet, "unsatisfactory")
    people = {"annotator": team.annotator, "second_annotator": team.second_annotator}
    other = people[{"annotator": "second_annotator", "second_annotator": "annotator"}[first]]
    assert annotators.claim_next(actor=other, project_id=team.project.pk) is None
    held = annotators.claim_next(actor=people[first], project_id=team.project.pk)
    assert held is not None
    assert held.masklet == masklet


def test_a_second_look_is_drawn_and_kept(team: Team) -> None:
    policy(team, second_look_share=1.0)
    masklet = submit(team)
    give(team.reviewer, masklet)
    assert now(masklet).status == MaskletStatus.IN_VERIFICATION
    drawn = SamplingDraw.objects.get(about=SamplingDraw.About.SECOND_LOOK)
    assert (drawn.taken, drawn.share) == (True, 1.0)


def test_an_undone_verdict_opens_its_round_again(three: list[User], masklet: Masklet) -> None:
    give(three[0], masklet)
    last = give(three[1], masklet)
    review = verdicts.undo(actor=three[1], verdict_id=last.pk)
    assert now(masklet).status == MaskletStatus.IN_VERIFICATION
    assert review.round == Round.objects.get()
    verdicts.give(
        actor=three[1], review_id=review.pk, token=review.token, kind="unsatisfactory", comment="No."
    )
    give(three[2], masklet, "unsatisfactory")
    assert now(masklet).status == MaskletStatus.NEEDS_REFINEMENT


@pytest.mark.django_db(transaction=True)
def test_no_more_sit_down_than_there_are_seats(team: Team, masklet: Masklet) -> None:
    people = [team.reviewer, *(reviewer(team) for _ in range(3))]
    policy(team, reviewers=2, agreeing=2)
    results = at_once(*(partial(queue.claim, actor=person, masklet_id=masklet.pk) for person in people))
    assert len(granted(results)) == Review.objects.open().count() == 2
    assert Round.objects.count() == 1


def test_a_discard_goes_through_the_same_door(team: Team) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    held = desk.select_object(actor=team.annotator, video_id=video.pk)
    masklet = desk.discard(
        actor=team.annotator, assignment_id=held.pk, token=held.token, reason="It is a reflection."
    )
    assert (masklet.status, masklet.discard_proposed) == (MaskletStatus.IN_VERIFICATION, True)
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    with pytest.raises(InvalidInput, match="stopped before"):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="reject")
    assert now(masklet).status == MaskletStatus.REJECTED


@pytest.mark.parametrize("person", ["reviewer", "annotator"])
def test_an_owner_brings_back_what_was_rejected(team: Team, person: str) -> None:
    masklet = submit(team)
    give(team.reviewer, masklet, "reject")
    with pytest.raises(NotAllowed):
        verdicts.bring_back(actor=getattr(team, person), masklet_id=masklet.pk, reason="It is a dog.")
    with pytest.raises(InvalidInput):
        verdicts.bring_back(actor=team.owner, masklet_id=masklet.pk, reason=" ")
    back = verdicts.bring_back(actor=team.owner, masklet_id=masklet.pk, reason="It is a dog.")
    assert back.status == MaskletStatus.NEEDS_REFINEMENT
    assert annotators.claim_next(actor=team.second_annotator, project_id=team.project.pk) is not None


PIN = {"frame_idx": 3, "note": "Look at the tail.", "strokes": [[[1.0, 2.0], [3.0, 4.0]]]}


def test_pins_go_with_the_verdict(team: Team) -> None:
    masklet = submit(team)
    verdict = give(team.reviewer, masklet, "unsatisfactory", comment="", pins=[PIN])
    assert verdict.comment == "See the pinned frames."
    assert [(pin.frame_idx, pin.note, pin.strokes) for pin in verdict.pins.all()] == [
        (3, "Look at the tail.", [[[1.0, 2.0], [3.0, 4.0]]])
    ]


@pytest.mark.parametrize(
    "pins",
    [
        [PIN | {"frame_idx": 12}],
        [PIN | {"frame_idx": -1}],
        [PIN, PIN],
        [PIN | {"note": " ", "strokes": []}],
        [PIN | {"strokes": [[[1.0, 65.0]]]}],
        [PIN | {"strokes": [[[float("nan"), 1.0]]]}],
        [PIN | {"strokes": [[[1.0, 1.0]] * 201]}],
        [PIN | {"strokes": [[]]}],
        [PIN | {"frame_idx": n} for n in range(12)] * 2,
    ],
    ids=lambda pins: str(pins)[:60],
)
def test_pins_that_make_no_sense_are_refused_and_the_lease_stays(team: Team, pins: Any) -> None:
    masklet = submit(team)
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    held = {"actor": team.reviewer, "review_id": review.pk, "token": review.token}
    with pytest.raises(InvalidInput):
        verdicts.give(**held, kind="unsatisfactory", pins=pins)
    assert not Verdict.objects.exists()
    queue.heartbeat(**held)


def test_a_verdict_of_one_who_was_made_annotator_meanwhile_is_refused(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    Membership.objects.filter(user=team.reviewer).update(role=Role.ANNOTATOR)
    with pytest.raises(NotAllowed):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    assert now(masklet).status == MaskletStatus.IN_VERIFICATION


def test_a_verdict_after_the_lease_ran_out_is_refused(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    Review.objects.filter(pk=review.pk).update(lease_until=Now() - timedelta(seconds=1))
    with pytest.raises(LeaseLost):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")


def test_a_verdict_on_what_an_owner_decided_meanwhile_is_refused(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    verdicts.decide(actor=team.owner, masklet_id=masklet.pk, kind="reject")
    with pytest.raises(LeaseLost):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    assert now(masklet).status == MaskletStatus.REJECTED


def test_a_new_revision_is_a_new_round(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    factories.revision(masklet, team.annotator)
    with pytest.raises(RevisionChanged):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    again = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    assert again.round is not None
    assert (again.round.number, again.revision) == (2, masklet.revision)


def test_a_policy_is_the_owners_and_is_noted(team: Team) -> None:
    with pytest.raises(NotAllowed):
        policies.change(actor=team.reviewer, project=team.project, reviewers=2)
    with pytest.raises(InvalidInput, match="cannot agree"):
        policy(team, reviewers=2, agreeing=3)
    policy(team, reviewers=3, agreeing=2)
    entry = AuditEntry.objects.filter(kind="review_policy").latest("id")
    assert entry.after == {"reviewers": 3, "agreeing": 2}


def test_the_machine_passes_only_what_nobody_has_in_hand(team: Team) -> None:
    masklet, held = submit(team), submit(team)
    queue.claim(actor=team.reviewer, masklet_id=held.pk)
    for each, done in ((masklet, True), (held, False)):
        assert each.revision_id is not None
        passed = verdicts.pass_or_return(
            each.pk, revision_id=each.revision_id, kind="satisfactory", reason="sure enough"
        )
        assert passed == done
    assert (now(masklet).status, now(masklet).passed_by) == (MaskletStatus.ACCEPTED, "preverifier")
    assert now(held).status == MaskletStatus.IN_VERIFICATION


def test_submitted_masklets_of_the_fixture_have_no_round_until_claimed(team: Team) -> None:
    assert not Round.objects.filter(masklet=submitted(team)).exists()
