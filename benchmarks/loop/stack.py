"""The stack that the loop runs on: everything that `make demo` starts, the trainer with it, on data that stay."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.effort.stack import THREADS_EACH, Stack, start
from deploy.local import leftovers, ports
from deploy.local.apps import manage
from deploy.local.demo import LATER, QUEUES, DemoOptions, app_environment
from deploy.local.home import Home
from deploy.local.progress import say, step
from deploy.local.servers import Servers
from deploy.local.supervisor import Supervisor


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Starts it on what an earlier loop left in `folder`."""
    home = Home(folder)
    home.prepare()
    if count := leftovers.clean(home):
        say(f"  Ended {count} processes that an earlier, killed loop had left behind.")
    mark = os.environ[leftovers.MARK] = leftovers.new_mark()
    web, streams = ports.pick(2)
    options = DemoOptions(web, streams)
    servers = Servers(home, external={})
    environment = app_environment(home, servers, options) | {"MASKLOOP_THREADS": THREADS_EACH}

    def record() -> None:
        leftovers.record(home, mark=mark, pids=[each.pid for each in supervisor.services if each.pid])

    supervisor = Supervisor(say=say, changed=record)
    try:
        start(supervisor, servers, home, environment, options, [*QUEUES, LATER])
        owner_url = servers.migration_environment()["MIGRATION_DATABASE_URL"]
        yield Stack(options.web_origin, home, environment, supervisor, owner_url)
    finally:
        with step("Stopping"):
            supervisor.stop()


def rows(stack: Stack, query: str, *values: Any) -> list[Any]:
    """What the database says to the application's role."""
    connection = psycopg2.connect(stack.environment["DATABASE_URL"], connect_timeout=10)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def folder_of(stack: Stack, location: str) -> str:
    """Where this machine has a checkpoint, fetched from the object store if need be."""
    code = f"from worker.inference import trackers\nprint('folder:' + trackers.folder({location or 'bundled'!r}))"
    said = manage("shell", "-c", code, logs=stack.home.logs, environment=stack.environment)
    return next(line for line in said.splitlines() if line.startswith("folder:")).removeprefix("folder:")
