from django.db import models
from django.db.models import Q

from engine.models.checkpoint_import import CheckpointImport
from engine.models.dataset_import import DatasetImport
from engine.models.video import Video


class Upload(models.Model):
    """A multipart upload that is under way, straight from the browser to S3; gone once it is complete or swept."""

    # One of the three.
    video = models.OneToOneField(
        Video, on_delete=models.CASCADE, related_name="upload", null=True, blank=True
    )
    dataset_import = models.OneToOneField(
        DatasetImport, on_delete=models.CASCADE, related_name="upload", null=True, blank=True
    )
    checkpoint_import = models.OneToOneField(
        CheckpointImport, on_delete=models.CASCADE, related_name="upload", null=True, blank=True
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
                condition=Q(video__isnull=False, dataset_import__isnull=True, checkpoint_import__isnull=True)
                | Q(video__isnull=True, dataset_import__isnull=False, checkpoint_import__isnull=True)
                | Q(video__isnull=True, dataset_import__isnull=True, checkpoint_import__isnull=False),
                name="upload_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"upload of {self.subject}"

    @property
    def subject(self) -> Video | DatasetImport | CheckpointImport:
        """What it is of."""
        found = self.video or self.dataset_import or self.checkpoint_import
        assert found is not None
        return found

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)
