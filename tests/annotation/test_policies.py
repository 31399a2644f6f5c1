import pytest

from annotation.models import Assignment
from annotation.policies import NotTrained, OwnSelection, SelectionOnly
from annotation.services import masklets, prompts, queue
from engine.errors import NotAllowed, WrongState
from engine.models import Masklet, MaskletStatus, Membership, Role, Video
from engine.services import projects
from tests import factories
from tests.factories import Team
from verification.services import queue as reviews

CLICK = {"kind": "click", "x": 10.0, "y": 20.0, "positive": True}


@pytest.fixture
def team(db: None) -> Team:
    return factories.team(separate_selection=True)


@pytest.fixture
def chosen(team: Team, video: Video) -> Assignment:
    return masklets.select_object(actor=team.annotator, video_id=video.pk)


def edit(held: Assignment) -> dict[str, object]:
    return {"actor": held.person, "masklet_id": held.masklet_id, "token": held.token}


def test_who_chose_an_object_prompts_one_frame_and_passes_it_on(team: Team, chosen: Assignment) -> None:
    assert chosen.job == Assignment.Job.SELECTION
    prompts.add(**edit(chosen), frame_idx=3, **CLICK)  # type: ignore[arg-type]
    with pytest.raises(SelectionOnly):
        prompts.add(**edit(chosen), frame_idx=4, **CLICK)  # type: ignore[arg-type]
    with pytest.raises(SelectionOnly):
        prompts.propagate(**edit(chosen), direction="both", from_frame=3)  # type: ignore[arg-type]
    with pytest.raises(SelectionOnly):
        masklets.submit(actor=team.annotator, assignment_id=chosen.pk, token=chosen.token)
    masklets.hand_back(actor=team.annotator, assignment_id=chosen.pk, token=chosen.token)
    assert queue.claim_next(actor=team.annotator, project_id=team.project.pk) is None
    tracking = queue.claim_next(actor=team.second_annotator, project_id=team.project.pk)
    assert tracking is not None
    assert (tracking.masklet_id, tracking.job) == (chosen.masklet_id, Assignment.Job.TRACKING)


def test_a_selection_may_be_mended_by_who_made_it_until_it_is_tracked(team: Team, chosen: Assignment) -> None:
    masklets.hand_back(actor=team.annotator, assignment_id=chosen.pk, token=chosen.token)
    again = queue.claim(actor=team.annotator, masklet_id=chosen.masklet_id)
    assert again.job == Assignment.Job.SELECTION
    masklets.hand_back(actor=team.annotator, assignment_id=again.pk, token=again.token)
    Masklet.objects.filter(pk=chosen.masklet_id).update(status=MaskletStatus.NEEDS_REFINEMENT)
    with pytest.raises(OwnSelection):
        queue.claim(actor=team.annotator, masklet_id=chosen.masklet_id)


def test_where_nobody_else_could_track_it_one_tracks_ones_own(team: Team, video: Video) -> None:
    # The owner has every role from the start.
    others = Membership.objects.filter(project=team.project, role=Role.ANNOTATOR).exclude(user=team.annotator)
    others.delete()
    held = masklets.select_object(actor=team.annotator, video_id=video.pk)
    assert held.job == Assignment.Job.TRACKING


def test_an_owner_may_relax_both_policies(team: Team, video: Video) -> None:
    mine = factories.masklet(
        video, team.owner, status=MaskletStatus.IN_VERIFICATION, revision=_revision(video, team)
    )
    assert reviews.claim_next(actor=team.owner, project_id=team.project.pk) is None
    relaxed = {"separate_selection": False, "separate_verification": False}
    projects.change_project(actor=team.owner, project=team.project, **relaxed)
    review = reviews.claim_next(actor=team.owner, project_id=team.project.pk)
    assert review is not None
    assert review.masklet == mine
    assert masklets.select_object(actor=team.annotator, video_id=video.pk).job == Assignment.Job.TRACKING


def test_only_owners_change_policies_and_training(team: Team) -> None:
    with pytest.raises(NotAllowed):
        projects.change_project(actor=team.annotator, project=team.project, separate_selection=False)
    membership = Membership.objects.get(project=team.project, user=team.annotator)
    with pytest.raises(NotAllowed):
        projects.change_member(
            actor=team.annotator, project=team.project, membership_id=membership.pk, phases=[1]
        )


def test_people_get_only_the_phases_that_they_are_trained_for(team: Team, video: Video) -> None:
    masklet = factories.masklet(video, team.owner, phase=1)
    membership = Membership.objects.get(project=team.project, user=team.annotator)
    projects.change_member(
        actor=team.owner, project=team.project, membership_id=membership.pk, phases=[3, 2, 3]
    )
    membership.refresh_from_db()
    assert membership.phases == [2, 3]
    assert queue.claim_next(actor=team.annotator, project_id=team.project.pk) is None
    with pytest.raises(NotTrained, match="phase 1"):
        queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    assert queue.claim_next(actor=team.second_annotator, project_id=team.project.pk) is not None


def test_the_phase_of_a_masklet_is_chosen_before_it_is_begun(team: Team, video: Video) -> None:
    masklet = factories.masklet(video, team.annotator)
    assert projects.set_masklet_phase(actor=team.owner, masklet_id=masklet.pk, phase=1).phase == 1
    factories.click(masklet, team.annotator)
    with pytest.raises(WrongState, match="begun in phase 1"):
        projects.set_masklet_phase(actor=team.owner, masklet_id=masklet.pk, phase=2)


def _revision(video: Video, team: Team) -> object:
    return factories.revision(factories.masklet(video, team.annotator), team.annotator)
