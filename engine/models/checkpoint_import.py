from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.checkpoint import Checkpoint
from engine.models.dataset_import import ImportStatus
from engine.models.project import Project
from engine.shapes import ShapedField


class CheckpointImport(models.Model):
    """Somebody's weights that become a candidate of a project: a file that is uploaded, or a `location` that the
    installation allows (a hub name, or a folder on the workers' machines).

    Once it is DONE it is where `checkpoint` comes from, and stays: the weights lie below its prefix.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="checkpoint_imports")
    name = models.CharField(max_length=120, help_text="of the checkpoint that it becomes")
    location = models.CharField(
        max_length=512, blank=True, default="", help_text="nothing: a file is uploaded"
    )
    file = models.CharField(max_length=255, blank=True, default="", help_text="name of the uploaded file")
    bytes = models.PositiveBigIntegerField(default=0, help_text="of the file, as announced")
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADING)
    problems = ShapedField(list[str], default=list, blank=True, help_text="sentences, the first of them")
    problem_count = models.PositiveIntegerField(default=0)
    checkpoint = models.OneToOneField(
        Checkpoint, on_delete=models.PROTECT, related_name="imported", null=True, blank=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="checkpoint_imports"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="checkpoint_import_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(location="") ^ Q(file=""), name="checkpoint_import_has_one_source"
            ),
            models.CheckConstraint(
                condition=Q(status=ImportStatus.DONE, checkpoint__isnull=False)
                | (~Q(status=ImportStatus.DONE) & Q(checkpoint__isnull=True)),
                name="done_checkpoint_import_has_its_checkpoint",
            ),
            models.CheckConstraint(
                condition=~Q(status=ImportStatus.REFUSED) | Q(problem_count__gt=0),
                name="refused_checkpoint_import_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        return f"projects/{self.project_id}/checkpoint-imports/{self.pk}"

    @property
    def source_key(self) -> str:
        return f"{self.prefix}/file"
