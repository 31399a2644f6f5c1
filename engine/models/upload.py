from django.db import models

from engine.models.video import Video


class Upload(models.Model):
    """A multipart upload that is under way, straight from the browser to S3; gone once it is complete or swept."""

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="upload")
    s3_upload_id = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="bytes, as announced")
    part_size = models.PositiveIntegerField(help_text="bytes of every part but the last")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="upload_by_expiry")]

    def __str__(self) -> str:
        return f"upload of {self.video}"

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)
