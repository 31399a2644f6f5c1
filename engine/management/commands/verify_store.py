import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from engine.services import store


class Command(BaseCommand):
    help = (
        "Read every object that a row names and compare it with its hash. The last line is one JSON object; "
        "the exit status is 1 if anything is missing or has changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked, problems = 0, 0
        for problem in store.check():
            checked += 1
            if problem is not None:
                problems += 1
                self.stdout.write(f"{problem.key} ({problem.named_by}): {problem.sentence}")
            if checked % 1000 == 0:
                self.stderr.write(f"{checked:,} objects read")
        self.stdout.write(json.dumps({"checked": checked, "problems": problems}))
        if problems:
            sys.exit(1)
