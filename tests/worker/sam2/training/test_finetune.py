import json
from pathlib import Path

import pytest

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.sam2 import checkpoint
from worker.sam2.training.finetune import FinetuneSettings, Progress, as_stage, finetune
from worker.sam2.training.model import export, small_model

SHORT = FinetuneSettings(steps=2, frames=2, objects=2, device="cpu", keep_every_steps=1)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A model of a size that is not the bundled one's."""
    model = small_model(SIZE)
    export(model, model.state_dict(), tmp_path / "base")
    return tmp_path / "base"


def test_fine_tuning_keeps_the_base_models_own_size(base: Path, tmp_path: Path, squares: Squares) -> None:
    told: list[Progress] = []

    model = finetune(
        base, [(squares, 1.0)], tmp_path / "out", settings=SHORT, validation=squares, on_progress=told.append
    )

    assert checkpoint.load(model, "cpu").image_size == SIZE
    assert told[-1].validation is not None
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert any({"step", "loss", "rate"} <= entry.keys() for entry in log)


def test_fine_tuning_goes_on_from_what_was_kept(base: Path, tmp_path: Path, squares: Squares) -> None:
    first: list[Progress] = []
    again: list[Progress] = []
    finetune(
        base,
        [(squares, 1.0)],
        tmp_path / "out",
        settings=SHORT,
        on_progress=first.append,
        cancelled=lambda: len(first) >= 1,
    )

    finetune(base, [(squares, 1.0)], tmp_path / "out", settings=SHORT, on_progress=again.append)

    assert (first[-1].step, again[0].step) == (1, 2)


def test_a_base_that_is_not_there_is_named(tmp_path: Path, squares: Squares) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        finetune(tmp_path / "nowhere", [(squares, 1.0)], tmp_path / "out", settings=SHORT)


def test_the_image_encoder_has_a_rate_of_its_own() -> None:
    settings = FinetuneSettings(learning_rate=1e-3, encoder_learning_rate=5e-4)

    stage = as_stage(settings, small_model(SIZE))

    assert (stage.rates[0], stage.encoder, stage.size) == (1e-3, 0.5, SIZE)
