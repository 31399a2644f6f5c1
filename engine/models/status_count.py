from django.db import models

from engine.models.project import Project


class StatusCount(models.Model):
    """By how many a write changed the number of a project's masklets or videos in a status; how many there are is the
    sum of its rows.

    Written by triggers in the write's own transaction, whoever writes (engine/migrations/_triggers.py); only added,
    so that nobody waits for another; folded and checked by the janitor (engine.services.counts).
    """

    # Without a constraint: what goes with a project is counted down after its counts are gone.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="status_counts", db_constraint=False
    )
    noun = models.CharField(max_length=8)
    status = models.CharField(max_length=20)
    n = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["project", "noun", "status"], name="status_count_by_project")]

    def __str__(self) -> str:
        return f"{self.n} {self.noun}s {self.status}"
