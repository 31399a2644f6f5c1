from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import torch
from rlemasklib import RLEMask

from tests.worker.sam2.tiny import HEIGHT, WIDTH, TinyClip
from vos import rle
from worker.render.clips import render_clip
from worker.sam2 import checkpoint
from worker.sam2.automatic import Settings, Track, generate
from worker.sam2.filters import Fate, FilterSettings
from worker.sam2.grid import Grid, SeedSettings
from worker.sam2.tracker import Tracker

FRAMES = 8
SIZE = [270, 480]
QUICK = Settings(seeds=SeedSettings(grids=(Grid(10),), late_grids=(Grid(10),)), look_every=4)


@cache
def clip():
    return render_clip(101, frames=FRAMES, fps=6.0, split="validation", difficulty=0.2)


@cache
def bundled() -> Tracker:
    return Tracker(checkpoint.load(device="cpu", precision=torch.float32))


@cache
def tracks() -> tuple[Track, ...]:
    return tuple(generate(bundled(), clip().frames, settings=QUICK))


def counts(track: Track) -> dict[int, str]:
    return {idx: mask["counts"] for idx, mask in track.masks.items()}


def masks(track: Track) -> dict[int, RLEMask]:
    return {idx: RLEMask.from_dict({"size": SIZE, "counts": text}) for idx, text in counts(track).items()}


def j(track: Track, truth: np.ndarray) -> float:
    found = masks(track)
    return float(np.mean([found[idx].iou(RLEMask.from_array(mask)) for idx, mask in enumerate(truth)]))


def test_what_passes_are_objects():
    passed = [track for track in tracks() if track.fate == Fate.PASSED]
    truth = np.moveaxis(clip().masks, 1, 0)

    assert passed
    assert max(j(track, true) for track in passed for true in truth) > 0.75


def test_each_track_has_what_a_person_wants_to_know_of_it():
    for track in tracks():
        assert isinstance(track.fate, Fate)
        assert track.source in ("grid", "unexplained")
        assert track.point is not None
        assert track.first_frame in track.masks
        assert {"stability", "flicker", "flood", "drift", "life", "duplicate"} <= track.scores.keys()
        for mask in track.masks.values():
            rle.check({"size": SIZE, "counts": mask["counts"]}, height=SIZE[0], width=SIZE[1])


def test_the_same_video_gives_the_same_tracks():
    again = list(generate(bundled(), clip().frames, settings=QUICK))

    assert [track.key for track in again] == [track.key for track in tracks()]
    assert [track.fate for track in again] == [track.fate for track in tracks()]


@pytest.mark.parametrize("stored", [1, 2])
def test_a_run_that_was_cut_off_goes_on_with_the_tracks_that_it_stored(stored):
    rest = list(generate(bundled(), clip().frames, settings=QUICK, resume=tracks()[:stored]))

    assert [track.key for track in rest] == [track.key for track in tracks()[stored:]]
    assert [track.fate for track in rest] == [track.fate for track in tracks()[stored:]]


def test_what_people_made_is_not_made_again():
    made = next(track for track in tracks() if track.fate == Fate.PASSED)
    others = list(generate(bundled(), clip().frames, settings=QUICK, existing=[counts(made)]))

    assert made.key not in {track.key for track in others if track.fate == Fate.PASSED}
    for track in others:
        if track.fate == Fate.PASSED:
            shared = masks(track)[0].iou(masks(made)[0]) if 0 in track.masks else 0.0
            assert shared < QUICK.filters.duplicate


def test_cancelled_it_hands_over_nothing_more():
    asked = iter([False, False, True])

    found = list(generate(bundled(), clip().frames, settings=QUICK, cancelled=lambda: next(asked, True)))

    assert len(found) < len(tracks())


def test_progress_goes_up_to_all_of_it():
    told: list[tuple[int, int]] = []
    list(
        generate(
            bundled(),
            clip().frames,
            settings=QUICK,
            on_progress=lambda done, total: told.append((done, total)),
        )
    )

    assert told == sorted(told)
    assert told[-1] == (2 * FRAMES, 2 * FRAMES)


def test_a_video_takes_only_so_many_and_the_others_keep_their_mask():
    few = replace(QUICK, most_tried=1)
    found = list(generate(bundled(), clip().frames, settings=few))

    surplus = [track for track in found if track.fate == Fate.SURPLUS]
    assert len(found) - len(surplus) == 1
    assert surplus
    assert all(len(track.masks) == 1 for track in surplus)


def test_a_batch_of_one_gives_the_masks_of_a_batch_of_many():
    alone = {
        track.key: track for track in generate(bundled(), clip().frames, settings=replace(QUICK, memory=1))
    }

    for track in tracks():
        if track.first_frame == 0:
            one, other = masks(track), masks(alone[track.key])
            assert all(one[idx].iou(other[idx]) > 0.95 for idx in one if one[idx].any())


def test_without_the_unexplained_only_the_first_frame_is_looked_at():
    found = list(generate(bundled(), clip().frames, sources=["grid"], settings=QUICK))

    assert {track.first_frame for track in found} == {0}


def test_a_candidate_that_does_not_hold_its_trial_is_followed_no_further():
    strict = replace(QUICK, filters=FilterSettings(trial_frames=3, trial_confidence=1.0))
    found = list(generate(bundled(), clip().frames, sources=["grid"], settings=strict))

    assert {track.fate for track in found} == {Fate.TRIAL}
    assert all(max(track.masks) == 2 for track in found)


def test_renewing_keeps_what_is_sure():
    renewed = replace(QUICK, renew_every=2, renew_confidence=0.5)
    found = {track.key: track for track in generate(bundled(), clip().frames, settings=renewed)}
    best = next(track for track in tracks() if track.fate == Fate.PASSED)

    assert masks(found[best.key])[FRAMES - 1].iou(masks(best)[FRAMES - 1]) > 0.8


def test_text_is_followed_like_a_grid():
    truth = clip().masks[0, 0]
    rows, columns = np.nonzero(truth)
    box = (
        float(columns.min()),
        float(rows.min()),
        float(columns.max() + 1),
        float(rows.max() + 1),
    )
    found = list(
        generate(
            bundled(),
            clip().frames,
            sources=["text"],
            settings=replace(QUICK, look_every=0),
            detect=lambda frame: [(box, "blob", 0.9)],
        )
    )

    assert [(track.source, track.box, track.label) for track in found] == [("text", box, "blob")]
    assert j(found[0], clip().masks[:, 0]) > 0.75


@pytest.mark.parametrize("frames", [1, 2])
def test_the_shortest_clips_are_clips(frames):
    found = list(generate(bundled(), clip().frames[:frames], settings=QUICK))

    assert any(track.fate == Fate.PASSED for track in found)


def test_a_blank_clip_has_nothing_that_passes():
    blank = np.full((4, 270, 480, 3), 90, dtype=np.uint8)

    found = list(generate(bundled(), blank, settings=QUICK))

    assert not [track for track in found if track.fate == Fate.PASSED]


def test_a_clip_that_changes_from_frame_to_frame_has_nothing_that_passes():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (6, 90, 160, 3), dtype=np.uint8)
    noise[::2] //= 4

    found = list(generate(bundled(), noise, settings=QUICK))

    assert not [track for track in found if track.fate == Fate.PASSED]


def test_bad_arguments_are_told_at_once():
    with pytest.raises(ValueError, match="no frames"):
        generate(bundled(), clip().frames[:0])
    with pytest.raises(ValueError, match="MASKLOOP_CONCEPTS"):
        generate(bundled(), clip().frames, sources=["text"])


def test_what_fell_is_tried_again_only_where_the_model_is_surer_of_it():
    nothing_passes = FilterSettings(stability=1.1, trial_frames=FRAMES)
    firsts: dict[float | None, list[int]] = {}
    for surer in (0.0, None):
        strict = replace(QUICK, filters=nothing_passes, surer=surer)
        found = list(generate(bundled(), clip().frames, settings=strict))
        assert {track.fate for track in found} == {Fate.UNSTABLE}
        firsts[surer] = [track.first_frame for track in found]

    assert firsts[0.0].count(4) >= firsts[0.0].count(0)  # all of them again
    assert firsts[None].count(4) < firsts[0.0].count(4)


ANYTHING = Settings(
    seeds=SeedSettings(
        predicted_iou=0.0, stability=0.0, score=0.0, inside=2.0, grids=(Grid(4),), late_grids=(Grid(4),)
    ),
    filters=FilterSettings(
        trial_confidence=0.0, least_life=1, stability=0.0, confidence=0.0, flicker=1.0, drift=1.0
    ),
    look_every=0,
)


def test_a_clip_of_4k_is_followed_in_batches_that_its_memory_bounds():
    frames = np.random.default_rng(0).integers(0, 256, (2, 2160, 3840, 3), dtype=np.uint8)
    some = replace(ANYTHING, memory=2**27)  # 16.6 MB a mask: a few at a time
    with patch.object(Tracker, "propagate_all", autospec=True, side_effect=Tracker.propagate_all) as batches:
        found = list(generate(bundled(), frames, sources=["grid"], settings=some))

    assert found
    assert max(len(call.args[2]) for call in batches.call_args_list) <= 8
    assert all(len(track.masks) == 2 for track in found if track.fate != Fate.TRIAL)


def test_a_thousand_boxes_and_a_thousand_masklets_cost_no_more_than_is_allowed():
    clip, rng = TinyClip(2, key="crowd"), np.random.default_rng(0)
    corners = rng.integers(0, (WIDTH - 12, HEIGHT - 12), (1000, 2))
    boxes = [(float(x), float(y), float(x + 10), float(y + 10)) for x, y in corners]
    there = [
        {
            idx: RLEMask.from_bbox([x, y, 3, 3], imshape=(HEIGHT, WIDTH)).to_dict()["counts"].decode()
            for idx in range(2)
        }
        for x, y in corners
    ]
    few = replace(ANYTHING, most_tried=20)
    found = list(
        generate(
            bundled(),
            clip,
            sources=["text"],
            settings=few,
            existing=there,
            detect=lambda frame: [(box, "dot", 0.9) for box in boxes[:100]],
        )
    )

    assert found
    assert sum(track.fate != Fate.SURPLUS for track in found) <= 20
    assert len({track.key for track in found}) == len(found)
