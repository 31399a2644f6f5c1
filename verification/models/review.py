from django.db import models
from django.db.models import Q

from engine.leases import Lease
from engine.models import Revision


class Review(Lease):
    """A reviewer's hold on a masklet that waits for a verdict on one revision."""

    class Outcome(models.TextChoices):
        VERDICT = "verdict"
        GIVEN_BACK = "given_back"
        LAPSED = "lapsed"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(ended_at__isnull=True), name="open_review_by_lease"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["masklet"],
                condition=Q(ended_at__isnull=True),
                name="one_open_review_per_masklet",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} reviewing {self.masklet}"
