"""The loop's own bookkeeping: what a killed one finds again, and its figures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.bench_loop import figures_of
from benchmarks.loop import arms, automatic, footage, kills
from benchmarks.loop.footage import Size
from benchmarks.loop.journal import Journal
from tests.worker.sam2.tiny import tiny_model
from vos.challenge import false_retreats
from worker.render.clips import Clip


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


def test_an_automatic_masklet_is_judged_beside_the_object_it_is_most_likely_of() -> None:
    truths = [np.zeros((2, 8, 8), bool), np.zeros((2, 8, 8), bool)]
    truths[0][:, :4], truths[1][:, 4:] = True, True
    masks = np.zeros((2, 8, 8), bool)
    masks[:, 3:] = True
    assert automatic.nearest(masks, truths) is truths[1]
    assert automatic.nearest(masks, []) is None


def test_a_round_tells_what_was_proposed_reviewed_and_accepted() -> None:
    told = automatic.summary([row(), row(accepted=True, review_seconds=9.0), row(review_seconds=5.0)])
    assert told == {
        "auto_proposed": 3,
        "auto_reviewed": 2,
        "auto_accepted": 1,
        "auto_review_seconds": 14.0,
    }


def row(**told: Any) -> dict[str, Any]:
    return {"masklet": 1, "fate": "passed", "accepted": False, "review_seconds": 0.0, "wrong": None} | told


@pytest.mark.parametrize(
    ("told", "in_arms"),
    [
        ({}, ["raw"]),
        ({"wrong": 0.1}, ["raw", "preverified"]),
        ({"wrong": 0.9, "accepted": True}, ["raw", "verified"]),
        ({"wrong": 0.1, "accepted": True}, ["raw", "preverified", "verified"]),
    ],
)
def test_a_masklet_falls_to_the_arms_that_believe_it(told: dict[str, Any], in_arms: list[str]) -> None:
    assert [arm for arm in arms.ARMS if arms.is_in(arm, row(**told))] == in_arms


def test_arms_are_trained_alike_and_measured_on_the_same_clips(tmp_path: Path) -> None:
    size = Size(96, 64, 4, 2)
    (clip,) = footage.to_look_through(1, 1, size)
    labels = arms.Labelled([Clip(clip.frames, np.stack(clip.objects, axis=1))])
    drawn = labels.clip(np.random.default_rng(0), 6)
    assert (drawn.frames.shape, drawn.masks.shape[:2]) == ((6, 64, 96, 3), (6, len(clip.objects)))
    tiny_model().save_pretrained(tmp_path / "base")
    found = arms.compare(
        {"raw": labels, "preverified": None, "verified": labels},
        tmp_path / "arms",
        steps=2,
        size=size,
        test_clips=1,
        base=tmp_path / "base",
    )
    assert set(found) == {"arm_raw_jf", "arm_preverified_jf", "arm_verified_jf"}
    assert found["arm_preverified_jf"] is None
    assert found["arm_raw_jf"] == found["arm_verified_jf"], (
        "the same labels, the same budget, the same figure"
    )
    assert 0 <= found["arm_raw_jf"] <= 1
    logs = [(tmp_path / "arms" / arm / "log.jsonl").read_text() for arm in ("raw", "verified")]
    assert "loss" in logs[0]


def test_a_trainer_that_is_killed_loses_no_more_than_its_interval(tmp_path: Path) -> None:
    """Two kills of a real trainer; the loop has twenty."""
    found = kills.killed(tmp_path, 2)
    assert found == {"bad_loads": 0, "steps_lost": 0, "kills": 2}
    assert (tmp_path / "last.pt").exists() or json.loads(
        (tmp_path / "reached.json").read_text()
    ) < kills.KEEP_EVERY


def test_canaries_of_the_same_retreat_seldom() -> None:
    assert false_retreats(20, masklets=60, share=0.2) <= 0.1
