import numpy as np

from benchmarks.effort.trials import meant, same
from vos import rle


def test_the_object_that_is_meant_lies_below_the_outline():
    truth = np.zeros((3, 2, 20, 30), bool)
    truth[0, :, 2:8, 2:8] = True
    truth[1, :, 10:18, 10:18] = True
    truth[2] = truth[1]
    objects = [(7, truth[0]), (7, truth[1]), (8, truth[2])]
    outline = np.zeros((20, 30), bool)
    outline[11:18, 11:20] = True
    target = {"frame_idx": 1, **rle.encode(outline)}
    assert meant(target, 7, objects) == 1
    assert meant(target, 8, objects) == 2


def test_what_the_server_says_is_the_same_but_for_the_last_digits():
    ours = {"clicks": 3, "share": 1 / 3, "alignment": {"all": 0.5, "small": None}}
    assert same(
        ours, {"clicks": 3, "share": 0.3333333333, "alignment": {"all": 0.5, "small": None, "masks": 4}}
    )
    assert not same(ours, {"clicks": 3, "share": 1 / 3, "alignment": None})
    assert not same(ours, {"clicks": 4, "share": 1 / 3, "alignment": {"all": 0.5, "small": None}})
    assert not same({"share": 0.5}, {"share": None})
