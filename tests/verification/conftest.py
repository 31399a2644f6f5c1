import pytest

from engine import lifecycle
from engine.models import Masklet, MaskletStatus
from tests import factories
from tests.factories import Team


@pytest.fixture
def masklet(team: Team) -> Masklet:
    """One masklet that the annotator made and submitted."""
    return submitted(team)


def submitted(team: Team) -> Masklet:
    video = factories.ready_video(team.project, team.owner, stored=False)
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(made, team.annotator)
    factories.revision(made, team.annotator, {0: factories.disc_mask(0)})
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    return made
