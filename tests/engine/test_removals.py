from datetime import timedelta

import pytest
from django.db.models.functions import Now

from engine import storage
from engine.models import AuditEntry, Masklet, MaskletStatus, Project, Video
from engine.services import counts, quotas, removals, store
from tests import factories
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: factories.Team) -> Video:
    made = factories.ready_video(team.project, team.owner, frames=2)
    factories.accepted_masklet(made, team)
    factories.masklet(made, team.annotator)
    return made


def told(team: factories.Team) -> dict[str, int]:
    return dict(Caller(team.owner).get(f"projects/{team.project.pk}/").json()["counts"])


def test_a_removed_video_is_gone_for_everybody_and_comes_back(team: factories.Team, video: Video) -> None:
    before, owner = told(team), Caller(team.owner)
    assert before["accepted"] == before["videos"] == 1
    assert owner.delete(f"videos/{video.pk}/").status_code == 204
    assert told(team) == dict.fromkeys(before, 0)
    assert owner.get(f"videos/{video.pk}/").status_code == 404
    for path in (f"videos/?project={team.project.pk}", f"masklets/?project={team.project.pk}"):
        assert owner.get(path).json()["results"] == []
    assert not Masklet.objects.to_release().exists()
    assert not Masklet.objects.to_annotate().exists()
    assert quotas.videos(team.project).used == 0
    assert counts.check(team.project.pk) == 0
    (binned,) = owner.get(f"projects/{team.project.pk}/bin/").json()
    assert (binned["name"], binned["removed_at"] < binned["emptied_on"]) == (video.name, True)

    back = owner.post(f"projects/{team.project.pk}/bin/{video.pk}/restore/")
    assert (back.status_code, back.json()["id"]) == (200, video.pk)
    assert told(team) == before
    assert counts.check(team.project.pk) == 0
    kinds = list(AuditEntry.objects.order_by("id").values_list("kind", flat=True))[-2:]
    assert kinds == ["video_removed", "video_restored"]


def test_what_a_release_pins_stays(team: factories.Team, video: Video) -> None:
    factories.frozen_release(team, "first")
    answer = Caller(team.owner).delete(f"videos/{video.pk}/")
    assert refusal(answer) == (409, "wrong_state")
    assert "The release first holds masklets of this video" in answer.json()["message"]


def test_what_somebody_works_on_stays(team: factories.Team, video: Video) -> None:
    held = Masklet.objects.get(video=video, status=MaskletStatus.SELECTED)
    run = factories.predict_run(held, team.annotator)
    assert refusal(Caller(team.owner).delete(f"videos/{video.pk}/")) == (409, "wrong_state")
    type(run).objects.filter(pk=run.pk).delete()
    type(held).objects.filter(pk=held.pk).update(status=MaskletStatus.ANNOTATING)
    answer = Caller(team.owner).delete(f"videos/{video.pk}/")
    assert "Somebody is annotating 1" in answer.json()["message"]


def test_only_owners_remove(team: factories.Team, video: Video) -> None:
    assert refusal(Caller(team.annotator).delete(f"videos/{video.pk}/")) == (403, "not_allowed")
    assert Caller(team.stranger).delete(f"videos/{video.pk}/").status_code == 404
    assert refusal(Caller(team.reviewer).delete(f"projects/{team.project.pk}/removal/")) == (
        403,
        "not_allowed",
    )


def test_after_thirty_days_its_objects_go(team: factories.Team, video: Video) -> None:
    other = factories.ready_video(team.project, team.owner, frames=2)
    twin = factories.accepted_masklet(other, team)  # the same masks, which it keeps
    own = factories.accepted_masklet(video, team, {0: factories.disc_mask(1), 1: factories.disc_mask(0)})
    removals.remove_video(actor=team.owner, video=video)
    assert removals.empty_some() == 0
    Video.objects.filter(pk=video.pk).update(removed_at=Now() - timedelta(days=31))
    assert removals.empty_some() == 1
    assert list(storage.listing(f"{video.prefix}/")) == []
    assert own.revision is not None
    assert twin.revision is not None
    assert storage.size_of(own.revision.key) is None
    assert storage.size_of(twin.revision.key) is not None
    assert [problem for problem in store.check() if problem and str(video.pk) in problem.named_by] == []
    assert refusal(Caller(team.owner).post(f"projects/{team.project.pk}/bin/{video.pk}/restore/"))[0] == 404
    assert removals.empty_some() == 0


def test_a_project_goes_into_its_owners_bin(team: factories.Team, video: Video) -> None:
    owner = Caller(team.owner)
    assert owner.delete(f"projects/{team.project.pk}/removal/").status_code == 204
    assert owner.get(f"projects/{team.project.pk}/").status_code == 404
    assert Caller(team.annotator).get("videos/").json()["results"] == []
    assert Caller(team.annotator).get("bin/").json() == []
    (binned,) = owner.get("bin/").json()
    assert binned["id"] == team.project.pk
    assert Caller(team.annotator).post(f"bin/{team.project.pk}/restore/").status_code == 404
    assert owner.post(f"bin/{team.project.pk}/restore/").status_code == 200
    assert Project.objects.visible_to(team.annotator).exists()
