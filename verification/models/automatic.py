from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models import Preverifier, Project


class AutomaticVerdicts(models.Model):
    """What the pre-verifier may decide in a project without people, as an owner allowed it. Without a row: nothing.

    Allowed for one version (null: the prior) and one promised precision; what comes after either is another promise.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="automatic_verdicts")
    passing = models.BooleanField(default=False, help_text="accept what is likely right")
    returning = models.BooleanField(default=False, help_text="send back what is likely wrong")
    precision = models.FloatField(
        default=0.95, help_text="promised: of what it decides, the share that is right"
    )
    people_share = models.FloatField(default=0.1, help_text="of what it would decide, the share for people")
    pass_below = models.FloatField(default=0.05, help_text="chance of being unsatisfactory")
    return_above = models.FloatField(default=0.95, help_text="chance of being unsatisfactory")
    preverifier = models.ForeignKey(
        Preverifier, on_delete=models.PROTECT, related_name="automatic_verdicts", null=True, blank=True
    )
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="automatic_verdicts"
    )
    #: How many verdicts the last look at the promise saw.
    verdicts_seen = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(precision__gte=0.5, precision__lt=1), name="automatic_precision_is_below_1"
            ),
            models.CheckConstraint(
                condition=Q(people_share__gte=0.05, people_share__lte=1),
                name="automatic_leaves_some_to_people",
            ),
            models.CheckConstraint(
                condition=Q(pass_below__gte=0, return_above__lte=1, pass_below__lt=models.F("return_above")),
                name="automatic_passes_below_what_it_returns",
            ),
        ]

    def __str__(self) -> str:
        return f"automatic verdicts of {self.project}"

    @property
    def on(self) -> bool:
        return self.passing or self.returning
