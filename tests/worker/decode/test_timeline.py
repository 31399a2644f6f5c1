import itertools
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from worker.decode.timeline import Stamped, frame_count, lay, missing, rising

F24 = Fraction(24)


def shown(times: list[Fraction | None], fps: Fraction = F24, step: Fraction = Fraction(1, 24)) -> list[int]:
    """Which source frame each slot of the timeline shows."""
    frames = [Stamped(number, time) for number, time in enumerate(times)]
    return [slot.source.frame for slot in lay(rising(frames, step), fps)]


def steady(count: int, rate: int, start: Fraction = Fraction(0)) -> list[Fraction | None]:
    return [start + Fraction(n, rate) for n in range(count)]


def test_a_source_at_the_timelines_rate_is_taken_frame_by_frame():
    assert shown(steady(10, 24)) == list(range(10))


def test_sixty_frames_a_second_become_twenty_four():
    slots = shown(steady(60, 60), step=Fraction(1, 60))
    assert len(slots) == 24
    assert slots[:6] == [0, 2, 5, 7, 10, 12]  # 2.5 and 7.5 lie between two frames: the earlier wins


def test_twelve_frames_a_second_are_each_shown_twice():
    assert shown(steady(4, 12), step=Fraction(1, 12)) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_ntsc_repeats_one_frame_in_a_long_while():
    ntsc = Fraction(24000, 1001)
    slots = shown([n / ntsc for n in range(1200)], step=1 / ntsc)
    assert len(slots) == 1201
    assert max(later - earlier for earlier, later in itertools.pairwise(slots)) == 1


def test_a_changing_frame_rate_keeps_the_moments():
    times: list[Fraction | None] = [Fraction(n, 10) for n in range(10)]
    times += [1 + Fraction(n, 60) for n in range(60)]
    slots = shown(times, step=Fraction(1, 60))
    assert len(slots) == 48
    for index, frame in enumerate(slots):
        moment = Fraction(index, 24)
        assert abs(times[frame] - moment) == min(abs(time - moment) for time in times)


@pytest.mark.parametrize("start", [Fraction(-1), Fraction(1, 3), Fraction(3600)])
def test_the_timeline_starts_with_the_first_frame_whatever_its_clock_says(start):
    assert shown(steady(10, 24, start)) == list(range(10))


def test_the_last_frame_is_shown_for_its_duration():
    frames = [Stamped("a", Fraction(0)), Stamped("b", Fraction(1, 24), Fraction(1, 2))]
    slots = [slot.source.frame for slot in lay(rising(frames, Fraction(1, 24)), F24)]
    assert slots == ["a"] + ["b"] * 12


def test_one_frame_makes_a_timeline_of_one():
    assert shown([Fraction(7)]) == [0]


def test_no_frames_make_no_timeline():
    assert shown([]) == []


@pytest.mark.parametrize(
    "times",
    [
        [None] * 6,
        [Fraction(0)] * 6,
        [Fraction(0), None, Fraction(2, 24), None, Fraction(4, 24), None],
        [Fraction(0), Fraction(1, 24), Fraction(2, 24), Fraction(0), Fraction(1, 24), Fraction(2, 24)],
    ],
    ids=["none has one", "all are equal", "every other is missing", "the clock jumps back"],
)
def test_frames_without_usable_times_are_spaced_evenly(times):
    assert shown(times) == list(range(6))


def test_repairs_are_reported():
    timed = list(rising([Stamped("a", Fraction(1)), Stamped("b", None)], Fraction(1, 10)))
    assert [t.repaired for t in timed] == [False, True]
    assert timed[1].time == Fraction(11, 10)


@pytest.mark.parametrize(("total", "every", "expected"), [(1, 4, 1), (4, 4, 1), (5, 4, 2), (231, 4, 58)])
def test_annotated_frames_are_counted_from_zero(total, every, expected):
    assert frame_count(total, every) == expected == len(range(0, total, every))


@given(
    gaps=st.lists(st.fractions(min_value=Fraction(1, 240), max_value=1, max_denominator=1001), max_size=40),
    fps=st.sampled_from([Fraction(6), F24, Fraction(30000, 1001), Fraction(60)]),
)
def test_every_slot_shows_the_nearest_frame_and_time_never_runs_back(gaps, fps):
    times = [Fraction(0)]
    for gap in gaps:
        times.append(times[-1] + gap)
    slots = list(lay(rising([Stamped(n, t) for n, t in enumerate(times)], Fraction(1, 24)), fps))
    assert [slot.timeline_idx for slot in slots] == list(range(len(slots)))
    for slot in slots:
        moment = slot.timeline_idx / fps
        assert abs(slot.source.time - moment) == min(abs(time - moment) for time in times)
    assert abs(len(slots) - (times[-1] + Fraction(1, 24)) * fps) <= 1


def without(times: list[Fraction], *gaps: int) -> list[Fraction]:
    return [time for number, time in enumerate(times) if number not in gaps]


def test_gaps_in_a_regular_recording_are_counted():
    regular = [Fraction(n, 24) for n in range(48)]
    assert missing(regular) == 0
    assert missing(without(regular, 5)) == 1
    assert missing(without(regular, 5, 6, 7, 30)) == 4


def test_an_irregular_recording_has_no_gaps_to_count():
    slow, fast = [Fraction(n, 10) for n in range(10)], [1 + Fraction(n, 60) for n in range(60)]
    assert missing([*slow, *fast]) == 0
    assert missing([Fraction(n * n, 100) for n in range(40)]) == 0
    assert missing([Fraction(0), Fraction(5)]) == 0
