import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from engine.errors import ObjectDamaged
from engine.services import store


class Command(BaseCommand):
    help = (
        "Read every object that a row names and compare it with its hash; what is damaged is entered for the owners of "
        "its project, what is well again is taken out. The last line is one JSON object; "
        "the exit status is 1 if anything is missing or has changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked, problems, began = 0, 0, timezone.now()
        for problem in store.check():
            checked += 1
            if problem is not None:
                problems += 1
                store.note(ObjectDamaged(problem.sentence, key=problem.key))
                self.stdout.write(f"{problem.key} ({problem.named_by}): {problem.sentence}")
            if checked % 1000 == 0:
                self.stderr.write(f"{checked:,} objects read")
        store.forget(before=began)
        self.stdout.write(json.dumps({"checked": checked, "problems": problems}))
        if problems:
            sys.exit(1)
