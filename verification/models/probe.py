from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models import Masklet, Revision


class Probe(models.Model):
    """A second making of an object, and how it agrees with the first: people with people, or a person with gold."""

    class Against(models.TextChoices):
        PERSON = "person"  #: what another annotator submitted
        GOLD = "gold"  #: what an owner marked as right

    masklet = models.OneToOneField(Masklet, on_delete=models.CASCADE, related_name="probe_of")
    reference = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="probes")
    against = models.CharField(max_length=8, choices=Against)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="probes", null=True, blank=True
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    j = models.FloatField(null=True, blank=True, help_text="0 to 1, mean over frames")
    f = models.FloatField(null=True, blank=True, help_text="0 to 1, mean over frames")
    scored_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scored_at__isnull=True) | Q(j__isnull=False, f__isnull=False),
                name="scored_probe_has_its_scores",
            )
        ]

    def __str__(self) -> str:
        return f"probe {self.masklet}"
