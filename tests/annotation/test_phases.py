import pytest

from annotation import phases
from annotation.models import Assignment
from annotation.phases import WrongPhase
from annotation.services import masklets, prompts
from engine.errors import InvalidPrompt, RunInProgress
from engine.models import Masklet, Prompt, Run, RunStatus, Video
from engine.services import projects
from tests import factories
from tests.factories import Team
from vos import rle

CLICK = {"kind": "click", "x": 10.0, "y": 20.0, "positive": True}
ABSENT = {"kind": "mask", "rle": rle.empty(height=factories.HEIGHT, width=factories.WIDTH)}


def held_in(phase: int, team: Team, video: Video) -> Assignment:
    projects.change_project(actor=team.owner, project=team.project, phase=phase)
    video.refresh_from_db()
    return masklets.select_object(actor=team.annotator, video_id=video.pk)


def add(held: Assignment, frame_idx: int = 0, **values: object) -> Prompt:
    given = {"actor": held.person, "masklet_id": held.masklet_id, "token": held.token, "frame_idx": frame_idx}
    prompt, _ = prompts.add(**given | (values or CLICK))  # type: ignore[arg-type]
    return prompt


def carry(held: Assignment) -> Run:
    return prompts.propagate(
        actor=held.person, masklet_id=held.masklet_id, token=held.token, direction="forward", from_frame=0
    )


def masked(held: Assignment, *, carried: list[Prompt]) -> None:
    """The prompts so far are answered, and some have been propagated."""
    held.masklet.refresh_from_db()
    factories.revision(held.masklet, held.person, carried_prompt_ids=[prompt.pk for prompt in carried])
    Run.objects.filter(masklet=held.masklet).update(status=RunStatus.SUCCEEDED)


def test_a_masklet_remembers_the_phase_that_it_was_chosen_in(team: Team, video: Video) -> None:
    held = held_in(2, team, video)
    projects.change_project(actor=team.owner, project=team.project, phase=1)
    assert Masklet.objects.get(pk=held.masklet_id).phase == 2


def test_a_batch_of_videos_may_have_a_phase_of_its_own(team: Team, video: Video) -> None:
    projects.set_batch_phase(actor=team.owner, project=team.project, videos=[video.pk], phase=1)
    assert held_in(3, team, video).masklet.phase == 1


def test_phase_1_propagates_nothing(team: Team, video: Video) -> None:
    held = held_in(1, team, video)
    add(held)
    with pytest.raises(WrongPhase, match="every frame gets its own mask"):
        carry(held)


def test_phase_1_is_submitted_when_every_frame_has_a_mask_or_is_marked_absent(
    team: Team, video: Video
) -> None:
    held = held_in(1, team, video)
    add(held)
    some = {idx: factories.disc_mask(idx) for idx in range(11)}
    factories.revision(held.masklet, held.person, some)
    Run.objects.update(status=RunStatus.SUCCEEDED)
    with pytest.raises(WrongPhase, match="One frame has neither yet, first frame 11"):
        masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token)
    factories.revision(held.masklet, held.person, some | {11: factories.disc_mask(11) & False})
    assert masklets.submit(actor=held.person, assignment_id=held.pk, token=held.token).phase == 1


def test_phase_2_begins_a_corrected_frame_from_scratch(team: Team, video: Video) -> None:
    held = held_in(2, team, video)
    first = add(held)
    assert first.fresh
    masked(held, carried=[first])
    with pytest.raises(WrongPhase, match="from scratch"):
        add(held, 5, **CLICK | {"positive": False})
    assert add(held, 5).fresh
    masked(held, carried=[first])
    assert not add(held, 5, **CLICK | {"positive": False}).fresh  # it refines what was begun here
    assert add(held, 0).fresh  # the first frame was carried since


def test_phase_2_carries_masks_once_they_are_there(team: Team, video: Video) -> None:
    held = held_in(2, team, video)
    add(held)
    with pytest.raises(RunInProgress):
        carry(held)
    masked(held, carried=[])
    assert carry(held).params["masks_only"] is True


def test_phase_3_refines_what_is_there_and_carries_prompts(team: Team, video: Video) -> None:
    held = held_in(3, team, video)
    masked(held, carried=[add(held)])
    assert not add(held, 5, **CLICK | {"positive": False}).fresh
    assert carry(held).params["masks_only"] is False


def test_an_object_is_marked_absent_with_an_empty_mask_but_not_begun_so(team: Team, video: Video) -> None:
    held = held_in(3, team, video)
    with pytest.raises(InvalidPrompt, match="Begin on a frame that shows the object"):
        add(held, 4, **ABSENT)
    add(held)
    assert add(held, 4, **ABSENT).rle == ABSENT["rle"]


def test_a_long_list_of_frames_is_told_by_its_number() -> None:
    with pytest.raises(WrongPhase, match="10 frames have neither yet, first frame 0"):
        phases.check_complete(1, masked=[], frame_count=10)
    with pytest.raises(phases.Unannotated, match="10 frames were never tracked, first frame 0"):
        phases.check_complete(3, masked=[], frame_count=10)
    phases.check_complete(3, masked=range(10), frame_count=10)
