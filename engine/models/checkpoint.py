from __future__ import annotations

from django.db import models
from django.db.models import Q

from engine.models.project import Project


class CheckpointStatus(models.TextChoices):
    CANDIDATE = "candidate"
    EVALUATED = "evaluated"
    ACTIVE = "active"  #: the one that this project's runs use
    RETIRED = "retired"


class Checkpoint(models.Model):
    """A set of SAM 2 weights with its lineage: a folder or a hub name that `transformers` can load."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="checkpoints")
    name = models.CharField(max_length=120)
    location = models.CharField(max_length=512)
    status = models.CharField(max_length=12, choices=CheckpointStatus, default=CheckpointStatus.CANDIDATE)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    evaluation = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(status=CheckpointStatus.ACTIVE),
                name="one_active_checkpoint_per_project",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CheckpointStatus.values), name="checkpoint_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
