"""When a project retrains by itself, and when not yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from engine import lifecycle
from engine.errors import NotAllowed
from engine.models import (
    AuditEntry,
    Checkpoint,
    MaskletStatus,
    ReleaseStatus,
    Run,
    RunKind,
    RunStatus,
    TrainingPolicy,
    TriggerDecision,
)
from engine.services import canaries, checkpoints, runs, triggers
from tests import factories
from tests.http import Caller, refusal
from worker.datasets.freeze import freeze
from worker.runs import Work


def accept(team: factories.Team, count: int) -> None:
    for _ in range(count):
        factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)


def set_policy(team: factories.Team, **values: Any) -> TrainingPolicy:
    return triggers.set_policy(actor=team.owner, project=team.project, **{"enabled": True} | values)


def decided(team: factories.Team) -> TriggerDecision:
    made = triggers.decide(team.project)
    assert made is not None
    return made


def frozen(made: TriggerDecision) -> None:
    run = runs.take(Run.objects.get(release=made.release, kind=RunKind.FREEZE).pk, worker="here")
    assert run is not None
    freeze(Work(run))


def test_every_n_accepted_masklets_a_release_is_frozen_and_trained_on_by_nobody(team: factories.Team) -> None:
    set_policy(team, every_accepted=3, steps=40)
    accept(team, 2)
    waits = decided(team)
    assert (waits.decision, waits.because, waits.facts.accepted) == ("not_yet", "nothing", 2)
    assert triggers.decide(team.project) is None, "it says nothing twice"
    accept(team, 1)
    made = decided(team)
    assert (made.decision, made.because) == ("started", "accepted")
    assert made.release is not None
    made.release.refresh_from_db()
    assert (made.release.status, made.release.masklet_count) == (ReleaseStatus.DRAFT, 3)
    assert triggers.go_on(team.project) is False, "the freeze is under way"
    assert decided(team).because == "running"
    frozen(made)
    assert triggers.go_on(team.project)
    made.refresh_from_db()
    assert made.run is not None
    assert (made.run.kind, made.run.actor, made.run.params["settings"]["steps"]) == ("finetune", None, 40)
    assert made.run.params["base"]["checkpoint"] == checkpoints.active(team.project.pk).pk  # type: ignore[union-attr]
    assert triggers.decide(team.project) is None


def test_the_schedule_the_verdicts_and_the_effort_trigger_too(team: factories.Team) -> None:
    policy = set_policy(team, every_accepted=None, every_hours=24, verdicts_worsen=0.2, effort_worsens=1.3)
    usual = triggers.Facts(5, 1.0, 0.9, 0.9, 4.0, 4.0, 0.0, None)

    def fired(**facts: Any) -> str | None:
        found = triggers.wish(policy, triggers.Facts(**{**vars(usual), **facts}))
        return found[0] if found else None

    assert fired() is None
    assert fired(hours_since=24.0) == "schedule"
    assert fired(hours_since=24.0, accepted=0) is None
    assert fired(accept_share_recent=0.7, accept_share_before=0.9) == "verdicts"
    assert fired(accept_share_recent=None) is None
    assert fired(effort_recent=5.2) == "effort"
    assert fired(effort_recent=5.1) is None


def test_verdicts_are_read_from_the_ledger(team: factories.Team) -> None:
    accept(team, 50)
    assert triggers.facts(team.project).accept_share_recent == 1.0
    for masklet in list(team.project.masklets.all()[:30]):  # type: ignore[attr-defined]
        lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=team.owner, reason="again")
        lifecycle.change(masklet, MaskletStatus.REJECTED, actor=team.reviewer)
    seen = triggers.facts(team.project)
    assert seen.accept_share_recent == pytest.approx(0.4)
    assert seen.accept_share_before == 1.0


def test_a_budget_that_is_used_keeps_it_back(team: factories.Team) -> None:
    set_policy(team, every_accepted=1, hours_allowed=2.0)
    accept(team, 1)
    run = factories.retraining(team)
    Run.objects.filter(pk=run.pk).update(started_at=F("created_at") - timedelta(hours=3))
    taken = runs.cancel(run, actor=team.owner)
    Run.objects.filter(pk=taken.pk).update(started_at=F("created_at") - timedelta(hours=3))
    made = decided(team)
    assert (made.decision, made.because) == ("not_yet", "hours")
    assert made.facts.hours_used == pytest.approx(3.0, abs=0.1)


def test_a_used_up_set_that_nothing_can_renew_keeps_it_back(team: factories.Team) -> None:
    held = factories.held_out(team, attempts=1)
    factories.challenger(team, held, factories.frozen_release(team), after=0.4)
    set_policy(team, every_accepted=1)
    accept(team, 1)
    made = decided(team)
    assert (made.decision, made.because) == ("not_yet", "attempts")
    assert "used up" in made.reason


def test_what_passes_the_gate_is_promoted_where_the_policy_says_so(team: factories.Team) -> None:
    held = factories.held_out(team)
    release = factories.frozen_release(team)
    worse = factories.challenger(team, held, release, after=0.4)
    better = factories.challenger(team, held, release)
    set_policy(team, promotes=False)
    assert not triggers.act_on_candidates(team.project)
    set_policy(team, promotes=True)
    assert triggers.act_on_candidates(team.project)
    assert checkpoints.active(team.project.pk) == better
    assert not triggers.act_on_candidates(team.project)
    worse.refresh_from_db()
    assert worse.status == "evaluated"


def test_where_the_policy_asks_for_a_canary_it_is_tried_first(team: factories.Team) -> None:
    held = factories.held_out(team)
    better = factories.challenger(team, held, factories.frozen_release(team))
    set_policy(team, promotes=True, canary_share=0.25)
    assert triggers.look_after_all() == 1
    canary = canaries.live(team.project.pk)
    assert canary is not None
    assert (canary.challenger, canary.share) == (better, 0.25)
    assert checkpoints.active(team.project.pk) != better


def test_one_training_a_project_at_a_time(team: factories.Team) -> None:
    accept(team, 1)
    release = factories.frozen_release(team)
    factories.retraining(team, release)
    answer = Caller(team.owner).post(f"releases/{release.pk}/retrainings/")
    assert refusal(answer) == (409, "run_in_progress")
    assert "trains already" in answer.json()["message"]


def test_an_owner_sets_the_policy_and_asks_by_hand(team: factories.Team) -> None:
    owner, path = Caller(team.owner), f"projects/{team.project.pk}"
    assert owner.get(f"{path}/training-policy/").data["enabled"] is False
    client = owner._client
    told = client.patch(
        f"/api/{path}/training-policy/", {"enabled": True, "every_accepted": 9}, format="json"
    )
    assert (told.status_code, told.data["every_accepted"]) == (200, 9)
    entry = AuditEntry.objects.filter(project=team.project).first()
    assert entry is not None
    assert (entry.kind, entry.after) == ("training_policy_changed", {"enabled": True, "every_accepted": 9})
    assert refusal(Caller(team.annotator).post(f"{path}/trigger-decisions/")) == (403, "not_allowed")
    asked = owner.post(f"{path}/trigger-decisions/", idempotency_key="k")
    assert (asked.status_code, asked.data["decision"], asked.data["because"]) == (
        201,
        "not_yet",
        "nothing_new",
    )
    accept(team, 1)
    asked = owner.post(f"{path}/trigger-decisions/")
    assert (asked.data["decision"], asked.data["because"], asked.data["by"]) == (
        "started",
        "hand",
        team.owner.username,
    )
    listed = Caller(team.annotator).get(f"{path}/trigger-decisions/").data["results"]
    assert [row["because"] for row in listed] == ["hand", "nothing_new"]
    with pytest.raises(NotAllowed):
        triggers.set_policy(actor=team.annotator, project=team.project, enabled=False)


def test_the_registry_tells_the_line_of_champions_and_what_was_measured(team: factories.Team) -> None:
    held = factories.held_out(team)
    made = factories.challenger(team, held, factories.frozen_release(team))
    owner, path = Caller(team.owner), f"projects/{team.project.pk}"
    assert owner.get(f"{path}/evaluation-set/").data["attempts"] == 1
    told = owner.get(f"checkpoints/{made.pk}/evaluations/").data["results"][0]
    assert (told["passed"], told["why_not"], len(told["videos"])) == (True, "", 5)
    assert owner.get(f"checkpoints/{made.pk}/").data["kept_out"] == ""
    assert owner.post(f"checkpoints/{made.pk}/promote/").status_code == 200
    assert owner.post(f"{path}/rollback/", {"reason": "It flickers."}).data["name"] == "default"
    line = owner.get(f"{path}/promotions/").data["results"]
    assert [(row["kind"], row["checkpoint_name"], row["by"], row["reason"]) for row in line] == [
        ("rollback", "default", team.owner.username, "It flickers."),
        ("gate", made.name, team.owner.username, ""),
        ("first", "default", "", ""),
    ]
    again = owner.post(f"checkpoints/{made.pk}/evaluations/")
    assert again.status_code == 202
    assert Run.objects.get(pk=again.data["run"]["id"]).candidate == made
    assert Run.objects.filter(kind=RunKind.EVALUATE, status=RunStatus.QUEUED).count() == 1
    assert Checkpoint.objects.filter(pk=made.pk, status="retired").exists()


def test_owners_take_a_checkpoint_along_with_its_card(team: factories.Team) -> None:
    held = factories.held_out(team)
    made = factories.challenger(team, held, factories.frozen_release(team))
    path = f"checkpoints/{made.pk}/export/"
    told = Caller(team.owner).get(path).data
    assert set(told["files"]) == {"config.json", "model.safetensors"}
    assert told["sha256"] == made.location.rsplit("/", 1)[-1]
    assert "2. default: given" in told["model_card"]
    assert "| old_look | 0.500 | 0.500 |" in told["model_card"]
    assert refusal(Caller(team.annotator).get(path)) == (403, "not_allowed")
    assert refusal(Caller(team.stranger).get(path)) == (404, "not_found")
    first = checkpoints.active(team.project.pk)
    assert first is not None
    assert refusal(Caller(team.owner).get(f"checkpoints/{first.pk}/export/")) == (409, "wrong_state")
