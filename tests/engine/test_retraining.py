"""Asking for a retraining, and what it may start from."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from engine import storage
from engine.errors import WrongState
from engine.models import Checkpoint, CheckpointStatus, Release, Run, RunKind, RunStatus, Transition
from engine.run_kinds import TrainingSettings
from engine.services import checkpoints, releases, retraining, runs
from tests import factories
from tests.http import Caller, refusal


@pytest.fixture
def release(team: factories.Team) -> Release:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    return factories.frozen_release(team)


def ask(person: User, release: Release, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return Caller(person).post(f"releases/{release.pk}/retrainings/", body or {}, **headers)


def test_an_owner_retrains_the_active_checkpoint_on_a_frozen_release(
    team: factories.Team, release: Release, settings: Any
) -> None:
    settings.CHECKPOINT = "facebook/sam2.1-hiera-tiny"
    answer = ask(team.owner, release, {"steps": 50, "name": "first try"})
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.data["run"]["id"])
    assert (run.kind, run.status, run.release) == (RunKind.FINETUNE, RunStatus.QUEUED, release)
    active = checkpoints.active(team.project.pk)
    assert active is not None
    assert run.params["base"] == {
        "name": "default",
        "location": "facebook/sam2.1-hiera-tiny",
        "checkpoint": active.pk,
    }
    assert run.params["settings"]["steps"] == 50
    assert answer.data["run"]["progress"]["unit"] == "steps"


def test_the_same_wish_sent_twice_is_one_retraining(team: factories.Team, release: Release) -> None:
    first = ask(team.owner, release, idempotency_key="k")
    again = ask(team.owner, release, idempotency_key="k")
    assert first.data == again.data
    assert Run.objects.filter(kind=RunKind.FINETUNE).count() == 1


def test_only_owners_retrain_and_only_what_is_frozen(team: factories.Team, release: Release) -> None:
    assert refusal(ask(team.annotator, release)) == (403, "not_allowed")
    assert refusal(ask(team.stranger, release)) == (404, "not_found")
    draft = releases.create_release(actor=team.owner, project=team.project, name="draft")
    assert refusal(ask(team.owner, draft)) == (409, "wrong_state")


@pytest.mark.parametrize(
    "body",
    [
        {"steps": 0},
        {"steps": 10**9},
        {"steps": "many"},
        {"rendered_share": 1.0},
        {"rendered_share": -0.1},
        {"learning_rate": 1.0},
        {"learning_rate": "fast"},
        {"seed": -1},
        {"checkpoint": 10**15},
        {"checkpoint": 0},
        {"location": "/etc"},
        {"location": "somebody/else"},
        {"location": "s3:projects/1/checkpoints/1/0"},
        {"location": "bundled", "checkpoint": 1},
        {"epochs": 3},
        {"name": "n" * 81},
    ],
)
def test_bad_wishes_are_refused_with_a_sentence(
    team: factories.Team, release: Release, body: dict[str, Any]
) -> None:
    assert refusal(ask(team.owner, release, body)) == (400, "invalid")
    assert not Run.objects.filter(kind=RunKind.FINETUNE).exists()


def test_what_the_installation_allows_can_be_started_from(
    team: factories.Team, release: Release, settings: Any
) -> None:
    settings.CHECKPOINTS = ["facebook/sam2.1-hiera-small"]
    answer = ask(team.owner, release, {"location": "facebook/sam2.1-hiera-small"})
    run = Run.objects.get(pk=answer.data["run"]["id"])
    assert run.params["base"]["checkpoint"] is None
    assert run.params["base"]["location"] == "facebook/sam2.1-hiera-small"


def test_another_projects_checkpoint_is_no_base(team: factories.Team, release: Release) -> None:
    other = checkpoints.active(factories.team().project.pk)
    assert other is not None
    assert refusal(ask(team.owner, release, {"checkpoint": other.pk})) == (400, "invalid")


def test_the_choices_name_the_active_checkpoint_first(
    team: factories.Team, release: Release, signed_in: Callable[[User], APIClient]
) -> None:
    made = factories.candidate(team, factories.retraining(team, release))
    halfway = factories.candidate(team, factories.retraining(team, release), evaluated=False)
    choices = signed_in(team.annotator).get(f"/api/projects/{team.project.pk}/retraining/").data
    names = [base["name"] for base in choices["bases"]]
    assert names == ["default", made.name]
    assert halfway.name not in names
    assert choices["settings"]["steps"] == TrainingSettings().steps


def test_only_owners_stop_a_retraining(team: factories.Team, release: Release) -> None:
    run = factories.retraining(team, release)
    assert refusal(Caller(team.annotator).post(f"runs/{run.pk}/cancel/")) == (403, "not_allowed")
    assert Caller(team.owner).post(f"runs/{run.pk}/cancel/").data["status"] == "cancelled"


def test_a_candidate_is_made_once_for_a_run(team: factories.Team, release: Release) -> None:
    run = factories.retraining(team, release)
    taken = runs.take(run.pk, worker="here")
    assert taken is not None
    first, again = retraining.record_candidate(taken), retraining.record_candidate(taken)
    assert first.pk == again.pk
    assert (first.status, first.parent, first.name) == (
        CheckpointStatus.CANDIDATE,
        checkpoints.active(team.project.pk),
        f"first (run {run.pk})",
    )


def test_a_worker_that_lost_the_run_leaves_no_candidate(team: factories.Team, release: Release) -> None:
    stale = runs.take(factories.retraining(team, release).pk, worker="here")
    assert stale is not None
    runs.requeue(stale, reason="lease expired")
    assert runs.take(stale.pk, worker="there") is not None
    with pytest.raises(runs.RunLost):
        retraining.record_candidate(stale)
    assert not Checkpoint.objects.filter(run=stale.pk).exists()


def test_an_evaluated_candidate_ends_its_run(team: factories.Team, release: Release) -> None:
    run = factories.retraining(team, release)
    made = factories.candidate(team, run)
    run.refresh_from_db()
    assert (run.status, run.result) == (RunStatus.SUCCEEDED, {"checkpoint": made.pk})
    shown = Caller(team.reviewer).get(f"checkpoints/{made.pk}/").data
    assert (shown["status"], shown["release_name"], shown["run"]) == ("evaluated", "first", run.pk)
    assert shown["evaluation"]["held_out"]["candidate"]["jf_mask"] == 0.75
    assert shown["evaluation"]["rendered"] is None
    assert shown["base"]["name"] == "default"
    listed = Caller(team.owner).get(f"checkpoints/?project={team.project.pk}").data["results"]
    assert [row["name"] for row in listed] == [made.name, "default"]
    assert Caller(team.owner).get("checkpoints/?status=active").data["results"][0]["active"]


def test_promoting_retires_the_former_and_can_be_taken_back(team: factories.Team, release: Release) -> None:
    former = checkpoints.active(team.project.pk)
    assert former is not None
    made = factories.candidate(team, factories.retraining(team, release))
    why = {"reason": "The edges are better."}
    answer = Caller(team.owner).post(f"checkpoints/{made.pk}/promote/", why)
    assert (answer.status_code, answer.data["status"]) == (200, "active")
    former.refresh_from_db()
    assert former.status == CheckpointStatus.RETIRED
    assert checkpoints.active_location(team.project.pk) == made.location
    assert refusal(Caller(team.owner).post(f"checkpoints/{made.pk}/promote/")) == (409, "wrong_state")

    assert Caller(team.owner).post(f"checkpoints/{former.pk}/promote/").status_code == 200
    made.refresh_from_db()
    assert made.status == CheckpointStatus.RETIRED


def test_only_owners_promote_and_retire(team: factories.Team, release: Release) -> None:
    made = factories.candidate(team, factories.retraining(team, release))
    for verb in ("promote", "retire"):
        assert refusal(Caller(team.annotator).post(f"checkpoints/{made.pk}/{verb}/")) == (403, "not_allowed")
        assert refusal(Caller(team.stranger).post(f"checkpoints/{made.pk}/{verb}/")) == (404, "not_found")


def test_a_candidate_without_figures_is_never_used(team: factories.Team, release: Release) -> None:
    made = factories.candidate(team, factories.retraining(team, release), evaluated=False)
    assert refusal(Caller(team.owner).post(f"checkpoints/{made.pk}/promote/")) == (409, "wrong_state")
    assert Caller(team.owner).post(f"checkpoints/{made.pk}/retire/").data["status"] == "retired"
    assert refusal(Caller(team.owner).post(f"checkpoints/{made.pk}/promote/")) == (409, "wrong_state")
    with pytest.raises(IntegrityError, match="weights_and_figures"), transaction.atomic():
        Checkpoint.objects.filter(pk=made.pk).update(status=CheckpointStatus.EVALUATED)


def test_the_active_checkpoint_cannot_be_retired(team: factories.Team) -> None:
    active = checkpoints.active(team.project.pk)
    assert active is not None
    with pytest.raises(WrongState, match="Promote another"):
        checkpoints.retire(actor=team.owner, checkpoint=active)


def test_of_two_who_promote_at_once_one_is_refused(transactional_db: None) -> None:
    from tests.http import at_once, granted

    team = factories.team()
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    release = factories.frozen_release(team)
    made = [factories.candidate(team, factories.retraining(team, release)) for _ in range(2)]
    results = at_once(
        *(
            lambda row=row: checkpoints.promote(actor=team.owner, checkpoint=row, reason="better")
            for row in made
        )
    )
    assert Checkpoint.objects.filter(project=team.project, status=CheckpointStatus.ACTIVE).count() == 1
    assert 1 <= len(granted(results)) <= 2, "two that do not meet are both done, one after the other"


def test_the_log_is_what_the_last_attempt_says(team: factories.Team, release: Release) -> None:
    run = factories.retraining(team, release)
    path = f"runs/{run.pk}/log/"
    assert Caller(team.annotator).get(path).data == {"entries": []}
    lines = [
        '{"step": 10, "loss": 3.0}',
        '{"step": 20, "loss": 2.0}',
        '{"step": 20, "validation": {"jf_mask": 0.5}}',
        '{"step": 30, "loss": 1.5}',
        '{"step": 20, "loss": 2.1, "rate": 1e-05}',
        '{"step": 30, "loss": 1.6}',
        '{"step": 30, "loss": 1.4}',
        '{"step": 30, "validation": {"jf_mask": 0.6}}',
    ]
    storage.put(run.log_key, "\n".join(lines).encode(), content_type="text/plain")
    entries = Caller(team.annotator).get(path).data["entries"]
    assert [(entry["step"], entry.get("loss")) for entry in entries] == [
        (10, 3.0), (20, 2.1), (30, 1.4), (30, None),
    ]  # fmt: skip
    assert entries[3]["validation"] == {"jf_mask": 0.6}
    assert refusal(Caller(team.stranger).get(path)) == (404, "not_found")


def test_a_release_shows_its_freeze_or_export_and_not_its_retraining(
    team: factories.Team, release: Release
) -> None:
    factories.retraining(team, release)
    assert Caller(team.owner).get(f"releases/{release.pk}/").data["run"]["kind"] == "freeze"


def test_where_nothing_is_held_out_a_person_vouches_for_a_candidate(
    team: factories.Team, release: Release
) -> None:
    made = factories.candidate(team, factories.retraining(team, release))
    path = f"checkpoints/{made.pk}/promote/"
    for reason in ({}, {"reason": "  "}):
        refused = Caller(team.owner).post(path, reason)
        assert refusal(refused) == (409, "gate_refuses")
        assert "Nothing is held out" in refused.json()["message"]
    assert Caller(team.owner).post(path, {"reason": "It sees the new cameras."}).status_code == 200
    step = Transition.objects.filter(subject_type="checkpoint", subject_id=made.pk).latest("id")
    assert (step.actor, step.reason) == (team.owner, "It sees the new cameras.")
