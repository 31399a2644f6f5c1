"""Another project's ids look like ids that never existed, on every route and every method."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Assignment, Experiment
from engine.models import (
    Canary,
    Checkpoint,
    CheckpointImport,
    DatasetImport,
    Export,
    Invitation,
    MaskletStatus,
    Upload,
)
from engine.services import releases
from tests import factories
from tests.test_house_rules import api_views
from verification.models import Review, Round, Verdict

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
NEVER = 10**15


@pytest.fixture
def ids(team: factories.Team) -> dict[str, int]:
    """One row of every kind that a route can name."""
    video = factories.ready_video(team.project, team.owner, stored=False)
    masklet = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(masklet, team.annotator)
    revision = factories.revision(masklet, team.annotator)
    soon = timezone.now() + timedelta(minutes=1)
    round = Round.objects.create(masklet=masklet, revision=revision, number=1, closed_at=soon)
    review = Review.objects.create(
        masklet=masklet, person=team.reviewer, revision=revision, lease_until=soon, ended_at=soon, round=round
    )
    coming = factories.video(team.project, team.owner)
    first = Checkpoint.objects.get(project=team.project)
    second = Checkpoint.objects.create(project=team.project, name="second", location="bundled")
    canary = Canary.objects.create(project=team.project, challenger=second, champion=first, share=0.2)
    return {
        "projects": team.project.pk,
        "videos": video.pk,
        "masklets": masklet.pk,
        "runs": factories.propagate_run(masklet, team.annotator).pk,
        "assignments": Assignment.objects.create(masklet=masklet, person=team.annotator, lease_until=soon).pk,
        "reviews": review.pk,
        "verdicts": Verdict.objects.create(
            review=review, round=round, person=team.reviewer, kind="satisfactory"
        ).pk,
        "invitations": Invitation.objects.create(
            project=team.project, username=team.reviewer.username, role="annotator", invited_by=team.owner
        ).pk,
        "releases": (release := releases.create_release(actor=team.owner, project=team.project, name="r")).pk,
        "bin": team.project.pk,
        "imports": DatasetImport.objects.create(
            project=team.project, name="i", bytes=1, created_by=team.owner
        ).pk,
        "checkpoint-imports": CheckpointImport.objects.create(
            project=team.project, name="c", file="c.pt", bytes=1, created_by=team.owner
        ).pk,
        "exports": Export.objects.create(release=release, format="sav", created_by=team.owner).pk,
        "checkpoints": first.pk,
        "canaries": canary.pk,
        "experiments": Experiment.objects.create(project=team.project, name="e", created_by=team.owner).pk,
        "uploads": Upload.objects.create(
            video=coming, s3_upload_id="x", size=1, part_size=1, expires_at=soon
        ).pk,
    }


def addresses(ids: dict[str, int]) -> list[str]:
    found = []
    for route, _ in api_views():
        if "<int:pk>" in route:
            noun = re.match(r"api/([\w-]+)/", route)
            assert noun, route
            found.append("/" + re.sub("<int:[a-z]+>", str(ids[noun.group(1)]), route))
    return found


def answers(client: APIClient, ids: dict[str, int]) -> dict[tuple[str, str], Any]:
    """What each address says to each method; bodies make sense, so that nothing else can be the reason."""
    bodies = {
        "imports": {"name": "x", "size": 1},
        "checkpoint-imports": {"name": "x", "file": "x.pt", "size": 1},
        "predictions": {
            "model": "x",
            "tracks": [{"masks": [{"frame_idx": 0, "size": [1, 1], "counts": "0"}]}],
        },
        "labels": {"name": "x"},
        "attributes": {"name": "x", "kind": "tick"},
        "tokens": {"name": "x", "role": "owner"},
        "invitations": {"user": "x", "role": "owner"},
        "uploads": {"name": "x", "size": 1},
        "releases": {"name": "x"},
        "export": {"format": "sav"},
        "parts": {"part_numbers": [1]},
        "complete": {"parts": []},
        "prompts": {"frame_idx": 0, "kind": "click", "x": 1.0, "y": 1.0, "positive": True},
        "propagate": {"direction": "forward", "from_frame": 0},
        "restore": {"revision": 1},
        "reopen": {"reason": "x"},
        "verdict": {"verdict": "satisfactory"},
        "decide": {"verdict": "satisfactory"},
        "bring-back": {"reason": "x"},
        "let-in": {"username": "x"},
        "coverage": {"missing": False},
        "review-policy": {"reviewers": 1},
        "phase": {"phase": 1, "videos": [1]},
        "experiments": {"name": "x", "masklets": [1]},
        "effort": {
            "entries": [{"sequence": 1, "frame_idx": 0, "active_ms": 1, "wait_ms": 0, "tool": "point"}]
        },
        "assign": {"priority": 1},
        "canary": {"share": 0.1},
        "masklets/": {"phase": 1},
        "members/": {"phases": [1]},
    }
    found = {}
    for address in addresses(ids):
        *_, noun, last, _ = address.split("/")
        body = bodies.get(f"{noun}/" if last.isdigit() else last, {})
        for method in METHODS:
            headers = {"Lease-Token": "x", "If-Match": '"1"'}
            found[method, address] = getattr(client, method)(
                address, body if method != "get" else None, headers=headers
            )
    return found


def test_a_stranger_is_told_that_nothing_of_it_exists(
    team: factories.Team, ids: dict[str, int], signed_in: Callable[[User], APIClient]
) -> None:
    client = signed_in(team.stranger)
    theirs = answers(client, ids)
    never = answers(client, dict.fromkeys(ids, NEVER))
    assert len(theirs) > 100
    for (method, address), answer in theirs.items():
        assert answer.status_code in {404, 405}, f"{method} {address}: {answer.status_code} {answer.data}"
    for mine, none in zip(theirs.values(), never.values(), strict=True):
        assert (mine.status_code, mine.data) == (none.status_code, none.data)


def test_the_signed_out_are_asked_to_sign_in(ids: dict[str, int]) -> None:
    for (method, address), answer in answers(APIClient(), ids).items():
        assert answer.status_code == 401, f"{method} {address}: {answer.status_code}"
        assert answer.data["code"] == "not_signed_in"


@pytest.mark.parametrize("route", ["projects", "videos", "masklets", "runs", "checkpoints"])
def test_lists_hold_only_what_is_ones_own(
    team: factories.Team, ids: dict[str, int], signed_in: Callable[[User], APIClient], route: str
) -> None:
    assert signed_in(team.stranger).get(f"/api/{route}/").data["results"] == []
    if route != "projects":  # which has no filters
        assert signed_in(team.stranger).get(f"/api/{route}/?project={ids['projects']}").data["results"] == []
    assert ids[route] in {row["id"] for row in signed_in(team.owner).get(f"/api/{route}/").data["results"]}
