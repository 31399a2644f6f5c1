"""A project's version is fitted on verdicts, and used only if it is better on videos that no version is fitted on."""

import numpy as np
import pytest
from django.utils import timezone
from scipy.special import expit

from engine.errors import InvalidInput, NotAllowed
from engine.models import (
    AuditEntry,
    MaskletStatus,
    Preverifier,
    PreverifierScore,
    PreverifierStatus,
    Revision,
    Run,
    RunStatus,
)
from engine.services import preverifiers
from tests import factories
from tests.factories import Team
from worker.preverifier.model import Adjustment, prior, restored
from worker.preverifier.refit import compare, fit_preverifier, is_aside
from worker.preverifier.signals import MASKLET_SIGNALS
from worker.runs import perform

VIDEOS, EACH = 24, 12


def judged(team: Team, *, bias: float, seed: int = 0) -> None:
    """Verdicts of people who see masklets as the prior does, but for `bias`."""
    rng, known = np.random.default_rng(seed), prior()
    scores = []
    for _ in range(VIDEOS):
        video = factories.ready_video(team.project, team.owner, stored=False, frames=1)
        made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
        revisions = Revision.objects.bulk_create(
            Revision(masklet=made, number=n + 1, kind="propagate", sha256="0" * 64, key="k", frame_count=1)
            for n in range(EACH)
        )
        for revision in revisions:
            signals = known.mean + known.spread * rng.normal(size=len(MASKLET_SIGNALS))
            odds = float(known.log_odds(signals))
            wrong = rng.random() < expit(odds + bias)
            scores.append(
                PreverifierScore(
                    project=team.project,
                    masklet=made,
                    revision=revision,
                    wrong=float(expit(odds)),
                    signals=signals.tolist(),
                    area=1.0,
                    second_opinion=False,
                    verdict="unsatisfactory" if wrong else "satisfactory",
                    judged_at=timezone.now(),
                )
            )
    PreverifierScore.objects.bulk_create(scores)


def fitted(team: Team) -> Run:
    run = preverifiers.fit(actor=team.owner, project=team.project)
    perform(run.pk, fit_preverifier)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED, run.error_message
    return run


def test_a_version_that_fits_people_better_is_used_and_looks_at_what_waits(team: Team) -> None:
    judged(team, bias=-2.5)
    waits = PreverifierScore.objects.filter(project=team.project).first()
    assert waits is not None
    PreverifierScore.objects.filter(pk=waits.pk).update(verdict="", judged_at=None)
    fitted(team)
    made = Preverifier.objects.get()
    assert (made.status, made.number) == (PreverifierStatus.ACTIVE, 1)
    assert made.figures.candidate.loss < made.figures.former.loss
    assert restored(made.params) != Adjustment()
    score = PreverifierScore.objects.get(pk=waits.pk)
    assert score.preverifier == made
    assert score.wrong < waits.wrong
    entry = AuditEntry.objects.get(project=team.project, kind="preverifier_promoted")
    assert entry.after == {"preverifier": "pre-verifier 1"}


def test_what_was_judged_keeps_the_chance_that_it_was_judged_by(team: Team) -> None:
    judged(team, bias=-2.5)
    before = dict(PreverifierScore.objects.values_list("pk", "wrong"))
    fitted(team)
    assert dict(PreverifierScore.objects.values_list("pk", "wrong")) == before
    assert preverifiers.evidence(team.project.pk, Preverifier.objects.get()) == []


def test_the_next_version_is_not_used_where_it_is_no_better(team: Team) -> None:
    judged(team, bias=-2.5)
    fitted(team)
    fitted(team)
    second, first = Preverifier.objects.all()
    assert (first.status, second.status) == (PreverifierStatus.ACTIVE, PreverifierStatus.CANDIDATE)
    assert not second.figures.better


def test_with_too_little_to_judge_by_nothing_is_used(team: Team) -> None:
    row = (1, [0.0] * len(MASKLET_SIGNALS), "satisfactory")
    told = compare([row] * 40, former=Adjustment(), candidate=Adjustment(bias=-3))
    assert not told.better
    assert "Nobody can tell" in told.note


def test_about_a_quarter_of_the_videos_is_aside_always_the_same() -> None:
    aside = [video for video in range(2000) if is_aside(video)]
    assert 0.2 < len(aside) / 2000 < 0.3
    assert aside == [video for video in range(2000) if is_aside(video)]


def test_who_may_ask_and_when(team: Team) -> None:
    with pytest.raises(InvalidInput, match="20 verdicts or more"):
        preverifiers.fit(actor=team.owner, project=team.project)
    with pytest.raises(NotAllowed):
        preverifiers.fit(actor=team.reviewer, project=team.project)
