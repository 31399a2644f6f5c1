from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.models import MaskletStatus
from verification.models.review import Review


class Verdict(models.Model):
    """What a reviewer decided about one revision (SAM 2 paper §5.1, quality verification).

    Never changed; an undo only marks it.
    """

    class Kind(models.TextChoices):
        SATISFACTORY = "satisfactory"  #: correct and consistent on all frames
        UNSATISFACTORY = "unsatisfactory"  #: well defined, but the masklet is wrong: back for refinement
        REJECT = "reject"  #: the object is not well defined

    LEADS_TO = {
        Kind.SATISFACTORY: MaskletStatus.ACCEPTED,
        Kind.UNSATISFACTORY: MaskletStatus.NEEDS_REFINEMENT,
        Kind.REJECT: MaskletStatus.REJECTED,
    }

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="verdict")
    kind = models.CharField(max_length=16, choices=Kind)
    comment = models.TextField(blank=True, default="")
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["satisfactory", "unsatisfactory", "reject"]),
                name="verdict_is_one_of_three",
            ),
            models.CheckConstraint(
                condition=~Q(kind="unsatisfactory") | ~Q(comment="") | Q(reasons__len__gt=0),
                name="unsatisfactory_says_what_to_refine",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.review.person}"
