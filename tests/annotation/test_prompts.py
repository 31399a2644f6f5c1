from functools import partial
from typing import Any

import numpy as np
import pytest

from annotation.models import Assignment
from annotation.services import masklets, prompts, queue
from engine.errors import InvalidInput, InvalidMask, InvalidPrompt, LeaseLost, RevisionChanged, RunInProgress
from engine.models import Prompt, Run, RunKind, Video
from engine.services import revisions
from tests import factories
from tests.factories import Team
from tests.http import at_once, granted
from vos import rle as masks

CLICK: dict[str, Any] = {"frame_idx": 0, "kind": "click", "x": 10.5, "y": 20.25, "positive": True}
BOX: dict[str, Any] = {"frame_idx": 0, "kind": "box", "box": [0, 0, 96, 64]}
MASK: dict[str, Any] = {"frame_idx": 0, "kind": "mask", "rle": masks.encode(factories.disc_mask(0))}
NAN, INFINITE = float("nan"), float("inf")


@pytest.fixture
def held(team: Team, video: Video) -> Assignment:
    return masklets.select_object(actor=team.annotator, video_id=video.pk)


def edit(assignment: Assignment) -> dict[str, Any]:
    return {"actor": assignment.person, "masklet_id": assignment.masklet_id, "token": assignment.token}


@pytest.mark.parametrize("prompt", [CLICK, BOX, MASK], ids=lambda prompt: str(prompt["kind"]))
def test_a_prompt_is_stored_as_it_was_given(held: Assignment, prompt: dict[str, Any]) -> None:
    stored, _ = prompts.add(**edit(held), **prompt)
    stored.refresh_from_db()
    assert {name: getattr(stored, name) for name in prompt} == prompt
    assert (stored.masklet_id, stored.actor) == (held.masklet_id, held.person)


def test_a_prompt_asks_for_its_frames_mask(held: Assignment) -> None:
    prompts.add(**edit(held), **CLICK)
    prompts.add(**edit(held), **CLICK | {"frame_idx": 3})
    _, run = prompts.add(**edit(held), **CLICK | {"positive": False})
    assert (run.kind, run.masklet_id, run.actor) == (RunKind.PREDICT, held.masklet_id, held.person)
    assert run.params == {"frame_idx": 0, "remembers": True}


def test_prompts_that_were_undone_are_not_asked_for(held: Assignment) -> None:
    kept, run = prompts.add(**edit(held), **CLICK)
    factories.revision(held.masklet, held.person)
    undone, second = prompts.add(**edit(held), **CLICK | {"x": 1})
    factories.revision(held.masklet, held.person)
    Run.objects.filter(pk__in=[run.pk, second.pk]).update(status="succeeded")
    masklets.restore(**edit(held), expected=2, number=1)
    third, _ = prompts.add(**edit(held), **CLICK | {"x": 2})
    held.masklet.refresh_from_db()
    assert list(revisions.prompts_in_force(held.masklet)) == [kept, third]
    assert Prompt.objects.filter(pk=undone.pk).exists()


BAD_PROMPTS = [
    CLICK | {"frame_idx": -1},
    CLICK | {"frame_idx": 12},
    CLICK | {"frame_idx": 10**30},
    CLICK | {"x": -0.1},
    CLICK | {"x": 96},
    CLICK | {"y": 64},
    CLICK | {"x": NAN},
    CLICK | {"y": INFINITE},
    CLICK | {"x": None},
    CLICK | {"positive": None},
    CLICK | {"box": [0, 0, 9, 9]},
    BOX | {"box": [5, 5, 5, 9]},
    BOX | {"box": [9, 9, 5, 5]},
    BOX | {"box": [5, 5, 5.5, 9]},
    BOX | {"box": [-1, 0, 9, 9]},
    BOX | {"box": [0, 0, 97, 9]},
    BOX | {"box": [0, 0, 9, 64.5]},
    BOX | {"box": [0, 0, 9]},
    BOX | {"box": [0, 0, 9, NAN]},
    BOX | {"box": [0, 0, INFINITE, 9]},
    BOX | {"x": 1.0},
    MASK | {"positive": True},
    MASK | {"rle": None},
    MASK | {"rle": masks.empty(height=64, width=96)},
]


@pytest.mark.parametrize("prompt", BAD_PROMPTS, ids=str)
def test_a_prompt_that_does_not_fit_is_refused_and_leaves_nothing(
    held: Assignment, prompt: dict[str, Any]
) -> None:
    with pytest.raises(InvalidPrompt):
        prompts.add(**edit(held), **prompt)
    assert not Prompt.objects.exists()
    assert not Run.objects.exists()


BAD_MASKS = [
    masks.encode(np.ones((96, 64), bool)),
    {"size": [64, 96], "counts": "1"},
    {"size": [64, 96], "counts": "é"},
    {"size": [64, 96], "counts": "o" * 100},
    {"size": [10**9, 10**9], "counts": "1"},
    {"size": [64, 96]},
    "a mask",
]


@pytest.mark.parametrize("rle", BAD_MASKS, ids=str)
def test_a_mask_that_does_not_fit_the_frame_is_refused(held: Assignment, rle: Any) -> None:
    with pytest.raises(InvalidMask):
        prompts.add(**edit(held), **MASK | {"rle": rle})


def test_the_first_prompt_says_what_the_object_is(held: Assignment) -> None:
    with pytest.raises(InvalidPrompt, match="Begin with a click on the object"):
        prompts.add(**edit(held), **CLICK | {"positive": False})


def test_a_prompt_made_on_masks_that_changed_is_refused(held: Assignment) -> None:
    factories.revision(held.masklet, held.person)
    with pytest.raises(RevisionChanged):
        prompts.add(**edit(held), **CLICK, expected=0)
    prompts.add(**edit(held), **CLICK, expected=1)


def test_nothing_is_prompted_during_a_propagation_but_during_a_prediction(held: Assignment) -> None:
    prompts.add(**edit(held), **CLICK)
    prompts.add(**edit(held), **CLICK)
    prompts.propagate(**edit(held), direction="both", from_frame=0)
    with pytest.raises(RunInProgress):
        prompts.add(**edit(held), **CLICK)


@pytest.mark.parametrize("token", ["", "guessed", "é"])
def test_a_prompt_without_the_leases_token_is_refused(held: Assignment, token: str) -> None:
    with pytest.raises(LeaseLost):
        prompts.add(**edit(held) | {"token": token}, **CLICK)


def test_another_persons_token_is_worth_nothing(team: Team, held: Assignment) -> None:
    with pytest.raises(LeaseLost):
        prompts.add(**edit(held) | {"actor": team.second_annotator}, **CLICK)


def test_after_the_work_is_done_nothing_can_be_edited(held: Assignment) -> None:
    masklets.hand_back(actor=held.person, assignment_id=held.pk, token=held.token)
    with pytest.raises(LeaseLost):
        prompts.add(**edit(held), **CLICK)
    queue.claim(actor=held.person, masklet_id=held.masklet_id)
    with pytest.raises(LeaseLost):
        prompts.add(**edit(held), **CLICK)


@pytest.mark.parametrize("direction", prompts.DIRECTIONS)
def test_a_propagation_carries_all_prompts_in_force(held: Assignment, direction: str) -> None:
    made = [prompts.add(**edit(held), **CLICK | {"frame_idx": idx})[0].pk for idx in (4, 0)]
    run = prompts.propagate(**edit(held), direction=direction, from_frame=4)
    assert (run.kind, run.masklet_id) == (RunKind.PROPAGATE, held.masklet_id)
    asked = {"direction": direction, "from_frame": 4, "prompt_ids": made, "whole": False}
    assert run.params == {**asked, "masks_only": False}


def test_a_propagation_needs_a_prompt_a_frame_and_a_direction(held: Assignment) -> None:
    with pytest.raises(InvalidInput, match="nothing to propagate"):
        prompts.propagate(**edit(held), direction="forward", from_frame=0)
    prompts.add(**edit(held), **CLICK)
    for wrong in ({"from_frame": 12}, {"from_frame": -1}, {"direction": "sideways"}):
        with pytest.raises(InvalidInput):
            prompts.propagate(**edit(held), **{"direction": "forward", "from_frame": 0} | wrong)
    assert not Run.objects.filter(kind=RunKind.PROPAGATE).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_propagations_asked_for_at_once_one_lives(team: Team, video: Video) -> None:
    held = masklets.select_object(actor=team.annotator, video_id=video.pk)
    prompts.add(**edit(held), **CLICK)
    ask = partial(prompts.propagate, **edit(held), direction="both", from_frame=0)
    results = at_once(ask, ask)
    assert len(granted(results)) == 1
    assert Run.objects.live().filter(kind=RunKind.PROPAGATE).count() == 1  # type: ignore[attr-defined]
