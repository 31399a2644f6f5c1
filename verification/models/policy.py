from django.db import models
from django.db.models import F, Q

from engine.models import Project

SHARES = ("look_share", "trusted_share", "trusted_rate", "second_look_share", "gold_share", "probe_share")


class ReviewPolicy(models.Model):
    """How a project's masklets are verified. Without a row: one reviewer looks at each."""

    class ReturnsTo(models.TextChoices):
        ANYONE = "anyone", "any annotator"
        SAME = "same", "whoever made it"
        ANOTHER = "another", "another annotator"

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="review_policy")
    # So many look at a masklet, blind to each other, until so many of them agree.
    reviewers = models.PositiveSmallIntegerField(default=1)
    agreeing = models.PositiveSmallIntegerField(default=1)
    # Of what is submitted the first time, the share that is looked at at all; for people whose masklets were
    # satisfactory at first sight in `trusted_rate` of at least `trusted_after` verdicts, another.
    look_share = models.FloatField(default=1.0)
    trusted_share = models.FloatField(default=1.0)
    trusted_rate = models.FloatField(default=0.98)
    trusted_after = models.PositiveIntegerField(default=50)
    # Of what is looked at, the share that one reviewer more looks at.
    second_look_share = models.FloatField(default=0.0)
    rounds_cap = models.PositiveSmallIntegerField(
        default=5, help_text="rounds that end unsatisfactory, after which an owner decides"
    )
    returns_to = models.CharField(max_length=8, choices=ReturnsTo, default=ReturnsTo.ANYONE)
    # Of what a reviewer is given, the share whose answer is known.
    gold_share = models.FloatField(default=0.0)
    pause_below = models.FloatField(
        null=True, blank=True, help_text="share of right answers; null: nobody is paused"
    )
    pause_after = models.PositiveIntegerField(default=20, help_text="known answers before anybody is paused")
    # Of the objects that people submit, the share that a second annotator makes too.
    probe_share = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    reviewers__gte=1, reviewers__lte=9, agreeing__gte=1, agreeing__lte=F("reviewers")
                ),
                name="policy_asks_1_to_9_reviewers_of_whom_some_agree",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": 0, f"{name}__lte": 1}), name=f"policy_{name}_is_a_share"
                )
                for name in SHARES
            ),
            models.CheckConstraint(
                condition=Q(pause_below__isnull=True) | Q(pause_below__gte=0, pause_below__lte=1),
                name="policy_pause_below_is_a_share",
            ),
            models.CheckConstraint(condition=Q(rounds_cap__gte=1), name="policy_allows_a_round"),
        ]

    def __str__(self) -> str:
        return f"how masklets of {self.project} are verified"
