"""A challenger on a share of the work: compared at every moment, taken back when worse, promoted when not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from annotation.services import queue
from engine import lifecycle
from engine.errors import GateRefuses, WrongState
from engine.models import Canary, Checkpoint, Masklet, MaskletStatus
from engine.services import canaries, checkpoints
from tests import factories
from tests.http import Caller, refusal


@pytest.fixture
def challenger(team: factories.Team) -> Checkpoint:
    return factories.challenger(team, factories.held_out(team), factories.frozen_release(team))


def work(team: factories.Team, *, accepted: bool = True) -> Masklet:
    """Claimed, submitted, judged."""
    video = factories.ready_video(team.project, team.owner, stored=False)
    made = factories.masklet(video, team.reviewer, status=MaskletStatus.SELECTED)
    factories.revision(made, team.annotator)
    queue.claim(actor=team.annotator, masklet_id=made.pk)
    made.refresh_from_db()
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    to = MaskletStatus.ACCEPTED if accepted else MaskletStatus.NEEDS_REFINEMENT
    lifecycle.change(made, to, actor=team.reviewer)
    return made


def test_a_share_of_new_work_uses_the_challenger_and_keeps_it(
    team: factories.Team, challenger: Checkpoint
) -> None:
    before = work(team)
    canary = canaries.start(actor=team.owner, challenger=challenger, share=0.5)
    made = [work(team) for _ in range(30)]
    arms = [Masklet.objects.get(pk=masklet.pk).checkpoint for masklet in made]
    assert 5 <= arms.count(challenger) <= 25
    assert set(arms) == {challenger, canary.champion}
    for masklet, arm in zip(made, arms, strict=True):
        assert checkpoints.location_for(masklet) == checkpoints.location_of(arm)
    assert checkpoints.of_work(before) == canary.champion
    assert len(canaries.seen(canary)) == 30
    with pytest.raises(WrongState, match="Another challenger"):
        canaries.start(actor=team.owner, challenger=challenger, share=0.5)


def test_a_worse_challenger_retreats_by_itself_and_is_taken_from_work_in_progress(
    team: factories.Team, challenger: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = canaries.start(actor=team.owner, challenger=challenger, share=0.5)
    made = [work(team) for _ in range(60)]
    slow = {draw.masklet_id for draw in canary.draws.filter(challenged=True)}  # type: ignore[attr-defined]

    def costs(masklets: Iterable[int]) -> Mapping[int, float]:
        return {pk: 28.0 if pk in slow else 2.0 for pk in masklets}

    monkeypatch.setattr(canaries, "effort_of", costs)
    assert canaries.look_at_all() == 1
    canary.refresh_from_db()
    assert canary.outcome == Canary.Outcome.RETREATED
    assert "seconds a frame" in canary.reason
    assert not Masklet.objects.filter(checkpoint=challenger).exists()
    assert {checkpoints.of_work(masklet) for masklet in made} == {canary.champion}
    assert checkpoints.active(team.project.pk) == canary.champion


def test_one_that_holds_on_is_promoted_and_work_in_progress_keeps_its_weights(
    team: factories.Team, challenger: Checkpoint
) -> None:
    canary = canaries.start(actor=None, challenger=challenger, share=0.5)
    Canary.objects.filter(pk=canary.pk).update(enough=10)
    canary.refresh_from_db()
    made = [work(team) for _ in range(10)]
    old = [masklet for masklet in made if checkpoints.of_work(masklet) == canary.champion]
    assert canaries.look(canary).outcome == Canary.Outcome.PROMOTED
    assert checkpoints.active(team.project.pk) == challenger
    assert {checkpoints.of_work(masklet) for masklet in old} == {canary.champion}
    back = checkpoints.roll_back(actor=team.owner, project_id=team.project.pk)
    assert {checkpoints.of_work(masklet) for masklet in made} == {back}


def test_only_what_passed_the_gate_is_tried_and_only_owners_try_it(
    team: factories.Team, challenger: Checkpoint
) -> None:
    path = f"checkpoints/{challenger.pk}/canary/"
    assert refusal(Caller(team.annotator).post(path, {"share": 0.2})) == (403, "not_allowed")
    assert refusal(Caller(team.owner).post(path, {"share": 0.9})) == (400, "invalid")
    made = Caller(team.owner).post(path, {"share": 0.2})
    assert (made.status_code, made.data["outcome"]) == (201, "")
    assert [each["seen"] for each in made.data["differences"]] == [0, 0]
    assert (
        Caller(team.annotator).get(f"projects/{team.project.pk}/canaries/").data["results"][0]["share"] == 0.2
    )
    stop = f"canaries/{made.data['id']}/stop/"
    assert refusal(Caller(team.reviewer).post(stop)) == (403, "not_allowed")
    assert Caller(team.owner).post(stop).data["outcome"] == "stopped"
    assert refusal(Caller(team.owner).post(stop)) == (409, "wrong_state")
    other = Checkpoint.objects.create(project=team.project, name="imported", location="bundled")
    with pytest.raises(GateRefuses):
        canaries.start(actor=team.owner, challenger=other, share=0.2)
