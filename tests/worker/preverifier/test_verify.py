"""A submitted masklet is looked at: a score with places and reasons, for the masks that wait."""

from collections.abc import Callable

import numpy as np
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from annotation.services import masklets, queue as annotators
from engine import lifecycle, shapes
from engine.models import Masklet, MaskletStatus, PreverifierScore, Run, RunKind, RunStatus, Video
from engine.services import preverifiers, runs
from tests import factories
from tests.factories import Team
from verification.services import gold, queue, verdicts
from worker.preverifier import verify as verifying
from worker.preverifier.model import REASONS
from worker.preverifier.signals import MASKLET_SIGNALS
from worker.preverifier.verify import verify
from worker.runs import Cancelled, Work, perform


@pytest.fixture
def waiting(video: Video, team: Team) -> Masklet:
    """Submitted through the service, with the disc on every frame."""
    assignment = masklets.select_object(actor=team.annotator, video_id=video.pk)
    masklet = assignment.masklet
    factories.click(masklet, team.annotator)
    factories.revision(masklet, team.annotator)
    return masklets.submit(actor=team.annotator, assignment_id=assignment.pk, token=assignment.token)


def asked(masklet: Masklet) -> Run:
    return Run.objects.get(kind=RunKind.VERIFY, masklet=masklet)


def looked_at(masklet: Masklet) -> PreverifierScore:
    run = asked(masklet)
    perform(run.pk, verify)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED, run.error_message
    return PreverifierScore.objects.get(revision=masklet.revision)


def test_submitting_asks_for_a_look_and_the_look_leaves_a_score(
    waiting: Masklet, tiny_checkpoint: str
) -> None:
    score = looked_at(waiting)
    assert 0 <= score.wrong <= 1
    assert score.second_opinion
    assert len(score.signals) == len(MASKLET_SIGNALS)
    assert np.isfinite(score.signals).all()
    assert score.area == pytest.approx(factories.disc_mask(0).sum(), rel=0.1)
    assert score.preverifier is None
    for place in score.places:
        assert 0 <= place.first_frame <= place.frame_idx <= place.last_frame < 12
        assert place.reason in (*REASONS, "flickers")


def test_the_score_takes_its_place_in_the_queue(waiting: Masklet, tiny_checkpoint: str) -> None:
    score = looked_at(waiting)
    waiting.refresh_from_db()
    assert waiting.preverifier_score == pytest.approx(1 - score.wrong)
    assert waiting.risk >= score.wrong - 1e-9


def test_reviewers_read_where_and_why(
    waiting: Masklet, team: Team, tiny_checkpoint: str, signed_in: Callable[[User], APIClient]
) -> None:
    url = f"/api/masklets/{waiting.pk}/preverifier/"
    assert signed_in(team.reviewer).get(url).json() == {"opinion": None}
    score = looked_at(waiting)
    told = signed_in(team.reviewer).get(url).json()["opinion"]
    assert told["wrong"] == pytest.approx(score.wrong)
    assert told["places"] == shapes.dump(score.places)


def test_masks_with_a_hole_in_time_score_worse_than_whole_ones(
    video: Video, team: Team, tiny_checkpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second opinion: the tiny checkpoint has none worth hearing."""
    monkeypatch.setattr(verifying, "SECOND_OPINION", 0)
    discs = {i: factories.disc_mask(i) for i in range(12)}
    gone = discs | {i: np.zeros_like(discs[0]) for i in (4, 5, 6, 7)}
    whole, holed = (_scored(video, team, frames) for frames in (discs, gone))
    assert not whole.second_opinion
    assert holed.wrong > whole.wrong


def _scored(video: Video, team: Team, frames: dict[int, np.ndarray]) -> PreverifierScore:
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(made, team.annotator)
    factories.revision(made, team.annotator, frames)
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    preverifiers.ask(made)
    return looked_at(made)


def test_a_masklet_that_waits_no_more_is_not_looked_at(
    waiting: Masklet, team: Team, tiny_checkpoint: str
) -> None:
    lifecycle.change(waiting, MaskletStatus.ACCEPTED, actor=team.reviewer)
    run = asked(waiting)
    perform(run.pk, verify)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "nothing_to_look_at")
    assert not PreverifierScore.objects.exists()


def test_a_verdict_that_came_first_keeps_its_score_out_of_the_evidence(
    waiting: Masklet, team: Team, tiny_checkpoint: str
) -> None:
    """A score that was made after the verdict says nothing about who made it."""
    review = queue.claim(actor=team.reviewer, masklet_id=waiting.pk)
    verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    perform(asked(waiting).pk, verify)
    assert preverifiers.evidence(waiting.project_id, None) == []


def test_a_cancelled_look_leaves_nothing(waiting: Masklet, team: Team, tiny_checkpoint: str) -> None:
    run = runs.take(asked(waiting).pk, worker="here")
    assert run is not None
    runs.stop(run, actor=team.owner)
    work = Work(run)
    work.look()
    with pytest.raises(Cancelled):
        verify(work)
    assert not PreverifierScore.objects.exists()


def test_a_look_is_no_obstacle_to_those_who_go_on(waiting: Masklet, team: Team) -> None:
    """Its run still waits when the masklet is sent back and taken again."""
    review = queue.claim(actor=team.reviewer, masklet_id=waiting.pk)
    verdicts.give(
        actor=team.reviewer, review_id=review.pk, token=review.token, kind="unsatisfactory", comment="leaks"
    )
    assignment = annotators.claim(actor=team.annotator, masklet_id=waiting.pk)
    masklets.submit(actor=team.annotator, assignment_id=assignment.pk, token=assignment.token)
    assert Run.objects.filter(kind=RunKind.VERIFY).count() == 1


def test_what_was_missed_is_asked_for_once(waiting: Masklet) -> None:
    assert preverifiers.ask_for_missed() == 0
    Run.objects.all().delete()
    assert preverifiers.ask_for_missed() == 1
    assert preverifiers.ask_for_missed() == 0


def test_known_answers_are_looked_at_as_what_is_submitted(
    waiting: Masklet, team: Team, tiny_checkpoint: str
) -> None:
    score = looked_at(waiting)
    verdicts.decide(actor=team.owner, masklet_id=waiting.pk, kind="satisfactory")
    clean, shifted = gold.make(
        actor=team.owner, masklet_id=waiting.pk, kinds=["clean", "shifted"], severity=1.0
    )
    run = Run.objects.get(kind=RunKind.VERIFY, masklet=waiting, params__masks=[clean.key, shifted.key])
    perform(run.pk, verify)
    run.refresh_from_db()
    assert (run.status, run.result) == (RunStatus.SUCCEEDED, {}), run.error_message
    for item in (clean, shifted):
        item.refresh_from_db()
    assert clean.places == score.places, "the same masks, looked at in the same way"
    assert shifted.places
    assert shifted.places != clean.places
    assert PreverifierScore.objects.count() == 1, "no evidence on anybody"
