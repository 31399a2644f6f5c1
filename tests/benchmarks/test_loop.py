"""The loop's own bookkeeping: what a killed one finds again, and its figures."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.bench_loop import figures_of
from benchmarks.loop import footage
from benchmarks.loop.footage import Size
from benchmarks.loop.journal import Journal


def test_what_was_noted_is_there_for_the_next_process_and_never_half(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json")
    assert "project" not in journal
    journal.note(project=7, objects={"a": 1})
    journal.note(objects={"a": 1, "b": 2})
    again = Journal(tmp_path / "journal.json")
    assert (again["project"], again["objects"]) == (7, {"a": 1, "b": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["journal.json"]


def test_rounds_and_tests_share_no_clip_and_objects_can_be_chosen() -> None:
    size = Size(96, 64, 4, 2)
    rounds = [next(footage.to_annotate(number, 1, size, each=1)) for number in (1, 2)]
    assert rounds[0].name != rounds[1].name
    assert len(rounds[0].objects) == 1
    assert rounds[0].objects[0][0].any()
    (test,) = footage.test_clips(1, size, footage.NEW_LOOK)
    assert not any(np.array_equal(test.frames, clip.frames) for clip in rounds)


def test_the_figures_compare_the_last_round_with_what_was_there_before() -> None:
    before = {"round": 0, "new_jf_1_click": 0.3, "seconds_per_frame_simulated": 2.0, "reached": 0.1}
    before |= {"old_jf_mask": 0.9, "old_absent_recall": 0.8}
    after = before | {"round": 1, "new_jf_1_click": 0.5, "seconds_per_frame_simulated": 1.0, "passed": True}
    after |= {"old_absent_recall": 0.78, "human_seconds_per_masklet": 50.0}
    found = figures_of([before, after])
    assert found["jf_gain"] == pytest.approx(0.2)
    assert found["effort_ratio"] == 0.5
    assert found["forgetting_absent"] == pytest.approx(0.02)
    assert found["forgetting_jf"] == 0
    assert (found["promoted"], found["human_seconds_per_masklet"]) == (1, [50.0])
