import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tests.worker.sam2.training.conftest import SIZE, Squares
from worker.sam2 import checkpoint
from worker.sam2.training.loop import Hardware, Progress, Training, parameter_groups
from worker.sam2.training.model import small_model
from worker.sam2.training.recipe import Stage

Maker = Callable[..., Training]
RUN_IN = """
import sys
from pathlib import Path
from tests.worker.sam2.training.test_loop import four_steps
four_steps(Path(sys.argv[1])).run()
"""


def four_steps(out: Path) -> Training:
    """A run that keeps every second step."""
    stage = Stage("clips", 4, SIZE, clips=1, frames=2, objects=1, rates=(1e-3, 1e-4))
    mix = [(Squares(), 1.0)]
    return Training(out, [stage], mix, small_model, hardware=Hardware("cpu", threads=1), keep_every=2)


def entries(run: Training) -> list[dict]:
    return [json.loads(line) for line in (run.out / "log.jsonl").read_text().splitlines()]


def test_a_run_leaves_a_model_that_loads_a_log_and_curves(training: Maker, squares: Squares) -> None:
    told: list[Progress] = []
    run = training(validation=squares, on_progress=told.append)

    model = run.run()

    assert checkpoint.load(model, "cpu").image_size == SIZE
    assert [entry["loss"] for entry in entries(run) if "loss" in entry]
    assert 0 <= entries(run)[-1]["validation"]["iou_after_mask"] <= 1
    assert (run.out / "curves.svg").read_text().count("polyline") > 2
    assert (told[-1].step, told[-1].steps) == (4, 4)
    assert told[1].seconds_left is not None


def test_a_run_that_was_killed_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", RUN_IN, str(tmp_path / "killed")])
    while not (tmp_path / "killed" / "last.pt").exists():
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    again, whole = four_steps(tmp_path / "killed"), four_steps(tmp_path / "whole")
    assert again.step > 0
    again.run()
    whole.run()

    ends = again.state["average"], whole.state["average"]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    assert [entry["step"] for entry in entries(again)] == [entry["step"] for entry in entries(whole)]


def test_a_cancelled_run_keeps_what_it_has_learned(training: Maker) -> None:
    told: list[Progress] = []
    training(on_progress=told.append, cancelled=lambda: len(told) >= 3).run()

    again = training()

    assert again.step == 3
    again.run()
    assert again.step == 4


def test_a_frozen_encoder_stays_as_it_is_and_the_rest_learns(training: Maker) -> None:
    run = training()
    run.stages = run.stages[1:]
    before = {name: value.clone() for name, value in run.state["model"].items()}

    run.run()

    moved = {name for name, value in run.state["model"].items() if not torch.equal(value, before[name])}
    assert any(name.startswith("memory_attention") for name in moved)
    assert not any(name.startswith("vision_encoder") for name in moved)


def test_a_layer_further_from_the_output_learns_more_slowly() -> None:
    stage = Stage("any", 1, SIZE, 1, 1, 1, rates=(1.0, 1.0), encoder=0.5, layer_decay=0.9)
    model = small_model(SIZE)

    share = {
        id(parameter): group["share"]
        for group in parameter_groups(model, stage)
        for parameter in group["params"]
    }
    blocks = model.vision_encoder.backbone.blocks
    first, last = (share[id(next(block.parameters()))] for block in (blocks[0], blocks[-1]))

    assert first < last < 0.5 < share[id(model.no_memory_embedding)] == 1.0
    assert share[id(next(model.vision_encoder.neck.parameters()))] == 0.5


def test_a_stage_in_minutes_ends_when_they_are_over(training: Maker) -> None:
    stage = Stage("short", 0, SIZE, minutes=0.02, clips=1, frames=2, objects=1, rates=(1e-3, 1e-4))
    told: list[Progress] = []
    run = training(stages=[stage, stage], on_progress=told.append)

    run.run()

    losses = [progress for progress in told if progress.loss is not None]
    assert run.step == losses[-1].step >= 2
    assert losses[0].seconds_left is not None
    assert losses[0].seconds_left <= 2 * 1.2
    assert checkpoint.load(run.out / "model", "cpu").image_size == SIZE
