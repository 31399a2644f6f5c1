import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engine.errors import MaskloopError
from engine.models import Project, Role, Run
from engine.services import ingest


class Command(BaseCommand):
    help = "Bring a video from a path on this machine into a project, as one of its owners."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--project", required=True, help="the project's name or number")
        parser.add_argument("--wait", action="store_true", help="wait until the video is ready or has failed")

    def handle(self, *args: Any, path: Path, project: str, wait: bool, **options: Any) -> None:
        if not path.is_file():
            raise CommandError(f"There is no file at {path}.")
        found = _find(project)
        owner = found.memberships.filter(role=Role.OWNER).select_related("user").first()
        if owner is None:
            raise CommandError(f"The project {found.name} has no owner to act for.")
        try:
            run = ingest.ingest_file(actor=owner.user, project=found, path=path)
        except MaskloopError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{path.name} is video {run.video_id} of {found.name}; run {run.pk} reads it.")
        if wait:
            self._follow(run)

    def _follow(self, run: Run) -> None:
        while run.is_live:
            time.sleep(0.5)
            run.refresh_from_db()
        if run.error_message:
            raise CommandError(run.error_message)
        self.stdout.write("Ready.")


def _find(project: str) -> Project:
    by = {"pk": int(project)} if project.isdigit() else {"name__iexact": project}
    found = Project.objects.filter(**by).first()
    if found is None:
        raise CommandError(f"There is no project {project}.")
    return found
