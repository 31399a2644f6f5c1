from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from engine.candidate_filter import Learned
from engine.models.masklet import Masklet, MaskletStatus
from engine.models.project import Project
from engine.models.run import Run
from engine.models.transition import Transition
from engine.shapes import ShapedField


class CandidateSource(models.TextChoices):
    """What made SAM 2 look there, or that another model did."""

    GRID = "grid", "a grid of points on the first frame"
    UNEXPLAINED = "unexplained", "a grid on what no masklet covered, on a later frame"
    TEXT = "text", "a word of the project's labels"
    UPLOAD = "upload", "masks of another model, uploaded"


class Fate(models.TextChoices):
    """Why a candidate went on to the reviewers, or fell."""

    PASSED = "passed", "passed the filters"
    TRIAL = "trial", "did not hold its first frames"
    SHORT = "short", "is there on too few frames"
    UNSTABLE = "unstable", "its edge is not stable"
    UNSURE = "unsure", "SAM 2 was not sure of it"
    FLICKER = "flicker", "comes and goes"
    FLOOD = "flood", "flooded the frame"
    DRIFT = "drift", "drifted onto something else"
    DUPLICATE = "duplicate", "the same as another candidate"
    EXISTING = "existing", "the same as a masklet that was there"
    SURPLUS = "surplus", "more than the run was to keep"
    # What follows is decided here.
    BELOW = "below", "below the project's threshold"
    UNSAMPLED = "unsampled", "unsatisfactory, and not among those that are refined"
    DISMISSED = "dismissed", "dismissed by an owner"
    KEPT = "kept", "an owner has it verified"
    DRAWN = "drawn", "a person drew the same object"


#: Those that only the project's threshold, its sample, an owner or a person's drawing kept from the reviewers.
ELIGIBLE = [Fate.PASSED, Fate.BELOW, Fate.UNSAMPLED, Fate.DISMISSED, Fate.KEPT, Fate.DRAWN]


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def eligible(self) -> CandidateQuerySet:
        """Those that the fixed filters let through, whatever became of them then."""
        return self.filter(fate__in=ELIGIBLE)

    def untouched(self) -> CandidateQuerySet:
        """Those that wait for a verdict or an annotator, without an owner's word, and that no person has worked on."""
        begun = Transition.objects.filter(
            subject_type="masklet", subject_id=OuterRef("masklet"), to_status=MaskletStatus.ANNOTATING
        )
        waits = [MaskletStatus.IN_VERIFICATION, MaskletStatus.NEEDS_REFINEMENT]
        rows = self.filter(fate=Fate.PASSED, masklet__status__in=waits, masklet__removed=False)
        return rows.exclude(Exists(begun))


class Candidate(models.Model):
    """How SAM 2, or another model, came to propose a masklet, what it thought of it, and why it passed on or fell."""

    masklet = models.OneToOneField(Masklet, on_delete=models.CASCADE, related_name="candidate")
    # None: no run of ours made it.
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="candidates", null=True, blank=True)
    source = models.CharField(max_length=12, choices=CandidateSource)
    first_frame = models.PositiveIntegerField(
        help_text="the frame that SAM 2 was prompted on; of uploaded masks the first with a pixel"
    )
    # In pixels of the stored frame: [x, y] of the grid's point, [x0, y0, x1, y1] of a word's box.
    point = ArrayField(models.FloatField(), null=True, blank=True)
    box = ArrayField(models.FloatField(), null=True, blank=True)
    scores = ShapedField(
        dict[str, float], default=dict, blank=True, help_text="as generation gave them, by name"
    )
    score = models.FloatField(
        default=0.0, help_text="0 to 1, how likely a reviewer finds it satisfactory; what the threshold cuts"
    )
    fate = models.CharField(max_length=12, choices=Fate)
    # The one that was kept in its place.
    duplicate_of = models.ForeignKey(
        Masklet, on_delete=models.SET_NULL, related_name="duplicates", null=True, blank=True
    )
    areas = ArrayField(models.PositiveIntegerField(), default=list, blank=True, help_text="pixels, by frame")
    preview_key = models.CharField(max_length=255, blank=True, default="")
    # When a person submitted a masklet that it was not compared with yet (engine.services.precedence).
    compare_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["fate", "score"], name="candidate_by_fate_and_score"),
            models.Index(
                fields=["compare_since"],
                condition=Q(compare_since__isnull=False),
                name="candidate_to_compare",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=CandidateSource.values), name="candidate_source_is_known"
            ),
            models.CheckConstraint(condition=Q(fate__in=Fate.values), name="candidate_fate_is_known"),
            models.CheckConstraint(
                condition=Q(run__isnull=False) | Q(source=CandidateSource.UPLOAD),
                name="candidate_comes_of_a_run_or_an_upload",
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="candidate_score_is_between_0_and_1"
            ),
        ]

    def __str__(self) -> str:
        return f"candidate {self.masklet}"

    @property
    def is_eligible(self) -> bool:
        return self.fate in ELIGIBLE


_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class CandidatePolicy(models.Model):
    """What a project does with candidates: which go to the reviewers, and which bad ones people refine."""

    class Prefer(models.TextChoices):
        HARD = "hard", "those that SAM 2 was least sure of"
        ANY = "any", "any, evenly"
        EASY = "easy", "those that SAM 2 was surest of"

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="candidate_policy")
    refine_share = models.FloatField(
        default=0.3, validators=_SHARE, help_text="of the unsatisfactory ones, the share that people refine"
    )
    prefer = models.CharField(max_length=4, choices=Prefer, default=Prefer.HARD)
    precision = models.FloatField(
        default=0.9,
        validators=_SHARE,
        help_text="share of satisfactory ones that the fitted threshold is to hold",
    )
    # Null: the fitted one, or the usual one before there are enough verdicts.
    threshold = models.FloatField(null=True, blank=True, validators=_SHARE)
    learned = ShapedField[Learned | None](Learned, or_nothing=True, default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refine_share__gte=0, refine_share__lte=1),
                name="refined_share_is_between_0_and_1",
            ),
            models.CheckConstraint(
                condition=Q(precision__gte=0, precision__lte=1), name="wanted_precision_is_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(threshold__isnull=True) | Q(threshold__gte=0, threshold__lte=1),
                name="candidate_threshold_is_between_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"candidates of {self.project}"
