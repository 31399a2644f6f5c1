"""What pages count is kept by the database itself, whoever writes."""

import random
from collections import Counter
from contextlib import suppress
from functools import partial

import pytest
from django.db import transaction

from engine import lifecycle
from engine.models import Masklet, MaskletStatus, Project, StatusCount, Video, VideoStatus
from engine.services import counts
from tests import factories
from tests.factories import Team
from tests.http import at_once

M = MaskletStatus


def kept(project: Project) -> tuple[dict[str, int], dict[str, int]]:
    of = counts.masklets([project.pk])[project.pk], counts.videos([project.pk])[project.pk]
    masklets, videos = ({status: n for status, n in each.items() if n} for each in of)
    return masklets, videos


def counted(project: Project) -> tuple[dict[str, int], dict[str, int]]:
    rows = Masklet.objects.filter(project=project), Video.objects.filter(project=project)
    masklets, videos = (dict(Counter(each.values_list("status", flat=True))) for each in rows)
    return masklets, videos


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_right_after_work_at_random(team: Team, seed: int) -> None:
    rng, video = random.Random(seed), factories.ready_video(team.project, team.owner, stored=False)
    for number in range(60):
        masklet = Masklet.objects.filter(project=team.project).order_by("?").first()
        step = rng.choice(["new", "new", "walk", "walk", "many", "remove", "video", "fail", "nothing"])
        if step == "new":
            factories.masklet(video, team.annotator, object_id=number + 1)
        elif step == "video":
            factories.video(team.project, team.owner)
        elif step == "many":
            some = Masklet.objects.filter(
                project=team.project, pk__in=[rng.randrange(9999) for _ in range(5000)]
            )
            some.exclude(status=M.IN_VERIFICATION).update(status=M.NEEDS_REFINEMENT)
        elif step == "fail":
            coming = Video.objects.filter(project=team.project, status=VideoStatus.UPLOADING).first()
            if coming:
                why = {"failure_code": "no", "failure_message": "No."}
                lifecycle.change(coming, VideoStatus.FAILED, actor=None, **why)
        elif masklet and step == "walk":
            unmasked = lifecycle.LEGAL["masklet"][masklet.status] - {M.IN_VERIFICATION, M.ACCEPTED}
            to = rng.choice(sorted(unmasked) or [""])
            if to:
                lifecycle.change(masklet, to, actor=team.annotator)
        elif masklet and step == "remove":
            Masklet.objects.filter(pk=masklet.pk).delete()
        elif step == "nothing":
            with suppress(ZeroDivisionError), transaction.atomic():
                factories.masklet(video, team.annotator, object_id=1000)
                raise ZeroDivisionError
        if number == 30:
            counts.fold()
    assert kept(team.project) == counted(team.project)
    assert sum(kept(team.project)[0].values()) > 5
    assert counts.check(team.project.pk) == 0


def test_folding_leaves_one_row_of_each_count(team: Team) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    for _ in range(3):
        factories.masklet(video, team.annotator)
    assert StatusCount.objects.filter(project=team.project).count() == 4
    counts.fold()
    assert kept(team.project) == ({M.SELECTED: 3}, {VideoStatus.READY: 1})
    assert StatusCount.objects.filter(project=team.project).count() == 2


def test_a_wrong_count_is_found_and_set_right(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    factories.masklet(video, team.annotator)
    StatusCount.objects.filter(project=team.project, noun="masklet").update(n=7)
    assert counts.check(team.project.pk) == 1
    assert "were not what its rows say" in caplog.text
    assert kept(team.project) == counted(team.project)


@pytest.mark.django_db(transaction=True)
def test_people_who_write_at_once_and_the_janitor_lose_no_count(transactional_db: None) -> None:
    team = factories.team()
    videos = [factories.ready_video(team.project, team.owner, stored=False) for _ in range(4)]
    acts = [partial(factories.masklet, video, team.annotator) for video in videos]
    at_once(*acts, counts.fold, counts.fold)
    assert kept(team.project) == counted(team.project) == ({M.SELECTED: 4}, {VideoStatus.READY: 4})
