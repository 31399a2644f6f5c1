from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests import factories


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
