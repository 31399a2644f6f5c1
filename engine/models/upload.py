from django.db import models
from django.db.models import Q

from engine.models.dataset_import import DatasetImport
from engine.models.video import Video


class Upload(models.Model):
    """A multipart upload that is under way, straight from the browser to S3; gone once it is complete or swept."""

    # One of the two.
    video = models.OneToOneField(
        Video, on_delete=models.CASCADE, related_name="upload", null=True, blank=True
    )
    dataset_import = models.OneToOneField(
        DatasetImport, on_delete=models.CASCADE, related_name="upload", null=True, blank=True
    )
    s3_upload_id = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes, as announced")
    part_size = models.PositiveIntegerField(help_text="bytes of every part but the last")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="upload_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(video__isnull=False) ^ Q(dataset_import__isnull=False),
                name="upload_is_of_a_video_or_an_import",
            )
        ]

    def __str__(self) -> str:
        return f"upload of {self.subject}"

    @property
    def subject(self) -> Video | DatasetImport:
        """What it is of."""
        found = self.video or self.dataset_import
        assert found is not None
        return found

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)
