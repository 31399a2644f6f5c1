"""What verdicts say about the pre-verifier, beside scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from verification import bound, evidence
from vos.metrics import SIZES

RNG = np.random.default_rng(5)
WRONG = RNG.random(200) < 0.3
CHANCE = np.round(np.clip(RNG.normal(0.3 + 0.3 * WRONG, 0.2), 0, 1), 2)  # rounded: with ties
NONE = np.zeros(0)


def test_auc_is_scikit_learns_ties_included() -> None:
    assert evidence.auc(CHANCE, WRONG) == pytest.approx(roc_auc_score(WRONG, CHANCE))


@pytest.mark.parametrize("wrong", [np.ones(4, bool), np.zeros(4, bool), NONE.astype(bool)])
def test_auc_of_one_kind_alone_is_not_known(wrong: np.ndarray) -> None:
    assert evidence.auc(np.linspace(0, 1, len(wrong)), wrong) is None


def test_roc_goes_from_nothing_to_everything_along_scikit_learns_curve() -> None:
    points = evidence.roc(CHANCE, WRONG)
    x, y = [[point[name] for point in points] for name in ("false_alarms", "caught")]
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert len(points) <= evidence.MOST_POINTS + 1
    assert x == sorted(x)
    assert y == sorted(y)
    false, true, _ = roc_curve(WRONG, CHANCE, drop_intermediate=False)
    known = set(zip(false.round(9).tolist(), true.round(9).tolist(), strict=True))
    assert {(round(a, 9), round(b, 9)) for a, b in zip(x, y, strict=True)} <= known


def test_calibration_has_bins_of_as_many_verdicts_each() -> None:
    bins = evidence.calibration(CHANCE, WRONG)
    assert [each["verdicts"] for each in bins] == [40] * evidence.BINS
    chances = [each["chance"] for each in bins]
    assert chances == sorted(chances)
    assert sum(each["wrong"] * each["verdicts"] for each in bins) == pytest.approx(WRONG.sum())


@pytest.mark.parametrize(
    ("chance", "wrong", "error"),
    [
        ([0.0, 0.0, 1.0, 1.0], [False, False, True, True], 0.0),
        ([1.0, 1.0, 0.0, 0.0], [False, False, True, True], 1.0),
        ([0.25] * 20, [True] + [False] * 3 + ([True] + [False] * 3) * 4, 0.0),
        ([], [], None),
    ],
)
def test_calibration_error_is_how_far_chance_and_share_lie_apart(
    chance: list[float], wrong: list[bool], error: float | None
) -> None:
    found = evidence.calibration_error(np.array(chance), np.array(wrong, bool))
    assert found == (error if error is None else pytest.approx(error))


def test_tradeoff_passes_the_likeliest_right_ones_first() -> None:
    points = evidence.tradeoff(np.array([0.4, 0.1, 0.3, 0.2]), np.array([True, False, False, False]))
    assert [(point["passed"], point["precision"], point["below"]) for point in points] == [
        (0.25, 1.0, 0.1),
        (0.5, 1.0, 0.2),
        (0.75, 1.0, 0.3),
        (1.0, 0.75, 0.4),
    ]
    assert evidence.tradeoff(NONE, NONE.astype(bool)) == []


def test_every_size_has_its_row_and_every_verdict_its_size() -> None:
    area = RNG.choice([100.0, 2000.0, 50_000.0], len(CHANCE))
    rows = evidence.by_size(CHANCE, WRONG, area.tolist())
    assert [row["size"] for row in rows] == list(SIZES)
    assert sum(row["verdicts"] for row in rows) == len(CHANCE)
    assert sum(row["unsatisfactory"] for row in rows) == WRONG.sum()
    for row, size in zip(rows, (100.0, 2000.0, 50_000.0), strict=True):
        assert row["auc"] == pytest.approx(evidence.auc(CHANCE[area == size], WRONG[area == size]))


def test_thresholds_tell_both_ways_what_they_would_decide() -> None:
    told = evidence.thresholds(CHANCE, ~WRONG, WRONG)
    assert [row["threshold"] for row in told["passing"]] == list(bound.THRESHOLDS)
    for row in told["passing"]:
        below = row["threshold"] >= CHANCE
        assert (row["verdicts"], row["right"]) == (below.sum(), (below & ~WRONG).sum())
        assert row["share"] == pytest.approx(below.mean())
    for row in told["returning"]:
        above = row["threshold"] <= CHANCE
        assert row["verdicts"] == above.sum()
    for row in (*told["passing"], *told["returning"]):
        assert 0 <= row["lower"] <= (row["right"] / row["verdicts"] if row["verdicts"] else 1)
    assert {row["share"] for row in evidence.thresholds(NONE, NONE, NONE)["passing"]} == {0.0}
