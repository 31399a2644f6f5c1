"""The prior that comes with the code, and how verdicts move it."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import GradientBoostingClassifier

from engine.preverification import Params
from tests.worker.preverifier.test_signals import DISC, FRAMES, look, made
from worker.preverifier import fit, model
from worker.preverifier.model import Adjustment, adjust, opinion, prior, restored, stored
from worker.preverifier.signals import FRAME_SIGNALS, MASKLET_SIGNALS


def test_trees_end_to_end_say_what_scikit_learn_says() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(400, len(FRAME_SIGNALS)))
    wrong = table[:, 0] + table[:, 3] * table[:, 5] > 0.5
    boosted = GradientBoostingClassifier(n_estimators=30, max_depth=3, random_state=0).fit(table, wrong)
    trees, start = fit._laid_out(boosted)
    blank = {name: np.zeros(1) for name in ("mean", "spread", "weights", "bias")}
    blank |= {f"reason_{name}": np.zeros(1) for name in blank}
    laid_out = model.Prior(**trees, start=np.array(start), **blank)
    assert laid_out.frame_chances(table) == pytest.approx(boosted.predict_proba(table)[:, 1], abs=1e-9)


def test_a_right_masklet_is_likelier_right_than_a_wrong_one() -> None:
    right = opinion(look(again=DISC)).wrong
    for kind in ("lost", "slipped", "absent_when_present"):
        assert opinion(look(made(kind), again=DISC)).wrong > right + 0.2, kind  # type: ignore[arg-type]


def test_it_says_where() -> None:
    masks = made("absent_when_present")
    gone = [i for i in range(FRAMES) if masks[i] != DISC[i]]
    place = opinion(look(masks, again=DISC)).places[0]
    assert place.frame_idx in gone
    assert place.first_frame <= place.frame_idx <= place.last_frame


def test_there_is_always_a_place_to_look_at_and_never_twice_the_same() -> None:
    rng = np.random.default_rng(3)
    table = np.full((60, len(FRAME_SIGNALS)), np.nan)
    for _ in range(20):
        chance = rng.random(60) ** 3
        named = model.places(list(range(60)), table, chance)
        assert named[0].frame_idx == chance.argmax()
        covered = [i for place in named for i in range(place.first_frame, place.last_frame + 1)]
        assert len(covered) == len(set(covered))
    assert len(model.places(list(range(60)), table, np.zeros(60))) == 1


def test_no_masks_no_opinion() -> None:
    with pytest.raises(ValueError, match="without masks"):
        opinion(look([]))


def drawn(count: int, *, slope: float, bias: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Signals, and verdicts of people who see it as the prior does but for `slope` and `bias`."""
    rng = np.random.default_rng(seed)
    known = prior()
    signals = known.mean + known.spread * rng.normal(size=(count, len(MASKLET_SIGNALS)))
    return signals, rng.random(count) < expit(slope * known.log_odds(signals) + bias)


def test_no_verdict_leaves_the_prior_as_it_is() -> None:
    signals, _ = drawn(5, slope=1, bias=0)
    moved = adjust(np.empty((0, len(MASKLET_SIGNALS))), np.empty(0, dtype=bool))
    assert moved.chances(signals) == pytest.approx(expit(prior().log_odds(signals)), abs=1e-6)


def test_many_verdicts_move_it_to_where_people_are() -> None:
    moved = adjust(*drawn(800, slope=1, bias=-2))
    signals, wrong = drawn(800, slope=1, bias=-2, seed=1)
    before = np.abs(Adjustment().chances(signals).mean() - wrong.mean())
    assert np.abs(moved.chances(signals).mean() - wrong.mean()) < 0.05 < before


def test_a_handful_of_odd_verdicts_moves_it_little() -> None:
    signals, wrong = drawn(4, slope=1, bias=0)
    moved = adjust(signals, ~wrong)
    assert abs(moved.slope - 1) < 0.5


def test_an_adjustment_comes_back_as_it_was_stored() -> None:
    moved = adjust(*drawn(30, slope=1, bias=1))
    assert restored(stored(moved)) == moved
    assert restored(None) == restored(Params(2.0, 1.0, [1.0])) == Adjustment()
