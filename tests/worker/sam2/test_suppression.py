import numpy as np
import torch
from rlemasklib import RLEMask

from worker.sam2.suppression import greedy, kept_of, matching, suppressed

SHAPE = (40, 60)


def box(left: int, top: int = 5, width: int = 20, height: int = 20) -> RLEMask:
    return RLEMask.from_bbox([left, top, width, height], imshape=SHAPE)


def dense(*boxes: RLEMask) -> torch.Tensor:
    return torch.from_numpy(np.stack([mask.to_array() for mask in boxes]).astype(bool))


def test_what_is_like_one_that_went_stays():
    # The second goes for the first; the third is like the second alone.
    alike = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)

    assert greedy(alike) == [0, 2]


def test_of_two_masks_that_are_alike_the_better_one_stays():
    masks = dense(box(0), box(2), box(35))

    assert suppressed(masks, torch.tensor([0.7, 0.9, 0.8]), alike=0.7, inside=0.9).tolist() == [1, 2]


def test_masks_are_compared_by_pixels_not_by_boxes():
    checks = np.zeros((2, *SHAPE), dtype=bool)
    checks[0, ::2], checks[1, 1::2] = True, True

    assert suppressed(torch.from_numpy(checks), torch.ones(2), alike=0.1, inside=0.1).tolist() == [0, 1]


def test_a_part_of_a_better_mask_is_left_out_and_so_is_what_a_better_part_lies_in():
    whole, part, apart = box(0), box(4, 8, 6, 6), box(35)

    assert kept_of("wpa", [whole, part, apart], alike=0.7, inside=0.9) == ["w", "a"]
    assert kept_of("pwa", [part, whole, apart], alike=0.7, inside=0.9) == ["p", "a"]
    assert kept_of("wpa", [whole, part, apart], alike=0.7, inside=2.0) == ["w", "p", "a"]


def test_nothing_is_nothing():
    assert kept_of([], [], alike=0.7, inside=0.9) == []
    assert matching(box(0), []) == 0.0


def test_the_best_match_counts():
    assert matching(box(0), [box(30), box(0), box(10)]) == 1.0


def test_masks_as_drawn_and_rles_are_held_to_one_rule():
    rng = np.random.default_rng(0)
    boxes = [box(*rng.integers(0, 20, 2), *rng.integers(5, 30, 2)) for _ in range(40)]
    scores = torch.linspace(1, 0, len(boxes))

    kept = suppressed(dense(*boxes), scores, alike=0.5, inside=0.8).tolist()

    assert 2 < len(kept) < 40
    assert kept == kept_of(range(40), boxes, alike=0.5, inside=0.8)
