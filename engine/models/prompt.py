from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.masklet import Masklet
from engine.shapes import ShapedField

if TYPE_CHECKING:
    from engine.models.revision import Revision


class PromptKind(models.TextChoices):
    CLICK = "click"
    BOX = "box"
    MASK = "mask"


class PromptQuerySet(models.QuerySet["Prompt"]):
    def in_force(self, revision: Revision | None) -> PromptQuerySet:
        """The prompts that count now: those the revision was made with, and those that came after it.

        A prompt is in force from the moment it is stored, before any mask was computed from it, so a
        worker that dies in between loses none.
        """
        if revision is None:
            return self
        return self.filter(Q(pk__in=revision.prompt_ids) | Q(pk__gt=revision.last_prompt_id))


class Prompt(models.Model):
    """What a person (or SAM 2, of an object that it proposes) told the model about one object on one frame.

    Append-only: undo makes a revision without it.
    """

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="prompts")
    frame_idx = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=PromptKind)
    # A click: pixels of the stored frame, origin top-left.
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    positive = models.BooleanField(null=True, blank=True)
    # A box: [x0, y0, x1, y1] in pixels of the stored frame.
    box = ShapedField[list[float] | None](list[float], null=True, blank=True)
    # A mask: COCO compressed RLE of the frame's size; all zero where the object is absent.
    rle = models.JSONField(null=True, blank=True)
    # It begins the frame's mask from scratch: earlier prompts of the frame, and its mask, count no more.
    fresh = models.BooleanField(default=False)
    # Null: no person prompted, SAM 2 did when it proposed the object.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="prompts", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["masklet", "frame_idx"], name="prompt_by_masklet_and_frame")]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(
                        kind=PromptKind.CLICK,
                        x__isnull=False,
                        y__isnull=False,
                        positive__isnull=False,
                        box__isnull=True,
                        rle__isnull=True,
                    )
                    | Q(
                        kind=PromptKind.BOX,
                        x__isnull=True,
                        y__isnull=True,
                        positive__isnull=True,
                        box__isnull=False,
                        rle__isnull=True,
                    )
                    | Q(
                        kind=PromptKind.MASK,
                        x__isnull=True,
                        y__isnull=True,
                        positive__isnull=True,
                        box__isnull=True,
                        rle__isnull=False,
                    )
                ),
                name="prompt_is_one_click_one_box_or_one_mask",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} on frame {self.frame_idx} of {self.masklet}"
