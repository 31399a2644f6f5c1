import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import events
from engine.models import Masklet, MaskletStatus, Run, Video
from engine.services import revisions
from tests import factories


@pytest.fixture(scope="session")
def tiny_checkpoint_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAM 2 with random weights: quick, and its masks are not empty."""
    from tests.worker.sam2.tiny import tiny_model

    folder = tmp_path_factory.mktemp("checkpoint")
    tiny_model().save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_checkpoint(tiny_checkpoint_folder: Path, settings: Any) -> str:
    """What projects that name no checkpoint use in this test."""
    settings.CHECKPOINT = str(tiny_checkpoint_folder)
    settings.DEVICE = "cpu"
    return settings.CHECKPOINT


@pytest.fixture
def team(transactional_db: None) -> factories.Team:
    """Committed, because heartbeats have a database connection of their own."""
    return factories.team()


@pytest.fixture
def video(team: factories.Team) -> Video:
    return factories.ready_video(team.project, team.owner)


@pytest.fixture
def masklet(video: Video, team: factories.Team) -> Masklet:
    """Held by the annotator, with one click on frame 0."""
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(made, team.annotator)
    return made


@pytest.fixture
def told() -> Callable[..., list[dict[str, Any]]]:
    """What a run told those who watch it."""

    def read(run: Run, kind: str) -> list[dict[str, Any]]:
        entries = events.connect().xrange(events.stream_key(run.pk))
        return [json.loads(fields[b"data"]) for _, fields in entries if fields[b"kind"] == kind.encode()]

    return read


@pytest.fixture
def masks_of() -> Callable[[Masklet], dict[str, Any]]:
    """The frames of the masklet's current revision."""

    def read(masklet: Masklet) -> dict[str, Any]:
        masklet.refresh_from_db()
        return dict(revisions.load(masklet.revision, video=masklet.video)["frames"])

    return read
