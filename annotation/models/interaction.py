from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.assignment import Assignment
from engine.models import Checkpoint, Masklet, Prompt
from engine.models.project import PHASES


class Interaction(models.Model):
    """The ledger of effort: one prompt, or a stretch of one person's time on one frame. Append-only.

    Prompts are noted by the server when it stores them; time and strokes are told by the page, in entries that
    it numbers, and bounded by what has passed on the server's clock.
    """

    class Kind(models.TextChoices):
        TIME = "time"
        CLICK = "click"
        BOX = "box"
        MASK = "mask"

    class Tool(models.TextChoices):
        POINT = "point"
        BOX = "box"
        BRUSH = "brush"
        ERASER = "eraser"
        LASSO = "lasso"

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="interactions")
    # Facts of the moment: an assignment's masklet may change its phase later, a project its checkpoint.
    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="interactions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interactions"
    )
    phase = models.PositiveSmallIntegerField()
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.SET_NULL, related_name="interactions", null=True, blank=True
    )
    frame_idx = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    prompt = models.OneToOneField(
        Prompt, on_delete=models.CASCADE, related_name="interaction", null=True, blank=True
    )
    sequence = models.PositiveIntegerField(null=True, blank=True)
    tool = models.CharField(max_length=6, choices=Tool, blank=True, default="")
    active_ms = models.PositiveIntegerField(default=0, help_text="at work on the frame")
    wait_ms = models.PositiveIntegerField(default=0, help_text="waiting for the model; not among active_ms")
    strokes = models.PositiveIntegerField(default=0, help_text="of brush, eraser or lasso")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["masklet", "kind", "frame_idx"], name="interaction_by_masklet"),
            models.Index(fields=["person", "created_at"], name="interaction_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "sequence"], name="time_is_told_once_in_its_assignment"
            ),
            models.CheckConstraint(condition=Q(phase__in=PHASES), name="interaction_phase_is_1_2_or_3"),
            models.CheckConstraint(
                condition=(
                    Q(kind="time", prompt__isnull=True, sequence__isnull=False)
                    | Q(
                        ~Q(kind="time"),
                        prompt__isnull=False,
                        sequence__isnull=True,
                        active_ms=0,
                        wait_ms=0,
                        strokes=0,
                    )
                ),
                name="interaction_is_a_prompt_or_told_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person} on frame {self.frame_idx} of {self.masklet}"
