"""Tests: the same real servers, throw-away data, fast password hashing."""

from engine.settings.base import *  # noqa: F403
from engine.settings.base import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Threads that outlive their test must not hold the test database open.
DATABASES["default"]["CONN_MAX_AGE"] = 0
