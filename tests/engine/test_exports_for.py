"""Who may take a whole dataset along is the owners' to say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now
from rest_framework.test import APIClient

from engine.models import AuditEntry, Export, ExportFile
from tests import factories
from tests.http import refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def exported(team: factories.Team) -> int:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    release = factories.frozen_release(team)
    export = Export.objects.create(
        release=release, format="sav", created_by=team.owner, status="written", written_at=Now()
    )
    ExportFile.objects.create(export=export, name="a.json", key="k", size=7, sha256="0" * 64, crc32=0)
    return export.pk


@pytest.mark.parametrize(
    ("exports_for", "downloaders"),
    [(None, "owner reviewer"), ("owners", "owner"), ("members", "owner reviewer annotator")],
)
def test_links_are_for_those_whom_the_project_says(
    team: factories.Team, signed_in: SignIn, exports_for: str | None, downloaders: str
) -> None:
    export = exported(team)
    project = f"/api/projects/{team.project.pk}/"
    if exports_for:
        change = signed_in(team.owner).patch(project, {"exports_for": exports_for})
        assert (change.status_code, change.data["exports_for"]) == (200, exports_for)
    for name in ("owner", "reviewer", "annotator"):
        client, may = signed_in(getattr(team, name)), name in downloaders.split()
        (listed,) = client.get(f"{project}releases/").data["results"]
        assert listed["may_download"] == may, name
        assert [each["format"] for each in listed["exports"]] == ["sav"]
        files = client.get(f"/api/exports/{export}/files/")
        if may:
            (file,) = files.data["results"]
            assert (file["name"], file["size"], bool(file["url"])) == ("a.json", 7, True)
        else:
            assert (
                refusal(files) == refusal(client.get(f"/api/exports/{export}/zip/")) == (403, "not_allowed")
            )


def test_a_change_of_it_is_audited_and_nonsense_refused(team: factories.Team, signed_in: SignIn) -> None:
    project, owner = f"/api/projects/{team.project.pk}/", signed_in(team.owner)
    owner.patch(project, {"exports_for": "members"})
    entry = AuditEntry.objects.filter(project=team.project)[0]
    assert (entry.before, entry.after) == ({"exports_for": "reviewers"}, {"exports_for": "members"})
    assert refusal(owner.patch(project, {"exports_for": "everybody"})) == (400, "invalid")
    assert refusal(signed_in(team.reviewer).patch(project, {"exports_for": "owners"})) == (403, "not_allowed")
