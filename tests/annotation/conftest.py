import pytest

from engine.models import Video
from tests import factories
from tests.factories import Team


@pytest.fixture
def video(team: Team) -> Video:
    """12 frames of 96 × 64; nobody looks at its pictures here."""
    return factories.ready_video(team.project, team.owner, stored=False)
