import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import storage
from engine.errors import InvalidInput
from engine.models import Release, Run, Video
from engine.services import runs
from tests import factories
from worker.datasets.jobs import video_id
from worker.inference.frames import FrameMissing
from worker.retraining.dataset import TrainingSet, lay_out, split
from worker.runs import Work


def taken(team: factories.Team, release: Release) -> Run:
    run = runs.take(factories.retraining(team, release).pk, worker="here")
    assert run is not None
    return run


def laid_out(team: factories.Team, folder: Path) -> TrainingSet:
    release = factories.frozen_release(team)
    laid = lay_out(Work(taken(team, release)), release, folder)
    assert laid is not None
    return laid


def rows(pks: Iterable[int]) -> list[Video]:
    return [Video(pk=pk) for pk in pks]


@pytest.mark.django_db
def test_videos_are_kept_aside_by_their_groups_and_never_all_of_them() -> None:
    trained_on, aside = split(rows(range(1, 1001)))
    assert sorted([*trained_on, *aside]) == list(range(1, 1001))
    assert 150 < len(aside) < 250
    more, still_aside = split(rows(range(1, 1201)))
    assert set(aside) <= set(still_aside), "what was kept aside stays aside when videos are added"
    assert set(trained_on) <= set(more)
    for count in range(2, 12):
        trained_on, aside = split(rows(range(50, 50 + count)))
        assert trained_on
        assert aside
    assert split(rows([7])) == ([7], [])


@pytest.mark.django_db
def test_a_copy_of_a_training_video_never_judges() -> None:
    copies = [Video(pk=pk, split_group=1 + pk % 40) for pk in range(1, 401)]
    trained_on, aside = split(copies)
    assert aside
    assert not {1 + pk % 40 for pk in trained_on} & {1 + pk % 40 for pk in aside}
    assert split([Video(pk=1, split_group=1), Video(pk=2, split_group=1)]) == ([1, 2], [])


def test_whole_videos_are_kept_aside(team: factories.Team, tmp_path: Path) -> None:
    videos = [factories.ready_video(team.project, team.owner, frames=6) for _ in range(4)]
    for video in videos:
        factories.accepted_masklet(video, team)
    laid = laid_out(team, tmp_path)
    assert laid.aside is not None
    assert sorted(laid.trained_on + laid.kept_aside) == [video.pk for video in videos]
    names = {video.pk: video_id(video) for video in videos}
    assert laid.train.names == sorted(names[pk] for pk in laid.trained_on)
    assert laid.aside.names == sorted(names[pk] for pk in laid.kept_aside)
    aside = next(video for video in videos if video.pk == laid.kept_aside[0])
    assert aside.name in laid.note
    # How many that are is the ids' hash.
    count = len(laid.kept_aside)
    assert f"People edited {count} of the {6 * count} masks" in laid.note
    (clip, *_) = laid.aside.clips()
    for idx in range(6):
        np.testing.assert_array_equal(clip.masks[idx, 0], factories.disc_mask(idx))
        disc = clip.frames[idx][factories.disc_mask(idx)].mean(axis=0)
        np.testing.assert_allclose(disc, (230, 180, 40), atol=15)


def test_the_last_third_of_a_lone_video_is_kept_aside(team: factories.Team, tmp_path: Path) -> None:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=12), team)
    laid = laid_out(team, tmp_path)
    assert laid.aside is not None
    (seen,), (aside,) = list(laid.train.clips()), list(laid.aside.clips())
    assert (len(seen.frames), len(aside.frames)) == (8, 4)
    np.testing.assert_array_equal(aside.masks[0, 0], factories.disc_mask(8))
    assert "single video" in laid.note


def test_too_little_footage_leaves_nothing_to_judge_by_and_says_so(
    team: factories.Team, tmp_path: Path
) -> None:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=4), team)
    laid = laid_out(team, tmp_path)
    assert laid.aside is None
    assert "rendered footage alone" in laid.note
    assert len(next(laid.train.clips()).frames) == 4


def test_a_frame_that_nobody_propagated_to_is_not_annotated(team: factories.Team, tmp_path: Path) -> None:
    video = factories.ready_video(team.project, team.owner, frames=6)
    factories.accepted_masklet(video, team, {j: factories.disc_mask(j) for j in (1, 2, 3)})
    laid = laid_out(team, tmp_path)
    table = json.loads((tmp_path / "train" / f"{video_id(video)}_manual.json").read_text())["masklet"]
    assert [row[0] is None for row in table] == [True, False, False, False, True, True]
    frames = sorted(path.name for path in (tmp_path / "train" / video_id(video)).iterdir())
    assert frames == ["00004.jpg", "00008.jpg", "00012.jpg"], "only frames that are looked at are fetched"
    assert [len(clip.frames) for clip in laid.train.clips()] == [3]


def test_a_release_that_shows_nothing_is_refused(team: factories.Team, tmp_path: Path) -> None:
    nothing = np.zeros_like(factories.disc_mask(0))
    factories.accepted_masklet(factories.ready_video(team.project, team.owner), team, {0: nothing})
    release = factories.frozen_release(team)
    with pytest.raises(InvalidInput, match="nothing to learn"):
        lay_out(Work(taken(team, release)), release, tmp_path)


def test_a_missing_frame_is_told(team: factories.Team, tmp_path: Path) -> None:
    video: Video = factories.ready_video(team.project, team.owner, frames=6)
    factories.accepted_masklet(video, team)
    storage.delete_prefix(video.frame_key(3))
    release = factories.frozen_release(team)
    with pytest.raises(FrameMissing, match="Frame 3"):
        lay_out(Work(taken(team, release)), release, tmp_path)


def test_a_base_that_saw_what_is_kept_aside_is_told(team: factories.Team, tmp_path: Path) -> None:
    for _ in range(3):
        factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=4), team)
    release = factories.frozen_release(team)
    base = factories.candidate(team, factories.retraining(team, release))
    run = taken(team, release)
    first = lay_out(Work(run), release, tmp_path / "first")
    assert first is not None
    assert "once trained" not in first.note
    assert base.evaluation is not None
    base.evaluation = replace(base.evaluation, trained_on=first.kept_aside)
    base.save()
    run.params["base"]["checkpoint"] = base.pk
    again = lay_out(Work(run), release, tmp_path / "again")
    assert again is not None
    assert "once trained" in again.note
