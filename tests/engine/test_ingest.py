import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import TestCase
from rest_framework.test import APIClient

from engine import storage
from engine.models import Run, Upload, Video, VideoStatus
from engine.services import ingest
from tests import factories
from tests.http import at_once

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def put(url: str, body: bytes) -> str:
    request = urllib.request.Request(url, data=body, method="PUT")
    with urllib.request.urlopen(request) as response:
        return str(response.headers["ETag"])


def begin(client: APIClient, project_id: int, size: int, key: str = "k1") -> dict[str, Any]:
    answer = client.post(
        f"/api/projects/{project_id}/uploads/",
        {"name": "dog.mp4", "size": size, "content_type": "video/mp4"},
        headers={"Idempotency-Key": key},
    )
    assert answer.status_code == 201, answer.data
    return dict(answer.data)


def send_parts(client: APIClient, upload: dict[str, Any], body: bytes, numbers: list[int]) -> None:
    urls = client.post(f"/api/uploads/{upload['id']}/parts/", {"part_numbers": numbers}).data["urls"]
    for number in numbers:
        start = (number - 1) * upload["part_size"]
        put(urls[str(number)], body[start : start + upload["part_size"]])


def listed(client: APIClient, upload: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(part) for part in client.get(f"/api/uploads/{upload['id']}/parts/").data["parts"]]


def named(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"parts": [{"part_number": p["part_number"], "etag": p["etag"]} for p in parts]}


def test_an_upload_goes_on_after_a_reload_and_arrives_whole(
    team: factories.Team, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PART_SIZE", 5 * 1024 * 1024)
    body = hashlib.shake_256(b"video").digest(11 * 1024 * 1024)
    client = signed_in(team.owner)
    upload = begin(client, team.project.pk, len(body))
    assert upload["part_count"] == 3
    send_parts(client, upload, body, [1, 3])

    # The page was closed here. What S3 holds already is asked for, and only the rest is sent.
    assert [part["part_number"] for part in listed(client, upload)] == [1, 3]
    early = client.post(f"/api/uploads/{upload['id']}/complete/", named(listed(client, upload)))
    assert early.status_code == 400
    assert "bytes have arrived" in early.data["message"]
    send_parts(client, upload, body, [2])

    answer = client.post(f"/api/uploads/{upload['id']}/complete/", named(listed(client, upload)))
    assert answer.status_code == 200, answer.data
    assert answer.data["status"] == "extracting"
    video = Video.objects.get(pk=upload["video"])
    assert storage.get(video.source_key) == body
    assert Run.objects.get(video=video).status == "queued"
    assert not Upload.objects.exists()


def test_a_retried_beginning_is_one_upload(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    first, again = (begin(client, team.project.pk, 1000) for _ in range(2))
    assert first == again
    assert Video.objects.count() == 1


def test_a_key_that_was_used_for_another_request_is_refused(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    begin(client, team.project.pk, 1000)
    answer = client.post(
        f"/api/projects/{team.project.pk}/uploads/",
        {"name": "cat.mp4", "size": 1000},
        headers={"Idempotency-Key": "k1"},
    )
    assert (answer.status_code, answer.data["code"]) == (422, "idempotency_key_reused")


def test_a_cancelled_upload_leaves_nothing_behind(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    upload = begin(client, team.project.pk, 10)
    send_parts(client, upload, b"0123456789", [1])
    row = Upload.objects.select_related("video").get()
    assert client.delete(f"/api/uploads/{upload['id']}/").status_code == 204
    assert not Video.objects.exists()
    with pytest.raises(FileNotFoundError):
        storage.uploaded_parts(row.video.source_key, row.s3_upload_id)


def test_abandoned_uploads_are_swept_with_their_parts(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    upload = begin(client, team.project.pk, 10)
    send_parts(client, upload, b"0123456789", [1])
    row = Upload.objects.select_related("video").get()
    assert ingest.sweep_abandoned_uploads() == 0
    Upload.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert ingest.sweep_abandoned_uploads() == 1
    assert not Video.objects.exists()
    with pytest.raises(FileNotFoundError):
        storage.uploaded_parts(row.video.source_key, row.s3_upload_id)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x.mp4", "size": 0}, "size"),
        ({"name": "x.mp4", "size": -1}, "size"),
        ({"name": "x.mp4", "size": "many"}, "size"),
        ({"name": "", "size": 1}, "name"),
        ({"name": "x" * 256, "size": 1}, "name"),
        ({"name": "a\u0000b", "size": 1}, "name"),
        ({"name": "x.mp4", "size": 1, "key": "other/people"}, "key"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(
    team: factories.Team, signed_in: SignIn, body: dict[str, Any], field: str
) -> None:
    answer = signed_in(team.owner).post(f"/api/projects/{team.project.pk}/uploads/", body)
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")
    assert field in answer.data["details"]
    assert not Video.objects.exists()


def test_a_video_that_is_too_large_is_refused_before_anything_is_stored(
    team: factories.Team, signed_in: SignIn
) -> None:
    body = {"name": "x.mp4", "size": ingest.MAX_SIZE + 1}
    answer = signed_in(team.owner).post(f"/api/projects/{team.project.pk}/uploads/", body)
    assert answer.status_code == 400
    assert "GiB" in answer.data["message"]
    assert not Video.objects.exists()


def test_parts_beyond_the_announced_ones_get_no_link(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    upload = begin(client, team.project.pk, 10)
    answer = client.post(f"/api/uploads/{upload['id']}/parts/", {"part_numbers": [2]})
    assert answer.status_code == 400


def test_names_are_only_text(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    for n, name in enumerate(["../../etc/passwd", "a\\b.mp4", "-i.mp4", "con", "%05d.png", "🎞 ключ.mp4"]):
        body = {"name": name, "size": 10}
        answer = client.post(
            f"/api/projects/{team.project.pk}/uploads/", body, headers={"Idempotency-Key": f"n{n}"}
        )
        assert answer.status_code == 201
        video = Video.objects.get(pk=answer.data["video"])
        assert video.name == name
        assert video.source_key == f"projects/{team.project.pk}/videos/{video.pk}/source"


def test_another_members_upload_is_theirs_alone(team: factories.Team, signed_in: SignIn) -> None:
    upload = begin(signed_in(team.owner), team.project.pk, 10)
    for person, status in ((team.annotator, 403), (team.stranger, 404)):
        answer = signed_in(person).delete(f"/api/uploads/{upload['id']}/")
        assert answer.status_code == status
    assert Video.objects.get().status == VideoStatus.UPLOADING


def test_a_link_works_for_its_object_alone(team: factories.Team) -> None:
    storage.put("projects/1/a", b"mine", content_type="text/plain")
    storage.put("projects/1/b", b"other", content_type="text/plain")
    url = storage.link("projects/1/a", content_type="image/jpeg")
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"mine"
        assert response.headers["Content-Type"] == "image/jpeg"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace("projects/1/a", "projects/1/b"))


def test_a_video_that_failed_is_removed_with_its_objects(team: factories.Team, signed_in: SignIn) -> None:
    video = factories.video(
        team.project, team.owner, status="failed", failure_code="no_video", failure_message="No video."
    )
    storage.put(video.source_key, b"not a video", content_type="application/octet-stream")
    assert signed_in(team.annotator).delete(f"/api/videos/{video.pk}/").status_code == 403
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert signed_in(team.owner).delete(f"/api/videos/{video.pk}/").status_code == 204
    assert not Video.objects.exists()
    assert storage.size_of(video.source_key) is None


def test_an_upload_that_another_browser_left_behind_can_be_removed(
    team: factories.Team, signed_in: SignIn
) -> None:
    upload = begin(signed_in(team.owner), team.project.pk, 10)
    assert signed_in(team.owner).delete(f"/api/videos/{upload['video']}/").status_code == 204
    assert not Upload.objects.exists()


def test_a_ready_video_goes_into_the_bin(team: factories.Team, signed_in: SignIn) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    assert signed_in(team.owner).delete(f"/api/videos/{video.pk}/").status_code == 204
    video.refresh_from_db()
    assert video.removed_at is not None


def arrived(
    client: APIClient, team: factories.Team, body: bytes = b"0123456789"
) -> tuple[dict[str, Any], Any]:
    """An upload whose parts are all there, and what completing it says."""
    upload = begin(client, team.project.pk, len(body))
    send_parts(client, upload, body, [1])
    return upload, named(listed(client, upload))


def test_a_crash_between_the_store_and_the_row_loses_no_upload(
    team: factories.Team, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(team.owner)
    client.raise_request_exception = False
    upload, parts = arrived(client, team)

    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(ingest, "start", crash)
        assert client.post(f"/api/uploads/{upload['id']}/complete/", parts).status_code == 500
    answer = client.post(f"/api/uploads/{upload['id']}/complete/", parts)
    assert (answer.status_code, answer.data["status"]) == (200, "extracting")
    assert storage.get(Video.objects.get().source_key) == b"0123456789"


def test_an_upload_that_a_crash_left_put_together_is_cancelled_whole(
    team: factories.Team, signed_in: SignIn
) -> None:
    client = signed_in(team.owner)
    upload, _ = arrived(client, team)
    row = Upload.objects.select_related("video").get()
    held = storage.uploaded_parts(row.video.source_key, row.s3_upload_id)
    storage.finish_upload(row.video.source_key, row.s3_upload_id, held)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.delete(f"/api/uploads/{upload['id']}/").status_code == 204
    assert storage.size_of(row.video.source_key) is None


@pytest.mark.django_db(transaction=True)
def test_three_who_complete_and_one_who_cancels_at_once(team: factories.Team, signed_in: SignIn) -> None:
    upload, parts = arrived(signed_in(team.owner), team)

    def ask(method: str, path: str, body: Any = None) -> int:
        return int(getattr(signed_in(team.owner), method)(path, body).status_code)

    complete = partial(ask, "post", f"/api/uploads/{upload['id']}/complete/", parts)
    cancel = partial(ask, "delete", f"/api/uploads/{upload['id']}/")
    answers = at_once(complete, complete, complete, cancel)
    assert set(answers) <= {200, 204, 404, 409}, answers
    assert sum(answer < 300 for answer in answers) == 1, answers
    assert Video.objects.exists() == (answers[3] != 204)


def test_a_list_of_parts_is_bounded_before_it_is_looked_at(team: factories.Team, signed_in: SignIn) -> None:
    client = signed_in(team.owner)
    upload = begin(client, team.project.pk, 10)
    parts = {"parts": [{}] * 1001}
    answer = client.post(f"/api/uploads/{upload['id']}/complete/", parts)
    assert (answer.status_code, answer.data["code"]) == (413, "too_large")
    assert "at most 512" in answer.data["message"]


def test_the_second_upload_of_a_file_is_noticed_before_a_byte_travels(
    team: factories.Team, signed_in: SignIn
) -> None:
    client, address = signed_in(team.owner), f"/api/projects/{team.project.pk}/uploads/"
    told = {"name": "dog.mp4", "size": 5, "fingerprint": "a" * 64}
    first = client.post(address, told)
    assert first.status_code == 201
    again = client.post(address, told | {"name": "copy of dog.mp4"})
    assert (again.status_code, again.data["code"]) == (409, "already_here")
    assert again.data["details"] == {"video": first.data["video"]}
    assert "as dog.mp4" in again.data["message"]
    assert Video.objects.filter(project=team.project).count() == 1
    assert client.post(address, told | {"again": True}).status_code == 201
    assert client.post(address, told | {"fingerprint": "x"}).status_code == 400


def test_a_file_whose_video_lies_in_the_bin_is_told_to_be_there(
    team: factories.Team, signed_in: SignIn
) -> None:
    client, address = signed_in(team.owner), f"/api/projects/{team.project.pk}/uploads/"
    told = {"name": "dog.mp4", "size": 5, "fingerprint": "b" * 64}
    video = factories.ready_video(team.project, team.owner, stored=False, fingerprint="b" * 64)
    assert client.delete(f"/api/videos/{video.pk}/").status_code == 204
    answer = client.post(address, told)
    assert (answer.status_code, answer.data["code"]) == (409, "already_here")
    assert answer.data["details"] == {"video": video.pk, "in_bin": True}
    assert "in the bin" in answer.data["message"]
    Video.objects.filter(pk=video.pk).update(emptied_at=Now())
    assert client.post(address, told).status_code == 201, "what has left the store is no twin"
