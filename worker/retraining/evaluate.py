"""How good a candidate is beside the champion, on footage that neither was trained on: figures, and the gate's rows."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings

from engine.models import Checkpoint, EvaluationSet, Run
from engine.models.checkpoint import Compared
from engine.models.evaluation import Slice
from engine.services import gate
from vos.comparison import by_video
from worker.render import Clip, render_clip
from worker.retraining.dataset import HeldOut, TrainingSet
from worker.runs import Work
from worker.sam2.checkpoint import official_size_on
from worker.sam2.evaluation import ObjectFigures, evaluate

LONGEST = 48  #: annotated frames of a clip: eight seconds
MOST_CLIPS = 12  #: of a release's own footage; an evaluation set is seen whole
#: Of five clips one object that is lost more is 0.06 of the mean, thrice of what the gate allows.
RENDERED_CLIPS, RENDERED_FRAMES, RENDERED_VANISHING = 12, 12, 0.5

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Figures:
    """Of what a checkpoint was compared with and its own, on each kind of footage; None where there was none."""

    held_out: Compared | None
    rendered: Compared
    beside: str | None  #: the champion's name, where it took the base's place


@dataclass
class Judgement:
    """What the gate is told: each object's figures before (champion) and after (candidate)."""

    held: EvaluationSet
    champion: Checkpoint
    before: Rows = field(default_factory=list)
    after: Rows = field(default_factory=list)
    old_before: Rows = field(default_factory=list)
    old_after: Rows = field(default_factory=list)

    def record(self, run: Run, candidate: Checkpoint) -> None:
        """Inside the transaction that ends `run`: one attempt on the set."""
        gate.record(
            run,
            candidate,
            held=self.held,
            champion=self.champion,
            before=self.before,
            after=self.after,
            old_before=self.old_before,
            old_after=self.old_after,
            figures={"champion": summary(self.before), "candidate": summary(self.after)},
        )


class Comparison:
    """The same footage for two checkpoints, and how much of it there is: what is held out, where there is a set,
    else what of the release was kept aside; and rendered footage, the old look."""

    def __init__(self, work: Work, footage: TrainingSet | HeldOut, *, steps: int = 0) -> None:
        self.work, self.footage, self.steps = work, footage, steps
        self.held = footage if isinstance(footage, HeldOut) else footage.held
        aside = None if isinstance(footage, HeldOut) else footage.aside
        self._aside = self.held.footage if self.held else aside
        self._most = None if self.held else MOST_CLIPS
        stretches = self._aside.stretches(longest=LONGEST)[: self._most] if self._aside else []
        self._stretches = stretches
        self.clips = 2 * (len(stretches) + RENDERED_CLIPS)
        self._done = 0

    @property
    def total(self) -> int:
        """What the run's progress counts to: a step of training or a clip of this."""
        return self.steps + self.clips

    def compare(
        self, before: str, candidate: str, *, champion: Checkpoint | None = None
    ) -> tuple[Figures, Judgement | None]:
        """Figures of both by kind of footage, and where something is held out what the gate is told. `before` is the
        champion there, else the base. Raises `Cancelled`."""
        judgement = Judgement(self.held.set, champion) if self.held and champion else None
        held_out = None
        rows = {"before": judgement.before, "after": judgement.after} if judgement else {}
        if self._aside:
            held_out = self._both(
                before, candidate, self._kept_aside, rows, self._named, closely=bool(judgement)
            )
        old = {"before": judgement.old_before, "after": judgement.old_after} if judgement else {}
        rendered = self._both(before, candidate, _rendered, old, _unnamed)
        return Figures(held_out, rendered, champion.name if judgement and champion else None), judgement

    def _both(
        self,
        before: str,
        candidate: str,
        clips: Callable[[], Iterator[Clip]],
        rows: Mapping[str, Rows],
        name: Callable[[int, int], dict[str, Any]],
        *,
        closely: bool = False,
    ) -> Compared:
        pairs = ((before, rows.get("before")), (candidate, rows.get("after")))
        return Compared(*(self._figures(folder, clips(), kept, name, closely) for folder, kept in pairs))

    def _figures(
        self,
        folder: str,
        clips: Iterator[Clip],
        rows: Rows | None,
        name: Callable[[int, int], dict[str, Any]],
        closely: bool,
    ) -> dict[str, Any]:
        def keep(clip: int, number: int, found: ObjectFigures) -> None:
            if rows is not None:
                rows.append(name(clip, number) | asdict(found))

        found = evaluate(
            folder,
            self._counted(clips),
            device=settings.DEVICE,
            official_size=official_size_on(settings.DEVICE, settings.IMAGE_SIZE),
            on_object=keep,
            closely=closely,
            cancelled=self._stop,
        )
        self._stop()
        return {name: value for name, value in found.as_dict().items() if _is_told(value)}

    def _named(self, clip: int, number: int) -> dict[str, Any]:
        """Whose figures they are: a clip is a stretch of a video, with some of its objects."""
        assert self.held is not None
        video, _, numbers = self._stretches[clip]
        return self.held.names[video, numbers[number]]

    def _counted(self, clips: Iterator[Clip]) -> Iterator[Clip]:
        for clip in clips:
            self._stop()
            yield clip
            self._done += 1
            self.work.progress(
                min(self.steps + self._done, self.total), self.total, unit="steps" if self.steps else "clips"
            )

    def _stop(self) -> bool:
        self.work.alive()
        self.work.stop_if_cancelled()
        return False

    def _kept_aside(self) -> Iterator[Clip]:
        assert self._aside is not None
        return self._aside.clips(longest=LONGEST, most=self._most)


def _rendered() -> Iterator[Clip]:
    """Clips that no training sees, in which objects come and go."""
    for seed in range(RENDERED_CLIPS):
        yield render_clip(seed, frames=RENDERED_FRAMES, fps=6.0, split="test", vanishing=RENDERED_VANISHING)


def _unnamed(clip: int, number: int) -> dict[str, Any]:
    return {"source": f"rendered {clip}", "masklet": None, "label": ""}


def summary(rows: Rows) -> dict[str, Slice]:
    """Means over videos of what was measured of each object, whole and by slice: size, label, whether the object
    leaves or returns; recalls over all frames."""
    slices: dict[str, Rows] = {"all": rows}
    for size in ("small", "medium", "large"):
        slices[size] = [row for row in rows if row["size"] == size]
    slices["leaves"] = [row for row in rows if row["leaves"]]
    slices["returns"] = [row for row in rows if row["returns"]]
    for label in sorted({row["label"] for row in rows if row["label"]})[:20]:
        slices[f"label: {label}"] = [row for row in rows if row["label"] == label]
    return {name: _means(some) for name, some in slices.items() if some}


def _means(rows: Sequence[dict[str, Any]]) -> Slice:
    def mean(name: str) -> float | None:
        values = [(row["source"], float(row[name])) for row in rows if row[name] is not None]
        videos = by_video(values)
        return round(sum(videos.values()) / len(videos), 4) if videos else None

    figures = ("jf_mask", "jf_1_click", "jf_3_clicks", "clicks", "seconds", "reached")
    frames = sum(row["frames"] for row in rows)
    seconds = [row["seconds"] for row in rows if row["seconds"] is not None]
    return Slice(
        **{name: mean(name) for name in figures},
        seconds_per_frame=round(sum(seconds) / frames, 4) if seconds else None,
        present_recall=round(gate.recall(rows, "present"), 4),
        absent_recall=round(gate.recall(rows, "absent"), 4),
        absent_frames=sum(row["absent"] for row in rows),
        objects=len(rows),
        frames=frames,
    )


def _is_told(value: Any) -> bool:
    """Whether JSON can say it: a figure that could not be taken is left out."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))
