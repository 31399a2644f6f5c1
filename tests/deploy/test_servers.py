"""The embedded servers themselves; the tests of this file share three and may mistreat them."""

import contextlib
import http.client
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TypeVar

import psutil
import psycopg2
import psycopg2.errors
import pytest
import redis
from botocore.exceptions import ClientError

from deploy.local import seaweedfs
from deploy.local.demo import DemoOptions, app_environment
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import APPLICATION, Postgres
from deploy.local.seaweedfs import SeaweedFS
from deploy.local.servers import Servers
from deploy.local.service import Service
from deploy.local.valkey import Valkey
from tests.stack import throw_away_folder

S = TypeVar("S", bound=Service)


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with throw_away_folder() as folder:
        place = Home(folder)
        place.prepare()
        yield place


@pytest.fixture(scope="module")
def postgres(home: Home) -> Iterator[Postgres]:
    yield from _running(only(home, Postgres))


@pytest.fixture(scope="module")
def valkey(home: Home) -> Iterator[Valkey]:
    yield from _running(only(home, Valkey))


@pytest.fixture(scope="module")
def weed(home: Home) -> Iterator[SeaweedFS]:
    yield from _running(only(home, SeaweedFS))


def only(home: Home, kind: type[S]) -> S:
    servers = Servers(home, external={}, throw_away=True)
    return next(service for service in servers.services if isinstance(service, kind))


def _running(service: S) -> Iterator[S]:
    service.start()
    try:
        service.wait_ready()
        yield service
    finally:
        service.stop(at_once=True)


def kill(service: Service) -> None:
    assert service.pid
    os.kill(service.pid, signal.SIGKILL)


def start_again(service: Service) -> None:
    service.stop(at_once=True)
    service.start()
    service.wait_ready()


def listening(pid: int) -> set[str]:
    connections = psutil.Process(pid).net_connections(kind="inet")
    return {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}


def test_acknowledged_rows_survive_a_killed_postgres(postgres: Postgres) -> None:
    with psycopg2.connect(postgres.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("create table t as select generate_series(1, 500) as n")
    connection.close()
    kill(postgres)
    start_again(postgres)
    with psycopg2.connect(postgres.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from t")
        assert cursor.fetchone() == (500,)
    connection.close()


def test_postgres_wants_the_password_and_listens_on_loopback_only(postgres: Postgres) -> None:
    assert postgres.pid
    assert listening(postgres.pid) == {LOOPBACK}
    for url, password in (
        (postgres.url, postgres._app_password),
        (postgres.owner_url, postgres._password),
    ):
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(url.replace(password, "wrong"))


def test_the_applications_role_owns_nothing_and_makes_nothing(postgres: Postgres) -> None:
    connection = psycopg2.connect(postgres.url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication from pg_roles "
            "where rolname = current_user"
        )
        assert cursor.fetchone() == (False,) * 5
        for statement in ("create table mine ()", "create database mine", "create role mine superuser"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)


def test_data_that_was_made_without_the_applications_role_gets_it_at_the_next_start(
    postgres: Postgres,
) -> None:
    with psycopg2.connect(postgres.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop role {APPLICATION}")
    connection.close()
    start_again(postgres)
    psycopg2.connect(postgres.url).close()


def test_secrets_that_do_not_fit_the_data_are_told_in_a_sentence(home: Home, postgres: Postgres) -> None:
    (home.root / "secrets.json").unlink()
    postgres.stop()
    stranger = only(home, Postgres)
    stranger.start()
    try:
        with pytest.raises(StackError, match=r"secrets\.json back, or .* make demo-reset"):
            stranger.wait_ready()
    finally:
        stranger.stop(at_once=True)
        start_again(postgres)


def test_a_lock_file_that_names_a_stranger_does_not_keep_postgres_from_starting(
    postgres: Postgres,
) -> None:
    kill(postgres)
    lock = postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    start_again(postgres)


def test_a_database_made_half_does_not_count(postgres: Postgres) -> None:
    postgres.stop()
    postgres.data.rename(postgres.data.with_name("postgres.new"))
    postgres.start()
    postgres.wait_ready()


def test_acknowledged_entries_survive_a_killed_valkey(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("list", *range(500))
    kill(valkey)
    start_again(valkey)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.llen("list") == 500


def test_valkey_wants_the_password_and_listens_on_loopback_only(valkey: Valkey) -> None:
    assert valkey.pid
    assert listening(valkey.pid) == {LOOPBACK}
    assert valkey.url not in " ".join(psutil.Process(valkey.pid).cmdline())
    with redis.Redis(host=LOOPBACK, port=valkey.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_stored_objects_survive_a_killed_seaweedfs(weed: SeaweedFS) -> None:
    for number in range(20):
        weed.client.put_object(Bucket=seaweedfs.BUCKET, Key=f"k/{number}", Body=b"x" * 1000)
    kill(weed)
    start_again(weed)
    for number in range(20):
        answer = weed.client.get_object(Bucket=seaweedfs.BUCKET, Key=f"k/{number}")
        assert answer["Body"].read() == b"x" * 1000


def test_nothing_of_seaweedfs_hands_out_an_object_without_credentials(weed: SeaweedFS) -> None:
    assert weed.pid
    assert listening(weed.pid) == {LOOPBACK}
    weed.client.put_object(Bucket=seaweedfs.BUCKET, Key="private", Body=b"private")
    paths = [f"/{seaweedfs.BUCKET}/private", f"/buckets/{seaweedfs.BUCKET}/private"]
    for port in weed.ports:
        for path in paths:
            try:
                with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=5) as answer:
                    assert b"private" not in answer.read()
            except (urllib.error.HTTPError, http.client.HTTPException, OSError) as refusal:
                if isinstance(refusal, urllib.error.HTTPError):
                    refusal.close()
    right, signer = weed.secret_key, weed.client._request_signer._credentials
    signer.secret_key = "wrong"
    try:
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            weed.client.get_object(Bucket=seaweedfs.BUCKET, Key="private")
    finally:
        signer.secret_key = right


def test_servers_that_the_environment_names_are_not_started(home: Home) -> None:
    external = {"DATABASE_URL": "postgres://there/x", "REDIS_URL": "redis://there"}
    servers = Servers(home, external=external)
    assert [service.name for service in servers.services] == ["seaweedfs"]
    assert not servers.environment().keys() & external.keys()
    assert servers.migration_environment() == {}


def test_only_migrations_know_the_databases_owner(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgres://somebody@elsewhere/x")
    servers = Servers(home, external={})
    environment = app_environment(home, servers, DemoOptions())
    assert "MIGRATION_DATABASE_URL" not in environment
    owner = servers.migration_environment()["MIGRATION_DATABASE_URL"]
    assert owner not in environment.values()
    assert owner.startswith("postgres://maskloop:")
    assert environment["DATABASE_URL"].startswith(f"postgres://{APPLICATION}:")


def test_ports_stay_the_same_while_they_are_free(home: Home) -> None:
    first = Servers(home, external={}).environment()
    assert Servers(home, external={}).environment() == first


@pytest.mark.parametrize("name", ["postgres", "valkey", "weed"])
def test_a_probe_writes_and_reads_and_tells_a_server_that_hangs(
    name: str, request: pytest.FixtureRequest
) -> None:
    service: Service = request.getfixturevalue(name)
    service.wait_ready()
    assert service.probe()
    assert service.probe(), "it leaves nothing behind that is in the way of the next"
    assert service.pid
    process = psutil.Process(service.pid)
    process.suspend()
    try:
        assert not service.probe()
    finally:
        process.resume()
