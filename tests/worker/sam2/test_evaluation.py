import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.render.clips import Clip
from worker.sam2.evaluation import evaluate
from worker.sam2.training.model import export, small_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Untrained, but it sees the object everywhere."""
    small = small_model(SIZE)
    torch.nn.init.constant_(small.mask_decoder.pred_obj_score_head.proj_out.bias, 50.0)
    export(small, small.state_dict(), tmp_path / "model")
    return tmp_path / "model"


def clip(frames: int = 4) -> Clip:
    return Squares().clip(np.random.default_rng(0), frames)


def test_every_figure_is_measured_and_json_ready(model: Path) -> None:
    done: list[int] = []

    found = evaluate(model, [clip()], device="cpu", on_progress=done.append).as_dict()

    assert json.loads(json.dumps(found)) == found
    assert all(value is not None for value in found.values())
    assert (found["objects"], found["frames"], done) == (2, 8, [1])
    assert found["jf_mask"] == pytest.approx((found["j_mask"] + found["f_mask"]) / 2, abs=1e-4)
    assert sum(bar["count"] for bar in found["score_bins"]) == 2 * 2 * 3


def test_an_object_starts_where_it_is_first_seen_and_never_seen_ones_are_left_out(model: Path) -> None:
    whole = clip(5)
    whole.masks[:2, 0] = False
    whole.masks[:, 1] = False

    found = evaluate(model, [whole], device="cpu")

    assert (found.objects, found.frames) == (1, 3)
    assert found.absent_recall is None


def test_a_cancelled_evaluation_has_the_figures_so_far(model: Path) -> None:
    done: list[int] = []

    found = evaluate(
        model, [clip(), clip()], device="cpu", on_progress=done.append, cancelled=lambda: bool(done)
    )

    assert found.objects == 2


def test_nothing_to_look_at_leaves_every_figure_open(model: Path) -> None:
    found = evaluate(model, [], device="cpu")

    assert found.objects == 0
    assert found.jf_mask is None
    assert found.fps is None
