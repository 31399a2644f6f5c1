"""Simulated reviewers with known error rates, and an attacker who looks at everything that a reviewer is told."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.effort.client import Person, Refused

TOGETHER = 0.2  #: share of claims that take several masklets of a video in one go

Truth = Callable[[int], str]  #: review → kind of the known answer, or "" where it waits


@dataclass
class Seen:
    """What an attacker noted of one review before its verdict, and what it really was."""

    features: tuple[Any, ...]
    seconds: float | None  #: until it was claimed, where it came alone
    known: bool


@dataclass
class Record:
    """What all reviewers did."""

    verdicts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    seen: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Reviewer:
    """One who catches what is wrong, and passes what is right, each with a known chance."""

    person: Person
    project: int
    sensitivity: float
    specificity: float
    rng: random.Random

    def work(self, record: Record, truth: Truth, *, until: Callable[[], bool]) -> None:
        while not until():
            begin = time.monotonic()
            claimed = self._claimed()
            # What several took together is told by how many they are, and a known answer is at most one of them.
            took = time.monotonic() - begin if len(claimed) == 1 else None
            if not claimed:
                return
            for review in claimed:
                features = (*look(self.person, review), len(claimed))
                kind = truth(review["id"])
                with record.lock:
                    record.seen.append(Seen(features, took, kind != ""))
                self.judge(review, kind, record)

    def _claimed(self) -> list[dict[str, Any]]:
        """What comes first; now and then with what else waits in its video."""
        queue = f"/api/projects/{self.project}/queue/review/"
        if self.rng.random() < TOGETHER:
            return list(self.person.post(f"{queue}together/")["reviews"])
        first = self.person.post(f"{queue}next/")
        return [first] if first else []

    def judge(self, review: Any, kind: str, record: Record) -> None:
        if kind in ("", "clean"):
            good = self.rng.random() < (self.specificity if kind else 0.8)
        else:
            good = self.rng.random() >= self.sensitivity
        body = {"verdict": "satisfactory"} if good else {"verdict": "unsatisfactory", "reasons": ["leaks"]}
        try:
            self.person.post(
                f"/api/reviews/{review['id']}/verdict/",
                body,
                Lease_Token=review["token"],
                Idempotency_Key=str(uuid.uuid4()),
            )
        except Refused as refused:
            with record.lock:
                record.refused[json.loads(refused.args[0].split(" ", 3)[3])["code"]] += 1
            return
        with record.lock:
            record.verdicts += 1


def look(person: Person, review: dict[str, Any]) -> tuple[Any, ...]:
    """All that could tell a known answer from what waits, but for numbers that are everybody's own."""
    home = f"/api/reviews/{review['id']}/"
    masks = person.get(f"{home}masks/")
    previous = person.http.get(f"{home}previous/").status_code
    video = person.get(f"/api/videos/{review['video']}/")
    masklets = person.get(f"/api/masklets/?video={review['video']}")["results"]
    runs = person.get(f"/api/runs/?video={review['video']}")["results"]
    counts = person.get(f"/api/projects/{review['project']}/")["counts"]
    frames = masks["frames"]
    return (
        tuple(sorted(review)),
        review["label"],
        review["discard_reason"],
        places_of(review),
        tuple(sorted(masks)),
        tuple(frames) == tuple(map(str, range(len(frames)))),
        frozenset(key for frame in frames.values() for key in frame),
        previous,
        tuple(sorted(video["masklet_counts"].items())),
        len(masklets),
        len(runs),
        counts["to_verify"],
        counts["accepted"],
    )


def places_of(review: dict[str, Any]) -> tuple[str, ...] | None:
    """What is told of where it may be wrong, but for which frames these are: a masklet's own."""
    if review["places"] is None:
        return None
    return tuple(sorted({key for place in review["places"] for key in place}))


BY_CHANCE = 0.001  #: that a set of reviews without any leak is said to have one


def leaks(seen: list[Seen]) -> int:
    """Known answers that look like nothing that waits does, unless so few that chance explains it: of what both are
    alike in, a rare look (a video with three masklets that one may see) is now and then met with known answers only."""
    looks: defaultdict[Any, Counter[bool]] = defaultdict(Counter)
    for each in seen:
        looks[each.features][each.known] += 1
    share = sum(each.known for each in seen) / max(1, len(seen))
    told = [count[True] for count in looks.values() if not count[False]]
    return sum(n for n in told if share**n * len(looks) < BY_CHANCE)


def told_by_time(seen: list[Seen]) -> float:
    """The chance that a known answer took longer to be claimed than what waits: 0.5 tells nothing."""
    timed = [(each.seconds, each.known) for each in seen if each.seconds is not None]
    known = sorted(seconds for seconds, is_known in timed if is_known)
    natural = sorted(seconds for seconds, is_known in timed if not is_known)
    if not known or not natural:
        return 0.5
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(known, natural).statistic) / (len(known) * len(natural))
