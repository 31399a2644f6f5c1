"""A program with a token, against real processes of the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.models import Video
from engine.services import tokens
from maskloop import Client
from tests import factories

if TYPE_CHECKING:
    from tests.app import App


@pytest.fixture
def team(transactional_db: None) -> factories.Team:
    """Committed, for the server's own processes."""
    return factories.team()


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the person who runs the tests is read or written."""
    path = tmp_path / "config" / "config.json"
    monkeypatch.setenv("MASKLOOP_CONFIG", str(path))
    monkeypatch.delenv("MASKLOOP_URL", raising=False)
    monkeypatch.delenv("MASKLOOP_TOKEN", raising=False)
    return path


@pytest.fixture
def secret(team: factories.Team) -> str:
    return tokens.create(actor=team.owner, project=team.project, name="tests", role="owner", days=1)[1]


@pytest.fixture
def client(app: "App", secret: str) -> Iterator[Client]:
    app.start("web", "export", "ingest", "janitor")
    with Client(app.web_origin, secret) as client:
        yield client


@pytest.fixture
def video(team: factories.Team) -> Video:
    """With one accepted masklet: the disc on each of its five frames."""
    video = factories.ready_video(team.project, team.owner, frames=5, proxy=True)
    factories.accepted_masklet(video, team)
    return video
