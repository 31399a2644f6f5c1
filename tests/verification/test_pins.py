"""Notes on frames: what is refused, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.models import Masklet, Video
from tests.factories import Team
from verification.models import Pin, Verdict
from verification.services import pins, queue, verdicts

VIDEO = Video(width=60, height=40, frame_count=6)


def pin(frame_idx: int = 0, note: str = "leaks", strokes: Any = ()) -> dict[str, Any]:
    return {"frame_idx": frame_idx, "note": note, "strokes": list(strokes)}


@pytest.mark.parametrize(
    "given",
    [
        [],
        [pin()],
        [pin(5, "", [[(0, 0)]])],
        [pin(0, "", [[(60, 40), (0.5, 3.25)]] * pins.STROKES)],
        [pin(0, "", [[(1, 1)] * pins.POINTS])],
        [pin(j) for j in range(6)],
    ],
)
def test_notes_and_strokes_within_the_video_are_taken(given: list[dict[str, Any]]) -> None:
    pins.check(given, VIDEO)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([pin()] * (pins.MOST + 1), "at most 20 pins"),
        ([pin(1), pin(1)], "one pin"),
        ([pin(6)], "the frames 0 to 5"),
        ([pin(-1)], "the frames 0 to 5"),
        ([pin(0, "  ")], "Say what is wrong on frame 0"),
        ([pin(0, "", [[(1, 1)]] * (pins.STROKES + 1))], "at most 10 strokes"),
        ([pin(0, "", [[]])], "1 to 200 points"),
        ([pin(0, "", [[(1, 1)] * (pins.POINTS + 1)])], "1 to 200 points"),
        ([pin(0, "", [[(61, 1)]])], "leaves the frame"),
        ([pin(0, "", [[(1, -0.1)]])], "leaves the frame"),
        ([pin(0, "", [[(float("nan"), 1)]])], "leaves the frame"),
        ([pin(0, "", [[(1, 2, 3)]])], "leaves the frame"),
    ],
)
def test_what_says_nothing_or_lies_outside_is_refused(given: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        pins.check(given, VIDEO)


@pytest.mark.django_db
def test_a_verdict_keeps_its_pins_to_a_tenth_of_a_pixel(team: Team, masklet: Masklet) -> None:
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    verdicts.give(
        actor=team.reviewer,
        review_id=review.pk,
        token=review.token,
        kind="unsatisfactory",
        reasons=["leaks"],
        pins=[pin(0, " here ", [[(1.234, 5.678), (2, 3)]])],
    )
    kept = Pin.objects.get(verdict=Verdict.objects.get(review=review))
    assert (kept.frame_idx, kept.note, kept.strokes) == (0, "here", [[[1.2, 5.7], [2.0, 3.0]]])
