from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from engine.models.project import PHASES, Project
from engine.models.video import Video
from engine.shapes import ShapedField
from vos import dataset

RISK_HASTE = 86_400  #: seconds that a masklet which is surely wrong comes before one that is surely right
DOUBTFUL = 0.1  #: the share of masks expected to be wrong, from which a masklet comes before new ones


class MaskletStatus(models.TextChoices):
    SELECTED = "selected"  #: an object was chosen; nobody tracks it yet
    CANDIDATE = "candidate"  #: SAM 2 proposed it; not filtered yet
    ANNOTATING = "annotating"  #: an annotator holds it
    IN_VERIFICATION = "in_verification"  #: waits for another person's verdict
    ACCEPTED = "accepted"  #: satisfactory
    NEEDS_REFINEMENT = "needs_refinement"  #: unsatisfactory; back in the annotators' queue
    REJECTED = "rejected"  #: the object is not well defined
    FILTERED = "filtered"  #: a candidate that the filters dropped


class PassedBy(models.TextChoices):
    """What accepted a masklet that no person looked at."""

    SAMPLING = "sampling"  #: a recorded draw left it out
    PREVERIFIER = "preverifier"


class Source(models.TextChoices):
    MANUAL = "manual"
    AUTO = "auto"


class MaskletQuerySet(models.QuerySet["Masklet"]):
    def to_annotate(self) -> MaskletQuerySet:
        """What the annotators' queue asks for."""
        return self.filter(removed=False, status__in=[MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT])

    def to_verify(self) -> MaskletQuerySet:
        """What the reviewers' queue asks for; what was escalated waits for an owner."""
        return self.filter(removed=False, status=MaskletStatus.IN_VERIFICATION, escalated=False)

    def escalated(self) -> MaskletQuerySet:
        return self.filter(removed=False, status=MaskletStatus.IN_VERIFICATION, escalated=True)

    def open_to_edits(self) -> MaskletQuerySet:
        """Those whose masks may still change; what a reviewer looks at, or has judged, keeps its masks."""
        return self.filter(
            status__in=[
                MaskletStatus.CANDIDATE,
                MaskletStatus.SELECTED,
                MaskletStatus.ANNOTATING,
                MaskletStatus.NEEDS_REFINEMENT,
            ]
        )

    def accepted(self) -> MaskletQuerySet:
        return self.filter(status=MaskletStatus.ACCEPTED)

    def to_release(self) -> MaskletQuerySet:
        return self.accepted().filter(trial=False, probe=False, removed=False)


class Masklet(models.Model):
    """One object's masks through one video. Its masks live in revisions, its prompts in prompts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="masklets")
    video = models.ForeignKey(Video, on_delete=models.PROTECT, related_name="masklets")
    object_id = models.PositiveIntegerField()
    label = models.CharField(max_length=120, blank=True, default="")
    # As engine.services.labels checks them: of the object, and of stretches of frames.
    attributes = ShapedField(
        dict[str, dataset.Value], default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    frame_attributes = ShapedField(
        list[dataset.Stretch], default=list, db_default=models.Value([], models.JSONField()), blank=True
    )
    phase = models.PositiveSmallIntegerField(default=3)
    source = models.CharField(max_length=8, choices=Source, default=Source.MANUAL)
    provenance = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="where its first masks came from, if not here",
    )
    # Made for a controlled experiment: the same object is there several times, so it is never released.
    trial = models.BooleanField(default=False)
    # A second making of an object, to measure people by (verification.services.probes); never released, in no figure of
    # the project's, and no owner's business alone knows of it. `probed`: one that such a second making is held against.
    probe = models.BooleanField(default=False, db_default=False)
    probed = models.BooleanField(default=False, db_default=False)
    priority = models.SmallIntegerField(default=0, help_text="an owner's; the higher, the sooner")
    # An owner (or an experiment) keeps it for this person.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="kept_masklets",
        null=True,
        blank=True,
    )
    # Of a video in the bin.
    removed = models.BooleanField(default=False, db_default=False)
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=20, choices=MaskletStatus, default=MaskletStatus.SELECTED)
    revision = models.ForeignKey(
        "engine.Revision", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # Of its revision, written with it; kept here so that the annotators' queue is one index.
    doubt = models.FloatField(default=0.0)
    # Where it stands in that queue: what a reviewer sent back, what is likely wrong (the worse the sooner), the rest.
    place = models.GeneratedField(
        expression=Case(
            When(status=MaskletStatus.NEEDS_REFINEMENT, then=Value(0)),
            When(doubt__gte=DOUBTFUL, then=Value(1)),
            default=Value(2),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    band_doubt = models.GeneratedField(
        expression=Case(
            When(~Q(status=MaskletStatus.NEEDS_REFINEMENT) & Q(doubt__gte=DOUBTFUL), then=F("doubt")),
            default=Value(0.0),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )
    # How likely it is wrong, as far as can be told, and where that puts it in the reviewers' queue: seconds since the
    # epoch, earlier by up to RISK_HASTE than when it was submitted (written by engine.lifecycle and
    # verification.services.risk).
    risk = models.FloatField(default=0.0, db_default=0.0, help_text="0 to 1")
    review_rank = models.FloatField(default=0.0, db_default=0.0)
    preverifier_score = models.FloatField(
        null=True, blank=True, help_text="0 to 1, the chance that its revision is satisfactory"
    )
    # The annotator says that the object is not well defined: a verdict or an owner decides.
    discard_proposed = models.BooleanField(default=False, db_default=False)
    # Waits for an owner's decision instead of a reviewer's.
    escalated = models.BooleanField(default=False, db_default=False)
    # Who made what was sent back, where another annotator is to mend it.
    returned_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    passed_by = models.CharField(max_length=12, choices=PassedBy, blank=True, default="", db_default="")
    # The weights that the work in progress began with; null: the champion's.
    checkpoint = models.ForeignKey(
        "engine.Checkpoint", on_delete=models.SET_NULL, related_name="masklets", null=True, blank=True
    )
    # Null: no person chose the object.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="masklets", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MaskletQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        # Serves the counts on the project page.
        indexes = [
            models.Index(fields=["project", "status", "id"], name="masklet_by_project_and_status"),
            # The reviewers' queue in its order.
            models.Index(
                fields=["project", "-priority", "review_rank", "id"],
                condition=Q(status=MaskletStatus.IN_VERIFICATION, escalated=False),
                name="masklet_to_review",
            ),
            # The annotators' queue in its order (annotation.services.queue.ORDER).
            models.Index(
                fields=["project", "-priority", "place", "-band_doubt", "updated_at", "id"],
                condition=Q(status__in=[MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT]),
                name="masklet_to_annotate",
            ),
            # What has waited longest there.
            models.Index(
                fields=["project", "updated_at"],
                condition=Q(status__in=[MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT]),
                name="masklet_waiting_since",
            ),
            models.Index(fields=["project"], condition=Q(probed=True), name="masklet_probed"),
            models.Index(fields=["project"], condition=Q(escalated=True), name="masklet_escalated"),
            models.Index(
                fields=["project", "assigned_to"],
                condition=Q(
                    status__in=[MaskletStatus.SELECTED, MaskletStatus.NEEDS_REFINEMENT],
                    assigned_to__isnull=False,
                ),
                name="masklet_kept_for",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["video", "object_id"], name="object_id_is_unique_in_its_video"),
            models.CheckConstraint(
                condition=Q(status__in=MaskletStatus.values), name="masklet_status_is_known"
            ),
            models.CheckConstraint(condition=Q(phase__in=PHASES), name="masklet_phase_is_1_2_or_3"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="masklet_source_is_known"),
            models.CheckConstraint(condition=Q(risk__gte=0, risk__lte=1), name="masklet_risk_is_a_share"),
            models.CheckConstraint(
                condition=Q(passed_by="") | Q(status=MaskletStatus.ACCEPTED, passed_by__in=PassedBy.values),
                name="masklet_passed_unseen_is_accepted",
            ),
            models.CheckConstraint(
                condition=Q(escalated=False) | Q(status=MaskletStatus.IN_VERIFICATION),
                name="escalated_masklet_waits",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED])
                | Q(revision__isnull=False),
                name="verified_masklet_has_masks",
            ),
        ]

    def __str__(self) -> str:
        return f"object {self.object_id} of {self.video}"

    @property
    def revision_number(self) -> int:
        """The current revision's number; 0 before the first mask."""
        return self.revision.number if self.revision else 0
