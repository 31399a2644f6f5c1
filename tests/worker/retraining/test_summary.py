"""What an evaluation sums up, by hand-made objects."""

from __future__ import annotations

from typing import Any

import pytest

from engine.services import gate
from worker.retraining.evaluate import summary


def row(source: str = "a", **values: Any) -> dict[str, Any]:
    usual = {
        "source": source, "masklet": 1, "video": 1, "label": "", "size": "large", "frames": 10, "leaves": False,
        "returns": False, "jf_mask": 0.8, "jf_1_click": 0.6, "jf_3_clicks": None, "clicks": None, "seconds": None,
        "reached": None, "present": 8, "present_called": 8, "absent": 2, "absent_called": 1,
    }  # fmt: skip
    return usual | values


def test_means_are_over_videos_and_recalls_over_frames() -> None:
    rows = [row("a", jf_mask=1.0), row("a", jf_mask=0.0), row("b", jf_mask=0.2, absent=6, absent_called=6)]
    found = summary(rows)["all"]
    assert found.jf_mask == pytest.approx((0.5 + 0.2) / 2)
    assert (found.jf_3_clicks, found.clicks, found.seconds_per_frame) == (None, None, None)
    assert found.absent_recall == pytest.approx(8 / 10)
    assert (found.present_recall, found.absent_frames, found.objects, found.frames) == (1.0, 10, 3, 30)


def test_what_was_looked_at_closely_has_its_costs() -> None:
    found = summary([row(clicks=3, seconds=20.0, reached=True, jf_3_clicks=0.9), row("b", frames=30)])["all"]
    assert (found.clicks, found.seconds, found.reached, found.jf_3_clicks) == (3.0, 20.0, 1.0, 0.9)
    assert found.seconds_per_frame == pytest.approx(20 / 40)


def test_slices_are_those_that_have_objects() -> None:
    rows = [row(size="small", leaves=True), row("b", label="dog"), row("c", label="dog", returns=True)]
    found = summary(rows)
    assert {name: each.objects for name, each in found.items()} == {
        "all": 3, "small": 1, "large": 2, "leaves": 1, "returns": 1, "label: dog": 2,
    }  # fmt: skip
    assert summary([]) == {}


@pytest.mark.parametrize(
    ("absent", "guarded"),
    [(1, {"old_look", "old_look_absence"}), (20, {"old_look", "old_look_absence", "absence"})],
)
def test_a_recall_is_guarded_where_enough_frames_speak(absent: int, guarded: set[str]) -> None:
    rows = [row(absent=absent, absent_called=0)]
    assert set(gate.guarded(rows, rows, rows, rows)) == guarded


@pytest.mark.parametrize(("after", "holds"), [(0.8, True), (0.79, True), (0.77, False), (1.0, True)])
def test_a_guard_holds_as_far_as_may_be_lost(after: float, holds: bool) -> None:
    guards = gate.guarded([row()], [row()], [row(jf_mask=0.8)], [row(jf_mask=after)])
    assert guards["old_look"].holds is holds
    assert guards["old_look"].count == 1


def test_the_masklets_that_differ_most_come_first_either_way() -> None:
    before = [row(masklet=n, jf_1_click=0.5) for n in range(8)]
    after = [
        row(masklet=n, jf_1_click=0.5 + delta)
        for n, delta in enumerate([0, 0.1, -0.4, 0.2, 0, 0.3, -0.1, 0.05])
    ]
    found = gate.differing(before, after)
    assert [example.masklet for example in found] == [2, 5, 3, 1, 6, 7]
    assert (found[0].before, found[0].after) == (0.5, pytest.approx(0.1))
