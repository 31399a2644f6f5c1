from pathlib import Path
from typing import Any

import pytest

from engine import storage
from tests import factories
from worker.inference import trackers, weights

PREFIX = "projects/1/checkpoints/1"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, settings: Any) -> Path:
    settings.CACHE = tmp_path / "cache"
    settings.DEVICE = "cpu"
    trackers._load.cache_clear()
    return tmp_path / "cache" / "checkpoints"


def test_a_checkpoint_is_fetched_once_and_loads(
    team: factories.Team, tiny_checkpoint_folder: Path, cache: Path
) -> None:
    location = weights.send(tiny_checkpoint_folder, PREFIX)
    assert location.startswith(f"s3:{PREFIX}/")
    folder = Path(weights.local(location))
    assert folder.parent == cache
    assert weights.digest(folder) == weights.digest(tiny_checkpoint_folder) == folder.name
    storage.delete_prefix(PREFIX)
    assert weights.local(location) == str(folder), "the second time nothing is fetched"
    factories.champion(team, location)
    assert trackers.of_project(team.project.pk).checkpoint.name == str(folder)


def test_a_damaged_copy_is_fetched_again(tiny_checkpoint_folder: Path) -> None:
    location = weights.send(tiny_checkpoint_folder, PREFIX)
    folder = Path(weights.local(location))
    (folder / "model.safetensors").write_bytes(b"half of it")
    assert weights.digest(Path(weights.local(location))) == folder.name


def test_what_is_damaged_in_the_store_is_not_used(tiny_checkpoint_folder: Path, cache: Path) -> None:
    location = weights.send(tiny_checkpoint_folder, PREFIX)
    key = f"{location.removeprefix('s3:')}/model.safetensors"
    storage.put(key, b"something else", content_type="application/octet-stream")
    with pytest.raises(trackers.CheckpointUnusable, match="damaged"):
        trackers.load(location)
    assert not list(cache.iterdir()), "nothing half fetched is left"


def test_what_is_missing_in_the_store_is_told() -> None:
    with pytest.raises(trackers.CheckpointUnusable):
        trackers.load(f"s3:{PREFIX}/{'0' * 64}")


def test_other_locations_stay_as_they_are() -> None:
    assert weights.local("facebook/sam2.1-hiera-tiny") == "facebook/sam2.1-hiera-tiny"
    assert weights.local("/a/folder") == "/a/folder"


def test_what_nobody_used_for_long_makes_room(
    tiny_checkpoint_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "old").mkdir(parents=True)
    monkeypatch.setattr(weights, "KEPT_FOR", -1)
    folder = weights.local(weights.send(tiny_checkpoint_folder, PREFIX))
    assert [path.name for path in cache.iterdir()] == [Path(folder).name]
