import numpy as np
import torch

from worker.sam2 import simulate


def masks() -> torch.Tensor:
    """A large square, a single pixel and nothing."""
    masks = torch.zeros(3, 64, 64, dtype=torch.bool)
    masks[0, 10:40, 20:50] = True
    masks[1, 7, 9] = True
    return masks


def test_a_first_click_falls_on_the_mask() -> None:
    torch.manual_seed(0)
    for _ in range(20):
        click = simulate.first_click(masks()[:2])
        x, y = click.points[:, 0].long().unbind(1)

        assert masks()[torch.arange(2), y, x].all()
        assert (click.labels == 1).all()


def test_a_box_names_the_first_and_last_pixel() -> None:
    boxes = simulate.boxes_of(masks())

    assert boxes.tolist() == [[20, 10, 49, 39], [9, 7, 9, 7], [0, 0, 0, 0]]


def test_a_noisy_box_stays_near_and_is_labelled_as_corners() -> None:
    torch.manual_seed(0)
    box = simulate.noisy_box(masks()[:1])

    assert box.labels.tolist() == [[2, 3]]
    assert (box.points.view(4) - torch.tensor([20.0, 10, 49, 39])).abs().max() < 15


def test_a_correction_is_positive_on_what_is_missing() -> None:
    torch.manual_seed(0)
    truth = masks()[:1]
    predicted = truth.clone()
    predicted[0, 10:20] = False

    click = simulate.corrective_click(truth, predicted, from_truth=0.0)

    assert click.labels.tolist() == [[1]]
    assert 10 <= click.points[0, 0, 1] < 20


def test_a_correction_is_negative_on_what_is_too_much() -> None:
    truth = masks()[:1]
    predicted = truth.clone()
    predicted[0, 50:60] = True

    click = simulate.corrective_click(truth, predicted, from_truth=0.0)

    assert click.labels.tolist() == [[0]]
    assert click.points[0, 0, 1] >= 50


def test_there_is_no_correction_where_nothing_is_wrong_and_nothing_there() -> None:
    nothing = masks()[2:]

    assert simulate.corrective_click(nothing, nothing).labels.tolist() == [[-10]]


def test_evaluation_clicks_the_middle_of_the_larger_error() -> None:
    truth = np.zeros((64, 64), bool)
    truth[10:31, 10:31] = True

    assert simulate.centre_click(truth) == (20, 20, 1)


def test_evaluation_takes_away_when_too_much_is_worse_than_too_little() -> None:
    truth = np.zeros((64, 64), bool)
    truth[10:20, 10:20] = True
    predicted = truth.copy()
    predicted[10:12, 10:12] = False
    predicted[40:61, 40:61] = True

    assert simulate.centre_click(truth, predicted) == (50, 50, 0)


def test_evaluation_stops_clicking_when_all_is_right() -> None:
    truth = np.ones((8, 8), bool)

    assert simulate.centre_click(truth, truth) is None


def test_a_batch_is_clicked_in_the_middle_of_each_error() -> None:
    truth = masks()[[0, 2]]

    clicks = simulate.centre_clicks(truth, torch.zeros_like(truth))

    assert clicks.labels.tolist() == [[1], [-10]]
    x, y = clicks.points[0, 0].int().tolist()
    assert truth[0, y, x]


def test_a_spoiled_mask_misses_a_part_or_has_one_too_many() -> None:
    truth = masks()[:1].repeat(40, 1, 1)

    wrong = simulate.spoiled(truth)

    missing, extra = (truth & ~wrong).flatten(1).any(1), (wrong & ~truth).flatten(1).any(1)
    assert missing.any()
    assert extra.any()
    assert not (missing & extra).any()
