"""Leases: who holds one may write, once, and only while the database's clock says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.db.models.functions import Now

from annotation.models import Assignment
from engine import leases
from engine.errors import HeldByOther, LeaseLost, NotFound, OpenInAnotherTab
from engine.models import Masklet
from tests import factories
from tests.factories import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def masklet(team: Team) -> Masklet:
    video = factories.ready_video(team.project, team.owner, stored=False)
    return factories.masklet(video, team.owner)


@pytest.fixture
def lease(team: Team, masklet: Masklet) -> Assignment:
    return leases.take(Assignment, masklet=masklet, person=team.annotator, previous_status="selected")


def let_pass(lease: Assignment, seconds: int) -> None:
    Assignment.objects.filter(pk=lease.pk).update(
        lease_until=models.F("lease_until") - timedelta(seconds=seconds)
    )


def is_open(lease: Assignment) -> bool:
    return Assignment.objects.open().filter(pk=lease.pk).exists()


def test_a_heartbeat_begins_its_time_anew(lease: Assignment) -> None:
    let_pass(lease, 100)
    lease.keep(token=lease.token)
    left = Assignment.objects.annotate(left=models.F("lease_until") - Now()).values_list("left", flat=True)
    assert timedelta(seconds=100) < left.get(pk=lease.pk) <= leases.LEASE


@pytest.mark.parametrize("why", ["another token", "ran out", "ended"])
def test_whoever_does_not_hold_it_any_more_is_refused(team: Team, lease: Assignment, why: str) -> None:
    token = lease.token
    if why == "another token":
        lease.take_over()
    elif why == "ran out":
        let_pass(lease, 121)
    else:
        lease.end(Assignment.Outcome.HANDED_BACK, token=token)
    with pytest.raises(LeaseLost):
        lease.keep(token=token)
    with pytest.raises(LeaseLost):
        lease.end(Assignment.Outcome.SUBMITTED, token=token)
    with pytest.raises(LeaseLost):
        leases.hold(Assignment, masklet=lease.masklet, person=team.annotator, token=token)


def test_it_is_held_by_its_person_alone(team: Team, lease: Assignment) -> None:
    assert leases.hold(Assignment, masklet=lease.masklet, person=team.annotator, token=lease.token) == lease
    with pytest.raises(LeaseLost):
        leases.hold(Assignment, masklet=lease.masklet, person=team.second_annotator, token=lease.token)
    with pytest.raises(NotFound):
        leases.find(Assignment, person=team.second_annotator, pk=lease.pk)


def test_claimed_again_it_is_told_whose_it_is(team: Team, lease: Assignment) -> None:
    with pytest.raises(HeldByOther, match="is working on this") as refused:
        leases.take_again(lease, person=team.second_annotator, takeover=True)
    assert set(refused.value.details) == {"person", "lease_until"}
    with pytest.raises(OpenInAnotherTab):
        leases.take_again(lease, person=team.annotator, takeover=False)
    before = lease.token
    assert leases.take_again(lease, person=team.annotator, takeover=True).token != before


@pytest.mark.parametrize(("seconds", "lapses"), [(100, False), (121, True)])
def test_only_what_has_run_out_lapses_and_once(lease: Assignment, seconds: int, lapses: bool) -> None:
    let_pass(lease, seconds)
    assert lease.lapse() is lapses
    assert is_open(lease) is not lapses
    assert lease.lapse() is False


def test_the_janitor_asks_about_each_that_has_run_out(team: Team, lease: Assignment) -> None:
    other = factories.masklet(lease.masklet.video, team.owner)
    leases.take(Assignment, masklet=other, person=team.annotator, previous_status="selected")
    asked: list[int] = []

    def lapse(masklet: Masklet) -> bool:
        asked.append(masklet.pk)
        return True

    assert leases.lapse_expired(Assignment, lapse) == 0
    let_pass(lease, 121)
    assert leases.lapse_expired(Assignment, lapse, masklet__project=team.project.pk + 1) == 0
    assert leases.lapse_expired(Assignment, lapse) == 1
    assert asked == [lease.masklet_id]
