from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from annotation.models import Assignment
from annotation.services import masklets, prompts, queue
from engine import janitor
from engine.errors import (
    HeldByOther,
    InvalidInput,
    LeaseLost,
    NotAllowed,
    NotFound,
    OpenInAnotherTab,
    WrongState,
)
from engine.models import Masklet, MaskletStatus, Transition, Video
from tests import factories
from tests.factories import Team
from tests.http import at_once, granted


def waiting(video: Video, team: Team, *, status: str = MaskletStatus.SELECTED, minutes: int = 0) -> Masklet:
    """A masklet in the queue, last touched so many minutes ago."""
    masklet = factories.masklet(video, team.owner, status=status)
    Masklet.objects.filter(pk=masklet.pk).update(updated_at=Now() - timedelta(minutes=minutes))
    return masklet


def run_out(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(lease_until=Now() - timedelta(seconds=1))


def status_of(masklet: Masklet) -> str:
    return Masklet.objects.get(pk=masklet.pk).status


def test_refinement_comes_before_what_waits_longer(team: Team, video: Video) -> None:
    waiting(video, team, minutes=60)
    refine = waiting(video, team, status=MaskletStatus.NEEDS_REFINEMENT)
    assignment = queue.claim_next(actor=team.annotator, project_id=team.project.pk)
    assert assignment is not None
    assert assignment.masklet == refine
    assert assignment.previous_status == MaskletStatus.NEEDS_REFINEMENT
    assert status_of(refine) == MaskletStatus.ANNOTATING


def test_the_queue_gives_what_waits_longest(team: Team, video: Video) -> None:
    waiting(video, team)
    oldest = waiting(video, team, minutes=5)
    assignment = queue.claim_next(actor=team.annotator, project_id=team.project.pk)
    assert assignment is not None
    assert assignment.masklet == oldest


def test_what_was_handed_back_waits_behind_the_others(team: Team, video: Video) -> None:
    first, second = waiting(video, team, minutes=5), waiting(video, team, minutes=4)
    claimed = queue.claim(actor=team.annotator, masklet_id=first.pk)
    masklets.hand_back(actor=team.annotator, assignment_id=claimed.pk, token=claimed.token)
    again = queue.claim_next(actor=team.annotator, project_id=team.project.pk)
    assert again is not None
    assert again.masklet == second


def test_an_empty_queue_gives_nothing(team: Team, video: Video) -> None:
    for status in set(MaskletStatus) - {MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT}:
        masklet = factories.masklet(video, team.owner, status=MaskletStatus.SELECTED)
        factories.revision(masklet, team.owner, {0: factories.disc_mask(0)})
        Masklet.objects.filter(pk=masklet.pk).update(status=status)
    assert queue.claim_next(actor=team.annotator, project_id=team.project.pk) is None


def test_the_queue_holds_only_its_own_project(team: Team, video: Video) -> None:
    other = factories.team()
    waiting(factories.ready_video(other.project, other.owner, stored=False), other)
    assert queue.claim_next(actor=team.annotator, project_id=team.project.pk) is None


def test_only_annotators_claim(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    with pytest.raises(NotAllowed):
        queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    with pytest.raises(NotAllowed):
        queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    with pytest.raises(NotFound):
        queue.claim_next(actor=team.stranger, project_id=team.project.pk)


def test_what_another_holds_is_refused_with_their_name(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    held = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    with pytest.raises(HeldByOther) as refused:
        queue.claim(actor=team.second_annotator, masklet_id=masklet.pk, takeover=True)
    assert refused.value.details == {"person": team.annotator.username, "lease_until": held.lease_until}
    assert team.annotator.username in refused.value.message


def test_a_second_tab_is_refused_until_it_takes_over(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    old = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    with pytest.raises(OpenInAnotherTab):
        queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    new = queue.claim(actor=team.annotator, masklet_id=masklet.pk, takeover=True)
    assert new.pk == old.pk
    assert new.token != old.token
    with pytest.raises(LeaseLost):
        queue.heartbeat(actor=team.annotator, assignment_id=old.pk, token=old.token)
    queue.heartbeat(actor=team.annotator, assignment_id=new.pk, token=new.token)


def test_a_heartbeat_lengthens_the_lease(team: Team, video: Video) -> None:
    held = queue.claim(actor=team.annotator, masklet_id=waiting(video, team).pk)
    Assignment.objects.filter(pk=held.pk).update(lease_until=F("lease_until") - timedelta(seconds=60))
    before = Assignment.objects.get(pk=held.pk).lease_until
    after = queue.heartbeat(actor=team.annotator, assignment_id=held.pk, token=held.token).lease_until
    assert after - before >= timedelta(seconds=60)


def test_a_lease_that_ran_out_cannot_be_kept(team: Team, video: Video) -> None:
    held = queue.claim(actor=team.annotator, masklet_id=waiting(video, team).pk)
    run_out(held)
    with pytest.raises(LeaseLost):
        queue.heartbeat(actor=team.annotator, assignment_id=held.pk, token=held.token)


@pytest.mark.parametrize("previous_status", [MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT])
def test_a_lease_that_ran_out_is_free_for_another(
    team: Team, video: Video, previous_status: MaskletStatus
) -> None:
    masklet = waiting(video, team, status=previous_status)
    old = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    run_out(old)
    new = queue.claim(actor=team.second_annotator, masklet_id=masklet.pk)
    old.refresh_from_db()
    assert old.outcome == Assignment.Outcome.LAPSED
    assert new.previous_status == previous_status
    assert status_of(masklet) == MaskletStatus.ANNOTATING


def test_who_lost_a_lease_claims_again_without_taking_over(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    old = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    run_out(old)
    assert queue.claim(actor=team.annotator, masklet_id=masklet.pk).pk != old.pk


def test_the_queue_finds_what_ran_out_before_the_janitor_does(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    run_out(queue.claim(actor=team.annotator, masklet_id=masklet.pk))
    again = queue.claim_next(actor=team.second_annotator, project_id=team.project.pk)
    assert again is not None
    assert again.masklet == masklet


def test_the_janitor_gives_back_what_went_silent_and_nothing_else(team: Team, video: Video) -> None:
    silent = waiting(video, team, status=MaskletStatus.NEEDS_REFINEMENT)
    busy = waiting(video, team)
    run_out(queue.claim(actor=team.annotator, masklet_id=silent.pk))
    held = queue.claim(actor=team.annotator, masklet_id=busy.pk)
    assert queue.lapse_expired in janitor.DUTIES.values()
    assert queue.lapse_expired() == 1
    assert queue.lapse_expired() == 0
    assert status_of(silent) == MaskletStatus.NEEDS_REFINEMENT
    assert status_of(busy) == MaskletStatus.ANNOTATING
    queue.heartbeat(actor=team.annotator, assignment_id=held.pk, token=held.token)
    last = Transition.objects.filter(subject_type="masklet", subject_id=silent.pk).last()
    assert last is not None
    assert (last.actor, last.reason) == (None, "lease lost")


@pytest.mark.parametrize("status", [MaskletStatus.REJECTED, MaskletStatus.FILTERED, MaskletStatus.CANDIDATE])
def test_what_is_not_in_the_queue_cannot_be_claimed(team: Team, video: Video, status: MaskletStatus) -> None:
    masklet = waiting(video, team, status=status)
    with pytest.raises(WrongState):
        queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    assert not Assignment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_exactly_one_gets_it(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    people = [team.annotator, team.second_annotator]
    results = at_once(*(partial(queue.claim, actor=person, masklet_id=masklet.pk) for person in people))
    assert len(granted(results)) == 1
    assert [type(result) for result in results if result not in granted(results)] == [HeldByOther]
    assert Assignment.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_those_who_ask_the_queue_at_once_all_get_something_else(team: Team, video: Video) -> None:
    for _ in range(4):
        waiting(video, team)
    people = [team.annotator, team.second_annotator] * 3
    results = at_once(
        *(partial(queue.claim_next, actor=person, project_id=team.project.pk) for person in people)
    )
    claimed = [assignment.masklet_id for assignment in results if assignment]
    assert len(claimed) == len(set(claimed)) == 4


@pytest.mark.django_db(transaction=True)
def test_a_lapse_and_a_heartbeat_at_once_end_in_one_of_the_two(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    held = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    run_out(held)
    beat = partial(queue.heartbeat, actor=team.annotator, assignment_id=held.pk, token=held.token)
    results = at_once(queue.lapse_expired, queue.lapse_expired, beat)
    assert sorted(results[:2]) == [0, 1]
    assert isinstance(results[2], LeaseLost)
    assert Transition.objects.filter(subject_id=masklet.pk, to_status=MaskletStatus.SELECTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_takeover_at_once_never_both_win_later(team: Team, video: Video) -> None:
    """The old tab's click is either stored before the takeover or refused; the two never block each other."""
    masklet = waiting(video, team)
    token = queue.claim(actor=team.annotator, masklet_id=masklet.pk).token
    for stored in range(4):
        edit = partial(
            prompts.add,
            actor=team.annotator,
            masklet_id=masklet.pk,
            token=token,
            frame_idx=0,
            kind="click",
            x=stored,
            y=1,
            positive=True,
        )
        take_over = partial(queue.claim, actor=team.annotator, masklet_id=masklet.pk, takeover=True)
        edited, taken = at_once(edit, take_over)
        assert isinstance(edited, LeaseLost | tuple)
        with pytest.raises(LeaseLost):
            edit()
        token = taken.token


def test_what_is_likely_wrong_comes_before_what_is_new(team: Team, video: Video) -> None:
    new = waiting(video, team, minutes=60)
    doubted, worse = waiting(video, team, minutes=30), waiting(video, team)
    factories.revision(doubted, team.owner, doubt=0.2)
    factories.revision(worse, team.owner, doubt=0.6)
    refine = waiting(video, team, status=MaskletStatus.NEEDS_REFINEMENT)
    assert order_for(team.annotator, team) == [refine, worse, doubted, new]


def test_an_owners_priority_comes_before_all_and_what_is_kept_for_one_before_that(
    team: Team, video: Video
) -> None:
    refine = waiting(video, team, status=MaskletStatus.NEEDS_REFINEMENT)
    urgent, kept, elsewhere = (waiting(video, team) for _ in range(3))
    queue.assign(actor=team.owner, masklet_id=urgent.pk, priority=5)
    queue.assign(actor=team.owner, masklet_id=kept.pk, person=team.annotator.username)
    queue.assign(actor=team.owner, masklet_id=elsewhere.pk, person=team.second_annotator.username)
    assert order_for(team.annotator, team) == [kept, urgent, refine]
    with pytest.raises(NotAllowed, match="kept for"):
        queue.claim(actor=team.annotator, masklet_id=elsewhere.pk)


def test_what_one_gave_back_comes_last_for_oneself_alone(team: Team, video: Video) -> None:
    first, second = waiting(video, team, minutes=5), waiting(video, team)
    claimed = queue.claim(actor=team.annotator, masklet_id=first.pk)
    masklets.hand_back(actor=team.annotator, assignment_id=claimed.pk, token=claimed.token)
    Masklet.objects.filter(pk=first.pk).update(updated_at=Now() - timedelta(minutes=9))
    assert order_for(team.annotator, team) == [second, first]
    assert order_for(team.second_annotator, team) == [first, second]


def test_one_may_ask_for_the_next_of_one_video(team: Team, video: Video) -> None:
    waiting(video, team, minutes=5)
    other = factories.ready_video(team.project, team.owner, stored=False)
    wanted = waiting(other, team)
    assignment = queue.claim_next(actor=team.annotator, project_id=team.project.pk, video=other.pk)
    assert assignment is not None
    assert assignment.masklet == wanted
    with pytest.raises(NotFound):
        queue.claim_next(actor=team.annotator, project_id=team.project.pk, video=10**9)


def test_an_owner_takes_a_masklet_from_one_for_another(team: Team, video: Video) -> None:
    masklet = waiting(video, team, status=MaskletStatus.NEEDS_REFINEMENT)
    held = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    queue.assign(actor=team.owner, masklet_id=masklet.pk, priority=1)  # that alone takes nothing away
    queue.heartbeat(actor=team.annotator, assignment_id=held.pk, token=held.token)
    queue.assign(actor=team.owner, masklet_id=masklet.pk, person=team.second_annotator.username)
    assert status_of(masklet) == MaskletStatus.NEEDS_REFINEMENT
    with pytest.raises(LeaseLost):
        queue.heartbeat(actor=team.annotator, assignment_id=held.pk, token=held.token)
    held.refresh_from_db()
    assert held.outcome == Assignment.Outcome.REASSIGNED
    assert order_for(team.annotator, team) == []
    assert order_for(team.second_annotator, team) == [masklet]


def test_only_owners_direct_the_queue_and_only_to_annotators(team: Team, video: Video) -> None:
    masklet = waiting(video, team)
    with pytest.raises(NotAllowed):
        queue.assign(actor=team.annotator, masklet_id=masklet.pk, priority=1)
    with pytest.raises(InvalidInput, match="no annotator"):
        queue.assign(actor=team.owner, masklet_id=masklet.pk, person=team.reviewer.username)
    with pytest.raises(WrongState, match="does not wait for an annotator"):
        queue.assign(actor=team.owner, masklet_id=factories.accepted_masklet(video, team).pk, priority=1)


def order_for(person: User, team: Team) -> list[Masklet]:
    return [masklet for part in queue.for_person(person, team.project) for masklet in part]
