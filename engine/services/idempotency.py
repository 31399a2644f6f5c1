from datetime import timedelta

from django.db.models.functions import Now

from engine.models import IdempotencyRecord

KEPT_FOR = timedelta(hours=48)


def drop_old() -> int:
    """Forget the answers to requests that nobody can still be retrying."""
    return IdempotencyRecord.objects.filter(created_at__lt=Now() - KEPT_FOR).delete()[0]
