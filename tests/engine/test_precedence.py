"""What a person draws has precedence over the same object as SAM 2 proposed it, also when it is drawn later."""

from typing import Any

import numpy as np
import pytest

from engine import lifecycle, storage
from engine.errors import WrongState
from engine.models import Candidate, Fate, Masklet, MaskletStatus, Run, Transition, Video
from engine.services import candidate_policy, candidates, masklets, mining, precedence
from tests import factories
from tests.factories import Team, proposed
from verification.services import queue, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


@pytest.fixture
def run(team: Team, video: Video) -> Run:
    return factories.generation(team, video)


def drawn(video: Video, team: Team, frames: Any = None, **fields: Any) -> Masklet:
    """The disc, unless `frames` says otherwise, made by a person and submitted."""
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    Masklet.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    factories.click(made, team.annotator)
    factories.revision(made, team.annotator, frames)
    masklets.submit(made, actor=team.annotator)
    return made


def fate_of(candidate: Candidate) -> tuple[str, str]:
    candidate.refresh_from_db()
    return Masklet.objects.get(pk=candidate.masklet_id).status, candidate.fate


def corner(video: Video) -> dict[int, np.ndarray]:
    mask = np.zeros_like(factories.disc_mask(0))
    mask[:6, :6] = True
    return dict.fromkeys(range(video.frame_count or 0), mask)


def test_the_candidate_is_withdrawn_with_its_reason_and_what_stands_in_its_place(
    team: Team, run: Run, video: Video
) -> None:
    candidate = proposed(run)
    assert precedence.withdraw_drawn() == 0
    mine = drawn(video, team)
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED), (
        "nobody waits for it who submits"
    )
    assert precedence.withdraw_drawn() == 1
    assert fate_of(candidate) == (MaskletStatus.FILTERED, Fate.DRAWN)
    assert candidate.duplicate_of == mine
    step = Transition.objects.filter(subject_type="masklet", subject_id=candidate.masklet_id).latest("pk")
    assert (step.from_status, step.to_status) == ("in_verification", "filtered")
    assert (step.reason, step.actor) == ("a person drew the same object", None)
    assert precedence.withdraw_drawn() == 0
    assert Candidate.objects.get(pk=candidate.pk).compare_since is None


def test_another_object_stays_and_is_compared_once_for_each_that_is_drawn(
    team: Team, run: Run, video: Video
) -> None:
    candidate = proposed(run)
    drawn(video, team, corner(video))
    assert precedence.withdraw_drawn() == 0
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)
    assert not Candidate.objects.filter(compare_since__isnull=False).exists()
    drawn(video, team)
    assert precedence.withdraw_drawn() == 1


def test_one_that_is_sent_to_be_refined_is_withdrawn_and_its_verdict_still_teaches(
    team: Team, run: Run, video: Video
) -> None:
    candidate_policy.change(actor=team.owner, project=team.project, refine_share=1.0)
    candidate = proposed(run)
    verdicts.decide(actor=team.owner, masklet_id=candidate.masklet_id, kind="unsatisfactory", comment="No.")
    drawn(video, team)
    assert precedence.withdraw_drawn() == 1
    assert fate_of(candidate) == (MaskletStatus.FILTERED, Fate.DRAWN)
    assert candidate_policy.state(team.project).verdicts == 1
    assert mining.failures(team.project).counts == {"bad_verdict": 1}, "withdrawing is no second bad verdict"


def test_what_people_decided_or_work_on_stays(team: Team, run: Run, video: Video) -> None:
    accepted, in_hand, kept, other = (proposed(run) for _ in range(4))
    verdicts.decide(actor=team.owner, masklet_id=accepted.masklet_id, kind="satisfactory")
    for to in (MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION):
        lifecycle.change(in_hand.masklet, to, actor=team.annotator)
    candidates.dismiss(actor=team.owner, project=team.project, ids=[kept.masklet_id])
    candidates.bring_back(actor=team.owner, project=team.project, ids=[kept.masklet_id])
    drawn(video, team)
    assert precedence.withdraw_drawn() == 1
    assert fate_of(other)[1] == Fate.DRAWN
    assert fate_of(accepted) == (MaskletStatus.ACCEPTED, Fate.PASSED)
    assert fate_of(in_hand) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)
    assert fate_of(kept) == (MaskletStatus.IN_VERIFICATION, Fate.KEPT)


def test_an_owner_brings_it_back_for_good(team: Team, run: Run, video: Video) -> None:
    candidate = proposed(run)
    drawn(video, team)
    precedence.withdraw_drawn()
    candidates.bring_back(actor=team.owner, project=team.project, ids=[candidate.masklet_id])
    drawn(video, team)
    assert precedence.withdraw_drawn() == 0
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.KEPT)


@pytest.mark.parametrize("fields", [{"trial": True}, {"probe": True}])
def test_what_is_made_to_measure_people_withdraws_nothing(
    team: Team, run: Run, video: Video, fields: dict[str, bool]
) -> None:
    candidate = proposed(run)
    made = factories.masklet(video, team.annotator, **fields)
    precedence.note(made, team.annotator)
    assert precedence.withdraw_drawn() == 0
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)


def test_a_reviewer_who_holds_it_reads_that_it_waits_no_more(team: Team, run: Run, video: Video) -> None:
    candidate = proposed(run)
    review = queue.claim(actor=team.reviewer, masklet_id=candidate.masklet_id)
    drawn(video, team)
    assert precedence.withdraw_drawn() == 1
    with pytest.raises(WrongState, match="does not wait for a verdict any more"):
        verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")


def test_masks_that_are_damaged_withdraw_nothing(team: Team, run: Run, video: Video) -> None:
    candidate = proposed(run)
    mine = drawn(video, team)
    assert mine.revision is not None
    storage.put(mine.revision.key, b"no masks", content_type="application/gzip")
    assert precedence.withdraw_drawn() == 0
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)


def test_of_two_who_submit_at_once_neither_is_forgotten(team: Team, run: Run, video: Video) -> None:
    """One more is submitted while the candidate is compared."""
    proposed(run)
    drawn(video, team, corner(video))
    made = precedence._made_by_people
    later: list[Masklet] = []

    def meanwhile(row: Candidate) -> Any:
        found = list(made(row))
        if not later:
            later.append(drawn(video, team))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precedence, "_made_by_people", meanwhile)
        assert precedence.withdraw_drawn() == 0
    assert precedence.withdraw_drawn() == 1
