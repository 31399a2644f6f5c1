"""Verification under load: twenty simulated reviewers with known error rates, over HTTP, on the real stack.

    python -m benchmarks.bench_verify           the figures
    python -m benchmarks.bench_verify --quick   fewer of everything, for a look

PostgreSQL, Valkey, S3, one web server and the janitor in a throw-away folder. The last line is one JSON object;
what its keys mean: docs/verification.md.
"""

import argparse
import json
import random
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench_effort import temporary_folder
from benchmarks.effort.client import Person
from benchmarks.effort.stack import Stack, running_stack
from benchmarks.verify import preverifier
from benchmarks.verify.reviewers import Record, Reviewer, leaks, told_by_time
from deploy.local.apps import manage
from deploy.local.progress import say, step

REVIEWERS = 20
MEASURED = 5  #: of them go on until they have met this many known answers
KNOWN = 200
ONE_OVER_THE_OTHER = """
SELECT count(*) FROM verification_review one JOIN verification_review other
    ON other.masklet_id = one.masklet_id AND other.id > one.id AND other.round_id = one.round_id
   AND tstzrange(one.started_at, one.ended_at) && tstzrange(other.started_at, other.ended_at)
"""
STALE = """
SELECT count(*) FROM verification_verdict verdict JOIN verification_round round ON round.id = verdict.round_id
 WHERE EXISTS (SELECT FROM engine_revision newer WHERE newer.masklet_id = round.masklet_id
                  AND newer.id > round.revision_id AND newer.created_at < verdict.created_at)
"""
OWN = """
SELECT count(*) FROM verification_verdict verdict JOIN verification_round round ON round.id = verdict.round_id
  JOIN engine_masklet masklet ON masklet.id = round.masklet_id
 WHERE masklet.created_by_id = verdict.person_id
    OR EXISTS (SELECT FROM engine_revision made
                WHERE made.masklet_id = masklet.id AND made.actor_id = verdict.person_id)
"""
TRUTH = """
SELECT coalesce(gold.kind, '') FROM verification_review review
  LEFT JOIN verification_golditem gold ON gold.id = review.gold_id WHERE review.id = {review}
"""
ANSWERS = """
SELECT person.username, count(*) FILTER (WHERE gold.kind <> 'clean' AND verdict.kind <> 'satisfactory')::float
         / nullif(count(*) FILTER (WHERE gold.kind <> 'clean'), 0), count(*)
  FROM verification_verdict verdict JOIN verification_review review ON review.id = verdict.review_id
  JOIN verification_golditem gold ON gold.id = review.gold_id JOIN auth_user person ON person.id = verdict.person_id
 GROUP BY 1
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    with temporary_folder() as folder, running_stack(folder, queues=()) as stack:
        names = [f"reviewer{n}" for n in range(REVIEWERS)]
        stack.add_people(["owner", "annotator", *names])
        owner = Person(stack.origin, "owner")
        figures = behaviour(
            stack, owner, names, verdicts=300 if quick else 2000, known=40 if quick else KNOWN
        )
        figures |= claims(stack, owner, names, waiting=10_000 if quick else 100_000)
        figures |= page(stack, owner, times=5 if quick else 25)
    figures |= preverifier.measured(quick=quick)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def project_of(stack: Stack, owner: Person, name: str, reviewers: list[str]) -> int:
    project = int(owner.post("/api/projects/", {"name": name})["id"])
    roles = {"annotator": "annotator"} | dict.fromkeys(reviewers, "reviewer")
    stack.add_members(project, "owner", roles)
    return project


def seed(stack: Stack, call: str) -> None:
    code = f"from benchmarks.verify import seed\nseed.{call}\n"
    manage("shell", "-c", code, logs=stack.home.logs, environment=stack.environment)


def behaviour(
    stack: Stack, owner: Person, names: list[str], *, verdicts: int, known: int
) -> dict[str, float]:
    """What twenty at once must not do, what an attacker learns, and how well known answers measure a reviewer."""
    project = project_of(stack, owner, "Behaviour", names)
    sources = known + 20
    with step("Seeding masklets, and known answers from some"):
        waiting = max(verdicts, MEASURED * known) * 2 + 500
        seed(
            stack,
            f"seed({project}, 'annotator', videos=200, waiting={waiting}, accepted={sources}, reviewers={names[:4]})",
        )
        make_gold(stack, owner, project, sources)
        seed(stack, f"opinions({project})")
    record, workforce = Record(), reviewers(stack, project, names)

    def truth(review: int) -> str:
        return str(stack.rows(TRUTH.format(review=int(review)))[0][0])

    def enough(reviewer: Reviewer) -> bool:
        if reviewer.person.username in names[:MEASURED]:
            mine = sum(
                1 for name, _, n in stack.rows(ANSWERS) if name == reviewer.person.username and n >= known
            )
            if not mine:
                return False
        return record.verdicts >= verdicts

    with (
        step(f"{REVIEWERS} reviewers give {verdicts} verdicts and more"),
        ThreadPoolExecutor(REVIEWERS) as pool,
    ):
        begin = time.monotonic()
        jobs = [pool.submit(each.work, record, truth, until=partial(enough, each)) for each in workforce]
        for job in jobs:
            job.result()
        say(
            f"{record.verdicts} verdicts in {time.monotonic() - begin:.0f} s; refused: {dict(record.refused)}"
        )
    planted = {each.person.username: each.sensitivity for each in workforce}
    errors = [abs(found - planted[name]) for name, found, n in stack.rows(ANSWERS) if n >= known]
    return {
        "verdicts": record.verdicts,
        "lease_overlaps": stack.rows(ONE_OVER_THE_OTHER)[0][0],
        "stale_verdicts": stack.rows(STALE)[0][0],
        "own_work_verified": stack.rows(OWN)[0][0],
        "gold_leaks": leaks(record.seen),
        "gold_told_by_time_auc": told_by_time(record.seen),
        "sensitivity_error": statistics.mean(errors) if errors else 1.0,
    }


def reviewers(stack: Stack, project: int, names: list[str]) -> list[Reviewer]:
    """Each errs at rates of its own."""
    rng = random.Random(7)
    return [
        Reviewer(
            Person(stack.origin, name),
            project,
            sensitivity=rng.uniform(0.6, 0.95),
            specificity=rng.uniform(0.8, 0.98),
            rng=random.Random(n),
        )
        for n, name in enumerate(names)
    ]


def make_gold(stack: Stack, owner: Person, project: int, sources: int) -> None:
    """Half of the sources as they are, half made wrong; then half of all that is given is a known answer."""
    masklets = [
        row["id"] for row in owner.pages("/api/masklets/", project=project, status="accepted", page_size=200)
    ]
    kinds = ["shifted", "eroded", "dilated", "lost", "flickers", "slipped", "leaked", "holes"]
    for n, masklet in enumerate(masklets[:sources]):
        kind = "clean" if n % 2 else kinds[(n // 2) % len(kinds)]
        owner.post(f"/api/masklets/{masklet}/gold/", {"kinds": [kind], "severity": 0.7})
    owner.patch(f"/api/projects/{project}/review-policy/", {"gold_share": 0.5})


def claims(stack: Stack, owner: Person, names: list[str], *, waiting: int) -> dict[str, float]:
    """The queue with `waiting` masklets: one reviewer's claims, and twenty reviewers' as many as they can."""
    project = project_of(stack, owner, "Claims", names)
    with step(f"Seeding {waiting:,} masklets that wait"):
        seed(stack, f"seed({project}, 'annotator', videos=5000, waiting={waiting}, accepted=0, reviewers=[])")
    path = f"/api/projects/{project}/queue/review/next/"
    people = [Person(stack.origin, name) for name in names]
    judge(people[0], people[0].post(path))
    with step("Claiming"):
        took = []
        for _ in range(100):
            begin = time.monotonic()
            review = people[0].post(path)
            took.append((time.monotonic() - begin) * 1000)
            judge(people[0], review)
        each = 5  # nobody holds hundreds at once
        begin = time.monotonic()
        with ThreadPoolExecutor(len(people)) as pool:
            list(pool.map(lambda person: [person.post(path) for _ in range(each)], people))
        seconds = time.monotonic() - begin
    return {
        "claim_p95_ms": statistics.quantiles(took, n=20, method="inclusive")[-1],
        "claim_p50_ms": statistics.median(took),
        "claims_per_s": each * len(people) / seconds,
    }


def judge(person: Person, review: Any) -> None:
    assert review, "Nothing waits, so nothing was measured."
    person.post(
        f"/api/reviews/{review['id']}/verdict/",
        {"verdict": "satisfactory"},
        Lease_Token=review["token"],
        Idempotency_Key=str(uuid.uuid4()),
    )


def page(stack: Stack, owner: Person, *, times: int) -> dict[str, float]:
    from benchmarks.verify.page import next_masklet_p95

    stack.add_people(["viewer"])
    project = project_of(stack, owner, "Verify", ["viewer"])
    with step("Making footage to look at"):
        seed(stack, f"page({project}, 'owner', 'annotator', masklets={times + 3})")
    with step("Looking, in a browser"):
        return {"next_masklet_p95_ms": next_masklet_p95(stack.origin, project, "viewer", times=times)}


if __name__ == "__main__":
    assert Path.cwd() == Path(__file__).resolve().parents[1], "Run it from the repository's root."
    main()
