from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from engine.models.checkpoint import Checkpoint
from engine.models.masklet import Masklet
from engine.models.project import Project
from engine.models.run import Run
from engine.shapes import ShapedField

ATTEMPTS = 10  #: candidates that one set judges before it is renewed


class EvaluationSet(models.Model):
    """Verified masklets that no training of the project may see, by which candidates are judged. The newest counts.

    Its content never changes: rows only grow, and `sha256` is the hash of what they say, which PostgreSQL computes
    again (`maskloop_evaluation_set_sha256`) before it takes an evaluation.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="evaluation_sets")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in its project")
    sha256 = models.CharField(max_length=64)
    item_count = models.PositiveIntegerField()
    video_count = models.PositiveIntegerField()
    attempts_allowed = models.PositiveIntegerField(default=ATTEMPTS)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="evaluation_sets_of_a_project_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["project", "sha256"], name="evaluation_set_holds_what_no_other_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation set {self.number}"


class EvaluationItem(models.Model):
    """A masklet of an evaluation set at the revision that was accepted."""

    evaluation_set = models.ForeignKey(EvaluationSet, on_delete=models.PROTECT, related_name="items")
    masklet = models.ForeignKey(Masklet, on_delete=models.PROTECT, related_name="evaluation_items")
    revision = models.ForeignKey("engine.Revision", on_delete=models.PROTECT, related_name="evaluation_items")
    source_sha256 = models.CharField(max_length=64, help_text="of its video's source")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation_set", "masklet"], name="evaluation_set_holds_a_masklet_once"
            ),
            models.CheckConstraint(condition=~Q(source_sha256=""), name="held_out_source_is_known"),
        ]
        indexes = [models.Index(fields=["source_sha256"], name="evaluation_item_by_source")]

    def __str__(self) -> str:
        return f"{self.masklet} in {self.evaluation_set}"


class TrainingSource(models.Model):
    """A source that a training saw, by its content; written before the training begins."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="training_sources")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="training_sources")
    source_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "source_sha256"], name="training_names_a_source_once")
        ]
        indexes = [models.Index(fields=["project", "source_sha256"], name="training_source_by_content")]

    def __str__(self) -> str:
        return f"{self.source_sha256} seen by {self.run}"


@dataclass(frozen=True)
class VideoGain:
    """A video's J&F from one click with the champion and with the candidate, 0..1."""

    source: str  #: SHA-256 of the video's source
    before: float
    after: float


@dataclass(frozen=True)
class Guard:
    """A slice before (champion) and after (candidate), in 0..1, and the loss that is allowed."""

    before: float
    after: float
    allowed: float
    count: int  #: objects, or frames where it is a recall

    @property
    def holds(self) -> bool:
        return self.before - self.after <= self.allowed


@dataclass(frozen=True)
class Slice:
    """Means over the videos of one slice of the set; None where nothing was measured."""

    jf_mask: float | None
    jf_1_click: float | None
    jf_3_clicks: float | None
    clicks: float | None  #: of a simulated annotator, as `seconds`
    seconds: float | None
    seconds_per_frame: float | None
    reached: float | None
    present_recall: float
    absent_recall: float
    absent_frames: int
    objects: int
    frames: int


@dataclass(frozen=True)
class Example:
    """A masklet on which the two differ much: its J&F from one click with each, 0..1."""

    masklet: int
    video: int
    before: float
    after: float


class Evaluation(models.Model):
    """A candidate beside the champion of that moment, on the same items of one evaluation set. Append-only.

    `gain` is the mean over videos of the candidate's J&F from one click less the champion's, within
    `gain_low`..`gain_high` (bootstrap over videos, 95 %). `videos` lists both by source, `guards` the slices that
    must not become worse: before, after, allowed loss. `figures` has all else that was measured of both,
    `examples` the masklets on which the two differ most.
    """

    evaluation_set = models.ForeignKey(EvaluationSet, on_delete=models.PROTECT, related_name="evaluations")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … of its set: attempts are counted")
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="evaluations")
    champion = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="challenges")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="judged")
    gain = models.FloatField()
    gain_low = models.FloatField()
    gain_high = models.FloatField()
    videos = ShapedField(list[VideoGain])
    guards = ShapedField(dict[str, Guard])
    # The largest loss beyond what is allowed; written by the trigger that takes the row.
    worst_excess = models.FloatField(default=1.0)
    figures = ShapedField(dict[str, dict[str, Slice]], default=dict, blank=True)
    examples = ShapedField(list[Example], default=list, blank=True)
    passed = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(gain_low__gt=0) & Q(worst_excess__lte=0), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation_set", "number"], name="attempts_on_a_set_are_counted"
            ),
            models.CheckConstraint(
                # NaN is larger than any number, so it is kept out by the bound above.
                condition=Q(gain_low__gte=-1, gain_low__lte=F("gain"))
                & Q(gain_high__gte=F("gain"), gain_high__lte=1),
                name="evaluation_gain_lies_in_its_interval",
            ),
            models.CheckConstraint(
                condition=~Q(checkpoint=F("champion")), name="nobody_is_judged_beside_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint} beside {self.champion}"


class PromotionKind(models.TextChoices):
    FIRST = "first", "the project began with it"
    GATE = "gate", "the gate let it pass"
    UNJUDGED = "unjudged", "a person vouched for it, nothing was held out to judge by"
    ROLLBACK = "rollback", "it came back"


class Promotion(models.Model):
    """Who became champion, when and why. Append-only; a checkpoint turns ACTIVE only with its row here.

    PostgreSQL takes a row only when it is the next one of its project and its kind's rule holds
    (engine/migrations/_triggers.py): direct SQL cannot promote what the gate refuses.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="promotions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in its project")
    kind = models.CharField(max_length=12, choices=PromotionKind)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="promotions")
    former = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="successions", null=True, blank=True
    )
    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="promotions", null=True, blank=True
    )
    # Empty when a policy did it, or a canary's retreat.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="promotions", null=True, blank=True
    )
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="promotions_of_a_project_are_one_line"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PromotionKind.values), name="promotion_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=PromotionKind.GATE) | Q(evaluation__isnull=False),
                name="gate_names_its_evaluation",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PromotionKind.UNJUDGED) | (Q(actor__isnull=False) & ~Q(reason="")),
                name="who_vouches_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint}: {self.kind}"
