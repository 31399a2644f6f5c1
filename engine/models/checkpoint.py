from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from engine.models.project import Project
from engine.shapes import ShapedField


class CheckpointStatus(models.TextChoices):
    CANDIDATE = "candidate"  #: trained; nobody knows yet how good it is
    EVALUATED = "evaluated"  #: `evaluation` says how good it is
    ACTIVE = "active"  #: the one that this project's runs use
    RETIRED = "retired"  #: was active, or was not wanted; may be promoted (again)


@dataclass(frozen=True)
class Compared:
    """Figures of the base (or the champion) and of the candidate on the same footage, as the worker names them."""

    base: dict[str, Any]
    candidate: dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """How good a retrained checkpoint is; None where there was no such footage."""

    held_out: Compared | None
    rendered: Compared | None
    note: str  #: what was kept aside, in a sentence or two
    trained_on: list[int]  #: ids of videos
    kept_aside: list[int]  #: ids of videos
    recipe: dict[str, Any]  #: the trainer's settings, those that nobody chose included
    beside: str | None = None  #: the champion's name, where it took the base's place


class Checkpoint(models.Model):
    """A set of SAM 2 weights with its lineage.

    `location` is a hub name, a folder on the workers' machines, `s3:` and a place in the object store whose last
    part is the content's SHA-256, or nothing, which means the installation's own checkpoint. What came out of a
    retraining names its `run`, which holds the release, the base and the settings.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="checkpoints")
    name = models.CharField(max_length=120)
    location = models.CharField(max_length=512, blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0, help_text="of its files in the object store")
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=12, choices=CheckpointStatus, default=CheckpointStatus.CANDIDATE)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    run = models.OneToOneField(
        "engine.Run", on_delete=models.PROTECT, related_name="checkpoint", null=True, blank=True
    )
    evaluation = ShapedField[Measured | None](Measured, or_nothing=True, default=dict, blank=True)
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
            models.CheckConstraint(
                condition=~Q(status__in=[CheckpointStatus.EVALUATED, CheckpointStatus.ACTIVE])
                | Q(run__isnull=True)
                | (~Q(evaluation={}) & ~Q(location="")),
                name="retrained_checkpoint_is_used_with_weights_and_figures",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        return f"projects/{self.project_id}/checkpoints/{self.pk}"
