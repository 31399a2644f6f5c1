from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from engine import storage


class Command(BaseCommand):
    help = (
        "Make sure that the bucket exists and that browsers of this site may read from it and upload to it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        storage.prepare_bucket(allowed_origin=settings.WEB_ORIGIN)
        self.stdout.write(f"The bucket {storage.bucket()} is ready.")
