from typing import Any

import pytest

from annotation.models import Assignment
from annotation.services import masklets
from engine.models import Masklet, Prompt, Run, Video
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from vos import rle

CLICK: dict[str, Any] = {"frame_idx": 0, "kind": "click", "x": 10, "y": 20, "positive": True}


@pytest.fixture
def annotator(team: Team) -> Caller:
    return Caller(team.annotator)


@pytest.fixture
def held(team: Team, video: Video) -> Assignment:
    return masklets.select_object(actor=team.annotator, video_id=video.pk)


def routes(team: Team, held: Assignment) -> dict[str, Any]:
    """Every route that writes, with a body that a holder could send."""
    masklet, assignment = f"masklets/{held.masklet_id}", f"assignments/{held.pk}"
    return {
        f"videos/{held.masklet.video_id}/masklets/": {},
        f"projects/{team.project.pk}/queue/annotation/next/": {},
        f"{masklet}/claim/": {},
        f"{masklet}/prompts/": CLICK,
        f"{masklet}/propagate/": {"direction": "both", "from_frame": 0},
        f"{masklet}/restore/": {"revision": 1},
        f"{assignment}/heartbeat/": {},
        f"{assignment}/submit/": {},
        f"{assignment}/hand-back/": {},
        f"{assignment}/discard/": {},
    }


def test_what_never_existed_answers_as_what_is_not_yours(annotator: Caller) -> None:
    for number in (0, 10**6, 10**30):
        assert refusal(annotator.post(f"masklets/{number}/claim/")) == (404, "not_found")
        assert refusal(annotator.post(f"assignments/{number}/submit/")) == (404, "not_found")
        assert refusal(annotator.post(f"videos/{number}/masklets/")) == (404, "not_found")
        assert refusal(annotator.post(f"projects/{number}/queue/annotation/next/")) == (404, "not_found")


def test_a_reviewer_may_not_annotate_but_look(team: Team, held: Assignment) -> None:
    reviewer = Caller(team.reviewer)
    for path, body in routes(team, held).items():
        response = reviewer.post(path, body, lease_token=held.token, if_match="0")
        # Another person's assignment does not exist at all.
        assert refusal(response) in {(403, "not_allowed"), (404, "not_found")}, path
    assert reviewer.get(f"masklets/{held.masklet_id}/prompts/").json() == {"prompts": []}


def test_a_whole_session_from_choosing_to_submitting(annotator: Caller, video: Video) -> None:
    made = annotator.post(f"videos/{video.pk}/masklets/", {"label": "dog"})
    assert made.status_code == 201
    masklet, assignment = made.json()["masklet"], made.json()["assignment"]
    assert (masklet["status"], masklet["label"], masklet["revision"]) == ("annotating", "dog", 0)
    assert set(assignment) == {"id", "masklet", "job", "token", "lease_until", "lease_seconds"}
    mine = {"lease_token": assignment["token"]}

    clicked = annotator.post(f"masklets/{masklet['id']}/prompts/", CLICK, if_match='"0"', **mine)
    assert clicked.status_code == 201
    assert clicked.json()["run"]["status"] == "queued"
    listed = annotator.get(f"masklets/{masklet['id']}/prompts/").json()["prompts"]
    assert listed == [clicked.json()["prompt"]]

    whole = {"direction": "both", "from_frame": 0}
    propagated = annotator.post(f"masklets/{masklet['id']}/propagate/", whole, **mine)
    assert (propagated.status_code, propagated.json()["run"]["kind"]) == (202, "propagate")
    again = annotator.post(f"masklets/{masklet['id']}/propagate/", whole, **mine)
    assert refusal(again) == (409, "run_in_progress")
    blocked = annotator.post(f"assignments/{assignment['id']}/submit/", **mine)
    assert refusal(blocked) == (409, "run_in_progress")

    Run.objects.all().update(status="succeeded")
    row = Masklet.objects.get(pk=masklet["id"])
    factories.revision(row, row.created_by)
    beat = annotator.post(f"assignments/{assignment['id']}/heartbeat/", **mine)
    assert beat.json()["lease_until"] >= assignment["lease_until"]
    submitted = annotator.post(f"assignments/{assignment['id']}/submit/", **mine)
    assert (submitted.status_code, submitted.json()["status"]) == (200, "in_verification")
    late = annotator.post(f"masklets/{masklet['id']}/prompts/", CLICK, **mine)
    assert refusal(late) == (409, "lease_lost")


def test_two_tabs_and_two_people(annotator: Caller, team: Team, held: Assignment) -> None:
    claim = f"masklets/{held.masklet_id}/claim/"
    assert refusal(annotator.post(claim)) == (409, "open_in_another_tab")
    other = Caller(team.second_annotator).post(claim, {"takeover": True})
    assert refusal(other) == (409, "held_by_other")
    assert other.json()["details"]["person"] == team.annotator.username
    taken = annotator.post(claim, {"takeover": True})
    assert taken.json()["assignment"]["token"] != held.token
    for step in ("heartbeat", "submit", "hand-back", "discard"):
        lost = annotator.post(f"assignments/{held.pk}/{step}/", lease_token=held.token)
        assert refusal(lost) == (409, "lease_lost")
    assert refusal(annotator.post(f"assignments/{held.pk}/submit/")) == (409, "lease_lost")


def test_the_queue_gives_a_claim_or_no_content(annotator: Caller, team: Team, video: Video) -> None:
    following = f"projects/{team.project.pk}/queue/annotation/next/"
    assert annotator.post(following).status_code == 204
    masklet = factories.masklet(video, team.owner)
    given = annotator.post(following).json()
    assert given["masklet"]["id"] == given["assignment"]["masklet"] == masklet.pk


def test_a_choice_that_is_sent_again_is_answered_again(annotator: Caller, video: Video) -> None:
    path = f"videos/{video.pk}/masklets/"
    first = annotator.post(path, idempotency_key="choose-1")
    second = annotator.post(path, idempotency_key="choose-1")
    assert first.json() == second.json()
    assert second["Idempotent-Replay"] == "true"
    assert Masklet.objects.count() == 1
    other = annotator.post(path, {"label": "cat"}, idempotency_key="choose-1")
    assert refusal(other) == (422, "idempotency_key_reused")


def test_a_click_that_is_sent_again_is_stored_once_even_after_the_lease_ended(
    annotator: Caller, held: Assignment
) -> None:
    path, headers = (
        f"masklets/{held.masklet_id}/prompts/",
        {"lease_token": held.token, "idempotency_key": "c1"},
    )
    first = annotator.post(path, CLICK, **headers)
    annotator.post(f"assignments/{held.pk}/hand-back/", lease_token=held.token)
    assert annotator.post(path, CLICK, **headers).json() == first.json()
    assert (Prompt.objects.count(), Run.objects.count()) == (1, 1)


def test_a_refused_click_may_be_sent_again_with_its_key(annotator: Caller, held: Assignment) -> None:
    path = f"masklets/{held.masklet_id}/prompts/"
    refused = annotator.post(path, CLICK, lease_token="old", idempotency_key="c1")
    assert refusal(refused) == (409, "lease_lost")
    again = annotator.post(path, CLICK, lease_token=held.token, idempotency_key="c1")
    assert again.status_code == 201


BAD_BODIES: list[tuple[Any, str]] = [
    ({}, "invalid"),
    ([], "invalid"),
    ("click", "invalid"),
    (CLICK | {"frame_idx": "first"}, "invalid"),
    (CLICK | {"frame_idx": 1.5}, "invalid"),
    (CLICK | {"frame_idx": 10**30}, "invalid_prompt"),
    (CLICK | {"kind": "lasso"}, "invalid"),
    (CLICK | {"x": "nan"}, "invalid"),
    (CLICK | {"x": 10**400}, "invalid"),
    (CLICK | {"x": [1]}, "invalid"),
    (CLICK | {"x": 96}, "invalid_prompt"),
    (CLICK | {"positive": "maybe"}, "invalid"),
    (CLICK | {"positive": False}, "invalid_prompt"),
    (CLICK | {"colour": "red"}, "invalid"),
    ({"frame_idx": 0, "kind": "box", "box": "all"}, "invalid"),
    ({"frame_idx": 0, "kind": "box", "box": [0, 0, 9]}, "invalid_prompt"),
    ({"frame_idx": 0, "kind": "box", "box": [0, 0, 9, 9], "x": 1}, "invalid_prompt"),
    ({"frame_idx": 0, "kind": "mask", "rle": "PPP"}, "invalid"),
    ({"frame_idx": 0, "kind": "mask", "rle": {"size": [64, 96]}}, "invalid"),
    ({"frame_idx": 0, "kind": "mask", "rle": {"size": [64, 96], "counts": "1"}}, "invalid_mask"),
    ({"frame_idx": 0, "kind": "mask", "rle": {"size": [9, 9], "counts": "a1"}}, "invalid_mask"),
    ({"frame_idx": 0, "kind": "mask", "rle": rle.empty(height=64, width=96)}, "invalid_prompt"),
]


@pytest.mark.parametrize(("body", "code"), BAD_BODIES, ids=lambda value: str(value)[:60])
def test_a_prompt_that_makes_no_sense_gets_a_400(
    annotator: Caller, held: Assignment, body: Any, code: str
) -> None:
    response = annotator.post(f"masklets/{held.masklet_id}/prompts/", body, lease_token=held.token)
    assert refusal(response) == (400, code)
    assert not Prompt.objects.exists()


@pytest.mark.parametrize("value", ["three", "-1", "1.0", '""', "*", '"1", "2"', "9" * 30, "٣"])
def test_an_if_match_that_is_no_revision_gets_a_400(annotator: Caller, held: Assignment, value: str) -> None:
    path = f"masklets/{held.masklet_id}/prompts/"
    response = annotator.post(path, CLICK, lease_token=held.token, if_match=value)
    assert refusal(response) == (400, "invalid")


def test_a_restore_says_which_masks_it_looked_at(annotator: Caller, held: Assignment) -> None:
    factories.revision(held.masklet, held.person)
    path, mine = f"masklets/{held.masklet_id}/restore/", {"lease_token": held.token}
    assert refusal(annotator.post(path, {"revision": 1}, **mine)) == (400, "invalid")
    stale = annotator.post(path, {"revision": 1}, if_match='"0"', **mine)
    assert refusal(stale) == (412, "revision_changed")
    unknown = annotator.post(path, {"revision": 10**30}, if_match='"1"', **mine)
    assert refusal(unknown) == (400, "invalid")
    restored = annotator.post(path, {"revision": 1}, if_match='"1"', **mine)
    assert restored.json()["masklet"]["revision"] == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("videos/{video}/masklets/", {"label": "x" * 121}),
        ("videos/{video}/masklets/", {"label": "a\0b"}),
        ("videos/{video}/masklets/", {"colour": "red"}),
        ("masklets/{masklet}/claim/", {"takeover": "perhaps"}),
        ("masklets/{masklet}/propagate/", {"direction": "up", "from_frame": 0}),
        ("masklets/{masklet}/propagate/", {"direction": "both"}),
        ("assignments/{assignment}/discard/", {"reason": "x" * 2001}),
    ],
)
def test_other_bodies_that_make_no_sense_get_a_400(
    annotator: Caller, held: Assignment, path: str, body: Any
) -> None:
    numbers = {"video": held.masklet.video_id, "masklet": held.masklet_id, "assignment": held.pk}
    response = annotator.post(path.format(**numbers), body, lease_token=held.token)
    assert refusal(response) == (400, "invalid")


def test_a_body_without_end_is_refused(annotator: Caller, video: Video) -> None:
    response = annotator.post(f"videos/{video.pk}/masklets/", {"label": "x" * 9_000_000})
    assert refusal(response) == (413, "too_large")
