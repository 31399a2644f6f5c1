from django.conf import settings
from django.db import models


class Transition(models.Model):
    """The ledger: every change of a status, in the transaction that made it. Append-only."""

    subject_type = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    # Empty when the machine did it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="transitions",
        null=True,
        blank=True,
    )
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="transition_by_subject")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.from_status} → {self.to_status}"
