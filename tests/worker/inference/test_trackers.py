import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.services import checkpoints
from tests import factories
from worker.inference import trackers


def test_a_checkpoint_is_loaded_once(tiny_checkpoint: str) -> None:
    assert trackers.load(tiny_checkpoint) is trackers.load(tiny_checkpoint)


def test_a_projects_own_checkpoint_comes_before_the_installations(
    team: factories.Team, tiny_checkpoint: str, settings: Any
) -> None:
    factories.champion(team, tiny_checkpoint)
    settings.CHECKPOINT = "bundled"
    assert checkpoints.active_location(team.project.pk) == tiny_checkpoint
    assert trackers.of_project(team.project.pk) is trackers.load(tiny_checkpoint)


def test_a_folder_without_a_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(trackers.CheckpointUnusable, match="cannot be loaded"):
        trackers.load(str(tmp_path))


def test_warming_up_loads_the_installations_checkpoint(tiny_checkpoint: str) -> None:
    assert trackers.warm_up() is trackers.load(tiny_checkpoint)


def test_an_image_size_that_a_checkpoint_cannot_be_run_at_is_told(
    tiny_checkpoint_folder: Path, tmp_path: Path, settings: Any
) -> None:
    """It is asked of checkpoints that were made for 1024 pixels."""
    shutil.copytree(tiny_checkpoint_folder, tmp_path, dirs_exist_ok=True)
    saved = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(saved | {"image_size": 1024}))
    settings.DEVICE = "cpu"
    settings.IMAGE_SIZE = 256
    assert trackers.load(str(tmp_path)).checkpoint.image_size == 256
    settings.IMAGE_SIZE = 500
    with pytest.raises(trackers.CheckpointUnusable, match="500 pixels; it must be a multiple of 64"):
        trackers.load(str(tmp_path))
