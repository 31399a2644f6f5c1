"""The bound on the pre-verifier's precision holds however often one looks."""

import numpy as np
import pytest
from scipy.special import betaln
from ville import BernoulliCS

from verification import bound


def by_the_paper(right: np.ndarray, *, error: float, prior: tuple[float, float]) -> np.ndarray:
    """Howard et al. 2021: the least p that the beta-binomial mixture has not rejected, found on a fine grid."""
    a, b = prior
    grid = np.linspace(1e-6, 1 - 1e-6, 200_001)
    lower = []
    for n in range(1, len(right) + 1):
        s = right[:n].sum()
        log_e = betaln(a + s, b + n - s) - betaln(a, b) - s * np.log(grid) - (n - s) * np.log1p(-grid)
        lower.append(grid[log_e < -np.log(error)][0])
    return np.array(lower)


@pytest.mark.parametrize("prior", [(1.0, 1.0), bound.PRIOR])
def test_ville_computes_what_its_paper_says(prior: tuple[float, float]) -> None:
    right = np.random.default_rng(0).random(60) < 0.9
    found = BernoulliCS(alpha=0.05, prior=prior, intersect=False).update(right.astype(float)).lower_
    assert found == pytest.approx(by_the_paper(right, error=0.05, prior=prior), abs=1e-4)


def test_whoever_looks_after_each_verdict_is_seldom_wrong_ever() -> None:
    """300 projects of precision 0.94 for whom 0.95 is promised: they are told so in no more than 5 %, at any time."""
    rng = np.random.default_rng(1)
    told = [(bound.lower_bounds(rng.random(600) < 0.94, error=0.05) >= 0.95).any() for _ in range(300)]
    assert np.mean(told) <= 0.05


def test_a_fixed_time_bound_would_not_do() -> None:
    """The same look after look with a bound that holds once: the reason for all this."""
    from scipy.stats import beta

    rng = np.random.default_rng(1)
    n = np.arange(1, 601)
    fooled = 0
    for _ in range(300):
        right = np.cumsum(rng.random(600) < 0.94)
        fooled += (beta.ppf(0.05, right, n - right + 1) >= 0.95).any()
    assert fooled / 300 > 0.07


def test_who_is_right_is_told_so_in_time() -> None:
    rng = np.random.default_rng(2)
    lower = bound.lower_bounds(rng.random(600) < 0.99, error=0.005)
    assert (lower >= 0.95).argmax() < 400
    assert lower[-1] >= 0.95


def test_no_verdicts_no_promise() -> None:
    assert bound.bound(np.empty(0, dtype=bool), 0.05) == bound.Bound(0.05, 0, 0, 0.0)
    assert bound.bound(np.empty(0, dtype=bool), 0.05).precision is None


def test_what_would_be_passed_and_returned() -> None:
    wrong, content = [0.01, 0.5, 0.04, 0.99], [True, True, False, False]
    assert bound.passing(wrong, content, 0.05).tolist() == [True, False]
    assert bound.returning(wrong, [not c for c in content], 0.05).tolist() == [True]
