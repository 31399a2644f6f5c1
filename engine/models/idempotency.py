from django.conf import settings
from django.db import models


class IdempotencyRecord(models.Model):
    """The answer that a write gave, kept in the write's own transaction, so that a retry gets it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    request_sha256 = models.CharField(max_length=64, help_text="method, path and body")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_is_used_once_by_a_user")
        ]

    def __str__(self) -> str:
        return self.key
