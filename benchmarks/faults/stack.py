"""The embedded stack of a demo in a folder of its own, its object store on a disk small enough to fill."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import redis

from benchmarks.effort.stack import PASSWORD, THREADS_EACH, start
from deploy.local import ports
from deploy.local.apps import manage
from deploy.local.demo import DemoOptions, app_environment
from deploy.local.home import Home
from deploy.local.progress import say
from deploy.local.seaweedfs import SeaweedFS
from deploy.local.servers import Servers
from deploy.local.service import Service
from deploy.local.supervisor import Supervisor

SMALL_DISK = 768  #: MiB
MEMBERS = {"ada": "annotator", "ben": "annotator", "rita": "reviewer"}
PEOPLE = """
from engine.models import Membership, Project
from engine.services.people import create_person
from engine.services.projects import create_project
owner = create_person(username="olga", full_name="Olga", password={password!r})
project = create_project(actor=owner, name="Faults", fps=6.0, annotate_every=1)
Project.objects.filter(pk=project.pk).update(separate_selection=False)
for name, role in {members!r}.items():
    person = create_person(username=name, full_name=name.title(), password={password!r})
    Membership.objects.create(project=project, user=person, role=role)
print(project.pk)
"""


@dataclass
class Stack:
    """Running servers and processes, their rows and objects, at `origin`."""

    origin: str
    home: Home
    environment: dict[str, str]
    supervisor: Supervisor
    disk_is_small: bool
    services: dict[str, Service] = field(default_factory=dict)
    project: int = 0

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database says, on a connection of its own."""
        connection = psycopg2.connect(self.environment["DATABASE_URL"], connect_timeout=3)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                found = cursor.fetchall()
            connection.commit()
            return found
        finally:
            connection.close()

    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=5)

    @property
    def weed(self) -> SeaweedFS:
        service = self.services["seaweedfs"]
        assert isinstance(service, SeaweedFS)
        return service


@contextmanager
def running_stack(folder: Path, *, broken: str = "") -> Iterator[Stack]:
    """Starts everything but the trainer, in one of the broken builds if asked, and stops it whatever happens."""
    home = Home(folder)
    home.prepare()
    web_port, streams_port = ports.pick(2)
    options = DemoOptions(web_port, streams_port)
    with _small_disk(folder / "seaweedfs") as small:
        servers = Servers(home, external={}, throw_away=True)
        environment = app_environment(home, servers, options) | {"MASKLOOP_THREADS": THREADS_EACH}
        if broken:
            environment |= {"DJANGO_SETTINGS_MODULE": "benchmarks.faults.settings", "MASKLOOP_BROKEN": broken}
        stack = Stack(options.web_origin, home, environment, Supervisor(say=_note), small)
        try:
            start(stack.supervisor, servers, home, environment, options)
            code = PEOPLE.format(password=PASSWORD, members=MEMBERS)
            told = manage("shell", "-c", code, logs=home.logs, environment=environment)
            stack.project = int(told.split()[-1])
            stack.services = {service.name: service for service in stack.supervisor.services}
            yield stack
        finally:
            stack.supervisor.stop(at_once=True)


@contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own for the object store, where this user may mount one."""
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}m,mode=700", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _note(line: str) -> None:
    say(f"    supervisor: {line}")
