import numpy as np
import pytest

from benchmarks.effort.observed import Observed, click, j_and_f, repaired
from vos import metrics, rle
from worker.sam2 import simulate


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def blobs(rng: np.random.Generator, count: int, height: int = 54, width: int = 96) -> np.ndarray:
    """Ellipses, some of them cut by the border, some absent."""
    rows, columns = np.mgrid[:height, :width]
    made = []
    for _ in range(count):
        y, x = rng.uniform(0, height), rng.uniform(0, width)
        a, b = rng.uniform(3, 20, 2)
        mask = ((rows - y) / a) ** 2 + ((columns - x) / b) ** 2 < 1
        made.append(mask & (rng.random() < 0.8))
    return np.stack(made)


def test_scores_are_those_of_the_evaluator(rng: np.random.Generator):
    for mask, truth in zip(blobs(rng, 40), blobs(rng, 40), strict=True):
        expected = metrics.iou(mask, truth), metrics.boundary_f(mask, truth)
        assert j_and_f(mask, truth) == pytest.approx(expected)


def test_clicks_are_those_of_the_evaluator(rng: np.random.Generator):
    for mask, truth in zip(blobs(rng, 40), blobs(rng, 40), strict=True):
        assert click(truth, mask) == simulate.centre_click(truth, mask)
        assert click(truth, None) == simulate.centre_click(truth)


def test_an_objects_j_and_f_is_the_evaluators(rng: np.random.Generator):
    truth, found = blobs(rng, 12), blobs(rng, 12)
    truth[:4] = found[:3] = False  # neither shows it in the beginning
    observed = Observed(truth)
    observed.show_all({str(i): dict(rle.encode(mask)) for i, mask in enumerate(found)})
    assert observed.j_and_f() == pytest.approx(np.mean(metrics.j_and_f(found, truth)))


def test_the_worst_frame_is_the_first_of_the_lowest():
    truth = np.zeros((4, 8, 8), bool)
    truth[:, 2:6, 2:6] = True
    observed = Observed(truth)
    observed.show(0, rle.encode(truth[0])["counts"])
    assert observed.iou(0) == 1
    assert observed.worst(range(4)) == 1
    assert observed.worst([]) is None


def test_strokes_take_the_largest_errors_first_until_it_is_enough():
    truth = np.zeros((40, 60), bool)
    truth[5:25, 5:25] = True  # 400 pixels
    mask = truth.copy()
    mask[5:25, 5:15] = False  # 200 of them missing
    mask[30:36, 40:50] = True  # 60 too many
    mask[0, 0] = True
    assert repaired(truth, mask, enough=0.85)[1] == 1
    painted, strokes = repaired(truth, mask, enough=0.95)
    assert strokes == 2
    assert metrics.iou(painted, truth) == pytest.approx(400 / 401)
    assert repaired(truth, truth, enough=1.0)[1] == 0
