"""Verdicts without people: allowed, earned, sampled, and switched off by the first breach."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from engine import janitor, lifecycle
from engine.errors import NotAllowed
from engine.models import (
    AuditEntry,
    Decision,
    Masklet,
    MaskletStatus,
    PreverifierScore,
    Revision,
    Transition,
    Video,
)
from tests import factories
from tests.factories import Team
from verification.models import AutomaticVerdicts
from verification.services import automatic, queue, verdicts
from verification.services.automatic import NotSureEnough
from worker.preverifier.signals import MASKLET_SIGNALS

Client = Callable[[User], APIClient]


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False, frames=2)


def waiting(video: Video, team: Team, *, wrong: float) -> Masklet:
    made = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(made, team.annotator)
    factories.revision(made, team.annotator, {0: factories.disc_mask(0)})
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    scored(made, wrong=wrong)
    return made


def scored(masklet: Masklet, *, wrong: float) -> PreverifierScore:
    place = {"frame_idx": 1, "chance": 0.9, "reason": "drifts", "first_frame": 0, "last_frame": 1}
    return PreverifierScore.objects.create(
        project=masklet.project,
        masklet=masklet,
        revision=masklet.revision,
        wrong=wrong,
        places=[place],
        signals=[0.0] * len(MASKLET_SIGNALS),
        area=500.0,
        second_opinion=True,
    )


def said(video: Video, team: Team, *, count: int, wrong: float, verdict: str) -> None:
    """`count` verdicts of people on what had been scored before: rows, for there are many."""
    masklet = factories.accepted_masklet(video, team, {0: factories.disc_mask(0)})
    first = masklet.revision
    assert first is not None
    numbers = range(first.number + 1, first.number + 1 + count)
    rows = [
        Revision(
            masklet=masklet, number=n, kind=first.kind, sha256=first.sha256, key=first.key, frame_count=1
        )
        for n in numbers
    ]
    PreverifierScore.objects.bulk_create(
        PreverifierScore(
            project=team.project,
            masklet=masklet,
            revision=revision,
            wrong=wrong,
            signals=[0.0] * len(MASKLET_SIGNALS),
            area=500.0,
            second_opinion=True,
            verdict=verdict,
            judged_at=timezone.now(),
        )
        for revision in Revision.objects.bulk_create(rows)
    )


@pytest.fixture
def earned(video: Video, team: Team) -> None:
    """People were content with all of many that it would have passed."""
    said(video, team, count=160, wrong=0.01, verdict="satisfactory")


@pytest.fixture
def passing(earned: None, team: Team) -> AutomaticVerdicts:
    return automatic.allow(actor=team.owner, project=team.project, passing=True, precision=0.95)


def always(monkeypatch: pytest.MonkeyPatch, drawn: float) -> None:
    monkeypatch.setattr(automatic, "_draw", lambda: drawn)


def test_nothing_is_decided_where_nobody_allowed_it(video: Video, team: Team) -> None:
    made = waiting(video, team, wrong=0.001)
    assert automatic.decide_all() == 0
    made.refresh_from_db()
    assert made.status == MaskletStatus.IN_VERIFICATION


def test_an_owner_cannot_allow_what_verdicts_do_not_show(video: Video, team: Team) -> None:
    said(video, team, count=60, wrong=0.01, verdict="satisfactory")
    with pytest.raises(NotSureEnough, match=r"95.0% is promised .* 60 verdicts of people, 60 of which agree"):
        automatic.allow(actor=team.owner, project=team.project, passing=True, precision=0.95)
    assert not AutomaticVerdicts.objects.filter(passing=True).exists()
    with pytest.raises(NotAllowed):
        automatic.allow(actor=team.reviewer, project=team.project, passing=False)


def test_what_is_likely_right_is_passed_and_the_rest_waits(
    passing: AutomaticVerdicts, video: Video, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    always(monkeypatch, 0.5)
    sure, unsure = waiting(video, team, wrong=0.01), waiting(video, team, wrong=0.2)
    assert automatic.decide_all() == 1
    sure.refresh_from_db()
    unsure.refresh_from_db()
    assert (sure.status, unsure.status) == (MaskletStatus.ACCEPTED, MaskletStatus.IN_VERIFICATION)
    step = Transition.objects.filter(subject_type="masklet", subject_id=sure.pk).last()
    assert step is not None
    assert (step.actor, step.reason) == (None, "Pre-verifier")
    assert PreverifierScore.objects.get(masklet=sure).decision == Decision.PASSED
    assert PreverifierScore.objects.get(masklet=sure).verdict == ""  # no evidence on itself
    assert automatic.decide_all() == 0


def test_a_random_share_goes_to_people(
    passing: AutomaticVerdicts, video: Video, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    always(monkeypatch, 0.05)
    made = waiting(video, team, wrong=0.01)
    assert automatic.decide_all() == 0
    score = PreverifierScore.objects.get(masklet=made)
    assert (score.decision, score.drawn) == (Decision.PEOPLE, 0.05)
    always(monkeypatch, 0.9)
    assert automatic.decide_all() == 0  # one draw each


def test_the_share_is_what_was_asked_for(passing: AutomaticVerdicts, video: Video, team: Team) -> None:
    for _ in range(60):
        waiting(video, team, wrong=0.01)
    AutomaticVerdicts.objects.update(people_share=0.4)
    passed = automatic.decide_all()
    people = PreverifierScore.objects.filter(decision=Decision.PEOPLE).count()
    assert passed + people == 60
    assert 10 <= people <= 40


def test_what_somebody_looks_at_is_left_alone(passing: AutomaticVerdicts, video: Video, team: Team) -> None:
    AutomaticVerdicts.objects.update(people_share=0.05)
    made = waiting(video, team, wrong=0.01)
    queue.claim(actor=team.reviewer, masklet_id=made.pk)
    assert automatic.decide_all() == 0


def test_trials_of_experiments_are_for_people(
    passing: AutomaticVerdicts, video: Video, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    always(monkeypatch, 0.5)
    made = waiting(video, team, wrong=0.01)
    Masklet.objects.filter(pk=made.pk).update(trial=True)
    assert automatic.decide_all() == 0


def test_returning_says_where_to_look(video: Video, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    always(monkeypatch, 0.5)
    said(video, team, count=160, wrong=0.99, verdict="unsatisfactory")
    automatic.allow(actor=team.owner, project=team.project, returning=True, precision=0.95)
    made = waiting(video, team, wrong=0.99)
    assert automatic.decide_all() == 1
    made.refresh_from_db()
    assert made.status == MaskletStatus.NEEDS_REFINEMENT
    step = Transition.objects.filter(subject_type="masklet", subject_id=made.pk).last()
    assert step is not None
    assert step.reason == "Pre-verifier: drifts, look at frames 0 to 1"


def test_the_first_breach_switches_it_off(
    passing: AutomaticVerdicts, video: Video, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the services: people look at what the draw left them and find it wrong."""
    always(monkeypatch, 0.01)
    for _ in range(30):
        made = waiting(video, team, wrong=0.01)
        automatic.decide_all()
        if not AutomaticVerdicts.objects.get().on:
            break
        review = queue.claim(actor=team.reviewer, masklet_id=made.pk)
        verdicts.give(
            actor=team.reviewer, review_id=review.pk, token=review.token, kind="unsatisfactory", comment="no"
        )
    row = AutomaticVerdicts.objects.get()
    assert not row.on
    assert "is promised to be right" in row.ended_because
    assert row.ended_at is not None
    entry = AuditEntry.objects.filter(project=team.project, kind="automatic_verdicts").latest("id")
    assert (entry.actor_name, entry.before["passing"], entry.after["passing"]) == ("janitor", True, False)
    always(monkeypatch, 0.9)
    waiting(video, team, wrong=0.01)
    assert automatic.decide_all() == 0


def test_a_verdict_that_is_taken_back_says_nothing(video: Video, team: Team) -> None:
    made = waiting(video, team, wrong=0.3)
    review = queue.claim(actor=team.reviewer, masklet_id=made.pk)
    verdict = verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    score = PreverifierScore.objects.get(masklet=made)
    assert (score.verdict, score.judged_at is None) == ("satisfactory", False)
    verdicts.undo(actor=team.reviewer, verdict_id=verdict.pk)
    score.refresh_from_db()
    assert (score.verdict, score.judged_at) == ("", None)


def test_deciding_is_a_duty_of_the_janitor() -> None:
    assert janitor.DUTIES["masklets were decided without people"] is automatic.decide_all


def test_the_page_tells_what_people_said(video: Video, team: Team, earned: None, signed_in: Client) -> None:
    said(video, team, count=20, wrong=0.9, verdict="unsatisfactory")
    url = f"/api/projects/{team.project.pk}/preverifier/"
    told = signed_in(team.reviewer).get(url).json()
    assert (told["verdicts"], told["unsatisfactory"], told["auc"]) == (180, 20, 1.0)
    assert told["roc"][0] == {"false_alarms": 0.0, "caught": 0.0}
    assert told["roc"][-1] == {"false_alarms": 1.0, "caught": 1.0}
    assert told["tradeoff"][-1]["passed"] == 1.0
    assert told["tradeoff"][-1]["precision"] == pytest.approx(160 / 180)
    assert [each["size"] for each in told["sizes"]] == ["small", "medium", "large"]
    assert told["automatic"]["passing"] is False
    assert told["version"] is None


def test_who_may_see_and_change_what(video: Video, team: Team, earned: None, signed_in: Client) -> None:
    base = f"/api/projects/{team.project.pk}/preverifier/"
    for person, status in ((team.annotator, 403), (team.stranger, 404), (team.reviewer, 200)):
        assert signed_in(person).get(base).status_code == status
    for person, status in ((team.reviewer, 403), (team.stranger, 404), (team.owner, 200)):
        answer = signed_in(person).patch(
            f"{base}automatic/", {"passing": True, "precision": 0.9}, format="json"
        )
        assert answer.status_code == status
    for person, status in ((team.reviewer, 403), (team.stranger, 404), (team.owner, 202)):
        assert signed_in(person).post(f"{base}fits/").status_code == status
    made = waiting(video, team, wrong=0.4)
    for person, status in ((team.annotator, 403), (team.stranger, 404), (team.reviewer, 200)):
        assert signed_in(person).get(f"/api/masklets/{made.pk}/preverifier/").status_code == status


@pytest.mark.parametrize(
    "body",
    [{"precision": 1.0}, {"precision": "high"}, {"people_share": 0}, {"pass_below": 0.5}, {"unknown": 1}],
)
def test_odd_settings_are_refused_with_a_sentence(
    team: Team, signed_in: Client, body: dict[str, object]
) -> None:
    url = f"/api/projects/{team.project.pk}/preverifier/automatic/"
    answer = signed_in(team.owner).patch(url, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_fit_wants_some_verdicts(team: Team, signed_in: Client) -> None:
    answer = signed_in(team.owner).post(f"/api/projects/{team.project.pk}/preverifier/fits/")
    assert answer.status_code == 400
    assert "20 verdicts or more" in answer.json()["message"]
