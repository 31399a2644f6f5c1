import tempfile
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from engine.models import Project, Role, Video
from engine.services import ingest, people, projects
from worker.render.demo import FPS, demo_clips
from worker.render.video import write_mp4

NAME = "Demo"
# Known to everybody who reads this, which is why the demo listens on this machine only.
PASSWORD = "follow-the-object"  # noqa: S105
CLIPS = ("reef", "kites")
PEOPLE = {
    "olga": ("Olga Owner", Role.OWNER),
    "anna": ("Anna Annotator", Role.ANNOTATOR),
    "remy": ("Remy Reviewer", Role.REVIEWER),
}


class Command(BaseCommand):
    help = "Make the demo project, people in each role and two rendered clips, if they are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        team = {username: _person(username, full_name) for username, (full_name, _) in PEOPLE.items()}
        project = Project.objects.filter(name=NAME).first() or _project(team)
        _bring_clips(project, team["olga"])
        for username, (full_name, role) in PEOPLE.items():
            self.stdout.write(f"{username} / {PASSWORD}  ({full_name}, {role.label.lower()})")


def _project(team: dict[str, User]) -> Project:
    project = projects.create_project(
        actor=team["olga"],
        name=NAME,
        description="Two rendered clips to try the whole line on: choose an object, track it, verify it, release it.",
    )
    # One annotator is enough to try it.
    projects.change_project(actor=team["olga"], project=project, separate_selection=False)
    for username, (_, role) in PEOPLE.items():
        projects.add_member(actor=team["olga"], project=project, username=username, role=role)
    return project


def _bring_clips(project: Project, owner: User) -> None:
    """Those that are not there yet: an earlier seeding may have been interrupted."""
    there = set(Video.objects.filter(project=project).values_list("name", flat=True))
    if all(f"{name}.mp4" in there for name in CLIPS):
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, clip in demo_clips().items():
            path = Path(folder) / f"{name}.mp4"
            if path.name not in there:
                write_mp4(path, clip.frames, FPS)
                ingest.ingest_file(actor=owner, project=project, path=path)


def _person(username: str, full_name: str) -> User:
    known = User.objects.filter(username=username).first()
    return known or people.create_person(username=username, full_name=full_name, password=PASSWORD)
