from django.conf import settings
from django.db import models

from engine.models import Masklet, Project, Revision


class Experiment(models.Model):
    """The controlled experiment (SAM 2 paper, Table 1 and appendix D.2.2): the same objects annotated under each
    phase by different people; phase 1 is the reference."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="experiments"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="experiment_name_is_unique_in_its_project"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """An object of an experiment: which one is meant is told by one mask of a revision that was there already."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="targets")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="targets")
    frame_idx = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "revision"], name="object_is_in_an_experiment_once")
        ]

    def __str__(self) -> str:
        return f"{self.revision.masklet} in {self.experiment}"


class Trial(models.Model):
    """One target in one phase: a masklet of its own, kept for one person."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="trials")
    masklet = models.OneToOneField(Masklet, on_delete=models.PROTECT, related_name="as_trial")
    phase = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["target", "phase"], name="target_is_tried_once_in_a_phase")
        ]

    def __str__(self) -> str:
        return f"phase {self.phase} of {self.target}"
