"""Who may take a whole dataset along is the owners' to say."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from engine.models import AuditEntry, ExportFile
from tests import factories
from tests.http import refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def exported(team: factories.Team) -> int:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    release = factories.frozen_release(team)
    ExportFile.objects.create(release=release, name="a.zip", key="k", size=7, sha256="0" * 64)
    return release.pk


@pytest.mark.parametrize(
    ("exports_for", "downloaders"),
    [(None, "owner reviewer"), ("owners", "owner"), ("members", "owner reviewer annotator")],
)
def test_links_are_for_those_whom_the_project_says(
    team: factories.Team, signed_in: SignIn, exports_for: str | None, downloaders: str
) -> None:
    release = exported(team)
    project = f"/api/projects/{team.project.pk}/"
    if exports_for:
        change = signed_in(team.owner).patch(project, {"exports_for": exports_for})
        assert (change.status_code, change.data["exports_for"]) == (200, exports_for)
    for name in ("owner", "reviewer", "annotator"):
        client = signed_in(getattr(team, name))
        (listed,) = client.get(f"{project}releases/").data["results"]
        for told in (listed, client.get(f"/api/releases/{release}/").data):
            (file,) = told["files"]
            assert (file["name"], file["size"]) == ("a.zip", 7)
            assert bool(file["url"]) == (name in downloaders.split()), name


def test_a_change_of_it_is_audited_and_nonsense_refused(team: factories.Team, signed_in: SignIn) -> None:
    project, owner = f"/api/projects/{team.project.pk}/", signed_in(team.owner)
    owner.patch(project, {"exports_for": "members"})
    entry = AuditEntry.objects.filter(project=team.project)[0]
    assert (entry.before, entry.after) == ({"exports_for": "reviewers"}, {"exports_for": "members"})
    assert refusal(owner.patch(project, {"exports_for": "everybody"})) == (400, "invalid")
    assert refusal(signed_in(team.reviewer).patch(project, {"exports_for": "owners"})) == (403, "not_allowed")
