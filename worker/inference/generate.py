"""Generate: SAM 2 proposes the objects of a video. Each candidate is persisted as it comes, with the reason why it went
on to the reviewers or fell, so that a killed worker loses none and the next one goes on after it."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet

from engine import candidate_filter, models
from engine.errors import InvalidInput, WrongState
from engine.models import Candidate, CandidateSource, Fate, Masklet, MaskletStatus, Revision, VideoStatus
from engine.run_kinds import GenerateParams
from engine.services import candidate_policy, candidates, checkpoints, generation, precedence, revisions, runs
from engine.services.candidates import Found
from vos import rle, tracks
from vos.rle import MaskFrame
from worker.inference import learned_score, previews, trackers
from worker.inference.frames import VideoFrames
from worker.runs import Work
from worker.sam2 import automatic
from worker.sam2.automatic import Track
from worker.sam2.seeds import Source

KEPT = 256  #: masklets whose masks are kept for comparing
GONE = [MaskletStatus.FILTERED, MaskletStatus.REJECTED]


def generate(work: Work) -> None:
    """Find the objects of the run's video; what earlier attempts have persisted is not done again.

    The checkpoint is the one that was active when the run began, whatever is promoted meanwhile.
    """
    found = Generation(work)
    for track in found.tracks():
        found.persist(track)
    finish = runs.record_cancelled if work.cancelled else runs.succeed
    finish(work.run, found.result())


class Generation:
    """One video on its way: what is there already, and what this run adds."""

    def __init__(self, work: Work) -> None:
        run = self.run = work.run
        self.work = work
        assert run.video is not None
        self.video = run.video
        if self.video.status != VideoStatus.READY:
            raise WrongState(f"This video is {self.video.status}.", status=self.video.status)
        self.params = run.params_as(GenerateParams)
        self.size = [self.video.height or 0, self.video.width or 0]
        self.frames = VideoFrames(self.video)
        self._begin()
        policy = learned_score.learn(run.project)
        self.learned, self.cut = policy.learned, candidate_policy.threshold(policy)
        self._masks_of = lru_cache(KEPT)(self._load)

    def _begin(self) -> None:
        """Keep the first attempt's checkpoint, and the time that all of them take."""
        if "checkpoint" not in self.run.result:
            location = checkpoints.active_location(self.run.project_id)
            runs.note(self.run, checkpoint=location, seconds=0.0, frames=self.video.frame_count)
        self.tracker = trackers.load(self.run.result["checkpoint"])
        self.began, self.before = time.monotonic(), float(self.run.result["seconds"])

    def tracks(self) -> Iterator[Track]:
        others = self._masklets().exclude(candidate__run=self.run)
        return automatic.generate(
            self.tracker,
            self.frames,
            sources=cast(list[Source], self.params.sources),
            settings=automatic.Settings(most=self.params.most),
            existing=[self._masks_of(masklet.revision) for masklet in others],
            detect=self._detect(),
            on_progress=lambda done, total: self.work.progress(done, total, unit="frames"),
            cancelled=lambda: self.work.cancelled,
            resume=[self._again(candidate) for candidate in self._found_before()],
        )

    def _detect(self) -> automatic.Detect | None:
        """What finds objects by the project's labels, where the run is to look for them."""
        if CandidateSource.TEXT not in self.params.sources:
            return None
        from worker.sam2 import concepts  # transformers' detectors take seconds to import

        device = self.tracker.checkpoint.device.type
        try:
            return concepts.load(settings.CONCEPTS, generation.labels(self.run.project), device=device)
        except ValueError as error:
            raise InvalidInput(str(error)) from error

    def persist(self, track: Track) -> None:
        """Store a track, and only then tell it."""
        candidate = candidates.record(self.run, self._found(track), cut=self.cut)
        runs.note(self.run, seconds=self._seconds())
        self.work.alive()
        self.work.tell("candidate", {"masklet": candidate.masklet_id, "fate": candidate.fate})

    def result(self) -> dict[str, Any]:
        """How long it took, what became of the candidates, and which share of each frame is explained by now."""
        fates = Candidate.objects.filter(run=self.run).order_by().values_list("fate", flat=True)
        everything = self._masklets()
        coverage = {"people": self._coverage(_by_people(everything)), "all": self._coverage(everything)}
        return self.run.result | {
            "seconds": self._seconds(),
            "fates": dict(Counter(fates)),
            "coverage": coverage,
        }

    def _seconds(self) -> float:
        return round(self.before + time.monotonic() - self.began, 2)

    def _coverage(self, masklets: QuerySet[Masklet]) -> list[float]:
        masks = (self._masks_of(masklet.revision) for masklet in masklets)
        return tracks.coverage(masks, size=self.size, frame_count=self.video.frame_count or 0)

    def _masklets(self) -> QuerySet[Masklet]:
        """What has masks in this video, and was not thrown out."""
        rows = Masklet.objects.filter(video=self.video, revision__isnull=False, trial=False, probe=False)
        return rows.exclude(status__in=GONE).select_related("revision").order_by("pk")

    def _load(self, revision: Revision) -> dict[int, str]:
        stored = revisions.load(revision, video=self.video)["frames"]
        return {int(idx): frame["counts"] for idx, frame in stored.items()}

    def _found(self, track: Track) -> Found:
        frames = self._every_frame(track.masks)
        counts = {idx: frame["counts"] for idx, frame in frames.items()}
        known = self._made_by_people(counts) if track.fate == automatic.Fate.PASSED else None
        return Found(
            source=track.source,
            first_frame=track.first_frame,
            point=track.point,
            box=track.box,
            label=track.label,
            frames=frames,
            scores=track.scores,
            score=candidate_filter.score(track.scores, self.learned),
            fate=track.fate.value if known is None else Fate.EXISTING,
            duplicate_of=known,
            preview_key=previews.put(self.video, self.frames, track.first_frame, counts[track.first_frame]),
        )

    def _every_frame(self, masks: Mapping[int, MaskFrame]) -> dict[int, MaskFrame]:
        """A mask for each frame of the video: where the track has none the object is absent."""
        height, width = self.size
        absent = MaskFrame(
            counts=rle.empty(height=height, width=width)["counts"],
            predicted_iou=0.0,
            object_score=-10.0,
            stability=1.0,
        )
        return {idx: masks.get(idx, absent) for idx in range(self.video.frame_count or 0)}

    def _made_by_people(self, counts: dict[int, str]) -> int | None:
        """The masklet of the same object that people have made, perhaps since this run began."""
        for masklet in _by_people(self._masklets()):
            if tracks.iou(counts, self._masks_of(masklet.revision), size=self.size) >= precedence.SAME:
                return masklet.pk
        return None

    def _found_before(self) -> QuerySet[Candidate]:
        return Candidate.objects.filter(run=self.run).select_related("masklet__revision").order_by("pk")

    def _again(self, candidate: Candidate) -> Track:
        """A candidate of an earlier attempt as it was found, whatever became of it since."""
        first = candidate.masklet.revisions.order_by("number").first()  # type: ignore[attr-defined]
        fate = automatic.Fate.PASSED if candidate.is_eligible else automatic.Fate(candidate.fate)
        point, box = candidate.point, candidate.box
        return Track(
            first_frame=candidate.first_frame,
            source=cast(Source, candidate.source),
            point=None if point is None else (point[0], point[1]),
            box=None if box is None else (box[0], box[1], box[2], box[3]),
            masks={int(i): frame for i, frame in revisions.load(first, video=self.video)["frames"].items()},
            scores=candidate.scores,
            fate=fate,
            label=candidate.masklet.label,
        )


def _by_people(masklets: QuerySet[Masklet]) -> QuerySet[Masklet]:
    return masklets.filter(source=models.Source.MANUAL)
