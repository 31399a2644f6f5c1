"""Real processes of the app (web, streams, workers) on the test run's servers and test database."""

import os
from pathlib import Path

from django.db import connection

from deploy.local import ports
from deploy.local.apps import Janitor, Streams, Web, Worker, manage
from deploy.local.service import Service


class App:
    """Starts, kills and stops them by name: web, streams, cpu, gpu, live, train, janitor.

    Only committed rows are seen by them: use it with `transactional_db`.
    """

    def __init__(self, folder: Path):
        self.logs = folder
        web, streams = ports.pick(2)
        self.web_origin = f"http://{ports.LOOPBACK}:{web}"
        self.streams_origin = f"http://{ports.LOOPBACK}:{streams}"
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "engine.settings.testing",
            "WEB_ORIGIN": self.web_origin,
            "STREAMS_ORIGIN": self.streams_origin,
            "PYTHONUNBUFFERED": "1",
        }
        common = {"logs": folder, "environment": self.environment}
        self._services: dict[str, Service] = {
            "web": Web(port=web, **common),
            "streams": Streams(port=streams, **common),
            "janitor": Janitor(**common),
            **{queue: Worker(queue, **common) for queue in ("ingest", "export", "gpu", "live", "train")},
        }

    def start(self, *names: str) -> None:
        """Start those that do not run yet, side by side, and wait until they are ready."""
        missing = [self._services[name] for name in names if not self.pid(name)]
        for service in missing:
            service.start()
        for service in missing:
            service.wait_ready()

    def pid(self, name: str) -> int | None:
        """The process number while it runs."""
        service = self._services[name]
        return service.pid if service.status() is None else None

    def service(self, name: str) -> Service:
        """One of them, for a supervisor of the test's own."""
        return self._services[name]

    def kill(self, name: str) -> None:
        """SIGKILL, children included; `start` brings it back."""
        self._services[name].stop(at_once=True)

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py against the same servers; returns what it printed."""
        return manage(*arguments, logs=self.logs, environment=self.environment)

    def stop(self) -> None:
        for service in self._services.values():
            service.stop(at_once=True)
