from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.shapes import ShapedField
from verification.models.review import Review
from verification.models.round import Round
from verification.models.verdict_kind import VerdictBy, VerdictKind


class Verdict(models.Model):
    """What a reviewer, an owner or the pre-verifier decided about one revision. Never changed; an undo marks it."""

    Kind = VerdictKind
    By = VerdictBy

    # Null on known answers, which belong to no round.
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="verdicts", null=True, blank=True)
    by = models.CharField(max_length=12, choices=VerdictBy, default=VerdictBy.REVIEWER)
    review = models.OneToOneField(
        Review, on_delete=models.PROTECT, related_name="verdict", null=True, blank=True
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verdicts", null=True, blank=True
    )
    kind = models.CharField(max_length=16, choices=VerdictKind)
    comment = models.TextField(blank=True, default="")
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=VerdictKind.values),
                name="verdict_is_one_of_three",
            ),
            models.CheckConstraint(
                condition=~Q(kind="unsatisfactory") | ~Q(comment="") | Q(reasons__len__gt=0),
                name="unsatisfactory_says_what_to_refine",
            ),
            models.CheckConstraint(
                condition=Q(by__in=["reviewer", "senior"], review__isnull=False, person__isnull=False)
                | Q(by="owner", review__isnull=True, round__isnull=False, person__isnull=False)
                | Q(by="preverifier", review__isnull=True, round__isnull=False, person__isnull=True),
                name="verdict_is_a_reviewers_an_owners_or_a_machines",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.person or self.by}"


class Pin(models.Model):
    """A note of a verdict on one frame, with strokes that show where."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="pins")
    frame_idx = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True, default="")
    strokes = ShapedField(
        list[list[list[float]]],
        default=list,
        blank=True,
        help_text="of each the points [x, y], in pixels of the stored frame",
    )

    class Meta:
        ordering = ["frame_idx", "id"]
        constraints = [
            models.UniqueConstraint(fields=["verdict", "frame_idx"], name="verdict_has_a_pin_once_a_frame")
        ]

    def __str__(self) -> str:
        return f"pin on frame {self.frame_idx} of {self.verdict}"
