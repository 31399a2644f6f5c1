from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.project import Project
from engine.shapes import ShapedField


class ImportStatus(models.TextChoices):
    UPLOADING = "uploading"  #: the archive is on its way
    READING = "reading"  #: a run reads it; the run says how it goes
    DONE = "done"  #: its masklets are in the project
    REFUSED = "refused"  #: `problems` say why; nothing of it was taken


class ImportPolicy(models.TextChoices):
    """What becomes of the masklets."""

    VERIFY = "verify", "wait for a reviewer"
    ACCEPT = "accept", "count as accepted"


class DatasetImport(models.Model):
    """An archive of somebody's dataset that becomes videos and masklets of a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=255, help_text="of the archive")
    format = models.CharField(max_length=24, blank=True, default="", help_text="nothing: as it looks")
    policy = models.CharField(max_length=8, choices=ImportPolicy, default=ImportPolicy.VERIFY)
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADING)
    bytes = models.PositiveBigIntegerField()
    problems = ShapedField(list[str], default=list, blank=True, help_text="sentences, the first of them")
    problem_count = models.PositiveIntegerField(default=0)
    # What is taken already, so that another attempt goes on: {name in the archive: id of the video}.
    videos = ShapedField(dict[str, int], default=dict, blank=True)
    taken = ShapedField(
        list[str], default=list, blank=True, help_text="names of videos whose masklets are here"
    )
    masklet_count = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dataset_imports"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(policy__in=ImportPolicy.values), name="import_policy_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=ImportStatus.REFUSED) | Q(problem_count__gt=0),
                name="refused_import_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        return f"projects/{self.project_id}/imports/{self.pk}"

    @property
    def source_key(self) -> str:
        return f"{self.prefix}/archive"
