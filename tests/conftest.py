import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import TransactionTestCase
from rest_framework.test import APIClient

from engine import database
from engine.services import runs
from tests import factories
from tests.site import Site, running_site


@pytest.fixture(scope="session")
def owner() -> contextlib.ExitStack:
    """Open while the test database is made, migrated and dropped: as in production, its owner does that. The tests
    themselves run as the application's role."""
    return contextlib.ExitStack()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, owner: contextlib.ExitStack) -> None:
    owner.enter_context(database.as_owner())


@pytest.fixture(scope="session")
def django_db_setup(
    owner: contextlib.ExitStack, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """The database of a test run is as young as the run: wait until expired leases are no longer forgiven."""
    owner.close()
    with django_db_blocker.unblock():
        while runs._database_is_young():
            time.sleep(0.1)
    with _emptied_by_the_owner():
        yield
    owner.enter_context(database.as_owner())


@contextlib.contextmanager
def _emptied_by_the_owner() -> Iterator[None]:
    """What a test has committed is truncated by Django after it; nobody else may do that to a ledger."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def as_owner(case: TransactionTestCase) -> None:
        with database.as_owner(), unguarded():
            empty(case)

    TransactionTestCase._fixture_teardown = as_owner  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]


@contextlib.contextmanager
def unguarded() -> Iterator[None]:
    """As the owner: the ledgers without their triggers."""
    _guard("DISABLE")
    yield
    _guard("ENABLE ALWAYS")


def _guard(verb: str) -> None:
    with connection.cursor() as cursor:
        for table in database.LEDGERS:
            cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER only_grows")


@pytest.fixture
def team(db: None) -> factories.Team:
    return factories.team()


@pytest.fixture
def signed_in() -> Callable[[User], APIClient]:
    """A browser-like client of one person: session cookie, JSON."""

    def sign_in(person: User) -> APIClient:
        client = APIClient()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def root() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A whole running demo, for flows and browsers; each test makes its own objects in it."""
    # Polling would bury what a failed test has to say.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="maskloop-site-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
    try:
        with running_site(folder / "home") as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)
