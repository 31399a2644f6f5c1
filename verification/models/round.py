from django.conf import settings
from django.db import models
from django.db.models import F, Q

from engine.models import Masklet, Revision
from verification.models.verdict_kind import VerdictKind


class Round(models.Model):
    """One revision's way through verification: so many seats, each for one reviewer, and what their verdicts led to."""

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="rounds")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="rounds")
    # Who submitted it; null: no person.
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rounds", null=True, blank=True
    )
    number = models.PositiveIntegerField(help_text="1, 2, 3 … of its masklet")
    # As the policy had it and the team could fill it when the round was opened.
    reviewers = models.PositiveSmallIntegerField(default=1)
    agreeing = models.PositiveSmallIntegerField(default=1)
    # They differed: one seat more, for a senior.
    tied = models.BooleanField(default=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=VerdictKind, blank=True, default="")
    # COCO's word for the object; empty until somebody has measured it (verification.services.sizes).
    size = models.CharField(max_length=6, blank=True, default="")
    escalated = models.BooleanField(default=False, help_text="an owner was asked")

    was_there = True  #: false where it was opened just now: nobody can sit in it yet

    class Meta:
        ordering = ["masklet", "number"]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="open_round_by_age"),
            models.Index(fields=["annotator", "-id"], name="round_by_annotator"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["masklet", "number"], name="round_number_is_unique_in_its_masklet"
            ),
            models.UniqueConstraint(
                fields=["masklet"], condition=Q(closed_at__isnull=True), name="one_open_round_per_masklet"
            ),
            models.CheckConstraint(
                condition=Q(agreeing__gte=1, agreeing__lte=F("reviewers")), name="round_can_agree"
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of {self.masklet}"

    @property
    def seats(self) -> int:
        return self.reviewers + self.tied
