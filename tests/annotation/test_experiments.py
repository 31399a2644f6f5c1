import numpy as np
import pytest

from annotation import metrics
from annotation.metrics import Filters
from annotation.models import Assignment, Experiment, Trial
from annotation.services import effort, experiments, masklets, queue
from engine import lifecycle
from engine.errors import InvalidInput, NotAllowed
from engine.models import Masklet, MaskletStatus, Membership, Role, Video
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import Caller


@pytest.fixture
def objects(team: Team, video: Video) -> list[Masklet]:
    return [factories.accepted_masklet(video, team) for _ in range(4)]


def start(team: Team, objects: list[Masklet], **groups: object) -> Experiment:
    return experiments.create(
        actor=team.owner,
        project=team.project,
        name="first",
        masklets=[masklet.pk for masklet in objects],
        **groups,  # type: ignore[arg-type]
    )


def kept(phase: int) -> list[Masklet]:
    return [trial.masklet for trial in Trial.objects.filter(phase=phase).select_related("masklet")]


def test_every_object_is_tried_in_every_phase_by_different_people(team: Team, objects: list[Masklet]) -> None:
    start(team, objects)
    people = {phase: {masklet.assigned_to for masklet in kept(phase)} for phase in (1, 2, 3)}
    assert all(len(kept(phase)) == 4 for phase in people)
    assert all(masklet.phase == phase and masklet.trial for phase in people for masklet in kept(phase))
    everybody = [person for group in people.values() for person in group]
    assert len(everybody) == len(set(everybody)) == 3


def test_the_work_is_shared_evenly_within_a_group(team: Team, objects: list[Masklet]) -> None:
    more = [factories.user("more") for _ in range(4)]
    for person in more:
        projects.add_member(
            actor=team.owner, project=team.project, username=person.username, role=Role.ANNOTATOR
        )
    start(team, objects)
    for phase in (1, 2, 3):
        shares = [
            sum(m.assigned_to == person for m in kept(phase))
            for person in {m.assigned_to for m in kept(phase)}
        ]
        assert max(shares) - min(shares) <= 1
        assert len(shares) > 1


def test_people_go_where_they_are_trained(team: Team, objects: list[Masklet]) -> None:
    only = Membership.objects.get(project=team.project, user=team.second_annotator, role=Role.ANNOTATOR)
    projects.change_member(actor=team.owner, project=team.project, membership_id=only.pk, phases=[2])
    start(team, objects)
    assert {masklet.assigned_to for masklet in kept(2)} == {team.second_annotator}


def test_groups_chosen_by_hand_are_taken_and_checked(team: Team, objects: list[Masklet]) -> None:
    a, b, c = team.owner.username, team.annotator.username, team.second_annotator.username
    for groups, why in [
        ({1: [a], 2: [a], 3: [b]}, "two groups"),
        ({1: [a], 2: [b], 3: []}, "Phase 3 has nobody"),
        ({1: [a], 2: [b], 3: [team.reviewer.username]}, "no annotator"),
    ]:
        with pytest.raises(InvalidInput, match=why):
            start(team, objects, groups=groups)
    assert not Experiment.objects.exists()
    start(team, objects, groups={1: [c], 2: [a], 3: [b]})
    assert {masklet.assigned_to for masklet in kept(1)} == {team.second_annotator}


def test_an_experiment_needs_objects_that_can_be_pointed_out(team: Team, video: Video) -> None:
    nothing = {0: factories.disc_mask(0) & False}
    for objects, why in [
        ([], "at least one"),
        ([factories.masklet(video, team.annotator)], "no mask yet"),
        ([factories.accepted_masklet(video, team, nothing)], "absent on every frame"),
    ]:
        with pytest.raises(InvalidInput, match=why):
            start(team, objects)
    assert not Experiment.objects.exists()
    assert not Masklet.objects.filter(trial=True).exists()


def test_only_owners_experiment_and_a_name_is_used_once(team: Team, objects: list[Masklet]) -> None:
    with pytest.raises(NotAllowed):
        experiments.create(actor=team.annotator, project=team.project, name="x", masklets=[objects[0].pk])
    start(team, objects)
    with pytest.raises(InvalidInput, match="called first already"):
        start(team, objects)


def test_which_object_is_meant_is_shown_on_a_frame_that_a_person_prompted(
    team: Team, objects: list[Masklet]
) -> None:
    start(team, objects)
    trial = kept(1)[0]
    found = Caller(team.annotator).get(f"masklets/{trial.pk}/target/").json()
    frame = factories.mask_frame(factories.disc_mask(0))
    assert found == {"frame_idx": 0, "size": [64, 96], "counts": frame["counts"]}
    assert Caller(team.annotator).get(f"masklets/{objects[0].pk}/target/").status_code == 204


def test_trials_are_never_released(team: Team, objects: list[Masklet]) -> None:
    start(team, objects)
    trial = kept(3)[0]
    factories.revision(trial, team.annotator)
    for status in (MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED):
        lifecycle.change(trial, status, actor=team.annotator)
    release = factories.frozen_release(team)
    assert set(release.items.values_list("masklet", flat=True)) == {m.pk for m in objects}  # type: ignore[attr-defined]


def test_table_1_of_an_experiment_says_how_masks_agree_with_those_of_phase_1(
    team: Team, objects: list[Masklet]
) -> None:
    experiment = start(team, objects[:1])
    disc = {idx: factories.disc_mask(idx) for idx in range(12)}
    drifts = disc | {idx: np.roll(disc[idx], 20, axis=1) for idx in range(9, 12)}
    for phase, frames in ((1, disc), (2, drifts), (3, disc)):
        _annotate(kept(phase)[0], frames)
    table = metrics.table(
        actor=team.owner, project=team.project, by="phase", filters=Filters(experiment=experiment.pk)
    )
    shares = {row["key"]: row["alignment"] for row in table["rows"]}
    assert shares["1"] is None
    assert shares["2"] == {"all": 0.75, "small": 0.75, "medium": None, "large": None, "masks": 12}
    assert shares["3"]["all"] == 1.0
    told = Caller(team.owner).get(f"experiments/{experiment.pk}/").json()
    assert [arm["submitted"] for arm in told["arms"]] == [1, 1, 1]
    assert told["arms"][1]["row"]["alignment"]["all"] == 0.75
    assert told["objects"] == 1


def test_an_experiment_is_made_and_listed_by_its_owner(team: Team, objects: list[Masklet]) -> None:
    owner, path = Caller(team.owner), f"projects/{team.project.pk}/experiments/"
    body = {"name": "spring", "masklets": [objects[0].pk]}
    made = owner.post(path, body, idempotency_key="e")
    assert made.status_code == 201, made.json()
    assert owner.post(path, body, idempotency_key="e").json() == made.json()
    assert [one["name"] for one in owner.get(path).json()["results"]] == ["spring"]
    assert Caller(team.annotator).get(path).status_code == 403
    wrong = owner.post(path, {"name": "x", "masklets": [objects[0].pk], "groups": {"4": ["a"]}})
    assert wrong.status_code == 400


def _annotate(masklet: Masklet, frames: dict[int, np.ndarray]) -> None:
    person = masklet.assigned_to
    assert person is not None
    held = queue.claim(actor=person, masklet_id=masklet.pk)
    entry = {"sequence": 1, "frame_idx": 0, "active_ms": 5, "wait_ms": 0, "strokes": 0, "tool": "point"}
    effort.tell(actor=person, assignment_id=held.pk, token=held.token, entries=[entry])  # type: ignore[list-item]
    factories.revision(masklet, person, frames)
    masklets.submit(actor=person, assignment_id=held.pk, token=held.token)
    assert Assignment.objects.get(pk=held.pk).outcome == "submitted"
