"""Verdicts teach which scores matter."""

import numpy as np
import pytest

from engine.candidate_filter import ENOUGH, score
from engine.models import Candidate, MaskletStatus, Run
from engine.services import candidate_policy
from engine.services.candidate_policy import Judged
from tests import factories
from tests.engine.test_candidates import judge
from tests.factories import Team
from worker.inference import learned_score


def verdict(i: int, *, right: bool, **scores: float) -> Judged:
    return Judged(i, 0.5, scores, right)


def test_the_score_that_tells_right_from_wrong_weighs_most() -> None:
    rng = np.random.default_rng(0)
    seen = [
        verdict(i, right=i % 2 == 0, drift=0.1 if i % 2 == 0 else 0.6, confidence=float(rng.uniform()))
        for i in range(60)
    ]
    learned = learned_score.fit(seen)
    assert learned is not None
    assert learned.verdicts == 60
    calm, drifting = ({"drift": drift, "confidence": 0.5} for drift in (0.1, 0.6))
    assert score(calm, learned) > 0.8 > 0.2 > score(drifting, learned)


@pytest.mark.parametrize("count", [ENOUGH - 1, ENOUGH])
def test_few_verdicts_and_verdicts_that_are_all_the_same_teach_nothing(count: int) -> None:
    assert learned_score.fit([verdict(i, right=True, confidence=0.9) for i in range(count)]) is None


@pytest.fixture
def run(team: Team) -> Run:
    return factories.generation(team, factories.ready_video(team.project, team.owner, stored=False))


def test_all_candidates_are_scored_anew_and_the_owners_threshold_lets_as_many_pass(
    team: Team, run: Run
) -> None:
    found = [
        factories.proposed(run, score=0.5 + i / 100, cut=0, scores={"confidence": i / 40, "stability": 1.0})
        for i in range(ENOUGH + 6)
    ]
    for i, candidate in enumerate(found):
        judge(candidate, MaskletStatus.ACCEPTED if i > 15 else MaskletStatus.REJECTED, team)
    candidate_policy.change(actor=team.owner, project=team.project, threshold=0.7)
    passing = sum(candidate.score >= 0.7 for candidate in found)

    policy = learned_score.learn(team.project)

    scores = list(Candidate.objects.order_by("pk").values_list("score", flat=True))
    assert scores == sorted(scores)
    assert scores[0] < 0.2 < 0.8 < scores[-1]
    assert policy.threshold is not None
    assert sum(value >= policy.threshold for value in scores) == passing
    assert learned_score.learn(team.project).learned == policy.learned, "no new verdicts, nothing new"
