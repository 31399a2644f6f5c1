import numpy as np
import pytest

from engine.models import Masklet, Release, ReleaseItem, Run, RunKind, RunStatus
from engine.services import statistics
from tests import factories
from tests.http import Caller, refusal
from worker.datasets.measure import measure
from worker.runs import perform


@pytest.fixture
def release(team: factories.Team) -> Release:
    """A disc that is always there, and one that vanishes and comes back."""
    video = factories.ready_video(team.project, team.owner, frames=5, stored=False)
    factories.accepted_masklet(video, team)
    nothing = np.zeros_like(factories.disc_mask(0))
    seen = {j: nothing if j == 2 else factories.disc_mask(j) for j in range(5)}
    factories.accepted_masklet(video, team, seen)
    return factories.frozen_release(team)


def measured(release: Release) -> Run:
    run = Run.objects.get(release=release, kind=RunKind.MEASURE)
    perform(run.pk, measure)
    run.refresh_from_db()
    release.refresh_from_db()
    return run


def test_a_frozen_release_is_measured(team: factories.Team, release: Release) -> None:
    run = measured(release)
    assert (run.status, run.result, run.error_message) == (RunStatus.SUCCEEDED, {"masklets": 2}, "")
    told = Caller(team.annotator).get(f"releases/{release.pk}/statistics/").json()
    figures = told["statistics"]
    assert (figures["masklets"], figures["videos"], figures["frames"], figures["masks"]) == (2, 1, 5, 9)
    assert (figures["disappearance_rate"], figures["changes"][:3]) == (0.5, [1, 0, 1])
    assert figures["by_size"] == {"small": 2}
    assert told["lineage"]["verification"]["accepted"] == 2
    assert told["run"]["status"] == "succeeded"


def test_another_attempt_goes_on_after_what_was_measured(
    team: factories.Team, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ReleaseItem.objects.filter(release=release).order_by("pk")[0]
    measures = {
        "frames": 5, "visible": 1, "area": 1.0, "share": 0.5, "size": "large", "changes": 0, "reappears": False,
        "edited": 0,
    }  # fmt: skip
    ReleaseItem.objects.filter(pk=first.pk).update(measures=measures)
    measured(release)
    assert release.statistics is not None
    assert release.statistics.by_size == {"large": 1, "small": 1}


def test_two_releases_are_compared(team: factories.Team, release: Release) -> None:
    kept, gone = Masklet.objects.filter(project=team.project).order_by("pk")
    Masklet.objects.filter(pk=gone.pk).update(status="needs_refinement")
    factories.revision(kept, team.annotator, {0: factories.disc_mask(1)})
    Masklet.objects.filter(pk=kept.pk).update(label="disc")
    new = factories.accepted_masklet(kept.video, team)
    second = factories.frozen_release(team, "second")
    told = Caller(team.owner).get(f"releases/{second.pk}/diff/?other={release.pk}").json()
    found = {name: [row["masklet"] for row in part["masklets"]] for name, part in told.items()}
    assert found == {"added": [new.pk], "removed": [gone.pk], "changed": [kept.pk], "relabelled": [kept.pk]}
    same = statistics.diff(second, second)
    assert [part["count"] for part in same.values()] == [0, 0, 0, 0]
    other = factories.team()
    foreign = Release.objects.create(project=other.project, name="x", created_by=other.owner)
    answer = Caller(team.owner).get(f"releases/{second.pk}/diff/?other={foreign.pk}")
    assert refusal(answer) == (404, "not_found")
