import numpy as np
import pytest

from vos.comparison import by_video, paired_gain


def test_masklets_of_a_video_count_once() -> None:
    assert by_video([("a", 1.0), ("a", 0.0), ("b", 0.2)]) == {"a": 0.5, "b": 0.2}


def test_the_interval_covers_the_true_gain_nearly_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        base = rng.uniform(0.3, 0.8, 12)
        gains = rng.normal(0.05, 0.04, 12)
        names = [str(n) for n in range(12)]
        found = paired_gain(dict(zip(names, base, strict=True)), dict(zip(names, base + gains, strict=True)))
        covered += found.low <= 0.05 <= found.high
        assert found.low <= found.mean <= found.high
    assert covered >= 85


def test_one_video_that_is_far_better_does_not_pass_for_all() -> None:
    before = {str(n): 0.5 for n in range(6)}
    assert paired_gain(before, before | {"0": 0.9}).low <= 0.0
    assert paired_gain(before, dict.fromkeys(before, 0.6)).low == pytest.approx(0.1)


@pytest.mark.parametrize("after", [{}, {"a": 1.0}, {"a": 1.0, "c": 1.0}])
def test_other_videos_are_no_comparison(after: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="same videos"):
        paired_gain({"a": 0.5, "b": 0.5}, after)
