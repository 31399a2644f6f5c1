"""What the rows name is there and unchanged, and what no row names can be found."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from engine import storage
from engine.models import Damage, Masklet, Revision, Video
from engine.services import store
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    made = factories.ready_video(
        team.project, team.owner, frames=3, proxy=True, source_sha256=hashlib.sha256(b"source").hexdigest()
    )
    storage.put(made.source_key, b"source", content_type="application/octet-stream")
    return made


@pytest.fixture
def masklet(video: Video, team: Team) -> Masklet:
    return factories.accepted_masklet(video, team)


def verify() -> tuple[int, list[str]]:
    """(exit status, lines) of the command."""
    out = io.StringIO()
    try:
        call_command("verify_store", stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_a_store_that_is_well(masklet: Masklet) -> None:
    assert verify() == (0, [json.dumps({"checked": 7, "problems": 0})])


KINDS = ("frame", "source", "manifest", "masks", "proxy")


@pytest.mark.parametrize("rot", ["changed", "gone"])
@pytest.mark.parametrize("what", KINDS)
def test_what_rotted_is_named(masklet: Masklet, video: Video, what: str, rot: str) -> None:
    keys = {"frame": video.frame_key(1), "source": video.source_key, "manifest": video.manifest_key}
    keys["proxy"] = video.proxy_key
    key = keys.get(what) or Revision.objects.get().key
    if rot == "gone":
        storage.delete(key)
    elif what == "manifest":  # it is what the others are compared with
        storage.put(
            key, storage.get(key).replace(b'"sha256": "', b'"sha256": "0', 1), content_type="text/plain"
        )
    else:
        storage.put(key, b"other", content_type="text/plain")
    status, lines = verify()
    assert (status, json.loads(lines[-1])["problems"]) == (1, 1)
    assert lines[0].startswith(key if (what, rot) != ("manifest", "changed") else video.frame_key(0))


def test_what_no_row_names_is_found_once_it_is_a_day_old(
    masklet: Masklet, video: Video, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [
        f"projects/{team.project.pk}/masks/{'0' * 64}.json.gz",
        f"projects/{team.project.pk}/videos/{video.pk + 10**6}/frames/00000.jpg",
    ]
    for key in lost:
        storage.put(key, b"x", content_type="text/plain")
    ours = f"projects/{team.project.pk}/"

    def found() -> list[str]:
        return sorted(key for key in store.orphans() if key.startswith(ours))

    assert found() == []
    monkeypatch.setattr(store, "GRACE", timedelta(seconds=-60))
    assert found() == sorted(lost)
    only_ours: Any = lambda prefix, listing=storage.listing: listing(ours)  # noqa: E731
    monkeypatch.setattr(storage, "listing", only_ours)
    call_command("sweep_orphans", delete=True, stdout=io.StringIO())
    assert found() == []
    assert verify()[0] == 0


def test_what_is_damaged_is_seen_by_owners_until_it_is_well_again(
    masklet: Masklet, video: Video, team: Team
) -> None:
    path = f"projects/{team.project.pk}/damages/"
    owner = Caller(team.owner)
    assert owner.get(path).json()["results"] == []
    kept = storage.get(video.frame_key(1))
    storage.put(video.frame_key(1), b"rot", content_type="image/jpeg")
    for _ in range(2):
        assert verify()[0] == 1
    (damage,) = owner.get(path).json()["results"]
    assert (damage["key"], damage["sentence"]) == (video.frame_key(1), "The object has changed.")
    assert refusal(Caller(team.annotator).get(path)) == (403, "not_allowed")
    assert refusal(Caller(team.stranger).get(path)) == (404, "not_found")
    storage.put(video.frame_key(1), kept, content_type="image/jpeg")
    assert verify()[0] == 0
    assert owner.get(path).json()["results"] == []


def test_masks_that_somebody_cannot_be_shown_are_entered(masklet: Masklet, team: Team) -> None:
    key = Revision.objects.get().key
    storage.delete(key)
    assert refusal(Caller(team.annotator).get(f"masklets/{masklet.pk}/masks/")) == (409, "object_damaged")
    assert Damage.objects.get().key == key


def test_the_janitor_removes_old_orphans_of_projects_some_at_a_time(
    masklet: Masklet, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, nobodys = f"projects/{team.project.pk}/", f"projects/{10**9 + team.project.pk}/"
    orphans = [f"{prefix}masks/{n}.json.gz" for prefix in (ours, nobodys) for n in range(5)]
    for key in orphans:
        storage.put(key, b"x", content_type="text/plain")
    before = {key for key, _ in storage.listing(ours)}
    monkeypatch.setattr(store, "SWEPT_AT_ONCE", 4)
    monkeypatch.setattr(store, "_swept", {"to": ours})
    rounds = -(-len(before) // 4)
    assert sum(store.sweep_some() for _ in range(rounds)) == 0
    monkeypatch.setattr(store, "SWEEP_AFTER", timedelta(seconds=-60))
    monkeypatch.setattr(store, "_swept", {"to": ours})
    assert 1 <= sum(store.sweep_some() for _ in range(rounds)) <= 5
    monkeypatch.setattr(store, "SWEPT_AT_ONCE", 10**6)
    monkeypatch.setattr(store, "_swept", {"to": ours})
    store.sweep_some()
    assert {key for key, _ in storage.listing(ours)} == before - set(orphans)
    assert len(list(storage.listing(nobodys))) == 5
    assert verify()[0] == 0
    storage.delete_prefix(nobodys)
