from pathlib import Path
from typing import Any

import pytest

from engine.models import Checkpoint
from engine.services import checkpoints
from tests import factories
from worker import trackers


def test_a_checkpoint_is_loaded_once(tiny_checkpoint: str) -> None:
    assert trackers.load(tiny_checkpoint) is trackers.load(tiny_checkpoint)


def test_a_projects_own_checkpoint_comes_before_the_installations(
    team: factories.Team, tiny_checkpoint: str, settings: Any
) -> None:
    Checkpoint.objects.filter(project=team.project).update(location=tiny_checkpoint)
    settings.CHECKPOINT = "bundled"
    assert checkpoints.active_location(team.project.pk) == tiny_checkpoint
    assert trackers.of_project(team.project.pk) is trackers.load(tiny_checkpoint)


def test_a_folder_without_a_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(trackers.CheckpointUnusable, match="cannot be loaded"):
        trackers.load(str(tmp_path))


def test_warming_up_loads_the_installations_checkpoint(tiny_checkpoint: str) -> None:
    assert trackers.warm_up() is trackers.load(tiny_checkpoint)
