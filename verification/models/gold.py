from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.mask_quality import Doubt
from engine.models import Masklet, Revision
from engine.preverification import Place
from engine.shapes import ShapedField
from vos.corruptions import CORRUPTIONS

CLEAN = "clean"
KINDS = (CLEAN, *CORRUPTIONS)


class GoldItem(models.Model):
    """A known answer: an accepted masklet's masks as they are (clean), or made wrong in a known way.

    Its masks are an object of the store and no masklet's revision, so that no list, release, training set or figure
    of the project can meet them.
    """

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="gold_items")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="gold_items")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    severity = models.FloatField(default=0.0, help_text="0 (just to be seen) to 1 (gross)")
    key = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    suggested_frames = ShapedField(list[Doubt], default=list, blank=True)
    doubt = models.FloatField(default=0.0)
    # Where the pre-verifier thinks it wrong, and why; null before it has looked.
    places = ShapedField[list[Place] | None](list[Place], null=True, blank=True)
    look_asked = models.BooleanField(default=False, db_default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="gold_items"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["masklet", "kind"], name="gold_has_a_kind_once_of_a_masklet"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="gold_kind_is_known"),
            models.CheckConstraint(
                condition=Q(severity__gte=0, severity__lte=1), name="gold_severity_is_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} copy of {self.masklet}"
