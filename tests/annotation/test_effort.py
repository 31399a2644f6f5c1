from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F

from annotation.models import Assignment, Interaction
from annotation.services import effort, masklets, prompts, queue
from engine.errors import InvalidInput, LeaseLost, NotFound
from engine.models import Checkpoint, Video
from tests import factories
from tests.factories import Team
from tests.http import Caller, at_once, refusal

CLICK: dict[str, Any] = {"frame_idx": 0, "kind": "click", "x": 10, "y": 20, "positive": True}


@pytest.fixture
def held(team: Team, video: Video) -> Assignment:
    """An assignment that was claimed a minute ago."""
    assignment = masklets.select_object(actor=team.annotator, video_id=video.pk)
    Assignment.objects.filter(pk=assignment.pk).update(started_at=F("started_at") - timedelta(seconds=60))
    return assignment


def entry(sequence: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "frame_idx": 0,
        "active_ms": 1000,
        "wait_ms": 0,
        "strokes": 0,
        "tool": "point",
    } | values


def tell(held: Assignment, *entries: dict[str, Any]) -> effort.Told:
    return effort.tell(
        actor=held.person,
        assignment_id=held.pk,
        token=held.token,
        entries=entries,  # type: ignore[arg-type]
    )


def told_ms(held: Assignment) -> int:
    return sum(row.active_ms + row.wait_ms for row in Interaction.objects.filter(assignment=held))


def test_every_prompt_is_noted_with_what_was_so_at_that_moment(team: Team, held: Assignment) -> None:
    prompt, _ = prompts.add(
        actor=held.person, masklet_id=held.masklet_id, token=held.token, **CLICK | {"frame_idx": 4}
    )
    row = Interaction.objects.get()
    assert (row.kind, row.frame_idx, row.prompt, row.person, row.phase) == (
        "click", 4, prompt, team.annotator, 3,
    )  # fmt: skip
    assert row.checkpoint == Checkpoint.objects.get(project=team.project)


def test_a_prompt_that_is_sent_twice_is_noted_once(team: Team, held: Assignment) -> None:
    annotator = Caller(team.annotator)
    path = f"masklets/{held.masklet_id}/prompts/"
    for _ in range(2):
        answer = annotator.post(path, CLICK, lease_token=held.token, idempotency_key="k")
        assert answer.status_code == 201
    assert Interaction.objects.count() == 1


def test_time_is_taken_once_however_often_it_is_told(held: Assignment) -> None:
    assert tell(held, entry(1), entry(2, wait_ms=500)) == effort.Told(taken=2, known=0, bounded_ms=0)
    assert tell(held, entry(2, wait_ms=500), entry(3)) == effort.Told(taken=1, known=1, bounded_ms=0)
    assert told_ms(held) == 3500


def test_no_more_time_is_taken_than_has_passed(held: Assignment) -> None:
    told = tell(held, entry(1, active_ms=50_000), entry(2, active_ms=20_000, wait_ms=20_000), entry(3))
    assert told.taken == 3
    assert told.bounded_ms == pytest.approx(31_000, abs=1500)
    assert told_ms(held) == pytest.approx(60_000, abs=1500)
    assert tell(held, entry(4)).bounded_ms >= 0  # a later report has only what has passed since
    assert told_ms(held) == pytest.approx(60_000, abs=3000)


def test_two_reports_at_once_do_not_spend_the_same_time(transactional_db: None) -> None:
    team = factories.team()
    video = factories.ready_video(team.project, team.owner, stored=False)
    held = masklets.select_object(actor=team.annotator, video_id=video.pk)
    Assignment.objects.filter(pk=held.pk).update(started_at=F("started_at") - timedelta(seconds=60))
    acts = [partial(tell, held, entry(number, active_ms=50_000)) for number in (1, 2, 3)]
    assert all(isinstance(result, effort.Told) for result in at_once(*acts))
    assert told_ms(held) == pytest.approx(60_000, abs=3000)


def test_the_last_time_may_be_told_shortly_after_the_end(held: Assignment) -> None:
    masklets.hand_back(actor=held.person, assignment_id=held.pk, token=held.token)
    assert tell(held, entry(1)).taken == 1
    Assignment.objects.filter(pk=held.pk).update(ended_at=F("ended_at") - timedelta(minutes=11))
    with pytest.raises(LeaseLost):
        tell(held, entry(2))


def test_a_tab_that_was_taken_over_and_other_people_tell_nothing(team: Team, held: Assignment) -> None:
    queue.claim(actor=held.person, masklet_id=held.masklet_id, takeover=True)
    with pytest.raises(LeaseLost):
        tell(held, entry(1))
    with pytest.raises(NotFound):
        effort.tell(
            actor=team.second_annotator,
            assignment_id=held.pk,
            token=held.token,
            entries=[entry(1)],  # type: ignore[list-item]
        )


def test_frames_that_do_not_exist_and_numbers_that_come_twice_are_refused(held: Assignment) -> None:
    with pytest.raises(InvalidInput, match="frames 0 to 11"):
        tell(held, entry(1, frame_idx=12))
    with pytest.raises(InvalidInput, match="same sequence"):
        tell(held, entry(1), entry(1))
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"active_ms": -1},
        {"wait_ms": -1},
        {"active_ms": 600_001},
        {"active_ms": 1.5e300},
        {"active_ms": "NaN"},
        {"frame_idx": -1},
        {"sequence": 0},
        {"sequence": 2**40},
        {"strokes": -3},
        {"tool": "crayon"},
        {"clock": "2026"},
    ],
    ids=str,
)
def test_absurd_entries_are_refused_whole(team: Team, held: Assignment, wrong: dict[str, Any]) -> None:
    body = {"entries": [entry(1), entry(2) | wrong]}
    answer = Caller(team.annotator).post(f"assignments/{held.pk}/effort/", body, lease_token=held.token)
    assert refusal(answer) == (400, "invalid")
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("count", [0, 501])
def test_a_report_has_between_one_and_five_hundred_entries(team: Team, held: Assignment, count: int) -> None:
    body = {"entries": [entry(number + 1) for number in range(count)]}
    answer = Caller(team.annotator).post(f"assignments/{held.pk}/effort/", body, lease_token=held.token)
    assert refusal(answer) == ((413, "too_large") if count else (400, "invalid"))
