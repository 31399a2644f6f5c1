from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.models.masklet import Masklet
from engine.models.project import Project
from engine.models.revision import Revision
from engine.preverification import Figures, Params, Place
from engine.shapes import ShapedField


class PreverifierStatus(models.TextChoices):
    CANDIDATE = "candidate"  #: fitted; no better than the one in use, or nobody can tell
    ACTIVE = "active"  #: looks at what is submitted
    RETIRED = "retired"  #: was active


class Preverifier(models.Model):
    """A version of what looks at submitted masklets before people do: the prior that comes with the code, moved by this
    project's verdicts. Before the first version the prior itself looks."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preverifiers")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in its project")
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=12, choices=PreverifierStatus, default=PreverifierStatus.CANDIDATE)
    params = ShapedField[Params | None](
        Params, or_nothing=True, default=dict, blank=True, help_text="numbers that move the prior"
    )
    fitted_on = models.PositiveIntegerField(help_text="verdicts")
    # Of it and of the one in use, on verdicts about videos that no version is fitted on.
    figures = ShapedField(Figures, default=dict, blank=True)
    run = models.OneToOneField("engine.Run", on_delete=models.PROTECT, related_name="preverifier")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="preverifier_number_is_unique_in_its_project"
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(status=PreverifierStatus.ACTIVE),
                name="one_active_preverifier_per_project",
            ),
            models.CheckConstraint(
                condition=Q(status__in=PreverifierStatus.values), name="preverifier_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"pre-verifier {self.number}"


class Decision(models.TextChoices):
    """What became of a masklet where an owner lets the pre-verifier decide."""

    PASSED = "passed"  #: accepted without people
    RETURNED = "returned"  #: back to the annotators without people
    PEOPLE = "people"  #: it would have been one of these, but the draw says that people look


class ScoreQuerySet(models.QuerySet["PreverifierScore"]):
    def judged(self) -> ScoreQuerySet:
        """Those whose revision a person gave a verdict on."""
        return self.exclude(verdict="")

    def waiting(self) -> ScoreQuerySet:
        return self.filter(verdict="")


class PreverifierScore(models.Model):
    """What the pre-verifier thought of one revision before anybody judged it, and what people said then.

    `preverifier` is null where the prior looked. A score that was judged never changes again: what people said about
    it is evidence on whoever gave it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preverifier_scores")
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="preverifier_scores")
    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="preverifier_score")
    preverifier = models.ForeignKey(
        Preverifier, on_delete=models.PROTECT, related_name="scores", null=True, blank=True
    )
    wrong = models.FloatField(help_text="0 to 1, the chance that a reviewer finds it unsatisfactory")
    places = ShapedField(list[Place], default=list, blank=True, help_text="where it is likely wrong, and why")
    signals = ArrayField(models.FloatField(), help_text="what a fit of the project starts from")
    area = models.FloatField(help_text="pixels of the usual mask")
    second_opinion = models.BooleanField(help_text="whether the object was tracked once more")
    # How far that differs, over all frames: 1 - IoU, 0 to 1; null without one. And where it does most.
    disagreement = models.FloatField(null=True, blank=True)
    disagrees_at = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Where an owner lets it decide: what it decided, and the draw by which some go to people all the same.
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default="")
    drawn = models.FloatField(
        null=True, blank=True, help_text="0 to 1, even; below the share for people they look"
    )
    # A person's verdict, no machine's, on exactly this revision; empty before it.
    verdict = models.CharField(max_length=16, blank=True, default="")
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # The evidence on a version, in the order in which it came.
            models.Index(
                fields=["project", "preverifier", "judged_at", "id"],
                condition=~Q(verdict=""),
                name="score_judged",
            ),
            models.Index(fields=["project", "id"], condition=Q(verdict=""), name="score_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(wrong__gte=0, wrong__lte=1), name="score_is_a_chance"),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "satisfactory", "unsatisfactory", "reject"]),
                name="score_has_one_of_three_verdicts",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", *Decision.values]), name="score_decision_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(drawn__isnull=False), name="score_decision_has_its_draw"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", judged_at__isnull=True)
                | (~Q(verdict="") & Q(judged_at__isnull=False)),
                name="judged_score_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wrong:.2f} for {self.revision}"
