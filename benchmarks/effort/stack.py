"""The embedded stack that `make demo` starts, in a folder and on ports of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from deploy.local import ports
from deploy.local.apps import Janitor, Streams, Web, Worker, manage
from deploy.local.demo import QUEUES, DemoOptions, app_environment
from deploy.local.home import Home
from deploy.local.progress import say, step
from deploy.local.servers import Servers
from deploy.local.supervisor import Supervisor

#: Clicks and propagations are computed side by side; each worker takes one core.
THREADS_EACH = "1"
PASSWORD = "follow-the-object"  # noqa: S105  of people who exist on this machine for half an hour


@dataclass(frozen=True)
class Stack:
    """Running servers and workers, reached at `origin`."""

    origin: str
    home: Home
    environment: dict[str, str]
    supervisor: Supervisor
    owner_url: str  #: the database's owner

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query says, of the database itself."""
        with closing(psycopg2.connect(self.owner_url)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def add_people(self, usernames: Sequence[str]) -> None:
        """People who can sign in with PASSWORD; only a command can make them."""
        code = (
            "from engine.services.people import create_person\n"
            f"for name in {list(usernames)!r}:\n"
            f"    create_person(username=name, full_name=name.title(), password={PASSWORD!r})\n"
        )
        manage("shell", "-c", code, logs=self.home.logs, environment=self.environment)

    def add_members(self, project: int, owner: str, roles: Mapping[str, str]) -> None:
        """Members who need not say yes first; `roles` by user name."""
        code = (
            "from django.contrib.auth.models import User\n"
            "from engine.models import Project\n"
            "from engine.services.projects import add_member\n"
            f"owner, project = User.objects.get(username={owner!r}), Project.objects.get(pk={project})\n"
            f"for name, role in {dict(roles)!r}.items():\n"
            "    add_member(actor=owner, project=project, username=name, role=role)\n"
        )
        manage("shell", "-c", code, logs=self.home.logs, environment=self.environment)


@contextmanager
def running_stack(
    folder: Path, *, checkpoint: str | None = None, queues: Sequence[str] = QUEUES
) -> Iterator[Stack]:
    """Starts everything but the trainer, and stops it whatever happens."""
    home = Home(folder)
    home.prepare()
    web_port, streams_port = ports.pick(2)
    options = DemoOptions(web_port, streams_port, checkpoint=checkpoint)
    servers = Servers(home, external={}, throw_away=True)
    environment = app_environment(home, servers, options) | {"MASKLOOP_THREADS": THREADS_EACH}
    supervisor = Supervisor(say=say)
    try:
        start(supervisor, servers, home, environment, options, queues)
        owner_url = servers.migration_environment()["MIGRATION_DATABASE_URL"]
        yield Stack(options.web_origin, home, environment, supervisor, owner_url)
    finally:
        with step("Stopping"):
            supervisor.stop(at_once=True)


def start(
    supervisor: Supervisor,
    servers: Servers,
    home: Home,
    environment: dict[str, str],
    options: DemoOptions,
    queues: Sequence[str] = QUEUES,
) -> None:
    """Everything up and ready: servers with a migrated database and a bucket, web, streams, workers, janitor."""
    logs = home.logs
    with step("Starting the servers"):
        supervisor.start(servers.services)
        for service in servers.services:
            service.wait_ready()
        migrations = environment | servers.migration_environment()
        manage("migrate", "--noinput", logs=logs, environment=migrations)
        manage("prepare_bucket", logs=logs, environment=environment)
    with step("Starting the app"):
        web = Web(logs=logs, environment=environment, port=options.web_port)
        streams = Streams(logs=logs, environment=environment, port=options.streams_port)
        workers = [Worker(queue, logs=logs, environment=environment) for queue in queues]
        supervisor.start([web, streams])
        supervisor.start([*workers, Janitor(logs=logs, environment=environment)])
        for service in (web, streams, *workers):
            service.wait_ready()
