from django.db import models
from django.db.models import Q

from engine.models import Masklet, Revision


class SamplingDraw(models.Model):
    """A recorded throw of the dice: whether a submitted revision is looked at at all, by one reviewer more, or its
    object made once more."""

    class About(models.TextChoices):
        LOOK = "look"
        SECOND_LOOK = "second_look"
        PROBE = "probe"

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="sampling_draws")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="sampling_draws")
    about = models.CharField(max_length=12, choices=About)
    share = models.FloatField(help_text="as the policy had it then")
    drawn = models.FloatField(help_text="0 to 1, even; below the share is taken")
    taken = models.BooleanField()
    because = models.CharField(max_length=80, help_text="which rule gave the share")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["masklet"], name="draw_by_masklet")]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="draw_share_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.about} of {self.masklet}: {self.taken}"
