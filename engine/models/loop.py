from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from engine.models.checkpoint import Checkpoint
from engine.models.masklet import Masklet
from engine.models.project import Project
from engine.models.release import Release
from engine.models.run import Run
from engine.shapes import ShapedField


class TrainingPolicy(models.Model):
    """When a project retrains by itself, what that may cost, and what becomes of a candidate that passes the gate.

    A wish that is null never triggers. Nothing happens unless `enabled`; by hand an owner may always ask.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="training_policy")
    enabled = models.BooleanField(default=False)
    every_accepted = models.PositiveIntegerField(null=True, blank=True, default=200, help_text="masklets")
    every_hours = models.PositiveIntegerField(null=True, blank=True)
    # The recent mean over the one before: 1.3 means thirty per cent more seconds a frame.
    effort_worsens = models.FloatField(null=True, blank=True)
    # The share of verdicts that accept, before less recent.
    verdicts_worsen = models.FloatField(null=True, blank=True)
    hours_allowed = models.FloatField(default=24.0, help_text="of the training worker in 30 days")
    steps = models.PositiveIntegerField(default=250)
    rendered_share = models.FloatField(default=0.3)
    promotes = models.BooleanField(
        default=False, help_text="whether what passes the gate is promoted by itself"
    )
    canary_share = models.FloatField(
        default=0.0, help_text="of new assignments that try it first; 0: no canary"
    )
    # On whose behalf releases are frozen.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_policies"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(canary_share__gte=0, canary_share__lte=0.5), name="canary_is_the_smaller_part"
            ),
            models.CheckConstraint(condition=Q(hours_allowed__gte=0), name="hours_allowed_are_not_negative"),
        ]

    def __str__(self) -> str:
        return f"training policy of {self.project}"


@dataclass(frozen=True)
class Facts:
    """What a decision looks at. `accepted`: masklets since the last training; shares 0..1; hours of the last 30 days;
    None where nothing is known yet."""

    accepted: int
    hours_since: float | None
    accept_share_recent: float | None
    accept_share_before: float | None
    effort_recent: float | None
    effort_before: float | None
    hours_used: float
    attempts_left: int | None


class TriggerDecision(models.Model):
    """Whether to retrain now, and why (not). A decision that says the same as the one before makes no row."""

    class Decision(models.TextChoices):
        NOT_YET = "not_yet"
        STARTED = "started"  #: a release is frozen, then `run` trains on it
        FAILED = "failed"  #: what was started could not go on

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="trigger_decisions")
    decision = models.CharField(max_length=8, choices=Decision)
    because = models.CharField(max_length=16, help_text="the trigger, or what keeps it back")
    reason = models.TextField(help_text="a sentence")
    facts = ShapedField[Facts | None](
        Facts, or_nothing=True, default=dict, help_text="the numbers that were looked at"
    )
    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="trigger_decisions", null=True, blank=True
    )
    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, related_name="trigger_decision", null=True, blank=True
    )
    # Who asked, where it was by hand.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="trigger_decisions",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"], name="trigger_decision_by_project")]

    def __str__(self) -> str:
        return f"{self.decision}: {self.because}"


class Canary(models.Model):
    """A challenger that passed the gate, tried on a share of new assignments beside the champion."""

    class Outcome(models.TextChoices):
        PROMOTED = "promoted"
        RETREATED = "retreated"  #: it was worse beyond chance
        STOPPED = "stopped"  #: an owner ended it

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="canaries")
    challenger = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="canaries")
    champion = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="defences")
    share = models.FloatField()
    enough = models.PositiveIntegerField(default=60, help_text="judged masklets after which it is promoted")
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(outcome=""), name="one_live_canary_per_project"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=0.5), name="canary_share_is_up_to_half"
            ),
            models.CheckConstraint(
                condition=~Q(challenger=F("champion")), name="nobody_is_its_own_challenger"
            ),
        ]

    def __str__(self) -> str:
        return f"canary of {self.challenger}"


class CanaryDraw(models.Model):
    """Which of the two a masklet is annotated with, drawn when its work began."""

    canary = models.ForeignKey(Canary, on_delete=models.CASCADE, related_name="draws")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="canary_draws")
    challenged = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["canary", "masklet"], name="canary_draws_a_masklet_once")
        ]

    def __str__(self) -> str:
        return f"{self.masklet} in {self.canary}"
