from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.masklet import Masklet, PassedBy
from engine.models.project import Project
from engine.models.video import Split, Video
from engine.shapes import ShapedField
from vos.dataset import Category, Stretch, Value
from vos.statistics import Measures, Statistics


class ReleaseStatus(models.TextChoices):
    DRAFT = "draft"  #: named; what a live freeze has pinned of it is not all yet
    FROZEN = "frozen"  #: its revisions are pinned for ever
    EXPORTED = "exported"  #: its files lie in S3


@dataclass(frozen=True)
class ProjectThen:
    """The project's settings when the release was frozen."""

    name: str
    fps: float
    annotate_every: int
    separate_selection: bool
    separate_verification: bool


@dataclass(frozen=True)
class Annotated:
    """The work on the masks of a release."""

    prompts: int
    people: int
    first: str | None = None  #: days, as ISO has them
    last: str | None = None


@dataclass(frozen=True)
class Verified:
    """By the ledger: what was accepted, some after they were sent back."""

    pinned: int
    accepted: int  #: verdicts
    sent_back: int
    reopened: int
    reviewers: int
    #: Masklets by what accepted them; a person all of them, where none is named.
    passed_by: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Helper:
    """A checkpoint that was in use when the masks were made."""

    id: int
    name: str
    status: str


@dataclass(frozen=True)
class Lineage:
    """How a release came to be, in numbers and without anybody's name (engine.services.lineage)."""

    project: ProjectThen
    masklets_by_phase: dict[str, int]
    masklets_by_source: dict[str, int]
    annotated: Annotated
    verification: Verified
    checkpoints: list[Helper]


class Release(models.Model):
    """A frozen set of accepted masklets, each pinned at one revision."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="releases")
    name = models.CharField(max_length=80)
    status = models.CharField(max_length=12, choices=ReleaseStatus, default=ReleaseStatus.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="releases"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    # The moment at which its masklets were accepted, and their number: counted when the freeze was asked for.
    masklet_count = models.PositiveIntegerField(default=0)
    video_count = models.PositiveIntegerField(default=0)
    unseen_count = models.PositiveIntegerField(default=0, help_text="accepted without a person's look")
    labels = ShapedField(
        list[Category],
        default=list,
        db_default=models.Value([], models.JSONField()),
        help_text="the project's then: [{id, name, supercategory, color}]",
    )
    # How it came to be (engine.services.lineage), and its figures in sum, once a run has measured them.
    lineage = ShapedField[Lineage | None](
        Lineage, or_nothing=True, default=dict, db_default=models.Value({}, models.JSONField())
    )
    statistics = ShapedField[Statistics | None](Statistics, null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="release_name_is_unique_in_its_project"),
            models.CheckConstraint(
                condition=Q(status__in=ReleaseStatus.values), name="release_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status=ReleaseStatus.DRAFT) | Q(frozen_at__isnull=False),
                name="frozen_release_knows_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        return f"projects/{self.project_id}/releases/{self.pk}"

    def pack_key(self, video_id: int) -> str:
        """All masks of one of its videos as one object (`engine.packs`), once a run has measured them."""
        return f"{self.prefix}/masks/{video_id}.gz"


class ReleaseItem(models.Model):
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    masklet = models.ForeignKey(Masklet, on_delete=models.PROTECT, related_name="release_items")
    revision = models.ForeignKey("engine.Revision", on_delete=models.PROTECT, related_name="release_items")
    # What accepted it, where no person looked at it: part of the release's evidence.
    passed_by = models.CharField(max_length=12, choices=PassedBy, blank=True, default="", db_default="")

    # What was said of the object when it was frozen.
    label = models.CharField(max_length=120, blank=True, default="", db_default="")
    attributes = ShapedField(
        dict[str, Value], default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    frame_attributes = ShapedField(
        list[Stretch], default=list, db_default=models.Value([], models.JSONField()), blank=True
    )
    # Its figures (vos.statistics), once a run has measured them.
    measures = ShapedField[Measures | None](Measures, null=True, blank=True)

    class Meta:
        ordering = ["masklet_id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "masklet"], name="release_holds_a_masklet_once")
        ]

    def __str__(self) -> str:
        return f"{self.masklet} in {self.release}"


class ReleaseVideo(models.Model):
    """What a release says of one of its videos, as it was when it was frozen."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="videos")
    video = models.ForeignKey(Video, on_delete=models.PROTECT, related_name="releases")
    split = models.CharField(max_length=8, choices=Split)
    environment = models.CharField(max_length=16, blank=True, default="")
    tags = ShapedField(list[str], default=list)
    frame_tags = ShapedField(list[Stretch], default=list)

    class Meta:
        ordering = ["video_id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "video"], name="release_holds_a_video_once")
        ]

    def __str__(self) -> str:
        return f"{self.video} in {self.release}"
