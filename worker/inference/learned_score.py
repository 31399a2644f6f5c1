"""What a project's verdicts teach about its candidates: a logistic regression on the scores that SAM 2 gave them."""

import logging
from collections.abc import Sequence

import numpy as np
from django.db import transaction
from sklearn.linear_model import LogisticRegression

from engine import candidate_filter
from engine.candidate_filter import ENOUGH, Learned
from engine.models import Candidate, CandidatePolicy, Project
from engine.services import candidate_policy
from engine.services.candidate_policy import Judged

logger = logging.getLogger(__name__)

AGAIN_AFTER = 1.2  #: times as many verdicts as the last fit had seen


def fit(judged: Sequence[Judged]) -> Learned | None:
    """None where there are too few verdicts, or all of them are the same."""
    right = np.array([each.right for each in judged])
    if len(judged) < ENOUGH or right.all() or not right.any():
        return None
    names = sorted({name for each in judged for name in each.scores})
    table = np.array([[each.scores.get(name, 0.0) for name in names] for each in judged])
    found = LogisticRegression(C=10.0, max_iter=1000).fit(table, right)
    return Learned(names, found.coef_[0].tolist(), float(found.intercept_[0]), len(judged))


def learn(project: Project) -> CandidatePolicy:
    """The project's policy with what its verdicts teach by now; where they teach something new, all its candidates are
    scored anew, and an owner's threshold moves so that as many pass it as before."""
    policy = candidate_policy.of(project.pk)
    judged = candidate_policy.judged(project.pk)
    before = policy.learned
    if before is not None and len(judged) < before.verdicts * AGAIN_AFTER:
        return policy
    learned = fit(judged)
    return policy if learned is None else _take_over(project, learned)


@transaction.atomic
def _take_over(project: Project, learned: Learned) -> CandidatePolicy:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # as who changes the policy does
    policy = candidate_policy.of(project.pk)
    candidates = list(Candidate.objects.filter(masklet__project=project, run__isnull=False))
    eligible = [candidate for candidate in candidates if candidate.is_eligible]
    before = [candidate.score for candidate in eligible]
    for candidate in candidates:
        candidate.score = candidate_filter.score(candidate.scores, learned)
    Candidate.objects.bulk_update(candidates, ["score"], batch_size=1000)
    if policy.threshold is not None:
        after = [candidate.score for candidate in eligible]
        policy.threshold = candidate_filter.same_rank(policy.threshold, before, after)
    policy.learned = learned
    policy.save()
    logger.info("Project %s: candidates are scored by %s verdicts", project.pk, learned.verdicts)
    return policy
