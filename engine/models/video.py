from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.models.project import PHASES, Project
from engine.shapes import ShapedField
from vos.dataset import Stretch


class VideoStatus(models.TextChoices):
    UPLOADING = "uploading"  #: parts are on their way to S3
    EXTRACTING = "extracting"  #: the source is in S3; a run lays it on the timeline
    READY = "ready"  #: frames, manifest, thumbnail and proxy are in S3
    FAILED = "failed"  #: no usable video; `failure_code` and `failure_message` say why


class Split(models.TextChoices):
    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class Environment(models.TextChoices):
    INDOOR = "Indoor"
    OUTDOOR = "Outdoor"


@dataclass(frozen=True)
class Warned:
    """Something about a source that was read all the same."""

    code: str
    message: str  #: a sentence


class Video(models.Model):
    """One clip with a fixed size and a constant timeline (docs/decisions, the frame contract)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="videos")
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=16, choices=VideoStatus, default=VideoStatus.UPLOADING)
    failure_code = models.CharField(max_length=40, blank=True, default="")
    failure_message = models.TextField(blank=True, default="")
    warnings = ShapedField(list[Warned], default=list, blank=True)

    fps = models.FloatField()
    annotate_every = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    timeline_frame_count = models.PositiveIntegerField(null=True)
    frame_count = models.PositiveIntegerField(null=True)
    duration = models.FloatField(null=True, help_text="seconds")
    bytes = models.PositiveBigIntegerField(
        default=0,
        help_text="in the object store: as announced, and once it is ready with its frames and proxy",
    )
    source_sha256 = models.CharField(max_length=64, blank=True, default="")

    environment = models.CharField(max_length=16, choices=Environment, blank=True, default="")
    # What an owner has said; nothing: engine.services.splits says which.
    split = models.CharField(max_length=16, choices=Split, blank=True, default="")
    # What shows the same has the same number, and so the same split (engine.services.splits).
    split_group = models.BigIntegerField(null=True, blank=True)
    group_key = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="an owner's"
    )
    picture_hashes = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="perceptual, one a second",
    )
    fingerprint = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="of the file's two ends, as its upload announced it",
    )
    tags = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True)
    frame_tags = ShapedField(
        list[Stretch],
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="[{name, first, last}]",
    )
    # What new objects of it are made in; nothing: the project's.
    phase = models.PositiveSmallIntegerField(null=True, blank=True)
    # In the bin since then (engine.services.removals), and since then without its objects.
    removed_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "status"], name="video_by_project_and_status"),
            models.Index(
                fields=["removed_at"], condition=Q(removed_at__isnull=False), name="video_in_the_bin"
            ),
            models.Index(fields=["project", "split_group"], name="video_by_split_group"),
            models.Index(fields=["project", "source_sha256"], name="video_by_source"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=VideoStatus.values), name="video_status_is_known"),
            models.CheckConstraint(
                condition=Q(phase__isnull=True) | Q(phase__in=PHASES), name="video_phase_is_1_2_or_3"
            ),
            models.CheckConstraint(
                condition=~Q(status=VideoStatus.FAILED) | (~Q(failure_code="") & ~Q(failure_message="")),
                name="failed_video_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status=VideoStatus.READY)
                | Q(
                    width__gt=0,
                    height__gt=0,
                    frame_count__gt=0,
                    timeline_frame_count__gt=0,
                    duration__gt=0,
                ),
                name="ready_video_knows_its_size",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """Where this video's objects lie in the bucket."""
        return f"projects/{self.project_id}/videos/{self.pk}"

    @property
    def source_key(self) -> str:
        return f"{self.prefix}/source"

    @property
    def proxy_key(self) -> str:
        return f"{self.prefix}/proxy.mp4"

    @property
    def thumbnail_key(self) -> str:
        return f"{self.prefix}/thumbnail.jpg"

    @property
    def manifest_key(self) -> str:
        return f"{self.prefix}/manifest.jsonl"

    def frame_key(self, frame_idx: int) -> str:
        return f"{self.prefix}/frames/{frame_idx:05d}.jpg"
