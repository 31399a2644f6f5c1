import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engine.models import Project
from engine.services import audit, quotas

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_MOST = {"bytes": 2**63 - 1, "videos": 2**31 - 1, "runs": 2**31 - 1}


class Command(BaseCommand):
    help = (
        "Say what a project may have; without options, tell what it has. The word default takes a quota away."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("project", type=int, help="its number")
        parser.add_argument("--bytes", type=_amount, help="stored bytes: 500GB, 2TB")
        parser.add_argument("--videos", type=_amount)
        parser.add_argument("--runs", type=_amount, help="live runs")

    def handle(self, *args: Any, project: int, **options: Any) -> None:
        found = Project.objects.filter(pk=project).first()
        if found is None:
            raise CommandError(f"There is no project {project}.")
        asked = {name: options[name] for name in _MOST if options[name] is not None}
        for name, value in asked.items():
            if value != "default" and value > _MOST[name]:
                raise CommandError(f"--{name} is at most {_MOST[name]}.")
        if asked:
            values = {f"{name}_allowed": None if v == "default" else v for name, v in asked.items()}
            found = quotas.allow(found, actor=audit.OPERATOR, **values)
        room, videos, runs = quotas.stored(found), quotas.videos(found), quotas.live_runs(found)
        self.stdout.write(f"{found}: {quotas.words(room.used)} of {quotas.words(room.allowed)}")
        self.stdout.write(f"{videos.used:,} of {videos.allowed:,} videos")
        self.stdout.write(f"{runs.used:,} of {runs.allowed:,} live runs")


def _amount(text: str) -> int | str:
    if text == "default":
        return text
    match = re.fullmatch(r"(\d+)\s*([kmgt]?b|)", text.lower(), re.ASCII)
    if match is None:
        raise ArgumentTypeError(f"{text} is no amount: write 500GB, 1000 or default.")
    return int(match[1]) * _UNITS[match[2]] if match[2] != "b" else int(match[1])
