from django.db import models

from engine.models import Project


class EffortSum(models.Model):
    """A difference that one write made to Table 1 of a project; a row of the table is the sum over its differences.

    Only added, never changed, so that nobody waits for another to write one; folded now and then
    (annotation.rollups). `key` is that of a row by `by`: see annotation.sums.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="effort_sums")
    by = models.CharField(max_length=10)
    key = models.BigIntegerField()
    trial = models.BooleanField()
    masklets = models.BigIntegerField()
    frames = models.BigIntegerField()
    active_ms = models.BigIntegerField()
    wait_ms = models.BigIntegerField()
    # Exact, so that what is added and taken away again leaves nothing.
    edited_shares = models.DecimalField(
        max_digits=30, decimal_places=15, help_text="of their frames, added over masklets"
    )
    measured = models.BigIntegerField(help_text="masklets whose frames are known")
    clicked_frames = models.BigIntegerField()
    clicks = models.BigIntegerField()
    boxes = models.BigIntegerField()
    masks = models.BigIntegerField()
    strokes = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["project", "by", "key"], name="effort_sum_by_key")]

    def __str__(self) -> str:
        return f"{self.by} {self.key}: {self.masklets} masklets"
