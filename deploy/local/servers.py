"""PostgreSQL, Valkey and SeaweedFS together, except those that the environment names."""

import contextlib
from collections.abc import Iterator, Mapping

from deploy.local import ports, seaweedfs
from deploy.local.home import Home
from deploy.local.postgres import Postgres
from deploy.local.seaweedfs import SeaweedFS
from deploy.local.service import Service
from deploy.local.valkey import Valkey


class Servers:
    """The servers on the data in `home`; `external` (usually os.environ) may name others.

    Those for tests are `throw_away`: quicker to make and killed instead of stopped.
    """

    def __init__(
        self,
        home: Home,
        *,
        external: Mapping[str, str],
        throw_away: bool = False,
    ):
        self._throw_away = throw_away
        secrets, kept = home.secrets(), _ports(home)
        self._environment: dict[str, str] = {}
        self._owner_url = external.get("MIGRATION_DATABASE_URL", "")
        self.services: list[Service] = []
        if not external.get("S3_ENDPOINT_URL"):
            weed = SeaweedFS(
                home=home.root,
                logs=home.logs,
                ports=kept[2:],
                access_key=secrets["s3_access_key"],
                secret_key=secrets["s3_secret_key"],
            )
            self._add(
                weed,
                S3_ENDPOINT_URL=weed.endpoint,
                S3_PUBLIC_ENDPOINT_URL=weed.endpoint,
                S3_ACCESS_KEY=weed.access_key,
                S3_SECRET_KEY=weed.secret_key,
                S3_BUCKET=seaweedfs.BUCKET,
                S3_REGION=seaweedfs.REGION,
            )
        if not external.get("REDIS_URL"):
            valkey = Valkey(home=home.root, logs=home.logs, port=kept[1], password=secrets["redis_password"])
            self._add(valkey, REDIS_URL=valkey.url)
        if not external.get("DATABASE_URL"):
            postgres = Postgres(
                home=home.root,
                logs=home.logs,
                port=kept[0],
                password=secrets["postgres_password"],
                app_password=secrets["postgres_app_password"],
                sync=not throw_away,
            )
            self._add(postgres, DATABASE_URL=postgres.url)
            self._owner_url = postgres.owner_url

    def environment(self) -> dict[str, str]:
        """What a process of the app needs to find the servers of ours."""
        return dict(self._environment)

    def migration_environment(self) -> dict[str, str]:
        """What `manage.py migrate` needs besides, and nothing else may have: the database's owner."""
        return {"MIGRATION_DATABASE_URL": self._owner_url} if self._owner_url else {}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start them side by side, and stop them whatever happens."""
        try:
            for service in self.services:
                service.start()
            for service in self.services:
                service.wait_ready()
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        for service in self.services:
            service.stop(at_once=self._throw_away)

    def _add(self, service: Service, **environment: str) -> None:
        self.services.append(service)
        self._environment.update(environment)


def _ports(home: Home) -> list[int]:
    """PostgreSQL's, Valkey's and SeaweedFS's ports: last time's while they are free."""
    count = 2 + seaweedfs.PORTS
    kept = home.read("ports.json").get("servers", [])
    free = len(kept) == count and all(
        ports.is_free(port) and ports.is_free(port + ports.TWIN) for port in kept
    )
    chosen = kept if free else ports.pick(count)
    home.write("ports.json", {"servers": chosen})
    return chosen
