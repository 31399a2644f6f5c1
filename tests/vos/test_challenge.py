"""The comparison of a canary keeps its word, whoever looks and however often."""

import numpy as np

from vos.challenge import Seen, compare, false_retreats

SHARE = 0.25


def drawn(
    rng: np.random.Generator, *, masklets: int, refused: tuple[float, float] = (0.2, 0.2),
    seconds: tuple[float, float] = (6.0, 6.0),
) -> list[Seen]:  # fmt: skip
    """Masklets of (champion, challenger)."""
    found = []
    for _ in range(masklets):
        challenged = bool(rng.random() < SHARE)
        cost = float(rng.gamma(2.0, seconds[challenged] / 2))
        found.append(Seen(challenged, bool(rng.random() >= refused[challenged]), cost))
    return found


def test_of_two_that_are_the_same_hardly_one_retreats_though_one_looks_after_every_masklet() -> None:
    assert false_retreats(100, masklets=120, share=SHARE) <= 0.05


def test_one_that_is_much_worse_retreats() -> None:
    rng = np.random.default_rng(1)
    refused, _ = compare(drawn(rng, masklets=300, refused=(0.1, 0.8)), share=SHARE)
    assert refused.ever_worse
    _, slower = compare(drawn(rng, masklets=300, seconds=(3.0, 24.0)), share=SHARE)
    assert slower.ever_worse
    assert slower.estimate > 10


def test_the_interval_holds_the_true_difference_at_every_moment() -> None:
    """The library's claim, checked."""
    rng = np.random.default_rng(2)
    missed = 0
    for _ in range(60):
        seen = drawn(rng, masklets=150, refused=(0.2, 0.5))
        intervals = [compare(seen[:n], share=SHARE)[0] for n in (30, 75, 150)]
        missed += any(not each.low <= 0.3 <= each.high for each in intervals)
    assert missed / 60 <= 0.05


def test_nothing_seen_says_nothing() -> None:
    refused, slower = compare([], share=SHARE)
    assert (refused.low, refused.high, slower.low, slower.high, slower.ever_worse) == (-1, 1, -30, 30, False)
