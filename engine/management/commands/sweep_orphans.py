import json
from typing import Any

from django.core.management.base import BaseCommand

from engine.services import store


class Command(BaseCommand):
    help = "List the objects, older than a day, that no row names; --delete removes them."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--delete", action="store_true")

    def handle(self, *args: Any, delete: bool, **options: Any) -> None:
        found = 0
        for key in store.orphans():
            found += 1
            self.stdout.write(key)
            if delete:
                store.delete_orphan(key)
        self.stdout.write(json.dumps({"orphans": found, "deleted": found if delete else 0}))
