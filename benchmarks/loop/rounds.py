"""One round: clips come in, people annotate and review them, a trigger freezes and trains, the gate decides."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.effort import footage as clips
from benchmarks.effort.client import Person
from benchmarks.effort.stack import Stack
from benchmarks.loop import automatic, footage, people
from benchmarks.loop.automatic import Automatic
from benchmarks.loop.footage import Size
from benchmarks.loop.journal import Journal
from benchmarks.loop.people import Job
from deploy.local.progress import say, step

LIVE = ("queued", "running")


@dataclass(frozen=True)
class Plan:
    """How much of everything. The first round also fills the evaluation set, with a fifth of its clips."""

    rounds: int = 3
    first_clips: int = 40
    clips: int = 10
    size: Size = field(default_factory=Size)
    each: int = 2  #: objects of a clip that are annotated, at most
    automatic_clips: int = 3  #: of a round, which no annotator sees
    most: int = 8  #: candidates of such a clip that go on to the reviewer
    arm_steps: int = 120
    corrections: int = 8
    steps: int = 300
    test_clips: int = 8
    kills: int = 20
    canaries: int = 400


QUICK = Plan(
    rounds=1,
    first_clips=14,
    size=Size(240, 136, 8, 2),
    each=1,
    automatic_clips=1,
    most=3,
    arm_steps=4,
    corrections=4,
    steps=6,
    test_clips=2,
    kills=2,
    canaries=60,
)


def make_project(owner: Person, stack: Stack) -> int:
    project = int(
        owner.post("/api/projects/", {"name": "The loop", "fps": footage.FPS, "annotate_every": 1})["id"]
    )
    owner.patch(f"/api/projects/{project}/", {"separate_selection": False})
    stack.add_members(
        project, people.OWNER, dict.fromkeys(people.ANNOTATORS, "annotator") | {people.REVIEWER: "reviewer"}
    )
    return project


class Round:
    """The `number`th round (1, 2 …) in `project`; each step is noted in the journal as soon as it is done."""

    def __init__(self, stack: Stack, journal: Journal, plan: Plan, *, project: int, number: int) -> None:
        self.stack, self.journal, self.plan = stack, journal, plan
        self.project, self.number = project, number
        self._lock = threading.Lock()

    def run(self) -> dict[str, Any]:
        owner = Person(self.stack.origin, people.OWNER)
        jobs = self._bring_in(owner)
        with step(f"Round {self.number}: annotating {len(jobs)} objects"):
            todo = [job for job in jobs if job.name not in self.journal.get("objects", {})]
            people.annotate(
                self.stack.origin, todo, corrections=self.plan.corrections, done=self._note,
                look_after=self.stack.supervisor.check,
            )  # fmt: skip
        with step(f"Round {self.number}: reviewing"):
            self._review(jobs)
        with step(f"Round {self.number}: automatic masklets"):
            proposed = self._automatic(owner)
        with step(f"Round {self.number}: trigger, release, training, gate"):
            trained = self._train(owner)
        return self._row(jobs, trained) | automatic.summary(proposed)

    def _automatic(self, owner: Person) -> list[dict[str, Any]]:
        """Before the trigger is armed: what is accepted here is released and trained on with the rest."""
        made = list(footage.to_look_through(self.number, self.plan.automatic_clips, self.plan.size))
        line = Automatic(self.stack, self.journal, owner, project=self.project, wait=self._wait)
        return line.run(made, most=self.plan.most)

    def _bring_in(self, owner: Person) -> list[Job]:
        count = self.plan.first_clips if self.number == 1 else self.plan.clips
        made = list(footage.to_annotate(self.number, count, self.plan.size, each=self.plan.each))
        known: dict[str, int] = self.journal.get("videos", {})
        with step(f"Round {self.number}: bringing in {count} clips"):
            for clip in made:
                if clip.name not in known:
                    known[clip.name] = clips.upload(owner, self.project, clip)
                    self.journal.note(videos=known)
            for clip in made:
                clips.check(owner, known[clip.name], clip)
        return [
            Job(f"{clip.name}/{n}", known[clip.name], truth)
            for clip in made
            for n, truth in enumerate(clip.objects)
        ]

    def _note(self, job: Job, cost: dict[str, Any]) -> None:
        with self._lock:
            self.journal.note(objects=self.journal.get("objects", {}) | {job.name: cost})

    def _review(self, jobs: list[Job]) -> None:
        reviewer = Person(self.stack.origin, people.REVIEWER)
        for job in jobs:
            cost = self.journal["objects"][job.name]
            if "accepted" not in cost:
                self._note(job, cost | people.review(reviewer, cost["masklet"], job.truth))

    def _train(self, owner: Person) -> dict[str, Any]:
        """Arms the trigger, waits for what it decides and what comes of it, and disarms it."""
        path = f"/api/projects/{self.project}"
        name = f"trained {self.number}"
        if name in self.journal:
            return dict(self.journal[name])
        policy = {
            "enabled": True,
            "every_accepted": 1,
            "promotes": True,
            "steps": self.plan.steps,
            "rendered_share": 0.35,
        }
        owner.patch(f"{path}/training-policy/", policy)
        run = self._wait(lambda: self._started(owner))
        owner.patch(f"{path}/training-policy/", {"every_accepted": None})
        ended = self._wait(lambda: _ended(owner, run))
        if ended["status"] != "succeeded":
            raise RuntimeError(f"The training {ended['status']}: {ended['error']}")
        checkpoint = ended["result"]["checkpoint"]
        judged = owner.get(f"/api/checkpoints/{checkpoint}/evaluations/")["results"]
        if not judged:
            raise RuntimeError(
                "Too few masklets were accepted to hold any out, so nothing judged the candidate."
            )
        told = judged[0]
        if told["passed"]:
            self._wait(lambda: owner.get(f"/api/checkpoints/{checkpoint}/")["active"] or None)
        kept = ("gain", "gain_low", "gain_high", "passed", "why_not", "guards")
        found = {"run": run, "checkpoint": checkpoint} | {fact: told[fact] for fact in kept}
        self.journal.note(**{name: found})
        return found

    def _started(self, owner: Person) -> int | None:
        """The run that this round's decision led to."""
        before = {self.journal[f"trained {n}"]["run"] for n in range(1, self.number)}
        for row in owner.get(f"/api/projects/{self.project}/trigger-decisions/")["results"]:
            if row["decision"] == "failed":
                raise RuntimeError(row["reason"])
            if row["run"] and row["run"] not in before:
                return int(row["run"])
        return None

    def _wait(self, look: Callable[[], Any], within: float = 3600.0) -> Any:
        deadline, told = time.monotonic() + within, time.monotonic()
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise RuntimeError("The stack did not go on within an hour.")
            if time.monotonic() - told > 60:
                told = time.monotonic()
                say(f"  … {self._stands()}")
            self.stack.supervisor.check()
            time.sleep(1.0)
        return found

    def _stands(self) -> str:
        owner = Person(self.stack.origin, people.OWNER)
        live = [
            row for row in owner.get("/api/runs/", project=self.project)["results"] if row["status"] in LIVE
        ]
        return (
            ", ".join(f"{row['kind']} {row['progress']['done']}/{row['progress']['total']}" for row in live)
            or "waiting"
        )

    def _row(self, jobs: list[Job], trained: dict[str, Any]) -> dict[str, Any]:
        costs = [self.journal["objects"][job.name] for job in jobs]
        frames = sum(cost["frames"] for cost in costs)
        people_seconds = sum(cost["seconds"] + cost["review_seconds"] for cost in costs)
        accepted = sum(cost["accepted"] for cost in costs)
        return {
            "round": self.number,
            "masklets": len(costs),
            "accepted": accepted,
            "human_seconds_per_masklet": people_seconds / max(accepted, 1),
            "seconds_per_frame": sum(cost["seconds"] for cost in costs) / frames,
            "edited_frames": sum(cost["edited"] for cost in costs) / frames,
            "clicks_per_clicked_frame": sum(c["clicks"] for c in costs)
            / max(sum(c["clicked"] for c in costs), 1),
            "jf_submitted": sum(cost["jf"] for cost in costs) / len(costs),
            **{name: trained[name] for name in ("gain", "gain_low", "gain_high", "passed", "why_not")},
        }


def _ended(owner: Person, run: int) -> Any:
    found = owner.get(f"/api/runs/{run}/")
    return None if found["status"] in LIVE else found
