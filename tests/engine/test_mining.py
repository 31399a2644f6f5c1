"""Where SAM 2 is weak: told from corrections, verdicts and doubt; and what it weighs in a retraining."""

from itertools import count, zip_longest

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import lifecycle
from engine.mask_quality import Doubt
from engine.models import Masklet, MaskletStatus, PreverifierScore, Revision, Transition, Video
from engine.services import candidates, mining
from engine.services.mining import MOST_WEIGHT
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


def accepted(
    video: Video, team: Team, *, corrected: int = 0, sent_back: int = 0, doubt: float = 0.0
) -> Masklet:
    """Chosen on frame 0, corrected on so many later frames, sent back so often, and accepted in the end."""
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    for frame_idx in range(corrected + 1):
        factories.click(made, team.annotator, frame_idx=frame_idx)
    look = [Doubt(frame_idx=7, score=0.8, reason="object_lost", first_frame=6, last_frame=8)]
    factories.revision(made, team.annotator, doubt=doubt, suggested_frames=look if doubt else [])
    steps = [MaskletStatus.IN_VERIFICATION]
    for _ in range(sent_back):
        steps += [MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION]
    for to in [*steps, MaskletStatus.ACCEPTED]:
        lifecycle.change(made, to, actor=team.reviewer)
    return made


def test_what_nobody_corrected_is_no_failure_and_weighs_as_usual(team: Team, video: Video) -> None:
    plain = accepted(video, team)
    assert mining.failures(team.project).ranked == []
    assert mining.weights(team.project) == {plain.pk: 1.0}


def test_the_more_people_had_to_do_the_more_it_weighs(team: Team, video: Video) -> None:
    rows = [
        accepted(video, team),
        accepted(video, team, corrected=1),
        accepted(video, team, corrected=3),
        accepted(video, team, corrected=3, sent_back=1),
        accepted(video, team, corrected=9, sent_back=3, doubt=0.9),
    ]
    weights = mining.weights(team.project)
    found = [weights[row.pk] for row in rows]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert (found[0], found[-1]) == (1.0, MOST_WEIGHT)


def test_weights_can_be_asked_for_some_masklets_alone(team: Team, video: Video) -> None:
    plain, _ = accepted(video, team), accepted(video, team, corrected=9, sent_back=3)
    assert mining.weights(team.project, only=[plain.pk]) == {plain.pk: 1.0}


def test_failures_are_ranked_with_a_reason_and_a_frame_to_look_at(team: Team, video: Video) -> None:
    hard = accepted(video, team, corrected=2, sent_back=2, doubt=0.3)
    mild = accepted(video, team, corrected=1)
    found = mining.failures(team.project)
    told = [(f.masklet.pk, f.reason, f.frame_idx, f.count) for f in found.ranked]
    assert told == [
        (hard.pk, "bad_verdict", 7, 2),
        (hard.pk, "doubtful", 7, 1),
        (hard.pk, "corrected", 1, 2),
        (mild.pk, "corrected", 1, 1),
    ]
    assert found.counts == {"bad_verdict": 1, "doubtful": 1, "corrected": 2}


def test_a_verdict_that_was_taken_back_counts_no_more(team: Team, video: Video) -> None:
    made = accepted(video, team)
    for to in (MaskletStatus.IN_VERIFICATION, MaskletStatus.REJECTED, MaskletStatus.IN_VERIFICATION):
        lifecycle.change(made, to, actor=team.reviewer)
    assert mining.failures(team.project).ranked == []


Steps = list[tuple[str, str, str]]  #: (from, to, reason) of one masklet


@st.composite
def histories(draw: st.DrawFn) -> Steps:
    """A legal way of a masklet or a candidate, some of its steps withdrawals."""
    at: str = draw(st.sampled_from([MaskletStatus.SELECTED, MaskletStatus.CANDIDATE]))
    steps: Steps = []
    for _ in range(draw(st.integers(0, 14))):
        after = draw(st.sampled_from(sorted(lifecycle.LEGAL["masklet"][at])))
        steps.append((at, after, draw(st.sampled_from(["", "", *sorted(candidates.WITHDRAWN)]))))
        at = after
    return steps


def stands(steps: Steps) -> int:
    """Bad verdicts that stand, one step after the other."""
    bad, last = 0, ""
    for before, after, reason in steps:
        if reason in candidates.WITHDRAWN:
            continue
        if before == MaskletStatus.IN_VERIFICATION and after != MaskletStatus.ACCEPTED:
            bad += 1
        elif after == MaskletStatus.IN_VERIFICATION and before == last and before in mining._SENT_TO:
            bad -= 1
        last = after
    return bad


new_masklet = count(10**9).__next__


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(histories(), min_size=1, max_size=12))
def test_one_query_tells_which_bad_verdicts_stand(db: None, all_steps: list[Steps]) -> None:
    expected: dict[int, int] = {}
    rows: list[list[Transition]] = []
    for steps in all_steps:
        masklet = new_masklet()
        expected[masklet] = stands(steps)
        rows.append(
            [
                Transition(
                    subject_type=noun, subject_id=masklet, from_status=before, to_status=after, reason=reason
                )
                for before, after, reason in steps
                for noun in ("masklet", "run")
            ]
        )
    # In turns, as a ledger of many has it.
    turns = [row for turn in zip_longest(*rows) for row in turn if row is not None]
    Transition.objects.bulk_create(turns)
    with CaptureQueriesContext(connection) as queries:
        told = mining._bad_verdicts(list(expected))
    assert {masklet: told.get(masklet, 0) for masklet in expected} == expected
    assert len(queries) == 1


def test_a_candidate_that_was_corrected_once_counts_that_once(team: Team, video: Video) -> None:
    candidate = factories.proposed(factories.generation(team, video))
    factories.click(candidate.masklet, team.annotator, frame_idx=4)
    Revision.objects.filter(masklet=candidate.masklet).update(edited_frames=[4])
    (failure,) = mining.failures(team.project).ranked
    assert (failure.reason, failure.frame_idx, failure.count) == ("corrected", 4, 1)


def looked_at(masklet: Masklet, **values: float | int | None) -> None:
    """As the pre-verifier does, with its second opinion."""
    assert masklet.revision is not None
    PreverifierScore.objects.create(
        project=masklet.project,
        masklet=masklet,
        revision=masklet.revision,
        wrong=0.5,
        signals=[],
        area=100.0,
        second_opinion=values.get("disagreement") is not None,
        **values,
    )


def test_what_comes_out_otherwise_the_other_way_is_a_weak_place(team: Team, video: Video) -> None:
    apart, same, alone = (accepted(video, team) for _ in range(3))
    looked_at(apart, disagreement=0.6, disagrees_at=5)
    looked_at(same, disagreement=0.1, disagrees_at=3)
    looked_at(alone, disagreement=None)
    (failure,) = mining.failures(team.project).ranked
    assert (failure.masklet, failure.reason, failure.frame_idx) == (apart, "directions_disagree", 5)
    assert failure.strength == 0.6
    assert mining.weights(team.project)[apart.pk] == failure.weight > 1.0
    factories.revision(apart, team.annotator)
    assert mining.failures(team.project).ranked == [], "what was said of its former masks counts no more"


def test_what_two_checkpoints_make_otherwise_is_a_weak_place(team: Team) -> None:
    held, release = factories.held_out(team), factories.frozen_release(team)
    factories.challenger(team, held, release, after=0.55)
    assert mining.failures(team.project).ranked == [], "as good as the same"
    evaluation = factories.challenger(team, held, release, after=0.7).evaluations.get()  # type: ignore[attr-defined]
    found = mining.failures(team.project)
    assert {f.masklet.pk for f in found.ranked} == {each.masklet for each in evaluation.examples}
    assert {(f.reason, f.strength) for f in found.ranked} == {("checkpoints_disagree", 0.4)}
    assert found.counts == {"checkpoints_disagree": len(evaluation.examples)}


def test_experiments_and_other_projects_are_left_out(team: Team, video: Video) -> None:
    trial = accepted(video, team, corrected=3)
    Masklet.objects.filter(pk=trial.pk).update(trial=True)
    other = factories.team()
    theirs = accepted(factories.ready_video(other.project, other.owner, stored=False), other, corrected=3)
    assert mining.failures(team.project).ranked == []
    assert mining.weights(team.project) == {}
    assert list(mining.weights(other.project)) == [theirs.pk]


def test_members_see_the_gallery(team: Team, video: Video) -> None:
    made = accepted(video, team, corrected=2, doubt=0.4)
    address = f"projects/{team.project.pk}/failures/"
    told = Caller(team.annotator).get(address).data
    assert {row["reason"] for row in told["failures"]} == {"corrected", "doubtful"}
    assert {row["masklet"] for row in told["failures"]} == {made.pk}
    assert "frames/" in told["failures"][0]["frame_url"]
    only = Caller(team.annotator).get(f"{address}?reason=doubtful").data
    assert [row["reason"] for row in only["failures"]] == ["doubtful"]
    assert only["counts"] == told["counts"]
    assert refusal(Caller(team.annotator).get(f"{address}?reason=ugly")) == (400, "invalid")
    assert refusal(Caller(team.stranger).get(address)) == (404, "not_found")
