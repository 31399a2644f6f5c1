from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.mask_quality import Doubt
from engine.models.masklet import Masklet
from engine.shapes import ShapedField


class RevisionKind(models.TextChoices):
    PREDICT = "predict"  #: prompts on one frame changed that frame's mask
    PROPAGATE = "propagate"  #: prompts were carried through the frames
    GENERATE = "generate"  #: SAM 2 proposed the object; no person had a hand in it
    IMPORT = "import"  #: masks that came from elsewhere
    RESTORE = "restore"  #: an older revision's masks and prompts again (undo, redo)


class Revision(models.Model):
    """One immutable version of a masklet's masks: an object in S3 named by its SHA-256, pinned by this row."""

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    kind = models.CharField(max_length=12, choices=RevisionKind)
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    frame_count = models.PositiveIntegerField(help_text="frames that have a mask, absent ones included")
    # The prompts these masks were made with, and the newest prompt that was looked at: later ones are still to come.
    prompt_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    last_prompt_id = models.BigIntegerField(default=0)
    # Those that a propagation has carried to the end: what was prompted since is still to be carried.
    carried_prompt_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    edited_frames = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    # Written with the masks, by engine.mask_quality.
    suggested_frames = ShapedField(list[Doubt], default=list, blank=True, help_text="where to look, in order")
    doubt = models.FloatField(default=0.0, help_text="0 to 1, the share of frames expected to be wrong")
    run = models.ForeignKey(
        "engine.Run", on_delete=models.PROTECT, related_name="revisions", null=True, blank=True
    )
    # Null: no person asked for the run that made it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="revisions", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["masklet", "number"], name="revision_number_is_unique_in_its_masklet"
            ),
            models.UniqueConstraint(fields=["run", "masklet"], name="run_writes_a_masklet_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revisions_count_from_1"),
            models.CheckConstraint(condition=Q(kind__in=RevisionKind.values), name="revision_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.masklet}"
