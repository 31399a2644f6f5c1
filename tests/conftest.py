import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from engine.services import runs
from tests import factories
from tests.site import Site, running_site


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database of a test run is as young as the run: wait until expired leases are no longer forgiven."""
    with django_db_blocker.unblock():
        while runs._database_is_young():
            time.sleep(0.1)


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
