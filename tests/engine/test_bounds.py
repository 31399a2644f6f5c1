"""What a request may hold is bounded before anything is made of it; what is refused is a 4xx with a sentence."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.exceptions import ParseError
from rest_framework.serializers import BaseSerializer, DictField, ListField, ListSerializer
from rest_framework.test import APIClient

from engine.api import parsers
from engine.api.serializers import InputSerializer
from engine.errors import NotFound, TooLarge
from engine.models import Upload, Video
from engine.services import ingest
from tests import factories

SignIn = Callable[[User], APIClient]


@pytest.mark.parametrize(
    "body",
    [
        b'{"entries": [' + b"{}," * 200_000 + b"{}]}",
        b"[" + b"[]," * 9_000 + b"[]]",
        b'{"name": "' + b"x" * 2**20 + b'"}',
    ],
    ids=["a million bytes of nothing", "many values", "one long text"],
)
def test_a_large_body_is_refused_by_its_bytes_alone(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("was made into objects"))
    with pytest.raises(TooLarge):
        parsers.bound(body)


def test_what_only_looks_like_structure_inside_a_text_is_not_counted() -> None:
    parsers.bound(json.dumps({"counts": '[{,"\\' * 20_000}).encode())


def test_depth_is_refused() -> None:
    with pytest.raises(ParseError):
        parsers.bound(b"[" * 17 + b"]" * 17)


@pytest.mark.django_db
def test_a_long_list_is_a_413_before_its_children_are_looked_at(
    team: factories.Team, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListField, "run_child_validation", lambda *_: pytest.fail("looked at a child"))
    client = signed_in(team.stranger)
    answer = client.post("/api/assignments/1/effort/", {"entries": [{}] * 501}, format="json")
    assert answer.status_code == 413, answer.json()
    assert "500" in answer.json()["message"]
    answer = client.post("/api/uploads/1/complete/", {"parts": [{}] * 513}, format="json")
    assert answer.status_code == 413, answer.json()


def _inputs(kind: type[Any]) -> list[type[Any]]:
    return [sub for child in kind.__subclasses__() for sub in (child, *_inputs(child))]


def test_every_list_that_can_be_sent_says_how_long_it_may_be() -> None:
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # every room's forms are loaded
    forms = _inputs(InputSerializer)
    assert len(forms) > 10
    for form in forms:
        fields: dict[str, BaseSerializer[Any]] = form().fields
        for name, field in fields.items():
            lists = [field, getattr(field, "child", None)] if isinstance(field, DictField) else [field]
            for one in lists:
                if isinstance(one, ListField | ListSerializer):
                    assert one.max_length, f"{form.__name__}.{name} needs a max_length"


@pytest.mark.django_db
@pytest.mark.parametrize("noun", ["projects", "videos", "masklets", "runs", "checkpoints"])
def test_a_cursor_or_filter_that_nobody_knows_is_a_400(
    noun: str, team: factories.Team, signed_in: SignIn
) -> None:
    client = signed_in(team.owner)
    for position in (b"p=abc", b"p=" + b"9" * 30, b"p=%00"):
        answer = client.get(f"/api/{noun}/", {"cursor": base64.b64encode(position).decode()})
        assert answer.status_code == 400, answer.content
        assert answer.json()["message"]
    answer = client.get(f"/api/{noun}/", {"colour": "red"})
    assert (answer.status_code, "colour" in answer.json()["message"]) == (400, True)


@pytest.mark.django_db
def test_a_nul_in_any_address_is_a_400_and_answers_are_not_cached(
    team: factories.Team, signed_in: SignIn
) -> None:
    client = signed_in(team.owner)
    for address in (
        f"/api/projects/{team.project.pk}/effort/?person=%00",
        "/api/videos/?name=a%00",
        "/api/%00",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert client.get("/api/projects/")["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_who_completes_or_gives_up_an_upload_after_another_is_told_so(team: factories.Team) -> None:
    video = factories.video(team.project, team.owner)
    soon = timezone.now() + timedelta(minutes=1)
    upload = Upload.objects.create(video=video, s3_upload_id="x", size=1, part_size=1, expires_at=soon)
    Video.objects.get(pk=video.pk).delete()
    with pytest.raises(NotFound):
        ingest.complete_upload(actor=team.owner, upload=upload, parts=[])
    with pytest.raises(NotFound):
        ingest.abort_upload(actor=team.owner, upload=upload)
    with pytest.raises(NotFound):
        ingest.find_upload(actor=team.owner, pk=upload.pk)


def test_every_operation_says_how_it_refuses() -> None:
    from drf_spectacular.generators import SchemaGenerator

    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    operations = [
        (path, verb, what) for path, verbs in schema["paths"].items() for verb, what in verbs.items()
    ]
    assert len(operations) > 50
    for path, verb, what in operations:
        missing = {"400", "401", "403", "404", "409", "413", "429", "503"} - set(what["responses"])
        assert not missing, f"{verb} {path} says nothing of {missing}"


def _check(root: Path, key: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "engine.settings.production", "SECRET_KEY": key}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)


def test_production_starts_with_a_secret_alone(root: Path) -> None:
    refused = _check(root, "x")
    assert refused.returncode != 0
    assert "SECRET_KEY must be 50" in refused.stderr
    good = _check(root, "".join(chr(33 + i % 90) for i in range(64)).replace("$", "s"))
    assert good.returncode == 0, good.stderr
