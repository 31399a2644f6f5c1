from functools import partial
from typing import Any

import numpy as np
import pytest

from annotation import phases
from annotation.models import Assignment
from annotation.services import masklets, queue
from engine.errors import (
    InvalidInput,
    LeaseLost,
    NotAllowed,
    NotFound,
    RevisionChanged,
    RunInProgress,
    WrongState,
)
from engine.models import Masklet, MaskletStatus, RunStatus, Transition, Video, VideoStatus
from engine.services import revisions
from tests import factories
from tests.factories import Team
from tests.http import at_once


@pytest.fixture
def held(team: Team, video: Video) -> Assignment:
    return masklets.select_object(actor=team.annotator, video_id=video.pk)


def act(assignment: Assignment) -> dict[str, Any]:
    return {"actor": assignment.person, "assignment_id": assignment.pk, "token": assignment.token}


def edit(assignment: Assignment) -> dict[str, Any]:
    return {"actor": assignment.person, "masklet_id": assignment.masklet_id, "token": assignment.token}


def last_step(masklet: Masklet) -> Transition:
    return Transition.objects.filter(subject_type="masklet", subject_id=masklet.pk).latest("id")


def test_a_new_object_is_held_by_who_chose_it(team: Team, video: Video) -> None:
    assignment = masklets.select_object(actor=team.annotator, video_id=video.pk, label="dog")
    masklet = assignment.masklet
    assert (masklet.status, masklet.label, masklet.created_by) == ("annotating", "dog", team.annotator)
    assert (assignment.person, assignment.previous_status) == (team.annotator, MaskletStatus.SELECTED)
    assert last_step(masklet).from_status == MaskletStatus.SELECTED


def test_objects_are_numbered_in_their_video(team: Team, video: Video) -> None:
    other = factories.ready_video(team.project, team.owner, stored=False)
    numbers = [
        masklets.select_object(actor=team.annotator, video_id=pk).masklet.object_id
        for pk in (video.pk, video.pk, other.pk, video.pk)
    ]
    assert numbers == [1, 2, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_objects_chosen_at_once_get_different_numbers(team: Team, video: Video) -> None:
    choose = partial(masklets.select_object, video_id=video.pk)
    people = [team.annotator, team.second_annotator] * 2
    chosen = at_once(*(partial(choose, actor=person) for person in people))
    assert sorted(assignment.masklet.object_id for assignment in chosen) == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [VideoStatus.UPLOADING, VideoStatus.EXTRACTING])
def test_a_video_that_is_not_ready_has_no_objects(team: Team, status: VideoStatus) -> None:
    video = factories.video(team.project, team.owner, status=status)
    with pytest.raises(WrongState):
        masklets.select_object(actor=team.annotator, video_id=video.pk)
    assert not Masklet.objects.exists()


def test_only_annotators_choose_objects(team: Team, video: Video) -> None:
    with pytest.raises(NotAllowed):
        masklets.select_object(actor=team.reviewer, video_id=video.pk)
    with pytest.raises(NotFound):
        masklets.select_object(actor=team.stranger, video_id=video.pk)


def test_submitting_passes_the_masklet_on_and_ends_the_lease(held: Assignment) -> None:
    factories.revision(held.masklet, held.person)
    masklet = masklets.submit(**act(held))
    held.refresh_from_db()
    assert masklet.status == MaskletStatus.IN_VERIFICATION
    assert held.outcome == Assignment.Outcome.SUBMITTED
    with pytest.raises(LeaseLost):
        masklets.submit(**act(held))


@pytest.mark.parametrize("area", ["nothing computed", "absent on every frame"])
def test_a_masklet_without_a_mask_cannot_be_submitted(held: Assignment, area: str) -> None:
    if area == "absent on every frame":
        nothing = np.zeros((64, 96), bool)
        factories.revision(held.masklet, held.person, dict.fromkeys(range(12), nothing))
    with pytest.raises(InvalidInput, match="no mask yet"):
        masklets.submit(**act(held))
    queue.heartbeat(**act(held))


def test_frames_that_were_never_tracked_are_not_passed_on_as_absent(held: Assignment) -> None:
    """One click and Enter is no masklet."""
    factories.revision(held.masklet, held.person, {0: factories.disc_mask(0)})
    with pytest.raises(phases.Unannotated, match="11 frames were never tracked, first frame 1") as refused:
        masklets.submit(**act(held))
    assert refused.value.details["frames"] == list(range(1, 12))
    queue.heartbeat(**act(held))
    absent = {j: np.zeros((64, 96), bool) for j in range(1, 12)}
    factories.revision(held.masklet, held.person, {0: factories.disc_mask(0), **absent})
    assert masklets.submit(**act(held)).status == MaskletStatus.IN_VERIFICATION


def test_who_holds_a_masklet_stops_what_another_began_on_it(team: Team, held: Assignment) -> None:
    run = factories.propagate_run(held.masklet, team.second_annotator)
    masklets.hand_back(**act(held))
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


@pytest.mark.parametrize("ask", [factories.propagate_run, factories.predict_run])
def test_nothing_is_submitted_while_a_mask_is_on_its_way(held: Assignment, ask: Any) -> None:
    factories.revision(held.masklet, held.person)
    ask(held.masklet, held.person)
    with pytest.raises(RunInProgress):
        masklets.submit(**act(held))


@pytest.mark.parametrize("previous_status", [MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT])
def test_a_hand_back_returns_the_masklet_to_where_it_was(
    team: Team, video: Video, previous_status: MaskletStatus
) -> None:
    masklet = factories.masklet(video, team.owner, status=previous_status)
    assignment = queue.claim(actor=team.annotator, masklet_id=masklet.pk)
    assert masklets.hand_back(**act(assignment)).status == previous_status
    queue.claim(actor=team.second_annotator, masklet_id=masklet.pk)


def test_a_discard_is_a_proposal_with_its_reason(held: Assignment) -> None:
    masklet = masklets.discard(**act(held), reason="It is a reflection.")
    assert (masklet.status, masklet.discard_proposed) == (MaskletStatus.IN_VERIFICATION, True)
    assert masklet.revision is not None, "what was never masked has no masks, and a reviewer sees that"
    assert last_step(masklet).reason == "It is a reflection."
    with pytest.raises(WrongState):
        queue.claim(actor=held.person, masklet_id=masklet.pk)


def test_anothers_assignment_does_not_exist(team: Team, held: Assignment) -> None:
    theirs = act(held) | {"actor": team.second_annotator}
    for step in (masklets.submit, masklets.hand_back, masklets.discard, queue.heartbeat):
        with pytest.raises(NotFound):
            step(**theirs)


def test_a_restore_brings_back_masks_and_prompts(held: Assignment) -> None:
    masklet = held.masklet
    kept = factories.click(masklet, held.person)
    first = factories.revision(masklet, held.person, {0: factories.disc_mask(0)})
    factories.click(masklet, held.person, x=80, y=5)
    factories.revision(masklet, held.person)
    restored = masklets.restore(**edit(held), expected=2, number=1)
    assert restored.revision is not None
    assert (restored.revision.number, restored.revision.sha256) == (3, first.sha256)
    assert list(revisions.prompts_in_force(restored)) == [kept]


def test_the_first_click_can_be_undone_and_redone(held: Assignment) -> None:
    factories.click(held.masklet, held.person)
    first = factories.revision(held.masklet, held.person)
    undone = masklets.restore(**edit(held), expected=1, number=0)
    assert undone.revision is not None
    assert revisions.load(undone.revision, video=undone.video)["frames"] == {}
    assert revisions.prompts_in_force(undone) == []
    redone = masklets.restore(**edit(held), expected=2, number=1)
    assert redone.revision is not None
    assert redone.revision.sha256 == first.sha256
    assert len(revisions.prompts_in_force(redone)) == 1


def test_handing_back_stops_the_machine(held: Assignment, team: Team) -> None:
    factories.click(held.masklet, held.person)
    run = factories.propagate_run(held.masklet, team.annotator)
    masklets.hand_back(**act(held))
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_a_restore_of_what_changed_meanwhile_is_refused(held: Assignment) -> None:
    for _ in range(2):
        factories.revision(held.masklet, held.person)
    with pytest.raises(RevisionChanged) as refused:
        masklets.restore(**edit(held), expected=1, number=1)
    assert refused.value.details == {"current": 2}


def test_a_revision_that_never_was_cannot_be_restored(held: Assignment) -> None:
    factories.revision(held.masklet, held.person)
    for number in (7, -1, 10**30):
        with pytest.raises(InvalidInput, match="no revision"):
            masklets.restore(**edit(held), expected=1, number=number)


@pytest.mark.parametrize("ask", [factories.propagate_run, factories.predict_run])
def test_nothing_is_restored_while_a_mask_is_on_its_way(held: Assignment, ask: Any) -> None:
    factories.revision(held.masklet, held.person)
    ask(held.masklet, held.person)
    with pytest.raises(RunInProgress):
        masklets.restore(**edit(held), expected=1, number=1)


@pytest.mark.django_db(transaction=True)
def test_of_a_submit_and_a_discard_at_once_one_wins(team: Team, video: Video) -> None:
    assignment = masklets.select_object(actor=team.annotator, video_id=video.pk)
    factories.revision(assignment.masklet, team.annotator)
    results = at_once(
        partial(masklets.submit, **act(assignment)), partial(masklets.discard, **act(assignment))
    )
    assert sorted(isinstance(result, LeaseLost) for result in results) == [False, True]
    steps = Transition.objects.filter(subject_id=assignment.masklet_id, from_status=MaskletStatus.ANNOTATING)
    assert steps.count() == 1
