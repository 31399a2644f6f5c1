from django.db import models
from django.db.models import Q

from engine.leases import Lease


class Assignment(Lease):
    """An annotator's hold on a masklet, from claim to submit, hand-back, discard or lapse."""

    class Job(models.TextChoices):
        SELECTION = "selection"  #: choose the object on one frame; another person tracks it
        TRACKING = "tracking"  #: make its masklet right

    class Outcome(models.TextChoices):
        SUBMITTED = "submitted"
        HANDED_BACK = "handed_back"
        DISCARDED = "discarded"
        LAPSED = "lapsed"
        REASSIGNED = "reassigned"  #: an owner gave it to somebody else

    # What a hand-back makes of the masklet again.
    previous_status = models.CharField(max_length=20)
    job = models.CharField(max_length=9, choices=Job, default=Job.TRACKING)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(ended_at__isnull=True), name="open_assignment_by_lease"
            ),
            models.Index(
                fields=["ended_at"], condition=Q(outcome="submitted"), name="assignment_submitted_when"
            ),
            # What one gave back comes last for oneself.
            models.Index(
                fields=["person", "masklet"],
                condition=Q(outcome__in=["handed_back", "lapsed"]),
                name="assignment_given_back",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["masklet"],
                condition=Q(ended_at__isnull=True),
                name="one_open_assignment_per_masklet",
            ),
            models.CheckConstraint(
                condition=Q(job__in=["selection", "tracking"]), name="assignment_is_selection_or_tracking"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.masklet}"
