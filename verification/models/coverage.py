from django.conf import settings
from django.db import models

from engine.models import Masklet, Video


class CoverageAnswer(models.Model):
    """Whether an object of a video is missing, as a person saw it; the newest stands."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="coverage_answers")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="coverage_answers"
    )
    missing = models.BooleanField()
    # The object that was started there.
    masklet = models.ForeignKey(Masklet, on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    masklet_count = models.PositiveIntegerField(help_text="masklets that were shown")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["video", "-id"], name="coverage_by_video")]

    def __str__(self) -> str:
        return f"{self.video}: {'an object is missing' if self.missing else 'all objects are there'}"
