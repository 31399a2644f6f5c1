"""The kinds of machine work, one record each: what does it, where, on what, and what a failure leaves behind.

A new kind is a record here, the function that it names, and a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from django.db.models import TextChoices

from engine import shapes
from engine.errors import InvalidInput

HOUR = 3600

P = TypeVar("P", bound="Params")


class RunKind(TextChoices):
    INGEST = "ingest"  #: lay a source on the timeline
    PREDICT = "predict"  #: prompts of one frame → that frame's mask
    PROPAGATE = "propagate"  #: carry the prompts through the frames
    FREEZE = "freeze"  #: pin what is accepted in a release
    EXPORT = "export"  #: write a release in a format
    GENERATE = "generate"  #: find the objects of a video by itself
    IMPORT = "import"  #: an archive becomes videos and masklets
    MEASURE = "measure"  #: the figures of a release
    FINETUNE = "finetune"  #: retrain a checkpoint on a release, and evaluate what comes out
    EVALUATE = "evaluate"  #: judge a candidate (again) beside the champion
    VERIFY = "verify"  #: look at a submitted masklet before people do
    FIT_PREVERIFIER = "fit_preverifier"  #: move what looks by what people said


class Subject(TextChoices):
    """What a run works on: the column of `Run` that names it."""

    VIDEO = "video"
    MASKLET = "masklet"
    RELEASE = "release"
    IMPORT = "dataset_import"
    CANDIDATE = "candidate"
    PROJECT = "project"


@dataclass(frozen=True)
class Params:
    """What a run is asked for beside its subject. A kind that asks for more has a class of its own."""


@dataclass(frozen=True)
class PredictParams(Params):
    frame_idx: int
    remembers: bool  #: whether the memory of the other prompted frames counts


@dataclass(frozen=True)
class PropagateParams(Params):
    direction: str  #: "forward", "backward" or "both"
    from_frame: int
    prompt_ids: list[int]
    whole: bool = False  #: do again what a correction does not change
    masks_only: bool = False  #: carry masks without the clicks that made them


@dataclass(frozen=True)
class GenerateParams(Params):
    """Where candidates come from, and how many are kept."""

    sources: list[str]  #: of engine.models.CandidateSource
    most: int = 64  #: candidates of a video that go on to the reviewers


@dataclass(frozen=True)
class VerifyParams(Params):
    #: Objects of the store with masks to look at in place of the masklet's own; none: its own.
    masks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ExportParams(Params):
    format: str


@dataclass(frozen=True)
class Base:
    """What a retraining starts from: `checkpoint` is the project's row of it, if it has one."""

    name: str
    location: str
    checkpoint: int | None = None


@dataclass(frozen=True)
class TrainingSettings:
    """What a person may choose. Learning rates that are not given are the trainer's own."""

    steps: int = 250
    #: Share of rendered footage among what is trained on, so that the checkpoint does not forget.
    rendered_share: float = 0.3
    learning_rate: float | None = None
    encoder_learning_rate: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class FinetuneParams(Params):
    base: Base
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    name: str = ""


@dataclass(frozen=True)
class Kind:
    title: str  #: what it does, for people
    busy: str  #: to who must wait for a live one
    function: str  #: "module:name" in the worker, called with the run's `Work`
    queue: str
    unit: str  #: what its progress counts
    subject: Subject
    patience: float  #: seconds without any progress after which the work counts as hung
    params: type[Params] = Params
    #: Seconds that one attempt may take. A pool `solo` knows no limits: there patience alone holds.
    time_limit: int | None = None
    exclusive: bool = False  #: one live run for each subject, and for each value of `exclusive_by`
    exclusive_by: tuple[str, ...] = ()  #: names of parameters
    exclusive_in_project: bool = False  #: one live run for each project
    owners_cancel: bool = False  #: only owners cancel it, whoever asked for it
    fails_video: bool = False  #: a run that fails or is cancelled leaves its video FAILED
    always_admitted: bool = False  #: what it works on was admitted at another door

    @property
    def task(self) -> str:
        """Name of its Celery task."""
        return f"worker.tasks.{self.function.partition(':')[2]}"


KINDS: dict[RunKind, Kind] = {
    RunKind.INGEST: Kind(
        title="Extract frames",
        busy="This video is being read already.",
        function="worker.videos.ingest:ingest",
        queue="ingest",
        unit="percent",
        subject=Subject.VIDEO,
        patience=300,
        time_limit=2 * HOUR,
        exclusive=True,
        fails_video=True,
        always_admitted=True,  # a video whose bytes have come is never turned away
    ),
    RunKind.PREDICT: Kind(
        title="Predict a mask",
        busy="A mask is still being computed. Wait a moment and try again.",
        function="worker.inference.predict:predict",
        queue="live",
        unit="masks",
        subject=Subject.MASKLET,
        params=PredictParams,
        patience=180,  # a checkpoint may have to be fetched first
    ),
    RunKind.PROPAGATE: Kind(
        title="Propagate",
        busy="A propagation of this masklet is under way. Stop it or wait until it is done.",
        function="worker.inference.propagate:propagate",
        queue="gpu",
        unit="frames",
        subject=Subject.MASKLET,
        params=PropagateParams,
        patience=300,
        exclusive=True,
    ),
    RunKind.GENERATE: Kind(
        title="Look for objects",
        busy="This video is being looked through already.",
        function="worker.inference.generate:generate",
        queue="gpu",
        unit="frames",
        subject=Subject.VIDEO,
        params=GenerateParams,
        patience=600,  # a batch of candidates is told frame by frame, but a first frame is a grid of points
        exclusive=True,
        owners_cancel=True,
    ),
    RunKind.FREEZE: Kind(
        title="Freeze",
        busy="This release is being frozen already.",
        function="worker.datasets.freeze:freeze",
        queue="export",
        unit="masklets",
        subject=Subject.RELEASE,
        patience=300,
        time_limit=HOUR,
        exclusive=True,
    ),
    RunKind.EXPORT: Kind(
        title="Export",
        busy="This release is being written in this format already.",
        function="worker.datasets.export:export",
        queue="export",
        unit="videos",
        subject=Subject.RELEASE,
        params=ExportParams,
        patience=300,
        time_limit=6 * HOUR,
        exclusive=True,
        exclusive_by=("format",),
    ),
    RunKind.IMPORT: Kind(
        title="Import",
        busy="This archive is being read already.",
        function="worker.datasets.take_in:take_in",
        queue="export",
        unit="videos",
        subject=Subject.IMPORT,
        patience=900,  # a video of it may have to be read first
        time_limit=6 * HOUR,
        exclusive=True,
        owners_cancel=True,
    ),
    RunKind.MEASURE: Kind(
        title="Measure a release",
        busy="This release is being measured already.",
        function="worker.datasets.measure:measure",
        queue="export",
        unit="masklets",
        subject=Subject.RELEASE,
        patience=300,
        time_limit=6 * HOUR,
        exclusive=True,
    ),
    RunKind.FINETUNE: Kind(
        title="Retrain",
        busy="This project trains already. Wait until that has ended, or stop it.",
        function="worker.retraining.finetune:finetune",
        queue="train",
        unit="steps",
        subject=Subject.RELEASE,
        params=FinetuneParams,
        patience=1800,
        exclusive_in_project=True,
        owners_cancel=True,
    ),
    RunKind.EVALUATE: Kind(
        title="Evaluate",
        busy="This checkpoint is being judged already.",
        function="worker.retraining.judge:evaluate",
        queue="train",
        unit="clips",
        subject=Subject.CANDIDATE,
        patience=1800,
        exclusive=True,
        owners_cancel=True,
    ),
    RunKind.VERIFY: Kind(
        title="Look first",
        busy="This masklet is being looked at already.",
        function="worker.preverifier.verify:verify",
        queue="gpu",
        unit="frames",
        subject=Subject.MASKLET,
        params=VerifyParams,
        patience=300,
        exclusive=True,
    ),
    RunKind.FIT_PREVERIFIER: Kind(
        title="Fit the pre-verifier",
        busy="The pre-verifier is being fitted already.",
        function="worker.preverifier.refit:fit_preverifier",
        queue="export",
        unit="steps",
        subject=Subject.PROJECT,
        patience=300,
        time_limit=HOUR,
        exclusive=True,
        owners_cancel=True,
    ),
}


#: While one of these lives, the masks of its masklet may still change.
CHANGING_MASKS = (RunKind.PREDICT, RunKind.PROPAGATE)


def of(kind: str) -> Kind:
    """The record of a kind. Raises `ValueError` for none of ours."""
    return KINDS[RunKind(kind)]


def dump(kind: str, params: Params | None) -> dict[str, Any]:
    """`params` as a run stores them. Raises `InvalidInput` where they are another kind's."""
    wanted = of(kind).params
    given = params or Params()
    if type(given) is not wanted:
        names = ", ".join(each.name for each in fields(wanted)) or "no parameters"
        raise InvalidInput(f"A run of kind {kind} takes {names}.")
    return asdict(given)


def parse(params: type[P], stored: Mapping[str, Any]) -> P:
    """What `dump` stored. Raises `InvalidInput` with a sentence where it is something else."""
    try:
        return shapes.parse(params, stored)
    except ValueError as error:
        raise InvalidInput(f"This is not what the run takes: {error}.") from error
