import threading

import pytest
from django.db import connection

from engine import lifecycle
from engine.errors import LostTheRace, WrongState
from engine.models import Masklet, MaskletStatus, Transition
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def masklet(team: factories.Team) -> Masklet:
    video = factories.ready_video(team.project, team.owner, stored=False)
    return factories.masklet(video, team.annotator)


def test_a_change_is_noted_in_the_ledger(team: factories.Team, masklet: Masklet) -> None:
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=team.annotator, reason="claimed")
    step = Transition.objects.get(subject_type="masklet", subject_id=masklet.pk)
    assert (step.from_status, step.to_status, step.actor, step.reason) == (
        "selected",
        "annotating",
        team.annotator,
        "claimed",
    )
    assert masklet.status == MaskletStatus.ANNOTATING


def test_a_change_that_the_table_does_not_hold_is_refused(team: factories.Team, masklet: Masklet) -> None:
    with pytest.raises(WrongState, match="selected cannot become accepted"):
        lifecycle.change(masklet, MaskletStatus.ACCEPTED, actor=team.reviewer)
    assert not Transition.objects.exists()


def test_losing_the_race_is_an_error_and_leaves_no_trace(team: factories.Team, masklet: Masklet) -> None:
    stale = Masklet.objects.get(pk=masklet.pk)
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=team.annotator)
    with pytest.raises(LostTheRace):
        lifecycle.change(stale, MaskletStatus.ANNOTATING, actor=team.second_annotator)
    assert Transition.objects.filter(subject_type="masklet").count() == 1


def test_every_status_is_in_the_table() -> None:
    from engine.models import CheckpointStatus, ReleaseStatus, RunStatus, VideoStatus

    named = {
        "masklet": MaskletStatus,
        "video": VideoStatus,
        "run": RunStatus,
        "release": ReleaseStatus,
        "checkpoint": CheckpointStatus,
    }
    for kind, statuses in named.items():
        assert set(lifecycle.LEGAL[kind]) == set(statuses.values)
        for targets in lifecycle.LEGAL[kind].values():
            assert targets <= set(statuses.values)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_change_at_once_exactly_one_wins(team: factories.Team, masklet: Masklet) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def claim() -> None:
        mine = Masklet.objects.get(pk=masklet.pk)
        start.wait()
        try:
            lifecycle.change(mine, MaskletStatus.ANNOTATING, actor=team.annotator)
            outcomes.append("won")
        except LostTheRace:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 5 + ["won"]
    assert Transition.objects.filter(subject_type="masklet").count() == 1
