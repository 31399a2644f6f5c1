from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from engine import run_kinds
from engine.errors import InvalidInput, RowMalformed
from engine.models.dataset_import import DatasetImport
from engine.models.masklet import Masklet
from engine.models.project import Project
from engine.models.release import Release
from engine.models.video import Video
from engine.run_kinds import CHANGING_MASKS, KINDS, P, RunKind, Subject

MAX_ATTEMPTS = 3


class RunStatus(models.TextChoices):
    QUEUED = "queued"  #: waits for a worker
    RUNNING = "running"  #: a worker holds its lease
    SUCCEEDED = "succeeded"
    FAILED = "failed"  #: `error_code` and `error_message` say why
    CANCELLED = "cancelled"  #: somebody stopped it; what was done stays


LIVE = [RunStatus.QUEUED, RunStatus.RUNNING]


class RunQuerySet(models.QuerySet["Run"]):
    def live(self) -> RunQuerySet:
        return self.filter(status__in=LIVE)

    def changing_masks(self) -> RunQuerySet:
        return self.filter(kind__in=CHANGING_MASKS)

    def queued(self) -> RunQuerySet:
        return self.filter(status=RunStatus.QUEUED)

    def abandoned(self) -> RunQuerySet:
        """Running by their row, but nobody has kept the lease: the worker is dead or cut off."""
        return self.filter(status=RunStatus.RUNNING, lease_until__lt=models.functions.Now())


class Run(models.Model):
    """One piece of machine work. The row is the truth; the Celery message is only a doorbell."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=16, choices=RunKind)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="runs", null=True, blank=True)
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="runs", null=True, blank=True)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="runs", null=True, blank=True)
    dataset_import = models.ForeignKey(
        DatasetImport, on_delete=models.CASCADE, related_name="runs", null=True, blank=True
    )
    candidate = models.ForeignKey(
        "engine.Checkpoint", on_delete=models.CASCADE, related_name="judgements", null=True, blank=True
    )
    params = models.JSONField(default=dict, blank=True, help_text="as engine.run_kinds dumps them")
    # What only one live run may be about; null where several may.
    exclusive_key = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001

    status = models.CharField(max_length=12, choices=RunStatus, default=RunStatus.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    # Fencing: grows with every take; whoever writes with an older token is refused.
    token = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")

    # Null: nobody asked for it, a trigger did.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="runs", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # The janitor's two questions.
            models.Index(
                fields=["lease_until"],
                condition=Q(status=RunStatus.RUNNING),
                name="run_running_by_lease",
            ),
            models.Index(
                fields=["queued_at"], condition=Q(status=RunStatus.QUEUED), name="run_queued_by_age"
            ),
            # How many live runs a project has.
            models.Index(fields=["project"], condition=Q(status__in=LIVE), name="run_live_by_project"),
            # Whose turn it is.
            models.Index(fields=["project", "kind", "started_at"], name="run_by_project_kind_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RunKind.values), name="run_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=RunStatus.FAILED) | (~Q(error_code="") & ~Q(error_message="")),
                name="failed_run_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status=RunStatus.RUNNING) | Q(lease_until__isnull=False),
                name="running_run_has_a_lease",
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(kind=kind) | Q(**{f"{record.subject}__isnull": False}),
                    name=f"{kind}_run_has_its_{record.subject}",
                )
                for kind, record in KINDS.items()
                if record.subject != Subject.PROJECT  # every run has one
            ),
            models.UniqueConstraint(
                fields=["exclusive_key"], condition=Q(status__in=LIVE), name="one_live_run_per_exclusive_key"
            ),
            models.CheckConstraint(
                condition=Q(progress_done__lte=F("progress_total")),
                name="run_progress_stays_within_its_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} run {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    def params_as(self, params: type[P]) -> P:
        """What the run was asked for. Raises `RowMalformed`."""
        try:
            return run_kinds.parse(params, self.params)
        except InvalidInput as error:
            raise RowMalformed(f"What run {self.pk} was asked for cannot be read: {error}") from error

    @property
    def prefix(self) -> str:
        """Where a run keeps what outlives its worker."""
        return f"projects/{self.project_id}/runs/{self.pk}"

    @property
    def log_key(self) -> str:
        """A retraining's losses and validations, one JSON object a line."""
        return f"{self.prefix}/log.jsonl"


class FreezePart(models.Model):
    """What a freeze is to pin, as it stood when somebody asked for it: some masklets with their revisions.

    Gone when the freeze has ended; until then its masklets count as pinned.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    masklet_ids = ArrayField(models.BigIntegerField())
    revision_ids = ArrayField(models.BigIntegerField())
    passed_by = ArrayField(models.CharField(max_length=12, blank=True), default=list)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="freeze_has_a_part_once")]

    def __str__(self) -> str:
        return f"part {self.position} of {self.run}"


class RunFrame(models.Model):
    """A mask that a live run has persisted; folded into a revision of its masklet when the run ends.

    Written frame by frame before the frame is streamed, so a killed worker loses nothing that was shown.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="frames")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="run_frames")
    frame_idx = models.PositiveIntegerField()
    # The order in which frames were produced; a resumed run goes on after the last.
    position = models.PositiveIntegerField()
    counts = models.TextField(help_text="COCO compressed RLE of the frame's size")
    predicted_iou = models.FloatField()
    object_score = models.FloatField()
    stability = models.FloatField()

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "masklet", "frame_idx"], name="run_writes_a_frame_once")
        ]

    def __str__(self) -> str:
        return f"frame {self.frame_idx} of {self.run}"
