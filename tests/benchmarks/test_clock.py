from collections import Counter

import pytest

from benchmarks.effort.clock import Effort


def test_a_round_of_the_papers_offline_protocol_costs_35_and_a_half_seconds_on_300_frames():
    round_ = Effort(looked=300, visits=1, clicks=Counter({0: 3}))
    assert round_.seconds() == pytest.approx(35.5)


def test_marking_absence_costs_a_click_and_a_stroke_its_own_time():
    effort = Effort(visits=2, absent=Counter({4: 1}), strokes=Counter({7: 2}))
    assert effort.seconds() == pytest.approx(2 * 1.0 + 1.5 + 2 * 3.0)
    assert effort.seconds(stroke=1.5) == pytest.approx(2 * 1.0 + 1.5 + 2 * 1.5)


def test_a_frame_is_edited_once_however_often_it_was_worked_on():
    effort = Effort(clicks=Counter({0: 3, 7: 1}), strokes=Counter({7: 2}), absent=Counter({9: 1}))
    assert effort.edited == {0, 7, 9}
