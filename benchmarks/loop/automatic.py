"""Automatic masklets of a round: clips that no annotator sees are looked through, the pre-verifier looks at what was
proposed, and the reviewer judges it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.effort import footage as clips
from benchmarks.effort.client import Person
from benchmarks.effort.footage import ClipToAnnotate
from benchmarks.effort.stack import Stack
from benchmarks.loop import people
from benchmarks.loop.journal import Journal
from benchmarks.loop.stack import rows
from vos import rle

LIVE = ("queued", "running")
WAITS = "in_verification"

Wait = Callable[[Callable[[], Any]], Any]


class Automatic:
    """What SAM 2 finds by itself on `made`, noted in the journal under `automatic`, by clip, as soon as it is judged:
    of each masklet its fate, the pre-verifier's chance that it is wrong, and the reviewer's verdict."""

    def __init__(self, stack: Stack, journal: Journal, owner: Person, *, project: int, wait: Wait) -> None:
        self.stack, self.journal, self.owner, self.project = stack, journal, owner, project
        self._wait = wait

    def run(self, made: Sequence[ClipToAnnotate], *, most: int) -> list[dict[str, Any]]:
        """Up to `most` candidates of each clip go on to the reviewer."""
        todo = [clip for clip in made if clip.name not in self.journal.get("automatic", {})]
        videos = {clip.name: self._brought(clip) for clip in todo}
        if todo:
            self._look_through(list(videos.values()), most)
        reviewer = Person(self.stack.origin, people.REVIEWER)
        for clip in todo:
            judged = [self._judged(reviewer, clip, row) for row in self._candidates(videos[clip.name])]
            self.journal.note(automatic=self.journal.get("automatic", {}) | {clip.name: judged})
        return [row for clip in made for row in self.journal["automatic"][clip.name]]

    def _brought(self, clip: ClipToAnnotate) -> int:
        known: dict[str, int] = self.journal.get("videos", {})
        if clip.name not in known:
            known[clip.name] = clips.upload(self.owner, self.project, clip)
            self.journal.note(videos=known)
        clips.check(self.owner, known[clip.name], clip)
        return known[clip.name]

    def _look_through(self, videos: list[int], most: int) -> None:
        """What an earlier, killed loop has looked through already is not looked through again."""
        seen = {row["video"] for row in self._runs("generate") if row["status"] != "failed"}
        if fresh := [video for video in videos if video not in seen]:
            wish = {"videos": fresh, "most": most}
            self.owner.post(f"/api/projects/{self.project}/generation/", wish)
        self._wait(lambda: None if any(row["status"] in LIVE for row in self._runs("generate")) else True)
        # The janitor asks the pre-verifier to look at candidates, once a minute.
        self._wait(lambda: None if rows(self.stack, UNSEEN, videos)[0][0] else True)

    def _runs(self, kind: str) -> list[Any]:
        return list(self.owner.pages("/api/runs/", project=self.project, kind=kind))

    def _candidates(self, video: int) -> list[Any]:
        return list(self.owner.pages("/api/candidates/", project=self.project, video=video))

    def _judged(self, reviewer: Person, clip: ClipToAnnotate, row: Any) -> dict[str, Any]:
        told = {
            "masklet": row["id"],
            "fate": row["fate"],
            "accepted": row["status"] == "accepted",  # where a loop was killed after the verdict
            "review_seconds": 0.0,
            "wrong": None,
        }
        if (found := rows(self.stack, WRONG, row["id"])) and row["status"] == WAITS:
            told["wrong"] = found[0][0]
        masks = masks_of(self.owner, row["id"], clip.frames.shape[:3])
        truth = nearest(masks, clip.objects)
        if row["status"] == WAITS and truth is not None:
            told |= people.review(reviewer, row["id"], truth)
        return told


UNSEEN = """
SELECT count(*) FROM engine_masklet masklet
 WHERE video_id = ANY(%s) AND source = 'auto' AND status = 'in_verification'
   AND NOT EXISTS (SELECT FROM engine_run run WHERE run.masklet_id = masklet.id AND run.kind = 'verify'
                      AND run.status NOT IN ('queued', 'running'))
"""
WRONG = "SELECT wrong FROM engine_preverifierscore WHERE masklet_id = %s ORDER BY id DESC LIMIT 1"


def masks_of(owner: Person, masklet: int, shape: Sequence[int]) -> np.ndarray:
    """bool [T, H, W]: its masks as they are now, nothing on frames that it has none on."""
    stored = owner.get(f"/api/masklets/{masklet}/masks/")
    masks = np.zeros(tuple(shape), bool)
    for idx, frame in stored["frames"].items():
        masks[int(idx)] = rle.decode({"size": stored["size"], "counts": frame["counts"]})
    return masks


def nearest(masks: np.ndarray, truths: Sequence[np.ndarray]) -> np.ndarray | None:
    """The object that a masklet is most likely of: that with the highest IoU over all pixels of all frames."""
    if not truths:
        return None
    overlaps = [
        np.logical_and(masks, truth).sum() / max(np.logical_or(masks, truth).sum(), 1) for truth in truths
    ]
    return truths[int(np.argmax(overlaps))]


def summary(judged: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A round's line: how many were proposed, went on to the reviewer, and were accepted."""
    looked = [row for row in judged if row["review_seconds"]]
    return {
        "auto_proposed": len(judged),
        "auto_reviewed": len(looked),
        "auto_accepted": sum(row["accepted"] for row in looked),
        "auto_review_seconds": sum(row["review_seconds"] for row in looked),
    }
