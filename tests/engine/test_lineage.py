"""How a release came to be: in numbers, pinned with it, and without anybody's name."""

from __future__ import annotations

import json

import pytest

from engine import lifecycle, shapes
from engine.models import Export, Masklet, MaskletStatus, Release, Source
from engine.models.release import Annotated, Lineage, Verified
from engine.services import lineage, projects
from tests import factories
from tests.factories import Team
from tests.http import Caller
from worker.datasets import datasheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db: None) -> Team:
    made = factories.team(name="Streets", description="Rainy ones.")
    projects.change_project(actor=made.owner, project=made.project, separate_verification=True)
    return made


@pytest.fixture
def release(team: Team) -> Release:
    """Two objects: one accepted at once; one found by SAM 2 and sent back twice, in phase 2, reopened once."""
    video = factories.ready_video(team.project, team.owner, stored=False)
    factories.accepted_masklet(video, team)
    hard = factories.accepted_masklet(video, team)
    factories.click(hard, team.owner, frame_idx=3)
    Masklet.objects.filter(pk=hard.pk).update(phase=2, source=Source.AUTO)
    hard.refresh_from_db()
    again = (MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION)
    for to in (MaskletStatus.IN_VERIFICATION, *again, *again, MaskletStatus.ACCEPTED):
        lifecycle.change(hard, to, actor=team.owner)
    return factories.frozen_release(team)


def told(release: Release) -> Lineage:
    assert release.lineage is not None
    return release.lineage


def test_it_counts_who_did_what(release: Release) -> None:
    found = told(release)
    assert (found.masklets_by_phase, found.masklets_by_source) == ({"2": 1, "3": 1}, {"auto": 1, "manual": 1})
    day = found.annotated.first
    assert found.annotated == Annotated(prompts=3, people=2, first=day, last=day)
    assert found.verification == Verified(
        pinned=2, accepted=3, sent_back=2, reopened=1, reviewers=2, passed_by={"person": 2}
    )
    assert (found.project.name, found.project.separate_verification) == ("Streets", True)


def test_it_names_nobody(team: Team, release: Release) -> None:
    text = json.dumps(shapes.dump(told(release)))
    for person in (team.owner, team.annotator, team.reviewer):
        assert person.username not in text


def test_it_stays_as_it_was_when_the_release_was_frozen(team: Team, release: Release) -> None:
    before = told(release)
    hard = Masklet.objects.get(source=Source.AUTO)
    lifecycle.change(hard, MaskletStatus.IN_VERIFICATION, actor=team.owner)
    Release.objects.get(pk=release.pk)
    assert told(Release.objects.get(pk=release.pk)) == before
    assert lineage.of(release).verification.reopened == before.verification.reopened + 1


def test_members_read_its_figures_and_the_names_of_its_checkpoints(team: Team, release: Release) -> None:
    answer = Caller(team.annotator).get(f"releases/{release.pk}/statistics/")
    assert answer.status_code == 200, answer.content
    shown = answer.json()["lineage"]
    assert shown["annotated"] == {"prompts": 3, "people": 2}
    assert shown["verification"]["sent_back"] == 2
    assert shown["checkpoints"] == [each.name for each in told(release).checkpoints]
    assert Caller(factories.team().owner).get(f"releases/{release.pk}/statistics/").status_code == 404


def test_a_release_that_is_no_more_than_named_has_none(team: Team) -> None:
    draft = Release.objects.create(project=team.project, name="draft", created_by=team.owner)
    assert draft.lineage is None
    assert Caller(team.owner).get(f"releases/{draft.pk}/statistics/").json()["lineage"] is None


def test_the_datasheet_says_it_in_sentences(release: Release) -> None:
    export = Export(release=release, format="coco")
    text = datasheet.written(export)
    assert text == datasheet.written(export), "the same every time"
    for sentence in (
        "# Streets, first",
        "Rainy ones.",
        "2 masklets in 1 videos.",
        "- Masklets: 1 auto, 1 manual; 1 in phase 2, 1 in phase 3.",
        "- 2 people gave 3 prompts, from ",
        "- 2 of 2 masklets were watched and found satisfactory by somebody who had no hand in it.",
        "- Verdicts: 3, by 2 people, on 2 masklets.",
        "- Sent back to be refined: 2 times; reopened: 1 times.",
    ):
        assert sentence in text


def test_the_datasheet_of_a_release_without_a_history_leaves_those_parts_out(team: Team) -> None:
    release = Release.objects.create(project=team.project, name="draft", created_by=team.owner)
    text = datasheet.written(Export(release=release, format="davis"))
    assert "How it was" not in text
    assert "## What the format cannot hold" in text
