"""A candidate comes to be, passes on or falls, and what verdicts and owners do to it."""

import pytest

from engine import lifecycle
from engine.candidate_filter import ENOUGH, USUAL
from engine.errors import NotAllowed, NotFound, WrongState
from engine.models import (
    AuditEntry,
    Candidate,
    CandidatePolicy,
    Fate,
    Masklet,
    MaskletStatus,
    Run,
    Source,
    Transition,
    Video,
)
from engine.services import candidate_policy, candidates, runs
from engine.services.runs import RunLost
from tests import factories
from tests.factories import Team, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


@pytest.fixture
def run(team: Team, video: Video) -> Run:
    return factories.generation(team, video)


def judge(candidate: Candidate, to: MaskletStatus, team: Team) -> None:
    """As verification does."""
    masklet = Masklet.objects.get(pk=candidate.masklet_id)
    lifecycle.change(masklet, to, actor=team.reviewer, reason="because")
    candidates.note_verdict(masklet)


def fate_of(candidate: Candidate) -> tuple[str, str]:
    candidate.refresh_from_db()
    return candidate.masklet.status, candidate.fate


def test_a_candidate_is_a_masklet_of_nobody_that_waits_for_a_verdict(run: Run, video: Video) -> None:
    candidate = proposed(run, label="dog")
    masklet = Masklet.objects.get(pk=candidate.masklet_id)
    assert (masklet.source, masklet.status, masklet.created_by) == (
        Source.AUTO,
        MaskletStatus.IN_VERIFICATION,
        None,
    )
    assert (masklet.phase, masklet.label, masklet.object_id) == (3, "dog", 1)
    revision = masklet.revision
    assert revision is not None
    assert (revision.kind, revision.actor, revision.frame_count) == ("generate", None, video.frame_count)
    assert revision.edited_frames == [], "SAM 2 prompted itself; no person edited a frame"
    (prompt,) = masklet.prompts.all()  # type: ignore[attr-defined]
    assert (prompt.kind, prompt.actor) == ("mask", None)
    assert revision.carried_prompt_ids == [prompt.pk]
    assert candidate.areas == [int(factories.disc_mask(i).sum()) for i in range(video.frame_count or 0)]


def test_one_that_fell_keeps_its_reason_score_and_masks(run: Run) -> None:
    candidate = proposed(run, fate="flicker", score=0.7, preview_key="x")
    assert fate_of(candidate) == (MaskletStatus.FILTERED, Fate.FLICKER)
    assert (candidate.score, candidate.preview_key) == (0.7, "x")
    assert candidate.masklet.revision is not None
    step = Transition.objects.get(subject_type="masklet", subject_id=candidate.masklet_id)
    assert (step.from_status, step.reason, step.actor) == ("candidate", "comes and goes", None)


def test_below_the_cut_it_is_filtered(run: Run) -> None:
    assert fate_of(proposed(run, score=0.5, cut=0.6)) == (MaskletStatus.FILTERED, Fate.BELOW)
    assert fate_of(proposed(run, score=0.6, cut=0.6)) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)


def test_a_worker_that_lost_the_run_stores_nothing(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(token=run.token + 1)
    with pytest.raises(RunLost):
        proposed(run)
    assert not Masklet.objects.exists()


def test_the_unsatisfactory_are_sampled_by_the_projects_share(team: Team, run: Run) -> None:
    found = [proposed(run, score=0.5 + i / 100) for i in range(40)]
    refined = {}
    for share in (0.0, 0.3, 1.0):
        candidate_policy.change(actor=team.owner, project=team.project, refine_share=share, prefer="hard")
        refined[share] = {c.pk for c in found if goes_on(c)}
        assert refined[share] == {c.pk for c in found if goes_on(c)}, "asked twice it is the same"
    assert not refined[0.0]
    assert refined[1.0] == {c.pk for c in found}
    assert 4 <= len(refined[0.3]) <= 22
    halves = [sum(c.pk in refined[0.3] for c in half) for half in (found[:20], found[20:])]
    assert halves[0] > halves[1], "the hard ones are preferred"


def goes_on(candidate: Candidate) -> bool:
    masklet = Masklet.objects.get(pk=candidate.masklet_id)
    return candidates.after_unsatisfactory(masklet) == MaskletStatus.NEEDS_REFINEMENT


def test_what_people_have_worked_on_always_comes_back_to_them(team: Team, run: Run, video: Video) -> None:
    candidate_policy.change(actor=team.owner, project=team.project, refine_share=0.0)
    mine = factories.masklet(video, team.annotator)
    assert candidates.after_unsatisfactory(mine) == MaskletStatus.NEEDS_REFINEMENT
    candidate = proposed(run)
    assert not goes_on(candidate)
    for to in (MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION):
        lifecycle.change(candidate.masklet, to, actor=team.annotator)
    assert goes_on(candidate)


def test_verdicts_teach_the_threshold_once_there_are_enough(team: Team, run: Run) -> None:
    found = [proposed(run, score=0.5 + i / 100, cut=0) for i in range(ENOUGH + 10)]
    for candidate in found[: ENOUGH - 1]:
        judge(candidate, MaskletStatus.REJECTED, team)
    state = candidate_policy.state(team.project)
    assert (state.verdicts, state.missing, state.fitted, state.threshold) == (ENOUGH - 1, 1, None, USUAL)
    for candidate in found[ENOUGH - 1 :]:
        judge(candidate, MaskletStatus.ACCEPTED, team)
    state = candidate_policy.state(team.project)
    assert (state.missing, state.fitted) == (0, state.threshold)
    assert state.threshold == pytest.approx(found[ENOUGH - 2].score), "one wrong one of 12 holds 90 %"
    assert state.curve[0].passes == len(found)


def test_only_verdicts_that_stand_on_what_sam_2_made_count(team: Team, run: Run) -> None:
    taken_back, refined, dismissed, unsampled = [proposed(run) for _ in range(4)]
    judge(taken_back, MaskletStatus.ACCEPTED, team)
    judge(taken_back, MaskletStatus.IN_VERIFICATION, team)
    judge(refined, MaskletStatus.NEEDS_REFINEMENT, team)
    for to in (MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED):
        judge(refined, to, team)
    candidates.dismiss(actor=team.owner, project=team.project, ids=[dismissed.masklet_id])
    judge(unsampled, MaskletStatus.FILTERED, team)
    known = {each.masklet_id: each.right for each in candidate_policy.judged(team.project.pk)}
    assert known == {refined.masklet_id: False, unsampled.masklet_id: False}
    assert fate_of(unsampled) == (MaskletStatus.FILTERED, Fate.UNSAMPLED)


def test_moving_the_threshold_moves_what_waits(team: Team, run: Run) -> None:
    low, high = proposed(run, score=0.45), proposed(run, score=0.9)
    candidate_policy.change(actor=team.owner, project=team.project, threshold=0.6)
    assert candidates.cut_again(actor=team.owner, project=team.project) == 1
    assert fate_of(low) == (MaskletStatus.FILTERED, Fate.BELOW)
    assert fate_of(high) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)
    candidate_policy.change(actor=team.owner, project=team.project, threshold=0.1)
    assert candidates.cut_again(actor=team.owner, project=team.project) == 1
    assert fate_of(low) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)
    assert not candidate_policy.judged(team.project.pk), "no reviewer said anything"


def test_an_owner_brings_back_and_dismisses_all_or_none(team: Team, run: Run) -> None:
    fell, waits = proposed(run, fate="drift"), proposed(run)
    ids = [fell.masklet_id, waits.masklet_id]
    with pytest.raises(WrongState):
        candidates.bring_back(actor=team.owner, project=team.project, ids=ids)
    assert fate_of(fell)[0] == MaskletStatus.FILTERED
    candidates.bring_back(actor=team.owner, project=team.project, ids=[fell.masklet_id])
    assert fate_of(fell) == (MaskletStatus.IN_VERIFICATION, Fate.KEPT)
    candidates.dismiss(actor=team.owner, project=team.project, ids=ids)
    assert fate_of(waits) == (MaskletStatus.FILTERED, Fate.DISMISSED)
    said = AuditEntry.objects.filter(kind__startswith="candidates").values_list("kind", "after")
    assert list(said) == [
        ("candidates_dismissed", {"candidates": ids}),
        ("candidates_brought_back", {"candidates": [fell.masklet_id]}),
    ]


def test_owners_alone_decide_and_only_about_candidates_of_theirs(team: Team, run: Run, video: Video) -> None:
    candidate = proposed(run, fate="drift")
    mine, other = factories.masklet(video, team.annotator), factories.team()
    for act in (candidates.bring_back, candidates.dismiss):
        with pytest.raises(NotAllowed):
            act(actor=team.reviewer, project=team.project, ids=[candidate.masklet_id])
        with pytest.raises(NotFound):
            act(actor=team.owner, project=team.project, ids=[mine.pk])
        with pytest.raises(NotFound):
            act(actor=other.owner, project=other.project, ids=[candidate.masklet_id])
    with pytest.raises(NotAllowed):
        candidate_policy.change(actor=team.reviewer, project=team.project, threshold=0.5)


def test_a_change_of_the_policy_is_in_the_ledger(team: Team) -> None:
    candidate_policy.change(actor=team.owner, project=team.project, threshold=0.5, prefer="any")
    candidate_policy.change(actor=team.owner, project=team.project, threshold=0.5)
    entry = AuditEntry.objects.get(kind="candidate_policy")
    assert entry.before == {"threshold": None, "prefer": "hard"}
    assert entry.after == {"threshold": "50.0 %", "prefer": "any"}
    assert CandidatePolicy.objects.get().threshold == 0.5


def test_a_cancelled_run_keeps_what_it_found(run: Run) -> None:
    candidate = proposed(run)
    runs.record_cancelled(run, {})
    assert fate_of(candidate) == (MaskletStatus.IN_VERIFICATION, Fate.PASSED)
