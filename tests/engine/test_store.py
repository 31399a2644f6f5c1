"""What the rows name is there and unchanged, and what no row names can be found."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from engine import storage
from engine.models import Masklet, Revision, Video
from engine.services import store
from tests import factories
from tests.factories import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    made = factories.ready_video(team.project, team.owner, frames=3)
    storage.put(made.source_key, b"source", content_type="application/octet-stream")
    frames = [
        {"frame_idx": j, "sha256": hashlib.sha256(storage.get(made.frame_key(j))).hexdigest()}
        for j in range(3)
    ]
    lines = [json.dumps(line) for line in ({"format": "maskloop-manifest/1"}, *frames)]
    storage.put(made.manifest_key, "\n".join(lines).encode(), content_type="application/x-ndjson")
    Video.objects.filter(pk=made.pk).update(source_sha256=hashlib.sha256(b"source").hexdigest())
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
    assert verify() == (0, [json.dumps({"checked": 5, "problems": 0})])


@pytest.mark.parametrize("what", ["frame", "source", "manifest", "masks"])
@pytest.mark.parametrize("rot", ["changed", "gone"])
def test_what_rotted_is_named(masklet: Masklet, video: Video, what: str, rot: str) -> None:
    keys = {"frame": video.frame_key(1), "source": video.source_key, "manifest": video.manifest_key}
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
