"""How likely a waiting masklet is wrong, and the place that this gives it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from engine.models import Masklet, Role
from engine.models.masklet import RISK_HASTE
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.verification.conftest import submitted
from verification.models import Probe, Round, Verdict
from verification.services import people, risk


@pytest.mark.parametrize(
    ("signals", "chance"),
    [
        ({}, 0.0),
        ({"a": 0.25}, 0.25),
        ({"a": 0.5, "b": 0.5}, 0.75),
        ({"a": 1.0, "b": 0.0}, 1.0),
        ({"a": 7.0}, 1.0),
        ({"a": -1.0, "b": 0.5}, 0.5),
    ],
)
def test_signals_are_combined_as_if_independent(signals: dict[str, float], chance: float) -> None:
    assert risk.combined(signals) == pytest.approx(chance)


@pytest.mark.django_db
def test_another_risk_is_another_place_as_many_seconds_away(masklet: Masklet) -> None:
    before = Masklet.objects.get(pk=masklet.pk)
    risk.move(masklet, before.risk + 0.25)
    after = Masklet.objects.get(pk=masklet.pk)
    assert after.risk == masklet.risk == before.risk + 0.25
    assert after.review_rank == pytest.approx(before.review_rank - 0.25 * RISK_HASTE)
    risk.move(after, before.risk)
    assert Masklet.objects.get(pk=masklet.pk).review_rank == pytest.approx(before.review_rank)


@pytest.mark.django_db
def test_the_preverifiers_word_takes_the_place_of_the_doubt(team: Team, masklet: Masklet) -> None:
    assert masklet.revision_id is not None
    Masklet.objects.filter(pk=masklet.pk).update(doubt=0.4)
    masklet.refresh_from_db()
    assert risk.signals(masklet, None) == {"doubt": 0.4}
    assert risk.rescore(masklet, revision_id=masklet.revision_id + 1, score=0.9) is False, (
        "it is of another revision"
    )
    assert risk.rescore(masklet, revision_id=masklet.revision_id, score=0.9) is True
    masklet.refresh_from_db()
    assert risk.signals(masklet, None) == {"preverifier": pytest.approx(0.1)}
    assert masklet.risk == pytest.approx(risk.combined(risk.signals(masklet, team.annotator)))


@pytest.mark.django_db
def test_a_newcomers_work_comes_first_until_they_have_shown_what_they_can(
    team: Team, masklet: Masklet
) -> None:
    assert risk.signals(masklet, team.annotator)["newcomer"] == pytest.approx(risk.NEWCOMER)
    assert risk.signals(masklet, team.annotator)["record"] == 0.0
    outcomes = [Verdict.Kind.SATISFACTORY] * 3 + [Verdict.Kind.UNSATISFACTORY]
    for outcome in outcomes:
        made = submitted(team)
        assert made.revision is not None
        Round.objects.filter(masklet=made).delete()
        Round.objects.create(
            masklet=made,
            revision=made.revision,
            annotator=team.annotator,
            number=1,
            outcome=outcome,
            closed_at=Now(),
        )
    found = risk.signals(masklet, team.annotator)
    assert found["newcomer"] == pytest.approx(risk.NEWCOMER * 0.6)
    assert found["record"] == pytest.approx((1 + 1) / (4 + 10))


@pytest.mark.django_db
def test_who_fails_gold_is_looked_at_more(team: Team, masklet: Masklet) -> None:
    for n, (j, f) in enumerate([(0.9, 0.9), (0.5, 0.5), (0.8, 0.6)]):
        reference = factories.accepted_masklet(masklet.video, team)
        assert reference.revision is not None
        Probe.objects.create(
            masklet=factories.masklet(masklet.video, team.owner),
            reference=reference.revision,
            against=Probe.Against.GOLD,
            person=team.annotator,
            j=j,
            f=f,
            scored_at=Now() - timedelta(seconds=n),
        )
    assert risk.signals(masklet, team.annotator)["gold"] == pytest.approx(2 / 3)
    assert risk.signals(masklet, team.second_annotator)["gold"] == 0.0


@pytest.mark.django_db
def test_nobody_verifies_their_own_work_unless_they_are_alone(team: Team, masklet: Masklet) -> None:
    others = people.reviewers(team.project.pk)
    assert team.reviewer.pk in others
    assert people.hands(masklet) == {team.annotator.pk}
    assert people.annotator(masklet) == team.annotator
    assert people.annotator_id(masklet) == team.annotator.pk
    assert people.verifiers(masklet) == others
    projects.add_member(
        actor=team.owner, project=team.project, username=team.annotator.username, role=Role.REVIEWER
    )
    assert people.verifiers(masklet) == others, "not their own"
    projects.change_project(actor=team.owner, project=team.project, separate_verification=False)
    masklet.project.refresh_from_db()
    assert people.verifiers(masklet) == others | {team.annotator.pk}
    assert people.standing(team.reviewer, team.project.pk) == people.Standing(senior=False, separates=False)
