"""Bringing in a checkpoint by the API: what is asked for, by whom, and what is refused at the door."""

from typing import Any

import pytest

from engine import storage
from engine.models import CheckpointImport, Run, RunKind, Upload
from engine.services import ingest
from engine.services.checkpoint_imports import MAX_SIZE
from tests import factories
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(team: factories.Team) -> str:
    return f"projects/{team.project.pk}/checkpoint-imports/"


def test_a_file_goes_the_way_of_a_videos_upload(team: factories.Team, path: str) -> None:
    caller = Caller(team.owner)
    made = caller.post(path, {"name": "ours", "file": "a.pt", "size": 5}).json()
    assert (made["status"], made["run"], made["upload"]["part_count"]) == ("uploading", None, 1)
    storage.put(CheckpointImport.objects.get().source_key, b"12345", content_type="application/octet-stream")
    assert refusal(caller.post(f"uploads/{made['upload']['id']}/complete/", {"parts": []}))[0] == 409
    done = caller.post(f"checkpoint-imports/{made['id']}/complete/", {"parts": []}).json()
    assert (done["status"], done["run"]["kind"], done["upload"]) == ("reading", "import_weights", None)
    assert refusal(caller.post(f"checkpoint-imports/{made['id']}/complete/", {"parts": []})) == (
        409,
        "wrong_state",
    )
    assert refusal(caller.delete(f"checkpoint-imports/{made['id']}/"))[0] == 409, "it is being read"
    (listed,) = Caller(team.annotator).get(path).json()["results"]
    assert listed["name"] == "ours"


def test_a_location_that_is_allowed_is_read_at_once(team: factories.Team, path: str, settings: Any) -> None:
    settings.CHECKPOINTS = ["facebook/sam2.1-hiera-tiny"]
    caller = Caller(team.owner)
    choices = caller.get(f"projects/{team.project.pk}/retraining/").json()
    assert "facebook/sam2.1-hiera-tiny" in choices["locations"]
    made = caller.post(path, {"name": "tiny", "location": "facebook/sam2.1-hiera-tiny"}).json()
    assert (made["status"], made["upload"]) == ("reading", None)
    assert Run.objects.get().kind == RunKind.IMPORT_WEIGHTS


@pytest.mark.parametrize(
    "location",
    ["facebook/sam2-hiera-large", "/etc", "../..", "https://example.org/model.safetensors", "s3:projects/1"],
)
def test_no_other_location_is_read(team: factories.Team, path: str, location: str) -> None:
    refused = Caller(team.owner).post(path, {"name": "x", "location": location})
    assert refusal(refused)[0] == 400
    assert "MASKLOOP_CHECKPOINTS" in refused.json()["message"]
    assert not CheckpointImport.objects.exists()
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "form", [{}, {"location": "bundled", "file": "a.pt", "size": 3}, {"file": "a.pt"}, {"size": 3}]
)
def test_one_source_is_named(team: factories.Team, path: str, form: dict[str, Any]) -> None:
    assert refusal(Caller(team.owner).post(path, {"name": "x"} | form))[0] == 400


def test_a_file_that_is_too_large_is_refused(team: factories.Team, path: str) -> None:
    refused = Caller(team.owner).post(path, {"name": "x", "file": "a.pt", "size": MAX_SIZE + 1})
    assert refusal(refused)[0] == 400
    assert not Upload.objects.exists()


def test_only_owners_bring_one_in(team: factories.Team, path: str) -> None:
    form = {"name": "x", "location": "bundled"}
    assert refusal(Caller(team.annotator).post(path, form))[0] == 403
    assert refusal(Caller(team.stranger).post(path, form))[0] == 404


def test_an_upload_that_is_cancelled_leaves_nothing(team: factories.Team, path: str) -> None:
    caller = Caller(team.owner)
    made = caller.post(path, {"name": "ours", "file": "a.pt", "size": 5}).json()
    assert caller.delete(f"uploads/{made['upload']['id']}/").status_code == 204
    assert not CheckpointImport.objects.exists()


def test_what_nobody_feeds_for_a_day_is_swept(team: factories.Team, path: str) -> None:
    Caller(team.owner).post(path, {"name": "ours", "file": "a.pt", "size": 5})
    Upload.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert ingest.sweep_abandoned_uploads() == 1
    assert not CheckpointImport.objects.exists()
