from typing import Any

import pytest

from engine.models import Masklet, MaskletStatus, RevisionKind
from engine.services import revisions
from tests import factories
from tests.factories import Team
from tests.http import Caller

UNSURE = {"predicted_iou": 0.3, "stability": 0.5}


@pytest.fixture
def masklet(team: Team) -> Masklet:
    video = factories.ready_video(team.project, team.owner)
    return factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)


def write(masklet: Masklet, team: Team, frames: dict[int, Any]) -> None:
    revisions.write(
        masklet=masklet,
        run=factories.predict_run(masklet, team.annotator),
        kind=RevisionKind.PROPAGATE,
        frames=frames,
        prompts=revisions.prompts_in_force(masklet),
    )


def test_a_revision_says_where_to_look_and_a_restore_brings_that_back(masklet: Masklet, team: Team) -> None:
    factories.click(masklet, team.annotator)
    sure = {i: factories.mask_frame(factories.disc_mask(i)) for i in range(6)}
    write(masklet, team, sure | {i: sure[i] | UNSURE for i in (0, 3, 4)})
    first = masklet.revision
    assert first is not None
    assert [(d.first_frame, d.last_frame) for d in first.suggested_frames] == [(3, 4)]
    assert first.doubt > 0.2

    write(masklet, team, {i: sure[i] for i in (3, 4)})
    assert masklet.revision is not None
    assert masklet.revision.suggested_frames == []
    assert masklet.revision.doubt < first.doubt

    restored = revisions.restore(masklet=masklet, number=1, actor=team.annotator)
    assert (restored.suggested_frames, restored.doubt) == (first.suggested_frames, first.doubt)
    nothing = revisions.restore(masklet=masklet, number=0, actor=team.annotator)
    assert (nothing.suggested_frames, nothing.doubt) == ([], 0.0)


def test_the_masks_and_the_masklet_tell_where_to_look(masklet: Masklet, team: Team) -> None:
    anna = Caller(team.annotator)
    before = anna.get(f"masklets/{masklet.pk}/masks/").json()
    assert (before["suggested_frames"], before["doubt"]) == ([], 0.0)
    row = anna.get(f"masklets/{masklet.pk}/").json()
    assert (row["suggested_frames_count"], row["doubt"]) == (0, 0.0)

    factories.click(masklet, team.annotator)
    sure = {i: factories.mask_frame(factories.disc_mask(i)) for i in range(6)}
    write(masklet, team, sure | {3: sure[3] | UNSURE})
    masks = anna.get(f"masklets/{masklet.pk}/masks/").json()
    (doubt,) = masks["suggested_frames"]
    assert {**doubt, "score": 0} == {
        "frame_idx": 3,
        "score": 0,
        "reason": "unstable_edge",
        "first_frame": 3,
        "last_frame": 3,
    }
    row = anna.get(f"masklets/{masklet.pk}/").json()
    assert (row["suggested_frames_count"], row["doubt"]) == (1, masks["doubt"])
    listed = anna.get(f"masklets/?video={masklet.video_id}").json()["results"]
    assert listed[0]["doubt"] == masks["doubt"]
